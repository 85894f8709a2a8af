//! Measures one return decision: redress, and a hand-written function as the limit.
//!
//! `cargo run --release -p redress-bench`

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement reads the clock, divides times and ends where it cannot go on"
)]

mod hand;
mod orders;
mod redress_side;

use std::hint::black_box;
use std::time::{Duration, Instant};

use orders::Sample;

/// Interleaved rounds; the median is printed.
const ROUNDS: usize = 7;
/// Orders of one round.
const SAMPLES: usize = 64;
/// Time that one contender gets in a round.
const SLICE: Duration = Duration::from_millis(150);
/// Lines of the orders.
const LINES: [usize; 3] = [1, 5, 50];

/// One way to decide: what it is given is made before the clock starts.
struct Contender<'s> {
    name: &'static str,
    /// Makes the input of every sample.
    prepare: Box<dyn FnMut() + 's>,
    /// Decides one sample.
    run: Box<dyn FnMut(usize) + 's>,
}

/// Runs a contender over the samples for a slice of time; returns nanoseconds a call.
fn slice(contender: &mut Contender<'_>) -> f64 {
    let mut taken = Duration::ZERO;
    let mut calls = 0_u32;
    while taken < SLICE {
        (contender.prepare)();
        let start = Instant::now();
        for sample in 0..SAMPLES {
            (contender.run)(sample);
        }
        taken += start.elapsed();
        calls += SAMPLES as u32;
    }
    taken.as_nanos() as f64 / f64::from(calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let engine = redress_side::Engine::new();
    println!(
        "{:<28} {:>5} {:>12} {:>8} {:>12}",
        "contender", "lines", "ns a call", "x hand", "allocations"
    );
    for lines in LINES {
        let samples: Vec<Sample> = (0..SAMPLES).map(|n| orders::sample(lines, n)).collect();
        engine.compare(&samples);
        let checked: Vec<_> = samples.iter().map(|s| engine.check(s)).collect();
        let mut contenders = vec![
            Contender {
                name: "hand-written",
                prepare: Box::new(|| {}),
                run: Box::new(|n| {
                    black_box(hand::decide(black_box(&samples[n].typed)));
                }),
            },
            Contender {
                name: "redress, message to verdict",
                prepare: Box::new(|| {}),
                run: Box::new(|n| engine.decide_message(&samples[n].message)),
            },
            Contender {
                name: "redress, engine alone",
                prepare: Box::new(|| {}),
                run: Box::new(|n| engine.engine_alone(&checked[n])),
            },
        ];
        // With an argument only the contenders that contain it run: for a profiler.
        if let Some(only) = std::env::args().nth(1) {
            contenders.retain(|contender| contender.name.contains(&only));
        }
        let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (contender, times) in contenders.iter_mut().zip(&mut times) {
                times.push(slice(contender));
            }
        }
        let base = times.first().cloned().map_or(1.0, median);
        for (contender, times) in contenders.iter_mut().zip(times) {
            let time = median(times);
            (contender.prepare)();
            let counted = allocation_counter::measure(|| {
                for sample in 0..SAMPLES {
                    (contender.run)(sample);
                }
            });
            let each = counted.count_total as f64 / SAMPLES as f64;
            println!(
                "{:<28} {lines:>5} {time:>12.1} {:>8.2} {each:>12.1}",
                contender.name,
                time / base
            );
        }
    }
}
