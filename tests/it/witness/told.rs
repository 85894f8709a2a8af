//! What is told of a situation: of whom, and what before facts of it are hidden.

use redress::domain::facts::{Action, Value};
use redress::domain::path::{Field, FieldPath, Owner, UnitsLocation};
use redress::domain::time::{EventTime, Zone};
use redress::domain::vocabulary::{ACTION_EVENTS, ACTION_FACTS, Class, Event, Fact, Kind};

use crate::generate::Seed;
use crate::random::Situation;
use crate::slots;

/// Says whose facts and events are meant; lines and parcels by their places.
#[derive(Clone, Copy)]
pub enum Whose {
    Order,
    Line(usize),
    Parcel(usize),
    Request,
    Ask(Action),
}

/// Calls a method of the facts of somebody.
macro_rules! facts {
    ($whose:expr, $situation:ident . $method:ident ( $($argument:expr),+ )) => {
        match $whose {
            Whose::Order => $situation.order.facts.$method($($argument),+),
            Whose::Line(place) => $situation.order.lines[place].facts.$method($($argument),+),
            Whose::Parcel(place) => {
                $situation.order.shipments[place].facts.$method($($argument),+)
            }
            Whose::Request => $situation.request.facts.$method($($argument),+),
            Whose::Ask(_) => $situation.request.ask.$method($($argument),+),
        }
    };
}

impl Whose {
    /// Returns all that a situation has.
    pub fn all(situation: &Situation) -> Vec<Self> {
        let mut all = vec![Self::Order];
        all.extend((0..situation.order.lines.len()).map(Self::Line));
        all.extend((0..situation.order.shipments.len()).map(Self::Parcel));
        all.extend([Self::Request, Self::Ask(situation.request.ask.action)]);
        all
    }

    /// Whether a field of an action is of the one that is asked for.
    fn has(self, field: Field) -> bool {
        match (self, field.owner()) {
            (Self::Ask(asked), Owner::Action(action)) => asked == action,
            _ => true,
        }
    }

    /// Returns the facts that are told.
    pub fn facts(self) -> impl Iterator<Item = Fact> {
        let facts = match self {
            Self::Order => slots::facts_of(Owner::Order),
            Self::Line(_) => slots::facts_of(Owner::Line),
            Self::Parcel(_) => slots::facts_of(Owner::Parcel),
            Self::Request => slots::facts_of(Owner::Request),
            Self::Ask(_) => ACTION_FACTS,
        };
        let facts = facts.iter().copied();
        facts.filter(move |fact| self.has(fact.spec().field))
    }

    /// Returns the events that are told.
    pub fn events(self) -> impl Iterator<Item = Event> {
        let events = match self {
            Self::Order => slots::events_of(Owner::Order),
            Self::Line(_) => slots::events_of(Owner::Line),
            Self::Parcel(_) => slots::events_of(Owner::Parcel),
            Self::Request => slots::events_of(Owner::Request),
            Self::Ask(_) => ACTION_EVENTS,
        };
        let events = events.iter().copied();
        events.filter(move |event| self.has(event.field()))
    }

    /// Returns the path of a fact or an event.
    pub fn path(self, field: Field) -> String {
        let (mut path, mut place) = (FieldPath::to(field), UnitsLocation::default());
        match self {
            Self::Line(line) => place.line = line,
            Self::Parcel(parcel) => path.parcel = parcel,
            Self::Order | Self::Request | Self::Ask(_) => {}
        }
        path.of_units(place).to_string()
    }

    pub fn get(self, situation: &Situation, fact: Fact) -> Value<'static> {
        facts!(self, situation.get(fact))
    }

    pub fn set(self, situation: &mut Situation, fact: Fact, value: Value<'static>) {
        facts!(self, situation.set(fact, value));
    }

    pub fn event(self, situation: &Situation, event: Event) -> EventTime {
        facts!(self, situation.event(event))
    }

    pub fn set_event(self, situation: &mut Situation, event: Event, time: EventTime) {
        facts!(self, situation.set_event(event, time));
    }
}

/// Whether an event is told by its day alone.
pub fn is_day(event: Event) -> bool {
    event.is_planned() || event == Event::Birth
}

/// Turns the days on which events happened to instants of them, in their order if that is
/// possible.
pub fn settle_days(situation: &mut Situation, zone: Zone, seed: &mut Seed) {
    let hour = seed.below(24) as i64;
    let latest = situation.decide_time;
    for whose in Whose::all(situation) {
        for event in whose.events().filter(|event| !is_day(*event)) {
            if let EventTime::On(day) = whose.event(situation, event) {
                let at = day.start(zone).plus_hours(hour).min(latest);
                whose.set_event(situation, event, EventTime::At(at));
            }
        }
    }
}

/// Supplies what the customer can be asked to supply.
pub fn supply(situation: &mut Situation) {
    let request = &mut situation.request;
    let asked = |fact: &&Fact| {
        let spec = fact.spec();
        (spec.class, spec.kind) == (Class::Asked, Kind::YesNo)
    };
    for fact in slots::facts_of(Owner::Request).iter().filter(asked) {
        request.facts.set(*fact, Value::YesNo(true));
    }
    if request.facts.event(Event::FormSend) == EventTime::NotYet {
        let sent = EventTime::At(request.request_time);
        request.facts.set_event(Event::FormSend, sent);
    }
}
