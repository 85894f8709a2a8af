//! Checks facts against each other: what cannot be is refused with its path.

mod sums;

use std::collections::BTreeSet;

use super::{Ask, Order, Request};
use crate::domain::event::{Event, ORDER};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_EARLIER_REMEDIES, MAX_GROUPS, MAX_LINES, MAX_OPTIONS, MAX_PAYMENTS, MAX_QUANTITY, MAX_ROWS,
    MAX_SHIPMENT_ITEMS, MAX_SHIPMENTS,
};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::violation::{Violation, ViolationKind};

/// Collects violations under field paths.
struct Report(Vec<Violation>);

impl Report {
    fn add(
        &mut self,
        field: impl Into<String>,
        kind: ViolationKind,
        description: impl Into<String>,
    ) {
        self.0.push(Violation::new(field, kind, description));
    }

    fn count(&mut self, field: &str, count: usize, limit: usize) {
        if count > limit {
            self.add(
                field,
                ViolationKind::TooMany,
                format!("has {count} entries; at most {limit} are allowed"),
            );
        }
    }

    fn quantity(&mut self, field: String, quantity: i32) -> bool {
        let fits = (1..=MAX_QUANTITY).contains(&quantity);
        if !fits {
            self.add(
                field,
                ViolationKind::OutOfRange,
                format!("is {quantity}; give 1 to {MAX_QUANTITY}"),
            );
        }
        fits
    }

    fn unique<'i>(&mut self, list: &str, key: &str, ids: impl Iterator<Item = &'i CallerId>) {
        let mut seen = BTreeSet::new();
        for (place, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.add(
                    format!("{list}[{place}].{key}"),
                    ViolationKind::Duplicate,
                    format!("`{id}` stands twice; give each its own id"),
                );
            }
        }
    }
}

/// Returns what is wrong with an order and a request together.
pub(super) fn check(order: &Order, request: &Request, decide_time: Instant) -> Vec<Violation> {
    let mut report = Report(Vec::new());
    check_lists(order, &mut report);
    sums::check(order, &mut report);
    check_order_events(order, decide_time, &mut report);
    report.0.extend(check_request(order, request, decide_time));
    report.0
}

fn check_lists(order: &Order, report: &mut Report) {
    if order.lines.is_empty() {
        report.add(
            "order.lines",
            ViolationKind::Required,
            "is empty; give at least one line",
        );
    }
    report.count("order.lines", order.lines.len(), MAX_LINES);
    report.count("order.shipments", order.shipments.len(), MAX_SHIPMENTS);
    report.count("order.options", order.options.len(), MAX_OPTIONS);
    report.count("order.payments", order.payments.len(), MAX_PAYMENTS);
    report.count(
        "order.earlier_remedies",
        order.earlier.len(),
        MAX_EARLIER_REMEDIES,
    );
    report.unique("order.lines", "line_id", order.lines.iter().map(|l| &l.id));
    report.unique(
        "order.shipments",
        "shipment_id",
        order.shipments.iter().map(|s| &s.id),
    );
    report.unique(
        "order.payments",
        "payment_id",
        order.payments.iter().map(|p| &p.id),
    );
    for (place, line) in order.lines.iter().enumerate() {
        report.quantity(format!("order.lines[{place}].quantity"), line.quantity);
    }
    let known = |id: &CallerId| order.lines.iter().any(|l| &l.id == id);
    for (place, option) in order.options.iter().enumerate() {
        let path = format!("order.options[{place}]");
        report.quantity(format!("{path}.quantity"), option.quantity);
        if let Some(used) = option.used
            && !(0..=option.quantity).contains(&used)
        {
            report.add(
                format!("{path}.used_count"),
                ViolationKind::OutOfRange,
                format!("is {used}; give 0 to the quantity {}", option.quantity),
            );
        }
        for (at, line) in option.lines.iter().enumerate().filter(|(_, l)| !known(l)) {
            report.add(
                format!("{path}.line_ids[{at}]"),
                ViolationKind::UnknownReference,
                format!("`{line}` is not a line of the order"),
            );
        }
        if order
            .options
            .iter()
            .take(place)
            .any(|o| o.code == option.code && o.lines == option.lines)
        {
            report.add(
                format!("{path}.code"),
                ViolationKind::Duplicate,
                format!(
                    "`{}` stands twice for the same lines; add up the quantities",
                    option.code
                ),
            );
        }
    }
    check_shipments(order, report);
    check_earlier(order, report);
}

fn check_shipments(order: &Order, report: &mut Report) {
    for (place, shipment) in order.shipments.iter().enumerate() {
        let path = format!("order.shipments[{place}]");
        let Some(items) = &shipment.items else {
            if order.shipments.len() > 1 {
                report.add(
                    format!("{path}.items"),
                    ViolationKind::Required,
                    "is empty; only the sole parcel of an order may leave it out",
                );
            }
            continue;
        };
        report.count(&format!("{path}.items"), items.len(), MAX_SHIPMENT_ITEMS);
        report.unique(
            &format!("{path}.items"),
            "line_id",
            items.iter().map(|(id, _)| id),
        );
        for (at, (id, quantity)) in items.iter().enumerate() {
            report.quantity(format!("{path}.items[{at}].quantity"), *quantity);
            if !order.lines.iter().any(|l| &l.id == id) {
                report.add(
                    format!("{path}.items[{at}].line_id"),
                    ViolationKind::UnknownReference,
                    format!("`{id}` is not a line of the order"),
                );
            }
        }
    }
    for line in &order.lines {
        let packed: i64 = order
            .shipments
            .iter()
            .flat_map(|s| s.items.iter().flatten())
            .filter(|(id, _)| id == &line.id)
            .map(|(_, q)| i64::from(*q))
            .fold(0, i64::saturating_add);
        if packed > i64::from(line.quantity) {
            report.add(
                "order.shipments",
                ViolationKind::SumMismatch,
                format!(
                    "hold {packed} units of line `{}`, which has {}",
                    line.id, line.quantity
                ),
            );
        }
    }
}

fn check_earlier(order: &Order, report: &mut Report) {
    for (place, earlier) in order.earlier.iter().enumerate() {
        let path = format!("order.earlier_remedies[{place}]");
        match &earlier.line {
            None if earlier.quantity != 0 => report.add(
                format!("{path}.line_id"),
                ViolationKind::Required,
                "is empty although units are named; name their line",
            ),
            None if !earlier.amount.is_zero() => report.add(
                format!("{path}.line_id"),
                ViolationKind::Required,
                "is empty although an amount for units is named; name their line",
            ),
            None => {}
            Some(id) => {
                report.quantity(format!("{path}.quantity"), earlier.quantity);
                if !order.lines.iter().any(|l| &l.id == id) {
                    report.add(
                        format!("{path}.line_id"),
                        ViolationKind::UnknownReference,
                        format!("`{id}` is not a line of the order"),
                    );
                }
            }
        }
    }
    for (place, line) in order.lines.iter().enumerate() {
        let consumed = order.consumed(&line.id);
        if consumed > line.quantity {
            report.add(
                format!("order.lines[{place}].quantity"),
                ViolationKind::SumMismatch,
                format!(
                    "is {}, but earlier remedies used up {consumed}",
                    line.quantity
                ),
            );
        }
    }
}

/// Returns the events of an order that belong to no parcel and no line, with paths.
fn order_events(order: &Order) -> Vec<(Event, String, EventTime)> {
    let birth = order
        .customer
        .birth
        .map_or(EventTime::Unknown, EventTime::On);
    let mut events = vec![
        (Event::Place, "order.place_time".to_owned(), order.place),
        (Event::Accept, "order.accept_time".to_owned(), order.accept),
        (Event::Birth, "order.customer.birth_date".to_owned(), birth),
    ];
    if let Some(report) = order.customer.credentials_report {
        events.push((
            Event::CredentialsReport,
            "order.customer.credentials_report_time".to_owned(),
            report,
        ));
    }
    events
}

fn check_order_events(order: &Order, decide_time: Instant, report: &mut Report) {
    let shared = order_events(order);
    check_events(&shared, &[], decide_time, report);
    for (place, line) in order.lines.iter().enumerate() {
        let path = |name: &str| format!("order.lines[{place}].{name}");
        let own = vec![
            (Event::Confirm, path("confirm_time"), line.confirm),
            (
                Event::DesignConfirm,
                path("design_confirm_time"),
                line.design_confirm,
            ),
            (
                Event::ProductionStart,
                path("production_start_time"),
                line.production_start,
            ),
        ];
        check_events(&own, &shared, decide_time, report);
    }
    for (place, shipment) in order.shipments.iter().enumerate() {
        let path = |name: &str| format!("order.shipments[{place}].{name}");
        let own = vec![
            (Event::Ship, path("ship_time"), shipment.ship),
            (Event::Deliver, path("deliver_time"), shipment.deliver),
            (Event::Collect, path("collect_time"), shipment.collect),
            (
                Event::FirstAttempt,
                path("first_attempt_time"),
                shipment.first_attempt,
            ),
            (
                Event::AttemptAnswer,
                path("attempt_answer_time"),
                shipment.attempt_answer,
            ),
            (
                Event::WarehouseReturn,
                path("warehouse_return_time"),
                shipment.warehouse_return,
            ),
        ];
        check_events(&own, &shared, decide_time, report);
    }
}

/// Checks own events against each other and against shared ones that come first.
fn check_events(
    own: &[(Event, String, EventTime)],
    shared: &[(Event, String, EventTime)],
    decide_time: Instant,
    report: &mut Report,
) {
    for (_, path, time) in own {
        if earliest(*time).is_some_and(|t| t > decide_time) {
            report.add(
                path.clone(),
                ViolationKind::EventOrder,
                format!("lies after the instant of deciding, {decide_time}; say `not_yet`"),
            );
        }
    }
    for (first, second) in ORDER {
        let find = |list: &[(Event, String, EventTime)], event: Event| {
            list.iter()
                .find(|(e, _, _)| *e == event)
                .map(|(_, p, t)| (p.clone(), *t))
        };
        let Some((path, after)) = find(own, *second) else {
            continue;
        };
        let Some((first_path, before)) = find(own, *first).or_else(|| find(shared, *first)) else {
            continue;
        };
        if !in_order(before, after) {
            report.add(
                path,
                ViolationKind::EventOrder,
                format!("comes before `{first_path}`; mend one of them"),
            );
        }
    }
}

/// Whether some reading of two states has the first event not after the second.
pub(crate) fn in_order(first: EventTime, second: EventTime) -> bool {
    match (first, second) {
        (EventTime::NotYet, EventTime::At(_) | EventTime::On(_)) => false,
        _ => match (earliest(first), latest(second)) {
            (Some(first), Some(second)) => first <= second,
            _ => true,
        },
    }
}

/// Returns the earliest instant that a state allows, in any zone.
fn earliest(time: EventTime) -> Option<Instant> {
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

/// Returns what is wrong with a request about an order that is right.
pub(super) fn check_request(
    order: &Order,
    request: &Request,
    decide_time: Instant,
) -> Vec<Violation> {
    let mut report = Report(Vec::new());
    if request.lines.is_empty() {
        report.add(
            "request.lines",
            ViolationKind::Required,
            "is empty; name the units that the request is about",
        );
    }
    report.count("request.lines", request.lines.len(), MAX_LINES);
    report.unique(
        "request.lines",
        "line_id",
        request.lines.iter().map(|l| &l.line),
    );
    let rows = request
        .lines
        .iter()
        .map(|l| l.groups.len())
        .fold(0, usize::saturating_add);
    report.count("request.lines[].groups", rows, MAX_ROWS);
    check_units(order, request, &mut report);
    if decide_time < request.request_time {
        report.add(
            "decide_time",
            ViolationKind::EventOrder,
            "comes before `request.request_time`",
        );
    }
    if let EventTime::At(placed) = order.place
        && request.request_time < placed
    {
        report.add(
            "request.request_time",
            ViolationKind::EventOrder,
            "comes before `order.place_time`; say there that the order is `not_yet` placed to ask before the purchase",
        );
    } else if !in_order_of_request(order.place, request.request_time) {
        report.add(
            "request.request_time",
            ViolationKind::EventOrder,
            "comes before `order.place_time`",
        );
    }
    check_request_events(order, request, decide_time, &mut report);
    report.0
}

fn in_order_of_request(place: EventTime, request: Instant) -> bool {
    earliest(place).is_none_or(|p| p <= request)
}

fn check_units(order: &Order, request: &Request, report: &mut Report) {
    for (place, asked) in request.lines.iter().enumerate() {
        let path = format!("request.lines[{place}]");
        report.count(&format!("{path}.groups"), asked.groups.len(), MAX_GROUPS);
        if asked.groups.is_empty() {
            report.add(
                format!("{path}.groups"),
                ViolationKind::Required,
                "is empty; name at least one group of units",
            );
        }
        let line = order.lines.iter().find(|l| l.id == asked.line);
        if line.is_none() {
            report.add(
                format!("{path}.line_id"),
                ViolationKind::UnknownReference,
                format!("`{}` is not a line of the order", asked.line),
            );
        }
        let mut sum: i64 = 0;
        for (at, group) in asked.groups.iter().enumerate() {
            report.quantity(format!("{path}.groups[{at}].quantity"), group.quantity);
            sum = sum.saturating_add(i64::from(group.quantity.max(0)));
            if let Some(id) = &group.shipment {
                let parcel = order.shipments.iter().find(|s| &s.id == id);
                let holds = parcel.is_some_and(|s| {
                    s.items
                        .as_ref()
                        .is_none_or(|items| items.iter().any(|(l, _)| l == &asked.line))
                });
                if !holds {
                    report.add(
                        format!("{path}.groups[{at}].shipment_id"),
                        ViolationKind::UnknownReference,
                        format!("`{id}` is not a parcel with units of line `{}`", asked.line),
                    );
                }
            }
        }
        if let Some(line) = line {
            let left = i64::from(line.quantity).saturating_sub(i64::from(order.consumed(&line.id)));
            if sum > left {
                report.add(
                    format!("{path}.groups"),
                    ViolationKind::TooManyUnits,
                    format!("ask for {sum} units of line `{}`; {left} are left", line.id),
                );
            }
        }
    }
}

fn check_request_events(
    order: &Order,
    request: &Request,
    decide_time: Instant,
    report: &mut Report,
) {
    let journey = &request.journey;
    let mut own = vec![
        (
            Event::StatementSend,
            "request.statement_send_time".to_owned(),
            request.statement_send,
        ),
        (
            Event::FormSend,
            "request.form_send_time".to_owned(),
            request.form_send,
        ),
        (
            Event::HandOver,
            "request.journey.hand_over_time".to_owned(),
            journey.hand_over,
        ),
        (
            Event::Proof,
            "request.journey.proof_time".to_owned(),
            journey.proof,
        ),
        (
            Event::Receive,
            "request.journey.receive_time".to_owned(),
            journey.receive,
        ),
        (
            Event::ShopRequest,
            "request.journey.shop_request_time".to_owned(),
            journey.shop_request,
        ),
        (
            Event::ShopCollect,
            "request.journey.shop_collect_time".to_owned(),
            journey.shop_collect,
        ),
        (
            Event::ConfirmMail,
            "request.response.confirm_mail_time".to_owned(),
            request.response.confirm_mail,
        ),
    ];
    match &request.ask {
        Ask::CreditUse {
            next_order,
            goods_receive,
            ..
        } => {
            own.push((
                Event::NextOrder,
                "request.credit_use.next_order_time".to_owned(),
                *next_order,
            ));
            own.push((
                Event::CreditGoodsReceive,
                "request.credit_use.goods_receive_time".to_owned(),
                *goods_receive,
            ));
        }
        Ask::ShopEvent {
            address_query,
            address_answer,
            cancel,
            ..
        } => {
            own.push((
                Event::AddressQuery,
                "request.shop_event.address_query_time".to_owned(),
                *address_query,
            ));
            own.push((
                Event::AddressAnswer,
                "request.shop_event.address_answer_time".to_owned(),
                *address_answer,
            ));
            own.push((
                Event::ShopCancel,
                "request.shop_event.cancel_time".to_owned(),
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
    check_events(&own, &order_events(order), decide_time, report);
    // What was sent is never after what was received.
    if earliest(request.statement_send).is_some_and(|t| t > request.request_time) {
        report.add(
            "request.statement_send_time",
            ViolationKind::EventOrder,
            "comes after `request.request_time`; what was sent is never after what was received",
        );
    }
}
