//! Reads ends and windows.

use chrono::NaiveTime;

use super::ClauseIndex;
use super::calendars::weekday;
use super::days::{NEXT_DAYS, fixed_date, has_next_day, next_day};
use super::periods::{Length, UNITS, has_other_unit, period};
use crate::domain::verdict::{Act, Period};
use crate::domain::vocabulary::Event;
use crate::policy::document::{Item, Table};
use crate::policy::limits::MAX_END_DEPTH;
use crate::policy::terms::{Clock, DaySpec, End, Roll, StatedPeriod, WindowSpec, WindowZone};

/// How a window or an end is written.
const EXAMPLE: &str = "{ days = 30, after = \"deliver\" }";
/// Reads an end that stands alone.
pub(super) fn end(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<End> {
    end_at(item, names, 0)
}

/// Reads an end whose periods are numbers.
pub(super) fn counted_end(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<End> {
    let end = end(item, names)?;
    if !end.stated().is_empty() {
        item.bad(
            "bad-period",
            "a fact says how long a window is, and nothing else",
            "count a number of days, business days, hours or months",
        );
        return None;
    }
    Some(end)
}

/// Reads when something is due: an end that can be told while it waits for events,
/// as the latest of ends each of which is one end or the earliest of several.
pub(super) fn due(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<End> {
    let end = counted_end(item, names)?;
    due_can_be_told(item, &end, false).then_some(end)
}

/// Reports what nobody could be told of while its event has not happened.
fn due_can_be_told(item: &Item<'_, '_>, end: &End, in_earliest: bool) -> bool {
    match end {
        End::Never | End::After(..) | End::Before(_) | End::Date(..) | End::Stated(..) => true,
        // Before the event only a number of days or hours after it can be said.
        End::Clock(day, _) if day.of == Event::Request => true,
        End::Clock(day, _) => {
            item.bad(
                "bad-due",
                format!(
                    "a due date at a clock time cannot be told before `{}`",
                    day.of
                ),
                "count `days` or `hours` after the event",
            );
            false
        }
        End::Latest(_) | End::Earliest(_) if in_earliest => {
            item.bad(
                "bad-due",
                "a due date cannot wait for the earliest of lists of ends",
                "write it as the `latest` of several `earliest`: the earliest of \
                 (the latest of A and B) and C is the latest of (the earliest of A and C) \
                 and (the earliest of B and C)",
            );
            false
        }
        End::Latest(ends) => ends.iter().all(|end| due_can_be_told(item, end, false)),
        End::Earliest(ends) => ends.iter().all(|end| due_can_be_told(item, end, true)),
    }
}

fn end_at(item: &Item<'_, '_>, names: &ClauseIndex<'_>, depth: usize) -> Option<End> {
    if depth > MAX_END_DEPTH {
        let message = format!("ends inside ends, more than {MAX_END_DEPTH} deep");
        item.bad("too-many", message, "nest it less deeply");
        return None;
    }
    if item.as_str() == Some("never") {
        return Some(End::Never);
    }
    let table = item.table_like(EXAMPLE)?;
    let end = end_in(&table, names, depth);
    table.finish_ref().then_some(end).flatten()
}

/// Reads the keys of an end out of a table that may hold more.
fn end_in(table: &Table<'_, '_>, names: &ClauseIndex<'_>, depth: usize) -> Option<End> {
    let list = |item: &Item<'_, '_>| -> Option<Vec<End>> {
        let ends = item.one_or_more();
        if ends.is_empty() {
            item.bad(
                "empty-list",
                "the list of ends is empty",
                "name at least two",
            );
            return None;
        }
        ends.iter()
            .map(|e| end_at(e, names, depth.saturating_add(1)))
            .collect()
    };
    if let Some(item) = table.get("end") {
        return names.shorthand.end(&item);
    }
    let latest = table.get("latest");
    let earliest = table.get("earliest");
    let before = table.get("before");
    let until = table.get("until");
    let after = table.get("after");
    if let Some(item) = latest {
        return list(&item).map(End::Latest);
    }
    if let Some(item) = earliest {
        return list(&item).map(End::Earliest);
    }
    if let Some(item) = before {
        let event = names.event(&item);
        if has_next_day(table) {
            table.know(NEXT_DAYS.iter().copied());
            item.bad(
                "bad-period",
                "no day of a month or year is looked for before an event",
                "count `days` or `months` before it, or name the day `after` another event",
            );
            return None;
        }
        if UNITS.iter().any(|unit| table.has(unit)) {
            let more_than = table.get("more_than").map(|item| item.yes_no());
            let length = period(table, names)?;
            let back = counted_back(&item, event?, length)?;
            return match more_than {
                None => Some(back),
                Some(more_than) => match more_than? {
                    true => shortened(&item, back),
                    false => Some(back),
                },
            };
        }
        return event.map(End::Before);
    }
    if let Some(item) = until {
        let clock = clock(&item);
        let day = day_of(table, names);
        return Some(End::Clock(day?, clock?));
    }
    if let Some(item) = after {
        let event = names.event(&item);
        if has_next_day(table) {
            let next = next_day(table, false)?;
            return Some(End::After(event?, Period::Next(next), None));
        }
        return Some(period(table, names)?.after(event?));
    }
    if has_next_day(table) {
        return match table.get("of") {
            Some(item) => {
                let event = names.event(&item);
                let next = next_day(table, true)?;
                Some(End::After(event?, Period::Next(next), None))
            }
            None => fixed_date(table),
        };
    }
    table.know(UNITS.iter().chain(NEXT_DAYS).copied());
    table.know(["calendar", "of", "next"]);
    if has_other_unit(table) {
        return None;
    }
    // A period counts from an event that somebody forgot.
    let forms = ["after", "before", "until", "date", "latest", "earliest"];
    let units = UNITS.iter().filter(|unit| table.has(unit)).count();
    if units > 0 {
        let help = "add the event that it counts from, such as `after = \"deliver\"`";
        table.lack(&forms, "missing-key", "`after` is missing", help);
    } else {
        let help = format!(
            "write it like `{EXAMPLE}`; or with `before`, `until`, `date`, `latest` or \
                 `earliest`"
        );
        table.lack(&forms, "missing-key", "nothing says when it ends", help);
    }
    None
}

/// Returns the end that is a period before an event, which has to be planned: of others nobody
/// knows when they will be.
fn counted_back(item: &Item<'_, '_>, event: Event, length: Length) -> Option<End> {
    if !event.is_planned() {
        item.bad(
            "not-planned",
            format!("`{event}` is not planned, so nothing can be counted back from it"),
            "count `after` an event, or declare one that is `planned`",
        );
        return None;
    }
    // No day before it is the day itself.
    let period = length.period.back();
    Some(Length { period, ..length }.after(event))
}

/// Returns the same end without its last day, or the instant that ends it: of several, each.
pub(super) fn shortened(item: &Item<'_, '_>, end: End) -> Option<End> {
    let all = |ends: Vec<End>| {
        let ends = ends.into_iter().map(|end| shortened(item, end));
        ends.collect::<Option<Vec<End>>>()
    };
    match end {
        End::After(event, period, calendar) => {
            Some(End::After(event, period.shortened(), calendar))
        }
        End::Stated(event, of) => {
            let one = of.one.shortened();
            Some(End::Stated(event, Box::new(StatedPeriod { one, ..*of })))
        }
        End::Latest(ends) => all(ends).map(End::Latest),
        End::Earliest(ends) => all(ends).map(End::Earliest),
        End::Date(day, _) => Some(End::Date(day, true)),
        End::Never | End::Before(_) | End::Clock(..) => {
            item.bad(
                "bad-period",
                "only a period or a day can be reached, or open a window",
                "count days, business days, hours or months, or name a `date`; for an event write its name in \
                 `opens`, and a test `happened`",
            );
            None
        }
    }
}

/// Reads a clock limit that says which it is.
pub(super) fn clock(item: &Item<'_, '_>) -> Option<Clock> {
    let (table, kind) = clock_table(item, ["23:00", "22:59"])?;
    let text = table.get(kind)?.text()?;
    let clock = clock_time(&text);
    if clock.is_none() {
        item.bad(
            "bad-time",
            format!("`{text}` is not a valid clock time"),
            "write hours and minutes with two digits each, such as `09:30`",
        );
    }
    table.finish_ref();
    clock.map(|time| {
        if kind == "instant" {
            Clock::Instant(time)
        } else {
            Clock::Minute(time)
        }
    })
}

/// Reads which limit a table states; the examples are of an instant and a minute.
fn clock_table<'t, 'i>(
    item: &Item<'t, 'i>,
    [sharp, whole]: [&str; 2],
) -> Option<(Table<'t, 'i>, &'static str)> {
    let help = format!(
        "write `{{ instant = \"{sharp}\" }}`, up to it sharp, or `{{ minute = \"{whole}\" }}`, \
         up to the end of that minute"
    );
    let Some(table) = item.as_table() else {
        item.bad(
            "bare-time",
            "a clock limit must say whether it is an instant or a whole minute",
            help,
        );
        return None;
    };
    let instant = table.get("instant").is_some();
    let minute = table.get("minute").is_some();
    match (instant, minute) {
        (true, false) => Some((table, "instant")),
        (false, true) => Some((table, "minute")),
        _ => {
            table.know(["instant", "minute"]);
            if table.finish_ref() {
                item.bad("bare-time", "expected either `instant` or `minute`", help);
            }
            None
        }
    }
}

/// Reads weekday and clock time of a text such as `sat 00:00`.
pub(super) fn week_clock(item: &Item<'_, '_>) -> Option<(chrono::Weekday, Clock)> {
    let (table, kind) = clock_table(item, ["sat 00:00", "sun 22:59"])?;
    let text = table.get(kind)?.text()?;
    let parsed = text
        .split_once(' ')
        .and_then(|(day, time)| Some((super::calendars::weekday_of(day)?, clock_time(time)?)));
    table.finish_ref();
    let Some((day, time)) = parsed else {
        item.bad(
            "bad-time",
            format!("`{text}` is not a valid time of the week"),
            "write weekday, hours and minutes, such as `sun 22:59`",
        );
        return None;
    };
    Some((
        day,
        if kind == "instant" {
            Clock::Instant(time)
        } else {
            Clock::Minute(time)
        },
    ))
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.split_once(':')?;
    (text.len() == 5)
        .then(|| NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0))
        .flatten()
}

/// Reads `of` and `next`.
pub(super) fn day_of(table: &Table<'_, '_>, names: &ClauseIndex<'_>) -> Option<DaySpec> {
    let of = table.need("of").and_then(|item| names.event(&item));
    let next = match table.get("next") {
        None => Some(None),
        Some(item) => weekday(&item).map(Some),
    };
    Some(DaySpec {
        of: of?,
        next: next?,
    })
}

/// Reads a window: an end with what opens it, the act and the roll.
pub(super) fn window(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<WindowSpec> {
    let table = item.table_like(EXAMPLE)?;
    let opens_item = table.get("opens");
    let act_item = table.get("act");
    let roll_item = table.get("roll");
    let zone = match table.get("zone") {
        None => Some(WindowZone::Policy),
        Some(item) => item.word(
            &["customer"],
            |word| (word == "customer").then_some(WindowZone::Customer),
            "zone of a window",
        ),
    };
    let counted_from = table.get("after");
    let closes = match table.get("closes") {
        Some(end_item) => end(&end_item, names),
        None => end_in(&table, names, 0),
    };
    let default = counted_from.and_then(|e| names.event_named(e.as_str()?));
    let opens = match opens_item {
        None => Some(Some(End::Before(default.unwrap_or(Event::Place)))),
        Some(opens) if opens.as_str() == Some("any") => Some(None),
        Some(opens) if opens.as_str().is_some() => {
            names.event(&opens).map(|event| Some(End::Before(event)))
        }
        Some(opens) => opening(&opens, names).map(Some),
    };
    let act = match act_item {
        None => Some(Act::Request),
        Some(item) => act(&item, names),
    };
    let roll = match roll_item {
        None => Some(None),
        Some(item) => roll(&item, names).map(Some),
    };
    if !table.finish_ref() {
        return None;
    }
    Some(WindowSpec {
        opens: opens?,
        closes: closes?,
        act: act?,
        roll: roll?,
        zone: zone?,
    })
}

/// Reads the act of a window: a name of its own, or that of an event.
fn act(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Act> {
    let word = item.as_str();
    if word.is_some_and(|name| names.declared.has_failed(name)) {
        return None;
    }
    let event = word.and_then(|word| names.event_named(word));
    if let Some(event) = event.filter(|event| event.is_planned()) {
        item.bad(
            "planned",
            format!("`{event}` is planned, and nobody acts by it"),
            "name what somebody does, and count the end of the window from what is planned",
        );
        return None;
    }
    let words: Vec<&str> = Act::words().chain(names.events()).collect();
    let named = |word: &str| Act::from_word(word).or_else(|| event.map(Act::of));
    item.word(&words, named, "act")
}

/// Reads the end at which a window opens: with the day that it names, or that instant.
fn opening(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<End> {
    if item.as_table().is_none() {
        item.wrong(
            "an event or a table",
            "write it like `opens = \"deliver\"` or `opens = { days = 20, after = \"deliver\" }`",
        );
        return None;
    }
    let end = end(item, names)?;
    shortened(item, end)
}

fn roll(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Roll> {
    if item.as_str().is_some() {
        return Some(Roll {
            calendar: names.calendar(item)?,
            of: None,
        });
    }
    let table = item.table()?;
    let calendar = table.need("calendar").and_then(|c| names.calendar(&c));
    let of = match table.get("of") {
        None => Some(None),
        Some(other) => end(&other, names).map(Some),
    };
    table.finish_ref();
    Some(Roll {
        calendar: calendar?,
        of: of?,
    })
}
