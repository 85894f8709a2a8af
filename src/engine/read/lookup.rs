//! Reads each fact of the vocabulary from order and request: as it is told, or by its rule.
//!
//! The match of rules has no wildcard: a rule cannot be named without being written.

use super::kept;
use super::world::World;
use crate::domain::facts::{Facts, Line, OrderOption, PaymentMethod, RowIndex, UnitGroup, Value};
use crate::domain::path::Owner;
use crate::domain::time::{EventTime, Zone};
use crate::domain::vocabulary::{Event, Fact, FactRule, FactSpec, SHIPPED, WORTH};

/// Reads a fact; unknown where nobody said.
#[inline]
pub(crate) fn read<'a>(world: &World<'a, '_>, fact: Fact, parameter: Option<&str>) -> Value<'a> {
    let spec = fact.spec();
    match spec.rule {
        None => told_by(world, fact, spec),
        Some(rule) => by_rule(world, fact, rule, parameter.unwrap_or_default()),
    }
}

/// Returns what is told of a fact.
#[inline]
pub(crate) fn told<'a>(world: &World<'a, '_>, fact: Fact) -> Value<'a> {
    told_by(world, fact, fact.spec())
}

/// Returns what is told of a fact; `spec` describes it.
#[inline]
fn told_by<'a>(world: &World<'a, '_>, fact: Fact, spec: &FactSpec) -> Value<'a> {
    let order = world.facts.order();
    match spec.field.owner() {
        Owner::Order => order.facts.get_own(fact, spec),
        Owner::Line => match world.line {
            Some(line) => line.facts.get_own(fact, spec),
            None => Value::Unknown,
        },
        Owner::Parcel => {
            let parcel = world.shipment_index().and_then(|p| order.shipments.get(p));
            parcel.map_or(Value::Unknown, |parcel| parcel.facts.get_own(fact, spec))
        }
        Owner::Units => match world.group {
            Some(group) => group.facts.get_own(fact, spec),
            None => Value::Unknown,
        },
        Owner::Request => world.request_facts(spec.field).get_own(fact, spec),
        Owner::Action(action) if action == world.ask.action => {
            let own = world.group.and_then(|group| group.wanted.as_deref());
            let said = own.and_then(|wanted| wanted.said(fact));
            said.unwrap_or_else(|| world.ask.facts.get_own(fact, spec))
        }
        Owner::Action(_) => Value::Unknown,
    }
}

/// Reads a fact by its rule; `named` is the word that names it, such as a tag.
fn by_rule<'a>(world: &World<'a, '_>, fact: Fact, rule: FactRule, named: &str) -> Value<'a> {
    let order = world.facts.order();
    let (Some(line), group) = (world.line, world.group) else {
        return Value::Unknown;
    };
    match rule {
        FactRule::Age => age(world),
        FactRule::OrderTag => order.tags.has(named).into(),
        FactRule::Option => option_bought(world, named),
        FactRule::OptionLeft => option_left(world, named),
        FactRule::PaidWith => {
            let with = |method: PaymentMethod| method.word() == named;
            if order.payments.iter().any(|p| p.method.is_some_and(with)) {
                Value::YesNo(true)
            } else if order.payments.is_empty() || order.payments.iter().any(|p| p.method.is_none())
            {
                Value::Unknown
            } else {
                Value::YesNo(false)
            }
        }
        FactRule::OrderShipped => {
            let shipped = world.shipped().ok();
            shipped.filter(|word| SHIPPED.contains(word)).into()
        }
        FactRule::ShipmentCount => {
            // Units in no parcel belong to one more. Where none is told, nobody knows.
            match order.shipments.first() {
                Some(first) if first.named => count(order.shipments.len()),
                _ => Value::Unknown,
            }
        }
        FactRule::OrderValue => match world.facts.order_value() {
            (least, Some(most)) if least == most => Value::Amount(least),
            _ => Value::Unknown,
        },
        FactRule::Quantity => Value::Number(i64::from(line.quantity)),
        FactRule::Charged => order.charged().into(),
        FactRule::Tag => line.tags.has(named).into(),
        // Who speaks of the state of a seal says that there was one.
        FactRule::Sealed => told_or(world, fact, spoken_of(group, Fact::SealIntact)),
        FactRule::Set => is_set(line).into(),
        FactRule::Contains => {
            if line.contents.iter().any(|c| c == named) {
                Value::YesNo(true)
            } else if !line.contents.is_empty() || is_set(line) == Some(false) {
                // A set that lists its contents lists them all.
                Value::YesNo(line.facts.get(Fact::Category) == Value::Word(named))
            } else {
                Value::Unknown
            }
        }
        FactRule::Deteriorated => is_some_amount(told(world, Fact::Deterioration)),
        FactRule::ValueLost => is_some_amount(told(world, Fact::ValueLoss)),
        FactRule::FormSent => match world.event(Event::FormSend).0 {
            EventTime::Unknown => Value::Unknown,
            EventTime::NotYet => Value::YesNo(false),
            EventTime::At(_) | EventTime::On(_) | EventTime::Happened => Value::YesNo(true),
        },
        FactRule::WholeOrder => Value::YesNo(asks_whole_order(world.facts, world.rows)),
        FactRule::WholeGroup => Value::YesNo(kept::of_group(world) == 0),
        FactRule::GroupGone => {
            let gone = kept::bought_in_group(world).saturating_sub(kept::of_group(world));
            Value::Number(gone)
        }
        FactRule::GroupKept => Value::Number(kept::of_group(world)),
        FactRule::GroupQuantity => Value::Number(kept::bought_in_group(world)),
        FactRule::KeptValue => match kept::value(world) {
            Some(value) => Value::Amount(value),
            None => Value::Unknown,
        },
        FactRule::WantedWorth => wanted_worth(world),
        // Who wants it paid out says so.
        FactRule::Payout => Value::YesNo(told(world, fact) == Value::YesNo(true)),
    }
}

/// Returns what is told of a fact, or otherwise what follows from others.
fn told_or<'a>(world: &World<'a, '_>, fact: Fact, otherwise: Option<bool>) -> Value<'a> {
    match told(world, fact) {
        Value::Unknown => otherwise.into(),
        told => told,
    }
}

/// Whether an amount that an examination finds is any.
fn is_some_amount(amount: Value<'_>) -> Value<'static> {
    amount.amount().map(|amount| !amount.is_zero()).into()
}

fn count<'a>(number: usize) -> Value<'a> {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Returns the options of a code that cover the row's line.
fn covering<'a>(world: &World<'a, '_>, code: &str) -> Vec<&'a OrderOption<'a>> {
    let order = world.facts.order();
    let line = world.line.map(|l| l.id);
    let covers = |o: &&OrderOption<'_>| {
        o.code == code && (o.lines.is_empty() || line.is_some_and(|id| o.lines.contains(&id)))
    };
    order.options.iter().filter(covers).collect()
}

fn option_bought<'a>(world: &World<'a, '_>, code: &str) -> Value<'a> {
    if !covering(world, code).is_empty() {
        Value::YesNo(true)
    } else if world.facts.order().options_complete == Some(true) {
        Value::YesNo(false)
    } else {
        Value::Unknown
    }
}

fn option_left<'a>(world: &World<'a, '_>, code: &str) -> Value<'a> {
    let options = covering(world, code);
    if options.is_empty() {
        return match world.facts.order().options_complete {
            Some(true) => Value::Number(0),
            _ => Value::Unknown,
        };
    }
    let taken: i32 = world
        .used
        .iter()
        .filter(|(c, _)| *c == code)
        .map(|(_, n)| *n)
        .sum();
    let left = options.iter().try_fold(0_i64, |sum, option| {
        let used = option.used?;
        Some(sum.saturating_add(i64::from(option.quantity.saturating_sub(used))))
    });
    left.map_or(Value::Unknown, |left| {
        Value::Number(left.saturating_sub(i64::from(taken)).max(0))
    })
}

/// Whether the state of a part that goods need not have is told.
fn spoken_of(group: Option<&UnitGroup<'_>>, state: Fact) -> Option<bool> {
    let state = group.map(|group| group.facts.get(state));
    state.filter(|state| state.is_known()).map(|_| true)
}

/// Whether a line is a set: as it is said, otherwise by what it lists; goods of a
/// kind that list nothing are none.
fn is_set(line: &Line<'_>) -> Option<bool> {
    let has_category = line.facts.get(Fact::Category).is_known();
    let said = line.facts.get(Fact::Set).yes_no();
    said.or(match (line.contents.is_empty(), has_category) {
        (false, _) => Some(true),
        (true, true) => Some(false),
        (true, false) => None,
    })
}

/// Full years on the local day of the order; before the purchase, of the request.
fn age(world: &World<'_, '_>) -> Value<'static> {
    let order = world.facts.order();
    let zone = world.plan.zone.unwrap_or_else(Zone::utc);
    let placed = match order.facts.event(Event::Place) {
        EventTime::At(at) => Some(zone.day_of(at)),
        EventTime::On(day) => Some(day),
        EventTime::NotYet => Some(zone.day_of(world.facts.request().request_time)),
        EventTime::Unknown | EventTime::Happened => None,
    };
    match (order.facts.event(Event::Birth), placed) {
        (EventTime::On(birth), Some(placed)) => {
            Value::Number(i64::from(placed.full_years_since(birth)))
        }
        _ => Value::Unknown,
    }
}

/// Whether units asked for now and used up before are all units of the order.
pub(crate) fn asks_whole_order(facts: &Facts<'_>, rows: &[RowIndex]) -> bool {
    let order = facts.order();
    order.lines.iter().enumerate().all(|(index, line)| {
        let asked: i32 = rows
            .iter()
            .filter(|r| r.line == index)
            .map(|r| r.quantity)
            .sum();
        asked.saturating_add(facts.consumed(index)) >= line.quantity
    })
}

/// Compares what the wanted goods cost with what the row's units are worth now: what was
/// paid for them less what was given back for them before.
fn wanted_worth<'a>(world: &World<'a, '_>) -> Value<'a> {
    let Some(price) = world.wanted_unit_price() else {
        return Value::Unknown;
    };
    let Some(worth) = world.facts.worth(&world.row) else {
        return Value::Unknown;
    };
    let index = match price.times(world.row.quantity).cmp(&worth) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Greater => 2,
    };
    WORTH.get(index).copied().into()
}
