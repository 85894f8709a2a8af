//! Says when the money of a settlement may move.

use super::approved::Approved;
use super::world::World;
use crate::domain::event::Event;
use crate::domain::facts::RowIndex;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{ConditionStatus, Release};

/// Says when money may move: after the events that clauses name, and once open
/// conditions that can fail are met.
pub(super) fn release<'a: 'd, 'd>(
    heads: &[Approved<'_, 'a>],
    world: impl Fn(RowIndex) -> World<'a, 'd>,
) -> Release<'a> {
    let mut events: Vec<Event> = Vec::new();
    let mut conditions: Vec<&'a str> = Vec::new();
    let mut since: Option<Instant> = None;
    let mut any_of = true;
    for Approved { row, draft, terms } in heads {
        if let Some((named, any)) = terms.release {
            let world = world(row.index);
            let times: Vec<(Event, Option<Instant>)> =
                named.iter().map(|e| (*e, happened(&world, *e))).collect();
            let done: Vec<Instant> = times.iter().filter_map(|(_, t)| *t).collect();
            let enough = if any {
                !done.is_empty()
            } else {
                done.len() == times.len()
            };
            let reached = if any {
                done.iter().min()
            } else {
                done.iter().max()
            };
            if enough {
                since = since.max(reached.copied());
            } else {
                any_of = any_of && any;
                let waiting = times.iter().filter(|(_, t)| t.is_none()).map(|(e, _)| *e);
                events.extend(waiting);
            }
        }
        if let Some(entitlement) = &draft.decision.entitlement {
            let open = |c: &&crate::domain::verdict::Condition<'a>| {
                c.status == ConditionStatus::Open && c.failed.is_some() && !c.presumed
            };
            conditions.extend(entitlement.conditions.iter().filter(open).map(|c| c.code));
        }
    }
    events.sort();
    events.dedup();
    conditions.sort_unstable();
    conditions.dedup();
    let any = any_of && events.len() > 1;
    Release {
        events,
        any,
        since,
        conditions,
    }
}

fn happened(world: &World<'_, '_>, event: Event) -> Option<Instant> {
    match world.event(event).0 {
        EventTime::At(at) => Some(at),
        EventTime::On(day) => Some(day.start(world.zone().ok()?)),
        EventTime::NotYet | EventTime::Unknown => None,
    }
}
