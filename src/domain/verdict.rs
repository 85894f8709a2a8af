//! The answer: outcome, remedy, money, windows, conditions, and why.
//!
//! A verdict borrows the policy's and the request's own texts for its lifetime,
//! so that building one copies and counts nothing that threads share.

mod due;
mod missing;
mod money;
mod question;
mod step;
mod window;

pub use due::*;
pub use missing::*;
pub use money::*;
pub use question::*;
pub use step::*;
pub use window::*;

use super::facts::{Action, Remedy, Request};
use super::few::Few;
use super::id::{CallerId, PolicyId};
use super::money::Amount;
use super::path::{FieldPath, UnitsLocation};
use super::text::Text;
use super::time::{Instant, Zone};
use super::words::words;

words! {
    /// Names an outcome. Only an order-level answer is mixed.
    Outcome {
        /// The customer gets the remedy, under the conditions stated.
        Approved = "approved",
        /// The customer does not get it.
        Denied = "denied",
        /// A person must decide.
        NeedsReview = "needs_review",
        /// Facts are missing.
        NeedsInformation = "needs_information",
        /// Rows differ.
        Mixed = "mixed",
    }
}

words! {
    /// Names why a remedy exists.
    Basis {
        /// The shop's own terms.
        Goodwill = "goodwill",
        /// The right to withdraw.
        Withdrawal = "withdrawal",
        /// Goods that are not what is owed.
        Conformity = "conformity",
        /// Goods that did not arrive.
        NonDelivery = "non_delivery",
    }
}

words! {
    /// Names a layer that a policy stands on.
    LayerKind {
        /// The shop's terms.
        Terms = "terms",
        /// The law of the customer's country.
        Statute = "statute",
    }
}

words! {
    /// Names a side.
    Party {
        /// The customer.
        Customer = "customer",
        /// The shop.
        Shop = "shop",
        /// The carrier.
        Carrier = "carrier",
    }
}

words! {
    /// Names who pays for the return shipment.
    ReturnPayer {
        /// The customer.
        Customer = "customer",
        /// The shop.
        Shop = "shop",
        /// The shop, with a label that it supplies beforehand.
        ShopLabel = "shop_label",
        /// Nobody: it costs nothing.
        Nobody = "nobody",
    }
}

words! {
    /// Names a part of what is granted that changes no answer.
    TermPart {
        /// Who pays for the return shipment.
        ReturnPayer = "return_payer",
        /// Who bears its risk.
        ReturnRisk = "return_risk",
        /// Where goods go back to.
        ReturnAddress = "return_address",
        /// What each side must do.
        Obligations = "obligations",
    }
}

words! {
    /// States where a condition stands.
    ConditionStatus {
        /// Not known yet.
        Open = "open",
        /// Came true.
        Met = "met",
        /// Did not come true.
        Failed = "failed",
    }
}

words! {
    /// States whether an option is possible.
    OptionStatus {
        /// Possible.
        Open = "open",
        /// Possible later.
        NotOpenYet = "not_open_yet",
        /// Not possible any more, or refused.
        Closed = "closed",
        /// Facts are missing.
        NeedsInformation = "needs_information",
        /// A person must decide.
        NeedsReview = "needs_review",
    }
}

/// Holds the answer to one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// The caller's id of the order.
    pub order_id: CallerId<'a>,
    /// The caller's id of the case.
    pub claim_id: Option<CallerId<'a>>,
    /// The outcome of all rows if they agree, otherwise mixed.
    pub outcome: Outcome,
    /// What was asked for.
    pub action: Action,
    /// Where the policy leads it; `None`: the terms do not speak of it.
    pub route: Option<Action>,
    /// One row for each unit group, in request order; a group is split where a
    /// limited right covers only some of its units.
    pub rows: Few<Row<'a>>,
    /// What is decided of them, each for one row or for several that are alike.
    pub decisions: Few<Box<Decision<'a>>>,
    /// The money of the approved rows; `None`: no row is approved.
    pub settlement: Option<Settlement<'a>>,
    /// Every missing fact once, in order of path; at full view in the order in which they
    /// are best asked for.
    pub missing: Vec<MissingFact>,
    /// Warnings that do not change the outcome.
    pub notices: Vec<Notice<'a>>,
    /// What else is possible at the same instant for the same units.
    pub alternatives: Vec<Alternative<'a>>,
    /// What makes the decision reproducible.
    pub receipt: Receipt<'a>,
}

impl<'a> Verdict<'a> {
    /// Returns each row with what is decided of it, in request order.
    pub fn each(&self) -> impl Iterator<Item = (&Row<'a>, &Decision<'a>)> + Clone {
        let decided = |row| self.decision(row).map(|decision| (row, decision));
        self.rows.iter().filter_map(decided)
    }

    /// Returns what is decided of a row; `None`: the row is of another verdict.
    pub fn decision(&self, row: &Row<'_>) -> Option<&Decision<'a>> {
        self.decisions.get(row.decision).map(Box::as_ref)
    }
}

/// Holds the answer for units of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The line.
    pub line_id: CallerId<'a>,
    /// Where the units stand in the request.
    pub location: UnitsLocation,
    /// The units.
    pub quantity: i32,
    /// What is decided, by its index in [`Verdict::decisions`].
    pub decision: usize,
    /// What the units are worth under the entitlement, order-level money apart;
    /// `None`: no money, or a part is unknown.
    pub amount: Option<Amount>,
    /// What has to be done next.
    pub next_step: NextStep,
}

/// Holds what is decided of units, whichever line they are of.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'a> {
    /// The outcome, never mixed.
    pub outcome: Outcome,
    /// Why, most important first.
    pub reasons: Few<Reason<'a>>,
    /// What the customer gets, when approved.
    pub entitlement: Option<Entitlement<'a>>,
    /// What a person chooses from, when the row needs review.
    pub candidates: Vec<Candidate<'a>>,
    /// The facts that are missing for this row, in the order of [`Verdict::missing`].
    pub missing: Missing,
    /// The window on which a denial rests.
    pub window: Option<Window>,
    /// Paths of facts that are not known and that the terms test: every value of them leads
    /// to this answer. Ascending; filled in at full view.
    pub regardless_of: Vec<String>,
}

/// Says why.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason<'a> {
    /// Stable code: one of [`ReasonCode`] or one that the policy declares.
    pub code: &'a str,
    /// The clause; `None`: no clause speaks of it.
    pub clause: Option<Cite<'a>>,
    /// Facts compared, with their values as text; filled in at full view. Of
    /// [`ReasonCode::AlreadySettled`] what the customer got, and of
    /// [`ReasonCode::FactsUnavailable`] and [`ReasonCode::TimeUnknown`] the facts, of
    /// [`ReasonCode::OtherUnitsOpen`] the units, at every view.
    pub facts: Vec<(String, String)>,
}

/// Says what to cite of a clause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Citation {
    /// Its id.
    pub id: Text,
    /// What it says, one sentence.
    pub says: Text,
    /// Where it stands in the published terms.
    pub source: Text,
    /// What has to be checked, where it is shown as a condition; `None`: what it says.
    pub as_condition: Option<Text>,
    /// What has to be done, where it is shown as a task; `None`: what it says.
    pub as_task: Option<Text>,
}

/// Cites a clause. Most parts of a verdict do, so that it is no more than a pointer.
pub type Cite<'a> = &'a Citation;

words! {
    /// Names the engine's own reasons.
    ReasonCode {
        /// A clause grants the remedy.
        Granted = "granted",
        /// The window has closed.
        WindowClosed = "window_closed",
        /// The window has not opened.
        TooEarly = "too_early",
        /// The terms do not speak of the action.
        Uncovered = "terms_silent",
        /// No open entitlement gives the remedy wished for.
        WishUnmet = "wish_unmet",
        /// A condition of the remedy failed.
        ConditionFailed = "condition_failed",
        /// Facts are missing.
        FactsMissing = "facts_missing",
        /// A fixed amount is in another currency than the order.
        CurrencyDiffers = "currency_differs",
        /// The last day of the period is not a working day; the law may extend it.
        StatutoryExtension = "statutory_extension",
        /// Every possible value of the missing facts leads to the same denial.
        DeniedEitherWay = "denied_either_way",
        /// Every possible value of the missing facts leads to a person.
        ReviewEitherWay = "review_either_way",
        /// The terms changed after the order was placed, and both texts differ.
        TermsChanged = "terms_changed",
        /// Earlier remedies used up every unit of the line.
        AlreadySettled = "already_settled",
        /// Every unit that is left is asked for by requests that are open.
        RequestOpen = "request_open",
        /// Nobody can tell a fact that can change the answer.
        FactsUnavailable = "facts_unavailable",
        /// An event happened at a time that nobody can tell, and the answer depends on it.
        TimeUnknown = "time_unknown",
        /// It turns on units of the request that a person still has to decide.
        OtherUnitsOpen = "other_units_open",
    }
}

/// Describes a remedy that a clause grants.
#[derive(Clone, Debug, PartialEq)]
pub struct Entitlement<'a> {
    /// The remedy.
    pub remedy: Remedy,
    /// The clause that grants it.
    pub clause: Cite<'a>,
    /// Why the remedy exists.
    pub basis: Basis,
    /// The layer it rests on.
    pub layer: LayerKind,
    /// When it can be asked for, as far as that is certain; `None`: at any time.
    pub window: Option<Window>,
    /// What its dates can be; `None`: they do not depend on facts that are not known.
    pub possible: Option<Box<PossibleDates>>,
    /// What must still come true, came true, or failed.
    pub conditions: Vec<Condition<'a>>,
    /// What each side must do.
    pub obligations: Vec<Obligation<'a>>,
    /// Who pays for the return shipment; `None`: nothing comes back, the terms do not cover
    /// it, or it depends on facts.
    pub return_payer: Option<ReturnPayer>,
    /// Who bears its risk; `None`: the terms do not cover it, or it depends on facts.
    pub return_risk: Option<Party>,
    /// Where goods go back to; `None`: the terms name no address, or it depends on facts.
    pub return_address: Option<&'a str>,
    /// The clauses that shaped it beside the granting one.
    pub shaped_by: Vec<Cite<'a>>,
    /// The parts above that facts still decide which are not known.
    pub depends_on: Vec<Dependence>,
}

/// Holds what the dates of an entitlement can be that facts which are not known move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PossibleDates {
    /// The widest that the window can be; `None`: it does not depend on such facts.
    pub window: Option<Window>,
    /// The earliest and the latest date by which money or credit can be due; `None`: it
    /// does not depend on such facts, or counts from an event.
    pub due: Option<(Instant, Instant)>,
}

/// Says that a part of what is granted depends on facts which are not known. They change no
/// answer, so that they are not missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependence {
    /// The part.
    pub part: TermPart,
    /// The facts, in order of path; at least one.
    pub facts: Vec<MissingFact>,
}

/// Offers one answer to a person who reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// The answer.
    pub answer: Answer<'a>,
    /// Whether the terms recommend it.
    pub recommended: bool,
    /// What of the order's money the request would come to with it, other rows as they are;
    /// empty where nothing is explained, or a fact is missing.
    pub order_items: Vec<SettlementItem<'a>>,
    /// What the customer would owe; `None`: nothing, or not known.
    pub owed: Option<Amount>,
}

impl<'a> Candidate<'a> {
    /// Offers an answer of whose part in the order's money nothing is told.
    pub(crate) const fn of(answer: Answer<'a>, recommended: bool) -> Self {
        Self {
            answer,
            recommended,
            order_items: Vec::new(),
            owed: None,
        }
    }
}

/// Holds an answer that a person can choose.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Grant this.
    Entitlement {
        /// What is granted.
        entitlement: Box<Entitlement<'a>>,
        /// What the units are worth under it, order-level money apart; `None`: no
        /// money, or a part is unknown.
        amount: Option<Amount>,
    },
    /// Refuse for this reason.
    Refusal(Reason<'a>),
}

/// States a condition of an approved remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// Stable code.
    pub code: &'a str,
    /// Where it stands.
    pub status: ConditionStatus,
    /// The clause that sets it.
    pub clause: Cite<'a>,
    /// Field path of the fact that settles it, for the units of any row.
    pub path: FieldPath<'a>,
    /// What the row becomes if it fails; `None`: it cannot fail.
    pub failed: Option<Outcome>,
    /// Whether it is presumed to hold until it is known not to: money does not
    /// wait for it.
    pub presumed: bool,
    /// Whether money waits for it while it is open, whatever clauses say of that: not for what
    /// is presumed, nor for an event where a clause names those that money waits for.
    pub holds_money: bool,
}

/// States what one side must do.
#[derive(Clone, Debug, PartialEq)]
pub struct Obligation<'a> {
    /// Stable code.
    pub code: &'a str,
    /// Who.
    pub party: Party,
    /// The clause that sets it.
    pub clause: Cite<'a>,
    /// Until when; `None`: no period is set.
    pub due: Option<Due>,
}

/// Warns without changing the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice<'a> {
    /// Stable code.
    pub code: &'a str,
    /// The clause; `None`: the engine.
    pub clause: Option<Cite<'a>>,
    /// The lines it is about; empty: the order.
    pub lines: Vec<CallerId<'a>>,
}

/// Describes what else is possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative<'a> {
    /// The action to ask for.
    pub action: Action,
    /// The remedy to wish for.
    pub remedy: Option<Remedy>,
    /// Whether it is possible.
    pub status: OptionStatus,
    /// The clause.
    pub clause: Option<Cite<'a>>,
    /// The lines it covers.
    pub lines: Vec<CallerId<'a>>,
    /// What it would pay for them in all.
    pub amount: Option<Amount>,
    /// Its window.
    pub window: Option<Window>,
    /// The facts it misses.
    pub missing: Vec<MissingFact>,
    /// The reason class it needs, such as `claim_kind=damaged`; empty: none.
    pub reason_class: String,
    /// What of the amount belongs to the order and not to a line; empty where nothing is
    /// explained.
    pub order_items: Vec<SettlementItem<'a>>,
    /// What the customer would owe; `None`: nothing, or not known.
    pub owed: Option<Amount>,
}

/// Describes one thing that could be asked for.
#[derive(Clone, Debug)]
pub struct OrderOption<'a> {
    /// The action.
    pub action: Action,
    /// The reason class that the policy distinguishes; empty: none.
    pub reason_class: String,
    /// The remedy; `None`: a person must decide, or nothing is granted.
    pub remedy: Option<Remedy>,
    /// The line; `None`: all units asked about.
    pub line_id: Option<CallerId<'a>>,
    /// The lines of which it is so: of units that differ, those that are best off.
    pub lines: Vec<CallerId<'a>>,
    /// Whether it is possible.
    pub status: OptionStatus,
    /// When.
    pub window: Option<Window>,
    /// What it would pay.
    pub amount: Option<Amount>,
    /// What of the amount belongs to the order and not to a line; empty where nothing is
    /// explained.
    pub order_items: Vec<SettlementItem<'a>>,
    /// What the customer would owe; `None`: nothing, or not known.
    pub owed: Option<Amount>,
    /// The facts it misses.
    pub missing: Vec<MissingFact>,
    /// Why, where it is not open.
    pub reasons: Few<Reason<'a>>,
    /// The clause.
    pub clause: Option<Cite<'a>>,
    /// The request with which a decision says the same.
    pub request: Request<'a>,
}

impl OrderOption<'_> {
    /// Takes back what it would pay: that is not known after all.
    pub(crate) fn pays_nothing_yet(&mut self) {
        self.amount = None;
        self.order_items.clear();
        self.owed = None;
    }
}

/// Tells once what is so of several options.
#[derive(Clone, Debug)]
pub struct OptionRow<'a> {
    /// The first of them.
    pub option: OrderOption<'a>,
    /// The reason classes of which it is so; empty: the policy distinguishes none.
    pub reason_classes: Vec<String>,
    /// The lines of which it is so.
    pub lines: Vec<CallerId<'a>>,
    /// Whether it is so of the lines when they are asked about together.
    pub together: bool,
    /// Whether it is so of each of the lines when it alone is asked about.
    pub alone: bool,
}

impl<'a> OptionRow<'a> {
    /// Tells one option.
    pub fn of(option: OrderOption<'a>) -> Self {
        let class = Some(option.reason_class.clone()).filter(|class| !class.is_empty());
        Self {
            reason_classes: class.into_iter().collect(),
            lines: option.lines.clone(),
            together: option.line_id.is_none(),
            alone: option.line_id.is_some(),
            option,
        }
    }
}

/// States what a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// The policy.
    pub policy: &'a PolicyId,
    /// The revision, a date or `always`.
    pub revision: &'a str,
    /// SHA-256 of the policy file, hexadecimal.
    pub digest: &'a [u8; 32],
    /// Version of the engine.
    pub engine: &'static str,
    /// Version of the time-zone database.
    pub tzdb: &'static str,
    /// The zone of the policy's days; `None`: the place of delivery.
    pub zone: Option<Zone>,
    /// The customer's act.
    pub request_time: Instant,
    /// The instant of deciding.
    pub decide_time: Instant,
}
