//! Asking and answering ends: whoever supplies what is missing comes to an answer, and
//! nothing is asked for that was not asked for at first.

use std::collections::BTreeSet;

use redress::domain::facts::{Action, Facts};
use redress::domain::verdict::Outcome;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::{Seed, instant};
use crate::known::{Known, all, says};
use crate::shops::{self, PLACED};
use crate::within::decide;

/// What a request comes to: the paths that are asked for, and the outcome.
fn asked(plan: &Plan, known: &Known) -> (BTreeSet<String>, Outcome) {
    let facts = Facts::new(known.0.clone(), known.1.clone(), None);
    let facts = facts.unwrap_or_else(|v| panic!("{v:#?}"));
    let verdict = decide(plan, &facts, View::Basic);
    let missing = verdict.missing.iter().map(|fact| fact.path.clone());
    (missing.collect(), verdict.outcome)
}

/// Hides facts of a random order, and supplies what is asked for. Returns how many
/// questions there were; `None`: the request misses something that is not hidden.
fn ask_and_answer(plan: &Plan, number: u64) -> Option<usize> {
    let mut seed = Seed::new(number);
    let now = instant(PLACED).plus_hours(1 + seed.below(24 * 30) as i64);
    let order = shops::order(&mut seed, now);
    let action = *seed.pick(Action::ALL);
    let ask = shops::ask(&mut seed, action);
    let request = shops::request(&mut seed, now, ask);
    let whole = (order, request);
    if !asked(plan, &whole).0.is_empty() {
        return None;
    }
    let mut known = whole.clone();
    let one_in = 1 + seed.below(4);
    for fact in all() {
        if seed.one_in(one_in) {
            fact.hide(&mut known);
        }
    }
    let (first, outcome) = asked(plan, &known);
    assert_eq!(
        first.is_empty(),
        outcome != Outcome::NeedsInformation,
        "{} seed {number}",
        plan.policy
    );
    for path in &first {
        for fact in all().iter().filter(|fact| says(&fact.path(), path)) {
            fact.supply(&whole, &mut known);
        }
    }
    let (later, outcome) = asked(plan, &known);
    let unknown: Vec<_> = first
        .iter()
        .filter(|path| !all().iter().any(|fact| says(&fact.path(), path)))
        .collect();
    assert_eq!(
        unknown,
        Vec::<&String>::new(),
        "{} seed {number}",
        plan.policy
    );
    assert_eq!(
        (later, outcome == Outcome::NeedsInformation),
        (BTreeSet::new(), false),
        "{} seed {number}, {action}, asked for at first: {first:?}",
        plan.policy
    );
    Some(first.len())
}

#[test]
fn what_is_missing_is_asked_for_at_once() {
    let catalog = shops::catalog();
    let orders = std::env::var("REDRESS_ORDERS").map_or(500, |text| text.parse().unwrap());
    let mut questions: Vec<usize> = Vec::new();
    for plan in catalog.plans() {
        let asked = (0..orders).filter_map(|number| ask_and_answer(plan, 0xA5_0000 + number));
        let asked: Vec<usize> = asked.collect();
        let (none, some) = asked
            .iter()
            .partition::<Vec<usize>, _>(|asked| **asked == 0);
        // The comparison is worth something only if both happen.
        assert!(
            none.len() > 20 && some.len() > 20,
            "{}: {} {}",
            plan.policy,
            none.len(),
            some.len()
        );
        questions.extend(asked);
    }
    questions.sort_unstable();
    let median = questions.get(questions.len() / 2);
    println!(
        "{} requests, one round each; questions: median {median:?}, at most {:?}",
        questions.len(),
        questions.last()
    );
}
