//! An event that happened at a time that nobody can tell is not asked for: the answer is the
//! one that holds whenever it happened, or a person decides.

use std::collections::BTreeMap;

use redress::domain::facts::{Action, Facts};
use redress::domain::time::{EventTime, Zone};
use redress::domain::verdict::{Outcome, ReasonCode, Verdict};
use redress::domain::vocabulary::Event;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::Seed;
use crate::random::{Situation, Words, catalog, known_situation};
use crate::within::decide;
use crate::witness;
use crate::witness::told::{Whose, is_day};
use crate::witness::unknown::times;

/// Days of the periods near whose ends the event is tried.
const PERIODS: [i64; 5] = [0, 2, 14, 15, 30];

/// Outcome and remedy of each row of a verdict.
fn rows(verdict: &Verdict<'_>) -> Vec<String> {
    let rows = verdict.each().map(|(_, decision)| {
        let granted = decision.entitlement.as_ref();
        let remedy = granted.map(|granted| granted.remedy);
        format!("{} {remedy:?}", decision.outcome)
    });
    rows.collect()
}

/// Whether a row is left to a person because of the time of an event.
fn is_left_to_a_person(verdict: &Verdict<'_>, path: &str) -> bool {
    let mut found = false;
    for (_, decision) in verdict.each() {
        for reason in &decision.reasons {
            if reason.code == ReasonCode::TimeUnknown.word() {
                assert_eq!(decision.outcome, Outcome::NeedsReview);
                assert!(decision.missing.is_empty());
                assert!(reason.facts.iter().all(|(known, _)| known == path));
                found = true;
            }
        }
    }
    found
}

/// Returns the answers that the times of an event lead to, and whether they ask for facts.
fn answers(
    plan: &Plan,
    situation: &Situation,
    (whose, event): (Whose, Event),
    periods: &[i64],
) -> BTreeMap<Vec<String>, EventTime> {
    let zone = plan
        .zone
        .unwrap_or_else(|| Zone::from_name("Europe/Athens").unwrap());
    let mut told = times(situation, periods, zone);
    told.retain(|time| *time != EventTime::NotYet);
    let mut found = BTreeMap::new();
    for time in told {
        let mut known = situation.clone();
        whose.set_event(&mut known, event, time);
        if let Ok(facts) = known.facts() {
            let verdict = decide(plan, &facts, View::Basic);
            // Of an order in several parcels which one it is can be asked for.
            if verdict.missing.is_empty() {
                found.insert(rows(&verdict), time);
            }
        }
    }
    found
}

#[derive(Debug, Default)]
struct Count {
    /// Rows that were settled whenever it happened.
    settled: usize,
    /// Decisions left to a person, of which two times lead to two answers.
    reviewed: usize,
    /// Decisions left to a person of which the times that were tried agree.
    unexplained: usize,
    /// Decisions that ask for something else.
    asking: usize,
    /// Orders of which another event is asked for that bounds it.
    bounded: usize,
}

#[test]
fn an_unknown_time_is_not_asked_for() {
    let mut count = Count::default();
    let catalog = catalog();
    for plan in catalog.plans() {
        let words = Words::of(plan);
        let actions: Vec<Action> = plan.mapped().map(|(action, _)| action).collect();
        for number in 0..250 {
            let action = actions[number % actions.len()];
            let number = number as u64;
            let (mut situation, _) = known_situation(plan, &words, action, number);
            one(plan, number, &mut situation, &mut count);
        }
    }
    assert!(count.settled > 200 && count.reviewed > 8, "{count:?}");
    assert!(count.bounded > 8, "{count:?}");
    // Weekdays and hours of a day, at which a few answers change, are not tried.
    assert!(count.unexplained * 3 < count.reviewed, "{count:?}");
}

/// Tells of one event of a situation that it happened, and nobody knows when.
fn one(plan: &Plan, number: u64, situation: &mut Situation, count: &mut Count) {
    if situation.facts().is_err() {
        return;
    }
    // How old a buyer is, is a finding that follows from when the order was placed.
    let birth = (Event::Birth, EventTime::Unknown);
    situation.order.facts.set_event(birth.0, birth.1);
    let situation = &*situation;
    let all = Whose::all(situation).into_iter();
    let all = all.flat_map(|whose| whose.events().map(move |event| (whose, event)));
    let told = all.filter(|(whose, event)| {
        let time = whose.event(situation, *event);
        // A statement of which only the receipt is known counts from that.
        *event != Event::StatementSend
            && !is_day(*event)
            && matches!(time, EventTime::At(_) | EventTime::On(_))
    });
    let told: Vec<(Whose, Event)> = told.collect();
    if told.is_empty() {
        return;
    }
    // Most windows count from these.
    let anchors = [Event::Place, Event::Ship, Event::Deliver];
    let anchored = told.iter().filter(|(_, event)| anchors.contains(event));
    let anchored: Vec<(Whose, Event)> = anchored.copied().collect();
    let mut seed = Seed::new(number);
    let among = match anchored.is_empty() || seed.one_in(4) {
        true => &told,
        false => &anchored,
    };
    let (whose, event) = *seed.pick(among);
    let mut untimed = situation.clone();
    whose.set_event(&mut untimed, event, EventTime::Happened);
    let facts = untimed.facts().expect("what has happened can be");
    check(plan, (number, situation), (whose, event), &facts, count);
}

/// Returns a situation of which nobody knows when an event happened, nor when others did that
/// bound it.
fn without_bounds(plan: &Plan, situation: &Situation, of: (Whose, Event)) -> Situation {
    let (whose, event) = of;
    let path = whose.path(event.field());
    let mut situation = situation.clone();
    whose.set_event(&mut situation, event, EventTime::Happened);
    // Placed, shipped, delivered: the next counts once nobody knows the one between.
    for _ in 0..3 {
        let facts = situation.facts().expect("what has happened can be");
        let asked = decide(plan, &facts, View::Basic).missing;
        let bounds = asked.into_iter().map(|fact| fact.path);
        // When a form was sent says more than that: with which paper it was asked for.
        let counts = |asked: &String| {
            let is_form = asked.ends_with("form_send_time");
            asked.ends_with("_time") && !is_form && *asked != path
        };
        let bounds = bounds.filter(counts);
        let known = situation.request.unavailable.iter().cloned();
        let unavailable: Vec<String> = known.chain(bounds).collect();
        situation.request.unavailable = unavailable.leak();
    }
    situation
}

fn check(
    plan: &Plan,
    (number, situation): (u64, &Situation),
    of: (Whose, Event),
    facts: &Facts<'_>,
    count: &mut Count,
) {
    let (whose, event) = of;
    let path = whose.path(event.field());
    let mut verdict = decide(plan, facts, View::Basic);
    let bounded;
    if !verdict.missing.is_empty() {
        // What bounds it is not known to anybody either.
        let without = without_bounds(plan, situation, of);
        count.bounded += usize::from(!without.request.unavailable.is_empty());
        bounded = without.facts().expect("the same facts");
        verdict = decide(plan, &bounded, View::Basic);
    }
    let asked = |fact: &&redress::domain::verdict::MissingFact| fact.path == path;
    let why = || format!("{} order {number}: {event}", plan.policy);
    assert!(
        !verdict.missing.iter().any(|fact| asked(&fact)),
        "{}",
        why()
    );
    if !verdict.missing.is_empty() {
        count.asking += 1;
        return;
    }
    if is_left_to_a_person(&verdict, &path) {
        // Few answers change at other times than near the ends of some period.
        match answers(plan, situation, of, &witness::PERIODS).len() {
            0 | 1 => count.unexplained += 1,
            _ => count.reviewed += 1,
        }
        return;
    }
    count.settled += 1;
    let found = rows(&verdict);
    for (answer, time) in answers(plan, situation, of, &PERIODS) {
        assert_eq!(answer, found, "{}: {time:?}", why());
    }
}
