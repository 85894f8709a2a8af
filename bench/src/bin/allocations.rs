//! Counts the allocations of every contender: a line for each with the part of the
//! bench, the case, the name and the allocations of a decision, on average.

#![expect(
    clippy::float_arithmetic,
    reason = "a count is shared among the decisions of a pass"
)]

use redress_bench::measure::Contender;
use redress_bench::{allocation_key, engine, shops};

fn main() {
    let print = |part: &str, case: &str, contenders: &mut [Contender<'_>]| {
        for contender in contenders {
            let key = allocation_key(part, case, &contender.name);
            println!("{key}\t{}", allocations(contender));
        }
    };
    engine::each_size(|case, contenders| print("engine", case, contenders));
    shops::each_case(|case, contenders| print("shops", case, contenders));
}

/// Returns the allocations of a decision, on average.
fn allocations(contender: &mut Contender<'_>) -> f64 {
    // What is made once and kept is not a decision's.
    contender.pass();
    let counted = allocation_counter::measure(|| contender.pass());
    counted.count_total as f64 / contender.samples() as f64
}
