//! What the cases of a revision cover: every clause with an effect, on both sides
//! where it has a condition or a window, and every reading.

use std::collections::BTreeMap;

use super::mutant::{self, Change};
use super::{Case, Mistake, Side, Suite};
use crate::policy::checked::CheckedPolicy;
use crate::policy::document::nearest;

/// Holds what a case noticed: the changes of clauses and the rivals.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Changes of cited clauses, by index of the clause.
    pub clauses: BTreeMap<usize, Vec<Change>>,
    /// Cited readings of which a rival was noticed.
    pub readings: Vec<String>,
    /// Of a case that cites nothing: whether any change of the policy was noticed.
    pub any: bool,
}

/// Tells what the cases of one revision cover.
#[derive(Debug, Default)]
pub struct Coverage {
    /// The clauses with an effect, in file order.
    pub clauses: Vec<CoveredClause>,
    /// The readings, in file order.
    pub readings: Vec<CoveredReading>,
}

/// Tells how a clause is covered.
#[derive(Debug)]
pub struct CoveredClause {
    /// Its id.
    pub id: String,
    /// Its id, with the band where it is one of several.
    pub label: String,
    /// Whether it has a condition or a window, so that both sides are needed.
    pub has_sides: bool,
    /// Names of the cases that count.
    pub cases: Vec<String>,
    /// Whether one of them lies inside.
    pub inside: bool,
    /// Whether one of them lies outside, or misses a fact.
    pub outside: bool,
}

impl CoveredClause {
    /// Returns whether it is covered.
    pub fn covered(&self) -> bool {
        if self.has_sides {
            self.inside && self.outside
        } else {
            !self.cases.is_empty()
        }
    }
}

/// Tells how a reading is covered.
#[derive(Debug)]
pub struct CoveredReading {
    /// Its id.
    pub id: String,
    /// Names of the cases that count.
    pub cases: Vec<String>,
    /// What is known of the other reading.
    pub rivalry: Rivalry,
}

/// Says what is known of the other reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rivalry {
    /// Nothing.
    Unknown,
    /// It is written down, so that cases can be decided under it.
    Rivals,
    /// No decision can tell it apart, and why.
    NoRival(String),
}

impl CoveredReading {
    /// Returns whether it is covered.
    pub fn covered(&self) -> bool {
        match &self.rivalry {
            Rivalry::Unknown => false,
            Rivalry::Rivals => !self.cases.is_empty(),
            Rivalry::NoRival(_) => true,
        }
    }
}

impl Coverage {
    /// Returns how many clauses and readings are covered, of how many.
    pub fn count(&self) -> (usize, usize) {
        let clauses = self.clauses.iter().filter(|c| c.covered()).count();
        let readings = self.readings.iter().filter(|r| r.covered()).count();
        (
            clauses.saturating_add(readings),
            self.clauses.len().saturating_add(self.readings.len()),
        )
    }

    /// Returns the percentage that is covered, rounded down; 100 of nothing.
    pub fn percent(&self) -> usize {
        let (covered, of) = self.count();
        covered.saturating_mul(100).checked_div(of).unwrap_or(100)
    }
}

/// Returns what a case cites although the policy has no such clause or reading.
pub(super) fn wrong_citations(suite: &Suite, case: &Case, policy: &CheckedPolicy) -> Vec<Mistake> {
    let mut wrong = Vec::new();
    let ids = case.clauses.iter().chain(&case.readings);
    for (index, (id, at)) in ids.zip(&case.cited_at).enumerate() {
        let inert = policy.inert.iter().any(|c| c.id.as_str() == id);
        let (known, what, ids): (bool, &str, Vec<&str>) = if index < case.clauses.len() {
            let ids = policy.clauses.iter().map(|c| c.id.as_str()).collect();
            (!mutant::places(policy, id).is_empty(), "clause", ids)
        } else {
            let ids: Vec<&str> = policy.readings.iter().map(|r| r.id.as_str()).collect();
            (ids.contains(&id.as_str()), "reading", ids)
        };
        if known {
            continue;
        }
        let (message, help) = if inert {
            let message = format!("`{id}` is an inert clause");
            (message, "cite a clause with an effect".to_owned())
        } else {
            (
                format!("unknown {what} `{id}`"),
                nearest(id, ids.into_iter()),
            )
        };
        wrong.extend(suite.mistake(at, "unknown-clause", message, help));
    }
    wrong
}

/// Measures what cases cover. With a proof only those count that noticed a
/// change of what they cite: on the inside that the clause was switched off.
pub(super) fn measure(
    policy: &CheckedPolicy,
    suite: &Suite,
    revision: &str,
    cases: &[&Case],
    proof: Option<&[Noticed]>,
) -> Coverage {
    let clauses = policy.clauses.iter().enumerate().map(|(at, clause)| {
        let id = clause.id.as_str();
        let mut covered = CoveredClause {
            id: id.to_owned(),
            label: clause.label(),
            has_sides: mutant::has_sides(clause),
            cases: Vec::new(),
            inside: false,
            outside: false,
        };
        for (index, case) in cases.iter().enumerate() {
            if !case.clauses.iter().any(|cited| cited == id) {
                continue;
            }
            let changes = proof.map(|noticed| {
                let of_case = noticed.get(index).and_then(|n| n.clauses.get(&at));
                of_case.map(Vec::as_slice).unwrap_or_default()
            });
            if changes.is_some_and(<[Change]>::is_empty) {
                continue;
            }
            covered.cases.push(case.name.clone());
            let off = changes.is_none_or(|c| c.contains(&Change::Off));
            let on = changes.is_none_or(|c| c.iter().any(|c| *c != Change::Off));
            covered.inside |= off && case.side == Some(Side::Inside);
            covered.outside |= on && matches!(case.side, Some(Side::Outside | Side::Missing));
        }
        covered
    });
    let readings = policy.readings.iter().map(|reading| {
        let id = reading.id.as_str();
        let here = |of: &String, named: &String| of == revision && named == id;
        let none = suite.no_rivals.iter().find(|(of, n)| here(of, &n.reading));
        let rivalry = match none {
            Some((_, none)) => Rivalry::NoRival(none.why.clone()),
            None if suite.rivals.iter().any(|(of, r)| here(of, &r.reading)) => Rivalry::Rivals,
            None => Rivalry::Unknown,
        };
        let counts = |index: usize, case: &Case| {
            case.readings.iter().any(|cited| cited == id)
                && proof.is_none_or(|noticed| {
                    rivalry != Rivalry::Rivals
                        || noticed
                            .get(index)
                            .is_some_and(|n| n.readings.iter().any(|r| r == id))
                })
        };
        let counted = cases.iter().enumerate().filter(|(p, c)| counts(*p, c));
        let cases = counted.map(|(_, case)| case.name.clone()).collect();
        CoveredReading {
            id: id.to_owned(),
            cases,
            rivalry,
        }
    });
    Coverage {
        clauses: clauses.collect(),
        readings: readings.collect(),
    }
}

/// Returns what a case cites without having noticed any change of it.
pub(super) fn unproven(case: &Case, noticed: &Noticed, coverage: &Coverage) -> Vec<String> {
    let clauses = case
        .clauses
        .iter()
        .filter(|id| {
            let of_it = |(_, clause): &(usize, &CoveredClause)| clause.id == **id;
            let mut places = coverage.clauses.iter().enumerate().filter(of_it);
            !places.any(|(index, _)| noticed.clauses.contains_key(&index))
        })
        .map(|id| format!("cites `{id}`, but passes whatever that clause does"));
    let has_rivals = |id: &String| {
        coverage
            .readings
            .iter()
            .any(|r| r.id == *id && r.rivalry == Rivalry::Rivals)
    };
    let readings = case
        .readings
        .iter()
        .filter(|id| has_rivals(id) && !noticed.readings.contains(id))
        .map(|id| format!("cites `{id}`, but passes under the other reading too"));
    // No change of a policy makes a request that is refused a valid one.
    let nothing = (case.cites_nothing() && !noticed.any && !case.expected.is_refused())
        .then(|| "cites nothing, and passes whatever the policy says".to_owned());
    clauses.chain(readings).chain(nothing).collect()
}
