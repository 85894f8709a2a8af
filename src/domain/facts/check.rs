//! Checks facts against each other: what cannot be is refused with its path.

pub(super) mod events;
pub(super) mod sums;

use std::collections::BTreeSet;
use std::fmt;

use super::index::LineIndex;
use super::places::{Places, ascend};
use super::{Order, PayoutWish, Request};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_ADJUSTMENTS, MAX_EARLIER_REMEDIES, MAX_LINES, MAX_OPEN_REQUESTS, MAX_OPTIONS, MAX_PAYMENTS,
    MAX_QUANTITY, MAX_RETURN_PARCELS, MAX_ROWS, MAX_SHIPMENTS,
};
use crate::domain::time::{EventTime, Instant};
use crate::domain::violation::{Violation, ViolationKind};
use crate::domain::vocabulary::Event;
use events::{check_order_events, check_request_events, earliest};

/// Collects violations under field paths. Paths are written only for what is wrong, and
/// for events that happened at a time that nobody can tell.
#[derive(Default)]
pub(super) struct Report {
    violations: Vec<Violation>,
    /// Paths of events that happened at a time that nobody can tell.
    untimed: Vec<String>,
}

/// Names a field of an order or a request.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// A field of an entry: the list, the place in it, the name.
    Of(&'static str, usize, &'static str),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(list, place, name) => write!(f, "{list}[{place}].{name}"),
        }
    }
}

impl Report {
    /// Reports what is wrong. The field and the description are put together here,
    /// out of the way of facts that fit.
    #[cold]
    #[inline(never)]
    pub(super) fn add<F: Into<String>, D: Into<String>>(
        &mut self,
        kind: ViolationKind,
        texts: impl FnOnce() -> (F, D),
    ) {
        let (field, description) = texts();
        self.violations
            .push(Violation::new(field, kind, description));
    }

    /// Notes an event that happened at a time that nobody can tell.
    fn untimed(&mut self, field: String) {
        self.untimed.push(field);
    }

    /// Reports a list that is longer than its limit.
    #[inline]
    pub(super) fn count<F: fmt::Display>(
        &mut self,
        field: impl FnOnce() -> F,
        count: usize,
        limit: usize,
    ) {
        if count > limit {
            let what = move || format!("has {count} entries; at most {limit} are allowed");
            self.add(ViolationKind::TooMany, || (field().to_string(), what()));
        }
    }

    /// Reports a number of units that no line can have.
    #[inline]
    pub(super) fn quantity<F: fmt::Display>(&mut self, field: impl FnOnce() -> F, quantity: i32) {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            let what = move || format!("is {quantity}; give 1 to {MAX_QUANTITY}");
            self.add(ViolationKind::OutOfRange, || (field().to_string(), what()));
        }
    }

    /// Reports ids of a list that stand before in it.
    fn unique<'i>(
        &mut self,
        list: &'static str,
        key: &'static str,
        ids: impl ExactSizeIterator<Item = CallerId<'i>> + Clone,
    ) {
        if ascend(ids.clone()) {
            return;
        }
        let mut seen = BTreeSet::new();
        for (place, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.twice(Field::Of(list, place, key), id);
            }
        }
    }

    /// Reports an id that stands before in the same list.
    #[cold]
    pub(super) fn twice(&mut self, field: impl fmt::Display, id: CallerId<'_>) {
        self.add(ViolationKind::Duplicate, move || {
            (
                field.to_string(),
                format!("duplicate id `{id}`; give each its own id"),
            )
        });
    }

    /// Ends the report, and returns the paths of events that happened at a time that nobody
    /// can tell.
    ///
    /// # Errors
    /// Every violation once, in order of field.
    #[inline]
    pub(super) fn end(self) -> Result<Vec<String>, Vec<Violation>> {
        match self.violations.is_empty() {
            true => Ok(self.untimed),
            false => Err(sorted(self.violations)),
        }
    }
}

#[cold]
fn sorted(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.sort();
    violations.dedup();
    violations
}

/// What was found of the lines of an order: their places by id, those whose id stands
/// before, and what is derived of each.
type Joined<'j, 'o, 't> = (&'j Places<'o, 't>, &'j [usize], &'j [LineIndex]);

/// Reports what is wrong with an order, the last of whose own events was at an instant.
pub(super) fn check_order(
    order: &Order<'_>,
    (places, again, lines): Joined<'_, '_, '_>,
    (last, decide_time): (Option<Instant>, Instant),
    report: &mut Report,
) {
    for place in again {
        if let Some(line) = order.lines.get(*place) {
            report.twice(Field::Of("order.lines", *place, "line_id"), line.id);
        }
    }
    check_lists(order, places, report);
    sums::check(order, lines, report);
    check_order_events(order, last, decide_time, report);
}

fn check_lists(order: &Order<'_>, places: &Places<'_, '_>, report: &mut Report) {
    if order.lines.is_empty() {
        report.add(ViolationKind::Required, move || {
            ("order.lines", "is empty; give at least one line")
        });
    }
    report.count(|| "order.lines", order.lines.len(), MAX_LINES);
    let told = order.shipments.len().saturating_sub(untold(order));
    report.count(|| "order.shipments", told, MAX_SHIPMENTS);
    report.count(|| "order.options", order.options.len(), MAX_OPTIONS);
    report.count(|| "order.payments", order.payments.len(), MAX_PAYMENTS);
    report.count(
        || "order.adjustments",
        order.adjustments.len(),
        MAX_ADJUSTMENTS,
    );
    let known = |id: &CallerId<'_>| places.find(*id, 0).is_some();
    let open = order.open_requests.iter().enumerate();
    for (place, open) in open.filter(|(_, open)| !known(&open.line)) {
        report.add(ViolationKind::UnknownReference, move || {
            (
                format!("order.open_requests[{place}].line_id"),
                format!("`{}` is not a line of the order", open.line),
            )
        });
    }
    report.count(
        || "order.open_requests",
        order.open_requests.len(),
        MAX_OPEN_REQUESTS,
    );
    report.count(
        || "order.earlier_remedies",
        order.earlier.len(),
        MAX_EARLIER_REMEDIES,
    );
    report.unique(
        "order.shipments",
        "shipment_id",
        order.shipments.iter().take(told).map(|s| s.id),
    );
    report.unique(
        "order.payments",
        "payment_id",
        order.payments.iter().map(|p| p.id),
    );
    for (place, line) in order.lines.iter().enumerate() {
        let field = move || Field::Of("order.lines", place, "quantity");
        report.quantity(field, line.quantity);
    }
    for (place, option) in order.options.iter().enumerate() {
        let path = move |name: &'static str| Field::Of("order.options", place, name);
        report.quantity(move || path("quantity"), option.quantity);
        if let Some(used) = option.used
            && !(0..=option.quantity).contains(&used)
        {
            report.add(ViolationKind::OutOfRange, move || {
                (
                    path("used_count").to_string(),
                    format!("is {used}; give 0 to the quantity {}", option.quantity),
                )
            });
        }
        for (at, line) in option.lines.iter().enumerate().filter(|(_, l)| !known(l)) {
            report.add(ViolationKind::UnknownReference, move || {
                (
                    format!("{}[{at}]", path("line_ids")),
                    format!("`{line}` is not a line of the order"),
                )
            });
        }
        if order
            .options
            .iter()
            .take(place)
            .any(|o| o.code == option.code && o.lines == option.lines)
        {
            report.add(ViolationKind::Duplicate, move || {
                (
                    path("code").to_string(),
                    format!(
                        "duplicate option `{}` for the same lines; add up the quantities",
                        option.code
                    ),
                )
            });
        }
    }
}

/// Counts the parcels that were added for units of which no parcel is told: 0 or 1.
fn untold(order: &Order<'_>) -> usize {
    usize::from(order.shipments.last().is_some_and(|last| !last.named))
}

/// Reports what is wrong with a request beside its units.
pub(super) fn check_request(
    order: &Order<'_>,
    request: &Request<'_>,
    (last, decide_time): (Option<Instant>, Instant),
    report: &mut Report,
) {
    if request.lines.is_empty() {
        report.add(ViolationKind::Required, move || {
            (
                "request.lines",
                "is empty; name the units that the request is about",
            )
        });
    }
    report.count(|| "request.lines", request.lines.len(), MAX_LINES);
    let groups = request
        .lines
        .iter()
        .map(|l| l.groups.len())
        .fold(0, usize::saturating_add);
    report.count(|| "request.lines[].groups", groups, MAX_ROWS);
    let parcels = &request.return_parcels;
    report.count(
        || "request.return_parcels",
        parcels.len(),
        MAX_RETURN_PARCELS,
    );
    report.unique(
        "request.return_parcels",
        "return_parcel_id",
        parcels.iter().map(|parcel| parcel.id),
    );
    if decide_time < request.request_time {
        report.add(ViolationKind::EventOrder, move || {
            ("decide_time", "comes before `request.request_time`")
        });
    }
    if let Some(PayoutWish::Payment(id)) = request.payout
        && !order.payments.iter().any(|payment| payment.id == id)
    {
        report.add(ViolationKind::UnknownReference, move || {
            (
                "request.payout_wish.payment_id",
                format!("`{id}` is not a payment of the order"),
            )
        });
    }
    let place = order.facts.event(Event::Place);
    if let EventTime::At(placed) = place
        && request.request_time < placed
    {
        report.add(ViolationKind::EventOrder, move || ("request.request_time", "comes before `order.place_time`; to ask before the purchase, set `order.place_time` to `not_yet`"));
    } else if !in_order_of_request(place, request.request_time) {
        report.add(ViolationKind::EventOrder, move || {
            ("request.request_time", "comes before `order.place_time`")
        });
    }
    check_request_events(order, request, (last, decide_time), report);
}

fn in_order_of_request(place: EventTime, request: Instant) -> bool {
    earliest(place).is_none_or(|p| p <= request)
}
