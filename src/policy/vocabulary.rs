//! The vocabulary of a plan: which facts and events its terms look at, for listing.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::terms::{Deduction, Effect, Part, SettledBy, Test};
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
        for amount in self.amounts() {
            facts.entry(amount).or_default();
        }
        facts
    }

    /// Returns the events that the terms look at, and those that they declare.
    pub fn events_read(&self) -> BTreeSet<Event> {
        let of_tests = self.tests().map(Test::events);
        let routes = self.route_plans.iter();
        let windows = routes.flat_map(|(_, route)| route.windows(self));
        let of_clauses = self.clauses.iter().map(|clause| match &clause.effect {
            Effect::Extends(_, end) => end.events(),
            Effect::Adds(addition) => addition
                .parts
                .iter()
                .fold(0, |set, part| set | events(part)),
            _ => 0,
        });
        let all = of_tests
            .chain(windows.map(|window| window.events()))
            .chain(of_clauses);
        let read = all.fold(0, |set, events| set | events);
        let read = self.events_in(read);
        read.chain(self.declared_events.iter().copied()).collect()
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        let routes = self.route_plans.iter();
        routes.flat_map(|(_, route)| route.tests.iter().chain(route.settling_tests(self)))
    }

    /// Returns the amounts that are deducted, charged or reimbursed as the facts state them.
    fn amounts(&self) -> impl Iterator<Item = Fact> {
        let parts = self.clauses.iter().flat_map(|clause| match &clause.effect {
            Effect::Adds(addition) => addition.parts.as_slice(),
            _ => &[],
        });
        parts.filter_map(|part| match part {
            Part::Deduct(Deduction::Stated(amount))
            | Part::Charge(amount)
            | Part::Reimburse(amount) => Some(*amount),
            _ => None,
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
        _ => 0,
    }
}
