//! One return decision: redress, a hand-written function and general engines.

use std::hint::black_box;

use crate::allocations::Allocations;
use crate::hand;
use crate::measure::{self, Contender, Effort, ratios};
use crate::orders::{self, LINES, Sample};
#[cfg(feature = "peers")]
use crate::peers;
use crate::redress_side::{Checked, Engine};
use crate::report::{Figure, Report, spread};

/// What every ratio is against.
pub const HAND: &str = "hand-written";
/// What the bars are about.
pub const VERDICT: &str = "redress, message to verdict";
/// Orders of one pass.
const SAMPLES: usize = 64;

/// The orders of one size, in every form that a contender takes.
struct Case<'s> {
    lines: usize,
    samples: &'s [Sample],
    checked: Vec<Checked<'s>>,
}

impl<'s> Case<'s> {
    fn new(engine: &Engine, lines: usize, samples: &'s [Sample]) -> Self {
        Self {
            lines,
            checked: samples.iter().map(|s| engine.check(&s.message)).collect(),
            samples,
        }
    }

    fn title(&self) -> String {
        title(self.lines)
    }
}

/// Names a number of lines.
fn title(lines: usize) -> String {
    match lines {
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    }
}

/// The times of a contender: for each number of lines, by round.
struct Times {
    name: String,
    nanoseconds: [Vec<f64>; LINES.len()],
    allocations: [f64; LINES.len()],
}

/// Hands the contenders of every size over, with the name of the size.
pub fn each_size(mut take: impl FnMut(&str, &mut [Contender<'_>])) {
    let engine = Engine::baseline();
    for lines in LINES {
        let samples = orders::samples(lines, SAMPLES);
        let case = Case::new(&engine, lines, &samples);
        take(&case.title(), &mut contenders(&engine, &case));
    }
}

/// Compares all answers, measures all contenders and judges the bars.
pub fn run(report: &mut Report, effort: Effort, only: Option<&str>) {
    let engine = Engine::baseline();
    let compared = orders::compared();
    engine.compare(&compared);
    for sample in &compared {
        assert_eq!(
            hand::decide_with_memo(&sample.typed),
            hand::decide(&sample.typed)
        );
    }
    #[cfg(feature = "peers")]
    peers::compare(&compared);
    let samples = LINES.map(|lines| orders::samples(lines, SAMPLES));
    let cases: Vec<Case<'_>> = LINES
        .iter()
        .zip(&samples)
        .map(|(lines, samples)| Case::new(&engine, *lines, samples))
        .collect();
    let counted = Allocations::count("engine");
    let times = measure(&engine, &cases, effort, (only, &counted));
    push(report, &times, &cases);
    further_lines(report, &times);
    #[cfg(feature = "peers")]
    against_peers(report, &times);
}

/// Makes every contender on the orders of one size.
fn contenders<'s>(engine: &'s Engine, case: &'s Case<'_>) -> Vec<Contender<'s>> {
    let samples = &case.samples;
    let count = samples.len();
    #[cfg_attr(not(feature = "peers"), expect(unused_mut, reason = "peers are added"))]
    let mut list = vec![
        Contender::new(HAND, count, |n| {
            black_box(hand::decide(black_box(&samples[n].typed)));
        }),
        Contender::new("hand-written, window memo", count, |n| {
            black_box(hand::decide_with_memo(black_box(&samples[n].typed)));
        }),
        Contender::new(VERDICT, count, |n| {
            engine.decide_message(&samples[n].message)
        }),
        Contender::new("redress, engine alone", count, |n| {
            engine.engine_alone(&case.checked[n]);
        }),
        Contender::new("redress, message to reply", count, |n| {
            black_box(engine.answer(&samples[n].message));
        }),
    ];
    #[cfg(feature = "peers")]
    list.extend(peers::contenders(samples));
    list
}

/// Measures all sizes in the same rounds, so that sizes can be compared too.
fn measure(
    engine: &Engine,
    cases: &[Case<'_>],
    effort: Effort,
    (only, counted): (Option<&str>, &Allocations),
) -> Vec<Times> {
    let mut all: Vec<Contender<'_>> = Vec::new();
    let mut each = 0;
    for case in cases {
        let mut list = contenders(engine, case);
        // The base of the ratios always runs.
        list.retain(|c| only.is_none_or(|only| c.name == HAND || c.name.contains(only)));
        each = list.len();
        all.extend(list);
    }
    let times = measure::interleave(&mut all, effort);
    (0..each)
        .map(|place| Times {
            name: all[place].name.clone(),
            nanoseconds: std::array::from_fn(|size| times[size * each + place].clone()),
            allocations: std::array::from_fn(|size| {
                counted.of(&cases[size].title(), &all[place].name)
            }),
        })
        .collect()
}

/// Pushes times and allocations with the bars that need no peer.
fn push(report: &mut Report, all: &[Times], cases: &[Case<'_>]) {
    let Some(hand) = all.first() else {
        return;
    };
    for (size, case) in cases.iter().enumerate() {
        for times in all {
            let own = &times.nanoseconds[size];
            let to_hand = ratios(own, &hand.nanoseconds[size]);
            let mut figure = Figure::of("engine", &times.name, case.title(), own, "ns");
            if times.name != HAND {
                figure = figure.against(HAND, &to_hand);
            }
            if times.name == VERDICT && case.lines == 1 {
                let met = spread(&to_hand).0 <= 12.0;
                figure = figure.bar("at most 12 x hand-written", met);
            }
            report.push(figure);
        }
    }
    for (size, case) in cases.iter().enumerate() {
        for times in all {
            let own = times.allocations[size];
            let mut figure = Figure::of("engine", &times.name, case.title(), &[own], "allocations");
            if times.name == VERDICT && case.lines == 1 {
                figure = figure.bar("at most 8", own <= 8.0);
            }
            report.push(figure);
        }
    }
}

/// Pushes what one line more costs, between the smallest and the largest order.
fn further_lines(report: &mut Report, all: &[Times]) {
    let more = (LINES[LINES.len() - 1] - LINES[0]) as f64;
    for times in all {
        let [one, .., many] = &times.nanoseconds;
        let each: Vec<f64> = one.iter().zip(many).map(|(o, m)| (m - o) / more).collect();
        let mut figure = Figure::of("engine", &times.name, "each further line", &each, "ns");
        if times.name == VERDICT {
            figure = figure.bar("at most 150 ns", figure_met(&each, 150.0));
        }
        report.push(figure);
    }
    for times in all {
        let [one, .., many] = times.allocations;
        let each = [(many - one) / more];
        let case = "each further line";
        let mut figure = Figure::of("engine", &times.name, case, &each, "allocations");
        if times.name == VERDICT {
            figure = figure.bar("at most 1", figure_met(&each, 1.0));
        }
        report.push(figure);
    }
}

fn figure_met(values: &[f64], most: f64) -> bool {
    spread(values).0 <= most
}

/// Pushes how many times the peers' time redress's is, with the bars on it.
#[cfg(feature = "peers")]
fn against_peers(report: &mut Report, all: &[Times]) {
    let Some(own) = all.iter().find(|times| times.name == VERDICT) else {
        return;
    };
    for (size, kind, least) in [
        (0, peers::Kind::OwnTime, 8.0),
        (0, peers::Kind::WholeReply, 6.0),
        (LINES.len() - 1, peers::Kind::WholeReply, 6.0),
    ] {
        let of_kind = all.iter().filter(|t| peers::kind(&t.name) == Some(kind));
        let median = |times: &&Times| spread(&times.nanoseconds[size]).0;
        let fastest = of_kind.min_by(|a, b| median(a).total_cmp(&median(b)));
        let Some(fastest) = fastest else {
            continue;
        };
        let factor = ratios(&fastest.nanoseconds[size], &own.nanoseconds[size]);
        let met = spread(&factor).0 >= least;
        let case = format!("{}, {}", title(LINES[size]), kind.words());
        let times = &fastest.nanoseconds[size];
        report.push(
            Figure::of("fastest peer", &fastest.name, case, times, "ns")
                .against(VERDICT, &factor)
                .bar(format!("at least {least} x redress's time"), met),
        );
    }
}
