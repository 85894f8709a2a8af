//! What else is possible: the same evaluation over other routes.
//!
//! Nothing here decides. An option is what `decide_rows` says of an ask that is
//! hypothetical, so that options and decisions cannot disagree.

pub(crate) mod alternatives;
pub(crate) mod bought;
pub(crate) mod fold;
pub(crate) mod offers;

use std::cmp::Ordering;

use crate::domain::facts::{Action, Ask, Facts, Remedy, RowIndex, Value};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::path::{FieldPath, UnitsLocation};
use crate::domain::spell::Spell;
use crate::domain::verdict::{
    Bound, Cite, Entitlement, MissingFact, OptionStatus, Outcome, Reason, Settlement,
    SettlementItem, SettlementKind, Window,
};
use crate::domain::vocabulary::{Class, Fact};
use crate::engine::budget::Work;
use crate::engine::entitle::decided::Decided;
use crate::engine::entitle::draft::Draft;
use crate::engine::read::askable::together;
use crate::engine::read::context::{Asked, DecisionContext, Scratch};
use crate::engine::rows::{decide_open, decide_rows};
use crate::policy::plan::{Plan, RoutePlan};
use crate::policy::terms::Test;
use offers::of_order;

/// Holds one thing that could be asked for.
#[derive(Clone, Debug)]
pub(crate) struct Hypothetical<'a> {
    /// The remedy; `None`: a person must decide, or nothing is granted.
    pub remedy: Option<Remedy>,
    /// Whether it is possible.
    pub status: OptionStatus,
    /// Its window.
    pub window: Option<Window>,
    /// What it would pay.
    pub amount: Option<Amount>,
    /// What of that belongs to the order and not to a line; empty where nothing is explained.
    pub order_items: Vec<SettlementItem<'a>>,
    /// What the customer would owe; `None`: nothing, or not known.
    pub owed: Option<Amount>,
    /// The facts it misses.
    pub missing: Vec<MissingFact>,
    /// Why, where it is not open.
    pub reasons: Few<Reason<'a>>,
    /// The granting clause.
    pub clause: Option<Cite<'a>>,
    /// The rows of which it is so.
    pub rows: Vec<RowIndex>,
}

static RETURN: Ask<'static> = Ask::of(Action::Return);
static WITHDRAWAL: Ask<'static> = Ask::of(Action::Withdrawal);
static EXCHANGE: Ask<'static> = Ask::of(Action::Exchange);
static CANCELLATION: Ask<'static> = Ask::of(Action::Cancellation);
static CHANGE: Ask<'static> = Ask::of(Action::Change);

/// Returns the ask by which a customer chooses an action without saying that
/// something happened; `None`: the action says so.
pub(crate) fn choice(action: Action) -> Option<&'static Ask<'static>> {
    match action {
        Action::Return => Some(&RETURN),
        Action::Withdrawal => Some(&WITHDRAWAL),
        Action::Exchange => Some(&EXCHANGE),
        Action::Cancellation => Some(&CANCELLATION),
        Action::Change => Some(&CHANGE),
        Action::Claim
        | Action::DeliveryProblem
        | Action::CreditUse
        | Action::ShopEvent
        | Action::Other => None,
    }
}

/// Tries an ask with each remedy that its route could give. Over rows that differ, an
/// option is what the best of them are.
pub(crate) fn ask_hypothetically<'a>(
    context: DecisionContext<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
) -> Vec<Hypothetical<'a>> {
    let asked = Asked {
        ask,
        hypothetical: true,
    };
    let mut plain = Decided::new();
    decide_rows(context, asked, route, rows, None, &mut plain);
    if plain.outcome() != Outcome::Mixed && granted_alike(&plain) {
        let hypothetical = ask_for_remedies(context, ask, route, rows, &plain);
        if !hypothetical.is_empty() {
            return hypothetical;
        }
    }
    let active = plain.drafts.iter().fold(0, |set, d| set | d.remedies);
    let given = route.remedy_bits().filter(|(bit, ..)| active & bit != 0);
    let remedies: Vec<Remedy> = given.map(|(_, remedy, _)| remedy).collect();
    if remedies.is_empty() {
        return best_of(context, asked, route, rows, None)
            .into_iter()
            .collect();
    }
    let over = |remedy: &Remedy| best_of(context, asked, route, rows, Some(*remedy));
    remedies.iter().filter_map(over).collect()
}

/// Tries an ask over rows of which only some can give a remedy: the option is what the
/// best of them are, and names these; `None`: none of them could give it.
fn best_of<'a>(
    context: DecisionContext<'a, '_>,
    ask: Asked<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    remedy: Option<Remedy>,
) -> Option<Hypothetical<'a>> {
    let mut decided = Decided::new();
    decide_rows(context, ask, route, rows, remedy, &mut decided);
    let best = statuses(&decided, remedy).min_by_key(|(_, status)| rank(*status));
    let (_, best) = best?;
    let same_units = |a: &RowIndex, b: &RowIndex| a.location() == b.location();
    let named = |row: &&RowIndex| {
        let mut of_best = statuses(&decided, remedy).filter(|(_, status)| *status == best);
        of_best.any(|(other, _)| same_units(&other, row))
    };
    let named: Vec<RowIndex> = rows.iter().filter(named).copied().collect();
    if named.len() == rows.len() {
        return Some(hypothetical(context, &decided, remedy, best, named));
    }
    // What the units come to without the others.
    let mut alone = Decided::new();
    decide_rows(context, ask, route, &named, remedy, &mut alone);
    // They may get something else then: uses of an option that the others take from them.
    let of_best = statuses(&alone, remedy).filter(|(_, status)| *status == best);
    let agree = of_best.count() == alone.rows.len() && alone.rows.len() >= named.len();
    Some(match agree {
        true => hypothetical(context, &alone, remedy, best, named),
        false => hypothetical(context, &decided, remedy, best, rows.to_vec()),
    })
}

/// Returns the rows that could give a remedy, each with its status.
fn statuses<'d>(
    decided: &'d Decided<'_>,
    remedy: Option<Remedy>,
) -> impl Iterator<Item = (RowIndex, OptionStatus)> + 'd {
    decided.each().filter_map(move |(row, draft)| {
        let granted = draft.decision.entitlement.as_ref().map(|e| e.remedy);
        let other = remedy.is_some() && granted.is_some() && granted != remedy;
        (!other).then(|| (row.index, draft.option_status()))
    })
}

/// Orders statuses: what rows that differ are together is the first of theirs.
const fn rank(status: OptionStatus) -> u8 {
    match status {
        OptionStatus::Open => 0,
        OptionStatus::NeedsInformation => 1,
        OptionStatus::NeedsReview => 2,
        OptionStatus::NotOpenYet => 3,
        OptionStatus::Closed => 4,
    }
}

/// Whether rows that are granted a remedy are granted the same.
fn granted_alike(decided: &Decided<'_>) -> bool {
    let of = |draft: &Draft<'_>| draft.decision.entitlement.as_ref().map(|e| e.remedy);
    let mut remedies = decided.drafts.iter().map(of);
    let first = remedies.next();
    remedies.all(|remedy| Some(remedy) == first)
}

/// Tries an ask as [`ask_hypothetically`] does; `None`: it is closed, whatever is wished for.
pub(crate) fn ask_if_open<'a>(
    context: DecisionContext<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
) -> Option<Vec<Hypothetical<'a>>> {
    let asked = Asked {
        ask,
        hypothetical: true,
    };
    let mut plain = Decided::new();
    let open = decide_open(context, asked, route, rows, &mut plain);
    open.then(|| ask_for_remedies(context, ask, route, rows, &plain))
}

/// Tries an ask with each remedy, where it is known what it comes to without a wish.
pub(crate) fn ask_for_remedies<'a>(
    context: DecisionContext<'a, '_>,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    plain: &Decided<'a>,
) -> Vec<Hypothetical<'a>> {
    let ask = Asked {
        ask,
        hypothetical: true,
    };
    let active = plain.drafts.iter().fold(0, |set, d| set | d.remedies);
    let given = route.remedy_bits().filter(|(bit, ..)| active & bit != 0);
    let mut remedies = given.map(|(_, remedy, _)| remedy);
    let whole = |decided: &Decided<'a>, remedy| {
        let all = statuses(decided, None).map(|(_, status)| status);
        let status = all.min_by_key(|status| rank(*status));
        let status = status.unwrap_or(OptionStatus::NeedsReview);
        hypothetical(context, decided, remedy, status, rows.to_vec())
    };
    let Some(one) = remedies.next() else {
        return vec![whole(plain, None)];
    };
    // Without a wish the first grant stands, and so it does for the only remedy.
    let only = (active.count_ones() == 1).then_some(one);
    let first = granted(plain).or(only);
    let each = |remedy: Remedy| {
        if first == Some(remedy) && plain.outcome() != Outcome::Mixed {
            return Some(whole(plain, first));
        }
        let mut decided = Decided::new();
        decide_rows(context, ask, route, rows, Some(remedy), &mut decided);
        let other = |e: &Entitlement<'a>| e.remedy != remedy;
        let unmet = decided
            .drafts
            .iter()
            .any(|d| d.decision.entitlement.as_ref().is_some_and(other));
        let agreed = !unmet && decided.outcome() != Outcome::Mixed;
        agreed.then(|| whole(&decided, Some(remedy)))
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

fn hypothetical<'a>(
    context: DecisionContext<'a, '_>,
    decided: &Decided<'a>,
    remedy: Option<Remedy>,
    status: OptionStatus,
    rows: Vec<RowIndex>,
) -> Hypothetical<'a> {
    let of_status = |draft: &&Draft<'a>| draft.option_status() == status;
    let drafts = || decided.drafts.iter().filter(of_status);
    let missing = together(context.facts, drafts().map(|d| &d.decision.missing), false);
    let first = drafts().min_by(|a, b| speaks_first(status, a, b));
    let zones = || drafts().filter_map(window_of).map(|window| window.zone);
    let same_zone = zones().all(|zone| Some(zone) == zones().next());
    let is_open = status == OptionStatus::Open;
    let settlement = decided.settlement.as_ref().filter(|_| is_open);
    let explained = settlement.filter(|_| context.explains);
    let order_items = explained.into_iter().flat_map(of_order);
    let owed = settlement.map(|settlement| settlement.owed_total);
    Hypothetical {
        remedy,
        status,
        window: first.and_then(window_of).map(|window| Window {
            zone: window.zone.filter(|_| same_zone),
            ..window
        }),
        amount: settlement.and_then(paid),
        order_items: order_items.cloned().collect(),
        owed: owed.filter(|owed| !owed.is_zero()),
        missing,
        reasons: match status {
            OptionStatus::Open => Few::new(),
            OptionStatus::NotOpenYet
            | OptionStatus::Closed
            | OptionStatus::NeedsInformation
            | OptionStatus::NeedsReview => first
                .map(|d| d.decision.reasons.clone())
                .unwrap_or_default(),
        },
        clause: first.and_then(clause_of),
        rows,
    }
}

/// Orders drafts of one status: the first speaks for all of them, whichever row comes
/// first. Of what is closed that is the last to close, of what is not open yet the first
/// to open, otherwise the first to close.
fn speaks_first(status: OptionStatus, a: &Draft<'_>, b: &Draft<'_>) -> Ordering {
    let opens = |d: &Draft<'_>| window_of(d).map(|w| w.opens.sort_key());
    let closes = |d: &Draft<'_>| {
        window_of(d)
            .map_or(Bound::Unbounded, |w| w.closes)
            .sort_key()
    };
    let by_window = match status {
        OptionStatus::Closed => (closes(b), opens(a)).cmp(&(closes(a), opens(b))),
        OptionStatus::NotOpenYet => (opens(a), closes(b)).cmp(&(opens(b), closes(a))),
        // The narrowest: the last to open of those that close first.
        OptionStatus::Open | OptionStatus::NeedsInformation | OptionStatus::NeedsReview => {
            (closes(a), opens(b)).cmp(&(closes(b), opens(a)))
        }
    };
    let clause = |d: &Draft<'_>| clause_of(d).map(|cite| cite.id.as_str().to_owned());
    let review = |d: &Draft<'_>| window_of(d).and_then(|w| w.review_until);
    let by_clause = || clause(a).cmp(&clause(b));
    by_window
        .then_with(by_clause)
        .then_with(|| review(a).cmp(&review(b)))
}

/// Returns the window of what is granted, or on which a denial rests.
fn window_of(draft: &Draft<'_>) -> Option<Window> {
    let entitlement = draft.decision.entitlement.as_ref();
    entitlement.and_then(|e| e.window).or(draft.decision.window)
}

/// Returns the granting clause, or that of the first reason.
fn clause_of<'a>(draft: &Draft<'a>) -> Option<Cite<'a>> {
    let granting = draft.decision.entitlement.as_ref().map(|e| e.clause);
    granting.or_else(|| draft.decision.reasons.first()?.clause)
}

/// Returns what a settlement pays in money or credit; `None`: it pays neither.
fn paid(settlement: &Settlement<'_>) -> Option<Amount> {
    let pays = settlement
        .items
        .iter()
        .any(|i| i.kind == SettlementKind::Goods);
    pays.then(|| settlement.refund_total.plus(settlement.credit_total))
}

/// An ask of one reason class.
#[derive(Debug)]
pub(crate) struct ClassAsk<'p> {
    /// The class: each selector with its value; empty: the route tells none apart.
    pub class: String,
    /// What is asked for.
    pub ask: Ask<'p>,
}

/// Returns the asks of an action by the reason classes that its route tells
/// apart: where the answer misses a fact that makes a class, each of its values.
/// Once there are `limit` classes, none of them is divided further.
pub(crate) fn classes<'p>(
    plan: &'p Plan,
    facts: &Facts<'_>,
    work: &Work<'_>,
    action: Action,
    route: &'p RoutePlan,
    limit: usize,
) -> Vec<ClassAsk<'p>> {
    let ask = Ask::of(action);
    // What happened on the shop's side, and what else is asked for, is always said.
    let said = match action {
        Action::ShopEvent => Some(Fact::ShopEventKind),
        Action::Other => Some(Fact::OtherAction),
        Action::Return
        | Action::Withdrawal
        | Action::Exchange
        | Action::Cancellation
        | Action::Change
        | Action::Claim
        | Action::DeliveryProblem
        | Action::CreditUse => None,
    };
    let words = said.and_then(|fact| Some((fact, plan.words_of(fact)?)));
    let mut open: Vec<ClassAsk<'p>> = match words {
        Some((fact, words)) => {
            let with = |word: &'p str| with_selector(&ask, fact, word);
            words.into_iter().map(with).collect()
        }
        None => vec![ClassAsk {
            class: String::new(),
            ask,
        }],
    };
    let mut done = Vec::new();
    while let Some(asked) = open.pop() {
        let missing = missing_of(plan, facts, work, &asked.ask, route);
        let misses = |fact: &Fact| {
            let path = FieldPath::to(fact.spec().field).of_units(UnitsLocation::default());
            missing.contains(&path.spelled())
        };
        let selector = selectors(route).find(misses);
        match selector {
            Some(fact) if done.len().saturating_add(open.len()) < limit => {
                for word in selector_words(plan, route, fact).into_iter().rev() {
                    let mut part = with_selector(&asked.ask, fact, word);
                    if !asked.class.is_empty() {
                        part.class = format!("{},{}", asked.class, part.class);
                    }
                    open.push(part);
                }
            }
            _ => done.push(asked),
        }
    }
    done
}

fn missing_of(
    plan: &Plan,
    facts: &Facts<'_>,
    work: &Work<'_>,
    ask: &Ask<'_>,
    route: &RoutePlan,
) -> Vec<String> {
    let ask = Asked {
        ask,
        hypothetical: true,
    };
    let context = DecisionContext {
        plan,
        facts,
        scratch: &Scratch::new(work),
        explains: false,
        brief: false,
    };
    let mut decided = Decided::new();
    decide_rows(context, ask, route, facts.rows(), None, &mut decided);
    decided
        .drafts
        .iter()
        .flat_map(|d| d.decision.missing.facts.iter().map(|m| m.path.clone()))
        .collect()
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
fn selector_words<'p>(plan: &'p Plan, route: &'p RoutePlan, fact: Fact) -> Vec<&'p str> {
    let named = words_of(route, fact).flatten();
    let mut words: Vec<&str> = named.map(String::as_str).collect();
    let other = match plan.words_of(fact) {
        Some(all) => all.into_iter().find(|w| !words.contains(w)),
        None => Some("other"),
    };
    words.extend(other);
    words.sort_unstable();
    words.dedup();
    words
}

/// Returns an ask with a selector set, and the class that it makes.
fn with_selector<'p>(ask: &Ask<'p>, fact: Fact, word: &'p str) -> ClassAsk<'p> {
    let mut ask = ask.clone();
    ask.set(fact, Value::Word(word));
    ClassAsk {
        class: format!("{fact}={word}"),
        ask,
    }
}
