//! Bodies at random in JSON and its neighbours: each gets an answer, none a fault.

use hyper_util::rt::TokioIo;
use prost::bytes::Bytes;
use redress::server::config::Config;
use tokio::net::TcpStream;
use tonic::codegen::http::Request;

use crate::generate::Seed;
use crate::http::{BATCH, DECIDE, GRANTED, Reply};
use crate::raw::framed_bytes;
use crate::running::Running;

const BODIES: u64 = 600;

/// Changes a request in a few places.
fn changed(seed: &mut Seed) -> Vec<u8> {
    let mut body = GRANTED.as_bytes().to_vec();
    for _ in 0..=seed.below(5) {
        let at = seed.below(body.len());
        let to = (at + seed.below(30)).min(body.len());
        match seed.below(4) {
            0 => drop(body.drain(at..to)),
            1 => body[at] = seed.below(256) as u8,
            2 => body.insert(at, *seed.pick(b"{}[]\",:0\\\n\0\xff")),
            _ => body.extend_from_within(at..to),
        }
    }
    body
}

#[tokio::test]
async fn bodies_at_random_are_answered_on_one_connection() {
    let server = Running::built_in(Config::default()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let mut answered = 0;
    for number in 0..BODIES {
        let mut seed = Seed::new(number);
        let content_type = *seed.pick(&[
            "application/json",
            "application/proto",
            "application/grpc-web",
            "application/grpc-web-text",
        ]);
        let body = match seed.below(3) {
            0 => "[".repeat(seed.below(20_000)).into_bytes(),
            _ => changed(&mut seed),
        };
        let body = match seed.one_in(3) {
            true => framed_bytes(&body),
            false => Bytes::from(body),
        };
        let request = Request::post(*seed.pick(&[DECIDE, BATCH]))
            .header("host", "here")
            .header("content-type", content_type)
            .body(http_body_util::Full::new(body))
            .unwrap();
        sender.ready().await.unwrap();
        let reply = Reply::of(sender.send_request(request).await.unwrap()).await;
        let case = format!("{number} {content_type}: {reply:?}");
        // Only what cannot be read or has mistakes is expected, and here and there a change
        // that matters to nobody.
        if content_type.starts_with("application/grpc-web") {
            assert_eq!(reply.status, 200, "{case}");
        } else {
            assert!([200, 400, 404].contains(&reply.status), "{case}");
            assert_ne!(reply.json(), serde_json::Value::Null, "{case}");
        }
        answered += u64::from(reply.status != 200);
    }
    assert!(answered > BODIES / 3, "{answered}");
    server.stop().await;
}
