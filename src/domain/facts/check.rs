//! Checks facts against each other: what cannot be is refused with its path.

pub(super) mod events;
pub(super) mod sums;

use std::collections::BTreeSet;

use super::index::LineIndex;
use super::places::{Places, ascend};
use super::{Order, PayoutWish, Request};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_ADJUSTMENTS, MAX_EARLIER_REMEDIES, MAX_LINES, MAX_OPEN_REQUESTS, MAX_OPTIONS, MAX_PAYMENTS,
    MAX_RETURN_PARCELS, MAX_ROWS, MAX_SHIPMENTS,
};
use crate::domain::path::At;
use crate::domain::time::{EventTime, Instant};
use crate::domain::violation::{ViolationKind, Violations};
use crate::domain::vocabulary::Event;
use events::{check_order_events, check_request_events, earliest};

/// What the checks of an order and a request come to.
#[derive(Default)]
pub(super) struct Found {
    /// What is wrong.
    pub violations: Violations,
    /// Paths of events that happened at a time that nobody can tell.
    pub untimed: Vec<String>,
}

/// What was found of the lines of an order.
#[derive(Clone, Copy)]
pub(super) struct JoinedLines<'j, 'o, 't> {
    /// Their indexes by id.
    pub places: &'j Places<'o, 't>,
    /// Indexes of lines whose id an earlier line has.
    pub repeated: &'j [usize],
    /// What is derived of each line.
    pub lines: &'j [LineIndex],
}

/// Reports what is wrong with an order. `last` is the instant of the last of its own events;
/// `None`: they do not ascend.
pub(super) fn check_order(
    order: &Order<'_>,
    joined: JoinedLines<'_, '_, '_>,
    last: Option<Instant>,
    decide_time: Instant,
    found: &mut Found,
) {
    let violations = &mut found.violations;
    for index in joined.repeated {
        if let Some(line) = order.lines.get(*index) {
            violations
                .add_duplicate_id(At::ORDER.element("lines", *index).field("line_id"), line.id);
        }
    }
    check_lists(order, joined.places, violations);
    sums::check(order, joined.lines, violations);
    check_order_events(order, last, decide_time, found);
}

/// Reports ids that a list of an owner holds twice. `key` is the field of the id.
fn unique<'i>(
    violations: &mut Violations,
    owner: &At<'_>,
    list: &'static str,
    key: &'static str,
    ids: impl ExactSizeIterator<Item = CallerId<'i>> + Clone,
) {
    if ascend(ids.clone()) {
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            violations.add_duplicate_id(owner.element(list, index).field(key), id);
        }
    }
}

fn check_lists(order: &Order<'_>, places: &Places<'_, '_>, violations: &mut Violations) {
    if order.lines.is_empty() {
        violations.add(
            At::ORDER.field("lines"),
            ViolationKind::Required,
            "is empty; give at least one line",
        );
    }
    let told = order.shipments.len().saturating_sub(untold(order));
    for (list, length, limit) in [
        ("lines", order.lines.len(), MAX_LINES),
        ("shipments", told, MAX_SHIPMENTS),
        ("options", order.options.len(), MAX_OPTIONS),
        ("payments", order.payments.len(), MAX_PAYMENTS),
        ("adjustments", order.adjustments.len(), MAX_ADJUSTMENTS),
        (
            "open_requests",
            order.open_requests.len(),
            MAX_OPEN_REQUESTS,
        ),
        (
            "earlier_remedies",
            order.earlier.len(),
            MAX_EARLIER_REMEDIES,
        ),
    ] {
        violations.check_length(At::ORDER.field(list), length, limit);
    }
    let known = |id: &CallerId<'_>| places.find(*id, 0).is_some();
    let open = order.open_requests.iter().enumerate();
    for (index, open) in open.filter(|(_, open)| !known(&open.line)) {
        violations.add(
            At::ORDER.element("open_requests", index).field("line_id"),
            ViolationKind::UnknownReference,
            format!("`{}` is not a line of the order", open.line),
        );
    }
    unique(
        violations,
        &At::ORDER,
        "shipments",
        "shipment_id",
        order.shipments.iter().take(told).map(|s| s.id),
    );
    unique(
        violations,
        &At::ORDER,
        "payments",
        "payment_id",
        order.payments.iter().map(|p| p.id),
    );
    for (index, line) in order.lines.iter().enumerate() {
        let at = At::ORDER.element("lines", index);
        violations.check_quantity(at.field("quantity"), line.quantity);
    }
    for (index, option) in order.options.iter().enumerate() {
        let at = At::ORDER.element("options", index);
        violations.check_quantity(at.field("quantity"), option.quantity);
        if let Some(used) = option.used
            && !(0..=option.quantity).contains(&used)
        {
            violations.add(
                at.field("used_count"),
                ViolationKind::OutOfRange,
                format!("is {used}; give 0 to the quantity {}", option.quantity),
            );
        }
        for (item, line) in option.lines.iter().enumerate().filter(|(_, l)| !known(l)) {
            violations.add(
                at.element("line_ids", item),
                ViolationKind::UnknownReference,
                format!("`{line}` is not a line of the order"),
            );
        }
        if order
            .options
            .iter()
            .take(index)
            .any(|o| o.code == option.code && o.lines == option.lines)
        {
            violations.add(
                at.field("code"),
                ViolationKind::Duplicate,
                format!(
                    "duplicate option `{}` for the same lines; add up the quantities",
                    option.code
                ),
            );
        }
    }
}

/// Counts the parcels that were added for units of which no parcel is told: 0 or 1.
fn untold(order: &Order<'_>) -> usize {
    usize::from(order.shipments.last().is_some_and(|last| !last.named))
}

/// Reports what is wrong with a request beside its units. `last` is the instant of the last
/// of the order's own events; `None`: they do not ascend.
pub(super) fn check_request(
    order: &Order<'_>,
    request: &Request<'_>,
    last: Option<Instant>,
    decide_time: Instant,
    found: &mut Found,
) {
    let violations = &mut found.violations;
    if request.lines.is_empty() {
        violations.add(
            At::REQUEST.field("lines"),
            ViolationKind::Required,
            "is empty; name the units that the request is about",
        );
    }
    violations.check_length(At::REQUEST.field("lines"), request.lines.len(), MAX_LINES);
    let groups = request
        .lines
        .iter()
        .map(|l| l.groups.len())
        .fold(0, usize::saturating_add);
    violations.check_length("request.lines[].groups", groups, MAX_ROWS);
    let parcels = &request.return_parcels;
    violations.check_length(
        At::REQUEST.field("return_parcels"),
        parcels.len(),
        MAX_RETURN_PARCELS,
    );
    unique(
        violations,
        &At::REQUEST,
        "return_parcels",
        "return_parcel_id",
        parcels.iter().map(|parcel| parcel.id),
    );
    if decide_time < request.request_time {
        violations.add(
            At::ROOT.field("decide_time"),
            ViolationKind::EventOrder,
            "comes before `request.request_time`",
        );
    }
    if let Some(PayoutWish::Payment(id)) = request.payout
        && !order.payments.iter().any(|payment| payment.id == id)
    {
        violations.add(
            At::REQUEST.field("payout_wish").field("payment_id"),
            ViolationKind::UnknownReference,
            format!("`{id}` is not a payment of the order"),
        );
    }
    let placed = order.facts.event(Event::Place);
    if let EventTime::At(placed) = placed
        && request.request_time < placed
    {
        violations.add(
            At::REQUEST.field("request_time"),
            ViolationKind::EventOrder,
            "comes before `order.place_time`; to ask before the purchase, set \
             `order.place_time` to `not_yet`",
        );
    } else if !in_order_of_request(placed, request.request_time) {
        violations.add(
            At::REQUEST.field("request_time"),
            ViolationKind::EventOrder,
            "comes before `order.place_time`",
        );
    }
    check_request_events(order, request, last, decide_time, found);
}

fn in_order_of_request(placed: EventTime, request: Instant) -> bool {
    earliest(placed).is_none_or(|p| p <= request)
}
