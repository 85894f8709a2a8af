//! What it costs to say what the server does: metrics, log, decision log, and spans that are
//! sent to a collector, each beside the same server without any of it.
//!
//! A server and one without any of it take turns on one core, in pairs of slices whose order
//! alternates, so that neither profits from what the machine does meanwhile. A second one
//! without shows by how much two equal ones differ. The collector shares the generator's core
//! and keeps nothing.

pub mod counted;

use super::figures::{Rounds, bar, ratio};
use super::servers::{self, GENERATOR_CORE, Running, SERVER_CORE};
use super::{Bodies, Options, batches, unary};
use crate::report::Figure;

/// The server without any of it.
const WITHOUT: &str = "redress:";
/// What stands for the address of the collector.
const COLLECTOR: &str = "COLLECTOR";
/// What is compared with it: a name, and what the server is told.
const TELLING: [(&str, &str); 9] = [
    (EQUAL, WITHOUT),
    ("metrics", "redress:metrics"),
    ("log", "redress:log"),
    ("decision log", "redress:decision-log"),
    (
        "decision log with requests",
        "redress:decision-log,requests",
    ),
    ("spans of 1 call in 100", "redress:spans=1@COLLECTOR"),
    ("spans of every call", "redress:spans=100@COLLECTOR"),
    (
        "metrics, spans of 1 in 100",
        "redress:metrics,spans=1@COLLECTOR",
    ),
    (
        "all, spans of 1 in 100",
        "redress:metrics,log,decision-log,spans=1@COLLECTOR",
    ),
];
/// The one that shows what is noise.
const EQUAL: &str = "nothing, once more";
/// What the bar is for: counting and tracing, as they are meant to be on all the time. Log
/// lines and records say something of every call, and cost what that takes.
const BARRED: [&str; 3] = [
    "metrics",
    "spans of 1 call in 100",
    "metrics, spans of 1 in 100",
];
/// What of the throughput without it has to be left.
const LEFT: f64 = 0.95;

/// One server, and what its rounds came to beside the one without.
struct Pair {
    name: &'static str,
    server: Running,
    unary: [Rounds; 2],
    unary_cpu: [Rounds; 2],
    batch: [Rounds; 2],
}

/// Measures all of it. The servers are built first.
pub fn run(options: &Options) -> Vec<Figure> {
    servers::build();
    servers::pin_generator();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(options))
}

async fn measure(options: &Options) -> Vec<Figure> {
    let bodies = Bodies::new();
    let collector = Running::start("wire-server", &["collector"], GENERATOR_CORE);
    let url = format!("http://{}", collector.address);
    let start = |told: &str| {
        let told = told.replace(COLLECTOR, &url);
        Running::start("wire-server", &[&told], SERVER_CORE)
    };
    let without = start(WITHOUT);
    let mut pairs: Vec<Pair> = TELLING
        .into_iter()
        .map(|(name, told)| Pair {
            name,
            server: start(told),
            unary: Default::default(),
            unary_cpu: Default::default(),
            batch: Default::default(),
        })
        .collect();
    for round in 0..options.rounds {
        for pair in &mut pairs {
            let mut sides = [(0, &pair.server), (1, &without)];
            if round % 2 == 1 {
                sides.reverse();
            }
            for (side, server) in sides {
                let done = unary(server, options.slice, &bodies.unary).await;
                pair.unary[side].0.push(done.rate);
                pair.unary_cpu[side].0.push(done.server_us);
            }
            for (side, server) in sides {
                let done = batches(server, options.slice, &bodies).await;
                pair.batch[side].0.push(done.rate);
            }
        }
    }
    pairs.iter().flat_map(figures).collect()
}

fn figures(pair: &Pair) -> Vec<Figure> {
    let figure = |[of, to]: &[Rounds; 2], case: &str, unit| {
        of.against((pair.name, case, unit), ("nothing", to))
    };
    let unary = figure(&pair.unary, "unary", "decisions/s");
    let unary = match BARRED.contains(&pair.name) {
        true => bar(unary, "at least 0.95 of the server without", |figure| {
            ratio(figure, |left| left >= LEFT)
        }),
        false => unary,
    };
    vec![
        unary,
        figure(&pair.unary_cpu, "unary, each", "us of a core"),
        figure(&pair.batch, "batch of 100", "decisions/s"),
    ]
}
