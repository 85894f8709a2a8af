//! Which events tests, windows and conditions read.

use crate::domain::vocabulary::{Event, Fact};
use crate::policy::plan::{Plan, RoutePlan, indexes};
use crate::policy::terms::{DaySpec, End, Events, Part, SettledBy, StatedPeriod, Test, WindowSpec};

/// Returns the event with which a window opens, where its act is never before it: only
/// whether it has happened counts then, not when.
pub(super) fn of_certain_opening(window: &WindowSpec) -> Events {
    let Some(End::Before(opens)) = &window.opens else {
        return 0;
    };
    let is_certain = match window.act.event() {
        None => true,
        Some(Event::Request) => *opens == Event::Place,
        Some(act) => act.before() & opens.bit() != 0,
    };
    match is_certain {
        true => opens.bit() & !window.closes.events(),
        false => 0,
    }
}

/// Returns the events from whose day a day is found on which the clock ends a window, those
/// days that `counts` says.
pub(super) fn by_clock(
    plan: &Plan,
    route: &RoutePlan,
    counts: impl Fn(&DaySpec) -> bool + Copy,
) -> Events {
    let by_clock_of = |end| by_clock_of(end, counts);
    let closes = route
        .windows(plan)
        .map(|window| by_clock_of(&window.closes));
    let clauses = route
        .extensions
        .iter()
        .filter_map(|at| route.clauses.get(*at));
    let moved = clauses.filter_map(|at| {
        plan.clause(at.clause)?
            .effect
            .extension()
            .map(|(_, end)| by_clock_of(end))
    });
    closes.chain(moved).fold(0, |set, events| set | events)
}

fn by_clock_of(end: &End, counts: impl Fn(&DaySpec) -> bool + Copy) -> Events {
    match end {
        End::Clock(day, _) if counts(day) => day.of.bit(),
        End::Latest(ends) | End::Earliest(ends) => {
            let of = |set, end| set | by_clock_of(end, counts);
            ends.iter().fold(0, of)
        }
        End::Never
        | End::Before(_)
        | End::After(..)
        | End::Clock(..)
        | End::Date(..)
        | End::Stated(..) => 0,
    }
}

/// Returns the periods of windows and of what moves them of which facts say how long they are,
/// with the events that they count from.
pub(super) fn stated_periods<'p>(
    plan: &'p Plan,
    route: &'p RoutePlan,
) -> impl Iterator<Item = (Event, &'p StatedPeriod)> {
    let windows = route.windows(plan).flat_map(WindowSpec::stated);
    windows.chain(route.extension_ends(plan).flat_map(End::stated))
}

/// Whether a test looks at every parcel of the order.
pub(super) fn looks_at_every_parcel(test: &Test) -> bool {
    test.fact()
        .is_some_and(|named| named.fact == Fact::OrderShipped)
}

/// Returns the events whose having happened settles a condition, or lets money move.
pub(super) fn of_additions(plan: &Plan, route: &RoutePlan) -> Events {
    let clauses = indexes(route.additions).filter_map(|at| route.clauses.get(at));
    let effects = clauses.filter_map(|at| plan.clause(at.clause));
    let parts = effects.flat_map(|clause| clause.effect.parts());
    let conditions = parts.filter_map(Part::condition);
    conditions.fold(0, |set, spec| match &spec.settled_by {
        SettledBy::Event(event) => set | event.bit(),
        SettledBy::Finding(test) => set | test.events(),
    })
}
