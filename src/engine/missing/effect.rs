//! One effect of what is assumed of places and times, as the facts of a row are completed.

use super::items::{EventReader, number_of, settling_tests, value};
use super::reads;
use crate::domain::facts::Value;
use crate::engine::judge::Windows;
use crate::engine::read::guard::{TestResults, bit};
use crate::engine::read::window::WindowResult;
use crate::engine::read::world::World;
use crate::policy::plan::{Bits, Plan, RoutePlan, indexes};
use crate::policy::terms::{Effect, Test};

/// What an answer rests on of places and times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Statuses {
    /// For each grant whose window is read where the act fell in it, and for each way in
    /// which facts can still settle whether its end moves.
    windows: Vec<u8>,
    /// The events that have happened of those that conditions wait for, a bit each.
    happened: u64,
    /// The parcel of the units.
    parcel: Option<usize>,
    /// What the tests come to that settle conditions and read more of times than what has
    /// happened.
    settling: Vec<u8>,
}

/// Which clauses decide what the windows of grants are: a bit for each index on the route.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowClauses {
    /// Grants whose windows are read.
    pub grants: Bits,
    /// Extensions that apply.
    pub moving: Bits,
    /// Extensions of which a fact decides whether they apply.
    pub open: Bits,
}

/// What the conditions of a route read of times.
pub(super) struct Conditions<'a> {
    /// The events whose having happened settles one, a bit each.
    events: u64,
    /// The tests that settle one and read more of times than what has happened.
    tests: Vec<&'a Test>,
}

impl<'a> Conditions<'a> {
    pub(super) fn of(plan: &'a Plan, route: &'a RoutePlan) -> Self {
        Self {
            events: reads::of_additions(plan, route),
            tests: settling_tests(plan, route).collect(),
        }
    }
}

/// An effect, with the windows that were worked out under it.
pub(super) struct Completed<'a, 'w> {
    pub world: World<'a, 'w>,
    /// The tests that wait for what nobody speaks of, and the customer may have supplied.
    pub unsaid: Bits,
    happened: u64,
    settling: Vec<u8>,
    known: Vec<(WindowClauses, usize)>,
    windows: Vec<(WindowClauses, Windows<'a>)>,
}

impl<'a, 'w> Completed<'a, 'w> {
    /// Starts with what is assumed in a world.
    pub(super) fn new(
        world: World<'a, 'w>,
        route: &'a RoutePlan,
        conditions: &Conditions<'a>,
    ) -> Self {
        let events = world.plan.events_in(conditions.events);
        let happened = events.filter(|event| world.occurred(*event) == Some(true));
        let unsaid = route
            .tests
            .iter()
            .enumerate()
            .filter(|(_, test)| match test {
                Test::NotSupplied(fact, _) => world.fact(fact) == Value::Unknown,
                Test::YesNo(..)
                | Test::OneOf(..)
                | Test::NoneOf(..)
                | Test::Range(..)
                | Test::Amount(..)
                | Test::Happened(..)
                | Test::Window(..)
                | Test::Past(_)
                | Test::Week(..)
                | Test::DayIn(..) => false,
            });
        Self {
            settling: conditions
                .tests
                .iter()
                .map(|test| value(&world, &EventReader::Test(test)))
                .collect(),
            happened: happened.fold(0, |set, event| set | event.bit()),
            unsaid: unsaid.fold(0, |set, (index, _)| set | bit(index)),
            known: Vec::new(),
            windows: Vec::new(),
            world,
        }
    }

    /// Returns the number of what an answer rests on of places and times; `number` gives
    /// equal ones the same.
    pub(super) fn statuses(
        &mut self,
        route: &'a RoutePlan,
        deciding: WindowClauses,
        number: impl FnOnce(Statuses) -> usize,
    ) -> usize {
        if let Some((_, statuses)) = self.known.iter().find(|(known, _)| *known == deciding) {
            return *statuses;
        }
        let mut windows = Vec::new();
        for at in indexes(deciding.grants) {
            // An extension moves an end if that is later: each by itself says what all of
            // them together come to.
            let with_each = indexes(deciding.open).map(|open| deciding.moving | bit(open));
            for moving in std::iter::once(deciding.moving).chain(with_each) {
                let window = self.window(route, at, moving);
                windows.push(window.map_or(0, |window| number_of(window.status)));
            }
        }
        let statuses = number(Statuses {
            windows,
            happened: self.happened,
            parcel: self.world.shipment_index(),
            settling: self.settling.clone(),
        });
        self.known.push((deciding, statuses));
        statuses
    }

    /// Returns the window of a grant as extensions move it; `None`: it has none.
    fn window(&self, route: &'a RoutePlan, at: usize, moving: Bits) -> Option<WindowResult<'a>> {
        let plan = self.world.plan;
        let index = route.clauses.get(at)?.clause;
        let grant = plan.clause(index)?.effect.grant()?;
        let window = grant.window.as_ref()?;
        let ends = indexes(moving).filter_map(|at| {
            match &plan.clause(route.clauses.get(at)?.clause)?.effect {
                Effect::Extends(of, end) if *of == index => Some(self.world.end(end)),
                Effect::Grants(_)
                | Effect::Refuses(_)
                | Effect::Refers(_)
                | Effect::Adds(_)
                | Effect::Extends(..) => None,
            }
        });
        let ends: Vec<_> = ends.collect();
        Some(self.world.window(window, &ends))
    }

    /// Returns the windows of grants, each worked out once.
    pub(super) fn windows(
        &mut self,
        route: &'a RoutePlan,
        deciding: WindowClauses,
        results: &TestResults,
    ) -> Windows<'a> {
        if let Some((_, windows)) = self.windows.iter().find(|(known, _)| *known == deciding) {
            return windows.clone();
        }
        let read = route.grants.iter();
        let read = read.filter(|at| deciding.grants & bit(**at) != 0);
        let windows =
            read.filter_map(|at| Some((*at, self.world.grant_window(route, *at, results)?)));
        let windows: Windows<'a> = windows.collect();
        self.windows.push((deciding, windows.clone()));
        windows
    }
}
