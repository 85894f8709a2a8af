//! `DecisionService`: one request, a batch, a stream, and the options.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use redress_client::pb;
use tokio::sync::Semaphore;
use tokio_stream::StreamExt;
use tonic::{Status, Streaming};

use super::calls::ReplyStream;
use super::cooperative::{CooperativeStream, ITEMS_AT_ONCE, run_cooperatively};
use super::{
    Account, CallSummary, Caller, CatalogHandle, Clock, Method, Observer, Principal, Record,
    Recorder, SystemClock, Unobserved, VerdictSummary, guarded,
};
use crate::domain::limits::MAX_BATCH_ITEMS;
use crate::domain::path::At;
use crate::domain::printable::printable;
use crate::domain::time::Instant;
use crate::domain::violation::{Violation, ViolationKind, Violations};
use crate::engine::Budget;
use crate::policy::catalog::Catalog;
use crate::rpc::status::CallError;
use crate::wire::answer::{self, Decided};
use crate::wire::enums::Wire;
use crate::wire::reply::{
    BatchReply, DecideReply, EncodedVerdict, ItemReply, OptionsReply, StreamReply,
};

/// The limit of messages unless another is set, as everywhere with this transport.
const DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// Serves decisions.
#[derive(Clone, Debug)]
pub struct Decisions<C = SystemClock> {
    catalog: CatalogHandle,
    clock: C,
    observer: Arc<dyn Observer>,
    /// Who keeps a record of decisions; `None`: nobody.
    recorder: Option<Arc<dyn Recorder>>,
    /// Who makes the call that is answered; `None`: nobody says.
    caller: Option<Arc<Caller>>,
    /// Who that is by its credentials; `None`: nobody has to say.
    principal: Option<Arc<Principal>>,
    /// The work that it may have done; `None`: as much as there is.
    account: Option<Arc<Account>>,
    /// Permits of decisions that take long.
    long: Arc<Semaphore>,
    pub(super) message_bytes: usize,
    pub(super) reply_bytes: usize,
}

impl<C: Clock> Decisions<C> {
    /// Serves decisions by these policies and this clock.
    pub fn new(catalog: CatalogHandle, clock: C) -> Self {
        Self {
            catalog,
            clock,
            observer: Arc::new(Unobserved),
            recorder: None,
            caller: None,
            principal: None,
            account: None,
            long: Arc::new(Semaphore::new(1)),
            message_bytes: DEFAULT_MESSAGE_BYTES,
            reply_bytes: usize::MAX,
        }
    }

    /// Answers one call.
    pub(super) fn called_by(
        &self,
        caller: Option<Arc<Caller>>,
        principal: Option<Arc<Principal>>,
        account: Option<Arc<Account>>,
    ) -> Self {
        Self {
            caller,
            principal,
            account,
            ..self.clone()
        }
    }

    /// Tells of every request.
    #[must_use]
    pub fn observer(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// Keeps a record of every decision; `None`: of none.
    #[must_use]
    pub fn recorder(self, recorder: Option<Arc<dyn Recorder>>) -> Self {
        Self { recorder, ..self }
    }

    /// Works on so many decisions at once that take more than some milliseconds, each on a
    /// thread of its own; on one unless it is set.
    #[must_use]
    pub fn long_decisions(self, count: NonZeroUsize) -> Self {
        let count = count.get().min(Semaphore::MAX_PERMITS);
        Self {
            long: Arc::new(Semaphore::new(count)),
            ..self
        }
    }

    /// Refuses messages with more bytes.
    #[must_use]
    pub fn message_bytes(self, message_bytes: usize) -> Self {
        Self {
            message_bytes,
            ..self
        }
    }

    /// Sends no reply with more bytes; without a limit unless it is set.
    #[must_use]
    pub fn reply_bytes(self, reply_bytes: usize) -> Self {
        Self {
            reply_bytes,
            ..self
        }
    }
}

/// The calls.
impl<C: Clock> Decisions<C> {
    /// Decides one request.
    pub(super) async fn decide(&self, message: pb::DecideRequest) -> Result<DecideReply, Status> {
        let (catalog, now) = (self.catalog.current(), self.clock.now());
        let verdict = self
            .decide_by(&catalog, Method::Decide, message, now)
            .await?;
        Ok(verdict.into())
    }

    /// Decides the items of a batch in their order.
    pub(super) async fn batch_decide(
        &self,
        batch: pb::BatchDecideRequest,
    ) -> Result<BatchReply, Status> {
        let pb::BatchDecideRequest { items } = batch;
        check_batch(&items).inspect_err(|error| self.refused(Method::BatchDecide, error))?;
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
            let result = self.decide_item(&catalog, Method::BatchDecide, item, now);
            results.push(result.await);
        }
        Ok(BatchReply { results })
    }

    /// Decides the items of a stream as they arrive.
    pub(super) fn stream_decide(&self, items: Streaming<pb::StreamDecideRequest>) -> ReplyStream {
        let service = self.clone();
        // An item is read when its predecessor's result was taken, so that a slow
        // reader slows the sender and nothing piles up here. What is there at once
        // is decided at once: the transport sends such results together.
        Box::pin(CooperativeStream::new(items).then(move |message| {
            let service = service.clone();
            async move {
                let pb::StreamDecideRequest { item } =
                    message.map_err(|status| service.ended(status))?;
                let result = Some(service.streamed(item).await);
                Ok(StreamReply { result })
            }
        }))
    }

    /// Lists what is possible with an order.
    pub(super) async fn list_options(
        &self,
        message: pb::ListOptionsRequest,
    ) -> Result<OptionsReply, Status> {
        let (catalog, now) = (self.catalog.current(), self.clock.now());
        self.check(Method::ListOptions, &message.policy)?;
        let watch = Stopwatch::start();
        let view = message.view();
        let given = (catalog, message, self.account.clone());
        let work = move |(catalog, message, account): &ToList, budget: &Budget<'_>| {
            charged(account.as_deref(), budget, |budget| {
                guarded(|| answer::list_options(catalog, message, now, budget))
            })
        };
        let listed = run_cooperatively(&self.long, given, work);
        let listed = listed.await;
        match &listed {
            Ok(_) => self.observer.listed(CallSummary {
                method: Method::ListOptions,
                view,
                latency: watch.elapsed(),
            }),
            Err(error) => self.refused(Method::ListOptions, error),
        }
        Ok(listed?)
    }
}

impl<C: Clock> Decisions<C> {
    /// Says why a stream ends before its sender is done.
    fn ended(&self, status: Status) -> Status {
        CallError::of_transport(&status, self.message_bytes).map_or(status, Status::from)
    }

    /// Decides an item of a stream, which also answers for its own id.
    async fn streamed(&self, item: Option<pb::BatchItem>) -> ItemReply {
        let Some(item) = item else {
            let missing = Violation::new("item", ViolationKind::Required, "is not set");
            return self.refused_item(Method::StreamDecide, String::new(), missing);
        };
        let mut wrong = Violations::default();
        wrong.check_id("item.item_id", &item.item_id);
        if let Some(wrong) = wrong.into_vec().pop() {
            return self.refused_item(Method::StreamDecide, item.item_id, wrong);
        }
        let (catalog, now) = (self.catalog.current(), self.clock.now());
        self.decide_item(&catalog, Method::StreamDecide, item, now)
            .await
    }

    /// Decides an item of a batch or a stream.
    async fn decide_item(
        &self,
        catalog: &Arc<Catalog>,
        method: Method,
        item: pb::BatchItem,
        now: Instant,
    ) -> ItemReply {
        let pb::BatchItem {
            item_id,
            decide: message,
        } = item;
        let Some(message) = message else {
            let why = "is not set; say what to decide";
            let missing = Violation::new("decide", ViolationKind::Required, why);
            return self.refused_item(method, item_id, missing);
        };
        let decided = self.decide_by(catalog, method, message, now).await;
        ItemReply::new(item_id, decided)
    }

    /// Decides one request, and tells that it was decided, or why not.
    async fn decide_by(
        &self,
        catalog: &Arc<Catalog>,
        method: Method,
        message: pb::DecideRequest,
        now: Instant,
    ) -> Result<EncodedVerdict, CallError> {
        self.check(method, &message.policy)?;
        let watch = Stopwatch::start();
        let view = message.view();
        let listeners = Listeners {
            observer: Arc::clone(&self.observer),
            recorder: self.recorder.clone(),
            caller: self.caller.clone(),
            account: self.account.clone(),
        };
        let given = (Arc::clone(catalog), message, listeners);
        let work = move |(catalog, message, listeners): &Given, budget: &Budget<'_>| {
            if let Some(recorder) = &listeners.recorder {
                recorder.check()?;
            }
            let decided = charged(listeners.account.as_deref(), budget, |budget| {
                guarded(|| answer::decide(catalog, message, now, budget))
            })?;
            if let Some(recorder) = &listeners.recorder {
                recorder.record(Record {
                    now,
                    method,
                    caller: listeners.caller.as_deref(),
                    request: message,
                    verdict: &decided.verdict,
                })?;
            }
            let answered = CallSummary {
                method,
                view,
                latency: watch.elapsed(),
            };
            Ok(listeners.tell(decided, answered))
        };
        let decided = run_cooperatively(&self.long, given, work).await;
        if let Err(error) = &decided {
            self.refused(method, error);
        }
        decided
    }

    /// Refuses work while the caller is in debt, and a policy that it may not ask about.
    fn check(&self, method: Method, policy: &str) -> Result<(), CallError> {
        let account = self.account.as_deref();
        let checked = account.map_or(Ok(()), Account::check);
        let principal = self.principal.as_deref();
        let checked = checked.and_then(|()| principal.map_or(Ok(()), |p| p.check(policy)));
        checked.inspect_err(|error| self.refused(method, error))
    }

    fn refused_item(&self, method: Method, item_id: String, why: Violation) -> ItemReply {
        let error = CallError::Invalid(vec![why]);
        self.refused(method, &error);
        ItemReply::new(item_id, Err(error))
    }

    fn refused(&self, method: Method, error: &CallError) {
        let caller = self.caller.as_deref();
        self.observer.refused(method.name(), caller, error);
    }
}

/// Checks what makes a batch as a whole unanswerable: results without ids of
/// their own could not be told apart.
fn check_batch(items: &[pb::BatchItem]) -> Result<(), CallError> {
    let mut violations = Violations::default();
    let list = At::ROOT.field("items");
    if items.is_empty() {
        let why = format!("is empty; give 1 to {MAX_BATCH_ITEMS} items");
        violations.add(list, ViolationKind::Required, why);
    }
    let mut seen = BTreeSet::new();
    if violations.check_length(list, items.len(), MAX_BATCH_ITEMS) {
        for (index, item) in items.iter().enumerate() {
            let at = At::ROOT.element("items", index);
            let id = violations.check_id(at.field("item_id"), &item.item_id);
            if let Some(id) = id.filter(|id| !seen.insert(*id)) {
                violations.add_duplicate_id(at.field("item_id"), id);
            }
        }
    }
    violations.into_result().map_err(CallError::Invalid)
}

/// Works within a budget, and has somebody pay for the steps.
fn charged<T>(
    account: Option<&Account>,
    budget: &Budget<'_>,
    work: impl FnOnce(&Budget<'_>) -> T,
) -> T {
    let Some(account) = account else {
        return work(budget);
    };
    let steps = Cell::new(0);
    let done = work(&budget.metered(&steps));
    account.charge(steps.get());
    done
}

/// What options are listed from, and who pays for it.
type ToList = (Arc<Catalog>, pb::ListOptionsRequest, Option<Arc<Account>>);

/// What a decision is made from, and who is told of it.
type Given = (Arc<Catalog>, pb::DecideRequest, Listeners);

/// Who is told of a decision.
struct Listeners {
    observer: Arc<dyn Observer>,
    recorder: Option<Arc<dyn Recorder>>,
    caller: Option<Arc<Caller>>,
    /// Who pays for it.
    account: Option<Arc<Account>>,
}

impl Listeners {
    /// Tells of a decision, and writes one line for it: ids that the caller chose, escaped
    /// for whoever reads them on a terminal, and no facts.
    fn tell(&self, decided: Decided<'_>, answered: CallSummary) -> EncodedVerdict {
        let Decided {
            verdict,
            order_id,
            claim_id,
            policy,
            revision,
            outcome,
            missing,
        } = decided;
        let outcome = pb::Outcome::try_from(outcome.write()).unwrap_or_default();
        let told = VerdictSummary {
            policy,
            outcome,
            missing: &missing,
        };
        self.observer.decided(answered, told);
        let caller = self.caller.as_deref();
        tracing::info!(
            claim_id = &*printable(claim_id),
            order_id = &*printable(order_id),
            policy,
            revision,
            outcome = outcome.as_str_name(),
            caller = caller.and_then(|caller| caller.name.as_deref()),
            request_id = caller.and_then(|caller| caller.request_id.as_deref()),
            trace_id = caller.and_then(|caller| caller.trace_id.as_deref()),
            latency_us = u64::try_from(answered.latency.as_micros()).unwrap_or(u64::MAX),
            "decision"
        );
        verdict
    }
}

/// Measures how long a decision takes.
#[derive(Clone, Copy)]
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
