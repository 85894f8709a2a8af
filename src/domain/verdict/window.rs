//! Windows and their ends.

use std::fmt;

use crate::domain::time::{Day, Instant, Zone};
use crate::domain::vocabulary::Event;
use crate::domain::words::words;

/// Names the act that a window tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// The request reached the shop.
    Request,
    /// The statement was sent.
    Statement,
    /// The prescribed form was sent.
    Form,
    /// The goods were handed over.
    HandOver,
    /// The next order was placed.
    NextOrder,
    /// The instant of deciding.
    Decision,
    /// The order was placed.
    Place,
    /// The customer answered about the address.
    AddressAnswer,
    /// The customer answered the carrier.
    AttemptAnswer,
    /// The shop collected the goods.
    ShopCollect,
    /// Any other event that is not planned.
    Event(Event),
}

impl Act {
    /// Those that have a name of their own.
    const NAMED: &[Self] = &[
        Self::Request,
        Self::Statement,
        Self::Form,
        Self::HandOver,
        Self::NextOrder,
        Self::Decision,
        Self::Place,
        Self::AddressAnswer,
        Self::AttemptAnswer,
        Self::ShopCollect,
    ];

    /// Returns the word used in policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Statement => "statement",
            Self::Form => "form",
            Self::HandOver => "hand_over",
            Self::NextOrder => "next_order",
            Self::Decision => "decision",
            Self::Place => "place",
            Self::AddressAnswer => "address_answer",
            Self::AttemptAnswer => "attempt_answer",
            Self::ShopCollect => "shop_collect",
            Self::Event(event) => event.word(),
        }
    }

    /// Returns the words of the acts that have a name of their own.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::NAMED.iter().map(|act| act.word())
    }

    /// Returns the act with this name of its own.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::NAMED.iter().find(|act| act.word() == word).copied()
    }

    /// Returns the act that an event is.
    pub fn of(event: Event) -> Self {
        let mut named = Self::NAMED.iter();
        let own = named.find(|act| act.event() == Some(event));
        own.copied().unwrap_or(Self::Event(event))
    }

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
            Self::Event(event) => event,
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

impl Window {
    /// Whether it closes before it opens, also for acts that are reviewed.
    pub fn is_never_open(&self) -> bool {
        match (self.opens, self.closes) {
            (Bound::At(opens), Bound::At(closes)) => {
                closes <= opens && self.review_until.is_none_or(|until| until <= opens)
            }
            _ => false,
        }
    }
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
    /// Business days that end before the last of them begins.
    ShortBusinessDays(i32),
    /// Up to the next day of a month, or of a year.
    Next(NextDay),
}

/// States the next day of a month, or of a year. A month that has no such day has its last
/// one instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NextDay {
    /// The month, 1 to 12; `None`: every month has one.
    pub month: Option<i32>,
    /// The day of the month, 1 to 31.
    pub day: i32,
    /// Whether the day of the event itself can be it.
    pub same_day: bool,
    /// Whether it ends the period before it begins.
    pub short: bool,
}

impl NextDay {
    /// Returns the day of a year and month, or the last one of the month.
    fn in_month(self, year: i32, month: u32) -> Option<Day> {
        let own = Day::new(year, month, self.day.unsigned_abs());
        own.or_else(|| {
            let first = Day::new(year, month, 1)?;
            Some(first.plus_months_clamped(1).plus_days(-1))
        })
    }

    /// Returns the last day of a period that starts on a day.
    pub fn last_day(self, day: Day) -> Day {
        let first = if self.same_day { day } else { day.plus_days(1) };
        let next = match self.month {
            None => first.plus_months_clamped(1),
            Some(_) => first.plus_months_clamped(12),
        };
        let mut found = [first, next].into_iter().filter_map(|at| {
            let month = self.month.map_or(at.month(), i32::unsigned_abs);
            self.in_month(at.year(), month)
        });
        let found = found.find(|found| *found >= first).unwrap_or(first);
        if self.short {
            found.plus_days(-1)
        } else {
            found
        }
    }
}

impl fmt::Display for NextDay {
    /// Writes it without the event: `the next 31 January after`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = self.month.and_then(month_name);
        if self.short {
            f.write_str("the start of ")?;
        }
        let (first, side) = match self.same_day {
            true => ("first", "on or after"),
            false => ("next", "after"),
        };
        match month {
            Some(month) => write!(f, "the {first} {} {month} {side}", self.day),
            None => write!(f, "the {first} day {} of a month {side}", self.day),
        }
    }
}

/// Returns the name of a month, 1 to 12.
pub fn month_name(month: i32) -> Option<&'static str> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES
        .get(usize::try_from(month.checked_sub(1)?).ok()?)
        .copied()
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
    /// Days of a month, counted from its first.
    DaysOfMonth,
}

impl PeriodUnit {
    /// Returns the unit in words, of several.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::BusinessDays => "business days",
            Self::Hours => "hours",
            Self::Months => "months",
            Self::DaysOfMonth => "days of a month",
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
            Self::ShortBusinessDays(n) => (n, PeriodUnit::BusinessDays, true),
            Self::Next(next) => (next.day, PeriodUnit::DaysOfMonth, next.short),
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
        if let Self::Next(next) = self {
            return !(next.same_day && next.short);
        }
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
            Self::ShortBusinessDays(n) => Self::ShortBusinessDays(n.saturating_neg()),
            // Before an event there is none.
            Self::Next(next) => Self::Next(next),
        }
    }

    /// Returns so many times a period of one.
    pub const fn times(self, count: i32) -> Self {
        match self {
            Self::Days(n) => Self::Days(n.saturating_mul(count)),
            Self::BusinessDays(n) => Self::BusinessDays(n.saturating_mul(count)),
            Self::Hours(n) => Self::Hours(n.saturating_mul(count)),
            Self::Months(n) => Self::Months(n.saturating_mul(count)),
            Self::ShortDays(n) => Self::ShortDays(n.saturating_mul(count)),
            Self::ShortHours(n) => Self::ShortHours(n.saturating_mul(count)),
            Self::ShortMonths(n) => Self::ShortMonths(n.saturating_mul(count)),
            Self::ShortBusinessDays(n) => Self::ShortBusinessDays(n.saturating_mul(count)),
            Self::Next(next) => Self::Next(next),
        }
    }

    /// Returns the period with its last day or instant.
    pub const fn whole(self) -> Self {
        match self {
            Self::Days(n) | Self::ShortDays(n) => Self::Days(n),
            Self::Hours(n) | Self::ShortHours(n) => Self::Hours(n),
            Self::Months(n) | Self::ShortMonths(n) => Self::Months(n),
            Self::BusinessDays(n) | Self::ShortBusinessDays(n) => Self::BusinessDays(n),
            Self::Next(next) => Self::Next(NextDay {
                short: false,
                ..next
            }),
        }
    }

    /// Returns the period without its last day or instant.
    pub const fn shortened(self) -> Self {
        match self {
            Self::Days(n) | Self::ShortDays(n) => Self::ShortDays(n),
            Self::Hours(n) | Self::ShortHours(n) => Self::ShortHours(n),
            Self::Months(n) | Self::ShortMonths(n) => Self::ShortMonths(n),
            Self::BusinessDays(n) | Self::ShortBusinessDays(n) => Self::ShortBusinessDays(n),
            Self::Next(next) => Self::Next(NextDay {
                short: true,
                ..next
            }),
        }
    }
}

impl fmt::Display for Period {
    /// Writes it for authors and in explanations, without the event: `14 days after`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Next(next) = self {
            return next.fmt(f);
        }
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
            (
                Period::BusinessDays(3).shortened().back(),
                "more than 3 business days before",
            ),
        ] {
            assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn the_next_day_is_in_the_month_or_year_that_has_it() {
        let next = |month: Option<i32>, day: i32, same_day: bool| NextDay {
            month,
            day,
            same_day,
            short: false,
        };
        let last = |next: NextDay, from: &str| {
            let from = Day::parse(from).expect("a day");
            next.last_day(from).to_string()
        };
        let fifteenth = next(None, 15, false);
        assert_eq!(last(fifteenth, "2026-03-14"), "2026-03-15");
        assert_eq!(last(fifteenth, "2026-03-15"), "2026-04-15");
        assert_eq!(last(fifteenth, "2026-12-15"), "2027-01-15");
        assert_eq!(last(next(None, 15, true), "2026-03-15"), "2026-03-15");
        // The last day of a month that is shorter.
        let end = next(None, 31, true);
        assert_eq!(last(end, "2026-02-10"), "2026-02-28");
        assert_eq!(last(end, "2026-04-30"), "2026-04-30");
        assert_eq!(last(next(None, 31, false), "2026-04-30"), "2026-05-31");
        assert_eq!(last(next(None, 31, false), "2026-01-31"), "2026-02-28");
        let january = next(Some(1), 31, false);
        assert_eq!(last(january, "2026-12-24"), "2027-01-31");
        assert_eq!(last(january, "2026-01-31"), "2027-01-31");
        assert_eq!(last(next(Some(12), 31, true), "2026-12-31"), "2026-12-31");
        let leap = next(Some(2), 29, false);
        assert_eq!(last(leap, "2027-02-28"), "2028-02-29");
        assert_eq!(last(leap, "2028-02-29"), "2029-02-28");
        let short = NextDay {
            short: true,
            ..january
        };
        assert_eq!(last(short, "2026-12-24"), "2027-01-30");
        assert_eq!(short.to_string(), "the start of the next 31 January after");
        assert_eq!(end.to_string(), "the first day 31 of a month on or after");
    }

    #[test]
    fn what_is_shortened_ends_sooner_or_with_its_event() {
        let none = Period::Days(0);
        assert!(none.ends_after_event());
        assert!(!none.shortened().ends_after_event());
        assert!(Period::Hours(1).shortened().ends_after_event());
        for short in [Period::ShortMonths(2), Period::ShortBusinessDays(2)] {
            assert_eq!(short.shortened(), short);
        }
    }
}
