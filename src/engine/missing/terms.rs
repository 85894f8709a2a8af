//! The facts on which parts of an approved remedy depend that change no answer: who pays
//! for the return shipment, who bears its risk, where it goes, and obligations.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::classes::Assumptions;
use super::facts::{Unknown, unknown};
use super::times::{TimeEffect, Times, parcels};
use crate::domain::verdict::{
    Cite, Dependence, Entitlement, Missing, Obligation, Party, ReturnPayer, TermPart,
};
use crate::engine::entitle::draft::{Drafted, concerns};
use crate::engine::entitle::shape::part_of;
use crate::engine::judge::Judged;
use crate::engine::read::askable::together;
use crate::engine::read::guard::{TestResults, bit, tests_of};
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{Bits, RoutePlan, indexes};
use crate::policy::terms::{Addition, Effect, ObligationSpec, Part};

/// Says what parts of the terms of an approved row depend on.
pub(super) fn depend<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    judged: &Judged<'a>,
    approved: &mut Drafted<'a>,
) {
    let Some(entitlement) = &mut approved.draft.decision.entitlement else {
        return;
    };
    let waiting = PendingAdditions::of(world, route, judged, entitlement);
    if waiting.parts.is_empty() {
        return;
    }
    let mut keys: Vec<(TermPart, Key<'a>)> = Vec::new();
    if waiting.asks {
        let saying = Saying::new(world, route, judged, entitlement, &waiting.parts);
        let DecidedParts { facts, agreed } = decide(world, route, saying);
        keys.extend(facts);
        for agreed in agreed {
            agreed.say(world, entitlement);
        }
    }
    keys.extend(waiting.findings);
    for part in TermPart::ALL {
        let of_part = keys.iter().filter(|(of, _)| of == part);
        let missing: Vec<Missing> = of_part.map(|(_, key)| world.missing(*key)).collect();
        let facts = together(world.facts, missing.iter(), false);
        if !facts.is_empty() {
            // The facts are the row's own.
            approved.draft.own = true;
            entitlement
                .depends_on
                .push(Dependence { part: *part, facts });
        }
    }
}

/// What additions wait for that say something of the terms.
struct PendingAdditions<'a> {
    /// The parts that they say.
    parts: Vec<TermPart>,
    /// Whether one waits for a fact that can be asked for.
    asks: bool,
    /// The findings for which they wait.
    findings: Vec<(TermPart, Key<'a>)>,
}

impl<'a> PendingAdditions<'a> {
    fn of(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        judged: &Judged<'a>,
        entitlement: &Entitlement<'a>,
    ) -> Self {
        let mut waiting = Self {
            parts: Vec::new(),
            asks: false,
            findings: Vec::new(),
        };
        let bits = waiting_bits(judged, route);
        for (index, _, addition) in concerned(world, route, entitlement, bits) {
            let parts: Vec<TermPart> = addition.parts.iter().filter_map(part_of).collect();
            if judged.active.needs & bit(index) != 0 {
                waiting.asks = true;
            } else if let Some(at) = route.clauses.get(index) {
                let open = at.guard.tests() & judged.results.finding;
                let keys = tests_of(route, open).filter_map(|(_, test)| world.test(test).err());
                for key in keys {
                    waiting
                        .findings
                        .extend(parts.iter().map(|part| (*part, key)));
                }
            }
            waiting.parts.extend(parts);
        }
        waiting
    }
}

/// Returns the additions that wait.
pub(super) const fn waiting_bits(judged: &Judged<'_>, route: &RoutePlan) -> Bits {
    (judged.active.needs | judged.active.held_off) & route.additions
}

/// Returns the additions among clauses that concern what is granted, with their indexes on
/// the route.
fn concerned<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    entitlement: &Entitlement<'a>,
    clauses: Bits,
) -> impl Iterator<Item = (usize, Cite<'a>, &'a Addition)> {
    let plan = world.plan;
    let remedy = entitlement.remedy;
    let mut grants = route.grants.iter().filter_map(|at| route.clauses.get(*at));
    let granting = grants.find(|at| {
        let clause = plan.clause(at.clause);
        clause.is_some_and(|clause| clause.cited.id == entitlement.clause.id)
    });
    let granting = granting.map(|at| at.clause);
    indexes(clauses).filter_map(move |index| {
        let clause = plan.clause(route.clauses.get(index)?.clause)?;
        match &clause.effect {
            Effect::Adds(addition) if concerns(addition, granting?, remedy) => {
                Some((index, clause.cite(), addition))
            }
            Effect::Grants(_)
            | Effect::Refuses(_)
            | Effect::Refers(_)
            | Effect::Adds(_)
            | Effect::Extends(..) => None,
        }
    })
}

/// What parts come to under every completion.
struct DecidedParts<'a> {
    /// The facts that change a part.
    facts: Vec<(TermPart, Key<'a>)>,
    /// The parts that no fact changes.
    agreed: Vec<PartValue<'a>>,
}

/// What is said of a part of the terms.
#[derive(Clone)]
enum PartValue<'a> {
    ReturnPayer(Option<ReturnPayer>),
    ReturnRisk(Option<Party>),
    ReturnAddress(Option<&'a str>),
    Obligations(Vec<(&'a ObligationSpec, Cite<'a>)>),
}

impl<'a> PartValue<'a> {
    const fn nothing(part: TermPart) -> Self {
        match part {
            TermPart::ReturnPayer => Self::ReturnPayer(None),
            TermPart::ReturnRisk => Self::ReturnRisk(None),
            TermPart::ReturnAddress => Self::ReturnAddress(None),
            TermPart::Obligations => Self::Obligations(Vec::new()),
        }
    }

    /// Adds what a clause says, if it is of this part.
    fn add(&mut self, part: &'a Part, cite: Cite<'a>) {
        match (self, part) {
            (Self::ReturnPayer(said), Part::ReturnPayer(payer)) => *said = Some(*payer),
            (Self::ReturnRisk(said), Part::ReturnRisk(party)) => *said = Some(*party),
            (Self::ReturnAddress(said), Part::ReturnAddress(address)) => *said = Some(address),
            (Self::Obligations(tasks), Part::Obligation(spec)) => tasks.push((spec, cite)),
            _ => {}
        }
    }

    /// Whether the same is said, whichever clauses say it.
    fn is_same(&self, other: &Self) -> bool {
        let tasks = |said: &Self| match said {
            Self::Obligations(tasks) => {
                let tasks = tasks
                    .iter()
                    .map(|(spec, _)| (spec.code.clone(), spec.party));
                tasks.collect::<BTreeSet<_>>()
            }
            Self::ReturnPayer(_) | Self::ReturnRisk(_) | Self::ReturnAddress(_) => BTreeSet::new(),
        };
        match (self, other) {
            (Self::ReturnPayer(one), Self::ReturnPayer(other)) => one == other,
            (Self::ReturnRisk(one), Self::ReturnRisk(other)) => one == other,
            (Self::ReturnAddress(one), Self::ReturnAddress(other)) => one == other,
            _ => tasks(self) == tasks(other),
        }
    }

    /// Says it of what is granted. Dates are those of what is known.
    fn say(self, world: &World<'a, '_>, to: &mut Entitlement<'a>) {
        match self {
            Self::ReturnPayer(payer) => to.return_payer = payer,
            Self::ReturnRisk(party) => to.return_risk = party,
            Self::ReturnAddress(address) => to.return_address = address,
            Self::Obligations(tasks) => {
                for (spec, clause) in tasks {
                    let same = |known: &Obligation<'a>| {
                        (known.code, known.party) == (&spec.code, spec.party)
                    };
                    if !to.obligations.iter().any(same) {
                        to.obligations.push(Obligation {
                            code: &spec.code,
                            party: spec.party,
                            clause,
                            due: spec.due.as_ref().map(|end| world.due(end)),
                        });
                    }
                }
            }
        }
    }
}

/// Completes what is unknown of the tests that decide some parts, and finds the facts that
/// change one.
fn decide<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    saying: Saying<'_, 'a>,
) -> DecidedParts<'a> {
    let world = World {
        completing: true,
        ..*world
    };
    let by_time = tests_of(route, saying.tests).any(|(_, test)| {
        let key = world.test(test).err();
        key.is_some_and(|key| !matches!(key, Key::Fact(..)))
    });
    let parts = saying.parts;
    let mut diagram = TermsDiagram::new(&world, route, saying);
    let mut found = Vec::new();
    for parcel in parcels(&world) {
        let times = match by_time {
            true => Times::find(&world, route, parcel),
            false => Times::none(parcel),
        };
        let roots = times
            .effects
            .iter()
            .map(|effect| diagram.root(&effect.assumed, Some(effect)));
        let roots = roots.collect();
        found.push(times.with_roots(roots));
    }
    let mut decided = DecidedParts {
        facts: Vec::new(),
        agreed: Vec::new(),
    };
    for part in TermPart::ALL.iter().filter(|part| parts.contains(part)) {
        let mut reduced = Reduced::new(*part);
        for times in &found {
            let roots = times.roots.iter().map(|root| reduced.node(&diagram, *root));
            let roots: Vec<usize> = roots.collect();
            let missing = times.missing(&world, &roots, |assumed| {
                let root = diagram.root(assumed, None);
                reduced.node(&diagram, root)
            });
            decided
                .facts
                .extend(missing.into_iter().map(|key| (*part, key)));
        }
        let facts = reduced
            .facts
            .iter()
            .filter_map(|fact| diagram.facts.get(*fact));
        decided.facts.extend(facts.map(|fact| (*part, fact.key)));
        if let [said] = reduced.said.as_slice() {
            decided.agreed.push(said.clone());
        }
    }
    decided
}

/// The clauses that say parts of the terms.
struct Saying<'s, 'a> {
    /// The parts.
    parts: &'s [TermPart],
    /// The additions that say them, with their indexes on the route.
    by: Vec<(usize, Cite<'a>, &'a Addition)>,
    /// How the row was judged as it is known.
    judged: &'s Judged<'a>,
    /// The same, a bit for each index.
    additions: Bits,
    /// The tests of these, and of the clauses that set them aside.
    tests: Bits,
}

impl<'s, 'a> Saying<'s, 'a> {
    fn new(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        judged: &'s Judged<'a>,
        entitlement: &'s Entitlement<'a>,
        parts: &'s [TermPart],
    ) -> Self {
        let says = |addition: &Addition| {
            let mut said = addition.parts.iter().filter_map(part_of);
            said.any(|part| parts.contains(&part))
        };
        let all = concerned(world, route, entitlement, route.additions);
        let by: Vec<_> = all.filter(|(_, _, addition)| says(addition)).collect();
        let additions = by.iter().fold(0, |set, (index, ..)| set | bit(*index));
        let mut clauses = additions;
        // Each clause stands after those that override it.
        for (index, at) in route.clauses.iter().enumerate().rev() {
            if clauses & bit(index) != 0 {
                clauses |= at.overriders;
            }
        }
        let tests = indexes(clauses).filter_map(|index| route.clauses.get(index));
        Self {
            parts,
            by,
            judged,
            additions,
            tests: tests.fold(0, |set, at| set | at.guard.tests()),
        }
    }
}

/// A node; equal ones are one.
#[derive(Clone, PartialEq, Eq, Hash)]
enum TermsNode {
    /// What is said, by the additions that say it.
    Said(Bits),
    /// An unknown fact, with the node for each class of its values.
    Fact(usize, Vec<usize>),
}

/// What is said of the terms, as an ordered decision diagram over unknown facts.
struct TermsDiagram<'d, 'a, 'w> {
    world: &'d World<'a, 'w>,
    route: &'a RoutePlan,
    saying: Saying<'d, 'a>,
    facts: Vec<Unknown<'a>>,
    nodes: Vec<TermsNode>,
    numbers: FxHashMap<TermsNode, usize>,
    known: FxHashMap<(Bits, Bits), usize>,
}

impl<'d, 'a, 'w> TermsDiagram<'d, 'a, 'w> {
    fn new(world: &'d World<'a, 'w>, route: &'a RoutePlan, saying: Saying<'d, 'a>) -> Self {
        Self {
            world,
            route,
            saying,
            facts: Vec::new(),
            nodes: Vec::new(),
            numbers: FxHashMap::default(),
            known: FxHashMap::default(),
        }
    }

    /// Returns the node to which a completion of times leads, that of an effect where it is
    /// known.
    fn root(&mut self, assumed: &Assumptions<'a>, effect: Option<&TimeEffect<'a>>) -> usize {
        let world = World {
            assumed,
            ..*self.world
        };
        let mut results = match assumed.is_empty() {
            true => self.saying.judged.results,
            false => world.results(self.route),
        };
        if let Some(effect) = effect {
            results = effect.results(&world, self.route, results);
        }
        for fact in unknown(&world, self.route, &results, self.saying.tests) {
            if !self.facts.iter().any(|known| known.key == fact.key) {
                self.facts.push(fact);
            }
        }
        self.node(&world, results)
    }

    /// Returns the node of a row whose tests came to `results`.
    fn node(&mut self, world: &World<'a, '_>, results: TestResults) -> usize {
        let tests = self.saying.tests;
        let key = (results.yes & tests, results.no & tests);
        if let Some(node) = self.known.get(&key) {
            return *node;
        }
        world.scratch.work.spend(1);
        let mut judged = Judged::empty(results);
        judged.windows.clone_from(&self.saying.judged.windows);
        world.activate(self.route, &mut judged);
        let waits = indexes(judged.active.needs & self.saying.additions);
        let waits = waits.filter_map(|index| self.route.clauses.get(index));
        let waits = waits.fold(0, |set, at| set | at.guard.tests());
        let open = waits & !(results.yes | results.no | results.finding);
        let fact = self.facts.iter().position(|fact| fact.tests & open != 0);
        let node = match fact {
            None => TermsNode::Said(judged.active.yes & self.saying.additions),
            Some(fact) => {
                let classes = self.facts.get(fact).map(|fact| fact.classes.clone());
                let children = classes.into_iter().flatten().map(|(yes, no)| {
                    let mut completed = results;
                    completed.yes |= yes;
                    completed.no |= no;
                    completed.follow(&self.route.opposites);
                    self.node(world, completed)
                });
                TermsNode::Fact(fact, children.collect())
            }
        };
        let next = self.nodes.len();
        let number = *self.numbers.entry(node.clone()).or_insert(next);
        if number == next {
            self.nodes.push(node);
        }
        self.known.insert(key, number);
        number
    }

    /// Returns what some additions say of a part.
    fn said(&self, part: TermPart, by: Bits) -> PartValue<'a> {
        let mut said = PartValue::nothing(part);
        let saying = self.saying.by.iter();
        for (_, cite, addition) in saying.filter(|(index, ..)| by & bit(*index) != 0) {
            addition.parts.iter().for_each(|of| said.add(of, cite));
        }
        said
    }
}

/// A diagram as far as it tells one part of the terms.
struct Reduced<'a> {
    part: TermPart,
    said: Vec<PartValue<'a>>,
    nodes: FxHashMap<(usize, Vec<usize>), usize>,
    known: FxHashMap<usize, usize>,
    facts: Vec<usize>,
}

impl<'a> Reduced<'a> {
    fn new(part: TermPart) -> Self {
        Self {
            part,
            said: Vec::new(),
            nodes: FxHashMap::default(),
            known: FxHashMap::default(),
            facts: Vec::new(),
        }
    }

    /// Returns the reduced node of one of the diagram. Those that say something have even
    /// numbers, those that ask for a fact odd ones.
    fn node(&mut self, diagram: &TermsDiagram<'_, 'a, '_>, node: usize) -> usize {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let reduced = match diagram.nodes.get(node) {
            Some(TermsNode::Fact(fact, children)) => {
                let children = children.iter().map(|child| self.node(diagram, *child));
                let children: Vec<usize> = children.collect();
                match children.split_first() {
                    Some((first, others)) if others.iter().all(|other| other == first) => *first,
                    _ => self.fact(*fact, children),
                }
            }
            Some(TermsNode::Said(by)) => self.leaf(diagram.said(self.part, *by)),
            None => self.leaf(PartValue::nothing(self.part)),
        };
        self.known.insert(node, reduced);
        reduced
    }

    fn fact(&mut self, fact: usize, children: Vec<usize>) -> usize {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
        let next = self.nodes.len().saturating_mul(2).saturating_add(1);
        *self.nodes.entry((fact, children)).or_insert(next)
    }

    fn leaf(&mut self, said: PartValue<'a>) -> usize {
        let known = self.said.iter().position(|other| other.is_same(&said));
        let number = known.unwrap_or(self.said.len());
        if known.is_none() {
            self.said.push(said);
        }
        number.saturating_mul(2)
    }
}
