//! The work that a decision may take: less than it needs is an error, never another answer.

use std::cell::Cell;

use redress::domain::limits::{MAX_STEPS, MAX_UNKNOWN_EVENTS};
use redress::domain::time::Instant;
use redress::engine::{Budget, Stopped};
use redress::load;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress_client::pb;
use redress_client::pb::customer_request::Action;

use crate::samples::{self, now};

pub fn catalog() -> Catalog {
    Catalog::load(&load::embedded()).unwrap_or_else(|e| panic!("{e}"))
}

/// Returns an order of which nothing is known but its lines, no two of which are alike.
fn lines(number: usize) -> pb::Order {
    let line = |number: usize| pb::Line {
        line_id: format!("l{number}"),
        quantity: 1,
        category: format!("category {number}"),
        ..Default::default()
    };
    pb::Order {
        order_id: "o".into(),
        currency_code: "EUR".into(),
        lines: (0..number).map(line).collect(),
        ..Default::default()
    }
}

/// Returns a question about the options of so many lines that are all different.
pub fn options(policy: &str, number: usize) -> pb::ListOptionsRequest {
    pb::ListOptionsRequest {
        policy: policy.into(),
        order: Some(lines(number)),
        ..Default::default()
    }
}

/// Returns a request about so many lines that are all different.
fn request(policy: &str, number: usize) -> pb::DecideRequest {
    let action = Action::Withdrawal(pb::WithdrawalAction::default());
    let units = |number: usize| pb::RequestLine::units(format!("l{number}"), 1);
    pb::DecideRequest {
        policy: policy.into(),
        order: Some(lines(number)),
        request: Some(pb::CustomerRequest::new(
            action,
            (0..number).map(units).collect(),
        )),
        ..Default::default()
    }
}

fn decide(
    catalog: &Catalog,
    message: &pb::DecideRequest,
    budget: &Budget<'_>,
) -> Result<pb::Verdict, CallError> {
    let decided = answer::decide(catalog, message, now(), budget)?;
    Ok(decided.verdict.decode().unwrap())
}

#[test]
fn too_little_work_is_an_error_and_never_another_answer() {
    let catalog = catalog();
    for policy in ["greek-eshop", "jona", "melina-paris", "passione-kustom"] {
        let message = request(policy, 2);
        let whole = decide(&catalog, &message, &Budget::default()).unwrap();
        let (mut steps, mut refused) = (0, 0);
        while steps < MAX_STEPS {
            match decide(&catalog, &message, &Budget::of(steps)) {
                Ok(verdict) => {
                    assert_eq!(verdict, whole, "{policy}, {steps} steps");
                    break;
                }
                Err(why) => {
                    assert_eq!(why, CallError::Stopped(Stopped::OutOfSteps(steps)));
                    refused += 1;
                }
            }
            steps = steps * 5 / 4 + 1;
        }
        // Each row takes a step at least.
        assert!(refused > 1, "{policy}: {refused}");
        assert!(steps < 20_000, "{policy}: {steps}");
    }
}

#[test]
fn options_take_no_more_work_than_they_may() {
    let catalog = catalog();
    let message = options("jona", 2);
    let list = |steps| answer::list_options(&catalog, &message, now(), &Budget::of(steps));
    let why = list(100).unwrap_err();
    assert_eq!(why, CallError::Stopped(Stopped::OutOfSteps(100)));
    assert!(list(MAX_STEPS).is_ok());
}

#[test]
fn a_decision_stops_when_it_is_told_to() {
    let catalog = catalog();
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 2
    };
    let budget = Budget::default().unless(&stop);
    let why = decide(&catalog, &request("greek-eshop", 20), &budget).unwrap_err();
    assert_eq!(why, CallError::Stopped(Stopped::Interrupted));
    assert_eq!(asked.get(), 3);
}

/// A row turns on the last delivery of an order, and no two parcels are alike.
#[test]
fn more_unknown_events_than_can_be_looked_at_are_too_much_work() {
    let catalog = catalog();
    let outcome = |parcels: usize| {
        let mut message = request("jona", 1);
        let order = message.order.as_mut().unwrap();
        order.lines[0].quantity = i32::try_from(parcels).unwrap();
        let parcel = |number: usize| pb::Shipment {
            shipment_id: format!("p{number}"),
            items: vec![pb::ShipmentItem {
                line_id: "l0".into(),
                quantity: 1,
            }],
            ship_time: samples::at(&before(number)),
            ..Default::default()
        };
        order.shipments = (0..parcels).map(parcel).collect();
        decide(&catalog, &message, &Budget::default())
    };
    assert!(outcome(2).is_ok());
    let why = outcome(MAX_UNKNOWN_EVENTS + 1).unwrap_err();
    assert_eq!(why, CallError::Stopped(Stopped::OutOfSteps(MAX_STEPS)));
}

/// Returns an instant before the request, another for each number.
fn before(number: usize) -> String {
    let seconds = now().unix_seconds() - 1_000_000 - i64::try_from(number).unwrap();
    Instant::from_unix(seconds, 0).unwrap().to_string()
}
