//! What is unknown of places and times, each a variable.

use super::reads::Events;
use crate::domain::event::Event;
use crate::domain::time::EventTime;
use crate::domain::vocabulary::Fact;
use crate::engine::world::{AT_HOME, Key, ORDER_LEVEL, World, parcel_reader};
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{WindowSpec, WindowZone};

/// Returns what is unknown of places and times, what comes first first.
pub(super) fn variables<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    read: Events,
    every_parcel: bool,
) -> Vec<Key<'a>> {
    let mut found = Vec::new();
    if read != 0
        && let Err(zone) = world.zone()
    {
        found.push(zone);
    }
    let at_home = |window: &&WindowSpec| window.zone == WindowZone::Customer;
    if route.windows(world.plan).any(|window| at_home(&window))
        && world.facts.order().customer.zone.is_none()
    {
        found.push(Key::Zone(AT_HOME));
    }
    if read & Event::FormSend.bit() != 0 && is_open(world, Event::FormSend, ORDER_LEVEL) {
        let channel = Key::Fact(Fact::ChannelIs, None);
        if world.facts.request().channel.is_none() {
            found.push(channel);
        }
    }
    let mut events: Vec<(Event, usize)> = Vec::new();
    let parcels = world.facts.order().shipments.len();
    for event in Event::ALL.iter().copied() {
        if event == Event::DeliverLast {
            continue;
        }
        let all = (event == Event::Deliver && read & Event::DeliverLast.bit() != 0)
            || (event == Event::Ship && every_parcel);
        let places = match parcel_reader(event) {
            _ if read & event.bit() == 0 && !all => continue,
            Some(_) if all => (0..parcels).collect(),
            Some(_) => Vec::from_iter(world.shipment_place()),
            None => vec![own_place(world, event)],
        };
        events.extend(places.into_iter().map(|place| (event, place)));
    }
    events.retain(|(event, place)| is_open(world, *event, *place));
    events.sort_by_key(|(event, place)| (event.before().count_ones(), *event, *place));
    found.extend(
        events
            .into_iter()
            .map(|(event, place)| Key::Event(event, place)),
    );
    // A bit each.
    found.truncate(u64::BITS as usize);
    found
}

/// Returns the place of an event that belongs to no parcel: its line, or the order.
fn own_place(world: &World<'_, '_>, event: Event) -> usize {
    match world.event(event).1 {
        Key::Event(_, place) => place,
        Key::Fact(..) | Key::Shipment | Key::Zone(_) => ORDER_LEVEL,
    }
}

/// Whether it is open when an event happened, so that it can be asked for.
fn is_open(world: &World<'_, '_>, event: Event, place: usize) -> bool {
    match world.event_at(event, place).0 {
        EventTime::At(_) | EventTime::NotYet => false,
        EventTime::On(_) => !event.is_planned(),
        EventTime::Unknown => !event.is_to_come() || world.happened_by(event, place).is_some(),
    }
}
