//! Windows and their ends.

use std::fmt;

use crate::domain::time::{Instant, Zone};
use crate::domain::vocabulary::Event;
use crate::domain::words::words;

words! {
    /// Names the act that a window tests.
    Act {
        /// The request reached the shop.
        Request = "request",
        /// The statement was sent.
        Statement = "statement",
        /// The prescribed form was sent.
        Form = "form",
        /// The goods were handed over.
        HandOver = "hand_over",
        /// The next order was placed.
        NextOrder = "next_order",
        /// The instant of deciding.
        Decision = "decision",
        /// The order was placed.
        Place = "place",
        /// The customer answered about the address.
        AddressAnswer = "address_answer",
        /// The customer answered the carrier.
        AttemptAnswer = "attempt_answer",
        /// The shop collected the goods.
        ShopCollect = "shop_collect",
    }
}

impl Act {
    /// Returns the event that it is; `None`: the instant of deciding.
    pub const fn event(self) -> Option<Event> {
        Some(match self {
            Self::Request => Event::Request,
            Self::Statement => Event::StatementSend,
            Self::Form => Event::FormSend,
            Self::HandOver => Event::HandOver,
            Self::NextOrder => Event::NextOrder,
            Self::Place => Event::Place,
            Self::AddressAnswer => Event::AddressAnswer,
            Self::AttemptAnswer => Event::AttemptAnswer,
            Self::ShopCollect => Event::ShopCollect,
            Self::Decision => return None,
        })
    }
}

words! {
    /// States where an act fell.
    WindowStatus {
        /// Before the window.
        NotOpenYet = "not_open_yet",
        /// Inside.
        Open = "open",
        /// Late, but a person decides.
        Review = "review",
        /// Late.
        Closed = "closed",
    }
}

/// States when something can be asked for: `opens` is inside, `closes` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it opens.
    pub opens: Bound,
    /// When it closes.
    pub closes: Bound,
    /// Until when a late act is reviewed rather than denied, exclusive.
    pub review_until: Option<Instant>,
    /// The act that has to fall inside.
    pub act: Act,
    /// Where the act fell; `None`: not known.
    pub status: Option<WindowStatus>,
    /// The zone of its days; `None`: the place of delivery is not known.
    pub zone: Option<Zone>,
}

/// States an end of a window, or of a due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An instant: for an end, the first one outside.
    At(Instant),
    /// The event itself, which has not happened.
    On(Event),
    /// A period after an event that has not happened.
    After(Event, Period),
    /// A range, since only the day of the event is known, or that it has happened:
    /// earliest inclusive, latest exclusive.
    Between(Instant, Instant),
    /// No end on this side.
    Unbounded,
}

impl Bound {
    /// Returns the earliest and the latest instant that it can be; `None`: it waits
    /// for an event, or never comes.
    pub const fn range(self) -> Option<(Instant, Instant)> {
        match self {
            Self::At(at) => Some((at, at)),
            Self::Between(earliest, latest) => Some((earliest, latest)),
            Self::On(_) | Self::After(..) | Self::Unbounded => None,
        }
    }

    /// Returns what bounds are sorted by: known ones by their earliest instant, then
    /// those that wait for an event, then no bound at all.
    pub fn sort_key(self) -> impl Ord {
        let waits = match self {
            Self::At(_) | Self::Between(..) => (0, None),
            Self::On(event) => (1, Some((event, None))),
            Self::After(event, period) => (1, Some((event, Some(period)))),
            Self::Unbounded => (2, None),
        };
        (waits, self.range())
    }
}

/// States a period counted from an event; below zero it is counted back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Calendar days: the day of the event is day 0, and the period ends with
    /// the last instant of day N.
    Days(i32),
    /// The same in business days of a calendar.
    BusinessDays(i32),
    /// Elapsed hours; the instant that ends them is inside.
    Hours(i32),
    /// Calendar months, clamped to the end of the month, that day included.
    Months(i32),
    /// Calendar days that end before day N begins.
    ShortDays(i32),
    /// Elapsed hours; the instant that ends them is outside.
    ShortHours(i32),
    /// Calendar months that end before the day begins to which they are counted.
    ShortMonths(i32),
}

/// Names what periods are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodUnit {
    /// Calendar days.
    Days,
    /// Business days of a calendar.
    BusinessDays,
    /// Elapsed hours.
    Hours,
    /// Calendar months.
    Months,
}

impl PeriodUnit {
    /// Returns the unit in words, of several.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::BusinessDays => "business days",
            Self::Hours => "hours",
            Self::Months => "months",
        }
    }
}

impl Period {
    /// Returns how many there are of what, and whether the last day or the instant that ends
    /// them is outside.
    pub const fn parts(self) -> (i32, PeriodUnit, bool) {
        match self {
            Self::Days(n) => (n, PeriodUnit::Days, false),
            Self::BusinessDays(n) => (n, PeriodUnit::BusinessDays, false),
            Self::Hours(n) => (n, PeriodUnit::Hours, false),
            Self::Months(n) => (n, PeriodUnit::Months, false),
            Self::ShortDays(n) => (n, PeriodUnit::Days, true),
            Self::ShortHours(n) => (n, PeriodUnit::Hours, true),
            Self::ShortMonths(n) => (n, PeriodUnit::Months, true),
        }
    }

    /// Returns the words before and after the number: on which side of its event a period
    /// lies, and whether its last day or instant is outside.
    pub const fn side(short: bool, is_back: bool) -> (&'static str, &'static str) {
        match (short, is_back) {
            (false, true) => ("", "before"),
            (false, false) => ("", "after"),
            (true, true) => ("more than ", "before"),
            (true, false) => ("less than ", "after"),
        }
    }

    /// Whether it ends after the event that it is counted from, at whatever hour that is.
    pub const fn ends_after_event(self) -> bool {
        let (count, _, short) = self.parts();
        if short { count > 0 } else { count >= 0 }
    }

    /// Returns the same period on the other side of the event.
    pub const fn back(self) -> Self {
        match self {
            Self::Days(n) => Self::Days(n.saturating_neg()),
            Self::BusinessDays(n) => Self::BusinessDays(n.saturating_neg()),
            Self::Hours(n) => Self::Hours(n.saturating_neg()),
            Self::Months(n) => Self::Months(n.saturating_neg()),
            Self::ShortDays(n) => Self::ShortDays(n.saturating_neg()),
            Self::ShortHours(n) => Self::ShortHours(n.saturating_neg()),
            Self::ShortMonths(n) => Self::ShortMonths(n.saturating_neg()),
        }
    }

    /// Returns the period without its last day or instant; `None`: it is counted in business
    /// days, of which none comes before day N everywhere.
    pub const fn shortened(self) -> Option<Self> {
        match self {
            Self::Days(n) | Self::ShortDays(n) => Some(Self::ShortDays(n)),
            Self::Hours(n) | Self::ShortHours(n) => Some(Self::ShortHours(n)),
            Self::Months(n) | Self::ShortMonths(n) => Some(Self::ShortMonths(n)),
            Self::BusinessDays(_) => None,
        }
    }
}

impl fmt::Display for Period {
    /// Writes it for authors and in explanations, without the event: `14 days after`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit, short) = self.parts();
        let (less, side) = Self::side(short, count < 0);
        write!(f, "{less}{} {} {side}", count.unsigned_abs(), unit.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_said_as_it_is_counted() {
        for (period, text) in [
            (Period::Days(14), "14 days after"),
            (Period::Days(14).back(), "14 days before"),
            (Period::BusinessDays(3), "3 business days after"),
            (Period::ShortDays(14), "less than 14 days after"),
            (Period::ShortHours(48).back(), "more than 48 hours before"),
            (Period::ShortMonths(1).back(), "more than 1 months before"),
        ] {
            assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn what_is_shortened_ends_sooner_or_with_its_event() {
        let none = Period::Days(0);
        assert!(none.ends_after_event());
        assert!(!none.shortened().expect("days").ends_after_event());
        assert!(
            Period::Hours(1)
                .shortened()
                .expect("hours")
                .ends_after_event()
        );
        assert_eq!(Period::BusinessDays(1).shortened(), None);
        let short = Period::ShortMonths(2);
        assert_eq!(short.shortened(), Some(short));
    }
}
