//! What is wrong with facts, and where.

use super::words::words;

words! {
    /// Names what is wrong with a field.
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
        /// An id stands twice.
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
        field: impl Into<String>,
        kind: ViolationKind,
        description: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            kind,
            description: description.into(),
        }
    }
}
