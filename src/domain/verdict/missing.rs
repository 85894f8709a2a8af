//! Facts that are missing, and what each value of them leads to.

use rustc_hash::FxHashSet;

use super::{Outcome, Question};
use crate::domain::facts::Remedy;
use crate::domain::money::Amount;
use crate::domain::time::Instant;

/// Holds the facts that some units miss.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The facts, but for prices of other lines; each once, in the order in which they
    /// are best asked for.
    pub facts: Vec<MissingFact>,
    /// Whether prices of other lines are missing too: a discount on the order is shared by
    /// what every line cost, or the value of the order counts. Each verdict, alternative and
    /// option lists them once.
    pub other_prices: bool,
    /// Whether the value of the order counts, so that the prices of other lines are missing
    /// with and without a discount on the order.
    pub order_value: bool,
}

impl Missing {
    /// Returns facts, without the prices of other lines.
    pub const fn of(facts: Vec<MissingFact>) -> Self {
        Self {
            facts,
            other_prices: false,
            order_value: false,
        }
    }

    /// Whether nothing is missing.
    pub const fn is_empty(&self) -> bool {
        self.facts.is_empty() && !self.other_prices
    }

    /// Adds what else is missing.
    pub(crate) fn append(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.other_prices |= other.other_prices;
        self.order_value |= other.order_value;
    }
}

/// Names a fact that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFact {
    /// Field path in the request.
    pub path: String,
    /// What is asked.
    pub question: Question,
    /// How the fact hangs together with the answer and with other facts; filled in at
    /// full view for the facts of a request, not for those of alternatives and options.
    pub guide: Option<Box<Guide>>,
}

/// Guides whoever asks for a missing fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// Position of the question, from 0, where questions are asked in the order that
    /// leaves the fewest open.
    pub position: usize,
    /// What the values of the fact lead to, in order of value. Empty: they cannot be
    /// listed, as those of amounts and time zones.
    pub answers: Vec<PossibleAnswer>,
    /// Paths of facts that are better asked for first: some value of each makes this one
    /// needless.
    pub after: Vec<String>,
}

/// Says what some values of a missing fact lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleAnswer {
    /// The values.
    pub values: Values,
    /// What they lead to.
    pub leads_to: Consequence,
}

/// Holds values of a fact that a policy does not tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Yes or no.
    YesNo(bool),
    /// Words, in alphabetical order.
    Words {
        /// The words.
        words: Vec<String>,
        /// Whether every other word, that no list names, belongs to them.
        others: bool,
    },
    /// Whole numbers, both ends inclusive; `None`: no upper end.
    Numbers(i64, Option<i64>),
    /// Amounts in the currency of the order, both ends inclusive; `None`: no upper end.
    Amounts(Amount, Option<Amount>),
    /// Instants of an event, from the first, inclusive, until the second, exclusive;
    /// `None`: no end on that side.
    Times(Option<Instant>, Option<Instant>),
    /// The event has not happened.
    NotYet,
}

/// Holds what a value leads to, all other missing facts still unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The outcome; needs information: more is asked, of times at least after some.
    pub outcome: Outcome,
    /// What the customer gets, when approved.
    pub remedy: Option<Remedy>,
    /// What the units are worth under it, order-level money apart; `None`: no money, or
    /// more is asked.
    pub amount: Option<Amount>,
    /// Whether money of the order comes with it, so that more is asked where that is not
    /// known.
    pub(crate) pays: bool,
}

impl Consequence {
    /// More is asked.
    pub const OPEN: Self = Self::of(Outcome::NeedsInformation);

    /// Returns an outcome that pays nothing.
    pub const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            remedy: None,
            amount: None,
            pays: false,
        }
    }

    /// Returns what two groups of units come to together.
    fn join(self, other: Self) -> Self {
        let open = |one: &Self| one.outcome == Outcome::NeedsInformation;
        if open(&self) || open(&other) {
            return Self::OPEN;
        }
        let same = self.outcome == other.outcome;
        Self {
            outcome: if same { self.outcome } else { Outcome::Mixed },
            remedy: self.remedy.filter(|remedy| other.remedy == Some(*remedy)),
            amount: match (self.amount, other.amount) {
                (Some(one), Some(two)) => Some(one.plus(two)),
                (one, two) => one.or(two),
            },
            pays: self.pays || other.pays,
        }
    }
}

impl Guide {
    /// Notes that money of the order is not known: what it comes with asks for more.
    pub(crate) fn ask_for_order_level(&mut self) {
        let paying = self
            .answers
            .iter_mut()
            .filter(|answer| answer.leads_to.pays);
        paying.for_each(|answer| answer.leads_to = Consequence::OPEN);
    }
}

impl MissingFact {
    /// Returns the first of the facts at each path, and those whose guides are still to
    /// be joined by [`Self::each_once`].
    pub(crate) fn first_of_each<'m>(facts: impl Iterator<Item = &'m Self>) -> Vec<Self> {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        facts
            .filter(|fact| seen.insert(&fact.path) || fact.guide.is_some())
            .cloned()
            .collect()
    }

    /// Puts facts in the order in which they are best asked for, each once: by the
    /// position of their guides, and those without one by path.
    pub fn each_once(missing: &mut Vec<Self>) {
        missing.sort_by(|one, other| one.path.cmp(&other.path));
        missing.dedup_by(|later, first| {
            let same = later.path == first.path;
            if same {
                first.join(later);
            }
            same
        });
        if missing.iter().all(|fact| fact.guide.is_none()) {
            return;
        }
        missing.sort_by_key(|fact| {
            fact.guide
                .as_ref()
                .map_or(usize::MAX, |guide| guide.position)
        });
    }

    /// Adds what is known of the same fact for other units.
    fn join(&mut self, other: &Self) {
        let (Some(guide), Some(other)) = (&mut self.guide, &other.guide) else {
            self.guide = self.guide.take().or_else(|| other.guide.clone());
            return;
        };
        guide.position = guide.position.min(other.position);
        guide.after.retain(|path| other.after.contains(path));
        let values = |guide: &Guide| -> Vec<Values> {
            let answers = guide.answers.iter();
            answers.map(|answer| answer.values.clone()).collect()
        };
        if values(guide) != values(other) {
            guide.answers.clear();
        }
        for (answer, of_other) in guide.answers.iter_mut().zip(&other.answers) {
            answer.leads_to = answer.leads_to.join(of_other.leads_to);
        }
    }
}
