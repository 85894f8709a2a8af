//! Checks the order of events: what cannot have happened in that order is refused.

use super::Report;
use crate::domain::event::Event;
use crate::domain::facts::{Ask, Order, Request, Shipment};
use crate::domain::path::{FieldPath, UnitsPlace};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::violation::ViolationKind;

/// Events of the order as a whole: those of lines, parcels and requests are checked
/// against them. As all lists here, it has what comes first before what comes after.
const SHARED: [Event; 4] = [
    Event::Birth,
    Event::Place,
    Event::Accept,
    Event::CredentialsReport,
];
/// Events of a line.
const LINE: [Event; 3] = [Event::Confirm, Event::DesignConfirm, Event::ProductionStart];
/// Events of a parcel.
const PARCEL: [Event; 6] = [
    Event::Ship,
    Event::FirstAttempt,
    Event::AttemptAnswer,
    Event::Deliver,
    Event::Collect,
    Event::WarehouseReturn,
];
/// Events of a request.
const REQUEST: [Event; 13] = [
    Event::StatementSend,
    Event::FormSend,
    Event::HandOver,
    Event::Proof,
    Event::Receive,
    Event::ShopRequest,
    Event::ShopCollect,
    Event::ConfirmMail,
    Event::CreditGoodsReceive,
    Event::NextOrder,
    Event::AddressQuery,
    Event::AddressAnswer,
    Event::ShopCancel,
];

const UNKNOWN: &EventTime = &EventTime::Unknown;

/// Returns what is stated of the events of [`SHARED`].
fn shared_times(order: &Order<'_>) -> [EventTime; SHARED.len()] {
    let customer = &order.customer;
    let birth = customer.birth.map_or(EventTime::Unknown, EventTime::On);
    let lost = customer.credentials_report.unwrap_or(EventTime::Unknown);
    [birth, order.place, order.accept, lost]
}

/// Whether nothing is known of any event, as of most lines and requests.
#[inline]
fn unknown(times: &[&EventTime]) -> bool {
    // Nearly always all are looked at, which is quicker without a stop after each.
    let is = |time: &&EventTime| matches!(time, EventTime::Unknown);
    times.iter().fold(true, |all, time| all & is(time))
}

/// Checks the events of one place, a line or a parcel by its number, against each
/// other and against shared ones that come first.
struct Checking<'c> {
    shared: &'c [EventTime],
    /// The last instant of the shared ones. `None`: they do not ascend.
    last: Option<Instant>,
    decide_time: Instant,
    report: &'c mut Report,
}

impl Checking<'_> {
    /// Checks what is stated of the events of one place. Returns the last of their
    /// instants and the shared ones; `None`: they do not ascend.
    fn check<const N: usize>(
        &mut self,
        place: usize,
        events: &[Event; N],
        times: [&EventTime; N],
    ) -> Option<Instant> {
        if unknown(&times) {
            return self.last;
        }
        // Instants that ascend as they are listed are in order, whatever has to come
        // before what. It is so for nearly every request.
        let last = self.last.and_then(|last| ascend(last, times));
        if last.is_none_or(|last| last > self.decide_time) {
            self.compare(place, events, &times);
        }
        last
    }

    /// Compares each event with every one that comes before it.
    #[inline(never)]
    fn compare(&mut self, place: usize, events: &[Event], times: &[&EventTime]) {
        let own = || events.iter().zip(times.iter().copied());
        for (event, time) in own() {
            // What is unknown contradicts nothing.
            if *time == EventTime::Unknown {
                continue;
            }
            let decide_time = self.decide_time;
            if earliest(*time).is_some_and(|t| t > decide_time) {
                self.report.add(ViolationKind::EventOrder, move || {
                    (
                        path(*event, place),
                        format!("lies after the instant of deciding, {decide_time}; say `not_yet`"),
                    )
                });
            }
            let before = event.before();
            if before == 0 {
                continue;
            }
            for (first, stated) in own().chain(SHARED.iter().zip(self.shared)) {
                if before & first.bit() != 0 && !in_order(*stated, *time) {
                    self.report.add(ViolationKind::EventOrder, move || {
                        (
                            path(*event, place),
                            format!("comes before `{}`; mend one of them", path(*first, place)),
                        )
                    });
                }
            }
        }
    }
}

/// Returns the last of the instants that are known, or `from` where none is; `None`:
/// they do not ascend from there, or are not all instants.
fn ascend<'e>(from: Instant, times: impl IntoIterator<Item = &'e EventTime>) -> Option<Instant> {
    let mut last = from;
    for time in times {
        match time {
            EventTime::Unknown => {}
            EventTime::At(time) if *time >= last => last = *time,
            EventTime::NotYet | EventTime::At(_) | EventTime::On(_) => return None,
        }
    }
    Some(last)
}

/// Returns the field of an event; of a line or a parcel, of the one at this place.
fn path(event: Event, place: usize) -> String {
    let field = FieldPath {
        parcel: place,
        ..FieldPath::to(event.field())
    };
    let line = UnitsPlace {
        line: place,
        ..UnitsPlace::default()
    };
    field.of_units(line).to_string()
}

pub(super) fn check_order_events(order: &Order<'_>, decide_time: Instant, report: &mut Report) {
    let shared = shared_times(order);
    let mut checking = Checking {
        shared: &[],
        last: Some(Instant::FIRST),
        decide_time,
        report,
    };
    checking.last = checking.check(0, &SHARED, shared.each_ref());
    checking.shared = &shared;
    for (place, line) in order.lines.iter().enumerate() {
        let own = [&line.confirm, &line.design_confirm, &line.production_start];
        checking.check(place, &LINE, own);
    }
    for (place, shipment) in order.shipments.iter().enumerate() {
        let own = [
            &shipment.ship,
            &shipment.first_attempt,
            &shipment.attempt_answer,
            &shipment.deliver,
            &shipment.collect,
            &shipment.warehouse_return,
        ];
        checking.check(place, &PARCEL, own);
    }
}

/// Reports a return of goods that begins before any parcel of the order was delivered.
fn check_return_events(order: &Order<'_>, request: &Request<'_>, report: &mut Report) {
    let journey = &request.journey;
    let of_return = [
        (Event::HandOver, journey.hand_over),
        (Event::Proof, journey.proof),
        (Event::Receive, journey.receive),
    ];
    for (event, time) in of_return {
        if time == EventTime::Unknown {
            continue;
        }
        for first in [Event::Ship, Event::Deliver] {
            let stated = |parcel: &Shipment<'_>| match first {
                Event::Ship => parcel.ship,
                _ => parcel.deliver,
            };
            let too_late = |parcel: &Shipment<'_>| !in_order(stated(parcel), time);
            if order.shipments.iter().all(too_late) {
                report.add(ViolationKind::EventOrder, move || {
                    (
                        path(event, 0),
                        format!("comes before `{}`; mend one of them", path(first, 0)),
                    )
                });
            }
        }
    }
}

/// Whether some reading of two states has the first event not after the second.
fn in_order(first: EventTime, second: EventTime) -> bool {
    match (first, second) {
        (EventTime::Unknown, _) | (_, EventTime::Unknown) => true,
        (EventTime::At(first), EventTime::At(second)) => first <= second,
        (EventTime::NotYet, EventTime::At(_) | EventTime::On(_)) => false,
        _ => match (earliest(first), latest(second)) {
            (Some(first), Some(second)) => first <= second,
            _ => true,
        },
    }
}

/// Returns the earliest instant that a state allows, in any zone.
pub(super) fn earliest(time: EventTime) -> Option<Instant> {
    match time {
        EventTime::Unknown | EventTime::NotYet => None,
        EventTime::At(t) => Some(t),
        EventTime::On(day) => Some(day.start(Zone::earliest())),
    }
}

/// Returns the latest instant that a state allows, in any zone.
fn latest(time: EventTime) -> Option<Instant> {
    match time {
        EventTime::Unknown | EventTime::NotYet => None,
        EventTime::At(t) => Some(t),
        EventTime::On(day) => Some(day.plus_days(1).start(Zone::latest()).previous()),
    }
}

pub(super) fn check_request_events(
    order: &Order<'_>,
    request: &Request<'_>,
    decide_time: Instant,
    report: &mut Report,
) {
    let journey = &request.journey;
    let (goods_receive, next_order) = match &request.ask {
        Ask::CreditUse {
            next_order,
            goods_receive,
            ..
        } => (goods_receive, next_order),
        _ => (UNKNOWN, UNKNOWN),
    };
    let (address_query, address_answer, cancel) = match &request.ask {
        Ask::ShopEvent {
            address_query,
            address_answer,
            cancel,
            ..
        } => (address_query, address_answer, cancel),
        _ => (UNKNOWN, UNKNOWN, UNKNOWN),
    };
    let own = [
        &request.statement_send,
        &request.form_send,
        &journey.hand_over,
        &journey.proof,
        &journey.receive,
        &journey.shop_request,
        &journey.shop_collect,
        &request.response.confirm_mail,
        goods_receive,
        next_order,
        address_query,
        address_answer,
        cancel,
    ];
    if !unknown(&own) {
        let shared = shared_times(order);
        let mut checking = Checking {
            shared: &shared,
            last: ascend(Instant::FIRST, &shared),
            decide_time,
            report,
        };
        checking.check(0, &REQUEST, own);
    }
    check_return_events(order, request, report);
    // Only of an order that is not placed yet can nothing have been asked for.
    if request.statement_send == EventTime::NotYet && order.place != EventTime::NotYet {
        report.add(ViolationKind::EventOrder, move || {
            (
                "request.statement_send_time",
                "says that nothing was sent, but the request reached the shop at `request.request_time`; state when it was sent, or leave it out",
            )
        });
    }
    // What was sent is never after what was received.
    if earliest(request.statement_send).is_some_and(|t| t > request.request_time) {
        report.add(ViolationKind::EventOrder, move || ("request.statement_send_time", "comes after `request.request_time`; what was sent is never after what was received"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_what_comes_first_before_what_comes_after() {
        let lists: [&[Event]; 4] = [&SHARED, &LINE, &PARCEL, &REQUEST];
        let pairs = Event::ALL.iter().copied();
        let pairs =
            pairs.flat_map(|second| second.predecessors().map(move |first| (first, second)));
        for (first, second) in pairs {
            // No event of one place comes before a shared one.
            assert!(SHARED.contains(&first) || !SHARED.contains(&second));
            for own in lists {
                let place = |event| own.iter().position(|listed| *listed == event);
                if let (Some(first), Some(second)) = (place(first), place(second)) {
                    assert!(first < second, "{:?}", own[second]);
                }
            }
        }
    }
}
