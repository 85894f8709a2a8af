//! The wire: what the served decision costs beside the same server with an
//! answer that costs nothing.
//!
//! Three servers answer the same calls: `redress`, the program itself with the
//! policies that are built in; `canned reply`, the same listener, limits and
//! layers around a service that decodes the request and returns a prepared
//! verdict; and `echo`, a few bytes in and out. Servers have one core and the
//! generator the other; rounds are interleaved, and ratios are taken round by
//! round. The log of every server is on, and written to nowhere.

mod figures;
mod life;
pub(crate) mod load;
pub(crate) mod messages;
mod pace;
mod servers;
pub mod telemetry;

use std::time::Duration;

use self::figures::{Rounds, bar, ratio};
use self::load::Slice;
use self::messages::{BATCH, BATCH_DECIDE, Bodies, DECIDE, STREAM_DECIDE};
use self::servers::{GENERATOR_CORE, Running, SERVER_CORE};
use crate::report::Figure;

/// Connections, and calls in flight on each, that keep a server busy.
const UNARY: (usize, usize) = (8, 8);
/// The same for batches.
const BATCHES: (usize, usize) = (4, 2);
/// The same for streams.
const STREAMS: (usize, usize) = (4, 2);
/// One connection and four, with 100 calls in flight.
const CONNECTIONS: [(usize, usize); 2] = [(1, 100), (4, 25)];
/// The part of what the canned server can do at which latency is measured.
const LATENCY_LOAD: f64 = 0.5;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Interleaved rounds.
    pub rounds: usize,
    /// Time of one measurement in a round.
    pub slice: Duration,
    /// Minutes under load, to see whether memory grows; `None`: not looked at.
    pub soak: Option<u32>,
}

impl Options {
    /// Chooses between a full measurement and a look.
    pub fn new(quick: bool, soak: Option<u32>) -> Self {
        Self {
            rounds: if quick { 3 } else { 7 },
            slice: Duration::from_millis(if quick { 500 } else { 1500 }),
            soak,
        }
    }
}

/// One server, and what its rounds came to.
struct Contender {
    name: &'static str,
    server: Running,
    unary: Rounds,
    unary_cpu: Rounds,
    compact: Rounds,
    batch: Rounds,
    batch_cpu: Rounds,
    stream: Rounds,
    latency: [Rounds; 3],
}

impl Contender {
    fn start(name: &'static str, program: &str, arguments: &[&str]) -> Self {
        Self {
            name,
            server: Running::start(program, arguments, SERVER_CORE),
            unary: Rounds::default(),
            unary_cpu: Rounds::default(),
            compact: Rounds::default(),
            batch: Rounds::default(),
            batch_cpu: Rounds::default(),
            stream: Rounds::default(),
            latency: Default::default(),
        }
    }
}

/// Measures everything. The servers are built first.
pub fn run(options: &Options) -> Vec<Figure> {
    servers::build();
    servers::pin_generator();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(options))
}

/// Keeps one server busy with one kind of call, for a profiler: says which
/// process it is, and returns what it did.
pub fn hold(answer: &str, call: &str, slice: Duration) -> Figure {
    servers::pin_generator();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let bodies = Bodies::new();
    let server = Running::start("wire-server", &[answer], SERVER_CORE);
    eprintln!("process {}", server.id());
    let done = runtime.block_on(async {
        match call {
            "unary" => unary(&server, slice, &bodies.unary).await,
            "batch" => batches(&server, slice, &bodies).await,
            "stream" => streams(&server, slice, &bodies).await,
            other => panic!("not a kind of call: {other}"),
        }
    });
    Rounds(vec![done.server_us]).figure(answer, call, "us of a core")
}

async fn measure(options: &Options) -> Vec<Figure> {
    let bodies = Bodies::new();
    let mut figures = compare(options, &bodies).await;
    figures.extend(connections(options, &bodies).await);
    figures.extend(life::start(options.rounds).await);
    if let Some(minutes) = options.soak {
        figures.push(life::soak(minutes, &bodies).await);
    }
    figures
}

/// Loads a server with one call at a time on each of many streams.
async fn unary(server: &Running, slice: Duration, body: &bytes::Bytes) -> Slice {
    let (tally, tasks) = load::calls(server, UNARY, (DECIDE, body, 1)).await;
    tally.measure(server, slice, tasks).await
}

/// Loads a server with batches.
async fn batches(server: &Running, slice: Duration, bodies: &Bodies) -> Slice {
    let call = (BATCH_DECIDE, &bodies.batch, BATCH);
    let (tally, tasks) = load::calls(server, BATCHES, call).await;
    tally.measure(server, slice, tasks).await
}

/// Loads a server with streams.
async fn streams(server: &Running, slice: Duration, bodies: &Bodies) -> Slice {
    let call = (STREAM_DECIDE, &bodies.items, bodies.item_bytes);
    let (tally, tasks) = load::streams(server, STREAMS, call).await;
    tally.measure(server, slice, tasks).await
}

/// Compares the three servers on one core.
async fn compare(options: &Options, bodies: &Bodies) -> Vec<Figure> {
    let one = ["serve", "--listen", "127.0.0.1:0", "--threads", "1"];
    let mut redress = Contender::start("redress", "redress", &one);
    let mut canned = Contender::start("canned reply", "wire-server", &["canned"]);
    let mut echo = Contender::start("echo", "wire-server", &["echo"]);
    let (mut busiest, slice) = (0.0_f64, options.slice);
    for _ in 0..options.rounds {
        let done = unary(&echo.server, slice, &bodies.little).await;
        echo.unary.0.push(done.rate);
        for contender in [&mut redress, &mut canned] {
            let server = &contender.server;
            let done = unary(server, slice, &bodies.unary).await;
            contender.unary.0.push(done.rate);
            contender.unary_cpu.0.push(done.server_us);
            busiest = busiest.max(done.generator);
        }
        for contender in [&mut redress, &mut canned] {
            let done = unary(&contender.server, slice, &bodies.compact).await;
            contender.compact.0.push(done.rate);
        }
        for contender in [&mut redress, &mut canned] {
            let done = batches(&contender.server, slice, bodies).await;
            contender.batch.0.push(done.rate);
            contender.batch_cpu.0.push(done.server_us);
        }
        for contender in [&mut redress, &mut canned] {
            let done = streams(&contender.server, slice, bodies).await;
            contender.stream.0.push(done.rate);
            busiest = busiest.max(done.generator);
        }
    }
    let rate = canned.unary.median() * LATENCY_LOAD;
    for _ in 0..options.rounds {
        for contender in [&mut redress, &mut canned, &mut echo] {
            let body = match contender.name {
                "echo" => &bodies.little,
                _ => &bodies.unary,
            };
            let address = contender.server.address;
            let found = pace::latency(address, rate, slice * 2, (DECIDE, body)).await;
            let quantiles = [found.p50, found.p99, found.p999];
            for (rounds, value) in contender.latency.iter_mut().zip(quantiles) {
                rounds.0.push(value);
            }
        }
    }
    let mut figures = throughput(&redress, &canned, &echo);
    figures.extend(latency(rate, &redress, &canned, &echo));
    figures.push(Rounds(vec![busiest * 100.0]).figure(
        "generator",
        "part of its core, at most",
        "%",
    ));
    figures
}

fn throughput(redress: &Contender, canned: &Contender, echo: &Contender) -> Vec<Figure> {
    let to = canned.name;
    let us = "us of a core";
    vec![
        bar(
            redress
                .unary
                .against((redress.name, "unary", "decisions/s"), (to, &canned.unary)),
            "at least 0.55 of the canned reply",
            |figure| ratio(figure, |r| r >= 0.55),
        ),
        canned.unary.figure(to, "unary", "replies/s"),
        bar(
            redress.compact.against(
                (redress.name, "unary, compact view", "decisions/s"),
                (to, &canned.compact),
            ),
            "at least 0.75 of the canned reply",
            |figure| ratio(figure, |r| r >= 0.75),
        ),
        canned
            .compact
            .figure(to, "unary, compact view", "replies/s"),
        echo.unary.figure(echo.name, "unary", "replies/s"),
        redress.batch.against(
            (redress.name, "batch of 100", "decisions/s"),
            (to, &canned.batch),
        ),
        canned.batch.figure(to, "batch of 100", "replies/s"),
        bar(
            redress.stream.against(
                (redress.name, "stream", "decisions/s"),
                ("its own unary", &redress.unary),
            ),
            "at least 1.5 times unary",
            |figure| ratio(figure, |r| r >= 1.5),
        ),
        redress.stream.against(
            (redress.name, "stream, beside canned", "decisions/s"),
            (to, &canned.stream),
        ),
        canned.stream.figure(to, "stream", "replies/s"),
        redress
            .unary_cpu
            .against((redress.name, "unary, each", us), (to, &canned.unary_cpu)),
        canned.unary_cpu.figure(to, "unary, each", us),
        bar(
            redress.batch_cpu.against(
                (redress.name, "batch of 100, each", us),
                ("its own unary", &redress.unary_cpu),
            ),
            "at most 0.35 of unary",
            |figure| ratio(figure, |r| r <= 0.35),
        ),
        canned.batch_cpu.figure(to, "batch of 100, each", us),
    ]
}

fn latency(rate: f64, redress: &Contender, canned: &Contender, echo: &Contender) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (place, quantile) in ["p50", "p99", "p99.9"].iter().enumerate() {
        let case = format!("{quantile} at {rate:.0}/s");
        let [of, to, base] = [redress, canned, echo].map(|c| &c.latency[place]);
        let figure = of.against((redress.name, &case, "us"), (canned.name, to));
        figures.push(match *quantile {
            "p99" => bar(figure, "at most 1.3 of the canned reply", |figure| {
                ratio(figure, |r| r <= 1.3)
            }),
            _ => figure,
        });
        figures.push(to.figure(canned.name, &case, "us"));
        figures.push(base.figure(echo.name, &case, "us"));
    }
    figures
}

/// Compares one connection with four, with as many calls in flight. The server has both
/// cores, which it shares with the generator.
async fn connections(options: &Options, bodies: &Bodies) -> Vec<Figure> {
    let cores = format!("{SERVER_CORE},{GENERATOR_CORE}");
    let server = Running::start("wire-server", &["redress", "2"], &cores);
    let mut rates = [Rounds::default(), Rounds::default()];
    let mut costs = [Rounds::default(), Rounds::default()];
    for _ in 0..options.rounds {
        for (load, (rates, costs)) in CONNECTIONS
            .into_iter()
            .zip(rates.iter_mut().zip(&mut costs))
        {
            let (tally, tasks) = load::calls(&server, load, (DECIDE, &bodies.unary, 1)).await;
            let done = tally.measure(&server, options.slice, tasks).await;
            rates.0.push(done.rate);
            costs.0.push(done.server_us);
        }
    }
    let [one, four] = &rates;
    let [one_cost, four_cost] = &costs;
    let (of, to) = ("redress, one connection", "redress, four connections");
    let (case, each) = ("unary, both cores", "unary, both cores, each");
    vec![
        one.against((of, case, "decisions/s"), (to, four)),
        four.figure(to, case, "decisions/s"),
        one_cost.against((of, each, "us of a core"), (to, four_cost)),
        four_cost.figure(to, each, "us of a core"),
    ]
}
