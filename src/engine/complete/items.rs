//! What a route reads of events: tests, windows and conditions.

use super::reads::{self, Events};
use crate::domain::event::Event;
use crate::domain::verdict::WindowStatus;
use crate::engine::world::{AT_HOME, Key, ORDER_LEVEL, World, parcel_reader};
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{Effect, End, Test, WindowSpec, WindowZone};

/// What a test comes to that something else keeps from being decided.
const UNKNOWN: u8 = 7;

/// Something that reads events, and comes to one of a few values.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    /// A test, by its place on the route.
    Test(&'a Test),
    /// The window of a grant, moved by the extensions of this set.
    Window(&'a WindowSpec, usize),
    /// Whether an event has happened.
    Happened(Event),
}

/// Returns everything of a route that reads events.
pub(super) fn items<'a>(world: &World<'a, '_>, route: &'a RoutePlan) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for test in &route.tests {
        if reads::of_test(test) != 0 {
            items.push(Item::Test(test));
        }
    }
    for (at, window) in grants(world, route) {
        for set in 0..(1_usize << route.extensions.len().min(4)) {
            if set == 0 || moves(world, route, (at, set)) {
                items.push(Item::Window(window, set));
            }
        }
    }
    let settled = reads::of_additions(world.plan, route);
    let events = Event::ALL.iter().copied();
    items.extend(
        events
            .filter(|e| settled & e.bit() != 0)
            .map(Item::Happened),
    );
    items
}

/// Returns the grants of a route that have a window, by clause.
fn grants<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
) -> impl Iterator<Item = (usize, &'a WindowSpec)> {
    let plan = world.plan;
    route.grants.iter().filter_map(move |place| {
        let clause = route.clauses.get(*place)?.clause;
        match &plan.clause(clause)?.effect {
            Effect::Grants(grant) => Some((clause, grant.window.as_ref()?)),
            _ => None,
        }
    })
}

/// Whether each extension of a set moves the window of a grant.
fn moves(world: &World<'_, '_>, route: &RoutePlan, (granting, set): (usize, usize)) -> bool {
    let mut extensions = route.extensions.iter().enumerate();
    extensions.all(|(number, at)| {
        let clause = route
            .clauses
            .get(*at)
            .and_then(|c| world.plan.clause(c.clause));
        let of = match clause.map(|clause| &clause.effect) {
            Some(Effect::Extends(of, _)) => Some(*of),
            _ => None,
        };
        set & (1 << number) == 0 || of == Some(granting)
    })
}

/// Returns the ends to which the extensions of a set move a window.
pub(super) fn ends_of<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    set: usize,
) -> impl Iterator<Item = &'a End> {
    let plan = world.plan;
    let extensions = route.extensions.iter().enumerate();
    extensions.filter_map(move |(number, at)| {
        let clause = route.clauses.get(*at).and_then(|c| plan.clause(c.clause))?;
        match &clause.effect {
            Effect::Extends(_, end) if set & (1 << number) != 0 => Some(end),
            _ => None,
        }
    })
}

/// Returns the events that an item reads.
pub(super) fn events_of(item: &Item<'_>, world: &World<'_, '_>, route: &RoutePlan) -> Events {
    match item {
        Item::Test(test) => reads::of_test(test),
        Item::Window(window, set) => {
            let ends = ends_of(world, route, *set);
            ends.fold(reads::of_window(window), |set, end| {
                set | reads::of_end(end)
            })
        }
        Item::Happened(event) => event.bit(),
    }
}

/// Returns the window that an item evaluates.
const fn window_of<'a>(item: &Item<'a>) -> Option<&'a WindowSpec> {
    match item {
        Item::Test(Test::Window(window, _)) => Some(window),
        Item::Window(window, _) => Some(*window),
        Item::Test(_) | Item::Happened(_) => None,
    }
}

/// Whether an item that reads events depends on a variable.
pub(super) fn reads_variable(
    item: &Item<'_>,
    events: Events,
    key: Key<'_>,
    world: &World<'_, '_>,
) -> bool {
    match key {
        Key::Event(event, place) => {
            let own = place == ORDER_LEVEL
                || parcel_reader(event).is_none()
                || world.shipment_place() == Some(place);
            let every = match (event, item) {
                (Event::Deliver, _) => events & Event::DeliverLast.bit() != 0,
                (Event::Ship, Item::Test(test)) => reads::looks_at_every_parcel(test),
                _ => false,
            };
            every || (own && events & event.bit() != 0)
        }
        Key::Zone(AT_HOME) => window_of(item).is_some_and(|w| w.zone == WindowZone::Customer),
        Key::Zone(_) => true,
        // By which way a request came says when its form was sent.
        Key::Fact(..) => events & Event::FormSend.bit() != 0,
        Key::Shipment => false,
    }
}

/// Returns what an item comes to: a test 0 or 1, a window its status, and another number
/// where something else is unknown.
pub(super) fn value<'a>(world: &World<'a, '_>, route: &'a RoutePlan, item: &Item<'a>) -> u8 {
    match item {
        Item::Test(test) => world.test(test).map_or(UNKNOWN, u8::from),
        Item::Window(window, set) => {
            let ends = ends_of(world, route, *set);
            let moved: Vec<_> = ends.map(|end| world.end(end)).collect();
            number_of(world.window(window, &moved).status)
        }
        Item::Happened(event) => world.occurred(*event).map_or(UNKNOWN, u8::from),
    }
}

/// Returns what a window by itself comes to, as [`value`] does.
pub(super) fn value_of_window(world: &World<'_, '_>, window: &WindowSpec) -> u8 {
    number_of(world.window(window, &[]).status)
}

/// Returns a number for where an act fell, never 0.
pub(super) const fn number_of(status: Result<WindowStatus, Key<'_>>) -> u8 {
    match status {
        Ok(WindowStatus::NotOpenYet) => 2,
        Ok(WindowStatus::Open) => 3,
        Ok(WindowStatus::Review) => 4,
        Ok(WindowStatus::Closed) => 5,
        Err(_) => 6,
    }
}
