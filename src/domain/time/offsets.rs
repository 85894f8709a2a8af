//! What the clocks of zones are ahead of UTC, worked out when policies are loaded.
//!
//! The library finds an offset among all changes since clocks were set by law. An
//! order lies in the years that are worked out here, where few changes are left to
//! look through. Other years, and zones that no policy names, are the library's.

use std::sync::OnceLock;

use chrono::{DateTime, Offset, TimeZone};
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
    /// For each slot of time the place of the change that is in force at its beginning,
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
                    at: first_second(tz, (from, to), after),
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
    pub(super) fn end_of_day(&self, second: i64, days_later: u32) -> Option<i64> {
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

    /// Returns the place of the change whose offset is in force at a second.
    fn in_force(&self, second: i64) -> Option<usize> {
        if !(FIRST..END).contains(&second) {
            return None;
        }
        let slot = second.saturating_sub(FIRST) >> SLOT_BITS;
        let from = self.slots.get(usize::try_from(slot).ok()?)?;
        self.last(usize::from(*from), |change| change.at <= second)
    }

    /// Returns the place of the last change that was reached, of a place and those after
    /// it. Few are looked at, if any.
    #[inline]
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

fn ahead(tz: Tz, second: i64) -> i64 {
    let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
    let offset = tz.offset_from_utc_datetime(&at.naive_utc());
    i64::from(offset.fix().local_minus_utc())
}

/// Returns the first second with an offset that holds at the end of a range, not at its
/// beginning.
fn first_second(tz: Tz, (mut before, mut from): (i64, i64), after: i64) -> i64 {
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
    use super::*;

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
}
