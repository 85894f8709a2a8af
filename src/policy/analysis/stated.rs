//! Spans of periods, those among them of which a fact says how long they are.

use super::span::Span;
use crate::domain::verdict::Period;
use crate::policy::terms::StatedPeriod;

/// States an end of which a fact says how far it is from its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StatedEnd {
    pub period: StatedPeriod,
    /// The calendar to a working day of which it is moved.
    rolled: Option<usize>,
    /// The earliest end that it can be.
    pub first: Span,
    /// The latest.
    pub last: Span,
}

impl StatedEnd {
    pub(super) fn new(period: StatedPeriod, rolled: Option<usize>) -> Self {
        let [first, last] = between(&period, rolled, i64::MIN, i64::MAX);
        Self {
            period,
            rolled,
            first,
            last,
        }
    }

    /// Returns the earliest and the latest end where the fact is between two numbers, both
    /// inclusive.
    pub(super) fn between(&self, low: i64, high: i64) -> [Span; 2] {
        between(&self.period, self.rolled, low, high)
    }

    /// Returns the end moved to a working day of a calendar.
    pub(super) fn moved_to_working_day(self, calendar: usize) -> Self {
        Self::new(self.period, Some(calendar))
    }
}

fn between(period: &StatedPeriod, rolled: Option<usize>, low: i64, high: i64) -> [Span; 2] {
    let end = |number: i64| {
        let span = span(period.of(number), period.calendar);
        match rolled {
            None => span,
            Some(calendar) => span.moved_to_working_day(calendar),
        }
    };
    // What is counted back is the earlier the longer it is.
    match period.one.parts().0 {
        ..0 => [end(high), end(low)],
        _ => [end(low), end(high)],
    }
}

/// Returns how far the end of a period is from the event that it counts from.
pub(super) fn span(period: Period, calendar: Option<usize>) -> Span {
    match (period, calendar) {
        (Period::Hours(n), _) => Span::Hours(n),
        (Period::Days(n), _) => Span::Days(n),
        (Period::Months(n), _) => Span::Months(n),
        (Period::ShortHours(n), _) => Span::ShortHours(n),
        // Before a day begins the day before it ends.
        (Period::ShortDays(n), _) => Span::Days(n.saturating_sub(1)),
        (Period::ShortMonths(n), _) => Span::ShortMonths(n),
        (Period::Next(next), _) => Span::Next(next),
        (Period::BusinessDays(n), Some(calendar)) => Span::BusinessDays(n, calendar),
        (Period::ShortBusinessDays(n), Some(calendar)) => Span::ShortBusinessDays(n, calendar),
        // The checker demands a calendar; without one the day of the event is the last.
        (Period::BusinessDays(_) | Period::ShortBusinessDays(_), None) => Span::Days(0),
    }
}
