//! What others count already, read when somebody asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Metrics;
use crate::server::line_queue::LineQueue;
use crate::server::peers::Peers;
use crate::server::tls::Identity;
use crate::server::traces::Traces;

/// Who counts, and what was read last.
#[derive(Debug, Default)]
pub(super) struct Readings {
    peers: OnceLock<Weak<Peers>>,
    log: OnceLock<LineQueue>,
    decision_log: OnceLock<LineQueue>,
    identity: OnceLock<Identity>,
    traces: OnceLock<Traces>,
    is_ready: Gauge,
    open_connections: Gauge,
    requests_in_work: Gauge,
    unsent_bytes: Gauge,
    log_lines_dropped: Counter<u64, AtomicU64>,
    decision_records_dropped: Counter<u64, AtomicU64>,
    is_decision_log_failing: Gauge,
    certificate_expiry: Gauge,
    spans_sent: Counter<u64, AtomicU64>,
    spans_dropped: Counter<u64, AtomicU64>,
}

impl Readings {
    pub(super) fn register(&self, to: &mut Registry) {
        for (name, help, gauge) in [
            (
                "ready",
                "Whether the server serves and does not drain",
                &self.is_ready,
            ),
            (
                "open_connections",
                "Connections that are open",
                &self.open_connections,
            ),
            (
                "requests_in_work",
                "Requests in work, until their replies are read",
                &self.requests_in_work,
            ),
            (
                "unsent_bytes",
                "Bytes of replies that callers have not read",
                &self.unsent_bytes,
            ),
            (
                "decision_log_failing",
                "Whether the output of the decision log refuses records, or they have no room",
                &self.is_decision_log_failing,
            ),
            (
                "certificate_expiry_timestamp_seconds",
                "When the first of the certificates of the server expires; 0: it has none",
                &self.certificate_expiry,
            ),
        ] {
            to.register(name, help, gauge.clone());
        }
        for (name, help, counter) in [
            (
                "log_lines_dropped",
                "Lines that the log did not take",
                &self.log_lines_dropped,
            ),
            (
                "decision_records_dropped",
                "Records of decisions that the decision log did not take",
                &self.decision_records_dropped,
            ),
            (
                "spans_sent",
                "Spans of calls that the collector took",
                &self.spans_sent,
            ),
            (
                "spans_dropped",
                "Spans of calls that the collector did not take, or that the queue could not hold",
                &self.spans_dropped,
            ),
        ] {
            to.register(name, help, counter.clone());
        }
    }

    /// Reads all of it.
    pub(super) fn update(&self, ready: bool) {
        let set = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        let count = |counter: &Counter<u64, AtomicU64>, value: u64| {
            counter.inner().store(value, Ordering::Relaxed);
        };
        self.is_ready.set(i64::from(ready));
        if let Some(peers) = self.peers.get().and_then(Weak::upgrade) {
            let held = peers.usage();
            set(&self.open_connections, held.connections);
            set(&self.requests_in_work, held.requests);
            set(&self.unsent_bytes, held.unsent_bytes);
        }
        if let Some(log) = self.log.get() {
            count(&self.log_lines_dropped, log.dropped());
        }
        if let Some(log) = self.decision_log.get() {
            count(&self.decision_records_dropped, log.dropped());
            let failing = !log.is_taking();
            self.is_decision_log_failing.set(i64::from(failing));
        }
        if let Some(identity) = self.identity.get() {
            self.certificate_expiry.set(identity.expires());
        }
        if let Some(traces) = self.traces.get() {
            count(&self.spans_sent, traces.sent());
            count(&self.spans_dropped, traces.dropped());
        }
    }
}

/// A second server of one process is not looked at.
impl Metrics {
    /// Reads how many connections and requests there are from here on.
    pub(in crate::server) fn watch_peers(&self, peers: &Arc<Peers>) {
        let _ = self.read.peers.set(Arc::downgrade(peers));
    }

    /// Reads how many lines were dropped from here on.
    pub fn watch_log(&self, lines: LineQueue) {
        let _ = self.read.log.set(lines);
    }

    /// Reads how many records of decisions were dropped from here on.
    pub fn watch_decision_log(&self, lines: LineQueue) {
        let _ = self.read.decision_log.set(lines);
    }

    /// Reads when the certificate expires from here on.
    pub(in crate::server) fn watch_identity(&self, identity: &Identity) {
        let _ = self.read.identity.set(identity.clone());
    }

    /// Reads what became of spans from here on.
    pub fn watch_traces(&self, traces: Traces) {
        let _ = self.read.traces.set(traces);
    }
}
