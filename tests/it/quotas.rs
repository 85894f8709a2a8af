//! Quotas of work: a caller that has used up its own waits, and no other does.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use redress::domain::time::Instant;
use redress::server::config::Config;
use redress::server::reload;
use redress::server::tokens::Tokens;
use redress::wire::answer::{self, Budget};
use redress_client::pb::ErrorReason as Reason;
use redress_client::{Client, ClientError};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::http::granted;
use crate::raw::Raw;
use crate::running::{PATIENCE, Running};
use crate::tokens::line;

/// What a request counts beside its steps.
const REQUEST_STEPS: u64 = 10;

/// Returns what a plain request counts.
fn plain() -> u64 {
    let catalog = reload::catalog(None).unwrap();
    let (steps, now) = (
        Cell::new(0),
        Instant::parse("2026-04-10T09:00:00Z").unwrap(),
    );
    let budget = Budget::default().metered(&steps);
    answer::decide(&catalog, &granted(), now, &budget).unwrap();
    REQUEST_STEPS + u64::try_from(steps.get()).unwrap()
}

fn config(steps: u64) -> Config {
    let mut config = Config::default();
    config.limits.caller_steps = NonZeroU64::new(steps);
    config
}

async fn client(server: &Running, token: Option<&str>) -> Client {
    let mut config = redress_client::Config::default();
    config.token = token.map(str::to_owned);
    Client::connect(server.uri(), config).await.unwrap()
}

/// Decides until a call is refused, and returns how many were not, and the refusal.
async fn use_up(client: &Client) -> (u64, ClientError) {
    let mut decided = 0;
    let refused = loop {
        match client.decide(granted()).await {
            Ok(_) => decided += 1,
            Err(error) => break error,
        }
    };
    (decided, refused)
}

/// Returns how long a refused caller is told to wait.
fn wait_of(error: &ClientError) -> Duration {
    let info = error.refusal().unwrap().status().get_details_retry_info();
    info.unwrap().retry_delay.unwrap()
}

#[tokio::test]
async fn who_has_used_up_its_steps_waits_and_no_other_does() {
    // A request brings the caller into debt for seconds, however slow the machine is.
    let mut config = config(1);
    let text = line("checkout", "first") + &line("checkout", "second") + &line("desk", "third");
    config.tokens = Some(Tokens::parse(&text).unwrap());
    let metrics = Arc::clone(&config.metrics);
    let server = Running::built_in(config).await;
    let checkout = client(&server, Some("first")).await;
    let (decided, error) = use_up(&checkout).await;
    assert_eq!(decided, 1, "what is left of the first is a debt");
    assert_eq!(error.reason(), Some(Reason::QuotaExceeded));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), Code::ResourceExhausted);
    assert_eq!(refusal.metadata("limit"), Some("1"));
    let wait = wait_of(&error);
    let longest = Duration::from_secs(plain());
    assert!(wait > Duration::from_secs(1) && wait < longest, "{wait:?}");

    // The same caller by another token, and with anything else.
    let same = client(&server, Some("second")).await;
    let listed = same.list_policies("").await;
    assert_eq!(listed.unwrap_err().reason(), Some(Reason::QuotaExceeded));
    let desk = client(&server, Some("third")).await;
    assert!(desk.decide(granted()).await.is_ok());
    let counted = "redress_refusals_total{method=\"Decide\",\
                   reason=\"ERROR_REASON_QUOTA_EXCEEDED\"} 1";
    assert!(metrics.encode().contains(counted));
    let mut health = HealthClient::new(server.channel().await);
    assert!(health.check(HealthCheckRequest::default()).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn items_of_a_batch_count_each() {
    const ITEMS: usize = 4;
    // Two items, and some for the third, which is decided and leaves a debt.
    let server = Running::built_in(config(2 * plain() + 1)).await;
    let caller = client(&server, None).await;
    let results = caller.batch_decide(vec![granted(); ITEMS]).await.unwrap();
    let refused: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].reason(), Some(Reason::QuotaExceeded));
    server.stop().await;
}

#[tokio::test]
async fn a_caller_goes_on_when_its_debt_is_paid() {
    let server = Running::built_in(config(500)).await;
    let caller = client(&server, None).await;
    let (decided, error) = use_up(&caller).await;
    assert!(decided >= 500 / plain(), "{decided}");
    let wait = wait_of(&error);
    assert!(wait < Duration::from_secs(1), "{wait:?}");
    let goes_on = async {
        while caller.decide(granted()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, goes_on).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn callers_without_credentials_are_told_apart_by_address() {
    let server = Running::built_in(config(1)).await;
    let caller = client(&server, None).await;
    assert_eq!(use_up(&caller).await.0, 1);
    let mut other = Raw::reading("127.0.0.2", server.address).await;
    let request = crate::raw::framed(&granted());
    let response = other.call(crate::http::DECIDE, request).await;
    let (_, status) = crate::raw::reply(response.await.unwrap()).await;
    assert_eq!(status.code(), Code::Ok);
    server.stop().await;
}

#[test]
fn no_quota_is_a_mistake() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    let output = command
        .env_clear()
        .args(["config", "--max-caller-steps", "0"]);
    assert_eq!(output.output().unwrap().status.code(), Some(2));
}
