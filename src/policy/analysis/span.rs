//! Compares ends that count from one event: which of two can be the later one.
//!
//! The rules, each for every day of the years 2000 to 2060 and the zones of the policy:
//!
//! - days, months and business days end with a local day, whatever the hour of the event:
//!   N months are 28 to 31 days each, as the calendar has them, and N business days are at
//!   least N days and as many more as their calendar rests;
//! - N hours end N elapsed hours after the event, so that they are no later than the end
//!   of day D if N is at most 24 D, and earlier than it if the event is early in its day;
//!   where clocks go forward, D days are an hour short of 24 D hours, and N hours can end
//!   after them;
//! - a clock time ends no later than the day that it is on;
//! - an end that moves to a working day is the end of the first working day on or after
//!   the last day of its period.
//!
//! Every end moves forward with its event, so that what holds for one event holds between
//! an earlier event and a later one.

use std::cell::{OnceCell, RefCell};

use chrono::Weekday;

use super::stated::StatedEnd;
use crate::domain::time::{Day, Instant, Zone};
use crate::domain::verdict::NextDay;
use crate::policy::checked::CheckedPolicy;
use crate::policy::terms::{Calendar, Clock, WindowZone};

/// The years that are looked at, those for which calendars are worked out, and the first
/// one of which examples are.
const FIRST_YEAR: i32 = 2000;
const NEAR_YEAR: i32 = 2026;
const END_YEAR: i32 = 2061;
/// Days from the first of these years on of which business days are listed: a period of
/// business days can end in the year after.
const LISTED_DAYS: i64 = 62 * 366;
/// Seconds of an hour.
const HOUR: i64 = 3600;
/// The most seconds by which days of any zone can be longer or shorter in all than 24 hours
/// each: a zone that changes sides of the date line skips one, and clocks change beside that.
const MAX_SHIFT: i64 = 26 * HOUR;
/// Zones that stand for all where the policy names none: without changes of clocks, with
/// them, and across the date line.
const WORLD: &[&str] = &["UTC", "Europe/Paris", "Pacific/Apia"];

/// States how far an end is from the event that it counts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Elapsed hours; below zero before the event, as of days and months.
    Hours(i32),
    /// The end of the day that is so many days later.
    Days(i32),
    /// The end of the same day of a later month.
    Months(i32),
    /// The end of a business day of a calendar.
    BusinessDays(i32, usize),
    /// The end of the day before a business day of a calendar.
    ShortBusinessDays(i32, usize),
    /// Elapsed hours without the instant that ends them.
    ShortHours(i32),
    /// The end of the day before the same day of a later month.
    ShortMonths(i32),
    /// The next day of a month or a year.
    Next(NextDay),
    /// A date, whenever the event is.
    Date(Day),
    /// A clock time on the day of the event, or on the next such weekday.
    Clock(Option<Weekday>, Clock),
    /// The end of the first working day of a calendar on or after the last day.
    MovedToWorkingDay(Box<Span>, usize),
    /// An end of which a fact says how far it is: between two others, both inside.
    Stated(Box<StatedEnd>),
}

impl Span {
    /// Returns the end moved to a working day of a calendar.
    pub(super) fn moved_to_working_day(self, calendar: usize) -> Self {
        match self {
            Self::Stated(stated) => Self::Stated(Box::new(stated.moved_to_working_day(calendar))),
            other @ (Self::Hours(_)
            | Self::Days(_)
            | Self::Months(_)
            | Self::BusinessDays(..)
            | Self::ShortBusinessDays(..)
            | Self::ShortHours(_)
            | Self::ShortMonths(_)
            | Self::Next(_)
            | Self::Date(_)
            | Self::Clock(..)
            | Self::MovedToWorkingDay(..)) => Self::MovedToWorkingDay(Box::new(other), calendar),
        }
    }

    /// Returns the earliest and the latest end that it can be.
    fn bounds(&self) -> (&Self, &Self) {
        match self {
            Self::Stated(stated) => (&stated.first, &stated.last),
            known @ (Self::Hours(_)
            | Self::Days(_)
            | Self::Months(_)
            | Self::BusinessDays(..)
            | Self::ShortBusinessDays(..)
            | Self::ShortHours(_)
            | Self::ShortMonths(_)
            | Self::Next(_)
            | Self::Date(_)
            | Self::Clock(..)
            | Self::MovedToWorkingDay(..)) => (known, known),
        }
    }
}

/// The end of a span for an event on a given day.
#[derive(Clone, Copy, Debug)]
enum SpanEnd {
    /// The same instant for the whole day.
    Fixed(Instant),
    /// So many hours after the event, and whether that instant is inside.
    Elapsed(i64, bool),
}

/// Holds what ends of one policy depend on.
#[derive(Debug)]
pub(super) struct Spans<'p> {
    calendars: &'p [Calendar],
    /// The zone of the policy, or some that stand for all.
    zones: Vec<Zone>,
    /// Zones that stand for all.
    world: Vec<Zone>,
    /// Seconds between what clocks of these zones are ahead of UTC at the least and at the
    /// most: that of the policy's, and that of all.
    shifts: [OnceCell<i64>; 2],
    /// The business days of each calendar, ascending.
    business: Vec<OnceCell<Vec<Day>>>,
    /// What was compared before.
    compared: RefCell<Vec<SpanComparison>>,
}

/// Two ends, whether their days are those of the customer's zone, and a day on which the
/// first can be the later one.
type SpanComparison = ((Span, Span, bool), Option<Day>);

/// An end as a window has it: its days are those of a zone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Zoned<'s> {
    span: &'s Span,
    zone: WindowZone,
}

impl<'s> Zoned<'s> {
    pub(super) const fn new(span: &'s Span, zone: WindowZone) -> Self {
        Self { span, zone }
    }

    /// Returns the zone whose days the span counts; `None`: it counts no days.
    pub(super) fn counted_in(self) -> Option<WindowZone> {
        match self.span {
            Span::Stated(stated) => Self::new(&stated.first, self.zone).counted_in(),
            Span::Hours(_) | Span::ShortHours(_) => None,
            Span::Days(_)
            | Span::Months(_)
            | Span::ShortMonths(_)
            | Span::BusinessDays(..)
            | Span::ShortBusinessDays(..)
            | Span::Next(_)
            | Span::Date(_)
            | Span::Clock(..)
            // A calendar to which an end is moved has days of its own.
            | Span::MovedToWorkingDay(..) => Some(self.zone),
        }
    }
}

/// States what is known of where an act falls among the ends that count from one event.
#[derive(Debug, Default)]
pub(super) struct Placed<'s> {
    /// Ends that the act has passed.
    pub past: Vec<&'s Span>,
    /// Ends that it has not.
    pub ahead: Vec<&'s Span>,
    /// Whether it comes before the event itself.
    pub before_event: bool,
    /// Whether it comes with the event or after it.
    pub after_event: bool,
}

impl<'p> Spans<'p> {
    pub(super) fn new(policy: &'p CheckedPolicy) -> Self {
        let world: Vec<Zone> = WORLD.iter().filter_map(|n| Zone::from_name(n)).collect();
        Self {
            calendars: &policy.calendars,
            zones: policy.zone.map_or_else(|| world.clone(), |zone| vec![zone]),
            world,
            shifts: Default::default(),
            business: policy.calendars.iter().map(|_| OnceCell::new()).collect(),
            compared: RefCell::default(),
        }
    }

    /// Returns a day of the event on which one end can be later than another; `None`: it
    /// never is.
    pub(super) fn later_on(&self, one: Zoned<'_>, other: Zoned<'_>) -> Option<Day> {
        if let (Span::Stated(_), _) | (_, Span::Stated(_)) = (one.span, other.span) {
            // The same fact makes one end as far as it makes the other.
            if one == other {
                return None;
            }
            let (latest, earliest) = (one.span.bounds().1, other.span.bounds().0);
            let latest = Zoned::new(latest, one.zone);
            return self.later_on(latest, Zoned::new(earliest, other.zone));
        }
        let at_home = match (one.counted_in(), other.counted_in()) {
            (Some(a), Some(b)) if a != b => {
                let (_, most) = elapsed(one.span, MAX_SHIFT);
                let (least, _) = elapsed(other.span, MAX_SHIFT);
                let never = most.zip(least).is_some_and(|(most, least)| most <= least);
                return if never { None } else { any_day() };
            }
            (a, b) => [a, b].contains(&Some(WindowZone::Customer)),
        };
        let (one, other) = (one.span, other.span);
        match self.certainly_later(one, other, at_home) {
            Some(true) => return any_day(),
            Some(false) => return None,
            None => {}
        }
        let key = (one.clone(), other.clone(), at_home);
        let known = |compared: &&SpanComparison| compared.0 == key;
        if let Some((_, day)) = self.compared.borrow().iter().find(known) {
            return *day;
        }
        let day = days().find(|day| {
            let later = |zone: &Zone| self.is_later(one, other, *day, *zone);
            self.zones(at_home).iter().any(later)
        });
        self.compared.borrow_mut().push((key, day));
        day
    }

    fn zones(&self, at_home: bool) -> &[Zone] {
        if at_home { &self.world } else { &self.zones }
    }

    /// Returns by how many seconds days of zones can be longer or shorter in all than 24
    /// hours each.
    fn shift(&self, at_home: bool) -> i64 {
        let [own, world] = &self.shifts;
        let cell = if at_home { world } else { own };
        *cell.get_or_init(|| {
            let shift = |zone: &Zone| {
                // Since some day, the same for all.
                let midnight = |day: Day| {
                    let days = any_day().map_or(0, |first| day.days_since(first));
                    days.saturating_mul(24 * HOUR)
                };
                let ahead = weeks()
                    .map(|day| midnight(day).saturating_sub(day.start(*zone).unix_seconds()));
                let (least, most) = ahead.fold((i64::MAX, i64::MIN), |(least, most), ahead| {
                    (least.min(ahead), most.max(ahead))
                });
                most.saturating_sub(least)
            };
            self.zones(at_home).iter().map(shift).max().unwrap_or(0)
        })
    }

    /// Says whether one end can be later than another where a glance tells; `None`: it does
    /// not.
    fn certainly_later(&self, one: &Span, other: &Span, at_home: bool) -> Option<bool> {
        let never_or_always = |never: bool, always: bool| (never || always).then_some(always);
        match (one, other) {
            _ if one == other => Some(false),
            (_, Span::MovedToWorkingDay(inner, _)) if **inner == *one => Some(false),
            (Span::Months(a), Span::Months(b)) | (Span::ShortMonths(a), Span::ShortMonths(b)) => {
                Some(a > b)
            }
            (Span::ShortMonths(a), Span::Months(b)) if a <= b => Some(false),
            _ if hours(one).is_some() && hours(other).is_some() => Some(hours(one) > hours(other)),
            (Span::BusinessDays(a, c), Span::BusinessDays(b, d))
            | (Span::ShortBusinessDays(a, c), Span::ShortBusinessDays(b, d))
                if c == d =>
            {
                Some(a > b)
            }
            (Span::ShortBusinessDays(a, c), Span::BusinessDays(b, d)) if c == d && a <= b => {
                Some(false)
            }
            _ if hours(one).is_some() || hours(other).is_some() => {
                let shift = self.shift(at_home);
                let (least, most) = elapsed(one, shift);
                let (other_least, other_most) = elapsed(other, shift);
                never_or_always(
                    most.zip(other_least).is_some_and(|(a, b)| a <= b),
                    least.zip(other_most).is_some_and(|(a, b)| a > b),
                )
            }
            _ => {
                let (least, most) = day_bounds(one);
                let (other_least, other_most) = day_bounds(other);
                // A clock time ends before its day does.
                let is_clock = matches!(other, Span::Clock(..));
                never_or_always(
                    !is_clock && most.zip(other_least).is_some_and(|(a, b)| a <= b),
                    least.zip(other_most).is_some_and(|(a, b)| a > b),
                )
            }
        }
    }

    /// Whether one end can be later than another for an event on a day.
    fn is_later(&self, one: &Span, other: &Span, day: Day, zone: Zone) -> bool {
        let (Some(a), Some(b)) = (self.end(one, day, zone), self.end(other, day, zone)) else {
            return true;
        };
        match (a, b) {
            (SpanEnd::Fixed(a), SpanEnd::Fixed(b)) => a > b,
            (SpanEnd::Elapsed(a, to), SpanEnd::Elapsed(b, until)) => (a, to) > (b, until),
            // The latest event of the day is an instant before the next day.
            (SpanEnd::Elapsed(hours, inside), SpanEnd::Fixed(b)) => {
                let last = day.plus_days(1).start(zone).previous();
                elapsed_end(last, hours, inside) > b
            }
            (SpanEnd::Fixed(a), SpanEnd::Elapsed(hours, inside)) => {
                a > elapsed_end(day.start(zone), hours, inside)
            }
        }
    }

    /// Returns a day of the event on which acts can fall where they are placed; `None`:
    /// there is none. The days of all ends are those of the policy's zone.
    pub(super) fn joint_day(
        &self,
        fits: impl Fn(Day) -> bool,
        placed: &[Placed<'_>],
    ) -> Option<Day> {
        days().filter(|day| fits(*day)).find(|day| {
            let all = |zone: &Zone| placed.iter().all(|p| self.fits(p, *day, *zone));
            self.zones.iter().any(all)
        })
    }

    /// Whether some act falls so for some event on a day.
    fn fits(&self, placed: &Placed<'_>, day: Day, zone: Zone) -> bool {
        // The event lies in the day, both ends inside.
        let mut first = day.start(zone);
        let mut last = day.plus_days(1).start(zone).previous();
        let ends = |spans: &[&Span]| -> (Vec<Instant>, Vec<(i64, bool)>) {
            let (mut fixed, mut elapsed) = (Vec::new(), Vec::new());
            for end in spans.iter().filter_map(|span| self.end(span, day, zone)) {
                match end {
                    SpanEnd::Fixed(at) => fixed.push(at),
                    SpanEnd::Elapsed(hours, inside) => elapsed.push((hours, inside)),
                }
            }
            (fixed, elapsed)
        };
        let (past, past_hours) = ends(&placed.past);
        let (ahead, ahead_hours) = ends(&placed.ahead);
        let (low, low_hours) = (past.into_iter().max(), past_hours.into_iter().max());
        let (high, high_hours) = (ahead.into_iter().min(), ahead_hours.into_iter().min());
        if low.zip(high).is_some_and(|(low, high)| low >= high)
            || low_hours.zip(high_hours).is_some_and(|(l, h)| l >= h)
        {
            return false;
        }
        // Hours have passed and `high` is ahead, or hours are ahead and `low` has passed:
        // both bound the event.
        if let Some((high, (hours, inside))) = high.zip(low_hours) {
            let latest = high.plus_hours(hours.saturating_neg()).previous();
            last = last.min(if inside { latest.previous() } else { latest });
        }
        if let Some((low, (hours, inside))) = low.zip(high_hours) {
            let earliest = low.plus_hours(hours.saturating_neg());
            first = first.max(if inside { earliest } else { earliest.next() });
        }
        if let (true, Some(low)) = (placed.before_event, low) {
            first = first.max(low.next());
        }
        if let (true, Some(high)) = (placed.after_event, high) {
            last = last.min(high.previous());
        }
        first <= last
    }

    /// Returns the last local day of a span; `None`: hours have none.
    fn last_day(&self, span: &Span, day: Day) -> Option<Day> {
        Some(match span {
            Span::Hours(_) | Span::ShortHours(_) => return None,
            Span::ShortMonths(months) => day.plus_months_clamped(*months).plus_days(-1),
            Span::Days(days) => day.plus_days(i64::from(*days)),
            Span::Months(months) => day.plus_months_clamped(*months),
            Span::BusinessDays(0, _) => day,
            Span::BusinessDays(days @ 1.., calendar) => {
                let from = day.plus_days(1);
                self.business_day(*calendar, from, days.saturating_sub(1))?
            }
            Span::BusinessDays(days, calendar) => self.business_day(*calendar, day, *days)?,
            Span::ShortBusinessDays(days, calendar) => {
                let last = Span::BusinessDays(*days, *calendar);
                self.last_day(&last, day)?.plus_days(-1)
            }
            // It is looked at by its bounds.
            Span::Stated(_) => return None,
            Span::Next(next) => next.last_day(day),
            Span::Date(date) => *date,
            Span::Clock(next, _) => next.map_or(day, |weekday| day.on_or_after(weekday)),
            Span::MovedToWorkingDay(inner, calendar) => {
                let last = self.last_day(inner, day)?;
                self.business_day(*calendar, last, 0)?
            }
        })
    }

    /// Returns the business day that comes so many after the first one on or after a day;
    /// below zero, before it.
    fn business_day(&self, calendar: usize, from: Day, later: i32) -> Option<Day> {
        let rules = self.calendars.get(calendar)?;
        let listed = self.business.get(calendar)?.get_or_init(|| {
            let first = Day::new(FIRST_YEAR, 1, 1);
            let all = (0..LISTED_DAYS).filter_map(|n| Some(first?.plus_days(n)));
            all.filter(|day| rules.is_business(*day)).collect()
        });
        let at = listed.partition_point(|day| *day < from);
        let index = at.checked_add_signed(isize::try_from(later).ok()?);
        if at > 0
            && let Some(day) = index.and_then(|index| listed.get(index))
        {
            return Some(*day);
        }
        let first = rules.business_on_or_after(from);
        Some(rules.plus_business_days(first, later))
    }

    /// Returns the end for an event on a day; `None`: it hangs on the hour of the event in
    /// a way that is not looked at.
    fn end(&self, span: &Span, day: Day, zone: Zone) -> Option<SpanEnd> {
        let close = |day: Day| SpanEnd::Fixed(day.plus_days(1).start(zone));
        match span {
            Span::Hours(hours) => Some(SpanEnd::Elapsed(i64::from(*hours), true)),
            Span::ShortHours(hours) => Some(SpanEnd::Elapsed(i64::from(*hours), false)),
            Span::Days(_)
            | Span::Months(_)
            | Span::ShortMonths(_)
            | Span::BusinessDays(..)
            | Span::ShortBusinessDays(..)
            | Span::Next(_)
            | Span::Date(_) => self.last_day(span, day).map(close),
            Span::Stated(_) => None,
            Span::Clock(_, clock) => {
                let day = self.last_day(span, day)?;
                Some(SpanEnd::Fixed(clock_close(zone, day, *clock)))
            }
            Span::MovedToWorkingDay(inner, _) => {
                let (last, moved) = (self.last_day(inner, day)?, self.last_day(span, day)?);
                // What ends on a working day does not move.
                if moved == last {
                    self.end(inner, day, zone)
                } else {
                    Some(close(moved))
                }
            }
        }
    }
}

/// Returns how many hours a span is, and whether the instant that ends them is inside; `None`:
/// it is counted otherwise.
fn hours(span: &Span) -> Option<(i32, bool)> {
    match span {
        Span::Hours(n) => Some((*n, true)),
        Span::ShortHours(n) => Some((*n, false)),
        Span::Days(_)
        | Span::Months(_)
        | Span::BusinessDays(..)
        | Span::ShortBusinessDays(..)
        | Span::ShortMonths(_)
        | Span::Next(_)
        | Span::Date(_)
        | Span::Clock(..)
        | Span::MovedToWorkingDay(..)
        | Span::Stated(_) => None,
    }
}

/// Returns the first instant after so many hours.
fn elapsed_end(event: Instant, hours: i64, inside: bool) -> Instant {
    let end = event.plus_hours(hours);
    if inside { end.next() } else { end }
}

/// Returns the first instant after a clock limit on a day.
fn clock_close(zone: Zone, day: Day, clock: Clock) -> Instant {
    match clock {
        Clock::Instant(time) => zone.clock(day, time).next(),
        Clock::Minute(time) => {
            let minute = zone.clock(day, time);
            Instant::from_unix(minute.unix_seconds().saturating_add(60), 0).unwrap_or(minute)
        }
    }
}

/// Returns every day that is looked at, the nearest first.
fn days() -> impl Iterator<Item = Day> {
    let days = |from: Option<Day>, to: Option<Day>| {
        let count = from.zip(to).map_or(0, |(from, to)| to.days_since(from));
        (0..count).filter_map(move |n| Some(from?.plus_days(n)))
    };
    let [first, middle, end] = [FIRST_YEAR, NEAR_YEAR, END_YEAR].map(|year| Day::new(year, 1, 1));
    days(middle, end).chain(days(first, middle))
}

/// Returns a day of each week that is looked at: clocks do not change and back within one.
fn weeks() -> impl Iterator<Item = Day> {
    days().step_by(7)
}

/// Returns the first of these days.
pub(super) fn any_day() -> Option<Day> {
    days().next()
}

/// Returns the least and the most days from the day of the event to the last day of a
/// span, as far as they are known at a glance.
fn day_bounds(span: &Span) -> (Option<i64>, Option<i64>) {
    match span {
        Span::Hours(_) | Span::ShortHours(_) | Span::Date(_) | Span::Stated(_) => (None, None),
        Span::Next(next) => {
            let most = if next.month.is_some() { 366 } else { 31 };
            let bounds = match next.same_day {
                true => (Some(0), Some(most)),
                false => (Some(1), Some(most)),
            };
            if next.short {
                day_before(bounds)
            } else {
                bounds
            }
        }
        Span::ShortMonths(months) => day_before(day_bounds(&Span::Months(*months))),
        Span::ShortBusinessDays(days, calendar) => {
            day_before(day_bounds(&Span::BusinessDays(*days, *calendar)))
        }
        Span::Days(days) => (Some(i64::from(*days)), Some(i64::from(*days))),
        Span::Months(months) => {
            // 400 years have 4800 months and 146,097 days; no run of months is more than
            // four days off.
            let days = i64::from(*months).saturating_mul(146_097).div_euclid(4_800);
            (
                Some(match months {
                    ..0 => days.saturating_sub(4),
                    _ => days.saturating_sub(4).max(0),
                }),
                Some(days.saturating_add(4)),
            )
        }
        Span::BusinessDays(days @ 0.., _) => (Some(i64::from(*days)), None),
        Span::BusinessDays(days, _) => (None, Some(i64::from(*days))),
        Span::Clock(next, _) => (Some(0), Some(if next.is_some() { 6 } else { 0 })),
        Span::MovedToWorkingDay(inner, _) => (day_bounds(inner).0, None),
    }
}

/// Returns a day less of each.
fn day_before((least, most): (Option<i64>, Option<i64>)) -> (Option<i64>, Option<i64>) {
    let before = |days: i64| days.saturating_sub(1);
    (least.map(before), most.map(before))
}

/// Returns the least and the most seconds from the event to an end, where clocks are
/// shifted by so many seconds at the most.
fn elapsed(span: &Span, shift: i64) -> (Option<i64>, Option<i64>) {
    if let Some((hours, _)) = hours(span) {
        let exact = Some(i64::from(hours).saturating_mul(HOUR));
        return (exact, exact);
    }
    let (least, most) = day_bounds(span);
    let seconds = |days: i64| days.saturating_mul(24 * HOUR);
    // A clock time can have passed before the event.
    let sooner = i64::from(matches!(span, Span::Clock(..)));
    (
        least.map(|days| seconds(days.saturating_sub(sooner)).saturating_sub(shift)),
        most.map(|days| seconds(days.saturating_add(1)).saturating_add(shift)),
    )
}
