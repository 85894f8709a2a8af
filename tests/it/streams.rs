//! `StreamDecide` through a real server: results, errors, and both ends of a
//! stream that do not keep step.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redress::server::config::Config;
use redress::wire::json::Schema;
use redress_client::ClientError;
use redress_client::pb::item_result::Result as Item;
use redress_client::pb::{self, ErrorReason as Reason, Outcome};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;
use tonic::{Code, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::running::{PATIENCE, Running};

/// Starts a server with the built-in policies.
async fn start(config: Config) -> Running {
    Running::built_in(config).await
}

/// Returns a return that is granted.
fn granted() -> pb::DecideRequest {
    let text = include_str!("../../examples/return_plain_piece.json");
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

fn item(id: &str, decide: Option<pb::DecideRequest>) -> pb::StreamDecideRequest {
    pb::StreamDecideRequest {
        item: Some(pb::BatchItem {
            item_id: id.to_owned(),
            decide,
        }),
    }
}

/// Returns an item that is refused at once and echoed: its id is too long.
fn long(number: usize) -> pb::StreamDecideRequest {
    item(&format!("{number:08}{}", "x".repeat(8000)), None)
}

/// Opens a stream that sends what is given, and ends with it.
async fn open(
    server: &Running,
    items: impl tokio_stream::Stream<Item = pb::StreamDecideRequest> + Send + 'static,
) -> Streaming<pb::StreamDecideResponse> {
    let mut stub = server.client().await.decisions();
    stub.stream_decide(items).await.unwrap().into_inner()
}

async fn next(results: &mut Streaming<pb::StreamDecideResponse>) -> pb::ItemResult {
    results.message().await.unwrap().unwrap().result.unwrap()
}

/// Says in short what a result is.
fn short(result: &pb::ItemResult) -> (&str, Result<Outcome, (Reason, Vec<&str>)>) {
    let answer = match result.result.as_ref().unwrap() {
        Item::Verdict(verdict) => Ok(verdict.outcome()),
        Item::Error(error) => {
            let fields = error.violations.iter().map(|v| v.field.as_str());
            Err((error.reason(), fields.collect()))
        }
    };
    (&result.item_id, answer)
}

#[tokio::test]
async fn each_item_gets_its_result_in_order() {
    let server = start(Config::default()).await;
    let mut broken = granted();
    broken.order.as_mut().unwrap().currency_code.clear();
    let mut nowhere = granted();
    nowhere.policy = "no-such-shop".to_owned();
    let items = vec![
        item("first", Some(granted())),
        pb::StreamDecideRequest { item: None },
        item("", Some(granted())),
        item("two\nlines", Some(granted())),
        item("broken", Some(broken)),
        item("nowhere", Some(nowhere)),
        item("nothing", None),
        // An id may come again: results are in order.
        item("first", Some(granted())),
    ];
    let mut results = open(&server, tokio_stream::iter(items)).await;
    let mut found = Vec::new();
    while let Some(reply) = results.message().await.unwrap() {
        found.push(reply.result.unwrap());
    }
    let invalid = |field| Err((Reason::InvalidRequest, vec![field]));
    assert_eq!(
        found.iter().map(short).collect::<Vec<_>>(),
        [
            ("first", Ok(Outcome::Approved)),
            ("", invalid("item")),
            ("", invalid("item.item_id")),
            ("two\nlines", invalid("item.item_id")),
            ("broken", invalid("order.currency_code")),
            ("nowhere", Err((Reason::PolicyNotFound, vec![]))),
            ("nothing", invalid("decide")),
            ("first", Ok(Outcome::Approved)),
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_result_comes_before_the_next_item_is_sent() {
    let server = start(Config::default()).await;
    let (send, items) = mpsc::channel(1);
    let mut results = open(&server, ReceiverStream::new(items)).await;
    for id in ["a", "b", "c"] {
        send.send(item(id, Some(granted()))).await.unwrap();
        let result = next(&mut results).await;
        assert_eq!(short(&result), (id, Ok(Outcome::Approved)));
    }
    // The sender's end is the end.
    drop(send);
    assert_eq!(results.message().await.unwrap(), None);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_waits_for_a_reader_that_does_not_read() {
    /// Items of 8 kB; the windows and buffers of both ends hold a few hundred.
    const ITEMS: usize = 2000;
    /// Calls without a further item sent, after which the stream stands still.
    const STILL: usize = 50;

    let server = start(Config::default()).await;
    let channel = Endpoint::from_shared(server.uri())
        .unwrap()
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535)
        .connect()
        .await
        .unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let items = tokio_stream::iter(0..ITEMS).map(move |number| {
        counted.store(number + 1, Ordering::Relaxed);
        long(number)
    });
    let mut stub = pb::decision_service_client::DecisionServiceClient::new(channel);
    let mut results = stub.stream_decide(items).await.unwrap().into_inner();

    // Calls on another connection, each a chance for the stream to go on.
    let mut health = HealthClient::new(server.channel().await);
    let (mut before, mut still) = (0, 0);
    while still < STILL {
        health.check(HealthCheckRequest::default()).await.unwrap();
        let now = sent.load(Ordering::Relaxed);
        still = if now == before { still + 1 } else { 0 };
        before = now;
    }
    assert!(before < ITEMS / 2, "{before} items were taken, none read");

    for number in 0..ITEMS {
        let result = next(&mut results).await;
        assert_eq!(result.item_id[..8], format!("{number:08}"));
        let wanted = Err((Reason::InvalidRequest, vec!["item.item_id"]));
        assert_eq!(short(&result).1, wanted);
    }
    assert_eq!(results.message().await.unwrap(), None);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_leaves_nothing_behind() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 1;
    let server = start(config).await;
    let client = server.client().await;
    for _ in 0..3 {
        let (send, items) = mpsc::channel(1);
        let mut stub = client.decisions();
        let stream = stub.stream_decide(ReceiverStream::new(items)).await;
        let mut results = stream.unwrap().into_inner();
        send.send(item("a", Some(granted()))).await.unwrap();
        next(&mut results).await;
        // Sent, and gone before the result is read.
        send.send(item("b", Some(granted()))).await.unwrap();
        drop((send, results));
        // The one place is free as soon as the server knows.
        let place = async { while client.decide(granted()).await.is_err() {} };
        let free = tokio::time::timeout(PATIENCE, place).await;
        assert!(free.is_ok(), "the place is still taken");
    }
    // The connection stays open: a stream left on it would hold up the end.
    tokio::time::timeout(PATIENCE / 4, server.stop())
        .await
        .expect("the server ends before its grace limit");
    drop(client);
}

/// A message that says of an item that it is a number.
#[derive(Clone, PartialEq, prost::Message)]
struct Malformed {
    #[prost(uint32, tag = "1")]
    item: u32,
}

#[tokio::test]
async fn a_malformed_message_ends_the_stream_and_no_other() {
    let server = start(Config::default()).await;
    let channel = server.channel().await;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<Malformed, pb::StreamDecideResponse>::default();
    let items = tokio_stream::iter([Malformed { item: 7 }]);
    let path = http_path("/redress.v1.DecisionService/StreamDecide");
    let stream = grpc
        .streaming(tonic::Request::new(items), path, codec)
        .await;
    let status = end_of(stream.map(tonic::Response::into_inner)).await;
    let error = ClientError::from(status);
    assert_eq!(error.reason(), Some(Reason::MalformedMessage));
    assert_eq!(error.refusal().unwrap().code(), Code::InvalidArgument);

    let mut stub = pb::decision_service_client::DecisionServiceClient::new(channel);
    let reply = stub.decide(granted()).await.unwrap().into_inner();
    assert_eq!(reply.verdict.unwrap().outcome(), Outcome::Approved);
    server.stop().await;
}

fn http_path(path: &'static str) -> tonic::codegen::http::uri::PathAndQuery {
    tonic::codegen::http::uri::PathAndQuery::from_static(path)
}

/// Returns the status that a stream ends with, whether before or after its head.
async fn end_of(stream: Result<Streaming<pb::StreamDecideResponse>, Status>) -> Status {
    match stream {
        Ok(mut results) => results.message().await.unwrap_err(),
        Err(status) => status,
    }
}

#[tokio::test]
async fn an_oversized_item_ends_the_stream_after_the_results_before_it() {
    let mut config = Config::default();
    config.limits.message_bytes = 1000;
    let server = start(config).await;
    let items = vec![item("small", None), long(0), item("late", None)];
    let mut results = open(&server, tokio_stream::iter(items)).await;
    assert_eq!(next(&mut results).await.item_id, "small");
    let status = results.message().await.unwrap_err();
    let error = ClientError::from(status);
    assert_eq!(error.reason(), Some(Reason::MessageTooLarge));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), Code::ResourceExhausted);
    assert_eq!(refusal.metadata("limit"), Some("1000"));
    server.stop().await;
}
