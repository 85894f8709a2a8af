//! Reads calendars: rules for days, days of rest, and dated overrides.

use chrono::Weekday;

use crate::domain::time::Day;
use crate::policy::document::{Item, Table};
use crate::policy::terms::{Calendar, DayRule};

/// The words of weekdays.
const WEEKDAYS: &[(&str, Weekday)] = &[
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// Reads the weekday of a word.
pub(super) fn weekday(item: &Item<'_, '_>) -> Option<Weekday> {
    let words: Vec<&str> = WEEKDAYS.iter().map(|(word, _)| *word).collect();
    item.word(&words, weekday_of, "weekday")
}

/// Returns the weekday of a word.
pub(super) fn weekday_of(word: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(w, _)| *w == word)
        .map(|(_, day)| *day)
}

/// Reads `[calendars.*]`.
pub(super) fn read(root: &Table<'_, '_>) -> Vec<Calendar> {
    let Some(table) = root.get("calendars").and_then(|c| c.table()) else {
        return Vec::new();
    };
    table
        .entries()
        .into_iter()
        .filter_map(|(name, span, item)| {
            let calendar = calendar(name, &item.table_like("{ rest = [\"sat\", \"sun\"] }")?)?;
            if !has_working_days(&calendar) {
                table.report().add(
                    "no-working-day",
                    span,
                    format!("calendar `{name}` has no working day for a whole year"),
                    "leave a day of the week out of `rest` and `days`",
                );
            }
            Some(calendar)
        })
        .collect()
}

/// Whether a calendar has a working day in every year: its periods would have no end.
fn has_working_days(calendar: &Calendar) -> bool {
    let rest = WEEKDAYS
        .iter()
        .filter(|(_, day)| calendar.rest.contains(day));
    if rest.count() == WEEKDAYS.len() {
        return false;
    }
    // Each other rule names one day a year, and a year has 52 of each day of the week.
    let is_season = |rule: &DayRule| matches!(rule, DayRule::Season { .. });
    if calendar.rules.len().saturating_add(calendar.add.len()) < 52
        && !calendar.rules.iter().any(is_season)
    {
        return true;
    }
    let Some(first) = Day::new(2000, 1, 1) else {
        return true;
    };
    let starts = (0..60).map(|year: i64| first.plus_days(year.saturating_mul(365)));
    starts.into_iter().all(|start| {
        let mut days = (0..366).map(|n| start.plus_days(n));
        days.any(|day| calendar.is_business(day))
    })
}

fn calendar(name: &str, table: &Table<'_, '_>) -> Option<Calendar> {
    let list = |key: &'static str| table.get(key).map(|i| i.one_or_more()).unwrap_or_default();
    let rules = list("days")
        .iter()
        .filter_map(|item| rule(&item.table_like("{ fixed = \"12-25\" }")?))
        .flatten()
        .collect();
    let rest = list("rest").iter().filter_map(weekday).collect();
    let dates = |key: &'static str| list(key).iter().filter_map(date).collect::<Vec<Day>>();
    let (add, remove) = (dates("add"), dates("remove"));
    for key in ["days", "rest", "add", "remove"] {
        table.get(key);
    }
    table.finish_ref().then_some(())?;
    Some(Calendar::new(name.to_owned(), rest, rules, add, remove))
}

pub(super) fn date(item: &Item<'_, '_>) -> Option<Day> {
    let text = item.text()?;
    let day = Day::parse(&text);
    if day.is_none() {
        item.bad(
            "bad-date",
            format!("`{text}` is not a valid date"),
            "write it like `2026-05-01`",
        );
    }
    day
}

/// Reads month and day of a text such as `12-25`.
pub(super) fn month_day(item: &Item<'_, '_>) -> Option<(u32, u32)> {
    let text = item.text()?;
    let parsed = text.split_once('-').and_then(|(month, day)| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year has every day of every year.
        Day::new(2024, month, day)
            .map(|_| (month, day))
            .filter(|_| text.len() == 5)
    });
    if parsed.is_none() {
        item.bad(
            "bad-date",
            format!("`{text}` is not a valid day of the year"),
            "write month and day, such as `12-25`",
        );
    }
    parsed
}

/// Reads one rule; a list of `nth` makes several.
fn rule(table: &Table<'_, '_>) -> Option<Vec<DayRule>> {
    let rules = if let Some(item) = table.get("fixed") {
        let (month, day) = month_day(&item)?;
        vec![DayRule::Fixed { month, day }]
    } else if let Some(item) = table.get("from") {
        let from = month_day(&item);
        let to = month_day(&table.need("to")?);
        vec![DayRule::Season {
            from: from?,
            to: to?,
        }]
    } else if let Some(item) = table.get("western_easter") {
        vec![DayRule::WesternEaster(small(&item)?)]
    } else if let Some(item) = table.get("orthodox_easter") {
        vec![DayRule::OrthodoxEaster(small(&item)?)]
    } else {
        nth(table)?
    };
    Table::finish_ref(table).then_some(rules)
}

fn small(item: &Item<'_, '_>) -> Option<i32> {
    item.integer(-200, 200).and_then(|n| i32::try_from(n).ok())
}

fn nth(table: &Table<'_, '_>) -> Option<Vec<DayRule>> {
    let weekday = weekday(&table.need("weekday")?)?;
    let counts = table.need("nth")?.one_or_more();
    let before = table.get("before");
    if let Some(before) = before {
        let (month, day) = month_day(&before)?;
        let rule = |item: &Item<'_, '_>| {
            let nth = u32::try_from(item.integer(1, 53)?).ok()?;
            Some(DayRule::NthBefore {
                nth,
                weekday,
                month,
                day,
            })
        };
        return counts.iter().map(rule).collect();
    }
    let month = u32::try_from(table.need("month")?.integer(1, 12)?).ok()?;
    let plus = table.get("plus").map_or(Some(0), |item| small(&item))?;
    let rule = |item: &Item<'_, '_>| {
        let nth = i32::try_from(item.integer(-1, 5)?).ok()?;
        if nth == 0 {
            item.bad(
                "out-of-range",
                "`0` is out of range",
                "write 1 to 5, or -1 for the last",
            );
            return None;
        }
        Some(DayRule::NthOfMonth {
            nth,
            weekday,
            month,
            plus,
        })
    };
    counts.iter().map(rule).collect()
}
