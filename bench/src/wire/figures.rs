//! Rounds to figures: medians, spreads, and ratios taken round by round.

use crate::report::{Bar, Figure, Ratio};

/// One number a round.
#[derive(Clone, Debug, Default)]
pub struct Rounds(pub Vec<f64>);

impl Rounds {
    /// Returns the median.
    pub fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// Returns the lowest and the highest.
    fn spread(&self) -> (f64, f64) {
        let sorted = self.sorted();
        let end = |end: Option<&f64>| end.copied().unwrap_or(f64::NAN);
        (end(sorted.first()), end(sorted.last()))
    }

    /// Divides round by round.
    fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect())
    }

    /// Makes a figure of them.
    pub fn figure(&self, what: &str, case: &str, unit: &'static str) -> Figure {
        let (low, high) = self.spread();
        Figure {
            group: "wire",
            what: what.to_owned(),
            case: case.to_owned(),
            value: self.median(),
            unit,
            low,
            high,
            ratio: None,
            bar: None,
        }
    }

    /// Makes a figure of them, set against others.
    pub fn against(
        &self,
        (what, case, unit): (&str, &str, &'static str),
        (to, other): (&str, &Self),
    ) -> Figure {
        let ratio = self.over(other);
        let (low, high) = ratio.spread();
        Figure {
            ratio: Some(Ratio {
                to: to.to_owned(),
                value: ratio.median(),
                low,
                high,
            }),
            ..self.figure(what, case, unit)
        }
    }
}

/// Sets the bar of a figure.
pub fn bar(figure: Figure, text: &str, met: impl FnOnce(&Figure) -> bool) -> Figure {
    let met = met(&figure);
    Figure {
        bar: Some(Bar {
            text: text.to_owned(),
            met,
        }),
        ..figure
    }
}

/// Whether the ratio of a figure holds.
pub fn ratio(figure: &Figure, holds: impl FnOnce(f64) -> bool) -> bool {
    figure.ratio.as_ref().is_some_and(|r| holds(r.value))
}
