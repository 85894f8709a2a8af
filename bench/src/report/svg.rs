//! The figures as a chart: a panel for each group and case, with bars on a scale of
//! powers of ten.

use std::fmt::Write;

use super::{Figure, Report, human, short};

/// Width of the picture, in pixels, as are all the others.
const WIDTH: f64 = 1000.0;
/// Where the bars begin.
const LEFT: f64 = 270.0;
/// The longest bar; the rest of the width is for what stands beside it.
const LONGEST: f64 = 360.0;
/// Height of a row.
const ROW: f64 = 22.0;
/// Height of a panel beyond its rows.
const HEAD: f64 = 54.0;
/// Free space around everything.
const MARGIN: f64 = 20.0;

/// Colours come from classes, so that a reader's dark scheme can change them all. The
/// picture paints its own ground: it is readable wherever it is put.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#1f2328}
.ground{fill:#ffffff}
.title{font-weight:600;font-size:15px}
.grid{stroke:#d0d7de}
.tick{font-size:11px;fill:#59636e}
.other{fill:#8c959f}
.own{fill:#0969da}
.base{fill:#57606a}
.range{stroke:#1f2328;stroke-width:1.5}
.met{fill:#1a7f37}
.missed{fill:#cf222e;font-weight:600}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}
.ground{fill:#0d1117}
.grid{stroke:#30363d}
.tick{fill:#9198a1}
.other{fill:#6e7681}
.own{fill:#4493f8}
.base{fill:#b1bac4}
.range{stroke:#e6edf3}
.met{fill:#3fb950}
.missed{fill:#ff7b72}
}";

/// Draws the figures.
pub(super) fn write(report: &Report) -> String {
    let mut body = String::new();
    let mut top = MARGIN;
    for panel in report.panels() {
        top += draw(&mut body, &panel, top);
    }
    let height = top + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n\
         <title>What a decision costs</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n"
    )
}

/// Draws one panel and returns its height.
fn draw(body: &mut String, panel: &[&Figure], top: f64) -> f64 {
    let Some(first) = panel.first() else {
        return 0.0;
    };
    let height = panel.len() as f64 * ROW;
    let scale = Scale::of(panel);
    let title = match first.unit {
        "ns" => format!("{}, {}: time", first.group, first.case),
        unit => format!("{}, {}: {unit}", first.group, first.case),
    };
    text(body, "title", MARGIN, top + 16.0, &title);
    let rows = top + 28.0;
    for (tick, x) in scale.ticks() {
        let bottom = rows + height;
        line(body, "grid", (x, rows), (x, bottom));
        let label = human(tick, first.unit);
        text(body, "tick", x + 3.0, bottom + 12.0, &label);
    }
    for (n, figure) in panel.iter().enumerate() {
        row(body, figure, &scale, rows + n as f64 * ROW);
    }
    HEAD + height
}

fn row(body: &mut String, figure: &Figure, scale: &Scale, top: f64) {
    let middle = top + ROW / 2.0;
    let base = middle + 4.5;
    text(body, "", MARGIN, base, &figure.what);
    let end = scale.at(figure.value);
    let class = match figure.what.as_str() {
        what if what.starts_with("redress") => "own",
        what if what.starts_with("hand-written") => "base",
        _ => "other",
    };
    let (y, bar) = (top + 3.0, ROW - 6.0);
    let long = (end - LEFT).max(2.0);
    put(
        body,
        &format!(
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{long:.1}\" \
             height=\"{bar}\" rx=\"2\"/>"
        ),
    );
    let (low, high) = (scale.at(figure.low), scale.at(figure.high));
    line(body, "range", (low, middle), (high, middle));
    let mut label = human(figure.value, figure.unit);
    if let Some(ratio) = &figure.ratio {
        label += &format!(" = {} x {}", short(ratio.value), ratio.to);
    }
    let class = match &figure.bar {
        None => "",
        Some(bar) if bar.met => "met",
        Some(_) => "missed",
    };
    if let Some(bar) = &figure.bar {
        label += if bar.met { " \u{2713}" } else { " \u{2717}" };
    }
    text(body, class, end.max(high) + 7.0, base, &label);
}

/// Places values on a scale of powers of ten.
struct Scale {
    /// The power at the left end.
    low: f64,
    /// The power at the right end.
    high: f64,
}

impl Scale {
    /// Begins a little below the lowest value, at a power of ten.
    fn of(panel: &[&Figure]) -> Self {
        let powers = || panel.iter().filter(|f| f.value > 0.0);
        let low = powers().map(|f| f.low.max(f.value / 1e3).log10());
        let high = powers().map(|f| f.high.log10());
        let low = low.fold(f64::INFINITY, f64::min);
        let high = high.fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return Self {
                low: 0.0,
                high: 1.0,
            };
        }
        // The lowest bar keeps a length that can be seen.
        let low = (low - 0.2).floor();
        Self {
            low,
            high: high.max(low + 1.0),
        }
    }

    fn at(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return LEFT;
        }
        let share = (value.log10() - self.low) / (self.high - self.low);
        LEFT + share.clamp(0.0, 1.0) * LONGEST
    }

    /// Returns the powers of ten on it and where they lie.
    fn ticks(&self) -> Vec<(f64, f64)> {
        let mut ticks = Vec::new();
        let mut power = self.low;
        while power <= self.high + 1e-9 {
            let value = 10_f64.powf(power);
            ticks.push((value, self.at(value)));
            power += 1.0;
        }
        ticks
    }
}

fn text(body: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    put(
        body,
        &format!("<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"),
    );
}

fn line(body: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    put(
        body,
        &format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ),
    );
}

/// Appends a line; writing to a `String` cannot fail.
fn put(body: &mut String, part: &str) {
    let _ = writeln!(body, "{part}");
}
