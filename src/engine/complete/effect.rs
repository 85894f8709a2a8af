//! One effect of what is assumed of places and times, as the facts of a row are completed.

use super::items::number_of;
use super::reads;
use crate::domain::event::Event;
use crate::engine::guard::{Holds, Results, bit};
use crate::engine::judge::Judged;
use crate::engine::window::Fallen;
use crate::engine::world::{Value, World};
use crate::policy::plan::{Bits, RoutePlan};
use crate::policy::terms::{Effect, Test};

/// What an answer rests on of places and times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Statuses {
    /// For each grant whose window is read where the act fell in it.
    windows: Vec<u8>,
    /// The events that have happened of those that conditions wait for, a bit each.
    happened: u64,
    /// The parcel of the units.
    parcel: Option<usize>,
    /// The effect itself, where a condition reads more of times than what has happened.
    effect: Option<usize>,
}

/// For each extension of a route whether it moves a window; `None`: it is not known.
type Moves = Vec<Option<bool>>;

/// The windows of grants, by their places on the route and what moves them.
type Windows<'a> = Vec<((usize, Moves), Option<Fallen<'a>>)>;

/// Stands for a grant without a window.
const NO_WINDOW: u8 = 0;

/// An effect, with the windows that were worked out under it.
pub(super) struct Completed<'a, 'w> {
    pub world: World<'a, 'w>,
    /// The tests that wait for what nobody speaks of, and the customer may have supplied.
    pub unsaid: Bits,
    happened: u64,
    number: Option<usize>,
    windows: Windows<'a>,
}

impl<'a, 'w> Completed<'a, 'w> {
    /// Starts with what is assumed in a world; `number` tells it from other effects.
    pub(super) fn new(world: World<'a, 'w>, route: &'a RoutePlan, number: usize) -> Self {
        let awaited = reads::of_additions(world.plan, route);
        let events = Event::ALL.iter().filter(|event| awaited & event.bit() != 0);
        let happened = events.filter(|event| world.occurred(**event) == Some(true));
        let unsaid = route
            .tests
            .iter()
            .enumerate()
            .filter(|(_, test)| match test {
                Test::NotSupplied(fact, _) => world.fact(fact) == Value::Unknown,
                _ => false,
            });
        let mut settling = route.settling_tests(world.plan);
        let reads_times =
            settling.any(|test| reads::of_test(test) != 0 && !matches!(test, Test::Happened(..)));
        Self {
            number: reads_times.then_some(number),
            happened: happened.fold(0, |set, event| set | event.bit()),
            unsaid: unsaid.fold(0, |set, (place, _)| set | bit(place)),
            windows: Vec::new(),
            world,
        }
    }

    /// Works out the windows of grants, each once, and says what an answer rests on of them.
    pub(super) fn look_at_windows(
        &mut self,
        route: &'a RoutePlan,
        judged: &mut Judged<'a>,
    ) -> Statuses {
        let mut statuses = Vec::with_capacity(route.grants.len());
        for at in &route.grants {
            let Some((moves, fallen)) = self.window(route, *at, &judged.results) else {
                statuses.push(NO_WINDOW);
                continue;
            };
            // Facts can still tell how far the end moves.
            for moves in settled(moves) {
                let fallen = self.moved(route, (*at, moves));
                statuses.push(fallen.map_or(NO_WINDOW, |fallen| number_of(fallen.status)));
            }
            judged.windows.push((*at, fallen));
        }
        Statuses {
            windows: statuses,
            happened: self.happened,
            parcel: self.world.shipment_place(),
            effect: self.number,
        }
    }

    /// Returns the window of a grant, as [`World::grant_window`] does, and what moves it.
    fn window(
        &mut self,
        route: &'a RoutePlan,
        at: usize,
        results: &Results,
    ) -> Option<(Moves, Option<Fallen<'a>>)> {
        let clause = route.clauses.get(at)?;
        if results.guard(&clause.guard) == Holds::No && route.watched.binary_search(&at).is_err() {
            return None;
        }
        let moves: Moves = self.world.moves(route, at, results).collect();
        let is_known = moves.iter().all(|moved| moved.is_some());
        let fallen = match is_known {
            true => self.moved(route, (at, moves.clone())),
            false => self.world.grant_window(route, at, results)?,
        };
        Some((moves, fallen))
    }

    /// Returns the window of a grant as extensions move it; `None`: it has none.
    fn moved(&mut self, route: &'a RoutePlan, key: (usize, Moves)) -> Option<Fallen<'a>> {
        if let Some((_, fallen)) = self.windows.iter().find(|(known, _)| *known == key) {
            return *fallen;
        }
        let (at, moves) = &key;
        let plan = self.world.plan;
        let effect = |at: &usize| {
            let clause = plan.clause(route.clauses.get(*at)?.clause)?;
            Some(&clause.effect)
        };
        let window = match effect(at) {
            Some(Effect::Grants(grant)) => grant.window.as_ref(),
            _ => None,
        };
        let extensions = route.extensions.iter().zip(moves);
        let ends = extensions.filter_map(|(at, moved)| match effect(at) {
            Some(Effect::Extends(_, end)) if *moved == Some(true) => Some(self.world.end(end)),
            _ => None,
        });
        let ends: Vec<_> = ends.collect();
        let fallen = window.map(|window| self.world.window(window, &ends));
        self.windows.push((key, fallen));
        fallen
    }
}

/// Returns all ways in which it can be settled what moves a window.
fn settled(moves: Moves) -> Vec<Moves> {
    let mut all = vec![Moves::new()];
    for moved in moves {
        let ways: &[bool] = match moved {
            Some(true) => &[true],
            Some(false) => &[false],
            None => &[false, true],
        };
        all = all
            .into_iter()
            .flat_map(|moves| {
                ways.iter().map(move |way| {
                    let mut moves = moves.clone();
                    moves.push(Some(*way));
                    moves
                })
            })
            .collect();
    }
    all
}
