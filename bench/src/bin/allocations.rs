//! Counts the allocations of the contenders in a part of the bench, `engine` or `shops`:
//! a line for each with the case, the name and the allocations of a decision, on average.

#![expect(
    clippy::float_arithmetic,
    clippy::panic,
    reason = "a count is shared among the decisions of a pass; a program of the bench ends \
              where it cannot go on"
)]

use redress_bench::measure::Contender;
use redress_bench::{allocation_key, engine, shops};

fn main() {
    let print = |case: &str, contenders: &mut [Contender<'_>]| {
        for contender in contenders {
            let key = allocation_key(case, &contender.name);
            println!("{key}\t{}", allocations(contender));
        }
    };
    match std::env::args().nth(1).as_deref() {
        Some("engine") => engine::each_size(print),
        Some("shops") => shops::each_case(print),
        other => panic!("not understood: {other:?}"),
    }
}

/// Returns the allocations of a decision, on average.
fn allocations(contender: &mut Contender<'_>) -> f64 {
    // What is made once and kept is not a decision's.
    contender.pass();
    let counted = allocation_counter::measure(|| contender.pass());
    counted.count_total as f64 / contender.samples() as f64
}
