//! Fault injection: what a server survives, with figures and their bounds.
//!
//! Servers run as processes of their own, callers use the client crate, and all traffic
//! stays on the loopback interface. Attackers connect from `127.0.0.2` and callers from
//! `127.0.0.1`, since the server limits connections and requests by address.

mod callers;
mod floods;
mod frames;
mod identities;
mod killed;
mod policies;
mod proxy;
mod readers;
mod restarts;
mod servers;
mod sinks;
mod soak;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use redress_client::Client;
use tokio::net::{TcpSocket, TcpStream};

use self::callers::{Callers, Tally, connect, without_retries};
use self::servers::Server;
use crate::build;
use crate::report::{Figure, Report, human};

pub use self::soak::run as soak;

/// The address that attackers connect from.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Callers during an attack.
const OTHERS: usize = 8;
/// The bound on the p99 of other callers during an attack, in milliseconds, on two cores
/// that the attackers use too.
const OTHERS_P99_MS: f64 = 100.0;
/// Bounds on latency are so many times wider in a quick run, since the cores of CI are
/// often shared.
const QUICK_LATENCY_FACTOR: f64 = 5.0;

/// Names of the faults, in the order of a run.
pub const NAMES: [&str; 8] = [
    "restarts",
    "policies",
    "killed",
    "readers",
    "floods",
    "frames",
    "identities",
    "sinks",
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

    /// Returns the duration of an attack.
    fn attack(&self) -> Duration {
        Duration::from_secs(self.pick(2, 20))
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
                "readers" => readers::run(plan).await,
                "floods" => floods::run(plan).await,
                "frames" => frames::run(plan).await,
                "identities" => identities::run(plan).await,
                "sinks" => sinks::run(plan).await,
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

/// Runs an attack while other callers use the server.
///
/// Their calls have to be answered within the latency bound, the memory of the server may
/// grow by `max_growth` MiB at most, and it has to exit with 0 when it is stopped.
async fn during<T>(
    plan: &Plan,
    what: &str,
    server: Server,
    client: Client,
    max_growth: f64,
    attack: impl Future<Output = T>,
) -> (Vec<Figure>, T) {
    let baseline = baseline(&client).await;
    let memory = server.watch_memory();
    let callers = Callers::start(&client, OTHERS);
    let result = attack.await;
    let others = callers.stop().await;
    others.explain(what);
    let growth = memory.growth().await;
    drop(client);
    let (code, _) = server.stop().await;
    let bad_exit = f64::from(u8::from(code != Some(0)));
    let figures = vec![
        figure(
            what,
            "p99 of others without the attack",
            baseline.p99(),
            "ms",
        ),
        at_most(
            what,
            "p99 of others",
            others.p99(),
            "ms",
            plan.latency_bound(OTHERS_P99_MS),
        ),
        at_most(
            what,
            "failed calls of others",
            others.failed() as f64,
            "",
            0.0,
        ),
        at_least(what, "calls of others", others.answered as f64, "", 1.0),
        at_most(what, "memory growth", growth, "MiB", max_growth),
        at_most(what, "exit codes other than 0", bad_exit, "", 0.0),
    ];
    (figures, result)
}

/// Measures the other callers without an attack, for a second.
async fn baseline(client: &Client) -> Tally {
    let callers = Callers::start(client, OTHERS);
    tokio::time::sleep(Duration::from_secs(1)).await;
    callers.stop().await
}

/// Connects the other callers, which do not retry.
async fn connect_others(server: &Server) -> Client {
    connect(server.uri(), without_retries()).await
}

/// Connects as an attacker; `None` if the connection was refused.
async fn connect_attacker(to: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::new(ATTACKER, 0)).ok()?;
    socket.connect(to).await.ok()
}
