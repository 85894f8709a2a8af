//! Amounts that nobody has told: what is asked for, and what holds the money back.

use super::Shaped;
use super::formula::counted;
use crate::domain::facts::{Facts, Line, Order};
use crate::domain::path::{Field, FieldPath, Owner, UnitsPlace};
use crate::domain::spell::Spell;
use crate::domain::time::EventTime;
use crate::domain::verdict::{
    AskedField, Cite, Condition, ConditionStatus, Missing, MissingFact, Question,
};
use crate::domain::vocabulary::{Class, Fact, Kind};
use crate::engine::kept::{self, Among};
use crate::engine::read::read;
use crate::engine::world::{Key, World};
use crate::policy::terms::{Base, Formula, Sum};

/// Code of the condition that an amount to be taken off is told.
const AMOUNT_FOUND: &str = "amount_found";

/// Path of the discount on the order.
pub(in crate::engine) const DISCOUNT: &str = "order.discount";

/// Whether an amount is stated of units, rather than of what is wider.
pub(super) fn is_of_units(stated: Fact) -> bool {
    stated.spec().field.owner() == Owner::Units
}

/// Asks for what a sum is made of and nobody has told, as far as it can be known; where it
/// cannot be known yet, money that is taken off waits for it under an open condition.
pub(super) fn needs<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    sum: &'a Sum,
    (clause, holds): (Cite<'a>, bool),
) {
    let mut keys: Vec<Key<'a>> = Vec::new();
    match &sum.formula {
        Formula::Fixed(..) => return,
        Formula::Stated(fact) => keys.extend(unknown_amount(world, *fact)),
        formula => {
            let facts = formula.facts().into_iter();
            let amounts = facts.filter(|fact| fact.spec().kind == Kind::Amount);
            keys.extend(amounts.filter_map(|fact| unknown_amount(world, fact)));
            let counts = formula.counts().into_iter();
            keys.extend(counts.filter_map(|count| counted(world, count).err()));
            ask_for_bases(world, shaped, (formula, Among::of(sum.scope)));
        }
    }
    if !keys.is_empty() {
        world.scratch.read_own();
    }
    for key in keys {
        if can_be_told(world, key) {
            shaped.missing.append(world.missing(key));
        } else if holds {
            hold(shaped, world.path(key), clause);
        }
    }
}

/// Returns the key of an amount that nobody has told; `None`: it is told.
fn unknown_amount<'a>(world: &World<'a, '_>, fact: Fact) -> Option<Key<'a>> {
    let told = match fact {
        Fact::OrderValue | Fact::KeptValue => read(world, fact, None).amount(),
        fact => world.stated(fact),
    };
    told.is_none().then(|| world.key_of(fact))
}

/// Asks for what parts are taken of, as far as it is no fact.
fn ask_for_bases(
    world: &World<'_, '_>,
    shaped: &mut Shaped<'_>,
    (formula, among): (&Formula, Among),
) {
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
                for place in kept::kept_lines(world, among) {
                    let line = order.lines.get(place).into_iter();
                    let missing = line.flat_map(|line| missing_of_line(line, place));
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

/// Returns the facts of which what was paid for a line is made up, as far as they are
/// missing.
pub(in crate::engine) fn missing_prices(facts: &Facts<'_>, of: usize) -> Missing {
    let order = facts.order();
    let mut missing = Missing::default();
    if order.discount.is_none() {
        missing
            .facts
            .push(field(DISCOUNT.to_owned(), AskedField::OrderDiscount));
    }
    if let Some(line) = order.lines.get(of) {
        missing.facts.extend(missing_of_line(line, of));
    }
    let mut lines = order.lines.iter().enumerate();
    missing.other_prices = shares_discount(order)
        && lines.any(|(place, line)| {
            place != of && (line.gross().is_none() || line.discount.is_none())
        });
    missing
}

/// Returns the facts of which the value of the order is made up, as far as they are missing;
/// `of` is the line of the units.
pub(in crate::engine) fn missing_value(facts: &Facts<'_>, of: usize) -> Missing {
    let mut missing = missing_prices(facts, of);
    missing.order_value = true;
    missing.other_prices = prices_of_all(facts).any(|(line, _)| line != of);
    missing
}

/// Returns the missing prices of all lines, each with the place of its line.
pub(in crate::engine) fn prices_of_all(
    facts: &Facts<'_>,
) -> impl Iterator<Item = (usize, MissingFact)> {
    let lines = facts.order().lines.iter().enumerate();
    lines.flat_map(|(place, line)| missing_of_line(line, place).map(move |fact| (place, fact)))
}

/// Whether a discount on the order is shared by what every line cost, or may be.
fn shares_discount(order: &Order<'_>) -> bool {
    order.discount.is_none_or(|discount| !discount.is_zero())
}

/// Returns what is missing of what a line cost.
fn missing_of_line(line: &Line<'_>, place: usize) -> impl Iterator<Item = MissingFact> {
    let price = line.gross().is_none().then(|| unit_price(place));
    let discount = line.discount.is_none();
    let discount = discount.then(|| field_of_line("discount", place, AskedField::LineDiscount));
    price.into_iter().chain(discount)
}

fn unit_price(place: usize) -> MissingFact {
    field_of_line("unit_price", place, AskedField::UnitPrice)
}

fn field_of_line(name: &'static str, line: usize, asked: AskedField) -> MissingFact {
    let place = UnitsPlace {
        line,
        ..UnitsPlace::default()
    };
    let path = FieldPath::to(Field::of(Owner::Line, name));
    field(path.of_units(place).spelled(), asked)
}

/// Asks for a field that is no fact.
pub(in crate::engine) fn field(path: impl Into<String>, asked: AskedField) -> MissingFact {
    MissingFact {
        path: path.into(),
        question: Question::Field(asked),
        guide: None,
    }
}

/// Asks for the price of the goods that are wanted in exchange.
pub(super) fn ask_for_wanted_price(shaped: &mut Shaped<'_>) {
    shaped
        .missing
        .facts
        .push(stated_fact(Fact::WantedUnitPrice));
}

/// Asks for an amount that is a fact of the order or the request.
pub(in crate::engine) fn stated_fact(fact: Fact) -> MissingFact {
    let path = FieldPath::to(fact.spec().field);
    MissingFact {
        path: path.of_units(UnitsPlace::default()).spelled(),
        question: Question::Fact(fact, None),
        guide: None,
    }
}
