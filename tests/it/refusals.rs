//! Refusals of messages that nobody decides, counted like every other.

use std::sync::Arc;

use prost::bytes::Bytes;
use redress::server::config::{Config, HEADER_BYTES};
use tonic::codegen::http::Version;

use crate::admin::value;
use crate::http::{self, DECIDE, post, send};
use crate::raw::{Raw, framed_bytes};
use crate::running::Running;

const STREAM: &str = "/redress.v1.DecisionService/StreamDecide";
const LIST: &str = "/redress.v1.PolicyService/ListPolicies";
const TOO_LARGE: &str = "MESSAGE_TOO_LARGE";
const MALFORMED: &str = "MALFORMED_MESSAGE";
const LIMIT: usize = 1000;

/// Calls by gRPC to the end of what is sent back.
async fn grpc(server: &Running, path: &str, body: Bytes) {
    let mut raw = Raw::reading("127.0.0.1", server.address).await;
    let response = raw.call(path, body).await.await.unwrap();
    if !response.headers().contains_key("grpc-status") {
        crate::raw::reply(response).await;
    }
}

async fn connect(server: &Running, path: &str, content_type: &str, body: Bytes) {
    post(server.address, Version::HTTP_2, path, content_type, body).await;
}

#[tokio::test]
async fn messages_that_are_too_large_or_malformed_are_counted_once_in_every_protocol() {
    let mut config = Config::default();
    config.limits.message_bytes = LIMIT;
    let metrics = Arc::clone(&config.metrics);
    let server = Running::start(config).await;
    let large = framed_bytes(&[0; LIMIT + 1]);
    // Field 1 of every request here is no varint.
    let malformed = framed_bytes(&[0x08, 0x01]);
    let count = |method: &str, reason: &str| {
        let page = metrics.encode();
        let metric = format!(
            "redress_refusals_total{{method=\"{method}\",reason=\"ERROR_REASON_{reason}\"}}"
        );
        match page.contains(&metric) {
            true => value(&page, &metric),
            false => 0,
        }
    };
    let web = "application/grpc-web+proto";
    let (json, stream_json) = ("application/json", "application/connect+json");
    let spaces = Bytes::from(vec![b' '; LIMIT + 1]);
    let mut wanted = std::collections::BTreeMap::new();
    for (path, content_type, body, reason) in [
        (DECIDE, None, large.clone(), TOO_LARGE),
        (STREAM, None, large.clone(), TOO_LARGE),
        (LIST, None, large.clone(), TOO_LARGE),
        (DECIDE, None, malformed.clone(), MALFORMED),
        (STREAM, None, malformed.clone(), MALFORMED),
        (LIST, None, framed_bytes(&[0x0a, 0x7f]), MALFORMED),
        (DECIDE, Some(web), large.clone(), TOO_LARGE),
        (DECIDE, Some(web), malformed.clone(), MALFORMED),
        (DECIDE, Some(json), spaces.clone(), TOO_LARGE),
        (DECIDE, Some(json), Bytes::from_static(b"{"), MALFORMED),
        (STREAM, Some(stream_json), large, TOO_LARGE),
        (STREAM, Some(stream_json), framed_bytes(b"{"), MALFORMED),
    ] {
        let method = path.rsplit('/').next().unwrap();
        match content_type {
            None => grpc(&server, path, body).await,
            Some(content_type) => connect(&server, path, content_type, body).await,
        }
        let wanted = wanted.entry((method, reason)).or_insert(0);
        *wanted += 1;
        let case = format!("{method}, {content_type:?}, {reason}");
        assert_eq!(count(method, reason), *wanted, "{case}");
    }
    // What is refused before it is a call of gRPC.
    let headers = [("content-type", json), ("connect-protocol-version", "2")];
    let decide = ("POST", DECIDE);
    send(server.address, Version::HTTP_2, decide, &headers, "{}").await;
    let before = wanted[&("Decide", MALFORMED)];
    assert_eq!(count("Decide", MALFORMED), before + 1);
    let long = "x".repeat(HEADER_BYTES);
    let headers = [("content-type", json), ("x-long", long.as_str())];
    send(server.address, Version::HTTP_2, decide, &headers, "{}").await;
    assert_eq!(count("Decide", "HEADERS_TOO_LARGE"), 1);
    // One that is decided, or cannot be for what it says, is none of these.
    connect(&server, DECIDE, json, Bytes::from_static(b"{}")).await;
    connect(&server, DECIDE, json, Bytes::from(http::GRANTED)).await;
    let all: u64 = metrics
        .encode()
        .lines()
        .filter(|line| line.starts_with("redress_refusals_total"))
        .filter(|line| line.contains(TOO_LARGE) || line.contains(MALFORMED))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    // The last of them is above the limit of this server.
    assert_eq!(
        all,
        wanted.values().sum::<u64>() + 1 + u64::from(http::GRANTED.len() > LIMIT)
    );
    server.stop().await;
}
