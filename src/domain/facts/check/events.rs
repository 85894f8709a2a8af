//! Checks the order of events: what cannot have happened in that order is refused.

use super::Found;
use crate::domain::facts::{Order, OrderFacts, Request, RequestFacts, Shipment};
use crate::domain::path::At;
use crate::domain::path::{FieldPath, Owner, UnitsLocation};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::violation::{ViolationKind, Violations};
use crate::domain::vocabulary::{
    ACTION_EVENTS, Event, LINE_EVENTS, ORDER_EVENTS, PARCEL_EVENTS, REQUEST_EVENTS,
};

/// What is stated of events that policies declare.
type DeclaredEvents<'e> = &'e [(Event, EventTime)];

/// Whether nothing is known of any event, as of most lines and requests.
fn unknown(times: &[EventTime]) -> bool {
    // Nearly always all are looked at, which is quicker without a stop after each.
    let is = |time: &EventTime| matches!(time, EventTime::Unknown);
    times.iter().fold(true, |all, time| all & is(time))
}

/// Checks the events of one owner, a line or a parcel by its number, against each
/// other and against shared ones that come first.
struct Checking<'c> {
    /// What is stated of the events of the order, by which those of lines, parcels and
    /// requests are checked too.
    shared: &'c [EventTime],
    /// What is stated of events of the order that policies declare.
    declared: DeclaredEvents<'c>,
    /// The last instant of the shared ones. `None`: they do not ascend.
    last: Option<Instant>,
    decide_time: Instant,
    found: &'c mut Found,
}

impl<'c> Checking<'c> {
    /// Checks what follows against the events of the order too, the last of which was at
    /// this instant; `None`: they do not ascend.
    fn share(&mut self, order: &'c OrderFacts<'_>, last: Option<Instant>) {
        self.shared = order.events();
        self.declared = order.declared_events();
        self.last = last;
    }

    /// Checks what is stated of the events of one owner, each listed after those that must
    /// come before it.
    fn check(
        &mut self,
        index: usize,
        events: &[Event],
        times: &[EventTime],
        more: DeclaredEvents<'_>,
    ) {
        if !more.is_empty() || !unknown(times) {
            self.check_known(index, events, times, more);
        }
    }

    fn check_known(
        &mut self,
        index: usize,
        events: &[Event],
        times: &[EventTime],
        more: DeclaredEvents<'_>,
    ) {
        if more.is_empty() {
            // Instants that ascend as they are listed are in order, whatever has to come
            // before what. It is so for nearly every request.
            let last = self.last.and_then(|last| ascend(last, events, times));
            if last.is_some_and(|last| last <= self.decide_time) {
                return;
            }
        }
        let own = events.iter().copied().zip(times.iter().copied());
        let own: Vec<(Event, EventTime)> = own.chain(more.iter().copied()).collect();
        self.compare(index, &own);
    }

    /// Takes an event that happened at a time that nobody can tell.
    #[cold]
    fn happened(&mut self, index: usize, event: Event) {
        let path = path(event, index);
        match event.is_planned() {
            true => self.found.violations.add(
                path,
                ViolationKind::EventOrder,
                "is planned, so its time says whether it has happened; set the time, or leave the \
                 event out",
            ),
            false => self.found.untimed.push(path),
        }
    }

    /// Compares each event with every one that comes before it.
    fn compare(&mut self, index: usize, own: &[(Event, EventTime)]) {
        for (event, time) in own {
            match time {
                EventTime::Happened => self.happened(index, *event),
                EventTime::NotYet if event.is_planned() => self.happened(index, *event),
                EventTime::Unknown | EventTime::NotYet | EventTime::At(_) | EventTime::On(_) => {}
            }
            // What is unknown contradicts nothing, and what is planned can lie ahead.
            if *time == EventTime::Unknown || event.is_planned() {
                continue;
            }
            let decide_time = self.decide_time;
            if earliest(*time).is_some_and(|t| t > decide_time) {
                self.found.violations.add(
                    path(*event, index),
                    ViolationKind::EventOrder,
                    format!("is after the decision time, {decide_time}; set `not_yet`"),
                );
            }
            let before = event.before();
            if before == 0 {
                continue;
            }
            let shared = ORDER_EVENTS
                .iter()
                .copied()
                .zip(self.shared.iter().copied());
            let shared = shared.chain(self.declared.iter().copied());
            for (first, stated) in own.iter().copied().chain(shared) {
                if before & first.bit() != 0 && !in_order(stated, *time) {
                    self.found.violations.add(
                        path(*event, index),
                        ViolationKind::EventOrder,
                        format!("comes before `{}`; correct one of them", path(first, index)),
                    );
                }
            }
        }
    }
}

/// Returns the last of the instants that are known, or `from` where none is; `None`:
/// they do not ascend from there, or are not all instants.
fn ascend(from: Instant, events: &[Event], times: &[EventTime]) -> Option<Instant> {
    let mut last = from;
    for (event, time) in events.iter().zip(times) {
        match time {
            EventTime::Unknown => {}
            _ if event.is_planned() => {}
            EventTime::At(time) if *time >= last => last = *time,
            EventTime::NotYet | EventTime::At(_) | EventTime::On(_) | EventTime::Happened => {
                return None;
            }
        }
    }
    Some(last)
}

/// Returns the field of an event; of a line or a parcel, of the one at this place. Of a
/// request index 0 is its own, and those of its return parcels follow.
fn path(event: Event, location: usize) -> String {
    let field = FieldPath {
        parcel: location,
        word: event.entry(),
        ..FieldPath::to(event.field())
    };
    let line = UnitsLocation {
        line: location,
        return_parcel: location
            .checked_sub(1)
            .and_then(|location| u8::try_from(location).ok()),
        ..UnitsLocation::default()
    };
    field.of_units(line).to_string()
}

/// Returns the last of the instants of an order's own events; `None`: they do not ascend as
/// they are listed, or are not all instants.
pub(in crate::domain::facts) fn last_of_order(order: &Order<'_>) -> Option<Instant> {
    ascend(Instant::FIRST, ORDER_EVENTS, order.facts.events())
}

/// Checks the events of an order, the last of which was at this instant, its lines and its
/// parcels.
pub(super) fn check_order_events(
    order: &Order<'_>,
    last: Option<Instant>,
    decide_time: Instant,
    found: &mut Found,
) {
    let mut checking = Checking {
        shared: &[],
        declared: &[],
        last: None,
        decide_time,
        found,
    };
    let facts = &order.facts;
    let in_order = last.is_some_and(|last| last <= decide_time);
    if !in_order || !facts.declared_events().is_empty() {
        checking.check(0, ORDER_EVENTS, facts.events(), facts.declared_events());
    }
    checking.share(&order.facts, last);
    for (index, line) in order.lines.iter().enumerate() {
        let facts = &line.facts;
        checking.check(index, LINE_EVENTS, facts.events(), facts.declared_events());
    }
    for (index, shipment) in order.shipments.iter().enumerate() {
        let facts = &shipment.facts;
        checking.check(
            index,
            PARCEL_EVENTS,
            facts.events(),
            facts.declared_events(),
        );
    }
}

/// Reports a return of goods that begins before any parcel of the order was delivered.
/// Index 0 stands for the request itself; those of its return parcels follow.
fn check_return_events(
    order: &Order<'_>,
    index: usize,
    facts: &RequestFacts<'_>,
    violations: &mut Violations,
) {
    for event in [Event::HandOver, Event::Proof, Event::Receive] {
        let time = facts.event(event);
        if time == EventTime::Unknown {
            continue;
        }
        for first in [Event::Ship, Event::Deliver] {
            let too_late = |parcel: &Shipment<'_>| !in_order(parcel.facts.event(first), time);
            if order.shipments.iter().all(too_late) {
                violations.add(
                    path(event, index),
                    ViolationKind::EventOrder,
                    format!("comes before `{}`; correct one of them", path(first, 0)),
                );
            }
        }
    }
}

/// Whether some reading of two states has the first event not after the second.
fn in_order(first: EventTime, second: EventTime) -> bool {
    match (first, second) {
        (EventTime::Unknown, _) | (_, EventTime::Unknown) => true,
        (EventTime::At(first), EventTime::At(second)) => first <= second,
        // Whatever the zone is, days of one order are read in the same.
        (EventTime::On(first), EventTime::On(second)) => first <= second,
        (EventTime::NotYet, EventTime::At(_) | EventTime::On(_) | EventTime::Happened) => false,
        _ => match (earliest(first), latest(second)) {
            (Some(first), Some(second)) => first <= second,
            _ => true,
        },
    }
}

/// Returns the earliest instant that a state allows, in any zone.
pub(super) fn earliest(time: EventTime) -> Option<Instant> {
    match time {
        EventTime::Unknown | EventTime::NotYet | EventTime::Happened => None,
        EventTime::At(t) => Some(t),
        EventTime::On(day) => Some(day.start(Zone::earliest())),
    }
}

/// Returns the latest instant that a state allows, in any zone.
fn latest(time: EventTime) -> Option<Instant> {
    match time {
        EventTime::Unknown | EventTime::NotYet | EventTime::Happened => None,
        EventTime::At(t) => Some(t),
        EventTime::On(day) => Some(day.plus_days(1).start(Zone::latest()).previous()),
    }
}

/// Reports events of a request that are out of order. `last` is the instant of the last of
/// the order's own events; `None`: they do not ascend.
pub(super) fn check_request_events(
    order: &Order<'_>,
    request: &Request<'_>,
    last: Option<Instant>,
    decide_time: Instant,
    found: &mut Found,
) {
    let mut checking = Checking {
        shared: &[],
        declared: &[],
        last: None,
        decide_time,
        found,
    };
    checking.share(&order.facts, last);
    let facts = &request.facts;
    checking.check(0, REQUEST_EVENTS, facts.events(), facts.declared_events());
    for (parcel, index) in request.return_parcels.iter().zip(1..) {
        checking.check(index, REQUEST_EVENTS, parcel.facts.events(), &[]);
    }
    // Actions share their slots.
    if !unknown(request.ask.facts.events()) {
        let asked = |event: &&Event| event.field().owner() == Owner::Action(request.ask.action);
        let asked: Vec<Event> = ACTION_EVENTS.iter().filter(asked).copied().collect();
        let times: Vec<_> = asked.iter().map(|e| request.ask.event(*e)).collect();
        checking.check(0, &asked, &times, &[]);
    }
    let violations = &mut found.violations;
    check_return_events(order, 0, facts, violations);
    for (parcel, index) in request.return_parcels.iter().zip(1..) {
        check_return_events(order, index, &parcel.facts, violations);
    }
    // Only of an order that is not placed yet can nothing have been asked for.
    let sent = request.facts.event(Event::StatementSend);
    if sent == EventTime::NotYet && order.facts.event(Event::Place) != EventTime::NotYet {
        violations.add(
            At::REQUEST.field("statement_send_time"),
            ViolationKind::EventOrder,
            "says that nothing was sent, but the request reached the shop at \
             `request.request_time`; state when it was sent, or leave it out",
        );
    }
    // What was sent is never after what was received.
    if earliest(sent).is_some_and(|t| t > request.request_time) {
        violations.add(
            At::REQUEST.field("statement_send_time"),
            ViolationKind::EventOrder,
            "is after `request.request_time`; nothing is sent after it was received",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_what_comes_first_before_what_comes_after() {
        let lists = [
            ORDER_EVENTS,
            LINE_EVENTS,
            PARCEL_EVENTS,
            REQUEST_EVENTS,
            ACTION_EVENTS,
        ];
        let all = || Event::ALL.iter().copied();
        let pairs = all().flat_map(|second| all().map(move |first| (first, second)));
        for (first, second) in pairs.filter(|(f, s)| s.before() & f.bit() != 0) {
            // No event of one owner comes before one of the order.
            assert!(ORDER_EVENTS.contains(&first) || !ORDER_EVENTS.contains(&second));
            for own in lists {
                let place = |event| own.iter().position(|listed| *listed == event);
                if let (Some(first), Some(second)) = (place(first), place(second)) {
                    assert!(first < second, "{:?}", own[second]);
                }
            }
        }
    }
}
