//! The decision of a row as an ordered decision diagram over unknown facts.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::classes::Assumptions;
use super::effect::{Completed, Conditions, Statuses, WindowClauses};
use super::facts::{Unknown, unknown};
use super::times::Times;
use crate::domain::facts::Remedy;
use crate::domain::verdict::{Missing, Outcome};
use crate::engine::entitle::draft::{Drafted, active_remedies, draft};
use crate::engine::entitle::shape::counts;
use crate::engine::judge::activity::Activity;
use crate::engine::judge::{Judged, Ruling};
use crate::engine::read::guard::{Holds, TestResults, bit};
use crate::engine::read::waiting::Prospect;
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{Bits, RemedyBits, RoutePlan, indexes};
use crate::policy::terms::{Effect, Pending};

/// A node; equal ones are one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// It is denied.
    Denied,
    /// It is reviewed.
    Reviewed,
    /// It is approved, with this answer.
    Approved(usize),
    /// Something that is unknown and has no values to try.
    Stuck(usize),
    /// An unknown fact, with the node for each class of its values.
    Fact(usize, Vec<usize>),
}

/// What clauses come to by their guards. With it what a row comes to is told.
#[derive(PartialEq, Eq, Hash)]
struct Guarded {
    applies: Bits,
    fails: Bits,
    yes: Bits,
    no: Bits,
    finding: Bits,
    statuses: usize,
}

/// What became of clauses once they are weighed: with it what a row comes to is told, too.
/// Clauses that others set aside are in no set.
#[derive(PartialEq, Eq, Hash)]
struct Weighed {
    active: Bits,
    assumed: Bits,
    held_off: Bits,
    review: Bits,
    needs: Bits,
    yes: Bits,
    no: Bits,
    finding: Bits,
    statuses: usize,
}

/// An answer that a completion leads to.
pub(super) struct Leaf<'a> {
    /// The answer.
    pub drafted: Drafted<'a>,
    /// What tests came to.
    pub results: TestResults,
    /// What is assumed of places and times.
    pub assumed: usize,
}

/// Decides a row under each completion.
pub(super) struct Diagram<'a, 'w> {
    pub(super) world: World<'a, 'w>,
    pub(super) route: &'a RoutePlan,
    pub(super) wants: Option<Remedy>,
    /// The answers of all completions, where they are kept.
    pub(super) leaves: Vec<Leaf<'a>>,
    /// The assumptions that leaves name.
    pub(super) assumed: Vec<Assumptions<'a>>,
    /// Whether answers are kept, with the dates of each: then effects share nothing.
    keeps: bool,
    /// The unknown facts, in the order in which nodes ask for them.
    pub(super) facts: Vec<Unknown<'a>>,
    pub(super) nodes: Vec<Node>,
    numbers: FxHashMap<Node, usize>,
    guarded: FxHashMap<Guarded, usize>,
    weighed: FxHashMap<Weighed, usize>,
    statuses: FxHashMap<Statuses, usize>,
    clauses: ClauseSets,
    conditions: Conditions<'a>,
    /// Approvals that differ.
    pub(super) approvals: Vec<Drafted<'a>>,
    pub(super) stuck: Vec<Key<'a>>,
    /// The nodes that count; `None`: all.
    counted: Option<BTreeSet<usize>>,
    remedies: RemedyBits,
}

impl<'a, 'w> Diagram<'a, 'w> {
    pub(super) fn new(world: World<'a, 'w>, route: &'a RoutePlan, wants: Option<Remedy>) -> Self {
        Self {
            world,
            route,
            wants,
            leaves: Vec::new(),
            assumed: Vec::new(),
            keeps: false,
            facts: Vec::new(),
            nodes: Vec::new(),
            numbers: FxHashMap::default(),
            guarded: FxHashMap::default(),
            weighed: FxHashMap::default(),
            statuses: FxHashMap::default(),
            clauses: ClauseSets::of(&world, route),
            conditions: Conditions::of(world.plan, route),
            approvals: Vec::new(),
            stuck: Vec::new(),
            counted: None,
            remedies: 0,
        }
    }

    /// Decides again, and keeps the answers of all completions.
    pub(super) fn keep(self, found: &[Times<'a>]) -> Self {
        let mut kept = Self::new(self.world, self.route, self.wants);
        kept.keeps = true;
        for times in found {
            kept.roots(times);
        }
        kept
    }

    /// Returns the node to which each effect leads.
    pub(super) fn roots(&mut self, times: &Times<'a>) -> Vec<usize> {
        let mut known: Vec<(Assumptions<'a>, TestResults)> = Vec::new();
        let mut roots = Vec::with_capacity(times.effects.len());
        for effect in &times.effects {
            let of_no_event = |(key, _): &&(Key<'a>, _)| !matches!(key, Key::Event(..));
            let given: Assumptions<'a> =
                effect.assumed.iter().filter(of_no_event).cloned().collect();
            let before = known.iter().find(|(assumed, _)| *assumed == given);
            let before = match before {
                Some((_, results)) => *results,
                None => {
                    let results = self.look_at_facts(&given);
                    known.push((given, results));
                    results
                }
            };
            let world = World {
                assumed: &effect.assumed,
                ..self.world
            };
            let results = effect.results(&world, self.route, before);
            roots.push(self.root_of(&effect.assumed, results));
        }
        roots
    }

    /// Returns the node to which a completion leads.
    pub(super) fn root(&mut self, assumed: &Assumptions<'a>) -> usize {
        let results = self.look_at_facts(assumed);
        self.root_of(assumed, results)
    }

    /// Evaluates the tests under what is assumed, and notes the facts that they wait for.
    fn look_at_facts(&mut self, assumed: &Assumptions<'a>) -> TestResults {
        let world = World {
            assumed,
            ..self.world
        };
        let results = world.results(self.route);
        for fact in unknown(&world, self.route, &results, Bits::MAX) {
            if !self.facts.iter().any(|known| known.key == fact.key) {
                self.facts.push(fact);
            }
        }
        results
    }

    fn root_of(&mut self, assumed: &Assumptions<'a>, results: TestResults) -> usize {
        let world = World {
            assumed,
            ..self.world
        };
        if self.keeps {
            self.assumed.push(assumed.clone());
            self.guarded.clear();
            self.weighed.clear();
        }
        let world = World {
            // A node asks for the first of its open facts, whatever clauses wait for.
            blocked_by: self.facts.first().map(|fact| fact.key),
            ..world
        };
        let mut effect = Completed::new(world, self.route, &self.conditions);
        self.node(&mut effect, results)
    }

    /// Returns the index of a node; equal ones are one.
    pub(super) fn number(&mut self, node: Node) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }

    /// Returns the node of a row whose tests came to `results`.
    fn node(&mut self, effect: &mut Completed<'a, '_>, results: TestResults) -> usize {
        let (guarded, deciding) = self.guard(effect, &results);
        if let Some(node) = self.guarded.get(&guarded) {
            return *node;
        }
        effect.world.scratch.work.spend(1);
        let mut judged = Judged::empty(results);
        judged.windows = effect.windows(self.route, deciding, &results);
        effect.world.weigh(self.route, self.wants, &mut judged);
        let (weighed, open) = self.weigh(effect, &judged, deciding);
        let node = match self.weighed.get(&weighed) {
            Some(node) => *node,
            None => {
                let node = match self.settle(&effect.world, &judged) {
                    Ok(node) => self.number(node),
                    Err(key) => self.split(effect, judged, key, results, open),
                };
                self.weighed.insert(weighed, node);
                node
            }
        };
        self.guarded.insert(guarded, node);
        node
    }

    /// Returns what clauses come to by their guards, and which of them decide windows.
    fn guard(
        &mut self,
        effect: &mut Completed<'a, '_>,
        results: &TestResults,
    ) -> (Guarded, WindowClauses) {
        let (mut applies, mut fails, mut waits, mut open) = (0, 0, 0, 0);
        for (index, at) in self.route.clauses.iter().enumerate() {
            match results.guard(&at.guard) {
                Holds::Yes => applies |= bit(index),
                Holds::No => fails |= bit(index),
                Holds::Waits(bits) => {
                    waits |= at.guard.tests();
                    let given = bits & !results.finding;
                    if given != 0 {
                        open |= bit(index);
                    }
                    if given & !effect.unsaid == 0 && self.clauses.presumed & bit(index) != 0 {
                        waits &= !given;
                    }
                }
            }
        }
        let deciding = WindowClauses {
            grants: self.clauses.grants & (!fails | self.clauses.watched),
            moving: applies & self.clauses.extensions,
            open: open & self.clauses.extensions,
        };
        let statuses = self.number_of(effect, deciding);
        let guarded = Guarded {
            applies,
            fails,
            yes: results.yes & waits,
            no: results.no & waits,
            finding: results.finding & waits,
            statuses,
        };
        (guarded, deciding)
    }

    /// Returns what became of clauses, and the tests that a fact still decides.
    fn weigh(
        &mut self,
        effect: &mut Completed<'a, '_>,
        judged: &Judged<'a>,
        deciding: WindowClauses,
    ) -> (Weighed, Bits) {
        let Activity {
            yes,
            assumed,
            held_off,
            review,
            needs,
            ..
        } = &judged.active;
        let counts = self.clauses.counting;
        let guards = |clauses: Bits| {
            let clauses = indexes(clauses & counts).filter_map(|at| self.route.clauses.get(at));
            clauses.fold(0, |tests, at| tests | at.guard.tests())
        };
        // An extension that waits moves an end, whatever sets it aside.
        let needs = needs | deciding.open;
        let waits = guards(assumed | held_off | review | needs);
        let decided = judged.results.yes | judged.results.no | judged.results.finding;
        let open = guards(needs) & !decided;
        let deciding = WindowClauses {
            grants: deciding.grants & (judged.active.any() | self.clauses.watched),
            ..deciding
        };
        let weighed = Weighed {
            active: yes & counts,
            assumed: assumed & counts,
            held_off: held_off & counts,
            review: review & counts,
            needs: needs & counts,
            yes: judged.results.yes & waits,
            no: judged.results.no & waits,
            finding: judged.results.finding & waits,
            statuses: self.number_of(effect, deciding),
        };
        (weighed, open)
    }

    /// Numbers what an answer rests on of places and times; equal ones have one number.
    fn number_of(&mut self, effect: &mut Completed<'a, '_>, deciding: WindowClauses) -> usize {
        let known = &mut self.statuses;
        effect.statuses(self.route, deciding, |statuses| {
            let next = known.len();
            *known.entry(statuses).or_insert(next)
        })
    }

    /// Returns the node of an answer; an error names a fact that it waits for. All denials
    /// are alike, and all reviews, so that they are drafted only if answers are kept.
    fn settle(&mut self, world: &World<'a, '_>, judged: &Judged<'a>) -> Result<Node, Key<'a>> {
        let answer = judged.answer.as_ref().map_err(|key| *key)?;
        self.remedies |= active_remedies(self.route, &judged.active);
        if !self.keeps {
            match answer {
                Ruling::Refused(_) | Ruling::OutsideWindow(_) => return Ok(Node::Denied),
                Ruling::Referred { .. } | Ruling::GraceReview { .. } | Ruling::Uncovered => {
                    return Ok(Node::Reviewed);
                }
                Ruling::Granted { .. } => {}
            }
        }
        let drafted = draft(world, self.route, judged)?;
        let node = match drafted.draft.decision.outcome {
            Outcome::Denied => Node::Denied,
            Outcome::Approved => Node::Approved(self.approval(&drafted)),
            Outcome::NeedsReview | Outcome::NeedsInformation | Outcome::Mixed => Node::Reviewed,
        };
        if self.keeps {
            self.leaves.push(Leaf {
                drafted,
                results: judged.results,
                assumed: self.assumed.len().saturating_sub(1),
            });
        }
        Ok(node)
    }

    /// Returns the place of an approval among those that differ.
    fn approval(&mut self, drafted: &Drafted<'a>) -> usize {
        let known = self.approvals.iter().position(|other| other == drafted);
        known.unwrap_or_else(|| {
            self.approvals.push(drafted.clone());
            self.approvals.len().saturating_sub(1)
        })
    }

    /// Decides a row under each class of values of the first of its open facts, which the tests
    /// of `open` name. Where no such fact can be tried, `key` is what the row waits for.
    fn split(
        &mut self,
        effect: &mut Completed<'a, '_>,
        judged: Judged<'a>,
        key: Key<'a>,
        results: TestResults,
        open: Bits,
    ) -> usize {
        let fact = self.facts.iter().position(|fact| fact.tests & open != 0);
        let Some(fact) = fact.filter(|_| !effect.world.scratch.work.is_stopped()) else {
            let world = World {
                blocked_by: None,
                ..effect.world
            };
            let mut again = Judged::empty(judged.results);
            again.windows = judged.windows;
            world.weigh(self.route, self.wants, &mut again);
            let key = again.answer.err().unwrap_or(key);
            let index = self.stuck.iter().position(|stuck| *stuck == key);
            let index = index.unwrap_or_else(|| {
                self.stuck.push(key);
                self.stuck.len().saturating_sub(1)
            });
            return self.number(Node::Stuck(index));
        };
        let classes = self.facts.get(fact).map_or(0, |fact| fact.classes.len());
        let mut children = Vec::with_capacity(classes);
        for class in 0..classes {
            let classes = self.facts.get(fact).map(|fact| &fact.classes);
            let Some((yes, no)) = classes.and_then(|classes| classes.get(class)) else {
                break;
            };
            let mut completed = results;
            completed.yes |= yes;
            completed.no |= no;
            completed.follow(&self.route.opposites);
            children.push(self.node(effect, completed));
        }
        match children.split_first() {
            Some((first, others)) if others.iter().all(|other| other == first) => *first,
            _ => self.number(Node::Fact(fact, children)),
        }
    }

    /// Returns the facts that some node asks for, and what could not be tried.
    pub(super) fn missing(&self) -> Vec<Key<'a>> {
        let mut missing: Vec<Key<'a>> = Vec::new();
        for node in self.counted() {
            let key = match node {
                Node::Denied | Node::Reviewed | Node::Approved(_) => None,
                Node::Stuck(index) => self.stuck.get(*index).copied(),
                Node::Fact(fact, _) => self.facts.get(*fact).map(|fact| fact.key),
            };
            missing.extend(key.filter(|key| !missing.contains(key)));
        }
        missing
    }

    /// Lets only some nodes count, to which others were folded.
    pub(super) fn count(&mut self, nodes: BTreeSet<usize>) {
        self.counted = Some(nodes);
    }

    /// Returns the nodes that count.
    fn counted(&self) -> impl Iterator<Item = &Node> {
        let nodes = self.nodes.iter().enumerate();
        let counts = |index| self.counted.as_ref().is_none_or(|of| of.contains(&index));
        nodes.filter_map(move |(index, node)| counts(index).then_some(node))
    }

    /// Returns the approvals that count.
    fn approved(&self) -> impl Iterator<Item = &Drafted<'a>> {
        let places = self.counted().filter_map(|node| match node {
            Node::Approved(index) => Some(*index),
            Node::Denied | Node::Reviewed | Node::Stuck(_) | Node::Fact(..) => None,
        });
        places.filter_map(|index| self.approvals.get(index))
    }

    /// Returns the amounts that answers miss.
    pub(super) fn missing_amounts(&self) -> Missing {
        let mut known: Vec<&Missing> = Vec::new();
        let mut amounts = Missing::default();
        for approval in self.approved() {
            let missing = &approval.draft.decision.missing;
            if !known.contains(&missing) {
                known.push(missing);
                amounts.append(missing.clone());
            }
        }
        amounts
    }

    /// Returns what the answers can come to for the order, each once.
    pub(super) fn prospects(&self) -> Vec<Prospect> {
        let mut prospects: Vec<Prospect> = Vec::new();
        let unpaid = self.counted();
        let unpaid = unpaid.filter(|node| matches!(node, Node::Denied | Node::Reviewed));
        let approvals = self
            .approved()
            .map(|drafted| drafted.draft.terms.as_deref());
        for terms in approvals.chain(unpaid.map(|_| None)) {
            let prospect = Prospect::of(terms);
            if !prospects.contains(&prospect) {
                prospects.push(prospect);
            }
        }
        prospects
    }

    /// Returns the remedies whose grants are active in some completion.
    pub(super) const fn remedies(&self) -> RemedyBits {
        self.remedies
    }
}

/// The clauses of a route by what they are, a bit for each index.
struct ClauseSets {
    grants: Bits,
    extensions: Bits,
    /// Grants whose window is read even if they do not apply.
    watched: Bits,
    /// Those that are presumed not to apply while nobody speaks of what they ask for.
    presumed: Bits,
    /// Those that can change an answer, by themselves or by what they set aside.
    counting: Bits,
}

impl ClauseSets {
    fn of(world: &World<'_, '_>, route: &RoutePlan) -> Self {
        let set = |places: &[usize]| places.iter().fold(0, |set, at| set | bit(*at));
        let clauses = || {
            let clauses = route.clauses.iter().enumerate();
            clauses.filter_map(|(index, at)| Some((bit(index), at, world.plan.clause(at.clause)?)))
        };
        let presumed = clauses().filter(|(.., clause)| clause.pending == Pending::Presumed);
        let counting = clauses().filter(|(.., clause)| match &clause.effect {
            Effect::Adds(addition) => counts(addition),
            Effect::Grants(_) | Effect::Refuses(_) | Effect::Refers(_) | Effect::Extends(..) => {
                true
            }
        });
        let mut counting = counting.fold(0, |set, (bit, ..)| set | bit);
        // Each clause stands after those that override it.
        for (bit, at, _) in clauses().collect::<Vec<_>>().into_iter().rev() {
            if counting & bit != 0 {
                counting |= at.overriders;
            }
        }
        Self {
            grants: set(&route.grants),
            extensions: set(&route.extensions),
            watched: set(&route.watched),
            presumed: presumed.fold(0, |set, (bit, ..)| set | bit),
            counting,
        }
    }
}
