//! What is taken off the units of a row.

use super::{RowMoney, is_of_units};
use crate::domain::facts::Facts;
use crate::domain::money::{Amount, part};
use crate::domain::verdict::{Arithmetic, Cite, SettlementItem, SettlementKind};
use crate::domain::vocabulary::Fact;
use crate::engine::world::World;
use crate::policy::terms::Deduction;

/// Adds the deductions of a row that can still pay `payable`; returns the clause of an
/// amount in another currency than the order's. An amount that nobody has told is listed
/// without one: it holds the money back.
pub(super) fn deduct<'a>(
    world: &World<'a, '_>,
    deductions: &[(&'a Deduction, Cite<'a>)],
    payable: Amount,
    money: &mut RowMoney<'a>,
) -> Option<Cite<'a>> {
    let mut foreign_currency = None;
    let mut left = payable;
    for (deduction, cite) in deductions {
        let (amount, arithmetic) = match deduction {
            Deduction::PerPiece(_, currency) if *currency != world.facts.order().currency => {
                foreign_currency = Some(*cite);
                continue;
            }
            Deduction::PerPiece(each, _) => {
                let amount = per_piece(world, *each).at_most(left);
                let arithmetic = Arithmetic::PerPiece {
                    each: *each,
                    pieces: world.row.quantity,
                    cap: left,
                };
                (amount, arithmetic)
            }
            Deduction::Percent(basis_points) => {
                let (amount, arithmetic) = percent(world, *basis_points);
                (amount.at_most(left), arithmetic)
            }
            Deduction::Stated(stated) => match stated_of_row(world, *stated) {
                None => {
                    let of = Arithmetic::Unknown {
                        amount: stated.word(),
                    };
                    money.more.push(deduction_of(world, None, cite, of));
                    continue;
                }
                Some(amount) => {
                    let arithmetic = Arithmetic::Stated {
                        stated: amount,
                        cap: left,
                    };
                    (amount.at_most(left), arithmetic)
                }
            },
            // Taken off the order, not the row.
            Deduction::PerOrder(..) => continue,
        };
        left = left.less(amount);
        money
            .more
            .push(deduction_of(world, Some(amount), cite, arithmetic));
    }
    foreign_currency
}

fn deduction_of<'a>(
    world: &World<'a, '_>,
    amount: Option<Amount>,
    cite: Cite<'a>,
    arithmetic: Arithmetic,
) -> SettlementItem<'a> {
    SettlementItem {
        kind: SettlementKind::Deduction,
        code: "",
        line_id: world.line.map(|l| l.id),
        amount,
        clause: Some(cite),
        arithmetic,
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

/// Returns an amount that the facts state: of a group of units the row's part of it.
pub(in crate::engine) fn stated_of_row(world: &World<'_, '_>, stated: Fact) -> Option<Amount> {
    let amount = world.stated(stated)?;
    if !is_of_units(stated) {
        return Some(amount);
    }
    let (row, group) = (world.row, world.group?);
    Some(part(amount, group.quantity, row.offset, row.quantity))
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
