//! The work that one caller may have done in a time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::rpc::status::CallError;

/// Steps that a request counts beside those that it takes: a message is read, and a reply
/// written.
const REQUEST_STEPS: u64 = 10;
/// The longest that a caller in debt is told to wait.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Parts of a step in which the rest of a caller is counted, so that nothing is lost between
/// two calls: one a microsecond, at one step a second.
const PARTS: u64 = 1_000_000;

/// Steps of work that a caller may have done each second. Those of one second can be saved
/// up. What a request takes is known when it was worked on, so that a caller can come into
/// debt by one request, and waits until it is paid.
#[derive(Debug)]
pub struct Account {
    steps_per_second: u64,
    left: Mutex<Left>,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    /// Parts of steps; below zero: debt.
    parts: i64,
    at: Instant,
}

impl Account {
    /// Begins with the steps of a second.
    pub fn new(steps_per_second: u64) -> Self {
        let left = Left {
            parts: parts(steps_per_second),
            at: now(),
        };
        Self {
            steps_per_second,
            left: Mutex::new(left),
        }
    }

    /// Refuses work while there is debt.
    ///
    /// # Errors
    /// There is: [`CallError::QuotaExceeded`].
    pub fn check(&self) -> Result<(), CallError> {
        self.check_at(now())
    }

    /// Takes the steps of a request off what is left.
    pub(super) fn charge(&self, steps: usize) {
        self.charge_at(now(), steps);
    }

    /// Whether the caller has as much as one that never called.
    pub fn is_full(&self) -> bool {
        self.take_at(now(), 0) == parts(self.steps_per_second)
    }

    fn check_at(&self, now: Instant) -> Result<(), CallError> {
        let parts = self.take_at(now, 0);
        if parts > 0 {
            return Ok(());
        }
        let debt = parts.unsigned_abs().saturating_add(1);
        let wait = Duration::from_micros(debt.div_ceil(self.steps_per_second.max(1)));
        Err(CallError::QuotaExceeded {
            limit: self.steps_per_second,
            wait: wait.min(MAX_WAIT),
        })
    }

    fn charge_at(&self, now: Instant, steps: usize) {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.take_at(now, parts(steps.saturating_add(REQUEST_STEPS)));
    }

    /// Adds what the time since the last look brings, takes parts of steps off, and returns
    /// what is left.
    fn take_at(&self, now: Instant, taken: i64) -> i64 {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = now.saturating_duration_since(left.at).as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        // Steps a second are parts a microsecond.
        let more = micros.saturating_mul(self.steps_per_second);
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        let full = parts(self.steps_per_second);
        left.parts = left.parts.saturating_add(more).min(full);
        left.parts = left.parts.saturating_sub(taken);
        left.at = now.max(left.at);
        left.parts
    }
}

fn parts(steps: u64) -> i64 {
    i64::try_from(steps.saturating_mul(PARTS)).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much work a caller may have done decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 1000;

    fn wait(account: &Account, at: Instant) -> Option<Duration> {
        match account.check_at(at) {
            Ok(()) => None,
            Err(CallError::QuotaExceeded { limit, wait }) => {
                assert_eq!(limit, RATE);
                Some(wait)
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_caller_in_debt_waits_until_it_is_paid() {
        let (account, begin) = (Account::new(RATE), now());
        let after = |millis| begin + Duration::from_millis(millis);
        assert!(account.is_full());
        // The steps of a second and 490 more, and 10 for the request.
        account.charge_at(begin, 1490);
        assert!(!account.is_full());
        let told = wait(&account, after(0)).expect("debt");
        let about = Duration::from_millis(500);
        assert!(told.abs_diff(about) < Duration::from_millis(50), "{told:?}");
        assert!(wait(&account, after(400)).is_some());
        assert_eq!(wait(&account, after(600)), None);
        // No more than the steps of a second are saved up.
        account.charge_at(after(60_000), 1100);
        assert!(wait(&account, after(60_000)).is_some());
    }

    #[test]
    fn what_a_request_takes_beside_its_steps_counts() {
        let (account, begin) = (Account::new(RATE), now());
        for _ in 0..RATE / REQUEST_STEPS - 1 {
            account.charge_at(begin, 0);
        }
        assert_eq!(wait(&account, begin), None);
        account.charge_at(begin, 0);
        account.charge_at(begin, 0);
        assert!(wait(&account, begin).is_some());
    }
}
