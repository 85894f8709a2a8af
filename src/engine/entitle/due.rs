//! Computes when something is due, with everything that the date waits for.

use crate::domain::few::Few;
use crate::domain::verdict::{Bound, Due, DueGroup};
use crate::engine::read::world::World;
use crate::policy::terms::End;

impl<'a> World<'a, '_> {
    /// Computes when something is due: as a date, or as what it waits for.
    pub(crate) fn due(&self, end: &'a End) -> Due {
        let world = World {
            shown: true,
            ..*self
        };
        world.due_shown(end)
    }

    fn due_shown(&self, end: &'a End) -> Due {
        match end {
            End::Latest(ends) => {
                let dues = ends.iter().map(|end| self.due_shown(end));
                let joined = dues.reduce(Due::later);
                joined.unwrap_or(Due::By(Bound::Unbounded))
            }
            End::Earliest(ends) => self.first_of(ends),
            End::Never
            | End::After(..)
            | End::Before(_)
            | End::Clock(..)
            | End::Date(..)
            | End::Stated(..) => Due::By(self.bound(end)),
        }
    }

    /// Computes the first of ends; the checker sees to it that none of them is a list.
    fn first_of(&self, ends: &'a [End]) -> Due {
        let mut group = DueGroup::default();
        for end in ends {
            group.add(self.bound(end));
        }
        // Nothing comes first while nothing has happened, nor waits once all has.
        if group.not_after.is_some() && !group.ends.is_empty() {
            group.ends = Few::new();
            for end in ends {
                if !ends.iter().any(|other| self.comes_first(other, end)) {
                    group.add(self.bound(end));
                }
            }
        }
        Due::first_of(group)
    }

    /// Returns an end as it is shown.
    fn bound(&self, end: &'a End) -> Bound {
        let bound = self.end(end).bound;
        // INVARIANT: an end that is shown is never unknown.
        debug_assert!(bound.is_some(), "{end:?}");
        bound.unwrap_or(Bound::Unbounded)
    }

    /// Whether one end comes before another that counts alike, since it counts from
    /// what has happened and the other from what has not.
    fn comes_first(&self, one: &'a End, other: &'a End) -> bool {
        let alike = match (one, other) {
            (End::After(event, period, calendar), End::After(_, days, of)) => {
                // A planned day is known and can lie ahead.
                !event.is_planned() && (period, calendar) == (days, of)
            }
            (End::Before(event), End::Before(_)) => !event.is_planned(),
            _ => false,
        };
        let known = |end: &'a End| self.end(end).bound.and_then(Bound::range).is_some();
        alike && known(one) && !known(other)
    }
}
