//! Facts of a random order of a shop that can be hidden, supplied and answered.

use redress::domain::facts::{Action, Ask, Value};
use redress::domain::time::EventTime;
use redress::domain::verdict::Values;
use redress::domain::vocabulary::{Event, Fact, Kind};

use crate::generate::{Seed, instant};
use crate::shops::{self, PLACED};
use crate::slots::{self, path};

pub use crate::slots::Known;

/// What can be hidden and supplied.
#[derive(Clone, Copy)]
pub enum Hidden {
    Fact(Fact),
    Event(Event),
    /// What is neither: its path, how it is hidden, and how it is supplied from another.
    Other(&'static str, fn(&mut Known), fn(&Known, &mut Known)),
}

impl Hidden {
    pub fn path(self) -> String {
        match self {
            Self::Fact(fact) => path(fact.spec().field),
            Self::Event(event) => path(event.field()),
            Self::Other(path, ..) => path.to_owned(),
        }
    }

    pub fn hide(self, known: &mut Known) {
        match self {
            Self::Fact(fact) => slots::set(known, fact, Value::Unknown),
            Self::Event(event) => slots::set_event(known, event, EventTime::Unknown),
            Self::Other(_, hide, _) => hide(known),
        }
    }

    pub fn supply(self, from: &Known, to: &mut Known) {
        match self {
            Self::Fact(fact) => slots::set(to, fact, slots::get(from, fact)),
            Self::Event(event) => slots::set_event(to, event, slots::event(from, event)),
            Self::Other(.., supply) => supply(from, to),
        }
    }

    /// Sets it to one of some values, of times the earliest or the latest; whether it has
    /// such values.
    pub fn answer(self, known: &mut Known, values: &Values, late: bool) -> bool {
        match self {
            Self::Fact(fact) => match value_of(fact, values) {
                Some(value) => slots::set(known, fact, value),
                None => return false,
            },
            // A promised day is a day, and no answer is.
            Self::Event(Event::Promise) | Self::Other(..) => return false,
            Self::Event(event) => match time_of(values, late) {
                Some(time) => slots::set_event(known, event, time),
                None => return false,
            },
        }
        true
    }
}

/// Returns one of some values; `None`: the fact has no such values.
fn value_of(fact: Fact, values: &Values) -> Option<Value<'static>> {
    match (fact.spec().kind, values) {
        (Kind::YesNo, Values::YesNo(yes)) => Some(Value::YesNo(*yes)),
        (Kind::OneOf(all), Values::Words { words, .. }) => {
            let word = all
                .iter()
                .find(|known| Some(**known) == words.first().map(String::as_str));
            Some(Value::Word(word?))
        }
        (Kind::Word, Values::Words { words, others }) => match words.first() {
            Some(word) => Some(Value::Word(word.clone().leak())),
            None => others.then_some(Value::Word("something_else")),
        },
        _ => None,
    }
}

fn time_of(values: &Values, late: bool) -> Option<EventTime> {
    match values {
        Values::NotYet => Some(EventTime::NotYet),
        Values::Times(start, end) => Some(EventTime::At(match (start, end, late) {
            (Some(start), _, false) => *start,
            (_, Some(end), _) => end.previous(),
            (Some(start), None, true) => start.plus_hours(24 * 3),
            (None, None, _) => instant(PLACED),
        })),
        Values::YesNo(_) | Values::Words { .. } | Values::Numbers(..) | Values::Amounts(..) => None,
    }
}

/// Fields that are neither facts nor events: `o` of an order.
macro_rules! others {
    ($($path:literal $($field:ident).+ $([$place:literal] . $rest:ident)?,)*) => {
        [$(Hidden::Other(
            $path,
            |known| known.0.$($field).+ $([$place].$rest)? = None,
            |from, to| to.0.$($field).+ $([$place].$rest)? = from.0.$($field).+ $([$place].$rest)?,
        ),)*]
    };
}

const OTHERS: [Hidden; 7] = others![
    "order.discount" discount,
    "order.options_complete" options_complete,
    "order.delivery.paid" delivery.paid,
    "order.delivery.standard_cost" delivery.standard_cost,
    "order.lines[0].unit_price" lines[0].unit_price,
    "order.lines[0].discount" lines[0].discount,
    "order.shipments[0].time_zone" shipments[0].zone,
];

/// The facts that are hidden of an order and a request.
const FACTS: [Fact; 16] = [
    Fact::CustomerKind,
    Fact::Gift,
    Fact::ReturnAgreed,
    Fact::SalesChannel,
    Fact::DataComplete,
    Fact::Category,
    Fact::Personalized,
    Fact::TagReason,
    Fact::Available,
    Fact::Set,
    Fact::Receiver,
    Fact::Requester,
    Fact::Channel,
    Fact::OrderNumberQuoted,
    Fact::StatementClear,
    Fact::ReturnMethod,
];

/// The events that are hidden.
const EVENTS: [Event; 12] = [
    Event::Place,
    Event::Promise,
    Event::Confirm,
    Event::DesignConfirm,
    Event::ProductionStart,
    Event::Ship,
    Event::Deliver,
    Event::Collect,
    Event::FirstAttempt,
    Event::AttemptAnswer,
    Event::StatementSend,
    Event::FormSend,
];

/// Returns all that can be hidden.
pub fn all() -> Vec<Hidden> {
    let facts = FACTS.into_iter().map(Hidden::Fact);
    let events = EVENTS.into_iter().map(Hidden::Event);
    let described = [Hidden::Fact(Fact::Description)];
    let mut all: Vec<Hidden> = facts.chain(events).chain(OTHERS).chain(described).collect();
    all.sort_by_key(|hidden| hidden.path());
    all
}

/// Whether a fact says what is asked for by a path.
pub fn says(fact: &str, asked: &str) -> bool {
    match fact {
        // What is listed of a set is all of it, and so it is with options.
        "order.lines[0].set" => asked.starts_with("order.lines[0].contents[") || asked == fact,
        "order.options_complete" => asked.starts_with("order.options[") || asked == fact,
        fact => asked == fact,
    }
}

#[test]
fn facts_can_be_hidden_and_supplied() {
    let mut seed = Seed::new(1);
    let now = instant(PLACED).plus_hours(200);
    let whole = (
        shops::order(&mut seed, now),
        shops::request(&mut seed, now, Ask::of(Action::Withdrawal)),
    );
    let shown = |known: &Known| format!("{known:?}");
    for fact in all() {
        let mut known = whole.clone();
        fact.hide(&mut known);
        assert_ne!(shown(&known), shown(&whole), "{} is unknown", fact.path());
        fact.supply(&whole, &mut known);
        assert_eq!(shown(&known), shown(&whole), "{}", fact.path());
    }
}
