//! What bounds an event whose time nobody can tell.
//!
//! Such an event is not asked for, but what comes before it or after it can be: a parcel
//! that was shipped last week was delivered since. All that nothing else reads of it is the
//! latest of the bounds before and the earliest of those after, so that one bound on each
//! side stands for all.

use super::classes::Classes;
use super::probes::Evaluable;
use super::times::Times;
use super::variables::{BoundingEvent, is_open};
use crate::domain::path::Owner;
use crate::domain::time::{EventTime, Instant};
use crate::domain::vocabulary::Event;
use crate::engine::read::instants::{InstantRange, allowed, index_of_others};
use crate::engine::read::world::{Assumed, Key, World};

/// On which side of an event another one bounds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BoundSide {
    Before,
    After,
}

/// Adds the instants from which on an event in a range leaves less to one whose time nobody can
/// tell, `hidden` with its classes, or is compared otherwise with the first or the last instant
/// that such a one can be. `tied` are the probes that compare the two.
pub(super) fn bounding<'a: 'r, 'r>(
    world: &World<'a, '_>,
    hidden: Key<'a>,
    classes: &Classes,
    event: Event,
    range: &InstantRange,
    tied: impl Iterator<Item = &'r Evaluable<'a>> + Clone,
    to: &mut Vec<Instant>,
) {
    let Key::Event(of, index) = hidden else {
        return;
    };
    if of.before() & event.bit() != 0 || event.before() & of.bit() != 0 {
        to.extend(classes.starts());
    }
    let Some(ends) = allowed(world, of, index) else {
        return;
    };
    for end in [ends.first, ends.last] {
        let assumed = (hidden, Assumed::Event(EventTime::At(end)));
        let assumed = [world.assumed, &[assumed]].concat();
        let world = World {
            assumed: &assumed,
            ..*world
        };
        let cuts = tied
            .clone()
            .flat_map(|reading| reading.cuts(&world, event, range, &[]).0);
        to.extend(cuts);
    }
}

/// Returns what bounds the events of a row that nobody can tell, nothing else reads and can
/// be asked for: one event for each side.
pub(super) fn bounds<'a>(
    world: &World<'a, '_>,
    times: &Times<'a>,
    out_of_reach: &[Key<'a>],
) -> Vec<BoundingEvent> {
    let given: Vec<_> = times.given().into_iter().collect();
    let world = World {
        assumed: &given,
        ..*world
    };
    let mut bounds: Vec<BoundingEvent> = Vec::new();
    for key in out_of_reach {
        let Key::Event(event, index) = *key else {
            continue;
        };
        if !times.variables.contains(key) {
            continue;
        }
        let index = index_of_others(event, index);
        let before = world.plan.events_in(event.before());
        let before = before.map(|before| world.event_at(before, index).1);
        let after = world.plan.events_after(event);
        let after = after.flat_map(|after| world.bounding_keys(after, index));
        let before: Vec<Key<'a>> = before.collect();
        let after: Vec<Key<'a>> = after.collect();
        bounds.extend(widest(&world, times, BoundSide::Before, &before));
        bounds.extend(widest(&world, times, BoundSide::After, &after));
    }
    let mut known: Vec<(Event, usize)> = Vec::new();
    bounds.retain(|bound| {
        let is_new = !known.contains(&bound.event);
        known.push(bound.event);
        is_new
    });
    bounds
}

/// Returns the event that bounds most widely of those that can be asked for, with the
/// others.
fn widest<'a>(
    world: &World<'a, '_>,
    times: &Times<'a>,
    side: BoundSide,
    keys: &[Key<'a>],
) -> Option<BoundingEvent> {
    let mut found: Vec<(Event, usize, InstantRange)> = Vec::new();
    for key in keys {
        let Key::Event(event, index) = *key else {
            continue;
        };
        let counts = can_be_told(world, *key)
            && !times.variables.contains(key)
            && is_open(world, event, index)
            && !keys
                .iter()
                .any(|other| is_nearer(world, side, *other, *key));
        let mut known = found.iter();
        let is_known = known.any(|(of, at, _)| (*of, *at) == (event, index));
        if counts
            && !is_known
            && let Some(range) = allowed(world, event, index)
        {
            found.push((event, index, range));
        }
    }
    found.sort_by_key(|(event, index, range)| (range.not_yet, range.last, *event, *index));
    let (event, index, _) = found.pop()?;
    Some(BoundingEvent {
        event: (event, index),
        others: found,
    })
}

/// Whether somebody can tell when an event happened. What belongs to another action nobody
/// can, and when a customer was born says nothing of what came after.
fn can_be_told(world: &World<'_, '_>, key: Key<'_>) -> bool {
    let Key::Event(event, _) = key else {
        return false;
    };
    let has_field = match event.field().owner() {
        Owner::Action(action) => action == world.ask.action,
        Owner::Order | Owner::Line | Owner::Parcel | Owner::Units | Owner::Request => true,
    };
    has_field && event != Event::Birth && !world.is_out_of_reach(key)
}

/// Whether an event lies between another one and what both bound: told itself, it leaves
/// nothing to the other.
fn is_nearer(world: &World<'_, '_>, side: BoundSide, one: Key<'_>, other: Key<'_>) -> bool {
    let (Key::Event(near, at), Key::Event(far, index)) = (one, other) else {
        return false;
    };
    let is_between = match side {
        BoundSide::Before => near.before() & far.bit() != 0,
        BoundSide::After => far.before() & near.bit() != 0,
    };
    // Each parcel has events of its own, and what comes before all of them is the order's.
    let of_parcel = |event: Event| event.field().is_of_parcel();
    let is_of_same = at == index
        || !of_parcel(near)
        || (side == BoundSide::Before && !of_parcel(far))
        || world.facts.order().shipments.len() == 1;
    is_between && is_of_same && can_be_told(world, one)
}
