//! What those who run a server see of it: the admin port, metrics, and lines at a bounded
//! rate.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;

use redress::server::config::Config;
use redress::wire::json::Schema;
use redress_client::Client;
use redress_client::pb::{self, ErrorReason as Reason};
use tokio::task::JoinSet;

use tonic::codegen::http::Version;

use crate::http;
use crate::process::Process;
use crate::running::{PATIENCE, Running};

/// Returns a return that is granted.
fn granted() -> pb::DecideRequest {
    let text = include_str!("../../examples/return_plain_piece.json");
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

/// Returns the value of a metric that is there.
pub fn value(page: &str, metric: &str) -> u64 {
    let found = page
        .lines()
        .find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    found
        .unwrap_or_else(|| panic!("no {metric} in {page}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn decisions_refusals_and_what_is_missing_are_counted() {
    let config = Config::default();
    let metrics = Arc::clone(&config.metrics);
    let server = Running::built_in(config).await;
    let client = server.client().await;
    client.decide(granted()).await.unwrap();
    let mut incomplete = granted();
    incomplete.order.as_mut().unwrap().lines[0].personalized = 0;
    let batch = [incomplete, pb::DecideRequest::default()];
    client.batch_decide(batch).await.unwrap();
    let page = metrics.encode();
    let policy = granted().policy;
    for (metric, wanted) in [
        (
            format!("redress_decisions_total{{policy=\"{policy}\",outcome=\"OUTCOME_APPROVED\"}}"),
            1,
        ),
        (
            format!(
                "redress_decisions_total{{policy=\"{policy}\",outcome=\"OUTCOME_NEEDS_INFORMATION\"}}"
            ),
            1,
        ),
        (
            "redress_missing_facts_total{fact=\"personalized\"}".to_owned(),
            1,
        ),
        (
            format!(
                "redress_refusals_total{{method=\"BatchDecide\",reason=\"{}\"}}",
                Reason::InvalidRequest.as_str_name()
            ),
            1,
        ),
        (
            "redress_request_seconds_count{method=\"Decide\",view=\"VIEW_BASIC\"}".to_owned(),
            1,
        ),
        ("redress_connections_total".to_owned(), 1),
        ("redress_open_connections".to_owned(), 1),
        ("redress_ready".to_owned(), 1),
        ("redress_log_lines_dropped_total".to_owned(), 0),
        ("redress_decision_records_dropped_total".to_owned(), 0),
        ("redress_decision_log_failing".to_owned(), 0),
    ] {
        assert_eq!(value(&page, &metric), wanted, "{metric}");
    }
    assert!(value(&page, "redress_policy_revisions") > 0);
    assert_documented(&page);
    drop(client);
    server.stop().await;
    assert_eq!(value(&metrics.encode(), "redress_ready"), 0);
}

#[tokio::test]
async fn calls_of_a_client_that_come_together_open_further_connections() {
    const CALLS: usize = 6;
    for (connections, wanted) in [(0, 1), (1, 1), (4, 4), (8, 6)] {
        let config = Config::default();
        let metrics = Arc::clone(&config.metrics);
        let server = Running::built_in(config).await;
        let mut config = redress_client::Config::default();
        config.connections = connections;
        let client = Client::connect(server.uri(), config).await.unwrap();
        // None is answered before all are sent.
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let client = client.clone();
            calls.spawn(async move { client.decide(granted()).await });
        }
        for answer in calls.join_all().await {
            answer.unwrap();
        }
        let opened = value(&metrics.encode(), "redress_connections_total");
        assert_eq!(opened, wanted, "{connections}");
        drop(client);
        server.stop().await;
    }
}

#[tokio::test]
async fn what_is_shed_is_counted() {
    let mut config = Config::default();
    config.limits.concurrent_requests = 0;
    let metrics = Arc::clone(&config.metrics);
    let server = Running::start(config).await;
    let mut stub = server.client().await.decisions();
    for _ in 0..20 {
        let refused = stub.decide(pb::DecideRequest::default()).await;
        assert!(refused.is_err());
    }
    let metric = format!(
        "redress_refusals_total{{method=\"Decide\",reason=\"{}\"}}",
        Reason::Overloaded.as_str_name()
    );
    assert_eq!(value(&metrics.encode(), &metric), 20);
    server.stop().await;
}

/// Checks that the documentation names every metric of a page and no other.
fn assert_documented(page: &str) {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let exported: BTreeSet<String> = types
        .map(|line| match line.split_once(' ').unwrap() {
            (name, "counter") => format!("{name}_total"),
            (name, _) => name.to_owned(),
        })
        .collect();
    let page = include_str!("../../docs/operations.md");
    let documented: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `redress_"))
        .map(|line| format!("redress_{}", line.split(['`', '{']).next().unwrap()))
        .collect();
    assert_eq!(exported, documented);
}

pub fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_name_the_call_and_its_trace() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (mut server, _) = with_admin(&[]);
    let mut stub = server.client().await.decisions();
    for body in [http::GRANTED, "{}"] {
        let headers = [
            ("content-type", "application/json"),
            ("x-request-id", "call-7"),
            ("traceparent", trace),
        ];
        let to = server.address.parse().unwrap();
        let decide = ("POST", http::DECIDE);
        http::send(to, Version::HTTP_11, decide, &headers, body).await;
    }
    for message in [granted(), pb::DecideRequest::default()] {
        let mut request = tonic::Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("x-request-id", "call-7".parse().unwrap());
        metadata.insert("traceparent", trace.parse().unwrap());
        let _ = stub.decide(request).await;
    }
    drop(stub);
    server.signal("-TERM");
    let mut log = String::new();
    let stderr = server.child.stderr.as_mut().unwrap();
    BufReader::new(stderr).read_to_string(&mut log).unwrap();
    for event in ["decision", "refusal"] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(event)).collect();
        // One by JSON, one by gRPC.
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in lines {
            assert!(line.contains(r#"request_id="call-7""#), "{line}");
            let trace = r#"trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#;
            assert!(line.contains(trace), "{line}");
        }
    }
}

/// Starts a server with an admin port, and returns its address.
pub fn with_admin(arguments: &[&str]) -> (Process, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(["--admin-listen", "127.0.0.1:0"]);
    command.args(arguments);
    let mut server = Process::start(command);
    let line = server.line();
    let address = line.strip_prefix("admin port on ").unwrap().to_owned();
    (server, address)
}

#[test]
fn the_admin_port_tells_health_readiness_and_metrics() {
    let (server, admin) = with_admin(&["--drain-delay", "10"]);
    assert_eq!(get(&admin, "/healthz"), (200, "ok\n".to_owned()));
    let turns = |wanted: u16| {
        let began = std::time::Instant::now();
        while get(&admin, "/readyz").0 != wanted {
            assert!(began.elapsed() < PATIENCE / 4, "not {wanted}");
        }
    };
    turns(200);
    let (status, page) = get(&admin, "/metrics");
    assert_eq!(status, 200);
    assert!(page.ends_with("# EOF\n"), "{page}");
    assert_eq!(get(&admin, "/else").0, 404);
    // What a supervisor runs beside the server, with the environment of the server.
    let health = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.arg("health").env_clear();
        command.envs(variables.iter().copied());
        command.output().unwrap().status.code()
    };
    let listen = ("REDRESS_LISTEN", server.address.as_str());
    let admin_listen = ("REDRESS_ADMIN_LISTEN", admin.as_str());
    assert_eq!(health(&[listen]), Some(0));
    assert_eq!(health(&[admin_listen]), Some(0));
    // A peer that says nothing keeps nobody waiting.
    let _silent: Vec<TcpStream> = (0..10)
        .map(|_| TcpStream::connect(&admin).unwrap())
        .collect();
    server.signal("-TERM");
    turns(503);
    assert_eq!(health(&[listen]), Some(1));
    assert_eq!(health(&[admin_listen]), Some(1));
    assert_eq!(get(&admin, "/healthz").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_leave_lines_at_a_bounded_rate() {
    const CALLS: usize = 200;
    let (mut server, admin) = with_admin(&[]);
    let began = std::time::Instant::now();
    let mut stub = server.client().await.decisions();
    for _ in 0..CALLS {
        assert!(stub.decide(pb::DecideRequest::default()).await.is_err());
    }
    let seconds = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    drop(stub);
    let metric = format!(
        "redress_refusals_total{{method=\"Decide\",reason=\"{}\"}}",
        Reason::InvalidRequest.as_str_name()
    );
    assert_eq!(value(&get(&admin, "/metrics").1, &metric), CALLS as u64);
    server.signal("-TERM");
    let mut log = String::new();
    let stderr = server.child.stderr.as_mut().unwrap();
    BufReader::new(stderr).read_to_string(&mut log).unwrap();
    let lines = log.lines().filter(|line| line.contains("refusal")).count();
    assert!((1..=10 * (seconds + 1)).contains(&lines), "{lines} lines");
    assert!(lines < CALLS);
}

impl Process {
    /// Returns the next line of standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
