//! The classes of instants of an unknown event that something tells apart.

use super::probes::Evaluable;
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::vocabulary::Event;
use crate::engine::read::instants::InstantRange;
use crate::engine::read::world::{Assumed, Key, World};

/// What is assumed of parcel, places and times.
pub(super) type Assumptions<'a> = Vec<(Key<'a>, Assumed<'a>)>;

/// An event that is swept over the time line.
pub(super) struct Swept<'v, 'a> {
    pub event: Event,
    pub range: InstantRange,
    /// Its variable, and those of other parcels that are as late as it.
    pub keys: &'v [Key<'a>],
    /// The instants from which something else that reads it changes.
    pub others: &'v [Instant],
}

/// What a probe comes to as one event moves over the time line.
#[derive(Clone)]
pub(super) struct Course {
    /// From which instant on it comes to what; the first holds for all before it as well.
    from: Vec<(Instant, u8)>,
    /// What it comes to if the event has not happened.
    not_yet: u8,
    /// Whether it turns on days of a week or times of a day, which come again and again.
    pub recurs: bool,
    /// How often it was evaluated.
    pub steps: usize,
}

impl Course {
    /// Evaluates a probe for each class of instants of an event.
    pub(super) fn new<'a>(
        world: &World<'a, '_>,
        probe: &Evaluable<'a>,
        swept: &Swept<'_, 'a>,
    ) -> Self {
        let mut assumed: Assumptions<'a> =
            Vec::with_capacity(world.assumed.len().saturating_add(swept.keys.len()));
        let mut steps = 0_usize;
        let mut value = |time: EventTime| {
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
        let mut from = vec![(range.first, value(EventTime::At(range.first)))];
        let (cuts, recurs) = probe.cuts(world, swept.event, range, swept.others);
        for at in cuts {
            if (range.first..=range.last).contains(&at) {
                let value = value(EventTime::At(at));
                if from.last().is_some_and(|(_, last)| *last != value) {
                    from.push((at, value));
                }
            }
        }
        let not_yet = value(EventTime::NotYet);
        Self {
            from,
            not_yet,
            recurs,
            steps,
        }
    }

    /// Returns the instants from which it comes to something else.
    pub(super) fn changes(&self) -> impl Iterator<Item = Instant> {
        self.from.iter().skip(1).map(|(at, _)| *at)
    }

    fn at(&self, at: Instant) -> u8 {
        let class = self.from.partition_point(|(start, _)| *start <= at);
        let value = self.from.get(class.saturating_sub(1));
        value.map_or(0, |(_, value)| *value)
    }
}

/// What probes come to as one event moves over the time line.
#[derive(Clone, Default)]
pub(super) struct Sweep {
    /// The first instants of all classes but the first.
    pub starts: Vec<Instant>,
    /// For each class what the probes come to, in their order.
    values: Vec<Vec<u8>>,
    /// What they come to if the event has not happened.
    not_yet: Vec<u8>,
}

impl Sweep {
    /// Joins the courses of probes of an event that is not before an instant.
    pub(super) fn new(courses: &[Course], first: Instant) -> Self {
        let mut starts: Vec<Instant> = courses.iter().flat_map(Course::changes).collect();
        starts.sort_unstable();
        starts.dedup();
        let firsts = std::iter::once(first).chain(starts.iter().copied());
        let values = firsts.map(|at| courses.iter().map(|course| course.at(at)).collect());
        Self {
            values: values.collect(),
            not_yet: courses.iter().map(|course| course.not_yet).collect(),
            starts,
        }
    }

    /// Returns the class of an instant.
    fn class_at(&self, at: Instant) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// Returns what the probes come to at a time.
    pub(super) fn values_at(&self, time: EventTime) -> &[u8] {
        let values = match time {
            EventTime::At(at) => self.values.get(self.class_at(at)),
            EventTime::NotYet | EventTime::On(_) | EventTime::Happened | EventTime::Unknown => {
                Some(&self.not_yet)
            }
        };
        values.map_or(&[], Vec::as_slice)
    }
}

/// The class of an event that has not happened.
pub(super) const NOT_YET: u16 = u16::MAX;

/// The classes of an event: instants of one class come to the same whatever is assumed of
/// leading variables. Classes apart in time that come to the same have one number.
#[derive(Clone, Default)]
pub(super) struct Classes {
    /// For each way to assume the leading variables.
    pub sweeps: Vec<Sweep>,
    first: Option<Instant>,
    starts: Vec<Instant>,
    numbers: Vec<u16>,
}

impl Classes {
    /// Joins what came of a sweep under each way to assume the leading variables; from
    /// `bounding` on the event leaves less to one whose time nobody can tell, which keeps
    /// classes apart.
    pub(super) fn new(sweeps: Vec<Sweep>, first: Instant, bounding: &[Instant]) -> Self {
        let all = sweeps.iter().flat_map(|sweep| &sweep.starts);
        let mut starts: Vec<Instant> = all.chain(bounding).copied().collect();
        starts.sort_unstable();
        starts.dedup();
        let mut known: Vec<(usize, Vec<&[u8]>)> = Vec::new();
        let mut numbers = Vec::with_capacity(starts.len().saturating_add(1));
        for at in std::iter::once(first).chain(starts.iter().copied()) {
            let bounds = bounding.iter().filter(|start| **start <= at).count();
            let at = EventTime::At(at);
            let values = sweeps.iter().map(|sweep| sweep.values_at(at)).collect();
            let signature = (bounds, values);
            let index = known.iter().position(|other| *other == signature);
            let number = index.unwrap_or_else(|| {
                known.push(signature);
                known.len().saturating_sub(1)
            });
            numbers.push(u16::try_from(number).unwrap_or(NOT_YET - 1));
        }
        Self {
            first: Some(first),
            starts,
            numbers,
            sweeps,
        }
    }

    /// Returns the first instants of all classes but the first.
    pub(super) fn starts(&self) -> &[Instant] {
        &self.starts
    }

    /// Returns the first instant; `None`: the event cannot have happened.
    pub(super) const fn first(&self) -> Option<Instant> {
        self.first
    }

    /// Returns the number of the class of a time.
    pub(super) fn number_at(&self, time: EventTime) -> u16 {
        match time {
            EventTime::At(at) => {
                let class = self.starts.partition_point(|start| *start <= at);
                self.numbers.get(class).copied().unwrap_or_default()
            }
            EventTime::NotYet | EventTime::On(_) | EventTime::Happened | EventTime::Unknown => {
                NOT_YET
            }
        }
    }
}

/// Returns the earliest instant of each class that a range allows; where `both` ends of a
/// class count, the latest too. Classes begin at `starts` and at what is `compared`.
pub(super) fn instants_of(
    starts: &[Instant],
    compared: &[Instant],
    range: &InstantRange,
    both: bool,
) -> Vec<Instant> {
    let all = starts.iter().chain(compared).copied();
    let inside = all.filter(|at| (range.first..=range.last).contains(at));
    let mut instants = vec![range.first];
    for at in inside {
        if both {
            instants.push(at.previous().max(range.first));
        }
        instants.push(at);
    }
    if both {
        instants.push(range.last);
    }
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Returns the starts of days on which a planned event can take place.
pub(super) fn day_starts(
    world: &World<'_, '_>,
    instants: &[Instant],
    range: &InstantRange,
) -> Vec<Instant> {
    let zone = world.zone().unwrap_or_else(|_| Zone::earliest());
    let days = instants.iter().flat_map(|at| {
        let day = zone.day_of(*at);
        [day.start(zone), day.plus_days(1).start(zone)]
    });
    let mut days: Vec<_> = days.filter(|at| *at <= range.last).collect();
    days.sort_unstable();
    days.dedup();
    days
}
