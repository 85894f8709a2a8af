//! Browsers: gRPC-Web, and which pages may call.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use prost::bytes::{Buf, Bytes};
use redress::server::config::Config;
use redress::server::tokens::Tokens;
use redress_client::pb;
use tonic::codegen::http::{Request, Version};

use crate::http::{DECIDE, GRANTED, Reply, VERSIONS, granted, send};
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
    let wanted = wanted.message;
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

const ORIGIN: &str = "https://shop.example";

fn origins() -> Config {
    Config {
        cors_origins: Some(
            "http://localhost:5173,https://shop.example"
                .parse()
                .unwrap(),
        ),
        ..Config::default()
    }
}

/// Asks what a browser asks before it calls.
async fn preflight(server: &Running, version: Version, origin: &str) -> Reply {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,connect-protocol-version,content-type",
        ),
    ];
    send(server.address, version, ("OPTIONS", DECIDE), &headers, "").await
}

#[tokio::test]
async fn pages_of_named_origins_may_call() {
    // Browsers ask without a token.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let config = Config {
        tokens: Some(Tokens::parse(&format!("shop {digest}")).unwrap()),
        ..origins()
    };
    let server = Running::built_in(config).await;
    for version in VERSIONS {
        let reply = preflight(&server, version, ORIGIN).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(reply.header("access-control-allow-methods"), Some("POST"));
        let allowed = reply.header("access-control-allow-headers").unwrap();
        for header in ["authorization", "connect-protocol-version", "content-type"] {
            assert!(
                allowed.split(',').any(|allowed| allowed == header),
                "{allowed}"
            );
        }
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        assert_eq!(reply.header("access-control-max-age"), Some("7200"));
        let vary = reply.headers.get_all("vary").iter();
        let mut vary = vary.map(|value| value.to_str().unwrap().to_ascii_lowercase());
        assert!(vary.any(|value| value.contains("origin")));

        // A refusal can be read too.
        for (token, status) in [("Bearer abc", 200), ("Bearer no", 401)] {
            let headers = [
                ("content-type", "application/json"),
                ("origin", ORIGIN),
                ("authorization", token),
            ];
            let reply = send(server.address, version, ("POST", DECIDE), &headers, GRANTED).await;
            assert_eq!(reply.status, status);
            assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN));
            let exposed = reply.header("access-control-expose-headers").unwrap();
            assert!(exposed.contains("grpc-status-details-bin"), "{exposed}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_may_not_and_none_may_by_default() {
    for (config, origin, status) in [
        (origins(), "https://other.example", 200),
        (origins(), "null", 200),
        (origins(), "https://shop.example.evil.example", 200),
        (Config::default(), ORIGIN, 405),
    ] {
        let server = Running::built_in(config).await;
        for version in VERSIONS {
            let reply = preflight(&server, version, origin).await;
            assert_eq!(reply.status, status, "{origin}");
            assert_eq!(
                reply.header("access-control-allow-origin"),
                None,
                "{origin}"
            );
            let headers = [("content-type", "application/json"), ("origin", origin)];
            let reply = send(server.address, version, ("POST", DECIDE), &headers, GRANTED).await;
            assert_eq!(
                reply.header("access-control-allow-origin"),
                None,
                "{origin}"
            );
        }
        server.stop().await;
    }
}
