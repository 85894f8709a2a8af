//! Says when the money of a settlement may move.

use super::approved::Approved;
use super::world::World;
use crate::domain::facts::RowIndex;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{Condition, ConditionStatus, Release};
use crate::domain::vocabulary::Event;

/// Says when money may move: after the events that clauses name, and once the conditions
/// that hold it are settled.
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
            let time = |event: &Event| happened(&world, *event);
            let done = || named.iter().filter_map(time);
            let reached = match any {
                true => done().min(),
                false if done().count() == named.len() => done().max(),
                false => None,
            };
            if reached.is_some() {
                since = since.max(reached);
            } else {
                any_of = any_of && any;
                let waiting = named.iter().filter(|event| time(event).is_none());
                events.extend(waiting.copied());
            }
        }
        if let Some(entitlement) = &draft.decision.entitlement {
            let open = |c: &&Condition<'a>| c.status == ConditionStatus::Open && c.holds_money;
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

/// Returns when an event happened, at the latest where only that is known.
fn happened(world: &World<'_, '_>, event: Event) -> Option<Instant> {
    if world.occurred(event) != Some(true) {
        return None;
    }
    match world.event(event).0 {
        EventTime::At(at) => Some(at),
        EventTime::On(day) => Some(day.start(world.zone().ok()?)),
        EventTime::Unknown | EventTime::Happened => world.happened_by(event, world.place_of(event)),
        EventTime::NotYet => None,
    }
}
