//! The order of events: which orders are possible, and which are refused.

use redress::domain::violation::ViolationKind;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::rpc::answer;
use redress::rpc::status::CallError;
use redress_client::pb;

use crate::samples::{self, at, now, on};

/// Returns the fields of a request whose events cannot have happened in that order.
fn impossible(change: impl FnOnce(&mut pb::Order, &mut pb::ReturnJourney)) -> Vec<String> {
    let mut message = samples::decide();
    let mut journey = pb::ReturnJourney::default();
    change(message.order.as_mut().unwrap(), &mut journey);
    message.request.as_mut().unwrap().journey = Some(journey);
    match answer::decide(&Catalog::default(), &message, now(), &Budget::default()) {
        // There are no policies here; a request without a violation gets this far.
        Err(CallError::CatalogUnusable) => Vec::new(),
        Err(CallError::Invalid(found)) => {
            assert!(found.iter().all(|v| v.kind == ViolationKind::EventOrder));
            found.into_iter().map(|v| v.field).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn not_yet() -> Option<pb::EventTime> {
    Some(pb::EventTime::not_yet())
}

/// The order was placed on 1 March at 10:00:00.
#[test]
fn a_design_can_be_confirmed_before_the_order_and_making_cannot_begin() {
    let before = [
        at("2026-03-01T09:59:59.999999999Z"),
        at("2026-02-20T10:00:00Z"),
        on("2026-02-20"),
    ];
    for time in &before {
        let design = impossible(|order, _| order.lines[0].design_confirm_time = time.clone());
        assert_eq!(design, [""; 0]);
    }
    for time in &before {
        let making = impossible(|order, _| order.lines[0].production_start_time = time.clone());
        assert_eq!(making, ["order.lines[0].production_start_time"]);
        let dispatch = impossible(|order, _| order.lines[0].confirm_time = time.clone());
        assert_eq!(dispatch, ["order.lines[0].confirm_time"]);
    }
    let placed = || at("2026-03-01T10:00:00Z");
    let with_the_order = impossible(|order, _| {
        order.lines[0].design_confirm_time = placed();
        order.lines[0].production_start_time = placed();
        order.lines[0].confirm_time = placed();
    });
    assert_eq!(with_the_order, [""; 0]);
}

#[test]
fn goods_that_were_received_were_handed_over_before() {
    let received = || at("2026-03-12T10:00:00Z");
    for hand_over in [
        None,
        received(),
        at("2026-03-12T09:59:59Z"),
        on("2026-03-12"),
    ] {
        let found = impossible(|_, journey| {
            journey.receive_time = received();
            journey.hand_over_time = hand_over;
        });
        assert_eq!(found, [""; 0]);
    }
    for hand_over in [
        not_yet(),
        at("2026-03-12T10:00:00.000000001Z"),
        on("2026-03-14"),
    ] {
        let found = impossible(|_, journey| {
            journey.receive_time = received();
            journey.hand_over_time = hand_over.clone();
        });
        assert_eq!(found, ["request.journey.receive_time"], "{hand_over:?}");
        let found = impossible(|_, journey| {
            journey.proof_time = received();
            journey.hand_over_time = hand_over.clone();
        });
        assert_eq!(found, ["request.journey.proof_time"], "{hand_over:?}");
    }
}
