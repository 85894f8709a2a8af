//! Prints what a decision and a start cost: no bar is judged here.
//!
//! `cargo bench --bench decide`

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement reads the clock and ends where it cannot go on"
)]

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant as Clock};

use redress::domain::time::Instant;
use redress::engine::{View, decide};
use redress::rpc::json::Schema;
use redress::rpc::{answer, inbound};
use redress::server::reload;
use redress_client::pb;

/// Rounds; the median is printed.
const ROUNDS: usize = 9;
/// Decisions of one round.
const DECISIONS: u32 = 2000;
/// How long a start may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(10);

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn time_each(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Clock::now();
        for _ in 0..DECISIONS {
            work();
        }
        start.elapsed() / DECISIONS
    });
    median(rounds.collect())
}

fn main() {
    let catalog = reload::catalog(None).expect("the built-in policies load");
    let schema = Schema::new().expect("the contract");
    let now = Instant::parse("2026-01-01T00:00:00Z").expect("an instant");
    println!("one decision in process, median of {ROUNDS} rounds");
    println!(
        "{:<44} {:>12} {:>12} {:>12}",
        "request", "engine", "full view", "message in"
    );
    let mut files: Vec<_> = std::fs::read_dir("examples")
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .filter(|path| !path.to_string_lossy().contains("options_"))
        .collect();
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("an example");
        let request: pb::DecideRequest = schema
            .read(&text, "redress.v1.DecideRequest")
            .expect("a request");
        let input = inbound::decide(request.clone(), now).expect("facts");
        let place = input.order.place;
        let plan = catalog
            .find(&input.choice.policy, None, place)
            .expect("a policy");
        let facts =
            redress::domain::facts::Facts::new(input.order, input.request, input.decide_time)
                .expect("facts");
        let engine = time_each(|| {
            black_box(decide(black_box(plan), black_box(&facts), View::Basic));
        });
        let full = time_each(|| {
            black_box(decide(black_box(plan), black_box(&facts), View::Full));
        });
        let message = time_each(|| {
            let _ = black_box(answer::decide(&catalog, black_box(request.clone()), now));
        });
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        println!("{name:<44} {engine:>12.2?} {full:>12.2?} {message:>12.2?}");
    }
    start();
}

/// Starts the server and prints how long it takes to answer a health check with
/// SERVING, and what it holds in memory then.
fn start() {
    let times = (0..ROUNDS).map(|_| {
        let begin = Clock::now();
        let mut server = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let out = server.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out)
            .read_line(&mut line)
            .expect("its address");
        let address = line.trim().trim_start_matches("listening on ").to_owned();
        while begin.elapsed() < PATIENCE {
            let health = Command::new(env!("CARGO_BIN_EXE_redress"))
                .args(["health", &address])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if health.is_ok_and(|status| status.success()) {
                break;
            }
        }
        let took = begin.elapsed();
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()));
        let resident = status.unwrap_or_default();
        let resident = resident
            .lines()
            .find(|l| l.starts_with("VmRSS"))
            .unwrap_or("VmRSS: unknown");
        let resident = resident.to_owned();
        server.kill().expect("the server stops");
        server.wait().expect("the server ends");
        (took, resident)
    });
    let (times, resident): (Vec<Duration>, Vec<String>) = times.unzip();
    println!(
        "\nstart to SERVING, a health check by the binary included: {:.2?}",
        median(times)
    );
    println!(
        "resident when idle: {}",
        resident
            .last()
            .map_or("", |r| r.trim_start_matches("VmRSS:").trim())
    );
}
