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
            index.remaining = Some(remaining(order, line, (net, index.consumed)));
        }
    }
}

/// Works out what is left of one line.
///
/// Nobody says which units were kept at a reduced price or got in exchange, so that
/// those come back first; one has come back already where earlier units were paid less
/// than they were worth by as much as it was reduced.
fn remaining(order: &Order<'_>, line: &Line<'_>, (net, consumed): (Amount, i32)) -> Remaining {
    let of_line = |e: &&EarlierRemedy<'_>| e.line == Some(line.id);
    let earlier = || order.earlier.iter().filter(of_line);
    let one = |k: i32| part(net, line.quantity, k, 1);
    let kept = earlier().filter(|e| !e.is_consumed() && !e.amount.is_zero());
    let mut reductions: Vec<Amount> = Vec::new();
    for reduced in kept {
        for unit in 0..reduced.quantity.max(0) {
            let share = part(reduced.amount, reduced.quantity, unit, 1);
            match usize::try_from(unit)
                .ok()
                .and_then(|unit| reductions.get_mut(unit))
            {
                Some(sum) => *sum = sum.plus(share),
                None => reductions.push(share),
            }
        }
    }
    let paid_back = earlier().filter(|e| e.is_consumed() && pays(e.remedy));
    let units = paid_back
        .clone()
        .fold(0_i32, |sum, e| sum.saturating_add(e.quantity));
    let worth = part(net, line.quantity, 0, units);
    let mut shortfall = worth.less(paid_back.map(|e| e.amount).sum());
    let mut used_up = part(net, line.quantity, 0, consumed);
    let mut reductions = reductions.into_iter().peekable();
    for _ in 0..consumed {
        let Some(reduction) = reductions.next_if(|r| !r.is_zero() && *r <= shortfall) else {
            break;
        };
        shortfall = shortfall.less(reduction);
        used_up = used_up.less(reduction);
    }
    let budget = net.less(earlier().map(|e| e.amount).sum());
    let mut sum = Amount::ZERO;
    let mut left = vec![sum];
    for unit in consumed..line.quantity {
        let reduction = reductions.next().unwrap_or_default();
        sum = sum.plus(one(unit).less(reduction));
        left.push(sum.at_most(budget));
    }
    Remaining {
        used_up,
        left,
        shortfall,
    }
}

/// Whether a remedy pays for the units that it uses up.
const fn pays(remedy: Remedy) -> bool {
    matches!(
        remedy,
        Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit
    )
}
