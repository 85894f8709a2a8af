//! What is wrong with facts, and where.

use std::cmp::Ordering;
use std::fmt;

use super::id::{CallerId, InvalidId};
use super::limits::{MAX_QUANTITY, MAX_VIOLATIONS};
use super::words::words;

words! {
    /// Names what is wrong with a field.
    #[non_exhaustive]
    ViolationKind {
        /// A required field is not set.
        Required = "required",
        /// A text is too long, empty, or has a form that is not allowed.
        InvalidText = "invalid_text",
        /// A number is outside its range.
        OutOfRange = "out_of_range",
        /// An amount is not an amount.
        InvalidAmount = "invalid_amount",
        /// The currency is not known.
        UnknownCurrency = "unknown_currency",
        /// An enum number is not known.
        UnknownEnum = "unknown_enum",
        /// A duplicate id.
        Duplicate = "duplicate",
        /// A reference names nothing.
        UnknownReference = "unknown_reference",
        /// Events cannot have happened in this order.
        EventOrder = "event_order",
        /// Amounts or quantities do not add up.
        SumMismatch = "sum_mismatch",
        /// More units are asked for than are left.
        TooManyUnits = "too_many_units",
        /// A list is too long.
        TooMany = "too_many",
        /// A date or an instant is not valid.
        InvalidTime = "invalid_time",
        /// A time zone is not known.
        UnknownTimeZone = "unknown_time_zone",
        /// A declared fact has a value of another type.
        WrongType = "wrong_type",
        /// A declared fact has a word that its policy does not declare.
        UnknownWord = "unknown_word",
    }
}

/// Describes one thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Field path, such as `order.lines[2].quantity`.
    pub field: String,
    /// What is wrong.
    pub kind: ViolationKind,
    /// What is wrong and how to mend it.
    pub description: String,
}

impl Violation {
    /// Describes what is wrong with a field.
    pub fn new(
        field: impl fmt::Display,
        kind: ViolationKind,
        description: impl Into<String>,
    ) -> Self {
        Self {
            field: field.to_string(),
            kind,
            description: description.into(),
        }
    }
}

/// Orders violations by field, then by what is wrong.
impl Ord for Violation {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_paths(&self.field, &other.field)
            .then_with(|| (self.kind, &self.description).cmp(&(other.kind, &other.description)))
    }
}

impl PartialOrd for Violation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares paths so that `lines[2]` comes before `lines[10]`.
fn compare_paths(a: &str, b: &str) -> Ordering {
    let parts = |path: &str| -> Vec<(String, usize)> {
        path.split(['.', '['])
            .map(|part| match part.strip_suffix(']') {
                Some(index) => (String::new(), index.parse().unwrap_or(0)),
                None => (part.to_owned(), 0),
            })
            .collect()
    };
    parts(a).cmp(&parts(b))
}

/// Collects violations: the one place where checks of single fields and of fields against
/// each other report what is wrong.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Records what is wrong with a field, up to [`MAX_VIOLATIONS`] times.
    #[cold]
    pub fn add(
        &mut self,
        field: impl fmt::Display,
        kind: ViolationKind,
        description: impl Into<String>,
    ) {
        if self.0.len() < MAX_VIOLATIONS {
            self.0.push(Violation::new(field, kind, description));
        }
    }

    /// Returns whether a list is inside its limit, and records one that is not.
    pub fn check_length(&mut self, field: impl fmt::Display, length: usize, limit: usize) -> bool {
        let fits = length <= limit;
        if !fits {
            let why = format!("has {length} entries; at most {limit} are allowed");
            self.add(field, ViolationKind::TooMany, why);
        }
        fits
    }

    /// Records a number of units that no line can have.
    pub fn check_quantity(&mut self, field: impl fmt::Display, quantity: i32) {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            let why = format!("is {quantity}; give 1 to {MAX_QUANTITY}");
            self.add(field, ViolationKind::OutOfRange, why);
        }
    }

    /// Returns a caller's id; returns `None` and records a violation if the text is no valid
    /// id.
    pub fn check_id<'t>(
        &mut self,
        field: impl fmt::Display,
        text: &'t str,
    ) -> Option<CallerId<'t>> {
        match CallerId::new(text) {
            Ok(id) => Some(id),
            Err(why) => {
                self.add_invalid_id(field, why);
                None
            }
        }
    }

    #[cold]
    fn add_invalid_id(&mut self, field: impl fmt::Display, why: InvalidId) {
        let (kind, what) = match why {
            InvalidId::Empty => (
                ViolationKind::Required,
                "is not set; give your own id of it".to_owned(),
            ),
            InvalidId::TooLong => (ViolationKind::InvalidText, format!("{why}; shorten it")),
            InvalidId::Form => (
                ViolationKind::InvalidText,
                "has a control character; leave it out".to_owned(),
            ),
        };
        self.add(field, kind, what);
    }

    /// Records an id that stands before in the same list.
    #[cold]
    pub fn add_duplicate_id(&mut self, field: impl fmt::Display, id: CallerId<'_>) {
        let why = format!("duplicate id `{id}`; give each its own id");
        self.add(field, ViolationKind::Duplicate, why);
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of violations.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the violations from an index on, for rewording.
    pub fn after_mut(&mut self, start: usize) -> &mut [Violation] {
        self.0.get_mut(start..).unwrap_or_default()
    }

    /// Adds what another check found, up to [`MAX_VIOLATIONS`] in all.
    pub fn extend(&mut self, found: Vec<Violation>) {
        let remaining = MAX_VIOLATIONS.saturating_sub(self.0.len());
        self.0.extend(found.into_iter().take(remaining));
    }

    /// Returns what is wrong, in the order in which it was found.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// Returns nothing where nothing is wrong.
    ///
    /// # Errors
    /// Every violation once, in order of field, `lines[2]` before `lines[10]`.
    pub fn into_result(self) -> Result<(), Vec<Violation>> {
        let Self(mut violations) = self;
        if violations.is_empty() {
            return Ok(());
        }
        violations.sort();
        violations.dedup();
        Err(violations)
    }
}
