//! What has to be done next.

use super::{Outcome, Verdict};
use crate::domain::money::Amount;
use crate::domain::words::words;

words! {
    /// Names what has to be done next for a row or an order.
    NextStep {
        /// Ask for the facts that are missing.
        Ask = "ask",
        /// Let a person decide.
        Review = "review",
        /// Pay what may be paid now.
        Pay = "pay",
        /// Give goods or credit, or make the change; no money is due back.
        CarryOut = "carry_out",
        /// Wait for an event, or for conditions to be settled.
        Wait = "wait",
        /// Tell the customer that it is refused.
        Refuse = "refuse",
    }
}

impl NextStep {
    /// Returns the step of a row that is not approved; `None`: it is.
    pub const fn without_approval(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::NeedsInformation => Some(Self::Ask),
            Outcome::NeedsReview => Some(Self::Review),
            Outcome::Denied => Some(Self::Refuse),
            Outcome::Approved | Outcome::Mixed => None,
        }
    }
}

impl Verdict<'_> {
    /// Returns what may be paid back now; zero where nothing is approved.
    pub fn payable_now(&self) -> Amount {
        self.settlement
            .as_ref()
            .map_or(Amount::ZERO, |settlement| settlement.payable_now_total)
    }

    /// Returns what has to be done next for the order: ask or review before all else, and
    /// refuse only where every row is denied.
    pub fn next_step(&self) -> NextStep {
        let any = |step: NextStep| self.rows.iter().any(|row| row.next_step == step);
        let first = [NextStep::Ask, NextStep::Review];
        if let Some(first) = first.into_iter().find(|step| any(*step)) {
            return first;
        }
        if !self.payable_now().is_zero() {
            return NextStep::Pay;
        }
        let then = [NextStep::CarryOut, NextStep::Wait];
        then.into_iter()
            .find(|step| any(*step))
            .unwrap_or(NextStep::Refuse)
    }
}
