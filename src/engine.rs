//! The pure decision: `decide(plan, facts) -> Verdict`.

use crate::domain::facts::{Facts, Order, RequestLine, Requester};
use crate::domain::time::Instant;
use crate::domain::verdict::{OrderOption, Receipt, Verdict};
use crate::domain::violation::Violation;
use crate::policy::plan::Plan;

/// Tells how much a verdict holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All that a program needs to act.
    Basic,
    /// With the facts compared.
    Full,
}

/// Decides one request under one policy.
pub fn decide<'a>(plan: &'a Plan, facts: &'a Facts, view: View) -> Verdict<'a> {
    let _ = (plan, facts, view);
    unimplemented!()
}

/// Asks what is possible with an order.
#[derive(Clone, Debug)]
pub struct OptionsQuery {
    /// The order.
    pub order: Order,
    /// The instant asked about.
    pub request_time: Instant,
    /// The units asked about; empty: all that are left.
    pub lines: Vec<RequestLine>,
    /// Who asks.
    pub requester: Option<Requester>,
}

/// Holds what is possible with an order. It owns the facts of its query.
pub struct Options {
    facts: Facts,
}

impl Options {
    /// Checks a query.
    ///
    /// # Errors
    /// Every violation, each with its field path.
    pub fn new(query: OptionsQuery) -> Result<Self, Vec<Violation>> {
        let _ = query;
        unimplemented!()
    }

    /// Lists the options: every route, reason class and remedy, by line and for
    /// all units asked about.
    pub fn list<'a>(&'a self, plan: &'a Plan, view: View) -> (Vec<OrderOption<'a>>, Receipt<'a>) {
        let _ = (plan, view, &self.facts);
        unimplemented!()
    }
}
