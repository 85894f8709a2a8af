//! A long run at 70 % of the measured maximum: memory does not grow after the warm-up, and
//! p99 is stable.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;

use super::servers::{Server, Start};
use super::{Plan, at_least, at_most, figure};
use crate::report::Figure;
use crate::wire::load::Connection;
use crate::wire::messages::{Bodies, DECIDE};

/// Concurrent calls on each connection while the maximum is measured. The connections are
/// those of the offered load: fewer with more calls each cost the server less.
const CALLS_AT_ONCE: usize = 2;
/// How long the maximum is measured.
const MAXIMUM_TIME: Duration = Duration::from_secs(5);
/// The offered load as a part of the maximum.
const LOAD: f64 = 0.7;
/// Connections of all load.
const CONNECTIONS: usize = 32;
/// The interval at which each connection sends its next calls.
const INTERVAL: Duration = Duration::from_millis(10);
/// The warm-up is one part in so many of the time.
const WARM_UP: u32 = 8;
/// The least part of the offered load that has to be answered.
const ANSWERED: f64 = 0.99;
/// The bound on memory growth after the warm-up.
const GROWTH_PERCENT: f64 = 5.0;
/// The bound on the p99 of a quarter, as a multiple of the first quarter's.
const P99_TIMES: f64 = 1.5;

/// Keeps a server busy for a number of minutes, and prints the figures.
pub fn run(plan: &Plan, minutes: u32) -> Vec<Figure> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let whole = Duration::from_secs(u64::from(minutes) * 60);
    let figures = runtime.block_on(soak(plan, whole));
    super::print_figures(&figures);
    figures
}

async fn soak(plan: &Plan, whole: Duration) -> Vec<Figure> {
    let server = Start::new(&plan.program, &["--threads", "1"]).run().await;
    let body = Bodies::new().unary;
    let maximum = measure_maximum(server.address, &body).await;
    let rate = maximum * LOAD;
    let mut figures = vec![
        figure("soak", "measured maximum", maximum, "req/s"),
        figure("soak", "offered load", rate, "req/s"),
    ];
    let mut warm = Quarter::default();
    warm.run(&server, &body, rate, whole / WARM_UP).await;
    let before = server.resident();
    figures.push(figure("soak", "resident after the warm-up", before, "MiB"));
    let quarter = (whole - whole / WARM_UP) / 4;
    let mut first = None;
    for number in 1..=4 {
        let mut results = Quarter::default();
        let began = Instant::now();
        results.run(&server, &body, rate, quarter).await;
        let answered = results.latency.len() as f64 / began.elapsed().as_secs_f64();
        let p99 = results.latency.value_at_quantile(0.99) as f64 / 1e3;
        let first = *first.get_or_insert(p99);
        let case = |what: &str| format!("quarter {number}: {what}");
        let bound = rate * ANSWERED;
        figures.push(at_least(
            "soak",
            &case("answered"),
            answered,
            "req/s",
            bound,
        ));
        let bound = (first * P99_TIMES * 100.0).round() / 100.0;
        figures.push(at_most("soak", &case("p99"), p99, "ms", bound));
        let grown = (server.resident() / before - 1.0) * 100.0;
        figures.push(at_most(
            "soak",
            &case("memory growth since the warm-up"),
            grown,
            "%",
            GROWTH_PERCENT,
        ));
    }
    figures
}

/// Returns how many calls the server answers in a second under a closed loop of calls.
async fn measure_maximum(address: SocketAddr, body: &Bytes) -> f64 {
    let until = Instant::now() + MAXIMUM_TIME;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let connection = Connection::open(address).await;
        for _ in 0..CALLS_AT_ONCE {
            let (connection, body) = (connection.clone(), body.clone());
            tasks.spawn(async move {
                let mut done = 0_u32;
                while Instant::now() < until {
                    connection.call(DECIDE, body.clone()).await;
                    done += 1;
                }
                done
            });
        }
    }
    let done: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(done) / MAXIMUM_TIME.as_secs_f64()
}

/// Results of one part of the run.
struct Quarter {
    latency: Histogram<u64>,
}

impl Default for Quarter {
    fn default() -> Self {
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3);
        Self {
            latency: latency.expect("bounds"),
        }
    }
}

impl Quarter {
    /// Calls at a rate. Latency counts from the scheduled time of a call, so that a call that
    /// is sent late because earlier ones are slow counts as slow too.
    async fn run(&mut self, server: &Server, body: &Bytes, rate: f64, time: Duration) {
        let mut tasks = tokio::task::JoinSet::new();
        let until = Instant::now() + time;
        for number in 0..CONNECTIONS {
            let connection = Connection::open(server.address).await;
            let body = body.clone();
            // The connections send at different times within an interval.
            let offset = INTERVAL.mul_f64(number as f64 / CONNECTIONS as f64);
            let per_interval = rate * INTERVAL.as_secs_f64() / CONNECTIONS as f64;
            tasks.spawn(async move {
                tokio::time::sleep(offset).await;
                let mut latency = Self::default().latency;
                let mut ticks = tokio::time::interval(INTERVAL);
                let mut owed = 0.0;
                while Instant::now() < until {
                    let due = ticks.tick().await;
                    owed += per_interval;
                    let mut calls = tokio::task::JoinSet::new();
                    while owed >= 1.0 {
                        owed -= 1.0;
                        let (connection, body) = (connection.clone(), body.clone());
                        calls.spawn(async move {
                            connection.call(DECIDE, body).await;
                            u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX)
                        });
                    }
                    for took in calls.join_all().await {
                        latency.saturating_record(took);
                    }
                }
                latency
            });
        }
        for latency in tasks.join_all().await {
            self.latency.add(latency).expect("the same bounds");
        }
    }
}
