//! Slow readers, and half-open connections.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use super::servers::Start;
use super::{Plan, at_least, connect_attacker, connect_others, during};
use crate::report::Figure;
use crate::wire::messages::{BATCH_DECIDE, Bodies, DECIDE};

/// Connections whose replies are not read.
const SLOW_READERS: usize = 32;
/// Calls on each of them.
const SLOW_CALLS: usize = 20;
/// `max_unsent_bytes` of the server during slow readers, in MiB.
const UNSENT_MIB: u64 = 64;
/// The bound on memory growth with slow readers above [`UNSENT_MIB`]: buffers of connections
/// and of requests in work.
const SLOW_READERS_MIB: f64 = 64.0;
/// Half-open connections at once.
const HALF_OPEN: usize = 400;
/// The bound on memory growth with half-open connections.
const HALF_OPEN_MIB: f64 = 64.0;

/// Runs both.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let mut figures = slow_readers(plan).await;
    figures.extend(half_open(plan).await);
    figures
}

async fn slow_readers(plan: &Plan) -> Vec<Figure> {
    let unsent = (UNSENT_MIB << 20).to_string();
    let server = Start::new(&plan.program, &["--max-unsent-bytes", &unsent])
        .run()
        .await;
    let (client, address) = (connect_others(&server).await, server.address);
    let bodies = Bodies::new();
    let until = Instant::now() + Duration::from_secs(1) + plan.attack();
    let attack = async {
        let mut peers = tokio::task::JoinSet::new();
        for _ in 0..SLOW_READERS {
            peers.spawn(send_without_reading(address, bodies.batch.clone(), until));
        }
        peers.join_all().await.into_iter().sum::<usize>()
    };
    let what = "slow readers";
    let bound = UNSENT_MIB as f64 + SLOW_READERS_MIB;
    let (mut figures, sent) = during(plan, what, server, client, bound, attack).await;
    figures.push(at_least(what, "batches sent", sent as f64, "", 1.0));
    figures
}

/// Sends batches and reads none of the replies; returns how many.
async fn send_without_reading(address: SocketAddr, batch: Bytes, until: Instant) -> usize {
    let mut sent = 0;
    while Instant::now() < until {
        let Some(socket) = connect_attacker(address).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let handshake = h2::client::Builder::new()
            .initial_window_size(0)
            .handshake(socket);
        let Ok((send, connection)) = handshake.await else {
            continue;
        };
        let driven = tokio::spawn(connection);
        let mut open = Vec::new();
        for _ in 0..SLOW_CALLS {
            let Ok(mut ready) = send.clone().ready().await else {
                break;
            };
            let Ok((response, mut body)) =
                ready.send_request(request_head(address, BATCH_DECIDE), false)
            else {
                break;
            };
            if body.send_data(batch.clone(), true).is_err() {
                break;
            }
            open.push((response, body));
            sent += 1;
        }
        // It stays open until the server closes it.
        let _ = tokio::time::timeout_at(until, driven).await;
    }
    sent
}

/// Returns the head of a gRPC request.
pub fn request_head(address: SocketAddr, path: &str) -> http::Request<()> {
    http::Request::post(format!("http://{address}{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("a request")
}

async fn half_open(plan: &Plan) -> Vec<Figure> {
    let server = Start::new(&plan.program, &["--handshake-timeout", "1"])
        .run()
        .await;
    let (client, address) = (connect_others(&server).await, server.address);
    let until = Instant::now() + Duration::from_secs(1) + plan.attack();
    let attack = async {
        let mut peers = tokio::task::JoinSet::new();
        for number in 0..HALF_OPEN {
            peers.spawn(stop_partway(address, number, until));
        }
        peers.join_all().await.into_iter().sum::<usize>()
    };
    let what = "half-open connections";
    let (mut figures, opened) = during(plan, what, server, client, HALF_OPEN_MIB, attack).await;
    let wanted = HALF_OPEN as f64;
    figures.push(at_least(
        what,
        "connections opened",
        opened as f64,
        "",
        wanted,
    ));
    figures
}

/// Opens connections that stop partway through a request; returns how many.
async fn stop_partway(address: SocketAddr, number: usize, until: Instant) -> usize {
    const SENT: [&[u8]; 3] = [b"", b"PRI * HT", b"POST /redress.v1.DecisionService/De"];
    let mut opened = 0;
    while Instant::now() < until {
        let Some(mut socket) = connect_attacker(address).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        opened += 1;
        match SENT.get(number % 4) {
            Some(bytes) => {
                let _ = socket.write_all(bytes).await;
                let mut bytes = [0; 64];
                let read = tokio::io::AsyncReadExt::read(&mut socket, &mut bytes);
                let _ = tokio::time::timeout_at(until, read).await;
            }
            // A call without its message.
            None => {
                let Ok((send, connection)) = h2::client::handshake(socket).await else {
                    continue;
                };
                let driven = tokio::spawn(connection);
                let Ok(mut ready) = send.ready().await else {
                    continue;
                };
                let call = ready.send_request(request_head(address, DECIDE), false);
                if let Ok((response, body)) = call {
                    let _ = tokio::time::timeout_at(until, response).await;
                    drop(body);
                }
                driven.abort();
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    opened
}
