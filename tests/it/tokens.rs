//! Bearer tokens: who may call, and how tokens are replaced.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use redress::server::config::Config;
use redress::server::tokens::Tokens;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{Client, ClientError};
use sha2::{Digest, Sha256};
use tokio_stream::StreamExt;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::http::granted;
use crate::process::Process;
use crate::running::Running;

/// Returns a line of a file of tokens.
pub fn line(name: &str, token: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(token).into();
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name} {digits}\n")
}

async fn client(uri: &str, token: Option<&str>) -> Client {
    let mut config = redress_client::Config::default();
    config.token = token.map(str::to_owned);
    Client::connect(uri.to_owned(), config).await.unwrap()
}

async fn list(client: &Client) -> Result<(), ClientError> {
    let asked = client.list_policies("");
    asked.await.map(|_| ())
}

/// Checks that nothing but that it is not authenticated is said.
fn assert_unauthenticated(error: ClientError) {
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), Code::Unauthenticated);
    assert_eq!(error.reason(), Some(Reason::Unauthenticated));
    assert_eq!(refusal.message(), "the call is not authenticated");
}

#[tokio::test]
async fn a_call_without_a_token_is_refused_and_health_is_told() {
    let text = line("shop-a", "first") + &line("shop-a", "second") + &line("shop-b", "third");
    let config = Config {
        tokens: Some(Tokens::parse(&text).unwrap()),
        ..Config::default()
    };
    let metrics = Arc::clone(&config.metrics);
    let server = Running::built_in(config).await;
    let uri = server.uri();
    for token in ["first", "second", "third"] {
        let client = client(&uri, Some(token)).await;
        assert!(list(&client).await.is_ok(), "{token}");
        let items = tokio_stream::once(pb::StreamDecideRequest::default());
        let results = client.decisions().stream_decide(items).await;
        let mut results = results.unwrap().into_inner();
        assert!(results.next().await.unwrap().is_ok(), "{token}");
    }
    for token in [None, Some("fourth"), Some("")] {
        let stranger = client(&uri, token).await;
        assert_unauthenticated(list(&stranger).await.unwrap_err());
        let asked = stranger.decide(pb::DecideRequest::default()).await;
        assert_unauthenticated(asked.unwrap_err());
    }
    let refused = "redress_refusals_total{method=\"Decide\",\
                   reason=\"ERROR_REASON_UNAUTHENTICATED\"} 3";
    assert!(metrics.encode().contains(refused));
    let mut health = HealthClient::new(server.channel().await);
    assert!(health.check(HealthCheckRequest::default()).await.is_ok());
    let mut reflection = ServerReflectionClient::new(server.channel().await);
    let asked = reflection.server_reflection_info(tokio_stream::pending());
    let refused: Status = asked.await.unwrap_err();
    assert_unauthenticated(refused.into());
    server.stop().await;
}

#[tokio::test]
async fn a_token_for_some_policies_sees_no_other() {
    let request = granted();
    let own = request.policy.clone();
    let limited =
        |name, token, policy: &str| line(name, token).replace('\n', &format!(" {policy}\n"));
    let text = limited("desk", "own", &own) + &limited("checkout", "other", "another-shop");
    let config = Config {
        tokens: Some(Tokens::parse(&(text + &line("admin", "all"))).unwrap()),
        ..Config::default()
    };
    let server = Running::built_in(config).await;
    let uri = server.uri();
    let mut seen = Vec::new();
    for token in ["own", "all", "other"] {
        let client = client(&uri, Some(token)).await;
        let policies = client.list_policies("").await.unwrap();
        assert!(token == "all" || policies.iter().all(|policy| policy.policy == own));
        seen.push(policies.len());
        let decided = client.decide(request.clone()).await;
        match token {
            "other" => assert_eq!(decided.unwrap_err().reason(), Some(Reason::PolicyNotFound)),
            _ => assert!(decided.is_ok(), "{token}"),
        }
    }
    assert!(seen[0] > 0 && seen[1] > seen[0] && seen[2] == 0, "{seen:?}");
    server.stop().await;
}

#[tokio::test]
async fn reflection_can_be_shut() {
    let config = Config {
        reflection: false,
        ..Config::default()
    };
    let server = Running::start(config).await;
    let mut reflection = ServerReflectionClient::new(server.channel().await);
    let asked = reflection.server_reflection_info(tokio_stream::pending());
    assert_eq!(asked.await.unwrap_err().code(), Code::Unimplemented);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_replaced_while_the_server_runs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tokens");
    fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let accept = |text: &str| fs::write(path("tokens"), text).unwrap();
    accept(&line("shop-a", "old"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(["--tokens", &path("tokens")]);
    let mut server = Process::start(command);
    let mut log = BufReader::new(server.child.stderr.take().unwrap()).lines();
    let mut says = |what: &str| log.by_ref().any(|line| line.unwrap().contains(what));
    let uri = format!("http://{}", server.address);
    let old = client(&uri, Some("old")).await;
    let new = client(&uri, Some("new")).await;
    assert!(list(&old).await.is_ok() && list(&new).await.is_err());

    accept("shop-a new\n");
    server.signal("-HUP");
    assert!(says("tokens kept"));
    assert!(list(&old).await.is_ok());

    accept(&(line("shop-a", "old") + &line("shop-a", "new")));
    server.signal("-HUP");
    assert!(says("tokens replaced"));
    assert!(list(&old).await.is_ok() && list(&new).await.is_ok());

    accept(&line("shop-a", "new"));
    server.signal("-HUP");
    assert!(says("tokens replaced"));
    assert!(list(&old).await.is_err() && list(&new).await.is_ok());

    fs::write(path("token"), "new\n").unwrap();
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/return_plain_piece.json"
    );
    let ask = |token: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.args(["ask", example, "--to", &server.address]);
        let output = command.args(token).env_clear().output().unwrap();
        output.status.code()
    };
    assert_eq!(ask(&["--token-file", &path("token")]), Some(0));
    assert_eq!(ask(&[]), Some(2));
}

#[test]
fn a_file_of_tokens_with_a_mistake_stops_the_start() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tokens");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("mistake");
    fs::write(&file, format!("{}shop-b secret\n", line("shop-a", "first"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["config", "--tokens"])
        .arg(&file)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "error: line 2 of the tokens is not a name and 64 hexadecimal digits of a SHA-256\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_stands_in_the_log_whatever_is_logged() {
    const TOKEN: &str = "kept-to-ourselves";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tokens");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("logged");
    fs::write(&file, line("shop-a", TOKEN)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "trace"]);
    command.arg("--tokens").arg(&file);
    let mut server = Process::start(command);
    let uri = format!("http://{}", server.address);
    let known = client(&uri, Some(TOKEN)).await;
    assert!(list(&known).await.is_ok());
    let stranger = client(&uri, Some(&format!("{TOKEN}-not"))).await;
    assert!(list(&stranger).await.is_err());
    drop((known, stranger));
    server.signal("-TERM");
    let log = server.log();
    assert!(log.contains("ERROR_REASON_UNAUTHENTICATED"), "{log}");
    assert!(!log.contains(TOKEN));
}
