//! Traces: a span for each call, part of its caller's trace, sent to a collector of OTLP.
//!
//! Spans wait in memory and are sent by a thread of the SDK. No call waits for them: what a
//! collector does not take, or the queue cannot hold, is dropped and counted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    self, BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, Span,
    SpanData, SpanProcessor,
};
use tonic::Code;
use tonic::codegen::http::{HeaderMap, HeaderValue};
use tracing::{info, warn};

use super::collector::{Collector, CollectorError, SEND_TIMEOUT, resource};
use crate::rpc::service::Caller;

/// Header with the trace that a call is part of, as W3C Trace Context has it.
const TRACE_PARENT: &str = "traceparent";
/// Spans that may wait to be sent, those included that are being sent; further ones are
/// dropped. One takes about a kilobyte.
pub const MAX_WAITING_SPANS: usize = 4096;
/// Spans that are sent at once.
const SENT_SPANS: usize = 512;
/// How long spans wait for others.
const GATHER: Duration = Duration::from_secs(1);
/// How long the end waits for a collector, unless it is said.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Chooses so many of a hundred traces that begin here.
fn sampler(percent: u8) -> Sampler {
    match percent {
        0 => Sampler::AlwaysOff,
        // The digits of a fraction are its percents.
        1..=99 => Sampler::TraceIdRatioBased(format!("0.{percent:02}").parse().unwrap_or_default()),
        _ => Sampler::AlwaysOn,
    }
}

/// Begins the spans of calls. Clones share what is sent.
#[derive(Clone)]
pub struct Traces(Arc<Sending>);

struct Sending {
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
    counts: Arc<Counts>,
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}

impl Traces {
    /// Begins to send spans. Callers say by `traceparent` whether a trace is recorded; of
    /// other calls `percent` of a hundred are. It is called inside of the runtime that sends
    /// them.
    ///
    /// # Errors
    /// The client cannot be set up.
    pub fn start(collector: &Collector, percent: u8) -> Result<(Self, FlushSpans), CollectorError> {
        let counts = Arc::new(Counts::default());
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_channel(collector.channel())
            .with_timeout(SEND_TIMEOUT)
            .build()
            .map_err(|error| CollectorError::Client(error.to_string()))?;
        let exporter = CountedExporter {
            exporter,
            counts: Arc::clone(&counts),
        };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_WAITING_SPANS)
            .with_max_export_batch_size(SENT_SPANS)
            .with_scheduled_delay(GATHER);
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches.build());
        let processor = BoundedProcessor {
            batches: batches.build(),
            counts: Arc::clone(&counts),
        };
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(sampler(percent))))
            .with_resource(resource())
            .with_span_processor(processor)
            .build();
        let traces = Self(Arc::new(Sending {
            tracer: provider.tracer(env!("CARGO_PKG_NAME")),
            propagator: TraceContextPropagator::new(),
            counts,
        }));
        let flush = FlushSpans {
            provider,
            traces: traces.clone(),
            timeout: FLUSH_TIMEOUT,
        };
        Ok((traces, flush))
    }

    /// Returns how many spans a collector has taken.
    pub fn sent(&self) -> u64 {
        self.0.counts.sent.load(Ordering::Relaxed)
    }

    /// Returns how many spans were dropped.
    pub fn dropped(&self) -> u64 {
        self.0.counts.dropped.load(Ordering::Relaxed)
    }

    /// Begins the span of a call, inside of the trace that its headers name. From then on
    /// they name the span: so log lines have a trace whoever began it.
    pub(super) fn begin(&self, method: &'static str, headers: &mut HeaderMap) -> CallSpan {
        let Sending {
            tracer, propagator, ..
        } = &*self.0;
        let parent = propagator.extract_with_context(&Context::new(), &Headers(headers));
        let builder = tracer.span_builder(method).with_kind(SpanKind::Server);
        let mut span = builder.start_with_context(tracer, &parent);
        span.set_attribute(KeyValue::new("rpc.system", "grpc"));
        span.set_attribute(KeyValue::new("rpc.method", method));
        let context = span.span_context();
        let flags = context.trace_flags().to_u8();
        let named = format!(
            "00-{}-{}-{flags:02x}",
            context.trace_id(),
            context.span_id()
        );
        if let Ok(named) = HeaderValue::from_str(&named) {
            headers.insert(TRACE_PARENT, named);
        }
        CallSpan(Some(span))
    }
}

/// Reads what a call says of its trace.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// The span of a call; it ends when it is dropped, as one that its caller left if nobody
/// said how the call ended.
#[derive(Debug)]
pub(super) struct CallSpan(Option<Span>);

impl CallSpan {
    /// Says who calls.
    pub(super) fn set_caller(&mut self, caller: &Caller) {
        let Some(span) = self.0.as_mut().filter(|span| span.is_recording()) else {
            return;
        };
        let Caller {
            request_id, name, ..
        } = caller;
        if let Some(id) = request_id.clone() {
            span.set_attribute(KeyValue::new("redress.request_id", id));
        }
        if let Some(name) = name.clone() {
            span.set_attribute(KeyValue::new("redress.caller", name));
        }
    }

    /// Says how the call ended.
    pub(super) fn end(mut self, code: Code) {
        self.end_with(code);
    }

    fn end_with(&mut self, code: Code) {
        let Some(mut span) = self.0.take() else {
            return;
        };
        span.set_attribute(KeyValue::new(
            "rpc.grpc.status_code",
            i64::from(i32::from(code)),
        ));
        // What the server is at fault for, not its caller.
        if let Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss = code
        {
            span.set_status(Status::error(code.description()));
        }
        span.end();
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        self.end_with(Code::Cancelled);
    }
}

/// Sends what waits when it is dropped, for no longer than it is told. It belongs to the end
/// of the process, outside of the runtime.
#[derive(Debug)]
#[must_use]
pub struct FlushSpans {
    provider: SdkTracerProvider,
    traces: Traces,
    timeout: Duration,
}

impl FlushSpans {
    /// Waits no longer for a collector that does not take what is left; a second unless it is
    /// set.
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Drop for FlushSpans {
    fn drop(&mut self) {
        // What is not sent then ends with the process.
        let _ = self.provider.shutdown_with_timeout(self.timeout);
        let counts = &self.traces.0.counts;
        let waiting = u64::try_from(counts.waiting.load(Ordering::Relaxed)).unwrap_or(u64::MAX);
        let dropped = self.traces.dropped().saturating_add(waiting);
        if dropped > 0 {
            warn!(dropped, "spans lost");
        }
    }
}

/// What became of spans.
#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicUsize,
    sent: AtomicU64,
    dropped: AtomicU64,
    failing: AtomicBool,
}

/// Keeps as many spans as there is room for. The processor behind it has the same room, so
/// that none is dropped there, where none would be counted.
#[derive(Debug)]
struct BoundedProcessor {
    batches: BatchSpanProcessor,
    counts: Arc<Counts>,
}

impl SpanProcessor for BoundedProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        let before = self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        if before < MAX_WAITING_SPANS {
            self.batches.on_end(span);
        } else {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts what the collector takes, and says when it takes nothing.
#[derive(Debug)]
struct CountedExporter {
    exporter: SpanExporter,
    counts: Arc<Counts>,
}

impl trace::SpanExporter for CountedExporter {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let count = spans.len();
        let sent = self.exporter.export(spans).await;
        let counts = &*self.counts;
        counts.waiting.fetch_sub(count, Ordering::Relaxed);
        let became = match &sent {
            Ok(()) => &counts.sent,
            Err(_) => &counts.dropped,
        };
        became.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        let was_failing = counts.failing.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_failing => warn!(%error, "spans cannot be sent"),
            Ok(()) if was_failing => info!("spans are sent again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
