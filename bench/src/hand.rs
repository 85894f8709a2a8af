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
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// Line by line.
    pub rows: Vec<Row>,
    /// Their sum.
    pub total: Decimal,
}

/// Decides an order.
pub fn decide(order: &Order) -> Reply {
    decide_by(order, |line| window_end(line.delivered, line.personalized))
}

/// Decides an order and computes each window once for a delivery and kind.
pub fn decide_with_memo(order: &Order) -> Reply {
    let mut memo = Memo::default();
    decide_by(order, |line| memo.window_end(line))
}

/// A window, and what it depends on.
struct Window {
    delivered: DateTime<Utc>,
    personalized: bool,
    end: DateTime<Utc>,
}

/// Keeps the windows that were computed last.
#[derive(Default)]
struct Memo {
    /// The windows.
    known: [Option<Window>; 4],
    /// The place that is written next.
    next: usize,
}

impl Memo {
    fn window_end(&mut self, line: &Line) -> DateTime<Utc> {
        for known in self.known.iter().flatten() {
            if known.delivered == line.delivered && known.personalized == line.personalized {
                return known.end;
            }
        }
        let end = window_end(line.delivered, line.personalized);
        self.known[self.next] = Some(Window {
            delivered: line.delivered,
            personalized: line.personalized,
            end,
        });
        self.next = (self.next + 1) % self.known.len();
        end
    }
}

#[inline]
fn decide_by(order: &Order, mut window_end: impl FnMut(&Line) -> DateTime<Utc>) -> Reply {
    let mut total = Decimal::ZERO;
    let mut rows = Vec::with_capacity(order.lines.len());
    for line in &order.lines {
        let closes = window_end(line);
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

/// Returns the first instant at which a line is too late.
fn window_end(delivered: DateTime<Utc>, personalized: bool) -> DateTime<Utc> {
    midnight_after(delivered, if personalized { 14 } else { 30 })
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
