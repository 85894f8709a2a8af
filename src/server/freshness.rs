//! Whether the policies in use are those of their source, as far as is known: a server that
//! has not heard of its source for too long can say that it does not serve.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Notes that the source has confirmed the policies in use.
#[derive(Debug)]
pub struct Confirmed(watch::Sender<Instant>);

impl Confirmed {
    /// Begins with a source that confirmed them so long ago.
    pub fn before(age: Duration) -> Self {
        let now = Instant::now();
        Self(watch::Sender::new(now.checked_sub(age).unwrap_or(now)))
    }

    /// The source has confirmed them now.
    pub fn confirm(&self) {
        self.0.send_replace(Instant::now());
    }

    /// Tells whether that was longer ago than it may be.
    pub fn within(&self, max_age: Duration) -> Freshness {
        Freshness {
            confirmed: self.0.subscribe(),
            max_age,
        }
    }
}

/// Tells whether the source has confirmed the policies in use of late.
#[derive(Clone, Debug)]
pub struct Freshness {
    confirmed: watch::Receiver<Instant>,
    max_age: Duration,
}

impl Freshness {
    /// Whether the source has confirmed them of late.
    pub(super) fn is_fresh(&self) -> bool {
        let end = self.confirmed.borrow().checked_add(self.max_age);
        // A time that no clock reaches does not end.
        end.is_none_or(|end| end > Instant::now())
    }

    /// Waits until they are no longer fresh, or, where they are not, until they are again.
    /// Dropping the future loses nothing.
    pub(super) async fn turned(&mut self, is_fresh: bool) {
        loop {
            let confirmed = *self.confirmed.borrow_and_update();
            if self.is_fresh() != is_fresh {
                return;
            }
            let end = confirmed.checked_add(self.max_age);
            let ended = async {
                match end {
                    Some(end) if is_fresh => sleep_until(end).await,
                    _ => std::future::pending().await,
                }
            };
            let changed = async {
                // Policies that nobody confirms any more grow old all the same.
                if self.confirmed.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = changed => {}
                () = ended => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const MAX: Duration = Duration::from_secs(60);

    async fn has_turned(freshness: &mut Freshness, is_fresh: bool) -> bool {
        tokio::task::yield_now().await;
        freshness.turned(is_fresh).now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn policies_are_stale_when_nobody_confirms_them_and_fresh_again_when_somebody_does() {
        let confirmed = Confirmed::before(Duration::ZERO);
        let mut freshness = confirmed.within(MAX);
        tokio::time::advance(MAX / 2).await;
        assert!(!has_turned(&mut freshness, true).await);
        confirmed.confirm();
        tokio::time::advance(MAX / 2).await;
        assert!(!has_turned(&mut freshness, true).await);
        let began = Instant::now();
        freshness.turned(true).await;
        assert_eq!(began.elapsed().as_secs(), (MAX / 2).as_secs());
        assert!(!has_turned(&mut freshness, false).await);
        confirmed.confirm();
        assert!(has_turned(&mut freshness, false).await);
        assert!(!has_turned(&mut freshness, true).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_confirmed_before_the_start_is_as_old_as_it_is() {
        tokio::time::advance(MAX * 4).await;
        let confirmed = Confirmed::before(MAX * 2);
        assert!(!confirmed.within(MAX).is_fresh());
        assert!(has_turned(&mut confirmed.within(MAX), true).await);
        let mut young = confirmed.within(MAX * 3);
        assert!(young.is_fresh());
        assert!(!has_turned(&mut young, true).await);
    }

    #[tokio::test(start_paused = true)]
    async fn policies_grow_old_also_when_whoever_confirmed_them_is_gone() {
        let mut freshness = Confirmed::before(Duration::ZERO).within(MAX);
        assert!(!has_turned(&mut freshness, true).await);
        let began = Instant::now();
        freshness.turned(true).await;
        assert_eq!(began.elapsed().as_secs(), MAX.as_secs());
        assert!(!has_turned(&mut freshness, false).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_age_beyond_every_clock_does_not_end() {
        let confirmed = Confirmed::before(Duration::ZERO);
        let mut freshness = confirmed.within(Duration::MAX);
        assert!(freshness.is_fresh());
        assert!(!has_turned(&mut freshness, true).await);
    }
}
