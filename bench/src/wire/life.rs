//! The life of the server: its start, its memory when idle, and under load.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::figures::{Rounds, bar, ratio};
use super::load::{self, Connection, Reply};
use super::messages::{Bodies, DECIDE, HEALTH};
use super::servers::{Running, SERVER_CORE};
use crate::report::Figure;

/// The reply of health that means `SERVING`.
const SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 1];
/// Time after which an idle server is looked at.
const IDLE: Duration = Duration::from_millis(500);
/// Connections of the soak, each with one call at a time.
const SOAK_CONNECTIONS: usize = 64;
/// Time between two looks at memory.
const LOOK: Duration = Duration::from_secs(10);
/// Looks of one minute.
const MINUTE: usize = 6;

/// Measures the start until health says that it serves, and memory when idle.
pub async fn start(rounds: usize) -> Vec<Figure> {
    let (mut times, mut resident) = (Rounds::default(), Rounds::default());
    for _ in 0..rounds {
        let begin = Instant::now();
        let arguments = ["serve", "--listen", "127.0.0.1:0"];
        let server = Running::start("redress", &arguments, SERVER_CORE);
        while !serves(&server).await {
            assert!(begin.elapsed().as_secs() < 10, "it does not serve");
        }
        times.0.push(begin.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(IDLE).await;
        resident.0.push(server.resident());
    }
    vec![
        bar(
            times.figure("redress", "start to SERVING", "ms"),
            "below 100 ms",
            |figure| figure.value < 100.0,
        ),
        bar(
            resident.figure("redress", "resident, idle", "MiB"),
            "below 40 MiB",
            |figure| figure.value < 40.0,
        ),
    ]
}

async fn serves(server: &Running) -> bool {
    let connection = Connection::open(server.address).await;
    let (response, mut send) = connection.begin(HEALTH).await;
    let everything = Bytes::from_static(&[0; 5]);
    send.send_data(everything, true).expect("an open stream");
    let mut reply = Reply::of(response).await;
    let mut bytes = Vec::new();
    while let Some(piece) = reply.next().await {
        bytes.extend_from_slice(&piece);
    }
    bytes == SERVING
}

/// Looks at memory under load, minute by minute.
pub async fn soak(minutes: u32, bodies: &Bodies) -> Figure {
    assert!(minutes >= 3, "a soak of less than 3 minutes shows nothing");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--threads", "1"];
    let server = Running::start("redress", &arguments, SERVER_CORE);
    let call = (DECIDE, &bodies.unary, 1);
    let (tally, tasks) = load::calls(&server, (SOAK_CONNECTIONS, 1), call).await;
    let looking = async {
        let mut looks = Vec::new();
        for _ in 0..minutes {
            for _ in 0..MINUTE {
                tokio::time::sleep(LOOK).await;
                looks.push(server.resident());
            }
        }
        looks
    };
    let whole = LOOK * 6 * minutes;
    let (looks, _) = tokio::join!(looking, tally.measure(&server, whole, tasks));
    let minute = |number: usize| Rounds(looks[number * MINUTE..][..MINUTE].to_vec());
    let (second, last) = (minute(1), minute(minutes as usize - 1));
    let one = |rounds: Rounds| Rounds(vec![rounds.median()]);
    let case = format!("resident under load, minute {minutes}");
    let spread = Rounds(looks.clone()).figure("redress", &case, "MiB");
    let figure = one(last).against(("redress", &case, "MiB"), ("minute 2", &one(second)));
    let figure = Figure {
        low: spread.low,
        high: spread.high,
        ..figure
    };
    bar(figure, "within 3 % of minute 2", |figure| {
        ratio(figure, |r| (r - 1.0).abs() <= 0.03)
    })
}
