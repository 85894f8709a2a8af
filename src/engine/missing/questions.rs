//! The questions that a row leaves open, and what is left of it once some are answered.
//!
//! A state is the row with some of its facts known: each completion of times that these
//! leave possible, with the node that it leads to once they are taken out of the diagram.

use rustc_hash::FxHashMap;

use super::classes::{Classes, NOT_YET};
use super::diagram::{Diagram, Node};
use super::facts::stands_for;
use super::times::Times;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{Consequence, Outcome, Values};
use crate::domain::vocabulary::Class;
use crate::engine::read::guard::bit;
use crate::engine::read::instants::allowed;
use crate::engine::read::waiting::Prospect;
use crate::engine::read::world::{Key, ORDER_LEVEL};
use crate::policy::plan::Bits;

/// Completions of times that are looked at for the price of one step.
const WAYS_A_STEP: usize = 32;

/// A completion, by its index, with the node that it leads to.
pub(super) type Completions = Vec<(usize, usize)>;

/// Something unknown that can be asked for.
pub(super) struct Askable<'a> {
    pub key: Key<'a>,
    kind: QuestionKind,
    /// What can be answered, with the class of each, of a variable its choice; `None`: it
    /// cannot be listed.
    pub choices: Vec<(Option<Values>, usize)>,
}

/// How an answer changes a state.
enum QuestionKind {
    /// It is a fact of the diagram, by its index.
    Fact(usize),
    /// It is a variable of times, or the parcel.
    Time(TimeVariable),
}

/// A variable as completions tell it.
struct TimeVariable {
    /// For each completion its class, and the group of completions that differ from it in
    /// this variable alone; `None`: it has none.
    of: Vec<Option<(usize, usize)>>,
    /// For each choice the class that it is in each parcel that units can be in.
    fits: Vec<Vec<usize>>,
}

/// The questions of a row.
pub(super) struct Questions<'d, 'a, 'w> {
    diagram: &'d mut Diagram<'a, 'w>,
    found: &'d [Times<'a>],
    /// The questions.
    pub all: Vec<Askable<'a>>,
    /// For each completion the index of its parcel among those found.
    times_of: Vec<usize>,
    /// Nodes without a fact: by node, fact and class.
    without: FxHashMap<(usize, usize, usize), usize>,
    /// The facts that a node asks for, a bit each.
    asks: FxHashMap<usize, Bits>,
}

impl<'d, 'a, 'w> Questions<'d, 'a, 'w> {
    pub(super) fn new(
        diagram: &'d mut Diagram<'a, 'w>,
        found: &'d [Times<'a>],
        missing: &[Key<'a>],
    ) -> Self {
        let times_of = found
            .iter()
            .enumerate()
            .flat_map(|(number, times)| std::iter::repeat_n(number, times.completions.len()));
        let mut questions = Self {
            times_of: times_of.collect(),
            diagram,
            found,
            all: Vec::new(),
            without: FxHashMap::default(),
            asks: FxHashMap::default(),
        };
        for fact in 0..questions.diagram.facts.len() {
            questions.all.extend(questions.fact(fact));
        }
        let mut keys: Vec<Key<'a>> = Vec::new();
        for key in found.iter().flat_map(|times| &times.variables) {
            if !keys.contains(key) {
                keys.push(*key);
            }
        }
        for key in keys {
            let question = questions.time(key);
            questions.all.push(question);
        }
        if found.len() > 1 {
            let question = questions.parcel();
            questions.all.push(question);
        }
        questions
            .all
            .retain(|question| missing.contains(&question.key));
        questions
    }

    /// Returns the question about a fact of the diagram.
    fn fact(&self, number: usize) -> Option<Askable<'a>> {
        let fact = self.diagram.facts.get(number)?;
        let values = self.values_of(fact.key);
        let mut choices: Vec<(Option<Values>, usize)> = Vec::new();
        for (values, class) in values.into_iter().zip(&fact.class_of) {
            let words = |(known, of): &&mut (Option<Values>, usize)| {
                of == class && matches!(known, Some(Values::Words { .. }))
            };
            match (choices.iter_mut().find(words), values) {
                (
                    Some((Some(Values::Words { words, others }), _)),
                    Values::Words {
                        words: more,
                        others: any,
                    },
                ) => {
                    words.extend(more);
                    words.sort();
                    *others |= any;
                }
                (_, values) => match (choices.last_mut(), &values) {
                    (Some((Some(Values::Numbers(_, end)), of)), Values::Numbers(_, to))
                        if of == class =>
                    {
                        *end = *to;
                    }
                    (Some((Some(Values::Amounts(_, end)), of)), Values::Amounts(_, to))
                        if of == class =>
                    {
                        *end = *to;
                    }
                    _ => choices.push((Some(values), *class)),
                },
            }
        }
        // That something asked for is absent is no answer.
        if matches!(fact.key, Key::Fact(of, ..) if of.spec().class == Class::Asked) {
            choices.retain(|(values, _)| *values != Some(Values::YesNo(false)));
        }
        Some(Askable {
            key: fact.key,
            kind: QuestionKind::Fact(number),
            choices,
        })
    }

    /// Returns what each value of a fact stands for that the route tells apart.
    fn values_of(&self, key: Key<'a>) -> Vec<Values> {
        match key {
            Key::Fact(fact, word, _) => {
                stands_for(&self.diagram.world, self.diagram.route, fact, word)
            }
            Key::Event(..) | Key::Shipment | Key::Zone(_) | Key::Currency => Vec::new(),
        }
    }

    /// Returns the question about a variable of times.
    fn time(&self, key: Key<'a>) -> Askable<'a> {
        let mut groups = FxHashMap::default();
        let mut of = Vec::new();
        for (number, times) in self.found.iter().enumerate() {
            let index = times.variables.iter().position(|known| *known == key);
            of.extend(times.completions.iter().map(|completion| {
                let index = index?;
                let group = (number, times.without(completion, index));
                let next = groups.len();
                let group = *groups.entry(group).or_insert(next);
                Some((usize::from(*completion.classes.get(index)?), group))
            }));
        }
        let mut variable = TimeVariable {
            of,
            fits: Vec::new(),
        };
        let mut choices = Vec::new();
        for (values, fits) in self.choices(key) {
            let seen = variable
                .of
                .iter()
                .flatten()
                .any(|(class, _)| fits.contains(class));
            if !seen {
                continue;
            }
            let known = variable.fits.iter().position(|known| *known == fits);
            choices.push((values, known.unwrap_or(variable.fits.len())));
            if known.is_none() {
                variable.fits.push(fits);
            }
        }
        Askable {
            key,
            kind: QuestionKind::Time(variable),
            choices,
        }
    }

    /// Returns what can be answered about a variable of times, in order of time, with its
    /// class in each parcel.
    fn choices(&self, key: Key<'a>) -> Vec<(Option<Values>, Vec<usize>)> {
        let everywhere = |class: usize| vec![class; self.found.len()];
        match key {
            Key::Event(event, index) => {
                let of = |times: &Times<'a>| times.variables.iter().position(|of| *of == key);
                let classes = |times: &'d Times<'a>| times.classes.get(of(times)?);
                let all = self.found.iter().filter_map(classes);
                let mut starts: Vec<Instant> = all
                    .flat_map(|classes| classes.starts().iter().copied())
                    .collect();
                starts.sort_unstable();
                starts.dedup();
                let first = self
                    .found
                    .iter()
                    .filter_map(classes)
                    .filter_map(Classes::first);
                let first = first.min();
                let ends = starts.iter().copied().map(Some).chain([None]);
                let begins = std::iter::once(None).chain(starts.iter().copied().map(Some));
                let class_at = |from: Option<Instant>| {
                    let at = from.or(first).map_or(EventTime::NotYet, EventTime::At);
                    let classes = self.found.iter().map(classes);
                    let numbers =
                        classes.map(|classes| classes.map_or(NOT_YET, |c| c.number_at(at)));
                    numbers.map(usize::from).collect()
                };
                let happened = begins.zip(ends);
                let happened = happened
                    .map(|(from, until)| (Some(Values::Times(from, until)), class_at(from)));
                let not_yet = (Some(Values::NotYet), everywhere(usize::from(NOT_YET)));
                // What was sent with the request was sent, whatever was placed.
                let range = allowed(&self.diagram.world, event, index);
                let not_yet = range.is_some_and(|range| range.not_yet).then_some(not_yet);
                happened.chain(not_yet).collect()
            }
            Key::Fact(..) => {
                let values = self.values_of(key).into_iter().map(Some);
                values.zip((0..).map(everywhere)).collect()
            }
            // One of the first zones, and one of the last.
            Key::Zone(_) | Key::Shipment | Key::Currency => {
                vec![(None, everywhere(0)), (None, everywhere(1))]
            }
        }
    }

    /// Returns the question in which parcel units came.
    fn parcel(&self) -> Askable<'a> {
        let mut groups = FxHashMap::default();
        let mut of = Vec::new();
        let shipments = &self.diagram.world.facts.order().shipments;
        for (number, times) in self.found.iter().enumerate() {
            of.extend(times.completions.iter().map(|completion| {
                times.parcel?;
                let variables = times.variables.iter().zip(&completion.classes);
                let shared = variables.filter(|(key, _)| matches!(key, Key::Event(_, ORDER_LEVEL)));
                let shared: Vec<(Key<'a>, u16)> =
                    shared.map(|(key, class)| (*key, *class)).collect();
                let next = groups.len();
                Some((number, *groups.entry(shared).or_insert(next)))
            }));
        }
        let choices = self.found.iter().enumerate().filter_map(|(number, times)| {
            let shipment = shipments.get(times.parcel?)?;
            let values = Values::Words {
                words: vec![shipment.id.as_str().to_owned()],
                others: false,
            };
            Some((Some(values), number))
        });
        let all = 0..self.found.len();
        let variable = TimeVariable {
            of,
            fits: all.map(|number| vec![number; self.found.len()]).collect(),
        };
        Askable {
            key: Key::Shipment,
            choices: choices.collect(),
            kind: QuestionKind::Time(variable),
        }
    }

    /// Returns the state of which nothing more is known.
    pub(super) fn start(&self) -> Completions {
        let completions = self.found.iter().flat_map(|times| {
            let roots = |effect: usize| times.roots.get(effect).copied();
            let completions = times.completions.iter();
            completions.map(move |completion| roots(completion.effect).unwrap_or_default())
        });
        completions.enumerate().collect()
    }

    /// Returns the questions that are open in a state: those whose answer can change the
    /// row's.
    pub(super) fn open(&mut self, state: &Completions) -> Vec<usize> {
        let steps = state.len().div_ceil(WAYS_A_STEP);
        self.diagram.world.scratch.work.spend(steps.max(1));
        let asked = state
            .iter()
            .fold(0, |set, (_, node)| set | self.asks(*node));
        let mut open = Vec::new();
        for (number, question) in self.all.iter().enumerate() {
            let is_open = match &question.kind {
                QuestionKind::Fact(fact) => asked & bit(*fact) != 0,
                QuestionKind::Time(variable) => {
                    let mut first = FxHashMap::default();
                    state.iter().any(|(way, node)| {
                        let class = variable.of.get(*way).copied().flatten();
                        class.is_some_and(|(_, group)| *first.entry(group).or_insert(node) != node)
                    })
                }
            };
            if is_open {
                open.push(number);
            }
        }
        open
    }

    /// Returns the facts that a node asks for, a bit each.
    fn asks(&mut self, node: usize) -> Bits {
        if let Some(known) = self.asks.get(&node) {
            return *known;
        }
        let asks = match self.diagram.nodes.get(node).cloned() {
            Some(Node::Fact(fact, children)) => {
                let children = children.iter();
                children.fold(bit(fact), |facts, child| facts | self.asks(*child))
            }
            Some(Node::Denied | Node::Reviewed | Node::Approved(_) | Node::Stuck(_)) | None => 0,
        };
        self.asks.insert(node, asks);
        asks
    }

    /// Returns a state once a question, given by its number, is answered with a class of values.
    pub(super) fn answer(
        &mut self,
        state: &Completions,
        number: usize,
        class: usize,
    ) -> Completions {
        match self.all.get(number).map(|question| &question.kind) {
            Some(QuestionKind::Time(variable)) => {
                let Some(chosen) = variable.fits.get(class) else {
                    return state.clone();
                };
                let fits = |way: usize| {
                    let of_way = variable.of.get(way).copied().flatten();
                    let chosen = self.times_of.get(way).and_then(|times| chosen.get(*times));
                    of_way.is_none_or(|(of_way, _)| chosen == Some(&of_way))
                };
                state
                    .iter()
                    .filter(|(way, _)| fits(*way))
                    .copied()
                    .collect()
            }
            Some(QuestionKind::Fact(fact)) => {
                let fact = *fact;
                let nodes = state.iter();
                nodes
                    .map(|(way, node)| (*way, self.without(*node, fact, class)))
                    .collect()
            }
            None => state.clone(),
        }
    }

    /// Returns a node once a fact is known to be of a class.
    fn without(&mut self, node: usize, fact: usize, class: usize) -> usize {
        let Some(Node::Fact(first, children)) = self.diagram.nodes.get(node).cloned() else {
            return node;
        };
        if first == fact {
            return children.get(class).copied().unwrap_or(node);
        }
        // Facts are asked for in order.
        if first > fact {
            return node;
        }
        if let Some(known) = self.without.get(&(node, fact, class)) {
            return *known;
        }
        let children = children.iter();
        let children: Vec<usize> = children
            .map(|child| self.without(*child, fact, class))
            .collect();
        let without = match children.split_first() {
            Some((only, others)) if others.iter().all(|other| other == only) => *only,
            _ => self.diagram.number(Node::Fact(first, children)),
        };
        self.without.insert((node, fact, class), without);
        without
    }

    /// Returns what a state comes to in which no question is open.
    pub(super) fn settled(&self, state: &Completions) -> Consequence {
        let mut comes_to = state.iter().map(|(_, node)| self.consequence(*node));
        let first = comes_to.next();
        let agreed = first.filter(|first| comes_to.all(|other| other == *first));
        // What nobody can tell is left to a person.
        let open = match self.diagram.world.facts.has_unavailable() {
            false => Consequence::OPEN,
            true => Consequence::of(Outcome::NeedsReview),
        };
        agreed
            .filter(|agreed| *agreed != Consequence::OPEN)
            .unwrap_or(open)
    }

    /// Returns what a node comes to.
    fn consequence(&self, node: usize) -> Consequence {
        let approval = match self.diagram.nodes.get(node) {
            Some(Node::Denied) => return Consequence::of(Outcome::Denied),
            Some(Node::Reviewed) => return Consequence::of(Outcome::NeedsReview),
            Some(Node::Approved(approval)) => self.diagram.approvals.get(*approval),
            Some(Node::Fact(..) | Node::Stuck(_)) | None => None,
        };
        let Some(drafted) = approval.filter(|a| a.draft.decision.missing.is_empty()) else {
            return Consequence::OPEN;
        };
        let prospect = Prospect::of(drafted.draft.terms.as_deref());
        let entitlement = drafted.draft.decision.entitlement.as_ref();
        Consequence {
            outcome: Outcome::Approved,
            remedy: entitlement.map(|entitlement| entitlement.remedy),
            amount: drafted.money.worth,
            pays: prospect.pays || prospect.credit,
        }
    }
}
