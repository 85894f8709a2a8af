//! How much work a decision may take, and how it is told to stop.

use std::cell::Cell;
use std::fmt;

use crate::domain::limits::MAX_STEPS;

/// Steps after which a decision looks whether it is to stop.
const STEPS_AT_ONCE: usize = 1024;

/// The work that a decision may take. A step is a row, a state of a row under some values
/// of its unknown facts, or a look at where an unknown event changes something: about a
/// microsecond or two. A decision whose facts are known takes one for each row.
#[derive(Clone, Copy)]
pub struct Budget<'b> {
    steps: usize,
    interrupted: Option<&'b dyn Fn() -> bool>,
    meter: Option<&'b Cell<usize>>,
}

impl Default for Budget<'_> {
    /// Allows [`MAX_STEPS`].
    fn default() -> Self {
        Self::of(MAX_STEPS)
    }
}

impl<'b> Budget<'b> {
    /// Allows so many steps.
    pub const fn of(steps: usize) -> Self {
        Self {
            steps,
            interrupted: None,
            meter: None,
        }
    }

    /// Adds the steps that a decision takes to a meter when it ends, however that is.
    #[must_use]
    pub const fn metered(self, meter: &'b Cell<usize>) -> Self {
        Self {
            meter: Some(meter),
            ..self
        }
    }

    /// Stops a decision once this says so, which is asked now and then while it is worked
    /// on: that its time is over, or that nobody waits for it any more.
    #[must_use]
    pub const fn unless(self, interrupted: &'b dyn Fn() -> bool) -> Self {
        Self {
            interrupted: Some(interrupted),
            ..self
        }
    }
}

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Budget");
        shown.field("steps", &self.steps).finish_non_exhaustive()
    }
}

/// Says why there is no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// It takes more steps than this.
    #[error(
        "so much is unknown that deciding takes more than the limit of {0} steps; state more facts, or ask about fewer units at once"
    )]
    OutOfSteps(usize),
    /// It was interrupted.
    #[error("the decision was interrupted")]
    Interrupted,
}

/// The work that is left of a budget.
pub(crate) struct Work<'b> {
    budget: Budget<'b>,
    left: Cell<usize>,
    since_asked: Cell<usize>,
    stopped: Cell<Option<Stopped>>,
}

impl<'b> Work<'b> {
    pub(crate) const fn new(budget: Budget<'b>) -> Self {
        Self {
            left: Cell::new(budget.steps),
            budget,
            since_asked: Cell::new(0),
            stopped: Cell::new(None),
        }
    }

    /// Takes steps off what is left; returns whether work may go on.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        match self.left.get().checked_sub(steps) {
            Some(left) => self.left.set(left),
            None => self.give_up(),
        }
        let since = self.since_asked.get().saturating_add(steps);
        self.since_asked.set(since);
        if since >= STEPS_AT_ONCE {
            self.since_asked.set(0);
            if self.budget.interrupted.is_some_and(|stop| stop()) {
                self.stop(Stopped::Interrupted);
            }
        }
        self.stopped.get().is_none()
    }

    /// Stops as if the steps were used up: what is unknown takes more than any number.
    pub(crate) fn give_up(&self) {
        self.stop(Stopped::OutOfSteps(self.budget.steps));
    }

    fn stop(&self, why: Stopped) {
        self.stopped.set(self.stopped.get().or(Some(why)));
    }

    /// Fails where work was stopped: then nothing that it led to is an answer.
    pub(crate) fn result(&self) -> Result<(), Stopped> {
        self.stopped.get().map_or(Ok(()), Err)
    }

    /// Whether work was stopped.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.get().is_some()
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let Some(meter) = self.budget.meter {
            let taken = self.budget.steps.saturating_sub(self.left.get());
            meter.set(meter.get().saturating_add(taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_with_its_steps() {
        let work = Work::new(Budget::of(3));
        assert!(work.spend(3));
        assert_eq!(work.result(), Ok(()));
        assert!(!work.spend(1));
        assert_eq!(work.result(), Err(Stopped::OutOfSteps(3)));
    }

    #[test]
    fn a_meter_counts_the_steps_of_all_work() {
        let meter = Cell::new(0);
        let budget = Budget::of(10).metered(&meter);
        for steps in [3, 4, 11] {
            Work::new(budget).spend(steps);
        }
        // What is more than there is was not taken.
        assert_eq!(meter.get(), 3 + 4);
    }

    #[test]
    fn work_is_interrupted_between_steps() {
        let asked = Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() == 2
        };
        let work = Work::new(Budget::of(usize::MAX).unless(&stop));
        assert!((0..STEPS_AT_ONCE * 2 - 1).all(|_| work.spend(1)));
        assert!(!work.spend(1));
        assert_eq!(work.result(), Err(Stopped::Interrupted));
        assert_eq!(asked.get(), 2);
    }
}
