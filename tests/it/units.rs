//! Units against parcels and against what was settled before: what is refused with a
//! violation, what is denied, and what is left to choose from.

use redress::domain::violation::ViolationKind;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
use crate::samples::{self, at, now};

/// Terms of a return within 30 days of delivery.
pub const CLAUSES: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back within 30 days of delivery for their price."
source = "Returns"
on     = "return"
within = { days = 30, after = "deliver" }
grants = { remedy = "refund" }
"#;

pub fn catalog() -> Catalog {
    Catalog::load(&[terms(CLAUSES)]).unwrap()
}

/// Returns an order of ten rings: `p1` holds four, `p2` six, both delivered in time.
fn ten_rings() -> pb::Order {
    let parcel = |id: &str, quantity: i32| pb::Shipment {
        shipment_id: id.into(),
        items: vec![pb::ShipmentItem {
            line_id: "ring".into(),
            quantity,
        }],
        deliver_time: at("2026-03-04T10:00:00Z"),
        ..Default::default()
    };
    let mut order = samples::order();
    order.lines.truncate(1);
    order.lines[0].quantity = 10;
    // 10 x 59.00 + 5.00 = 595.00
    order.total_paid = "595.00".into();
    order.payments[0].amount = "595.00".into();
    order.shipments = vec![parcel("p1", 4), parcel("p2", 6)];
    order
}

/// Returns what was paid back for rings of [`samples::order`] before, 59.00 each.
fn paid_back(quantity: i32) -> Vec<pb::EarlierRemedy> {
    vec![pb::EarlierRemedy {
        line_id: "ring".into(),
        quantity,
        remedy: pb::Remedy::Refund.into(),
        amount: format!("{}.00", 59 * quantity),
        ..Default::default()
    }]
}

/// Names units of the ring by the parcel that they came in; empty: none is named.
fn groups(of: &[(i32, &str)]) -> pb::RequestLine {
    let group = |(quantity, parcel): &(i32, &str)| pb::UnitGroup {
        quantity: *quantity,
        shipment_id: (*parcel).to_owned(),
        ..Default::default()
    };
    pb::RequestLine {
        line_id: "ring".into(),
        groups: of.iter().map(group).collect(),
    }
}

fn decide(order: pb::Order, line: pb::RequestLine) -> Result<pb::Verdict, CallError> {
    let mut message = samples::decide();
    message.order = Some(order);
    message.request.as_mut().unwrap().lines = vec![line];
    let catalog = catalog();
    answer::decide(&catalog, &message, now(), &Budget::default())?
        .verdict
        .decode()
}

/// Returns the only violation of a request: its field and description.
fn too_many(decided: Result<pb::Verdict, CallError>) -> (String, String) {
    match decided {
        Err(CallError::Invalid(violations)) => {
            let [one] = violations.as_slice() else {
                panic!("{violations:#?}");
            };
            assert_eq!(one.kind, ViolationKind::TooManyUnits);
            (one.field.clone(), one.description.clone())
        }
        other => panic!("{other:#?}"),
    }
}

#[test]
fn a_group_asks_for_no_more_units_than_its_parcel_holds() {
    for (of, wanted) in [
        (vec![(4, "p1")], "236.00"),
        (vec![(6, "p2")], "354.00"),
        (vec![(2, "p1"), (2, "p1")], "236.00"),
        (vec![(4, "p1"), (6, "p2")], "590.00"),
    ] {
        let verdict = decide(ten_rings(), groups(&of)).unwrap();
        assert_eq!(verdict.outcome(), pb::Outcome::Approved);
        assert_eq!(verdict.settlement.unwrap().refund_total, wanted);
    }
    for (of, group, total, held) in [
        (vec![(5, "p1")], 0, "5 units", "holds 4"),
        (vec![(10, "p1")], 0, "10 units", "holds 4"),
        (vec![(7, "p2")], 0, "7 units", "holds 6"),
        (vec![(2, "p1"), (3, "p1")], 1, "5 units", "holds 4"),
        (
            vec![(4, "p1"), (5, "p2"), (1, "p1")],
            2,
            "5 units",
            "holds 4",
        ),
    ] {
        let (field, text) = too_many(decide(ten_rings(), groups(&of)));
        assert_eq!(field, format!("request.lines[0].groups[{group}].quantity"));
        assert!(text.contains(total) && text.contains(held), "{text}");
    }
}

#[test]
fn units_that_no_group_places_are_counted_against_the_line() {
    let verdict = decide(ten_rings(), groups(&[(10, "")])).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    let (field, text) = too_many(decide(ten_rings(), groups(&[(11, "")])));
    assert_eq!(field, "request.lines[0].groups");
    assert!(text.contains("units left: 10"), "{text}");
}

#[test]
fn a_parcel_lists_no_more_units_than_the_line_has() {
    let mut order = ten_rings();
    order.shipments[1].items[0].quantity = 7;
    let Err(CallError::Invalid(found)) = decide(order, groups(&[(1, "p1")])) else {
        panic!("eleven units of ten");
    };
    let fields: Vec<&str> = found.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["order.shipments"]);
    assert_eq!(found[0].kind, ViolationKind::SumMismatch);
}

/// Decides the return of rings after some of the two were paid back.
fn after(settled: i32, of: &[(i32, &str)]) -> Result<pb::Verdict, CallError> {
    let mut order = samples::order();
    order.earlier_remedies = paid_back(settled);
    decide(order, groups(of))
}

#[test]
fn units_that_were_settled_are_denied_with_what_the_customer_got() {
    for of in [vec![(1, "")], vec![(2, "")], vec![(1, ""), (1, "")]] {
        let verdict = after(2, &of).unwrap();
        assert_eq!(verdict.outcome(), pb::Outcome::Denied);
        assert_eq!(verdict.settlement, None);
        assert_eq!(verdict.rows.len(), of.len());
        for row in &verdict.rows {
            let [reason] = row.reasons.as_slice() else {
                panic!("{row:#?}");
            };
            assert_eq!(reason.code, "already_settled");
            let told = reason.facts.iter();
            let told: Vec<(&str, &str)> = told.map(|f| (&*f.path, &*f.value)).collect();
            let wanted = [
                ("order.earlier_remedies[0].remedy", "refund"),
                ("order.earlier_remedies[0].quantity", "2"),
                ("order.earlier_remedies[0].amount", "118.00"),
            ];
            assert_eq!(told, wanted);
        }
    }
}

#[test]
fn a_violation_says_how_many_units_are_left() {
    let verdict = after(1, &[(1, "")]).unwrap();
    assert_eq!(verdict.settlement.unwrap().refund_total, "59.00");
    for of in [vec![(2, "")], vec![(1, ""), (1, "")]] {
        let (field, text) = too_many(after(1, &of));
        assert_eq!(field, "request.lines[0].groups");
        assert!(text.contains("units left: 1"), "{text}");
    }
    // More than were ever bought are no matter of what was settled.
    let (field, _) = too_many(after(2, &[(3, "")]));
    assert_eq!(field, "request.lines[0].groups");
}

#[test]
fn units_that_were_kept_are_not_settled() {
    for remedy in [
        pb::Remedy::PriceReduction,
        pb::Remedy::Exchange,
        pb::Remedy::Replacement,
        pb::Remedy::Repair,
        pb::Remedy::Change,
    ] {
        let mut order = samples::order();
        order.earlier_remedies = paid_back(2);
        order.earlier_remedies[0].remedy = remedy.into();
        order.earlier_remedies[0].amount = "0.00".into();
        let verdict = decide(order, groups(&[(2, "")])).unwrap();
        assert_eq!(verdict.outcome(), pb::Outcome::Approved, "{remedy:?}");
    }
    // What was cancelled for nothing is gone.
    let mut order = samples::order();
    order.earlier_remedies = paid_back(2);
    order.earlier_remedies[0].remedy = pb::Remedy::Cancellation.into();
    order.earlier_remedies[0].amount = "0.00".into();
    let verdict = decide(order, groups(&[(2, "")])).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Denied);
    let mut order = samples::order();
    order.earlier_remedies = paid_back(2);
    order.earlier_remedies[0].consumed = pb::Answer::No.into();
    // 118.00 - 118.00: the rings are free, and nothing is left to pay for them.
    let verdict = decide(order, groups(&[(2, "")])).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    assert_eq!(verdict.settlement.unwrap().refund_total, "0.00");
}

fn list(change: impl FnOnce(&mut pb::ListOptionsRequest)) -> Vec<pb::OrderOption> {
    let mut message = samples::list_options();
    let order = message.order.as_mut().unwrap();
    order.lines.truncate(1);
    order.total_paid.clear();
    order.payments.clear();
    change(&mut message);
    let listed = answer::list_options(&catalog(), &message, now(), &Budget::default()).unwrap();
    listed.to_message().unwrap().options
}

#[test]
fn an_order_with_nothing_left_has_no_options() {
    let with = |settled: i32| {
        list(|message| {
            message.order.as_mut().unwrap().earlier_remedies = paid_back(settled);
        })
    };
    assert_eq!(with(2), []);
    let left = with(1);
    let [one] = left.as_slice() else {
        panic!("{left:#?}");
    };
    assert_eq!(one.status(), pb::OptionStatus::Open);
    assert_eq!(one.amount, "59.00");
    let lines = &one.request.as_ref().unwrap().lines;
    assert_eq!(lines[0].groups[0].quantity, 1);
}

/// Three rings at 59.00, one of them kept for 20.00 less: nobody says which comes back, so
/// that it is the first to.
#[test]
fn a_ring_that_was_kept_for_less_comes_back_first() {
    let earlier = |remedy: pb::Remedy, amount: &str, consumed: pb::Answer| pb::EarlierRemedy {
        line_id: "ring".into(),
        quantity: 1,
        remedy: remedy.into(),
        amount: amount.into(),
        consumed: consumed.into(),
        ..Default::default()
    };
    let kept = earlier(pb::Remedy::Refund, "20.00", pb::Answer::No);
    let amount = |gone: Option<pb::EarlierRemedy>| {
        let mut order = samples::order();
        order.lines.truncate(1);
        order.lines[0].quantity = 3;
        // 3 x 59.00 + 5.00 = 182.00
        order.total_paid = "182.00".into();
        order.payments[0].amount = "182.00".into();
        order.earlier_remedies = vec![kept.clone()];
        order.earlier_remedies.extend(gone);
        let verdict = decide(order, groups(&[(1, "")])).unwrap();
        let entitlement = verdict.rows[0].entitlement.clone();
        entitlement.unwrap().amount
    };
    // 59.00 - 20.00
    assert_eq!(amount(None), "39.00");
    // Another one was paid for in full, so that the one that was kept is still there.
    let paid_back = earlier(pb::Remedy::Refund, "59.00", pb::Answer::Yes);
    assert_eq!(amount(Some(paid_back)), "39.00");
    // 59.00 - 39.00 = 20.00: what came back was the one that was kept.
    let paid_less = earlier(pb::Remedy::Refund, "39.00", pb::Answer::Yes);
    assert_eq!(amount(Some(paid_less)), "59.00");
    // An exchange says nothing of what its ring was worth.
    let exchanged = earlier(pb::Remedy::Exchange, "0.00", pb::Answer::Yes);
    assert_eq!(amount(Some(exchanged)), "39.00");
}

#[test]
fn options_for_settled_units_are_closed_as_their_request_is_denied() {
    let options = list(|message| {
        message.order.as_mut().unwrap().earlier_remedies = paid_back(2);
        message.lines = vec![groups(&[(1, "")])];
    });
    let [one] = options.as_slice() else {
        panic!("{options:#?}");
    };
    assert_eq!(one.status(), pb::OptionStatus::Closed);
    assert_eq!(one.reasons[0].code, "already_settled");
    let verdict = after(2, &[(1, "")]).unwrap();
    assert_eq!(verdict.rows[0].reasons[0].code, "already_settled");
}

/// More deliveries can be unknown than can be completed together
/// (`limits::MAX_COMPLETION_STEPS`): then all of them are asked for, and nothing is decided.
#[test]
fn many_parcels_of_which_nothing_is_known_are_all_asked_for() {
    let clauses = CLAUSES.replace("after = \"deliver\"", "after = \"deliver_last\"");
    let catalog = Catalog::load(&[terms(&clauses)]).unwrap();
    for parcels in [2, 40] {
        let mut message = samples::decide();
        let mut order = ten_rings();
        order.lines[0].quantity = parcels;
        order.total_paid.clear();
        order.payments.clear();
        let parcel = |number: i32| pb::Shipment {
            shipment_id: format!("p{number}"),
            items: vec![pb::ShipmentItem {
                line_id: "ring".into(),
                quantity: 1,
            }],
            ..Default::default()
        };
        order.shipments = (0..parcels).map(parcel).collect();
        message.order = Some(order);
        message.request.as_mut().unwrap().lines = vec![groups(&[(1, "p1")])];
        let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
        let verdict = decided.verdict.decode().unwrap();
        assert_eq!(verdict.outcome(), pb::Outcome::NeedsInformation);
        let asked: Vec<_> = verdict.missing.iter().map(|m| m.path.clone()).collect();
        for number in 0..parcels {
            let path = format!("order.shipments[{number}].deliver_time");
            assert!(asked.contains(&path), "{parcels} parcels: {asked:?}");
        }
    }
}

/// Asks for rings of which another request is about some.
fn beside(held: i32, of: &[(i32, &str)], own: &str) -> Result<pb::Verdict, CallError> {
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    order.open_requests = vec![pb::OpenRequest {
        claim_id: "C-7".into(),
        line_id: "ring".into(),
        quantity: held,
    }];
    let request = message.request.as_mut().unwrap();
    request.lines = vec![groups(of)];
    request.claim_id = own.into();
    let catalog = catalog();
    answer::decide(&catalog, &message, now(), &Budget::default())?
        .verdict
        .decode()
}

#[test]
fn units_of_open_requests_are_denied_with_the_request() {
    let verdict = beside(2, &[(1, "")], "C-8").unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Denied);
    assert_eq!(verdict.next_step(), pb::NextStep::Refuse);
    let reason = &verdict.rows[0].reasons[0];
    assert_eq!(reason.code, "request_open");
    let told: Vec<(&str, &str)> = reason.facts.iter().map(|f| (&*f.path, &*f.value)).collect();
    assert_eq!(told, [("order.open_requests[0].claim_id", "C-7")]);
    // Some are free: then the caller has to say which.
    let Err(CallError::Invalid(violations)) = beside(1, &[(2, "")], "C-8") else {
        panic!("one ring is free, and two were given");
    };
    assert!(
        violations[0].description.ends_with("units left: 1"),
        "{violations:?}"
    );
    assert_ne!(
        beside(1, &[(1, "")], "C-8").unwrap().outcome(),
        pb::Outcome::Denied
    );
    // The request itself has its units.
    assert_ne!(
        beside(2, &[(2, "")], "C-7").unwrap().outcome(),
        pb::Outcome::Denied
    );
}

#[test]
fn what_was_paid_on_top_is_for_units_that_were_exchanged() {
    let decide_with = |remedy: pb::Remedy, line: &str| {
        let mut order = ten_rings();
        order.total_paid = String::new();
        order.payments.clear();
        order.earlier_remedies = vec![pb::EarlierRemedy {
            line_id: line.into(),
            quantity: i32::from(!line.is_empty()),
            remedy: remedy.into(),
            amount: "0.00".into(),
            surcharge_amount: "6.00".into(),
            ..Default::default()
        }];
        decide(order, groups(&[(1, "p1")]))
    };
    assert!(decide_with(pb::Remedy::Exchange, "ring").is_ok());
    for (remedy, line) in [(pb::Remedy::Repair, "ring"), (pb::Remedy::Exchange, "")] {
        let found = match decide_with(remedy, line) {
            Err(CallError::Invalid(violations)) => violations,
            other => panic!("{other:#?}"),
        };
        let fields: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["order.earlier_remedies[0].surcharge_amount"]);
    }
}

#[test]
fn no_more_is_given_back_of_a_fee_than_was_taken() {
    let fees = [("ACM-02", "fee"), ("ACM-03", "label")].map(|(id, code)| {
        format!(
            "[[clause]]\nid = \"{id}\"\nsays = \"A fee.\"\nsource = \"Returns\"\n\
             on = \"return\"\nadds = {{ deduct = {{ fixed = \"9.00\", currency = \"EUR\", \
             per = \"order\", code = \"{code}\" }} }}\n"
        )
    });
    let clauses = format!("{CLAUSES}\n{}", fees.concat());
    let catalog = Catalog::load(&[terms(&clauses)]).unwrap();
    // The fields at fault where earlier remedies say this of what was taken.
    let faults = |told: &[&[(&str, &str)]]| -> Vec<String> {
        let mut order = ten_rings();
        order.total_paid = String::new();
        order.payments.clear();
        let remedy = |taken: &&[(&str, &str)]| pb::EarlierRemedy {
            line_id: "ring".into(),
            quantity: 1,
            remedy: pb::Remedy::Refund.into(),
            amount: "50.00".into(),
            taken: taken
                .iter()
                .map(|(code, amount)| pb::TakenAmount {
                    code: (*code).into(),
                    amount: (*amount).into(),
                })
                .collect(),
            ..Default::default()
        };
        order.earlier_remedies = told.iter().map(remedy).collect();
        let mut message = samples::decide();
        message.order = Some(order);
        match answer::decide(&catalog, &message, now(), &Budget::default()) {
            Ok(_) => Vec::new(),
            Err(CallError::Invalid(found)) => found.into_iter().map(|one| one.field).collect(),
            Err(other) => panic!("{other:?}"),
        }
    };
    let (taken, other) = (("fee", "9.00"), ("label", "9.00"));
    assert_eq!(faults(&[&[taken], &[("fee", "-9.00")]]), [""; 0]);
    // The order of earlier remedies says nothing of time.
    assert_eq!(faults(&[&[("fee", "-9.00")], &[taken]]), [""; 0]);
    let first = ["order.earlier_remedies[0].taken[0].amount"];
    assert_eq!(faults(&[&[("fee", "-9.01")], &[taken]]), first);
    let last = ["order.earlier_remedies[1].taken[1].amount"];
    assert_eq!(faults(&[&[other], &[other, ("fee", "-0.01")]]), last);
}

#[test]
fn units_that_were_got_for_a_surcharge_come_back_first() {
    // Ten rings of 59.00; for two of them 5.00 were paid on top: 2.50 each.
    let exchanged = || pb::EarlierRemedy {
        line_id: "ring".into(),
        quantity: 2,
        remedy: pb::Remedy::Exchange.into(),
        amount: "0.00".into(),
        surcharge_amount: "5.00".into(),
        ..Default::default()
    };
    let refund = |earlier: Vec<pb::EarlierRemedy>, units: i32| {
        let mut order = ten_rings();
        order.shipments = vec![pb::Shipment {
            shipment_id: "p".into(),
            deliver_time: at("2026-03-04T10:00:00Z"),
            ..Default::default()
        }];
        // 595.00 and 5.00 on top.
        order.total_paid = "600.00".into();
        order.payments[0].amount = "600.00".into();
        order.earlier_remedies = earlier;
        let verdict = decide(order, groups(&[(units, "p")])).unwrap();
        verdict.settlement.unwrap().refund_total
    };
    assert_eq!(refund(vec![exchanged()], 1), "61.50");
    assert_eq!(refund(vec![exchanged()], 2), "123.00");
    assert_eq!(refund(vec![exchanged()], 3), "182.00");
    // One came back for all that it was worth: the other one is next.
    let one_back = |amount: &str| pb::EarlierRemedy {
        line_id: "ring".into(),
        quantity: 1,
        remedy: pb::Remedy::Refund.into(),
        amount: amount.into(),
        ..Default::default()
    };
    assert_eq!(refund(vec![exchanged(), one_back("61.50")], 1), "61.50");
    assert_eq!(refund(vec![exchanged(), one_back("61.50")], 2), "120.50");
    // One of the others came back: both are still there.
    assert_eq!(refund(vec![exchanged(), one_back("59.00")], 2), "123.00");
    // In all no more than was paid: 590.00 + 5.00.
    assert_eq!(refund(vec![exchanged(), one_back("59.00")], 9), "536.00");
}
