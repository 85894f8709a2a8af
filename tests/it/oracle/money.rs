//! The money of a request: what its rows pay together, to whom, and when.

use std::collections::BTreeMap;

use redress::domain::facts::{Facts, Remedy, Value};
use redress::domain::money::Amount;
use redress::domain::verdict::{Outcome, SettlementKind};
use redress::domain::vocabulary::Fact;
use redress::policy::terms::{Cheaper, DeliveryShare, Formula, Part, Scope, Sum, Worth};

use super::exact::largest_remainder;
use super::once::{Before, Once, Place};
use super::sums::Units;
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
    /// What will be owed where the rows that are not decided come to nothing.
    pub owed_perhaps: i64,
    pub whole: bool,
    /// Sums by kind and code; `None`: an amount is pending.
    pub items: BTreeMap<(SettlementKind, String), Option<i64>>,
    /// What each payment gets, by id.
    pub payouts: Vec<(String, i64)>,
}

/// A request as it is settled.
struct Settling<'o, 'p> {
    facts: &'p Facts<'p>,
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

/// Whether an amount is worked out row by row.
fn is_of_row(sum: &Sum) -> bool {
    matches!(sum.scope, Scope::Row | Scope::Unit)
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
        let mut before = Before::of(self.facts);
        self.deduct_once(&mut before, &mut refund, &mut credit);
        let mut owed = self.extras(SettlementKind::Charge, &mut before) + difference.max(0);
        owed -= take(owed, &mut refund);
        // What other rows pay can still cover it.
        let undecided = [Outcome::NeedsInformation, Outcome::NeedsReview];
        match self
            .rows
            .iter()
            .any(|(_, row)| undecided.contains(&row.outcome))
        {
            true => self.money.owed_perhaps = owed,
            false => self.money.owed = owed,
        }
        let spent = self.extras(SettlementKind::Reimbursement, &mut before);
        self.money.refund = refund + spent;
        self.money.credit = credit;
        self.unknown();
        self.use_credit();
        self.pay_out(refund);
        if spent > 0 {
            self.money.payouts.push((String::new(), spent));
        }
    }

    /// Shows amounts that cannot be worked out as pending.
    fn unknown(&mut self) {
        let mut pending = Vec::new();
        // What is taken off units turns on which of them come first.
        for kind in [
            SettlementKind::Deduction,
            SettlementKind::Charge,
            SettlementKind::Reimbursement,
        ] {
            let all = self.once(kind);
            if all.iter().any(|once| self.is_open(once)) {
                pending.push(kind);
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
            let (r, q) = match row.values_units() {
                true => (taken[row.place.line], row.quantity),
                false => (0, row.quantity),
            };
            if row.values_units() {
                taken[row.place.line] += q;
                self.before[*at] = r;
            }
            if !row.pays() {
                continue;
            }
            let worth = line.payable(r, q);
            let open = |sum: &Sum, left: i64| {
                row.is_open(sum) && !oracle.untold_at(row, sum, Some(left), r).is_empty()
            };
            if row.said().is_some_and(|sum| open(sum, worth)) {
                self.pending(SettlementKind::Goods, "unknown");
                continue;
            }
            let worth = match row.said() {
                Some(sum) => {
                    let guess = oracle.any_guess(&sum.formula);
                    let amount = oracle.of_row(&line, row, sum, r, true, &guess);
                    let amount = amount.min(worth);
                    self.item(SettlementKind::Goods, "", amount);
                    amount
                }
                None => {
                    let paid = line.paid(r, q);
                    self.item(SettlementKind::Goods, "", paid);
                    self.item(SettlementKind::Cap, "", paid - worth);
                    worth
                }
            };
            self.gross += worth;
            let mut left = worth;
            let of_row = row.parts.iter().filter_map(|part| match part {
                Part::Deduct(sum) if is_of_row(sum) => Some(sum),
                _ => None,
            });
            // What is open comes last: nothing is open where nothing is left.
            let mut of_row: Vec<&Sum> = of_row.collect();
            of_row.sort_by_key(|sum| open(sum, left));
            for sum in of_row {
                if open(sum, left) {
                    self.pending(SettlementKind::Deduction, "unknown");
                    continue;
                }
                let guess = oracle.any_guess(&sum.formula);
                let amount = oracle.of_row(&line, row, sum, r, true, &guess);
                let amount = take(amount, &mut left);
                self.item(SettlementKind::Deduction, &sum.code, amount);
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

    /// Gathers amounts of a kind that count once for more than a row, each with the units of
    /// the rows that it is about: a deduction is not about units that pay nothing.
    fn once(&self, kind: SettlementKind) -> Vec<Once<'p>> {
        let mut all: Vec<Once<'p>> = Vec::new();
        for (at, (oracle, row)) in self.rows.iter().enumerate() {
            if row.outcome != Outcome::Approved {
                continue;
            }
            let line = Worths::of(self.facts, row.place.line);
            let (r, q) = (self.before[at], row.quantity);
            for part in &row.parts {
                let sum = match (part, kind) {
                    (Part::Deduct(sum), SettlementKind::Deduction)
                        if row.pays() || sum.scope == Scope::Order =>
                    {
                        sum
                    }
                    (Part::Charge(sum), SettlementKind::Charge)
                    | (Part::Reimburse(sum), SettlementKind::Reimbursement) => sum,
                    _ => continue,
                };
                if is_of_row(sum) {
                    continue;
                }
                let counts = kind != SettlementKind::Deduction || row.pays();
                let units = match counts {
                    true => (line.payable(r, q), line.price(r, q)),
                    false => (0, 0),
                };
                let place = Place::of(oracle, row, sum.scope);
                // What the facts state is one amount; what two clauses say are two.
                let same = |of: &Sum| match of.formula {
                    Formula::Stated(_) => of == sum,
                    _ => std::ptr::eq(of, sum),
                };
                let known = all.iter_mut().find(|o| same(o.sum) && o.place == place);
                match known {
                    Some(known) => {
                        known.rows.push(at);
                        known.units.paid += units.0;
                        known.units.price += units.1;
                        known.open |= row.is_open(sum);
                    }
                    None => all.push(Once {
                        sum,
                        place,
                        rows: vec![at],
                        line: oracle.line().id,
                        units: Units {
                            scope: sum.scope,
                            paid: units.0,
                            price: units.1,
                            of_group: (0, 0),
                        },
                        open: row.is_open(sum),
                    }),
                }
            }
        }
        // Lines come first, then parcels, requests and the order.
        all.sort_by_key(|once| once.sum.scope);
        all
    }

    /// Whether an amount cannot be worked out of all units that it is about: what it turns on
    /// for the units of one row can be nothing to all of them.
    fn is_open(&self, once: &Once<'p>) -> bool {
        let turns = |row: &usize| {
            let (oracle, row) = &self.rows[*row];
            let mut units = once.units;
            oracle.add_earlier(once.sum, row.place.line, &mut units);
            oracle.turns_on_untold(&once.sum.formula, &units)
        };
        once.open && once.rows.iter().any(turns)
    }

    /// Works out what counts once for more than a row, less what was taken before; `None`:
    /// it is open.
    fn amount_once(
        &self,
        once: &Once<'p>,
        before: &mut Before<'p>,
        kind: SettlementKind,
    ) -> Option<i64> {
        if self.is_open(once) {
            return None;
        }
        // Goods that come back in several parcels can make several of it: the greatest is it.
        let amounts = once.rows.iter().map(|row| {
            let (oracle, row) = &self.rows[*row];
            let mut units = once.units;
            oracle.add_earlier(once.sum, row.place.line, &mut units);
            let guess = oracle.any_guess(&once.sum.formula);
            oracle.work(&once.sum.formula, &units, &guess)
        });
        let amount = amounts.max()?;
        let paid = kind == SettlementKind::Reimbursement;
        Some(amount - before.taken(once, amount, paid))
    }

    /// Takes off what counts once for more than a row.
    fn deduct_once(&mut self, before: &mut Before<'p>, refund: &mut i64, credit: &mut i64) {
        let mut lines = vec![0; self.facts.order().lines.len()];
        for ((_, row), left) in self.rows.iter().zip(&self.money.rows) {
            lines[row.place.line] += left;
        }
        for once in self.once(SettlementKind::Deduction) {
            let Some(mut left) = self.amount_once(&once, before, SettlementKind::Deduction) else {
                continue;
            };
            // What is of a line or a group comes off its own units.
            let own = match once.place {
                Place::Line(line) => vec![line],
                Place::Group(..) => self.rows[once.rows[0]].0.of_group(),
                Place::Parcel(_) | Place::Return(_) | Place::Request | Place::Order => Vec::new(),
            };
            if !own.is_empty() {
                left = left.min(own.iter().map(|line| lines[*line]).sum());
            }
            let mut taken = take(left, refund);
            left -= taken;
            taken += take(left, credit);
            let mut rest = taken;
            for line in own {
                rest -= take(rest, &mut lines[line]);
            }
            self.item(SettlementKind::Deduction, &once.sum.code, taken);
        }
    }

    /// Adds up what is charged, or paid besides.
    fn extras(&mut self, kind: SettlementKind, before: &mut Before<'p>) -> i64 {
        let mut amounts: Vec<(&str, i64)> = Vec::new();
        let mut open = false;
        for (at, (oracle, row)) in self.rows.iter().enumerate() {
            if row.outcome != Outcome::Approved {
                continue;
            }
            let line = Worths::of(self.facts, row.place.line);
            for part in &row.parts {
                let sum = match (part, kind) {
                    (Part::Charge(sum), SettlementKind::Charge)
                    | (Part::Reimburse(sum), SettlementKind::Reimbursement) => sum,
                    _ => continue,
                };
                if is_of_row(sum) {
                    let r = self.before[at];
                    if row.is_open(sum) && !oracle.untold_at(row, sum, None, r).is_empty() {
                        open = true;
                        continue;
                    }
                    let guess = oracle.any_guess(&sum.formula);
                    amounts.push((&sum.code, oracle.of_row(&line, row, sum, r, false, &guess)));
                }
            }
        }
        if open {
            self.pending(kind, "unknown");
        }
        for once in self.once(kind) {
            let amount = self.amount_once(&once, before, kind);
            amounts.extend(amount.map(|amount| (once.sum.code.as_str(), amount)));
        }
        for (code, amount) in &amounts {
            self.item(kind, code, *amount);
        }
        amounts.iter().map(|(_, amount)| amount).sum()
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
