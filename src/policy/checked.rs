//! The checked policy: what a policy file means, every reference resolved.
//!
//! Nothing here is half-checked: the checker makes it from a document without
//! errors, the compiler turns it into a plan, and the tests' slow interpreter
//! reads it as it stands. Clauses are named by their place in
//! [`CheckedPolicy::clauses`], calendars by theirs in [`CheckedPolicy::calendars`].

use chrono::{NaiveTime, Weekday};

use crate::domain::event::Event;
use crate::domain::facts::{Action, Remedy};
use crate::domain::id::{ClauseId, PolicyId};
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{Day, Zone};
use crate::domain::verdict::{Act, Basis, LayerKind, Outcome, Party, Period, ReturnPayer};
use crate::domain::vocabulary::Fact;

/// Holds a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedPolicy {
    /// Its id.
    pub id: PolicyId,
    /// The shop, for people.
    pub title: String,
    /// From when it is in force; `None`: since always.
    pub effective: Option<Day>,
    /// Which layer it is.
    pub layer: LayerKind,
    /// The zone of its days; `None`: the place of delivery.
    pub zone: Option<Zone>,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Where each action leads, by action; an action without one is silent.
    pub routes: Vec<(Action, Action)>,
    /// The clause that says that the terms do not speak of an action.
    pub silent: Vec<(Action, usize)>,
    /// Codes of the options that it declares.
    pub option_codes: Vec<String>,
    /// Sets of days.
    pub calendars: Vec<Calendar>,
    /// The clauses with an effect.
    pub clauses: Vec<Clause>,
    /// The clauses without one.
    pub inert: Vec<InertClause>,
    /// The readings chosen where the text is ambiguous.
    pub readings: Vec<Reading>,
}

/// Describes a clause with an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Its id. Clauses that encode one clause of the terms share its stem and
    /// differ in a suffix of a lower-case letter, such as `RET-07` and `RET-07b`.
    pub id: ClauseId,
    /// What it says, one sentence in our own words.
    pub says: String,
    /// Where it stands in the published terms.
    pub source: String,
    /// The routes it stands on, at least one, ascending.
    pub routes: Vec<Action>,
    /// When it applies.
    pub guard: Guard,
    /// What follows while only findings keep its guard from being decided.
    pub pending: Pending,
    /// Clauses that it sets aside when it applies.
    pub overrides: Vec<usize>,
    /// What it does.
    pub effect: Effect,
}

/// Describes a clause without effect on a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InertClause {
    /// Its id.
    pub id: ClauseId,
    /// What it says.
    pub says: String,
    /// Where it stands.
    pub source: String,
    /// Why it has no effect.
    pub because: String,
}

/// Records the reading chosen for an ambiguity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Id of the ambiguity.
    pub id: ClauseId,
    /// Ids of the clauses it is about.
    pub of: Vec<ClauseId>,
    /// The reading, one sentence.
    pub says: String,
}

/// States what follows while only findings keep a guard from being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// The remedy stands under an open condition: for a grant, that the finding
    /// comes true; for a refusal or a referral, that it does not.
    Condition,
    /// A person decides.
    Review,
}

/// States when a clause applies: all of `all`, none of `unless`, and one of
/// `any` if there are any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard {
    /// Each must hold.
    pub all: Vec<Test>,
    /// In none of these may all tests hold.
    pub unless: Vec<Vec<Test>>,
    /// In one of these all tests must hold; empty: no further demand.
    pub any: Vec<Vec<Test>>,
}

/// Tests one fact or one window.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The fact is yes (`true`) or no.
    YesNo(FactRef, bool),
    /// The fact is one of these words.
    OneOf(FactRef, Vec<String>),
    /// The fact is known and none of these words.
    NoneOf(FactRef, Vec<String>),
    /// The fact is in this range, both ends inclusive.
    Range(FactRef, i64, i64),
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

/// Names a fact, with its word where it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactRef {
    /// The fact.
    pub fact: Fact,
    /// The tag, attribute, kind or option.
    pub word: Option<String>,
}

/// States where an act must fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Inside.
    Inside,
    /// Before or after.
    Outside,
    /// After.
    Past,
}

/// States a part of the week in the policy's zone, both ends inclusive; it does
/// not wrap around Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekPart {
    /// First weekday and clock time.
    pub from: (Weekday, Clock),
    /// Last weekday and clock time.
    pub to: (Weekday, Clock),
}

/// States a clock limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The instant: as an end it is inside, anything later is not.
    Instant(NaiveTime),
    /// The whole minute: as an end, up to its last instant.
    Minute(NaiveTime),
}

/// States a local day: that of an event, or the next weekday on or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpec {
    /// The event.
    pub of: Event,
    /// The weekday to go on to; the day itself counts.
    pub next: Option<Weekday>,
}

/// States a window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpec {
    /// When it opens; `None`: it always was.
    pub opens: Option<Event>,
    /// When it closes.
    pub closes: End,
    /// The act that has to fall inside.
    pub act: Act,
    /// Whether a late act is reviewed up to the next working day of a calendar.
    pub roll: Option<Roll>,
}

/// States that the last day of a period moves to a working day if it is not one.
#[derive(Clone, Debug, PartialEq)]
pub struct Roll {
    /// The calendar: a day of rest or a day of the set is no working day.
    pub calendar: usize,
    /// The end of the period that rolls; `None`: the window's own.
    pub of: Option<End>,
}

/// States an end.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// Never.
    Never,
    /// A period after an event.
    After(Event, Period, Option<usize>),
    /// The event itself: what happens before it is inside.
    Before(Event),
    /// A clock time on a day.
    Clock(DaySpec, Clock),
    /// The latest of several.
    Latest(Vec<End>),
    /// The earliest of several.
    Earliest(Vec<End>),
}

/// States what a clause does.
#[derive(Clone, Debug, PartialEq)]
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

/// States an entitlement.
#[derive(Clone, Debug, PartialEq)]
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

/// States what units are worth under an entitlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// What was paid for them.
    Paid,
    /// No money moves.
    Nothing,
    /// The credit that the request states.
    Credit,
}

/// States what of the delivery paid comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryShare {
    /// Nothing.
    None,
    /// All that was paid, when the order is whole.
    Paid,
    /// The lower of what was paid and the standard cost, when the order is whole.
    Standard,
    /// All that was paid, for a part of the order too.
    PaidAlways,
}

/// States a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub reason: String,
    /// The remedies; empty: all.
    pub remedies: Vec<Remedy>,
}

/// States a referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Stable code.
    pub reason: String,
    /// The remedies; empty: all.
    pub remedies: Vec<Remedy>,
    /// What the person is recommended to do.
    pub recommends: Recommendation,
}

/// States what a referral recommends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// To refuse, for the referral's own reason.
    Refuse,
    /// To grant the entitlement of a clause.
    Grant(usize),
}

/// States additions to the entitlements of the routes, or of some of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Addition {
    /// The remedies it adds to; empty: all.
    pub remedies: Vec<Remedy>,
    /// The granting clauses it adds to; empty: all.
    pub to: Vec<usize>,
    /// What it adds.
    pub parts: Vec<Part>,
}

/// States one addition.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A condition that a finding or an event settles.
    Condition(ConditionSpec),
    /// Something that one side must do.
    Obligation(ObligationSpec),
    /// Who pays for the way back.
    ReturnPayer(ReturnPayer),
    /// Who bears its risk.
    ReturnRisk(Party),
    /// Where goods go back to.
    ReturnAddress(String),
    /// Money goes to who paid, by the means of each payment.
    PayeeIsPayer,
    /// When money or credit is due at the latest.
    Due(End),
    /// Money waits for these events; with `true` the first is enough.
    Release(Vec<Event>, bool),
    /// Something is taken off.
    Deduct(Deduction),
    /// Something is charged, and owed beyond the refund.
    Charge(StatedAmount),
    /// Something the customer spent is paid back.
    Reimburse(StatedAmount),
    /// What of delivery comes back, instead of what the grant says.
    Delivery(DeliveryShare),
    /// Whether options come back, instead of what the grant says.
    Options(bool),
    /// The difference between wanted goods and what comes back.
    Difference {
        /// Dearer goods: the customer pays the difference.
        dearer_owed: bool,
        /// Cheaper goods: the difference becomes credit.
        cheaper_credit: bool,
    },
    /// A warning.
    Notice(String),
}

/// States a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionSpec {
    /// Stable code.
    pub code: String,
    /// What settles it.
    pub settled_by: SettledBy,
    /// What the row becomes if it fails: denied or needs review.
    pub failed: Outcome,
}

/// States what settles a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum SettledBy {
    /// The event happens; it cannot fail.
    Event(Event),
    /// The finding is as tested; otherwise the condition failed.
    Finding(Test),
}

/// States an obligation.
#[derive(Clone, Debug, PartialEq)]
pub struct ObligationSpec {
    /// Stable code.
    pub code: String,
    /// Who.
    pub party: Party,
    /// Until when; `None`: no period is set.
    pub due: Option<End>,
}

/// States a deduction.
#[derive(Clone, Debug, PartialEq)]
pub enum Deduction {
    /// A fixed amount for each unit, at most what the unit is worth.
    PerPiece(Amount, Currency),
    /// A fixed amount for the order, taken last.
    PerOrder(Amount, Currency),
    /// Hundredths of a per cent of what the units are worth.
    Percent(u32),
    /// An amount that the facts state, at most what the units are worth.
    Stated(StatedAmount),
}

/// Names an amount that the facts of a request state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedAmount {
    /// The cost of deterioration of the row's units.
    Deterioration,
    /// The loss of value of the row's units.
    ValueLoss,
    /// What the way back cost the customer.
    ReturnPaid,
    /// What a collection cost the shop.
    CollectionCost,
    /// What an undelivered parcel's way back cost the shop.
    UndeliveredCost,
}

/// Holds a set of days.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// States a rule for days of every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Days after Western Easter Sunday, negative: before.
    WesternEaster(i32),
    /// Days after Orthodox Easter Sunday, negative: before.
    OrthodoxEaster(i32),
}
