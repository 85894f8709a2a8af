//! Checks the order of events: what cannot have happened in that order is refused.

use super::Report;
use crate::domain::event::Event;
use crate::domain::facts::{Ask, Order, Request};
use crate::domain::path::{FieldPath, UnitsPlace};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::violation::ViolationKind;

fn order_events(order: &Order<'_>) -> [(Event, EventTime); 4] {
    let customer = &order.customer;
    let birth = customer.birth.map_or(EventTime::Unknown, EventTime::On);
    let lost = customer.credentials_report.unwrap_or(EventTime::Unknown);
    [
        (Event::Place, order.place),
        (Event::Accept, order.accept),
        (Event::Birth, birth),
        (Event::CredentialsReport, lost),
    ]
}

/// Checks the events of one place, a line or a parcel by its number, against each
/// other and against shared ones that come first.
struct Checking<'c> {
    shared: &'c [(Event, EventTime)],
    decide_time: Instant,
    report: &'c mut Report,
}

impl Checking<'_> {
    fn check(&mut self, place: usize, own: &[(Event, EventTime)]) {
        for (event, time) in own {
            // What is unknown contradicts nothing.
            if *time == EventTime::Unknown {
                continue;
            }
            if earliest(*time).is_some_and(|t| t > self.decide_time) {
                self.report.add(
                    path(*event, place),
                    ViolationKind::EventOrder,
                    format!(
                        "lies after the instant of deciding, {}; say `not_yet`",
                        self.decide_time
                    ),
                );
            }
            let before = event.before();
            if before == 0 {
                continue;
            }
            for (first, stated) in own.iter().chain(self.shared) {
                if before & first.bit() != 0 && !in_order(*stated, *time) {
                    self.report.add(
                        path(*event, place),
                        ViolationKind::EventOrder,
                        format!("comes before `{}`; mend one of them", path(*first, place)),
                    );
                }
            }
        }
    }
}

/// Returns the field of an event; of a line or a parcel, of the one at this place.
fn path(event: Event, place: usize) -> String {
    let field = FieldPath {
        parcel: place,
        ..FieldPath::of(event.field())
    };
    let line = UnitsPlace {
        line: place,
        ..UnitsPlace::default()
    };
    field.of_units(line).to_string()
}

pub(super) fn check_order_events(order: &Order<'_>, decide_time: Instant, report: &mut Report) {
    let shared = order_events(order);
    let mut checking = Checking {
        shared: &[],
        decide_time,
        report,
    };
    checking.check(0, &shared);
    checking.shared = &shared;
    for (place, line) in order.lines.iter().enumerate() {
        let own = [
            (Event::Confirm, line.confirm),
            (Event::DesignConfirm, line.design_confirm),
            (Event::ProductionStart, line.production_start),
        ];
        checking.check(place, &own);
    }
    for (place, shipment) in order.shipments.iter().enumerate() {
        let own = [
            (Event::Ship, shipment.ship),
            (Event::Deliver, shipment.deliver),
            (Event::Collect, shipment.collect),
            (Event::FirstAttempt, shipment.first_attempt),
            (Event::AttemptAnswer, shipment.attempt_answer),
            (Event::WarehouseReturn, shipment.warehouse_return),
        ];
        checking.check(place, &own);
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
    let none = EventTime::Unknown;
    let (next_order, goods_receive) = match &request.ask {
        Ask::CreditUse {
            next_order,
            goods_receive,
            ..
        } => (*next_order, *goods_receive),
        _ => (none, none),
    };
    let (address_query, address_answer, cancel) = match &request.ask {
        Ask::ShopEvent {
            address_query,
            address_answer,
            cancel,
            ..
        } => (*address_query, *address_answer, *cancel),
        _ => (none, none, none),
    };
    let own = [
        (Event::StatementSend, request.statement_send),
        (Event::FormSend, request.form_send),
        (Event::HandOver, journey.hand_over),
        (Event::Proof, journey.proof),
        (Event::Receive, journey.receive),
        (Event::ShopRequest, journey.shop_request),
        (Event::ShopCollect, journey.shop_collect),
        (Event::ConfirmMail, request.response.confirm_mail),
        (Event::NextOrder, next_order),
        (Event::CreditGoodsReceive, goods_receive),
        (Event::AddressQuery, address_query),
        (Event::AddressAnswer, address_answer),
        (Event::ShopCancel, cancel),
    ];
    let shared = order_events(order);
    let mut checking = Checking {
        shared: &shared,
        decide_time,
        report,
    };
    checking.check(0, &own);
    // What was sent is never after what was received.
    if earliest(request.statement_send).is_some_and(|t| t > request.request_time) {
        report.add(
            "request.statement_send_time",
            ViolationKind::EventOrder,
            "comes after `request.request_time`; what was sent is never after what was received",
        );
    }
}
