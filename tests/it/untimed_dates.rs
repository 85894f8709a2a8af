//! An order that was delivered at a time that nobody knows: what else is asked for, and
//! which dates are shown.

use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress_client::pb;
use redress_client::pb::bound::Kind;

use crate::generate::terms;
use crate::samples::{self, at, now};

/// Goods come back within some days after delivery, with money 14 days after it.
fn returns(days: u32) -> Catalog {
    returns_within(&format!("days = {days}"))
}

fn returns_within(period: &str) -> Catalog {
    let clauses = format!(
        r#"
[[clause]]
id     = "UND-01"
says   = "What comes back in time is paid for."
source = "Returns"
on     = "return"
within = {{ {period}, after = "deliver" }}
grants = {{ remedy = "refund" }}

[[clause]]
id     = "UND-02"
says   = "Money is paid within 14 days after delivery."
source = "Returns"
on     = "return"
adds   = {{ due = {{ days = 14, after = "deliver" }}, release = "deliver" }}
"#
    );
    Catalog::load(&[terms(&clauses)]).unwrap_or_else(|e| panic!("{e}"))
}

fn happened() -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::Happened(pb::Happened::default())),
    })
}

fn not_yet() -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::NotYet(pb::NotYet::default())),
    })
}

/// Decides on 20 March 2026 about an order of 1 March whose parcel is known so.
fn decide(catalog: &Catalog, change: impl FnOnce(&mut pb::Shipment)) -> pb::Verdict {
    let mut message = samples::decide();
    let parcel = &mut message.order.as_mut().unwrap().shipments[0];
    parcel.deliver_time = happened();
    parcel.collect_time = not_yet();
    change(parcel);
    let decided = answer::decide(catalog, &message, now(), &Budget::default()).unwrap();
    decided.verdict.decode().unwrap()
}

fn outcome(verdict: &pb::Verdict) -> pb::Outcome {
    verdict.outcome.try_into().unwrap()
}

fn missing(verdict: &pb::Verdict) -> Vec<&str> {
    verdict
        .missing
        .iter()
        .map(|fact| fact.path.as_str())
        .collect()
}

const SHIP_TIME: &str = "order.shipments[0].ship_time";

/// Shipped on 6 March it was delivered since, and 6 + 14 = 20 March is inside.
#[test]
fn what_comes_before_is_asked_for_where_it_can_settle_the_row() {
    let catalog = returns(14);
    let unknown = decide(&catalog, |parcel| parcel.ship_time = None);
    assert_eq!(outcome(&unknown), pb::Outcome::NeedsInformation);
    assert_eq!(missing(&unknown), [SHIP_TIME]);
    let in_time = decide(&catalog, |parcel| {
        parcel.ship_time = at("2026-03-06T00:00:00+01:00");
    });
    assert_eq!(outcome(&in_time), pb::Outcome::Approved);
    let open = decide(&catalog, |parcel| {
        parcel.ship_time = at("2026-03-05T23:59:59+01:00");
    });
    assert_eq!(outcome(&open), pb::Outcome::NeedsReview);
    assert_eq!(missing(&open), [""; 0]);
    let rows = &open.rows[0];
    assert_eq!(rows.reasons[0].code, "time_unknown");
}

/// Collected on 5 March it was delivered by then, and 5 + 14 = 19 March is over.
#[test]
fn what_comes_after_is_asked_for_too() {
    let catalog = returns(14);
    let unknown = decide(&catalog, |parcel| parcel.collect_time = None);
    assert_eq!(missing(&unknown), ["order.shipments[0].collect_time"]);
    let late = decide(&catalog, |parcel| {
        parcel.collect_time = at("2026-03-05T23:59:59+01:00");
    });
    assert_eq!(outcome(&late), pb::Outcome::Denied);
    let open = decide(&catalog, |parcel| {
        parcel.collect_time = at("2026-03-06T00:00:00+01:00");
    });
    assert_eq!(outcome(&open), pb::Outcome::NeedsReview);
}

/// The order was placed before the parcel was shipped: once that is told it says no more.
#[test]
fn what_comes_before_the_nearest_is_not_asked_for() {
    let catalog = returns(14);
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    order.place_time = None;
    order.shipments[0].ship_time = None;
    order.shipments[0].deliver_time = happened();
    order.shipments[0].collect_time = not_yet();
    let decide = |message: &pb::DecideRequest| {
        let decided = answer::decide(&catalog, message, now(), &Budget::default()).unwrap();
        decided.verdict.decode().unwrap()
    };
    assert_eq!(missing(&decide(&message)), [SHIP_TIME]);
    // Nobody knows when it was shipped either: then it matters when it was ordered.
    message.order.as_mut().unwrap().shipments[0].ship_time = happened();
    assert_eq!(missing(&decide(&message)), ["order.place_time"]);
}

/// Decides about one ring of two that came in two parcels, delivered since these instants.
fn of_two_parcels(shipped: [&str; 2]) -> pb::Verdict {
    let mut message = samples::decide();
    let parcels = ["box", "bag"].into_iter().zip(shipped);
    let parcels = parcels.map(|(id, shipped)| pb::Shipment {
        shipment_id: id.into(),
        ship_time: at(shipped),
        deliver_time: happened(),
        collect_time: not_yet(),
        items: vec![pb::ShipmentItem {
            line_id: "ring".into(),
            quantity: 1,
        }],
        ..Default::default()
    });
    let order = message.order.as_mut().unwrap();
    order.shipments = parcels.collect();
    let catalog = returns(14);
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    decided.verdict.decode().unwrap()
}

/// Of either parcel nobody knows whether 14 days after delivery are over on 20 March; of one
/// that was shipped on 10 March they are not.
#[test]
fn which_parcel_it_was_is_not_asked_for_where_a_person_decides_of_each() {
    let either = of_two_parcels(["2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"]);
    assert_eq!(outcome(&either), pb::Outcome::NeedsReview);
    assert_eq!(missing(&either), [""; 0]);
    let one = of_two_parcels(["2026-03-02T10:00:00Z", "2026-03-10T10:00:00Z"]);
    assert_eq!(outcome(&one), pb::Outcome::NeedsInformation);
    assert_eq!(missing(&one), ["request.lines[0].groups[0].shipment_id"]);
}

fn text(time: &prost_types::Timestamp) -> String {
    let at = redress::domain::time::Instant::from_unix(time.seconds, 0);
    at.unwrap().to_string()
}

fn range(bound: Option<&pb::Bound>) -> (String, String) {
    match bound.and_then(|bound| bound.kind.as_ref()) {
        Some(Kind::Range(range)) => (
            text(range.start_time.as_ref().unwrap()),
            text(range.end_time.as_ref().unwrap()),
        ),
        other => panic!("{other:?} is no range"),
    }
}

/// Shipped on 2 March and delivered by 20 March. Clocks change on 29 March. 2 March + 30 days
/// is 1 April, 20 March + 30 days is 19 April; with 14 days 16 March and 3 April. Each ends
/// with its day.
#[test]
fn dates_are_ranges_by_what_is_known() {
    let catalog = returns(30);
    let verdict = decide(&catalog, |_| {});
    assert_eq!(outcome(&verdict), pb::Outcome::Approved);
    let row = &verdict.rows[0];
    let entitlement = row.entitlement.as_ref().unwrap();
    let window = entitlement.window.as_ref().unwrap();
    let closes = ("2026-04-01T22:00:00Z", "2026-04-19T22:00:00Z");
    let (earliest, latest) = range(window.closes.as_ref());
    assert_eq!((earliest.as_str(), latest.as_str()), closes);
    let possible = entitlement.possible_window.as_ref().unwrap();
    let latest = possible
        .closes
        .as_ref()
        .and_then(|bound| bound.kind.as_ref());
    assert!(matches!(latest, Some(Kind::Time(time)) if text(time) == closes.1));
    let due = ("2026-03-16T23:00:00Z", "2026-04-03T22:00:00Z");
    let dues = [
        entitlement.earliest_due_time.as_ref().map(text),
        entitlement.latest_due_time.as_ref().map(text),
    ];
    assert_eq!(dues, [Some(due.0.to_owned()), Some(due.1.to_owned())]);
    let settlement = verdict.settlement.as_ref().unwrap();
    let (earliest, latest) = range(settlement.due.as_ref());
    assert_eq!((earliest.as_str(), latest.as_str()), due);
}

/// Money that waits for the delivery may move, and nobody knows since when.
#[test]
fn money_may_move_since_nobody_knows_when() {
    let release = |verdict: pb::Verdict| verdict.settlement.unwrap().release.unwrap();
    let catalog = returns(30);
    let unknown = release(decide(&catalog, |_| {}));
    assert_eq!(unknown.events, Vec::<String>::new());
    assert_eq!(unknown.status(), pb::ReleaseStatus::Now);
    assert_eq!(unknown.release_time, None);
    // Collected later, it was delivered by then.
    let by_then = release(decide(&catalog, |parcel| {
        parcel.collect_time = at("2026-03-10T10:00:00Z");
    }));
    let since = by_then.release_time.as_ref().map(text);
    assert_eq!(since.as_deref(), Some("2026-03-10T10:00:00Z"));
}

/// Nothing is known of what came before, and no event can lie as far back as the period is
/// long: dates are told as counted from the delivery.
#[test]
fn without_a_lower_bound_dates_are_counted_from_the_event() {
    let catalog = returns_within("months = 2000");
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    order.place_time = None;
    order.shipments[0].ship_time = None;
    order.shipments[0].deliver_time = happened();
    order.shipments[0].collect_time = not_yet();
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let verdict = decided.verdict.decode().unwrap();
    assert_eq!(outcome(&verdict), pb::Outcome::Approved);
    let row = &verdict.rows[0];
    let window = row.entitlement.as_ref().unwrap().window.as_ref().unwrap();
    let closes = window.closes.as_ref().and_then(|bound| bound.kind.as_ref());
    assert!(matches!(closes, Some(Kind::After(after)) if after.event == "deliver"));
}
