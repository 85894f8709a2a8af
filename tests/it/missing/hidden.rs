//! Facts that a case can hide, with the values worth telling apart.

use std::fmt;

use redress::domain::event::Event;
use redress::domain::facts::{CustomerKind, Facts, Order, Request};
use redress::domain::money::Amount;
use redress::domain::time::EventTime;

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
}

/// Returns where a fact stands.
type FieldOf<T> = fn(&mut Known) -> &mut T;

/// A field of each type that is hidden, with its values where the type does not say them.
#[derive(Clone, Copy)]
enum Field {
    YesNo(FieldOf<Option<bool>>),
    Kind(FieldOf<Option<CustomerKind>>),
    Word(FieldOf<Option<&'static str>>, &'static [&'static str]),
    /// In minor units.
    Amount(FieldOf<Option<Amount>>, &'static [i64]),
    Time(Event, FieldOf<EventTime>),
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
    YesNo(bool),
    Kind(CustomerKind),
    Word(&'static str),
    Amount(Amount),
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

const fn yes_no(path: &'static str, field: FieldOf<Option<bool>>) -> Hidden {
    let field = Field::YesNo(field);
    Hidden { path, field }
}

const fn amount(
    path: &'static str,
    values: &'static [i64],
    field: FieldOf<Option<Amount>>,
) -> Hidden {
    let field = Field::Amount(field, values);
    Hidden { path, field }
}

const fn time(path: &'static str, event: Event, field: FieldOf<EventTime>) -> Hidden {
    let field = Field::Time(event, field);
    Hidden { path, field }
}

/// Facts that tests compare.
pub const TESTED: [Hidden; 7] = [
    yes_no("order.lines[0].personalized", |k| {
        &mut k.order.lines[0].personalized
    }),
    yes_no("order.gift", |k| &mut k.order.gift),
    yes_no("order.customer.registered", |k| {
        &mut k.order.customer.registered
    }),
    yes_no("order.lines[0].available", |k| {
        &mut k.order.lines[0].available
    }),
    Hidden {
        path: "order.customer.kind",
        field: Field::Kind(|k| &mut k.order.customer.kind),
    },
    Hidden {
        path: "order.lines[0].category",
        field: Field::Word(
            |k| &mut k.order.lines[0].category,
            &["ring", "box", "card", "spoon"],
        ),
    },
    yes_no("request.evidence.photos", |k| {
        &mut k.request.evidence.photos
    }),
];

/// Events that windows count from.
pub const EVENTS: [Hidden; 3] = [
    time("order.place_time", Event::Place, |k| &mut k.order.place),
    time("order.shipments[0].ship_time", Event::Ship, |k| {
        &mut k.order.shipments[0].ship
    }),
    time("order.shipments[0].deliver_time", Event::Deliver, |k| {
        &mut k.order.shipments[0].deliver
    }),
];

/// The act that windows can test in place of the request.
pub const STATEMENT: Hidden = time("request.statement_send_time", Event::StatementSend, |k| {
    &mut k.request.statement_send
});

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
    amount(RETURN_PAID, &[0, 350, 700], |k| &mut k.request.journey.paid),
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
    /// Returns the event whose time is hidden; `None`: another fact.
    pub const fn event(self) -> Option<Event> {
        match self.field {
            Field::Time(event, _) => Some(event),
            _ => None,
        }
    }

    /// Sets the fact; `None` hides it.
    pub fn set(self, known: &mut Known, value: Option<Value>) {
        match (self.field, value) {
            (Field::YesNo(of), None) => *of(known) = None,
            (Field::YesNo(of), Some(Value::YesNo(yes))) => *of(known) = Some(yes),
            (Field::Kind(of), None) => *of(known) = None,
            (Field::Kind(of), Some(Value::Kind(kind))) => *of(known) = Some(kind),
            (Field::Word(of, _), None) => *of(known) = None,
            (Field::Word(of, _), Some(Value::Word(word))) => *of(known) = Some(word),
            (Field::Amount(of, _), None) => *of(known) = None,
            (Field::Amount(of, _), Some(Value::Amount(amount))) => *of(known) = Some(amount),
            (Field::Time(_, of), None) => *of(known) = EventTime::Unknown,
            (Field::Time(_, of), Some(Value::Time(time))) => *of(known) = time,
            (_, Some(other)) => unreachable!("{} is not {other:?}", self.path),
        }
    }

    /// Returns the values worth telling apart; of an event none: its times come from the
    /// policy.
    pub fn values(self) -> Vec<Value> {
        match self.field {
            Field::YesNo(_) => [true, false].map(Value::YesNo).to_vec(),
            Field::Kind(_) => CustomerKind::ALL.iter().copied().map(Value::Kind).collect(),
            Field::Word(_, words) => words.iter().copied().map(Value::Word).collect(),
            Field::Amount(_, amounts) => {
                let amounts = amounts.iter().copied().map(Amount::from_minor);
                amounts.map(Value::Amount).collect()
            }
            Field::Time(..) => Vec::new(),
        }
    }

    /// Whether a value contradicts nothing that is known.
    pub fn is_possible(self, value: Value, known: &Known) -> bool {
        let mut known = known.clone();
        self.set(&mut known, Some(value));
        known.facts().is_some()
    }
}
