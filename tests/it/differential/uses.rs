//! Limited rights: every way in which the uses that are left of an option can go to units.

use std::collections::BTreeSet;

use redress::domain::facts::{Action, Facts};
use redress::domain::verdict::Outcome;
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::Effect;

use super::told::Rows;
use crate::oracle::{Oracle, RowAnswer};

type Row<'f> = (Oracle<'f>, RowAnswer<'f>);

/// Ways that are looked at; a request with more is left out.
const MOST: usize = 500;

/// The uses that are left of the option of a right, if they are fewer than so many units.
pub fn run_out(rows: &Rows<'_>, units: i64) -> Option<i64> {
    let left = rows.iter().flat_map(|(oracle, _)| {
        let clauses = oracle.policy.clauses.iter();
        let clauses = clauses.filter(|c| c.routes.contains(&oracle.route));
        let codes = clauses.filter_map(|clause| match &clause.effect {
            Effect::Grants(grant) => grant.consumes.as_deref(),
            _ => None,
        });
        codes.map(|code| oracle.uses_left(code).unwrap_or(0))
    });
    left.filter(|left| (1..units).contains(left)).min()
}

/// Decides units of a row that have uses, or have none.
fn decide<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    (row, route): (usize, Action),
    uses: Option<i64>,
    (offset, quantity): (i32, i32),
) -> Row<'f> {
    let mut oracle = Oracle::new(policy, facts, facts.rows()[row].location(), route);
    oracle.uses = uses;
    let mut answer = oracle.decide(facts.request().wants);
    (answer.offset, answer.quantity) = (offset, quantity);
    (oracle, answer)
}

/// One way so far: the units of each row with a use, whether the others see what is left,
/// and the uses that are given.
#[derive(Clone, Default)]
struct Way {
    with_use: Vec<i32>,
    given: i64,
    /// Whether units went without that could have had a use.
    without: bool,
}

/// Every way to give uses to units: none is kept while units that could have it go without.
/// `None`: they are too many.
pub fn ways<'f>(
    policy: &'f CheckedPolicy,
    facts: &'f Facts<'f>,
    route: Action,
    left: i64,
) -> Option<Vec<Vec<Row<'f>>>> {
    let mut ways = vec![Way::default()];
    let mut seen = BTreeSet::new();
    for (row, place) in facts.rows().iter().enumerate() {
        let all = (0, place.quantity);
        let alone = [decide(policy, facts, (row, route), None, all)];
        // Lines with an option of their own have other uses than the rest.
        seen.extend(run_out(&alone, i64::MAX));
        if seen.len() > 1 {
            return None;
        }
        let [(_, answer)] = &alone;
        let uses = answer.outcome == Outcome::Approved
            && answer.grant.is_some_and(|g| g.consumes.is_some());
        let mut longer = Vec::new();
        for way in &ways {
            for some in 0..=place.quantity {
                // Units that need no use see either that some are left or that none is.
                if !uses && some > 0 && some < place.quantity {
                    continue;
                }
                let mut next = way.clone();
                next.with_use.push(some);
                next.given += if uses { i64::from(some) } else { 0 };
                next.without = next.without || some < place.quantity;
                if next.given <= left {
                    longer.push(next);
                }
            }
        }
        ways = longer;
        if ways.len() > MOST {
            return None;
        }
    }
    ways.retain(|way| way.given == left || !way.without);
    let rows = ways.iter().map(|way| {
        let mut rows = Vec::new();
        for (row, with_use) in way.with_use.iter().enumerate() {
            let quantity = facts.rows()[row].quantity;
            if *with_use > 0 {
                rows.push(decide(policy, facts, (row, route), None, (0, *with_use)));
            }
            if *with_use < quantity {
                let rest = (*with_use, quantity - with_use);
                rows.push(decide(policy, facts, (row, route), Some(0), rest));
            }
        }
        rows
    });
    Some(rows.collect())
}
