//! What became of each clause of a route for one row.

use super::guard::{Holds, Results};
use super::world::Key;
use crate::domain::few::Few;
use crate::policy::plan::{Bits, RoutePlan};

/// Clauses of a route whose states are kept in place; those of a longer route are
/// kept on the heap.
const IN_PLACE: usize = 96;

/// States what became of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Active<'p> {
    /// It does not apply, or is overridden.
    No,
    /// It applies.
    Yes,
    /// A grant stands under the condition that these tests come true.
    Assumed(Bits),
    /// A refusal, a referral or an addition does not apply under the condition
    /// that these tests do not come true.
    Averted(Bits),
    /// A person decides, since findings are open.
    Review,
    /// A fact that is asked for keeps it from being decided.
    Needs(Key<'p>),
}

/// The state of a clause without what it waits for, which can be worked out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    No,
    Yes,
    Assumed,
    Averted,
    Review,
    Needs,
}

/// Holds the states of clauses, by their places on the route.
pub(super) struct Activity<'a> {
    in_place: [State; IN_PLACE],
    longer: Vec<State>,
    count: usize,
    needs: Few<(usize, Key<'a>)>,
}

impl<'a> Activity<'a> {
    /// Starts with no clause.
    pub(super) const fn new() -> Self {
        Self {
            in_place: [State::No; IN_PLACE],
            longer: Vec::new(),
            count: 0,
            needs: Few::new(),
        }
    }

    /// Adds the state of the next clause.
    pub(super) fn push(&mut self, active: Active<'a>) {
        let state = match active {
            Active::No => State::No,
            Active::Yes => State::Yes,
            Active::Assumed(_) => State::Assumed,
            Active::Averted(_) => State::Averted,
            Active::Review => State::Review,
            Active::Needs(key) => {
                self.needs.push((self.count, key));
                State::Needs
            }
        };
        match self.in_place.get_mut(self.count) {
            Some(place) => *place = state,
            None => self.longer.push(state),
        }
        self.count = self.count.saturating_add(1);
    }

    /// Returns the state of the clause at a place of the route.
    pub(super) fn get(&self, route: &RoutePlan, results: &Results, at: usize) -> Active<'a> {
        let state = match self.in_place.get(at) {
            Some(state) => Some(*state),
            None => self.longer.get(at.saturating_sub(IN_PLACE)).copied(),
        };
        let waits = || match route.clauses.get(at).map(|c| results.guard(&c.guard)) {
            Some(Holds::Waits(bits)) => bits,
            _ => 0,
        };
        match state {
            None | Some(State::No) => Active::No,
            Some(State::Yes) => Active::Yes,
            Some(State::Assumed) => Active::Assumed(waits()),
            Some(State::Averted) => Active::Averted(waits()),
            Some(State::Review) => Active::Review,
            Some(State::Needs) => {
                let key = self.needs.iter().find(|(place, _)| *place == at);
                key.map_or(Active::No, |(_, key)| Active::Needs(*key))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_a_long_route_are_kept_too() {
        let route = RoutePlan {
            route: crate::domain::facts::Action::Return,
            tests: Vec::new(),
            past: 0,
            clauses: Vec::new(),
            grants: Vec::new(),
            refusals: Vec::new(),
            referrals: Vec::new(),
            additions: Vec::new(),
            extensions: Vec::new(),
            remedies: Vec::new(),
            watched: Vec::new(),
            supplies: false,
        };
        let results = Results::default();
        let mut activity = Activity::new();
        let key = |place: usize| Key::Event(crate::domain::event::Event::Ship, place);
        for place in 0..IN_PLACE + 8 {
            activity.push(match place % 3 {
                0 => Active::Yes,
                1 => Active::Needs(key(place)),
                _ => Active::No,
            });
        }
        for place in 0..IN_PLACE + 8 {
            let expected = match place % 3 {
                0 => Active::Yes,
                1 => Active::Needs(key(place)),
                _ => Active::No,
            };
            assert_eq!(activity.get(&route, &results, place), expected, "{place}");
        }
        assert_eq!(activity.get(&route, &results, 999), Active::No);
    }
}
