//! Callers: the client crate under a moderate load, which leaves most of a core free.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use redress::wire::json::Schema;
use redress_client::{Client, ClientError, Config, pb};
use tokio::runtime::{self, Runtime};
use tokio::task::JoinSet;
use tonic::Code;

use super::servers::Failures;

/// The request of every caller: a plain return within the window.
const EXAMPLE: &str = include_str!("../../../examples/return_plain_piece.json");
/// The pause of a caller between two calls.
const PAUSE: Duration = Duration::from_millis(4);

/// Returns the request of all callers.
pub fn request() -> pb::DecideRequest {
    Schema::new()
        .expect("the contract")
        .read(EXAMPLE, "redress.v1.DecideRequest")
        .expect("a request")
}

/// Returns the configuration of a client that does not retry.
pub fn without_retries() -> Config {
    let mut config = Config::default();
    config.attempts = 1;
    config
}

/// The runtime of the callers, apart from that of the attackers, so that attackers do not
/// delay what callers measure.
static THREAD: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build();
    runtime.expect("a runtime")
});

/// Connects to one server or proxy.
pub async fn connect(uri: String, config: Config) -> Client {
    let connected = THREAD.spawn(Client::connect(uri, config)).await;
    connected.expect("a task").expect("a connection")
}

/// Connects to several servers.
pub async fn balance(uris: Vec<String>, config: Config) -> Client {
    let connected = THREAD.spawn(Client::balanced(uris, config)).await;
    connected.expect("a task").expect("endpoints")
}

/// Results of calls.
#[derive(Debug)]
pub struct Tally {
    /// Calls that were answered.
    pub answered: u64,
    /// Calls that failed, by code and message.
    pub failures: Failures,
    /// Calls that failed with a code that is not retriable.
    pub not_retriable: u64,
    /// Digests of the policies in verdicts.
    pub digests: BTreeSet<Vec<u8>>,
    /// Latency of calls in microseconds, failed ones included.
    pub latency: Histogram<u64>,
    /// The longest time from the start of a failed call to the next answer of its caller.
    pub longest_outage: Duration,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            answered: 0,
            failures: Failures::new(),
            not_retriable: 0,
            digests: BTreeSet::new(),
            latency: Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds"),
            longest_outage: Duration::ZERO,
        }
    }
}

impl Tally {
    /// Returns how many calls failed.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Returns the p99 of latency in milliseconds.
    pub fn p99(&self) -> f64 {
        self.latency.value_at_quantile(0.99) as f64 / 1e3
    }

    /// Returns the latency of the slowest call in milliseconds.
    pub fn slowest(&self) -> f64 {
        self.latency.max() as f64 / 1e3
    }

    /// Adds the results of another caller.
    fn merge(&mut self, other: Self) {
        self.answered += other.answered;
        for (what, count) in other.failures {
            *self.failures.entry(what).or_default() += count;
        }
        self.not_retriable += other.not_retriable;
        self.digests.extend(other.digests);
        self.latency.add(other.latency).expect("the same bounds");
        self.longest_outage = self.longest_outage.max(other.longest_outage);
    }

    fn record_failure(&mut self, error: &ClientError) {
        let code = error.refusal().map(redress_client::Refusal::code);
        let what = format!("{code:?} {:?}: {error}", error.reason());
        *self.failures.entry(what).or_default() += 1;
        self.not_retriable += u64::from(code != Some(Code::Unavailable));
    }

    /// Prints failures to standard error.
    pub fn explain(&self, name: &str) {
        for (what, count) in &self.failures {
            eprintln!("{name}: {count} x {what}");
        }
    }
}

/// Callers that call in a loop until they are stopped.
pub struct Callers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Tally>,
}

impl Callers {
    /// Starts `count` callers that share a client.
    pub fn start(client: &Client, count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            tasks.spawn_on(call(client.clone(), Arc::clone(&stop)), THREAD.handle());
        }
        Self { stop, tasks }
    }

    /// Stops the callers and returns their results.
    pub async fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        for tally in self.tasks.join_all().await {
            all.merge(tally);
        }
        all
    }
}

async fn call(client: Client, stop: Arc<AtomicBool>) -> Tally {
    let request = request();
    let mut tally = Tally::default();
    let mut failing_since = None;
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let called = client.decide(request.clone()).await;
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tally.latency.saturating_record(took);
        match called {
            Ok(verdict) => {
                let receipt = verdict.message.receipt.expect("a receipt");
                tally.digests.insert(receipt.policy_digest);
                tally.answered += 1;
                if let Some(since) = failing_since.take() {
                    let outage = Instant::elapsed(&since);
                    tally.longest_outage = tally.longest_outage.max(outage);
                }
            }
            Err(error) => {
                tally.record_failure(&error);
                failing_since.get_or_insert(began);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    tally
}
