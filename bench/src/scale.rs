//! Many policies loaded: what a decision costs then, and what loading costs.
//!
//! The shops' policies are loaded over and over under ids of their own, so that they
//! are as large as policies are.

use std::hint::black_box;
use std::time::Instant;

use redress_client::pb::DecideRequest;

use crate::measure::{Contender, Effort, interleave, ratios};
use crate::redress_side::{Engine, Files, copy_id};
use crate::report::{Figure, Report, spread};
use crate::shops::{self, Typical};

/// Policies that are loaded; a look goes without the last.
const POLICIES: [usize; 3] = [5, 100, 10_000];
/// Requests of a pass that asks any shop.
const RANDOM: usize = 4096;
/// Requests of a pass that asks one shop.
const HOT: usize = 64;
/// The shop that is asked all the time, by its place: Milona Paris, whose requests are
/// of a middling size.
const HOT_SHOP: usize = 3;

/// What is measured with a number of policies loaded.
struct Loaded {
    policies: usize,
    engine: Engine,
    hot: Vec<DecideRequest>,
    random: Vec<DecideRequest>,
}

/// Measures all numbers of policies.
pub fn run(report: &mut Report, effort: Effort, quick: bool) {
    let typical = shops::typical();
    let policies = match quick {
        true => &POLICIES[..2],
        false => &POLICIES[..],
    };
    let loaded: Vec<Loaded> = policies
        .iter()
        .map(|count| load(report, &typical, *count))
        .collect();
    for (name, random) in [("one shop", false), ("any shop", true)] {
        let mut contenders: Vec<Contender<'_>> = loaded
            .iter()
            .map(|of| {
                let given = if random { &of.random } else { &of.hot };
                let what = format!("redress, {} policies", of.policies);
                Contender::each(&what, given, |m| {
                    black_box(of.engine.answer(m));
                })
            })
            .collect();
        let times = interleave(&mut contenders, effort);
        for (contender, own) in contenders.iter().zip(&times) {
            let mut figure = Figure::of("scale", &contender.name, name, own, "ns");
            if contender.name != contenders[0].name {
                let factor = ratios(own, &times[0]);
                figure = figure.against("5 policies", &factor);
                if !random {
                    let met = spread(&factor).0 <= 1.1;
                    figure = figure.bar("at most 1.1 x 5 policies", met);
                }
            }
            report.push(figure);
        }
    }
}

/// Loads so many policies and pushes what that took.
fn load(report: &mut Report, typical: &[Typical], policies: usize) -> Loaded {
    // The texts stay until the memory is read: what they hold counts neither way.
    let files = Files::copies(policies);
    let before = resident();
    let start = Instant::now();
    let engine = Engine::load(&files);
    let took = start.elapsed().as_secs_f64() * 1e9;
    let memory = (resident() - before).max(0.0);
    drop(files);
    let what = format!("redress, {policies} policies");
    let mut time = Figure::of("scale", &what, "load", &[took], "ns");
    let mut held = Figure::of("scale", &what, "resident memory", &[memory], "MB");
    if policies == POLICIES[POLICIES.len() - 1] {
        time = time.bar("under 20 s", took < 20e9);
        held = held.bar("under 400 MB", memory < 400.0);
    }
    report.push(time);
    report.push(held);
    let of = |number: usize| {
        let shop = &typical[number % typical.len()];
        DecideRequest {
            policy: copy_id(&shop.shop, number),
            ..shop.message.clone()
        }
    };
    // A step that shares no factor with the number of policies visits them in an order
    // that no cache foresees.
    let random = (0..RANDOM).map(|n| of(n * 7919 % policies));
    Loaded {
        policies,
        engine,
        hot: vec![of(HOT_SHOP); HOT],
        random: random.collect(),
    }
}

/// Returns the memory that is resident, in megabytes.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux machine");
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next());
    let kilobytes: Option<f64> = kilobytes.and_then(|text| text.parse().ok());
    kilobytes.expect("kilobytes") * 1024.0 / 1e6
}
