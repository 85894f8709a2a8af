//! The register: every clause of a plan, for listing.
//!
//! It is put together when it is asked for: all that it says of a clause with an
//! effect, the plan knows anyway.

use super::plan::{Plan, PlanClause, indexes};
use super::terms::Effect;
use crate::domain::facts::Action;
use crate::domain::text::Text;
use crate::domain::verdict::Citation;

/// Describes a clause for listing.
#[derive(Clone, Debug)]
pub struct RegisterEntry<'p> {
    /// Its id.
    pub id: &'p str,
    /// Where it stands in the published terms.
    pub source: &'p str,
    /// What it says, one sentence.
    pub says: &'p str,
    /// What it does.
    pub kind: ClauseKind,
    /// The routes it stands on.
    pub routes: Vec<Action>,
    /// The clauses it sets aside, in file order.
    pub overrides: Vec<&'p str>,
    /// Why it has no effect on a decision; `None`: it has one.
    pub inert: Option<&'p str>,
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

/// Holds the texts of a clause without effect on a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InertEntry {
    /// What to cite of it.
    pub cited: Citation,
    /// Why it has no effect.
    pub because: Text,
}

impl Plan {
    /// Returns how many clauses there are, with and without an effect.
    pub fn clause_count(&self) -> usize {
        let clauses = self.clauses.iter().filter(|c| !c.is_further_band());
        clauses.count().saturating_add(self.inert.len())
    }

    /// Returns the id of every clause, with and without an effect.
    pub fn clause_ids(&self) -> impl Iterator<Item = &str> {
        let clauses = self.clauses.iter().filter(|c| !c.is_further_band());
        let with_effect = clauses.map(|c| c.cite());
        let without = self.inert.iter().map(|c| &c.cited);
        with_effect.chain(without).map(|cited| cited.id.as_str())
    }

    /// Returns every clause, by id.
    pub fn register(&self) -> Vec<RegisterEntry<'_>> {
        let mut entries: Vec<RegisterEntry<'_>> =
            self.clauses.iter().map(|c| with_effect(c)).collect();
        self.fill_in_routes(&mut entries);
        // Bands of a clause are that clause.
        let further = self.clauses.iter().map(|c| c.is_further_band());
        let mut further = further.collect::<Vec<_>>().into_iter();
        entries.retain(|_| !further.next().unwrap_or_default());
        entries.extend(self.inert.iter().map(without_effect));
        entries.sort_by_key(|entry| entry.id);
        entries
    }

    /// Fills in on which routes clauses stand and what they set aside there; a
    /// clause sets none aside with which it shares no route.
    fn fill_in_routes<'p>(&'p self, entries: &mut [RegisterEntry<'p>]) {
        let mut set_aside: Vec<(usize, usize)> = Vec::new();
        for (_, route) in self.choices() {
            for clause in &route.clauses {
                if let Some(entry) = entries.get_mut(clause.clause) {
                    entry.routes.push(route.route);
                }
                let overriders = indexes(clause.overriders).filter_map(|o| route.clauses.get(o));
                set_aside.extend(overriders.map(|over| (over.clause, clause.clause)));
            }
        }
        set_aside.sort_unstable();
        set_aside.dedup();
        for (over, clause) in set_aside {
            let clause = self.clauses.get(clause).filter(|c| !c.is_further_band());
            if let (Some(entry), Some(clause)) = (entries.get_mut(over), clause) {
                entry.overrides.push(&clause.cited.id);
            }
        }
    }
}

fn with_effect(clause: &PlanClause) -> RegisterEntry<'_> {
    RegisterEntry {
        id: &clause.cited.id,
        source: &clause.cited.source,
        says: &clause.cited.says,
        kind: match clause.effect {
            Effect::Grants(_) => ClauseKind::Grants,
            Effect::Refuses(_) => ClauseKind::Refuses,
            Effect::Refers(_) => ClauseKind::Refers,
            Effect::Adds(_) | Effect::Extends(..) => ClauseKind::Adds,
        },
        routes: Vec::new(),
        overrides: Vec::new(),
        inert: None,
    }
}

fn without_effect(clause: &InertEntry) -> RegisterEntry<'_> {
    RegisterEntry {
        id: &clause.cited.id,
        source: &clause.cited.source,
        says: &clause.cited.says,
        kind: ClauseKind::Inert,
        routes: Vec::new(),
        overrides: Vec::new(),
        inert: Some(&clause.because),
    }
}
