//! What one decision works with: the policy, the facts, and what was worked out.

use std::cell::{Cell, RefCell};

use super::waiting::Waiting;
use crate::domain::facts::{Ask, Facts};
use crate::domain::path::Owner;
use crate::domain::time::{Instant, Zone};
use crate::domain::verdict::Period;
use crate::domain::vocabulary::Event;
use crate::engine::budget::Work;
use crate::policy::plan::Plan;

/// Periods whose ends are kept: more than the routes of a policy count from the
/// delivery of one parcel.
const KEPT_ENDS: usize = 8;

/// Names what is decided, and where its workings are kept.
#[derive(Clone, Copy)]
pub(crate) struct DecisionContext<'a, 'w> {
    /// The policy.
    pub plan: &'a Plan,
    /// The facts.
    pub facts: &'a Facts<'a>,
    /// What was worked out before.
    pub scratch: &'w Scratch<'w>,
    /// Whether the answer explains itself.
    pub explains: bool,
    /// Whether only what a program acts on is told: no obligations, no payouts, nothing of
    /// who pays the return shipment.
    pub brief: bool,
}

/// Holds an ask: the request's own, or a hypothetical one.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What is asked for.
    pub ask: &'a Ask<'a>,
    /// Whether it is hypothetical.
    pub hypothetical: bool,
}

/// Keeps what rows and routes of one decision share, so that it is worked out once.
/// Nothing in it changes an answer.
pub(crate) struct Scratch<'b> {
    /// The work that is left.
    pub work: &'b Work<'b>,
    ends: RefCell<[Option<(Counted, Instant)>; KEPT_ENDS]>,
    next: Cell<usize>,
    read_own: Cell<bool>,
    happened: Cell<Option<u64>>,
    /// What rows wait for.
    pub waiting: RefCell<Waiting>,
}

/// Names a period in months or working days, counted from an instant; plain days are
/// counted faster than looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// What it counts from.
    pub from: Instant,
    /// Where days are those of the clock.
    pub zone: Zone,
    /// How long.
    pub period: Period,
    /// The calendar of working days, by its index in the plan.
    pub calendar: Option<usize>,
}

impl<'b> Scratch<'b> {
    /// Starts with work that is left.
    pub(crate) fn new(work: &'b Work<'b>) -> Self {
        Self {
            work,
            ends: RefCell::default(),
            next: Cell::default(),
            read_own: Cell::default(),
            happened: Cell::default(),
            waiting: RefCell::default(),
        }
    }

    /// Returns the set of events that have happened by what the order and the request say of
    /// them, of whatever they are; of actions, and of what a rule reads, every one.
    pub(crate) fn happened(&self, facts: &Facts<'_>) -> u64 {
        self.happened.get().unwrap_or_else(|| {
            let ruled = Event::ALL.iter().filter(|event| {
                let spec = event.spec();
                spec.rule.is_some() || matches!(spec.field.owner(), Owner::Action(_))
            });
            let ruled = ruled.fold(0, |set, event| set | event.bit());
            let happened = facts.happened() | ruled;
            self.happened.set(Some(happened));
            happened
        })
    }

    /// Starts to watch what is read of a row: see [`Self::has_read_own`].
    pub(crate) fn watch(&self) {
        self.read_own.set(false);
    }

    /// Records that a fact of the row was read, or an event of its line.
    #[inline]
    pub(crate) fn read_own(&self) {
        self.read_own.set(true);
    }

    /// Whether anything was read since [`Self::watch`] that another row of the same
    /// parcel and with the same test results may know differently.
    pub(crate) fn has_read_own(&self) -> bool {
        self.read_own.get()
    }

    /// Returns the end of a period, worked out at most once for each place kept.
    pub(crate) fn end(&self, counted: Counted, work_out: impl FnOnce() -> Instant) -> Instant {
        let known = |kept: &&(Counted, Instant)| kept.0 == counted;
        if let Some((_, end)) = self.ends.borrow().iter().flatten().find(known) {
            return *end;
        }
        let end = work_out();
        let index = self.next.get();
        if let Some(kept) = self.ends.borrow_mut().get_mut(index) {
            *kept = Some((counted, end));
        }
        // The oldest makes way.
        let next = index.saturating_add(1);
        self.next.set(if next < KEPT_ENDS { next } else { 0 });
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::budget::Budget;

    #[test]
    fn an_end_is_worked_out_once_and_the_oldest_makes_way() {
        let work = Work::new(Budget::default());
        let scratch = Scratch::new(&work);
        let counted = |seconds: i64| Counted {
            from: Instant::from_unix(seconds, 0).expect("an instant"),
            zone: Zone::utc(),
            period: Period::Months(1),
            calendar: None,
        };
        let worked_out = |seconds: i64| {
            let mut asked = false;
            let end = scratch.end(counted(seconds), || {
                asked = true;
                counted(seconds + 1).from
            });
            assert_eq!(end, counted(seconds + 1).from);
            asked
        };
        let kept = i64::try_from(KEPT_ENDS).expect("a small number");
        assert!((0..kept).all(worked_out));
        assert!(!(0..kept).any(worked_out));
        assert!(worked_out(kept));
        assert!(worked_out(0));
        assert!(!worked_out(2));
    }
}
