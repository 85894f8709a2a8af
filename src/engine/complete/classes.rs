//! The classes of instants of an unknown event that something tells apart.

use super::probes::Reading;
use crate::domain::event::Event;
use crate::domain::time::{EventTime, Instant};
use crate::engine::instants::Range;
use crate::engine::world::{Assumed, Key, World};

/// What is assumed of parcel, places and times.
pub(super) type Assumptions<'a> = Vec<(Key<'a>, Assumed<'a>)>;

/// An event that is swept over the time line.
pub(super) struct Swept<'v, 'a> {
    pub event: Event,
    pub range: Range,
    /// Its variable, and those of other parcels that are as late as it.
    pub keys: &'v [Key<'a>],
}

/// What probes come to as one event moves over the time line.
#[derive(Default)]
pub(super) struct Sweep {
    /// The first instants of all classes but the first.
    pub starts: Vec<Instant>,
    /// For each class what the probes come to, in their order.
    pub values: Vec<Vec<u8>>,
    /// What they come to if the event has not happened.
    pub not_yet: Vec<u8>,
    /// How often something was evaluated.
    pub steps: usize,
}

impl Sweep {
    /// Evaluates probes for each class of instants of an event.
    pub(super) fn new<'a>(
        world: &World<'a, '_>,
        probes: &[&Reading<'a>],
        swept: &Swept<'_, 'a>,
    ) -> Self {
        let mut assumed: Assumptions<'a> =
            Vec::with_capacity(world.assumed.len().saturating_add(4));
        let mut steps = 0_usize;
        let mut value = |probe: &Reading<'a>, time: EventTime| {
            steps = steps.saturating_add(1);
            assumed.clear();
            assumed.extend_from_slice(world.assumed);
            assumed.extend(swept.keys.iter().map(|key| (*key, Assumed::Event(time))));
            let world = World {
                assumed: &assumed,
                ..*world
            };
            probe.value(&world)
        };
        let range = &swept.range;
        let mut changes: Vec<Vec<(Instant, u8)>> = Vec::with_capacity(probes.len());
        let mut not_yet = Vec::with_capacity(probes.len());
        for probe in probes {
            let cuts = probe.cuts(world, (swept.event, range));
            let inside = cuts.into_iter();
            let inside = inside.filter(|at| (range.first..=range.last).contains(at));
            let first = (range.first, value(probe, EventTime::At(range.first)));
            let mut own = vec![first];
            for at in inside {
                let value = value(probe, EventTime::At(at));
                if own.last().is_some_and(|(_, last)| *last != value) {
                    own.push((at, value));
                }
            }
            changes.push(own);
            not_yet.push(value(probe, EventTime::NotYet));
        }
        let later = changes.iter().flat_map(|own| own.iter().skip(1));
        let mut starts: Vec<Instant> = later.map(|(at, _)| *at).collect();
        starts.sort_unstable();
        starts.dedup();
        let at = |at: Instant| -> Vec<u8> {
            let of = |own: &Vec<(Instant, u8)>| {
                let class = own.partition_point(|(start, _)| *start <= at);
                own.get(class.saturating_sub(1))
                    .map_or(0, |(_, value)| *value)
            };
            changes.iter().map(of).collect()
        };
        let firsts = std::iter::once(range.first).chain(starts.iter().copied());
        Self {
            values: firsts.map(at).collect(),
            not_yet,
            starts,
            steps,
        }
    }

    /// Returns the class of an instant.
    pub(super) fn class_at(&self, at: Instant) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// Returns what the probes come to at a time.
    pub(super) fn values_at(&self, time: EventTime) -> &[u8] {
        let values = match time {
            EventTime::At(at) => self.values.get(self.class_at(at)),
            EventTime::NotYet | EventTime::On(_) | EventTime::Unknown => Some(&self.not_yet),
        };
        values.map_or(&[], Vec::as_slice)
    }
}

/// The class of an event that has not happened.
pub(super) const NOT_YET: u16 = u16::MAX;

/// The classes of an event: instants of one class come to the same whatever is assumed of
/// leading variables. Classes apart in time that come to the same have one number.
#[derive(Default)]
pub(super) struct Classes {
    /// For each way to assume the leading variables.
    pub sweeps: Vec<Sweep>,
    starts: Vec<Instant>,
    numbers: Vec<u16>,
}

impl Classes {
    /// Joins what came of a sweep under each way to assume the leading variables.
    pub(super) fn new(sweeps: Vec<Sweep>, first: Instant) -> Self {
        let all = sweeps.iter().flat_map(|sweep| &sweep.starts);
        let mut starts: Vec<Instant> = all.copied().collect();
        starts.sort_unstable();
        starts.dedup();
        let mut known: Vec<Vec<&[u8]>> = Vec::new();
        let mut numbers = Vec::with_capacity(starts.len().saturating_add(1));
        for at in std::iter::once(first).chain(starts.iter().copied()) {
            let at = EventTime::At(at);
            let signature: Vec<_> = sweeps.iter().map(|sweep| sweep.values_at(at)).collect();
            let place = known.iter().position(|other| *other == signature);
            let number = place.unwrap_or_else(|| {
                known.push(signature);
                known.len().saturating_sub(1)
            });
            numbers.push(u16::try_from(number).unwrap_or(NOT_YET - 1));
        }
        Self {
            starts,
            numbers,
            sweeps,
        }
    }

    /// Returns the first instants of all classes but the first.
    pub(super) fn starts(&self) -> &[Instant] {
        &self.starts
    }

    /// Returns the number of the class of a time.
    pub(super) fn number_at(&self, time: EventTime) -> u16 {
        match time {
            EventTime::At(at) => {
                let class = self.starts.partition_point(|start| *start <= at);
                self.numbers.get(class).copied().unwrap_or_default()
            }
            EventTime::NotYet | EventTime::On(_) | EventTime::Unknown => NOT_YET,
        }
    }
}
