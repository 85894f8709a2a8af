//! What terms consist of: tests, windows, effects and calendars, resolved.
//!
//! The checked policy and the plan speak of the same things; here they are,
//! without the clauses that hold them. Clauses and calendars are named by index.

mod money;
mod time;

use chrono::Weekday;

use super::calendar::KnownDays;
use crate::domain::facts::Remedy;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::Day;
use crate::domain::verdict::{Basis, Outcome, Party, ReturnPayer};
use crate::domain::vocabulary::Event;
use crate::domain::vocabulary::Fact;
pub use money::{
    Allowance, BackTo, Base, Cheaper, Count, DeliveryShare, Every, Formula, Payee, Scope, Sum,
    Worth,
};
pub use time::*;

/// Tests one fact or one window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// The fact is yes (`true`) or no.
    YesNo(FactRef, bool),
    /// The fact is one of these words.
    OneOf(FactRef, Vec<String>),
    /// The fact is known and none of these words.
    NoneOf(FactRef, Vec<String>),
    /// The fact is in this range, both ends inclusive.
    Range(FactRef, i64, i64),
    /// The fact is an amount in this range. Of an order in another currency a person
    /// decides.
    Amount(FactRef, AmountRange),
    /// The event has happened at the instant of deciding (`true`), or not yet.
    Happened(Event, bool),
    /// The customer has not supplied the asked-for fact and no longer can: it is
    /// known to be no, and the end has passed at the instant of deciding.
    /// Without an end it can always be supplied, so that it is asked for as
    /// long as it is not there.
    NotSupplied(FactRef, Option<End>),
    /// The window's act falls inside, outside or past.
    Window(WindowSpec, Where),
    /// The window of a granting clause is past (closed).
    Past(usize),
    /// The local time of an event lies in a part of the week.
    Week(Event, WeekPart),
    /// A local day computed from an event is in a calendar (its days, not its
    /// days of rest): `true`, or is not.
    DayIn(DaySpec, usize, bool),
}

/// A set of events, a bit each.
pub type Events = u64;

impl Test {
    /// Returns the events that it reads.
    pub fn events(&self) -> Events {
        match self {
            Self::Happened(event, _) | Self::Week(event, _) => event.bit(),
            Self::DayIn(day, ..) => day.of.bit(),
            Self::Window(window, _) => window.events(),
            Self::NotSupplied(fact, until) => fact.events() | until.as_ref().map_or(0, End::events),
            Self::YesNo(fact, _) | Self::OneOf(fact, _) | Self::NoneOf(fact, _) => fact.events(),
            Self::Range(fact, ..) | Self::Amount(fact, _) => fact.events(),
            // It follows from the window of the grant.
            Self::Past(_) => 0,
        }
    }

    /// Returns the fact that it compares; `None`: it looks at an event or a window.
    pub const fn fact(&self) -> Option<&FactRef> {
        match self {
            Self::YesNo(fact, _)
            | Self::OneOf(fact, _)
            | Self::NoneOf(fact, _)
            | Self::Range(fact, ..)
            | Self::Amount(fact, _)
            | Self::NotSupplied(fact, _) => Some(fact),
            Self::Happened(..)
            | Self::Window(..)
            | Self::Past(_)
            | Self::Week(..)
            | Self::DayIn(..) => None,
        }
    }

    /// Returns the words with which it compares a fact; `None`: with none.
    pub fn words(&self) -> Option<(&FactRef, &[String])> {
        match self {
            Self::OneOf(fact, words) | Self::NoneOf(fact, words) => Some((fact, words)),
            Self::YesNo(..)
            | Self::Range(..)
            | Self::Amount(..)
            | Self::Happened(..)
            | Self::NotSupplied(..)
            | Self::Window(..)
            | Self::Past(_)
            | Self::Week(..)
            | Self::DayIn(..) => None,
        }
    }

    /// Returns the test that holds if and only if this one does not, and waits for the
    /// same; `None`: there is none.
    pub fn opposite(&self) -> Option<Self> {
        Some(match self {
            Self::YesNo(fact, yes) => Self::YesNo(fact.clone(), !yes),
            Self::OneOf(fact, words) => Self::NoneOf(fact.clone(), words.clone()),
            Self::NoneOf(fact, words) => Self::OneOf(fact.clone(), words.clone()),
            Self::Happened(event, yes) => Self::Happened(*event, !yes),
            Self::Window(spec, Where::Inside) => Self::Window(spec.clone(), Where::Outside),
            Self::Window(spec, Where::Outside) => Self::Window(spec.clone(), Where::Inside),
            Self::Window(_, Where::Past)
            | Self::Range(..)
            | Self::Amount(..)
            | Self::NotSupplied(..)
            | Self::Past(_)
            | Self::Week(..)
            | Self::DayIn(..) => return None,
        })
    }
}

/// States a range of amounts, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AmountRange {
    /// The least.
    pub low: Amount,
    /// The greatest; `None`: no limit.
    pub high: Option<Amount>,
    /// The currency of both.
    pub currency: Currency,
}

impl AmountRange {
    /// Whether an amount is in it.
    pub fn contains(&self, amount: Amount) -> bool {
        self.low <= amount && self.high.is_none_or(|high| amount <= high)
    }

    /// Returns the least amounts of the parts into which it cuts all amounts, its own and
    /// that of what is above it.
    pub fn starts(&self) -> impl Iterator<Item = Amount> {
        let above = self.high.map(|high| high.plus(Amount::from_minor(1)));
        std::iter::once(self.low).chain(above)
    }
}

/// Lists the only words that a standard fact can have, or that can name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordList {
    /// The fact, such as the category of a line or its tags.
    pub fact: Fact,
    /// The words, as the policy lists them.
    pub words: Vec<String>,
}

impl WordList {
    /// Returns the words that the lists of a policy allow of a fact; `None`: any.
    pub fn of(lists: &[Self], fact: Fact) -> Option<&[String]> {
        // What a set contains is told in the words of categories.
        let of = match fact {
            Fact::Contains => Fact::Category,
            other => other,
        };
        let list = lists.iter().find(|list| list.fact == of);
        list.map(|list| list.words.as_slice())
    }
}

/// Names a fact, with its word where it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactRef {
    /// The fact.
    pub fact: Fact,
    /// The tag, kind of goods, payment method or option.
    pub word: Option<String>,
}

impl FactRef {
    /// Returns the events that the fact is worked out from.
    fn events(&self) -> Events {
        match self.fact {
            Fact::FormSent => Event::FormSend.bit(),
            Fact::OrderShipped => Event::Ship.bit(),
            _ => 0,
        }
    }
}

/// States what a clause does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Grants a remedy.
    Grants(Grant),
    /// Refuses, all remedies if none is named.
    Refuses(Refusal),
    /// Refers to a person, for all remedies if none is named.
    Refers(Referral),
    /// Adds to what other clauses grant.
    Adds(Addition),
    /// Moves the end of a granting clause's window to this end, if it is later.
    Extends(usize, End),
}

impl Effect {
    /// Returns what it grants.
    pub const fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Grants(grant) => Some(grant),
            Self::Refuses(_) | Self::Refers(_) | Self::Adds(_) | Self::Extends(..) => None,
        }
    }

    /// Returns what it refuses.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refuses(refusal) => Some(refusal),
            Self::Grants(_) | Self::Refers(_) | Self::Adds(_) | Self::Extends(..) => None,
        }
    }

    /// Returns what it refers to a person.
    pub const fn referral(&self) -> Option<&Referral> {
        match self {
            Self::Refers(referral) => Some(referral),
            Self::Grants(_) | Self::Refuses(_) | Self::Adds(_) | Self::Extends(..) => None,
        }
    }

    /// Returns what it adds.
    pub const fn addition(&self) -> Option<&Addition> {
        match self {
            Self::Adds(addition) => Some(addition),
            Self::Grants(_) | Self::Refuses(_) | Self::Refers(_) | Self::Extends(..) => None,
        }
    }

    /// Returns the parts that it adds; empty: it adds nothing.
    pub fn parts(&self) -> &[Part] {
        self.addition().map_or(&[], |addition| &addition.parts)
    }

    /// Returns the granting clause whose window it moves, and the end.
    pub const fn extension(&self) -> Option<(usize, &End)> {
        match self {
            Self::Extends(clause, end) => Some((*clause, end)),
            Self::Grants(_) | Self::Refuses(_) | Self::Refers(_) | Self::Adds(_) => None,
        }
    }
}

/// States an entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The remedy.
    pub remedy: Remedy,
    /// When it can be asked for; `None`: at any time.
    pub window: Option<WindowSpec>,
    /// What the units are worth.
    pub worth: Worth,
    /// Its place among the entitlements of the route: the lowest is the remedy
    /// where none is wished for. `None`: no other can be open with it. Equal
    /// ranks say that the entitlements are equal; the earlier in the file comes first.
    pub rank: Option<u32>,
    /// The option of which each unit uses up one.
    pub consumes: Option<String>,
    /// What of delivery comes with it when the order is whole.
    pub delivery: DeliveryShare,
    /// Whether options come with it when the order is whole.
    pub options: bool,
    /// Why the remedy exists.
    pub basis: Basis,
}

/// States a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Stable code.
    pub reason: String,
    /// The remedies; empty: all.
    pub remedies: Vec<Remedy>,
}

/// States a referral.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Referral {
    /// Stable code.
    pub reason: String,
    /// The remedies; empty: all.
    pub remedies: Vec<Remedy>,
    /// What the person is recommended to do.
    pub recommends: Recommendation,
}

/// States what a referral recommends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// To refuse, for the referral's own reason.
    Refuse,
    /// To grant the entitlement of a clause.
    Grant(usize),
}

/// States additions to the entitlements of the routes, or of some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Addition {
    /// The remedies it adds to; empty: all.
    pub remedies: Vec<Remedy>,
    /// The granting clauses it adds to; empty: all.
    pub to: Vec<usize>,
    /// What it adds.
    pub parts: Vec<Part>,
}

/// States one addition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A condition that a finding or an event settles.
    Condition(ConditionSpec),
    /// Something that one side must do.
    Obligation(ObligationSpec),
    /// Who pays for the return shipment.
    ReturnPayer(ReturnPayer),
    /// Who bears its risk.
    ReturnRisk(Party),
    /// Where goods go back to.
    ReturnAddress(String),
    /// Who gets the money, by the means of each payment.
    Payee(Payee),
    /// To which payments money goes back.
    BackTo(BackTo),
    /// When money or credit is due at the latest.
    Due(End),
    /// Money waits for these events; with `true` the first is enough.
    Release(Vec<Event>, bool),
    /// Something is taken off.
    Deduct(Sum),
    /// Something is charged, and owed beyond the refund.
    Charge(Sum),
    /// Something the customer spent is paid back.
    Reimburse(Sum),
    /// What of delivery comes back, instead of what the grant says.
    Delivery(DeliveryShare),
    /// Whether options come back, instead of what the grant says.
    Options(bool),
    /// The difference between wanted goods and what comes back.
    Difference {
        /// Dearer goods: the customer pays the difference.
        dearer_owed: bool,
        /// What becomes of the difference to cheaper goods.
        cheaper: Cheaper,
    },
    /// A warning.
    Notice(String),
}

impl Part {
    /// Returns the condition that it adds.
    pub const fn condition(&self) -> Option<&ConditionSpec> {
        match self {
            Self::Condition(spec) => Some(spec),
            Self::Obligation(_)
            | Self::ReturnPayer(_)
            | Self::ReturnRisk(_)
            | Self::ReturnAddress(_)
            | Self::Payee(_)
            | Self::BackTo(_)
            | Self::Due(_)
            | Self::Release(..)
            | Self::Deduct(_)
            | Self::Charge(_)
            | Self::Reimburse(_)
            | Self::Delivery(_)
            | Self::Options(_)
            | Self::Difference { .. }
            | Self::Notice(_) => None,
        }
    }

    /// Returns the amount that it takes, charges or pays back; `None`: it concerns none.
    pub const fn sum(&self) -> Option<&Sum> {
        match self {
            Self::Deduct(sum) | Self::Charge(sum) | Self::Reimburse(sum) => Some(sum),
            Self::Condition(_)
            | Self::Obligation(_)
            | Self::ReturnPayer(_)
            | Self::ReturnRisk(_)
            | Self::ReturnAddress(_)
            | Self::Payee(_)
            | Self::BackTo(_)
            | Self::Due(_)
            | Self::Release(..)
            | Self::Delivery(_)
            | Self::Options(_)
            | Self::Difference { .. }
            | Self::Notice(_) => None,
        }
    }
}

/// States a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConditionSpec {
    /// Stable code.
    pub code: String,
    /// What settles it.
    pub settled_by: SettledBy,
    /// What the row becomes if it fails: denied or needs review.
    pub failed: Outcome,
}

/// States what settles a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SettledBy {
    /// The event happens; it cannot fail.
    Event(Event),
    /// The finding is as tested; otherwise the condition failed.
    Finding(Test),
}

/// States an obligation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObligationSpec {
    /// Stable code.
    pub code: String,
    /// Who.
    pub party: Party,
    /// Until when; `None`: no period is set.
    pub due: Option<End>,
}

/// Holds a set of days.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// Days of rest of every week.
    pub rest: Vec<Weekday>,
    /// Rules for its days.
    pub rules: Vec<DayRule>,
    /// Single days that belong to it.
    pub add: Vec<Day>,
    /// Single days that do not, whatever the rules say.
    pub remove: Vec<Day>,
    pub(super) known: KnownDays,
}

/// States a rule for days of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayRule {
    /// The same day of every year; 29 February only where it exists.
    Fixed {
        /// Month, 1 to 12.
        month: u32,
        /// Day of the month.
        day: u32,
    },
    /// The nth weekday of a month, and days after it.
    NthOfMonth {
        /// 1 to 5, or -1 for the last.
        nth: i32,
        /// The weekday.
        weekday: Weekday,
        /// Month, 1 to 12.
        month: u32,
        /// Days after it.
        plus: i32,
    },
    /// The nth weekday strictly before a day of the year, counted backwards from 1.
    NthBefore {
        /// 1 and up.
        nth: u32,
        /// The weekday.
        weekday: Weekday,
        /// Month of the day, 1 to 12.
        month: u32,
        /// Day of the month.
        day: u32,
    },
    /// All days from one day of the year to another, both inside, over New Year where the
    /// first is the later one.
    Season {
        /// Month and day of the first.
        from: (u32, u32),
        /// Month and day of the last.
        to: (u32, u32),
    },
    /// Days after Western Easter Sunday, negative: before.
    WesternEaster(i32),
    /// Days after Orthodox Easter Sunday, negative: before.
    OrthodoxEaster(i32),
}

/// States what follows while only findings keep a guard from being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pending {
    /// The remedy stands under an open condition: for a grant, that the finding
    /// comes true; for a refusal or a referral, that it does not.
    Condition,
    /// The same, but the condition is presumed to hold until it is known not to:
    /// money does not wait for it.
    Presumed,
    /// A person decides.
    Review,
}
