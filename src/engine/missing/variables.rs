//! What is unknown of places and times, each a variable.

use super::reads;
use crate::domain::limits::MAX_UNKNOWN_EVENTS;
use crate::domain::time::EventTime;
use crate::domain::vocabulary::{Event, Fact};
use crate::engine::read::instants::InstantRange;
use crate::engine::read::world::{AT_HOME, Key, ORDER_LEVEL, World};
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{Events, WindowSpec, WindowZone};

/// Parcels of which the same is known that are looked at: one that changes, and two for
/// what all others come to, of which the last counts, and whether one is still to come.
const PARCELS_ALIKE: usize = 3;

/// What is unknown of places and times, what comes first first.
pub(super) struct Unknowns<'a> {
    /// Each a variable.
    pub keys: Vec<Key<'a>>,
    /// For each variable the parcels of which the same is known as of its own; none where
    /// only one parcel counts.
    pub alike: Vec<Alike>,
}

/// Parcels of which the same is known.
#[derive(Clone, Default)]
pub(super) struct Alike {
    /// All of them, by index.
    pub parcels: Vec<usize>,
    /// Those that happen together with the one that is looked at.
    pub together: Vec<usize>,
    /// Other events that nothing reads either and that bound the same event, with when each
    /// can have happened.
    pub bounds: Vec<(Event, usize, InstantRange)>,
}

/// An event that bounds one whose time nobody can tell, with others that do.
pub(super) struct BoundingEvent {
    /// The event and its place.
    pub event: (Event, usize),
    /// The others, with when each can have happened.
    pub others: Vec<(Event, usize, InstantRange)>,
}

impl BoundingEvent {
    fn alike(&self) -> Alike {
        Alike {
            bounds: self.others.clone(),
            ..Alike::default()
        }
    }
}

/// Returns the parcels of an order, those of which the same is known once; the row's own
/// is by itself.
fn parcels(world: &World<'_, '_>) -> Vec<(usize, Alike)> {
    let own = world.shipment_index();
    let shipments = &world.facts.order().shipments;
    let reach = |index: usize| {
        [Event::Ship, Event::Deliver].map(|event| world.is_out_of_reach(Key::Event(event, index)))
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, parcel) in shipments.iter().enumerate() {
        let like = |group: &&mut Vec<usize>| {
            let first = group.first().copied();
            let known = first.and_then(|first| shipments.get(first));
            first != own
                && known.is_some_and(|known| known.is_like(parcel))
                && first.is_some_and(|first| reach(first) == reach(index))
        };
        match groups.iter_mut().find(like).filter(|_| Some(index) != own) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    let mut found = Vec::new();
    for group in groups {
        let shown = group.len().min(PARCELS_ALIKE);
        for (number, index) in group.iter().take(shown).enumerate() {
            let is_last = number.saturating_add(1) == shown;
            let together = group.iter().skip(shown).filter(|_| is_last);
            let alike = Alike {
                together: together.copied().collect(),
                parcels: group.clone(),
                bounds: Vec::new(),
            };
            found.push((*index, alike));
        }
    }
    found
}

/// Returns what is unknown of places and times. `read` are the events that something reads,
/// `every_parcel` says whether something looks at those of all parcels, and `bounds` are events
/// that nothing reads and that bound one whose time nobody can tell.
pub(super) fn variables<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    read: Events,
    every_parcel: bool,
    bounds: &[BoundingEvent],
) -> Unknowns<'a> {
    let mut found = Vec::new();
    if read != 0
        && let Err(zone) = world.zone()
    {
        found.push(zone);
    }
    let at_home = |window: &&WindowSpec| window.zone == WindowZone::Customer;
    if route.windows(world.plan).any(|window| at_home(&window))
        && world.facts.order().customer_zone.is_none()
    {
        found.push(Key::Zone(AT_HOME));
    }
    if read & Event::FormSend.bit() != 0 && is_open(world, Event::FormSend, ORDER_LEVEL) {
        let channel = Key::Fact(Fact::Channel, None, ORDER_LEVEL);
        if !world.facts.request().facts.get(Fact::Channel).is_known() {
            found.push(channel);
        }
    }
    for (_, period) in reads::stated_periods(world.plan, route) {
        if let Err(key @ Key::Fact(..)) = world.number(period.fact.fact)
            && !found.contains(&key)
        {
            found.push(key);
        }
    }
    let mut alike = vec![Alike::default(); found.len()];
    let mut events: Vec<(Event, usize, Alike)> = Vec::new();
    for event in world.plan.events() {
        if event == Event::DeliverLast {
            continue;
        }
        let all = (event == Event::Deliver && read & Event::DeliverLast.bit() != 0)
            || (event == Event::Ship && every_parcel);
        let places = match event.field().is_of_parcel() {
            _ if read & event.bit() == 0 && !all => continue,
            true if all => parcels(world),
            true => {
                let own = world.shipment_index().into_iter();
                own.map(|index| (index, Alike::default())).collect()
            }
            false => vec![(own_index(world, event), Alike::default())],
        };
        let places = places.into_iter();
        events.extend(places.map(|(index, alike)| (event, index, alike)));
    }
    events.retain(|(event, index, _)| is_open(world, *event, *index));
    for bound in bounds {
        let (event, index) = bound.event;
        events.push((event, index, bound.alike()));
    }
    // What nobody can tell comes last: it is looked at under each way that the rest can be.
    let order = |(event, index, _): &(Event, usize, Alike)| {
        let is_out_of_reach = world.is_out_of_reach(Key::Event(*event, *index));
        (is_out_of_reach, event.before().count_ones(), *event, *index)
    };
    events.sort_by_key(order);
    for (event, index, parcels) in events {
        found.push(Key::Event(event, index));
        alike.push(parcels);
    }
    if found.len() > MAX_UNKNOWN_EVENTS {
        world.scratch.work.give_up();
        found.truncate(MAX_UNKNOWN_EVENTS);
    }
    Unknowns { keys: found, alike }
}

/// Returns the place of an event that belongs to no parcel: its line, or the order.
fn own_index(world: &World<'_, '_>, event: Event) -> usize {
    match world.event(event).1 {
        Key::Event(_, index) => index,
        Key::Fact(..) | Key::Shipment | Key::Zone(_) | Key::Currency => ORDER_LEVEL,
    }
}

/// Whether it is open when an event happened, so that it can be asked for.
pub(super) fn is_open(world: &World<'_, '_>, event: Event, index: usize) -> bool {
    match world.event_at(event, index).0 {
        EventTime::At(_) | EventTime::NotYet => false,
        EventTime::On(_) => !event.is_planned(),
        EventTime::Happened => true,
        EventTime::Unknown => !event.is_to_come() || world.happened_by(event, index).is_some(),
    }
}
