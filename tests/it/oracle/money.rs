//! The money of a request: what its rows pay together, to whom, and when.

use std::collections::BTreeMap;

use redress::domain::facts::{Facts, Remedy, Value};
use redress::domain::money::Amount;
use redress::domain::verdict::{Outcome, SettlementKind};
use redress::domain::vocabulary::Fact;
use redress::policy::terms::{Cheaper, DeliveryShare, Part, Worth};

use crate::sums::{self, Said, said};

use super::exact::largest_remainder;
use super::row::stated;
use super::worth::Worths;
use super::{Oracle, RowAnswer};

/// The settlement of the approved rows, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// What the units of each row are worth; a row without money has none.
    pub rows: Vec<i64>,
    pub refund: i64,
    pub credit: i64,
    pub used: i64,
    pub owed: i64,
    pub whole: bool,
    /// Sums by kind and code; `None`: an amount is pending.
    pub items: BTreeMap<(SettlementKind, String), Option<i64>>,
    /// What each payment gets, by id.
    pub payouts: Vec<(String, i64)>,
}

/// A request as it is settled.
struct Settling<'o, 'p> {
    facts: &'o Facts<'o>,
    rows: &'o [(Oracle<'p>, RowAnswer<'p>)],
    shares: Shares,
    /// What all rows pay before anything is deducted.
    gross: i64,
    /// The units of its line that come before each row.
    before: Vec<i32>,
    money: Money,
}

/// What of delivery comes back with the units, and whether options do.
pub type Shares = (DeliveryShare, bool);

/// The shares that the approved rows have: where they differ, the design does not say
/// whose count.
pub fn shares(rows: &[(Oracle<'_>, RowAnswer<'_>)]) -> Vec<Shares> {
    let approved = rows
        .iter()
        .filter(|(_, row)| row.outcome == Outcome::Approved);
    // Only what pays for units carries the rest.
    let of = |row: &RowAnswer<'_>| match row.pays() {
        true => (row.delivery(), row.options()),
        false => (DeliveryShare::None, false),
    };
    let own: Vec<Shares> = approved.map(|(_, row)| of(row)).collect();
    let mut all = Vec::new();
    for (delivery, _) in &own {
        for (_, options) in &own {
            if !all.contains(&(*delivery, *options)) {
                all.push((*delivery, *options));
            }
        }
    }
    all
}

/// Settles approved rows; those of one line follow each other as `order` lists them.
pub fn settle<'p>(
    facts: &'p Facts<'p>,
    rows: &[(Oracle<'p>, RowAnswer<'p>)],
    order: &[usize],
    shares: Option<Shares>,
) -> Option<Money> {
    let shares = shares?;
    let mut settling = Settling {
        facts,
        rows,
        shares,
        gross: 0,
        before: vec![0; rows.len()],
        money: Money {
            rows: vec![0; rows.len()],
            ..Money::default()
        },
    };
    settling.run(order);
    Some(settling.money)
}

/// Takes as much of an amount off a sum as is there; returns how much.
fn take(amount: i64, from: &mut i64) -> i64 {
    let taken = amount.min(*from).max(0);
    *from -= taken;
    taken
}

impl<'p> Settling<'_, 'p> {
    fn approved(&self) -> impl Iterator<Item = &(Oracle<'p>, RowAnswer<'p>)> {
        let rows = self.rows.iter();
        rows.filter(|(_, row)| row.outcome == Outcome::Approved)
    }

    fn item(&mut self, kind: SettlementKind, code: &str, amount: i64) {
        let sum = self.money.items.entry((kind, code.to_owned()));
        let sum = sum.or_insert(Some(0));
        *sum = sum.map(|sum| sum + amount);
    }

    fn pending(&mut self, kind: SettlementKind, code: &str) {
        self.money.items.insert((kind, code.to_owned()), None);
    }

    fn run(&mut self, order: &[usize]) {
        self.unknown();
        self.money.whole = self.units(|row| row.outcome == Outcome::Approved) == 0;
        let (mut refund, mut credit) = self.goods(order);
        let (difference, cheaper) = self.difference();
        if difference < 0 {
            let gives = match cheaper {
                Cheaper::Refund => &mut refund,
                Cheaper::Credit | Cheaper::Kept => &mut credit,
            };
            self.add(SettlementKind::Goods, -difference, gives);
        }
        self.order_level(if self.in_credit() {
            &mut credit
        } else {
            &mut refund
        });
        self.cap(&mut refund, &mut credit);
        self.deduct_stated(&mut refund, &mut credit);
        self.deduct_per_order(&mut refund, &mut credit);
        let mut owed = self.charges() + difference.max(0);
        owed -= take(owed, &mut refund);
        self.money.owed = owed;
        let spent = self.reimbursed();
        self.money.refund = refund + spent;
        self.money.credit = credit;
        self.use_credit();
        self.pay_out(refund);
        if spent > 0 {
            self.money.payouts.push((String::new(), spent));
        }
    }

    /// Shows amounts that nobody has told as pending.
    fn unknown(&mut self) {
        let mut pending = Vec::new();
        for (_, row) in self.approved() {
            for part in &row.parts {
                let (kind, sum) = match part {
                    Part::Deduct(sum) if row.pays() => (SettlementKind::Deduction, sum),
                    Part::Charge(sum) => (SettlementKind::Charge, sum),
                    Part::Reimburse(sum) => (SettlementKind::Reimbursement, sum),
                    _ => continue,
                };
                if row.unknown.contains(sum.code.as_str()) {
                    pending.push(kind);
                }
            }
        }
        for kind in pending {
            self.pending(kind, "unknown");
        }
    }

    /// The units of the order that are left without those of some rows.
    fn units(&self, of: impl Fn(&RowAnswer<'_>) -> bool) -> i32 {
        let lines = self.facts.order().lines.iter();
        let bought: i32 = lines.map(|l| l.quantity).sum();
        let earlier = self.facts.order().earlier.iter();
        let gone = earlier.filter(|e| e.line.is_some() && e.is_consumed());
        let gone: i32 = gone.map(|e| e.quantity).sum();
        let rows = self.rows.iter().filter(|(_, row)| of(row));
        bought - gone - rows.map(|(_, row)| row.quantity).sum::<i32>()
    }

    /// Whether what comes back becomes credit: all that is paid for units does.
    fn in_credit(&self) -> bool {
        let mut paid = self.approved().filter(|(_, row)| row.pays());
        paid.all(|(_, row)| row.grant.is_some_and(|g| g.remedy == Remedy::StoreCredit))
    }

    /// Pays for the units of each row; returns money and credit.
    fn goods(&mut self, order: &[usize]) -> (i64, i64) {
        let (mut refund, mut credit) = (0, 0);
        let mut taken = vec![0; self.facts.order().lines.len()];
        let rows = self.rows;
        for at in order {
            let (oracle, row) = &rows[*at];
            if row.outcome != Outcome::Approved {
                continue;
            }
            let line = Worths::of(self.facts, row.place.line);
            let (r, q) = (taken[row.place.line], row.quantity);
            let valued = row.pays() || row.difference().is_some();
            if valued {
                taken[row.place.line] += q;
            }
            self.before[*at] = r;
            if !row.pays() {
                continue;
            }
            let (paid, worth) = match self.facts.order().facts.get(Fact::Charged) {
                Value::YesNo(false) => (line.paid(r, q), 0),
                _ => (line.paid(r, q), line.units(r, q)),
            };
            self.gross += worth;
            self.item(SettlementKind::Goods, "", paid);
            self.item(SettlementKind::Cap, "", paid - worth);
            let mut left = worth;
            for part in &row.parts {
                let Part::Deduct(sum) = part else {
                    continue;
                };
                let (code, amount) = match said(sum) {
                    Said::PerUnit(each, _) => ("per_piece", line.per_piece(r, q, each.minor())),
                    Said::Percent(points) => ("percent", line.percent(r, q, points)),
                    Said::Stated(amount @ (Fact::Deterioration | Fact::ValueLoss)) => {
                        match stated(oracle, row, amount) {
                            Some(told) => (amount.word(), told),
                            None => continue,
                        }
                    }
                    Said::Stated(_) | Said::PerOrder(..) => continue,
                };
                let amount = take(amount, &mut left);
                self.item(SettlementKind::Deduction, code, amount);
            }
            self.money.rows[*at] = left;
            match row.grant.map(|g| g.remedy) {
                Some(Remedy::StoreCredit) => credit += left,
                _ => refund += left,
            }
        }
        (refund, credit)
    }

    /// Adds delivery and options where the request completes the order.
    fn order_level(&mut self, sum: &mut i64) {
        let order = self.facts.order();
        let paid = order.delivery.paid.unwrap().minor();
        let standard = order.delivery.standard_cost.unwrap().minor();
        let (share, with_options) = self.shares;
        let always = share == DeliveryShare::PaidAlways;
        let granted = match share {
            DeliveryShare::None => None,
            DeliveryShare::Standard => Some(paid.min(standard)),
            DeliveryShare::Paid | DeliveryShare::PaidAlways => Some(paid),
        };
        let before = |part: fn(&redress::domain::facts::EarlierRemedy<'_>) -> i64| -> i64 {
            order.earlier.iter().map(part).sum()
        };
        let undecided = [Outcome::NeedsInformation, Outcome::NeedsReview];
        let could_be_whole = self.units(|row| row.outcome != Outcome::Denied) == 0
            && self
                .rows
                .iter()
                .any(|(_, row)| undecided.contains(&row.outcome));
        if let Some(granted) = granted {
            let left = (granted - before(|e| e.delivery_amount.minor())).max(0);
            if self.money.whole || always {
                self.add(SettlementKind::Delivery, left, sum);
            } else if could_be_whole {
                self.pending(SettlementKind::Delivery, "");
            }
        }
        let options: i64 = order.options.iter().map(|o| o.paid.unwrap().minor()).sum();
        if with_options {
            let left = (options - before(|e| e.options_amount.minor())).max(0);
            if self.money.whole {
                self.add(SettlementKind::Options, left, sum);
            } else if could_be_whole && !order.options.is_empty() {
                self.pending(SettlementKind::Options, "");
            }
        }
    }

    /// Adds money of the order; nothing of it where nothing was charged.
    fn add(&mut self, kind: SettlementKind, amount: i64, sum: &mut i64) {
        self.item(kind, "", amount);
        match self.facts.order().facts.get(Fact::Charged) {
            Value::YesNo(false) => self.item(SettlementKind::Cap, "", amount),
            _ => {
                *sum += amount;
                self.gross += amount;
            }
        }
    }

    /// No more comes back than was paid less what was given back.
    fn cap(&mut self, refund: &mut i64, credit: &mut i64) {
        let order = self.facts.order();
        let Some(paid) = order.total_paid else {
            return;
        };
        let given: i64 = order
            .earlier
            .iter()
            .map(|e| (e.amount.plus(e.delivery_amount).plus(e.options_amount)).minor())
            .sum();
        let mut over = (self.gross - (paid.minor() - given).max(0)).max(0);
        if over > 0 {
            self.item(SettlementKind::Cap, "", over);
        }
        over -= take(over, refund);
        over -= take(over, credit);
        // What was deducted from units is taken as far as the cap leaves something.
        if over > 0 {
            self.item(SettlementKind::Deduction, "uncut", -over);
        }
    }

    /// Takes off amounts of the request that the facts state, each once.
    fn deduct_stated(&mut self, refund: &mut i64, credit: &mut i64) {
        for amount in [
            Fact::ReturnPaid,
            Fact::CollectionCost,
            Fact::UndeliveredCost,
        ] {
            let wanted = Part::Deduct(sums::stated(amount));
            let carries = |row: &RowAnswer<'_>| row.pays() && row.parts.contains(&&wanted);
            let told = self
                .approved()
                .find(|(_, row)| carries(row))
                .and_then(|(oracle, row)| stated(oracle, row, amount));
            if let Some(told) = told {
                let mut left = told;
                let mut taken = take(left, refund);
                left -= taken;
                taken += take(left, credit);
                self.item(SettlementKind::Deduction, amount.word(), taken);
            }
        }
    }

    /// Takes off what is taken once for the order, less what was taken before.
    fn deduct_per_order(&mut self, refund: &mut i64, credit: &mut i64) {
        let lines = 0..self.facts.order().lines.len();
        let kept_back: i64 = lines
            .map(|line| Worths::of(self.facts, line).kept_back)
            .sum();
        let amount = self.approved().find_map(|(_, row)| {
            row.parts.iter().find_map(|part| match part {
                Part::Deduct(sum) => match said(sum) {
                    Said::PerOrder(amount, _) => Some(amount.minor()),
                    _ => None,
                },
                _ => None,
            })
        });
        if let Some(amount) = amount {
            let mut left = (amount - kept_back).max(0);
            let mut taken = take(left, refund);
            left -= taken;
            taken += take(left, credit);
            self.item(SettlementKind::Deduction, "per_order", taken);
        }
    }

    /// Adds up what is charged: amounts of units row by row, those of the request once.
    fn charges(&mut self) -> i64 {
        let mut charged: BTreeMap<&'static str, i64> = BTreeMap::new();
        for (oracle, row) in self.approved() {
            for part in &row.parts {
                let Part::Charge(sum) = part else {
                    continue;
                };
                let amount = sum.formula.facts()[0];
                let Some(told) = stated(oracle, row, amount) else {
                    continue;
                };
                let sum = charged.entry(amount.word()).or_insert(0);
                match amount {
                    Fact::Deterioration | Fact::ValueLoss => *sum += told,
                    _ => *sum = told,
                }
            }
        }
        for (code, amount) in &charged {
            self.item(SettlementKind::Charge, code, *amount);
        }
        charged.values().sum()
    }

    /// Adds up what the customer spent and gets back.
    fn reimbursed(&mut self) -> i64 {
        let mut spent: BTreeMap<&str, i64> = BTreeMap::new();
        for (oracle, row) in self.approved() {
            for part in &row.parts {
                if let Part::Reimburse(sum) = part
                    && let Some(told) = stated(oracle, row, sum.formula.facts()[0])
                {
                    spent.insert(&sum.code, told);
                }
            }
        }
        for (code, amount) in &spent {
            self.item(SettlementKind::Reimbursement, code, *amount);
        }
        spent.values().sum()
    }

    /// What the wanted goods of all exchanged rows cost more than those that come back.
    fn difference(&mut self) -> (i64, Cheaper) {
        let wanted = self.facts.request().ask.get(Fact::WantedUnitPrice);
        let Some(wanted) = wanted.amount() else {
            return (0, Cheaper::Kept);
        };
        let (mut net, mut dearer, mut cheaper) = (0, false, Cheaper::Kept);
        let rows = self.rows.iter().zip(&self.before);
        for ((_, row), r) in rows.filter(|((_, row), _)| row.outcome == Outcome::Approved) {
            let Some((owed, treatment)) = row.difference() else {
                continue;
            };
            (dearer, cheaper) = (dearer || owed, cheaper.max(treatment));
            let line = Worths::of(self.facts, row.place.line);
            let worth = line.units(*r, row.quantity);
            net += wanted.minor() * i64::from(row.quantity) - worth;
        }
        if net > 0 && dearer {
            self.item(SettlementKind::Charge, "difference", net);
        } else if net > 0 || cheaper == Cheaper::Kept {
            net = 0;
        }
        (net, cheaper)
    }

    /// Uses the customer's credit, once for the order and up to the units named.
    fn use_credit(&mut self) {
        let credits = |row: &RowAnswer<'_>| {
            row.outcome == Outcome::Approved && row.grant.is_some_and(|g| g.worth == Worth::Credit)
        };
        let rows = self.rows.iter().filter(|(_, row)| credits(row));
        let mut taken = vec![0; self.facts.order().lines.len()];
        let mut price = None;
        for (_, row) in rows {
            let line = Worths::of(self.facts, row.place.line);
            let r = taken[row.place.line];
            taken[row.place.line] += row.quantity;
            *price.get_or_insert(0) += line.paid(r, row.quantity);
        }
        let (Some(mut price), Some(credit)) = (price, credit_left(self.facts)) else {
            return;
        };
        if self.units(credits) == 0 {
            price += self.facts.order().delivery.paid.unwrap().minor();
        }
        self.money.used = price.min(credit.minor());
        self.item(SettlementKind::CreditUsed, "", self.money.used);
    }

    /// Shares the refund among the payments, together with what went back to them before.
    fn pay_out(&mut self, refund: i64) {
        let order = self.facts.order();
        let mut payments: Vec<(&str, i64)> = order
            .payments
            .iter()
            .map(|p| (p.id.as_str(), p.amount.minor()))
            .collect();
        payments.sort_unstable();
        let amounts: Vec<i64> = payments.iter().map(|(_, amount)| *amount).collect();
        let in_money = |remedy| !matches!(remedy, Remedy::StoreCredit | Remedy::CreditUse);
        let before: i64 = order
            .earlier
            .iter()
            .filter(|e| in_money(e.remedy))
            .map(|e| (e.amount.plus(e.delivery_amount).plus(e.options_amount)).minor())
            .sum();
        let then = largest_remainder(before, &amounts);
        let now = largest_remainder(before + refund, &amounts);
        for ((id, _), (then, now)) in payments.into_iter().zip(then.into_iter().zip(now)) {
            if now != then {
                self.money.payouts.push((id.to_owned(), now - then));
            }
        }
    }
}

/// What is left of the credit that is to be used.
fn credit_left(facts: &Facts<'_>) -> Option<Amount> {
    facts.request().ask.get(Fact::CreditAmount).amount()
}
