//! The words that terms tell apart.

use std::collections::BTreeMap;

use redress::domain::vocabulary::{Fact, Kind};
use redress::policy::plan::Plan;
use redress::policy::terms::Test;

use crate::generate::text_of;

/// A word that no terms name.
const ANOTHER: &str = "another";

/// Holds the words that the terms of a shop tell apart, each list with one that none
/// names.
pub struct Words {
    pub tags: Vec<&'static str>,
    pub order_tags: Vec<&'static str>,
    pub contents: Vec<&'static str>,
    /// Words with which each fact of any word is compared.
    compared: BTreeMap<Fact, Vec<&'static str>>,
    /// Codes of options; nobody else's are bought.
    pub options: Vec<&'static str>,
}

impl Words {
    pub fn of(plan: &Plan) -> Self {
        let of_any_word = |fact: &&Fact| fact.spec().kind == Kind::Word;
        let facts = Fact::ALL.iter().filter(of_any_word).copied();
        let all = facts.map(|fact| (fact, compared(plan, fact))).collect();
        let named = |fact| named(plan, fact);
        Self {
            tags: named(Fact::Tag),
            order_tags: named(Fact::OrderTag),
            contents: named(Fact::Contains),
            compared: all,
            options: plan.option_codes.iter().map(|code| text_of(code)).collect(),
        }
    }

    /// Returns the words that the terms tell apart of a fact of any word.
    pub fn compared(&self, fact: Fact) -> &[&'static str] {
        self.compared.get(&fact).map_or(&[], Vec::as_slice)
    }
}

fn tests(plan: &Plan) -> impl Iterator<Item = &Test> {
    let routes = plan.choices().map(|(_, route)| route);
    routes.flat_map(|route| route.tests.iter().chain(route.settling_tests(plan)))
}

/// Returns the words with which a fact is compared.
fn compared(plan: &Plan, fact: Fact) -> Vec<&'static str> {
    let lists = tests(plan).filter_map(Test::words);
    let of_fact = lists.filter(|(named, _)| named.fact == fact);
    sorted(of_fact.flat_map(|(_, words)| words).map(String::as_str))
}

/// Returns the words that name a fact.
fn named(plan: &Plan, fact: Fact) -> Vec<&'static str> {
    let facts = tests(plan).filter_map(Test::fact);
    let of_fact = facts.filter(|named| named.fact == fact);
    sorted(of_fact.filter_map(|named| named.word.as_deref()))
}

fn sorted<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'static str> {
    let mut all: Vec<&str> = words.collect();
    all.sort_unstable();
    all.dedup();
    all.insert(0, ANOTHER);
    all.into_iter().map(text_of).collect()
}
