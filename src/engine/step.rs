//! What has to be done next for each row, and what may be paid now.

use super::approved::{Approved, approved};
use super::case::{Asked, Case};
use super::release::release;
use super::rows::Decided;
use super::world::World;
use crate::domain::facts::Remedy;
use crate::domain::money::Amount;
use crate::domain::verdict::{
    ConditionStatus, NextStep, Settlement, SettlementItem, SettlementKind,
};

/// Returns the step of each row, and fills in what may be paid now.
pub(super) fn next_steps(
    case: Case<'_, '_>,
    ask: Asked<'_>,
    decided: &mut Decided<'_>,
) -> Vec<NextStep> {
    let waits = |of: &Approved<'_, '_>| waits(case, ask, of);
    let mut waiting = Amount::ZERO;
    let mut waits_for_all = false;
    for of in approved(&decided.rows, &decided.drafts).filter(waits) {
        waits_for_all = true;
        if is_money(&of) {
            waiting = waiting.plus(of.row.money.worth.unwrap_or_default());
        }
    }
    // What belongs to the order as a whole waits as long as any of its rows.
    if let Some(settlement) = &mut decided.settlement {
        let payable = settlement.refund_total.less(waiting);
        settlement.payable_now_total = match waits_for_all {
            true => payable.less(of_order(settlement)),
            false => payable,
        };
    }
    let nothing = decided
        .settlement
        .as_ref()
        .is_none_or(|settlement| settlement.payable_now_total.is_zero());
    let steps = decided.each().map(|(row, draft)| {
        let outcome = draft.decision.outcome;
        if let Some(step) = NextStep::without_approval(outcome) {
            return step;
        }
        let Some(terms) = draft.terms.as_deref() else {
            return NextStep::CarryOut;
        };
        let of = Approved { row, draft, terms };
        let worth = row.money.worth;
        let is_worth_nothing = terms.pays() && worth.is_none_or(|worth| worth.is_zero());
        match waits(&of) {
            true => NextStep::Wait,
            false if nothing || is_worth_nothing || !is_money(&of) => NextStep::CarryOut,
            false => NextStep::Pay,
        }
    });
    steps.collect()
}

/// Whether what a row was granted waits: for an event or a condition that holds its money,
/// and without money for any condition that is open.
fn waits(case: Case<'_, '_>, ask: Asked<'_>, of: &Approved<'_, '_>) -> bool {
    let released = release(&[*of], |row| World::new(case, ask, row));
    let is_open = |status: ConditionStatus| status == ConditionStatus::Open;
    let conditions = of
        .draft
        .decision
        .entitlement
        .as_ref()
        .map(|e| &e.conditions);
    let mut open = conditions.into_iter().flatten();
    !released.is_now() || (!is_money(of) && open.any(|c| is_open(c.status) && !c.presumed))
}

/// Whether a row is paid in money.
fn is_money(of: &Approved<'_, '_>) -> bool {
    let pays_out = of.terms.uses_credit() && of.terms.remedy != Remedy::CreditUse;
    pays_out || (of.terms.pays() && !of.terms.is_credit())
}

/// Returns what a settlement adds for the order and not for one line.
fn of_order(settlement: &Settlement<'_>) -> Amount {
    let adds = |item: &&SettlementItem<'_>| match item.kind {
        SettlementKind::Goods
        | SettlementKind::Delivery
        | SettlementKind::Options
        | SettlementKind::Reimbursement => item.line_id.is_none(),
        SettlementKind::Deduction
        | SettlementKind::Charge
        | SettlementKind::Cap
        | SettlementKind::CreditUsed => false,
    };
    let added = settlement.items.iter().filter(adds);
    added.filter_map(|item| item.amount).sum()
}
