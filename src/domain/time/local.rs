//! Instants as local time, for people to read. The digits are put together here:
//! forms that are read at run time cost more than the decision beside them.

use std::fmt;

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::{Instant, Zone};
use crate::domain::spell::Spell;

impl Instant {
    /// Shows the instant as a local day and minute, the rest cut off.
    pub fn local_minute(self, zone: Zone) -> impl fmt::Display {
        Minute(Local::of(self, zone))
    }

    /// Shows the instant as local time with its offset, fractions cut off.
    pub fn local_text(self, zone: Zone) -> impl Spell + fmt::Display {
        Second(Local::of(self, zone))
    }
}

/// Holds a local time and what its clocks are ahead of UTC.
struct Local {
    time: NaiveDateTime,
    seconds_ahead: i32,
}

impl Local {
    fn of(instant: Instant, zone: Zone) -> Self {
        Self {
            time: zone.shown(instant),
            // No offset has more than a day.
            seconds_ahead: i32::try_from(zone.ahead(instant)).unwrap_or(0),
        }
    }

    /// Shows the year, which has more than four digits only far beyond any order.
    fn year(&self, to: &mut impl fmt::Write) -> fmt::Result {
        match u32::try_from(self.time.year()) {
            Ok(year @ 0..=9999) => {
                let [[a, b], [c, d]] = [two(year / 100), two(year)];
                ascii(to, &[a, b, c, d])
            }
            _ => write!(to, "{:+05}", self.time.year()),
        }
    }
}

struct Minute(Local);

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(local) = self;
        local.year(f)?;
        let [month, day] = [two(local.time.month()), two(local.time.day())];
        let [hour, minute] = [two(local.time.hour()), two(local.time.minute())];
        let ([m1, m2], [d1, d2], [h1, h2], [i1, i2]) = (month, day, hour, minute);
        ascii(f, &[b'-', m1, m2, b'-', d1, d2, b' ', h1, h2, b':', i1, i2])
    }
}

struct Second(Local);

impl Spell for Second {
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
        let Self(local) = self;
        local.year(to)?;
        let time = local.time;
        // A leap second is told by nanoseconds above a second.
        let leap = time.nanosecond() / 1_000_000_000;
        // Offsets of early years have seconds; they are rounded, half up.
        let minutes_ahead = local.seconds_ahead.unsigned_abs().saturating_add(30) / 60;
        let sign = if local.seconds_ahead < 0 { b'-' } else { b'+' };
        let ([m1, m2], [d1, d2]) = (two(time.month()), two(time.day()));
        let ([h1, h2], [i1, i2]) = (two(time.hour()), two(time.minute()));
        let [s1, s2] = two(time.second().saturating_add(leap));
        let ([o1, o2], [p1, p2]) = (two(minutes_ahead / 60), two(minutes_ahead % 60));
        ascii(
            to,
            &[
                b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2, sign, o1, o2,
                b':', p1, p2,
            ],
        )
    }
}

impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(f)
    }
}

/// Returns the last two digits.
fn two(number: u32) -> [u8; 2] {
    [number / 10, number].map(|n| b'0' | (n % 10) as u8)
}

fn ascii(to: &mut impl fmt::Write, digits: &[u8]) -> fmt::Result {
    to.write_str(std::str::from_utf8(digits).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, FixedOffset, TimeZone};

    use super::*;

    /// Instants of all centuries, among them the first and the last, and around
    /// changes of clocks.
    fn instants() -> impl Iterator<Item = Instant> {
        let first = -62_135_596_800_i64;
        let spread = (0..2000_i64).map(move |n| first + n * 157_788_123);
        let change = (0..400_i64).map(|n| 1_774_746_000 - 3_000 + n * 15);
        let edges = [first, 253_402_300_799, -1, 0, 1_483_228_799];
        spread
            .chain(change)
            .chain(edges)
            .flat_map(|seconds| [0, 1, 999_999_999].map(|nanos| (seconds, nanos)))
            .chain([(1_483_228_799, 1_500_000_000)])
            .filter_map(|(seconds, nanos)| Instant::from_unix(seconds, nanos))
    }

    #[test]
    fn digits_are_those_of_the_library() {
        let named = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/St_Johns"];
        let zones = named.map(|name| Zone::from_name(name).expect("a zone"));
        let ends = [Zone::earliest(), Zone::latest()];
        for zone in zones.into_iter().chain(ends) {
            for instant in instants() {
                let time = instant.utc();
                let (minute, second) = match zone {
                    // The library lists no changes of clocks after that.
                    Zone::Named(tz) if time.year() < 2100 => forms(time.with_timezone(&tz)),
                    Zone::Offset(offset) => forms(time.with_timezone(&offset)),
                    Zone::Named(_) => {
                        let ahead = i32::try_from(zone.ahead(instant)).expect("an offset");
                        let offset = FixedOffset::east_opt(ahead).expect("an offset");
                        forms(time.with_timezone(&offset))
                    }
                };
                assert_eq!(instant.local_minute(zone).to_string(), minute);
                assert_eq!(instant.local_text(zone).to_string(), second);
            }
        }
    }

    fn forms<Z: TimeZone<Offset: fmt::Display>>(local: DateTime<Z>) -> (String, String) {
        let form = |form| local.format(form).to_string();
        (form("%Y-%m-%d %H:%M"), form("%Y-%m-%dT%H:%M:%S%:z"))
    }

    #[test]
    fn years_of_five_digits_have_a_sign() {
        let last = Instant::parse("9999-12-31T23:30:00Z").expect("RFC 3339");
        let later = last.plus_hours(1);
        let text = later.local_text(Zone::utc()).to_string();
        assert_eq!(text, "+10000-01-01T00:30:00+00:00");
    }
}
