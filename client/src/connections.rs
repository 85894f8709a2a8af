//! Several connections to one server, shared out among calls.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Connections to one server. Clones share them.
///
/// A call takes the one with the fewest calls in flight, and of equals the first, so that
/// those behind it are only opened by calls that come together.
pub(crate) struct Connections<C>(Arc<Shared<C>>);

struct Shared<C> {
    first: Connection<C>,
    others: Vec<Connection<C>>,
}

struct Connection<C> {
    channel: C,
    in_flight: AtomicUsize,
}

impl<C: Clone> Connections<C> {
    /// Shares out the first connection and `others`.
    pub(crate) fn new(first: C, others: impl IntoIterator<Item = C>) -> Self {
        let connection = |channel| Connection {
            channel,
            in_flight: AtomicUsize::new(0),
        };
        Self(Arc::new(Shared {
            first: connection(first),
            others: others.into_iter().map(connection).collect(),
        }))
    }

    /// Returns the connection with the fewest calls in flight.
    fn least(&self) -> &Connection<C> {
        let calls = |connection: &&Connection<C>| connection.in_flight.load(Ordering::Relaxed);
        let Shared { first, others } = &*self.0;
        let least = others.iter().min_by_key(calls);
        least
            .filter(|least| calls(least) < calls(&first))
            .unwrap_or(first)
    }

    /// Returns a connection for calls that are not counted.
    pub(crate) fn uncounted(&self) -> C {
        self.least().channel.clone()
    }

    /// Calls on a connection, and counts the call until it ends or is dropped.
    pub(crate) async fn call<F: Future>(&self, call: impl FnOnce(C) -> F) -> F::Output {
        let connection = self.least();
        connection.in_flight.fetch_add(1, Ordering::Relaxed);
        let _counted = Counted(&connection.in_flight);
        call(connection.channel.clone()).await
    }
}

/// Counts a call for as long as it lives.
struct Counted<'c>(&'c AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Connections<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.others.len().saturating_add(1);
        f.debug_tuple("Connections").field(&count).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn calls_that_come_together_take_the_connection_with_the_fewest() {
        let connections = Connections::new(0, 1..3);
        let cx = &mut Context::from_waker(Waker::noop());
        let mut open = Vec::new();
        for wanted in [0, 1, 2, 0, 1] {
            assert_eq!(connections.uncounted(), wanted);
            let connections = connections.clone();
            let mut call = Box::pin(async move { connections.call(|_| pending::<()>()).await });
            assert!(call.as_mut().poll(cx).is_pending());
            open.push(call);
        }
        // The second connection loses both of its calls, whose callers have left.
        drop((open.remove(4), open.remove(1)));
        assert_eq!(connections.uncounted(), 1);
        drop(open);
        assert_eq!(connections.uncounted(), 0);
    }

    #[test]
    fn calls_one_after_another_stay_on_the_first_connection() {
        let connections = Connections::new("first", ["second"]);
        let cx = &mut Context::from_waker(Waker::noop());
        for _ in 0..3 {
            let call = pin!(connections.call(ready));
            assert_eq!(call.poll(cx), std::task::Poll::Ready("first"));
        }
    }
}
