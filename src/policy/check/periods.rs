//! Reads periods: a number of a unit, or a fact that says how many.

use super::ClauseIndex;
use crate::domain::verdict::Period;
use crate::domain::vocabulary::{Class, Event, Fact, Kind, Parameter};
use crate::policy::document::{Item, Table, nearest};
use crate::policy::limits::{MAX_BUSINESS_DAYS, MAX_PERIOD};
use crate::policy::terms::{End, FactRef, StatedPeriod};

/// Units of periods.
pub(super) const UNITS: &[&str] = &["days", "business_days", "hours", "months"];

/// How a period is written of which a fact says how long it is.
const EXAMPLE: &str = "{ fact = \"return_days\", at_least = 14, at_most = 60 }";

/// Holds a period, without the event that it counts from.
pub(super) struct Length {
    /// The period; where a fact says how long it is, one of its unit.
    pub period: Period,
    /// The calendar that counts business days.
    pub calendar: Option<usize>,
    /// The fact, with the least and the most that count.
    pub stated: Option<(Fact, i32, i32)>,
}

impl Length {
    /// Returns the end of the period, counted from an event.
    pub(super) fn after(self, event: Event) -> End {
        let (period, calendar) = (self.period, self.calendar);
        match self.stated {
            None => End::After(event, period, calendar),
            Some((fact, at_least, at_most)) => {
                let stated = StatedPeriod {
                    fact: FactRef { fact, word: None },
                    at_least,
                    at_most,
                    one: period,
                    calendar,
                };
                End::Stated(event, Box::new(stated))
            }
        }
    }
}

/// Reports a unit that there is none of; says whether there was one.
pub(super) fn has_other_unit(table: &Table<'_, '_>) -> bool {
    let others = [
        ("weeks", "write days: a week has 7"),
        ("years", "write months: a year has 12"),
        ("minutes", "write hours, or a clock time with `until`"),
    ];
    let mut found = false;
    for (unit, help) in others {
        if let Some(item) = table.get_if_there(unit) {
            item.bad(
                "bad-period",
                format!("periods are not counted in {unit}"),
                help,
            );
            found = true;
        }
    }
    found
}

/// Reads the period of an `after` and the calendar that counts it.
pub(super) fn period(table: &Table<'_, '_>, names: &ClauseIndex<'_>) -> Option<Length> {
    if has_other_unit(table) {
        table.know(UNITS.iter().copied().chain(["calendar"]));
        return None;
    }
    let given: Vec<(&str, Item<'_, '_>)> = UNITS
        .iter()
        .filter_map(|unit| table.get(unit).map(|item| (*unit, item)))
        .collect();
    let calendar = table.get("calendar");
    let [(unit, item)] = given.as_slice() else {
        let help = "give exactly one of `days`, `business_days`, `hours` and `months`";
        match given.get(1) {
            None => table.lack(
                UNITS,
                "bad-period",
                "the period after the event is missing",
                help,
            ),
            Some((_, second)) => second.bad("bad-period", "a second period", help),
        }
        return None;
    };
    let most = if *unit == "business_days" {
        MAX_BUSINESS_DAYS
    } else {
        MAX_PERIOD
    };
    let (count, stated) = match item.as_table() {
        Some(table) => (1, Some(stated(item, &table, names, most)?)),
        None => (i32::try_from(item.integer(0, most)?).ok()?, None),
    };
    let length = |period: Period, calendar: Option<usize>| Length {
        period,
        calendar,
        stated,
    };
    let period = match *unit {
        "days" => Period::Days(count),
        "hours" => Period::Hours(count),
        "months" => Period::Months(count),
        _ => {
            let Some(named) = calendar else {
                let help = match names.calendars.first() {
                    Some(name) => format!("add `calendar = \"{name}\"`"),
                    None => "add one under `[calendars]` and name it: `calendar = ...`".to_owned(),
                };
                item.bad("missing-key", "business days need a calendar", help);
                return None;
            };
            let calendar = names.calendar(&named)?;
            return Some(length(Period::BusinessDays(count), Some(calendar)));
        }
    };
    if let Some(named) = calendar {
        named.bad(
            "unused",
            format!("`{unit}` do not use a calendar"),
            "remove `calendar`, or count `business_days`",
        );
        return None;
    }
    Some(length(period, None))
}

/// Reads the fact that says how long a period is, with its limits: those that are written, or
/// those of the fact. Both limits are inclusive, and `most` is the most that they can be.
fn stated(
    item: &Item<'_, '_>,
    table: &Table<'_, '_>,
    names: &ClauseIndex<'_>,
    most: i64,
) -> Option<(Fact, i32, i32)> {
    let named = table.need("fact");
    let [low, high] = ["at_least", "at_most"].map(|key| table.get(key));
    let known = table.finish_ref();
    let fact = counting_fact(&named?, names)?;
    let spec = fact.spec();
    let limit = |item: Option<Item<'_, '_>>, own: Option<i64>| match item {
        Some(item) => item.integer(0, most).map(Some),
        None => Some(own.map(|own| own.clamp(0, most))),
    };
    let low = limit(low, spec.at_least)?.unwrap_or(0);
    let Some(high) = limit(high, spec.at_most)? else {
        item.bad(
            "missing-key",
            format!("nothing limits `{}`", spec.name),
            format!("add the most that counts: `{EXAMPLE}`"),
        );
        return None;
    };
    if low > high {
        item.bad(
            "bad-range",
            format!("no number is at least {low} and at most {high}"),
            "swap them",
        );
        return None;
    }
    let number = |of: i64| i32::try_from(of).ok();
    known.then_some((fact, number(low)?, number(high)?))
}

/// Resolves the name of a fact that says how long a period is: a number that is asked for
/// where it matters.
fn counting_fact(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Fact> {
    let counts = |fact: &Fact| {
        let spec = fact.spec();
        spec.kind == Kind::Number && spec.class == Class::Given && spec.parameter == Parameter::None
    };
    let name = item.text()?;
    if names.has_failed(&name) {
        return None;
    }
    match names.fact(&name) {
        Some(fact) if counts(&fact) => Some(fact),
        Some(_) => {
            item.bad(
                "wrong-type",
                format!("`{name}` is not a number of the class `given`"),
                "name a number of the class `given`, such as a declared one: \
                 `[facts.return_days]` with `type = \"number\"`",
            );
            None
        }
        None => {
            let known = names.facts().filter(counts).map(Fact::word);
            item.bad(
                "unknown-fact",
                format!("unknown fact `{name}`"),
                nearest(&name, known),
            );
            None
        }
    }
}
