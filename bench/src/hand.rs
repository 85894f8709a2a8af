//! The same decision, written by hand: what a naive function costs, zones included.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;
use rust_decimal::Decimal;

/// A typed order.
pub struct Order {
    /// When the return is asked for.
    pub request_time: DateTime<Utc>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A typed line.
pub struct Line {
    /// Made to order.
    pub personalized: bool,
    /// Price of one unit.
    pub unit_price: Decimal,
    /// Units.
    pub quantity: u32,
    /// When it was delivered.
    pub delivered: DateTime<Utc>,
    /// Worn.
    pub worn: bool,
}

/// What a line gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Approved or denied.
    pub approved: bool,
    /// Credit rather than money.
    pub credit: bool,
    /// How much.
    pub amount: Decimal,
    /// The first instant outside the window.
    pub closes: DateTime<Utc>,
    /// The clause.
    pub clause: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// What an order gets.
#[derive(Debug)]
pub struct Reply {
    /// Line by line.
    pub rows: Vec<Row>,
    /// Their sum.
    pub total: Decimal,
}

/// Decides an order.
pub fn decide(order: &Order) -> Reply {
    let mut total = Decimal::ZERO;
    let mut rows = Vec::with_capacity(order.lines.len());
    for line in &order.lines {
        let days = if line.personalized { 14 } else { 30 };
        let closes = midnight_after(line.delivered, days);
        let in_time = order.request_time < closes;
        let refused = !line.personalized && line.worn;
        let approved = in_time && !refused;
        let amount = if approved {
            line.unit_price * Decimal::from(line.quantity)
        } else {
            Decimal::ZERO
        };
        total += amount;
        rows.push(Row {
            approved,
            credit: line.personalized,
            amount,
            closes,
            clause: match (line.personalized, refused) {
                (true, _) => "BAS-03",
                (false, true) => "BAS-10",
                (false, false) => "BAS-07",
            },
            reason: match (refused, in_time) {
                (true, _) => "worn",
                (false, false) => "window_closed",
                (false, true) => "granted",
            },
        });
    }
    Reply { rows, total }
}

/// Returns the local midnight that ends a number of days after an instant.
fn midnight_after(instant: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    let day = instant.with_timezone(&Paris).date_naive();
    let next = day + Days::new(days + 1);
    Paris
        .from_local_datetime(&next.and_time(NaiveTime::MIN))
        .earliest()
        .expect("Paris has a midnight every day")
        .with_timezone(&Utc)
}
