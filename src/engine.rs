//! The pure decision: `decide(plan, facts) -> Verdict`.
//!
//! No clock, no files, no randomness, no state: the same plan and the same facts
//! give the same verdict on any machine. A row goes through the folders in this order, and
//! none of them uses a later one: `read` tells what is known, `judge` finds the clauses that
//! apply, `money` what units are worth, `entitle` what the customer gets, `missing` which
//! facts could change that, `settle` the money of the order; `rows` decides all rows together
//! and `options` hypothetical requests. The files beside them are the entries.

mod across;
mod budget;
mod decide;
mod entitle;
mod explain;
mod judge;
mod list;
mod missing;
mod money;
mod options;
mod read;
mod rows;
mod settle;

pub use across::{TermsChange, decide_across};
pub use budget::{Budget, Stopped};
pub use decide::decide;
pub use list::{MAX_REASON_CLASSES, NoOptions, OptionAsks, Options, OptionsQuery};
pub use options::fold::fold;

/// Tells how much a verdict holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What a program acts on: outcome, next step, sums, dates, conditions, missing facts and
    /// clauses; what else is possible only beside a denial.
    Compact,
    /// All that a program needs to act.
    Basic,
    /// With the facts compared, and what each missing fact leads to.
    Full,
}
