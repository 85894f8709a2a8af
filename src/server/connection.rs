//! What one connection holds: its part of the limit of connections, and the replies that
//! its peer has not taken yet.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::fair_share::Lease;
use super::metrics::Metrics;
use super::peers::Peer;

/// One connection, as its transport and its requests see it.
#[derive(Debug)]
pub struct Connection {
    peer: Arc<Peer>,
    /// Its part of the connections that there may be.
    _lease: Lease,
    /// Bytes of replies that the peer has not taken yet.
    unsent: AtomicUsize,
    unsent_limit: usize,
    generations: Generations,
    /// Requests that are not read while too much is unsent.
    waiting: Mutex<Vec<Waker>>,
    /// One batch of the connection is decided at a time.
    batch: Arc<Semaphore>,
    /// As many are of all connections.
    batches: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    /// SHA-256 of the peer's certificate, once it has shown one.
    certificate: OnceLock<[u8; 32]>,
}

impl Connection {
    /// Holds nothing yet. While its peer has not taken `unsent_limit` bytes of replies,
    /// no further request of it is read.
    pub(super) fn new(
        peer: Arc<Peer>,
        lease: Lease,
        batches: Arc<Semaphore>,
        unsent_limit: usize,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            peer,
            _lease: lease,
            unsent: AtomicUsize::new(0),
            unsent_limit,
            generations: Generations::default(),
            waiting: Mutex::default(),
            batch: Arc::new(Semaphore::new(1)),
            batches,
            metrics,
            certificate: OnceLock::new(),
        })
    }

    /// Returns who counts what becomes of it.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Notes the SHA-256 of the certificate that the peer has shown.
    pub(super) fn set_certificate(&self, digest: [u8; 32]) {
        // One handshake is made on a connection.
        let _ = self.certificate.set(digest);
    }

    /// Returns the SHA-256 of the peer's certificate; `None`: it has shown none.
    pub(super) fn certificate(&self) -> Option<[u8; 32]> {
        self.certificate.get().copied()
    }

    /// Returns who is at the other end.
    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Counts bytes of a reply until what is returned is dropped.
    pub(super) fn hold(self: &Arc<Self>, bytes: usize) -> UnsentBytes {
        self.unsent.fetch_add(bytes, Ordering::AcqRel);
        UnsentBytes {
            connection: Arc::clone(self),
            bytes,
            generation: self.generations.enter(),
            _lease: self.peer.unsent.take(bytes),
        }
    }

    /// Waits until the peer has taken enough of its replies.
    pub(super) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        if self.has_room() {
            return Poll::Ready(());
        }
        let mut waiting = self.waiting();
        // Who makes room wakes those who wait after that, so it is looked for again.
        if self.has_room() {
            return Poll::Ready(());
        }
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn has_room(&self) -> bool {
        self.unsent.load(Ordering::Acquire) < self.unsent_limit
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a batch may be decided: how large its reply becomes is known only in the
    /// end, so that few are decided at once.
    pub(super) fn batch_permit(&self) -> impl Future<Output = Option<BatchPermit>> + Send + use<> {
        let (batch, batches) = (Arc::clone(&self.batch), Arc::clone(&self.batches));
        async move {
            // Neither is ever closed.
            let own = batch.acquire_owned().await.ok()?;
            let of_all = batches.acquire_owned().await.ok()?;
            Some(BatchPermit {
                _own: own,
                _of_all: of_all,
            })
        }
    }

    /// Begins another generation of replies. Whether one is unsent that was there before the
    /// last began: then it has waited for a whole interval at least, and for two at most.
    pub(super) fn next_generation(&self) -> bool {
        self.generations.next()
    }
}

/// Lets one batch be decided; dropping it lets the next.
#[derive(Debug)]
pub(super) struct BatchPermit {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// Bytes of a reply that the peer has not taken yet; dropping it means that it has, or
/// never will.
#[derive(Debug)]
pub(super) struct UnsentBytes {
    connection: Arc<Connection>,
    bytes: usize,
    generation: Generation,
    _lease: Lease,
}

impl Drop for UnsentBytes {
    fn drop(&mut self) {
        let connection = &*self.connection;
        connection.generations.leave(self.generation);
        let before = connection.unsent.fetch_sub(self.bytes, Ordering::AcqRel);
        if before >= connection.unsent_limit && connection.has_room() {
            for waker in connection.waiting().drain(..) {
                waker.wake();
            }
        }
    }
}

/// Counts unsent replies by when they were put there, in the present generation or the
/// last: no clock is read for a reply.
#[derive(Debug, Default)]
struct Generations {
    even: AtomicUsize,
    odd: AtomicUsize,
    is_odd: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    Even,
    Odd,
}

impl Generations {
    fn present(&self) -> Generation {
        match self.is_odd.load(Ordering::Acquire) {
            false => Generation::Even,
            true => Generation::Odd,
        }
    }

    fn count(&self, generation: Generation) -> &AtomicUsize {
        match generation {
            Generation::Even => &self.even,
            Generation::Odd => &self.odd,
        }
    }

    fn enter(&self) -> Generation {
        let generation = self.present();
        self.count(generation).fetch_add(1, Ordering::AcqRel);
        generation
    }

    fn leave(&self, generation: Generation) {
        self.count(generation).fetch_sub(1, Ordering::AcqRel);
    }

    fn next(&self) -> bool {
        let last = match self.present() {
            Generation::Even => Generation::Odd,
            Generation::Odd => Generation::Even,
        };
        if self.count(last).load(Ordering::Acquire) > 0 {
            return true;
        }
        self.is_odd
            .store(last == Generation::Odd, Ordering::Release);
        false
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::server::config::Limits;
    use crate::server::peers::Peers;

    fn connection(unsent_limit: usize) -> Arc<Connection> {
        let peers = Peers::new(Limits {
            connection_unsent_bytes: unsent_limit,
            ..Limits::default()
        });
        peers.connect(Ipv4Addr::LOCALHOST.into()).expect("room")
    }

    #[test]
    fn what_stays_for_two_generations_has_stalled() {
        let connection = connection(1);
        assert!(!connection.next_generation(), "nothing is unsent");
        let first = connection.hold(1);
        assert!(!connection.next_generation(), "it came in this generation");
        let second = connection.hold(1);
        assert!(
            connection.next_generation(),
            "it came before the last began"
        );
        drop(first);
        assert!(
            !connection.next_generation(),
            "the second came in this generation"
        );
        assert!(connection.next_generation());
        drop(second);
        assert!(!connection.next_generation());
    }

    #[test]
    fn whoever_waits_for_room_is_woken_when_there_is_some() {
        struct Flag(AtomicBool);
        impl std::task::Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Release);
            }
        }
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let cx = Context::from_waker(&waker);
        let connection = connection(10);
        let large = connection.hold(10);
        let small = connection.hold(5);
        assert!(connection.poll_room(&cx).is_pending());
        assert!(connection.poll_room(&cx).is_pending());
        drop(small);
        assert!(!flag.0.load(Ordering::Acquire), "10 bytes still wait");
        drop(large);
        assert!(flag.0.load(Ordering::Acquire));
        assert!(connection.poll_room(&cx).is_ready());
    }

    #[tokio::test]
    async fn batches_of_a_connection_are_decided_one_by_one() {
        let connection = connection(1);
        let first = connection.batch_permit().await.expect("a permit");
        let mut second = std::pin::pin!(connection.batch_permit());
        tokio::select! {
            biased;
            _ = &mut second => panic!("two are decided at once"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        assert!(second.await.is_some());
    }
}
