//! Connections to one server or several, shared out among calls.

use std::fmt;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Connections to the addresses of a service. Clones share them.
///
/// A call takes the one with the fewest calls in flight; of equals the one that was opened
/// first, so that those behind it are only opened by calls that come together, with each
/// address in turn. An address that was not available is left alone for a while, unless
/// there is no other.
pub(crate) struct Connections<C>(Arc<Shared<C>>);

struct Shared<C> {
    first: Connection<C>,
    others: Vec<Connection<C>>,
    addresses: Vec<Address>,
    calls: AtomicUsize,
    began: Instant,
}

struct Connection<C> {
    channel: C,
    in_flight: AtomicUsize,
}

/// Milliseconds since [`Shared::began`] until which an address is left alone.
struct Address(AtomicU64);

impl<C: Clone> Connections<C> {
    /// Shares out channels of a number of addresses: the first of each address, then the
    /// second of each.
    pub(crate) fn new(addresses: usize, first: C, others: impl IntoIterator<Item = C>) -> Self {
        let connection = |channel| Connection {
            channel,
            in_flight: AtomicUsize::new(0),
        };
        let addresses = 0..addresses.max(1);
        Self(Arc::new(Shared {
            first: connection(first),
            others: others.into_iter().map(connection).collect(),
            addresses: addresses.map(|_| Address(AtomicU64::new(0))).collect(),
            calls: AtomicUsize::new(0),
            began: Instant::now(),
        }))
    }

    /// Takes a connection for a call.
    pub(crate) fn take(&self) -> Taken<'_, C> {
        let shared = &*self.0;
        let count = shared.addresses.len();
        let first = shared.calls.fetch_add(1, Ordering::Relaxed) % count;
        let now = shared.now();
        let order = |(index, connection): &(usize, &Connection<C>)| {
            (
                shared.left_alone_until(*index) > now,
                connection.in_flight.load(Ordering::Relaxed),
                index / count,
                // The turn of its address.
                (index % count + count - first) % count,
            )
        };
        let all = iter::once(&shared.first).chain(&shared.others);
        let least = all.enumerate().min_by_key(order);
        let (index, connection) = least.unwrap_or((0, &shared.first));
        connection.in_flight.fetch_add(1, Ordering::Relaxed);
        Taken {
            shared,
            connection,
            index,
        }
    }
}

impl<C> Shared<C> {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn address(&self, index: usize) -> Option<&Address> {
        self.addresses.get(index % self.addresses.len())
    }

    fn left_alone_until(&self, index: usize) -> u64 {
        self.address(index)
            .map_or(0, |address| address.0.load(Ordering::Relaxed))
    }
}

/// A connection that is counted as used by one call for as long as this lives.
pub(crate) struct Taken<'c, C> {
    shared: &'c Shared<C>,
    connection: &'c Connection<C>,
    index: usize,
}

impl<C: Clone> Taken<'_, C> {
    pub(crate) fn channel(&self) -> C {
        self.connection.channel.clone()
    }

    /// Leaves the address alone for a while.
    pub(crate) fn avoid(&self, wait: Duration) {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        if let Some(address) = self.shared.address(self.index) {
            let until = self.shared.now().saturating_add(wait);
            address.0.store(until, Ordering::Relaxed);
        }
    }
}

impl<C> Drop for Taken<'_, C> {
    fn drop(&mut self) {
        self.connection.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Connections<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connections")
            .field(&self.0.others.len().saturating_add(1))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_come_together_take_the_connection_with_the_fewest() {
        let connections = Connections::new(1, 0, 1..3);
        let mut open: Vec<_> = (0..5).map(|_| connections.take()).collect();
        let taken: Vec<i32> = open.iter().map(Taken::channel).collect();
        assert_eq!(taken, [0, 1, 2, 0, 1]);
        // The second connection loses both of its calls, whose callers have left.
        drop((open.remove(4), open.remove(1)));
        assert_eq!(connections.take().channel(), 1);
        drop(open);
        assert_eq!(connections.take().channel(), 0);
    }

    #[test]
    fn calls_one_after_another_stay_on_the_first_connection() {
        let connections = Connections::new(1, "first", ["second"]);
        for _ in 0..3 {
            assert_eq!(connections.take().channel(), "first");
        }
    }

    #[test]
    fn each_address_has_its_turn_before_a_second_connection_is_opened() {
        let connections = Connections::new(2, "a1", ["b1", "a2", "b2"]);
        for wanted in ["a1", "b1", "a1", "b1"] {
            assert_eq!(connections.take().channel(), wanted);
        }
        let open: Vec<_> = (0..4).map(|_| connections.take()).collect();
        let taken: Vec<&str> = open.iter().map(Taken::channel).collect();
        assert_eq!(taken, ["a1", "b1", "a2", "b2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_not_available_is_left_alone_for_a_while() {
        let connections = Connections::new(2, "a", ["b"]);
        let down = connections.take();
        down.avoid(Duration::from_secs(1));
        drop(down);
        let others: Vec<_> = (0..3).map(|_| connections.take().channel()).collect();
        assert_eq!(others, ["b"; 3]);
        tokio::time::advance(Duration::from_millis(1001)).await;
        let both: Vec<_> = (0..2).map(|_| connections.take().channel()).collect();
        assert_eq!(both, ["a", "b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_only_address_is_asked_again() {
        let connections = Connections::new(1, "a", []);
        connections.take().avoid(Duration::MAX);
        assert_eq!(connections.take().channel(), "a");
    }
}
