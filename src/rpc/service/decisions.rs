//! `DecisionService`: one request, a batch, a stream, and the options.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use redress_client::pb;
use redress_client::pb::decision_service_server::DecisionService;
use redress_client::pb::item_result;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

use super::turns::{ITEMS_AT_ONCE, InTurns};
use super::{CatalogHandle, Clock, SystemClock, guarded};
use crate::domain::id::{CallerId, InvalidId};
use crate::domain::limits::MAX_BATCH_ITEMS;
use crate::domain::time::Instant;
use crate::domain::violation::{Violation, ViolationKind};
use crate::policy::catalog::Catalog;
use crate::rpc::answer;
use crate::rpc::status::CallError;

/// The limit of messages that the transport keeps unless it is told another.
const DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Serves decisions.
#[derive(Clone, Debug)]
pub struct Decisions<C = SystemClock> {
    catalog: CatalogHandle,
    clock: C,
    message_bytes: usize,
}

impl<C: Clock> Decisions<C> {
    /// Serves decisions by these policies and this clock.
    pub fn new(catalog: CatalogHandle, clock: C) -> Self {
        Self {
            catalog,
            clock,
            message_bytes: DEFAULT_MESSAGE_BYTES,
        }
    }

    /// Names the limit of messages, which the transport keeps, where one of a
    /// stream is above it.
    #[must_use]
    pub fn message_bytes(self, message_bytes: usize) -> Self {
        Self {
            message_bytes,
            ..self
        }
    }
}

#[tonic::async_trait]
impl<C: Clock> DecisionService for Decisions<C> {
    async fn decide(
        &self,
        request: Request<pb::DecideRequest>,
    ) -> Result<Response<pb::DecideResponse>, Status> {
        let catalog = self.catalog.current();
        let verdict = decide(&catalog, request.into_inner(), self.clock.now())?;
        Ok(Response::new(pb::DecideResponse {
            verdict: Some(verdict),
        }))
    }

    async fn batch_decide(
        &self,
        request: Request<pb::BatchDecideRequest>,
    ) -> Result<Response<pb::BatchDecideResponse>, Status> {
        let pb::BatchDecideRequest { items } = request.into_inner();
        check_batch(&items)?;
        // One instant and one state of the policies for all, so that the items
        // of a batch cannot disagree.
        let catalog = self.catalog.current();
        let now = self.clock.now();
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            if results.len() % ITEMS_AT_ONCE == ITEMS_AT_ONCE - 1 {
                // Gives way to other calls, and stops where the caller has left.
                tokio::task::yield_now().await;
            }
            results.push(decide_item(&catalog, item, now));
        }
        Ok(Response::new(pb::BatchDecideResponse { results }))
    }

    type StreamDecideStream =
        Pin<Box<dyn Stream<Item = Result<pb::StreamDecideResponse, Status>> + Send>>;

    async fn stream_decide(
        &self,
        request: Request<Streaming<pb::StreamDecideRequest>>,
    ) -> Result<Response<Self::StreamDecideStream>, Status> {
        let service = self.clone();
        // An item is read when its predecessor's result was taken, so that a slow
        // reader slows the sender and nothing piles up here. What is there at once
        // is decided at once: the transport sends such results together.
        let results = InTurns::new(request.into_inner()).map(move |message| {
            let pb::StreamDecideRequest { item } =
                message.map_err(|status| service.ended(status))?;
            let result = service.streamed(item);
            Ok(pb::StreamDecideResponse {
                result: Some(result),
            })
        });
        Ok(Response::new(Box::pin(results)))
    }

    async fn list_options(
        &self,
        request: Request<pb::ListOptionsRequest>,
    ) -> Result<Response<pb::ListOptionsResponse>, Status> {
        let catalog = self.catalog.current();
        let now = self.clock.now();
        let reply = guarded(|| answer::list_options(&catalog, request.get_ref(), now))?;
        Ok(Response::new(reply))
    }
}

impl<C: Clock> Decisions<C> {
    /// Says why a stream ends before its sender is done. The transport's own
    /// OUT_OF_RANGE means a message above the limit.
    fn ended(&self, status: Status) -> Status {
        match status.code() {
            tonic::Code::OutOfRange => CallError::MessageTooLarge {
                limit: self.message_bytes,
            }
            .into(),
            _ => status,
        }
    }

    /// Decides an item of a stream, which also answers for its own id.
    fn streamed(&self, item: Option<pb::BatchItem>) -> pb::ItemResult {
        let Some(item) = item else {
            let missing = Violation::new("item", ViolationKind::Required, "is not set");
            return refused(String::new(), CallError::Invalid(vec![missing]));
        };
        if let Some(wrong) = wrong_id("item.item_id", &item.item_id) {
            return refused(item.item_id, CallError::Invalid(vec![wrong]));
        }
        decide_item(&self.catalog.current(), item, self.clock.now())
    }
}

/// Checks what makes a batch as a whole unanswerable: results without ids of
/// their own could not be told apart.
fn check_batch(items: &[pb::BatchItem]) -> Result<(), CallError> {
    let mut violations = Vec::new();
    if items.is_empty() {
        let why = format!("is empty; give 1 to {MAX_BATCH_ITEMS} items");
        violations.push(Violation::new("items", ViolationKind::Required, why));
    }
    if items.len() > MAX_BATCH_ITEMS {
        let why = format!(
            "has {} entries; at most {MAX_BATCH_ITEMS} are allowed",
            items.len()
        );
        violations.push(Violation::new("items", ViolationKind::TooMany, why));
        return Err(CallError::Invalid(violations));
    }
    let mut seen = BTreeSet::new();
    for (place, item) in items.iter().enumerate() {
        let field = format!("items[{place}].item_id");
        if let Some(wrong) = wrong_id(&field, &item.item_id) {
            violations.push(wrong);
        } else if !seen.insert(&item.item_id) {
            let why = format!("`{}` stands twice; give each its own id", item.item_id);
            violations.push(Violation::new(field, ViolationKind::Duplicate, why));
        }
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(CallError::Invalid(violations))
    }
}

fn wrong_id(field: &str, id: &str) -> Option<Violation> {
    match CallerId::new(id) {
        Ok(_) => None,
        Err(InvalidId::Empty) => Some(Violation::new(
            field,
            ViolationKind::Required,
            "is not set; give your own id of it",
        )),
        Err(why @ (InvalidId::TooLong | InvalidId::Form)) => Some(Violation::new(
            field,
            ViolationKind::InvalidText,
            why.to_string(),
        )),
    }
}

fn decide_item(catalog: &Arc<Catalog>, item: pb::BatchItem, now: Instant) -> pb::ItemResult {
    let pb::BatchItem {
        item_id,
        decide: message,
    } = item;
    let Some(message) = message else {
        let why = "is not set; say what to decide";
        let missing = Violation::new("decide", ViolationKind::Required, why);
        return refused(item_id, CallError::Invalid(vec![missing]));
    };
    match decide(catalog, message, now) {
        Ok(verdict) => pb::ItemResult {
            item_id,
            result: Some(item_result::Result::Verdict(verdict)),
        },
        Err(error) => refused(item_id, error),
    }
}

fn refused(item_id: String, error: CallError) -> pb::ItemResult {
    pb::ItemResult {
        item_id,
        result: Some(item_result::Result::Error(error.into_item())),
    }
}

/// Decides one request and logs that it was decided, or why not.
fn decide(
    catalog: &Catalog,
    message: pb::DecideRequest,
    now: Instant,
) -> Result<pb::Verdict, CallError> {
    let watch = Stopwatch::start();
    let answer = guarded(|| answer::decide(catalog, &message, now));
    match &answer {
        Ok(verdict) => log(verdict, watch.elapsed()),
        Err(error) => tracing::debug!(reason = error.reason().as_str_name(), "refusal"),
    }
    answer
}

/// Writes one line for a decision: ids that the caller chose, and no facts.
fn log(verdict: &pb::Verdict, latency: Duration) {
    let receipt = verdict.receipt.as_ref();
    tracing::info!(
        claim_id = verdict.claim_id,
        order_id = verdict.order_id,
        policy = receipt.map(|r| r.policy.as_str()),
        revision = receipt.map(|r| r.revision.as_str()),
        outcome = verdict.outcome().as_str_name(),
        latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX),
        "decision"
    );
}

/// Measures how long a decision takes.
struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "latency is logged and decides nothing"
    )]
    fn start() -> Self {
        Self(std::time::Instant::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
