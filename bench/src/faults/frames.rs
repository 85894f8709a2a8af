//! Malformed input: random HTTP/2 frames with random types, lengths and stream ids, and
//! random, truncated and oversized messages in valid frames.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::readers::request_head;
use super::servers::Start;
use super::{Plan, at_least, at_most, connect_attacker, connect_others, during};
use crate::report::Figure;
use crate::wire::messages::{Bodies, DECIDE};

/// Number of connections with random frames, and of messages.
const COUNT: usize = 10_000;
/// Frames sent on each connection. The server reads the first at least, and may close the
/// connection at any of them.
const PER_CONNECTION: usize = 10;
/// The seed of the random generator.
const SEED: u64 = 17;
/// How long to wait for the server to reply to random frames.
const REPLY_WAIT: Duration = Duration::from_millis(20);
/// Concurrent connections.
const CONCURRENT: usize = 64;
/// The server's default limit on the size of a message, in bytes.
const MAX_MESSAGE: usize = 4 << 20;
/// The bound on memory growth; a message up to the limit is read before it is refused.
const GROWTH_MIB: f64 = 128.0;
/// Statuses of a refused message: INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE.
const REFUSALS: [&[u8]; 3] = [b"3", b"8", b"14"];

/// Sends all frames, then all messages.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let server = Start::new(&plan.program, &[]).run().await;
    let (client, address) = (connect_others(&server).await, server.address);
    let attack = async {
        let mut frames = 0;
        let mut peers = tokio::task::JoinSet::new();
        for number in 0..COUNT as u64 {
            if peers.len() >= CONCURRENT
                && let Some(sent) = peers.join_next().await
            {
                frames += sent.expect("a peer");
            }
            peers.spawn(send_frames(address, SEED + number));
        }
        frames += peers.join_all().await.into_iter().sum::<usize>();
        let messages = send_messages(address).await;
        (frames, messages)
    };
    let what = "malformed frames";
    let (mut figures, (frames, messages)) =
        during(plan, what, server, client, GROWTH_MIB, attack).await;
    let (answered, unexpected) = messages;
    let count = COUNT as f64;
    figures.push(at_least(what, "HTTP/2 frames", frames as f64, "", count));
    figures.push(at_least(
        what,
        "messages answered",
        answered as f64,
        "",
        count,
    ));
    figures.push(at_most(
        what,
        "messages with another status than expected",
        unexpected as f64,
        "",
        0.0,
    ));
    figures
}

/// Sends random frames on one connection; returns how many.
async fn send_frames(address: SocketAddr, seed: u64) -> usize {
    let mut rng = Rng::with_seed(seed);
    let mut bytes = Vec::from(&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..]);
    // An empty SETTINGS frame.
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    let mut socket = loop {
        match connect_attacker(address).await {
            Some(socket) => break socket,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    for _ in 0..PER_CONNECTION {
        let length = rng.u32(..64);
        // A quarter of the frames announce a length that is not theirs.
        let announced = match rng.u8(..8) {
            0 => rng.u32(..1 << 24),
            1 => (1 << 24) - 1,
            _ => length,
        };
        bytes.extend(&announced.to_be_bytes()[1..]);
        // Types 0 to 9 are defined.
        bytes.push(rng.u8(..12));
        // Flags.
        bytes.push(rng.u8(..));
        bytes.extend(rng.u32(..8).to_be_bytes());
        bytes.extend((0..length).map(|_| rng.u8(..)));
    }
    let _ = socket.write_all(&bytes).await;
    let mut reply = [0; 1024];
    while let Ok(Ok(1..)) = tokio::time::timeout(REPLY_WAIT, socket.read(&mut reply)).await {}
    PER_CONNECTION
}

/// Sends messages in valid frames; returns how many were answered, and how many of the
/// answers have an unexpected status.
async fn send_messages(address: SocketAddr) -> (usize, usize) {
    let mut rng = Rng::with_seed(SEED);
    let valid = Bodies::new().unary;
    let (mut answered, mut unexpected) = (0, 0);
    let socket = connect_attacker(address).await.expect("a connection");
    let (send, connection) = h2::client::handshake(socket).await.expect("HTTP/2");
    let driven = tokio::spawn(connection);
    for number in 0..COUNT {
        let (message, too_long) = message(&mut rng, number, &valid);
        let mut ready = send.clone().ready().await.expect("a connection");
        let call = ready.send_request(request_head(address, DECIDE), false);
        let (response, mut body) = call.expect("a stream");
        // The server may refuse the message before all of it is sent.
        let _ = body.send_data(message, true);
        let Ok(Ok(response)) = tokio::time::timeout(super::servers::PATIENCE, response).await
        else {
            continue;
        };
        answered += 1;
        let (head, mut reply) = response.into_parts();
        let mut status = head.headers.get("grpc-status").cloned();
        while let Some(Ok(piece)) = reply.data().await {
            let _ = reply.flow_control().release_capacity(piece.len());
        }
        if let Ok(Some(trailers)) = reply.trailers().await {
            status = status.or_else(|| trailers.get("grpc-status").cloned());
        }
        let status = status
            .map(|status| status.as_bytes().to_vec())
            .unwrap_or_default();
        let refused = REFUSALS.contains(&status.as_slice());
        // A request with changed bytes may be valid, or name another policy (NOT_FOUND).
        let changed = number % 4 == 1 && (status == b"0" || status == b"5");
        if !(refused || changed) || (too_long && status != b"8") {
            let text = String::from_utf8_lossy(&status).into_owned();
            eprintln!("frames: message {number}: status `{text}`");
            unexpected += 1;
        }
    }
    driven.abort();
    (answered, unexpected)
}

/// Makes a message: random bytes, a request with four bytes changed, a truncated request,
/// or an oversized message. Returns whether it is oversized.
fn message(rng: &mut Rng, number: usize, valid: &Bytes) -> (Bytes, bool) {
    let mut frame = BytesMut::new();
    match number % 4 {
        0 => {
            let length = rng.u32(1..=300);
            frame.put_u8(0);
            frame.put_u32(length);
            // Field number 0 is invalid.
            frame.put_u8(0);
            frame.extend((1..length).map(|_| rng.u8(..)));
        }
        1 => {
            frame.put_slice(valid);
            for _ in 0..4 {
                let index = rng.usize(5..valid.len());
                frame[index] = rng.u8(..);
            }
        }
        2 => {
            let length = rng.usize(1..valid.len());
            frame.put_slice(&valid[..length]);
        }
        _ => {
            // One in a hundred of these is sent in full; the others only announce it.
            let sent = number % 400 == 3;
            frame.put_u8(0);
            frame.put_u32(u32::try_from(MAX_MESSAGE + 1).expect("a length"));
            frame.put_slice(&vec![0; if sent { MAX_MESSAGE + 1 } else { 16 }]);
            return (frame.freeze(), true);
        }
    }
    (frame.freeze(), false)
}
