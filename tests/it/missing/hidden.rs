//! Facts that a case can hide, with the values worth telling apart.

use std::fmt;

use redress::domain::facts::{self as told, Facts, Order, Request};
use redress::domain::money::Amount;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::{Event, Fact, Kind};

use crate::slots;

/// An order and a request about it.
#[derive(Clone)]
pub struct Known {
    pub order: Order<'static>,
    pub request: Request<'static>,
}

impl Known {
    /// Checks the facts; `None`: they contradict each other.
    pub fn facts(&self) -> Option<Facts<'static>> {
        Facts::new(self.order.clone(), self.request.clone(), None).ok()
    }

    /// Returns the same with an event at a time.
    pub fn with_event(mut self, event: Event, time: EventTime) -> Self {
        self.set_event(event, time);
        self
    }

    /// Whether an event of the order is known to have happened.
    pub fn has_happened(&self, of: Hidden) -> bool {
        let parcel = &self.order.shipments[0].facts;
        of.event().is_some_and(|event| {
            let times = [self.order.facts.event(event), parcel.event(event)];
            times.iter().any(|time| matches!(time, EventTime::At(_)))
        })
    }

    fn set(&mut self, fact: Fact, value: told::Value<'static>) {
        self.with(|known| slots::set(known, fact, value));
    }

    fn set_event(&mut self, event: Event, time: EventTime) {
        self.with(|known| slots::set_event(known, event, time));
    }

    fn with(&mut self, change: impl FnOnce(&mut slots::Known)) {
        let mut known = (self.order.clone(), self.request.clone());
        change(&mut known);
        (self.order, self.request) = known;
    }
}

/// What is hidden, with its values where the type does not say them.
#[derive(Clone, Copy)]
enum Field {
    Fact(Fact),
    /// A fact of any word.
    Word(Fact, &'static [&'static str]),
    /// An amount that is a fact, in minor units.
    Stated(Fact, &'static [i64]),
    /// An amount that is none.
    Amount(fn(&mut Known) -> &mut Option<Amount>, &'static [i64]),
    Time(Event),
}

/// A fact that can be hidden.
#[derive(Clone, Copy)]
pub struct Hidden {
    pub path: &'static str,
    field: Field,
}

/// A value of a hidden fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Told(told::Value<'static>),
    Time(EventTime),
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path)
    }
}

impl PartialEq for Hidden {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

const PRICES: &[i64] = &[5900, 3000, 100];
const DISCOUNTS: &[i64] = &[0, 100, 1700];
const COSTS: &[i64] = &[0, 300, 490, 790, 990];

const fn fact(path: &'static str, fact: Fact) -> Hidden {
    let field = Field::Fact(fact);
    Hidden { path, field }
}

const fn amount(
    path: &'static str,
    values: &'static [i64],
    field: fn(&mut Known) -> &mut Option<Amount>,
) -> Hidden {
    let field = Field::Amount(field, values);
    Hidden { path, field }
}

const fn time(path: &'static str, event: Event) -> Hidden {
    let field = Field::Time(event);
    Hidden { path, field }
}

/// Facts that tests compare.
pub const TESTED: [Hidden; 7] = [
    fact("order.lines[0].personalized", Fact::Personalized),
    fact("order.gift", Fact::Gift),
    fact("order.customer.registered", Fact::Registered),
    fact("order.lines[0].available", Fact::Available),
    fact("order.customer.kind", Fact::CustomerKind),
    Hidden {
        path: "order.lines[0].category",
        field: Field::Word(Fact::Category, &["ring", "box", "card", "spoon"]),
    },
    fact("request.evidence.photos", Fact::Photos),
];

/// Events that windows count from.
pub const EVENTS: [Hidden; 3] = [
    time("order.place_time", Event::Place),
    time("order.shipments[0].ship_time", Event::Ship),
    time("order.shipments[0].deliver_time", Event::Deliver),
];

/// The act that windows can test in place of the request.
pub const STATEMENT: Hidden = time("request.statement_send_time", Event::StatementSend);

/// Amounts that the money needs.
pub const AMOUNTS: [Hidden; 7] = [
    amount("order.lines[0].unit_price", PRICES, |k| {
        &mut k.order.lines[0].unit_price
    }),
    amount("order.lines[0].discount", DISCOUNTS, |k| {
        &mut k.order.lines[0].discount
    }),
    amount("order.discount", &[0, 100, 250], |k| &mut k.order.discount),
    amount("order.delivery.paid", COSTS, |k| &mut k.order.delivery.paid),
    amount("order.delivery.standard_cost", COSTS, |k| {
        &mut k.order.delivery.standard_cost
    }),
    amount("order.options[0].paid", &[0, 300], |k| {
        &mut k.order.options[0].paid
    }),
    Hidden {
        path: RETURN_PAID,
        field: Field::Stated(Fact::ReturnPaid, &[0, 350, 700]),
    },
];

/// Amounts of a line that nobody asks to give back, which bears a part of the discount.
pub const AMOUNTS_OF_ANOTHER_LINE: [Hidden; 2] = [
    amount("order.lines[1].unit_price", PRICES, |k| {
        &mut k.order.lines[1].unit_price
    }),
    amount("order.lines[1].discount", DISCOUNTS, |k| {
        &mut k.order.lines[1].discount
    }),
];

/// What the return shipment cost the customer: a question once the goods are on their way.
pub const RETURN_PAID: &str = "request.journey.paid";

impl Hidden {
    /// A fact.
    pub const fn fact(path: &'static str, of: Fact) -> Self {
        fact(path, of)
    }

    /// When an event happened.
    pub const fn time(path: &'static str, of: Event) -> Self {
        time(path, of)
    }

    /// Returns the event whose time is hidden; `None`: another fact.
    pub const fn event(self) -> Option<Event> {
        match self.field {
            Field::Time(event) => Some(event),
            _ => None,
        }
    }

    /// Sets the fact; `None` hides it.
    pub fn set(self, known: &mut Known, value: Option<Value>) {
        let told = match value {
            Some(Value::Told(told)) => told,
            _ => told::Value::Unknown,
        };
        match (self.field, value) {
            (Field::Time(event), Some(Value::Time(time))) => known.set_event(event, time),
            (Field::Time(event), None) => known.set_event(event, EventTime::Unknown),
            (_, Some(Value::Time(time))) => unreachable!("{} is not {time:?}", self.path),
            (Field::Time(_), Some(other)) => unreachable!("{} is not {other:?}", self.path),
            (Field::Amount(of, _), _) => *of(known) = told.amount(),
            (Field::Fact(fact) | Field::Word(fact, _) | Field::Stated(fact, _), _) => {
                known.set(fact, told);
            }
        }
    }

    /// Returns the values worth telling apart; of an event none: its times come from the
    /// policy.
    pub fn values(self) -> Vec<Value> {
        let words = |words: &[&'static str]| -> Vec<Value> {
            let words = words.iter().map(|word| told::Value::Word(word));
            words.map(Value::Told).collect()
        };
        match self.field {
            Field::Fact(fact) => match fact.spec().kind {
                Kind::OneOf(all) => words(all),
                // Beside each end of the ranges that policies test.
                Kind::Number => [0, 2, 3, 5, 6]
                    .map(told::Value::Number)
                    .map(Value::Told)
                    .to_vec(),
                Kind::Amount => [0, 4999, 5000]
                    .map(Amount::from_minor)
                    .map(told::Value::Amount)
                    .map(Value::Told)
                    .to_vec(),
                _ => [true, false]
                    .map(told::Value::YesNo)
                    .map(Value::Told)
                    .to_vec(),
            },
            Field::Word(_, all) => words(all),
            Field::Stated(_, amounts) | Field::Amount(_, amounts) => {
                let amounts = amounts.iter().copied().map(Amount::from_minor);
                amounts.map(told::Value::Amount).map(Value::Told).collect()
            }
            Field::Time(_) => Vec::new(),
        }
    }

    /// Whether a value contradicts nothing that is known.
    pub fn is_possible(self, value: Value, known: &Known) -> bool {
        let mut known = known.clone();
        self.set(&mut known, Some(value));
        known.facts().is_some()
    }
}
