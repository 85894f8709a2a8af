//! Work that gives way: what decides many at once lets other calls of its thread
//! have their turn in between.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::sync::Semaphore;
use tokio::task::coop;
use tokio_stream::Stream;

use crate::engine::Budget;
use crate::rpc::status::CallError;

/// Items that are decided before others get their turn: a turn costs about as
/// much as a decision, and so many take less than a tenth of a millisecond.
pub(super) const ITEMS_AT_ONCE: usize = 16;
/// What an item takes of the budget of 128 that a task has for one turn.
const BUDGET_OF_ITEM: usize = 128 / ITEMS_AT_ONCE;

/// Steps of a decision that are taken at once: some milliseconds. What takes longer goes
/// to a thread of its own, so that no other call waits for it.
const STEPS_IN_TURN: usize = 4_000;

/// Works on what is given within the steps of a turn; what takes more begins again on a
/// thread of its own, with all steps that a request may take, once there is room among
/// the `long` ones. There it stops soon after nobody waits for it any more: the caller has
/// left, or its time is over.
pub(super) async fn in_turn<G, T>(
    long: &Arc<Semaphore>,
    given: G,
    work: impl Fn(&G, &Budget<'_>) -> Result<T, CallError> + Send + 'static,
) -> Result<T, CallError>
where
    G: Send + 'static,
    T: Send + 'static,
{
    match work(&given, &Budget::of(STEPS_IN_TURN)) {
        Err(CallError::Stopped(_)) => {}
        done => return done,
    }
    // It is never closed.
    let room = Arc::clone(long).acquire_owned().await;
    let left = Arc::new(AtomicBool::new(false));
    let _leaving = Leaving(Arc::clone(&left));
    let apart = tokio::task::spawn_blocking(move || {
        let _room = room;
        let left = || left.load(Ordering::Relaxed);
        work(&given, &Budget::default().unless(&left))
    });
    apart.await.unwrap_or(Err(CallError::Internal))
}

/// Tells work that nobody waits for it any more.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A stream that gives way after so many items, however many have arrived: the
/// transport would go on for as long as it has room for results.
#[derive(Debug)]
pub struct InTurns<S>(S);

impl<S> InTurns<S> {
    /// Lets a stream give way.
    pub(super) fn new(stream: S) -> Self {
        Self(stream)
    }
}

impl<S: Stream + Unpin> Stream for InTurns<S> {
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
    async fn others_get_their_turn_after_some_items() {
        let turns = tokio::spawn(async {
            let mut stream = InTurns::new(Arrived(0));
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
