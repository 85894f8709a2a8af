//! What answers come to where nobody can tell some of the facts between them: the one that
//! they agree on, or a review.
//!
//! What can be asked for is missing if it changes that, and not if it only changes the
//! options for the reviewer.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::diagram::{Diagram, Node};
use super::times::{Completion, TimeEffect, Times};
use crate::domain::time::EventTime;
use crate::engine::read::askable::available;
use crate::engine::read::world::{Assumed, Key, World};

/// What completions that agree in all that can be asked for have in common: the values of
/// what leads, and the times.
type Common = (Vec<u16>, Vec<EventTime>);

/// Folds nodes into one.
#[derive(Default)]
pub(super) struct Folding {
    known: FxHashMap<BTreeSet<usize>, usize>,
    /// The nodes that are left.
    pub nodes: BTreeSet<usize>,
}

impl Folding {
    /// Returns the node that several nodes come to, of which nobody can tell which it is.
    pub(super) fn fold(&mut self, diagram: &mut Diagram<'_, '_>, nodes: BTreeSet<usize>) -> usize {
        if let Some(node) = self.known.get(&nodes) {
            return *node;
        }
        diagram.world.scratch.work.spend(1);
        let of = |diagram: &Diagram<'_, '_>, node: &usize| diagram.nodes.get(*node).cloned();
        let first = nodes.iter().filter_map(|node| match of(diagram, node) {
            Some(Node::Fact(fact, _)) => Some(fact),
            _ => None,
        });
        let folded = match first.min() {
            None => self.leaf(diagram, &nodes),
            Some(fact) => {
                let classes = diagram.facts.get(fact);
                let classes = classes.map_or(0, |fact| fact.classes.len());
                let under = (0..classes).map(|class| {
                    let nodes = nodes.iter().map(|node| match of(diagram, node) {
                        Some(Node::Fact(first, children)) if first == fact => {
                            children.get(class).copied().unwrap_or(*node)
                        }
                        _ => *node,
                    });
                    nodes.collect::<BTreeSet<usize>>()
                });
                let under: Vec<BTreeSet<usize>> = under.collect();
                let key = diagram.facts.get(fact).map(|fact| fact.key);
                if key.is_some_and(|key| diagram.world.is_out_of_reach(key)) {
                    self.fold(diagram, under.into_iter().flatten().collect())
                } else {
                    let children = under.into_iter().map(|nodes| self.fold(diagram, nodes));
                    let children: Vec<usize> = children.collect();
                    match children.split_first() {
                        Some((first, others)) if others.iter().all(|other| other == first) => {
                            *first
                        }
                        _ => diagram.number(Node::Fact(fact, children)),
                    }
                }
            }
        };
        self.nodes.insert(folded);
        self.known.insert(nodes, folded);
        folded
    }

    /// Folds answers. What waits for something that can be asked for goes on waiting.
    fn leaf(&self, diagram: &mut Diagram<'_, '_>, nodes: &BTreeSet<usize>) -> usize {
        let mut waiting = nodes.iter().filter(|node| {
            let Some(Node::Stuck(index)) = diagram.nodes.get(**node) else {
                return false;
            };
            let key = diagram.stuck.get(*index);
            key.is_some_and(|key| !diagram.world.is_out_of_reach(*key))
        });
        if let Some(waiting) = waiting.next() {
            return *waiting;
        }
        let only = nodes.first().filter(|_| nodes.len() == 1);
        let settles = |node: &&usize| match diagram.nodes.get(**node) {
            Some(Node::Approved(approval)) => {
                let approval = diagram.approvals.get(*approval);
                approval.is_none_or(|approval| {
                    let missing = approval.draft.decision.missing.clone();
                    missing.is_empty() || !available(diagram.world.facts, missing).0.is_empty()
                })
            }
            Some(Node::Stuck(_)) => false,
            Some(Node::Denied | Node::Reviewed | Node::Fact(..)) | None => true,
        };
        match only.filter(settles) {
            Some(only) => *only,
            None => diagram.number(Node::Reviewed),
        }
    }

    /// Folds completions that differ in nothing but what nobody can tell.
    pub(super) fn times<'a>(
        &mut self,
        diagram: &mut Diagram<'a, '_>,
        times: &Times<'a>,
    ) -> Times<'a> {
        let is_hidden = |index: usize| times.out_of_reach & (1 << index) != 0;
        let hidden_keys = times.variables.iter().enumerate();
        let hidden_keys = hidden_keys.filter(|(index, _)| is_hidden(*index));
        let hidden: Vec<Key<'a>> = hidden_keys
            .flat_map(|(index, key)| times.together(index, *key))
            .collect();
        let mut numbers: FxHashMap<Common, usize> = FxHashMap::default();
        let mut groups: Vec<BTreeSet<usize>> = Vec::new();
        let mut folded = Times {
            variables: times.variables.clone(),
            alike: times.alike.clone(),
            out_of_reach: times.out_of_reach,
            cut: times.cut,
            classes: times.classes.clone(),
            parcel: times.parcel,
            ..Times::default()
        };
        // What depends on nothing that nobody can tell stays as it is.
        let items = times
            .items
            .iter()
            .map(|(_, on)| on & times.out_of_reach == 0);
        let stays: Vec<bool> = items.collect();
        let kept = times.items.iter().zip(&stays).filter(|(_, stays)| **stays);
        folded.items = kept.map(|(item, _)| *item).collect();
        for completion in &times.completions {
            let assumed = completion.assumed.iter();
            let assumed = assumed.filter(|(key, _)| !hidden.contains(key));
            let assumed: Vec<_> = assumed.cloned().collect();
            let events = assumed.iter().filter_map(|(_, assumed)| match assumed {
                Assumed::Event(time) => Some(*time),
                _ => None,
            });
            let classes = completion.classes.iter().enumerate();
            let classes = classes.map(|(index, class)| if is_hidden(index) { 0 } else { *class });
            let classes: Vec<u16> = classes.collect();
            let next = groups.len();
            let number = *numbers
                .entry((classes.clone(), events.collect()))
                .or_insert(next);
            let root = times.roots.get(completion.effect).copied();
            if number == next {
                groups.push(BTreeSet::new());
                let values = completion.values.iter().zip(&stays);
                let values = values.filter(|(_, stays)| **stays);
                folded.completions.push(Completion {
                    assumed: assumed.clone(),
                    classes,
                    values: values.map(|(value, _)| *value).collect(),
                    effect: number,
                });
                folded.effects.push(TimeEffect {
                    assumed,
                    values: Vec::new(),
                });
            }
            if let Some(group) = groups.get_mut(number) {
                group.extend(root);
            }
        }
        let roots = groups.into_iter().map(|nodes| self.fold(diagram, nodes));
        folded.roots = roots.collect();
        folded
    }

    /// Returns what is missing of folded completions.
    pub(super) fn missing<'a>(
        &mut self,
        world: &World<'a, '_>,
        diagram: &mut Diagram<'a, '_>,
        folded: &Times<'a>,
    ) -> Vec<Key<'a>> {
        let mut missing = folded.missing(world, &folded.roots, |assumed| {
            let times = Times::find_given(world, diagram.route, assumed.clone(), &[]);
            let roots = diagram.roots(&times);
            self.fold(diagram, roots.into_iter().collect())
        });
        missing.retain(|key| !world.is_out_of_reach(*key));
        missing
    }
}
