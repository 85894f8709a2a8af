//! The vocabulary of a plan: which facts and events its terms look at, for listing.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::terms::{Effect, Part, SettledBy, Sum, Test, Worth};
use crate::domain::vocabulary::{Event, Fact};

/// Holds what the terms tell apart of a fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared<'p> {
    /// The words that name the fact beside its own name, such as tags.
    pub parameters: BTreeSet<&'p str>,
    /// The words that its values are compared with.
    pub words: BTreeSet<&'p str>,
}

impl Plan {
    /// Returns the facts that the terms look at, and those that they declare.
    pub fn facts_read(&self) -> BTreeMap<Fact, Compared<'_>> {
        let declared = self.facts.iter().map(|fact| (*fact, Compared::default()));
        let mut facts: BTreeMap<Fact, Compared<'_>> = declared.collect();
        for test in self.tests() {
            let Some(named) = test.fact() else { continue };
            let compared = facts.entry(named.fact).or_default();
            compared.parameters.extend(named.word.as_deref());
            if let Some((_, words)) = test.words() {
                compared.words.extend(words.iter().map(String::as_str));
            }
        }
        for fact in self.sums().flat_map(|sum| sum.formula.facts()) {
            facts.entry(fact).or_default();
        }
        facts
    }

    /// Returns the events that the terms look at, and those that they declare.
    pub fn events_read(&self) -> BTreeSet<Event> {
        let of_tests = self.tests().map(Test::events);
        let routes = self.route_plans.iter();
        let windows = routes.flat_map(|(_, route)| route.windows(self));
        let of_sums = self.sums().map(|sum| sum.formula.events());
        let of_clauses = self.clauses.iter().map(|clause| match &clause.effect {
            Effect::Extends(_, end) => end.events(),
            Effect::Adds(addition) => addition
                .parts
                .iter()
                .fold(0, |set, part| set | events(part)),
            Effect::Grants(_) | Effect::Refuses(_) | Effect::Refers(_) => 0,
        });
        let all = of_tests
            .chain(windows.map(|window| window.events()))
            .chain(of_clauses)
            .chain(of_sums);
        let read = all.fold(0, |set, events| set | events);
        let read = self.events_in(read);
        read.chain(self.declared_events.iter().copied()).collect()
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        let routes = self.route_plans.iter();
        routes.flat_map(|(_, route)| route.tests.iter().chain(route.settling_tests(self)))
    }

    /// Returns the amounts that clauses grant, deduct, charge or reimburse.
    pub fn sums(&self) -> impl Iterator<Item = &Sum> {
        self.clauses.iter().flat_map(|clause| -> Vec<&Sum> {
            match &clause.effect {
                Effect::Grants(grant) => match &grant.worth {
                    Worth::Said(sum) => vec![sum],
                    Worth::Paid | Worth::Nothing | Worth::Credit => Vec::new(),
                },
                Effect::Adds(addition) => addition.parts.iter().filter_map(Part::sum).collect(),
                Effect::Refuses(_) | Effect::Refers(_) | Effect::Extends(..) => Vec::new(),
            }
        })
    }
}

/// Returns the events that a part of an addition looks at.
fn events(part: &Part) -> u64 {
    match part {
        Part::Condition(spec) => match &spec.settled_by {
            SettledBy::Event(event) => event.bit(),
            SettledBy::Finding(test) => test.events(),
        },
        Part::Release(events, _) => events.iter().fold(0, |set, event| set | event.bit()),
        Part::Due(end) => end.events(),
        Part::Obligation(_)
        | Part::ReturnPayer(_)
        | Part::ReturnRisk(_)
        | Part::ReturnAddress(_)
        | Part::Payee(_)
        | Part::BackTo(_)
        | Part::Deduct(_)
        | Part::Charge(_)
        | Part::Reimburse(_)
        | Part::Delivery(_)
        | Part::Options(_)
        | Part::Difference { .. }
        | Part::Notice(_) => 0,
    }
}
