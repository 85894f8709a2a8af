//! What a server says of its calls: metrics, log, decision log, spans.

use std::sync::Arc;

use redress::rpc::service::{CatalogHandle, Decisions, SystemClock};
use redress::server::collector::Collector;
use redress::server::config::Config;
use redress::server::decision_log::{DEFAULT_FILE_BYTES, DecisionLog, Output};
use redress::server::line_queue::FlushGuard;
use redress::server::traces::{FlushSpans, Traces};
use redress::wire::json::Schema;
use redress::wire::record::Records;

/// Which of them are on.
#[derive(Debug, Default)]
pub struct Telling {
    metrics: bool,
    /// Whether calls are logged.
    pub log: bool,
    decision_log: bool,
    /// Whether records hold their requests.
    requests: bool,
    /// Who is sent the spans of so many of a hundred calls.
    spans: Option<(Collector, u8)>,
}

/// What writes out the rest at the end.
#[derive(Debug, Default)]
pub struct Flush {
    _records: Option<FlushGuard>,
    _spans: Option<FlushSpans>,
}

impl Telling {
    /// Reads words with commas between them: `metrics`, `log`, `decision-log`, `requests` and
    /// `spans=PERCENT@URL`.
    pub fn parse(words: &str) -> Self {
        let mut telling = Self::default();
        for word in words.split(',').filter(|word| !word.is_empty()) {
            match word {
                "metrics" => telling.metrics = true,
                "log" => telling.log = true,
                "decision-log" => telling.decision_log = true,
                "requests" => telling.requests = true,
                other => {
                    let spans = other.strip_prefix("spans=");
                    let spans = spans.and_then(|rest| rest.split_once('@'));
                    let Some((percent, url)) = spans else {
                        panic!("not understood: {other}");
                    };
                    let percent = percent.parse().expect("a number of calls of a hundred");
                    let collector = Collector::new(url).expect("a collector");
                    telling.spans = Some((collector, percent));
                }
            }
        }
        telling
    }

    /// Makes the service that says so. It is called inside of the runtime that serves.
    pub fn decisions(
        self,
        catalog: CatalogHandle,
        config: &mut Config,
    ) -> (Decisions<SystemClock>, Flush) {
        let mut flush = Flush::default();
        let mut decisions = Decisions::new(catalog, SystemClock);
        if self.metrics {
            decisions = decisions.observer(config.metrics.clone());
        }
        if self.decision_log {
            let name = match (self.requests, self.spans.is_some()) {
                (true, _) => "decisions-requests.jsonl",
                (false, true) => "decisions-spans.jsonl",
                (false, false) => "decisions.jsonl",
            };
            let (log, guard) = decision_log(name, self.requests);
            flush._records = Some(guard);
            decisions = decisions.recorder(Some(Arc::new(log)));
        }
        if let Some((collector, percent)) = self.spans {
            let started = Traces::start(&collector, percent);
            let (traces, guard) = started.expect("a client of the collector");
            flush._spans = Some(guard);
            config.traces = Some(traces);
        }
        (decisions, flush)
    }
}

/// Keeps records as the program does, in a file beside this program.
fn decision_log(name: &str, with_requests: bool) -> (DecisionLog, FlushGuard) {
    let schema = Schema::new().expect("a schema");
    let mut records = Records::new(&schema).expect("a schema");
    if with_requests {
        let all = Records::requests(&schema).expect("a schema");
        records = records.with_requests(all).expect("a schema");
    }
    let own = std::env::current_exe().expect("the path of this program");
    let output = Output::File {
        path: own.with_file_name(name),
        bytes: DEFAULT_FILE_BYTES,
        files: 1,
    };
    DecisionLog::start(output, records, false).expect("a file")
}
