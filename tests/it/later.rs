//! Time alone turns no approval into a denial, but where a window of the terms closes.
//!
//! The same facts are decided later, no event between: what has not happened has still
//! not happened then. The request reached the shop when it did, or later too.

use crate::within::decide;
use redress::domain::facts::Facts;
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::verdict::{Bound, Decision, Outcome, Verdict, Window};
use redress::domain::vocabulary::Event;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::Seed;
use crate::random::{Situation, of_every_shop_and_action, shrink};

/// Says which acts are later too.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Acts {
    /// None: what is later is the decision.
    Decision,
    /// The request reached the shop later.
    Request,
    /// Statement and form were sent later too.
    Sending,
}

/// Returns the facts of a situation, later; `None`: they cannot be.
fn later(situation: &Situation, until: Instant, acts: Acts) -> Option<Facts<'static>> {
    let mut later = situation.clone();
    later.decide_time = until;
    let request = &mut later.request;
    if acts != Acts::Decision {
        request.request_time = until;
    }
    if acts == Acts::Sending {
        for event in [Event::StatementSend, Event::FormSend] {
            request.facts.set_event(event, EventTime::At(until));
        }
    }
    later.facts().ok()
}

/// Returns instants after a decision at which it is made again: around the ends of its
/// windows, and others.
fn instants(seed: &mut Seed, verdict: &Verdict<'_>) -> Vec<Instant> {
    let from = verdict.receipt.decide_time;
    let windows = verdict
        .each()
        .filter_map(|(_, decision)| decision.entitlement.as_ref()?.window);
    let ends = windows.filter_map(|window| window.closes.range());
    let around = |end: Instant| [end.previous(), end, end.next()];
    let mut times: Vec<Instant> = ends
        .flat_map(|(a, b)| [around(a), around(b)].concat())
        .collect();
    times.extend((0..4).map(|_| from.plus_hours(1 + seed.below(24 * 60) as i64)));
    times.push(from.plus_hours(24 * 800));
    times.sort();
    times.dedup();
    times.retain(|time| *time > from);
    times
}

/// Whether a window closes after one instant and not after another; where only a range
/// is known, whether it can.
fn closes(window: &Window, from: Instant, until: Instant) -> bool {
    match window.closes {
        Bound::At(at) => from < at && at <= until,
        Bound::Between(earliest, latest) => from < latest && earliest <= until,
        Bound::On(_) | Bound::After(..) | Bound::Unbounded => false,
    }
}

/// Counts approved rows that were decided again.
#[derive(Debug, Default)]
struct Again {
    rows: usize,
    /// Of these, rows that were denied since a window closed.
    closed: usize,
    /// Decisions whose groups were split into other rows, which are not compared.
    split: usize,
}

/// Returns approved rows that are denied later although no window closed that the
/// approval or the denial shows.
fn turned(plan: &Plan, number: u64, situation: &Situation, again: &mut Again) -> Vec<String> {
    let facts = situation.facts().unwrap();
    let verdict = decide(plan, &facts, View::Basic);
    let is = |decision: &Decision<'_>, outcome| decision.outcome == outcome;
    let mut told = Vec::new();
    if !verdict
        .each()
        .any(|(_, decision)| is(decision, Outcome::Approved))
    {
        return told;
    }
    for until in instants(&mut Seed::new(number), &verdict) {
        for acts in [Acts::Decision, Acts::Request, Acts::Sending] {
            let Some(later) = later(situation, until, acts) else {
                continue;
            };
            let from = match acts {
                Acts::Decision => situation.decide_time,
                Acts::Request | Acts::Sending => sent(situation),
            };
            let after = decide(plan, &later, View::Basic);
            // A group that an option covers in part is whole once the option's window closed.
            if after.rows.len() != verdict.rows.len() {
                again.split += 1;
                continue;
            }
            for ((row, before), (other, denied)) in verdict.each().zip(after.each()) {
                assert_eq!(row.location, other.location);
                again.rows += usize::from(is(before, Outcome::Approved));
                if !is(before, Outcome::Approved) || !is(denied, Outcome::Denied) {
                    continue;
                }
                let shown = before.entitlement.as_ref().and_then(|e| e.window);
                let mut windows = shown.into_iter().chain(denied.window);
                if windows.any(|window| closes(&window, from, until)) {
                    again.closed += 1;
                    continue;
                }
                let why = denied
                    .reasons
                    .iter()
                    .map(|r| (r.code, r.clause.map(|c| &c.id)));
                let why: Vec<_> = why.collect();
                told.push(format!(
                    "{} at {until}, {acts:?}: {why:?} {shown:?}",
                    row.line_id
                ));
            }
        }
    }
    told
}

/// Returns when the first of the acts of a request was, as far as it is known.
fn sent(situation: &Situation) -> Instant {
    let request = &situation.request;
    let sent = [Event::StatementSend, Event::FormSend].map(|act| request.facts.event(act));
    let at = sent.iter().filter_map(|time| match time {
        EventTime::At(at) => Some(*at),
        EventTime::On(day) => Some(day.start(Zone::earliest())),
        EventTime::Unknown | EventTime::NotYet | EventTime::Happened => None,
    });
    at.fold(request.request_time, Instant::min)
}

#[test]
fn time_alone_denies_only_where_a_window_closes() {
    let mut wrong = 0;
    let mut again = Again::default();
    of_every_shop_and_action(("time alone", 60), |plan, (number, situation)| {
        let of = |least: &Situation| turned(plan, number, least, &mut Again::default());
        if !turned(plan, number, situation, &mut again).is_empty() {
            let least = shrink(situation, |least| !of(least).is_empty());
            let told = of(&least);
            println!("--- {} order {number}: {told:#?}\n{least:?}", plan.policy);
            wrong += 1;
        }
    });
    println!("{again:?}");
    assert!(again.rows > 5000 && again.closed > 1000, "{again:?}");
    assert_eq!(wrong, 0, "approvals that time alone turned into denials");
}
