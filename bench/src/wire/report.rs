//! One measured number, with what it is compared to.

/// A number, what it is about, and its bar.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Which part of the bench it belongs to.
    pub group: &'static str,
    /// What was measured.
    pub what: String,
    /// Doing what.
    pub case: String,
    /// The median over the rounds.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
    /// The lowest round.
    pub low: f64,
    /// The highest round.
    pub high: f64,
    /// Set against another.
    pub ratio: Option<Ratio>,
    /// What it has to reach.
    pub bar: Option<Bar>,
}

/// A number as a multiple of another, round by round.
#[derive(Clone, Debug)]
pub struct Ratio {
    /// The other.
    pub to: String,
    /// The median over the rounds.
    pub value: f64,
    /// The lowest round.
    pub low: f64,
    /// The highest round.
    pub high: f64,
}

/// What a number has to reach, and whether it does.
#[derive(Clone, Debug)]
pub struct Bar {
    /// In words.
    pub text: String,
    /// Whether it is reached.
    pub met: bool,
}
