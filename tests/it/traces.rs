//! Spans of calls, and that no collector of them stops the service.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use redress::server::traces::MAX_WAITING_SPANS;
use redress_client::pb;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};

use crate::admin::{get, value, with_admin};
use crate::http::granted;
use crate::process::Process;
use crate::running::PATIENCE;

/// A trace that its caller records, and the caller's span.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
/// One that its caller does not record.
const UNRECORDED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// Keeps the spans that it is sent.
struct Collector(UnboundedSender<Span>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for spans in request.into_inner().resource_spans {
            let service = spans.resource.unwrap().attributes;
            let named = service.iter().find(|entry| entry.key == "service.name");
            assert_eq!(text(&named.unwrap().value), "redress");
            for span in spans.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                self.0.send(span).unwrap();
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn text(value: &Option<opentelemetry_proto::tonic::common::v1::AnyValue>) -> String {
    match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Starts a collector, and returns its address and what it is sent.
async fn collector() -> (SocketAddr, UnboundedReceiver<Span>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (send, spans) = unbounded_channel();
    let service = TraceServiceServer::new(Collector(send));
    let serving = Server::builder().add_service(service);
    tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));
    (address, spans)
}

fn attributes(span: &Span) -> BTreeMap<&str, String> {
    let entries = span.attributes.iter();
    entries
        .map(|entry| (entry.key.as_str(), text(&entry.value)))
        .collect()
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn decide(server: &Process, request: pb::DecideRequest, trace: Option<&str>) -> Code {
    let mut request = Request::new(request);
    request
        .metadata_mut()
        .insert("x-request-id", "call-7".parse().unwrap());
    if let Some(trace) = trace {
        let trace = trace.parse().unwrap();
        request.metadata_mut().insert("traceparent", trace);
    }
    let mut stub = server.client().await.decisions();
    match stub.decide(request).await {
        Ok(_) => Code::Ok,
        Err(status) => status.code(),
    }
}

fn end(mut server: Process) -> String {
    server.signal("-TERM");
    let log = server.log();
    assert_eq!(server.end(PATIENCE).0, Some(0));
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_a_span_of_each_call_inside_of_its_callers_trace() {
    let (address, mut spans) = collector().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces");
    fs::create_dir_all(&folder).unwrap();
    let records = folder.join("records");
    let _ = fs::remove_file(&records);
    let collector = format!("http://{address}");
    let (server, _) = with_admin(&[
        "--otlp-endpoint",
        &collector,
        "--decision-log",
        records.to_str().unwrap(),
    ]);
    let recorded = format!("00-{TRACE}-{PARENT}-01");
    assert_eq!(decide(&server, granted(), Some(&recorded)).await, Code::Ok);
    let refused = decide(&server, pb::DecideRequest::default(), Some(&recorded)).await;
    assert_eq!(refused, Code::InvalidArgument);
    assert_eq!(decide(&server, granted(), Some(UNRECORDED)).await, Code::Ok);
    assert_eq!(decide(&server, granted(), None).await, Code::Ok);
    // What waits is sent at the end.
    let log = end(server);
    let mut sent = Vec::new();
    while let Ok(span) = spans.try_recv() {
        sent.push(span);
    }
    assert_eq!(sent.len(), 3, "{sent:?}");
    for (span, code) in sent.iter().zip([Code::Ok, Code::InvalidArgument, Code::Ok]) {
        assert_eq!(span.name, "Decide");
        let told = attributes(span);
        assert_eq!(told["rpc.grpc.status_code"], i32::from(code).to_string());
        assert_eq!(told["redress.request_id"], "call-7");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    for span in &sent[..2] {
        assert_eq!(hex(&span.trace_id), TRACE);
        assert_eq!(hex(&span.parent_span_id), PARENT);
        assert_ne!(hex(&span.span_id), PARENT);
    }
    // A call without a trace begins one, by which its lines are found.
    let own = &sent[2];
    assert_eq!(hex(&own.parent_span_id), "");
    let own = hex(&own.trace_id);
    assert_ne!(own, TRACE);
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("\"Decide\"") || line.contains("decision claim_id"))
        .collect();
    let unrecorded = &UNRECORDED[3..35];
    assert_eq!(lines.len(), 4, "{log}");
    for (line, trace) in lines.iter().zip([TRACE, TRACE, unrecorded, &own]) {
        assert!(line.contains(&format!("trace_id=\"{trace}\"")), "{line}");
    }
    let records = fs::read_to_string(records).unwrap();
    let traces: Vec<String> = records
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            record["traceId"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(traces, [TRACE, unrecorded, &own]);
}

/// Lists policies so often, at a bounded rate of calls at once.
async fn call(server: &Process, calls: usize) {
    const AT_ONCE: usize = 8;
    let client = server.client().await;
    let each = (0..AT_ONCE).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..calls.div_ceil(AT_ONCE) {
                let listed = client.list_policies("");
                tokio::time::timeout(PATIENCE, listed)
                    .await
                    .unwrap()
                    .unwrap();
            }
        })
    });
    for calling in each.collect::<Vec<_>>() {
        calling.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_stalls_stops_neither_calls_nor_the_end() {
    const GRACE: u64 = 4;
    const TOO_MANY: usize = 512;
    // It takes connections, and says nothing.
    let stalled = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let collector = format!("http://{}", stalled.local_addr().unwrap());
    let grace = GRACE.to_string();
    let (mut server, admin) = with_admin(&[
        "--otlp-endpoint",
        &collector,
        "--grace",
        &grace,
        "--log",
        "warn",
    ]);
    call(&server, MAX_WAITING_SPANS + TOO_MANY).await;
    let (_, page) = get(&admin, "/metrics");
    assert_eq!(value(&page, "redress_spans_sent_total"), 0);
    assert!(value(&page, "redress_spans_dropped_total") > 0, "{page}");
    assert!(server.serves());
    let log = server.stop_within(Duration::from_secs(GRACE));
    assert!(log.contains("spans lost"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_spans_are_counted_and_one_line_says_why() {
    const CALLS: u64 = 3;
    // Nobody listens there any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let collector = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let (server, admin) = with_admin(&["--otlp-endpoint", &collector]);
    call(&server, 1).await;
    let began = Instant::now();
    let dropped = || value(&get(&admin, "/metrics").1, "redress_spans_dropped_total");
    while dropped() == 0 {
        assert!(began.elapsed() < PATIENCE, "nothing is counted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..CALLS {
        assert_eq!(decide(&server, granted(), None).await, Code::Ok);
    }
    let log = end(server);
    assert_eq!(log.matches("spans cannot be sent").count(), 1, "{log}");
}

#[test]
fn what_is_no_collector_is_said_before_a_port_is_bound() {
    for wrong in ["127.0.0.1:4317", "ftp://collector", "http://", "collector"] {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .env_clear()
            .args(["serve", "--otlp-endpoint", wrong])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("`otlp_endpoint`"), "{said}");
        assert!(output.stdout.is_empty(), "{wrong}");
    }
}
