//! Runs the part of the bench that measures the wire, alone.
//!
//! `wire [ROUNDS [SOAK MINUTES]]`, or for a profiler
//! `wire hold redress|canned unary|batch|stream SECONDS`

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement reads the clock, divides times and ends where it cannot go on"
)]

mod wire;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u32>().expect("a number");
    let mut options = wire::Options::default();
    match arguments.as_slice() {
        [] => {}
        ["hold", answer, call, seconds] => {
            let slice = std::time::Duration::from_secs(number(seconds).into());
            println!("{:?}", wire::hold(answer, call, slice));
            return;
        }
        [rounds] => options.rounds = number(rounds) as usize,
        [rounds, minutes] => {
            options.rounds = number(rounds) as usize;
            options.soak = Some(number(minutes));
        }
        other => panic!("not understood: {other:?}"),
    }
    for figure in wire::run(&options) {
        let wire::report::Figure {
            group,
            what,
            case,
            value,
            unit,
            low,
            high,
            ..
        } = &figure;
        print!(
            "{group:<5} {what:<28} {case:<28} {value:>10.1} {unit:<13} {low:>10.1} .. {high:<10.1}"
        );
        if let Some(ratio) = &figure.ratio {
            let wire::report::Ratio {
                to,
                value,
                low,
                high,
            } = ratio;
            print!(" {value:.3} of {to} ({low:.3} .. {high:.3})");
        }
        if let Some(bar) = &figure.bar {
            let met = if bar.met { "met" } else { "MISSED" };
            print!("  [{met}: {}]", bar.text);
        }
        println!();
    }
}
