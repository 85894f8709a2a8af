//! The analysis of all situations against an enumeration of each of them.

use std::collections::BTreeSet;

use redress::domain::event::Event;
use redress::domain::vocabulary::{Fact, Kind};
use redress::policy::analysis::{ProblemKind, analyse};
use redress::policy::checked::{CheckedPolicy, Clause, Guard};
use redress::policy::terms::{Effect, Test};

use crate::generate::{self, Seed};

/// The most situations that are enumerated for one policy.
const MAX_SITUATIONS: usize = 30_000;

/// What a situation assigns a value to; facts and whole tests.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    YesNo(Fact),
    Word(Fact),
    Event(Event),
    NotSupplied,
    Test(Test),
}

/// Words of an open list that the generator uses, and one more.
const WORDS: [&str; 4] = ["ring", "box", "card", "another"];

impl Subject {
    fn of(test: &Test) -> Self {
        match test {
            Test::YesNo(fact, _) => Self::YesNo(fact.fact),
            Test::OneOf(fact, _) | Test::NoneOf(fact, _) => Self::Word(fact.fact),
            Test::Happened(event, _) => Self::Event(*event),
            Test::NotSupplied(..) => Self::NotSupplied,
            Test::DayIn(day, calendar, _) => Self::Test(Test::DayIn(*day, *calendar, true)),
            other => Self::Test(other.clone()),
        }
    }

    fn values(&self) -> usize {
        match self {
            Self::Word(Fact::Category) => WORDS.len(),
            Self::Word(fact) => match fact.spec().kind {
                Kind::OneOf(words) => words.len(),
                _ => unreachable!("the generator uses no other word"),
            },
            _ => 2,
        }
    }
}

/// One situation: a value for each subject.
struct Situation<'s> {
    subjects: &'s [Subject],
    values: Vec<usize>,
}

impl Situation<'_> {
    fn value(&self, subject: &Subject) -> usize {
        let place = self.subjects.iter().position(|s| s == subject).unwrap();
        self.values[place]
    }

    fn holds(&self, test: &Test) -> bool {
        let value = self.value(&Subject::of(test));
        let word = |fact: Fact| match fact.spec().kind {
            Kind::OneOf(words) => words[value],
            _ => WORDS[value],
        };
        match test {
            Test::YesNo(_, yes) | Test::Happened(_, yes) | Test::DayIn(_, _, yes) => {
                (value == 1) == *yes
            }
            Test::OneOf(fact, words) => words.iter().any(|w| w == word(fact.fact)),
            Test::NoneOf(fact, words) => words.iter().all(|w| w != word(fact.fact)),
            _ => value == 1,
        }
    }

    fn applies(&self, guard: &Guard) -> bool {
        let all = |tests: &[Test]| tests.iter().all(|t| self.holds(t));
        all(&guard.all)
            && !guard.unless.iter().any(|t| all(t))
            && (guard.any.is_empty() || guard.any.iter().any(|t| all(t)))
    }

    fn active(&self, policy: &CheckedPolicy, place: usize) -> bool {
        let overridden = policy
            .clauses
            .iter()
            .enumerate()
            .any(|(other, c)| c.overrides.contains(&place) && self.active(policy, other));
        !overridden && self.applies(&policy.clauses[place].guard)
    }

    /// Events stand in their order: nothing is delivered that was not shipped.
    fn is_possible(&self) -> bool {
        let happened = |event| {
            let subject = Subject::Event(event);
            self.subjects
                .contains(&subject)
                .then(|| self.value(&subject) == 1)
        };
        !(happened(Event::Ship) == Some(false) && happened(Event::Deliver) == Some(true))
    }
}

/// Makes a policy without windows, so that an enumeration needs no theory of
/// periods: windows are compared case by case in the tests below.
fn policy(seed: &mut Seed) -> CheckedPolicy {
    let mut policy = generate::policy(seed);
    let windowless = |tests: &mut Vec<Test>| {
        tests.retain(|t| !matches!(t, Test::Window(..) | Test::Past(_)));
    };
    for clause in &mut policy.clauses {
        windowless(&mut clause.guard.all);
        clause.guard.unless.iter_mut().for_each(windowless);
        clause.guard.unless.retain(|t| !t.is_empty());
        clause.guard.any.iter_mut().for_each(windowless);
        if let Effect::Grants(grant) = &mut clause.effect {
            grant.window = None;
            if seed.one_in(2) {
                grant.rank = None;
            }
        }
    }
    policy
}

type Found = BTreeSet<(ProblemKind, Vec<usize>)>;

/// Returns what is wrong by looking at each situation.
fn enumerate(policy: &CheckedPolicy) -> Option<Found> {
    let mut subjects: Vec<Subject> = Vec::new();
    for clause in &policy.clauses {
        let guard = &clause.guard;
        let tests = guard.all.iter().chain(guard.unless.iter().flatten());
        for test in tests.chain(guard.any.iter().flatten()) {
            let subject = Subject::of(test);
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    let total: usize = subjects.iter().map(Subject::values).product();
    if total > MAX_SITUATIONS {
        return None;
    }
    let mut found = Found::new();
    let mut alive: BTreeSet<usize> = BTreeSet::new();
    for number in 0..total {
        let mut rest = number;
        let mut values = Vec::new();
        for subject in &subjects {
            values.push(rest % subject.values());
            rest /= subject.values();
        }
        let situation = Situation {
            subjects: &subjects,
            values,
        };
        if !situation.is_possible() {
            continue;
        }
        let active: Vec<usize> = (0..policy.clauses.len())
            .filter(|p| situation.active(policy, *p))
            .collect();
        alive.extend(&active);
        let mut answered = false;
        for (at, one) in active.iter().enumerate() {
            let effect = &policy.clauses[*one].effect;
            answered |= match effect {
                Effect::Grants(_) => true,
                Effect::Refuses(r) => r.remedies.is_empty(),
                Effect::Refers(r) => r.remedies.is_empty(),
                Effect::Adds(_) | Effect::Extends(..) => false,
            };
            for other in &active[at + 1..] {
                if let Some(kind) = clash(&policy.clauses[*one], &policy.clauses[*other]) {
                    found.insert((kind, vec![*one, *other]));
                }
            }
        }
        // Two additions clash on an entitlement that is there.
        for (at, one) in active.iter().enumerate() {
            for other in &active[at + 1..] {
                if active.iter().any(|g| due_clash(policy, *one, *other, *g)) {
                    found.insert((ProblemKind::Additions, vec![*one, *other]));
                }
            }
        }
        if !answered {
            found.insert((ProblemKind::Gap, Vec::new()));
        }
    }
    for place in (0..policy.clauses.len()).filter(|p| !alive.contains(p)) {
        found.insert((ProblemKind::Dead, vec![place]));
    }
    Some(found)
}

fn clash(a: &Clause, b: &Clause) -> Option<ProblemKind> {
    match (&a.effect, &b.effect) {
        (Effect::Grants(g), Effect::Refuses(r)) | (Effect::Refuses(r), Effect::Grants(g)) => {
            let covers = r.remedies.is_empty() || r.remedies.contains(&g.remedy);
            covers.then_some(ProblemKind::RefusalAndGrant)
        }
        (Effect::Grants(g), Effect::Grants(h)) if g.remedy == h.remedy => {
            Some(ProblemKind::SameRemedy)
        }
        (Effect::Grants(g), Effect::Grants(h)) => {
            (g.rank.is_none() || h.rank.is_none()).then_some(ProblemKind::NoRank)
        }
        _ => None,
    }
}

/// Whether two additions both set when money is due, differently, for a grant.
fn due_clash(policy: &CheckedPolicy, one: usize, other: usize, grant: usize) -> bool {
    use redress::policy::terms::Part;
    let Effect::Grants(granted) = &policy.clauses[grant].effect else {
        return false;
    };
    let due = |place: usize| match &policy.clauses[place].effect {
        Effect::Adds(a) if a.remedies.is_empty() || a.remedies.contains(&granted.remedy) => {
            a.parts.iter().find_map(|p| match p {
                Part::Due(end) => Some(end.clone()),
                _ => None,
            })
        }
        _ => None,
    };
    match (due(one), due(other)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

#[test]
fn conflicts_gaps_and_dead_clauses_equal_an_enumeration() {
    let (mut compared, mut problems) = (0, 0);
    for number in 0..3000 {
        let mut seed = Seed::new(0xA11A_0000 + number);
        let policy = policy(&mut seed);
        let Some(want) = enumerate(&policy) else {
            continue;
        };
        let got: Found = analyse(&policy)
            .into_iter()
            .map(|p| match p.kind {
                // A gap names all that could have answered.
                ProblemKind::Gap => (p.kind, Vec::new()),
                kind => (kind, p.clauses),
            })
            .collect();
        assert_eq!(got, want, "seed {number}\n{:#?}", policy.clauses);
        compared += 1;
        problems += want.len();
    }
    assert!(
        compared > 1500 && problems > 1500,
        "{compared} compared, {problems} problems"
    );
}
