//! What was measured: figures with their spread, ratios and bars.
//!
//! Every part of the bench pushes figures here; the table, the JSON and the chart are
//! three views of the same list.

mod json;
mod svg;
mod table;

use std::fmt;
use std::io;
use std::path::Path;

/// One measured figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The part of the bench, such as `engine`.
    pub group: &'static str,
    /// What was measured: a contender.
    pub what: String,
    /// On what, such as `1 line`.
    pub case: String,
    /// The median over the rounds.
    pub value: f64,
    /// The unit: `ns`, `us`, `req/s`, `MB`, `allocations`.
    pub unit: &'static str,
    /// The lowest round.
    pub low: f64,
    /// The highest round.
    pub high: f64,
    /// What it is against another figure of the same rounds.
    pub ratio: Option<Ratio>,
    /// What it has to reach.
    pub bar: Option<Bar>,
}

/// One figure against another.
#[derive(Clone, Debug)]
pub struct Ratio {
    /// What it is against.
    pub to: String,
    /// The median of the ratios of each round.
    pub value: f64,
    /// The lowest ratio.
    pub low: f64,
    /// The highest ratio.
    pub high: f64,
}

/// What a figure has to reach.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The bar in words, such as `at most 10 x hand-written`.
    pub text: String,
    /// Whether it is reached.
    pub met: bool,
}

/// Every figure of a run, in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Figure {
    /// Makes a figure out of the values of all rounds.
    pub fn of(
        group: &'static str,
        what: impl Into<String>,
        case: impl Into<String>,
        rounds: &[f64],
        unit: &'static str,
    ) -> Self {
        let (value, low, high) = spread(rounds);
        Self {
            group,
            what: what.into(),
            case: case.into(),
            value,
            unit,
            low,
            high,
            ratio: None,
            bar: None,
        }
    }

    /// Adds what it is against something else, round by round.
    pub fn against(mut self, to: impl Into<String>, ratios: &[f64]) -> Self {
        let (value, low, high) = spread(ratios);
        let to = to.into();
        self.ratio = Some(Ratio {
            to,
            value,
            low,
            high,
        });
        self
    }

    /// Adds a bar.
    pub fn bar(mut self, text: impl Into<String>, met: bool) -> Self {
        let text = text.into();
        self.bar = Some(Bar { text, met });
        self
    }
}

impl Report {
    /// Adds a figure.
    pub fn push(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Returns whether every bar that was measured is met.
    pub fn holds(&self) -> bool {
        self.bars().all(|(_, bar)| bar.met)
    }

    /// Returns the figures with a bar.
    fn bars(&self) -> impl Iterator<Item = (&Figure, &Bar)> {
        let with_bar = |figure: &'_ Figure| figure.bar.is_some();
        self.figures
            .iter()
            .filter(move |figure| with_bar(figure))
            .filter_map(|figure| figure.bar.as_ref().map(|bar| (figure, bar)))
    }

    /// Returns the figures by group, case and unit, each in the order of its first.
    fn panels(&self) -> Vec<Vec<&Figure>> {
        let mut panels: Vec<Vec<&Figure>> = Vec::new();
        for figure in &self.figures {
            let same = |of: &&mut Vec<&Figure>| {
                of.first().is_some_and(|first| {
                    first.group == figure.group
                        && first.case == figure.case
                        && first.unit == figure.unit
                })
            };
            match panels.iter_mut().find(same) {
                Some(panel) => panel.push(figure),
                None => panels.push(vec![figure]),
            }
        }
        panels
    }

    /// Writes the same figures as `NAME.json` and as `NAME.svg`.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn write(&self, directory: &Path, name: &str) -> io::Result<()> {
        std::fs::create_dir_all(directory)?;
        let at = |ending: &str| directory.join(format!("{name}.{ending}"));
        std::fs::write(at("json"), json::write(self))?;
        std::fs::write(at("svg"), svg::write(self))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}

/// Returns the median, the lowest and the highest value.
pub fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    (at(sorted.len() / 2), at(0), at(sorted.len().max(1) - 1))
}

/// Writes a value with three figures and with a unit that suits its size.
pub fn human(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "ns" if value >= 1e9 => (value / 1e9, "s"),
        "ns" if value >= 1e6 => (value / 1e6, "ms"),
        "ns" if value >= 1e3 => (value / 1e3, "us"),
        "req/s" if value >= 1e6 => (value / 1e6, "M req/s"),
        "req/s" if value >= 1e4 => (value / 1e3, "k req/s"),
        "allocations" if value >= 99.95 => return format!("{value:.0}"),
        "allocations" => return format!("{value:.1}"),
        "" => return format!("{value:.0}"),
        unit => (value, unit),
    };
    format!("{} {unit}", short(value))
}

/// Writes a value with about three figures.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_between_lowest_and_highest() {
        assert_eq!(spread(&[3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert_eq!(spread(&[]), (0.0, 0.0, 0.0));
    }

    #[test]
    fn values_are_short() {
        for (value, unit, wanted) in [
            (78.4, "ns", "78.4 ns"),
            (1234.0, "ns", "1.23 us"),
            (618e6, "ns", "618 ms"),
            (1.0, "allocations", "1.0"),
            (12345.6, "req/s", "12.3 k req/s"),
        ] {
            assert_eq!(human(value, unit), wanted);
        }
    }
}
