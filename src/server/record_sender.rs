//! Sends records of decisions to a collector of OpenTelemetry, each as a log record whose
//! body is the line of JSON that a file would hold.
//!
//! The generated client is called by itself, not through the exporter of the SDK: that one
//! does not say how many records a collector rejects, and these are counted.

use std::io::{self, Write};

use chrono::DateTime;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tokio::runtime::Handle;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use tracing::error;

use super::collector::{Collector, resource};
use super::line_queue::LineQueue;

/// Bytes of records that are sent at once, unless one alone has more: collectors take 4 MiB.
const SENT_BYTES: usize = 1024 * 1024;
/// The name that each of these log records has.
const EVENT: &str = "redress.decision";
/// Variables with headers, `name=value,name=value`; the first that is set holds.
const HEADERS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    "OTEL_EXPORTER_OTLP_HEADERS",
];

/// A collector that records are sent to, and what goes with them.
#[derive(Clone, Debug)]
pub struct RecordCollector {
    collector: Collector,
    headers: MetadataMap,
}

/// Says that a variable holds no headers. What it holds may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a list of headers such as `name=value,name=value`")]
pub struct NoHeaders(&'static str);

impl RecordCollector {
    /// Takes headers from variables of the environment, as every exporter of OTLP does.
    ///
    /// # Errors
    /// The variable with headers holds something else.
    pub fn new(collector: Collector, variables: &[(String, String)]) -> Result<Self, NoHeaders> {
        let value_of = |name: &&'static str| {
            let mut variables = variables.iter();
            let (_, value) = variables.find(|(of, value)| of == name && !value.is_empty())?;
            Some((*name, value.as_str()))
        };
        let set = HEADERS.iter().find_map(value_of);
        let headers = set.map(|(name, value)| headers(value).ok_or(NoHeaders(name)));
        Ok(Self {
            collector,
            headers: headers.transpose()?.unwrap_or_default(),
        })
    }
}

/// Reads headers.
fn headers(text: &str) -> Option<MetadataMap> {
    let mut headers = MetadataMap::new();
    for entry in text.split(',').filter(|entry| !entry.trim().is_empty()) {
        let (key, value) = entry.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let key: AsciiMetadataKey = key.trim().parse().ok()?;
        let mut value: AsciiMetadataValue = value.parse().ok()?;
        // It may be a key.
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Some(headers)
}

/// Sends lines, each a record, when it is flushed; those that are not taken are kept.
pub(super) struct RecordSender {
    runtime: Handle,
    collector: Collector,
    client: LogsServiceClient<Channel>,
    headers: MetadataMap,
    resource: Resource,
    /// Whole lines.
    lines: Vec<u8>,
    /// Bytes that are sent at once: half of those that were not taken, and twice as many
    /// after each batch that was.
    sent_bytes: usize,
    /// Where records are counted that the collector rejects.
    counts: LineQueue,
}

/// What of a record is said beside its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'l> {
    time: &'l str,
    trace_id: Option<&'l str>,
}

impl RecordSender {
    /// Sends to a collector from the runtime that this is called in, on a thread that is not
    /// one of its own.
    pub(super) fn new(to: RecordCollector, counts: LineQueue) -> Self {
        let ResourceAttributesWithSchema { attributes, .. } = (&resource()).into();
        Self {
            runtime: Handle::current(),
            client: LogsServiceClient::new(to.collector.channel()),
            collector: to.collector,
            headers: to.headers,
            resource: Resource {
                attributes: attributes.0,
                ..Default::default()
            },
            lines: Vec::new(),
            sent_bytes: SENT_BYTES,
            counts,
        }
    }

    /// Sends lines, and returns how many of them the collector rejects.
    fn send(&mut self, lines: &[u8]) -> Result<usize, Status> {
        let lines = lines.split(|byte| *byte == b'\n');
        let records = lines.filter(|line| !line.is_empty()).map(record);
        let records: Vec<LogRecord> = records.collect();
        let count = records.len();
        let logs = ResourceLogs {
            resource: Some(self.resource.clone()),
            scope_logs: vec![ScopeLogs {
                scope: Some(InstrumentationScope {
                    name: env!("CARGO_PKG_NAME").to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    ..Default::default()
                }),
                log_records: records,
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut request = Request::new(ExportLogsServiceRequest {
            resource_logs: vec![logs],
        });
        *request.metadata_mut() = self.headers.clone();
        let reply = self.runtime.block_on(self.client.export(request))?;
        let rejected = reply.into_inner().partial_success.unwrap_or_default();
        let rejected = usize::try_from(rejected.rejected_log_records).unwrap_or_default();
        Ok(rejected.min(count))
    }

    /// Connects anew for what is sent next: a connection whose other end has vanished fails
    /// for as long as nobody closes it.
    fn reconnect(&mut self) {
        let _runtime = self.runtime.enter();
        self.client = LogsServiceClient::new(self.collector.channel());
    }
}

impl Write for RecordSender {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.lines.extend_from_slice(lines);
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut waiting = std::mem::take(&mut self.lines);
        let mut rest = waiting.as_slice();
        let (mut rejected, mut failed) = (0_usize, None);
        while !rest.is_empty() && failed.is_none() {
            let (now, later) = rest.split_at(end_of_batch(rest, self.sent_bytes));
            let half = (now.len() / 2).max(1);
            match self.send(now) {
                Ok(of_batch) => {
                    rejected = rejected.saturating_add(of_batch);
                    rest = later;
                    self.sent_bytes = self.sent_bytes.saturating_mul(2).min(SENT_BYTES);
                }
                Err(status) if !is_of_the_batch(&status) => {
                    // A proxy that refuses so much, or a link too slow for it, looks the same.
                    self.sent_bytes = half;
                    failed = Some(status);
                }
                Err(_) if end_of_batch(now, 1) < now.len() => self.sent_bytes = half,
                Err(_) => {
                    // The collector will not take this one record, however often it is sent.
                    rejected = rejected.saturating_add(1);
                    rest = later;
                }
            }
        }
        let sent = waiting.len() - rest.len();
        waiting.drain(..sent);
        waiting.shrink_to(SENT_BYTES);
        self.lines = waiting;
        if rejected > 0 {
            error!(
                records = rejected,
                "decision records rejected by the collector"
            );
            self.counts.count_lost(rejected);
        }
        let Some(status) = failed else {
            return Ok(());
        };
        self.reconnect();
        Err(io::Error::other(why(&status)))
    }
}

/// Says why nothing was taken. What a collector says of it may hold what it was sent.
fn why(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(_) => status.message().to_owned(),
        None => format!("the collector answers: {}", status.code()),
    }
}

/// Returns where the lines end that are sent at once: at least one.
fn end_of_batch(lines: &[u8], bytes: usize) -> usize {
    let is_end = |byte: &u8| *byte == b'\n';
    let within = lines.get(..bytes).unwrap_or(lines);
    let last = within.iter().rposition(is_end);
    let end = last.or_else(|| lines.iter().position(is_end));
    end.map_or(lines.len(), |end| end + 1)
}

/// Whether a refusal is of what was sent, and not of the moment or of who sends.
fn is_of_the_batch(status: &Status) -> bool {
    match status.code() {
        // Servers of tonic say the second of what is too large.
        Code::InvalidArgument | Code::OutOfRange => true,
        // Too large, unless it is to be tried again.
        Code::ResourceExhausted => status.get_details_retry_info().is_none(),
        _ => false,
    }
}

fn record(line: &[u8]) -> LogRecord {
    let head: Option<Head<'_>> = serde_json::from_slice(line).ok();
    let time = head.as_ref().and_then(|head| nanos(head.time));
    let time = time.unwrap_or_default();
    let trace = head.as_ref().and_then(|head| head.trace_id);
    let body = Value::StringValue(String::from_utf8_lossy(line).into_owned());
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number: SeverityNumber::Info.into(),
        severity_text: "INFO".to_owned(),
        body: Some(AnyValue { value: Some(body) }),
        trace_id: trace.map(bytes_of_hex).unwrap_or_default(),
        event_name: EVENT.to_owned(),
        ..Default::default()
    }
}

/// Returns nanoseconds since 1970-01-01T00:00:00Z; `None`: it is before, or after 2262.
fn nanos(time: &str) -> Option<u64> {
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    time.timestamp_nanos_opt()?.try_into().ok()
}

fn bytes_of_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
