//! The checked policy: what a policy file means, every reference resolved.
//!
//! Nothing here is half-checked: the checker makes it from a document without
//! errors, the compiler turns it into a plan, and the tests' slow interpreter
//! reads it as it stands. Clauses are named by their place in
//! [`CheckedPolicy::clauses`], calendars by theirs in [`CheckedPolicy::calendars`].

use super::terms::{Calendar, Effect, Pending, Test, WordList};
use crate::domain::facts::Action;
use crate::domain::id::{ClauseId, PolicyId};
use crate::domain::time::{Day, Zone};
use crate::domain::verdict::LayerKind;
use crate::domain::vocabulary::{Event, Fact};

/// Holds a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedPolicy {
    /// Its id.
    pub id: PolicyId,
    /// The shop, for people.
    pub title: String,
    /// From when it is in force; `None`: since always.
    pub effective: Option<Day>,
    /// Which layer it is.
    pub layer: LayerKind,
    /// The zone of its days; `None`: the place of delivery.
    pub zone: Option<Zone>,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Where each action leads, by action; an action without one is silent.
    pub routes: Vec<(Action, Action)>,
    /// The clause that says that the terms do not speak of an action.
    pub uncovered: Vec<(Action, usize)>,
    /// The clause, with or without an effect, that says that the terms may change:
    /// orders across a change are decided by both texts. `None`: by the text that
    /// they were placed under.
    pub across: Option<ClauseId>,
    /// Codes of the options that it declares.
    pub option_codes: Vec<String>,
    /// The words that standard facts can have; of others they can have any.
    pub word_lists: Vec<WordList>,
    /// Facts that it declares, by name.
    pub facts: Vec<Fact>,
    /// Events that it declares, by their index in a set of events.
    pub events: Vec<Event>,
    /// Sets of days.
    pub calendars: Vec<Calendar>,
    /// The clauses with an effect.
    pub clauses: Vec<Clause>,
    /// The clauses without one.
    pub inert: Vec<InertClause>,
    /// The readings chosen where the text is ambiguous.
    pub readings: Vec<Reading>,
}

/// Describes a clause with an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Its id. Clauses that encode one clause of the terms share its stem and
    /// differ in a suffix of a lower-case letter, such as `RET-07` and `RET-07b`.
    pub id: ClauseId,
    /// What it says, one sentence in our own words.
    pub says: String,
    /// Where it stands in the published terms.
    pub source: String,
    /// What has to be checked, where it is shown as a condition; `None`: what it says.
    pub as_condition: Option<String>,
    /// What has to be done, where it is shown as a task; `None`: what it says.
    pub as_task: Option<String>,
    /// The routes it stands on, at least one, ascending.
    pub routes: Vec<Action>,
    /// When it applies.
    pub guard: Guard,
    /// What follows while only findings keep its guard from being decided.
    pub pending: Pending,
    /// Clauses that it sets aside when it applies.
    pub overrides: Vec<usize>,
    /// What it does.
    pub effect: Effect,
    /// Which of the bands of the clause it is, from 1; `None`: it has none.
    pub band: Option<usize>,
}

impl Clause {
    /// Returns its id, with the band where it is one of several.
    pub fn label(&self) -> String {
        match self.band {
            None => self.id.to_string(),
            Some(band) => format!("{}, band {band}", self.id),
        }
    }
}

/// Describes a clause without effect on a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InertClause {
    /// Its id.
    pub id: ClauseId,
    /// What it says.
    pub says: String,
    /// Where it stands.
    pub source: String,
    /// Why it has no effect.
    pub because: String,
}

/// Records the reading chosen for an ambiguity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Id of the ambiguity.
    pub id: ClauseId,
    /// Ids of the clauses it is about.
    pub of: Vec<ClauseId>,
    /// The reading, one sentence.
    pub says: String,
}

/// States when a clause applies: all of `all`, none of `unless`, and one of
/// `any` if there are any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard {
    /// Each must hold.
    pub all: Vec<Test>,
    /// In none of these may all tests hold.
    pub unless: Vec<Vec<Test>>,
    /// In one of these all tests must hold; empty: no further demand.
    pub any: Vec<Vec<Test>>,
}
