//! Between the texts and messages of the wire and the types of a program.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use prost_types::Timestamp;
use rust_decimal::Decimal;

use crate::pb;

/// Says that a value of a reply cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidValue(String);

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl InvalidValue {
    pub(crate) fn new(why: String) -> Self {
        Self(why)
    }

    fn not_a_decimal(text: &str) -> Self {
        Self(format!("`{text}` is not a decimal"))
    }
}

impl Error for InvalidValue {}

/// Writes an amount as the wire has it; `None`, unknown, is the empty text.
///
/// ```
/// # use redress_client::amount_text;
/// # use rust_decimal::Decimal;
/// assert_eq!(amount_text(Decimal::new(5900, 2)), "59.00");
/// assert_eq!(amount_text(None), "");
/// ```
pub fn amount_text(amount: impl Into<Option<Decimal>>) -> String {
    amount.into().map(|a| a.to_string()).unwrap_or_default()
}

/// Reads an amount of the wire, exactly; the empty text is `None`, unknown or
/// not known yet, and never zero.
///
/// # Errors
/// The text is not a plain decimal.
pub fn parse_amount(text: &str) -> Result<Option<Decimal>, InvalidValue> {
    if text.is_empty() {
        return Ok(None);
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let amount = plain.then(|| Decimal::from_str(text).ok()).flatten();
    amount
        .map(Some)
        .ok_or_else(|| InvalidValue::not_a_decimal(text))
}

/// Writes an instant as the wire has it.
pub fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        // A leap second is written as the last nanosecond of the one before.
        nanos: i32::try_from(time.timestamp_subsec_nanos().min(999_999_999)).unwrap_or(0),
    }
}

/// Reads an instant of the wire; `None` where it is outside the calendar.
pub fn date_time(time: &Timestamp) -> Option<DateTime<Utc>> {
    let nanos = u32::try_from(time.nanos)
        .ok()
        .filter(|n| *n < 1_000_000_000)?;
    DateTime::from_timestamp(time.seconds, nanos)
}

/// Writes a yes, a no or an unknown as the number that the wire has.
///
/// ```
/// # use redress_client::{answer, pb};
/// assert_eq!(answer(true), pb::Answer::Yes as i32);
/// assert_eq!(answer(None), pb::Answer::Unspecified as i32);
/// ```
pub fn answer(known: impl Into<Option<bool>>) -> i32 {
    known
        .into()
        .map_or(pb::Answer::Unspecified, pb::Answer::from)
        .into()
}

impl From<bool> for pb::Answer {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl pb::EventTime {
    /// Says that the event happened at an instant.
    pub fn at(time: DateTime<Utc>) -> Self {
        Self {
            state: Some(pb::event_time::State::Time(timestamp(time))),
        }
    }

    /// Says that the event happened on a day, in the zone of the policy, where
    /// the hour is not known.
    pub fn on(day: NaiveDate) -> Self {
        Self {
            state: Some(pb::event_time::State::Date(
                day.format("%Y-%m-%d").to_string(),
            )),
        }
    }

    /// Says that the event has not happened. An event of which nothing is known
    /// is left out instead.
    pub fn not_yet() -> Self {
        Self {
            state: Some(pb::event_time::State::NotYet(pb::NotYet {})),
        }
    }

    /// Says that the event has happened, and that nobody can tell when. It is not asked
    /// for; where the answer depends on its time, a person decides.
    pub fn happened() -> Self {
        Self {
            state: Some(pb::event_time::State::Happened(pb::Happened {})),
        }
    }
}

impl From<DateTime<Utc>> for pb::EventTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self::at(time)
    }
}

impl From<NaiveDate> for pb::EventTime {
    fn from(day: NaiveDate) -> Self {
        Self::on(day)
    }
}

impl pb::DecideRequest {
    /// Asks what follows from a policy for an order and what the customer wants; the
    /// verdict comes at full view.
    pub fn new(policy: impl ToString, order: pb::Order, request: pb::CustomerRequest) -> Self {
        Self::default()
            .with_policy(policy)
            .with_order(order)
            .with_request(request)
            .with_view(pb::View::Full)
    }
}

impl pb::Order {
    /// Describes an order of which nothing else is known.
    pub fn new(order_id: impl ToString, currency_code: impl ToString) -> Self {
        Self::default()
            .with_order_id(order_id)
            .with_currency_code(currency_code)
    }
}

impl pb::Line {
    /// Describes units of one price, in the currency of the order.
    pub fn new(line_id: impl ToString, quantity: i32, unit_price: impl ToString) -> Self {
        Self::default()
            .with_line_id(line_id)
            .with_quantity(quantity)
            .with_unit_price(unit_price)
    }
}

impl pb::Shipment {
    /// Describes a parcel of which nothing else is known.
    pub fn new(shipment_id: impl ToString) -> Self {
        Self::default().with_shipment_id(shipment_id)
    }
}

impl pb::RequestLine {
    /// Names units of a line of which nothing else is known.
    pub fn units(line_id: impl Into<String>, quantity: i32) -> Self {
        Self {
            line_id: line_id.into(),
            groups: vec![pb::UnitGroup {
                quantity,
                ..Default::default()
            }],
        }
    }
}

impl pb::CustomerRequest {
    /// Asks for an action on units, as of the server's clock.
    pub fn new(action: pb::customer_request::Action, lines: Vec<pb::RequestLine>) -> Self {
        Self {
            lines,
            action: Some(action),
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_round_trip_and_absence_is_not_zero() {
        for text in ["59.00", "0.00", "1000000000000.00", "100", "0.005"] {
            let read = parse_amount(text).expect("a decimal").expect("known");
            assert_eq!(amount_text(read), text);
        }
        assert_eq!(parse_amount(""), Ok(None));
        for bad in ["-1.00", "1e3", "1,00", ".", "NaN", " 1"] {
            assert_eq!(parse_amount(bad), Err(InvalidValue::not_a_decimal(bad)));
        }
    }

    #[test]
    fn instants_round_trip_to_the_nanosecond() {
        for (seconds, nanos) in [(0, 0), (-1, 999_999_999), (253_402_300_799, 1)] {
            let time = DateTime::from_timestamp(seconds, nanos).expect("an instant");
            assert_eq!(date_time(&timestamp(time)), Some(time));
        }
        let broken = Timestamp {
            seconds: 0,
            nanos: -1,
        };
        assert_eq!(date_time(&broken), None);
    }

    #[test]
    fn days_are_written_in_iso_8601() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 4).expect("a day");
        let state = pb::EventTime::on(day).state;
        assert_eq!(
            state,
            Some(pb::event_time::State::Date("2026-03-04".into()))
        );
    }
}
