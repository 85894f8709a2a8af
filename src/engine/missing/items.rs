//! What a route reads of events: tests, windows and conditions.

use super::reads;
use crate::domain::verdict::WindowStatus;
use crate::domain::vocabulary::{Event, Fact};
use crate::engine::read::world::{AT_HOME, Key, ORDER_LEVEL, World};
use crate::policy::plan::{Plan, RoutePlan};
use crate::policy::terms::{End, Events, Test, WindowSpec, WindowZone};

/// What a test comes to that something else keeps from being decided.
const UNKNOWN: u8 = 7;

/// Something that reads events, and comes to one of a few values.
#[derive(Clone, Copy)]
pub(super) enum EventReader<'a> {
    /// A test, by its index on the route.
    Test(&'a Test),
    /// The window of a grant, or the same moved to an end by an extension. What several
    /// extensions come to follows from what each comes to.
    Window(&'a WindowSpec, Option<&'a End>),
    /// Whether an event has happened.
    Happened(Event),
    /// Eight bits of a number that says how long a period is, from this one on: windows that
    /// are not alike are shown together, and tests look at the number as well.
    Number(Fact, u32),
}

/// Returns the tests of a route that read events, with their indexes: the first items.
pub(super) fn tests(route: &RoutePlan) -> impl Iterator<Item = (usize, &Test)> {
    let tests = route.tests.iter().enumerate();
    tests.filter(|(_, test)| test.events() != 0)
}

/// Returns everything of a route that reads events.
pub(super) fn items<'a>(world: &World<'a, '_>, route: &'a RoutePlan) -> Vec<EventReader<'a>> {
    let mut items: Vec<_> = tests(route)
        .map(|(_, test)| EventReader::Test(test))
        .collect();
    for (at, window) in grants(world, route) {
        items.push(EventReader::Window(window, None));
        let ends = ends_of(world, route, at);
        items.extend(ends.map(|end| EventReader::Window(window, Some(end))));
    }
    items.extend(settling_tests(world.plan, route).map(EventReader::Test));
    let settled = reads::of_additions(world.plan, route);
    items.extend(world.plan.events_in(settled).map(EventReader::Happened));
    let mut numbers: Vec<Fact> = Vec::new();
    for (_, period) in reads::stated_periods(world.plan, route) {
        let fact = period.fact.fact;
        if !numbers.contains(&fact) && world.number(fact).is_err() {
            numbers.push(fact);
        }
    }
    let bits = |fact: Fact| [0, 8, 16, 24].map(|from| EventReader::Number(fact, from));
    items.extend(numbers.into_iter().flat_map(bits));
    items
}

/// Returns the tests that settle conditions and read more of times than what has happened.
pub(super) fn settling_tests<'a>(
    plan: &'a Plan,
    route: &'a RoutePlan,
) -> impl Iterator<Item = &'a Test> {
    let tests = route.settling_tests(plan);
    tests.filter(|test| test.events() != 0 && !matches!(test, Test::Happened(..)))
}

/// Returns the grants of a route that have a window, by clause.
fn grants<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
) -> impl Iterator<Item = (usize, &'a WindowSpec)> {
    let plan = world.plan;
    route.grants.iter().filter_map(move |index| {
        let clause = route.clauses.get(*index)?.clause;
        let grant = plan.clause(clause)?.effect.grant()?;
        Some((clause, grant.window.as_ref()?))
    })
}

/// Returns the ends to which extensions move the window of a granting clause.
fn ends_of<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    granting: usize,
) -> impl Iterator<Item = &'a End> {
    let plan = world.plan;
    route.extensions.iter().filter_map(move |at| {
        let clause = route.clauses.get(*at)?.clause;
        let (of, end) = plan.clause(clause)?.effect.extension()?;
        (of == granting).then_some(end)
    })
}

/// Returns the events that an item reads.
pub(super) fn events_of(item: &EventReader<'_>) -> Events {
    match item {
        EventReader::Test(test) => test.events(),
        EventReader::Window(window, moved) => window.events() | moved.map_or(0, End::events),
        EventReader::Happened(event) => event.bit(),
        EventReader::Number(..) => 0,
    }
}

/// Returns the window that an item evaluates.
const fn window_of<'a>(item: &EventReader<'a>) -> Option<&'a WindowSpec> {
    match item {
        EventReader::Test(Test::Window(window, _)) => Some(window),
        EventReader::Window(window, _) => Some(*window),
        EventReader::Test(_) | EventReader::Happened(_) | EventReader::Number(..) => None,
    }
}

/// Whether an item that reads events depends on a variable.
pub(super) fn reads_variable(
    item: &EventReader<'_>,
    events: Events,
    key: Key<'_>,
    world: &World<'_, '_>,
) -> bool {
    match key {
        Key::Event(event, index) => {
            let own = index == ORDER_LEVEL
                || !event.field().is_of_parcel()
                || world.shipment_index() == Some(index);
            let every = match (event, item) {
                (Event::Deliver, _) => events & Event::DeliverLast.bit() != 0,
                (Event::Ship, EventReader::Test(test)) => reads::looks_at_every_parcel(test),
                _ => false,
            };
            every || (own && events & event.bit() != 0)
        }
        Key::Zone(AT_HOME) => window_of(item).is_some_and(|w| w.zone == WindowZone::Customer),
        Key::Zone(_) => !matches!(item, EventReader::Number(..)),
        // By which way a request came says when its form was sent.
        Key::Fact(Fact::Channel, ..) if events & Event::FormSend.bit() != 0 => true,
        Key::Fact(fact, ..) if matches!(item, EventReader::Number(of, _) if *of == fact) => true,
        Key::Fact(fact, ..) => {
            let moved = match item {
                EventReader::Window(_, Some(end)) => end.stated(),
                EventReader::Test(_)
                | EventReader::Window(..)
                | EventReader::Happened(_)
                | EventReader::Number(..) => Vec::new(),
            };
            let own = window_of(item).map(WindowSpec::stated);
            let mut read = own.into_iter().flatten().chain(moved);
            read.any(|(_, period)| period.fact.fact == fact)
        }
        Key::Shipment | Key::Currency => false,
    }
}

/// Returns what an item comes to: a test 0 or 1, a window its status, and another number
/// where something else is unknown.
pub(super) fn value<'a>(world: &World<'a, '_>, item: &EventReader<'a>) -> u8 {
    match item {
        EventReader::Test(test) => world.test(test).map_or(UNKNOWN, u8::from),
        EventReader::Window(window, None) => value_of_window(world, window),
        EventReader::Window(window, Some(end)) => {
            number_of(world.window(window, &[world.end(end)]).status)
        }
        EventReader::Happened(event) => world.occurred(*event).map_or(UNKNOWN, u8::from),
        EventReader::Number(fact, from) => world.number(*fact).map_or(UNKNOWN, |number| {
            let bits = number.checked_shr(*from).unwrap_or_default() & 0xFF;
            u8::try_from(bits).unwrap_or(UNKNOWN)
        }),
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
