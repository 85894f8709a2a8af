//! What callers share: connections, requests in work, bytes of replies.
//!
//! A caller may hold as much as is left for others: alone half of all there is, and
//! where many take what they can, each as much as remains for one more. It is the
//! dynamic threshold by which switches share their buffers (Choudhury and Hahne, 1998),
//! and needs no number of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what all callers hold of something limited.
#[derive(Debug)]
pub struct Pool {
    limit: usize,
    taken: AtomicUsize,
}

impl Pool {
    /// Returns how much all callers hold.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Creates a pool that holds so much.
    pub fn new(limit: usize) -> Arc<Self> {
        let taken = AtomicUsize::new(0);
        Arc::new(Self { limit, taken })
    }
}

/// Counts what one caller holds of a pool.
#[derive(Debug)]
pub struct Share {
    pool: Arc<Pool>,
    held: AtomicUsize,
}

impl Share {
    /// Creates the share of a caller that holds nothing.
    pub fn of(pool: &Arc<Pool>) -> Arc<Self> {
        Arc::new(Self {
            pool: Arc::clone(pool),
            held: AtomicUsize::new(0),
        })
    }

    /// Returns how much the pool holds.
    pub fn limit(&self) -> usize {
        self.pool.limit
    }

    /// Whether the caller may take more.
    pub fn has_room(&self) -> bool {
        self.allows(
            self.held.load(Ordering::Relaxed),
            self.pool.taken.load(Ordering::Relaxed),
        )
    }

    /// Takes one, if the caller may take more.
    pub fn try_take(self: &Arc<Self>) -> Option<Lease> {
        // One that is refused counts while it is, so that a refusal may come early in a
        // storm of them and never late.
        let (held, taken) = self.add(1);
        let lease = Lease {
            share: Arc::clone(self),
            amount: 1,
        };
        self.allows(held, taken).then_some(lease)
    }

    /// Takes so much in any case: it is there already.
    pub fn take(self: &Arc<Self>, amount: usize) -> Lease {
        self.add(amount);
        Lease {
            share: Arc::clone(self),
            amount,
        }
    }

    /// Returns what the caller and all of them held before.
    fn add(&self, amount: usize) -> (usize, usize) {
        let taken = self.pool.taken.fetch_add(amount, Ordering::Relaxed);
        (self.held.fetch_add(amount, Ordering::Relaxed), taken)
    }

    fn allows(&self, held: usize, taken: usize) -> bool {
        held < self.pool.limit.saturating_sub(taken)
    }
}

/// What a caller has taken; dropping it gives it back.
#[derive(Debug)]
pub struct Lease {
    share: Arc<Share>,
    amount: usize,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Share { pool, held } = &*self.share;
        held.fetch_sub(self.amount, Ordering::Relaxed);
        pool.taken.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes until nothing is given any more.
    fn fill(share: &Arc<Share>) -> Vec<Lease> {
        std::iter::from_fn(|| share.try_take()).collect()
    }

    #[test]
    fn a_pool_of_one_is_for_one() {
        let pool = Pool::new(1);
        let share = Share::of(&pool);
        let lease = share.try_take();
        assert!(lease.is_some());
        assert!(!share.has_room() && share.try_take().is_none());
        assert!(Share::of(&pool).try_take().is_none());
        drop(lease);
        assert!(share.has_room() && share.try_take().is_some());
    }

    #[test]
    fn an_empty_pool_has_nothing() {
        assert!(Share::of(&Pool::new(0)).try_take().is_none());
    }

    #[test]
    fn greedy_callers_leave_as_much_as_each_has() {
        // 1024 = (n + 1) * each, rounded: 512, 341 and 128.
        for (callers, wanted) in [(1, 512), (2, 342), (7, 128)] {
            let pool = Pool::new(1024);
            let shares: Vec<Arc<Share>> = (0..callers).map(|_| Share::of(&pool)).collect();
            let mut leases = Vec::new();
            loop {
                let before = leases.len();
                // In turns, as they come.
                leases.extend(shares.iter().filter_map(Share::try_take));
                if leases.len() == before {
                    break;
                }
            }
            assert!(
                leases.len() <= callers * wanted,
                "{callers}: {}",
                leases.len()
            );
            let left = 1024 - leases.len();
            assert!(
                left.abs_diff(wanted) <= callers,
                "{callers}: {left} are left"
            );
            // One who comes later finds half of that.
            assert_eq!(fill(&Share::of(&pool)).len(), left.div_ceil(2), "{callers}");
        }
    }

    #[test]
    fn what_is_there_already_counts_above_the_limit() {
        let pool = Pool::new(10);
        let (one, other) = (Share::of(&pool), Share::of(&pool));
        let lease = one.take(12);
        assert!(!one.has_room() && !other.has_room());
        drop(lease);
        let small = one.take(4);
        assert!(one.has_room(), "it has 4 and 6 are left");
        let more = one.take(1);
        assert!(!one.has_room() && other.has_room());
        drop((small, more));
        assert_eq!(fill(&one).len(), 5);
    }
}
