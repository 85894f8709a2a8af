//! gRPC-Web, as a browser sends it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use prost::bytes::{Buf, Bytes};
use redress::server::config::Config;
use redress_client::pb;
use tonic::codegen::http::{Request, Version};

use crate::http::{DECIDE, Reply, VERSIONS, granted, send};
use crate::raw::{Raw, framed, framed_bytes};
use crate::running::{PATIENCE, Running};

const BINARY: &str = "application/grpc-web+proto";
const TEXT: &str = "application/grpc-web-text+proto";
/// Flag of the frame that holds the trailers.
const TRAILERS: u8 = 0x80;

async fn call(server: &Running, version: Version, content_type: &str, body: &Bytes) -> Reply {
    let headers = [
        ("content-type", content_type),
        ("accept", content_type),
        ("x-grpc-web", "1"),
    ];
    let body = match content_type {
        TEXT => Bytes::from(STANDARD.encode(body)),
        _ => body.clone(),
    };
    send(server.address, version, ("POST", DECIDE), &headers, body).await
}

/// Takes a reply apart: its message, if there is one, and its trailers.
fn parts(reply: &Reply) -> (Option<Bytes>, String) {
    let mut body = match reply.header("content-type") {
        // Parts of the text are padded each for itself.
        Some(TEXT) => {
            let parts =
                reply
                    .text()
                    .split_inclusive('=')
                    .fold(Vec::<String>::new(), |mut parts, part| {
                        match parts.last_mut() {
                            Some(last) if part == "=" => last.push('='),
                            _ => parts.push(part.to_owned()),
                        }
                        parts
                    });
            let parts = parts.iter().flat_map(|part| STANDARD.decode(part).unwrap());
            parts.collect::<Vec<u8>>().into()
        }
        _ => reply.body.clone(),
    };
    let mut message = None;
    while body.has_remaining() {
        let (flags, length) = (body.get_u8(), body.get_u32());
        let frame = body.split_to(length.try_into().unwrap());
        if flags == TRAILERS {
            assert!(body.is_empty());
            return (message, String::from_utf8(frame.to_vec()).unwrap());
        }
        message = Some(frame);
    }
    let status = reply.header("grpc-status").expect("a status in the head");
    (message, format!("grpc-status:{status}"))
}

#[tokio::test]
async fn a_verdict_is_answered_in_both_forms() {
    let server = Running::built_in(Config::default()).await;
    let wanted = server.client().await.decide(granted()).await.unwrap();
    let wanted = wanted.verdict.unwrap();
    assert_eq!(wanted.outcome(), pb::Outcome::Approved);
    for version in VERSIONS {
        for content_type in [BINARY, TEXT] {
            let reply = call(&server, version, content_type, &framed(&granted())).await;
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("content-type"), Some(content_type));
            let (message, trailers) = parts(&reply);
            let told = pb::DecideResponse::decode(message.unwrap()).unwrap();
            assert_eq!(
                told.verdict.as_ref(),
                Some(&wanted),
                "{version:?} {content_type}"
            );
            assert!(trailers.contains("grpc-status:0"), "{trailers}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_has_a_status_and_details() {
    let server = Running::built_in(Config::default()).await;
    for version in VERSIONS {
        for content_type in [BINARY, TEXT] {
            let case = format!("{version:?} {content_type}");
            for body in [framed_bytes(b""), framed_bytes(b"\xff\xff")] {
                let reply = call(&server, version, content_type, &body).await;
                assert_eq!(reply.status, 200, "{case}");
                let (message, status) = parts(&reply);
                assert_eq!(message, None, "{case}");
                // INVALID_ARGUMENT.
                assert!(status.contains("grpc-status:3"), "{case}: {status}");
                let details = reply.header("grpc-status-details-bin");
                assert!(
                    details.is_some() || status.contains("grpc-status-details-bin"),
                    "{case}"
                );
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_does_not_come_ends_with_the_time_limit() {
    for (server_limit, asked) in [(20, "20S"), (20_000, "20m")] {
        let mut config = Config::default();
        config.limits.request_timeout = Duration::from_millis(server_limit);
        let server = Running::built_in(config).await;
        let mut raw = Raw::reading("127.0.0.1", server.address).await;
        let request = Request::post(raw.uri(DECIDE));
        let request = request.header("content-type", BINARY);
        let request = request.header("grpc-timeout", asked).body(()).unwrap();
        let mut call = raw.request(request, false).await;
        call.body
            .send_data(framed(&granted()).slice(..3), false)
            .unwrap();
        let response = tokio::time::timeout(PATIENCE, call.response).await;
        let response = response.expect("an answer").unwrap();
        assert_eq!(response.headers()["content-type"], BINARY);
        // DEADLINE_EXCEEDED.
        assert_eq!(response.headers()["grpc-status"], "4");
        drop((raw, call.body));
        server.stop().await;
    }
}
