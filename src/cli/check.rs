//! `redress check`: whether policies load.

use std::path::PathBuf;

use super::output::{self, Failure, counted};
use crate::server::reload;

/// Check policies, every mistake at once with its place and remedy
///
/// PATH holds one folder a policy, `POLICY/REVISION.toml`, or is one such folder or one
/// such file itself.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of policies, or one policy of it [default: those built in]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The policies cannot be read, or any of them is not valid.
pub fn run(args: &Args) -> Result<(), Failure> {
    let catalog = reload::catalog_at(args.path.as_deref())?;
    let (revisions, clauses) = catalog
        .plans()
        .fold((0_usize, 0_usize), |(n, clauses), plan| {
            (
                n.saturating_add(1),
                clauses.saturating_add(plan.clause_count()),
            )
        });
    output::print(&format!(
        "{}, {}: OK\n",
        counted(revisions, "policy revision"),
        counted(clauses, "clause")
    ))
}
