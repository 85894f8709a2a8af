//! What became of each clause of a route for one row, as sets of clauses.

use crate::domain::few::Few;
use crate::engine::read::guard::bit;
use crate::engine::read::world::Key;
use crate::policy::plan::Bits;

/// States what became of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Active<'p> {
    /// It does not apply, or is overridden.
    No,
    /// It applies.
    Yes,
    /// A grant stands under the condition that tests which wait come true.
    Assumed,
    /// A refusal, a referral or an addition does not apply under the condition
    /// that tests which wait do not come true.
    HeldOff,
    /// A person decides, since findings are open.
    Review,
    /// A fact that is asked for keeps it from being decided.
    Needs(Key<'p>),
}

/// Holds which clauses are in which state, a bit for each index on the route; a clause
/// in none of them does not apply.
#[derive(Clone, Debug)]
pub(crate) struct Activity<'a> {
    /// Those that apply.
    pub yes: Bits,
    /// Grants that stand under conditions.
    pub assumed: Bits,
    /// Those that stay away under conditions.
    pub held_off: Bits,
    /// Those that a person decides on.
    pub review: Bits,
    /// Those that wait for a fact that is asked for.
    pub needs: Bits,
    /// The facts that clauses wait for, by their indexes.
    keys: Few<(usize, Key<'a>)>,
}

impl<'a> Activity<'a> {
    /// Returns no clause in any state.
    pub(crate) const fn new() -> Self {
        Self {
            yes: 0,
            assumed: 0,
            held_off: 0,
            review: 0,
            needs: 0,
            keys: Few::new(),
        }
    }

    /// Sets the state of the clause at an index of the route.
    pub(crate) fn set(&mut self, at: usize, active: Active<'a>) {
        let states = match active {
            Active::No => return,
            Active::Yes => &mut self.yes,
            Active::Assumed => &mut self.assumed,
            Active::HeldOff => &mut self.held_off,
            Active::Review => &mut self.review,
            Active::Needs(key) => {
                self.keys.push((at, key));
                &mut self.needs
            }
        };
        *states |= bit(at);
    }

    /// Returns the clauses that are in any state.
    pub(crate) const fn any(&self) -> Bits {
        self.yes | self.assumed | self.held_off | self.review | self.needs
    }

    /// Returns the state of the clause at an index of the route.
    pub(crate) fn get(&self, at: usize) -> Active<'a> {
        let bit = bit(at);
        if self.yes & bit != 0 {
            Active::Yes
        } else if self.assumed & bit != 0 {
            Active::Assumed
        } else if self.held_off & bit != 0 {
            Active::HeldOff
        } else if self.review & bit != 0 {
            Active::Review
        } else {
            let key = self.keys.iter().find(|(index, _)| *index == at);
            key.map_or(Active::No, |(_, key)| Active::Needs(*key))
        }
    }
}
