//! The decision of a row as an ordered decision diagram over unknown facts.

use rustc_hash::FxHashMap;

use super::classes::Assumptions;
use super::facts::{Unknown, unknown};
use super::times::Times;
use crate::domain::facts::Remedy;
use crate::domain::limits::MAX_COMPLETION_STEPS;
use crate::domain::verdict::MissingFact;
use crate::engine::draft::{Drafted, draft};
use crate::engine::guard::{Holds, Results, bit};
use crate::engine::judge::Judged;
use crate::engine::world::{Key, World};
use crate::policy::plan::{Bits, RemedyBits, RoutePlan};
use crate::policy::terms::Pending;

/// A node; equal ones are one.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Node {
    /// An answer, by its first leaf.
    Answer(usize),
    /// Something that is unknown and has no values to try.
    Stuck(usize),
    /// An unknown fact, with the node for each class of its values.
    Fact(usize, Vec<usize>),
}

/// What a state of a row comes to does not depend on anything else.
#[derive(PartialEq, Eq, Hash)]
struct State {
    applies: Bits,
    fails: Bits,
    yes: Bits,
    no: Bits,
    finding: Bits,
}

/// An answer that a completion leads to.
pub(super) struct Leaf<'a> {
    /// The answer.
    pub drafted: Drafted<'a>,
    /// What tests came to.
    pub results: Results,
    /// What is assumed of places and times.
    pub assumed: usize,
}

/// Decides a row under each completion.
pub(super) struct Diagram<'a, 'w> {
    pub(super) world: World<'a, 'w>,
    pub(super) route: &'a RoutePlan,
    pub(super) wants: Option<Remedy>,
    /// The answers of all completions.
    pub(super) leaves: Vec<Leaf<'a>>,
    /// The assumptions that leaves name.
    pub(super) assumed: Vec<Assumptions<'a>>,
    facts: Vec<Unknown<'a>>,
    nodes: Vec<Node>,
    numbers: FxHashMap<Node, usize>,
    /// The first leaf of each answer.
    answers: Vec<usize>,
    stuck: Vec<Key<'a>>,
    steps: usize,
}

impl<'a, 'w> Diagram<'a, 'w> {
    pub(super) fn new(world: World<'a, 'w>, route: &'a RoutePlan, wants: Option<Remedy>) -> Self {
        Self {
            world,
            route,
            wants,
            leaves: Vec::new(),
            assumed: Vec::new(),
            facts: Vec::new(),
            nodes: Vec::new(),
            numbers: FxHashMap::default(),
            answers: Vec::new(),
            stuck: Vec::new(),
            steps: 0,
        }
    }

    /// Returns the node to which each effect leads.
    pub(super) fn roots(&mut self, times: &Times<'a>) -> Vec<usize> {
        let roots = times.effects.iter().map(|assumed| self.root(assumed));
        roots.collect()
    }

    /// Returns the node to which a completion leads.
    pub(super) fn root(&mut self, assumed: &Assumptions<'a>) -> usize {
        let world = World {
            assumed,
            ..self.world
        };
        let results = world.results(self.route);
        for fact in unknown(&world, self.route, &results) {
            if !self.facts.iter().any(|known| known.key == fact.key) {
                self.facts.push(fact);
            }
        }
        self.assumed.push(assumed.clone());
        let mut known = FxHashMap::default();
        self.node(&world, results, &mut known)
    }

    fn number(&mut self, node: Node) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }

    /// Returns the node of a row whose tests came to `results`.
    fn node(
        &mut self,
        world: &World<'a, '_>,
        results: Results,
        known: &mut FxHashMap<State, usize>,
    ) -> usize {
        let (state, open) = self.state(world, &results);
        if let Some(node) = known.get(&state) {
            return *node;
        }
        self.steps = self.steps.saturating_add(1);
        let mut judged = Judged::of(results);
        world.judge(self.route, self.wants, &mut judged);
        let node = match draft(world, self.route, &judged) {
            Ok(drafted) => self.leaf(drafted, judged.results),
            Err(key) => self.split(world, results, (open, key), known),
        };
        known.insert(state, node);
        node
    }

    /// Returns what an answer rests on: which clauses apply, which do not, and what the
    /// tests came to that the others wait for; with these the facts that are still open.
    fn state(&self, world: &World<'a, '_>, results: &Results) -> (State, Bits) {
        let (mut applies, mut fails, mut waits) = (0, 0, 0);
        for (place, at) in self.route.clauses.iter().enumerate() {
            match results.guard(&at.guard) {
                Holds::Yes => applies |= bit(place),
                Holds::No => fails |= bit(place),
                Holds::Waits(bits) => {
                    waits |= at.guard.tests();
                    let given = bits & !results.finding;
                    let presumed = world.clause(at).is_some_and(|clause| {
                        clause.pending == Pending::Presumed && world.only_unsaid(self.route, given)
                    });
                    if presumed {
                        waits &= !given;
                    }
                }
            }
        }
        let open = waits & !(results.yes | results.no | results.finding);
        let state = State {
            applies,
            fails,
            yes: results.yes & waits,
            no: results.no & waits,
            finding: results.finding & waits,
        };
        (state, open)
    }

    /// Decides a row under each class of values of the first of its open facts.
    fn split(
        &mut self,
        world: &World<'a, '_>,
        results: Results,
        (open, key): (Bits, Key<'a>),
        known: &mut FxHashMap<State, usize>,
    ) -> usize {
        let fact = self.facts.iter().position(|fact| fact.tests & open != 0);
        let Some(fact) = fact.filter(|_| self.steps < MAX_COMPLETION_STEPS) else {
            let place = self.stuck.iter().position(|stuck| *stuck == key);
            let place = place.unwrap_or_else(|| {
                self.stuck.push(key);
                self.stuck.len().saturating_sub(1)
            });
            return self.number(Node::Stuck(place));
        };
        let classes = self.facts.get(fact).map(|f| f.classes.clone());
        let mut children = Vec::new();
        for (yes, no) in classes.unwrap_or_default() {
            let mut completed = results;
            completed.yes |= yes;
            completed.no |= no;
            completed.follow(&self.route.opposites);
            children.push(self.node(world, completed, known));
        }
        match children.split_first() {
            Some((first, others)) if others.iter().all(|other| other == first) => *first,
            _ => self.number(Node::Fact(fact, children)),
        }
    }

    fn leaf(&mut self, drafted: Drafted<'a>, results: Results) -> usize {
        let place = self.leaves.len();
        let same = |answer: &&usize| {
            let leaf = self.leaves.get(**answer);
            leaf.is_some_and(|leaf| leaf.drafted == drafted)
        };
        let answer = self.answers.iter().find(same).copied();
        self.leaves.push(Leaf {
            drafted,
            results,
            assumed: self.assumed.len().saturating_sub(1),
        });
        let answer = answer.unwrap_or_else(|| {
            self.answers.push(place);
            place
        });
        self.number(Node::Answer(answer))
    }

    /// Returns the facts that some node asks for, and what could not be tried.
    pub(super) fn missing(&self) -> Vec<Key<'a>> {
        let mut missing: Vec<Key<'a>> = Vec::new();
        for node in &self.nodes {
            let key = match node {
                Node::Answer(_) => None,
                Node::Stuck(place) => self.stuck.get(*place).copied(),
                Node::Fact(fact, _) => self.facts.get(*fact).map(|fact| fact.key),
            };
            missing.extend(key.filter(|key| !missing.contains(key)));
        }
        missing
    }

    /// Returns the amounts that answers miss.
    pub(super) fn missing_amounts(&self) -> impl Iterator<Item = MissingFact> {
        let drafts = self.leaves.iter().map(|leaf| &leaf.drafted.draft);
        drafts.flat_map(|draft| draft.decision.missing.iter().cloned())
    }

    /// Returns the remedies whose grants are active in some completion.
    pub(super) fn remedies(&self) -> RemedyBits {
        let drafts = self.leaves.iter().map(|leaf| &leaf.drafted.draft);
        drafts.fold(0, |set, draft| set | draft.remedies)
    }
}
