//! What the units of a line can still pay, after what was given back for it before.

use super::index::LineIndex;
use super::{EarlierRemedy, Line, Order, Remedy};
use crate::domain::money::{Amount, part};

/// Holds what earlier remedies left of the price of a line.
#[derive(Clone, Debug)]
pub(super) struct Remaining {
    /// What the units that were used up were worth.
    pub used_up: Amount,
    /// What the first `k` of the units that are left can still pay, by `k`.
    pub left: Vec<Amount>,
    /// What was paid on top of the first `k` of these when they were exchanged, by `k`.
    pub on_top: Vec<Amount>,
    /// How much less was paid for earlier units than they were worth.
    pub shortfall: Amount,
}

/// Works out what is left of lines for which something was given back before. Lines have
/// their net amounts.
pub(super) fn fill(order: &Order<'_>, lines: &mut [LineIndex]) {
    for (line, index) in order.lines.iter().zip(lines) {
        let mut earlier = order.earlier.iter();
        if let Some(net) = index.net
            && earlier.any(|e| e.line == Some(line.id))
        {
            index.remaining = Some(remaining(order, line, net, index.consumed));
        }
    }
}

/// Works out what is left of one line, whose units cost `net` in all and of which `consumed`
/// units are used up.
///
/// Nobody says which units were kept at a reduced price or got in exchange, so that
/// those come back first; one has come back already where earlier units were paid less
/// than they were worth by as much as it was reduced, or more than they cost where
/// something was paid on top of it.
fn remaining(order: &Order<'_>, line: &Line<'_>, net: Amount, consumed: i32) -> Remaining {
    let of_line = |e: &&EarlierRemedy<'_>| e.line == Some(line.id);
    let earlier = || order.earlier.iter().filter(of_line);
    let one = |k: i32| part(net, line.quantity, k, 1);
    let kept = || earlier().filter(|e| !e.is_consumed());
    let reductions = by_unit(kept().map(|e| (e.amount, e.quantity)));
    let surcharges = by_unit(kept().map(|e| (e.surcharge, e.quantity)));
    let paid_back = earlier().filter(|e| e.is_consumed() && pays(e.remedy));
    let units = paid_back
        .clone()
        .fold(0_i32, |sum, e| sum.saturating_add(e.quantity));
    let worth = part(net, line.quantity, 0, units);
    let back: Amount = paid_back.map(|e| e.amount).sum();
    let (mut shortfall, mut excess) = (worth.less(back), back.less(worth));
    let mut used_up = part(net, line.quantity, 0, consumed);
    let mut surcharges = surcharges.into_iter().peekable();
    for _ in 0..consumed {
        if excess.is_zero() {
            break;
        }
        let Some(surcharge) = surcharges.next() else {
            break;
        };
        shortfall = shortfall.plus(surcharge.less(excess));
        excess = excess.less(surcharge);
        used_up = used_up.plus(surcharge);
    }
    let mut reductions = reductions.into_iter().peekable();
    for _ in 0..consumed {
        let Some(reduction) = reductions.next_if(|r| !r.is_zero() && *r <= shortfall) else {
            break;
        };
        shortfall = shortfall.less(reduction);
        used_up = used_up.less(reduction);
    }
    let paid = net.plus(earlier().map(|e| e.surcharge).sum());
    let budget = paid.less(earlier().map(|e| e.amount).sum());
    let (mut sum, mut top) = (Amount::ZERO, Amount::ZERO);
    let (mut left, mut on_top) = (vec![sum], vec![top]);
    for unit in consumed..line.quantity {
        let reduction = reductions.next().unwrap_or_default();
        let surcharge = surcharges.next().unwrap_or_default();
        sum = sum.plus(one(unit).plus(surcharge).less(reduction));
        top = top.plus(surcharge);
        left.push(sum.at_most(budget));
        on_top.push(top);
    }
    Remaining {
        used_up,
        left,
        on_top,
        shortfall,
    }
}

/// Returns the shares that amounts of so many units have in each unit; the first units are
/// those of all of them.
fn by_unit(amounts: impl Iterator<Item = (Amount, i32)>) -> Vec<Amount> {
    let mut shares: Vec<Amount> = Vec::new();
    for (amount, quantity) in amounts.filter(|(amount, _)| !amount.is_zero()) {
        for unit in 0..quantity.max(0) {
            let share = part(amount, quantity, unit, 1);
            match usize::try_from(unit)
                .ok()
                .and_then(|unit| shares.get_mut(unit))
            {
                Some(sum) => *sum = sum.plus(share),
                None => shares.push(share),
            }
        }
    }
    shares
}

/// Whether a remedy pays for the units that it uses up.
const fn pays(remedy: Remedy) -> bool {
    matches!(
        remedy,
        Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit
    )
}
