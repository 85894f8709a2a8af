//! Fault injection: what a server survives, with figures and their bounds.
//!
//! Servers run as processes of their own, callers use the client crate, and all traffic
//! stays on the loopback interface.

mod callers;
mod killed;
mod policies;
mod proxy;
mod restarts;
mod servers;

use std::path::PathBuf;

use crate::build;
use crate::report::{Figure, Report, human};

/// Bounds on latency are so many times wider in a quick run, since the cores of CI are
/// often shared.
const QUICK_LATENCY_FACTOR: f64 = 5.0;

/// Names of the faults, in the order of a run.
pub const NAMES: [&str; 3] = [
    "restarts",
    "policies",
    "killed",
];

/// Which program is tested, and for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server.
    pub program: PathBuf,
    /// Whether to take less time, with wider bounds on latency.
    pub quick: bool,
}

impl Plan {
    /// Takes a program, or builds the one of this tree.
    pub fn new(program: Option<PathBuf>, quick: bool) -> Self {
        let program = program.unwrap_or_else(|| {
            build::build(&[("redress", "redress")]);
            build::beside("redress")
        });
        Self { program, quick }
    }

    /// Returns the value for a quick run or for a full one.
    fn pick<T>(&self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }

    /// Returns a bound on latency, which is wider in a quick run.
    fn latency_bound(&self, bound: f64) -> f64 {
        bound * self.pick(QUICK_LATENCY_FACTOR, 1.0)
    }
}

/// Injects one fault or all of them, and prints the figures of each.
pub fn run(report: &mut Report, plan: &Plan, only: Option<&str>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for name in NAMES {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        eprintln!("{name} ...");
        let figures = runtime.block_on(async {
            match name {
                "restarts" => restarts::run(plan).await,
                "policies" => policies::run(plan).await,
                "killed" => killed::run(plan).await,
                other => panic!("no such fault: {other}"),
            }
        });
        print_figures(&figures);
        report.figures.extend(figures);
    }
}

/// Prints figures with their bounds.
fn print_figures(figures: &[Figure]) {
    let mut last = None;
    for figure in figures {
        if last != Some(&figure.case) {
            println!("\n{}", figure.case);
            last = Some(&figure.case);
        }
        let value = human(figure.value, figure.unit);
        let bound = figure.bar.as_ref().map(|bar| {
            let met = if bar.met { "" } else { ": MISSED" };
            format!("  [{}{met}]", bar.text)
        });
        println!(
            "    {:<48} {value:>14}{}",
            figure.what,
            bound.unwrap_or_default()
        );
    }
}

/// Makes a figure without a bound.
fn figure(fault: &str, what: &str, value: f64, unit: &'static str) -> Figure {
    Figure::of("faults", what, fault, &[value], unit)
}

/// Makes a figure that must not exceed a bound.
fn at_most(fault: &str, what: &str, value: f64, unit: &'static str, bound: f64) -> Figure {
    let text = match bound {
        0.0 => "none".to_owned(),
        bound => format!("at most {}", human(bound, unit)),
    };
    figure(fault, what, value, unit).bar(text, value <= bound)
}

/// Makes a figure that must not be less than a bound.
fn at_least(fault: &str, what: &str, value: f64, unit: &'static str, bound: f64) -> Figure {
    figure(fault, what, value, unit).bar(format!("at least {}", human(bound, unit)), value >= bound)
}
