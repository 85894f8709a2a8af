//! How a server ends: what its callers see, and when.

use std::process::Command;
use std::time::{Duration, Instant};

use redress::server::config::Config;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{Client, ClientError};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::process::Process;
use crate::running::{PATIENCE, Running};

async fn answers(client: &Client) -> bool {
    let asked = client.list_policies("");
    asked.await.is_ok()
}

#[tokio::test]
async fn the_server_goes_on_while_health_says_that_it_stops() {
    let config = Config {
        drain_delay: Duration::from_secs(2),
        grace: PATIENCE,
        ..Config::default()
    };
    let server = Running::draining(config.clone()).await;
    let open = server.client().await;
    let mut health = HealthClient::new(server.channel().await);
    let asked = HealthCheckRequest::default();
    let mut watch = health.watch(asked.clone()).await.unwrap().into_inner();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    let told = Instant::now();
    server.stop.send(()).unwrap();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    let reply = health.check(asked).await.unwrap().into_inner();
    assert_eq!(reply.status(), ServingStatus::NotServing);
    // Who was there is answered, and so is who comes.
    let uri = format!("http://{}", server.address);
    let new = Client::connect(uri.clone(), redress_client::Config::default()).await;
    assert!(answers(&open).await && answers(&new.unwrap()).await);
    assert!(told.elapsed() < config.drain_delay, "too slow to tell");
    let ended = tokio::time::timeout(PATIENCE, server.ended).await;
    ended.expect("the server ends").unwrap().unwrap();
    assert!(told.elapsed() >= config.drain_delay);
    let late = Client::connect(uri, redress_client::Config::default()).await;
    assert!(matches!(late, Err(ClientError::Connect(_))));
}

/// Checks that a caller may try again, with another server.
fn assert_is_draining(status: Status) {
    let error = ClientError::from(status);
    assert_eq!(error.refusal().unwrap().code(), Code::Unavailable);
    assert_eq!(error.reason(), Some(Reason::Draining));
}

#[tokio::test]
async fn streams_end_with_a_status_that_can_be_tried_again() {
    let config = Config {
        grace: PATIENCE,
        ..Config::default()
    };
    let server = Running::start(config).await;
    let (send, items) = mpsc::channel(1);
    let mut stub = server.client().await.decisions();
    let stream = stub.stream_decide(ReceiverStream::new(items)).await;
    let mut results = stream.unwrap().into_inner();
    let item = pb::StreamDecideRequest {
        item: Some(pb::BatchItem::default()),
    };
    send.send(item).await.unwrap();
    assert!(results.message().await.unwrap().is_some());
    let mut stub = ServerReflectionClient::new(server.channel().await);
    let asked = stub.server_reflection_info(tokio_stream::pending()).await;
    let mut reflected = asked.unwrap().into_inner();
    // Neither of the callers is done.
    server.stop.send(()).unwrap();
    assert_is_draining(results.message().await.unwrap_err());
    // Reflection says nothing of its end.
    assert_eq!(reflected.message().await.unwrap(), None);
    tokio::time::timeout(PATIENCE / 4, server.ended)
        .await
        .expect("the server ends before its grace limit")
        .unwrap()
        .unwrap();
    drop(send);
}

#[tokio::test]
async fn a_stream_whose_items_never_stop_coming_ends_too() {
    let server = Running::start(Config::default()).await;
    let mut stub = server.client().await.decisions();
    let items = tokio_stream::iter(std::iter::repeat_with(|| pb::StreamDecideRequest {
        item: Some(pb::BatchItem::default()),
    }));
    let mut results = stub.stream_decide(items).await.unwrap().into_inner();
    assert!(results.message().await.unwrap().is_some());
    server.stop.send(()).unwrap();
    let end = async {
        loop {
            if let Err(status) = results.message().await {
                return status;
            }
        }
    };
    let status = tokio::time::timeout(PATIENCE / 4, end).await;
    assert_is_draining(status.expect("an end before the grace limit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balanced_client_goes_to_the_servers_that_are_left() {
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(Running::built_in(Config::default()).await);
    }
    let endpoints: Vec<String> = servers.iter().map(Running::uri).collect();
    let mut config = redress_client::Config::default();
    config.attempts = 3;
    let client = Client::balanced(endpoints, config).await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let client = client.clone();
        callers.spawn(async move {
            for _ in 0..200 {
                assert!(answers(&client).await, "a call failed");
            }
        });
    }
    // Two end under load; a server closes its connections at once.
    for server in servers.drain(..2) {
        tokio::task::yield_now().await;
        server.stop().await;
    }
    callers.join_all().await;
    // Nobody is left: that is said after the last attempt.
    for server in servers {
        server.stop().await;
    }
    let asked = client.list_policies("");
    let error = asked.await.unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), Code::Unavailable);
}

fn serve(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(arguments);
    command
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let delay = PATIENCE.as_secs().to_string();
    let grace = (PATIENCE * 2).as_secs().to_string();
    let mut server = Process::start(serve(&["--drain-delay", &delay, "--grace", &grace]));
    server.signal("-TERM");
    // Signals that come together are one: the first has come when health says so.
    let health = || {
        Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["health", &server.address])
            .output()
            .unwrap()
    };
    let told = Instant::now();
    while health().status.code() != Some(1) {
        assert!(told.elapsed() < PATIENCE / 2, "the server still serves");
    }
    server.signal("-INT");
    let (code, after) = server.end(PATIENCE / 2);
    assert_eq!(code, Some(1), "after {after:?}");
}

#[test]
fn a_delay_as_long_as_the_grace_limit_is_refused() {
    let output = serve(&["--drain-delay", "5", "--grace", "5"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: the drain delay of 5 seconds leaves nothing of the grace limit of 5 seconds\n\
         help: make `drain_delay` shorter than `grace`\n"
    );
}
