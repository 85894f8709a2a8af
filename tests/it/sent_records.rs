//! Records of decisions that are sent to a collector: none is lost while there is room, and
//! one that the collector rejects is counted.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use redress_client::pb;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};

use crate::admin::{get, value};
use crate::http::granted;
use crate::process::Process;
use crate::running::PATIENCE;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const DROPPED: &str = "redress_decision_records_dropped_total";

/// Keeps the records that it takes, and answers as it is told.
#[derive(Clone, Default)]
struct Collector {
    taken: Arc<Mutex<Vec<LogRecord>>>,
    /// Refusals of the next requests.
    refusals: Arc<Mutex<VecDeque<Code>>>,
    /// Requests that name this order are refused.
    poison: Option<&'static str>,
    /// Of each request so many records are said to be rejected.
    rejects: i64,
}

impl Collector {
    async fn serve(&self, listener: TcpListener) {
        let serving = Server::builder().add_service(LogsServiceServer::new(self.clone()));
        tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
    }

    async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.serve(listener).await;
        address
    }

    fn lines(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(line).collect()
    }
}

fn line(record: &LogRecord) -> String {
    match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(line)) => line.clone(),
        other => panic!("{other:?}"),
    }
}

#[tonic::async_trait]
impl LogsService for Collector {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let key = request.metadata().get("x-key").map(|key| key.to_str());
        assert_eq!(key.unwrap().unwrap(), "a b");
        if let Some(code) = self.refusals.lock().unwrap().pop_front() {
            return Err(Status::new(code, "refused"));
        }
        let logs = request.into_inner().resource_logs.remove(0);
        let service = logs.resource.unwrap().attributes;
        let named = service.iter().find(|entry| entry.key == "service.name");
        let named = named.unwrap().value.as_ref().unwrap().value.clone();
        assert_eq!(named, Some(Value::StringValue("redress".to_owned())));
        let records = logs.scope_logs.into_iter().flat_map(|of| of.log_records);
        let records: Vec<LogRecord> = records.collect();
        let is_poison = |record: &LogRecord| {
            let line = line(record);
            self.poison.is_some_and(|order| line.contains(order))
        };
        if records.iter().any(is_poison) {
            return Err(Status::invalid_argument("poison"));
        }
        self.taken.lock().unwrap().extend(records);
        let rejected = (self.rejects > 0).then(|| ExportLogsPartialSuccess {
            rejected_log_records: self.rejects,
            error_message: "no room".to_owned(),
        });
        Ok(Response::new(ExportLogsServiceResponse {
            partial_success: rejected,
        }))
    }
}

/// Starts a server that sends records to a collector, and returns it and its admin port.
fn start(collector: SocketAddr, arguments: &[&str]) -> (Process, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(["--admin-listen", "127.0.0.1:0", "--trace-percent", "0"]);
    command.args(["--decision-log", "otlp", "--otlp-endpoint"]);
    command.arg(format!("http://{collector}"));
    command.args(arguments);
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-other=1, x-key=a%20b");
    let mut server = Process::with_variables(command, &[headers]);
    let line = server.line();
    let admin = line.strip_prefix("admin port on ").unwrap().to_owned();
    (server, admin)
}

fn of_order(id: &str) -> pb::DecideRequest {
    let mut request = granted();
    request.order.as_mut().unwrap().order_id = id.to_owned();
    request
}

/// Decides, and says with which code.
async fn decide(server: &Process, order: &str) -> Code {
    let mut request = Request::new(of_order(order));
    let trace = format!("00-{TRACE}-00f067aa0ba902b7-00");
    let trace = trace.parse().unwrap();
    request.metadata_mut().insert("traceparent", trace);
    let mut stub = server.client().await.decisions();
    match stub.decide(request).await {
        Ok(_) => Code::Ok,
        Err(status) => status.code(),
    }
}

fn end(mut server: Process) {
    server.signal("-TERM");
    assert_eq!(server.end(PATIENCE).0, Some(0));
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns the order that each record is of.
fn orders(lines: &[String]) -> Vec<String> {
    let of = |line: &String| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["verdict"]["orderId"].as_str().unwrap().to_owned()
    };
    lines.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_lines_that_a_file_would_hold() {
    let collector = Collector::default();
    let address = collector.start().await;
    let (server, admin) = start(address, &["--decision-log-requests", "true"]);
    for order in ["A-1", "A-2", "A-3"] {
        assert_eq!(decide(&server, order).await, Code::Ok);
    }
    assert_eq!(value(&get(&admin, "/metrics").1, DROPPED), 0);
    // What waits is sent at the end.
    end(server);
    let lines = collector.lines();
    assert_eq!(orders(&lines), ["A-1", "A-2", "A-3"]);
    for record in collector.taken.lock().unwrap().iter() {
        assert_eq!(record.event_name, "redress.decision");
        let trace: String = record.trace_id.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(trace, TRACE);
        let told: serde_json::Value = serde_json::from_str(&line(record)).unwrap();
        let time = redress::domain::time::Instant::parse(told["time"].as_str().unwrap());
        let time = time.unwrap();
        let nanos = u64::try_from(time.unix_seconds()).unwrap() * 1_000_000_000;
        assert_eq!(record.time_unix_nano, nanos + u64::from(time.nanos()));
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sent-records");
    fs::write(&file, lines.join("\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg("verify")
        .arg(&file)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "3 records: same decision\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_wait_for_a_collector_and_what_must_be_recorded_is_refused() {
    let collector = Collector::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (server, admin) = start(address, &["--decision-log-required", "true"]);
    let decided = Mutex::new(Vec::new());
    let count = || decided.lock().unwrap().len();
    let next = async || {
        let order = format!("B-{}", count());
        let code = decide(&server, &order).await;
        if code == Code::Ok {
            decided.lock().unwrap().push(order);
        }
        code
    };
    until("refused", async || next().await == Code::Unavailable).await;
    assert!(server.serves());
    let before = count();
    assert!(before > 0, "the first is taken before anybody knows");
    // It comes back, and is not well at first.
    let codes = [Code::Unauthenticated, Code::Unavailable];
    collector.refusals.lock().unwrap().extend(codes);
    let listener = TcpListener::bind(address).await.unwrap();
    collector.serve(listener).await;
    until("decided again", async || next().await == Code::Ok).await;
    assert_eq!(value(&get(&admin, "/metrics").1, DROPPED), 0);
    end(server);
    assert_eq!(orders(&collector.lines()), *decided.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_that_a_collector_rejects_only_what_is_wrong_is_lost() {
    let collector = Collector {
        poison: Some("C-POISON"),
        ..Collector::default()
    };
    let address = collector.start().await;
    let (server, admin) = start(address, &[]);
    let named = ["C-1", "C-2", "C-POISON", "C-3", "C-4", "C-5", "C-6"];
    let batch: Vec<pb::DecideRequest> = named.map(of_order).into();
    let results = server.client().await.batch_decide(batch).await.unwrap();
    assert_eq!(results.len(), named.len());
    let dropped = async || value(&get(&admin, "/metrics").1, DROPPED) == 1;
    until("counted", dropped).await;
    end(server);
    let wanted: Vec<&str> = named.into_iter().filter(|of| *of != "C-POISON").collect();
    let mut sent = orders(&collector.lines());
    sent.sort_unstable();
    assert_eq!(sent, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_a_collector_says_it_rejected_are_counted() {
    let collector = Collector {
        rejects: 1,
        ..Collector::default()
    };
    let (server, admin) = start(collector.start().await, &[]);
    assert_eq!(decide(&server, "D-1").await, Code::Ok);
    let dropped = async || value(&get(&admin, "/metrics").1, DROPPED) == 1;
    until("counted", dropped).await;
    end(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_stalls_stops_neither_decisions_nor_the_end() {
    const GRACE: u64 = 4;
    // It takes connections, and says nothing.
    let stalled = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stalled.local_addr().unwrap();
    let (mut server, _) = start(address, &["--grace", &GRACE.to_string()]);
    for order in ["E-1", "E-2", "E-3"] {
        assert_eq!(decide(&server, order).await, Code::Ok);
    }
    assert!(server.serves());
    let log = server.stop_within(Duration::from_secs(GRACE));
    assert!(log.contains("decision records lost dropped=3"), "{log}");
}

#[test]
fn what_cannot_be_sent_is_said_before_a_port_is_bound() {
    let run = |headers: &str, arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .env_clear()
            .env("OTEL_EXPORTER_OTLP_LOGS_HEADERS", headers)
            .args(["serve", "--decision-log", "otlp"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        run("", &[]),
        "error: `decision_log` is `otlp`, and `otlp_endpoint` is not set\n\
         help: a file of that name is `./otlp`\n"
    );
    let endpoint = ["--otlp-endpoint", "http://127.0.0.1:1"];
    for wrong in ["secret", "key=a\nb", "k k=secret", "key=%ff"] {
        let said = run(wrong, &endpoint);
        assert!(
            said.contains("`OTEL_EXPORTER_OTLP_LOGS_HEADERS` is not a list of headers"),
            "{said}"
        );
        assert!(!said.contains("secret"), "{said}");
    }
}
