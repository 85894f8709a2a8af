//! General engines that make the same decision.
//!
//! Each builds its own input from the typed order and reads its own output into an
//! [`Answer`], both inside of the clock, through the fastest functions that its crate
//! has. What it cannot work out is given to it as [`Before`], outside of the clock.

mod cedar;
mod cel;
mod rego;
mod zen;

use std::hint::black_box;

use chrono::Datelike;
use chrono_tz::Europe::Paris;
use rust_decimal::Decimal;

use crate::hand::{self, Order};
use crate::measure::Contender;
use crate::orders::Sample;

/// What an engine that knows no time zones is told about a line.
#[derive(Clone, Copy)]
struct Before {
    /// Local days from delivery to request.
    days: i64,
    /// When the window closes, in seconds since 1970.
    closes: i64,
}

/// What an engine says about a line; `None`: it does not say.
#[derive(Clone, Copy, Default)]
struct Part {
    approved: Option<bool>,
    credit: Option<bool>,
    amount: Option<Decimal>,
    /// Seconds since 1970.
    closes: Option<i64>,
    clause: Option<&'static str>,
    reason: Option<&'static str>,
}

/// What an engine says about an order.
struct Answer {
    rows: Vec<Part>,
    total: Option<Decimal>,
}

/// An engine with the policy loaded.
trait Peer {
    /// Returns its name as it is printed.
    fn name(&self) -> &'static str;
    /// Decides an order.
    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer;
}

/// What kind of answer a peer gives, for the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole reply from the order alone.
    OwnTime,
    /// A whole reply; days and windows are worked out for it.
    WholeReply,
}

impl Kind {
    /// Says what the peer was given.
    pub fn words(self) -> &'static str {
        match self {
            Self::OwnTime => "finds the window's end itself",
            Self::WholeReply => "windows worked out beforehand",
        }
    }
}

/// Returns what kind of whole reply a contender gives, if it gives one.
pub fn kind(name: &str) -> Option<Kind> {
    match name {
        rego::OWN_TIME => Some(Kind::OwnTime),
        rego::MACHINE | rego::INTERPRETER | zen::NODE | zen::TABLE => Some(Kind::WholeReply),
        _ => None,
    }
}

fn all() -> Vec<Box<dyn Peer>> {
    vec![
        Box::new(cel::Cel::new()),
        Box::new(zen::Bare::new()),
        Box::new(zen::Graph::node()),
        Box::new(zen::Graph::table()),
        Box::new(cedar::Cedar::new()),
        Box::new(rego::Machine::given()),
        Box::new(rego::Machine::own_time()),
        Box::new(rego::Interpreter::new()),
    ]
}

/// Makes every peer a contender on some orders.
pub fn contenders(samples: &[Sample]) -> Vec<Contender<'_>> {
    let contender = |mut peer: Box<dyn Peer>| {
        let before: Vec<Vec<Before>> = samples.iter().map(|s| before(&s.typed)).collect();
        let name = peer.name();
        Contender::new(name, samples.len(), move |n| {
            black_box(peer.decide(black_box(&samples[n].typed), &before[n]));
        })
    };
    all().into_iter().map(contender).collect()
}

/// Ends where a peer says something else than the hand-written function.
pub fn compare(samples: &[Sample]) {
    for mut peer in all() {
        for sample in samples {
            let answer = peer.decide(&sample.typed, &before(&sample.typed));
            let reply = hand::decide(&sample.typed);
            let name = peer.name();
            assert_eq!(answer.rows.len(), reply.rows.len(), "{name}: rows");
            for (part, row) in answer.rows.iter().zip(&reply.rows) {
                assert_eq!(part.approved, Some(row.approved), "{name}: approved");
                same(name, part.credit, row.credit);
                same(name, part.amount, row.amount);
                same(name, part.closes, row.closes.timestamp());
                same(name, part.clause, row.clause);
                same(name, part.reason, row.reason);
            }
            same(name, answer.total, reply.total);
        }
    }
}

fn same<T: PartialEq + std::fmt::Debug>(name: &str, said: Option<T>, wanted: T) {
    if let Some(said) = said {
        assert_eq!(said, wanted, "{name}");
    }
}

fn before(order: &Order) -> Vec<Before> {
    let day = |at: chrono::DateTime<chrono::Utc>| {
        let local = at.with_timezone(&Paris).date_naive();
        i64::from(local.num_days_from_ce())
    };
    let rows = hand::decide(order).rows;
    let lines = order.lines.iter().zip(rows);
    lines
        .map(|(line, row)| Before {
            days: day(order.request_time) - day(line.delivered),
            closes: row.closes.timestamp(),
        })
        .collect()
}

/// Returns a price in cents: prices have two places.
fn cents(price: Decimal) -> i64 {
    i64::try_from(price.mantissa()).expect("a price of an order")
}

/// Returns the word of a reply that an engine's text is.
fn word(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 6] = [
        "BAS-03",
        "BAS-07",
        "BAS-10",
        "granted",
        "window_closed",
        "worn",
    ];
    WORDS.into_iter().find(|word| *word == text)
}
