//! Says when the money of a settlement may move.

use super::approved::Approved;
use crate::domain::facts::RowIndex;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{Condition, ConditionStatus, Release};
use crate::domain::vocabulary::Event;
use crate::engine::read::world::World;

/// Says when money may move: after the events that clauses name, and once the conditions
/// that hold it are settled.
pub(crate) fn release<'a: 'd, 'd>(
    heads: &[Approved<'_, 'a>],
    world: impl Fn(RowIndex) -> World<'a, 'd>,
) -> Release<'a> {
    let mut events: Vec<Event> = Vec::new();
    let mut conditions: Vec<&'a str> = Vec::new();
    let mut since: Option<Instant> = None;
    let mut any_of = true;
    let mut is_known = true;
    for Approved { row, draft, terms } in heads {
        if let Some((named, any)) = terms.release {
            let world = world(row.index);
            let has_happened = |event: &&Event| world.occurred(**event) == Some(true);
            let done = || named.iter().filter(has_happened);
            let is_reached = match any {
                true => done().count() > 0,
                false => done().count() == named.len(),
            };
            if is_reached {
                let times: Option<Vec<Instant>> =
                    done().map(|event| happened(&world, *event)).collect();
                let times = times.unwrap_or_default();
                let reached = match any {
                    true => times.into_iter().min(),
                    false => times.into_iter().max(),
                };
                is_known &= reached.is_some();
                since = since.max(reached);
            } else {
                any_of = any_of && any;
                let waiting = named.iter().filter(|event| !has_happened(event));
                events.extend(waiting.copied());
            }
        }
        if let Some(entitlement) = &draft.decision.entitlement {
            // Without a `release` clause the money is on hold until every condition is met.
            let holds = |c: &Condition<'_>| {
                let of_event = terms.release.is_none() && !c.presumed;
                c.holds_money || of_event
            };
            let open = |c: &&Condition<'a>| c.status == ConditionStatus::Open && holds(c);
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
        since: since.filter(|_| is_known),
        conditions,
    }
}

/// Returns when an event happened, at the latest where only that is known. `None`: at a time
/// that nobody knows, and nothing that is known came after it.
fn happened(world: &World<'_, '_>, event: Event) -> Option<Instant> {
    match world.event(event).0 {
        EventTime::At(at) => Some(at),
        EventTime::On(day) => Some(day.start(world.zone().ok()?)),
        EventTime::Unknown => world.happened_by(event, world.index_of(event)),
        EventTime::Happened => {
            let latest = world.happened_by(event, world.index_of(event));
            latest.filter(|latest| *latest < world.facts.decide_time())
        }
        EventTime::NotYet => None,
    }
}
