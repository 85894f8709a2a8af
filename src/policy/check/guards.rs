//! Reads guards: tables of tests on facts, events, windows and days.

use super::ClauseIndex;
use super::ends::{day_of, shortened, week_clock, window};
use super::ranges::{ENDS, amount_test, number_test};
use crate::domain::facts::PaymentMethod;
use crate::domain::vocabulary::Event;
use crate::domain::vocabulary::{Fact, Kind, Parameter};
use crate::policy::checked::Guard;
use crate::policy::document::{Item, Table, near, nearest};
use crate::policy::limits::{MAX_TEST_LISTS, MAX_TESTS};
use crate::policy::terms::{FactRef, Test, WeekPart, Where, WindowSpec, WordList};

/// Keys of tests that are no facts.
pub(super) const SPECIAL: &[&str] = &[
    "happened", "not_yet", "inside", "outside", "past", "reached", "week", "day",
];

/// Keys of clauses that are looked for among tests.
const CLAUSE_KEYS: &[&str] = &[
    "within",
    "when",
    "unless",
    "any",
    "on",
    "pending",
    "overrides",
];
/// Keys of ends that are looked for among tests.
const END_KEYS: &[&str] = &[
    "days",
    "business_days",
    "hours",
    "months",
    "date",
    "day_of_month",
    "after",
    "before",
    "more_than",
    "until",
    "latest",
    "earliest",
];

/// Reads `when`, `unless` and `any` of a clause.
pub(super) fn read(clause: &Table<'_, '_>, names: &ClauseIndex<'_>) -> Guard {
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
pub(super) fn list(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Vec<Test> {
    let Some(table) = item.table_like("{ personalized = false }") else {
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
        } else if let Some(fact) = names.fact(key) {
            fact_tests(fact, &value, names, &mut tests);
        } else if !names.has_failed(key) {
            let message = format!("unknown fact `{key}`");
            let help = fact_help(key, names);
            table.report().add("unknown-fact", span, message, help);
        }
    }
    if tests.len() > MAX_TESTS {
        let message = format!("{} tests; at most {MAX_TESTS} are allowed", tests.len());
        item.bad("too-many", message, "split the clause");
    }
    tests
}

/// Says what an unknown key of a table of tests most likely stands for.
fn fact_help(key: &str, names: &ClauseIndex<'_>) -> String {
    if names.event_named(key).is_some() {
        return format!(
            "`{key}` is an event: write `happened = \"{key}\"` or `not_yet = \"{key}\"`"
        );
    }
    if CLAUSE_KEYS.contains(&key) {
        return format!("`{key}` is a key of the clause, beside `when`");
    }
    if END_KEYS.contains(&key) {
        return "ends stand inside a window: `inside = { days = 30, after = \"deliver\" }`"
            .to_owned();
    }
    let known = names.facts().map(Fact::word);
    let help = nearest(key, known.chain(SPECIAL.iter().copied()));
    // The whole vocabulary is too long to list.
    if help.starts_with("did") {
        help
    } else {
        "see the catalogue of facts in docs/policy-language.md, or declare it: `[facts.NAME]`"
            .to_owned()
    }
}

fn special(key: &str, value: &Item<'_, '_>, names: &ClauseIndex<'_>, tests: &mut Vec<Test>) {
    for item in value.one_or_more() {
        let test = match key {
            "happened" => names.event(&item).map(|e| Test::Happened(e, true)),
            "not_yet" => names.event(&item).map(|e| Test::Happened(e, false)),
            // A period in words is no id.
            "past" if item.as_str().is_some_and(|id| !id.contains(' ')) => {
                names.grant(&item).map(Test::Past)
            }
            "inside" => window(&item, names).map(|w| Test::Window(w, Where::Inside)),
            "outside" => window(&item, names).map(|w| Test::Window(w, Where::Outside)),
            "past" => window(&item, names).map(|w| Test::Window(w, Where::Past)),
            "reached" => reached(&item, names),
            "week" => week(&item, names),
            _ => day(&item, names),
        };
        tests.extend(test);
    }
}

/// Reads a test of whether the last day of a period has begun, or its hours are over.
fn reached(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Test> {
    let spec = window(item, names)?;
    if spec.roll.is_some() {
        item.bad(
            "unused",
            "what is reached is moved to no working day",
            "remove `roll`",
        );
        return None;
    }
    let closes = shortened(item, spec.closes)?;
    Some(Test::Window(WindowSpec { closes, ..spec }, Where::Past))
}

fn week(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Test> {
    let table = item.table_like(
        "{ of = \"place\", from = { minute = \"sat 00:00\" }, to = { minute = \"sun 22:59\" } }",
    )?;
    let of: Option<Event> = table.need("of").and_then(|i| names.event(&i));
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
            "weeks run from Monday to Sunday; write a clause for each side of Monday 00:00",
        );
        return None;
    }
    Some(Test::Week(of?, part))
}

fn day(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Test> {
    let table = item.table_like("{ of = \"place\", in = \"CALENDAR\" }")?;
    let spec = day_of(&table, names);
    let inside = table.get("in");
    let outside = table.get("not_in");
    table.finish_ref();
    match (inside, outside) {
        (Some(name), None) => Some(Test::DayIn(spec?, names.calendar(&name)?, true)),
        (None, Some(name)) => Some(Test::DayIn(spec?, names.calendar(&name)?, false)),
        (Some(_), Some(_)) => {
            item.bad(
                "one-test",
                "`in` and `not_in` exclude each other",
                "remove one of them",
            );
            None
        }
        (None, None) => {
            let help = "add `in = \"CALENDAR\"` or `not_in = \"CALENDAR\"`";
            item.bad("missing-key", "the test of a day names no calendar", help);
            None
        }
    }
}

/// Reads the tests of one fact; a fact that needs a word has one for each.
fn fact_tests(fact: Fact, value: &Item<'_, '_>, names: &ClauseIndex<'_>, tests: &mut Vec<Test>) {
    let spec = fact.spec();
    if spec.parameter == Parameter::None {
        tests.extend(test(FactRef { fact, word: None }, value, names));
        return;
    }
    let Some(table) = value.as_table() else {
        let (name, example) = (spec.name, example_of(spec.kind));
        let what = match (spec.parameter, fact) {
            (Parameter::Option, _) => "options",
            (_, Fact::PaidWith) => "payment methods",
            _ => "words",
        };
        let first = match (spec.parameter, fact) {
            (Parameter::Option, _) => names.options.first().map_or("gift_wrap", String::as_str),
            (_, Fact::PaidWith) => PaymentMethod::WORDS.first().copied().unwrap_or("card"),
            _ => value.as_str().unwrap_or("exclusive"),
        };
        value.bad(
            "wrong-type",
            format!("`{name}` is a table of {what}, found {}", value.found()),
            format!("write it like `{name} = {{ {first} = {example} }}`"),
        );
        return;
    };
    for (word, span, value) in table.entries() {
        if spec.parameter == Parameter::Option && !names.option(word, span.clone()) {
            continue;
        }
        if let Some(known) = WordList::of(&names.word_lists, fact)
            && !known.iter().any(|k| k == word)
        {
            table.report().add(
                "unknown-word",
                span,
                format!("`{word}` is not among the words of `{}`", spec.name),
                nearest(word, known.iter().map(String::as_str)),
            );
            continue;
        }
        if fact == Fact::PaidWith && PaymentMethod::from_word(word).is_none() {
            table.report().add(
                "unknown-word",
                span,
                format!("unknown payment method `{word}`"),
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
            names,
        ));
    }
}

/// Reads one test of a fact by the kind of its values.
fn test(fact: FactRef, value: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<Test> {
    let name = match &fact.word {
        Some(word) => format!("{}.{word}", fact.fact.spec().name),
        None => fact.fact.spec().name.to_owned(),
    };
    let kind = fact.fact.spec().kind;
    if !fits(kind, value) {
        let (is, form) = form_of(kind);
        let first = value
            .as_table()
            .and_then(|t| t.entries().into_iter().next());
        let message = match first {
            Some((key, ..)) => format!("`{key}` does not apply to `{name}`, which is {is}"),
            None => format!("`{name}` is {is}, found {}", value.found()),
        };
        value.bad("wrong-type", message, format!("write {form}"));
        return None;
    }
    match kind {
        Kind::YesNo => value.yes_no().map(|yes| Test::YesNo(fact, yes)),
        Kind::OneOf(words) => word_test(fact, value, Some(words), names),
        Kind::Word => {
            let known = WordList::of(&names.word_lists, fact.fact);
            let known: Option<Vec<&str>> = known.map(|k| k.iter().map(String::as_str).collect());
            word_test(fact, value, known.as_deref(), names)
        }
        Kind::Number => number_test(fact, value),
        Kind::Amount => amount_test(fact, value, names),
    }
}

/// Says what a fact of a kind is, and how it is tested.
fn form_of(kind: Kind) -> (&'static str, String) {
    match kind {
        Kind::YesNo => ("yes or no", "`true` or `false`".to_owned()),
        Kind::Number => (
            "a number",
            "an integer, or a range by `at_least` or `above`, `at_most` or `below`, or both ends: \
             `{ at_least = 2, below = 6 }`"
                .to_owned(),
        ),
        Kind::Amount => (
            "an amount",
            "a range with its currency, by `at_least` or `above`, `at_most` or `below`, or both \
             ends: `{ at_least = \"50.00\", currency = \"EUR\" }`"
                .to_owned(),
        ),
        Kind::Word | Kind::OneOf(_) => {
            let word = example_of(kind);
            let form = format!("`{word}`, `[{word}, ...]` or `{{ not = [{word}, ...] }}`");
            ("a word", form)
        }
    }
}

/// Returns a value of a fact as an example, with its quotes.
fn example_of(kind: Kind) -> String {
    match kind {
        Kind::YesNo => "true".to_owned(),
        Kind::Number => "{ at_least = 1 }".to_owned(),
        Kind::Amount => "{ at_least = \"50.00\", currency = \"EUR\" }".to_owned(),
        Kind::Word => "\"WORD\"".to_owned(),
        Kind::OneOf(words) => format!("\"{}\"", words.first().copied().unwrap_or_default()),
    }
}

/// Whether a value has the form of a test of facts of a kind, or one with a slip in it.
fn fits(kind: Kind, value: &Item<'_, '_>) -> bool {
    let has = |known: &[&str]| {
        let keys = value.as_table().map(|table| table.entries());
        let mut keys = keys.iter().flatten();
        keys.any(|(key, ..)| near(key, known.iter().copied()).is_some())
    };
    match kind {
        Kind::YesNo => {
            let quoted = value.as_str();
            value.is_yes_no() || matches!(quoted, Some("true" | "false" | "yes" | "no"))
        }
        Kind::Amount => has(&ENDS),
        Kind::Number => value.is_integer() || has(&ENDS),
        Kind::Word | Kind::OneOf(_) => {
            value.as_str().is_some() || value.as_list().is_some() || has(&["not", "in", "not_in"])
        }
    }
}

fn word_test(
    fact: FactRef,
    value: &Item<'_, '_>,
    closed: Option<&[&str]>,
    names: &ClauseIndex<'_>,
) -> Option<Test> {
    let words = |item: &Item<'_, '_>| -> Option<Vec<String>> {
        let list = item.one_or_more();
        if list.is_empty() {
            item.bad("empty-list", "the list of words is empty", "name a word");
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
                        format!("`{text}` is not a value of `{}`", fact.fact.spec().name),
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
    let listed = |key: &'static str| {
        let item = table.get(key)?;
        let list = names.shorthand.list(&item)?;
        let foreign = |word: &&String| closed.is_some_and(|known| !known.contains(&word.as_str()));
        if let Some(word) = list.iter().find(foreign) {
            item.bad(
                "unknown-word",
                format!("`{word}` is not a value of `{}`", fact.fact.spec().name),
                "",
            );
            return None;
        }
        Some(list)
    };
    let (inside, outside) = (listed("in"), listed("not_in"));
    let not = table.get("not").and_then(|item| words(&item)).or(outside);
    table.finish_ref();
    match inside {
        Some(words) => Some(Test::OneOf(fact, words)),
        None => not.map(|words| Test::NoneOf(fact, words)),
    }
}
