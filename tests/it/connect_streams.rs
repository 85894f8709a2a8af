//! Streams in the Connect protocol.

use std::collections::BTreeSet;

use prost::Message;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use redress::server::config::Config;
use redress::wire::json::Schema;
use redress_client::pb;
use serde_json::{Value, json};
use tonic::codegen::http::{Request, Version};

use crate::http::{STREAM, granted, post};
use crate::raw::Raw;
use crate::running::Running;

const JSON: &str = "application/connect+json";
const PROTO: &str = "application/connect+proto";
/// Flag of the message that ends an answer.
const END: u8 = 2;

/// Puts messages behind their flags and lengths.
fn frames<M: AsRef<[u8]>>(messages: impl IntoIterator<Item = M>) -> BytesMut {
    let mut frames = BytesMut::new();
    for message in messages {
        frames.put_u8(0);
        frames.put_u32(message.as_ref().len().try_into().unwrap());
        frames.put_slice(message.as_ref());
    }
    frames
}

/// Takes an answer apart: its messages, and how it ended.
fn messages(mut body: Bytes) -> (Vec<Bytes>, Value) {
    let mut messages = Vec::new();
    loop {
        let (flags, length) = (body.get_u8(), body.get_u32());
        let message = body.split_to(length.try_into().unwrap());
        if flags == END {
            assert!(body.is_empty(), "something follows the end");
            return (messages, serde_json::from_slice(&message).unwrap());
        }
        assert_eq!(flags, 0);
        messages.push(message);
    }
}

fn item(id: &str, decide: pb::DecideRequest) -> pb::StreamDecideRequest {
    pb::StreamDecideRequest {
        item: Some(pb::BatchItem {
            item_id: id.to_owned(),
            decide: Some(decide),
        }),
    }
}

/// Returns what is told of each item of a stream.
fn told(results: &[pb::StreamDecideResponse]) -> Vec<(&str, bool)> {
    let results = results.iter().map(|reply| reply.result.as_ref().unwrap());
    let is_decided = |result: &Option<_>| {
        matches!(result, Some(pb::item_result::Result::Verdict(verdict))
            if verdict.outcome() == pb::Outcome::Approved)
    };
    results
        .map(|result| (result.item_id.as_str(), is_decided(&result.result)))
        .collect()
}

#[tokio::test]
async fn items_are_decided_in_their_order() {
    let server = Running::built_in(Config::default()).await;
    let items = [
        item("first", granted()),
        item("wrong", pb::DecideRequest::default()),
        item("last", granted()),
    ];
    let wanted = [("first", true), ("wrong", false), ("last", true)];

    let asked = frames(items.iter().map(Message::encode_to_vec));
    let reply = post(server.address, Version::HTTP_2, STREAM, PROTO, asked).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some(PROTO))
    );
    let (results, end) = messages(reply.body);
    let results = results.into_iter().map(pb::StreamDecideResponse::decode);
    let results: Vec<_> = results.map(Result::unwrap).collect();
    assert_eq!(told(&results), wanted);
    assert_eq!(end, json!({}));

    let schema = Schema::new().unwrap();
    let write = |item| {
        schema
            .write(item, "redress.v1.StreamDecideRequest")
            .unwrap()
    };
    let asked = frames(items.iter().map(write));
    let reply = post(server.address, Version::HTTP_2, STREAM, JSON, asked).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some(JSON))
    );
    let (results, end) = messages(reply.body);
    let read = |result: Bytes| {
        let text = std::str::from_utf8(&result).unwrap();
        schema
            .read(text, "redress.v1.StreamDecideResponse")
            .unwrap()
    };
    let results: Vec<pb::StreamDecideResponse> = results.into_iter().map(read).collect();
    assert_eq!(told(&results), wanted);
    assert_eq!(end, json!({}));
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_cannot_be_read_ends_with_the_reason() {
    let mut config = Config::default();
    config.limits.message_bytes = 10_000;
    let server = Running::built_in(config).await;
    let good = Schema::new()
        .unwrap()
        .write(&item("first", granted()), "redress.v1.StreamDecideRequest")
        .unwrap();
    let malformed = "ERROR_REASON_MALFORMED_MESSAGE";
    let mut half = frames(["{}"]);
    half.truncate(6);
    let mut flagged = frames(["{}"]);
    flagged[0] = 1;
    for (bad, code, reason) in [
        (frames(["{\"itm\": 1}"]), "invalid_argument", malformed),
        (half, "invalid_argument", malformed),
        (flagged, "invalid_argument", malformed),
        (
            frames(["x".repeat(10_001)]),
            "resource_exhausted",
            "ERROR_REASON_MESSAGE_TOO_LARGE",
        ),
    ] {
        // What came before it is answered.
        let mut asked = frames([&good]);
        asked.extend_from_slice(&bad);
        let reply = post(server.address, Version::HTTP_2, STREAM, JSON, asked).await;
        let (results, end) = messages(reply.body);
        assert_eq!((reply.status, results.len()), (200, 1), "{end}");
        assert_eq!(end["error"]["code"], code);
        let info = &end["error"]["details"][0]["debug"];
        assert_eq!(info["reason"], reason, "{end}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_refused_is_its_end_alone() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 0;
    let server = Running::built_in(config).await;
    let reply = post(server.address, Version::HTTP_2, STREAM, JSON, "").await;
    let (results, end) = messages(reply.body);
    assert_eq!((reply.status, results.len()), (200, 0));
    assert_eq!(end["error"]["code"], "unavailable");
    let details = end["error"]["details"].as_array().unwrap();
    let kinds = details
        .iter()
        .map(|detail| detail["type"].as_str().unwrap());
    let wanted = ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"];
    assert_eq!(kinds.collect::<BTreeSet<_>>(), wanted.into());
    server.stop().await;
}

#[tokio::test]
async fn health_can_be_watched_over_both_versions() {
    let server = Running::built_in(Config::default()).await;
    let watch = "/grpc.health.v1.Health/Watch";
    let asked = frames(["{\"service\": \"redress.v1.DecisionService\"}"]).freeze();
    let watches = [Version::HTTP_11, Version::HTTP_2].map(|version| {
        let (to, asked) = (server.address, asked.clone());
        tokio::spawn(async move { post(to, version, watch, JSON, asked).await })
    });
    // Both are under way when the server has counted their connections.
    let mut client = tonic_health::pb::health_client::HealthClient::new(server.channel().await);
    for _ in 0..50 {
        let asked = tonic_health::pb::HealthCheckRequest::default();
        client.check(asked).await.unwrap();
    }
    drop(client);
    server.stop().await;
    for watch in watches {
        let (results, _) = messages(watch.await.unwrap().body);
        let results: Vec<Value> = results
            .iter()
            .map(|result| serde_json::from_slice(result).unwrap())
            .collect();
        let (serving, not) = (
            json!({"status": "SERVING"}),
            json!({"status": "NOT_SERVING"}),
        );
        assert_eq!(results.first(), Some(&serving));
        assert_eq!(results.last(), Some(&not));
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_order_to_stop_and_can_be_sent_elsewhere() {
    let server = Running::built_in(Config::default()).await;
    let mut raw = Raw::reading("127.0.0.1", server.address).await;
    let request = Request::post(raw.uri(STREAM)).header("content-type", PROTO);
    let mut call = raw.request(request.body(()).unwrap(), false).await;
    let first = frames([item("first", granted()).encode_to_vec()]).freeze();
    call.body.send_data(first, false).unwrap();
    let mut body = call.response.await.unwrap().into_body();
    let mut answer = BytesMut::from(body.data().await.unwrap().unwrap());
    server.stop.send(()).unwrap();
    while let Some(part) = body.data().await {
        answer.extend_from_slice(&part.unwrap());
    }
    let (results, end) = messages(answer.freeze());
    assert_eq!(results.len(), 1);
    assert_eq!(end["error"]["code"], "unavailable");
    let info = &end["error"]["details"][0]["debug"];
    assert_eq!(info["reason"], "ERROR_REASON_DRAINING");
    server.ended.await.unwrap().unwrap();
}
