//! What is told of calls to whoever counts them.

use std::fmt;
use std::time::Duration;

use redress_client::pb;

use super::Caller;
use crate::rpc::status::CallError;

/// Names the calls that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `Decide`.
    Decide,
    /// `BatchDecide`.
    BatchDecide,
    /// `StreamDecide`.
    StreamDecide,
    /// `ListOptions`.
    ListOptions,
}

impl Method {
    /// Returns its name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decide => "Decide",
            Self::BatchDecide => "BatchDecide",
            Self::StreamDecide => "StreamDecide",
            Self::ListOptions => "ListOptions",
        }
    }
}

/// One request that was answered: a call, or an item of one.
#[derive(Clone, Copy, Debug)]
pub struct CallSummary {
    /// The call.
    pub method: Method,
    /// How much the reply holds.
    pub view: pb::View,
    /// How long it took.
    pub latency: Duration,
}

/// What was decided.
#[derive(Clone, Copy, Debug)]
pub struct VerdictSummary<'a> {
    /// The policy.
    pub policy: &'a str,
    /// The outcome.
    pub outcome: pb::Outcome,
    /// The facts that it asks for, each as often as it is asked for.
    pub missing: &'a [&'static str],
}

/// Is told of every request. It is called by the thread that decides and must not block.
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// A request was decided.
    fn decided(&self, answered: CallSummary, verdict: VerdictSummary<'_>);

    /// Options were listed.
    fn listed(&self, answered: CallSummary);

    /// A request was refused, as a call or as an item of one.
    fn refused(&self, method: &'static str, caller: Option<&Caller>, error: &CallError);
}

/// Counts nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn decided(&self, _: CallSummary, _: VerdictSummary<'_>) {}

    fn listed(&self, _: CallSummary) {}

    fn refused(&self, _: &'static str, _: Option<&Caller>, _: &CallError) {}
}
