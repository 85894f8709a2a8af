//! Cooperative work: what decides many at once yields to other calls in between, and what
//! takes long moves to a thread of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::Semaphore;
use tokio::task::coop;
use tokio_stream::Stream;

use crate::engine::Budget;
use crate::rpc::status::CallError;

/// Items that are decided before the task yields: yielding costs about as
/// much as a decision, and so many take less than a tenth of a millisecond.
pub(super) const ITEMS_AT_ONCE: usize = 16;
/// What an item takes of the budget of 128 that a task has until it yields.
const BUDGET_OF_ITEM: usize = 128 / ITEMS_AT_ONCE;

/// Steps of a decision that are taken at once: some milliseconds. What takes longer goes
/// to a thread of its own, so that no other call waits for it.
const STEPS_INLINE: usize = 4_000;

/// Works on `given` within [`STEPS_INLINE`]; what takes more begins again on a thread of its
/// own, with all steps that a request may take, once `long` has a permit. There it stops
/// soon after the caller has left or its time is over.
pub(super) async fn run_cooperatively<G, T>(
    long: &Arc<Semaphore>,
    given: G,
    work: impl Fn(&G, &Budget<'_>) -> Result<T, CallError> + Send + 'static,
) -> Result<T, CallError>
where
    G: Send + 'static,
    T: Send + 'static,
{
    match work(&given, &Budget::of(STEPS_INLINE)) {
        Err(CallError::Stopped(_)) => {}
        done => return done,
    }
    // It is never closed.
    let permit = Arc::clone(long).acquire_owned().await;
    let left = Arc::new(AtomicBool::new(false));
    let _leaving = SetOnDrop(Arc::clone(&left));
    let apart = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let left = || left.load(Ordering::Relaxed);
        work(&given, &Budget::default().unless(&left))
    });
    apart.await.unwrap_or(Err(CallError::Internal))
}

/// Sets a flag when it is dropped: nobody waits for the work any more.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A stream that yields after so many items, however many have arrived: the
/// transport would go on for as long as it has room for results.
#[derive(Debug)]
pub struct CooperativeStream<S>(S);

impl<S> CooperativeStream<S> {
    /// Wraps a stream.
    pub(super) fn new(stream: S) -> Self {
        Self(stream)
    }
}

impl<S: Stream + Unpin> Stream for CooperativeStream<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        for _ in 0..BUDGET_OF_ITEM {
            ready!(coop::poll_proceed(cx)).made_progress();
        }
        Pin::new(&mut self.get_mut().0).poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A hundred items that are all there.
    struct Arrived(usize);

    impl Stream for Arrived {
        type Item = ();

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<()>> {
            self.0 += 1;
            Poll::Ready((self.0 <= 100).then_some(()))
        }
    }

    #[tokio::test]
    async fn a_stream_yields_after_some_items() {
        let turns = tokio::spawn(async {
            let mut stream = CooperativeStream::new(Arrived(0));
            let mut turns = Vec::new();
            poll_fn(|cx| {
                let mut items = 0;
                while let Poll::Ready(item) = Pin::new(&mut stream).poll_next(cx) {
                    if item.is_none() {
                        turns.push(items);
                        return Poll::Ready(());
                    }
                    items += 1;
                }
                turns.push(items);
                Poll::Pending
            })
            .await;
            turns
        });
        assert_eq!(turns.await.expect("no panic"), [16, 16, 16, 16, 16, 16, 4]);
    }
}
