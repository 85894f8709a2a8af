//! Witnesses for the missing list, on the shipped policies: of each fact that is asked for
//! two completions that differ in it alone and in the answer; of each fact that is unknown
//! and not asked for, that no completions do.
//!
//! Completions are drawn, not worked out: values come from what facts can be, times from
//! periods before what is known to have happened. Beside the answer of a decision whose
//! facts are all known nothing of the engine is used.

pub mod told;
pub mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use redress::domain::facts::{Action, Shipment};
use redress::domain::time::{EventTime, Zone};
use redress::domain::verdict::Verdict;
use redress::domain::vocabulary::Event;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::Seed;
use crate::random::{Situation, Words, catalog, known_situation};
use crate::within::decide;
use told::{Whose, settle_days, supply};
use unknown::{Unknown, unknowns};

/// The most facts that are hidden at once.
const MAX_HIDDEN: usize = 8;
/// How often the facts around one are completed to find a witness.
const TRIES: usize = 300;
/// The same where none was found: some facts matter in few completions alone.
const MORE_TRIES: usize = 20_000;
/// The most values of a fact that are compared in one completion of the others.
const VALUES: usize = 40;
/// How often the facts around one that is not asked for are completed.
const CHECKS: usize = 4;
/// Days of the periods near whose ends events are drawn.
pub const PERIODS: [i64; 46] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31, 32, 45, 60, 61, 90, 91, 92, 180, 365, 366, 730, 731, 732, 1095,
];

/// Says what counts of a verdict: outcome, remedy, money, the status of windows and
/// conditions.
fn answer(verdict: &Verdict<'_>, with_money: bool) -> String {
    let mut told = Vec::new();
    for (row, decision) in verdict.each() {
        told.push(decision.outcome.to_string());
        let missing = &decision.missing;
        told.extend(missing.facts.iter().map(|fact| fact.path.clone()));
        told.push(format!("other prices: {}", missing.other_prices));
        let Some(entitlement) = &decision.entitlement else {
            continue;
        };
        let amount = row.amount.filter(|_| with_money);
        let status = entitlement.window.and_then(|window| window.status);
        told.push(format!("{} {amount:?} {status:?}", entitlement.remedy));
        let conditions = entitlement.conditions.iter().map(|condition| {
            let path = condition.path.of_units(row.location);
            let (code, status) = (condition.code, condition.status);
            format!("{code} {status} {path} {:?}", condition.failed)
        });
        told.extend(conditions);
    }
    if let Some(settlement) = verdict.settlement.as_ref().filter(|_| with_money) {
        let totals = [
            settlement.refund_total,
            settlement.credit_total,
            settlement.credit_used_total,
            settlement.owed_total,
            settlement.owed_pending_total,
        ];
        told.push(format!("{totals:?}"));
        // What money waits for, whatever of it has happened.
        let release = &settlement.release;
        told.push(format!("{:?} {}", release.events, release.any));
        for item in &settlement.items {
            // An item of nothing is none.
            if item.amount.is_none_or(|amount| !amount.is_zero()) {
                told.push(format!("{} {} {:?}", item.kind, item.code, item.amount));
            }
        }
        for payout in &settlement.payouts {
            told.push(format!("{:?} {:?}", payout.payment_id, payout.amount));
        }
    }
    told.join("\n")
}

/// A situation of which facts are unknown.
struct Case<'c> {
    plan: &'c Plan,
    /// What happened.
    whole: Situation,
    /// The facts that completions fill in.
    open: Vec<&'c Unknown>,
}

impl Case<'_> {
    /// Decides a completion; `None`: it contradicts itself.
    fn answer(&self, completed: &Situation, fact: &Unknown) -> Option<String> {
        let facts = completed.facts().ok()?;
        if came_back_undelivered(completed) {
            return None;
        }
        // That nothing was charged rules out money, and is not asked for.
        let with_money = fact.path != "order.charged";
        Some(answer(&decide(self.plan, &facts, View::Basic), with_money))
    }

    /// Fills in facts but one, near to what happened or anyhow: each is changed for as long
    /// as nothing contradicts itself.
    fn complete(&self, but: &Unknown, seed: &mut Seed) -> Option<Situation> {
        let one_in = *seed.pick(&[1, 2, 4]);
        let mut completed = self.whole.clone();
        for fact in &self.open {
            let is_changed = fact.path != but.path && seed.one_in(one_in);
            if !is_changed && !fact.is_unknown(&completed) {
                continue;
            }
            for _ in 0..6 {
                let mut changed = completed.clone();
                fact.set(&mut changed, seed.below(fact.values));
                if changed.facts().is_ok() {
                    completed = changed;
                    break;
                }
            }
        }
        let is_told = !self.open.iter().any(|fact| fact.is_unknown(&completed));
        is_told.then_some(completed)
    }

    /// Returns the answers to completions that differ in a fact alone.
    fn answers(&self, fact: &Unknown, completed: &Situation, seed: &mut Seed) -> BTreeSet<String> {
        let count = fact.values.min(VALUES);
        let mut answers = BTreeSet::new();
        for number in 0..count {
            let value = match fact.values <= VALUES {
                true => number,
                false => seed.below(fact.values),
            };
            let mut changed = completed.clone();
            fact.set(&mut changed, value);
            answers.extend(self.answer(&changed, fact));
            if answers.len() > 1 {
                break;
            }
        }
        answers
    }

    /// Whether completions were found that differ in a fact alone and in the answer.
    fn has_witness(&self, fact: &Unknown, tries: usize, seed: &mut Seed) -> bool {
        let mut bases = std::iter::once(self.whole.clone())
            .filter(|whole| !self.open.iter().any(|fact| fact.is_unknown(whole)))
            .map(Some)
            .collect::<Vec<_>>();
        for _ in 0..tries {
            let completed = match bases.pop() {
                Some(whole) => whole,
                None => self.complete(fact, seed),
            };
            let found = completed.map(|completed| self.answers(fact, &completed, seed).len());
            if found.is_some_and(|answers| answers > 1) {
                return true;
            }
        }
        false
    }
}

/// Whether goods came back of a parcel that was not delivered. Of several parcels the fact
/// check only refuses that none was.
fn came_back_undelivered(completed: &Situation) -> bool {
    let facts = &completed.request.facts;
    let has_begun = [Event::HandOver, Event::Proof, Event::Receive]
        .iter()
        .any(|event| matches!(facts.event(*event), EventTime::At(_)));
    let groups = completed.request.lines.iter().flat_map(|line| &line.groups);
    let undelivered =
        |parcel: &&Shipment<'_>| parcel.facts.event(Event::Deliver) == EventTime::NotYet;
    let parcels = completed.order.shipments.iter().filter(undelivered);
    let parcels: Vec<_> = parcels.map(|parcel| Some(parcel.id)).collect();
    has_begun
        && groups
            .into_iter()
            .any(|group| parcels.contains(&group.shipment))
}

/// Whether a price counts against credit. All that credit pays for is asked for at once,
/// also where it is used up before.
fn is_paid_by_credit(action: Action, fact: &Unknown) -> bool {
    action == Action::CreditUse && fact.is_amount
}

/// Counts what was found.
#[derive(Debug, Default)]
struct Found {
    orders: usize,
    listed: usize,
    unlisted: usize,
    /// Prices that are asked for although the credit is used up without them.
    paid_by_credit: usize,
    /// Facts that are asked for and that no completion here fills in, by their path without
    /// numbers.
    foreign: BTreeMap<String, usize>,
    /// What is unexplained.
    differ: Vec<String>,
}

/// Removes indices from a path.
fn without_indices(path: &str) -> String {
    path.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Gives a value to each given fact that is not known. Returns whether all have one: units
/// of one group that came in several parcels have no parcel of their own.
fn tell(whole: &mut Situation, all: &[Unknown], seed: &mut Seed) -> bool {
    all.iter().filter(|fact| fact.given).all(|fact| {
        let mut tries = 0..3 * fact.values;
        !fact.is_unknown(whole)
            || tries.any(|_| {
                let before = whole.clone();
                fact.set(whole, seed.below(fact.values));
                let possible = whole.facts().is_ok();
                if !possible {
                    *whole = before;
                }
                possible
            })
    })
}

/// Lets an event of an order have happened at a time that nobody knows, one of those that
/// most windows count from. Returns its path, and the paths of what bounds it.
fn forget_time(whole: &mut Situation, seed: &mut Seed) -> Option<(String, Vec<String>)> {
    let events = [Event::Place, Event::Ship, Event::Deliver];
    let all = Whose::all(whole).into_iter();
    let all = all.flat_map(|whose| whose.events().map(move |event| (whose, event)));
    let anchors = all.filter(|(_, event)| events.contains(event));
    let anchors: Vec<(Whose, Event)> = anchors.collect();
    let happened = anchors
        .iter()
        .filter(|(whose, event)| matches!(whose.event(whole, *event), EventTime::At(_)));
    let happened: Vec<&(Whose, Event)> = happened.collect();
    if happened.is_empty() {
        return None;
    }
    let (whose, event) = **seed.pick(&happened);
    whose.set_event(whole, event, EventTime::Happened);
    let path = |(whose, event): &(Whose, Event)| whose.path(event.field());
    let own = path(&(whose, event));
    let others = anchors.iter().map(path).filter(|path| *path != own);
    Some((own.clone(), others.collect()))
}

/// Hides facts of a random order, and looks for witnesses; where it says so beside an event
/// that happened at a time that nobody knows, with what bounds it.
fn check(
    plan: &Plan,
    words: &Words,
    (action, number): (Action, u64),
    untimed: bool,
    found: &mut Found,
) {
    let (mut whole, mut seed) = known_situation(plan, words, action, number);
    let zone = plan
        .zone
        .unwrap_or_else(|| Zone::from_name("Europe/Rome").unwrap());
    settle_days(&mut whole, zone, &mut seed);
    supply(&mut whole);
    let Ok(facts) = whole.facts() else {
        return;
    };
    if came_back_undelivered(&whole) {
        return;
    }
    // A parcel that nobody has told is not filled in here.
    if facts.order().shipments.iter().any(|parcel| !parcel.named) {
        return;
    }
    let all = unknowns(&whole, words, &PERIODS, zone);
    if !tell(&mut whole, &all, &mut seed) {
        return;
    }
    let (mut own, mut bounds) = (None, Vec::new());
    if untimed {
        let Some((path, others)) = forget_time(&mut whole, &mut seed) else {
            return;
        };
        (own, bounds) = (Some(path), others);
        bounds.retain(|_| seed.one_in(2));
    }
    let mut bare = whole.clone();
    let mut amounts = false;
    for fact in &all {
        if bounds.contains(&fact.path) {
            fact.hide(&mut bare);
        }
    }
    let hidden = match untimed {
        true => seed.below(3),
        false => 1 + seed.below(MAX_HIDDEN),
    };
    for _ in 0..hidden {
        let fact = seed.pick(&all);
        if fact.given && own.as_ref() != Some(&fact.path) {
            fact.hide(&mut bare);
            amounts |= fact.is_amount;
        }
    }
    // What was paid in all would say what an amount is.
    if amounts {
        for told in [&mut whole, &mut bare] {
            told.order.payments.clear();
            told.order.total_paid = None;
        }
    }
    let all: Vec<Unknown> = match amounts {
        true => unknowns(&whole, words, &PERIODS, zone),
        false => all,
    };
    let Ok(facts) = bare.facts() else {
        return;
    };
    let verdict = decide(plan, &facts, View::Basic);
    let missing: BTreeSet<&str> = verdict.missing.iter().map(|m| m.path.as_str()).collect();
    let is_listed = |fact: &Unknown| missing.contains(fact.path.as_str());
    let open = all
        .iter()
        .filter(|fact| fact.is_unknown(&bare) && (fact.given || is_listed(fact)));
    let open: Vec<&Unknown> = open.collect();
    let is_open = |path: &&&str| open.iter().any(|fact| fact.path == **path);
    let foreign: Vec<&&str> = missing.iter().filter(|path| !is_open(path)).collect();
    for path in &foreign {
        *found.foreign.entry(without_indices(path)).or_default() += 1;
    }
    if !foreign.is_empty() {
        return;
    }
    found.orders += 1;
    let case = Case { plan, whole, open };
    for fact in &case.open {
        let listed = is_listed(fact);
        let tries = match listed {
            true if is_paid_by_credit(action, fact) => TRIES / 10,
            true => TRIES,
            false => CHECKS,
        };
        match listed {
            true => found.listed += 1,
            false => found.unlisted += 1,
        }
        let witness = case.has_witness(fact, tries, &mut seed)
            || (tries == TRIES && case.has_witness(fact, MORE_TRIES, &mut seed));
        if listed && !witness && is_paid_by_credit(action, fact) {
            found.paid_by_credit += 1;
        } else if witness != listed {
            let what = if listed {
                "no witness"
            } else {
                "not asked for"
            };
            let open: Vec<&str> = case.open.iter().map(|fact| fact.path.as_str()).collect();
            found.differ.push(format!(
                "{} {action} {number}: {what}: {}, of {open:?}; asked {missing:?}",
                plan.policy, fact.path
            ));
        }
    }
}

/// Returns how many orders of each shop and action are tried: `REDRESS_ORDERS`, or the
/// number with which the suite stays short.
fn orders(short: u64) -> u64 {
    let asked = std::env::var("REDRESS_ORDERS").ok();
    asked.map_or(short, |number| number.parse().unwrap())
}

#[test]
fn what_is_asked_for_has_a_witness_and_what_is_not_has_none() {
    let found = run(Action::ALL, (0x317_0000, orders(4)), false);
    assert!(found.differ.is_empty(), "{} differ", found.differ.len());
}

#[test]
fn what_bounds_a_time_that_nobody_knows_is_asked_for_where_it_has_a_witness() {
    // Those whose windows count from when an order was placed, shipped or delivered.
    const ACTIONS: &[Action] = &[Action::Return, Action::Withdrawal, Action::Exchange];
    let found = run(ACTIONS, (0x471_0000, orders(30)), true);
    assert!(found.differ.is_empty(), "{} differ", found.differ.len());
    assert!(found.listed > 10, "{} asked for", found.listed);
}

/// Checks so many orders of each shop and action from a number on.
fn run(actions: &[Action], (first, orders): (u64, u64), untimed: bool) -> Found {
    let catalog = catalog();
    let mut found = Found::default();
    for plan in catalog.plans() {
        let words = Words::of(plan);
        for action in actions {
            for number in first..first + orders {
                check(plan, &words, (*action, number), untimed, &mut found);
            }
        }
    }
    println!(
        "{} orders, {} facts asked for, {} unknown and not asked for",
        found.orders, found.listed, found.unlisted
    );
    println!("{} prices beyond what credit pays", found.paid_by_credit);
    println!("asked for and not filled in: {:?}", found.foreign);
    for difference in &found.differ {
        println!("{difference}");
    }
    found
}
