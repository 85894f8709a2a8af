//! A server that is killed with SIGKILL under load, and restarted at once.

use std::time::Duration;

use super::callers::{Callers, connect, without_retries};
use super::servers::Start;
use super::{Plan, at_most, figure};
use crate::report::Figure;

/// Concurrent callers.
const CALLERS: usize = 16;
/// The pause before each kill.
const PAUSE: Duration = Duration::from_secs(1);
/// The bound on the time from a failure to the next answer, in milliseconds.
const OUTAGE_MS: f64 = 1000.0;

/// Kills and restarts it in a loop.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let start = Start::new(&plan.program, &[]);
    let mut server = start.run().await;
    let client = connect(server.uri(), without_retries()).await;
    let callers = Callers::start(&client, CALLERS);
    for _ in 0..plan.pick(3, 20) {
        tokio::time::sleep(PAUSE).await;
        server.kill();
        server = start.run().await;
    }
    tokio::time::sleep(PAUSE).await;
    let tally = callers.stop().await;
    tally.explain("killed");
    let what = "SIGKILL under load";
    let outage = tally.longest_outage.as_secs_f64() * 1e3;
    vec![
        figure(what, "calls", tally.answered as f64, ""),
        figure(what, "failed calls", tally.failed() as f64, ""),
        at_most(
            what,
            "errors that are not retriable",
            tally.not_retriable as f64,
            "",
            0.0,
        ),
        at_most(
            what,
            "longest time from a failure to the next answer",
            outage,
            "ms",
            plan.latency_bound(OUTAGE_MS),
        ),
    ]
}
