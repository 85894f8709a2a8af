//! The catalog: every loaded plan, found by policy, revision and placing date.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::id::PolicyId;
use crate::domain::time::EventTime;
use crate::policy::plan::Plan;

/// Holds one policy file as read: where it came from and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path for messages; its last two parts must be `POLICY/REVISION.toml`.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Says why there is no plan for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No such policy.
    Policy,
    /// No such revision, or none in force when the order was placed.
    Revision,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "no such policy is loaded",
            Self::Revision => "no such revision of the policy is in force",
        })
    }
}

/// Holds every loaded plan.
#[derive(Debug, Default)]
pub struct Catalog {
    plans: BTreeMap<PolicyId, Vec<Plan>>,
}

impl Catalog {
    /// Checks and compiles policy files.
    ///
    /// # Errors
    /// Every diagnostic of every file, rendered for people, in order of file and line.
    pub fn load(sources: &[Source]) -> Result<Self, String> {
        let _ = sources;
        unimplemented!()
    }

    /// Returns the plan that decides an order: the pinned revision, or the one
    /// in force on the day the order was placed (the latest where that is not
    /// known or has not happened).
    ///
    /// # Errors
    /// There is none.
    pub fn find(
        &self,
        policy: &PolicyId,
        revision: Option<&str>,
        place: EventTime,
    ) -> Result<&Plan, NotFound> {
        let _ = (revision, place);
        self.plans
            .get(policy)
            .and_then(|p| p.last())
            .ok_or(NotFound::Policy)
    }

    /// Returns every plan, by policy and revision.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values().flatten()
    }
}
