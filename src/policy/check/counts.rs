//! Reads how many: a number that the facts state, periods between events, and what is beyond an
//! allowance.

use super::ClauseIndex;
use super::sums::basis_points;
use crate::domain::vocabulary::{Fact, Kind};
use crate::policy::document::{Item, Table};
use crate::policy::limits::MAX_PERIOD;
use crate::policy::terms::{Allowance, Count, Every};

/// Numbers that follow from an order and a request and can be counted by.
const COUNTED: &[Fact] = &[
    Fact::Quantity,
    Fact::GroupQuantity,
    Fact::GroupKept,
    Fact::GroupGone,
];

/// Reads how many: a number that the facts state, or periods between events.
pub(super) fn count(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Count> {
    if item.as_str().is_some() {
        return number_named(item, names).map(Count::Stated);
    }
    let table = item.table_like("{ days = 1, from = \"deliver\", to = \"receive\" }")?;
    let Some(number) = table.get_if_there("number") else {
        return periods(item, &table, names, &[]);
    };
    let fact = number_named(&number, names);
    let beyond = table
        .need("beyond")
        .and_then(|item| allowance(&item, names));
    table.finish_ref();
    Some(Count::Beyond(fact?, beyond?))
}

/// Reads how much is free.
fn allowance(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Allowance> {
    let number = |item: &Item<'_, '_>| {
        let number = item.integer(0, MAX_PERIOD)?;
        u32::try_from(number).ok()
    };
    if item.is_integer() {
        return number(item).map(Allowance::Number);
    }
    let table = item.table_like("{ percent = \"10\", of = \"group_quantity\" }")?;
    if let Some(percent) = table.get_if_there("percent") {
        let of = table.need("of").and_then(|of| number_named(&of, names));
        let points = basis_points(&percent);
        table.finish_ref();
        return Some(Allowance::Share(points?, of?));
    }
    let each = table.need("each").and_then(|each| number(&each));
    match periods(item, &table, names, &["each"])? {
        Count::Periods {
            from,
            to,
            every,
            begun,
        } => Some(Allowance::Each(each?, (from, to), every, begun)),
        Count::Stated(_) | Count::Beyond(..) => None,
    }
}

/// Reads the name of a number that the facts state.
fn number_named(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Fact> {
    let is_counted = |fact: &Fact| {
        let told = fact.spec().rule.is_none() || COUNTED.contains(fact);
        fact.spec().kind == Kind::Number && told
    };
    let numbers: Vec<Fact> = names.facts().filter(is_counted).collect();
    let words: Vec<&str> = numbers.iter().map(|fact| fact.word()).collect();
    let find = |word: &str| names.fact(word).filter(|fact| numbers.contains(fact));
    item.word(&words, find, "number that facts state")
}

/// Reads periods between two events; the table may have other keys.
fn periods<'t>(
    item: &Item<'_, '_>,
    table: &Table<'t, '_>,
    names: &ClauseIndex<'_>,
    others: &[&'t str],
) -> Option<Count> {
    table.know(others.iter().copied());
    let units = ["days", "hours", "months"];
    let given: Vec<_> = units
        .iter()
        .filter_map(|unit| Some((*unit, table.get(unit)?)))
        .collect();
    let event = |key: &'static str| table.need(key).and_then(|item| names.event(&item));
    let (from, to) = (event("from"), event("to"));
    let part = table.get("part").map(|item| {
        let begun = |word: &str| match word {
            "begun" => Some(true),
            "full" => Some(false),
            _ => None,
        };
        item.word(&["begun", "full"], begun, "way to count a part of a period")
    });
    let every = match given.as_slice() {
        [(unit, item)] => {
            let number = item.integer(1, MAX_PERIOD);
            let number = number.and_then(|number| u32::try_from(number).ok());
            number.map(|number| match *unit {
                "days" => Every::Days(number),
                "hours" => Every::Hours(number),
                _ => Every::Months(number),
            })
        }
        _ => {
            let help = "give one of `days`, `hours` and `months`";
            table.lack(
                &units,
                "missing-key",
                "nothing says how long a period is",
                help,
            );
            None
        }
    };
    if !table.finish_ref() {
        return None;
    }
    let begun = match (part, every?) {
        (Some(part), _) => part?,
        // Local days have no parts.
        (None, Every::Days(1)) => false,
        (None, _) => {
            item.bad(
                "missing-key",
                "nothing says whether a part of a period counts",
                "add `part = \"begun\"` or `part = \"full\"`",
            );
            return None;
        }
    };
    Some(Count::Periods {
        from: from?,
        to: to?,
        every: every?,
        begun,
    })
}
