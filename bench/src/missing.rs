//! Requests of which little is known: one row beside the same row fully known, and many
//! lines beside one.

mod messages;

use std::hint::black_box;

use redress_client::pb::{DecideRequest, View};

use crate::measure::{Contender, Effort, interleave, ratios, timed};
use crate::redress_side::{Ending, Engine};
use crate::report::{Figure, Report, spread};
use messages::{Case, Shape};

/// The group of every figure.
const GROUP: &str = "missing";
/// A time slice is shared among so many actions: there are 45.
const SLICES: u32 = 5;
/// Copies of a request in one pass: a known row takes a few microseconds.
const COPIES: usize = 4;
/// Rounds of a request that takes up to seconds.
const LONG_ROUNDS: usize = 3;
/// Lines of the largest order that the contract allows.
const MOST_LINES: usize = 200;
/// One millisecond in nanoseconds.
const MS: f64 = 1e6;

/// One kind of request in one action of a shop, beside another in the same rounds.
struct Measured {
    name: String,
    shop: String,
    times: Vec<f64>,
    ratios: Vec<f64>,
}

impl Measured {
    fn new(of: &Case, times: Vec<f64>, beside: &[f64]) -> Self {
        Self {
            name: of.name.clone(),
            shop: of.shop.clone(),
            ratios: ratios(&times, beside),
            times,
        }
    }

    fn time(&self) -> f64 {
        spread(&self.times).0
    }

    fn ratio(&self) -> f64 {
        spread(&self.ratios).0
    }

    fn figure(&self, case: &str, to: &str) -> Figure {
        Figure::of(GROUP, &self.name, case, &self.times, "ns").against(to, &self.ratios)
    }

    /// Returns its ratio as a figure: that of the highest.
    fn highest(&self, case: &str) -> Figure {
        let what = format!("highest: {}", self.name);
        Figure::of(GROUP, what, case, &self.ratios, "x")
    }
}

/// Measures one row, twenty lines and the largest orders.
pub fn run(report: &mut Report, effort: Effort, quick: bool) {
    let engine = Engine::shops();
    let cases = messages::cases();
    let short = Effort {
        slice: effort.slice / SLICES,
        ..effort
    };
    one_row(report, &engine, &cases, short);
    let without_alternatives = twenty_lines(report, &engine, &cases, short);
    list_options(report, &engine, short);
    // What else the machine does must not choose: the lowest round does.
    let slow = of_shops(&without_alternatives, |of| spread(&of.times).1);
    let slow: Vec<&Case> = cases
        .iter()
        .filter(|case| slow.iter().any(|of| of.name == case.name))
        .collect();
    largest(report, &engine, &slow, quick);
}

/// Measures a row of which nothing is known beside the same row fully known.
fn one_row(report: &mut Report, engine: &Engine, cases: &[Case], effort: Effort) {
    let mut rows = Vec::new();
    let mut explained = Vec::new();
    let mut open = Vec::new();
    for case in cases {
        let known = case.known(View::Compact);
        // A denial would be decided with its alternatives, a row that misses facts with
        // all of their values: neither is what an unknown row is to be compared with.
        assert_eq!(engine.ending(&known), Ending::Decided, "{}", case.name);
        let messages = [
            case.unknown(Shape::ONE, View::Compact),
            known,
            case.unknown(Shape::ONE, View::Full),
        ];
        let [compact, known, full] = interleaved(engine, &messages, effort);
        let row = Measured::new(case, compact, &known);
        if engine.ending(&messages[0]) == Ending::NeedsInformation {
            open.push(row.ratio());
        }
        explained.push(Measured::new(case, full, &row.times));
        rows.push(row);
    }
    let case = "one row, nothing known";
    for row in &rows {
        report.push(row.figure(case, "fully known"));
    }
    let all: Vec<f64> = rows.iter().map(Measured::ratio).collect();
    let case = "one row, nothing known, beside fully known";
    let median = Figure::of(GROUP, "median of all shops and actions", case, &all, "x");
    let met = median.value <= 50.0;
    report.push(median.bar("at most 50 x", met));
    // An action that the terms do not cover misses nothing, and costs next to nothing.
    let what = format!("median of the {} that miss facts", open.len());
    report.push(Figure::of(GROUP, what, case, &open, "x"));
    let highest = most(&rows, Measured::ratio);
    let figure = highest.highest(case);
    report.push(figure.bar("at most 500 x", highest.ratio() <= 500.0));
    let slowest = most(&rows, Measured::time);
    let what = format!("slowest: {}", slowest.name);
    let figure = Figure::of(GROUP, what, case, &slowest.times, "ns");
    report.push(figure.bar("at most 1 ms, aim 0.5 ms", slowest.time() <= MS));
    for row in slowest_of_shops(&explained) {
        report.push(row.figure("one row, nothing known, full view", "compact"));
    }
}

/// Measures twenty lines that are alike beside one, at basic view and without the
/// alternatives. Returns the latter.
fn twenty_lines(
    report: &mut Report,
    engine: &Engine,
    cases: &[Case],
    effort: Effort,
) -> Vec<Measured> {
    let mut rows = Vec::new();
    let mut without = Vec::new();
    for case in cases {
        let messages = [
            case.unknown(Shape::lines(20), View::Basic),
            case.unknown(Shape::ONE, View::Basic),
            case.unknown(Shape::lines(20), View::Compact),
            case.unknown(Shape::ONE, View::Compact),
        ];
        let [basic, one_basic, compact, one_compact] = interleaved(engine, &messages, effort);
        rows.push(Measured::new(case, basic, &one_basic));
        without.push(Measured::new(case, compact, &one_compact));
    }
    let case = "20 lines alike, nothing known, basic view";
    for row in slowest_of_shops(&rows) {
        let figure = row.figure(case, "one line");
        report.push(figure.bar("at most 5 ms", row.time() <= 5.0 * MS));
    }
    let ratios: Vec<f64> = rows.iter().map(Measured::ratio).collect();
    let median = Figure::of(GROUP, "median of all shops and actions", case, &ratios, "x");
    let met = median.value <= 1.5;
    report.push(median.bar("at most 1.5 x one line", met));
    // Where little has to be looked for, telling twenty lines is most of the work.
    report.push(most(&rows, Measured::ratio).highest(case));
    let case = "20 lines alike, nothing known, compact view";
    for row in slowest_of_shops(&without) {
        report.push(row.figure(case, "one line"));
    }
    without
}

/// Measures the options of twenty lines.
fn list_options(report: &mut Report, engine: &Engine, effort: Effort) {
    let messages = messages::options(Shape::lines(20));
    let mut contenders: Vec<Contender<'_>> = messages
        .iter()
        .map(|(shop, message)| {
            Contender::new(shop, 1, |_| {
                black_box(engine.list_options(message));
            })
        })
        .collect();
    let times = interleave(&mut contenders, effort);
    let case = "20 lines alike, nothing known, options";
    for ((shop, _), times) in messages.iter().zip(&times) {
        let figure = Figure::of(GROUP, shop, case, times, "ns");
        let met = figure.value <= 30.0 * MS;
        report.push(figure.bar("at most 30 ms", met));
    }
}

/// Measures the largest orders, in the action of each shop whose twenty lines took
/// longest without alternatives: with five categories, so that lines are alike, and with one for each line.
fn largest(report: &mut Report, engine: &Engine, cases: &[&Case], quick: bool) {
    let rounds = if quick { 1 } else { LONG_ROUNDS };
    for (view, name, rounds) in [
        (View::Basic, "basic view", rounds),
        (View::Compact, "compact view", 1),
    ] {
        let alike = (5, Limit::Within50Ms);
        let unlike = (MOST_LINES, Limit::Within1S);
        for (categories, limit) in [alike, unlike] {
            let shape = Shape {
                lines: MOST_LINES,
                categories,
            };
            let limit = (view == View::Basic).then_some(limit);
            let of = format!("200 lines, {categories} categories, {name}");
            long(report, engine, cases, (&of, shape, view), (limit, rounds));
        }
    }
}

/// What the largest orders have to reach.
#[derive(Clone, Copy)]
enum Limit {
    Within50Ms,
    /// Or the error of the budget.
    Within1S,
}

/// Measures a request that takes up to seconds, without a slice of time to fill.
fn long(
    report: &mut Report,
    engine: &Engine,
    cases: &[&Case],
    (of, shape, view): (&str, Shape, View),
    (limit, rounds): (Option<Limit>, usize),
) {
    for case in cases {
        let message = case.unknown(shape, view);
        let mut ending = Ending::Decided;
        let times: Vec<f64> = (0..rounds)
            .map(|_| {
                let (time, own) = timed(|| engine.ending(&message));
                ending = own;
                time
            })
            .collect();
        let stopped = ending == Ending::OutOfBudget;
        let what = match stopped {
            true => format!("{}: error of the budget", case.name),
            false => case.name.clone(),
        };
        let figure = Figure::of(GROUP, what, of, &times, "ns");
        let value = figure.value;
        report.push(match limit {
            None => figure,
            Some(Limit::Within50Ms) => figure.bar("at most 50 ms", !stopped && value <= 50.0 * MS),
            Some(Limit::Within1S) => {
                let text = "at most 1 s, or the error of the budget";
                figure.bar(text, stopped || value <= 1000.0 * MS)
            }
        });
    }
}

/// Lets requests take turns; returns the times of each.
fn interleaved<const N: usize>(
    engine: &Engine,
    messages: &[DecideRequest; N],
    effort: Effort,
) -> [Vec<f64>; N] {
    let mut contenders = messages.each_ref().map(|message| {
        Contender::new("", COPIES, |_| {
            black_box(engine.ending(message));
        })
    });
    let mut times = interleave(&mut contenders, effort).into_iter();
    std::array::from_fn(|_| times.next().unwrap_or_default())
}

/// Returns the row with the highest figure.
fn most(rows: &[Measured], figure: impl Fn(&Measured) -> f64) -> &Measured {
    let highest = rows.iter().max_by(|a, b| figure(a).total_cmp(&figure(b)));
    highest.expect("a row")
}

/// Returns the row of each shop with the highest figure.
fn of_shops(rows: &[Measured], figure: impl Fn(&Measured) -> f64) -> Vec<&Measured> {
    let by_shop = rows.chunk_by(|a, b| a.shop == b.shop);
    by_shop.map(|own| most(own, &figure)).collect()
}

/// Returns the slowest row of each shop.
fn slowest_of_shops(rows: &[Measured]) -> Vec<&Measured> {
    of_shops(rows, Measured::time)
}
