//! The unknown facts of a row, each with the classes of values that tests tell apart.

use crate::domain::vocabulary::{Fact, Kind};
use crate::engine::guard::{Results, bit, is_finding};
use crate::engine::world::{Assumed, Key, World};
use crate::policy::plan::{Bits, Plan, RoutePlan};
use crate::policy::terms::{FactRef, Test};

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
}

/// Returns the unknown facts that tests wait for, in a fixed order.
pub(super) fn unknown<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    results: &Results,
) -> Vec<Unknown<'a>> {
    let open = !(results.yes | results.no | results.finding | route.past);
    let mut found: Vec<Unknown<'a>> = Vec::new();
    for (place, test) in route.tests.iter().enumerate() {
        let Some(Err(key @ Key::Fact(..))) = (open & bit(place) != 0).then(|| world.test(test))
        else {
            continue;
        };
        if is_finding(key) {
            continue;
        }
        match found.iter_mut().find(|unknown| unknown.key == key) {
            Some(unknown) => unknown.tests |= bit(place),
            None => found.push(Unknown {
                key,
                tests: bit(place),
                classes: Vec::new(),
            }),
        }
    }
    found.sort_by_key(|unknown| unknown.key);
    for unknown in &mut found {
        unknown.classes = classes(world, route, (unknown.key, unknown.tests));
    }
    found
}

/// Returns what the tests that name a fact come to, once for all values that none of
/// them tells apart.
fn classes<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    (key, tests): (Key<'a>, Bits),
) -> Vec<(Bits, Bits)> {
    let mut classes = Vec::new();
    for value in values(world.plan, route, key) {
        let mut assumed = world.assumed.to_vec();
        assumed.push((key, value));
        let world = World {
            assumed: &assumed,
            ..*world
        };
        let (mut yes, mut no) = (0, 0);
        for (place, test) in route.tests.iter().enumerate() {
            if tests & bit(place) == 0 {
                continue;
            }
            match world.test(test) {
                Ok(true) => yes |= bit(place),
                Ok(false) => no |= bit(place),
                Err(_) => {}
            }
        }
        if !classes.contains(&(yes, no)) {
            classes.push((yes, no));
        }
    }
    classes
}

/// Returns one value of a fact for each class that the route tells apart.
pub(super) fn values<'a>(plan: &'a Plan, route: &'a RoutePlan, key: Key<'a>) -> Vec<Assumed<'a>> {
    match key {
        Key::Fact(fact, word) => fact_values(plan, route, fact, word),
        Key::Event(..) | Key::Shipment | Key::Zone(_) => Vec::new(),
    }
}

fn fact_values<'a>(
    plan: &'a Plan,
    route: &'a RoutePlan,
    fact: Fact,
    word: Option<&'a str>,
) -> Vec<Assumed<'a>> {
    let same = |named: &FactRef| named.fact == fact && named.word.as_deref() == word;
    let lists = || {
        let tests = route.tests.iter().chain(route.settling_tests(plan));
        let compared = tests.filter_map(Test::words);
        compared.filter_map(|(named, list)| same(named).then_some(list))
    };
    match fact.spec().kind {
        Kind::YesNo => vec![Assumed::YesNo(true), Assumed::YesNo(false)],
        Kind::OneOf(words) => {
            let lists: Vec<&[String]> = lists().collect();
            let alike =
                |a: &str, b: &str| lists.iter().all(|list| names(list, a) == names(list, b));
            let mut apart: Vec<&'a str> = Vec::with_capacity(words.len());
            for word in words {
                if !apart.iter().any(|known| alike(known, word)) {
                    apart.push(word);
                }
            }
            apart.into_iter().map(Assumed::Word).collect()
        }
        Kind::Word => {
            let mut words: Vec<&'a str> = vec![ANOTHER_WORD];
            words.extend(lists().flatten().map(String::as_str));
            words.sort_unstable();
            words.dedup();
            words.into_iter().map(Assumed::Word).collect()
        }
        Kind::Number => {
            let mut numbers: Vec<i64> = vec![0];
            for test in &route.tests {
                if let Test::Range(named, low, high) = test
                    && same(named)
                {
                    numbers.extend([*low, low.saturating_sub(1), *high, high.saturating_add(1)]);
                }
            }
            numbers.retain(|n| (0..=i64::from(i32::MAX)).contains(n));
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Assumed::Number).collect()
        }
    }
}

fn names(list: &[String], word: &str) -> bool {
    list.iter().any(|named| named == word)
}
