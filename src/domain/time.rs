//! Instants apart from calendar days, zones, and the steps between them.
//!
//! Each step from a local time to an instant names what it does where clocks
//! change: a day starts at its first instant, and a clock time that does not
//! exist is moved to the first instant after the gap; a clock time that exists
//! twice is the later one, since a limit that is reached twice ends with the
//! second. A step beyond what can be counted stays where it was.
//!
//! ```
//! use redress::domain::time::{Day, Instant, Zone};
//!
//! let paris = Zone::from_name("Europe/Paris").expect("a zone");
//! let day = Day::parse("2026-03-29").expect("a day");
//! // Clocks go forward on this day: it has 23 hours.
//! assert_eq!(day.start(paris), Instant::parse("2026-03-28T23:00:00Z").expect("an instant"));
//! assert_eq!(day.plus_days(1).start(paris), day.start(paris).plus_hours(23));
//! ```

mod local;
mod offsets;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeDelta, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;

use super::limits::{FIRST_YEAR, LAST_YEAR};
use super::spell::Spell;

/// Seconds of a day, as clocks count them.
const DAY_SECONDS: i64 = 86_400;
/// Days from the first of year 1, which is day 1, up to 1970-01-01.
const DAYS_BEFORE_1970: i32 = 719_163;

/// Holds a point in time, exact to the nanosecond. Requests hold many, most of them
/// unknown: without the gap that alignment would leave each takes a quarter less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, packed(4))]
pub struct Instant {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// Nanoseconds of the second; a leap second counts on beyond those of the second
    /// before it.
    nanos: u32,
}

/// Seconds since 1970-01-01T00:00:00Z of the years 0001 to 9999.
const YEARS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Seconds since 1970-01-01T00:00:00Z of the years [`FIRST_YEAR`] to [`LAST_YEAR`].
const STATED_YEARS: RangeInclusive<i64> = -2_208_988_800..=32_503_679_999;
/// Nanoseconds of a second.
const SECOND_NANOS: u32 = 1_000_000_000;

impl Instant {
    /// The instant that no other comes before.
    pub(crate) const FIRST: Self = Self {
        seconds: i64::MIN,
        nanos: 0,
    };

    /// Takes seconds and nanoseconds since 1970-01-01T00:00:00Z, years 0001 to 9999.
    pub fn from_unix(seconds: i64, nanos: u32) -> Option<Self> {
        if nanos < SECOND_NANOS {
            return YEARS.contains(&seconds).then_some(Self { seconds, nanos });
        }
        // Whether there can be a leap second is for the library to say.
        let leap = DateTime::from_timestamp(seconds, nanos)?;
        YEARS.contains(&seconds).then_some(leap.into())
    }

    /// Reads RFC 3339, such as `2026-03-14T09:30:00+01:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        (1..=9999).contains(&time.year()).then_some(time.into())
    }

    /// Takes a time of the machine; one before 1970 counts as the start of 1970.
    pub fn from_system(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(0);
        Self::from_unix(seconds, since.subsec_nanos()).unwrap_or(DateTime::UNIX_EPOCH.into())
    }

    /// Whether it lies in the years [`FIRST_YEAR`] to [`LAST_YEAR`], in which what a
    /// caller states must lie.
    pub fn in_stated_years(self) -> bool {
        STATED_YEARS.contains(&self.unix_seconds())
    }

    /// Returns whole seconds since 1970-01-01T00:00:00Z.
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds of the second.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// Returns the instant a whole number of hours later, elapsed time.
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus(TimeDelta::hours(hours))
            .unwrap_or(DateTime::<Utc>::MAX_UTC.into())
    }

    /// Returns the nanoseconds from another instant to this one, below zero where that comes
    /// later.
    pub fn nanos_since(self, other: Self) -> i128 {
        let seconds = i128::from(self.seconds).saturating_sub(i128::from(other.seconds));
        let nanos = i128::from(self.nanos).saturating_sub(i128::from(other.nanos));
        seconds
            .saturating_mul(i128::from(SECOND_NANOS))
            .saturating_add(nanos)
    }

    /// Returns the next instant, one nanosecond later.
    pub fn next(self) -> Self {
        self.plus(TimeDelta::nanoseconds(1)).unwrap_or(self)
    }

    /// Returns the instant before, one nanosecond earlier.
    pub fn previous(self) -> Self {
        self.plus(TimeDelta::nanoseconds(-1)).unwrap_or(self)
    }

    fn plus(self, time: TimeDelta) -> Option<Self> {
        self.utc().checked_add_signed(time).map(Self::from)
    }

    /// Returns it as the library has it.
    fn utc(self) -> DateTime<Utc> {
        let end = match self.seconds {
            ..0 => DateTime::<Utc>::MIN_UTC,
            _ => DateTime::<Utc>::MAX_UTC,
        };
        DateTime::from_timestamp(self.seconds, self.nanos).unwrap_or(end)
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(time: DateTime<Utc>) -> Self {
        Self {
            seconds: time.timestamp(),
            nanos: time.timestamp_subsec_nanos(),
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.utc().format("%Y-%m-%dT%H:%M:%S%.fZ"))
    }
}

/// Holds a calendar day, without zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

impl Day {
    /// Takes year, month and day of month.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        (1..=9999)
            .contains(&year)
            .then(|| NaiveDate::from_ymd_opt(year, month, day).map(Self))?
    }

    /// Reads ISO 8601, `2026-03-14`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 {
            return None;
        }
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// Whether it lies in the years [`FIRST_YEAR`] to [`LAST_YEAR`], in which what a
    /// caller states must lie.
    pub fn in_stated_years(self) -> bool {
        (FIRST_YEAR..=LAST_YEAR).contains(&self.year())
    }

    /// Returns the day of a local time, in seconds since that of 1970-01-01 began.
    fn of_second(second: i64) -> Self {
        let day = i32::try_from(second.div_euclid(DAY_SECONDS)).ok();
        let since_ce = day.and_then(|day| day.checked_add(DAYS_BEFORE_1970));
        Self(
            since_ce
                .and_then(NaiveDate::from_num_days_from_ce_opt)
                .unwrap_or_default(),
        )
    }

    /// Returns the day a number of calendar days later, or earlier if negative.
    pub fn plus_days(self, days: i64) -> Self {
        let step = Days::new(days.unsigned_abs());
        let moved = if days < 0 {
            self.0.checked_sub_days(step)
        } else {
            self.0.checked_add_days(step)
        };
        Self(moved.unwrap_or(self.0))
    }

    /// Returns the same day of month a number of months later, clamped to the
    /// end of that month.
    pub fn plus_months_clamped(self, months: i32) -> Self {
        let count = Months::new(months.unsigned_abs());
        let moved = match months {
            ..0 => self.0.checked_sub_months(count),
            _ => self.0.checked_add_months(count),
        };
        Self(moved.unwrap_or(self.0))
    }

    /// Returns the day of the week.
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// Returns the year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// Returns the month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// Returns the day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// Returns the first day on or after this one with that day of the week.
    pub fn on_or_after(self, weekday: Weekday) -> Self {
        let ahead = weekday
            .num_days_from_monday()
            .saturating_add(7)
            .saturating_sub(self.weekday().num_days_from_monday());
        self.plus_days(i64::from(ahead.checked_rem(7).unwrap_or(0)))
    }

    /// Returns the full years since an earlier day, 0 if it is later; somebody
    /// born on 29 February is a year older on 1 March where there is no such day.
    pub fn full_years_since(self, earlier: Self) -> u32 {
        self.0.years_since(earlier.0).unwrap_or(0)
    }

    /// Returns days since another day, negative if it is later.
    pub fn days_since(self, other: Self) -> i64 {
        self.0.signed_duration_since(other.0).num_days()
    }

    /// Returns the first instant of the day in a zone. Where midnight does not
    /// exist, that is the first instant after the gap; where it exists twice,
    /// the first.
    pub fn start(self, zone: Zone) -> Instant {
        zone.at(self, NaiveTime::MIN, Fold::First)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// Chooses between two instants with the same local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fold {
    First,
    Second,
}

/// Holds the zone that turns instants into days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A zone of the IANA database.
    Named(Tz),
    /// A fixed offset: an end of the world's zones, where the zone is unknown.
    Offset(FixedOffset),
}

impl Zone {
    /// Returns the zone with this IANA name.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse::<Tz>().ok().map(Self::Named)
    }

    /// Returns the zone without offset.
    pub fn utc() -> Self {
        Self::Named(Tz::UTC)
    }

    /// Returns the zone where days start first, UTC+14.
    pub fn earliest() -> Self {
        Self::Offset(FixedOffset::east_opt(14 * 3600).unwrap_or_else(|| Utc.fix()))
    }

    /// Returns the zone where days start last, UTC-12.
    pub fn latest() -> Self {
        Self::Offset(FixedOffset::west_opt(12 * 3600).unwrap_or_else(|| Utc.fix()))
    }

    /// Works its offsets out for the years in which orders lie, so that later look-ups
    /// are short. They come to the same without.
    pub fn prepare(self) {
        if let Self::Named(tz) = self {
            offsets::prepare(tz);
        }
    }

    /// Returns what its clocks are ahead of UTC at an instant, in seconds; `None`: that
    /// was not worked out.
    fn known_ahead(self, instant: Instant) -> Option<i64> {
        match self {
            Self::Named(tz) => offsets::of(tz)?.ahead(instant.unix_seconds()),
            Self::Offset(_) => None,
        }
    }

    /// Returns what its clocks are ahead of UTC at an instant, in seconds.
    fn ahead(self, instant: Instant) -> i64 {
        self.known_ahead(instant).unwrap_or_else(|| match self {
            Self::Named(tz) => offsets::looked_up(tz, instant.unix_seconds()),
            Self::Offset(offset) => i64::from(offset.local_minus_utc()),
        })
    }

    /// Returns what its clocks show at an instant: what they would show in UTC as many
    /// seconds later as they are ahead.
    fn shown(self, instant: Instant) -> NaiveDateTime {
        let later = Instant {
            seconds: instant.seconds.saturating_add(self.ahead(instant)),
            ..instant
        };
        later.utc().naive_utc()
    }

    /// Returns its name, or its offset.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// Returns the local day of an instant.
    pub fn day_of(self, instant: Instant) -> Day {
        match self.known_ahead(instant) {
            Some(ahead) => Day::of_second(instant.unix_seconds().saturating_add(ahead)),
            None => self.local(instant).0,
        }
    }

    /// Returns the first instant after a local day: the one so many days after that of
    /// an instant.
    pub fn end_of_day(self, instant: Instant, days_later: i32) -> Instant {
        // The table of changes is searched forwards.
        let known = match self {
            Self::Named(tz) if days_later >= 0 => offsets::of(tz),
            Self::Named(_) | Self::Offset(_) => None,
        };
        let end = known.and_then(|known| known.end_of_day(instant.unix_seconds(), days_later));
        match end.and_then(|second| Instant::from_unix(second, 0)) {
            Some(at) => at,
            None => {
                let last = self.day_of(instant).plus_days(i64::from(days_later));
                last.plus_days(1).start(self)
            }
        }
    }

    /// Returns the local day and clock time of an instant.
    pub fn local(self, instant: Instant) -> (Day, NaiveTime) {
        let local = self.shown(instant);
        (Day(local.date()), local.time())
    }

    /// Returns the instant of a clock time on a day; see the module for gaps
    /// and folds.
    pub fn clock(self, day: Day, time: NaiveTime) -> Instant {
        self.at(day, time, Fold::Second)
    }

    fn at(self, day: Day, time: NaiveTime, fold: Fold) -> Instant {
        let local = day.0.and_time(time);
        match self {
            Self::Offset(offset) => offset
                .from_local_datetime(&local)
                .single()
                .map_or_else(|| local.and_utc(), |t| t.with_timezone(&Utc))
                .into(),
            Self::Named(tz) => {
                let shown = local.and_utc().timestamp();
                let whole = time.nanosecond() == 0;
                let known = offsets::of(tz).filter(|_| whole);
                let known = known.and_then(|known| known.second(shown, fold));
                if let Some(at) = known.and_then(|second| Instant::from_unix(second, 0)) {
                    return at;
                }
                // Looked for in a year that the library lists, as far from the time as it is.
                let listed = offsets::listed(tz, shown);
                let later =
                    TimeDelta::try_seconds(shown.saturating_sub(listed)).unwrap_or_default();
                let local = local.checked_sub_signed(later).unwrap_or(local);
                let found = tz.from_local_datetime(&local);
                let chosen = match fold {
                    Fold::First => found.earliest(),
                    Fold::Second => found.latest(),
                };
                if let Some(t) = chosen {
                    return moved(t.with_timezone(&Utc), later);
                }
                // A gap: the offset before it, applied to the missing time, lands
                // after the gap; the change itself is found by bisection.
                let mut low = local
                    .and_utc()
                    .checked_sub_signed(TimeDelta::hours(26))
                    .unwrap_or_default();
                let mut high = local
                    .and_utc()
                    .checked_add_signed(TimeDelta::hours(26))
                    .unwrap_or_default();
                while high.signed_duration_since(low) > TimeDelta::seconds(1) {
                    let half =
                        TimeDelta::seconds(high.signed_duration_since(low).num_seconds() / 2);
                    let middle = low.checked_add_signed(half).unwrap_or(high);
                    if middle.with_timezone(&tz).naive_local() < local {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                moved(high, later)
            }
        }
    }
}

/// Returns the instant so much later than a time.
fn moved(time: DateTime<Utc>, later: TimeDelta) -> Instant {
    let time = Instant::from(time);
    time.plus(later).unwrap_or(time)
}

impl Spell for Zone {
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Self::Named(tz) => to.write_str(tz.name()),
            Self::Offset(offset) => write!(to, "{offset}"),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(f)
    }
}

/// States what is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventTime {
    /// Nobody knows.
    Unknown,
    /// It has not happened up to the instant of deciding.
    NotYet,
    /// It happened at an instant.
    At(Instant),
    /// It happened on a day; the hour is unknown.
    On(Day),
    /// It has happened, and nobody can tell when.
    Happened,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::from_name(name).expect("a zone of the database")
    }

    fn instant(text: &str) -> Instant {
        Instant::parse(text).expect("RFC 3339")
    }

    #[test]
    fn instants_are_of_the_years_that_have_four_digits() {
        let first = instant("0001-01-01T00:00:00Z");
        let last = instant("9999-12-31T23:59:59Z");
        for (end, beyond) in [(first, -1), (last, 1)] {
            let seconds = end.unix_seconds();
            assert_eq!(Instant::from_unix(seconds, 0), Some(end));
            assert_eq!(Instant::from_unix(seconds + beyond, 0), None);
        }
        assert!(Instant::from_unix(last.unix_seconds(), 999_999_999).is_some());
        assert!(Instant::from_unix(last.unix_seconds(), 2_000_000_000).is_none());
    }

    #[test]
    fn callers_state_instants_and_days_of_some_centuries() {
        for (before, first) in [
            ("1899-12-31T23:59:59Z", "1900-01-01T00:00:00Z"),
            ("3000-01-01T00:00:00Z", "2999-12-31T23:59:59.999999999Z"),
        ] {
            assert!(!instant(before).in_stated_years(), "{before}");
            assert!(instant(first).in_stated_years(), "{first}");
            let day = |text: &str| Day::parse(&text[..10]).expect("a day");
            assert!(!day(before).in_stated_years(), "{before}");
            assert!(day(first).in_stated_years(), "{first}");
        }
    }

    #[test]
    fn day_starts_at_midnight_or_after_the_gap() {
        let day = Day::parse("2026-03-29").expect("a day");
        assert_eq!(
            day.start(zone("Europe/Paris")),
            instant("2026-03-29T00:00:00+01:00")
        );
        // Beirut moved its clocks at midnight: 2024-03-31 started at 01:00 +03:00.
        let day = Day::parse("2024-03-31").expect("a day");
        assert_eq!(
            day.start(zone("Asia/Beirut")),
            instant("2024-03-31T01:00:00+03:00")
        );
    }

    #[test]
    fn clock_time_in_a_gap_moves_forward_and_in_a_fold_is_the_later() {
        let half_past_two = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        let gap = Day::parse("2026-03-29").expect("a day");
        assert_eq!(
            zone("Europe/Paris").clock(gap, half_past_two),
            instant("2026-03-29T03:00:00+02:00")
        );
        let fold = Day::parse("2026-10-25").expect("a day");
        assert_eq!(
            zone("Europe/Paris").clock(fold, half_past_two),
            instant("2026-10-25T02:30:00+01:00")
        );
    }

    #[test]
    fn ends_of_days_are_the_starts_of_the_next() {
        for name in ["Europe/Paris", "America/Sao_Paulo", "Pacific/Apia"] {
            let zone = zone(name);
            zone.prepare();
            // Every ninth hour from 1999, which is not worked out, to 2039.
            for hours in (0..40 * 8766_i64).step_by(9) {
                let from = instant("1999-01-01T00:00:00Z").plus_hours(hours);
                for days in [-365, -14, -1, 0, 1, 14, 365] {
                    let last = zone.day_of(from).plus_days(i64::from(days));
                    assert_eq!(zone.end_of_day(from, days), last.plus_days(1).start(zone));
                }
            }
        }
    }

    #[test]
    fn months_clamp_to_the_end_of_the_month() {
        let day = Day::parse("2028-02-29").expect("a day");
        assert_eq!(day.plus_months_clamped(12).to_string(), "2029-02-28");
        let day = Day::parse("2026-01-31").expect("a day");
        assert_eq!(day.plus_months_clamped(1).to_string(), "2026-02-28");
        let day = Day::parse("2026-07-31").expect("a day");
        assert_eq!(day.plus_months_clamped(-1).to_string(), "2026-06-30");
    }

    #[test]
    fn next_weekday_counts_the_day_itself() {
        let saturday = Day::parse("2026-11-21").expect("a day");
        assert_eq!(saturday.on_or_after(Weekday::Sun).to_string(), "2026-11-22");
        assert_eq!(saturday.on_or_after(Weekday::Sat), saturday);
    }

    #[test]
    fn days_outside_the_calendar_are_refused() {
        for bad in [
            "2026-02-29",
            "2026-13-01",
            "26-01-01",
            "2026-1-1",
            "0000-01-01",
            "20260101",
            "",
        ] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }
}
