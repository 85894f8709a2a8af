//! Facts and events of the first line, parcel and units of an order and a request, whoever
//! owns them; and the lists of them, with those that the shipped policies declare.

use std::sync::OnceLock;

use redress::domain::facts::{Order, Request, Value};
use redress::domain::path::{Field, FieldPath, Owner, UnitsLocation};
use redress::domain::spell::Spell;
use redress::domain::time::EventTime;
use redress::domain::vocabulary as standard;
use redress::domain::vocabulary::{Event, Fact};

use crate::random;

/// An order and a request about it.
pub type Known = (Order<'static>, Request<'static>);

/// Returns what is told of a fact.
pub fn get((order, request): &Known, fact: Fact) -> Value<'static> {
    match fact.spec().field.owner() {
        Owner::Order => order.facts.get(fact),
        Owner::Line => order.lines[0].facts.get(fact),
        Owner::Parcel => order.shipments[0].facts.get(fact),
        Owner::Units => request.lines[0].groups[0].facts.get(fact),
        Owner::Request => request.facts.get(fact),
        Owner::Action(_) => request.ask.get(fact),
    }
}

/// Says what is known of a fact.
pub fn set((order, request): &mut Known, fact: Fact, value: Value<'static>) {
    match fact.spec().field.owner() {
        Owner::Order => order.facts.set(fact, value),
        Owner::Line => order.lines[0].facts.set(fact, value),
        Owner::Parcel => order.shipments[0].facts.set(fact, value),
        Owner::Units => request.lines[0].groups[0].facts.set(fact, value),
        Owner::Request => request.facts.set(fact, value),
        Owner::Action(_) => request.ask.set(fact, value),
    }
}

/// Returns what is told of an event.
pub fn event((order, request): &Known, event: Event) -> EventTime {
    match event.field().owner() {
        Owner::Order => order.facts.event(event),
        Owner::Line => order.lines[0].facts.event(event),
        Owner::Parcel => order.shipments[0].facts.event(event),
        Owner::Units => request.lines[0].groups[0].facts.event(event),
        Owner::Request => request.facts.event(event),
        Owner::Action(_) => request.ask.event(event),
    }
}

/// Says what is known of an event.
pub fn set_event((order, request): &mut Known, event: Event, time: EventTime) {
    match event.field().owner() {
        Owner::Order => order.facts.set_event(event, time),
        Owner::Line => order.lines[0].facts.set_event(event, time),
        Owner::Parcel => order.shipments[0].facts.set_event(event, time),
        Owner::Units => request.lines[0].groups[0].facts.set_event(event, time),
        Owner::Request => request.facts.set_event(event, time),
        Owner::Action(_) => request.ask.set_event(event, time),
    }
}

/// Returns the path of a field, of the first line, parcel and units.
pub fn path(field: Field) -> String {
    let path = FieldPath::to(field).of_units(UnitsLocation::default());
    path.spelled()
}

/// Returns the facts that are told of an owner: standard ones, and those that a shipped
/// policy declares. A policy does not see those of another one.
pub fn facts_of(owner: Owner) -> &'static [Fact] {
    let found = told().iter().find(|(of, ..)| *of == owner);
    found.map_or(standard::ACTION_FACTS, |(_, facts, _)| facts)
}

/// Returns the events that are told of an owner, each after those that come before it.
pub fn events_of(owner: Owner) -> &'static [Event] {
    let found = told().iter().find(|(of, ..)| *of == owner);
    found.map_or(standard::ACTION_EVENTS, |(.., events)| events)
}

type Told = (Owner, Vec<Fact>, Vec<Event>);

fn told() -> &'static [Told] {
    static TOLD: OnceLock<Vec<Told>> = OnceLock::new();
    TOLD.get_or_init(|| {
        let catalog = random::catalog();
        let lists = [
            (Owner::Order, standard::ORDER_FACTS, standard::ORDER_EVENTS),
            (Owner::Line, standard::LINE_FACTS, standard::LINE_EVENTS),
            (
                Owner::Parcel,
                standard::PARCEL_FACTS,
                standard::PARCEL_EVENTS,
            ),
            (Owner::Units, standard::UNITS_FACTS, standard::UNITS_EVENTS),
            (
                Owner::Request,
                standard::REQUEST_FACTS,
                standard::REQUEST_EVENTS,
            ),
        ];
        let all = lists.map(|(owner, facts, events)| {
            let declared = catalog.plans().flat_map(|plan| &plan.facts);
            let declared = declared.filter(|fact| fact.spec().field.owner() == owner);
            let facts = facts.iter().chain(declared).copied().collect();
            let declared = catalog.plans().flat_map(|plan| &plan.declared_events);
            let declared = declared.filter(|event| event.field().owner() == owner);
            (
                owner,
                facts,
                events.iter().chain(declared).copied().collect(),
            )
        });
        all.into()
    })
}
