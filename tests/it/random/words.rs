//! The words that terms tell apart.

use redress::domain::vocabulary::Fact;
use redress::policy::plan::Plan;
use redress::policy::terms::Test;

use crate::generate::text_of;

/// A word that no terms name.
const ANOTHER: &str = "another";

/// Holds the words that the terms of a shop tell apart, each list with one that none
/// names.
pub struct Words {
    pub categories: Vec<&'static str>,
    pub tags: Vec<&'static str>,
    pub order_tags: Vec<&'static str>,
    pub contents: Vec<&'static str>,
    /// Names of attributes of lines and of orders, with the values of all of them.
    pub attributes: (Vec<&'static str>, Vec<&'static str>),
    pub order_attributes: (Vec<&'static str>, Vec<&'static str>),
    pub regions: Vec<&'static str>,
    pub return_reasons: Vec<&'static str>,
    pub exchange_reasons: Vec<&'static str>,
    pub cancellation_reasons: Vec<&'static str>,
    pub defect_types: Vec<&'static str>,
    pub languages: Vec<&'static str>,
    /// Codes of options; nobody else's are bought.
    pub options: Vec<&'static str>,
}

impl Words {
    pub fn of(plan: &Plan) -> Self {
        let compared = |fact| compared(plan, fact);
        let named = |fact| named(plan, fact);
        Self {
            categories: compared(Fact::Category),
            tags: named(Fact::Tag),
            order_tags: named(Fact::OrderTag),
            contents: named(Fact::Contains),
            attributes: (named(Fact::Attribute), compared(Fact::Attribute)),
            order_attributes: (named(Fact::OrderAttribute), compared(Fact::OrderAttribute)),
            regions: compared(Fact::DeliveryRegion),
            return_reasons: compared(Fact::ReturnReason),
            exchange_reasons: compared(Fact::ExchangeReason),
            cancellation_reasons: compared(Fact::CancellationReason),
            defect_types: compared(Fact::DefectType),
            languages: compared(Fact::TextLanguage),
            options: plan.option_codes.iter().map(|code| text_of(code)).collect(),
        }
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
