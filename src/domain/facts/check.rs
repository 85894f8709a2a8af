//! Checks facts against each other: what cannot be is refused with its path.

mod events;
mod sums;

use std::fmt;

use super::{Order, Request};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_EARLIER_REMEDIES, MAX_GROUPS, MAX_LINES, MAX_OPTIONS, MAX_PAYMENTS, MAX_QUANTITY, MAX_ROWS,
    MAX_SHIPMENT_ITEMS, MAX_SHIPMENTS,
};
use crate::domain::time::{EventTime, Instant};
use crate::domain::violation::{Violation, ViolationKind};
use events::{check_order_events, check_request_events, earliest};

/// Collects violations under field paths. Paths are written only for what is wrong.
struct Report(Vec<Violation>);

/// Names a field of an order or a request.
#[derive(Clone, Copy)]
enum Field {
    /// A field of which there is one.
    One(&'static str),
    /// A field of an entry: the list, the place in it, the name.
    Of(&'static str, usize, &'static str),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(path) => f.write_str(path),
            Self::Of(list, place, name) => write!(f, "{list}[{place}].{name}"),
        }
    }
}

impl Report {
    fn add(
        &mut self,
        field: impl Into<String>,
        kind: ViolationKind,
        description: impl Into<String>,
    ) {
        self.0.push(Violation::new(field, kind, description));
    }

    fn count(&mut self, field: impl fmt::Display, count: usize, limit: usize) {
        if count > limit {
            self.add(
                field.to_string(),
                ViolationKind::TooMany,
                format!("has {count} entries; at most {limit} are allowed"),
            );
        }
    }

    fn quantity(&mut self, field: impl fmt::Display, quantity: i32) {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            self.add(
                field.to_string(),
                ViolationKind::OutOfRange,
                format!("is {quantity}; give 1 to {MAX_QUANTITY}"),
            );
        }
    }

    fn unique<'i>(
        &mut self,
        list: impl fmt::Display,
        key: &str,
        ids: impl ExactSizeIterator<Item = CallerId<'i>>,
    ) {
        // Nothing stands twice in a list of one.
        if ids.len() < 2 {
            return;
        }
        let mut sorted: Vec<(CallerId<'i>, usize)> = ids.zip(0..).collect();
        sorted.sort_unstable();
        let mut again: Vec<(usize, CallerId<'i>)> = sorted
            .windows(2)
            .filter_map(|pair| match pair {
                [(one, _), (other, place)] if one == other => Some((*place, *other)),
                _ => None,
            })
            .collect();
        again.sort_unstable();
        for (place, id) in again {
            self.add(
                format!("{list}[{place}].{key}"),
                ViolationKind::Duplicate,
                format!("`{id}` stands twice; give each its own id"),
            );
        }
    }
}

/// Returns what is wrong with an order and a request together.
pub(super) fn check(
    order: &Order<'_>,
    request: &Request<'_>,
    decide_time: Instant,
) -> Vec<Violation> {
    let mut report = Report(Vec::new());
    check_lists(order, &mut report);
    sums::check(order, &mut report);
    check_order_events(order, decide_time, &mut report);
    report.0.extend(check_request(order, request, decide_time));
    report.0
}

fn check_lists(order: &Order<'_>, report: &mut Report) {
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
    report.unique("order.lines", "line_id", order.lines.iter().map(|l| l.id));
    report.unique(
        "order.shipments",
        "shipment_id",
        order.shipments.iter().map(|s| s.id),
    );
    report.unique(
        "order.payments",
        "payment_id",
        order.payments.iter().map(|p| p.id),
    );
    for (place, line) in order.lines.iter().enumerate() {
        report.quantity(Field::Of("order.lines", place, "quantity"), line.quantity);
    }
    let known = |id: &CallerId<'_>| order.lines.iter().any(|l| l.id == *id);
    for (place, option) in order.options.iter().enumerate() {
        let path = |name: &'static str| Field::Of("order.options", place, name);
        report.quantity(path("quantity"), option.quantity);
        if let Some(used) = option.used
            && !(0..=option.quantity).contains(&used)
        {
            report.add(
                path("used_count").to_string(),
                ViolationKind::OutOfRange,
                format!("is {used}; give 0 to the quantity {}", option.quantity),
            );
        }
        for (at, line) in option.lines.iter().enumerate().filter(|(_, l)| !known(l)) {
            report.add(
                format!("{}[{at}]", path("line_ids")),
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
                path("code").to_string(),
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

fn check_shipments(order: &Order<'_>, report: &mut Report) {
    for (place, shipment) in order.shipments.iter().enumerate() {
        let path = Field::Of("order.shipments", place, "items");
        let Some(items) = &shipment.items else {
            if order.shipments.len() > 1 {
                report.add(
                    path.to_string(),
                    ViolationKind::Required,
                    "is empty; only the sole parcel of an order may leave it out",
                );
            }
            continue;
        };
        report.count(path, items.len(), MAX_SHIPMENT_ITEMS);
        report.unique(path, "line_id", items.iter().map(|(id, _)| *id));
        for (at, (id, quantity)) in items.iter().enumerate() {
            report.quantity(format_args!("{path}[{at}].quantity"), *quantity);
            if !order.lines.iter().any(|l| l.id == *id) {
                report.add(
                    format!("{path}[{at}].line_id"),
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
            .filter(|(id, _)| *id == line.id)
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

fn check_earlier(order: &Order<'_>, report: &mut Report) {
    for (place, earlier) in order.earlier.iter().enumerate() {
        let path = |name: &'static str| Field::Of("order.earlier_remedies", place, name);
        match &earlier.line {
            None if earlier.quantity != 0 => report.add(
                path("line_id").to_string(),
                ViolationKind::Required,
                "is empty although units are named; name their line",
            ),
            None if !earlier.amount.is_zero() => report.add(
                path("line_id").to_string(),
                ViolationKind::Required,
                "is empty although an amount for units is named; name their line",
            ),
            None => {}
            Some(id) => {
                report.quantity(path("quantity"), earlier.quantity);
                if !order.lines.iter().any(|l| l.id == *id) {
                    report.add(
                        path("line_id").to_string(),
                        ViolationKind::UnknownReference,
                        format!("`{id}` is not a line of the order"),
                    );
                }
            }
        }
    }
    for (place, line) in order.lines.iter().enumerate() {
        let consumed = order.consumed(line.id);
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

/// Returns what is wrong with a request about an order that is right.
pub(super) fn check_request(
    order: &Order<'_>,
    request: &Request<'_>,
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
        request.lines.iter().map(|l| l.line),
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

fn check_units(order: &Order<'_>, request: &Request<'_>, report: &mut Report) {
    for (place, asked) in request.lines.iter().enumerate() {
        let groups = Field::Of("request.lines", place, "groups");
        report.count(groups, asked.groups.len(), MAX_GROUPS);
        if asked.groups.is_empty() {
            report.add(
                groups.to_string(),
                ViolationKind::Required,
                "is empty; name at least one group of units",
            );
        }
        let line = order.lines.iter().find(|l| l.id == asked.line);
        if line.is_none() {
            report.add(
                Field::Of("request.lines", place, "line_id").to_string(),
                ViolationKind::UnknownReference,
                format!("`{}` is not a line of the order", asked.line),
            );
        }
        let mut sum: i64 = 0;
        for (at, group) in asked.groups.iter().enumerate() {
            report.quantity(format_args!("{groups}[{at}].quantity"), group.quantity);
            sum = sum.saturating_add(i64::from(group.quantity.max(0)));
            if let Some(id) = &group.shipment {
                let parcel = order.shipments.iter().find(|s| s.id == *id);
                let holds = parcel.is_some_and(|s| {
                    s.items
                        .as_ref()
                        .is_none_or(|items| items.iter().any(|(l, _)| *l == asked.line))
                });
                if !holds {
                    report.add(
                        format!("{groups}[{at}].shipment_id"),
                        ViolationKind::UnknownReference,
                        format!("`{id}` is not a parcel with units of line `{}`", asked.line),
                    );
                }
            }
        }
        if let Some(line) = line {
            let left = i64::from(line.quantity).saturating_sub(i64::from(order.consumed(line.id)));
            if sum > left {
                report.add(
                    groups.to_string(),
                    ViolationKind::TooManyUnits,
                    format!("ask for {sum} units of line `{}`; {left} are left", line.id),
                );
            }
        }
    }
}
