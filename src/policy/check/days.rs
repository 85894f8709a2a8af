//! Reads ends that are a day by name: a date, a day of a month, a day of the year.

use super::calendars::{date, month_day};
use super::periods::UNITS;
use crate::domain::time::Day;
use crate::domain::verdict::NextDay;
use crate::policy::document::Table;
use crate::policy::terms::End;

/// Keys of days that are named, not counted.
pub(super) const NEXT_DAYS: &[&str] = &["date", "day_of_month"];

/// Whether a table names a date, or a day of a month.
pub(super) fn has_next_day(table: &Table<'_, '_>) -> bool {
    NEXT_DAYS.iter().any(|key| table.has(key))
}

/// Reads a day of a month or of the year that is looked for from an event on.
pub(super) fn next_day(table: &Table<'_, '_>, same_day: bool) -> Option<NextDay> {
    if let Some(item) = UNITS.iter().find_map(|unit| table.get_if_there(unit)) {
        table.know(UNITS.iter().chain(NEXT_DAYS).copied());
        item.bad(
            "bad-period",
            "a period beside a day of the month or year",
            "give either of them, or both as `latest` or `earliest`",
        );
        return None;
    }
    let (month, day) = match (table.get("date"), table.get("day_of_month")) {
        (Some(item), None) => {
            if item.as_str().and_then(Day::parse).is_some() {
                item.bad(
                    "bad-date",
                    "a date with its year is not looked for from an event on",
                    "write month and day, such as `12-25`, or the date alone: \
                     `{ date = \"2026-12-25\" }`",
                );
                return None;
            }
            let (month, day) = month_day(&item)?;
            (Some(i32::try_from(month).ok()?), day)
        }
        (None, Some(item)) => (None, u32::try_from(item.integer(1, 31)?).ok()?),
        (_, second) => {
            let help = "give either `date` or `day_of_month`";
            if let Some(second) = second {
                second.bad("bad-period", "a second day", help);
            }
            return None;
        }
    };
    Some(NextDay {
        month,
        day: i32::try_from(day).ok()?,
        same_day,
        short: false,
    })
}

/// Reads a date that stands for itself.
pub(super) fn fixed_date(table: &Table<'_, '_>) -> Option<End> {
    let help = "add the event from which on it is looked for: `after = \"place\"`, or \
                `of = \"place\"` where the day of the event itself can be it";
    if let Some(item) = table.get("day_of_month") {
        table.know(["date"]);
        item.bad("missing-key", "`after` is missing", help);
        return None;
    }
    let item = table.get("date")?;
    // A day of every year has no year of its own.
    if item.as_str().is_some_and(|text| text.len() == 5) {
        item.bad("missing-key", "`after` is missing", help);
        return None;
    }
    date(&item).map(|day| End::Date(day, false))
}
