//! What has to be done next for each row, and what may be paid now.

use super::approved::{Approved, approved};
use super::release::release;
use crate::domain::facts::Remedy;
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::verdict::{
    ConditionStatus, NextStep, Settlement, SettlementItem, SettlementKind,
};
use crate::engine::entitle::decided::Decided;
use crate::engine::money::{Difference, Exchanged};
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::world::World;

/// Returns the step of each row, and fills in what may be paid now.
pub(crate) fn next_steps(
    context: DecisionContext<'_, '_>,
    asked: Asked<'_>,
    decided: &mut Decided<'_>,
) -> Few<NextStep> {
    let mut steps = Few::with_capacity(decided.rows.len());
    let settlement = decided.settlement.as_ref();
    let all_released = settlement.is_none_or(|settlement| settlement.release.is_now());
    let mut held = Amount::ZERO;
    // What is exchanged comes to one difference, which waits for all of it.
    let back = paid_back(decided);
    let mut back_is_held = false;
    // Rows that share a draft are held by the same.
    let mut last: Option<(usize, bool)> = None;
    for (row, draft) in decided.each() {
        if let Some(step) = NextStep::without_approval(draft.decision.outcome) {
            steps.push(step);
            continue;
        }
        let Some(terms) = draft.terms.as_deref() else {
            steps.push(NextStep::CarryOut);
            continue;
        };
        let of = Approved { row, draft, terms };
        let is_held = match last {
            _ if all_released => false,
            Some((draft, is_held)) if draft == row.draft => is_held,
            _ => !release(&[of], |row| World::new(context, asked, row)).is_now(),
        };
        last = Some((row.draft, is_held));
        let worth = row.money.worth.unwrap_or_default();
        let has_difference = back.is_some() && row.money.exchanged.is_some();
        let is_money = has_difference || is_money(&of);
        back_is_held |= is_held && has_difference;
        if is_held && is_money {
            held = held.plus(worth);
        }
        steps.push(if is_held || (!is_money && is_open(&of)) {
            NextStep::Wait
        } else if is_money && (!terms.pays() || !worth.is_zero()) {
            NextStep::Pay
        } else {
            NextStep::CarryOut
        });
    }
    if let Some(settlement) = &mut decided.settlement {
        // What belongs to the order as a whole waits as long as any of its rows.
        let payable = match all_released {
            true => settlement.refund_total,
            false => {
                held = held.plus(back.filter(|_| back_is_held).unwrap_or_default());
                // What the order cannot pay is taken off what waits first.
                let waits = held.plus(of_order(settlement)).less(over(settlement));
                settlement.refund_total.less(waits)
            }
        };
        // What may still be taken off waits as well.
        settlement.payable_now_total = payable.at_most(settlement.payable_now_total);
        if settlement.payable_now_total.is_zero() {
            let paying = steps.iter_mut().filter(|step| **step == NextStep::Pay);
            paying.for_each(|step| *step = NextStep::CarryOut);
        }
    }
    steps
}

/// Returns what is paid back where wanted goods cost less than those that come back.
fn paid_back(decided: &Decided<'_>) -> Option<Amount> {
    let approved = approved(&decided.rows, &decided.drafts);
    let exchanged = approved.filter_map(|of| of.row.money.exchanged);
    match exchanged.reduce(Exchanged::with)?.difference()? {
        (Difference::Refund, amount) => Some(amount),
        (Difference::Owed | Difference::Credit, _) => None,
    }
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

/// Returns what rows come to more than the order can pay.
fn over(settlement: &Settlement<'_>) -> Amount {
    let items = settlement.items.iter();
    let caps = items.filter(|item| item.kind == SettlementKind::Cap && item.line_id.is_none());
    caps.filter_map(|item| item.amount).sum()
}

/// Returns what a settlement adds for the order and not for one line.
fn of_order(settlement: &Settlement<'_>) -> Amount {
    let adds = |item: &&SettlementItem<'_>| match item.kind {
        SettlementKind::Delivery | SettlementKind::Options | SettlementKind::Reimbursement => {
            item.line_id.is_none()
        }
        // Of a line it is of units that came back before.
        SettlementKind::GivenBack => true,
        // Goods are of lines, or the difference of an exchange.
        SettlementKind::Goods
        | SettlementKind::Deduction
        | SettlementKind::Charge
        | SettlementKind::Cap
        | SettlementKind::CreditUsed => false,
    };
    let added = settlement.items.iter().filter(adds);
    added.filter_map(|item| item.amount).sum()
}
