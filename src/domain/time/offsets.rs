//! What the clocks of zones are ahead of UTC, worked out when policies are loaded.
//!
//! The library finds an offset among all changes since clocks were set by law. An
//! order lies in the years that are worked out here, where few changes are left to
//! look through. Other years, and zones that no policy names, are the library's.
//!
//! The library lists the changes up to the year 2099 and keeps the last offset from
//! then on. The rules behind the list are by month and day of the week, so that a year
//! repeats an earlier one with the same calendar: [`listed`] finds it.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::{DAY_SECONDS, Fold};

/// The first second that is worked out, 2000-01-01T00:00:00Z.
const FIRST: i64 = 946_684_800;
/// The first second that no longer is, 2061-01-01T00:00:00Z.
const END: i64 = 2_871_763_200;
/// Seconds between two looks for a change. No zone changes its clocks and back within
/// fewer: the shortest summer time pauses for a month.
const STEP: i64 = 7 * DAY_SECONDS;
/// Local times so near to the ends are the library's, in seconds: more than any offset.
const MARGIN: i64 = 2 * DAY_SECONDS;

/// The first second whose changes the library does not list, 2100-01-01T00:00:00Z.
const UNLISTED: i64 = 4_102_444_800;
/// The last years that it lists, as many as have every calendar that there is.
const LAST_LISTED: RangeInclusive<i32> = 2072..=2099;
/// Seconds in the winter and the summer of 2099, 15 January and 15 July.
const LAST_WINTER_AND_SUMMER: [i64; 2] = [4_072_118_400, 4_087_756_800];

/// The offsets of every zone that a policy names, by the library's number of the zone.
static KNOWN: [OnceLock<Offsets>; TZ_VARIANTS.len()] =
    [const { OnceLock::new() }; TZ_VARIANTS.len()];

/// Seconds of a slot, about seven weeks, as a power of two.
const SLOT_BITS: u32 = 22;

/// Holds the changes of a zone's clocks.
#[derive(Debug)]
pub(super) struct Offsets {
    /// The changes, ascending; the first stands for the beginning.
    changes: Box<[Change]>,
    /// For each slot of time the index of the change that is in force at its beginning,
    /// so that a change is found without looking through all.
    slots: Box<[u16]>,
}

/// A change of clocks; seconds ahead of UTC before and from it on.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// Seconds since 1970-01-01T00:00:00Z.
    at: i64,
    before: i64,
    ahead: i64,
}

/// Works the offsets of a zone out, if that has not been done.
pub(super) fn prepare(tz: Tz) {
    if let Some(known) = KNOWN.get(tz as usize) {
        known.get_or_init(|| Offsets::new(tz));
    }
}

/// Returns the offsets of a zone; `None`: they were not worked out.
pub(super) fn of(tz: Tz) -> Option<&'static Offsets> {
    KNOWN.get(tz as usize)?.get()
}

impl Offsets {
    fn new(tz: Tz) -> Self {
        let mut before = ahead(tz, FIRST);
        let mut changes = vec![Change {
            at: FIRST,
            before,
            ahead: before,
        }];
        let mut from = FIRST;
        while from < END {
            let to = from.saturating_add(STEP).min(END);
            let after = ahead(tz, to);
            if after != before {
                changes.push(Change {
                    at: first_second(tz, from, to, after),
                    before,
                    ahead: after,
                });
            }
            (from, before) = (to, after);
        }
        let begins = (FIRST..END).step_by(1 << SLOT_BITS);
        let in_force = begins.map(|begin| {
            let past = changes.partition_point(|change| change.at <= begin);
            // Any place before it is right too; there are never so many.
            u16::try_from(past.saturating_sub(1)).unwrap_or(0)
        });
        Self {
            slots: in_force.collect(),
            changes: changes.into(),
        }
    }

    /// Returns how many seconds clocks are ahead of UTC at a second since 1970; `None`:
    /// that was not worked out.
    pub(super) fn ahead(&self, second: i64) -> Option<i64> {
        Some(self.changes.get(self.in_force(second)?)?.ahead)
    }

    /// Returns the second at which the local day ends that is so many days after that of
    /// a second; `None`: that was not worked out.
    pub(super) fn end_of_day(&self, second: i64, days_later: i32) -> Option<i64> {
        let from = self.in_force(second)?;
        let shown = second.checked_add(self.changes.get(from)?.ahead)?;
        let day = shown.div_euclid(DAY_SECONDS);
        let end = day
            .checked_add(i64::from(days_later))?
            .checked_add(1)?
            .checked_mul(DAY_SECONDS)?;
        let last = self.last(from, |change| change.reached(end, Fold::First))?;
        self.resolve(last, end, Fold::First)
    }

    /// Returns the second at which clocks show a local time, both counted from 1970;
    /// where they skip it, the second of the change. `None`: that was not worked out.
    pub(super) fn second(&self, local: i64, fold: Fold) -> Option<i64> {
        let from = self.in_force(local.saturating_sub(MARGIN))?;
        let last = self.last(from, |change| change.reached(local, fold))?;
        self.resolve(last, local, fold)
    }

    /// Returns the index of the change whose offset is in force at a second.
    fn in_force(&self, second: i64) -> Option<usize> {
        if !(FIRST..END).contains(&second) {
            return None;
        }
        let slot = second.saturating_sub(FIRST) >> SLOT_BITS;
        let from = self.slots.get(usize::try_from(slot).ok()?)?;
        self.last(usize::from(*from), |change| change.at <= second)
    }

    /// Returns the index of the last change that was reached, of a place and those after
    /// it. Few are looked at, if any.
    fn last(&self, from: usize, reached: impl Fn(&Change) -> bool) -> Option<usize> {
        let later = self.changes.get(from.checked_add(1)?..)?;
        let more = later.iter().take_while(|change| reached(change));
        from.checked_add(more.count())
    }

    /// Returns the second of a local time, by the last change that it has reached.
    fn resolve(&self, last: usize, local: i64, fold: Fold) -> Option<i64> {
        if !(FIRST.saturating_add(MARGIN)..END.saturating_sub(MARGIN)).contains(&local) {
            return None;
        }
        let (change, next) = (
            self.changes.get(last)?,
            self.changes.get(last.saturating_add(1)),
        );
        let second = local.saturating_sub(change.ahead);
        // A time that is skipped comes out on the wrong side of the change.
        Some(match (fold, next) {
            (Fold::Second, Some(next)) => second.min(next.at),
            _ => second.max(change.at),
        })
    }
}

impl Change {
    /// Whether a local time has reached the change: of a time that is shown twice, the
    /// first showing lies before it and the second after it.
    fn reached(&self, local: i64, fold: Fold) -> bool {
        let shown = match fold {
            Fold::First => self.before,
            Fold::Second => self.ahead,
        };
        self.at.saturating_add(shown) <= local
    }
}

/// Returns how many seconds clocks are ahead of UTC at a second since 1970, as it was
/// not worked out.
pub(super) fn looked_up(tz: Tz, second: i64) -> i64 {
    ahead(tz, listed(tz, second))
}

/// Returns the second of a year with the same calendar that the library lists: clocks
/// are as far ahead there. A second that it lists is that one, and so is any where the
/// zone has no summer time any more.
///
/// For the second that clocks show it works alike: no rule changes clocks near the turn
/// of the year.
pub(super) fn listed(tz: Tz, second: i64) -> i64 {
    if second < UNLISTED {
        return second;
    }
    let [winter, summer] = LAST_WINTER_AND_SUMMER.map(|second| ahead(tz, second));
    if winter == summer {
        return second;
    }
    let first_day = |year| NaiveDate::from_ymd_opt(year, 1, 1);
    let year = DateTime::from_timestamp(second, 0).and_then(|time| first_day(time.year()));
    let alike = year.and_then(|wanted| {
        let calendar = |day: &NaiveDate| (day.weekday(), day.leap_year());
        let mut years = LAST_LISTED.filter_map(first_day);
        let found = years.find(|day| calendar(day) == calendar(&wanted))?;
        Some(wanted.signed_duration_since(found).num_seconds())
    });
    second.saturating_sub(alike.unwrap_or(0))
}

fn ahead(tz: Tz, second: i64) -> i64 {
    let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
    let offset = tz.offset_from_utc_datetime(&at.naive_utc());
    i64::from(offset.fix().local_minus_utc())
}

/// Returns the first second with the offset `after`, which holds at the second `from`, but
/// not yet at the second `before`.
fn first_second(tz: Tz, mut before: i64, mut from: i64, after: i64) -> i64 {
    while from.saturating_sub(before) > 1 {
        let middle = before.saturating_add(from.saturating_sub(before) / 2);
        if ahead(tz, middle) == after {
            from = middle;
        } else {
            before = middle;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, Weekday};

    use super::*;
    use crate::domain::time::{Day, Instant, Zone};

    /// Zones with whole and odd offsets, with and without changes, with changes at
    /// midnight, by half an hour, of a whole day, and with a pause of summer time.
    const ZONES: [Tz; 12] = [
        Tz::Europe__Paris,
        Tz::Europe__Athens,
        Tz::UTC,
        Tz::Asia__Kathmandu,
        Tz::America__St_Johns,
        Tz::America__Sao_Paulo,
        Tz::America__Havana,
        Tz::Africa__Casablanca,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Apia,
        Tz::Asia__Pyongyang,
    ];

    fn zone(name: &str) -> Zone {
        Zone::from_name(name).expect("a zone of the database")
    }

    fn instant(text: &str) -> Instant {
        Instant::parse(text).expect("RFC 3339")
    }

    #[test]
    fn every_hour_and_every_change_is_the_librarys() {
        for tz in ZONES {
            let offsets = Offsets::new(tz);
            let changes = offsets.changes.iter().map(|change| change.at);
            let around = changes.flat_map(|at| (-1..=1).map(move |by| at + by));
            let hours = (FIRST..END).step_by(3600);
            for second in hours.chain(around.filter(|s| (FIRST..END).contains(s))) {
                assert_eq!(
                    offsets.ahead(second),
                    Some(ahead(tz, second)),
                    "{tz} {second}"
                );
            }
            assert_eq!(offsets.ahead(FIRST - 1), None);
            assert_eq!(offsets.ahead(END), None);
        }
    }

    #[test]
    fn local_times_are_the_librarys() {
        for tz in ZONES {
            let offsets = Offsets::new(tz);
            // Quarters of every local day, and minutes around every change.
            let days = (FIRST + MARGIN..END - MARGIN).step_by(21_600);
            let around = offsets.changes.iter().skip(1).flat_map(|change| {
                let shown = change.at + change.ahead.min(change.before);
                (-90..=90).map(move |minute| shown + minute * 60)
            });
            for local in days.chain(around) {
                let shown = DateTime::from_timestamp(local, 0)
                    .expect("a time")
                    .naive_utc();
                let found = tz.from_local_datetime(&shown);
                let by_fold = [
                    (Fold::First, found.earliest()),
                    (Fold::Second, found.latest()),
                ];
                for (fold, expected) in by_fold {
                    let second = offsets.second(local, fold).expect("worked out");
                    match expected {
                        Some(at) => assert_eq!(second, at.timestamp(), "{tz} {shown}"),
                        // What is skipped is reached with the change.
                        None => {
                            let by = |second| second + ahead(tz, second);
                            assert!(by(second) > local && by(second - 1) < local, "{tz} {shown}");
                        }
                    }
                }
            }
            assert_eq!(offsets.second(FIRST, Fold::First), None);
            assert_eq!(offsets.second(END, Fold::First), None);
        }
    }

    /// The last Sunday of a month of 31 days.
    fn last_sunday(year: i32, month: u32) -> Day {
        let from = Day::new(year, month, 25).expect("a day");
        from.on_or_after(Weekday::Sun)
    }

    #[test]
    fn summer_time_goes_on_where_the_database_ends() {
        let paris = zone("Europe/Paris");
        // Directive 2000/84/EC: from the last Sunday of March to that of October, each
        // at 01:00 UTC. The Sundays are counted here, not looked up.
        for year in (2090..=2110).chain(2396..=2404).chain([2999]) {
            for (month, before, after) in [(3, 1, 2), (10, 2, 1)] {
                let change = last_sunday(year, month).start(Zone::utc()).plus_hours(1);
                for (at, ahead) in [(change.previous(), before), (change, after)] {
                    let (_, shown) = paris.local(at);
                    let wanted = Zone::utc().local(at.plus_hours(ahead)).1;
                    assert_eq!(shown, wanted, "{at}");
                    let text = at.local_text(paris).to_string();
                    assert!(text.ends_with(&format!("+0{ahead}:00")), "{text}");
                }
            }
        }
        for (name, text) in [
            // The last second of the years that are listed, and the next.
            ("Europe/Paris", "2100-01-01T00:59:59+01:00"),
            ("Europe/Paris", "2100-01-01T01:00:00+01:00"),
            // 1 March 2100 is a Monday: 2100 is no leap year.
            ("Europe/Paris", "2100-03-28T03:00:00+02:00"),
            // Second Sunday of March and first of November, at 02:00 of the clocks.
            ("America/New_York", "2100-03-14T01:59:59-05:00"),
            ("America/New_York", "2100-03-14T03:00:00-04:00"),
            // First Sundays of April and October, at 02:00 standard time.
            ("Australia/Sydney", "2100-12-31T23:59:59+11:00"),
            ("Australia/Sydney", "2101-01-01T00:00:00+11:00"),
            ("Australia/Sydney", "2101-07-01T00:00:00+10:00"),
            // The database ends the pauses of Ramadan with 2087.
            ("Africa/Casablanca", "2103-11-01T12:00:00+01:00"),
            ("Asia/Kathmandu", "2100-07-01T12:00:00+05:45"),
        ] {
            let (zone, at) = (zone(name), instant(text));
            assert_eq!(at.local_text(zone).to_string(), text, "{name}");
            let (day, time) = zone.local(at);
            assert_eq!(zone.clock(day, time), at, "{name} {text}");
        }
    }

    #[test]
    fn days_and_gaps_after_the_listed_years_are_as_before() {
        let paris = zone("Europe/Paris");
        let start = |day: &str| Day::parse(day).expect("a day").start(paris);
        assert_eq!(start("2099-07-01"), instant("2099-07-01T00:00:00+02:00"));
        assert_eq!(start("2100-01-01"), instant("2100-01-01T00:00:00+01:00"));
        assert_eq!(start("2100-07-01"), instant("2100-07-01T00:00:00+02:00"));
        let half_past_two = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        for (day, wanted) in [
            ("2100-03-28", "2100-03-28T03:00:00+02:00"),
            ("2100-10-31", "2100-10-31T02:30:00+01:00"),
        ] {
            let day = Day::parse(day).expect("a day");
            assert_eq!(paris.clock(day, half_past_two), instant(wanted));
        }
        // A period may begin in a year that is listed and end in one that is not.
        let end = paris.end_of_day(instant("2099-12-15T12:00:00Z"), 30);
        assert_eq!(end, instant("2100-01-15T00:00:00+01:00"));
    }
}
