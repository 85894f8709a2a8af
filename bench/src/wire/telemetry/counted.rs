//! What telemetry costs in instructions of the server's own code, counted by valgrind:
//! figures that do not move with the load of the machine. What the system does for a call is
//! not among them, so that throughput differs by less.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{BARRED, COLLECTOR, LEFT, TELLING, WITHOUT};
use crate::build::beside;
use crate::report::Figure;
use crate::wire::figures::{Rounds, bar, ratio};
use crate::wire::load::Connection;
use crate::wire::messages::{Bodies, DECIDE};
use crate::wire::servers::{self, GENERATOR_CORE, Running};

/// Calls of a short and of a long run. What they differ by is what calls take, and neither
/// the start nor the end.
const CALLS: [usize; 2] = [320, 1920];
/// How long spans and lines may wait for others, and more.
const SETTLE_TIME: Duration = Duration::from_millis(1500);
/// Calls in flight at once.
const AT_ONCE: usize = 16;

/// Counts. The servers are built first.
pub fn run() -> Vec<Figure> {
    servers::build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure())
}

async fn measure() -> Vec<Figure> {
    let bodies = Bodies::new();
    let collector = Running::start("wire-server", &["collector"], GENERATOR_CORE);
    let url = format!("http://{}", collector.address);
    let without = Rounds(vec![of_a_call(WITHOUT, &bodies).await]);
    let mut figures = Vec::new();
    for (name, told) in TELLING {
        let count = of_a_call(&told.replace(COLLECTOR, &url), &bodies).await;
        let figure = Rounds(vec![count])
            .against((name, "unary, each", "instructions"), ("nothing", &without));
        figures.push(match BARRED.contains(&name) {
            true => bar(figure, "at most 1.05 of the server without", |figure| {
                ratio(figure, |grown| grown <= 2.0 - LEFT)
            }),
            false => figure,
        });
    }
    figures
}

/// Returns the instructions of a call to a server that is told so.
async fn of_a_call(told: &str, bodies: &Bodies) -> f64 {
    let [few, many] = CALLS;
    let start = of_calls(told, bodies, few).await;
    let all = of_calls(told, bodies, many).await;
    (all - start) / (many - few) as f64
}

/// Returns the instructions of a server that is called so often.
async fn of_calls(told: &str, bodies: &Bodies, calls: usize) -> f64 {
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(beside("wire-server"))
        .arg(told)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("valgrind");
    let mut stderr = child.stderr.take().expect("what valgrind says");
    // It is read all the while: a server whose log nobody reads drops lines.
    let reading = std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).expect("text");
        said
    });
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("its address");
    let address = line.trim().strip_prefix("listening on ");
    let address: SocketAddr = address
        .and_then(|address| address.parse().ok())
        .expect("an address");
    let connection = Connection::open(address).await;
    for _ in 0..calls / AT_ONCE {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE {
            let (connection, body) = (connection.clone(), bodies.unary.clone());
            running.spawn(async move { connection.call(DECIDE, body).await });
        }
        running.join_all().await;
    }
    // What waits is sent.
    tokio::time::sleep(SETTLE_TIME).await;
    let id = child.id().to_string();
    let stopped = Command::new("kill").args(["-TERM", &id]).status();
    assert!(stopped.is_ok_and(|status| status.success()), "it had ended");
    child.wait().expect("an end");
    let said = reading.join().expect("what valgrind says");
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, count)| count.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("valgrind did not say what it counted: {said}"))
}
