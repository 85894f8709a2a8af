//! Work on many items at once, with results in the order of the items.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does some work on each item, on every processor; results come in the order of
/// the items, whichever was done first.
pub(super) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    map_on(processors.min(items.len()), items, work)
}

fn map_on<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    // Items differ in size: whoever is free takes the next one.
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut done: Vec<(usize, R)> = Vec::with_capacity(items.len());
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        done.append(&mut take());
        for other in others {
            match other.join() {
                Ok(mut theirs) => done.append(&mut theirs),
                Err(panic) => resume_unwind(panic),
            }
        }
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..1000).collect();
        for threads in [0, 1, 2, 7] {
            // The first items take longest.
            let work = |item: &u64| {
                let mut sum = *item;
                for n in 0..(1000 - item) * 20 {
                    sum = std::hint::black_box(sum ^ n ^ n);
                }
                sum
            };
            assert_eq!(map_on(threads, &items, work), items, "{threads} threads");
        }
        assert!(map(&[] as &[u64], |item| *item).is_empty());
    }

    #[test]
    fn a_panic_is_passed_on() {
        let work = |item: &i32| assert!(*item != 3, "item {item}");
        let result = std::panic::catch_unwind(|| map_on(2, &[1, 2, 3, 4], work));
        let panic = result.unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "item 3");
    }
}
