//! The order of events: which orders are possible, and which are refused.

use redress::domain::violation::ViolationKind;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
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

/// The strap of a watch was fitted after the watch was delivered, whatever other parcels the
/// order has: fitted since 10 March it is within 14 days on 20 March.
#[test]
fn an_event_of_a_line_is_bounded_by_the_parcel_of_its_units() {
    const FITTED: &str = r#"
[events.strap_fit]
of       = "line"
after    = ["deliver"]
question = "When was the strap fitted?"
phrase   = "fitting of the strap"

[[clause]]
id     = "FIT-01"
says   = "A watch comes back within 14 days after its strap was fitted."
source = "Returns"
on     = "return"
when   = { happened = "strap_fit" }
within = { days = 14, after = "strap_fit" }
grants = { remedy = "refund" }

[[clause]]
id      = "FIT-02"
says    = "Without a strap it stays."
source  = "Returns"
on      = "return"
when    = { not_yet = "strap_fit" }
refuses = { reason = "no_strap" }
"#;
    let catalog = Catalog::load(&[terms(FITTED)]).unwrap_or_else(|e| panic!("{e}"));
    let parcel = |id: &str, line: &str, delivered: &str| pb::Shipment {
        shipment_id: id.into(),
        ship_time: at("2026-03-02T10:00:00Z"),
        deliver_time: at(delivered),
        items: vec![pb::ShipmentItem {
            line_id: line.into(),
            quantity: 1,
        }],
        ..Default::default()
    };
    for late_first in [true, false] {
        let mut message = samples::decide();
        let order = message.order.as_mut().unwrap();
        order.lines[0].quantity = 1;
        order.total_paid = "105.00".into();
        order.payments[0].amount = "105.00".into();
        let mut parcels = vec![
            parcel("late", "chain", "2026-03-10T10:00:00Z"),
            parcel("early", "ring", "2026-03-02T10:00:00Z"),
        ];
        if !late_first {
            parcels.reverse();
        }
        order.shipments = parcels;
        order.lines[1].facts = vec![pb::Fact {
            name: "strap_fit".into(),
            value: Some(pb::fact::Value::Time(pb::EventTime {
                state: Some(pb::event_time::State::Happened(pb::Happened {})),
            })),
        }];
        let request = message.request.as_mut().unwrap();
        request.lines = vec![pb::RequestLine::units("chain", 1)];
        let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
        let verdict = decided.verdict.decode().unwrap();
        assert_eq!(verdict.outcome(), pb::Outcome::Approved, "{late_first}");
    }
}

/// Days are read in one zone, whichever it is; beside an instant a day is one in any zone.
#[test]
fn a_day_before_that_of_the_order_is_too_early() {
    let shipped = |placed: Option<pb::EventTime>, shipped: &str| {
        impossible(|order, _| {
            order.place_time = placed;
            order.shipments[0].ship_time = on(shipped);
        })
    };
    let early = ["order.shipments[0].ship_time"];
    assert_eq!(shipped(on("2026-03-01"), "2026-02-28"), early);
    assert_eq!(shipped(on("2026-03-01"), "2026-03-01"), [""; 0]);
    // At 10:00 UTC it is 28 February nowhere but west of UTC-10, and on 27 February nowhere.
    assert_eq!(shipped(at("2026-03-01T10:00:00Z"), "2026-02-28"), [""; 0]);
    assert_eq!(shipped(at("2026-03-01T10:00:00Z"), "2026-02-27"), early);
}
