//! What is told of decisions to whoever keeps a record of them.

use std::fmt;

use redress_client::pb;

use super::{Caller, Method};
use crate::domain::time::Instant;
use crate::rpc::status::CallError;
use crate::wire::reply::EncodedVerdict;

/// A decision, before its caller gets it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What counted as now.
    pub now: Instant,
    /// The call.
    pub method: Method,
    /// Who made it; `None`: nobody says.
    pub caller: Option<&'a Caller>,
    /// What was asked.
    pub request: &'a pb::DecideRequest,
    /// What was decided.
    pub verdict: &'a EncodedVerdict,
}

/// Keeps a record of every decision. It is called by the thread that decides and must not
/// block.
pub trait Recorder: fmt::Debug + Send + Sync + 'static {
    /// Looks whether a decision could be recorded, before it is made.
    ///
    /// # Errors
    /// It could not, and must be.
    fn check(&self) -> Result<(), CallError>;

    /// Records a decision.
    ///
    /// # Errors
    /// It could not be recorded, and must be: its caller does not get it.
    fn record(&self, record: Record<'_>) -> Result<(), CallError>;
}
