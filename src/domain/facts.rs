//! What is known of an order and a request: typed, with *unknown* as a case.
//!
//! `Option` and [`EventTime::Unknown`] mean that nobody knows; nothing here
//! defaults to no, to zero or to allowed. [`Facts::new`] is the only way in: it
//! refuses what cannot be, all of it at once.

mod check;
mod kinds;
mod order;
mod request;

pub use kinds::*;
pub use order::*;
pub use request::*;

use super::money::{Amount, share};
use super::time::{EventTime, Instant};
use super::violation::Violation;

/// Holds facts that have been checked: what a decision is made from.
#[derive(Clone, Debug)]
pub struct Facts<'t> {
    order: Order<'t>,
    request: Request<'t>,
    decide_time: Instant,
    lines: Vec<LineIndex>,
    rows: Vec<RowIndex>,
}

/// Holds what is derived of a line once.
#[derive(Clone, Debug)]
struct LineIndex {
    /// What was paid for the line: unit price by quantity less its discount less
    /// its share of the order discount. `None`: a part is unknown.
    net: Option<Amount>,
    /// Units that earlier remedies used up.
    consumed: i32,
    /// Parcels with units of the line, ascending.
    shipments: Vec<usize>,
}

/// Names a unit group of the request by its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowIndex {
    /// Place of the line in the order.
    pub line: usize,
    /// Place of the line in the request.
    pub request_line: usize,
    /// Place of the group in the line of the request.
    pub group: usize,
    /// Units.
    pub quantity: i32,
    /// Units of the line that come before: used up earlier, or in an earlier
    /// group of this request.
    pub earlier: i32,
    /// The parcel, where it is known or there is only one.
    pub shipment: Option<usize>,
}

impl<'t> Facts<'t> {
    /// Checks facts against each other and indexes them.
    ///
    /// # Errors
    /// Every violation, each with its field path.
    pub fn new(
        mut order: Order<'t>,
        request: Request<'t>,
        decide_time: Option<Instant>,
    ) -> Result<Self, Vec<Violation>> {
        let decide_time = decide_time.unwrap_or(request.request_time);
        order.complete_shipments();
        let mut violations = check::check(&order, &request, decide_time);
        if !violations.is_empty() {
            violations.sort();
            violations.dedup();
            return Err(violations);
        }
        let lines = index_lines(&order);
        let rows = index_rows(&order, &request, &lines);
        Ok(Self {
            order,
            request,
            decide_time,
            lines,
            rows,
        })
    }

    /// Returns the order.
    pub fn order(&self) -> &Order<'t> {
        &self.order
    }

    /// Returns the request.
    pub fn request(&self) -> &Request<'t> {
        &self.request
    }

    /// Returns the instant of deciding, not before the request.
    pub fn decide_time(&self) -> Instant {
        self.decide_time
    }

    /// Returns the rows: one for each unit group, in request order.
    pub fn rows(&self) -> &[RowIndex] {
        &self.rows
    }

    /// Returns what was paid for a line; `None` where a part is unknown.
    pub fn line_net(&self, line: usize) -> Option<Amount> {
        self.lines.get(line).and_then(|l| l.net)
    }

    /// Returns the units of a line that earlier remedies used up.
    pub fn consumed(&self, line: usize) -> i32 {
        self.lines.get(line).map_or(0, |l| l.consumed)
    }

    /// Returns the parcels with units of a line, ascending.
    pub fn line_shipments(&self, line: usize) -> &[usize] {
        self.lines.get(line).map_or(&[], |l| &l.shipments)
    }

    /// Returns the same facts with another request about the same order.
    ///
    /// # Errors
    /// Every violation of the other request.
    pub fn with_request(&self, request: Request<'t>) -> Result<Self, Vec<Violation>> {
        let mut violations = check::check_request(&self.order, &request, self.decide_time);
        if !violations.is_empty() {
            violations.sort();
            return Err(violations);
        }
        let rows = index_rows(&self.order, &request, &self.lines);
        Ok(Self {
            order: self.order.clone(),
            request,
            decide_time: self.decide_time,
            lines: self.lines.clone(),
            rows,
        })
    }
}

fn index_lines(order: &Order<'_>) -> Vec<LineIndex> {
    let before: Vec<Option<Amount>> = order
        .lines
        .iter()
        .map(Line::net_before_order_discount)
        .collect();
    let nets = match order.discount {
        Some(Amount::ZERO) => before,
        None => vec![None; before.len()],
        Some(discount) => discounted(order, &before, discount),
    };
    let index = |(place, line): (usize, &Line<'_>)| LineIndex {
        net: nets.get(place).copied().flatten(),
        consumed: order.consumed(line.id),
        shipments: order.shipments_of(line.id),
    };
    order.lines.iter().enumerate().map(index).collect()
}

/// Takes each line's share of the order discount off. Shares need every line's
/// net amount, and break ties by line id, so that the order of lines is irrelevant.
fn discounted(
    order: &Order<'_>,
    before: &[Option<Amount>],
    discount: Amount,
) -> Vec<Option<Amount>> {
    let Some(mut nets) = before.iter().copied().collect::<Option<Vec<Amount>>>() else {
        return vec![None; before.len()];
    };
    let mut by_id: Vec<usize> = (0..order.lines.len()).collect();
    by_id.sort_by_key(|place| order.lines.get(*place).map(|l| l.id));
    let weights: Vec<Amount> = by_id.iter().filter_map(|i| nets.get(*i)).copied().collect();
    for (place, cut) in by_id.iter().zip(share(discount, &weights)) {
        if let Some(net) = nets.get_mut(*place) {
            *net = net.less(cut);
        }
    }
    nets.into_iter().map(Some).collect()
}

fn index_rows(order: &Order<'_>, request: &Request<'_>, lines: &[LineIndex]) -> Vec<RowIndex> {
    let mut rows = Vec::with_capacity(request.lines.len());
    for (request_line, asked) in request.lines.iter().enumerate() {
        let Some(line) = order.lines.iter().position(|l| l.id == asked.line) else {
            continue;
        };
        let index = lines.get(line);
        let mut earlier = index.map_or(0, |l| l.consumed);
        for (group, units) in asked.groups.iter().enumerate() {
            let named = units
                .shipment
                .and_then(|id| order.shipments.iter().position(|s| s.id == id));
            let only = index.and_then(|l| match l.shipments.as_slice() {
                [one] => Some(*one),
                _ => None,
            });
            rows.push(RowIndex {
                line,
                request_line,
                group,
                quantity: units.quantity,
                earlier,
                shipment: named.or(only),
            });
            earlier = earlier.saturating_add(units.quantity);
        }
    }
    rows
}

/// Infers an event from the one that must come first: what has not been
/// shipped has not been delivered.
pub(crate) fn not_before(first: EventTime, second: EventTime) -> EventTime {
    match (first, second) {
        (EventTime::NotYet, EventTime::Unknown) => EventTime::NotYet,
        _ => second,
    }
}
