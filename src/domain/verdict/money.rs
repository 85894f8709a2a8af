//! The money of a verdict.

use crate::domain::facts::PaymentMethod;
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::Instant;
use crate::domain::verdict::{Cite, Due};
use crate::domain::vocabulary::Event;
use crate::domain::words::words;

words! {
    /// Names a part of a settlement.
    SettlementKind {
        /// What was paid for the units; added.
        Goods = "goods",
        /// Delivery; added.
        Delivery = "delivery",
        /// Options; added.
        Options = "options",
        /// A deduction; taken off.
        Deduction = "deduction",
        /// What the customer spent; added, outside the cap.
        Reimbursement = "reimbursement",
        /// A charge, or the difference to dearer goods; taken off, and owed
        /// beyond the refund.
        Charge = "charge",
        /// A cap that bites; taken off.
        Cap = "cap",
        /// Credit of the customer that pays for the order; nothing is granted.
        CreditUsed = "credit_used",
        /// What an earlier request took and is not due any more; added.
        GivenBack = "given_back",
    }
}

/// States the money of the approved rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement<'a> {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The parts.
    pub items: Few<SettlementItem<'a>>,
    /// Money to pay back, now or later.
    pub refund_total: Amount,
    /// What of it may be paid now: what rows come to that wait for nothing; what belongs
    /// to the order as a whole waits as long as one of its rows.
    pub payable_now_total: Amount,
    /// Credit to grant.
    pub credit_total: Amount,
    /// Credit of the customer that pays for the order.
    pub credit_used_total: Amount,
    /// What the customer owes; nothing while rows are undecided, which can pay for it.
    pub owed_total: Amount,
    /// What the customer will owe if the rows that are undecided come to nothing.
    pub owed_pending_total: Amount,
    /// Whether units accepted here and refunded before are all units.
    pub whole_order: bool,
    /// What was paid more than the parts of the order add up to, or below zero less, where
    /// rounding can make that; `None`: nothing.
    pub rounding_difference: Option<Amount>,
    /// How the refund is shared among the payments.
    pub payouts: Few<Payout<'a>>,
    /// When money or credit is due at the latest; `None`: no period is set.
    pub due: Option<Due>,
    /// When it may move.
    pub release: Release<'a>,
}

/// States one part of a settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementItem<'a> {
    /// What it is.
    pub kind: SettlementKind,
    /// A stable code that tells it apart; empty: the kind says it all.
    pub code: &'a str,
    /// The line; `None`: the order.
    pub line_id: Option<CallerId<'a>>,
    /// The parcel of what counts once in a parcel; `None`: it is of none, or of one that is
    /// not known.
    pub shipment_id: Option<CallerId<'a>>,
    /// The amount; `None` while it is pending.
    pub amount: Option<Amount>,
    /// The clause.
    pub clause: Option<Cite<'a>>,
    /// How it was worked out.
    pub arithmetic: Arithmetic,
}

/// States how an amount was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// The units' part of what was paid for the line.
    Part {
        /// What was paid for the line.
        net: Amount,
        /// Its units.
        quantity: i32,
        /// Units that came before.
        earlier: i32,
        /// Units here.
        taken: i32,
    },
    /// A fixed amount for each piece, at most what the pieces are worth.
    PerPiece {
        /// The amount for one piece.
        each: Amount,
        /// Pieces.
        pieces: i32,
        /// What the pieces are worth.
        cap: Amount,
    },
    /// A share in per cent of what units can pay, worked out cumulatively.
    Percent {
        /// What all units up to these can pay.
        base: Amount,
        /// What the units before these can pay.
        before: Amount,
        /// Hundredths of a per cent.
        basis_points: u32,
    },
    /// What a clause says in steps, for each of some units, less what was taken before, at
    /// most a cap.
    Said {
        /// The steps.
        steps: Box<Steps>,
        /// Units for each of which it was worked out, one of them alike; 1: all at once.
        units: i32,
        /// What was taken before.
        before: Amount,
        /// The cap; `None`: there is none.
        cap: Option<Amount>,
    },
    /// An amount that nobody has told.
    Unknown {
        /// Its code, as that of the item.
        amount: &'static str,
    },
    /// An amount that the facts state, at most a cap.
    Stated {
        /// The amount stated.
        stated: Amount,
        /// The cap.
        cap: Amount,
    },
    /// The lower of what was paid and the standard cost, less what was refunded.
    LowerOf {
        /// What was paid.
        paid: Amount,
        /// The standard cost.
        standard: Amount,
        /// What was refunded before.
        refunded: Amount,
    },
    /// What was paid less what was refunded.
    PaidLess {
        /// What was paid.
        paid: Amount,
        /// What was refunded before.
        refunded: Amount,
    },
    /// The difference between wanted goods and what comes back.
    Difference {
        /// Price of the wanted goods.
        wanted: Amount,
        /// What comes back.
        returned: Amount,
    },
    /// Waits for undecided rows.
    Pending,
}

/// States the steps in which an amount was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// An amount as it is said or stated.
    Amount(Amount),
    /// A share of a base.
    Percent {
        /// The base.
        of: Amount,
        /// Hundredths of a per cent.
        basis_points: u32,
    },
    /// A part of a base.
    Part {
        /// The base.
        of: Amount,
        /// How many of the whole.
        taken: i64,
        /// How many make the whole.
        whole: i64,
    },
    /// So many times.
    Times(Box<Self>, i64),
    /// The greatest of several.
    Greatest(Vec<Self>),
    /// The least of several.
    Least(Vec<Self>),
    /// All of several.
    All(Vec<Self>),
}

/// States what goes to one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout<'a> {
    /// The payment; `None`: none was named.
    pub payment_id: Option<CallerId<'a>>,
    /// The means; `None`: not known.
    pub method: Option<PaymentMethod>,
    /// The payee; `None`: the buyer, or a third party.
    pub payee_id: Option<CallerId<'a>>,
    /// A third party that the terms name; `None`: there is none.
    pub payee_code: Option<&'a str>,
    /// The amount.
    pub amount: Amount,
}

/// States when money may move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release<'a> {
    /// Events still waited for; empty: none.
    pub events: Vec<Event>,
    /// Whether the first of them is enough; otherwise all are needed.
    pub any: bool,
    /// Since when it may move, where that is known.
    pub since: Option<Instant>,
    /// Codes of open conditions that must be met first.
    pub conditions: Vec<&'a str>,
}

impl Release<'_> {
    /// Whether money may move at the instant of deciding.
    pub fn is_now(&self) -> bool {
        self.events.is_empty() && self.conditions.is_empty()
    }
}
