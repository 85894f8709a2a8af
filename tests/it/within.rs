//! Decisions within the budget that a request has by default.

use redress::domain::facts::Facts;
use redress::domain::verdict::Verdict;
use redress::engine::{self, Budget, View};
use redress::policy::plan::Plan;

/// Decides one request.
pub fn decide<'a>(plan: &'a Plan, facts: &'a Facts<'a>, view: View) -> Verdict<'a> {
    engine::decide(plan, facts, view, &Budget::default()).expect("within the budget")
}
