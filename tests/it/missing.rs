//! The engine against the slow interpreter: the same answers on completed
//! facts, and a missing list equal to a search through all completions.

mod cases;
mod declared;
mod grid;
mod hidden;
mod of_order;
mod search;

use std::collections::BTreeSet;

use crate::within::decide;
use redress::domain::facts::{Action, Facts};
use redress::domain::verdict::{Arithmetic, Bound, Outcome, SettlementKind, Verdict};
use redress::engine::View;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;

use crate::due;
use crate::generate::{self, Seed};
use crate::oracle::{Answer, Money, Oracle};
use cases::Case;
use hidden::Known;
use search::Completions;

fn oracle_answer(policy: &CheckedPolicy, facts: &Facts) -> Answer {
    let row = facts.rows()[0].location();
    Oracle::new(policy, facts, row, Action::Return).answer(facts.request().wants)
}

/// Puts a verdict in the words of the oracle.
fn engine_answer(verdict: &Verdict<'_>) -> Answer {
    let bound = |b: &Bound| match b {
        Bound::At(at) => at.to_string(),
        Bound::Unbounded => "always".into(),
        Bound::On(_) | Bound::After(..) => "waits".into(),
        Bound::Between(a, b) => format!("{a}..{b}"),
    };
    let (row, decision) = verdict.each().next().unwrap();
    let entitlement = decision.entitlement.as_ref();
    let window = entitlement.and_then(|e| e.window.as_ref());
    let short = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let settlement = verdict.settlement.as_ref();
    let conditions = entitlement.map_or(&[][..], |e| &e.conditions).iter();
    let conditions = conditions.map(|c| {
        let path = c.path.of_units(row.location).to_string();
        format!("{} {}", c.code, short(&path))
    });
    let mut conditions: Vec<String> = conditions.collect();
    conditions.sort_unstable();
    let never_ends = |b: &Bound| match b {
        // The oracle writes an end that never comes like one that waits.
        Bound::Unbounded => "waits".to_owned(),
        other => bound(other),
    };
    Answer {
        outcome: decision.outcome,
        remedy: entitlement.map(|e| e.remedy),
        opens: window.map(|w| bound(&w.opens)),
        closes: window.map(|w| never_ends(&w.closes)),
        conditions,
        deducted: settlement
            .map(|s| {
                s.items
                    .iter()
                    .filter(|i| i.kind == SettlementKind::Deduction)
                    .filter_map(|i| match i.arithmetic {
                        Arithmetic::Percent { basis_points, .. } => Some(basis_points),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default(),
        due: settlement.and_then(|s| s.due.as_ref()).map(due::told),
    }
}

#[test]
fn plan_agrees_with_the_slow_interpreter_on_completed_facts() {
    let mut approved = 0;
    for number in 0..6000 {
        let mut seed = Seed::new(number);
        let policy = generate::policy(&mut seed);
        let plan = compile(&policy).unwrap();
        for _ in 0..4 {
            let Known { order, request } = cases::known(&mut seed);
            let Ok(facts) = Facts::new(order, request, None) else {
                continue;
            };
            let verdict = decide(&plan, &facts, View::Full);
            let got = engine_answer(&verdict);
            let want = oracle_answer(&policy, &facts);
            approved += u32::from(want.outcome == Outcome::Approved);
            assert_eq!(
                got, want,
                "seed {number}, missing {:?}\n{policy:#?}\n{facts:?}",
                verdict.missing
            );
        }
    }
    // The comparison is worth something only if remedies are granted in it.
    assert!(approved > 2000, "{approved}");
}

/// Compares the missing list of a case with a search; `None`: the case contradicts itself.
/// Returns whether anything is asked, or the difference.
fn compare(case: &Case) -> Option<Result<bool, String>> {
    case.known.facts()?;
    let plan = compile(&case.policy).unwrap();
    let facts = case.bare().facts()?;
    let verdict = decide(&plan, &facts, View::Basic);
    let got: BTreeSet<&str> = verdict.missing.iter().map(|m| m.path.as_str()).collect();
    let completions = Completions::of(case);
    let missing = completions.missing().into_iter();
    let want: BTreeSet<&str> = missing.map(|index| case.hidden[index].path).collect();
    let told = || {
        let (hidden, untimed) = (&case.hidden, &case.untimed);
        format!(
            "hidden {hidden:?}, untimed {untimed:?}, outcome {}",
            verdict.outcome
        )
    };
    if got != want {
        let only = |these: &BTreeSet<&str>, those: &BTreeSet<&str>| -> Vec<String> {
            these
                .difference(those)
                .map(|path| (*path).to_owned())
                .collect()
        };
        let missing = completions.missing().into_iter();
        let unasked = missing.filter(|index| !got.contains(case.hidden[*index].path));
        let witnesses: Vec<String> = unasked.map(|index| completions.witness(index)).collect();
        return Some(Err(format!(
            "{}\n    only the engine asks for {:?}, only the search for {:?}\n        {}",
            told(),
            only(&got, &want),
            only(&want, &got),
            witnesses.join("\n        ")
        )));
    }
    let outcome = verdict.decisions[0].outcome;
    if !want.is_empty() {
        let asks = outcome == Outcome::NeedsInformation;
        return Some(asks.then_some(true).ok_or_else(told));
    }
    let [only] = completions.told() else {
        return Some(Err(format!("{}\n    answers differ", told())));
    };
    let answer = Answer {
        deducted: BTreeSet::new(),
        ..engine_answer(&verdict).without_dates()
    };
    let money = verdict.settlement.as_ref().map(|s| {
        let totals = [s.refund_total, s.credit_total, s.owed_total];
        totals.map(redress::domain::money::Amount::minor)
    });
    let totals = |money: &Money| [money.refund, money.credit, money.owed];
    match answer == only.answer && money == only.money.as_ref().map(totals) {
        true => Some(Ok(false)),
        false => Some(Err(format!(
            "{}\n    engine {answer:?} {money:?}\n    search {only:?}",
            told()
        ))),
    }
}

/// Returns how many orders are looked at: `REDRESS_ORDERS`, or as many as the suite does.
fn orders(otherwise: u64) -> u64 {
    number("REDRESS_ORDERS", otherwise)
}

/// Reads a number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Compares cases that a number makes, from `REDRESS_SEED` on; tells of those that differ.
fn run(orders: u64, make: impl Fn(u64) -> Case) {
    let first = number("REDRESS_SEED", 0);
    let (mut asked, mut silent, mut differ) = (0, 0, Vec::new());
    for number in first..first + orders {
        let case = make(number);
        match compare(&case) {
            Some(Ok(true)) => asked += 1,
            Some(Ok(false)) => silent += 1,
            Some(Err(difference)) => {
                println!("seed {number}, {difference}");
                if orders == 1 {
                    println!("{:#?}\n{:#?}", case.policy, case.known.facts());
                }
                differ.push(number);
            }
            None => {}
        }
    }
    println!("{asked} asked, {silent} not, {} differ", differ.len());
    assert!(differ.is_empty(), "seeds that differ: {differ:?}");
    // The comparison is worth something only if both happen; a seed by itself is looked at.
    let least = orders / 20;
    if orders < 10 {
        return;
    }
    assert!(
        asked > least && silent > least,
        "{asked} asked, {silent} not, of {orders}"
    );
}

#[test]
fn missing_list_equals_a_search_through_all_completions() {
    run(orders(1000), |number| {
        cases::of_tested_facts(&mut Seed::new(0x5EED_0000 + number))
    });
}

#[test]
fn missing_list_equals_a_search_of_what_policies_declare() {
    run(orders(500), |number| {
        cases::of_declared(&mut Seed::new(0xDEC1_0000 + number))
    });
}

#[test]
fn missing_list_equals_a_search_where_money_is_unknown() {
    run(orders(3000), |number| {
        let mut seed = Seed::new(0x3053_0000 + number);
        cases::with_money(&mut seed, |seed| 1 + seed.below(5))
    });
}

#[test]
fn missing_list_equals_a_search_where_eight_facts_are_unknown() {
    run(orders(20), |number| {
        let mut seed = Seed::new(0x8FAC_0000 + number);
        cases::with_money(&mut seed, |_| 8)
    });
}

#[test]
fn missing_list_equals_a_search_where_two_events_are_unknown() {
    run(orders(300), |number| {
        cases::of_two_events(&mut Seed::new(0xE4E2_0000 + number))
    });
}

#[test]
fn missing_list_equals_a_search_where_nobody_knows_when_an_event_happened() {
    run(orders(100), |number| {
        cases::of_untimed(&mut Seed::new(0x0471_0000 + number))
    });
}

/// Orders whose facts were once left out: a time far back that a later event is measured
/// from, a weekday far back, a clock limit on the day of another event; a weekend beside a
/// day of a calendar or beside the end of a period, and the clock of the Sunday that follows.
#[test]
fn times_far_back_count_like_recent_ones() {
    for number in [296, 302, 303, 403, 1515, 1747, 1900] {
        let case = cases::of_events(&mut Seed::new(0x3EE7_0000 + number));
        assert_eq!(compare(&case), Some(Ok(true)), "{number}");
    }
}

#[test]
fn missing_list_equals_a_search_where_times_depend_on_each_other() {
    run(orders(10), |number| {
        cases::of_events(&mut Seed::new(0x3EE7_0000 + number))
    });
}
