//! Floods: streams that are reset as soon as they are opened, and as many concurrent calls
//! as a connection allows.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::readers::request_head;
use super::servers::Start;
use super::{Plan, at_least, connect_attacker, connect_others, during};
use crate::report::Figure;
use crate::wire::messages::{Bodies, DECIDE};

/// Connections that flood.
const CONNECTIONS: usize = 4;
/// Concurrent calls on a connection.
const CONCURRENT: usize = 200;
/// The bound on memory growth.
const GROWTH_MIB: f64 = 64.0;

/// Runs both.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let mut figures = flood(plan, "flood of resets", true).await;
    figures.extend(flood(plan, "flood of streams", false).await);
    figures
}

async fn flood(plan: &Plan, what: &str, reset: bool) -> Vec<Figure> {
    let server = Start::new(&plan.program, &[]).run().await;
    let (client, address) = (connect_others(&server).await, server.address);
    let until = Instant::now() + Duration::from_secs(1) + plan.attack();
    let attack = async {
        let mut peers = tokio::task::JoinSet::new();
        for _ in 0..CONNECTIONS {
            match reset {
                true => peers.spawn(resets(address, until)),
                false => peers.spawn(streams(address, until)),
            };
        }
        peers.join_all().await.into_iter().sum::<usize>()
    };
    let (mut figures, streams) = during(plan, what, server, client, GROWTH_MIB, attack).await;
    figures.push(at_least(what, "streams", streams as f64, "", 1000.0));
    figures
}

/// Opens streams and resets each immediately; returns how many.
async fn resets(address: SocketAddr, until: Instant) -> usize {
    let mut opened = 0;
    while Instant::now() < until {
        let Some(socket) = connect_attacker(address).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Ok((send, connection)) = h2::client::handshake(socket).await else {
            continue;
        };
        let driven = tokio::spawn(connection);
        // The server closes a connection that resets too many streams.
        while Instant::now() < until {
            let Ok(mut ready) = send.clone().ready().await else {
                break;
            };
            let Ok(call) = ready.send_request(request_head(address, DECIDE), false) else {
                break;
            };
            drop(call);
            opened += 1;
            if opened % 16 == 0 {
                tokio::task::yield_now().await;
            }
        }
        driven.abort();
    }
    opened
}

/// Makes [`CONCURRENT`] calls at once in a loop; returns how many in all.
async fn streams(address: SocketAddr, until: Instant) -> usize {
    let body = Bodies::new().unary;
    let mut opened = 0;
    while Instant::now() < until {
        let Some(socket) = connect_attacker(address).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Ok((send, connection)) = h2::client::handshake(socket).await else {
            continue;
        };
        let driven = tokio::spawn(connection);
        while Instant::now() < until && !driven.is_finished() {
            let mut calls = Vec::new();
            for _ in 0..CONCURRENT {
                let Ok(Ok(mut ready)) =
                    tokio::time::timeout(Duration::from_millis(5), send.clone().ready()).await
                else {
                    break;
                };
                let Ok((response, mut send)) =
                    ready.send_request(request_head(address, DECIDE), false)
                else {
                    break;
                };
                let _ = send.send_data(body.clone(), true);
                calls.push(response);
                opened += 1;
            }
            for call in calls {
                let _ = tokio::time::timeout_at(until, call).await;
            }
        }
        driven.abort();
    }
    opened
}
