//! Log and decision log to a stalled reader, a full disk and a closed pipe.

use std::fs::OpenOptions;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::callers::{Callers, connect, without_retries};
use super::servers::{PATIENCE, Start};
use super::{Plan, at_least, at_most};
use crate::report::Figure;

/// Concurrent callers.
const CALLERS: usize = 16;
/// `grace` of the server, in seconds: the bound on its shutdown.
const GRACE: u64 = 5;

/// What the outputs are connected to.
#[derive(Clone, Copy, Debug)]
enum Sink {
    Stalled,
    Full,
    Closed,
}

/// Runs each with both outputs.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (sink, name) in [
        (Sink::Stalled, "log reader stalled"),
        (Sink::Full, "disk full"),
        (Sink::Closed, "log pipe closed"),
    ] {
        figures.extend(run_with_sink(plan, sink, name).await);
    }
    figures
}

/// Sends both outputs to one kind of sink.
async fn run_with_sink(plan: &Plan, sink: Sink, what: &str) -> Vec<Figure> {
    let grace = GRACE.to_string();
    // A line for each frame fills a pipe soon.
    let arguments = ["--log", "trace", "--decision-log", "-"];
    let arguments = [&arguments[..], &["--decision-log-requests", "true"]].concat();
    let arguments = [&arguments[..], &["--grace", &grace, "--drain-delay", "0"]].concat();
    let output = || match sink {
        Sink::Stalled | Sink::Closed => Stdio::piped(),
        Sink::Full => {
            let full = OpenOptions::new().write(true).open("/dev/full");
            full.expect("/dev/full").into()
        }
    };
    let mut server = Start::new(&plan.program, &arguments)
        .run_with(output(), output())
        .await;
    if let Sink::Closed = sink {
        server.close_outputs();
    }
    let client = connect(server.uri(), without_retries()).await;
    let callers = Callers::start(&client, CALLERS);
    let dropped = || {
        let lines = server.metric("redress_log_lines_dropped_total", "");
        (
            lines,
            server.metric("redress_decision_records_dropped_total", ""),
        )
    };
    let began = Instant::now();
    let mut seen = (0.0, 0.0);
    while (seen.0 == 0.0 || seen.1 == 0.0) && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        seen = dropped();
    }
    // Decisions have to go on after the first drop.
    tokio::time::sleep(plan.attack() / 2).await;
    let (lines, records) = dropped();
    let healthy = f64::from(u8::from(server.is_ready()));
    let others = callers.stop().await;
    others.explain(what);
    drop(client);
    let (code, after) = server.stop().await;
    let bad_exit = f64::from(u8::from(code != Some(0)));
    let grace = GRACE as f64 * 1e3;
    vec![
        at_least(what, "calls", others.answered as f64, "", 1.0),
        at_most(what, "failed calls", others.failed() as f64, "", 0.0),
        at_most(
            what,
            "p99",
            others.p99(),
            "ms",
            plan.latency_bound(super::OTHERS_P99_MS),
        ),
        at_least(what, "log lines counted as dropped", lines, "", 1.0),
        at_least(
            what,
            "decision records counted as dropped",
            records,
            "",
            1.0,
        ),
        at_least(what, "ready", healthy, "", 1.0),
        at_most(what, "exit codes other than 0", bad_exit, "", 0.0),
        at_most(what, "time to exit", after.as_secs_f64() * 1e3, "ms", grace),
    ]
}
