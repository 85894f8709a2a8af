//! Measures redress beside a hand-written function and general engines.
//!
//! `cargo run --release -p redress-bench` measures everything; with `--features peers`
//! the general engines too.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use redress_bench::measure::Effort;
use redress_bench::report::Report;
use redress_bench::{count, engine, faults, missing, scale, shops, threads, wire};

/// Minutes under load in a full measurement.
const SOAK_MINUTES: u32 = 5;

/// Measure what a decision costs; without a command, everything
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

/// What to measure.
#[derive(Subcommand)]
enum Command {
    /// Measure one decision beside other ways to make it
    Engine {
        /// Measure the contenders alone whose name contains this
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Measure with many policies loaded
    Scale(Common),
    /// Measure two threads against one
    Threads(Common),
    /// Measure the typical and the largest requests of every shop
    Shops(Common),
    /// Measure requests of which little is known, beside the same ones fully known
    Missing(Common),
    /// Measure the server beside the same one with a prepared answer
    Wire {
        /// Load the server for so many minutes and see whether its memory grows
        #[arg(long, value_name = "MINUTES")]
        soak: Option<u32>,
        /// Measure what metrics, log, decision log and spans cost, and nothing else
        #[arg(long, conflicts_with = "soak")]
        telemetry: bool,
        /// Count instructions of the server instead, with valgrind
        #[arg(long, requires = "telemetry")]
        count: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Try faults that a server survives: restarts, broken policies, attacks, full disks
    Faults {
        /// Try one fault alone
        #[arg(long, value_name = "NAME", value_parser = faults::NAMES)]
        only: Option<String>,
        /// The server, such as that of a release; built from this tree unless it is given
        #[arg(long, value_name = "PATH")]
        program: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Keep a server busy for a long time and see whether its memory or its p99 grows
    Soak {
        /// For how long
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1440))]
        minutes: u32,
        /// The server, such as that of a release; built from this tree unless it is given
        #[arg(long, value_name = "PATH")]
        program: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Keep a server busy with one kind of call, for a profiler
    #[command(hide = true)]
    Hold {
        /// `redress` or `canned`
        answer: String,
        /// `unary`, `batch` or `stream`
        call: String,
        /// For how long
        seconds: u64,
    },
    /// Count the instructions of decisions, with valgrind
    Count(count::Options),
    /// Decide every counted case once; `count` runs this under valgrind
    #[command(hide = true)]
    Counted,
    /// Measure everything but `count`
    All(Common),
}

/// How long to measure, and where the figures go.
#[derive(Args)]
struct Common {
    /// Measure for a short time: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Write the figures as JSON and as a chart into this directory
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    out: PathBuf,
}

impl Common {
    /// Measures, prints and writes the figures of some parts.
    fn report(&self, name: &str, measure: impl FnOnce(&mut Report, Effort)) -> ExitCode {
        self.write(name, |report, effort| {
            measure(report, effort);
            print!("{report}");
        })
    }

    /// Measures and writes the figures of what prints them itself.
    fn write(&self, name: &str, measure: impl FnOnce(&mut Report, Effort)) -> ExitCode {
        let mut report = Report::default();
        measure(&mut report, Effort::new(self.quick));
        if let Err(error) = report.write(&self.out, name) {
            eprintln!("cannot write to {}: {error}", self.out.display());
            return ExitCode::from(2);
        }
        match report.holds() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

fn main() -> ExitCode {
    let Cli { command, common } = Cli::parse();
    match command.unwrap_or(Command::All(common)) {
        Command::Engine { only, common } => {
            common.report("engine", |r, e| engine::run(r, e, only.as_deref()))
        }
        Command::Scale(common) => {
            let quick = common.quick;
            common.report("scale", |r, e| scale::run(r, e, quick))
        }
        Command::Threads(common) => common.report("threads", threads::run),
        Command::Shops(common) => common.report("shops", shops::run),
        Command::Missing(common) => {
            let quick = common.quick;
            common.report("missing", |r, e| missing::run(r, e, quick))
        }
        Command::Wire {
            soak,
            telemetry,
            count,
            common,
        } => {
            let options = wire::Options::new(common.quick, soak);
            match (telemetry, count) {
                (true, true) => common.report("telemetry-count", |report, _| {
                    report.figures.extend(wire::telemetry::counted::run())
                }),
                (true, false) => common.report("telemetry", |report, _| {
                    report.figures.extend(wire::telemetry::run(&options))
                }),
                (false, _) => common.report("wire", |report, _| {
                    report.figures.extend(wire::run(&options))
                }),
            }
        }
        Command::Faults {
            only,
            program,
            common,
        } => {
            let plan = faults::Plan::new(program, common.quick);
            common.write("faults", |report, _| {
                faults::run(report, &plan, only.as_deref());
            })
        }
        Command::Soak {
            minutes,
            program,
            common,
        } => {
            let plan = faults::Plan::new(program, common.quick);
            common.write("soak", |report, _| {
                report.figures.extend(faults::soak(&plan, minutes));
            })
        }
        Command::Hold {
            answer,
            call,
            seconds,
        } => {
            let slice = Duration::from_secs(seconds);
            println!("{:?}", wire::hold(&answer, &call, slice));
            ExitCode::SUCCESS
        }
        Command::Count(options) => count::run(&options),
        Command::Counted => {
            count::counted();
            ExitCode::SUCCESS
        }
        Command::All(common) => {
            let quick = common.quick;
            common.report("all", |report, effort| {
                engine::run(report, effort, None);
                threads::run(report, effort);
                shops::run(report, effort);
                missing::run(report, effort, quick);
                scale::run(report, effort, quick);
                let soak = (!quick).then_some(SOAK_MINUTES);
                let options = wire::Options::new(quick, soak);
                report.figures.extend(wire::run(&options));
            })
        }
    }
}
