//! The unknown facts of a row, each with the classes of values that tests tell apart.

use std::cmp::Reverse;

use super::reads;
use crate::domain::money::Amount;
use crate::domain::time::Instant;
use crate::domain::verdict::{Bound, Values};
use crate::domain::vocabulary::{Event, Fact, Kind};
use crate::engine::read::guard::{TestResults, bit, is_finding};
use crate::engine::read::world::{Assumed, Key, World};
use crate::policy::plan::{Bits, Plan, RoutePlan};
use crate::policy::terms::{AmountRange, FactRef, StatedPeriod, Test};

/// Stands for every word that no test of the route names.
const ANOTHER_WORD: &str = "\u{1}another";

/// An unknown fact.
pub(super) struct Unknown<'a> {
    /// What it is.
    pub key: Key<'a>,
    /// The tests that name it, a bit each.
    pub tests: Bits,
    /// For each class of values the tests that hold and those that do not.
    pub classes: Vec<(Bits, Bits)>,
    /// For each of [`values`] its class.
    pub class_of: Vec<usize>,
}

/// Returns the unknown facts that the tests of `among` wait for, in a fixed order.
pub(super) fn unknown<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    results: &TestResults,
    among: Bits,
) -> Vec<Unknown<'a>> {
    let open = among & !(results.yes | results.no | results.finding | route.past);
    let mut found: Vec<Unknown<'a>> = Vec::new();
    for (index, test) in route.tests.iter().enumerate() {
        let Some(Err(key @ Key::Fact(..))) = (open & bit(index) != 0).then(|| world.test(test))
        else {
            continue;
        };
        if is_finding(key) {
            continue;
        }
        match found.iter_mut().find(|unknown| unknown.key == key) {
            Some(unknown) => unknown.tests |= bit(index),
            None => found.push(Unknown {
                key,
                tests: bit(index),
                classes: Vec::new(),
                class_of: Vec::new(),
            }),
        }
    }
    // What most clauses ask for decides most, so that fewer questions are left.
    let asking = |unknown: &Unknown<'a>| {
        let clauses = route.clauses.iter();
        let asking = clauses.filter(|at| at.guard.tests() & unknown.tests != 0);
        asking.count()
    };
    found.sort_by_cached_key(|unknown| (Reverse(asking(unknown)), unknown.key));
    for unknown in &mut found {
        classify(world, route, unknown);
    }
    found
}

/// Finds what the tests that name a fact come to, once for all values that none of them
/// tells apart.
fn classify<'a>(world: &World<'a, '_>, route: &'a RoutePlan, unknown: &mut Unknown<'a>) {
    for value in values(world, route, unknown.key) {
        let mut assumed = world.assumed.to_vec();
        assumed.push((unknown.key, value));
        let world = World {
            assumed: &assumed,
            ..*world
        };
        let (mut yes, mut no) = (0, 0);
        for (index, test) in route.tests.iter().enumerate() {
            if unknown.tests & bit(index) == 0 {
                continue;
            }
            match world.test(test) {
                Ok(true) => yes |= bit(index),
                Ok(false) => no |= bit(index),
                Err(_) => {}
            }
        }
        let known = unknown.classes.iter().position(|class| *class == (yes, no));
        unknown
            .class_of
            .push(known.unwrap_or(unknown.classes.len()));
        if known.is_none() {
            unknown.classes.push((yes, no));
        }
    }
}

/// Returns one value of a fact for each class that the route tells apart.
pub(super) fn values<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    key: Key<'a>,
) -> Vec<Assumed<'a>> {
    match key {
        Key::Fact(fact, word, _) => fact_values(world, route, fact, word),
        Key::Event(..) | Key::Shipment | Key::Zone(_) | Key::Currency => Vec::new(),
    }
}

fn fact_values<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    fact: Fact,
    word: Option<&'a str>,
) -> Vec<Assumed<'a>> {
    let plan = world.plan;
    if let Some(words) = plan.words_of(fact) {
        let lists = word_lists(plan, route, fact, word);
        let mut apart: Vec<&'a str> = Vec::with_capacity(words.len());
        for word in words {
            if !apart.iter().any(|known| are_alike(&lists, known, word)) {
                apart.push(word);
            }
        }
        return apart.into_iter().map(Assumed::Word).collect();
    }
    match fact.spec().kind {
        Kind::YesNo => vec![Assumed::YesNo(true), Assumed::YesNo(false)],
        Kind::Word | Kind::OneOf(_) => {
            let mut words: Vec<&'a str> = vec![ANOTHER_WORD];
            let lists = word_lists(plan, route, fact, word);
            words.extend(lists.into_iter().flatten().map(String::as_str));
            words.sort_unstable();
            words.dedup();
            words.into_iter().map(Assumed::Word).collect()
        }
        Kind::Number => {
            let same = |named: &FactRef| named.fact == fact && named.word.as_deref() == word;
            let mut numbers: Vec<i64> = vec![0];
            for test in &route.tests {
                if let Test::Range(named, low, high) = test
                    && same(named)
                {
                    numbers.extend([*low, low.saturating_sub(1), *high, high.saturating_add(1)]);
                }
            }
            let periods = reads::stated_periods(plan, route);
            for (event, period) in periods.filter(|(_, period)| same(&period.fact)) {
                numbers.extend(lengths(world, event, period));
            }
            numbers.retain(|n| (0..=i64::from(i32::MAX)).contains(n));
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Assumed::Number).collect()
        }
        Kind::Amount => {
            let (least, most) = world.bounds(fact);
            let compared = route.tests.iter().filter_map(|test| match test {
                Test::Amount(named, range) if named.fact == fact => Some(*range),
                Test::YesNo(..)
                | Test::OneOf(..)
                | Test::NoneOf(..)
                | Test::Range(..)
                | Test::Amount(..)
                | Test::Happened(..)
                | Test::NotSupplied(..)
                | Test::Window(..)
                | Test::Past(_)
                | Test::Week(..)
                | Test::DayIn(..) => None,
            });
            let starts = |range: AmountRange| range.starts().collect::<Vec<_>>();
            let mut amounts: Vec<Amount> = compared.flat_map(starts).collect();
            amounts.retain(|start| *start > least && most.is_none_or(|most| *start <= most));
            amounts.push(least);
            amounts.sort_unstable();
            amounts.dedup();
            amounts.into_iter().map(Assumed::Amount).collect()
        }
    }
}

/// Returns the lengths of a period that can matter: the shortest and the longest, and those
/// up to which the request or the decision is after its end.
fn lengths(world: &World<'_, '_>, event: Event, period: &StatedPeriod) -> Vec<i64> {
    let (least, most) = (i64::from(period.at_least), i64::from(period.at_most));
    let mut found = vec![least, most];
    let end = |length: i64| {
        let end = world.after(event, period.of(length), period.calendar);
        end.bound.and_then(Bound::range)
    };
    let acts = [
        world.facts.request().request_time,
        world.facts.decide_time(),
    ];
    for act in acts {
        let picks: [fn((Instant, Instant)) -> Instant; 2] = [|range| range.0, |range| range.1];
        for pick in picks {
            // What is counted back ends the sooner the longer it is.
            let ends = |length: i64| end(length).is_some_and(|range| pick(range) > act);
            let at_first = ends(least);
            let (mut low, mut high) = (least, most);
            while low < high {
                let middle = low.saturating_add(high).div_euclid(2);
                if ends(middle) == at_first {
                    low = middle.saturating_add(1);
                } else {
                    high = middle;
                }
            }
            found.extend([low, low.saturating_sub(1).max(least)]);
        }
    }
    found
}

/// Returns for each of [`values`] of a fact what it stands for.
pub(super) fn stands_for<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    fact: Fact,
    word: Option<&'a str>,
) -> Vec<Values> {
    let values = fact_values(world, route, fact, word);
    let lists = word_lists(world.plan, route, fact, word);
    let closed = world.plan.words_of(fact);
    let mut later = values.iter().skip(1);
    let values = values.iter().map(|value| {
        let next = later.next();
        match value {
            Assumed::YesNo(yes) => Values::YesNo(*yes),
            Assumed::Word(ANOTHER_WORD) => Values::Words {
                words: Vec::new(),
                others: true,
            },
            Assumed::Word(word) => Values::Words {
                words: match &closed {
                    Some(words) => {
                        let like = words.iter().filter(|other| are_alike(&lists, word, other));
                        like.map(|word| (*word).to_owned()).collect()
                    }
                    None => vec![(*word).to_owned()],
                },
                others: false,
            },
            Assumed::Number(from) => Values::Numbers(
                *from,
                match next {
                    Some(Assumed::Number(next)) => Some(next.saturating_sub(1)),
                    _ => None,
                },
            ),
            Assumed::Amount(from) => Values::Amounts(
                *from,
                match next {
                    Some(Assumed::Amount(next)) => Some(next.less(Amount::from_minor(1))),
                    _ => world.bounds(fact).1,
                },
            ),
            // INVARIANT: no fact has a time, a parcel or a zone.
            Assumed::Event(_) | Assumed::Shipment(_) | Assumed::Zone(_) => Values::NotYet,
        }
    });
    values.collect()
}

/// Returns the lists of words that tests of the route compare a fact with.
fn word_lists<'a>(
    plan: &'a Plan,
    route: &'a RoutePlan,
    fact: Fact,
    word: Option<&str>,
) -> Vec<&'a [String]> {
    let same = |named: &FactRef| named.fact == fact && named.word.as_deref() == word;
    let tests = route.tests.iter().chain(route.settling_tests(plan));
    let compared = tests.filter_map(Test::words);
    let lists = compared.filter_map(|(named, list)| same(named).then_some(list));
    lists.collect()
}

/// Whether no list tells two words apart.
fn are_alike(lists: &[&[String]], one: &str, other: &str) -> bool {
    let mut lists = lists.iter();
    lists.all(|list| names(list, one) == names(list, other))
}

fn names(list: &[String], word: &str) -> bool {
    list.iter().any(|named| named == word)
}
