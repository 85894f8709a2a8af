//! Hides given facts: what an order or a request leaves out.

use redress::domain::facts::{
    Ask, LineFacts, OrderFacts, OrderOption, ParcelFacts, RequestFacts, RequestLine, Value,
};
use redress::domain::path::Owner;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::{ACTION_EVENTS, ACTION_FACTS, Class, Event, Fact};

use super::Situation;
use crate::generate::Seed;
use crate::slots;

/// Makes a fact unknown.
type Hide = fn(&mut Situation, &mut Seed);

/// Makes one given fact or event unknown.
pub(super) fn hide(situation: &mut Situation, seed: &mut Seed) {
    match seed.below(7) {
        0 => seed.pick(OTHERS)(situation, seed),
        1 | 2 => hide_told(
            &mut situation.order.facts,
            (
                slots::facts_of(Owner::Order),
                slots::events_of(Owner::Order),
            ),
            seed,
        ),
        3 => {
            let line = some(&mut situation.order.lines, seed);
            hide_told(
                &mut line.facts,
                (slots::facts_of(Owner::Line), slots::events_of(Owner::Line)),
                seed,
            );
        }
        4 if !situation.order.shipments.is_empty() => {
            let parcel = some(&mut situation.order.shipments, seed);
            hide_told(
                &mut parcel.facts,
                (
                    slots::facts_of(Owner::Parcel),
                    slots::events_of(Owner::Parcel),
                ),
                seed,
            );
        }
        5 => hide_told(
            &mut situation.request.facts,
            (
                slots::facts_of(Owner::Request),
                slots::events_of(Owner::Request),
            ),
            seed,
        ),
        _ => hide_asked(&mut situation.request.ask, seed),
    }
    // Of an order that may be placed something was sent.
    let sent = situation.request.facts.event(Event::StatementSend);
    let placed = situation.order.facts.event(Event::Place);
    if sent == EventTime::NotYet && placed != EventTime::NotYet {
        let facts = &mut situation.request.facts;
        facts.set_event(Event::StatementSend, EventTime::Unknown);
    }
}

/// Makes a given fact or event of an owner unknown, if it has any.
fn hide_told<T: Told>(told: &mut T, (facts, events): (&[Fact], &[Event]), seed: &mut Seed) {
    let given = |fact: &&Fact| matches!(fact.spec().class, Class::Given | Class::Selector);
    let facts: Vec<Fact> = facts.iter().filter(given).copied().collect();
    let given = |event: &&Event| !event.is_to_come() && **event != Event::Birth;
    let events: Vec<Event> = events.iter().filter(given).copied().collect();
    let which = seed.below(facts.len() + events.len());
    match (
        facts.get(which),
        events.get(which.wrapping_sub(facts.len())),
    ) {
        (Some(fact), _) => told.hide(*fact),
        (None, Some(event)) => told.hide_event(*event),
        (None, None) => {}
    }
}

/// Makes a fact or an event of what is asked for unknown; of a withdrawal there is none, and
/// what happened on the shop's side is always said.
fn hide_asked(ask: &mut Ask<'static>, seed: &mut Seed) {
    let own = Owner::Action(ask.action);
    let facts = ACTION_FACTS
        .iter()
        .filter(|fact| fact.spec().field.owner() == own);
    let facts: Vec<Fact> = facts
        .filter(|fact| **fact != Fact::ShopEventKind)
        .copied()
        .collect();
    let events = ACTION_EVENTS
        .iter()
        .filter(|event| event.field().owner() == own);
    let events: Vec<Event> = events.copied().collect();
    hide_told(ask, (&facts, &events), seed);
}

/// What facts and events can be hidden of.
trait Told {
    fn hide(&mut self, fact: Fact);
    fn hide_event(&mut self, event: Event);
}

macro_rules! told {
    ($($name:ty),+) => {$(
        impl Told for $name {
            fn hide(&mut self, fact: Fact) {
                self.set(fact, Value::Unknown);
            }

            fn hide_event(&mut self, event: Event) {
                self.set_event(event, EventTime::Unknown);
            }
        }
    )+};
}

told!(
    OrderFacts<'static>,
    LineFacts<'static>,
    ParcelFacts<'static>,
    RequestFacts<'static>,
    Ask<'static>
);

/// What is neither a fact nor an event.
const OTHERS: &[Hide] = &[
    |s, _| s.order.tags.complete = None,
    |s, _| s.order.options_complete = None,
    |s, seed| hide_in_option(s, seed, |option| option.paid = None),
    |s, seed| hide_in_option(s, seed, |option| option.used = None),
    |s, _| s.order.delivery.method = None,
    |s, _| s.order.delivery.paid = None,
    |s, _| s.order.delivery.standard_cost = None,
    |s, _| s.order.discount = None,
    |s, _| s.order.total_paid = None,
    |s, _| s.order.payments.clear(),
    |s, seed| {
        let place = seed.below(s.order.payments.len());
        let payments = s.order.payments.iter_mut();
        payments.skip(place).take(1).for_each(|p| p.method = None);
    },
    |s, seed| some(&mut s.order.lines, seed).unit_price = None,
    |s, seed| some(&mut s.order.lines, seed).discount = None,
    |s, seed| some(&mut s.order.lines, seed).tags.complete = None,
    |s, seed| {
        if !s.order.shipments.is_empty() {
            some(&mut s.order.shipments, seed).zone = None;
        }
    },
    |s, seed| {
        let asked: &mut RequestLine<'static> = some(&mut s.request.lines, seed);
        some(&mut asked.groups, seed).shipment = None;
    },
];

fn some<'l, T>(list: &'l mut [T], seed: &mut Seed) -> &'l mut T {
    &mut list[seed.below(list.len())]
}

fn hide_in_option(s: &mut Situation, seed: &mut Seed, hide: fn(&mut OrderOption<'static>)) {
    if !s.order.options.is_empty() {
        hide(some(&mut s.order.options, seed));
    }
}
