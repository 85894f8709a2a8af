//! Redress on the same orders: its answers are compared with the hand-written
//! function's before anything is timed.

use std::hint::black_box;

use redress::domain::facts::Facts;
use redress::domain::time::Instant;
use redress::domain::verdict::{Bound, Outcome};
use redress::engine::{View, decide};
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;
use redress::policy::source::Source;
use redress::rpc::inbound;
use redress_client::pb::DecideRequest;
use rust_decimal::Decimal;

use crate::hand;
use crate::orders::Sample;

/// The policy, loaded.
pub struct Engine {
    catalog: Catalog,
    now: Instant,
}

impl Engine {
    /// Loads the policy of the bench.
    pub fn new() -> Self {
        let source = Source {
            path: "baseline/always.toml".to_owned(),
            text: include_str!("../policies/baseline/always.toml").to_owned(),
        };
        Self {
            catalog: Catalog::load(&[source]).expect("a valid policy"),
            now: Instant::from_unix(0, 0).expect("an instant"),
        }
    }

    fn plan(&self) -> &Plan {
        self.catalog.plans().next().expect("one policy")
    }

    /// Reads and checks the facts of a sample.
    pub fn check<'s>(&self, sample: &'s Sample) -> Facts<'s> {
        let input = inbound::decide(&sample.message, self.now).expect("right fields");
        Facts::new(input.order, input.request, input.decide_time).expect("facts that fit")
    }

    /// From the decoded message to the verdict, validation included.
    pub fn decide_message(&self, message: &DecideRequest) {
        let input = inbound::decide(black_box(message), self.now).expect("right fields");
        let plan = self
            .catalog
            .find(input.choice.policy, None, input.order.place)
            .expect("the policy");
        let facts =
            Facts::new(input.order, input.request, input.decide_time).expect("facts that fit");
        black_box(decide(plan, &facts, input.view));
    }

    /// From checked facts to the verdict.
    pub fn engine_alone(&self, facts: &Facts<'_>) {
        black_box(decide(self.plan(), black_box(facts), View::Basic));
    }

    /// Ends where redress and the hand-written function differ.
    pub fn compare(&self, samples: &[Sample]) {
        for sample in samples {
            let facts = self.check(sample);
            let verdict = decide(self.plan(), &facts, View::Basic);
            let reply = hand::decide(&sample.typed);
            let settlement = verdict.settlement.as_ref();
            let total = settlement.map_or(0, |s| s.refund_total.plus(s.credit_total).minor());
            assert_eq!(Decimal::new(total, 2), reply.total);
            assert_eq!(verdict.rows.len(), reply.rows.len());
            for (row, expected) in verdict.rows.iter().zip(&reply.rows) {
                assert_eq!(row.outcome == Outcome::Approved, expected.approved);
                let reason = row.reasons.first().expect("a reason");
                assert_eq!(reason.code, expected.reason);
                assert_eq!(reason.clause.map(|c| c.id), Some(expected.clause));
                let amount = row.entitlement.as_ref().and_then(|e| e.amount);
                let cents = amount.map_or(0, |a| a.minor());
                assert_eq!(Decimal::new(cents, 2), expected.amount);
                let window = row
                    .entitlement
                    .as_ref()
                    .and_then(|e| e.window)
                    .or(row.window);
                if let Some(window) = window {
                    let Bound::At(closes) = window.closes else {
                        panic!("{window:?}");
                    };
                    assert_eq!(closes.unix_seconds(), expected.closes.timestamp());
                }
            }
        }
    }
}
