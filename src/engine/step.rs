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
    let is_held = |of: &Approved<'_, '_>| {
        let released = release(&[*of], |row| World::new(case, ask, row));
        !released.is_now()
    };
    let mut held: Option<Amount> = None;
    for of in approved(&decided.rows, &decided.drafts).filter(is_held) {
        let worth = of.row.money.worth.filter(|_| is_money(&of));
        held = Some(held.unwrap_or_default().plus(worth.unwrap_or_default()));
    }
    if let Some(settlement) = &mut decided.settlement {
        let payable = settlement.refund_total.less(held.unwrap_or_default());
        settlement.payable_now_total = match held {
            // What belongs to the order as a whole waits as long as any of its rows.
            Some(_) => payable.less(of_order(settlement)),
            None => payable,
        };
    }
    let payable = decided.settlement.as_ref();
    let payable = payable.is_some_and(|settlement| !settlement.payable_now_total.is_zero());
    let steps = decided.each().map(|(row, draft)| {
        if let Some(step) = NextStep::without_approval(draft.decision.outcome) {
            return step;
        }
        let Some(terms) = draft.terms.as_deref() else {
            return NextStep::CarryOut;
        };
        let of = Approved { row, draft, terms };
        let is_paid = match terms.pays() {
            true => row.money.worth.is_some_and(|worth| !worth.is_zero()),
            false => true,
        };
        let waits = is_held(&of) || (!is_money(&of) && is_open(&of));
        match (waits, payable && is_paid && is_money(&of)) {
            (true, _) => NextStep::Wait,
            (false, true) => NextStep::Pay,
            (false, false) => NextStep::CarryOut,
        }
    });
    steps.collect()
}

/// Whether a condition of what a row was granted is open.
fn is_open(of: &Approved<'_, '_>) -> bool {
    let entitlement = of.draft.decision.entitlement.as_ref();
    let mut conditions = entitlement.into_iter().flat_map(|of| &of.conditions);
    conditions.any(|c| c.status == ConditionStatus::Open && !c.presumed)
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
