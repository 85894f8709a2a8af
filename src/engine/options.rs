//! What else is possible: the same evaluation over other routes.
//!
//! Nothing here decides. An option is what `decide_rows` says of an ask that is
//! tried out, so that options and decisions cannot disagree.

use super::case::{Asked, Case, Scratch};
use super::draft::Draft;
use super::rows::{Decided, decide_open, decide_rows};
use crate::domain::facts::{
    Action, Ask, ChangeKind, ClaimKind, DeliveryProblemKind, Facts, Remedy, RowIndex, ShopEventKind,
};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::path::{FieldPath, UnitsPlace};
use crate::domain::spell::Spell;
use crate::domain::time::EventTime;
use crate::domain::verdict::{
    Cite, Entitlement, MissingFact, OptionStatus, Outcome, Reason, ReasonCode, SettlementKind,
    Window,
};
use crate::domain::vocabulary::{Class, Fact, Kind};
use crate::policy::plan::{Plan, RoutePlan};
use crate::policy::terms::Test;

/// Holds one thing that could be asked for.
#[derive(Clone, Debug)]
pub(super) struct Tried<'a> {
    /// The remedy; `None`: a person must decide, or nothing is granted.
    pub remedy: Option<Remedy>,
    /// Whether it is possible.
    pub status: OptionStatus,
    /// Its window.
    pub window: Option<Window>,
    /// What it would pay.
    pub amount: Option<Amount>,
    /// The facts it misses.
    pub missing: Vec<MissingFact>,
    /// Why, where it is not open.
    pub reasons: Few<Reason<'a>>,
    /// The granting clause.
    pub clause: Option<Cite<'a>>,
}

static RETURN: Ask<'static> = Ask::Return { reason: None };
static WITHDRAWAL: Ask<'static> = Ask::Withdrawal;
static EXCHANGE: Ask<'static> = Ask::Exchange {
    reason: None,
    wanted_unit_price: None,
    wanted_available: None,
};
static CANCELLATION: Ask<'static> = Ask::Cancellation { reason: None };
static CHANGE: Ask<'static> = Ask::Change { kind: None };

/// Returns the ask by which a customer chooses an action without saying that
/// something happened; `None`: the action says so.
pub(super) fn choice(action: Action) -> Option<&'static Ask<'static>> {
    match action {
        Action::Return => Some(&RETURN),
        Action::Withdrawal => Some(&WITHDRAWAL),
        Action::Exchange => Some(&EXCHANGE),
        Action::Cancellation => Some(&CANCELLATION),
        Action::Change => Some(&CHANGE),
        Action::Claim | Action::DeliveryProblem | Action::CreditUse | Action::ShopEvent => None,
    }
}

/// Tries an ask with each remedy that its route could give. What rows do not
/// agree on is no option for them together; the options of each line tell it.
pub(super) fn try_ask<'a>(
    case: Case<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
) -> Vec<Tried<'a>> {
    let asked = Asked { ask, tried: true };
    let mut plain = Decided::new();
    decide_rows((case, asked), route, (rows, None), &mut plain);
    try_remedies(case, ask, route, rows, &plain)
}

/// Tries an ask as [`try_ask`] does; `None`: it is closed, whatever is wished for.
pub(super) fn try_open<'a>(
    case: Case<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
) -> Option<Vec<Tried<'a>>> {
    let asked = Asked { ask, tried: true };
    let mut plain = Decided::new();
    let open = decide_open((case, asked), route, rows, &mut plain);
    open.then(|| try_remedies(case, ask, route, rows, &plain))
}

/// Tries an ask with each remedy, where it is known what it comes to without a wish.
pub(super) fn try_remedies<'a>(
    case: Case<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    plain: &Decided<'a>,
) -> Vec<Tried<'a>> {
    let ask = Asked { ask, tried: true };
    let active = plain.drafts.iter().fold(0, |set, d| set | d.remedies);
    let given = route.remedy_bits().filter(|(bit, ..)| active & bit != 0);
    let mut remedies = given.map(|(_, remedy, _)| remedy);
    let Some(one) = remedies.next() else {
        return vec![tried(plain, None)];
    };
    // Without a wish the first grant stands, and so it does for the only remedy.
    let only = (active.count_ones() == 1).then_some(one);
    let first = granted(plain).or(only);
    let each = |remedy: Remedy| {
        if first == Some(remedy) && plain.outcome() != Outcome::Mixed {
            return Some(tried(plain, first));
        }
        let mut decided = Decided::new();
        decide_rows((case, ask), route, (rows, Some(remedy)), &mut decided);
        let other = |e: &Entitlement<'a>| e.remedy != remedy;
        let unmet = decided
            .drafts
            .iter()
            .any(|d| d.decision.entitlement.as_ref().is_some_and(other));
        let agreed = !unmet && decided.outcome() != Outcome::Mixed;
        agreed.then(|| tried(&decided, Some(remedy)))
    };
    std::iter::once(one)
        .chain(remedies)
        .filter_map(each)
        .collect()
}

/// Returns the remedy that all rows got; `None`: they differ, or got none.
fn granted(decided: &Decided<'_>) -> Option<Remedy> {
    let of = |draft: &Draft<'_>| draft.decision.entitlement.as_ref().map(|e| e.remedy);
    let mut remedies = decided.drafts.iter().map(of);
    let first = remedies.next().flatten()?;
    remedies.all(|r| r == Some(first)).then_some(first)
}

fn tried<'a>(decided: &Decided<'a>, remedy: Option<Remedy>) -> Tried<'a> {
    let outcome = decided.outcome();
    let decisions = || decided.drafts.iter().map(|d| &d.decision);
    let early = decisions()
        .flat_map(|d| &d.reasons)
        .any(|r| r.code == ReasonCode::TooEarly.word());
    let status = match outcome {
        Outcome::Approved => OptionStatus::Open,
        Outcome::Denied if early => OptionStatus::NotOpenYet,
        Outcome::Denied => OptionStatus::Closed,
        Outcome::NeedsInformation => OptionStatus::NeedsInformation,
        Outcome::NeedsReview | Outcome::Mixed => OptionStatus::NeedsReview,
    };
    let mut missing: Vec<MissingFact> = decisions()
        .flat_map(|d| d.missing.iter().cloned())
        .collect();
    super::complete::each_once(&mut missing);
    let first = decided.drafts.first().map(|d| &d.decision);
    let entitlement = first.and_then(|d| d.entitlement.as_ref());
    Tried {
        remedy,
        status,
        window: entitlement
            .and_then(|e| e.window)
            .or_else(|| first.and_then(|d| d.window)),
        amount: (outcome == Outcome::Approved)
            .then(|| paid(decided))
            .flatten(),
        missing,
        reasons: match status {
            OptionStatus::Open => Few::new(),
            _ => first.map(|d| d.reasons.clone()).unwrap_or_default(),
        },
        clause: entitlement
            .map(|e| e.clause)
            .or_else(|| first?.reasons.first()?.clause),
    }
}

/// Returns what a settlement pays in money or credit; `None`: it pays neither.
fn paid(decided: &Decided<'_>) -> Option<Amount> {
    let settlement = decided.settlement.as_ref()?;
    let pays = settlement
        .items
        .iter()
        .any(|i| i.kind == SettlementKind::Goods);
    pays.then(|| settlement.refund_total.plus(settlement.credit_total))
}

/// Returns the asks of an action by the reason classes that its route tells
/// apart: where the answer misses a fact that makes a class, each of its values.
pub(super) fn classes<'p>(
    plan: &'p Plan,
    facts: &Facts<'_>,
    action: Action,
    route: &'p RoutePlan,
    limit: usize,
) -> Vec<(String, Ask<'p>)> {
    let mut open: Vec<(String, Ask<'p>)> = match Ask::unknown(action) {
        Some(ask) => vec![(String::new(), ask)],
        None => ShopEventKind::ALL
            .iter()
            .map(|kind| shop_event(*kind))
            .collect(),
    };
    let mut done = Vec::new();
    while let Some((label, ask)) = open.pop() {
        let missing = missing_of(plan, facts, &ask, route);
        let misses = |fact: &Fact| {
            let path = FieldPath::to(fact.spec().field).of_units(UnitsPlace::default());
            missing.contains(&path.spelled())
        };
        let selector = selectors(route).find(misses);
        match selector {
            Some(fact) if done.len().saturating_add(open.len()) < limit => {
                for word in selector_words(route, fact).into_iter().rev() {
                    let Some(asked) = with_selector(&ask, fact, word) else {
                        continue;
                    };
                    let part = format!("{}={word}", fact.spec().name);
                    let joined = if label.is_empty() {
                        part
                    } else {
                        format!("{label},{part}")
                    };
                    open.push((joined, asked));
                }
            }
            _ => done.push((label, ask)),
        }
    }
    done
}

fn missing_of(plan: &Plan, facts: &Facts<'_>, ask: &Ask<'_>, route: &RoutePlan) -> Vec<String> {
    let ask = Asked { ask, tried: true };
    let scratch = Scratch::default();
    let case = Case {
        plan,
        facts,
        scratch: &scratch,
    };
    let mut decided = Decided::new();
    decide_rows((case, ask), route, (facts.rows(), None), &mut decided);
    decided
        .drafts
        .iter()
        .flat_map(|d| d.decision.missing.iter().map(|m| m.path.clone()))
        .collect()
}

fn shop_event(kind: ShopEventKind) -> (String, Ask<'static>) {
    let label = format!("{}={kind}", Fact::ShopEventKindIs.spec().name);
    let ask = Ask::ShopEvent {
        kind,
        address_query: EventTime::Unknown,
        address_answer: EventTime::Unknown,
        cancel: EventTime::Unknown,
    };
    (label, ask)
}

fn selectors(route: &RoutePlan) -> impl Iterator<Item = Fact> {
    Fact::ALL.iter().copied().filter(move |fact| {
        fact.spec().class == Class::Selector && words_of(route, *fact).next().is_some()
    })
}

/// Returns the words with which each test of the route compares a fact.
fn words_of(route: &RoutePlan, fact: Fact) -> impl Iterator<Item = &[String]> {
    let compared = route.tests.iter().filter_map(Test::words);
    compared.filter_map(move |(named, words)| (named.fact == fact).then_some(words))
}

/// Returns the words of a selector that the route names, and one that it does not.
fn selector_words(route: &RoutePlan, fact: Fact) -> Vec<&str> {
    let named = words_of(route, fact).flatten();
    let mut words: Vec<&str> = named.map(String::as_str).collect();
    let other = match fact.spec().kind {
        Kind::OneOf(all) => all.iter().copied().find(|w| !words.contains(w)),
        Kind::YesNo | Kind::Word | Kind::Number => Some("other"),
    };
    words.extend(other);
    words.sort_unstable();
    words.dedup();
    words
}

/// Returns an ask with a selector set; `None`: the ask has no such fact.
fn with_selector<'p>(ask: &Ask<'p>, fact: Fact, word: &'p str) -> Option<Ask<'p>> {
    let mut ask = ask.clone();
    match (&mut ask, fact) {
        (Ask::Return { reason }, Fact::ReturnReason)
        | (Ask::Exchange { reason, .. }, Fact::ExchangeReason)
        | (Ask::Cancellation { reason }, Fact::CancellationReason) => *reason = Some(word),
        (Ask::Change { kind }, Fact::ChangeKindIs) => *kind = Some(ChangeKind::from_word(word)?),
        (Ask::Claim { kind, .. }, Fact::ClaimKindIs) => *kind = Some(ClaimKind::from_word(word)?),
        (Ask::Claim { defect_type, .. }, Fact::DefectType) => *defect_type = Some(word),
        (Ask::DeliveryProblem { kind, .. }, Fact::DeliveryProblemKindIs) => {
            *kind = Some(DeliveryProblemKind::from_word(word)?);
        }
        _ => return None,
    }
    Some(ask)
}
