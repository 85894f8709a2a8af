//! Writes remedies with their conditions and obligations.

use super::due::due_wait;
use super::encoder::Encoder;
use super::window::{bound, window};
use super::{RenderContext, missing, money, row, tag, timestamp};
use crate::domain::money::Amount;
use crate::domain::path::UnitsLocation;
use crate::domain::verdict as v;
use crate::wire::enums::{self, Wire};

/// Writes a remedy that a clause grants to units at an index of the request.
pub(super) fn entitlement<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    entitlement: &v::Entitlement<'p>,
    location: UnitsLocation,
    amount: Option<Amount>,
) {
    use tag::entitlement as t;
    let v::Entitlement {
        remedy,
        clause,
        basis,
        layer,
        window: when,
        conditions,
        obligations,
        return_payer,
        return_risk,
        return_address,
        shaped_by,
        depends_on,
        possible,
    } = entitlement;
    to.number(t::REMEDY, remedy.write());
    to.text(t::CLAUSE_ID, &clause.id);
    if !m.compact {
        to.number(t::BASIS, basis.write());
        to.number(t::LAYER, layer.write());
    }
    to.optional(t::WINDOW, *when, |to, x| window(m, to, x));
    m.amount(to, t::AMOUNT, amount);
    if m.compact {
        return to.list(t::CONDITIONS, &by_code(conditions), |to, x| {
            compact_condition(to, x);
        });
    }
    to.list(t::CONDITIONS, conditions, |to, x| {
        condition(m, to, x, location);
    });
    to.list(t::OBLIGATIONS, obligations, |to, x| obligation(m, to, x));
    to.number(t::RETURN_PAYER, enums::write(*return_payer));
    to.number(t::RETURN_RISK, enums::write(*return_risk));
    to.text(t::RETURN_ADDRESS, return_address.unwrap_or_default());
    clause_ids(to, t::CLAUSE_IDS, shaped_by);
    to.list(t::DEPENDS_ON, depends_on, |to, x| dependence(m, to, x));
    if let Some(possible) = possible {
        let v::PossibleDates { window: when, due } = **possible;
        to.optional(t::POSSIBLE_WINDOW, when, |to, x| window(m, to, x));
        if let Some((earliest, latest)) = due {
            timestamp(to, t::EARLIEST_DUE_TIME, earliest);
            timestamp(to, t::LATEST_DUE_TIME, latest);
        }
    }
}

fn dependence(m: &RenderContext<'_>, to: &mut Encoder, dependence: &v::Dependence) {
    use tag::dependence as t;
    let v::Dependence { part, facts } = dependence;
    to.number(t::PART, part.write());
    to.list(t::FACTS, facts, |to, x| missing::fact(m, to, x));
}

/// Writes the ids of clauses, ascending and each once.
fn clause_ids(to: &mut Encoder, tag: u32, clauses: &[v::Cite<'_>]) {
    // Most come in this order.
    if clauses.is_sorted_by(|a, b| a.id < b.id) {
        return to.texts(tag, clauses.iter().map(|c| c.id.as_str()));
    }
    let mut ids: Vec<&str> = clauses.iter().map(|c| c.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    to.texts(tag, ids);
}

/// Writes an answer that a person can choose.
pub(super) fn candidate<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    candidate: &v::Candidate<'p>,
    location: UnitsLocation,
) {
    use tag::candidate as t;
    let v::Candidate {
        answer,
        recommended,
        order_items,
        owed,
    } = candidate;
    match answer {
        v::Answer::Entitlement {
            entitlement: granted,
            amount,
        } => to.message(t::ENTITLEMENT, |to| {
            entitlement(m, to, granted, location, *amount);
        }),
        v::Answer::Refusal(refusal) => to.message(t::REFUSAL, |to| {
            row::reason(m, to, refusal, None);
        }),
    }
    to.flag(t::RECOMMENDED, *recommended);
    to.list(t::ORDER_ITEMS, order_items, |to, x| money::item(m, to, x));
    m.amount(to, t::OWED_AMOUNT, *owed);
}

/// Returns the first of the conditions that say the same of other facts.
fn by_code<'v, 'p>(conditions: &'v [v::Condition<'p>]) -> Vec<&'v v::Condition<'p>> {
    let same = |a: &v::Condition<'_>, b: &v::Condition<'_>| {
        a.code == b.code && a.status == b.status && a.clause.id == b.clause.id
    };
    let mut first: Vec<&v::Condition<'p>> = Vec::with_capacity(conditions.len());
    for condition in conditions {
        if !first.iter().any(|earlier| same(earlier, condition)) {
            first.push(condition);
        }
    }
    first
}

/// Writes of a condition what is to be met, and which clause says so.
fn compact_condition(to: &mut Encoder, condition: &v::Condition<'_>) {
    use tag::condition_state as t;
    to.text(t::CODE, condition.code);
    to.number(t::STATUS, condition.status.write());
    to.text(t::CLAUSE_ID, &condition.clause.id);
    to.flag(t::PRESUMED, condition.presumed);
}

fn condition<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    condition: &v::Condition<'p>,
    location: UnitsLocation,
) {
    use tag::condition_state as t;
    let v::Condition {
        code,
        status,
        clause,
        path,
        failed,
        presumed,
        // The release of the settlement says so.
        holds_money: _,
    } = condition;
    to.text(t::CODE, code);
    to.number(t::STATUS, status.write());
    to.text(t::CLAUSE_ID, &clause.id);
    to.spelled(t::PATH, &path.of_units(location));
    to.number(t::FAILED_OUTCOME, enums::write(*failed));
    m.text(to, t::TEXT, |s| s.condition(code, clause));
    to.flag(t::PRESUMED, *presumed);
}

fn obligation<'p>(m: &RenderContext<'p>, to: &mut Encoder, obligation: &v::Obligation<'p>) {
    use tag::obligation as t;
    let v::Obligation {
        code,
        party,
        clause,
        due,
    } = obligation;
    to.text(t::CODE, code);
    to.number(t::PARTY, party.write());
    to.text(t::CLAUSE_ID, &clause.id);
    to.optional(t::DUE, due.as_ref().map(v::Due::at_latest), bound);
    m.text(to, t::TEXT, |s| s.obligation(code, clause));
    to.optional(t::DUE_WAIT, due.as_ref().and_then(v::Due::wait), due_wait);
}
