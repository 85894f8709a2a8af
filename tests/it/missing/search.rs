//! A search through all completions of what is hidden.

use std::collections::{BTreeSet, HashMap};

use redress::domain::facts::{Action, Facts};
use redress::domain::time::EventTime;
use redress::domain::verdict::Outcome;
use redress::policy::checked::CheckedPolicy;

use super::cases::Case;
use super::grid;
use super::hidden::{Hidden, Known, Value};
use crate::oracle::{Answer, Money, Oracle, settle, shares};

/// What a row comes to, money included.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub answer: Answer,
    /// `None`: the row is not approved.
    pub money: Option<Money>,
}

impl Told {
    /// A person decides.
    fn review() -> Self {
        Self {
            answer: Answer {
                outcome: Outcome::NeedsReview,
                remedy: None,
                opens: None,
                closes: None,
                conditions: Vec::new(),
                deducted: BTreeSet::new(),
                due: None,
            },
            money: None,
        }
    }
}

/// Says what completed facts come to, by the slow interpreter.
pub fn told(policy: &CheckedPolicy, facts: &Facts<'_>) -> Told {
    let row = facts.rows()[0].location();
    let oracle = Oracle::new(policy, facts, row, Action::Return);
    let wants = facts.request().wants;
    // What is deducted is told with the money.
    let answer = Answer {
        deducted: BTreeSet::new(),
        ..oracle.answer(wants).without_dates()
    };
    let money = (answer.outcome == Outcome::Approved).then(|| {
        let row = oracle.decide_as_it_is(wants);
        let rows = [(oracle, row)];
        let shares = shares(&rows);
        let mut money =
            settle(facts, &rows, &[0], shares.first().copied()).expect("shares of a row");
        // An item of nothing is none.
        money.items.retain(|_, amount| *amount != Some(0));
        money
    });
    Told { answer, money }
}

/// The completions of a case.
pub struct Completions {
    /// The values of each fact.
    values: Vec<Vec<Value>>,
    /// How many values each fact has.
    counts: Vec<usize>,
    /// By the values of all facts, the first changing fastest, which answer it is; `None`:
    /// the values contradict each other.
    answers: Vec<Option<usize>>,
    /// The answers that differ.
    told: Vec<Told>,
}

impl Completions {
    /// Decides every completion that passes the fact check.
    pub fn of(case: &Case) -> Self {
        let (values, untimed) = values(case);
        let counts: Vec<usize> = values.iter().map(Vec::len).collect();
        let total: usize = counts.iter().product();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut told_apart = Vec::new();
        let mut answers = Vec::with_capacity(total);
        let mut known = case.known.clone();
        let ways: usize = untimed.iter().map(Vec::len).product();
        for number in 0..total {
            set(&mut known, &case.hidden, &values, number);
            let mut all = (0..ways).filter_map(|way| {
                set(&mut known, &case.untimed, &untimed, way);
                Some(told(&case.policy, &known.facts()?))
            });
            // Where it turns on a time that nobody knows a person decides.
            let first = all.next();
            let agreed = first.map(|first| match all.all(|other| other == first) {
                true => first,
                false => Told::review(),
            });
            answers.push(agreed.map(|told| {
                *numbers.entry(format!("{told:?}")).or_insert_with(|| {
                    told_apart.push(told);
                    told_apart.len() - 1
                })
            }));
        }
        Self {
            values,
            counts,
            answers,
            told: told_apart,
        }
    }

    /// Returns the indices of the facts of which two values lead to different answers
    /// while all others stay as they are.
    pub fn missing(&self) -> BTreeSet<usize> {
        let mut stride = 1;
        let mut missing = BTreeSet::new();
        for (index, count) in self.counts.iter().enumerate() {
            let matters = (0..self.answers.len()).any(|number| {
                let value = number / stride % count;
                let Some(answer) = self.answers[number] else {
                    return false;
                };
                let later = (value + 1..*count).map(|other| number + (other - value) * stride);
                let mut other = later.filter_map(|number| self.answers[number]);
                // The next that is possible is enough: what is equal is equal to all.
                other.next().is_some_and(|other| other != answer)
            });
            if matters {
                missing.insert(index);
            }
            stride *= count;
        }
        missing
    }

    /// Describes completions that differ in a fact alone, and what they come to.
    pub fn witness(&self, index: usize) -> String {
        let stride: usize = self.counts[..index].iter().product();
        let count = self.counts[index];
        let at = |number: usize| {
            let mut rest = number;
            let values = self.values.iter().map(|values| {
                let value = values[rest % values.len()];
                rest /= values.len();
                value
            });
            let told = self.answers[number].map(|answer| &self.told[answer]);
            format!("{:?}: {told:?}", values.collect::<Vec<_>>())
        };
        let pairs = (0..self.answers.len()).flat_map(|one| {
            let later = one / stride % count + 1..count;
            later
                .enumerate()
                .map(move |(step, _)| (one, one + (step + 1) * stride))
        });
        let mut differing = pairs.filter(|(one, other)| {
            let answers = self.answers[*one].zip(self.answers[*other]);
            answers.is_some_and(|(one, other)| one != other)
        });
        let (one, other) = differing.next().expect("completions that differ");
        format!("{}\n        {}", at(one), at(other))
    }

    /// Returns the answers.
    pub fn told(&self) -> &[Told] {
        &self.told
    }
}

/// Gives facts those of their values that a number names.
fn set(known: &mut Known, facts: &[Hidden], values: &[Vec<Value>], number: usize) {
    let mut rest = number;
    for (fact, values) in facts.iter().zip(values) {
        fact.set(known, Some(values[rest % values.len()]));
        rest /= values.len();
    }
}

/// Returns the values of each hidden fact, and the times of each event of which nobody knows
/// when it happened.
fn values(case: &Case) -> (Vec<Vec<Value>>, Vec<Vec<Value>>) {
    let bare = case.bare();
    let events = case.hidden.iter().filter(|fact| fact.event().is_some());
    let events: Vec<_> = events.copied().collect();
    let known: (&Known, &Known) = (&case.known, &bare);
    let mut times = match events.is_empty() && case.untimed.is_empty() {
        true => Vec::new(),
        false => grid::times(&case.policy, known, (&events, &case.untimed)),
    }
    .into_iter();
    let values = case.hidden.iter().map(|fact| match fact.event() {
        Some(_) => times.next().unwrap(),
        None => fact.values(),
    });
    let values = values.collect();
    let happened = |times: Vec<Value>| {
        let times = times.into_iter();
        times
            .filter(|time| *time != Value::Time(EventTime::NotYet))
            .collect()
    };
    (values, times.map(happened).collect())
}
