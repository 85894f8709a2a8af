//! The completions of what is unknown of places and times, and which of it can change an
//! answer.

use rustc_hash::FxHashMap;

use super::classes::{Assumptions, Classes};
use super::finding::Finding;
use super::items::{EventReader, tests, value};
use super::variables::{Alike, BoundingEvent};
use crate::domain::time::EventTime;
use crate::domain::vocabulary::Event;
use crate::engine::read::guard::{TestResults, bit};
use crate::engine::read::instants::{InstantRange, allowed};
use crate::engine::read::world::{Assumed, Key, ORDER_LEVEL, World};
use crate::policy::plan::RoutePlan;

/// Returns the parcels that the units of a row may be in; `None`: it is known.
pub(super) fn parcels(world: &World<'_, '_>) -> Vec<Option<usize>> {
    match world.row.shipment {
        Some(_) => vec![None],
        None => {
            let all = world.facts.parcels_of(&world.row).into_iter();
            all.map(Some).collect()
        }
    }
}

/// A completion: what is assumed, the class of each variable, what items come to, and its
/// effect.
pub(super) struct Completion<'a> {
    pub assumed: Assumptions<'a>,
    pub classes: Vec<u16>,
    pub values: Vec<u8>,
    pub effect: usize,
}

impl<'a> Completion<'a> {
    /// Whether what it assumes of an event is in a range.
    fn is_within(&self, key: Key<'a>, range: &InstantRange) -> bool {
        let mut assumed = self.assumed.iter();
        let time = assumed.find_map(|(of, assumed)| match assumed {
            Assumed::Event(time) if *of == key => Some(*time),
            _ => None,
        });
        match time {
            Some(EventTime::At(at)) => (range.first..=range.last).contains(&at),
            Some(EventTime::NotYet) => range.not_yet,
            Some(EventTime::On(_) | EventTime::Happened | EventTime::Unknown) | None => true,
        }
    }
}

/// What completions have in common that come to the same for everything that reads times.
pub(super) struct TimeEffect<'a> {
    /// What one of them assumes.
    pub assumed: Assumptions<'a>,
    /// What the items come to.
    pub values: Vec<u8>,
}

impl<'a> TimeEffect<'a> {
    /// Returns what the tests of a route come to, those that read times as the effect says;
    /// `before` are those of a world that assumes no event.
    pub(super) fn results(
        &self,
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        before: TestResults,
    ) -> TestResults {
        let mut results = before;
        for ((index, test), value) in tests(route).zip(&self.values) {
            results.forget(bit(index));
            results.set(
                bit(index),
                match value {
                    0 => Ok(false),
                    1 => Ok(true),
                    _ => world.test(test),
                },
            );
        }
        results
    }
}

/// The completions of a row in one parcel.
#[derive(Default)]
pub(super) struct Times<'a> {
    /// What is unknown.
    pub variables: Vec<Key<'a>>,
    /// For each variable the parcels of which the same is known.
    pub alike: Vec<Alike>,
    /// The variables that nobody can tell, a bit each.
    pub out_of_reach: u64,
    /// The effects.
    pub effects: Vec<TimeEffect<'a>>,
    /// Whether not all were looked at.
    pub cut: bool,
    /// The items, with the variables on which each depends, a bit each.
    pub items: Vec<(EventReader<'a>, u64)>,
    /// For what the items come to the effect.
    pub numbers: FxHashMap<Vec<u8>, usize>,
    /// The completions.
    pub completions: Vec<Completion<'a>>,
    /// For each event the classes of its instants; none for leading variables.
    pub classes: Vec<Classes>,
    /// The parcel that is assumed.
    pub parcel: Option<usize>,
    /// For each effect the node to which it leads.
    pub roots: Vec<usize>,
}

impl<'a> Times<'a> {
    /// Finds the completions of a row whose units are in a parcel.
    pub(super) fn find(world: &World<'a, '_>, route: &'a RoutePlan, parcel: Option<usize>) -> Self {
        Self::find_with(world, route, parcel, &[])
    }

    /// Finds them with events that bound others and that nothing reads.
    pub(super) fn find_with(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        parcel: Option<usize>,
        bounds: &[BoundingEvent],
    ) -> Self {
        let parcel_of = |index| (Key::Shipment, Assumed::Shipment(index));
        let given: Assumptions<'a> = parcel.map(parcel_of).into_iter().collect();
        Self {
            parcel,
            ..Self::find_given(world, route, given, bounds)
        }
    }

    /// Finds the completions of what is unknown beside what is given; `bounds` are events that
    /// bound others and that nothing reads.
    pub(super) fn find_given(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        given: Assumptions<'a>,
        bounds: &[BoundingEvent],
    ) -> Self {
        let world = World {
            assumed: &given,
            ..*world
        };
        Finding::find(&world, route, given.clone(), bounds)
    }

    /// Returns the one completion of a row on which no time that is unknown has a bearing.
    pub(super) fn none(parcel: Option<usize>) -> Self {
        let assumed = parcel.map(|index| (Key::Shipment, Assumed::Shipment(index)));
        let effect = TimeEffect {
            assumed: assumed.into_iter().collect(),
            values: Vec::new(),
        };
        Self {
            effects: vec![effect],
            parcel,
            ..Self::default()
        }
    }

    /// Remembers the nodes to which effects lead.
    pub(super) fn with_roots(self, roots: Vec<usize>) -> Self {
        Self { roots, ..self }
    }

    /// Returns the variables of which two times lead to different nodes while all others
    /// stay as they are. `roots` are the nodes of the effects, and `root_of` finds that of
    /// a completion.
    pub(super) fn missing(
        &self,
        world: &World<'a, '_>,
        roots: &[usize],
        root_of: impl FnMut(&Assumptions<'a>) -> usize,
    ) -> Vec<Key<'a>> {
        let keys = self.variables.iter().copied().enumerate();
        if self.cut {
            return keys
                .flat_map(|(index, key)| self.with_alike(index, key))
                .collect();
        }
        let mut changing = Changing {
            world,
            times: self,
            roots,
            root_of,
        };
        let mut missing = Vec::new();
        for (index, key) in keys {
            if !changing.matters(index, key, None) {
                continue;
            }
            missing.extend(self.with_alike(index, key));
            for (event, parcel, range) in self.bounds(index) {
                if changing.matters(index, key, Some(range)) {
                    missing.push(Key::Event(*event, *parcel));
                }
            }
        }
        missing
    }

    /// Returns what is assumed of a variable with it: the same event of parcels that it stands
    /// for.
    pub(super) fn together(&self, index: usize, key: Key<'a>) -> Vec<Key<'a>> {
        let Key::Event(event, _) = key else {
            return vec![key];
        };
        let alike = self.alike.get(index);
        let others = alike.map_or(&[][..], |alike| alike.together.as_slice());
        let others = others.iter().map(|parcel| Key::Event(event, *parcel));
        std::iter::once(key).chain(others).collect()
    }

    /// Returns what all completions assume: the parcel.
    pub(super) fn given(&self) -> Option<(Key<'a>, Assumed<'a>)> {
        let parcel = self.parcel?;
        Some((Key::Shipment, Assumed::Shipment(parcel)))
    }

    /// Returns the events that bound the same as a variable.
    fn bounds(&self, index: usize) -> &[(Event, usize, InstantRange)] {
        let alike = self.alike.get(index);
        alike.map_or(&[], |alike| &alike.bounds)
    }

    /// Returns an event with the same event of all parcels of which the same is known: what
    /// matters of one matters of each.
    fn with_alike(&self, index: usize, key: Key<'a>) -> Vec<Key<'a>> {
        let alike = self.alike.get(index);
        match (key, alike.map_or(&[][..], |alike| alike.parcels.as_slice())) {
            (Key::Event(event, _), [_, ..]) => {
                let parcels = alike.into_iter().flat_map(|alike| &alike.parcels);
                parcels.map(|parcel| Key::Event(event, *parcel)).collect()
            }
            _ => vec![key],
        }
    }

    /// Returns what a completion says without one of its variables.
    pub(super) fn without(&self, completion: &Completion<'a>, index: usize) -> (Vec<u16>, Vec<u8>) {
        let mut classes = completion.classes.clone();
        if let Some(class) = classes.get_mut(index) {
            *class = 0;
        }
        let values = completion.values.iter().zip(&self.items);
        let others = values.map(|(value, (_, on))| match on & (1 << index) {
            0 => *value,
            _ => 0,
        });
        (classes, others.collect())
    }
}

/// Changes one variable of a completion at a time.
struct Changing<'c, 'a, 'w, F> {
    world: &'c World<'a, 'w>,
    times: &'c Times<'a>,
    roots: &'c [usize],
    root_of: F,
}

impl<'a, F: FnMut(&Assumptions<'a>) -> usize> Changing<'_, 'a, '_, F> {
    fn root(&self, completion: &Completion<'a>) -> usize {
        let root = self.roots.get(completion.effect);
        root.copied().unwrap_or_default()
    }

    /// Whether a variable by itself can lead to another node, at times in a range where one
    /// is given. Completions that agree on the classes of all others may still differ in
    /// their times, so that it is tried.
    fn matters(&mut self, index: usize, key: Key<'a>, within: Option<&InstantRange>) -> bool {
        let mut alike: FxHashMap<(Vec<u16>, Vec<u8>), Vec<usize>> = FxHashMap::default();
        for (number, completion) in self.times.completions.iter().enumerate() {
            if within.is_some_and(|range| !completion.is_within(key, range)) {
                continue;
            }
            let others = self.times.without(completion, index);
            alike.entry(others).or_default().push(number);
        }
        alike.values().any(|numbers| {
            let mut pairs = numbers.iter().enumerate().flat_map(|(at, one)| {
                let others = numbers.iter().skip(at.saturating_add(1));
                others.map(|other| (*one, *other))
            });
            pairs.any(|(one, other)| self.differ(one, other, index, key))
        })
    }

    /// Whether two completions lead to different nodes because of the variable at an index.
    fn differ(&mut self, one: usize, other: usize, index: usize, key: Key<'a>) -> bool {
        let completions = &self.times.completions;
        let (Some(one), Some(other)) = (completions.get(one), completions.get(other)) else {
            return false;
        };
        if self.root(one) == self.root(other) {
            return false;
        }
        self.changes(one, other, index, key) || self.changes(other, one, index, key)
    }

    /// Whether a completion leads elsewhere with the time that another one has for a
    /// variable.
    fn changes(
        &mut self,
        completion: &Completion<'a>,
        other: &Completion<'a>,
        index: usize,
        key: Key<'a>,
    ) -> bool {
        let mut changed = completion.assumed.clone();
        let value = other.assumed.iter().find(|(of, _)| *of == key);
        for assumption in changed.iter_mut().filter(|(of, _)| *of == key) {
            if let Some(value) = value {
                *assumption = value.clone();
            }
        }
        if changed == other.assumed {
            return true;
        }
        let root = self.root(completion);
        let known = self.known_root(&changed, completion, index);
        // Whether it is possible takes longer.
        known != Some(root)
            && self.is_possible(&changed)
            && known.unwrap_or_else(|| (self.root_of)(&changed)) != root
    }

    /// Returns the node to which what is assumed leads: what the completion `of` assumes, but for
    /// the variable at an index; `None`: no completion has this effect.
    fn known_root(
        &self,
        assumed: &Assumptions<'a>,
        of: &Completion<'a>,
        index: usize,
    ) -> Option<usize> {
        let world = World {
            assumed,
            ..*self.world
        };
        let items = self.times.items.iter().zip(&of.values);
        let values = items.map(|((item, on), known)| match on & (1 << index) {
            0 => *known,
            _ => value(&world, item),
        });
        let values: Vec<u8> = values.collect();
        let effect = self.times.numbers.get(&values)?;
        self.roots.get(*effect).copied()
    }

    /// Whether the order of events allows what is assumed.
    fn is_possible(&self, assumed: &Assumptions<'a>) -> bool {
        assumed.iter().all(|(key, value)| {
            let (Key::Event(event, index), Assumed::Event(time)) = (key, value) else {
                return true;
            };
            let others = assumed.iter().filter(|(of, _)| of != key);
            let others: Assumptions<'a> = others.cloned().collect();
            let world = World {
                assumed: &others,
                ..*self.world
            };
            match (
                world.event_at(*event, *index).0,
                allowed(&world, *event, *index),
                time,
            ) {
                (known @ (EventTime::At(_) | EventTime::NotYet), _, _) => known == *time,
                (_, None, time) => *time == EventTime::NotYet,
                (_, Some(range), EventTime::At(at)) => (range.first..=range.last).contains(at),
                (_, Some(range), _) => range.not_yet,
            }
        })
    }
}

/// Says whether it matters which parcel units are in: whether two parcels lead to
/// different nodes while what the order has in common stays as it is.
pub(super) fn missing_parcel<'a>(found: &[Times<'a>]) -> Option<Key<'a>> {
    let mut first: FxHashMap<Vec<(Key<'a>, u16)>, usize> = FxHashMap::default();
    let mut differ = false;
    for times in found.iter().filter(|times| times.parcel.is_some()) {
        for completion in &times.completions {
            let classes = times.variables.iter().zip(&completion.classes);
            let of_order = classes.filter(|(key, _)| matches!(key, Key::Event(_, ORDER_LEVEL)));
            let shared = of_order.map(|(key, class)| (*key, *class)).collect();
            let root = times
                .roots
                .get(completion.effect)
                .copied()
                .unwrap_or_default();
            differ |= *first.entry(shared).or_insert(root) != root;
        }
    }
    let unsure = differ || found.iter().any(|times| times.cut);
    (unsure && found.len() > 1).then_some(Key::Shipment)
}
