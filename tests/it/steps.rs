//! What has to be done next, on random orders: nothing is paid that waits, and nobody is
//! refused who may still get something.

use redress::domain::facts::Facts;
use redress::domain::money::Amount;
use redress::domain::verdict::{NextStep, Outcome, Verdict};
use redress::engine::View;

use crate::guides::case;
use crate::shops;
use crate::within::decide;

/// Says what of a verdict contradicts its next step.
fn contradictions(verdict: &Verdict<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    let step = verdict.next_step();
    let any = |outcome: Outcome| verdict.decisions.iter().any(|d| d.outcome == outcome);
    let asks = any(Outcome::NeedsInformation);
    check(asks == (step == NextStep::Ask), "asks");
    let reviews = any(Outcome::NeedsReview) && !asks;
    check(reviews == (step == NextStep::Review), "reviews");
    let denied = verdict
        .decisions
        .iter()
        .all(|d| d.outcome == Outcome::Denied);
    check(denied == (step == NextStep::Refuse), "refuses");
    let payable = verdict.payable_now();
    check(step != NextStep::Pay || !payable.is_zero(), "pays nothing");
    check(
        step != NextStep::Wait || payable.is_zero(),
        "waits with money",
    );
    if let Some(settlement) = &verdict.settlement {
        check(payable <= settlement.refund_total, "pays too much");
        if settlement.release.is_now() {
            check(payable == settlement.refund_total, "holds what is released");
        }
        // What no row waits for is paid at least.
        let paying = verdict
            .rows
            .iter()
            .filter(|row| row.next_step == NextStep::Pay);
        check(
            paying.count() == 0 || !payable.is_zero(),
            "a row pays nothing",
        );
    } else {
        check(payable == Amount::ZERO, "pays without a settlement");
    }
    for (row, decision) in verdict.each() {
        let own = NextStep::without_approval(decision.outcome);
        check(own.is_none_or(|own| own == row.next_step), "a row");
        let approved = decision.outcome == Outcome::Approved;
        let steps = [NextStep::Pay, NextStep::CarryOut, NextStep::Wait];
        check(
            approved == steps.contains(&row.next_step),
            "an approved row",
        );
    }
    found
}

#[test]
fn the_next_step_follows_from_rows_and_money() {
    let catalog = shops::catalog();
    let mut seen = std::collections::BTreeMap::new();
    let mut parts = 0;
    for plan in catalog.plans() {
        for number in 0..400 {
            // Of every second order nothing is left out.
            let (order, request) = case(0x57E9_0000 + number, |_| number % 2 == 0);
            let facts = Facts::new(order, request, None).expect("possible facts");
            let verdict = decide(plan, &facts, View::Compact);
            let found = contradictions(&verdict);
            assert!(
                found.is_empty(),
                "{} seed {number}: {found:?}\n{verdict:#?}",
                plan.policy
            );
            *seen.entry(verdict.next_step().word()).or_insert(0) += 1;
            let refund = verdict.settlement.as_ref().map(|s| s.refund_total);
            let payable = verdict.payable_now();
            parts += usize::from(!payable.is_zero() && refund.is_some_and(|all| payable < all));
        }
    }
    println!("{seen:?}, {parts} paid in part");
    assert_eq!(seen.len(), NextStep::ALL.len(), "{seen:?}");
}
