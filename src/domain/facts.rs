//! What is known of an order and a request: typed, with *unknown* as a case.
//!
//! `Option` and [`EventTime::Unknown`] mean that nobody knows; nothing here
//! defaults to no, to zero or to allowed. [`Stated`] is the only way in: its check
//! refuses what cannot be, all of it at once.

mod check;
mod index;
mod kinds;
mod order;
mod places;
mod remaining;
mod request;
mod slots;

pub use kinds::*;
pub use order::*;
pub use request::*;
pub use slots::*;

use super::few::Few;
use super::money::{Amount, part};
use super::path::UnitsLocation;
use super::time::{EventTime, Instant};
use super::violation::Violation;
use super::vocabulary::{
    Event, LINE_EVENTS, ORDER_EVENTS, PARCEL_EVENTS, REQUEST_EVENTS, UNITS_EVENTS,
};
use check::Found;
use index::LineIndex;
use places::Places;
use remaining::Remaining;

/// Holds facts as they are stated: each right, and not yet checked against each other.
///
/// They are large, and moving them costs as much as checking some: what is stated once
/// stays where it is and is checked there.
#[derive(Clone, Debug)]
pub struct Stated<'t>(Facts<'t>);

impl<'t> Stated<'t> {
    /// States nothing yet but when the request reached the shop, which is the instant
    /// of deciding too.
    pub(crate) fn nothing(request_time: Instant) -> Self {
        Self::new(Order::unknown(), Request::unknown(request_time), None)
    }

    /// Takes what is stated. Without an instant of deciding, it is that of the request.
    pub fn new(order: Order<'t>, request: Request<'t>, decide_time: Option<Instant>) -> Self {
        Self(Facts {
            decide_time: decide_time.unwrap_or(request.request_time),
            order,
            request,
            lines: Few::new(),
            rows: Few::new(),
            untimed: Vec::new(),
        })
    }

    /// Returns its parts, to state them.
    pub(crate) fn parts(&mut self) -> StatedParts<'_, 't> {
        StatedParts {
            order: &mut self.0.order,
            request: &mut self.0.request,
            decide_time: &mut self.0.decide_time,
        }
    }

    /// Returns the order.
    pub fn order(&self) -> &Order<'t> {
        &self.0.order
    }

    /// Returns the request.
    pub fn request(&self) -> &Request<'t> {
        &self.0.request
    }

    /// Checks the facts against each other and indexes them.
    ///
    /// # Errors
    /// Every violation, each with its field path.
    pub fn check(&mut self) -> Result<&Facts<'t>, Vec<Violation>> {
        self.0.join()?;
        Ok(&self.0)
    }
}

/// Names what can be stated.
pub(crate) struct StatedParts<'s, 't> {
    /// The order.
    pub order: &'s mut Order<'t>,
    /// The request.
    pub request: &'s mut Request<'t>,
    /// The instant of deciding.
    pub decide_time: &'s mut Instant,
}

/// Holds facts that have been checked: what a decision is made from.
#[derive(Clone, Debug)]
pub struct Facts<'t> {
    order: Order<'t>,
    request: Request<'t>,
    decide_time: Instant,
    lines: Few<LineIndex>,
    rows: Few<RowIndex>,
    /// Paths of events that happened at a time that nobody can tell.
    untimed: Vec<String>,
}

/// Names a unit group of the request by its indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowIndex {
    /// Index of the line in the order.
    pub line: usize,
    /// Index of the line in the request.
    pub request_line: usize,
    /// Index of the group in the line of the request.
    pub group: usize,
    /// Units.
    pub quantity: i32,
    /// Units of the line that come before: used up earlier, and once money is settled
    /// those of other rows that pay for units of the line.
    pub earlier: i32,
    /// Units of the group that stand in rows before this one: a group is split where a
    /// limited right covers a part of it.
    pub offset: i32,
    /// The parcel, where it is known or only one is possible.
    pub shipment: Option<usize>,
    /// The parcel in which the units come back, by its index in the request; `None`: they
    /// name none.
    pub return_parcel: Option<u8>,
    /// Whether no unit of the line is left: what is asked for was settled before.
    pub settled: bool,
    /// Whether every unit that is left is asked for by other requests that are open.
    pub open: bool,
}

impl RowIndex {
    /// Returns where the units stand in the request.
    pub const fn location(&self) -> UnitsLocation {
        UnitsLocation {
            line: self.line,
            request_line: self.request_line,
            group: self.group,
            return_parcel: self.return_parcel,
        }
    }
}

impl<'t> Facts<'t> {
    /// Checks facts as [`Stated::check`] does, and returns them alone.
    ///
    /// # Errors
    /// Every violation, each with its field path.
    pub fn new(
        order: Order<'t>,
        request: Request<'t>,
        decide_time: Option<Instant>,
    ) -> Result<Self, Vec<Violation>> {
        let Stated(mut facts) = Stated::new(order, request, decide_time);
        facts.join()?;
        Ok(facts)
    }

    /// Checks order and request, and finds what they say of each other.
    fn join(&mut self) -> Result<(), Vec<Violation>> {
        self.order.complete_shipments();
        let mut found = Found::default();
        let (places, repeated) = Places::new(&self.order.lines);
        self.lines = index::lines(&self.order, &places, &mut found.violations);
        let untold = index::untold_parcel(&self.order, &mut self.lines);
        self.order.shipments.extend(untold);
        let (order, request) = (&self.order, &self.request);
        let joined = check::JoinedLines {
            places: &places,
            repeated: &repeated,
            lines: &self.lines,
        };
        let last = check::events::last_of_order(order);
        check::check_order(order, joined, last, self.decide_time, &mut found);
        self.rows = index::rows(order, &places, &self.lines, request, &mut found.violations);
        check::check_request(order, request, last, self.decide_time, &mut found);
        found.violations.into_result()?;
        self.untimed = found.untimed;
        index::discount(order, &mut self.lines);
        if !order.earlier.is_empty() {
            remaining::fill(order, &mut self.lines);
        }
        Ok(())
    }

    /// Returns the order.
    pub fn order(&self) -> &Order<'t> {
        &self.order
    }

    /// Returns the request.
    pub fn request(&self) -> &Request<'t> {
        &self.request
    }

    /// Whether nobody can tell the fact at a path, so that it is not asked for.
    pub fn is_unavailable(&self, path: &str) -> bool {
        self.is_untimed(path) || self.request.is_unavailable(path)
    }

    /// Whether the path is that of an event that happened at a time that nobody can tell.
    pub fn is_untimed(&self, path: &str) -> bool {
        self.untimed.iter().any(|known| known == path)
    }

    /// Returns the set of events that have happened, of whatever they are; a planned one whose
    /// time is told is among them. What a rule reads from others is not.
    pub fn happened(&self) -> u64 {
        let (order, request) = (&self.order, &self.request);
        let mut set = happened(
            ORDER_EVENTS,
            order.facts.events(),
            order.facts.declared_events(),
        );
        let facts = &request.facts;
        set |= happened(REQUEST_EVENTS, facts.events(), facts.declared_events());
        for parcel in &request.return_parcels {
            set |= happened(REQUEST_EVENTS, parcel.facts.events(), &[]);
        }
        for line in &order.lines {
            let facts = &line.facts;
            set |= happened(LINE_EVENTS, facts.events(), facts.declared_events());
        }
        for parcel in &order.shipments {
            let facts = &parcel.facts;
            set |= happened(PARCEL_EVENTS, facts.events(), facts.declared_events());
        }
        for group in request.lines.iter().flat_map(|line| &line.groups) {
            let facts = &group.facts;
            set |= happened(UNITS_EVENTS, facts.events(), facts.declared_events());
        }
        set
    }

    /// Whether an event happened at a time that nobody can tell.
    pub fn has_untimed(&self) -> bool {
        !self.untimed.is_empty()
    }

    /// Whether there are facts that nobody can tell.
    pub fn has_unavailable(&self) -> bool {
        self.has_untimed() || !self.request.unavailable.is_empty()
    }

    /// Returns the instant of deciding, not before the request.
    pub fn decide_time(&self) -> Instant {
        self.decide_time
    }

    /// Returns the rows: one for each unit group, in request order.
    pub fn rows(&self) -> &[RowIndex] {
        &self.rows
    }

    /// Returns the least and the greatest that the goods of the order can cost after all
    /// discounts, without delivery and options; no greatest where a price is unknown.
    pub fn order_value(&self) -> (Amount, Option<Amount>) {
        self.order.value()
    }

    /// Returns what was paid for a line; `None` where a part is unknown.
    pub fn line_net(&self, line: usize) -> Option<Amount> {
        self.lines.get(line).and_then(|l| l.net)
    }

    /// Returns what was paid for a row's units, with what was paid on top when they were
    /// exchanged; `None` where a part is unknown.
    pub fn paid_for(&self, row: &RowIndex) -> Option<Amount> {
        let (net, line) = (self.line_net(row.line)?, self.order.lines.get(row.line)?);
        let paid = part(net, line.quantity, row.earlier, row.quantity);
        let on_top = |units: i32| self.on_top(row.line, units);
        let until = on_top(row.earlier.saturating_add(row.quantity));
        Some(paid.plus(until.less(on_top(row.earlier))))
    }

    /// Returns what was paid on top of those of the first units of a line that are left,
    /// when they were exchanged.
    fn on_top(&self, line: usize, units: i32) -> Amount {
        let index = self.lines.get(line);
        let remaining = index.and_then(|index| Some((index.consumed, index.remaining.as_ref()?)));
        let of = |(consumed, remaining): (i32, &Remaining)| {
            let left = usize::try_from(units.saturating_sub(consumed)).unwrap_or(0);
            remaining.on_top.get(left).copied()
        };
        remaining.and_then(of).unwrap_or_default()
    }

    /// Returns what a row's units are worth now: what was paid for them less what was given
    /// back for them before; `None` where a part is unknown.
    pub fn worth(&self, row: &RowIndex) -> Option<Amount> {
        let upto = self.worth_upto(row.line, row.earlier.saturating_add(row.quantity))?;
        Some(upto.less(self.worth_upto(row.line, row.earlier)?))
    }

    /// Returns what the first units of a line are worth now, those that were used up before
    /// at what they were worth then; `None` where a part is unknown. The units are at
    /// least those that were used up.
    pub fn worth_upto(&self, line: usize, units: i32) -> Option<Amount> {
        let (index, bought) = (self.lines.get(line)?, self.order.lines.get(line)?);
        let net = index.net?;
        let Some(remaining) = &index.remaining else {
            return Some(part(net, bought.quantity, 0, units));
        };
        let more = usize::try_from(units.saturating_sub(index.consumed)).unwrap_or(0);
        let left = remaining.left.get(more).or(remaining.left.last());
        Some(remaining.used_up.plus(left.copied().unwrap_or_default()))
    }

    /// Returns what the goods, delivery and options of the order cost, with what was paid on
    /// top of exchanged units; `None`: a part is unknown.
    pub fn parts(&self) -> Option<Amount> {
        let nets = self.order.lines.iter().map(Line::net_before_order_discount);
        let parts = check::sums::parts_total(&self.order, nets.sum())?;
        Some(parts.plus(check::sums::surcharges(&self.order)))
    }

    /// Returns what the order costs, adjustments included; `None`: a part is unknown.
    pub fn cost(&self) -> Option<Amount> {
        Some(check::sums::with_adjustments(&self.order, self.parts()?))
    }

    /// Returns what the terms kept of earlier units, where money was also given for no units:
    /// that money lies in no line, and would otherwise be paid again as what a line has left.
    pub fn kept_before(&self) -> Amount {
        let earlier = &self.order.earlier;
        if !earlier
            .iter()
            .any(|e| e.line.is_none() && !e.amount.is_zero())
        {
            return Amount::ZERO;
        }
        let paid = |line: &Line<'_>| {
            let mut earlier = earlier.iter();
            earlier.any(|e| e.line == Some(line.id) && !e.amount.is_zero())
        };
        let lines = self.order.lines.iter().zip(&self.lines);
        let kept = lines.filter_map(|(line, index)| {
            let remaining = index.remaining.as_ref().filter(|_| paid(line))?;
            Some(remaining.shortfall)
        });
        kept.sum()
    }

    /// Returns what was paid more than the parts of the order add up to, or below zero less,
    /// where rounding can make that; `None`: nothing, or it is not known.
    pub fn rounding_difference(&self) -> Option<Amount> {
        let order = &self.order;
        let cost = self.cost()?;
        let paid = match order.payments.as_slice() {
            [] => order.total_paid?,
            payments => payments.iter().map(Payment::counted).sum(),
        };
        let difference = paid.minor().saturating_sub(cost.minor());
        (difference != 0 && check::sums::is_rounding(order, paid, cost))
            .then(|| Amount::from_minor(difference))
    }

    /// Whether nothing was charged, so that nothing is paid back. Where nobody says so,
    /// what was paid counts as charged.
    pub fn nothing_charged(&self) -> bool {
        self.order.charged() == Some(false)
    }

    /// Returns how much less was paid for earlier units of the order than they were
    /// worth: what was deducted from them.
    pub fn deducted_before(&self) -> Amount {
        let of_line = |line: &LineIndex| line.remaining.as_ref().map(|r| r.shortfall);
        self.lines.iter().filter_map(of_line).sum()
    }

    /// Returns the first line of the group of a line: the line itself where it is in none.
    pub fn group_of(&self, line: usize) -> usize {
        let lines = &self.order.lines;
        let Some(group) = lines.get(line).and_then(|line| line.group) else {
            return line;
        };
        let first = lines.iter().position(|other| other.group == Some(group));
        first.unwrap_or(line)
    }

    /// Whether an amount with a code can have been taken from earlier units of some lines: an
    /// earlier remedy of one of them says so, or, where none of the order says what was taken,
    /// less was paid for units of one than they were worth.
    pub fn can_have_taken(&self, lines: &[usize], code: &str) -> bool {
        let earlier = &self.order.earlier;
        if code.is_empty() || earlier.iter().all(|earlier| earlier.taken.is_empty()) {
            let mut lines = lines.iter();
            return lines.any(|line| !self.deducted_before_of(*line).is_zero());
        }
        let is_here = |earlier: &&EarlierRemedy<'_>| {
            let of = |line: &usize| self.order.lines.get(*line).map(|line| line.id);
            lines.iter().any(|line| of(line) == earlier.line)
        };
        let mut here = earlier.iter().filter(is_here);
        here.any(|earlier| earlier.taken.iter().any(|(taken, _)| *taken == code))
    }

    /// Returns how much less was paid for earlier units of a line than they were worth.
    pub fn deducted_before_of(&self, line: usize) -> Amount {
        let remaining = self.lines.get(line).and_then(|l| l.remaining.as_ref());
        remaining.map_or(Amount::ZERO, |remaining| remaining.shortfall)
    }

    /// Returns what the units of a line were worth that earlier remedies used up.
    pub fn used_up(&self, line: usize) -> Amount {
        let remaining = self.lines.get(line).and_then(|l| l.remaining.as_ref());
        remaining.map_or(Amount::ZERO, |remaining| remaining.used_up)
    }

    /// Returns the units of a line that earlier remedies used up.
    pub fn consumed(&self, line: usize) -> i32 {
        self.lines.get(line).map_or(0, |l| l.consumed)
    }

    /// Whether all that is known of the units of two rows is the same.
    pub fn are_like(&self, one: &RowIndex, other: &RowIndex) -> bool {
        let line = |row: &RowIndex| self.order().lines.get(row.line);
        let group = |row: &RowIndex| {
            let asked = self.request().lines.get(row.request_line)?;
            asked.groups.get(row.group)
        };
        let lines = line(one).zip(line(other));
        (one.quantity, one.shipment) == (other.quantity, other.shipment)
            && one.return_parcel == other.return_parcel
            && lines.is_some_and(|(one, other)| one.is_like(other))
            && group(one) == group(other)
            && self.paid_for(one) == self.paid_for(other)
            && self.worth(one) == self.worth(other)
            && self.parcels_of(one) == self.parcels_of(other)
    }

    /// Returns the parcels that a row's units can have come in, ascending: those with
    /// units of its line which other groups of the request do not name.
    pub fn parcels_of(&self, row: &RowIndex) -> Vec<usize> {
        let lines = (
            self.lines.get(row.line),
            self.request.lines.get(row.request_line),
        );
        let (Some(line), Some(asked)) = lines else {
            return Vec::new();
        };
        index::open_parcels(&self.order, line, &asked.groups)
    }

    /// Returns the same facts with another request about the same order.
    ///
    /// # Errors
    /// Every violation of the other request.
    pub fn with_request(&self, request: Request<'t>) -> Result<Self, Vec<Violation>> {
        let mut found = Found::default();
        let (places, _) = Places::new(&self.order.lines);
        let rows = index::rows(
            &self.order,
            &places,
            &self.lines,
            &request,
            &mut found.violations,
        );
        let last = check::events::last_of_order(&self.order);
        check::check_request(&self.order, &request, last, self.decide_time, &mut found);
        let of_order = self.untimed.iter().filter(|path| is_of_order(path));
        let mut untimed: Vec<String> = of_order.cloned().collect();
        found.violations.into_result()?;
        untimed.extend(found.untimed);
        Ok(Self {
            order: self.order.clone(),
            request,
            decide_time: self.decide_time,
            lines: self.lines.clone(),
            rows,
            untimed,
        })
    }
}

/// Returns the set of events that have happened, of standard ones with their times and of
/// declared ones.
fn happened(events: &[Event], times: &[EventTime], declared: &[(Event, EventTime)]) -> u64 {
    let standard = events.iter().zip(times);
    let all = standard.chain(declared.iter().map(|(event, time)| (event, time)));
    let happened = all.filter(|(_, time)| !matches!(time, EventTime::Unknown | EventTime::NotYet));
    happened.fold(0, |set, (event, _)| set | event.bit())
}

/// Whether a path is of the order, and not of the request.
fn is_of_order(path: &str) -> bool {
    path.starts_with("order.")
}

/// Infers an event from the one that must come first: what has not been
/// shipped has not been delivered.
pub(crate) fn not_before(first: EventTime, second: EventTime) -> EventTime {
    match (first, second) {
        (EventTime::NotYet, EventTime::Unknown) => EventTime::NotYet,
        _ => second,
    }
}
