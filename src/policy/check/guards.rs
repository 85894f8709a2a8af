//! Reads guards: tables of tests on facts, events, windows and days.

use super::Names;
use super::ends::{day_of, event, week_clock, window};
use crate::domain::event::Event;
use crate::domain::facts::PaymentMethod;
use crate::domain::vocabulary::{Fact, Kind, Parameter};
use crate::policy::checked::Guard;
use crate::policy::document::{Item, Table, nearest};
use crate::policy::limits::{MAX_TEST_LISTS, MAX_TESTS};
use crate::policy::terms::{FactRef, Test, WeekPart, Where};

/// Keys of tests that are no facts.
const SPECIAL: &[&str] = &[
    "happened", "not_yet", "inside", "outside", "past", "week", "day",
];

/// Reads `when`, `unless` and `any` of a clause.
pub(super) fn read(clause: &Table<'_, '_>, names: &Names<'_>) -> Guard {
    let all = clause
        .get("when")
        .map(|item| list(&item, names))
        .unwrap_or_default();
    let lists = |key: &'static str| -> Vec<Vec<Test>> {
        let Some(item) = clause.get(key) else {
            return Vec::new();
        };
        let tables = item.one_or_more();
        if tables.len() > MAX_TEST_LISTS {
            let message = format!(
                "{} lists; at most {MAX_TEST_LISTS} are allowed",
                tables.len()
            );
            item.bad("too-many", message, "");
        }
        tables
            .iter()
            .take(MAX_TEST_LISTS)
            .map(|t| list(t, names))
            .collect()
    };
    Guard {
        all,
        unless: lists("unless"),
        any: lists("any"),
    }
}

/// Reads one table of tests.
pub(super) fn list(item: &Item<'_, '_>, names: &Names<'_>) -> Vec<Test> {
    let Some(table) = item.table() else {
        return Vec::new();
    };
    let mut tests = Vec::new();
    let entries = table.entries();
    if entries.is_empty() {
        item.bad(
            "empty-list",
            "no tests",
            "remove the table or give it a test",
        );
    }
    for (key, span, value) in entries {
        if SPECIAL.contains(&key) {
            special(key, &value, names, &mut tests);
        } else if let Some(fact) = Fact::from_name(key) {
            fact_tests(fact, &value, names, &mut tests);
        } else {
            let known = Fact::ALL
                .iter()
                .map(|f| f.spec().name)
                .chain(SPECIAL.iter().copied());
            let help = nearest(key, known);
            let help = if help.starts_with("known") {
                "see the catalogue of facts in docs/policy-language.md".to_owned()
            } else {
                help
            };
            table
                .report()
                .add("unknown-fact", span, format!("unknown fact `{key}`"), help);
        }
    }
    if tests.len() > MAX_TESTS {
        let message = format!("{} tests; at most {MAX_TESTS} are allowed", tests.len());
        item.bad("too-many", message, "split the clause");
    }
    tests
}

fn special(key: &str, value: &Item<'_, '_>, names: &Names<'_>, tests: &mut Vec<Test>) {
    for item in value.one_or_more() {
        let test = match key {
            "happened" => event(&item).map(|e| Test::Happened(e, true)),
            "not_yet" => event(&item).map(|e| Test::Happened(e, false)),
            "past" if item.as_str().is_some() => names.grant(&item).map(Test::Past),
            "inside" => window(&item, names).map(|w| Test::Window(w, Where::Inside)),
            "outside" => window(&item, names).map(|w| Test::Window(w, Where::Outside)),
            "past" => window(&item, names).map(|w| Test::Window(w, Where::Past)),
            "week" => week(&item),
            _ => day(&item, names),
        };
        tests.extend(test);
    }
}

fn week(item: &Item<'_, '_>) -> Option<Test> {
    let table = item.table()?;
    let of: Option<Event> = table.need("of").and_then(|i| event(&i));
    let from = table.need("from").and_then(|i| week_clock(&i));
    let to = table.need("to").and_then(|i| week_clock(&i));
    table.finish_ref();
    let part = WeekPart {
        from: from?,
        to: to?,
    };
    let days = |d: chrono::Weekday| d.num_days_from_monday();
    if days(part.from.0) > days(part.to.0) {
        item.bad(
            "bad-range",
            "the part of the week ends before it begins",
            "weeks run from Monday to Sunday; write two tests for a part that wraps around",
        );
        return None;
    }
    Some(Test::Week(of?, part))
}

fn day(item: &Item<'_, '_>, names: &Names<'_>) -> Option<Test> {
    let table = item.table()?;
    let spec = day_of(&table);
    let inside = table.get("in");
    let outside = table.get("not_in");
    table.finish_ref();
    match (inside, outside) {
        (Some(name), None) => Some(Test::DayIn(spec?, names.calendar(&name)?, true)),
        (None, Some(name)) => Some(Test::DayIn(spec?, names.calendar(&name)?, false)),
        _ => {
            item.bad(
                "missing-key",
                "expected either `in` or `not_in`",
                "name a calendar",
            );
            None
        }
    }
}

/// Reads the tests of one fact; a fact that needs a word has one for each.
fn fact_tests(fact: Fact, value: &Item<'_, '_>, names: &Names<'_>, tests: &mut Vec<Test>) {
    let spec = fact.spec();
    if spec.parameter == Parameter::None {
        tests.extend(test(FactRef { fact, word: None }, value));
        return;
    }
    let Some(table) = value.as_table() else {
        value.bad(
            "wrong-type",
            format!("`{}` needs a word", spec.name),
            format!("write `{} = {{ word = ... }}`", spec.name),
        );
        return;
    };
    for (word, span, value) in table.entries() {
        if spec.parameter == Parameter::Option && !names.option(word, span.clone()) {
            continue;
        }
        if fact == Fact::PaidWith && PaymentMethod::from_word(word).is_none() {
            table.report().add(
                "unknown-word",
                span,
                format!("`{word}` is no means of payment"),
                nearest(word, PaymentMethod::WORDS.iter().copied()),
            );
            continue;
        }
        tests.extend(test(
            FactRef {
                fact,
                word: Some(word.to_owned()),
            },
            &value,
        ));
    }
}

/// Reads one test of a fact by the kind of its values.
fn test(fact: FactRef, value: &Item<'_, '_>) -> Option<Test> {
    match fact.fact.spec().kind {
        Kind::YesNo => value.yes_no().map(|yes| Test::YesNo(fact, yes)),
        Kind::OneOf(words) => word_test(fact, value, Some(words)),
        Kind::Word => word_test(fact, value, None),
        Kind::Number => number_test(fact, value),
    }
}

fn word_test(fact: FactRef, value: &Item<'_, '_>, closed: Option<&[&str]>) -> Option<Test> {
    let words = |item: &Item<'_, '_>| -> Option<Vec<String>> {
        let list = item.one_or_more();
        if list.is_empty() {
            item.bad("empty-list", "the list of words is empty", "");
            return None;
        }
        list.iter()
            .map(|word| {
                let text = word.text()?;
                if let Some(known) = closed
                    && !known.contains(&text.as_str())
                {
                    word.bad(
                        "unknown-word",
                        format!("`{text}` is no value of `{}`", fact.fact.spec().name),
                        nearest(&text, known.iter().copied()),
                    );
                    return None;
                }
                Some(text)
            })
            .collect()
    };
    let Some(table) = value.as_table() else {
        return words(value).map(|w| Test::OneOf(fact.clone(), w));
    };
    let not = table.need("not").and_then(|item| words(&item));
    table.finish_ref();
    not.map(|w| Test::NoneOf(fact.clone(), w))
}

fn number_test(fact: FactRef, value: &Item<'_, '_>) -> Option<Test> {
    let most = i64::from(i32::MAX);
    if value.is_integer() {
        let number = value.integer(0, most)?;
        return Some(Test::Range(fact, number, number));
    }
    let table = value.table()?;
    let low = table.get("at_least");
    let high = table.get("at_most");
    table.finish_ref();
    if low.is_none() && high.is_none() {
        value.bad(
            "missing-key",
            "no bound",
            "give `at_least`, `at_most` or both",
        );
        return None;
    }
    let low = low.map_or(Some(0), |item| item.integer(0, most))?;
    let high = high.map_or(Some(most), |item| item.integer(0, most))?;
    if low > high {
        value.bad(
            "bad-range",
            format!("nothing lies between {low} and {high}"),
            "",
        );
        return None;
    }
    Some(Test::Range(fact, low, high))
}
