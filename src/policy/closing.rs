//! Finds the refusals that close a route whatever else is known.
//!
//! Most routes are tried for alternatives and closed: too late to cancel, shipped
//! already. Where time alone says so, nothing else has to be looked at.

use super::checked::CheckedPolicy;
use super::plan::{Bits, RouteClause, bits, indexes};
use super::terms::{Effect, Test};

/// Holds what closes a route.
#[derive(Default)]
pub(super) struct Closing {
    /// The refusals, a bit for each index on the route.
    pub refusals: Bits,
    /// The tests that tell whether one of them applies.
    pub tests: Bits,
}

/// Finds the refusals of every remedy that nothing overrides and that rest on nothing
/// but events and windows: facts are read for others, and are mostly in order.
///
/// `clauses` are those of the route, and `tests` those of their guards, each once. Of each pair
/// of `opposites` the first is the bit of a test that is evaluated, and the second that of its
/// opposite, which follows from it.
pub(super) fn closing(
    policy: &CheckedPolicy,
    clauses: &[RouteClause],
    tests: &[Test],
    opposites: &[(Bits, Bits)],
) -> Closing {
    let effect = |clause: &RouteClause| policy.clauses.get(clause.clause).map(|c| &c.effect);
    let by_time = |index: usize| tests.get(index).is_some_and(|test| test.fact().is_none());
    let mut found = Closing::default();
    for (bit, clause) in bits().zip(clauses) {
        let of_all = matches!(effect(clause), Some(Effect::Refuses(of)) if of.remedies.is_empty());
        if !of_all || clause.overriders != 0 {
            continue;
        }
        let own = clause.guard.tests();
        // A window that it finds past can be extended.
        let past = |clause: usize| {
            let mut asked = indexes(own).filter_map(|index| tests.get(index));
            asked.any(|test| *test == Test::Past(clause))
        };
        let extends = |clause: &&RouteClause| matches!(effect(clause), Some(Effect::Extends(of, _)) if past(*of));
        let extensions = clauses.iter().filter(extends);
        let needed = extensions.fold(own, |all, clause| all | clause.guard.tests());
        if indexes(needed).all(by_time) {
            found.refusals |= bit;
            found.tests |= needed;
        }
    }
    // Of a test that follows from another, that one is evaluated.
    let followed = opposites
        .iter()
        .filter(|(_, opposite)| found.tests & opposite != 0);
    found.tests = followed.fold(found.tests, |all, (of, _)| all | of);
    found
}
