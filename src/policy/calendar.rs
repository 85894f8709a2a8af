//! Calendars: days by rule, and business days counted with them.

use chrono::Weekday;

use super::terms::{Calendar, DayRule};
use crate::domain::time::Day;

/// The longest search for a business day: a calendar that rests longer has none.
const MAX_REST_DAYS: i64 = 400;

/// First year whose days are worked out when a calendar is made.
const FIRST_YEAR: i32 = 2000;
/// The first year after these.
const END_YEAR: i32 = 2061;

/// Holds the days of a calendar for the years in which orders are decided, a bit each
/// from the first day of the first year on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KnownDays(Box<[u64]>);

impl KnownDays {
    /// Returns the number of a day; `None`: it is not among those worked out.
    fn number(day: Day) -> Option<usize> {
        let first = Day::new(FIRST_YEAR, 1, 1)?;
        let within = (FIRST_YEAR..END_YEAR).contains(&day.year());
        within.then(|| usize::try_from(day.days_since(first)).ok())?
    }

    fn bit(number: usize) -> (usize, u64) {
        let (word, bit) = (number >> 6, number & 63);
        (
            word,
            1_u64
                .checked_shl(u32::try_from(bit).unwrap_or(0))
                .unwrap_or(0),
        )
    }

    /// Whether a day belongs to the calendar; `None`: that was not worked out.
    fn has(&self, day: Day) -> Option<bool> {
        let (word, bit) = Self::bit(Self::number(day)?);
        self.0.get(word).map(|word| word & bit != 0)
    }

    fn set(&mut self, day: Day, belongs: bool) {
        let Some((word, bit)) = Self::number(day).map(Self::bit) else {
            return;
        };
        if let Some(word) = self.0.get_mut(word) {
            *word = if belongs { *word | bit } else { *word & !bit };
        }
    }
}

impl Calendar {
    /// Makes a calendar; its days in the years in which orders are decided are worked
    /// out once, here.
    ///
    /// A day is in the calendar if a rule or `add` names it, unless `remove` does. `rest` are
    /// the days of rest of every week; the calendar does not hold them.
    pub fn new(
        name: String,
        rest: Vec<Weekday>,
        rules: Vec<DayRule>,
        add: Vec<Day>,
        remove: Vec<Day>,
    ) -> Self {
        let end = Day::new(END_YEAR, 1, 1).and_then(|end| KnownDays::number(end.plus_days(-1)));
        let words = end.map_or(0, |last| (last >> 6).saturating_add(1));
        let mut known = KnownDays(vec![0; words].into());
        // Days before or after a day of a year can fall into the year beside it.
        for year in FIRST_YEAR.saturating_sub(1)..=END_YEAR {
            for day in rules.iter().flat_map(|rule| rule.days_of(year)) {
                known.set(day, true);
            }
        }
        for day in &add {
            known.set(*day, true);
        }
        for day in &remove {
            known.set(*day, false);
        }
        Self {
            name,
            rest,
            rules,
            add,
            remove,
            known,
        }
    }

    /// Whether a day is in the calendar, by rule or by date.
    pub fn contains(&self, day: Day) -> bool {
        self.known.has(day).unwrap_or_else(|| self.ruled(day))
    }

    fn ruled(&self, day: Day) -> bool {
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

    /// Returns the last business day on or before a day; the day itself where the calendar
    /// has none for more than a year.
    fn business_on_or_before(&self, day: Day) -> Day {
        (0..MAX_REST_DAYS)
            .map(|n| day.plus_days(n.saturating_neg()))
            .find(|d| self.is_business(*d))
            .unwrap_or(day)
    }

    /// Returns the nth business day after a day, or before it where the number is below
    /// zero, the day itself not counted.
    pub fn plus_business_days(&self, day: Day, count: i32) -> Day {
        let steps = 0..count.unsigned_abs();
        match count {
            0.. => steps.fold(day, |day, _| self.business_on_or_after(day.plus_days(1))),
            _ => steps.fold(day, |day, _| self.business_on_or_before(day.plus_days(-1))),
        }
    }
}

impl DayRule {
    /// Whether the rule names a day.
    fn names(&self, day: Day) -> bool {
        let year = day.year();
        if let Self::Season { from, to } = *self {
            let at = (day.month(), day.day());
            return match from <= to {
                true => (from..=to).contains(&at),
                false => from <= at || at <= to,
            };
        }
        [year.saturating_sub(1), year, year.saturating_add(1)]
            .into_iter()
            .any(|year| self.in_year(year) == Some(day))
    }

    /// Returns the days of a year, some of which can fall into the year beside it.
    fn days_of(&self, year: i32) -> Vec<Day> {
        let Self::Season { .. } = self else {
            return self.in_year(year).into_iter().collect();
        };
        let first = Day::new(year, 1, 1);
        let days = (0..366).filter_map(|n| Some(first?.plus_days(n)));
        days.filter(|day| self.names(*day)).collect()
    }

    /// Returns the day that is counted from a day of a year; it can fall into the year
    /// beside it. `None`: the year has no such day.
    fn in_year(&self, year: i32) -> Option<Day> {
        match *self {
            Self::Fixed { month, day } => Day::new(year, month, day),
            // It has many.
            Self::Season { .. } => None,
            Self::NthOfMonth {
                nth,
                weekday,
                month,
                plus,
            } => Some(nth_of_month(year, month, weekday, nth)?.plus_days(i64::from(plus))),
            Self::NthBefore {
                nth,
                weekday,
                month,
                day,
            } => {
                let last = last_before(Day::new(year, month, day)?, weekday);
                let weeks = i64::from(nth.saturating_sub(1));
                Some(last.plus_days(weeks.saturating_mul(-7)))
            }
            Self::WesternEaster(plus) => Some(western_easter(year)?.plus_days(i64::from(plus))),
            Self::OrthodoxEaster(plus) => Some(orthodox_easter(year)?.plus_days(i64::from(plus))),
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

    #[test]
    fn days_worked_out_are_those_that_the_rules_name() {
        let sunday = Weekday::Sun;
        let rules = vec![
            DayRule::Fixed { month: 1, day: 1 },
            DayRule::Fixed { month: 2, day: 29 },
            DayRule::NthOfMonth {
                nth: -1,
                weekday: sunday,
                month: 12,
                plus: 9,
            },
            DayRule::NthBefore {
                nth: 4,
                weekday: sunday,
                month: 1,
                day: 10,
            },
            DayRule::WesternEaster(1),
            DayRule::OrthodoxEaster(-48),
            DayRule::Season {
                from: (8, 10),
                to: (8, 12),
            },
            DayRule::Season {
                from: (12, 30),
                to: (1, 2),
            },
        ];
        let day = |text: &str| Day::parse(text).expect("a day");
        let (add, remove) = (vec![day("2026-07-14")], vec![day("2027-01-01")]);
        let calendar = Calendar::new("rest".to_owned(), vec![sunday], rules, add, remove);
        let mut at = day("1998-12-01");
        let (mut days, mut in_all) = (0, 0);
        while at < day("2063-02-01") {
            assert_eq!(calendar.contains(at), calendar.ruled(at), "{at}");
            in_all += u32::from(calendar.contains(at));
            days += 1;
            at = at.plus_days(1);
        }
        assert_eq!(days, 23_438);
        // Five rules name a day a year, one a day in each of 16 leap years, and two seasons
        // three and four days, of which one is named already.
        assert!((11 * 64..12 * 66).contains(&in_all), "{in_all}");
        assert!(calendar.contains(day("2026-12-30")) && calendar.contains(day("2028-01-02")));
        assert!(!calendar.contains(day("2026-12-29")) && !calendar.contains(day("2028-01-03")));
        assert!(!calendar.contains(day("2027-01-01")));
        assert!(calendar.contains(day("2026-07-14")));
    }
}
