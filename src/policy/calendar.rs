//! Calendars: days by rule, and business days counted with them.

use chrono::Weekday;

use super::terms::{Calendar, DayRule};
use crate::domain::time::Day;

/// The longest search for a business day: a calendar that rests longer has none.
const MAX_REST_DAYS: i64 = 400;

impl Calendar {
    /// Whether a day is in the calendar, by rule or by date.
    pub fn contains(&self, day: Day) -> bool {
        if self.remove.contains(&day) {
            return false;
        }
        self.add.contains(&day) || self.rules.iter().any(|rule| rule.names(day))
    }

    /// Whether a day is a business day: neither in the calendar nor a day of rest.
    pub fn is_business(&self, day: Day) -> bool {
        !self.rest.contains(&day.weekday()) && !self.contains(day)
    }

    /// Returns the first business day on or after a day; the day itself where
    /// the calendar has none for more than a year.
    pub fn business_on_or_after(&self, day: Day) -> Day {
        (0..MAX_REST_DAYS)
            .map(|n| day.plus_days(n))
            .find(|d| self.is_business(*d))
            .unwrap_or(day)
    }

    /// Returns the nth business day after a day, the day itself not counted.
    pub fn plus_business_days(&self, day: Day, count: u32) -> Day {
        let mut day = day;
        for _ in 0..count {
            day = self.business_on_or_after(day.plus_days(1));
        }
        day
    }
}

impl DayRule {
    /// Whether the rule names a day.
    fn names(&self, day: Day) -> bool {
        match *self {
            Self::Fixed {
                month,
                day: of_month,
            } => Day::new(day.year(), month, of_month) == Some(day),
            Self::NthOfMonth {
                nth,
                weekday,
                month,
                plus,
            } => {
                // Days after the nth weekday may fall into the next year.
                let base = day.plus_days(i64::from(plus).saturating_neg());
                nth_of_month(base.year(), month, weekday, nth) == Some(base)
            }
            Self::NthBefore {
                nth,
                weekday,
                month,
                day: of_month,
            } => {
                // The day may lie in the year before the one that it precedes.
                let before = |year: i32| {
                    let end = Day::new(year, month, of_month)?;
                    let last = last_before(end, weekday);
                    Some(last.plus_days(i64::from(nth.saturating_sub(1)).saturating_mul(-7)))
                };
                before(day.year()) == Some(day) || before(day.year().saturating_add(1)) == Some(day)
            }
            Self::WesternEaster(plus) => {
                let base = day.plus_days(i64::from(plus).saturating_neg());
                western_easter(base.year()) == Some(base)
            }
            Self::OrthodoxEaster(plus) => {
                let base = day.plus_days(i64::from(plus).saturating_neg());
                orthodox_easter(base.year()) == Some(base)
            }
        }
    }
}

fn last_before(end: Day, weekday: Weekday) -> Day {
    // The first such weekday on or after six days before the eve is the last one before.
    end.plus_days(-7).on_or_after(weekday)
}

fn nth_of_month(year: i32, month: u32, weekday: Weekday, nth: i32) -> Option<Day> {
    if nth < 0 {
        let next = if month == 12 {
            Day::new(year.saturating_add(1), 1, 1)
        } else {
            Day::new(year, month.saturating_add(1), 1)
        };
        return Some(last_before(next?, weekday));
    }
    let first = Day::new(year, month, 1)?.on_or_after(weekday);
    let day = first.plus_days(i64::from(nth.saturating_sub(1)).saturating_mul(7));
    // A fifth weekday that the month does not have names no day.
    (day.plus_days(0) < Day::new(year, month, 1)?.plus_months_clamped(1)).then_some(day)
}

/// Returns Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).
pub fn western_easter(year: i32) -> Option<Day> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let f = sum(&[b, 8]).div_euclid(25);
    let g = sum(&[b, -f, 1]).div_euclid(3);
    let h = sum(&[times(19, a), b, -d, -g, 15]).rem_euclid(30);
    let (i, k) = (c.div_euclid(4), c.rem_euclid(4));
    let l = sum(&[32, times(2, e), times(2, i), -h, -k]).rem_euclid(7);
    let m = sum(&[a, times(11, h), times(22, l)]).div_euclid(451);
    let n = sum(&[h, l, times(-7, m), 114]);
    day_of(year, n.div_euclid(31), sum(&[n.rem_euclid(31), 1]))
}

/// Returns Easter Sunday of the Julian calendar as a Gregorian day (Meeus).
pub fn orthodox_easter(year: i32) -> Option<Day> {
    let (a, b, c) = (year.rem_euclid(4), year.rem_euclid(7), year.rem_euclid(19));
    let d = sum(&[times(19, c), 15]).rem_euclid(30);
    let e = sum(&[times(2, a), times(4, b), -d, 34]).rem_euclid(7);
    let n = sum(&[d, e, 114]);
    let julian = day_of(year, n.div_euclid(31), sum(&[n.rem_euclid(31), 1]))?;
    // The calendars drift apart by a day in each century year that 400 does not divide.
    let century = year.div_euclid(100);
    let drift = sum(&[century, -century.div_euclid(4), -2]);
    Some(julian.plus_days(i64::from(drift)))
}

fn sum(parts: &[i32]) -> i32 {
    parts
        .iter()
        .fold(0, |total, part| total.saturating_add(*part))
}

fn times(a: i32, b: i32) -> i32 {
    a.saturating_mul(b)
}

fn day_of(year: i32, month: i32, day: i32) -> Option<Day> {
    Day::new(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(day: Option<Day>) -> String {
        day.map(|d| d.to_string()).unwrap_or_default()
    }

    #[test]
    fn easter_sundays_match_published_tables() {
        let table = [
            (2024, "2024-03-31", "2024-05-05"),
            (2025, "2025-04-20", "2025-04-20"),
            (2026, "2026-04-05", "2026-04-12"),
            (2027, "2027-03-28", "2027-05-02"),
            (2028, "2028-04-16", "2028-04-16"),
        ];
        for (year, western, orthodox) in table {
            assert_eq!(text(western_easter(year)), western);
            assert_eq!(text(orthodox_easter(year)), orthodox);
        }
    }

    #[test]
    fn fifth_weekday_exists_only_where_the_month_has_one() {
        assert_eq!(nth_of_month(2026, 11, Weekday::Thu, 5), None);
        assert_eq!(text(nth_of_month(2026, 10, Weekday::Thu, 5)), "2026-10-29");
        assert_eq!(text(nth_of_month(2026, 11, Weekday::Thu, 4)), "2026-11-26");
        assert_eq!(text(nth_of_month(2026, 12, Weekday::Fri, -1)), "2026-12-25");
    }

    #[test]
    fn sundays_before_a_day_are_strictly_before_it() {
        let rule = |nth| DayRule::NthBefore {
            nth,
            weekday: Weekday::Sun,
            month: 12,
            day: 25,
        };
        let day = |t: &str| Day::parse(t).expect("a day");
        // 25 December 2022 is a Sunday and does not count.
        assert!(!rule(1).names(day("2022-12-25")));
        assert!(rule(1).names(day("2022-12-18")));
        assert!(rule(4).names(day("2022-11-27")));
    }
}
