//! The command line: flags and environment arrive, text and an exit code leave.
//!
//! One file a command. What is printed and how the process ends is in
//! [`output`]; how a verdict reads is in [`render`].

pub mod ask;
pub mod bundle;
pub mod calendar;
pub mod check;
pub mod config;
pub mod decide;
pub mod health;
pub mod input;
pub mod options;
pub mod output;
pub mod policies;
pub mod proto;
pub mod render;
pub mod serve;
pub mod settings;
pub mod target;
pub mod test;
pub mod verify;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::output::{Exit, Failure};
use self::settings::layers::{self, NotParsed};

/// What `--version` prints: the engine, and the time-zone data that it decides by.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} (tzdb {})",
        env!("CARGO_PKG_VERSION"),
        chrono_tz::IANA_TZDB_VERSION
    )
});

/// Decide what a shop's customer is owed, from the shop's published terms
#[derive(Debug, Parser)]
#[command(name = "redress", version = VERSION.as_str(), after_help = output::EXIT_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Decide(decide::Args),
    Ask(ask::Args),
    Options(options::Args),
    Policies(policies::Args),
    Proto(proto::Args),
    Calendar(calendar::Args),
    Check(check::Args),
    Bundle(bundle::Args),
    Test(test::Args),
    Serve(serve::Args),
    Config(config::Args),
    Health(health::Args),
    Verify(verify::Args),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let layered = match layers::parse(Cli::command(), &line, &variables()) {
        Ok(layered) => layered,
        Err(NotParsed::CommandLine(error)) => return output::usage(&error),
        Err(NotParsed::Settings(failure)) => return output::finish(Err(failure)),
    };
    let cli = match Cli::from_arg_matches(&layered.matches) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let done = match cli.command {
        Command::Decide(args) => decide::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Options(args) => options::run(&args),
        Command::Policies(args) => policies::run(&args),
        Command::Proto(args) => proto::run(&args),
        Command::Calendar(args) => calendar::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Config(args) => config::run(&args, &Cli::command(), &layered),
        Command::Health(args) => health::run(&args),
        Command::Verify(args) => verify::run(&args),
    };
    output::finish(done)
}

/// Returns the environment. What is not text names no setting of ours.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((
                name.into_string().ok()?,
                value.to_string_lossy().into_owned(),
            ))
        })
        .collect()
}

/// Returns a runtime for a command that makes a few calls and ends.
fn small_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot start the runtime: {error}")))
}
