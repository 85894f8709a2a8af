//! Computes when something is due, with everything that the date waits for.

use super::window::EndValue;
use super::world::{Key, ORDER_LEVEL, World};
use crate::domain::event::Event;
use crate::domain::few::Few;
use crate::domain::verdict::{Bound, Due, DueGroup};
use crate::policy::terms::End;

impl<'a> World<'a, '_> {
    /// Computes when something is due; an error names the fact that tells.
    pub(super) fn due(&self, end: &'a End) -> Result<Due, Key<'a>> {
        match end {
            End::Latest(ends) => {
                let mut dues = ends.iter().map(|end| self.due(end));
                let first = dues.next().unwrap_or(Ok(Due::By(Bound::Unbounded)))?;
                dues.try_fold(first, |due, next| Ok(due.later(next?)))
            }
            End::Earliest(ends) => self.first_of(ends),
            End::Never | End::After(..) | End::Before(_) | End::Clock(..) => {
                self.told(end).map(Due::By)
            }
        }
    }

    /// Computes the first of ends; the checker sees to it that none of them is a list.
    fn first_of(&self, ends: &'a [End]) -> Result<Due, Key<'a>> {
        let mut group = DueGroup::default();
        for end in ends {
            group.add(self.told(end)?);
        }
        // Nothing comes first while nothing has happened, nor waits once all has.
        if group.not_after.is_some() && !group.ends.is_empty() {
            group.ends = Few::new();
            for end in ends {
                if !ends.iter().any(|other| self.comes_first(other, end)) {
                    group.add(self.told(end)?);
                }
            }
        }
        Ok(Due::first_of(group))
    }

    /// Returns an end as it can be shown; an error names the fact that tells.
    fn told(&self, end: &'a End) -> Result<Bound, Key<'a>> {
        let EndValue { bound, key } = self.end(end);
        bound.ok_or_else(|| key.unwrap_or(Key::Event(Event::Place, ORDER_LEVEL)))
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
