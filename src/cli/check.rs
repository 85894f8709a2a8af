//! `redress check`: whether policies load.

use std::path::PathBuf;

use super::output::{self, Failure};
use crate::server::reload;

/// Check policies, every mistake at once with its place and remedy
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of policies, `POLICY/REVISION.toml` [default: those built in]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The policies cannot be read, or any of them is not valid.
pub fn run(args: &Args) -> Result<(), Failure> {
    let catalog = reload::catalog(args.directory.as_deref())?;
    let (revisions, clauses) = catalog
        .plans()
        .fold((0_usize, 0_usize), |(n, clauses), plan| {
            (
                n.saturating_add(1),
                clauses.saturating_add(plan.clause_count()),
            )
        });
    output::print(&format!(
        "{revisions} policy revisions with {clauses} clauses are valid\n"
    ))
}
