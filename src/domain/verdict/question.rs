//! What is asked of a missing fact, and what an answer looks like.

use super::Party;
use crate::domain::vocabulary::{Event, Fact, Kind};
use crate::domain::words::words;

/// Names what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A fact, with the word that names it, such as a tag.
    Fact(Fact, Option<String>),
    /// An event.
    Event(Event),
    /// A field that is neither.
    Field(AskedField),
}

words! {
    /// Names a field that is asked for and that no policy can test.
    AskedField {
        /// The parcel that units came in.
        Shipment = "shipment",
        /// The time zone that the customer lives in.
        CustomerTimeZone = "customer_time_zone",
        /// The time zone of the place of delivery.
        DeliveryTimeZone = "delivery_time_zone",
        /// The price of one unit.
        UnitPrice = "unit_price",
        /// The discount on an order line.
        LineDiscount = "line_discount",
        /// The discount on the order.
        OrderDiscount = "order_discount",
        /// What was paid for delivery.
        DeliveryPaid = "delivery_paid",
        /// What the cheapest standard delivery would have cost.
        DeliveryStandardCost = "delivery_standard_cost",
        /// Whether all options of the order are listed.
        OptionsComplete = "options_complete",
        /// What was paid for an option.
        OptionPaid = "option_paid",
    }
}

words! {
    /// Tells which form an answer has.
    AnswerType {
        /// Yes or no.
        YesNo = "yes_no",
        /// A word.
        Word = "word",
        /// A whole number.
        Number = "number",
        /// An amount in the currency of the order.
        Amount = "amount",
        /// When something happened, or that it has not.
        Event = "event",
        /// A calendar day.
        Day = "day",
        /// An IANA time zone.
        TimeZone = "time_zone",
        /// The id of a parcel of the order.
        Shipment = "shipment",
    }
}

impl Question {
    /// Returns the name of what is asked for: of a fact or event that of the vocabulary.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fact(fact, _) => fact.word(),
            Self::Event(event) => event.word(),
            Self::Field(field) => field.word(),
        }
    }

    /// Returns the word that names the fact beside its own name, such as a tag.
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Fact(_, word) => word.as_deref(),
            Self::Event(_) | Self::Field(_) => None,
        }
    }

    /// Returns who can usually tell.
    pub const fn source(&self) -> Party {
        match self {
            Self::Fact(fact, _) => fact.spec().source,
            Self::Event(event) => event.spec().source,
            Self::Field(AskedField::Shipment | AskedField::CustomerTimeZone) => Party::Customer,
            Self::Field(_) => Party::Shop,
        }
    }

    /// Returns the form of an answer.
    pub const fn answer_type(&self) -> AnswerType {
        match self {
            // Its field says when.
            Self::Fact(Fact::FormSent, _) => AnswerType::Event,
            Self::Fact(fact, _) => match fact.spec().kind {
                Kind::YesNo => AnswerType::YesNo,
                Kind::Word | Kind::OneOf(_) => AnswerType::Word,
                Kind::Number => AnswerType::Number,
                Kind::Amount => AnswerType::Amount,
            },
            Self::Event(Event::Birth) => AnswerType::Day,
            // A declared one can be planned to the minute.
            Self::Event(event) if event.is_planned() && event.entry().is_none() => AnswerType::Day,
            Self::Event(_) => AnswerType::Event,
            Self::Field(field) => match field {
                AskedField::Shipment => AnswerType::Shipment,
                AskedField::CustomerTimeZone | AskedField::DeliveryTimeZone => AnswerType::TimeZone,
                AskedField::OptionsComplete => AnswerType::YesNo,
                AskedField::UnitPrice
                | AskedField::LineDiscount
                | AskedField::OrderDiscount
                | AskedField::DeliveryPaid
                | AskedField::DeliveryStandardCost
                | AskedField::OptionPaid => AnswerType::Amount,
            },
        }
    }

    /// Returns the least number that an answer can be; `None`: no limit, or no number.
    pub const fn at_least(&self) -> Option<i64> {
        match self {
            Self::Fact(fact, _) => fact.spec().at_least,
            Self::Event(_) | Self::Field(_) => None,
        }
    }
}
