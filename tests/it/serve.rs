//! A real server on a free port, called through the client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use redress::policy::catalog::Catalog;
use redress::rpc::service::CatalogHandle;
use redress::server::config::Config;
use redress::server::reload::{self, Watched};
use redress_client::pb::{self, ErrorReason};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::running::{PATIENCE, Running};

fn check(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[tokio::test]
async fn health_is_told_for_the_server_and_each_service() {
    let server = Running::start(Config::default()).await;
    let mut health = HealthClient::new(server.channel().await);
    for service in ["", "redress.v1.DecisionService", "redress.v1.PolicyService"] {
        let reply = health.check(check(service)).await.unwrap().into_inner();
        assert_eq!(reply.status(), ServingStatus::Serving, "{service}");
    }
    let unknown = health.check(check("redress.v1.NoService")).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
    server.stop().await;
}

#[tokio::test]
async fn watchers_learn_of_the_end_and_do_not_hold_it_up() {
    let server = Running::start(Config::default()).await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(check("")).await.unwrap().into_inner();
    let status = watch.next().await.unwrap().unwrap().status();
    assert_eq!(status, ServingStatus::Serving);
    server.stop.send(()).unwrap();
    let status = watch.next().await.unwrap().unwrap().status();
    assert_eq!(status, ServingStatus::NotServing);
    // The grace limit is as long as the test's patience: the end must not need it.
    tokio::time::timeout(PATIENCE / 4, server.ended)
        .await
        .expect("the server ends before its grace limit")
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn connections_share_health_and_the_limit_of_requests() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 0;
    let server = Running::start(config).await;
    let mut watches = Vec::new();
    for _ in 0..6 {
        let refused = server
            .client()
            .await
            .decide(pb::DecideRequest::default())
            .await
            .unwrap_err();
        assert_eq!(refused.reason(), Some(ErrorReason::Overloaded));
        let mut health = HealthClient::new(server.channel().await);
        let mut watch = health.watch(check("")).await.unwrap().into_inner();
        let status = watch.next().await.unwrap().unwrap().status();
        assert_eq!(status, ServingStatus::Serving);
        watches.push(watch);
    }
    server.stop.send(()).unwrap();
    for mut watch in watches {
        let status = watch.next().await.unwrap().unwrap().status();
        assert_eq!(status, ServingStatus::NotServing);
    }
    tokio::time::timeout(PATIENCE / 4, server.ended)
        .await
        .expect("the server ends before its grace limit")
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn an_idle_client_does_not_hold_up_the_end() {
    let server = Running::start(Config::default()).await;
    let client = server.client().await;
    client.list_policies("").await.unwrap();
    let address = server.address;
    tokio::time::timeout(PATIENCE / 4, server.stop())
        .await
        .expect("the server ends before its grace limit");
    assert!(TcpStream::connect(address).await.is_err());
    drop(client);
}

#[tokio::test]
async fn a_half_open_connection_is_dropped_after_the_grace_limit() {
    let config = Config {
        grace: Duration::from_millis(100),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let mut half_open = TcpStream::connect(server.address).await.unwrap();
    half_open.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn every_violation_arrives_with_its_path() {
    let server = Running::start(Config::default()).await;
    let refused = server
        .client()
        .await
        .decide(pb::DecideRequest::default())
        .await
        .unwrap_err();
    assert_eq!(refused.refusal().unwrap().code(), Code::InvalidArgument);
    assert_eq!(refused.reason(), Some(ErrorReason::InvalidRequest));
    let paths: Vec<&str> = refused
        .violations()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    for path in ["policy", "order", "request"] {
        assert!(paths.contains(&path), "{path} is missing from {paths:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_with_the_limit() {
    let mut config = Config::default();
    config.limits.message_bytes = 1000;
    let server = Running::start(config).await;
    let client = server.client().await;
    for (bytes, reason) in [
        (900, ErrorReason::InvalidRequest),
        (1100, ErrorReason::MessageTooLarge),
    ] {
        let request = pb::DecideRequest {
            policy: "a".repeat(bytes),
            ..Default::default()
        };
        let refused = client.decide(request).await.unwrap_err();
        assert_eq!(refused.reason(), Some(reason), "{bytes} bytes");
        if reason == ErrorReason::MessageTooLarge {
            let refusal = refused.refusal().unwrap();
            assert_eq!(refusal.code(), Code::ResourceExhausted);
            assert_eq!(refusal.metadata("limit"), Some("1000"));
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_above_the_limit_are_shed_while_health_is_told() {
    let mut config = Config::default();
    // Without a place every request is one too many.
    config.limits.concurrent_requests = 0;
    let server = Running::start(config).await;
    let refused = server
        .client()
        .await
        .decide(pb::DecideRequest::default())
        .await
        .unwrap_err();
    assert_eq!(refused.reason(), Some(ErrorReason::Overloaded));
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.code(), Code::Unavailable);
    assert_eq!(refusal.metadata("limit"), Some("0"));
    let mut health = HealthClient::new(server.channel().await);
    assert!(health.check(check("")).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn reflection_lists_services_and_knows_details_of_errors_in_both_versions() {
    let server = Running::start(Config::default()).await;
    let wanted = [
        "grpc.health.v1.Health",
        "redress.v1.DecisionService",
        "redress.v1.PolicyService",
    ];
    macro_rules! listed {
        ($version:ident) => {{
            use pb::server_reflection_request::MessageRequest;
            use pb::server_reflection_response::MessageResponse;
            use tonic_reflection::pb::$version as pb;

            let channel = server.channel().await;
            let mut client = pb::server_reflection_client::ServerReflectionClient::new(channel);
            let of_errors = "google.rpc.RetryInfo".to_owned();
            let asked = [
                MessageRequest::FileContainingSymbol(of_errors),
                MessageRequest::ListServices(String::new()),
            ];
            let asked = asked.map(|request| pb::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(request),
            });
            let mut replies = client
                .server_reflection_info(tokio_stream::iter(asked))
                .await
                .unwrap()
                .into_inner();
            let file = replies.next().await.unwrap().unwrap().message_response;
            assert!(
                matches!(file, Some(MessageResponse::FileDescriptorResponse(_))),
                "{file:?}"
            );
            let reply = replies.next().await.unwrap().unwrap().message_response;
            let Some(MessageResponse::ListServicesResponse(list)) = reply else {
                panic!("not a list: {reply:?}");
            };
            list.service
                .into_iter()
                .map(|service| service.name)
                .collect::<Vec<_>>()
        }};
    }
    for listed in [listed!(v1), listed!(v1alpha)] {
        for service in wanted {
            assert!(
                listed.iter().any(|name| name == service),
                "{service}: {listed:?}"
            );
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_reload_that_fails_keeps_the_policies() {
    let handle = CatalogHandle::new(Catalog::default());
    let before = handle.current();
    let nowhere = Watched::new(Some(PathBuf::from("no/such/folder")), false);
    let metrics = Config::default().metrics;
    reload::follow(tokio_stream::once(()), nowhere, handle.clone(), metrics).await;
    assert!(Arc::ptr_eq(&before, &handle.current()));
}
