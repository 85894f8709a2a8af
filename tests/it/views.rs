//! What views leave out changes nothing of what they tell.

use redress::domain::facts::Facts;
use redress::domain::few::Few;
use redress::domain::verdict::{Outcome, Verdict};
use redress::engine::View;

use crate::guides::case;
use crate::shops;
use crate::within::decide;

/// Leaves out what the compact view does not tell.
fn briefly<'v>(basic: &Verdict<'v>) -> Verdict<'v> {
    let mut brief = basic.clone();
    let denied = basic.decisions.iter().any(|d| d.outcome == Outcome::Denied);
    if !denied {
        brief.alternatives.clear();
    }
    let decisions = brief.decisions.iter_mut();
    for entitlement in decisions.filter_map(|decision| decision.entitlement.as_mut()) {
        entitlement.obligations.clear();
        entitlement.shaped_by.clear();
        entitlement.depends_on.clear();
        entitlement.possible = None;
    }
    if let Some(settlement) = &mut brief.settlement {
        settlement.payouts = Few::new();
    }
    brief
}

#[test]
fn the_compact_view_tells_what_a_program_acts_on_as_the_basic_one_does() {
    let catalog = shops::catalog();
    let (mut with, mut without) = (0, 0);
    for plan in catalog.plans() {
        for number in 0..200 {
            let (order, request) = case(0x0C_0000 + number, |_| true);
            let facts = Facts::new(order, request, None).expect("possible facts");
            let basic = decide(plan, &facts, View::Basic);
            let compact = decide(plan, &facts, View::Compact);
            // What a person chooses from is not written at this view.
            let decisions = &basic.decisions;
            if decisions
                .iter()
                .any(|decision| !decision.candidates.is_empty())
            {
                assert_eq!(compact.outcome, basic.outcome);
                continue;
            }
            let told = briefly(&compact);
            assert_eq!(told, briefly(&basic), "{} seed {number}", plan.policy);
            with += usize::from(!compact.alternatives.is_empty());
            without += usize::from(compact != basic);
        }
    }
    assert!(with > 20 && without > 20, "{with} {without}");
}
