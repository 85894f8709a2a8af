//! `redress ask`: one verdict, from a server.

use std::path::PathBuf;

use redress_client::pb;

use super::decide::Form;
use super::output::Failure;
use super::target::{Remote, Trust};
use super::{input, small_runtime};

/// Ask a server to decide a request
///
/// Prints the same as `redress decide`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proto JSON of one redress.v1.DecideRequest; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Address of the server, such as 127.0.0.1:50051 or https://host:443
    #[arg(long, value_name = "ADDR", env = "REDRESS_ADDR")]
    to: String,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    form: Form,
}

/// Runs the command.
///
/// # Errors
/// The request cannot be read, the server cannot be reached, or it refuses.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut request: pb::DecideRequest = input::request(&args.file, "redress.v1.DecideRequest")?;
    let currency = args.form.apply(&mut request);
    let runtime = small_runtime()?;
    let remote = runtime.block_on(Remote::connect(&args.to, &args.trust))?;
    let reply = runtime.block_on(remote.decide(request))?;
    args.form.print(&reply, &currency, |receipt| {
        runtime.block_on(remote.clauses(receipt))
    })
}
