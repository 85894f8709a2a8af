//! Random orders and requests for the shipped policies: facts and events in all their
//! states, any number of lines, parcels and payments, every action.
//!
//! What happens is drawn first, as a history that is possible; then it is told, an event
//! at its instant or on its day. So no order is refused for facts that cannot be.

mod census;
mod facts;
mod hidden;
mod order;
mod request;
mod shrink;
pub mod told;
mod words;

use std::path::Path;

use crate::within::decide;
use redress::domain::facts::{Action, Facts, Order, Request};
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::violation::Violation;
use redress::engine::View;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;

use crate::generate::{Seed, instant};
use crate::properties::NIGHTS;

pub use shrink::shrink;
pub use words::Words;

use census::Census;

/// The most given facts of one order that are unknown.
const MAX_HIDDEN: usize = 2;

/// Periods in days near whose ends acts are drawn.
const PERIODS: [i64; 7] = [0, 2, 5, 14, 15, 30, 60];

/// An order and a request about it, with the instant of deciding.
#[derive(Clone, Debug)]
pub struct Situation {
    pub order: Order<'static>,
    pub request: Request<'static>,
    pub decide_time: Instant,
}

impl Situation {
    /// Checks the facts.
    pub fn facts(&self) -> Result<Facts<'static>, Vec<Violation>> {
        let (order, request) = (self.order.clone(), self.request.clone());
        Facts::new(order, request, Some(self.decide_time))
    }
}

/// Returns the policies of the tree.
pub fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    Catalog::load(&load::policies(&folder).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

/// Checks a property of orders and requests of every shop and action, each told by a
/// number that makes it again.
pub fn of_every_shop_and_action(
    (property, short): (&str, u64),
    mut check: impl FnMut(&Plan, (u64, &Situation)),
) {
    let catalog = catalog();
    let mut census = Census::default();
    for (shop, plan) in catalog.plans().enumerate() {
        let words = Words::of(plan);
        for (place, action) in Action::ALL.iter().enumerate() {
            let kind = shop * Action::ALL.len() + place;
            for order in 0..orders(short) {
                let number = order * 100 + kind as u64;
                let situation = situation(plan, &words, *action, number);
                match situation.facts() {
                    Ok(facts) => {
                        census.count(&situation, &decide(plan, &facts, View::Basic));
                        check(plan, (number, &situation));
                    }
                    Err(violations) => {
                        println!("{property}, order {number}: {violations:?}");
                        census.refused += 1;
                    }
                }
            }
        }
    }
    census.report(property);
}

/// Returns how many orders of each shop and action a property is tried with:
/// `REDRESS_ORDERS`, or the number with which the suite stays short.
fn orders(short: u64) -> u64 {
    let asked = std::env::var("REDRESS_ORDERS").ok();
    asked.map_or(short, |number| number.parse().unwrap())
}

/// Makes an order and a request of an action; the number makes it again.
fn situation(plan: &Plan, words: &Words, action: Action, number: u64) -> Situation {
    let (mut made, mut seed) = known_situation(plan, words, action, number);
    for _ in 0..seed.below(MAX_HIDDEN + 1) {
        hidden::hide(&mut made, &mut seed);
    }
    made
}

/// Makes an order and a request of an action of which every given fact is known; the number
/// makes it again. Returns what draws the rest too.
pub fn known_situation(
    plan: &Plan,
    words: &Words,
    action: Action,
    number: u64,
) -> (Situation, Seed) {
    let mut draw = Draw::new(Seed::new(number), words, plan.zone);
    let (order, history) = draw.order();
    let request = draw.request(&order, &history, action);
    let made = Situation {
        order,
        request,
        decide_time: draw.decided,
    };
    (made, draw.seed)
}

/// When an event happened; `None`: it has not.
type Happened = Option<Instant>;

/// Draws what happens and what is told of it.
struct Draw<'w> {
    seed: Seed,
    words: &'w Words,
    /// The zone in which days are told.
    zone: Zone,
    /// When the order was placed.
    placed: Happened,
    /// When the request reached the shop.
    asked: Instant,
    /// The instant of deciding.
    decided: Instant,
    /// Whether little speaks against a remedy.
    smooth: bool,
}

impl<'w> Draw<'w> {
    fn new(mut seed: Seed, words: &'w Words, zone: Option<Zone>) -> Self {
        let start = match seed.below(3) {
            0 => instant(NIGHTS[seed.below(NIGHTS.len())]),
            _ => instant("2026-01-01T00:00:00Z").plus_hours(seed.below(24 * 365) as i64),
        };
        let mut draw = Self {
            zone: zone.unwrap_or_else(|| Zone::from_name("Europe/Rome").unwrap()),
            smooth: !seed.one_in(3),
            placed: (!seed.one_in(20)).then_some(start),
            asked: start,
            decided: start,
            seed,
            words,
        };
        let days = *draw.seed.pick(&[2, 10, 10, 20, 20, 30, 60, 800]);
        draw.asked = draw.after(start, days);
        draw.decided = match draw.seed.below(2) {
            0 => draw.asked,
            _ => draw.after(draw.asked, 40),
        };
        draw
    }

    /// Returns an instant that comes up to so many days after another.
    fn after(&mut self, start: Instant, days: usize) -> Instant {
        let seconds = self.seed.below(days * 24 * 3600) as i64;
        let rounded = match self.seed.below(3) {
            0 => seconds,
            _ => seconds / 3600 * 3600,
        };
        Instant::from_unix(start.unix_seconds() + rounded, 0).unwrap()
    }

    /// Draws when an event happens that cannot come before another, if it does by an
    /// instant.
    fn happens(&mut self, first: Happened, by: Instant) -> Happened {
        let first = first.filter(|first| *first <= by)?;
        if self.seed.one_in(6) {
            return None;
        }
        let length = (by.unix_seconds() - first.unix_seconds()) as usize;
        let days = length / (24 * 3600) + 1;
        let at = match self.seed.below(4) {
            0 => self.after(first, 2),
            1 => self.after(first, days.min(12)),
            2 => self.after(first, days),
            // Near the end of a period up to the request.
            _ => {
                let days = *self.seed.pick(&PERIODS);
                let hours = self.seed.below(60) as i64;
                self.asked.plus_hours(-24 * days - hours)
            }
        };
        Some(at.clamp(first, by))
    }

    /// Draws an event that seldom happens.
    fn seldom(&mut self, first: Happened, by: Instant) -> Happened {
        match self.seed.below(4) {
            0 => self.happens(first, by),
            _ => None,
        }
    }

    /// Tells a given event.
    fn tell(&mut self, happened: Happened) -> EventTime {
        match happened {
            None => EventTime::NotYet,
            Some(at) if self.seed.one_in(4) => EventTime::On(self.zone.day_of(at)),
            Some(at) => EventTime::At(at),
        }
    }

    /// Tells an event of which it is no question whether it is known.
    fn perhaps_tell(&mut self, happened: Happened) -> EventTime {
        match self.seed.below(3) {
            0 => EventTime::Unknown,
            _ => self.tell(happened),
        }
    }

    /// Answers a given fact, mostly with what speaks for a remedy.
    fn given(&mut self, mostly: bool) -> Option<bool> {
        let odds = if self.smooth { 20 } else { 3 };
        Some(mostly != self.seed.one_in(odds))
    }

    /// Answers a finding or what a customer supplies.
    fn found(&mut self, mostly: bool) -> Option<bool> {
        let odds = if self.smooth { 60 } else { 12 };
        match self.seed.below(3) {
            0 => None,
            _ => Some(mostly != self.seed.one_in(odds)),
        }
    }

    /// Returns one of a list that seldom is more than its first.
    fn mostly_first<T: Copy>(&mut self, list: &[T]) -> T {
        let odds = if self.smooth { 8 } else { 2 };
        match self.seed.one_in(odds) {
            true => *self.seed.pick(list),
            false => list[0],
        }
    }

    /// Returns some words of a list.
    fn some(&mut self, list: &[&'static str], odds: usize) -> Vec<&'static str> {
        let picked = list.iter().filter(|_| self.seed.one_in(odds));
        picked.copied().collect()
    }
}
