//! Peers that mean harm, or are broken: a real server, and raw connections.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use redress::server::config::Config;
use redress::wire::json::Schema;
use redress_client::pb::{self, ErrorReason as Reason};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::admin::value;
use crate::budget;
use crate::raw::{self, Raw, framed, framed_bytes};
use crate::running::{PATIENCE, Running};
use crate::tls::identity;

const DECIDE: &str = "/redress.v1.DecisionService/Decide";
const BATCH: &str = "/redress.v1.DecisionService/BatchDecide";

/// Windows of a peer that takes nothing: none, and one that the transport lets go of its
/// reply for, which then waits in other hands.
const WINDOWS: [u32; 2] = [0, 1];

/// How long a call may wait for others, in a program that is built for tests and beside
/// others: the long decision takes several times as long there.
const SOON: Duration = Duration::from_secs(5);

/// The peer of most connections here, and another.
const PEER: &str = "127.0.0.1";
const OTHER: &str = "127.0.0.2";

async fn start(config: Config) -> Running {
    Running::built_in(config).await
}

/// Returns a return that is granted.
fn granted() -> pb::DecideRequest {
    let text = include_str!("../../examples/return_plain_piece.json");
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

fn batch(items: usize) -> pb::BatchDecideRequest {
    let item = |number: usize| pb::BatchItem {
        item_id: number.to_string(),
        decide: Some(granted()),
    };
    pb::BatchDecideRequest {
        items: (0..items).map(item).collect(),
    }
}

async fn in_time<T>(what: &str, of: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, of)
        .await
        .unwrap_or_else(|_| panic!("{what} took too long"))
}

/// Calls on another connection, each a chance for the server to go on with others.
async fn let_others_work(server: &Running) {
    const CALLS: usize = 50;
    let mut health = HealthClient::new(server.channel().await);
    for _ in 0..CALLS {
        health.check(HealthCheckRequest::default()).await.unwrap();
    }
}

/// Returns the reason of a refused request that is well formed, `None` for an answer.
async fn decided(server: &Running, from: &str) -> Option<(Code, Reason, String)> {
    let mut raw = Raw::reading(from, server.address).await;
    let response = raw.call(DECIDE, framed(&granted())).await.await.unwrap();
    if response.headers().contains_key("grpc-status") {
        let refusal = raw::refusal(&response);
        let load = refusal.metadata("load").unwrap_or_default().to_owned();
        return Some((refusal.code(), refusal.reason().unwrap(), load));
    }
    let (_, status) = raw::reply(response).await;
    assert_eq!(status.code(), Code::Ok);
    None
}

#[tokio::test]
async fn replies_that_nobody_reads_are_as_many_as_the_limit_and_one() {
    const BATCHES: usize = 10;
    let request = framed(&batch(20));
    let server = start(Config::default()).await;
    let mut reader = Raw::reading(PEER, server.address).await;
    let response = reader.call(BATCH, request.clone()).await.await.unwrap();
    let (bytes, _) = raw::reply(response).await;
    drop(reader);
    server.stop().await;

    let mut config = Config::default();
    // Two replies are below it, and the third is above.
    config.limits.connection_unsent_bytes = 2 * bytes + 1;
    let server = start(config).await;
    let mut raw = Raw::connect(PEER, server.address).await;
    let mut heads = tokio::task::JoinSet::new();
    for _ in 0..BATCHES {
        heads.spawn(raw.call(BATCH, request.clone()).await);
    }
    let mut responses = Vec::new();
    for _ in 0..3 {
        let head = in_time("a reply", heads.join_next()).await;
        responses.push(head.unwrap().unwrap().unwrap());
    }
    let_others_work(&server).await;
    assert!(heads.try_join_next().is_none(), "a fourth batch is decided");
    // All of them are, once they are read.
    raw.read();
    while responses.len() < BATCHES {
        let response = responses.pop().unwrap();
        assert_eq!(in_time("a reply", raw::reply(response)).await.0, bytes);
        let head = in_time("a reply", heads.join_next()).await;
        responses.push(head.unwrap().unwrap().unwrap());
        if heads.is_empty() {
            break;
        }
    }
    for response in responses {
        let (read, status) = in_time("a reply", raw::reply(response)).await;
        assert_eq!((read, status.code()), (bytes, Code::Ok));
    }
    drop(raw);
    server.stop().await;
}

#[tokio::test]
async fn a_place_is_taken_until_the_reply_is_read() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 1;
    let server = start(config).await;
    let overloaded = (
        Code::Unavailable,
        Reason::Overloaded,
        "concurrent requests".to_owned(),
    );
    // The server learns a moment later than the reader that all was written.
    let free = async || {
        in_time("a place", async {
            while decided(&server, OTHER).await.is_some() {}
        })
        .await;
    };
    for window in WINDOWS {
        let mut raw = Raw::with_window(PEER, server.address, window).await;
        let response = raw.call(DECIDE, framed(&granted())).await.await.unwrap();
        let_others_work(&server).await;
        for from in [PEER, OTHER] {
            assert_eq!(decided(&server, from).await, Some(overloaded.clone()));
        }
        raw.read();
        assert_eq!(raw::reply(response).await.1.code(), Code::Ok);
        free().await;

        // A stream that is reset leaves its place too, and so does one whose connection
        // is closed.
        let mut raw = Raw::with_window(PEER, server.address, window).await;
        let response = raw.call(DECIDE, framed(&granted())).await.await.unwrap();
        assert!(decided(&server, OTHER).await.is_some());
        drop(response);
        free().await;
        let response = raw.call(DECIDE, framed(&granted())).await.await.unwrap();
        assert!(decided(&server, OTHER).await.is_some());
        drop((response, raw));
        free().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn replies_of_all_that_nobody_reads_shed_further_requests() {
    let mut config = Config::default();
    config.limits.unsent_bytes = 2;
    let server = start(config).await;
    let mut raw = Raw::connect(PEER, server.address).await;
    let response = raw.call(DECIDE, framed(&granted())).await.await.unwrap();
    let overloaded = (
        Code::Unavailable,
        Reason::Overloaded,
        "bytes of replies that were not read".to_owned(),
    );
    assert_eq!(decided(&server, OTHER).await, Some(overloaded));
    let_others_work(&server).await;
    raw.read();
    assert_eq!(raw::reply(response).await.1.code(), Code::Ok);
    in_time("room", async {
        while decided(&server, OTHER).await.is_some() {}
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn a_peer_that_reads_no_reply_is_cut_off() {
    let mut config = Config::default();
    config.limits.reply_timeout = Duration::from_millis(400);
    config.limits.handshake_timeout = Duration::from_millis(400);
    let server = start(config).await;
    // It asks nothing, and reads all that there is.
    let idle = server.client().await;
    let calls = [(DECIDE, framed(&granted())), (BATCH, framed(&batch(3)))];
    for ((path, request), window) in calls.into_iter().zip(WINDOWS) {
        let mut raw = Raw::with_window(PEER, server.address, window).await;
        let _response = raw.call(path, request).await.await.unwrap();
        let after = in_time("the end", raw.ended).await.unwrap();
        assert!(after >= config_half(), "{after:?}");
    }
    assert!(idle.decide(granted()).await.is_ok());
    drop(idle);
    server.stop().await;
}

/// Half of the time that the test above gives a peer to read.
fn config_half() -> Duration {
    Duration::from_millis(200)
}

#[tokio::test]
async fn a_stream_that_nobody_reads_ends_with_its_connection() {
    let mut config = Config::default();
    config.limits.reply_timeout = Duration::from_millis(400);
    config.limits.handshake_timeout = Duration::from_millis(400);
    let server = start(config).await;
    let mut raw = Raw::connect(PEER, server.address).await;
    let mut call = raw.begin("/redress.v1.DecisionService/StreamDecide").await;
    let item = pb::StreamDecideRequest {
        item: Some(pb::BatchItem {
            item_id: "a".to_owned(),
            decide: Some(granted()),
        }),
    };
    call.body.send_data(framed(&item), false).unwrap();
    in_time("the end", raw.ended).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn calls_without_a_message_leave_places_for_others() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 8;
    let server = start(config).await;
    let mut connections = Vec::new();
    let mut open = Vec::new();
    let mut heads = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let mut raw = Raw::connect(PEER, server.address).await;
        for _ in 0..4 {
            let call = raw.begin(DECIDE).await;
            heads.spawn(call.response);
            open.push(call.body);
        }
        connections.push(raw);
    }
    // Of 12 calls 4 have a place, as many as are left, and 8 are refused at once.
    for _ in 0..8 {
        let head = in_time("a refusal", heads.join_next()).await;
        let refusal = raw::refusal(&head.unwrap().unwrap().unwrap());
        assert_eq!(refusal.code(), Code::Unavailable);
        assert_eq!(refusal.reason(), Some(Reason::Overloaded));
        assert_eq!(refusal.metadata("limit"), Some("8"));
    }
    assert!(decided(&server, PEER).await.is_some());
    assert_eq!(decided(&server, OTHER).await, None);
    assert!(heads.try_join_next().is_none(), "those with a place wait");
    // They give their places back with their streams.
    drop(open);
    in_time("a place", async {
        while decided(&server, PEER).await.is_some() {}
    })
    .await;
    drop(connections);
    server.stop().await;
}

/// Returns what a connection says before the server ends it.
async fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A server that closes with bytes unread resets the connection.
    let _ = in_time("the end", stream.read_to_end(&mut bytes)).await;
    bytes
}

#[tokio::test]
async fn a_connection_that_does_not_begin_is_closed() {
    let mut config = Config::default();
    config.limits.handshake_timeout = Duration::from_millis(100);
    let server = start(config).await;
    // One that has begun stays.
    let client = server.client().await;
    for sent in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        read_to_end(stream).await;
    }
    assert!(client.decide(granted()).await.is_ok());
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_is_replaced_at_its_age_and_no_call_fails() {
    let mut config = Config::default();
    config.limits.connection_age = Some(Duration::from_millis(200));
    config.limits.request_timeout = Duration::from_millis(300);
    let metrics = Arc::clone(&config.metrics);
    let server = start(config).await;
    // A stream that goes on ends with its connection, once its calls had time to end.
    let mut raw = Raw::connect(PEER, server.address).await;
    let _open = raw.begin("/redress.v1.DecisionService/StreamDecide").await;
    let client = server.client().await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(900) {
        assert!(client.decide(granted()).await.is_ok());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    in_time("the end", raw.ended).await.unwrap();
    let taken = value(&metrics.encode(), "redress_connections_total");
    // The one of the stream, and two or more of the client.
    assert!(taken >= 3, "{taken} connections");
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_does_not_begin_behind_tls_is_closed() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut config = Config {
        tls: Some(identity(&certified, None)),
        ..Config::default()
    };
    config.limits.handshake_timeout = Duration::from_millis(300);
    let server = start(config).await;
    // Nothing at all, and the first bytes of a handshake.
    for sent in [&b""[..], &[0x16, 0x03, 0x01]] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        read_to_end(stream).await;
    }
    // A handshake, and half of what follows it.
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut stream = TlsConnector::from(Arc::new(client))
        .connect("localhost".try_into().unwrap(), stream)
        .await
        .unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    stream.flush().await.unwrap();
    let mut bytes = Vec::new();
    let _ = in_time("the end", stream.read_to_end(&mut bytes)).await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_above_the_limit_is_closed_at_once() {
    let mut config = Config::default();
    config.limits.connections = 4;
    let server = start(config).await;
    let connect = async |from: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        socket.connect(server.address).await.unwrap()
    };
    // A peer has as many as are left for others. What it does not have is closed
    // before it says anything, so that nothing but the limit can have closed it.
    let first = connect(PEER).await;
    let second = server.client().await;
    assert_eq!(read_to_end(connect(PEER).await).await, b"");
    let other = connect(OTHER).await;
    assert_eq!(read_to_end(connect(OTHER).await).await, b"");
    assert!(second.decide(granted()).await.is_ok());
    drop(first);
    in_time("a connection", async {
        while Raw::try_connect(server.address).await.is_none() {}
    })
    .await;
    drop((second, other));
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_with_its_reason() {
    let server = start(Config::default()).await;
    let mut raw = Raw::reading(PEER, server.address).await;
    let policies = "/redress.v1.PolicyService";
    let decisions = "/redress.v1.DecisionService";
    // A text of two bytes that are not UTF-8, or a text where there is a number.
    let not_text = framed_bytes(&[0x0a, 0x02, 0xff, 0xfe]);
    let mut cases = vec![
        (format!("{decisions}/Decide"), not_text.clone()),
        (format!("{decisions}/BatchDecide"), not_text.clone()),
        (format!("{decisions}/ListOptions"), not_text.clone()),
        (format!("{policies}/GetPolicy"), not_text.clone()),
        (format!("{policies}/ListPolicies"), not_text.clone()),
    ];
    for body in [
        // Deep inside: `order` with an `order_id` that is not UTF-8.
        framed_bytes(&[0x1a, 0x03, 0x0a, 0x01, 0xff]),
        // A field that is cut off, a tag without a field, no such wire type.
        framed_bytes(&[0x0a, 0x05, b'a']),
        framed_bytes(&[0x00]),
        framed_bytes(&[0x0f]),
        // No message, half of one, and a frame that says that it is compressed.
        Bytes::new(),
        framed_bytes(&[0x0a, 0x01, b'a']).slice(..6),
        Bytes::from_static(&[1, 0, 0, 0, 0]),
        Bytes::from_static(&[7, 0, 0, 0, 0]),
    ] {
        cases.push((DECIDE.to_owned(), body));
    }
    for (path, body) in cases {
        let response = raw.call(&path, body.clone()).await;
        let response = in_time("an answer", response).await.unwrap();
        let refusal = raw::refusal(&response);
        let case = format!("{path} {body:?}: {}", refusal.message());
        assert_eq!(refusal.code(), Code::InvalidArgument, "{case}");
        assert_eq!(refusal.reason(), Some(Reason::MalformedMessage), "{case}");
        let cause = refusal.metadata("cause").unwrap();
        assert!(refusal.message().contains(cause), "{case}");
    }
    let response = raw.call(DECIDE, not_text).await.await.unwrap();
    let message = raw::refusal(&response).message().to_owned();
    assert!(message.contains("DecideRequest.policy"), "{message}");
    drop(raw);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_call_of_grpc_is_refused_in_plain_http() {
    let server = start(Config::default()).await;
    let mut raw = Raw::connect(PEER, server.address).await;
    for path in [
        DECIDE,
        "/redress.v1.PolicyService/ListPolicies",
        "/grpc.health.v1.Health/Check",
    ] {
        for (method, content_type, wanted) in [
            ("GET", Some("application/grpc"), 405),
            ("GET", None, 405),
            ("PUT", Some("application/grpc"), 405),
            ("POST", Some("text/plain"), 415),
            ("POST", Some("application/grpc+json"), 415),
            ("POST", None, 415),
        ] {
            let mut request = tonic::codegen::http::Request::builder()
                .method(method)
                .uri(raw.uri(path));
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let call = raw.request(request.body(()).unwrap(), true).await;
            let response = call.response.await.unwrap();
            let case = format!("{method} {content_type:?} {path}");
            assert_eq!(response.status(), wanted, "{case}");
            assert!(!response.headers().contains_key("grpc-status"), "{case}");
            let allowed = response.headers().get("allow").map(|v| v.to_str().unwrap());
            assert_eq!(allowed, (wanted == 405).then_some("POST"), "{case}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn headers_above_the_limit_are_refused_with_the_limit() {
    let server = start(Config::default()).await;
    let mut raw = Raw::reading(PEER, server.address).await;
    for (bytes, wanted) in [(15_000, None), (17_000, Some(Reason::HeadersTooLarge))] {
        let request = tonic::codegen::http::Request::post(raw.uri(DECIDE))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("x-long", "x".repeat(bytes));
        let mut call = raw.request(request.body(()).unwrap(), false).await;
        // A refusal does not wait for the message.
        let _ = call.body.send_data(framed(&granted()), true);
        let response = call.response.await.unwrap();
        assert_eq!(response.status(), 200);
        if wanted.is_some() {
            let refusal = raw::refusal(&response);
            assert_eq!(refusal.code(), Code::ResourceExhausted);
            assert_eq!(refusal.reason(), wanted);
            assert_eq!(refusal.metadata("limit"), Some("16384"));
        } else {
            assert_eq!(raw::reply(response).await.1.code(), Code::Ok);
        }
    }
    // What the transport itself does not read.
    let request = tonic::codegen::http::Request::post(raw.uri(DECIDE))
        .header("content-type", "application/grpc")
        .header("x-long", "x".repeat(70_000));
    let call = raw.request(request.body(()).unwrap(), true).await;
    assert_eq!(call.response.await.unwrap().status(), 431);
    assert_eq!(decided(&server, PEER).await, None);
    server.stop().await;
}

/// The longest decision keeps none of the others waiting: it is worked on apart, and no
/// longer once its caller has left.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_decision_keeps_nobody_waiting() {
    let server = start(Config::default()).await;
    let caller = server.client().await;
    let long = tokio::spawn(async move {
        let query = budget::options("melina-paris", 200);
        caller.list_options(query).await.map(|_| ())
    });
    let mut health = HealthClient::new(server.channel().await);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let asked = std::time::Instant::now();
        health.check(HealthCheckRequest::default()).await.unwrap();
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    }
    assert!(!long.is_finished(), "it took no time");
    long.abort();
    // There is room for one long decision at a time: the next waits for the end of that.
    let caller = server.client().await;
    let next = caller.list_options(budget::options("jona", 10));
    in_time("the next", next).await.unwrap();
    server.stop().await;
}
