//! The services: reads the clock, asks [`crate::wire::answer`], writes the log.

mod account;
mod caller;
mod calls;
mod catalog;
mod cooperative;
mod decisions;
mod observer;
mod policies;
mod principal;
mod recorder;

pub use account::Account;
pub use caller::Caller;
pub use catalog::{CatalogHandle, InUse, Rejected};
pub use decisions::Decisions;
pub use observer::{CallSummary, Method, Observer, Unobserved, VerdictSummary};
pub use policies::Policies;
pub use principal::Principal;
pub use recorder::{Record, Recorder};

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::domain::time::Instant;
use crate::rpc::status::CallError;

/// Runs one decision; a panic, which is a fault of ours, costs that decision and
/// neither its batch nor the connection.
fn guarded<T>(decision: impl FnOnce() -> Result<T, CallError>) -> Result<T, CallError> {
    // Sound to go on after: a decision changes nothing that outlives it.
    catch_unwind(AssertUnwindSafe(decision)).unwrap_or_else(|_| {
        tracing::error!("fault");
        Err(CallError::Internal)
    })
}

/// Tells what counts as now. It is asked once for each call.
pub trait Clock: Clone + Send + Sync + 'static {
    /// Returns the instant that counts as now.
    fn now(&self) -> Instant;
}

/// Tells the time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock: a request without an instant is made now"
    )]
    fn now(&self) -> Instant {
        Instant::from_system(std::time::SystemTime::now())
    }
}

/// Tells an instant that never moves, for tests and replays.
#[derive(Clone, Copy, Debug)]
pub struct PinnedClock(pub Instant);

impl Clock for PinnedClock {
    fn now(&self) -> Instant {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_fault_of_the_server() {
        let faulty = || -> Result<(), CallError> { panic!("on purpose") };
        assert_eq!(guarded(faulty), Err(CallError::Internal));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }
}
