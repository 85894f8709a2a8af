//! Order-level money: delivery, options and credit that pays for the order, each once.

use super::Settling;
use super::approved::Approved;
use crate::domain::facts::{Facts, Remedy};
use crate::domain::money::Amount;
use crate::domain::path::At;
use crate::domain::verdict::{
    Arithmetic, AskedField, Cite, Missing, MissingFact, Outcome, SettlementItem, SettlementKind,
};
use crate::domain::vocabulary::Fact;
use crate::engine::entitle::decided::DecidedRow;
use crate::engine::entitle::draft::Draft;
use crate::engine::read::context::Asked;
use crate::engine::read::prices::{field, missing_prices, stated_fact};
use crate::engine::read::waiting::Prospect;
use crate::policy::terms::DeliveryShare;

impl<'a> Settling<'a> {
    /// Grants delivery and options to the request that completes the order. Returns whether
    /// all units are accepted, or were used up before.
    pub(super) fn order_level<'d>(
        &mut self,
        rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone,
        heads: &[Approved<'d, 'a>],
    ) -> bool
    where
        'a: 'd,
    {
        let accepted = covers(self.facts, rows.clone(), |d| {
            d.decision.outcome == Outcome::Approved
        });
        let paying = heads.iter().map(|a| a.terms).filter(|t| t.pays());
        let Some(first) = paying.clone().next() else {
            return accepted;
        };
        // Whichever line comes first, the same clause is cited.
        let delivery = paying.clone().map(|t| t.delivery);
        let delivery = delivery.min_by_key(|(share, cite)| (share_rank(*share), cite.id.as_str()));
        let (share, delivery) = delivery.unwrap_or(first.delivery);
        let options_clause = paying.clone().map(|t| t.options.1);
        let options_clause = options_clause.min_by_key(|cite| cite.id.as_str());
        let options_clause = options_clause.unwrap_or(first.options.1);
        let order = self.facts.order();
        // Only what is approved has terms.
        let pays = |d: &Draft<'a>| d.terms.as_ref().is_some_and(|terms| terms.pays());
        let whole = covers(self.facts, rows.clone(), pays);
        let perhaps = !whole && covers(self.facts, rows, |d| pays(d) || d.is_undecided());
        let options = paying.clone().all(|t| t.options.0);
        // Money where any row is paid money.
        let as_credit = paying.clone().all(|t| t.is_credit());
        if share == DeliveryShare::PaidAlways || (whole && share != DeliveryShare::None) {
            self.delivery(share, delivery, as_credit);
        } else if perhaps && share != DeliveryShare::None {
            self.pending(SettlementKind::Delivery, delivery);
        }
        if whole && options {
            self.options(options_clause, as_credit);
        } else if perhaps && options && !order.options.is_empty() {
            self.pending(SettlementKind::Options, options_clause);
        }
        accepted
    }

    fn pending(&mut self, kind: SettlementKind, clause: Cite<'a>) {
        self.items.push(SettlementItem {
            kind,
            code: "",
            line_id: None,
            shipment_id: None,
            amount: None,
            clause: Some(clause),
            arithmetic: Arithmetic::Pending,
        });
    }

    fn delivery(&mut self, share: DeliveryShare, clause: Cite<'a>, as_credit: bool) {
        let delivery = &self.facts.order().delivery;
        let refunded: Amount = self.earlier(|e| e.delivery_amount);
        let is_standard = share == DeliveryShare::Standard;
        let missing = missing_delivery(self.facts, !is_standard, is_standard);
        self.missing.of_order.extend(missing);
        let Some(paid) = delivery.paid.filter(|paid| !paid.is_zero()) else {
            return;
        };
        let (amount, arithmetic) = match (share, delivery.standard_cost) {
            (DeliveryShare::Standard, None) => return,
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
            shipment_id: None,
            amount: Some(amount),
            clause: Some(clause),
            arithmetic,
        });
        self.gross = self.gross.plus(amount);
        self.give(amount, as_credit);
    }

    fn options(&mut self, clause: Cite<'a>, as_credit: bool) {
        let order = self.facts.order();
        let missing = missing_options(self.facts);
        if !missing.is_empty() {
            self.missing.of_order.extend(missing);
            return;
        }
        let paid: Amount = order.options.iter().filter_map(|option| option.paid).sum();
        if paid.is_zero() {
            return;
        }
        let refunded = self.earlier(|e| e.options_amount);
        let amount = paid.less(refunded);
        self.items.push(SettlementItem {
            kind: SettlementKind::Options,
            code: "",
            line_id: None,
            shipment_id: None,
            amount: Some(amount),
            clause: Some(clause),
            arithmetic: Arithmetic::PaidLess { paid, refunded },
        });
        self.gross = self.gross.plus(amount);
        self.give(amount, as_credit);
    }

    /// Uses the credit that the request states, once for the order: for the units named,
    /// and delivery where all are, or paid out.
    pub(super) fn use_credit<'d>(
        &mut self,
        rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)>,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        asked: Asked<'a>,
    ) where
        'a: 'd,
    {
        let mut using = approved.filter(|a| a.terms.uses_credit()).peekable();
        let Some(Approved { terms: first, .. }) = using.peek().copied() else {
            return;
        };
        let credit = asked.ask.get(Fact::CreditAmount).amount();
        if credit.is_none() {
            self.missing.of_order.push(stated_fact(Fact::CreditAmount));
        }
        let mut clause = first.clause;
        let pays_out = first.remedy != Remedy::CreditUse;
        let mut price = Amount::ZERO;
        for Approved { row, terms, .. } in using {
            if terms.clause.id < clause.id {
                clause = terms.clause;
            }
            match self.facts.paid_for(&row.index) {
                Some(paid) => price = price.plus(paid),
                None if pays_out => {}
                None => {
                    let missing = missing_prices(self.facts, row.index.line);
                    self.missing.prices.append(missing);
                }
            }
        }
        if pays_out {
            let Some(credit) = credit else {
                return;
            };
            self.items.push(SettlementItem {
                kind: SettlementKind::Goods,
                code: "credit",
                line_id: None,
                shipment_id: None,
                amount: Some(credit),
                clause: Some(clause),
                arithmetic: Arithmetic::Stated {
                    stated: credit,
                    cap: credit,
                },
            });
            self.refund = self.refund.plus(credit);
            return;
        }
        let uses = |d: &Draft<'a>| d.terms.as_ref().is_some_and(|terms| terms.uses_credit());
        if covers(self.facts, rows, uses) {
            match self.facts.order().delivery.paid {
                Some(delivery) => price = price.plus(delivery),
                None => {
                    let missing = missing_delivery(self.facts, true, false);
                    self.missing.of_order.extend(missing);
                }
            }
        }
        let Some(credit) = credit else {
            return;
        };
        self.credit_used = credit.at_most(price);
        self.items.push(SettlementItem {
            kind: SettlementKind::CreditUsed,
            code: "",
            line_id: None,
            shipment_id: None,
            amount: Some(self.credit_used),
            clause: Some(clause),
            arithmetic: Arithmetic::LowerOf {
                paid: credit,
                standard: price,
                refunded: Amount::ZERO,
            },
        });
    }
}

/// Whether units that count, and units that were used up before, are all units of
/// the order.
fn covers<'d, 'a>(
    facts: &Facts<'a>,
    rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)>,
    counts: impl Fn(&Draft<'a>) -> bool,
) -> bool
where
    'a: 'd,
{
    let lines = &facts.order().lines;
    let short = |line: usize, units: i32| {
        let whole = lines.get(line).map_or(0, |l| l.quantity);
        units.saturating_add(facts.consumed(line)) < whole
    };
    // Each line stands once in a request, its rows together; of the others all units
    // have to be used up.
    let mut asked = 0_usize;
    let mut units: Option<(usize, i32)> = None;
    for (row, draft) in rows {
        let here = if counts(draft) { row.index.quantity } else { 0 };
        units = match units {
            Some((line, sum)) if line == row.index.line => Some((line, sum.saturating_add(here))),
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

fn share_rank(share: DeliveryShare) -> u8 {
    match share {
        DeliveryShare::None => 0,
        DeliveryShare::Standard => 1,
        DeliveryShare::Paid => 2,
        DeliveryShare::PaidAlways => 3,
    }
}

/// Returns what is asked for of money that belongs to the order, in every answer that its
/// rows can still get: each row may get any of its prospects.
pub(crate) fn prospective<'d, 'a>(
    facts: &Facts<'a>,
    asked: Asked<'a>,
    rows: impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone,
) -> Vec<MissingFact>
where
    'a: 'd,
{
    let mut missing = Vec::new();
    let could = |counts: fn(&Prospect) -> bool| {
        move |draft: &Draft<'a>| draft.prospects().iter().any(counts)
    };
    let each: Vec<_> = rows.clone().map(|(_, draft)| draft.prospects()).collect();
    let every = |counts: &dyn Fn(&Prospect) -> bool| each.iter().all(|row| row.iter().any(counts));
    let whole = covers(facts, rows.clone(), could(|p| p.pays));
    let any = |counts: &dyn Fn(&Prospect) -> bool| each.iter().any(|row| row.iter().any(counts));
    // Of rows that are paid for together the least share counts.
    let shared = whole && every(&|p| p.delivery != DeliveryShare::None);
    let standard = shared && any(&|p| p.delivery == DeliveryShare::Standard);
    let is_always = |p: &Prospect| p.delivery == DeliveryShare::PaidAlways;
    let always = any(&is_always) && every(&|p| !p.pays || is_always(p));
    let by_credit = covers(facts, rows.clone(), could(|p| p.uses_credit));
    let is_paid = |p: &Prospect| share_rank(p.delivery) > share_rank(DeliveryShare::Standard);
    let paid = (shared && every(&is_paid)) || always || by_credit;
    missing.extend(missing_delivery(facts, paid, standard));
    if whole && every(&|p| p.options) {
        missing.extend(missing_options(facts));
    }
    if any(&|p| p.credit) && asked.ask.get(Fact::CreditAmount).amount().is_none() {
        missing.push(stated_fact(Fact::CreditAmount));
    }
    missing
}

/// Returns what is asked for of the price of a row that credit may pay for.
pub(crate) fn price_of<'a>(facts: &Facts<'a>, row: &DecidedRow<'a>, draft: &Draft<'a>) -> Missing {
    let may_use_credit = draft.prospects().iter().any(|p| p.uses_credit);
    match may_use_credit && facts.paid_for(&row.index).is_none() {
        true => missing_prices(facts, row.index.line),
        false => Missing::default(),
    }
}

/// Returns what is not known of what delivery cost, where what was `paid` for it or what
/// `standard` delivery costs can be paid back. What was refunded before is not paid again, so
/// that nothing is asked for where that is all there can be.
fn missing_delivery(facts: &Facts<'_>, paid: bool, standard: bool) -> Vec<MissingFact> {
    let delivery = &facts.order().delivery;
    let earlier = facts.order().earlier.iter();
    let refunded: Amount = earlier.map(|e| e.delivery_amount).sum();
    let is_left = |cost: Option<Amount>| cost.is_none_or(|cost| cost > refunded);
    let mut missing = Vec::new();
    if delivery.paid.is_none() && (paid || (standard && is_left(delivery.standard_cost))) {
        missing.push(field("order.delivery.paid", AskedField::DeliveryPaid));
    }
    if delivery.standard_cost.is_none() && standard && is_left(delivery.paid) {
        missing.push(field(
            "order.delivery.standard_cost",
            AskedField::DeliveryStandardCost,
        ));
    }
    missing
}

/// Returns what is not known of what options cost, where they are paid back.
fn missing_options(facts: &Facts<'_>) -> Vec<MissingFact> {
    let order = facts.order();
    let mut missing = Vec::new();
    if order.options_complete != Some(true) {
        missing.push(field("order.options_complete", AskedField::OptionsComplete));
    }
    let options = order.options.iter().enumerate();
    let unknown = options.filter(|(_, option)| option.paid.is_none());
    missing.extend(unknown.map(|(index, _)| {
        let option = At::ORDER.element("options", index);
        field(option.field("paid").to_string(), AskedField::OptionPaid)
    }));
    missing
}
