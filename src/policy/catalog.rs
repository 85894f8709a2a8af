//! The catalog: every loaded plan, found by policy, revision and placing date.

mod parallel;
mod set;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::diagnostic::Diagnostic;
use super::plan::Plan;
use super::pool::Pool;
use super::source::Source;
use crate::domain::id::PolicyId;
use crate::domain::time::{Day, EventTime, Instant, Zone};
use set::{Compiled, Read};

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

/// Holds everything that is wrong with a set of policy files.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.render(false))]
pub struct LoadError {
    /// Each mistake with the text of its file.
    found: Vec<(Diagnostic, Arc<str>)>,
}

impl LoadError {
    /// Returns how many mistakes there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns the mistakes, by file and then in file order.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter().map(|(diagnostic, _)| diagnostic)
    }

    /// Renders every mistake with the lines that it is about.
    pub fn render(&self, color: bool) -> String {
        let parts: Vec<String> = self
            .found
            .iter()
            .map(|(d, text)| d.render(text, color))
            .collect();
        parts.join("\n\n")
    }
}

/// Holds every loaded plan.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Plans of each policy, by policy; then by revision, the one without a date first.
    plans: Vec<Vec<Plan>>,
    /// Where the plans of a policy stand. A tree would cost the hot shop of a large
    /// catalog more steps than that of a small one. Ids come from files that an operator
    /// chose, so that the hash need not withstand anyone.
    places: FxHashMap<Box<str>, usize>,
}

impl Catalog {
    /// Checks and compiles policy files, and reads their sentences in other
    /// languages, on every processor.
    ///
    /// # Errors
    /// Every mistake of every file.
    pub fn load(sources: &[Source]) -> Result<Self, LoadError> {
        let (revisions, strays) = set::revisions(sources);
        let pool = Pool::default();
        let mut read = parallel::map(&revisions, |revision| set::read(revision, &pool));
        read.push(strays);
        Self::join(read)
    }

    /// Loads policies set by set, such as folder by folder: each is read, compiled
    /// and let go of on its own, so that the files of a large catalog are never in
    /// memory together. The sentences of a revision belong to its set.
    ///
    /// # Errors
    /// The first set that cannot be read, or else every mistake of every file.
    pub fn load_each<S, E>(
        sets: &[S],
        read: impl Fn(&S) -> Result<Vec<Source>, E> + Sync,
    ) -> Result<Self, E>
    where
        S: Sync,
        E: From<LoadError> + Send,
    {
        let pool = Pool::default();
        let read = parallel::map(sets, |set| {
            let sources = read(set)?;
            let (revisions, strays) = set::revisions(&sources);
            let mut read: Vec<Read> = revisions.iter().map(|r| set::read(r, &pool)).collect();
            read.push(strays);
            Ok(read)
        });
        let read = read.into_iter().collect::<Result<Vec<_>, E>>()?;
        Ok(Self::join(read.into_iter().flatten())?)
    }

    /// Joins what was read of each revision, in the order of the files.
    fn join(read: impl IntoIterator<Item = Read>) -> Result<Self, LoadError> {
        let mut plans: BTreeMap<PolicyId, Vec<Plan>> = BTreeMap::new();
        let mut found = Vec::new();
        for mut one in read {
            found.append(&mut one.found);
            let Some(Compiled { plan, path, head }) = one.compiled else {
                continue;
            };
            let revisions = plans.entry(plan.policy.clone()).or_default();
            if revisions.iter().any(|p| p.revision == plan.revision) {
                let message = format!(
                    "duplicate revision `{}` of `{}`",
                    plan.revision, plan.policy
                );
                let help = "remove one of the files";
                found.push((set::whole_file(&path, "duplicate", message, help), head));
                continue;
            }
            revisions.push(*plan);
        }
        if !found.is_empty() {
            found.sort_by(|(a, _), (b, _)| {
                (&a.path, a.span.start, a.span.end, &a.message).cmp(&(
                    &b.path,
                    b.span.start,
                    b.span.end,
                    &b.message,
                ))
            });
            return Err(LoadError { found });
        }
        let mut plans: Vec<Vec<Plan>> = plans.into_values().collect();
        for revisions in &mut plans {
            revisions.sort_by_key(|p| p.effective);
            revisions.shrink_to_fit();
        }
        Ok(Self::new(plans))
    }

    fn new(plans: Vec<Vec<Plan>>) -> Self {
        let index = |(index, revisions): (usize, &Vec<Plan>)| {
            let policy = &revisions.first()?.policy;
            Some((policy.as_str().into(), index))
        };
        let places = plans.iter().enumerate().filter_map(index).collect();
        Self { plans, places }
    }

    /// Holds one plan, for trying a changed policy.
    pub fn of(plan: Plan) -> Self {
        Self::new(vec![vec![plan]])
    }

    /// Returns the plan that decides an order: the pinned revision, or the one
    /// in force on the day the order was placed. Where that day is not known or
    /// lies ahead, the latest decides.
    ///
    /// # Errors
    /// There is none.
    pub fn find(
        &self,
        policy: &str,
        revision: Option<&str>,
        placed: EventTime,
    ) -> Result<&Plan, NotFound> {
        let at = self.places.get(policy).ok_or(NotFound::Policy)?;
        let revisions = self.plans.get(*at).ok_or(NotFound::Policy)?;
        let found = match revision {
            Some(pinned) => revisions.iter().find(|p| p.revision == pinned),
            None => revisions.iter().rev().find(|p| in_force(p, placed)),
        };
        found.ok_or(NotFound::Revision)
    }

    /// Returns the later terms by which an order is decided too: those in force when
    /// it is asked about, where its own terms say so.
    pub fn later(&self, plan: &Plan, request_time: Instant) -> Option<&Plan> {
        plan.across.as_ref()?;
        let at = EventTime::At(request_time);
        let later = self.find(plan.policy.as_str(), None, at).ok()?;
        (later.effective > plan.effective).then_some(later)
    }

    /// Returns every plan, by policy and revision.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().flatten()
    }
}

/// Whether a revision is in force when an order is placed, by the day in its zone.
fn in_force(plan: &Plan, placed: EventTime) -> bool {
    let Some(effective) = plan.effective else {
        return true;
    };
    let placed: Day = match placed {
        EventTime::Unknown | EventTime::NotYet | EventTime::Happened => return true,
        EventTime::On(day) => day,
        // A policy without a zone of its own counts the day that ends last.
        EventTime::At(at) => plan.zone.unwrap_or_else(Zone::latest).day_of(at),
    };
    effective <= placed
}
