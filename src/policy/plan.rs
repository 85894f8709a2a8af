//! The plan: a policy compiled for deciding.

use crate::domain::facts::Action;
use crate::domain::id::PolicyId;
use crate::domain::time::Zone;
use crate::domain::verdict::LayerKind;

/// Holds a policy compiled for deciding.
#[derive(Debug)]
pub struct Plan {
    /// Its id.
    pub policy: PolicyId,
    /// The shop, for people.
    pub title: String,
    /// The revision, a date or `always`.
    pub revision: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Which layer it is.
    pub layer: LayerKind,
    /// The zone of its days; `None`: the place of delivery.
    pub zone: Option<Zone>,
    /// Where each action leads, by action.
    pub routes: Vec<(Action, Action)>,
    /// Codes of the options that it declares.
    pub option_codes: Vec<String>,
    /// Every clause, in file order, for listing.
    pub register: Vec<RegisterEntry>,
}

/// Describes a clause for listing.
#[derive(Debug)]
pub struct RegisterEntry {
    /// Its id.
    pub id: String,
    /// Where it stands in the published terms.
    pub source: String,
    /// What it says, one sentence.
    pub says: String,
    /// What it does.
    pub kind: ClauseKind,
    /// The routes it stands on.
    pub routes: Vec<Action>,
    /// The clauses it sets aside.
    pub overrides: Vec<String>,
    /// Why it has no effect on a decision; `None`: it has one.
    pub inert: Option<String>,
}

/// Names what a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// Grants a remedy.
    Grants,
    /// Refuses.
    Refuses,
    /// Refers to a person.
    Refers,
    /// Adds to what another clause grants.
    Adds,
    /// Has no effect.
    Inert,
}
