//! A long run at 70 % of the measured maximum: memory does not grow after the warm-up, and
//! p99 is stable.
//!
//! A machine that does other work is faster in one minute than in the next. The server that
//! is kept busy therefore takes turns with one that has just started: both feel what the
//! machine does, and only the old one feels what has piled up in it.

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
/// How often the maximum is measured, and for how long; the median counts.
const MAXIMUM_TRIES: usize = 5;
const MAXIMUM_TIME: Duration = Duration::from_secs(2);
/// For how long the server is kept busy until it is compared again.
const BUSY: Duration = Duration::from_secs(10);
/// The time in which two servers are compared, each.
const SLICE: Duration = Duration::from_secs(4);
/// For how long a server that has just started is loaded before.
const FRESH_WARM_UP: Duration = Duration::from_secs(1);
/// The offered load as a part of the maximum.
const LOAD: f64 = 0.7;
/// Connections of all load.
const CONNECTIONS: usize = 32;
/// The interval at which each connection sends its next calls.
const INTERVAL: Duration = Duration::from_millis(10);
/// The warm-up is one part in so many of the time.
const WARM_UP: u32 = 8;
/// The least part that has to be answered of what a server answers that has just started.
const ANSWERED: f64 = 0.99;
/// The bound on memory growth after the warm-up.
const GROWTH_PERCENT: f64 = 5.0;
/// The bound on p99, as a multiple of that of a server that has just started.
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
    let server = start(plan).await;
    let body = Bodies::new().unary;
    let mut tries = Vec::new();
    for _ in 0..MAXIMUM_TRIES {
        tries.push(measure_maximum(server.address, &body).await);
    }
    let maximum = median(tries);
    let rate = maximum * LOAD;
    let mut figures = vec![
        figure("soak", "measured maximum", maximum, "req/s"),
        figure("soak", "offered load", rate, "req/s"),
    ];
    slice(&server, &body, rate, whole / WARM_UP).await;
    let before = server.resident();
    figures.push(figure("soak", "resident after the warm-up", before, "MiB"));
    let quarter = (whole - whole / WARM_UP) / 4;
    for number in 1..=4 {
        let began = Instant::now();
        let mut results = Quarter::default();
        while began.elapsed() < quarter {
            slice(&server, &body, rate, BUSY.min(quarter / 2)).await;
            results.compare(plan, &server, &body, rate).await;
        }
        let Quarter {
            answered,
            p99,
            p99_of_fresh,
        } = results;
        let beside = p99
            .iter()
            .zip(&p99_of_fresh)
            .map(|(own, fresh)| own / fresh);
        let beside = median(beside.collect());
        let case = |what: &str| format!("quarter {number}: {what}");
        let figures_of = [
            at_least(
                "soak",
                &case("answered, beside a fresh server"),
                median(answered),
                "x",
                ANSWERED,
            ),
            figure("soak", &case("p99"), median(p99), "ms"),
            figure(
                "soak",
                &case("p99 of a fresh server"),
                median(p99_of_fresh),
                "ms",
            ),
            at_most(
                "soak",
                &case("p99, beside a fresh server"),
                beside,
                "x",
                P99_TIMES,
            ),
            at_most(
                "soak",
                &case("memory growth since the warm-up"),
                (server.resident() / before - 1.0) * 100.0,
                "%",
                GROWTH_PERCENT,
            ),
        ];
        figures.extend(figures_of);
    }
    figures
}

/// Results of a part of the run, from each time that the servers were compared.
#[derive(Default)]
struct Quarter {
    answered: Vec<f64>,
    p99: Vec<f64>,
    p99_of_fresh: Vec<f64>,
}

impl Quarter {
    /// Loads the server, and one that has just started.
    async fn compare(&mut self, plan: &Plan, server: &Server, body: &Bytes, rate: f64) {
        let own = slice(server, body, rate, SLICE).await;
        let fresh = start(plan).await;
        slice(&fresh, body, rate, FRESH_WARM_UP).await;
        let fresh = slice(&fresh, body, rate, SLICE).await;
        self.answered.push(own.per_second / fresh.per_second);
        self.p99.push(own.p99);
        self.p99_of_fresh.push(fresh.p99);
    }
}

async fn start(plan: &Plan) -> Server {
    Start::new(&plan.program, &["--threads", "1"]).run().await
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds")
}

/// What became of the calls of a slice.
struct Slice {
    /// Calls that were answered a second.
    per_second: f64,
    /// Milliseconds.
    p99: f64,
}

/// Calls at a rate. Latency counts from the scheduled time of a call, so that a call that is
/// sent late because earlier ones are slow counts as slow too.
async fn slice(server: &Server, body: &Bytes, rate: f64, time: Duration) -> Slice {
    let began = Instant::now();
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
            let mut latency = histogram();
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
    let mut latency = histogram();
    for of_connection in tasks.join_all().await {
        latency.add(of_connection).expect("the same bounds");
    }
    Slice {
        per_second: latency.len() as f64 / began.elapsed().as_secs_f64(),
        p99: latency.value_at_quantile(0.99) as f64 / 1e3,
    }
}
