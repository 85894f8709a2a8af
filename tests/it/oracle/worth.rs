//! What units of a line can still pay: what was paid for them, less what was given back.

use redress::domain::facts::{Facts, Line, Remedy, Value};
use redress::domain::id::CallerId;
use redress::domain::vocabulary::Fact;

use super::exact::{Exact, largest_remainder};

/// What a line cost before discounts.
fn price(line: &Line<'_>) -> i64 {
    line.unit_price.unwrap().minor() * i64::from(line.quantity)
}

/// What was paid for each line: unit price by quantity less the line's discount less its
/// share of the order's, by largest remainder, ties by line id.
fn nets(facts: &Facts<'_>) -> Vec<i64> {
    let order = facts.order();
    let mut by_id: Vec<usize> = (0..order.lines.len()).collect();
    by_id.sort_by_key(|at| order.lines[*at].id.as_str());
    let before: Vec<i64> = by_id
        .iter()
        .map(|at| {
            let line = &order.lines[*at];
            price(line) - line.discount.unwrap().minor()
        })
        .collect();
    let shares = largest_remainder(order.discount.unwrap().minor(), &before);
    let mut nets = vec![0; by_id.len()];
    for ((at, before), share) in by_id.into_iter().zip(before).zip(shares) {
        nets[at] = before - share;
    }
    nets
}

/// `part(k)`: an amount's share of k of n units, rounded half up.
pub fn part(amount: i64, k: i32, n: i32) -> i64 {
    (Exact::from(amount) * Exact::new(i128::from(k), i128::from(n))).half_up()
}

/// What the units of a line are worth: those that are gone in all, and each that is left.
pub struct Worths<'f> {
    net: i64,
    /// What the line cost before discounts.
    gross: i64,
    quantity: i32,
    /// How many are gone.
    pub consumed: i32,
    /// What was paid for the units that are gone.
    pub gone: i64,
    /// How much less was paid out for them.
    pub kept_back: i64,
    /// The parcels that they came in, as far as that is told.
    pub parcels: Vec<Option<CallerId<'f>>>,
    /// Whether anything was charged: otherwise no unit pays anything.
    charged: bool,
    /// What each unit that is left can still pay.
    left: Vec<i64>,
    /// What was paid on top of each of them in an exchange.
    on_top: Vec<i64>,
    /// What all of them can pay together at most.
    cap: i64,
}

impl<'f> Worths<'f> {
    pub fn of(facts: &Facts<'f>, line: usize) -> Self {
        let order = facts.order();
        let (net, bought) = (nets(facts)[line], &order.lines[line]);
        let n = bought.quantity;
        let earlier = || {
            let earlier = order.earlier.iter();
            earlier.filter(|e| e.line == Some(bought.id))
        };
        let consumed = || earlier().filter(|e| e.is_consumed());
        let r: i32 = consumed().map(|e| e.quantity).sum();
        let mut left: Vec<i64> = (r..n)
            .map(|k| part(net, k + 1, n) - part(net, k, n))
            .collect();
        // Of the units that are left those come first for which money was given, or paid.
        let mut on_top = vec![0; left.len()];
        for got in earlier().filter(|e| e.remedy == Remedy::Exchange) {
            let more = got.surcharge.minor();
            for k in 0..got.quantity.min(n - r) {
                let share = part(more, k + 1, got.quantity) - part(more, k, got.quantity);
                on_top[usize::try_from(k).unwrap()] += share;
                left[usize::try_from(k).unwrap()] += share;
            }
        }
        for kept in earlier().filter(|e| !e.is_consumed()) {
            let given = kept.amount.minor();
            for (k, unit) in (0..kept.quantity).zip(&mut left) {
                *unit -= part(given, k + 1, kept.quantity) - part(given, k, kept.quantity);
            }
        }
        left.iter_mut().for_each(|unit| *unit = (*unit).max(0));
        let gone = part(net, r, n);
        let paid_out: i64 = consumed().map(|e| e.amount.minor()).sum();
        let given: i64 = earlier().map(|e| e.amount.minor()).sum();
        let more: i64 = earlier().map(|e| e.surcharge.minor()).sum();
        Self {
            net,
            gross: price(bought),
            parcels: consumed().map(|e| e.shipment).collect(),
            charged: order.facts.get(Fact::Charged) != Value::YesNo(false),
            quantity: n,
            consumed: r,
            gone,
            kept_back: (gone - paid_out).max(0),
            left,
            on_top,
            cap: (net + more - given).max(0),
        }
    }

    /// What was paid for q of the units that are left, r of which come before.
    pub fn paid(&self, r: i32, q: i32) -> i64 {
        let upto = |k: i32| {
            let on_top = self.on_top.iter().take(usize::try_from(k).unwrap());
            part(self.net, self.consumed + k, self.quantity) + on_top.sum::<i64>()
        };
        upto(r + q) - upto(r)
    }

    /// What the last k units cost after all discounts, whatever was paid on top of them.
    pub fn cost_of_last(&self, k: i32) -> i64 {
        self.net - part(self.net, self.quantity - k, self.quantity)
    }

    /// How many units are left.
    pub fn left_units(&self) -> i32 {
        self.quantity - self.consumed
    }

    /// What the first k units that are left can pay.
    pub fn upto(&self, k: i32) -> i64 {
        let k = usize::try_from(k).unwrap();
        self.left.iter().take(k).sum::<i64>().min(self.cap)
    }

    /// What q of the units that are left can pay, r of which come before.
    pub fn units(&self, r: i32, q: i32) -> i64 {
        self.upto(r + q) - self.upto(r)
    }

    /// What q of the units that are left cost before discounts, r of which come before.
    pub fn price(&self, r: i32, q: i32) -> i64 {
        let upto = |k: i32| part(self.gross, self.consumed + k, self.quantity);
        upto(r + q) - upto(r)
    }

    /// What the units that are gone cost before discounts.
    pub fn price_gone(&self) -> i64 {
        part(self.gross, self.consumed, self.quantity)
    }

    /// What q of the units that are left can pay as things are, r of which come before:
    /// nothing where nothing was charged.
    pub fn payable(&self, r: i32, q: i32) -> i64 {
        match self.charged {
            true => self.units(r, q),
            false => 0,
        }
    }

    /// What the units that are gone could pay.
    pub fn payable_gone(&self) -> i64 {
        if self.charged { self.gone } else { 0 }
    }
}
