//! What the server counts, in the form of Prometheus.
//!
//! Callers and decisions add to counters as they come; what others count already, such as
//! connections, is read when somebody asks (`readings`).

mod readings;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use redress_client::pb;
use rustc_hash::FxHashMap;
use tracing::{info, warn};

use self::readings::Readings;
use super::rate_limit::RateLimit;
use super::remote_policies::FetchResult;
use crate::rpc::service::{CallSummary, Caller, InUse, Method, Observer, VerdictSummary};
use crate::rpc::status::CallError;

/// Bounds of what a request takes, in seconds: from a plain decision to the limit of one
/// request.
const LATENCY_SECONDS: [f64; 13] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0,
];

/// The calls whose time is told.
const METHODS: [Method; 4] = [
    Method::Decide,
    Method::BatchDecide,
    Method::StreamDecide,
    Method::ListOptions,
];
/// The views by which it is told.
const VIEWS: [pb::View; 3] = [pb::View::Compact, pb::View::Basic, pb::View::Full];

/// Counts what a server does.
pub struct Metrics {
    registry: Registry,
    latency: Family<CallLabels, Histogram, fn() -> Histogram>,
    /// The histograms of [`Metrics::latency`], for each method those of each view: they are
    /// found without a hash.
    latencies: Vec<Histogram>,
    decisions: Family<DecisionLabels, Counter>,
    /// The counters of [`Metrics::decisions`] by policy: one is found without an
    /// allocation.
    decided: RwLock<FxHashMap<String, Vec<(pb::Outcome, Counter)>>>,
    missing: Family<FactLabels, Counter>,
    refusals: Family<RefusalLabels, Counter>,
    connections: Counter,
    connection_ends: Family<EndLabels, Counter>,
    reloads: Family<ReloadLabels, Counter>,
    certificate_reloads: Family<ReloadLabels, Counter>,
    policy_changes: Family<ChangeLabels, Counter>,
    policies_rejected: Gauge,
    policy_set: Family<SetLabels, Gauge>,
    policy_fetches: Family<ReloadLabels, Counter>,
    policies_confirmed: Gauge,
    policy_revisions: Gauge,
    policies_loaded: Gauge,
    read: Readings,
    ready: AtomicBool,
    lines: Rates,
}

/// Bounds the lines of what many callers can cause.
#[derive(Debug, Default)]
struct Rates {
    refusals: RateLimit,
    shed: RateLimit,
    connections: RateLimit,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    method: &'static str,
    view: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DecisionLabels {
    policy: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FactLabels {
    fact: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    method: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChangeLabels {
    change: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SetLabels {
    digest: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    tzdb: &'static str,
}

/// Says why the server ended a connection, or did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionEnd {
    /// There are as many as there may be, or the caller has its share.
    TooMany,
    /// The handshake of TLS failed.
    Handshake,
    /// It did not begin, or its peer did not read, in time.
    Overdue,
}

impl ConnectionEnd {
    const fn word(self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::Handshake => "handshake",
            Self::Overdue => "overdue",
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let latency = || Histogram::new(LATENCY_SECONDS);
        let latency = Family::new_with_constructor(latency as fn() -> Histogram);
        let calls = METHODS.iter().flat_map(|method| {
            VIEWS.map(|view| CallLabels {
                method: method.name(),
                view: view.as_str_name(),
            })
        });
        let latencies = calls.map(|labels| latency.get_or_create_owned(&labels));
        let mut metrics = Self {
            registry: Registry::with_prefix("redress"),
            latencies: latencies.collect(),
            latency,
            decisions: Family::default(),
            decided: RwLock::default(),
            missing: Family::default(),
            refusals: Family::default(),
            connections: Counter::default(),
            connection_ends: Family::default(),
            reloads: Family::default(),
            certificate_reloads: Family::default(),
            policy_changes: Family::default(),
            policies_rejected: Gauge::default(),
            policy_set: Family::default(),
            policy_fetches: Family::default(),
            policies_confirmed: Gauge::default(),
            policy_revisions: Gauge::default(),
            policies_loaded: Gauge::default(),
            read: Readings::default(),
            ready: AtomicBool::new(false),
            lines: Rates::default(),
        };
        metrics.register_calls();
        metrics.register_server();
        metrics
    }
}

impl Metrics {
    fn register_calls(&mut self) {
        let to = &mut self.registry;
        to.register(
            "request_seconds",
            "Time that a request took, or an item of a batch or a stream",
            self.latency.clone(),
        );
        to.register(
            "decisions",
            "Requests that were decided",
            self.decisions.clone(),
        );
        to.register(
            "missing_facts",
            "Facts that decisions asked for, by name",
            self.missing.clone(),
        );
        to.register(
            "refusals",
            "Requests that were refused, calls and items",
            self.refusals.clone(),
        );
    }

    fn register_server(&mut self) {
        let to = &mut self.registry;
        let build = Family::<BuildLabels, Gauge>::default();
        let labels = BuildLabels {
            version: env!("CARGO_PKG_VERSION"),
            tzdb: chrono_tz::IANA_TZDB_VERSION,
        };
        build.get_or_create(&labels).set(1);
        to.register("build_info", "What the program is", build);
        self.read.register(to);
        for (name, help, gauge) in [
            (
                "policy_revisions",
                "Revisions of policies that are loaded",
                &self.policy_revisions,
            ),
            (
                "policies_rejected",
                "Whether the policies in the files could not be used, and older ones are",
                &self.policies_rejected,
            ),
            (
                "policies_loaded_timestamp_seconds",
                "When the policies in use were loaded",
                &self.policies_loaded,
            ),
            (
                "policies_confirmed_timestamp_seconds",
                "When their source last confirmed the policies in use; 0: they have none",
                &self.policies_confirmed,
            ),
        ] {
            to.register(name, help, gauge.clone());
        }
        to.register(
            "policy_set_info",
            "The policies in use",
            self.policy_set.clone(),
        );
        to.register(
            "policy_reloads",
            "Times that the policies were read again",
            self.reloads.clone(),
        );
        to.register(
            "policy_fetches",
            "Times that the source of policies was asked",
            self.policy_fetches.clone(),
        );
        to.register(
            "policy_changes",
            "Revisions that were added, changed or removed while the server ran",
            self.policy_changes.clone(),
        );
        to.register(
            "certificate_reloads",
            "Certificates that were replaced, or could not be",
            self.certificate_reloads.clone(),
        );
        to.register(
            "connections",
            "Connections that were taken in",
            self.connections.clone(),
        );
        to.register(
            "connection_ends",
            "Connections that the server ended or did not take in",
            self.connection_ends.clone(),
        );
        // An alert on something that has not happened yet needs its zero.
        for end in [
            ConnectionEnd::TooMany,
            ConnectionEnd::Handshake,
            ConnectionEnd::Overdue,
        ] {
            self.end(end);
        }
        for change in ["added", "changed", "removed"] {
            let labels = ChangeLabels { change };
            self.policy_changes.get_or_create_owned(&labels);
        }
        for result in FetchResult::ALL {
            let result = result.word();
            let labels = ReloadLabels { result };
            self.policy_fetches.get_or_create_owned(&labels);
        }
        for result in ["ok", "failed"] {
            let labels = ReloadLabels { result };
            self.reloads.get_or_create_owned(&labels);
            self.certificate_reloads.get_or_create_owned(&labels);
        }
    }

    fn end(&self, end: ConnectionEnd) -> Counter {
        let labels = EndLabels { reason: end.word() };
        self.connection_ends.get_or_create_owned(&labels)
    }

    /// Says whether the server serves and does not drain.
    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    /// Whether the server serves and does not drain.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Counts a connection that was taken in.
    pub(super) fn connected(&self) {
        self.connections.inc();
    }

    /// Counts a connection that the server ended, or did not take in, and says so.
    pub(super) fn connection_ended(&self, end: ConnectionEnd, why: &dyn fmt::Display) {
        self.end(end).inc();
        if let Some(suppressed) = self.lines.connections.pass() {
            warn!(reason = end.word(), %why, suppressed, "connection ended");
        }
    }

    /// Counts revisions that were added, changed or removed.
    pub(super) fn policies_changed(&self, change: &'static str, count: usize) {
        let labels = ChangeLabels { change };
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.policy_changes.get_or_create(&labels).inc_by(count);
    }

    /// Counts that the policies were read again.
    pub(super) fn reloaded(&self, ok: bool) {
        self.policies_rejected.set(i64::from(!ok));
        let result = if ok { "ok" } else { "failed" };
        self.reloads.get_or_create(&ReloadLabels { result }).inc();
    }

    /// Counts that the source of policies was asked.
    pub(super) fn fetched(&self, result: FetchResult) {
        let result = result.word();
        let labels = ReloadLabels { result };
        self.policy_fetches.get_or_create(&labels).inc();
    }

    /// Says when their source confirmed the policies in use, in seconds since 1970.
    pub(super) fn policies_confirmed(&self, seconds: i64) {
        self.policies_confirmed.set(seconds);
    }

    /// Counts certificates that were replaced, or could not be.
    pub(super) fn certificates_reloaded(&self, ok: bool) {
        let result = if ok { "ok" } else { "failed" };
        let labels = ReloadLabels { result };
        self.certificate_reloads.get_or_create(&labels).inc();
    }

    /// Says which policies are in use from now on.
    pub fn set_policies(&self, in_use: &InUse) {
        let count = in_use.catalog.plans().count();
        self.policy_revisions
            .set(i64::try_from(count).unwrap_or(i64::MAX));
        self.policies_loaded.set(in_use.loaded.unix_seconds());
        self.policy_set.clear();
        let labels = SetLabels {
            digest: in_use.digest.to_string(),
        };
        self.policy_set.get_or_create(&labels).set(1);
    }

    /// Writes all of it in the text form of `OpenMetrics`, which Prometheus reads.
    pub fn encode(&self) -> String {
        self.read.update(self.is_ready());
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

impl Metrics {
    fn answered(&self, answered: CallSummary) {
        let CallSummary {
            method,
            view,
            latency,
        } = answered;
        // Nothing said is the same as basic.
        let view = match view {
            pb::View::Unspecified => pb::View::Basic,
            view => view,
        };
        let method = METHODS.iter().position(|known| *known == method);
        let view = VIEWS.iter().position(|known| *known == view);
        let (Some(method), Some(view)) = (method, view) else {
            return;
        };
        let index = method.saturating_mul(VIEWS.len()).saturating_add(view);
        if let Some(histogram) = self.latencies.get(index) {
            histogram.observe(Duration::as_secs_f64(&latency));
        }
    }

    /// Counts a decision of a policy.
    fn decided_by(&self, policy: &str, outcome: pb::Outcome) {
        let is_counted = {
            let known = self.decided.read().unwrap_or_else(PoisonError::into_inner);
            let mut counters = known.get(policy).into_iter().flatten();
            let counter = counters.find(|(of, _)| *of == outcome);
            counter.map(|(_, counter)| counter.inc()).is_some()
        };
        if is_counted {
            return;
        }
        let labels = DecisionLabels {
            policy: policy.to_owned(),
            outcome: outcome.as_str_name(),
        };
        let counter = self.decisions.get_or_create_owned(&labels);
        counter.inc();
        let mut known = self.decided.write().unwrap_or_else(PoisonError::into_inner);
        let counters = known.entry(labels.policy).or_default();
        // Another thread may have been here meanwhile.
        if counters.iter().all(|(of, _)| *of != outcome) {
            counters.push((outcome, counter));
        }
    }
}

impl Observer for Metrics {
    fn decided(&self, answered: CallSummary, verdict: VerdictSummary<'_>) {
        self.answered(answered);
        self.decided_by(verdict.policy, verdict.outcome);
        for fact in verdict.missing {
            self.missing.get_or_create(&FactLabels { fact }).inc();
        }
    }

    fn listed(&self, answered: CallSummary) {
        self.answered(answered);
    }

    fn refused(&self, method: &'static str, caller: Option<&Caller>, error: &CallError) {
        let name = caller.and_then(|caller| caller.name.as_deref());
        let request_id = caller.and_then(|caller| caller.request_id.as_deref());
        let trace_id = caller.and_then(|caller| caller.trace_id.as_deref());
        let reason = error.reason().as_str_name();
        let labels = RefusalLabels { method, reason };
        self.refusals.get_or_create(&labels).inc();
        if let CallError::Overloaded { .. }
        | CallError::QuotaExceeded { .. }
        | CallError::Unrecorded = error
        {
            if let Some(suppressed) = self.lines.shed.pass() {
                warn!(
                    method,
                    reason,
                    caller = name,
                    request_id,
                    trace_id,
                    suppressed,
                    "request shed"
                );
            }
        } else if let Some(suppressed) = self.lines.refusals.pass() {
            info!(
                method,
                reason,
                caller = name,
                request_id,
                trace_id,
                suppressed,
                "refusal"
            );
        }
    }
}
