//! Latency at a fixed rate: a call is due when the schedule says so, whether or
//! not earlier ones are answered, and is timed from when it was due. A server
//! that stalls is charged for all the calls that it made wait.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::load::Connection;

/// Connections that the calls take turns on.
const CONNECTIONS: usize = 8;
/// Part of the slice that is left out at its beginning.
const WARM_UP: f64 = 0.2;

/// Microseconds below which so many of a slice's calls stay.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    /// Half of them.
    pub p50: f64,
    /// All but one in a hundred.
    pub p99: f64,
    /// All but one in a thousand.
    pub p999: f64,
}

/// Calls at a rate for a slice of time.
pub async fn latency(
    address: SocketAddr,
    rate: f64,
    slice: Duration,
    (path, body): (&'static str, &Bytes),
) -> Latency {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(address).await);
    }
    // A microsecond to ten seconds, three digits, in nanoseconds.
    let histogram = Histogram::<u64>::new_with_bounds(1_000, 10_000_000_000, 3);
    let histogram = Arc::new(Mutex::new(histogram.expect("bounds")));
    let start = Instant::now();
    let counted_from = start + slice.mul_f64(WARM_UP);
    let mut calls = JoinSet::new();
    for (number, connection) in (0_u32..).zip(connections.iter().cycle()) {
        let offset = Duration::from_secs_f64(f64::from(number) / rate);
        if offset >= slice {
            break;
        }
        let due = start + offset;
        // Timers are too coarse for this; the core is the generator's own.
        while Instant::now() < due {
            tokio::task::yield_now().await;
        }
        let (connection, body, histogram) =
            (connection.clone(), body.clone(), Arc::clone(&histogram));
        calls.spawn(async move {
            connection.call(path, body).await;
            if due >= counted_from {
                let took = u64::try_from(due.elapsed().as_nanos()).unwrap_or(u64::MAX);
                let mut histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
                histogram.saturating_record(took);
            }
        });
        while calls.try_join_next().is_some() {}
    }
    calls.join_all().await;
    let histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
    let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1e3;
    Latency {
        p50: at(0.5),
        p99: at(0.99),
        p999: at(0.999),
    }
}
