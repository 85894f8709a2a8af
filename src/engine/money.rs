//! The money of one row: what its units are worth, and what is taken off.

mod bounds;
mod deductions;
mod exchanged;
mod formula;
mod unknown;

use crate::domain::facts::{EarlierRemedy, Facts, Remedy, RowIndex};
use crate::domain::money::Amount;
use crate::domain::verdict::{
    Answer, Arithmetic, Cite, Due, Entitlement, Missing, Notice, Outcome, SettlementItem,
    SettlementKind,
};
use crate::domain::vocabulary::Event;
use crate::engine::read::lookup::asks_whole_order;
use crate::engine::read::waiting::Prospect;
use crate::engine::read::world::{Key, World};
use crate::policy::terms::{
    BackTo, Cheaper, DeliveryShare, Formula, Grant, Part, Payee, Scope, Sum, Worth,
};
use deductions::deduct;
pub(crate) use exchanged::{Difference, Exchanged};
pub(crate) use formula::{
    FormulaInputs, UnitRange, not_known, of_row, payable, price_of, work_known,
};
use unknown::{Off, ask_for_prices, ask_for_wanted_price, needs};

/// A sum, and the clause that says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CitedSum<'a> {
    /// The sum.
    pub sum: &'a Sum,
    /// The clause.
    pub clause: Cite<'a>,
}

/// Holds the terms by which units are paid for, whichever line they are of.
#[derive(Clone, Debug)]
pub(crate) struct MoneyTerms<'a> {
    /// The remedy that it pays for.
    pub remedy: Remedy,
    /// The granting clause.
    pub clause: Cite<'a>,
    worth: &'a Worth,
    /// What of delivery comes with it, and the clause.
    pub delivery: (DeliveryShare, Cite<'a>),
    /// Whether options come with it, and the clause.
    pub options: (bool, Cite<'a>),
    /// What of delivery and options can be paid with it, which is what tells completions
    /// apart.
    of_order: (DeliveryShare, bool),
    /// Whether fixed amounts of the order were taken before, so that none is left.
    fixed_before: bool,
    /// What is taken off the units, row by row.
    deductions: Vec<CitedSum<'a>>,
    /// What is taken off once for more than a row.
    pub shared: Vec<CitedSum<'a>>,
    /// What is charged.
    pub charges: Vec<CitedSum<'a>>,
    /// What the customer gets beside what was paid.
    pub reimbursements: Vec<CitedSum<'a>>,
    difference: Option<(bool, Cheaper, Cite<'a>)>,
    /// Who gets it.
    pub payee: &'a Payee,
    /// To which payments it goes; `None`: to all in proportion.
    pub back_to: Option<&'a BackTo>,
    /// When it is due.
    pub due: Option<Due>,
    /// Events that money waits for, and whether the first is enough.
    pub release: Option<(&'a [Event], bool)>,
}

impl<'a> MoneyTerms<'a> {
    pub(crate) const fn new(grant: &'a Grant, clause: Cite<'a>) -> Self {
        Self {
            remedy: grant.remedy,
            clause,
            worth: &grant.worth,
            delivery: (grant.delivery, clause),
            options: (grant.options, clause),
            of_order: (grant.delivery, grant.options),
            fixed_before: false,
            deductions: Vec::new(),
            shared: Vec::new(),
            charges: Vec::new(),
            reimbursements: Vec::new(),
            difference: None,
            payee: &Payee::Payer,
            back_to: None,
            due: None,
            release: None,
        }
    }

    /// Whether the remedy pays money or credit for the units.
    pub(crate) fn pays(&self) -> bool {
        matches!(self.worth, Worth::Paid | Worth::Said(_))
    }

    /// Returns what the clause says that the units are worth; `None`: nothing beside that they
    /// were paid for.
    pub(crate) fn said(&self) -> Option<&'a Sum> {
        match self.worth {
            Worth::Said(sum) => Some(sum),
            Worth::Paid | Worth::Nothing | Worth::Credit => None,
        }
    }

    /// Whether money depends on what the units are worth.
    pub(crate) fn values_units(&self) -> bool {
        let by_units = |of: &CitedSum<'_>| !of.sum.formula.is_flat();
        self.pays()
            || self.uses_credit()
            || self.difference.is_some()
            || self.charges.iter().any(by_units)
            || self.reimbursements.iter().any(by_units)
    }

    /// Whether the credit that the request states pays for the order or is paid out.
    pub(crate) fn uses_credit(&self) -> bool {
        *self.worth == Worth::Credit
    }

    /// Whether anything counts once for more than a row, is charged or reimbursed.
    pub(crate) const fn has_shared_sums(&self) -> bool {
        !self.shared.is_empty() || self.has_extras()
    }

    /// Whether anything is charged or reimbursed.
    pub(crate) const fn has_extras(&self) -> bool {
        !self.charges.is_empty() || !self.reimbursements.is_empty()
    }

    /// Whether the remedy is paid as credit.
    pub(crate) const fn is_credit(&self) -> bool {
        matches!(self.remedy, Remedy::StoreCredit)
    }

    /// Whether the terms are the same, whichever clauses they rest on.
    pub(crate) fn same(&self, other: &Self) -> bool {
        // What the facts state counts once, however many clauses name it.
        fn sums<'s>(list: &[CitedSum<'s>]) -> Vec<&'s Sum> {
            let mut sums: Vec<&Sum> = Vec::new();
            for CitedSum { sum, .. } in list {
                let once = matches!(sum.formula, Formula::Stated(_));
                let counted = once && sums.contains(sum);
                if !counted && !sum.formula.is_nothing() {
                    sums.push(sum);
                }
            }
            sums
        }
        let shared = |terms: &Self| -> Vec<&'a Sum> {
            let counts = |sum: &&Sum| !(terms.fixed_before && fixed_of_order(sum).is_some());
            sums(&terms.shared).into_iter().filter(counts).collect()
        };
        self.is_credit() == other.is_credit()
            && self.of_order == other.of_order
            && shared(self) == shared(other)
            && sums(&self.charges) == sums(&other.charges)
            && sums(&self.reimbursements) == sums(&other.reimbursements)
            && self.payee == other.payee
            && self.back_to == other.back_to
            && self.release == other.release
    }
}

impl MoneyTerms<'_> {
    /// Whether the terms come to the same money whatever the units cost: it is not known,
    /// so that amounts cannot be compared.
    pub(crate) fn same_at_any_price(&self, other: &Self) -> bool {
        let flags = |terms: &Self| terms.difference.map(|(owed, cheaper, _)| (owed, cheaper));
        let (ours, theirs) = (self.deductions.iter(), other.deductions.iter());
        self.worth == other.worth
            && flags(self) == flags(other)
            && ours.map(|of| of.sum).eq(theirs.map(|of| of.sum))
    }
}

impl Prospect {
    /// Returns what terms let the order pay.
    pub(crate) fn of(terms: Option<&MoneyTerms<'_>>) -> Self {
        match terms {
            Some(terms) if terms.pays() => Self {
                pays: true,
                delivery: terms.delivery.0,
                options: terms.options.0,
                ..Self::NONE
            },
            Some(terms) if terms.uses_credit() => Self {
                credit: true,
                uses_credit: terms.remedy == Remedy::CreditUse,
                ..Self::NONE
            },
            Some(_) => Self::NONE,
            None => Self::NONE,
        }
    }
}

/// Holds the money of one row before order-level money is settled.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowMoney<'a> {
    /// Goods less deductions; `None`: no money, or a part is unknown.
    pub worth: Option<Amount>,
    /// What the units are paid for with; `None`: they are not.
    pub goods: Option<Amount>,
    /// How that comes about, where the clause says more than that it was paid.
    pub said: Option<Box<Arithmetic>>,
    /// What is taken off the goods: the cap, and deductions.
    pub more: Vec<SettlementItem<'a>>,
    /// What is exchanged, where a difference in price counts.
    pub exchanged: Option<Exchanged<'a>>,
}

impl PartialEq for RowMoney<'_> {
    /// Whether the money is the same, whichever clauses it rests on.
    fn eq(&self, other: &Self) -> bool {
        fn part<'i>(i: &'i SettlementItem<'_>) -> (SettlementKind, Option<Amount>, &'i Arithmetic) {
            (i.kind, i.amount, &i.arithmetic)
        }
        // An item of nothing is none.
        let some = |i: &&SettlementItem<'_>| i.amount.is_none_or(|amount| !amount.is_zero());
        let (ours, theirs) = (
            self.more.iter().filter(some),
            other.more.iter().filter(some),
        );
        let difference = |money: &Self| money.exchanged.and_then(|e| e.difference());
        difference(self) == difference(other)
            && self.goods == other.goods
            && ours.map(part).eq(theirs.map(part))
    }
}

impl RowMoney<'_> {
    /// Returns what is left of goods after the cap, and of that after deductions; `None`:
    /// no money, or a part is unknown.
    pub(crate) fn after_cap_and_deductions(&self) -> Option<(Amount, Amount)> {
        let of = |kind: SettlementKind| -> Amount {
            let items = self.more.iter().filter(|item| item.kind == kind);
            items.filter_map(|item| item.amount).sum()
        };
        let capped = self.goods?.less(of(SettlementKind::Cap));
        Some((capped, capped.less(of(SettlementKind::Deduction))))
    }
}

/// Holds an entitlement while additions shape it.
pub(crate) struct Shaped<'a> {
    pub entitlement: Entitlement<'a>,
    pub terms: Box<MoneyTerms<'a>>,
    pub money: RowMoney<'a>,
    pub missing: Missing,
    pub notices: Vec<Notice<'a>>,
    pub failed: Option<(Outcome, Cite<'a>)>,
    pub foreign_currency: Option<Cite<'a>>,
}

impl<'a> Shaped<'a> {
    /// Makes it something that a person can choose.
    pub(crate) fn into_answer(self) -> Answer<'a> {
        Answer::Entitlement {
            entitlement: Box::new(self.entitlement),
            amount: self.money.worth,
        }
    }
}

/// Adds a part that concerns money.
pub(crate) fn add<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    part: &'a Part,
    clause: Cite<'a>,
) -> Result<(), Key<'a>> {
    let money = &mut shaped.terms;
    match part {
        Part::Due(end) => money.due = Some(world.due(end)),
        Part::Release(events, any) => money.release = Some((events, *any)),
        // Nothing is taken from nothing; the order may pay for other units.
        Part::Deduct(sum) if sum.scope != Scope::Order && !money.pays() => {}
        Part::Deduct(sum) | Part::Charge(sum) | Part::Reimburse(sum)
            if sum.formula.is_foreign(world.facts.order().currency) =>
        {
            shaped.foreign_currency = Some(clause);
        }
        Part::Deduct(sum) => {
            let cited = CitedSum { sum, clause };
            let off = match sum.scope.is_of_row() {
                true => {
                    money.deductions.push(cited);
                    Off::Goods
                }
                false => {
                    money.shared.push(cited);
                    Off::Refund
                }
            };
            needs(world, shaped, sum, clause, true, off);
        }
        Part::Charge(sum) => {
            money.charges.push(CitedSum { sum, clause });
            needs(world, shaped, sum, clause, true, Off::Nothing);
        }
        Part::Reimburse(sum) => {
            money.reimbursements.push(CitedSum { sum, clause });
            needs(world, shaped, sum, clause, false, Off::Nothing);
        }
        Part::Delivery(share) => money.delivery = (*share, clause),
        Part::Options(granted) => money.options = (*granted, clause),
        Part::Difference {
            dearer_owed,
            cheaper,
        } => {
            money.difference = Some((*dearer_owed, *cheaper, clause));
        }
        // Where the buyer paid everything, payer and buyer are the same.
        Part::Payee(payee) => {
            let payments = &world.facts.order().payments;
            let other = matches!(payee, Payee::ThirdParty(_));
            if other || payments.iter().any(|p| p.payer.is_some()) {
                money.payee = payee;
            }
        }
        Part::BackTo(back_to) => money.back_to = Some(back_to),
        Part::Condition(_)
        | Part::Obligation(_)
        | Part::ReturnPayer(_)
        | Part::ReturnRisk(_)
        | Part::ReturnAddress(_)
        | Part::Notice(_) => {}
    }
    Ok(())
}

/// Works out goods, cap, deductions and differences of a shaped entitlement, and of one that
/// is compared with others what of its terms can pay.
pub(crate) fn value<'a>(world: &World<'a, '_>, shaped: &mut Shaped<'a>, compared: bool) {
    if compared {
        let terms = &mut shaped.terms;
        terms.of_order = of_order(world, terms);
        terms.fixed_before = taken_before(world.facts, &terms.shared);
    }
    if let Some(sum) = shaped.terms.said() {
        let clause = shaped.terms.clause;
        match sum.formula.is_foreign(world.facts.order().currency) {
            true => shaped.foreign_currency = Some(clause),
            false => needs(world, shaped, sum, clause, true, Off::Goods),
        }
    }
    match row_money(world, &shaped.terms) {
        Some(money) => shaped.money = money,
        None => ask_for_prices(world, shaped),
    }
    if shaped.terms.difference.is_some() && world.wanted_unit_price().is_none() {
        ask_for_wanted_price(shaped);
    }
}

/// Returns what of delivery and options terms can pay: nothing where the units are not paid
/// for, where the request leaves units of the order, or where nothing is left to pay back.
/// Shares that come to the same are the same.
fn of_order(world: &World<'_, '_>, terms: &MoneyTerms<'_>) -> (DeliveryShare, bool) {
    if !terms.pays() {
        return (DeliveryShare::None, false);
    }
    let order = world.facts.order();
    let refunded = |part: fn(&EarlierRemedy<'_>) -> Amount| order.earlier.iter().map(part).sum();
    let is_whole = asks_whole_order(world.facts, world.rows);
    let (paid, standard) = (order.delivery.paid, order.delivery.standard_cost);
    let before: Amount = refunded(|e| e.delivery_amount);
    let nothing = |cost: Option<Amount>| cost.is_some_and(|cost| cost <= before);
    let delivery = match terms.delivery.0 {
        DeliveryShare::Paid | DeliveryShare::Standard if !is_whole => DeliveryShare::None,
        DeliveryShare::Standard if nothing(standard) => DeliveryShare::None,
        _ if nothing(paid) => DeliveryShare::None,
        DeliveryShare::Standard if paid.is_some_and(|paid| standard >= Some(paid)) => {
            DeliveryShare::Paid
        }
        // Of a row by itself: others can keep the order from being whole.
        DeliveryShare::PaidAlways if is_whole && world.rows.len() == 1 => DeliveryShare::Paid,
        share @ (DeliveryShare::None
        | DeliveryShare::Paid
        | DeliveryShare::Standard
        | DeliveryShare::PaidAlways) => share,
    };
    let costs: Option<Amount> = order.options.iter().map(|option| option.paid).sum();
    let before = refunded(|e| e.options_amount);
    let options = terms.options.0 && is_whole && costs.is_none_or(|costs| costs > before);
    (delivery, options)
}

/// Returns the money of a row under its terms; `None`: what was paid is not known.
pub(crate) fn row_money<'a>(world: &World<'a, '_>, terms: &MoneyTerms<'a>) -> Option<RowMoney<'a>> {
    let mut money = RowMoney::default();
    if terms.pays() {
        let paid = world.facts.paid_for(&world.row)?;
        let worth = world.facts.worth(&world.row)?;
        let payable = payable(world.facts, Some(worth));
        match terms.said() {
            // Until it is known there is nothing to take off.
            Some(sum) => {
                if let Some((amount, arithmetic)) = of_row(world, sum, Some(payable)) {
                    money.goods = Some(amount);
                    money.said = Some(Box::new(arithmetic));
                    deduct(world, &terms.deductions, amount, &mut money);
                }
            }
            None => {
                money.goods = Some(paid);
                money.more.extend(cap(world, paid, payable));
                deduct(world, &terms.deductions, payable, &mut money);
            }
        }
        money.worth = money.after_cap_and_deductions().map(|(_, worth)| worth);
    }
    if let Some((dearer_owed, cheaper, clause)) = terms.difference
        && let Some(price) = world.wanted_unit_price()
    {
        money.exchanged = Some(Exchanged {
            wanted: price.times(world.row.quantity),
            returned: world.facts.worth(&world.row)?,
            dearer_owed,
            cheaper,
            clause,
        });
    }
    Some(money)
}

/// Returns the fixed amount of a sum that is taken once for the order; `None`: it is another.
fn fixed_of_order(sum: &Sum) -> Option<Amount> {
    match (&sum.formula, sum.scope) {
        (Formula::Fixed(amount, _), Scope::Order) => Some(*amount),
        _ => None,
    }
}

/// Whether earlier requests took all of fixed amounts of the order, so that nothing of them is
/// left; no where other amounts can have been taken too.
fn taken_before(facts: &Facts<'_>, shared: &[CitedSum<'_>]) -> bool {
    let earlier = &facts.order().earlier;
    let told = earlier.iter().flat_map(|earlier| &earlier.taken);
    if earlier.iter().all(|earlier| earlier.taken.is_empty()) {
        let fixed: Option<Amount> = shared.iter().map(|of| fixed_of_order(of.sum)).sum();
        return fixed.is_some_and(|fixed| fixed <= facts.deducted_before());
    }
    shared.iter().all(|CitedSum { sum, .. }| {
        let of_code = told.clone().filter(|(code, _)| *code == sum.code);
        let taken: Amount = of_code.map(|(_, amount)| *amount).sum();
        let mut same = shared.iter().filter(|other| other.sum.code == sum.code);
        let alone = same.next().is_some() && same.next().is_none();
        alone && fixed_of_order(sum).is_some_and(|fixed| fixed <= taken)
    })
}

/// Says what was given back for the units before, or that nothing was charged.
fn cap<'a>(world: &World<'a, '_>, paid: Amount, payable: Amount) -> Option<SettlementItem<'a>> {
    if payable >= paid {
        return None;
    }
    let code = match world.facts.nothing_charged() {
        true => "nothing_charged",
        false => "line_refunded_before",
    };
    Some(SettlementItem {
        kind: SettlementKind::Cap,
        code,
        line_id: world.line.map(|l| l.id),
        shipment_id: None,
        amount: Some(paid.less(payable)),
        clause: None,
        arithmetic: Arithmetic::PaidLess {
            paid,
            refunded: payable,
        },
    })
}

/// Says how the money for the units of a row comes about. `goods` is that money, before
/// anything is taken off.
pub(crate) fn arithmetic(
    facts: &Facts<'_>,
    row: &RowIndex,
    money: &RowMoney<'_>,
    goods: Amount,
) -> Arithmetic {
    if let Some(said) = &money.said {
        return (**said).clone();
    }
    let line = facts.order().lines.get(row.line);
    match (facts.line_net(row.line), line) {
        (Some(net), Some(line)) => Arithmetic::Part {
            net,
            quantity: line.quantity,
            earlier: row.earlier,
            taken: row.quantity,
        },
        _ => Arithmetic::Stated {
            stated: goods,
            cap: goods,
        },
    }
}
