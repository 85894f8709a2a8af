//! Checks the order of events: what cannot have happened in that order is refused.

use super::{Field, Report};
use crate::domain::event::{Event, ORDER};
use crate::domain::facts::{Ask, Order, Request};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::violation::ViolationKind;

/// An event, where it stands, and its state.
type Stated = (Event, Field, EventTime);

/// Returns the events of an order that belong to no parcel and no line.
fn order_events(order: &Order<'_>) -> [Stated; 4] {
    let birth = order
        .customer
        .birth
        .map_or(EventTime::Unknown, EventTime::On);
    let report = order
        .customer
        .credentials_report
        .unwrap_or(EventTime::Unknown);
    let one = Field::One;
    [
        (Event::Place, one("order.place_time"), order.place),
        (Event::Accept, one("order.accept_time"), order.accept),
        (Event::Birth, one("order.customer.birth_date"), birth),
        (
            Event::CredentialsReport,
            one("order.customer.credentials_report_time"),
            report,
        ),
    ]
}

pub(super) fn check_order_events(order: &Order<'_>, decide_time: Instant, report: &mut Report) {
    let shared = order_events(order);
    check_events(shared.iter(), &[], decide_time, report);
    for (place, line) in order.lines.iter().enumerate() {
        let of = |name: &'static str| Field::Of("order.lines", place, name);
        let own = [
            (Event::Confirm, of("confirm_time"), line.confirm),
            (
                Event::DesignConfirm,
                of("design_confirm_time"),
                line.design_confirm,
            ),
            (
                Event::ProductionStart,
                of("production_start_time"),
                line.production_start,
            ),
        ];
        check_events(own.iter(), &shared, decide_time, report);
    }
    for (place, shipment) in order.shipments.iter().enumerate() {
        let of = |name: &'static str| Field::Of("order.shipments", place, name);
        let own = [
            (Event::Ship, of("ship_time"), shipment.ship),
            (Event::Deliver, of("deliver_time"), shipment.deliver),
            (Event::Collect, of("collect_time"), shipment.collect),
            (
                Event::FirstAttempt,
                of("first_attempt_time"),
                shipment.first_attempt,
            ),
            (
                Event::AttemptAnswer,
                of("attempt_answer_time"),
                shipment.attempt_answer,
            ),
            (
                Event::WarehouseReturn,
                of("warehouse_return_time"),
                shipment.warehouse_return,
            ),
        ];
        check_events(own.iter(), &shared, decide_time, report);
    }
}

/// Checks own events against each other and against shared ones that come first.
fn check_events<'e>(
    own: impl Iterator<Item = &'e Stated> + Clone,
    shared: &[Stated],
    decide_time: Instant,
    report: &mut Report,
) {
    // What is unknown contradicts nothing.
    let known = |stated: &&Stated| stated.2 != EventTime::Unknown;
    for (_, path, time) in own.clone().filter(known) {
        if earliest(*time).is_some_and(|t| t > decide_time) {
            report.add(
                path.to_string(),
                ViolationKind::EventOrder,
                format!("lies after the instant of deciding, {decide_time}; say `not_yet`"),
            );
        }
    }
    if !own.clone().any(|stated| known(&stated)) {
        return;
    }
    for (first, second) in ORDER {
        let Some((_, path, after)) = own.clone().filter(known).find(|s| s.0 == *second) else {
            continue;
        };
        let mut here = own.clone().find(|s| s.0 == *first);
        here = here.or_else(|| shared.iter().find(|s| s.0 == *first));
        if let Some((_, first_path, before)) = here
            && !in_order(*before, *after)
        {
            report.add(
                path.to_string(),
                ViolationKind::EventOrder,
                format!("comes before `{first_path}`; mend one of them"),
            );
        }
    }
}

/// Whether some reading of two states has the first event not after the second.
fn in_order(first: EventTime, second: EventTime) -> bool {
    match (first, second) {
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
    let own = [
        (
            Event::StatementSend,
            Field::One("request.statement_send_time"),
            request.statement_send,
        ),
        (
            Event::FormSend,
            Field::One("request.form_send_time"),
            request.form_send,
        ),
        (
            Event::HandOver,
            Field::One("request.journey.hand_over_time"),
            journey.hand_over,
        ),
        (
            Event::Proof,
            Field::One("request.journey.proof_time"),
            journey.proof,
        ),
        (
            Event::Receive,
            Field::One("request.journey.receive_time"),
            journey.receive,
        ),
        (
            Event::ShopRequest,
            Field::One("request.journey.shop_request_time"),
            journey.shop_request,
        ),
        (
            Event::ShopCollect,
            Field::One("request.journey.shop_collect_time"),
            journey.shop_collect,
        ),
        (
            Event::ConfirmMail,
            Field::One("request.response.confirm_mail_time"),
            request.response.confirm_mail,
        ),
    ];
    let mut asked: Vec<Stated> = Vec::new();
    match &request.ask {
        Ask::CreditUse {
            next_order,
            goods_receive,
            ..
        } => {
            asked.push((
                Event::NextOrder,
                Field::One("request.credit_use.next_order_time"),
                *next_order,
            ));
            asked.push((
                Event::CreditGoodsReceive,
                Field::One("request.credit_use.goods_receive_time"),
                *goods_receive,
            ));
        }
        Ask::ShopEvent {
            address_query,
            address_answer,
            cancel,
            ..
        } => {
            asked.push((
                Event::AddressQuery,
                Field::One("request.shop_event.address_query_time"),
                *address_query,
            ));
            asked.push((
                Event::AddressAnswer,
                Field::One("request.shop_event.address_answer_time"),
                *address_answer,
            ));
            asked.push((
                Event::ShopCancel,
                Field::One("request.shop_event.cancel_time"),
                *cancel,
            ));
        }
        Ask::Return { .. }
        | Ask::Withdrawal
        | Ask::Exchange { .. }
        | Ask::Cancellation { .. }
        | Ask::Change { .. }
        | Ask::Claim { .. }
        | Ask::DeliveryProblem { .. } => {}
    }
    let all = own.iter().chain(&asked);
    check_events(all, &order_events(order), decide_time, report);
    // What was sent is never after what was received.
    if earliest(request.statement_send).is_some_and(|t| t > request.request_time) {
        report.add(
            "request.statement_send_time",
            ViolationKind::EventOrder,
            "comes after `request.request_time`; what was sent is never after what was received",
        );
    }
}
