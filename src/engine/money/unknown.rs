//! Amounts that nobody has told: what is asked for, and what holds the money back.

use super::bounds::{AmountInterval, Bounds};
use super::formula::{
    FormulaInputs, UnitRange, counted, known_amount, of_unit, payable, price_of, range_of_units,
    upto,
};
use super::{MoneyTerms, Shaped};
use crate::domain::money::Amount;
use crate::domain::path::{FieldPath, Owner};
use crate::domain::time::EventTime;
use crate::domain::verdict::{AskedField, Cite, Condition, ConditionStatus};
use crate::domain::vocabulary::{Class, Fact, Kind};
use crate::engine::read::kept;
use crate::engine::read::kept::Among;
use crate::engine::read::prices::{
    DISCOUNT, field, missing_of_line, missing_prices, stated_fact, unit_price,
};
use crate::engine::read::world::{Key, World};
use crate::policy::terms::{Base, Formula, Scope, Sum};

/// Code of the condition that an amount to be taken off is told.
const AMOUNT_FOUND: &str = "amount_found";

/// Whether an amount is stated of units, rather than of what is wider.
pub(super) fn is_of_units(stated: Fact) -> bool {
    stated.spec().field.owner() == Owner::Units
}

/// Names what an amount can at most be of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Off {
    /// Nothing limits it.
    Nothing,
    /// What the order pays, which is not known here.
    Refund,
    /// What the units can still pay, whatever else is taken off: in which order clauses stand
    /// changes nothing.
    Goods,
}

/// Asks for what a sum is made of and nobody has told, as far as it can be known; where it
/// cannot be known yet, money that is taken off (`holds`) waits for it under an open condition.
pub(super) fn needs<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    sum: &'a Sum,
    clause: Cite<'a>,
    holds: bool,
    off: Off,
) {
    if matches!(sum.formula, Formula::Fixed(..)) {
        return;
    }
    ask_for_bases(world, shaped, &sum.formula, Among::of(sum.scope));
    if is_known(world, &sum.formula) {
        return;
    }
    // What it turns on depends on what the units of the row cost.
    world.scratch.read_own();
    for key in turned_on(world, &shaped.terms, sum, off) {
        if can_be_told(world, key) {
            shaped.missing.append(world.missing(key));
        } else if holds {
            hold(shaped, world.path(key), clause);
        }
    }
}

/// Whether all that a formula reads is known.
fn is_known(world: &World<'_, '_>, formula: &Formula) -> bool {
    let mut facts = formula.facts().into_iter();
    let amounts = |fact: &Fact| fact.spec().kind == Kind::Amount;
    let mut counts = formula.counts().into_iter();
    facts.all(|fact| !amounts(&fact) || known_amount(world, fact).is_some())
        && counts.all(|count| counted(world, count).is_ok())
}

/// Lists what is not known and makes a difference to a sum: nothing can be taken `off` a row
/// that has nothing left.
fn turned_on<'a>(
    world: &World<'a, '_>,
    terms: &MoneyTerms<'a>,
    sum: &Sum,
    off: Off,
) -> Vec<Key<'a>> {
    let mut keys = Vec::new();
    let row = &world.row;
    let moves = sum.scope.is_of_row() && !is_alone(world);
    if moves {
        turned_on_by_line(world, sum, off, &mut keys);
        if keys.is_empty() && off == Off::Goods && has_nothing(world) {
            return keys;
        }
    }
    let bounds = |basis: FormulaInputs| Bounds {
        world,
        basis,
        priced: world.facts.line_net(row.line).is_some(),
    };
    let left = match off {
        Off::Nothing | Off::Refund => None,
        Off::Goods => world
            .facts
            .worth(row)
            .map(|worth| payable(world.facts, Some(worth))),
    };
    // Units that others come before can pay more than alone.
    let left = left.filter(|_| !moves);
    if left.is_some_and(Amount::is_zero) {
        return keys;
    }
    match sum.scope {
        Scope::Unit => {
            let all = range_of_units(world, &sum.formula, left.is_some());
            if all.only(AmountInterval::up_to(left)).is_some() {
                return keys;
            }
            for unit in 0..row.quantity {
                let basis = of_unit(world, unit);
                let bounds = bounds(basis);
                let cap = left.map(|left| left.at_most(basis.paid));
                bounds.asked(&sum.formula, AmountInterval::up_to(cap), &mut keys);
            }
        }
        Scope::Row => {
            let all = row.earlier.saturating_add(row.quantity);
            // What units before them take of it counts before the cap.
            let cap = left.filter(|_| row.earlier == 0);
            bounds(upto(world, all)).asked(&sum.formula, AmountInterval::up_to(cap), &mut keys);
        }
        scope @ (Scope::Line
        | Scope::Group
        | Scope::Parcel
        | Scope::ReturnParcel
        | Scope::Request
        | Scope::Order) => {
            let mut basis = FormulaInputs {
                paid: payable(world.facts, world.facts.worth(row)),
                price: price_of(world, row.line, UnitRange::of_row(row)),
                units: UnitRange::first(row.quantity),
                among: Among::of(scope),
            };
            // What pays nothing has no part in what is taken off.
            if off == Off::Refund && !terms.pays() {
                basis.paid = Amount::ZERO;
                basis.price = Some(Amount::ZERO);
            }
            basis.add_earlier(world, sum);
            bounds(basis).asked(&sum.formula, AmountInterval::up_to(None), &mut keys);
        }
    }
    keys
}

/// Whether no other row of the request is of the same line.
fn is_alone(world: &World<'_, '_>) -> bool {
    let rows = world.facts.rows().iter();
    rows.filter(|row| row.line == world.row.line).count() < 2
}

/// Whether the units that are left of the row's line can pay nothing.
fn has_nothing(world: &World<'_, '_>) -> bool {
    let units = world.line.map_or(0, |line| line.quantity);
    let before = world.facts.used_up(world.row.line);
    let paid = world.facts.worth_upto(world.row.line, units);
    paid.is_some_and(|paid| payable(world.facts, Some(paid.less(before))).is_zero())
}

/// Lists what a sum can turn on wherever the units of its row stand among those of their line:
/// the units of other rows can come before them.
fn turned_on_by_line<'a>(world: &World<'a, '_>, sum: &Sum, off: Off, keys: &mut Vec<Key<'a>>) {
    let units = world.line.map_or(0, |line| line.quantity);
    if off == Off::Goods && has_nothing(world) {
        return;
    }
    let bounds = Bounds {
        world,
        basis: upto(world, units),
        priced: world.facts.line_net(world.row.line).is_some(),
    };
    bounds.asked(&sum.formula, AmountInterval::up_to(None), keys);
}

/// Asks for what parts are taken of, as far as it is no fact.
fn ask_for_bases(world: &World<'_, '_>, shaped: &mut Shaped<'_>, formula: &Formula, among: Among) {
    let order = world.facts.order();
    for base in formula.bases() {
        match base {
            Base::Delivery if order.delivery.paid.is_none() => {
                let paid = field("order.delivery.paid", AskedField::DeliveryPaid);
                shaped.missing.facts.push(paid);
            }
            Base::StandardDelivery if order.delivery.standard_cost.is_none() => {
                let cost = field(
                    "order.delivery.standard_cost",
                    AskedField::DeliveryStandardCost,
                );
                shaped.missing.facts.push(cost);
            }
            Base::KeptDiscount if kept::discount(world, among).is_none() => {
                if order.discount.is_none() {
                    let discount = field(DISCOUNT, AskedField::OrderDiscount);
                    shaped.missing.facts.push(discount);
                }
                for index in kept::kept_lines(world, among) {
                    let line = order.lines.get(index).into_iter();
                    let missing = line.flat_map(|line| missing_of_line(line, index));
                    shaped.missing.facts.extend(missing);
                }
            }
            Base::Price => {
                let line = world.line.filter(|line| line.gross().is_none());
                let price = line.map(|_| unit_price(world.row.line));
                shaped.missing.facts.extend(price);
            }
            // What was paid is asked for with the price of the units.
            Base::Paid
            | Base::Delivery
            | Base::StandardDelivery
            | Base::KeptDiscount
            | Base::Stated(_) => {}
        }
    }
}

/// Whether somebody can tell a fact by now: not what an examination finds or what has not
/// happened yet. What happened at a time that nobody knows is reviewed.
fn can_be_told(world: &World<'_, '_>, key: Key<'_>) -> bool {
    match key {
        Key::Fact(fact, ..) => match fact.spec().known_after {
            Some(cause) => world.occurred(cause) == Some(true),
            None => fact.spec().class != Class::Finding,
        },
        Key::Event(event, _) => match world.event(event).0 {
            EventTime::NotYet => false,
            EventTime::Unknown => !event.spec().to_come,
            EventTime::Happened | EventTime::At(_) | EventTime::On(_) => true,
        },
        Key::Shipment | Key::Zone(_) | Key::Currency => true,
    }
}

/// Lets money wait until an amount is found.
fn hold<'a>(shaped: &mut Shaped<'a>, path: FieldPath<'a>, clause: Cite<'a>) {
    let conditions = &mut shaped.entitlement.conditions;
    if conditions
        .iter()
        .any(|c| c.code == AMOUNT_FOUND && c.path == path)
    {
        return;
    }
    conditions.push(Condition {
        code: AMOUNT_FOUND,
        status: ConditionStatus::Open,
        clause,
        path,
        failed: None,
        presumed: false,
        holds_money: true,
    });
}

/// Asks for what was paid for the row's units.
pub(super) fn ask_for_prices(world: &World<'_, '_>, shaped: &mut Shaped<'_>) {
    let missing = missing_prices(world.facts, world.row.line);
    shaped.missing.append(missing);
}

/// Asks for the price of the goods that are wanted in exchange.
pub(super) fn ask_for_wanted_price(shaped: &mut Shaped<'_>) {
    shaped
        .missing
        .facts
        .push(stated_fact(Fact::WantedUnitPrice));
}
