//! Two threads against one: whether deciding shares anything that threads wait for.
//!
//! The hand-written function shares nothing; what two threads gain with it is what the
//! machine gives.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Duration;

use crate::hand;
use crate::measure::{Contender, Effort, ratios};
use crate::orders::{self, Sample};
use crate::redress_side::Engine;
use crate::report::{Figure, Report, spread};

/// Lines of the orders.
const LINES: usize = 5;
/// Orders of one pass.
const SAMPLES: usize = 64;
/// What redress has to keep of the hand-written function's gain.
const LEAST: f64 = 0.98;

/// One side of the comparison: decisions a second of one thread and of two, by round.
#[derive(Default)]
struct Side {
    one: Vec<f64>,
    two: Vec<f64>,
}

/// Measures both sides with one thread and with two.
pub fn run(report: &mut Report, effort: Effort) {
    let engine = Engine::baseline();
    let samples = orders::samples(LINES, SAMPLES);
    let messages: Vec<_> = samples.iter().map(|s| s.message.clone()).collect();
    let by_hand = || by_hand(&samples);
    let by_redress = || {
        Contender::each("redress, message to verdict", &messages, |m| {
            engine.decide_message(m);
        })
    };
    let mut hand = Side::default();
    let mut redress = Side::default();
    for _ in 0..effort.rounds {
        hand.one.push(rate(1, effort.slice, by_hand));
        redress.one.push(rate(1, effort.slice, by_redress));
        hand.two.push(rate(2, effort.slice, by_hand));
        redress.two.push(rate(2, effort.slice, by_redress));
    }
    let gain = ratios(&hand.two, &hand.one);
    let own = ratios(&redress.two, &redress.one);
    let kept = ratios(&own, &gain);
    let case = format!("{LINES} lines");
    let mut push = |what: &str, values: &[f64], figure: &dyn Fn(Figure) -> Figure| {
        report.push(figure(Figure::of("threads", what, &case, values, "req/s")));
    };
    push("hand-written, 1 thread", &hand.one, &|f| f);
    push("hand-written, 2 threads", &hand.two, &|f| {
        f.against("1 thread", &gain)
    });
    push("redress, 1 thread", &redress.one, &|f| f);
    push("redress, 2 threads", &redress.two, &|f| {
        f.against("1 thread", &own)
    });
    let met = spread(&kept).0 >= LEAST;
    report.push(
        Figure::of(
            "threads",
            "redress, gain of a second thread",
            "gain",
            &own,
            "x",
        )
        .against("the hand-written function's gain", &kept)
        .bar(
            format!("at least {LEAST} x the hand-written function's"),
            met,
        ),
    );
}

fn by_hand(samples: &[Sample]) -> Contender<'_> {
    Contender::new("hand-written", samples.len(), |n| {
        black_box(hand::decide(black_box(&samples[n].typed)));
    })
}

/// Returns the decisions a second of so many threads together, each with a contender
/// of its own.
fn rate<'s>(threads: usize, slice: Duration, make: impl Fn() -> Contender<'s> + Sync) -> f64 {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let run = || {
            let mut contender = make();
            start.wait();
            1e9 / contender.slice(slice)
        };
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let rates = started.into_iter().map(|t| t.join().expect("a thread"));
        rates.sum()
    })
}
