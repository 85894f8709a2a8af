//! One answer for all lines, parcels or units says the same as one for each.

use redress::domain::limits::MAX_SHARED_BYTES;
use redress::domain::violation::Violation;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer::{self, Budget};
use redress_client::pb;

use crate::samples::{self, at, now};
use crate::shops;

const YES: i32 = pb::Answer::Yes as i32;
const NO: i32 = pb::Answer::No as i32;

/// A request to send back a ring and a chain that came in one parcel.
fn request() -> pb::DecideRequest {
    let mut request = samples::decide();
    request.policy = "milona-paris".into();
    request.request.as_mut().expect("a request").lines = vec![
        pb::RequestLine::units("ring", 1),
        pb::RequestLine::units("chain", 1),
    ];
    request
}

fn order(request: &mut pb::DecideRequest) -> &mut pb::Order {
    request.order.as_mut().expect("an order")
}

fn asked(request: &mut pb::DecideRequest) -> &mut pb::CustomerRequest {
    request.request.as_mut().expect("a request")
}

fn decide(catalog: &Catalog, request: &pb::DecideRequest) -> pb::Verdict {
    let decided = answer::decide(catalog, request, now(), &Budget::default());
    decided
        .expect("a verdict")
        .verdict
        .decode()
        .expect("a verdict")
}

fn violations(catalog: &Catalog, request: &pb::DecideRequest) -> Vec<Violation> {
    match answer::decide(catalog, request, now(), &Budget::default()) {
        Err(CallError::Invalid(violations)) => violations,
        other => panic!("{other:?}"),
    }
}

fn fields(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|v| v.field.as_str()).collect()
}

/// Says of each line, parcel and group what `shared` says of all.
fn same(shared: impl Fn(&mut pb::DecideRequest), each: impl Fn(&mut pb::DecideRequest)) {
    let catalog = shops::catalog();
    let (mut of_all, mut of_each) = (request(), request());
    shared(&mut of_all);
    each(&mut of_each);
    let verdict = decide(&catalog, &of_all);
    assert_eq!(verdict, decide(&catalog, &of_each));
    assert_ne!(verdict, decide(&catalog, &request()), "it says something");
}

#[test]
fn what_holds_for_all_lines_holds_for_each() {
    same(
        |r| {
            order(r).all_lines = Some(pb::Line {
                personalized: NO,
                tags_complete: YES,
                ..Default::default()
            });
        },
        |r| {
            for line in &mut order(r).lines {
                line.personalized = NO;
                line.tags_complete = YES;
            }
        },
    );
}

#[test]
fn what_a_line_says_itself_prevails() {
    same(
        |r| {
            order(r).lines[1].personalized = YES;
            order(r).all_lines = Some(pb::Line {
                personalized: NO,
                ..Default::default()
            });
        },
        |r| {
            order(r).lines[0].personalized = NO;
            order(r).lines[1].personalized = YES;
        },
    );
}

/// Says that nothing was made to order, so that more can matter.
fn known(request: &mut pb::DecideRequest) {
    let lines = order(request).lines.iter_mut();
    lines.for_each(|line| line.personalized = NO);
}

#[test]
fn what_holds_for_all_parcels_and_units_holds_for_each() {
    same(
        |r| {
            known(r);
            order(r).shipments[0].deliver_time = None;
            order(r).all_shipments = Some(pb::Shipment {
                ship_time: at("2026-03-01T12:00:00Z"),
                deliver_time: at("2026-03-02T12:00:00Z"),
                ..Default::default()
            });
            asked(r).lines[1].groups[0].condition = Some(pb::Condition {
                altered: NO,
                ..Default::default()
            });
            asked(r).all_units = Some(pb::UnitGroup {
                condition: Some(pb::Condition {
                    worn: YES,
                    ..Default::default()
                }),
                ..Default::default()
            });
        },
        |r| {
            known(r);
            // The parcel says itself when it was sent.
            order(r).shipments[0].deliver_time = at("2026-03-02T12:00:00Z");
            let worn = |altered| {
                Some(pb::Condition {
                    worn: YES,
                    altered,
                    ..Default::default()
                })
            };
            asked(r).lines[0].groups[0].condition = worn(0);
            asked(r).lines[1].groups[0].condition = worn(NO);
        },
    );
}

#[test]
fn what_is_wrong_is_told_once_by_its_own_path() {
    let catalog = shops::catalog();
    let mut request = request();
    order(&mut request).lines[1].discount = "x".into();
    order(&mut request).all_lines = Some(pb::Line {
        line_id: "ring".into(),
        quantity: 2,
        tags: vec!["sale".into()],
        contents: vec!["ring".into()],
        tag_reason: 99,
        ..Default::default()
    });
    order(&mut request).all_shipments = Some(pb::Shipment {
        shipment_id: "box".into(),
        items: vec![pb::ShipmentItem::default()],
        time_zone: "Europe/Nowhere".into(),
        ..Default::default()
    });
    asked(&mut request).all_units = Some(pb::UnitGroup {
        quantity: 1,
        shipment_id: "box".into(),
        condition: Some(pb::Condition {
            worn: 99,
            ..Default::default()
        }),
        ..Default::default()
    });
    let found = violations(&catalog, &request);
    let mut found = fields(&found);
    found.sort_unstable();
    for field in [
        "order.all_lines.contents",
        "order.all_lines.line_id",
        "order.all_lines.quantity",
        "order.all_lines.tag_reason",
        "order.all_lines.tags",
        "order.all_shipments.items",
        "order.all_shipments.shipment_id",
        "order.all_shipments.time_zone",
        "order.lines[1].discount",
        "request.all_units.condition.worn",
        "request.all_units.quantity",
        "request.all_units.shipment_id",
    ] {
        let times = found.iter().filter(|known| **known == field).count();
        assert_eq!(times, 1, "{field}: {found:#?}");
    }
}

/// A few bytes that are said of each of many lines take room of their own.
#[test]
fn what_holds_for_all_is_small() {
    let catalog = shops::catalog();
    let mut request = request();
    order(&mut request).all_lines = Some(pb::Line {
        category: "c".repeat(MAX_SHARED_BYTES),
        ..Default::default()
    });
    assert_eq!(fields(&violations(&catalog, &request)), ["order.all_lines"]);
    order(&mut request).all_lines = Some(pb::Line {
        category: "c".repeat(100),
        ..Default::default()
    });
    order(&mut request).lines = vec![pb::Line::default(); 1_000_000];
    assert!(fields(&violations(&catalog, &request)).contains(&"order.lines"));
}

#[test]
fn options_are_listed_by_what_holds_for_all() {
    let catalog = shops::catalog();
    let list = |change: &dyn Fn(&mut pb::Order)| {
        let mut request = samples::list_options();
        request.policy = "milona-paris".into();
        change(request.order.as_mut().expect("an order"));
        answer::list_options(&catalog, &request, now(), &Budget::default())
    };
    let shared = list(&|order| {
        order.all_lines = Some(pb::Line {
            personalized: NO,
            ..Default::default()
        });
    });
    let each = list(&|order| {
        order
            .lines
            .iter_mut()
            .for_each(|line| line.personalized = NO)
    });
    assert_eq!(shared.expect("options"), each.expect("options"));
    let wrong = list(&|order| {
        order.all_lines = Some(pb::Line {
            personalized: 99,
            ..Default::default()
        });
    });
    match wrong {
        Err(CallError::Invalid(found)) => {
            assert_eq!(fields(&found), ["order.all_lines.personalized"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_path_that_is_misspelt_is_refused() {
    let catalog = shops::catalog();
    let mut request = request();
    asked(&mut request).unavailable_paths =
        vec!["order.gift".into(), "order.lines[0].personalised".into()];
    let found = violations(&catalog, &request);
    assert_eq!(fields(&found), ["request.unavailable_paths[1]"]);
    assert!(found[0].description.contains("`personalized`"), "{found:?}");
    asked(&mut request).unavailable_paths = vec!["order.gift".into(); 1001];
    assert_eq!(
        fields(&violations(&catalog, &request)),
        ["request.unavailable_paths"]
    );
}
