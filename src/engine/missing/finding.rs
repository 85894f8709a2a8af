//! Finds the completions of times: events are assumed one after the other, those first
//! that come first.
//!
//! Of the instants of a class the earliest stands for all, since it leaves the most room
//! to what comes later; of an event that is compared with a later one, the latest too.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::classes::{Assumptions, Classes, Course, Sweep, Swept, day_starts, instants_of};
use super::facts::values;
use super::items::{events_of, items};
use super::probes::{Evaluable, Probes, Variables};
use super::times::{Completion, TimeEffect, Times};
use super::variables::{Alike, BoundingEvent, Unknowns, variables};
use super::{reach, reads};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::vocabulary::Event;
use crate::engine::read::instants::{InstantRange, allowed};
use crate::engine::read::world::{Assumed, Key, World};
use crate::policy::plan::{RoutePlan, indexes};
use crate::policy::terms::Events;

/// Walks through completions.
pub(super) struct Finding<'a, 'w> {
    world: World<'a, 'w>,
    route: &'a RoutePlan,
    variables: Vec<Key<'a>>,
    alike: Vec<Alike>,
    leading: usize,
    /// The variables that nobody can tell, a bit each.
    out_of_reach: u64,
    probes: Rc<Probes<'a>>,
    /// The events from whose day a day is found on which the clock ends a window, and those
    /// of them from which it is the next of a weekday, a bit each.
    by_clock: (Events, Events),
    /// For each event the earlier ones that something compares with it, a bit each.
    earlier: Vec<u64>,
    /// For each event its classes; none for leading variables.
    classes: Vec<Classes>,
    /// What comparisons of an event with earlier ones come to, by what is assumed of these.
    comparisons: FxHashMap<SweepKey, Sweep>,
    /// Which of the ways to assume the leading variables is walked through.
    way: usize,
    assumed: Assumptions<'a>,
    taken: Vec<u16>,
    values: Vec<u8>,
    effects: Vec<TimeEffect<'a>>,
    numbers: FxHashMap<Vec<u8>, usize>,
    completions: Vec<Completion<'a>>,
    cut: bool,
}

/// A variable, the way to assume the leading ones, and the times of earlier ones.
type SweepKey = (usize, usize, Vec<EventTime>);

/// What probes come to as an event moves over the time line.
#[derive(Default)]
struct Sweeping {
    known: Vec<SweptOnce>,
    steps: usize,
}

/// What one probe comes to, with the values of the leading variables that it reads.
struct SweptOnce {
    probe: usize,
    read: Vec<u16>,
    course: Course,
}

impl Sweeping {
    fn course(&self, probe: usize, read: &[u16]) -> Option<&Course> {
        let mut known = self.known.iter();
        let swept = known.find(|swept| swept.probe == probe && swept.read == read);
        swept.map(|swept| &swept.course)
    }
}

/// A way to assume the leading variables.
#[derive(Clone, Default)]
struct Way<'a> {
    /// For each variable the index of its value.
    taken: Vec<u16>,
    assumed: Assumptions<'a>,
}

/// A time of an event, with its class.
struct Choice {
    class: u16,
    time: EventTime,
}

impl<'a, 'w> Finding<'a, 'w> {
    /// Finds the completions of a row on a route; `given` is assumed in all of them, and
    /// `bounds` are looked at with what is read.
    pub(super) fn find(
        world: &World<'a, 'w>,
        route: &'a RoutePlan,
        given: Assumptions<'a>,
        bounds: &[BoundingEvent],
    ) -> Times<'a> {
        let items = items(world, route);
        let read = items.iter().fold(0, |set, item| set | events_of(item));
        let every_parcel = route.tests.iter().any(reads::looks_at_every_parcel);
        let Unknowns { keys, alike } = variables(world, route, read, every_parcel, bounds);
        let out_of_reach = keys.iter().enumerate().fold(0, |set, (index, key)| {
            match world.is_out_of_reach(*key) {
                true => set | 1 << index,
                false => set,
            }
        });
        let is_event = |key: &&Key<'a>| matches!(key, Key::Event(..));
        let leading = keys.iter().filter(|key| !is_event(key)).count();
        let named = Variables {
            keys: &keys,
            leading,
        };
        let probes = Probes::new(world, items, &named);
        let earlier = (0..keys.len()).map(|index| probes.earlier(index, &named));
        let mut finding = Self {
            world: *world,
            route,
            leading,
            out_of_reach,
            by_clock: (
                reads::by_clock(world.plan, route, |_| true),
                reads::by_clock(world.plan, route, |day| day.next.is_some()),
            ),
            earlier: earlier.collect(),
            classes: Vec::new(),
            comparisons: FxHashMap::default(),
            way: 0,
            assumed: given,
            taken: Vec::with_capacity(keys.len()),
            values: vec![0; probes.all.len()],
            effects: Vec::new(),
            numbers: FxHashMap::default(),
            completions: Vec::new(),
            cut: false,
            variables: keys,
            alike,
            probes: Rc::new(probes),
        };
        let ways = finding.ways();
        finding.classify(&ways);
        for (index, way) in ways.into_iter().enumerate() {
            let given = finding.assumed.len();
            finding.way = index;
            finding.taken = way.taken;
            finding.assumed.extend(way.assumed);
            let probes = Rc::clone(&finding.probes);
            finding.evaluate(&probes.constant);
            finding.walk();
            finding.assumed.truncate(given);
        }
        let items = finding
            .probes
            .all
            .iter()
            .filter_map(|probe| match probe.reading {
                Evaluable::Item(item) => Some((item, probe.on)),
                Evaluable::Part(_) => None,
            });
        Times {
            items: items.collect(),
            numbers: finding.numbers,
            variables: finding.variables,
            alike: finding.alike,
            out_of_reach: finding.out_of_reach,
            effects: finding.effects,
            cut: finding.cut,
            completions: finding.completions,
            classes: finding.classes,
            ..Times::default()
        }
    }

    /// Returns every way to assume the leading variables.
    fn ways(&self) -> Vec<Way<'a>> {
        let mut ways = vec![Way::default()];
        for key in self.variables.iter().take(self.leading) {
            let all = match key {
                Key::Zone(_) => vec![
                    Assumed::Zone(Zone::earliest()),
                    Assumed::Zone(Zone::latest()),
                ],
                _ => values(&self.world, self.route, *key),
            };
            let with = |way: Way<'a>| {
                let each = (0_u16..).zip(all.clone());
                each.map(move |(index, value)| {
                    let mut way = way.clone();
                    way.taken.push(index);
                    way.assumed.push((*key, value));
                    way
                })
            };
            ways = ways.into_iter().flat_map(with).collect();
        }
        ways
    }

    /// Sweeps each event by itself, those first that nobody can tell: what bounds one is told
    /// apart where that leaves other classes of it.
    fn classify(&mut self, ways: &[Way<'a>]) {
        self.classes
            .resize_with(self.variables.len(), Classes::default);
        for index in (0..self.variables.len()).rev() {
            let classes = self.classes_of(index, ways).unwrap_or_default();
            if let Some(known) = self.classes.get_mut(index) {
                *known = classes;
            }
        }
    }

    /// Returns the classes of an event; `None`: it is none, or cannot have happened.
    fn classes_of(&mut self, index: usize, ways: &[Way<'a>]) -> Option<Classes> {
        let key = self.variables.get(index).copied()?;
        let world = World {
            assumed: &self.assumed,
            ..self.world
        };
        let Key::Event(event, parcel) = key else {
            return None;
        };
        let range = allowed(&world, event, parcel)?;
        let probes = Rc::clone(&self.probes);
        let probes = probes.alone.get(index)?;
        let mut sweeping = Sweeping::default();
        for way in ways {
            for probe in probes {
                self.sweep(&mut sweeping, *probe, &[], key, range, way);
            }
        }
        // What comes again and again is tried near what else changes.
        let changes = sweeping
            .known
            .iter()
            .flat_map(|swept| swept.course.changes());
        let mut others: Vec<Instant> = changes.collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() && sweeping.known.iter().any(|swept| swept.course.recurs) {
            sweeping.known.retain(|swept| !swept.course.recurs);
            for way in ways {
                for probe in probes {
                    self.sweep(&mut sweeping, *probe, &others, key, range, way);
                }
            }
        }
        let sweeps = ways.iter().map(|way| {
            let courses = probes.iter().filter_map(|probe| {
                let read = self.read_by(*probe, &way.taken);
                sweeping.course(*probe, &read).cloned()
            });
            let courses: Vec<Course> = courses.collect();
            Sweep::new(&courses, range.first)
        });
        let bounding = match self.out_of_reach & (1 << index) {
            0 => self.bounding(index, event, &range),
            _ => Vec::new(),
        };
        let classes = Classes::new(sweeps.collect(), range.first, &bounding);
        self.spend(sweeping.steps);
        Some(classes)
    }

    /// Returns the instants from which on an event bounds otherwise those whose time nobody
    /// can tell.
    fn bounding(&self, index: usize, event: Event, range: &InstantRange) -> Vec<Instant> {
        let world = World {
            assumed: &self.assumed,
            ..self.world
        };
        let mut bounding = Vec::new();
        for hidden in indexes(self.out_of_reach) {
            let (Some(key), Some(classes)) = (self.variables.get(hidden), self.classes.get(hidden))
            else {
                continue;
            };
            let both = 1 << index | 1 << hidden;
            let probes = self.probes.all.iter();
            let tied = probes.filter(|probe| probe.on & both == both);
            let tied = tied.map(|probe| &probe.reading);
            reach::bounding(&world, *key, classes, event, range, tied, &mut bounding);
        }
        bounding.retain(|at| (range.first..=range.last).contains(at));
        bounding
    }

    /// Sweeps an event for a probe, once for all ways to assume the leading variables that
    /// it does not tell apart.
    fn sweep(
        &self,
        sweeping: &mut Sweeping,
        probe: usize,
        others: &[Instant],
        key: Key<'a>,
        range: InstantRange,
        way: &Way<'a>,
    ) {
        let read = self.read_by(probe, &way.taken);
        if sweeping.course(probe, &read).is_some() {
            return;
        }
        let assumed = [self.assumed.as_slice(), &way.assumed].concat();
        let world = World {
            assumed: &assumed,
            ..self.world
        };
        if let Some(course) = self.course(&world, probe, others, key, range) {
            sweeping.steps = sweeping.steps.saturating_add(course.steps);
            sweeping.known.push(SweptOnce {
                probe,
                read,
                course,
            });
        }
    }

    /// Returns the values of the leading variables that a probe reads.
    fn read_by(&self, probe: usize, taken: &[u16]) -> Vec<u16> {
        let on = self.probes.all.get(probe).map_or(0, |probe| probe.on);
        let read = taken.iter().enumerate();
        let read = read.filter(|(index, _)| on & (1 << *index) != 0);
        read.map(|(_, value)| *value).collect()
    }

    /// Evaluates a probe for each class of instants of an event.
    fn course(
        &self,
        world: &World<'a, '_>,
        probe: usize,
        others: &[Instant],
        key: Key<'a>,
        range: InstantRange,
    ) -> Option<Course> {
        let Key::Event(event, _) = key else {
            return None;
        };
        let alike = |other: &&Key<'a>| match event {
            Event::Deliver => matches!(other, Key::Event(Event::Deliver, _)),
            _ => **other == key,
        };
        let variables = self.variables.iter().enumerate();
        let keys = variables
            .filter(|(_, key)| alike(key))
            .flat_map(|(level, key)| std::iter::once(*key).chain(self.together(level, *key)));
        let keys: Vec<Key<'a>> = keys.collect();
        let swept = Swept {
            event,
            range,
            keys: &keys,
            others,
        };
        let probe = self.probes.all.get(probe)?;
        Some(Course::new(world, &probe.reading, &swept))
    }

    /// Takes off steps, or notes that there are not as many.
    fn spend(&mut self, steps: usize) -> bool {
        let goes_on = self.world.scratch.work.spend(steps);
        self.cut |= !goes_on;
        goes_on
    }

    /// Assumes one event after the other.
    fn walk(&mut self) {
        if !self.spend(1) {
            return;
        }
        let level = self.taken.len();
        let Some(key) = self.variables.get(level).copied() else {
            self.complete();
            return;
        };
        let probes = Rc::clone(&self.probes);
        let (alone, tied) = (at(&probes.alone, level), at(&probes.tied, level));
        let follow = at(&probes.follow, level);
        let compared = self.compare(level, key);
        for Choice { class, time } in self.choices(level, key, compared.as_ref()) {
            let classes = self.classes.get(level);
            let sweeps = classes.map_or(&[][..], |classes| classes.sweeps.as_slice());
            let sweep = sweeps.get(self.way).or_else(|| sweeps.first());
            set(&mut self.values, alone, sweep, time);
            if let Some(compared) = &compared {
                set(&mut self.values, tied, self.comparisons.get(compared), time);
            }
            let given = self.assumed.len();
            self.assume(level, key, time);
            self.evaluate(follow);
            self.taken.push(class);
            self.walk();
            self.taken.pop();
            self.assumed.truncate(given);
        }
    }

    /// Assumes the time of an event, and that of parcels that it stands for.
    fn assume(&mut self, level: usize, key: Key<'a>, time: EventTime) {
        self.assumed.push((key, Assumed::Event(time)));
        let others = self.together(level, key);
        for other in others {
            self.assumed.push((other, Assumed::Event(time)));
        }
    }

    /// Returns the events that happen together with one.
    fn together(&self, level: usize, key: Key<'a>) -> Vec<Key<'a>> {
        let Key::Event(event, _) = key else {
            return Vec::new();
        };
        let alike = self.alike.get(level);
        let parcels = alike.map_or(&[][..], |alike| alike.together.as_slice());
        parcels
            .iter()
            .map(|index| Key::Event(event, *index))
            .collect()
    }

    /// Sweeps an event where something compares it with earlier ones; returns where the
    /// result is kept.
    fn compare(&mut self, level: usize, key: Key<'a>) -> Option<SweepKey> {
        let Key::Event(event, parcel) = key else {
            return None;
        };
        let earlier = self.earlier.get(level).copied().filter(|set| *set != 0)?;
        let key_of = |index: usize| self.variables.get(index).copied();
        let is_earlier =
            |of: &Key<'a>| indexes(earlier).any(|index| key_of(index).as_ref() == Some(of));
        let times = self.assumed.iter().filter(|(of, _)| is_earlier(of));
        let times = times.map(|(_, assumed)| match assumed {
            Assumed::Event(time) => *time,
            _ => EventTime::Unknown,
        });
        let compared = (level, self.way, times.collect());
        if !self.comparisons.contains_key(&compared) {
            let is_event = |of: &Key<'a>| matches!(of, Key::Event(..));
            let keeps = |of: &Key<'a>| !is_event(of) || is_earlier(of);
            let assumed = self.assumed.iter().filter(|(of, _)| keeps(of));
            let assumed: Assumptions<'a> = assumed.cloned().collect();
            let given: Assumptions<'a> = assumed
                .iter()
                .filter(|(of, _)| !is_event(of))
                .cloned()
                .collect();
            let alone = World {
                assumed: &given,
                ..self.world
            };
            let world = World {
                assumed: &assumed,
                ..self.world
            };
            let probes = self.probes.tied.get(level).map_or(&[][..], Vec::as_slice);
            // What an earlier event moves can lie before all that the event is by itself.
            let earliest = compared.2.iter().filter_map(|time| match time {
                EventTime::At(at) => Some(*at),
                EventTime::On(_) | EventTime::NotYet | EventTime::Happened | EventTime::Unknown => {
                    None
                }
            });
            let earliest = earliest.min();
            let sweep = allowed(&alone, event, parcel).map(|range| {
                let range = InstantRange {
                    first: earliest.map_or(range.first, |at| at.min(range.first)),
                    ..range
                };
                let courses = probes.iter();
                let courses =
                    courses.filter_map(|probe| self.course(&world, *probe, &[], key, range));
                let courses: Vec<Course> = courses.collect();
                let steps = courses
                    .iter()
                    .fold(0_usize, |sum, c| sum.saturating_add(c.steps));
                (Sweep::new(&courses, range.first), steps)
            });
            let (sweep, steps) = sweep.unwrap_or_default();
            self.spend(steps);
            self.comparisons.insert(compared.clone(), sweep);
        }
        Some(compared)
    }

    /// Evaluates what is decided by what is assumed.
    fn evaluate(&mut self, probes: &[usize]) {
        let world = World {
            assumed: &self.assumed,
            ..self.world
        };
        for index in probes {
            if let (Some(probe), Some(value)) =
                (self.probes.all.get(*index), self.values.get_mut(*index))
            {
                *value = probe.reading.value(&world);
            }
        }
    }

    fn complete(&mut self) {
        let values = self.values.get(..self.probes.items).unwrap_or_default();
        let effect = match self.numbers.get(values) {
            Some(effect) => *effect,
            None => {
                let effect = self.effects.len();
                self.effects.push(TimeEffect {
                    assumed: self.assumed.clone(),
                    values: values.to_vec(),
                });
                self.numbers.insert(values.to_vec(), effect);
                effect
            }
        };
        self.completions.push(Completion {
            assumed: self.assumed.clone(),
            classes: self.taken.clone(),
            values: values.to_vec(),
            effect,
        });
    }

    /// Returns a time of an event for each class that is possible under what is assumed
    /// already.
    fn choices(&self, level: usize, key: Key<'a>, compared: Option<&SweepKey>) -> Vec<Choice> {
        let (Key::Event(event, parcel), Some(classes)) = (key, self.classes.get(level)) else {
            return Vec::new();
        };
        let world = World {
            assumed: &self.assumed,
            ..self.world
        };
        let choice = |time: EventTime| Choice {
            class: classes.number_at(time),
            time,
        };
        match world.event_at(event, parcel).0 {
            time @ (EventTime::At(_) | EventTime::NotYet) => return vec![choice(time)],
            EventTime::On(_) | EventTime::Happened | EventTime::Unknown => {}
        }
        let Some(range) = allowed(&world, event, parcel) else {
            return vec![choice(EventTime::NotYet)];
        };
        let sweep = compared.and_then(|compared| self.comparisons.get(compared));
        let both = self.probes.compared & (1 << level) != 0;
        let starts = sweep.map_or(&[][..], |sweep| sweep.starts.as_slice());
        let mut instants = instants_of(classes.starts(), starts, &range, both);
        let (by_clock, by_weekday) = self.by_clock;
        if both && by_clock & event.bit() != 0 {
            // A limit by the clock of its day leaves the most room from the day's start, and
            // one by that of a weekday by which day of a week it is.
            let zone = world.zone().unwrap_or_else(|_| Zone::earliest());
            let around = if by_weekday & event.bit() == 0 { 0 } else { 6 };
            let days = instants.iter().flat_map(|at| {
                let day = zone.day_of(*at);
                (-around..=around).map(move |days| day.plus_days(days).start(zone))
            });
            let possible = |at: &Instant| (range.first..=range.last).contains(at);
            let days: Vec<Instant> = days.filter(possible).collect();
            instants.extend(days);
            instants.sort_unstable();
            instants.dedup();
        }
        // One that a policy declares can be planned to the minute.
        if event.is_planned() && event.entry().is_none() {
            instants = day_starts(&world, &instants, &range);
        }
        let mut seen: Vec<(u16, &[u8])> = Vec::new();
        let mut choices = Vec::with_capacity(instants.len().saturating_add(1));
        for at in instants {
            let choice = choice(EventTime::At(at));
            let comes_to = sweep.map_or(&[][..], |sweep| sweep.values_at(choice.time));
            if both || !seen.contains(&(choice.class, comes_to)) {
                seen.push((choice.class, comes_to));
                choices.push(choice);
            }
        }
        if range.not_yet {
            choices.push(choice(EventTime::NotYet));
        }
        choices
    }
}

/// Returns the list at an index; empty: there is none.
fn at(lists: &[Vec<usize>], index: usize) -> &[usize] {
    lists.get(index).map_or(&[], Vec::as_slice)
}

/// Notes what probes come to at a time.
fn set(values: &mut [u8], probes: &[usize], sweep: Option<&Sweep>, time: EventTime) {
    let known = sweep.map_or(&[][..], |sweep| sweep.values_at(time));
    for (index, known) in probes.iter().zip(known) {
        if let Some(value) = values.get_mut(*index) {
            *value = *known;
        }
    }
}
