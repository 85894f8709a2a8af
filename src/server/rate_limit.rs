//! Lines at a bounded rate: what many callers can cause does not fill a log.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines of one kind in one period; further ones are counted.
const LINES: u32 = 10;
/// The period.
const PERIOD: Duration = Duration::from_secs(1);

/// Lets so many lines through in each period.
#[derive(Debug, Default)]
pub(super) struct RateLimit(Mutex<Period>);

#[derive(Debug, Default)]
struct Period {
    began: Option<Instant>,
    lines: u32,
    suppressed: u64,
}

impl RateLimit {
    /// Lets a line through, with how many were not since the last one; `None`: there were
    /// enough.
    pub(super) fn pass(&self) -> Option<u64> {
        self.pass_at(now())
    }

    fn pass_at(&self, now: Instant) -> Option<u64> {
        let mut period = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |began| now.saturating_duration_since(began) >= PERIOD;
        if period.began.is_none_or(over) {
            (period.began, period.lines) = (Some(now), 0);
        }
        if period.lines >= LINES {
            period.suppressed = period.suppressed.saturating_add(1);
            return None;
        }
        period.lines = period.lines.saturating_add(1);
        Some(std::mem::take(&mut period.suppressed))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how often something is logged decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_the_rate_are_counted_and_told_with_the_next() {
        let (rate, began) = (RateLimit::default(), now());
        let passed = |at: Duration| (0..15).filter_map(|_| rate.pass_at(began + at)).collect();
        let first: Vec<u64> = passed(Duration::ZERO);
        assert_eq!(first, [0; 10]);
        assert_eq!(rate.pass_at(began + PERIOD - Duration::from_nanos(1)), None);
        let second: Vec<u64> = passed(PERIOD);
        assert_eq!(second, [6, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
