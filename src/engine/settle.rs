//! Settles the money of approved rows, order-level money included.

use super::approved::{Approved, approved, heads};
use super::case::{Asked, Case};
use super::draft::Draft;
use super::money::arithmetic;
use super::payout::payouts;
use super::release::release;
use super::rows::{DecidedRow, each};
use super::world::World;
use crate::domain::facts::{EarlierRemedy, Facts, RowIndex};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::verdict::{
    Arithmetic, Cite, Due, MissingFact, Outcome, Party, Release, Settlement, SettlementItem,
    SettlementKind,
};
use crate::policy::terms::{DeliveryShare, Payee, StatedAmount};

/// Settles rows; where none is approved there is no settlement.
///
/// # Errors
/// Facts without which order-level money cannot be worked out; then no row that
/// carries it is decided.
pub(super) fn settle<'a>(
    case: Case<'a, '_>,
    asked: Asked<'a>,
    (rows, drafts): (&[DecidedRow<'a>], &[Draft<'a>]),
    settled: &mut Option<Settlement<'a>>,
) -> Result<(), Vec<MissingFact>> {
    let approved = approved(rows, drafts);
    // What terms say is said once of all rows that have them.
    let heads: Few<Approved<'_, 'a>> = heads(approved.clone()).collect();
    if heads.is_empty() {
        return Ok(());
    }
    let stated = Asked {
        tried: false,
        ..asked
    };
    let world = |row: RowIndex| World::new(case, stated, row);
    let mut settling = Settling {
        facts: case.facts,
        items: Few::with_capacity(rows.len()),
        missing: Vec::new(),
        refund: Amount::ZERO,
        credit: Amount::ZERO,
        reimbursed: Amount::ZERO,
        charged: Amount::ZERO,
    };
    settling.rows(approved.clone());
    let whole = settling.order_level(each(rows, drafts), &heads);
    settling.cap();
    settling.per_order(&heads);
    if heads.iter().any(|a| a.terms.has_extras()) {
        settling.extras(approved, world);
    }
    if !settling.missing.is_empty() {
        settling.missing.sort();
        settling.missing.dedup();
        return Err(settling.missing);
    }
    let reimbursed = settling.reimbursed;
    let settlement = settled.insert(settling.finish(whole));
    // What is tried out is asked what it comes to, not how it is paid.
    if !asked.tried {
        // Who buys is the payee only where every row says so.
        let to_buyer = heads.iter().all(|a| a.terms.payee == Payee::Buyer);
        let payee = if to_buyer { Payee::Buyer } else { Payee::Payer };
        let refund = settlement.refund_total.less(reimbursed);
        settlement.payouts = payouts(case.facts, refund, reimbursed, payee);
        settlement.release = release(&heads, world);
        settlement.due = heads
            .iter()
            .filter_map(|a| a.terms.due.as_ref())
            .cloned()
            .reduce(Due::later);
    }
    Ok(())
}

struct Settling<'a> {
    facts: &'a Facts<'a>,
    items: Few<SettlementItem<'a>>,
    missing: Vec<MissingFact>,
    refund: Amount,
    credit: Amount,
    reimbursed: Amount,
    charged: Amount,
}

impl<'a> Settling<'a> {
    fn give(&mut self, amount: Amount, as_credit: bool) {
        let total = if as_credit {
            &mut self.credit
        } else {
            &mut self.refund
        };
        *total = total.plus(amount);
    }

    fn rows<'d>(&mut self, approved: impl Iterator<Item = Approved<'d, 'a>>)
    where
        'a: 'd,
    {
        // What rows before were worth, of the line that was looked at last: the rows of
        // a line stand together.
        let mut before = (usize::MAX, Amount::ZERO);
        for Approved { row, terms, .. } in approved {
            let (index, money) = (&row.index, &row.money);
            let mut goods = Amount::ZERO;
            let line_id = self.facts.order().lines.get(index.line).map(|l| l.id);
            if let Some(amount) = money.goods {
                goods = amount;
                self.items.push(SettlementItem {
                    kind: SettlementKind::Goods,
                    code: "",
                    line_id,
                    amount: Some(amount),
                    clause: Some(terms.clause),
                    arithmetic: arithmetic(self.facts, terms, (index, amount)),
                });
            }
            for item in &money.more {
                match item.kind {
                    SettlementKind::Charge => {
                        self.charged = self.charged.plus(item.amount.unwrap_or_default());
                    }
                    SettlementKind::Goods => goods = goods.plus(item.amount.unwrap_or_default()),
                    _ => {}
                }
                self.items.push(item.clone());
            }
            if before.0 != index.line {
                before = (index.line, Amount::ZERO);
            }
            let earlier = before.1;
            before.1 = earlier.plus(goods);
            self.credit = self.credit.plus(money.extra_credit);
            let Some(worth) = money.worth else {
                continue;
            };
            let room = self.line_room(index, earlier).unwrap_or(worth);
            if room < worth {
                self.items.push(SettlementItem {
                    kind: SettlementKind::Cap,
                    code: "line_refunded_before",
                    line_id,
                    amount: Some(worth.less(room)),
                    clause: None,
                    arithmetic: Arithmetic::Stated {
                        stated: worth,
                        cap: room,
                    },
                });
            }
            self.give(worth.at_most(room), terms.is_credit());
        }
    }

    /// Returns what a line can still pay for a row: what was paid for the line less
    /// what was paid out for it, and less units that came `before` in this request;
    /// `None`: what was paid is not known.
    fn line_room(&self, row: &RowIndex, before: Amount) -> Option<Amount> {
        let order = self.facts.order();
        let (net, line) = (self.facts.line_net(row.line)?, order.lines.get(row.line)?);
        let earlier = order.earlier.iter().filter(|e| e.line == Some(line.id));
        let out: Amount = earlier.map(|e| e.amount).sum();
        Some(net.less(out).less(before))
    }

    /// Whether units that count, and units that were used up before, are all units of
    /// the order.
    fn covers<'d>(
        &self,
        rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)>,
        counts: impl Fn(&Draft<'a>) -> bool,
    ) -> bool
    where
        'a: 'd,
    {
        let lines = &self.facts.order().lines;
        let short = |line: usize, units: i32| {
            let whole = lines.get(line).map_or(0, |l| l.quantity);
            units.saturating_add(self.facts.consumed(line)) < whole
        };
        // Each line stands once in a request, its rows together; of the others all units
        // have to be used up.
        let mut asked = 0_usize;
        let mut units: Option<(usize, i32)> = None;
        for (row, draft) in rows {
            let here = if counts(draft) { row.index.quantity } else { 0 };
            units = match units {
                Some((line, sum)) if line == row.index.line => {
                    Some((line, sum.saturating_add(here)))
                }
                before => {
                    if before.is_some_and(|(line, sum)| short(line, sum)) {
                        return false;
                    }
                    asked = asked.saturating_add(1);
                    Some((row.index.line, here))
                }
            };
        }
        if units.is_some_and(|(line, sum)| short(line, sum)) {
            return false;
        }
        let used_up = (0..lines.len()).filter(|line| !short(*line, 0)).count();
        asked.saturating_add(used_up) >= lines.len()
    }

    /// Grants delivery and options to the request that completes the order.
    fn order_level<'d>(
        &mut self,
        rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone,
        heads: &[Approved<'d, 'a>],
    ) -> bool
    where
        'a: 'd,
    {
        let paying = heads.iter().map(|a| a.terms).filter(|t| t.pays());
        let Some(first) = paying.clone().next() else {
            return false;
        };
        let order = self.facts.order();
        let pays = |d: &Draft<'a>| {
            let paid = d.terms.as_ref().is_some_and(|terms| terms.pays());
            d.decision.outcome == Outcome::Approved && paid
        };
        let open = |d: &Draft<'a>| {
            matches!(
                d.decision.outcome,
                Outcome::NeedsReview | Outcome::NeedsInformation
            )
        };
        let whole = self.covers(rows.clone(), pays);
        let perhaps = !whole && self.covers(rows, |d| pays(d) || open(d));
        let share = paying
            .clone()
            .map(|t| t.delivery.0)
            .min_by_key(|s| share_rank(*s));
        let share = share.unwrap_or(DeliveryShare::None);
        let options = paying.clone().all(|t| t.options.0);
        let as_credit = first.is_credit();
        if share == DeliveryShare::PaidAlways || (whole && share != DeliveryShare::None) {
            self.delivery(share, first.delivery.1, as_credit);
        } else if perhaps && share != DeliveryShare::None {
            self.pending(SettlementKind::Delivery, first.delivery.1);
        }
        if whole && options {
            self.options(first.options.1, as_credit);
        } else if perhaps && options && !order.options.is_empty() {
            self.pending(SettlementKind::Options, first.options.1);
        }
        whole
    }

    fn pending(&mut self, kind: SettlementKind, clause: Cite<'a>) {
        self.items.push(SettlementItem {
            kind,
            code: "",
            line_id: None,
            amount: None,
            clause: Some(clause),
            arithmetic: Arithmetic::Pending,
        });
    }

    fn need(&mut self, path: impl Into<String>, question: &'static str) {
        self.missing.push(MissingFact {
            path: path.into(),
            source: Party::Shop,
            question,
        });
    }

    fn delivery(&mut self, share: DeliveryShare, clause: Cite<'a>, as_credit: bool) {
        let delivery = &self.facts.order().delivery;
        let refunded: Amount = self.earlier(|e| e.delivery_amount);
        let Some(paid) = delivery.paid else {
            self.need("order.delivery.paid", "What was paid for delivery?");
            return;
        };
        if paid.is_zero() {
            return;
        }
        let (amount, arithmetic) = match (share, delivery.standard_cost) {
            (DeliveryShare::Standard, None) => {
                self.need(
                    "order.delivery.standard_cost",
                    "What would the cheapest ordinary delivery have cost?",
                );
                return;
            }
            (DeliveryShare::Standard, Some(standard)) => (
                paid.at_most(standard),
                Arithmetic::LowerOf {
                    paid,
                    standard,
                    refunded,
                },
            ),
            (DeliveryShare::None | DeliveryShare::Paid | DeliveryShare::PaidAlways, _) => {
                (paid, Arithmetic::PaidLess { paid, refunded })
            }
        };
        let amount = amount.less(refunded);
        self.items.push(SettlementItem {
            kind: SettlementKind::Delivery,
            code: "",
            line_id: None,
            amount: Some(amount),
            clause: Some(clause),
            arithmetic,
        });
        self.give(amount, as_credit);
    }

    fn options(&mut self, clause: Cite<'a>, as_credit: bool) {
        let order = self.facts.order();
        if order.options_complete != Some(true) {
            self.need(
                "order.options_complete",
                "Are all options of the order listed?",
            );
            return;
        }
        let mut paid = Amount::ZERO;
        for (place, option) in order.options.iter().enumerate() {
            match option.paid {
                Some(amount) => paid = paid.plus(amount),
                None => {
                    self.need(
                        format!("order.options[{place}].paid"),
                        "What was paid for the option?",
                    );
                }
            }
        }
        if paid.is_zero() {
            return;
        }
        let refunded = self.earlier(|e| e.options_amount);
        let amount = paid.less(refunded);
        self.items.push(SettlementItem {
            kind: SettlementKind::Options,
            code: "",
            line_id: None,
            amount: Some(amount),
            clause: Some(clause),
            arithmetic: Arithmetic::PaidLess { paid, refunded },
        });
        self.give(amount, as_credit);
    }

    fn earlier(&self, part: fn(&EarlierRemedy<'_>) -> Amount) -> Amount {
        self.facts.order().earlier.iter().map(part).sum()
    }

    /// Caps money and credit at what was paid less what was paid out before.
    fn cap(&mut self) {
        let Some(paid) = total_paid(self.facts) else {
            return;
        };
        let out = self.earlier(|e| e.amount.plus(e.delivery_amount).plus(e.options_amount));
        let room = paid.less(out);
        let asked = self.refund.plus(self.credit);
        if asked <= room {
            return;
        }
        self.items.push(SettlementItem {
            kind: SettlementKind::Cap,
            code: "order_refunded_before",
            line_id: None,
            amount: Some(asked.less(room)),
            clause: None,
            arithmetic: Arithmetic::Stated {
                stated: asked,
                cap: room,
            },
        });
        let over = asked.less(room);
        let from_refund = over.at_most(self.refund);
        self.refund = self.refund.less(from_refund);
        self.credit = self.credit.less(over.less(from_refund));
    }

    /// Takes fixed amounts off the order, each once, last of all deductions.
    fn per_order(&mut self, heads: &[Approved<'_, 'a>]) {
        let mut taken: Few<Cite<'_>> = Few::new();
        for Approved { terms, .. } in heads {
            for (amount, cite) in &terms.per_order {
                if taken.contains(cite) {
                    continue;
                }
                taken.push(cite);
                let cap = self.refund.plus(self.credit);
                let cut = amount.at_most(cap);
                let from_refund = cut.at_most(self.refund);
                self.refund = self.refund.less(from_refund);
                self.credit = self.credit.less(cut.less(from_refund));
                self.items.push(SettlementItem {
                    kind: SettlementKind::Deduction,
                    code: "",
                    line_id: None,
                    amount: Some(cut),
                    clause: Some(*cite),
                    arithmetic: Arithmetic::Stated {
                        stated: *amount,
                        cap,
                    },
                });
            }
        }
    }

    /// Adds charges and reimbursements, each stated amount once.
    fn extras<'d>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: impl Fn(RowIndex) -> World<'a, 'd>,
    ) where
        'a: 'd,
    {
        let mut seen: Few<(SettlementKind, StatedAmount, usize)> = Few::new();
        for (place, Approved { row, terms, .. }) in approved.enumerate() {
            let charges = terms.charges.iter().map(|c| (SettlementKind::Charge, c));
            let refunds = terms
                .reimbursements
                .iter()
                .map(|r| (SettlementKind::Reimbursement, r));
            for (kind, (stated, cite)) in charges.chain(refunds) {
                let amount = world(row.index).stated(*stated);
                let (of_row, line_id) = match stated {
                    StatedAmount::Deterioration | StatedAmount::ValueLoss => {
                        let line = self.facts.order().lines.get(row.index.line);
                        (place, line.map(|l| l.id))
                    }
                    StatedAmount::ReturnPaid
                    | StatedAmount::CollectionCost
                    | StatedAmount::UndeliveredCost => (0, None),
                };
                if seen.contains(&(kind, *stated, of_row)) {
                    continue;
                }
                seen.push((kind, *stated, of_row));
                let given = amount.unwrap_or_default();
                if kind == SettlementKind::Charge {
                    self.charged = self.charged.plus(given);
                } else {
                    self.reimbursed = self.reimbursed.plus(given);
                }
                self.items.push(SettlementItem {
                    kind,
                    code: stated_code(*stated),
                    line_id,
                    amount,
                    clause: Some(*cite),
                    arithmetic: amount.map_or(Arithmetic::Pending, |a| Arithmetic::Stated {
                        stated: a,
                        cap: a,
                    }),
                });
            }
        }
    }

    /// Returns the sums, not yet how and when they are paid.
    fn finish(self, whole_order: bool) -> Settlement<'a> {
        let cut = self.charged.at_most(self.refund);
        let refund = self.refund.less(cut);
        let rest = self.charged.less(cut);
        Settlement {
            currency: self.facts.order().currency,
            items: self.items,
            refund_total: refund.plus(self.reimbursed),
            credit_total: self.credit,
            owed_total: rest,
            whole_order,
            payouts: Few::new(),
            due: None,
            release: Release::default(),
        }
    }
}

fn share_rank(share: DeliveryShare) -> u8 {
    match share {
        DeliveryShare::None => 0,
        DeliveryShare::Standard => 1,
        DeliveryShare::Paid => 2,
        DeliveryShare::PaidAlways => 3,
    }
}

fn stated_code(stated: StatedAmount) -> &'static str {
    match stated {
        StatedAmount::Deterioration => "deterioration",
        StatedAmount::ValueLoss => "value_loss",
        StatedAmount::ReturnPaid => "return_paid",
        StatedAmount::CollectionCost => "collection_cost",
        StatedAmount::UndeliveredCost => "undelivered_cost",
    }
}

/// Returns what was paid in all; `None`: not known.
fn total_paid(facts: &Facts<'_>) -> Option<Amount> {
    let order = facts.order();
    if order.total_paid.is_some() {
        return order.total_paid;
    }
    (!order.payments.is_empty()).then(|| order.payments.iter().map(|p| p.amount).sum())
}
