//! The money of one row: what its units are worth, and what is taken off.

use super::read::row_worth;
use super::world::{Key, World};
use crate::domain::event::Event;
use crate::domain::facts::{Ask, Facts, Remedy, RowIndex};
use crate::domain::money::{Amount, part};
use crate::domain::path::{Field, FieldPath, Owner};
use crate::domain::time::EventTime;
use crate::domain::verdict::{
    Answer, Arithmetic, Cite, Condition, ConditionStatus, Due, Entitlement, MissingFact, Notice,
    Outcome, Party, SettlementItem, SettlementKind,
};
use crate::policy::terms::{Deduction, DeliveryShare, Grant, Part, Payee, StatedAmount, Worth};

/// Holds the terms by which units are paid for, whichever line they are of.
#[derive(Clone, Debug)]
pub(super) struct MoneyTerms<'a> {
    /// The remedy that it pays for.
    pub remedy: Remedy,
    /// The granting clause.
    pub clause: Cite<'a>,
    worth: Worth,
    /// What of delivery comes with it, and the clause.
    pub delivery: (DeliveryShare, Cite<'a>),
    /// Whether options come with it, and the clause.
    pub options: (bool, Cite<'a>),
    deductions: Vec<(&'a Deduction, Cite<'a>)>,
    /// Fixed amounts taken off the order, last.
    pub per_order: Vec<(Amount, Cite<'a>)>,
    /// Charges; each amount counts once for the request.
    pub charges: Vec<(StatedAmount, Cite<'a>)>,
    /// What the customer spent; each amount counts once for the request.
    pub reimbursements: Vec<(StatedAmount, Cite<'a>)>,
    difference: Option<(bool, bool, Cite<'a>)>,
    /// Who gets it.
    pub payee: Payee,
    /// When it is due.
    pub due: Option<Due>,
    /// Events that money waits for, and whether the first is enough.
    pub release: Option<(&'a [Event], bool)>,
}

impl<'a> MoneyTerms<'a> {
    pub(super) const fn new(grant: &'a Grant, clause: Cite<'a>) -> Self {
        Self {
            remedy: grant.remedy,
            clause,
            worth: grant.worth,
            delivery: (grant.delivery, clause),
            options: (grant.options, clause),
            deductions: Vec::new(),
            per_order: Vec::new(),
            charges: Vec::new(),
            reimbursements: Vec::new(),
            difference: None,
            payee: Payee::Payer,
            due: None,
            release: None,
        }
    }

    /// Whether the remedy pays money or credit for the units.
    pub(super) fn pays(&self) -> bool {
        self.worth != Worth::Nothing
    }

    /// Whether anything is charged or reimbursed.
    pub(super) const fn has_extras(&self) -> bool {
        !self.charges.is_empty() || !self.reimbursements.is_empty()
    }

    /// Whether the remedy is paid as credit.
    pub(super) const fn is_credit(&self) -> bool {
        matches!(self.remedy, Remedy::StoreCredit | Remedy::CreditUse)
    }

    /// Whether the terms are the same, whichever clauses they rest on.
    pub(super) fn same(&self, other: &Self) -> bool {
        let stated = |list: &[(StatedAmount, Cite<'_>)]| -> Vec<StatedAmount> {
            list.iter().map(|(stated, _)| *stated).collect()
        };
        let fixed = |terms: &Self| -> Vec<Amount> {
            terms.per_order.iter().map(|(amount, _)| *amount).collect()
        };
        self.is_credit() == other.is_credit()
            && (self.delivery.0, self.options.0) == (other.delivery.0, other.options.0)
            && fixed(self) == fixed(other)
            && stated(&self.charges) == stated(&other.charges)
            && stated(&self.reimbursements) == stated(&other.reimbursements)
            && self.payee == other.payee
            && self.due == other.due
            && self.release == other.release
    }
}

/// Holds the money of one row before order-level money is settled.
#[derive(Clone, Debug, Default)]
pub(super) struct RowMoney<'a> {
    /// Goods less deductions; `None`: no money, or a part is unknown.
    pub worth: Option<Amount>,
    /// What the units are paid for with; `None`: they are not.
    pub goods: Option<Amount>,
    /// What else belongs to the row: deductions, the difference of an exchange.
    pub more: Vec<SettlementItem<'a>>,
    /// Credit for goods cheaper than those that come back.
    pub extra_credit: Amount,
}

impl PartialEq for RowMoney<'_> {
    /// Whether the money is the same, whichever clauses it rests on.
    fn eq(&self, other: &Self) -> bool {
        let part = |i: &SettlementItem<'_>| (i.kind, i.amount, i.arithmetic);
        self.extra_credit == other.extra_credit
            && self.goods == other.goods
            && self.more.iter().map(part).eq(other.more.iter().map(part))
    }
}

impl RowMoney<'_> {
    /// Returns goods less deductions; `None`: no money, or a part is unknown.
    fn worth_after_deductions(&self, terms: &MoneyTerms<'_>) -> Option<Amount> {
        if !terms.pays() {
            return None;
        }
        let (mut goods, mut taken) = (self.goods?, Amount::ZERO);
        for item in &self.more {
            match item.kind {
                SettlementKind::Goods => goods = goods.plus(item.amount?),
                SettlementKind::Deduction => taken = taken.plus(item.amount?),
                _ => {}
            }
        }
        Some(goods.less(taken))
    }
}

/// Holds an entitlement while additions shape it.
pub(super) struct Shaped<'a> {
    pub entitlement: Entitlement<'a>,
    pub terms: Box<MoneyTerms<'a>>,
    pub money: RowMoney<'a>,
    pub missing: Vec<MissingFact>,
    pub notices: Vec<Notice<'a>>,
    pub failed: Option<(Outcome, Cite<'a>)>,
    pub foreign_currency: Option<Cite<'a>>,
}

impl<'a> Shaped<'a> {
    /// Makes it something that a person can choose.
    pub(super) fn into_answer(self) -> Answer<'a> {
        Answer::Entitlement {
            entitlement: Box::new(self.entitlement),
            amount: self.money.worth,
        }
    }
}

/// Adds a part that concerns money.
pub(super) fn add<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    part: &'a Part,
    cite: Cite<'a>,
) -> Result<(), Key<'a>> {
    let money = &mut shaped.terms;
    match part {
        Part::Due(end) => money.due = Some(world.due(end)?),
        Part::Release(events, any) => money.release = Some((events, *any)),
        Part::Deduct(Deduction::PerOrder(amount, currency)) => {
            if *currency == world.facts.order().currency {
                money.per_order.push((*amount, cite));
            } else {
                shaped.foreign_currency = Some(cite);
            }
        }
        Part::Deduct(deduction) => money.deductions.push((deduction, cite)),
        Part::Charge(stated) => {
            stated_or_missing(world, &mut shaped.missing, *stated);
            money.charges.push((*stated, cite));
        }
        Part::Reimburse(stated) => {
            stated_or_missing(world, &mut shaped.missing, *stated);
            money.reimbursements.push((*stated, cite));
        }
        Part::Delivery(share) => money.delivery = (*share, cite),
        Part::Options(granted) => money.options = (*granted, cite),
        Part::Difference {
            dearer_owed,
            cheaper_credit,
        } => {
            money.difference = Some((*dearer_owed, *cheaper_credit, cite));
        }
        // Where the buyer paid everything, payer and buyer are the same.
        Part::Payee(payee) => {
            let payments = &world.facts.order().payments;
            if payments.iter().any(|p| p.payer.is_some()) {
                money.payee = *payee;
            }
        }
        Part::Condition(_)
        | Part::Obligation(_)
        | Part::ReturnPayer(_)
        | Part::ReturnRisk(_)
        | Part::ReturnAddress(_)
        | Part::Notice(_) => {}
    }
    Ok(())
}

/// Asks for a stated amount that is unknown, once the event that causes it has
/// happened; before that nobody can know it.
fn stated_or_missing(world: &World<'_, '_>, missing: &mut Vec<MissingFact>, stated: StatedAmount) {
    let amount = world.stated(stated);
    let (path, cause, question) = match stated {
        StatedAmount::ReturnPaid => (
            "request.journey.paid",
            Event::HandOver,
            "What did the way back cost the customer?",
        ),
        StatedAmount::CollectionCost => (
            "request.journey.collection_cost",
            Event::ShopCollect,
            "What did the collection cost?",
        ),
        StatedAmount::UndeliveredCost => (
            "request.journey.undelivered_cost",
            Event::WarehouseReturn,
            "What did the undelivered parcel's way back cost?",
        ),
        StatedAmount::Deterioration | StatedAmount::ValueLoss => return,
    };
    let happened = |event| matches!(world.event(event).0, EventTime::At(_) | EventTime::On(_));
    if amount.is_none()
        && (happened(cause) || (cause == Event::HandOver && happened(Event::Receive)))
    {
        missing.push(MissingFact {
            path: path.to_owned(),
            source: Party::Customer,
            question,
        });
    }
}

/// Works out goods, deductions and differences of a shaped entitlement.
pub(super) fn value<'a>(world: &World<'a, '_>, shaped: &mut Shaped<'a>) {
    let Some(goods) = goods(world, &shaped.terms) else {
        if shaped.terms.pays() || shaped.terms.difference.is_some() {
            missing_prices(world, shaped);
        }
        return;
    };
    shaped.money.goods = shaped.terms.pays().then_some(goods);
    deduct(world, shaped, goods);
    differ(world, shaped, goods);
    shaped.money.worth = shaped.money.worth_after_deductions(&shaped.terms);
}

/// Works out the money of a row that is alike another one; `None`: that takes more
/// than its terms.
pub(super) fn value_alike<'a>(
    world: &World<'a, '_>,
    terms: &MoneyTerms<'a>,
) -> Option<RowMoney<'a>> {
    if !terms.deductions.is_empty() || terms.difference.is_some() {
        return None;
    }
    if !terms.pays() {
        return Some(RowMoney::default());
    }
    let goods = goods(world, terms)?;
    Some(RowMoney {
        worth: Some(goods),
        goods: Some(goods),
        ..RowMoney::default()
    })
}

/// Returns what the row's units are worth; `None`: nothing is paid for them, or a
/// part is unknown.
fn goods(world: &World<'_, '_>, terms: &MoneyTerms<'_>) -> Option<Amount> {
    match terms.worth {
        Worth::Nothing if terms.difference.is_none() => None,
        Worth::Nothing | Worth::Paid => row_worth(world),
        Worth::Credit => match world.ask {
            Ask::CreditUse { credit, .. } => *credit,
            _ => None,
        },
    }
}

/// Says how the money for the units of a row comes about.
pub(super) fn arithmetic(
    facts: &Facts<'_>,
    terms: &MoneyTerms<'_>,
    (row, goods): (&RowIndex, Amount),
) -> Arithmetic {
    let line = facts.order().lines.get(row.line);
    match (terms.worth, facts.line_net(row.line), line) {
        (Worth::Paid, Some(net), Some(line)) => Arithmetic::Part {
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

fn missing_prices(world: &World<'_, '_>, shaped: &mut Shaped<'_>) {
    let order = world.facts.order();
    let mut need = |path: String, question: &'static str| {
        shaped.missing.push(MissingFact {
            path,
            source: Party::Shop,
            question,
        });
    };
    if shaped.terms.worth == Worth::Credit {
        need(
            "request.credit_use.credit_amount".to_owned(),
            "How much credit is left?",
        );
        return;
    }
    if order.discount.is_none() {
        need(
            "order.discount".to_owned(),
            "What discount was given on the whole order?",
        );
    }
    // A discount on the order is shared by what every line cost.
    let shared = order.discount.is_some_and(|d| !d.is_zero());
    for (place, line) in order.lines.iter().enumerate() {
        if place != world.row.line && !shared {
            continue;
        }
        if line.unit_price.is_none() {
            need(
                format!("order.lines[{place}].unit_price"),
                "What did one unit cost?",
            );
        }
        if line.discount.is_none() {
            need(
                format!("order.lines[{place}].discount"),
                "What discount was given on the line?",
            );
        }
    }
}

fn deduct<'a>(world: &World<'a, '_>, shaped: &mut Shaped<'a>, goods: Amount) {
    let order = world.facts.order();
    let Some(line) = world.line else { return };
    let mut left = goods;
    for (deduction, cite) in shaped.terms.deductions.clone() {
        let (amount, arithmetic) = match deduction {
            Deduction::PerPiece(each, currency) => {
                if *currency != order.currency {
                    shaped.foreign_currency = Some(cite);
                    continue;
                }
                let amount = per_piece(world, *each).at_most(left);
                let pieces = world.row.quantity;
                (
                    amount,
                    Arithmetic::PerPiece {
                        each: *each,
                        pieces,
                        cap: left,
                    },
                )
            }
            Deduction::Percent(basis_points) => {
                let amount = goods
                    .fraction_half_up(i64::from(*basis_points), 10_000)
                    .at_most(left);
                (
                    amount,
                    Arithmetic::Percent {
                        base: goods,
                        basis_points: *basis_points,
                    },
                )
            }
            Deduction::Stated(stated) => match world.stated(*stated) {
                Some(amount) => (
                    amount.at_most(left),
                    Arithmetic::Stated {
                        stated: amount,
                        cap: left,
                    },
                ),
                None => {
                    amount_open(shaped, *stated, cite);
                    continue;
                }
            },
            // Taken off the order, not the row.
            Deduction::PerOrder(..) => continue,
        };
        left = left.less(amount);
        shaped.money.more.push(SettlementItem {
            kind: SettlementKind::Deduction,
            code: "",
            line_id: Some(line.id),
            amount: Some(amount),
            clause: Some(cite),
            arithmetic,
        });
    }
}

/// Returns a fixed amount for each unit, at most what the unit is worth, so that
/// splits of a line add up.
fn per_piece(world: &World<'_, '_>, each: Amount) -> Amount {
    let (Some(net), Some(line)) = (world.facts.line_net(world.row.line), world.line) else {
        return Amount::ZERO;
    };
    let least = net
        .minor()
        .checked_div(i64::from(line.quantity))
        .unwrap_or(0);
    if each.minor() <= least {
        return each.times(world.row.quantity);
    }
    let unit =
        |n: i32| part(net, line.quantity, world.row.earlier.saturating_add(n), 1).at_most(each);
    (0..world.row.quantity).map(unit).sum()
}

/// Says that a deduction waits for an amount that an examination finds.
fn amount_open<'a>(shaped: &mut Shaped<'a>, stated: StatedAmount, clause: Cite<'a>) {
    let finding = match stated {
        StatedAmount::Deterioration => "finding.deterioration_amount",
        StatedAmount::ValueLoss => "finding.value_loss_amount",
        StatedAmount::ReturnPaid | StatedAmount::CollectionCost | StatedAmount::UndeliveredCost => {
            return;
        }
    };
    shaped.entitlement.conditions.push(Condition {
        code: "amount_found",
        status: ConditionStatus::Open,
        clause,
        path: FieldPath::to(Field::of(Owner::Units, finding)),
        failed: None,
        presumed: false,
    });
}

/// Works out the difference between wanted goods and those that come back.
fn differ<'a>(world: &World<'a, '_>, shaped: &mut Shaped<'a>, goods: Amount) {
    let Some((dearer_owed, cheaper_credit, cite)) = shaped.terms.difference else {
        return;
    };
    let Some(price) = world.wanted_unit_price() else {
        shaped.missing.push(MissingFact {
            path: "request.exchange.wanted_unit_price".to_owned(),
            source: Party::Customer,
            question: "What does one unit of the wanted goods cost?",
        });
        return;
    };
    let wanted = price.times(world.row.quantity);
    if wanted > goods && dearer_owed {
        shaped.money.more.push(SettlementItem {
            kind: SettlementKind::Charge,
            code: "difference",
            line_id: world.line.map(|l| l.id),
            amount: Some(wanted.less(goods)),
            clause: Some(cite),
            arithmetic: Arithmetic::Difference {
                wanted,
                returned: goods,
            },
        });
    } else if wanted < goods && cheaper_credit {
        shaped.money.extra_credit = goods.less(wanted);
        shaped.money.more.push(SettlementItem {
            kind: SettlementKind::Goods,
            code: "difference",
            line_id: world.line.map(|l| l.id),
            amount: Some(goods.less(wanted)),
            clause: Some(cite),
            arithmetic: Arithmetic::Difference {
                wanted,
                returned: goods,
            },
        });
    }
}
