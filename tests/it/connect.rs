//! One request and one reply in the Connect protocol, and plain HTTP beside it.

use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use prost::bytes::Bytes;
use redress::server::config::Config;
use redress::server::tokens::Tokens;
use redress::wire::json::Schema;
use redress_client::pb;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tonic::codegen::http::{Request, Version};

use crate::http::{BATCH, DECIDE, GRANTED, HEALTH, Reply, STREAM, VERSIONS, granted, post, send};
use crate::raw::{self, Raw};
use crate::running::{PATIENCE, Running};
use crate::tls::identity;

const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const JSON: &str = "application/json";
const PROTO: &str = "application/proto";

/// Reads the JSON of a reply as any other program would, into the contract's message.
fn read<M: Message + Default>(reply: &Reply, name: &str) -> M {
    Schema::new().unwrap().read(reply.text(), name).unwrap()
}

/// Returns a detail of a refusal, as JSON.
fn detail<'r>(refusal: &'r Value, kind: &str) -> &'r Value {
    let details = refusal["details"].as_array().unwrap();
    let found = details.iter().find(|detail| detail["type"] == kind);
    &found.unwrap_or_else(|| panic!("no {kind} in {refusal}"))["debug"]
}

/// Checks a refusal: the code of HTTP, the code of Connect, and our reason.
fn assert_refused(reply: &Reply, (status, code, reason): (u16, &str, &str), case: &str) {
    assert_eq!(reply.status, status, "{case}: {reply:?}");
    assert_eq!(reply.header("content-type"), Some(JSON), "{case}");
    let refusal = reply.json();
    assert_eq!(refusal["code"], code, "{case}");
    assert_ne!(refusal["message"], "", "{case}");
    let info = detail(&refusal, "google.rpc.ErrorInfo");
    assert_eq!(info["reason"], format!("ERROR_REASON_{reason}"), "{case}");
    assert_eq!(info["domain"], "redress.v1", "{case}");
}

#[tokio::test]
async fn a_verdict_is_the_same_in_each_form_and_version() {
    let server = Running::built_in(Config::default()).await;
    let to = server.address;
    let client = server.client().await;
    let wanted = client.decide(granted()).await.unwrap().message;
    assert_eq!(wanted.outcome(), pb::Outcome::Approved);
    for version in VERSIONS {
        let reply = post(to, version, DECIDE, JSON, GRANTED).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, Some(JSON))
        );
        // Names of fields are those of proto JSON.
        assert_eq!(reply.json()["verdict"]["outcome"], "OUTCOME_APPROVED");
        assert_eq!(reply.json()["verdict"]["orderId"], "O-1");
        let told: pb::DecideResponse = read(&reply, "redress.v1.DecideResponse");
        assert_eq!(told.verdict.as_ref(), Some(&wanted), "{version:?}");

        let reply = post(to, version, DECIDE, PROTO, granted().encode_to_vec()).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, Some(PROTO))
        );
        let told = pb::DecideResponse::decode(reply.body).unwrap();
        assert_eq!(told.verdict.as_ref(), Some(&wanted), "{version:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_large_is_converted_apart_and_the_same() {
    let server = Running::built_in(Config::default()).await;
    let item = |number: usize| pb::BatchItem {
        item_id: number.to_string(),
        decide: Some(granted()),
    };
    let batch = pb::BatchDecideRequest {
        items: (0..60).map(item).collect(),
    };
    let mut stub = server.client().await.decisions();
    let wanted = stub.batch_decide(batch.clone()).await.unwrap().into_inner();
    let schema = Schema::new().unwrap();
    let json = schema
        .write(&batch, "redress.v1.BatchDecideRequest")
        .unwrap();
    assert!(json.len() > 80_000);
    for version in VERSIONS {
        let reply = post(server.address, version, BATCH, JSON, json.clone()).await;
        assert_eq!(reply.status, 200);
        let told: pb::BatchDecideResponse = read(&reply, "redress.v1.BatchDecideResponse");
        assert_eq!(told, wanted, "{version:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn other_services_are_answered_too() {
    let server = Running::built_in(Config::default()).await;
    let to = server.address;
    for version in VERSIONS {
        let path = "/redress.v1.PolicyService/ListPolicies";
        // Both forms of a name are read.
        for asked in [r#"{"pageSize": 2}"#, r#"{"page_size": 2}"#] {
            let reply = post(to, version, path, "application/json; charset=utf-8", asked).await;
            let policies = reply.json()["policies"].as_array().map(Vec::len);
            assert_eq!((reply.status, policies), (200, Some(2)));
        }
        let reply = post(to, version, HEALTH, JSON, "{}").await;
        assert_eq!(
            (reply.status, reply.json()),
            (200, json!({"status": "SERVING"}))
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn refusals_have_a_code_of_http_and_say_why() {
    let mut config = Config::default();
    config.limits.message_bytes = 10_000;
    let metrics = Arc::clone(&config.metrics);
    let server = Running::built_in(config).await;
    let long = format!("{{\"policy\": \"{}\"}}", "x".repeat(10_000));
    let unknown_policy = GRANTED.replacen("\"policy\": \"", "\"policy\": \"no-", 1);
    let invalid = (400, "invalid_argument", "INVALID_REQUEST");
    let malformed = (400, "invalid_argument", "MALFORMED_MESSAGE");
    let too_large = (429, "resource_exhausted", "MESSAGE_TOO_LARGE");
    let cases: [(&str, &[u8], _); 12] = [
        (JSON, b"{}", invalid),
        (PROTO, b"", invalid),
        (
            JSON,
            unknown_policy.as_bytes(),
            (404, "not_found", "POLICY_NOT_FOUND"),
        ),
        (JSON, b"", malformed),
        (JSON, b"[]", malformed),
        (JSON, b"{\"polcy\": 1}", malformed),
        (JSON, b"{\"policy\": \"a\", \"policy\": \"b\"}", malformed),
        (JSON, b"{} {}", malformed),
        (JSON, b"{\"policy\": \"\xff\"}", malformed),
        (PROTO, b"\xff\xff", malformed),
        (JSON, long.as_bytes(), too_large),
        (PROTO, long.as_bytes(), too_large),
    ];
    for version in VERSIONS {
        for (content_type, body, wanted) in cases {
            let body = Bytes::copy_from_slice(body);
            let case = format!("{version:?} {content_type} {body:?}");
            let reply = post(server.address, version, DECIDE, content_type, body).await;
            assert_refused(&reply, wanted, &case);
        }
        let reply = post(server.address, version, DECIDE, JSON, "{}")
            .await
            .json();
        let wrong = &detail(&reply, "google.rpc.BadRequest")["fieldViolations"];
        let fields = wrong
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["field"].as_str());
        assert_eq!(
            fields.collect::<Vec<_>>(),
            [Some("order"), Some("policy"), Some("request")]
        );
        let reply = post(server.address, version, DECIDE, JSON, "{\n\"polcy\": 1}").await;
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains("polcy") && message.contains("line 2"),
            "{message}"
        );
    }
    // Of each version: `{}` in JSON twice, and no bytes.
    let refused = "redress_refusals_total{method=\"Decide\",\
                   reason=\"ERROR_REASON_INVALID_REQUEST\"} 6";
    assert!(metrics.encode().contains(refused), "{}", metrics.encode());
    server.stop().await;
}

#[tokio::test]
async fn headers_that_cannot_be_served_are_refused() {
    let server = Running::built_in(Config::default()).await;
    let malformed = (400, "invalid_argument", "MALFORMED_MESSAGE");
    for version in VERSIONS {
        for (header, wanted) in [
            (("connect-protocol-version", "2"), malformed),
            (("connect-timeout-ms", "1s"), malformed),
            (
                ("x-long", &*"x".repeat(17_000)),
                (429, "resource_exhausted", "HEADERS_TOO_LARGE"),
            ),
        ] {
            let headers = [("content-type", JSON), header];
            let reply = send(server.address, version, ("POST", DECIDE), &headers, GRANTED).await;
            assert_refused(&reply, wanted, header.0);
        }
        let headers = [
            ("content-type", JSON),
            ("connect-protocol-version", "1"),
            ("connect-timeout-ms", "20000"),
            ("content-encoding", "identity"),
        ];
        let reply = send(server.address, version, ("POST", DECIDE), &headers, GRANTED).await;
        assert_eq!(reply.status, 200);
        let headers = [("content-type", JSON), ("content-encoding", "gzip")];
        let reply = send(server.address, version, ("POST", DECIDE), &headers, "x").await;
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (501, &json!("unimplemented"))
        );
        assert_eq!(reply.header("accept-encoding"), Some("identity"));
    }
    server.stop().await;
}

#[tokio::test]
async fn an_overloaded_server_says_when_to_come_back() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 0;
    let server = Running::built_in(config).await;
    for version in VERSIONS {
        let reply = post(server.address, version, DECIDE, JSON, GRANTED).await;
        assert_refused(&reply, (503, "unavailable", "OVERLOADED"), "overloaded");
        let reply = reply.json();
        assert_eq!(
            detail(&reply, "google.rpc.RetryInfo")["retryDelay"],
            "0.100s"
        );
        let health = post(server.address, version, HEALTH, JSON, "{}").await;
        assert_eq!(health.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_call_without_a_token_is_refused_before_it_is_read() {
    // SHA-256 of `abc`.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let config = Config {
        tokens: Some(Tokens::parse(&format!("shop {digest}")).unwrap()),
        ..Config::default()
    };
    let server = Running::built_in(config).await;
    let to = server.address;
    for version in VERSIONS {
        let reply = post(to, version, DECIDE, JSON, "no JSON").await;
        assert_refused(
            &reply,
            (401, "unauthenticated", "UNAUTHENTICATED"),
            "no token",
        );
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        let headers = [("content-type", JSON), ("authorization", "Bearer abc")];
        let reply = send(to, version, ("POST", DECIDE), &headers, GRANTED).await;
        assert_eq!(reply.status, 200);
        assert_eq!(post(to, version, HEALTH, JSON, "{}").await.status, 200);
        assert_eq!(send(to, version, ("GET", "/"), &[], "").await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_does_not_come_ends_with_the_time_limit() {
    for (server_limit, header) in [(20, ""), (20_000, "connect-timeout-ms: 20\r\n")] {
        let mut config = Config::default();
        config.limits.request_timeout = Duration::from_millis(server_limit);
        let server = Running::built_in(config).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST {DECIDE} HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
             content-length: 10\r\n{header}\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The connection ends too: the rest of the message may still come.
        let mut answer = String::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer));
        read.await.expect("an end").unwrap();
        assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
        assert!(
            answer.contains(r#"{"code":"deadline_exceeded""#),
            "{answer}"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_no_call_is_answered_in_plain_http() {
    let server = Running::built_in(Config::default()).await;
    let to = server.address;
    for version in VERSIONS {
        let root = send(to, version, ("GET", "/"), &[], "").await;
        assert_eq!(root.status, 200);
        for part in ["redress", "curl", DECIDE, STREAM, HEALTH, "Bearer"] {
            assert!(root.text().contains(part), "{part}");
        }
        assert_eq!(send(to, version, ("HEAD", "/"), &[], "").await.status, 200);
        for ((method, path), content_type, wanted) in [
            (("POST", "/"), JSON, 404),
            (("POST", "/"), "", 405),
            (("GET", "/favicon.ico"), "", 404),
            (("GET", "/redress.v1.DecisionService/"), "", 404),
            (("POST", "/redress.v1.DecisionService/Decline"), JSON, 404),
            (
                ("POST", "/redress.v1.DecisionService/Decline"),
                "text/plain",
                404,
            ),
            (("POST", REFLECTION), JSON, 415),
            (("GET", DECIDE), "", 405),
            (("GET", DECIDE), JSON, 405),
            (("OPTIONS", DECIDE), "", 405),
            (("POST", DECIDE), "text/plain", 415),
            (("POST", DECIDE), "", 415),
            (("POST", DECIDE), "application/connect+json", 415),
            (("POST", STREAM), JSON, 415),
        ] {
            let headers = [("content-type", content_type)];
            let headers = headers.get(usize::from(content_type.is_empty())..);
            let reply = send(to, version, (method, path), headers.unwrap(), "").await;
            let case = format!("{version:?} {method} {path} {content_type}");
            assert_eq!(reply.status, wanted, "{case}");
            let plain = Some("text/plain; charset=utf-8");
            assert_eq!(reply.header("content-type"), plain, "{case}");
            let has_allow = reply.header("allow").is_some();
            assert_eq!(has_allow, wanted == 405, "{case}");
        }
    }
    let grpc = post(to, Version::HTTP_11, DECIDE, "application/grpc", "").await;
    assert_eq!(
        (grpc.status, grpc.text()),
        (505, "This call needs HTTP/2.\n")
    );
    let stream = post(to, Version::HTTP_11, STREAM, "application/connect+json", "").await;
    assert_eq!(stream.status, 505);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_leaves_a_connection_open_where_the_rest_comes_soon() {
    let server = Running::built_in(Config::default()).await;
    for (path, version, length, rest, code, goes_on) in [
        // Refused by its path, and by what its head says.
        ("/x", "1", 10, 10, 404, true),
        (DECIDE, "2", 10, 10, 400, true),
        (DECIDE, "2", 60_000, 60_000, 400, true),
        (DECIDE, "2", 10, 9, 400, false),
        (DECIDE, "2", 100_000, 99_999, 400, false),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
             connect-protocol-version: {version}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(first, *format!("HTTP/1.1 {code}").as_bytes());
        stream.write_all(&vec![b' '; rest]).await.unwrap();
        let next = "GET /x HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        if goes_on {
            stream.write_all(next.as_bytes()).await.unwrap();
        }
        let mut answers = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answers));
        // What came beyond the limit is answered with a reset.
        let _ = read.await.expect("an end");
        let answers = String::from_utf8(answers).unwrap();
        let case = format!("{path} {length} {rest}: {answers}");
        assert_eq!(answers.contains("HTTP/1.1 404"), goes_on, "{case}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_description_of_methods_goes_with_reflection() {
    for (reflection, status) in [(true, 200), (false, 404)] {
        let config = Config {
            reflection,
            ..Config::default()
        };
        let server = Running::built_in(config).await;
        for version in VERSIONS {
            let page = send(server.address, version, ("GET", "/openapi.json"), &[], "").await;
            assert_eq!(page.status, status);
            let root = send(server.address, version, ("GET", "/"), &[], "").await;
            assert_eq!(root.text().contains("/openapi.json"), reflection);
            assert_eq!(root.text().contains(REFLECTION), reflection);
            let asked = post(server.address, version, REFLECTION, JSON, "").await;
            assert_eq!(asked.status, if reflection { 415 } else { 404 });
            if reflection {
                assert_eq!(page.header("content-type"), Some(JSON));
                assert!(page.json()["paths"][DECIDE]["post"].is_object());
            }
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn a_place_is_taken_until_the_reply_is_read() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 1;
    let server = Running::built_in(config).await;
    let proto = Bytes::from(granted().encode_to_vec());
    let framed = raw::framed(&granted());
    for (content_type, accept, body) in [
        (JSON, JSON, Bytes::from(GRANTED)),
        (PROTO, PROTO, proto),
        (
            "application/grpc-web",
            "application/grpc-web-text",
            framed.clone(),
        ),
        ("application/grpc-web", "application/grpc-web", framed),
    ] {
        let mut raw = Raw::connect("127.0.0.1", server.address).await;
        let request = Request::post(raw.uri(DECIDE));
        let request = request.header("content-type", content_type);
        let request = request.header("accept", accept).body(()).unwrap();
        let mut call = raw.request(request, false).await;
        call.body.send_data(body, true).unwrap();
        let response = call.response.await.unwrap();
        assert_eq!(response.status(), 200, "{accept}");
        let refused = post(server.address, Version::HTTP_2, DECIDE, JSON, GRANTED).await;
        assert_refused(&refused, (503, "unavailable", "OVERLOADED"), accept);
        raw.read();
        let (bytes, _) = read_all(response).await;
        assert!(bytes > 100, "{accept}");
        // The server learns a moment later than the reader that all was written.
        let free = async {
            let again = || post(server.address, Version::HTTP_2, DECIDE, JSON, GRANTED);
            while again().await.status != 200 {}
        };
        tokio::time::timeout(PATIENCE, free).await.expect("a place");
    }
    server.stop().await;
}

/// Reads a reply to its end.
async fn read_all(response: tonic::codegen::http::Response<h2::RecvStream>) -> (usize, bool) {
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(part) = body.data().await {
        let part = part.unwrap();
        bytes += part.len();
        body.flow_control().release_capacity(part.len()).unwrap();
    }
    (bytes, body.trailers().await.unwrap().is_some())
}

#[tokio::test]
async fn a_connection_that_waits_for_its_next_request_does_not_hold_up_the_end() {
    let server = Running::built_in(Config::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    tokio::time::timeout(PATIENCE / 4, server.stop())
        .await
        .expect("the server ends before its grace limit");
}

#[tokio::test]
async fn a_head_that_does_not_begin_in_time_ends_the_connection() {
    let mut config = Config::default();
    config.limits.handshake_timeout = Duration::from_millis(100);
    let server = Running::built_in(config).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
    assert_eq!(read.await.expect("an end").unwrap_or(0), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_of_tls_chooses_the_version() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let config = Config {
        tls: Some(identity(&certified, None)),
        ..Config::default()
    };
    let server = Running::built_in(config).await;
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let mut client = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    for (offered, chosen) in [
        (vec!["http/1.1"], Some("http/1.1")),
        (vec!["http/1.1", "h2"], Some("h2")),
        (vec![], None),
    ] {
        client.alpn_protocols = offered.into_iter().map(Vec::from).collect();
        let stream = TcpStream::connect(server.address).await.unwrap();
        let mut stream = TlsConnector::from(Arc::new(client.clone()))
            .connect("localhost".try_into().unwrap(), stream)
            .await
            .unwrap();
        let negotiated = stream.get_ref().1.alpn_protocol();
        assert_eq!(negotiated, chosen.map(str::as_bytes));
        if chosen == Some("h2") {
            continue;
        }
        let head = format!(
            "POST {DECIDE} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{GRANTED}",
            GRANTED.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // The server ends without a word of TLS, which is an error of the reader's.
        let _ = stream.read_to_string(&mut answer).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    server.stop().await;
}
