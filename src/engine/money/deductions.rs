//! What is taken off the units of a row.

use super::formula::{not_known, of_row};
use super::{CitedSum, RowMoney};
use crate::domain::facts::Facts;
use crate::domain::money::{Amount, Rounding};
use crate::domain::verdict::{Arithmetic, SettlementItem, SettlementKind};
use crate::engine::read::world::World;
use crate::policy::terms::{Base, Formula, Scope, Sum};

/// Adds the deductions of a row that can still pay `payable`. An amount that nobody has told
/// is listed without one: it holds the money back.
pub(super) fn deduct<'a>(
    world: &World<'a, '_>,
    deductions: &[CitedSum<'a>],
    payable: Amount,
    money: &mut RowMoney<'a>,
) {
    let mut left = payable;
    let mut take = |of: CitedSum<'a>, worked: Option<(Amount, Arithmetic)>| {
        let (amount, arithmetic) = match worked {
            Some((amount, arithmetic)) => (Some(amount), arithmetic),
            None => (None, not_known(of.sum)),
        };
        money.more.push(SettlementItem {
            kind: SettlementKind::Deduction,
            code: &of.sum.code,
            line_id: world.line.map(|l| l.id),
            shipment_id: None,
            amount,
            clause: Some(of.clause),
            arithmetic,
        });
    };
    // What is known is taken first: where nothing is left then, nothing is open.
    let mut open = Vec::new();
    for of in deductions {
        match one(world, of.sum, left) {
            Some((amount, arithmetic)) => {
                left = left.less(amount);
                take(*of, Some((amount, arithmetic)));
            }
            None => open.push(*of),
        }
    }
    for of in open {
        take(of, one(world, of.sum, left));
    }
}

/// Works out one deduction, at most what is left; `None`: it is not known.
fn one(world: &World<'_, '_>, sum: &Sum, left: Amount) -> Option<(Amount, Arithmetic)> {
    match (&sum.formula, sum.scope) {
        (Formula::Fixed(each, _), Scope::Unit) => {
            let amount = per_piece(world, *each).at_most(left);
            let arithmetic = Arithmetic::PerPiece {
                each: *each,
                pieces: world.row.quantity,
                cap: left,
            };
            Some((amount, arithmetic))
        }
        (Formula::Percent(basis_points, Base::Paid, Rounding::HalfUp), Scope::Row) => {
            let (amount, arithmetic) = percent(world, *basis_points);
            Some((amount.at_most(left), arithmetic))
        }
        _ => of_row(world, sum, Some(left)),
    }
}

/// Returns a share of what the units can still pay, worked out cumulatively: what is
/// taken from all units up to these, less the same for those before, so that splits of
/// a line add up.
fn percent(world: &World<'_, '_>, basis_points: u32) -> (Amount, Arithmetic) {
    let row = &world.row;
    let base = |units: i32| {
        let worth = world.facts.worth_upto(row.line, units);
        worth.unwrap_or_default()
    };
    let (before, upto) = (
        base(row.earlier),
        base(row.earlier.saturating_add(row.quantity)),
    );
    let cut = |base: Amount| base.fraction_half_up(i64::from(basis_points), 10_000);
    let arithmetic = Arithmetic::Percent {
        base: upto,
        before,
        basis_points,
    };
    (cut(upto).less(cut(before)), arithmetic)
}

/// Returns a fixed amount for each unit, at most what the unit can still pay, so that
/// splits of a line add up.
fn per_piece(world: &World<'_, '_>, each: Amount) -> Amount {
    let row = &world.row;
    if is_below_every_unit(world.facts, row.line, each) {
        return each.times(row.quantity);
    }
    let unit = |n: i32| {
        let mut one = *row;
        one.earlier = row.earlier.saturating_add(n);
        one.quantity = 1;
        let worth = world.facts.worth(&one);
        worth.unwrap_or_default().at_most(each)
    };
    (0..row.quantity).map(unit).sum()
}

/// Whether each unit of a line can pay an amount, since nothing was given back before.
fn is_below_every_unit(facts: &Facts<'_>, line: usize, each: Amount) -> bool {
    let order = facts.order();
    let (Some(net), Some(bought)) = (facts.line_net(line), order.lines.get(line)) else {
        return false;
    };
    let least = net.minor().checked_div(i64::from(bought.quantity));
    order.earlier.is_empty() && least.is_some_and(|least| each.minor() <= least)
}
