//! Settles the money of approved rows, order-level money included.

mod approved;
mod deductions;
mod given_back;
mod memory;
mod order_level;
mod payout;
mod release;
pub(crate) mod step;

pub(crate) use order_level::{price_of, prospective};

use crate::domain::facts::{EarlierRemedy, Facts, Payment, RowIndex};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::Amount;
use crate::domain::verdict::{
    Arithmetic, Due, Missing, MissingFact, Outcome, Release, Settlement, SettlementItem,
    SettlementKind,
};
use crate::engine::entitle::decided::{DecidedRow, each};
use crate::engine::entitle::draft::Draft;
use crate::engine::money::{Difference, Exchanged, arithmetic, not_known};
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::world::World;
use crate::policy::terms::{Payee, Sum};
use approved::{Approved, approved, heads};
use deductions::Extent;
use payout::payouts;
use release::release;

/// Holds facts without which money cannot be settled.
#[derive(Default)]
pub(crate) struct Unsettled {
    /// Those of money that belongs to the order.
    pub of_order: Vec<MissingFact>,
    /// What the units cost that credit pays for.
    pub prices: Missing,
}

impl Unsettled {
    /// Whether there are none.
    const fn is_empty(&self) -> bool {
        self.of_order.is_empty() && self.prices.is_empty()
    }
}

/// Settles rows; where none is approved there is no settlement.
///
/// # Errors
/// Facts without which order-level money cannot be worked out; then no row that
/// carries it is decided.
pub(crate) fn settle<'a>(
    context: DecisionContext<'a, '_>,
    asked: Asked<'a>,
    rows: &[DecidedRow<'a>],
    drafts: &[Draft<'a>],
    settled: &mut Option<Settlement<'a>>,
) -> Result<(), Unsettled> {
    let approved = approved(rows, drafts);
    // What terms say is said once of all rows that have them.
    let heads: Few<Approved<'_, 'a>> = heads(approved.clone()).collect();
    if heads.is_empty() {
        return Ok(());
    }
    // What is not approved is kept; where amounts look at it.
    let accepted: Vec<RowIndex> = match heads.iter().any(|a| a.terms.has_shared_sums()) {
        true => approved.clone().map(|a| a.row.index).collect(),
        false => Vec::new(),
    };
    let world = |row: RowIndex| World {
        rows: &accepted,
        back: &accepted,
        ..World::new(context, asked, row)
    };
    let mut settling = Settling {
        facts: context.facts,
        items: Few::with_capacity(rows.len()),
        missing: Unsettled::default(),
        gross: Amount::ZERO,
        refund: Amount::ZERO,
        credit: Amount::ZERO,
        credit_used: Amount::ZERO,
        reimbursed: Amount::ZERO,
        charged: Amount::ZERO,
        held: Amount::ZERO,
        undecided: drafts.iter().any(Draft::is_undecided),
        now: Vec::new(),
        open: Vec::new(),
        perhaps: Vec::new(),
    };
    if settling.undecided && !accepted.is_empty() {
        let counts = |(_, draft): &(&DecidedRow<'a>, &Draft<'a>)| {
            draft.is_undecided() || draft.decision.outcome == Outcome::Approved
        };
        let perhaps = each(rows, drafts).filter(counts);
        settling.perhaps = perhaps.map(|(row, _)| row.index).collect();
    }
    settling.rows(approved.clone());
    let whole = settling.order_level(each(rows, drafts), &heads);
    settling.use_credit(each(rows, drafts), approved.clone(), asked);
    settling.cap();
    let mut memory = None;
    settling.shared(approved.clone(), &world, &mut memory);
    if heads.iter().any(|a| a.terms.has_extras()) {
        settling.extras(approved.clone(), &world, &mut memory);
    }
    if !context.facts.order().earlier.is_empty()
        && let Some(route) = context.plan.route(asked.ask.action)
    {
        settling.given_back(route, approved, &world, &mut memory);
    }
    if !settling.missing.is_empty() {
        return Err(settling.missing);
    }
    let reimbursed = settling.reimbursed;
    let settlement = settled.insert(settling.finish(whole));
    // Of a hypothetical ask only what it comes to is told, not how it is paid.
    if !asked.hypothetical {
        if !context.brief {
            // Another than the payer is the payee only where every row says so.
            let first = heads.first().map(|a| a.terms);
            let payee = first.map(|terms| terms.payee);
            let payee = payee.filter(|payee| heads.iter().all(|a| a.terms.payee == *payee));
            let back_to = first.and_then(|terms| terms.back_to);
            let back_to = back_to.filter(|to| heads.iter().all(|a| a.terms.back_to == Some(*to)));
            let refund = settlement.refund_total.less(reimbursed);
            let payee = payee.unwrap_or(&Payee::Payer);
            settlement.payouts = payouts(context.facts, refund, reimbursed, payee, back_to);
        }
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
    missing: Unsettled,
    /// Money and credit before anything is deducted.
    gross: Amount,
    refund: Amount,
    credit: Amount,
    credit_used: Amount,
    reimbursed: Amount,
    charged: Amount,
    /// What is taken off or charged at most, where that turns on rows that are not decided.
    held: Amount,
    /// Whether rows are not decided yet.
    undecided: bool,
    /// What sums come to that count once.
    now: Vec<(&'a Sum, Extent, Amount)>,
    /// Those of which that is not known.
    open: Vec<(&'a Sum, Extent)>,
    /// The approved rows and these; empty where no amount looks at what is kept.
    perhaps: Vec<RowIndex>,
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
        let mut exchanged: Option<Exchanged<'a>> = None;
        let mut exchanging: Few<usize> = Few::new();
        for Approved { row, terms, .. } in approved {
            let (index, money) = (&row.index, &row.money);
            if let Some(amount) = money.goods {
                self.items.push(SettlementItem {
                    kind: SettlementKind::Goods,
                    code: "",
                    line_id: self.line_id(index.line),
                    shipment_id: None,
                    amount: Some(amount),
                    clause: Some(terms.clause),
                    arithmetic: arithmetic(self.facts, index, money, amount),
                });
            }
            if let (None, Some(sum)) = (money.goods, terms.said()) {
                self.items.push(SettlementItem {
                    kind: SettlementKind::Goods,
                    code: "",
                    line_id: self.line_id(index.line),
                    shipment_id: None,
                    amount: None,
                    clause: Some(terms.clause),
                    arithmetic: not_known(sum),
                });
            }
            self.items.extend(money.more.iter().cloned());
            if let Some(more) = money.exchanged {
                exchanged = Some(exchanged.map_or(more, |all| all.with(more)));
                exchanging.push(index.line);
            }
            if let Some((capped, worth)) = money.after_cap_and_deductions() {
                self.gross = self.gross.plus(capped);
                self.give(worth, terms.is_credit());
            }
        }
        if let Some(exchanged) = exchanged {
            let line = match &*exchanging {
                [only] => self.line_id(*only),
                _ => None,
            };
            self.exchange(exchanged, line);
        }
    }

    fn line_id(&self, line: usize) -> Option<CallerId<'a>> {
        self.facts.order().lines.get(line).map(|l| l.id)
    }

    /// Settles all that is exchanged to one difference.
    fn exchange(&mut self, exchanged: Exchanged<'a>, line_id: Option<CallerId<'a>>) {
        let Some((moves, amount)) = exchanged.difference() else {
            return;
        };
        let kind = match moves {
            Difference::Owed => {
                self.charged = self.charged.plus(amount);
                SettlementKind::Charge
            }
            Difference::Credit | Difference::Refund => {
                self.gross = self.gross.plus(amount);
                self.give(amount, moves == Difference::Credit);
                SettlementKind::Goods
            }
        };
        self.items.push(SettlementItem {
            kind,
            code: "difference",
            line_id,
            shipment_id: None,
            amount: Some(amount),
            clause: Some(exchanged.clause),
            arithmetic: Arithmetic::Difference {
                wanted: exchanged.wanted,
                returned: exchanged.returned,
            },
        });
    }

    fn earlier(&self, part: fn(&EarlierRemedy<'_>) -> Amount) -> Amount {
        self.facts.order().earlier.iter().map(part).sum()
    }

    /// Caps money and credit at what was paid less what was paid out before. What is
    /// deducted comes off what is left then.
    fn cap(&mut self) {
        let Some(paid) = can_pay(self.facts) else {
            return;
        };
        let out = self.earlier(|e| e.total());
        // What was kept before is not paid now.
        let payable = paid.less(out).less(self.facts.kept_before());
        if self.gross <= payable {
            return;
        }
        let code = match (self.facts.nothing_charged(), out.is_zero()) {
            (true, _) => "nothing_charged",
            (false, true) => "not_captured",
            (false, false) => "order_refunded_before",
        };
        let over = self.gross.less(payable);
        self.items.push(SettlementItem {
            kind: SettlementKind::Cap,
            code,
            line_id: None,
            shipment_id: None,
            amount: Some(over),
            clause: None,
            arithmetic: Arithmetic::PaidLess {
                paid: self.gross,
                refunded: payable,
            },
        });
        let taken = self.take(over);
        self.cut_deductions(over.less(taken));
    }

    /// Shows deductions of the rows as far as they could be taken after the cap.
    fn cut_deductions(&mut self, mut over: Amount) {
        let of_rows = |item: &&mut SettlementItem<'a>| item.kind == SettlementKind::Deduction;
        for item in self.items.iter_mut().rev().filter(of_rows) {
            let amount = item.amount.unwrap_or_default();
            let cut = over.at_most(amount);
            over = over.less(cut);
            item.amount = item.amount.map(|amount| amount.less(cut));
        }
    }

    /// Takes an amount off the refund, then off the credit; returns what could be taken.
    fn take(&mut self, amount: Amount) -> Amount {
        let from_refund = amount.at_most(self.refund);
        self.refund = self.refund.less(from_refund);
        let from_credit = amount.less(from_refund).at_most(self.credit);
        self.credit = self.credit.less(from_credit);
        from_refund.plus(from_credit)
    }

    /// Returns the sums, not yet how and when they are paid.
    fn finish(self, whole_order: bool) -> Settlement<'a> {
        let cut = self.charged.at_most(self.refund);
        let refund = self.refund.less(cut);
        let rest = self.charged.less(cut);
        // What other rows still pay can cover it.
        let (owed, pending) = match self.undecided {
            true => (Amount::ZERO, rest),
            false => (rest, Amount::ZERO),
        };
        Settlement {
            currency: self.facts.order().currency,
            items: self.items,
            refund_total: refund.plus(self.reimbursed),
            // What may still be taken off is not paid yet; some of the rest may wait too.
            payable_now_total: refund.plus(self.reimbursed).less(self.held),
            credit_total: self.credit,
            credit_used_total: self.credit_used,
            owed_total: owed,
            owed_pending_total: pending,
            whole_order,
            rounding_difference: self.facts.rounding_difference(),
            payouts: Few::new(),
            due: None,
            release: Release::default(),
        }
    }
}

/// Returns what the order can pay in all: what was taken, and no more than its parts cost, so
/// that no adjustment is paid back; `None`: not known.
fn can_pay(facts: &Facts<'_>) -> Option<Amount> {
    let order = facts.order();
    if facts.nothing_charged() {
        return Some(Amount::ZERO);
    }
    let taken = match order.payments.as_slice() {
        [] => order.total_paid.or_else(|| facts.cost()),
        payments => Some(payments.iter().map(Payment::captured).sum()),
    };
    match (taken, facts.parts()) {
        (Some(taken), Some(parts)) => Some(taken.min(parts)),
        (taken, _) => taken,
    }
}
