//! What a person who reviews is told of the money of the order.

use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
use crate::samples::{self, at, now};

/// Returns within 30 days with the delivery that was paid, less 3.00 an order; of worn goods
/// a person decides. A claim is refunded, and a worn piece costs 70.00, once an order.
const CLAUSES: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back within 30 days of delivery for their price and the delivery."
source = "Returns"
on     = "return"
within = { days = 30, after = "deliver" }
grants = { remedy = "refund", delivery = "paid" }

[[clause]]
id     = "ACM-02"
says   = "Each order that comes back costs 3.00."
source = "Returns"
on     = "return"
adds   = { to = ["ACM-01"], deduct = { fixed = "3.00", currency = "EUR", per = "order", code = "handling_fee" } }

[[clause]]
id        = "ACM-03"
says      = "Of worn goods the owner decides."
source    = "Returns"
on        = "return"
when      = { worn = true }
overrides = ["ACM-01"]
refers    = { reason = "worn" }
"#;

/// Returns the verdict on an order of a ring and a chain, of which the chain was worn.
fn decide(view: pb::View, change: impl FnOnce(&mut pb::DecideRequest)) -> pb::Verdict {
    let catalog = Catalog::load(&[terms(CLAUSES)]).unwrap();
    let mut message = samples::decide();
    message.view = view.into();
    change(&mut message);
    let decided = answer::decide(&catalog, &message, now(), &Budget::default());
    decided.unwrap().verdict.decode().unwrap()
}

/// Asks for both lines of the order, of which one was worn.
fn one_worn(message: &mut pb::DecideRequest) {
    let order = message.order.as_mut().unwrap();
    for shipment in &mut order.shipments {
        shipment.deliver_time = at("2026-03-04T10:00:00Z");
    }
    let lines = order.lines.iter().map(|line| pb::RequestLine {
        line_id: line.line_id.clone(),
        groups: vec![pb::UnitGroup {
            quantity: line.quantity,
            ..Default::default()
        }],
    });
    let mut lines: Vec<pb::RequestLine> = lines.collect();
    lines[0].groups[0].condition = Some(pb::Condition {
        worn: pb::Answer::Yes.into(),
        ..Default::default()
    });
    for line in &mut lines[1..] {
        line.groups[0].condition = Some(pb::Condition {
            worn: pb::Answer::No.into(),
            ..Default::default()
        });
    }
    message.request.as_mut().unwrap().lines = lines;
}

fn items(of: &[pb::SettlementItem]) -> Vec<(pb::SettlementKind, &str, &str)> {
    of.iter()
        .map(|item| (item.kind(), item.code.as_str(), item.amount.as_str()))
        .collect()
}

#[test]
fn a_candidate_says_what_of_the_order_comes_with_it() {
    let verdict = decide(pb::View::Full, one_worn);
    assert_eq!(verdict.outcome(), pb::Outcome::Mixed);
    let reviewed = &verdict.rows[0];
    assert_eq!(reviewed.outcome(), pb::Outcome::NeedsReview);
    let granting = reviewed.candidates.iter().find(|candidate| {
        matches!(
            candidate.answer,
            Some(pb::candidate::Answer::Entitlement(_))
        )
    });
    // With it all of the order comes back: the delivery of 5.00 is paid, 3.00 are kept.
    assert_eq!(
        items(&granting.unwrap().order_items),
        [
            (pb::SettlementKind::Delivery, "", "5.00"),
            (pb::SettlementKind::Deduction, "handling_fee", "3.00"),
        ]
    );
    assert_eq!(granting.unwrap().owed_amount, "");
    // Without it the delivery waits.
    let settlement = verdict.settlement.as_ref().unwrap();
    let pending = settlement
        .items
        .iter()
        .find(|item| item.kind() == pb::SettlementKind::Delivery);
    assert_eq!(pending.unwrap().status(), pb::SettlementStatus::Pending);
    // A refusal moves nothing.
    let refusals = reviewed
        .candidates
        .iter()
        .filter(|candidate| matches!(candidate.answer, Some(pb::candidate::Answer::Refusal(_))));
    for refusal in refusals {
        assert_eq!(refusal.order_items, []);
    }
}

#[test]
fn what_a_candidate_tells_is_what_a_decision_for_it_comes_to() {
    let reviewed = decide(pb::View::Full, one_worn);
    let candidate = &reviewed.rows[0].candidates[0];
    let granted = decide(pb::View::Full, |message| {
        one_worn(message);
        let lines = &mut message.request.as_mut().unwrap().lines;
        lines[0].groups[0].condition = lines[1].groups[0].condition;
    });
    assert_eq!(granted.outcome(), pb::Outcome::Approved);
    let settlement = granted.settlement.unwrap();
    let of_order: Vec<_> = settlement
        .items
        .into_iter()
        .filter(|item| item.line_id.is_empty())
        .collect();
    assert_eq!(items(&candidate.order_items), items(&of_order));
}

#[test]
fn nothing_is_told_of_it_where_nothing_is_explained() {
    let verdict = decide(pb::View::Basic, one_worn);
    let candidates = verdict.rows.iter().flat_map(|row| &row.candidates);
    for candidate in candidates {
        assert_eq!(candidate.order_items, []);
    }
}
