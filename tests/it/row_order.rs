//! What an answer says once for several rows or parcels does not depend on which of them
//! is listed first.

use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress_client::pb;
use redress_client::pb::customer_request::Action;

use crate::generate::terms;
use crate::samples::{self, at, now};
use crate::units::CLAUSES;

fn catalog(clauses: &str) -> Catalog {
    Catalog::load(&[terms(clauses)]).unwrap()
}

fn parcel(id: &str, line: &str, delivered: &str) -> pb::Shipment {
    let item = pb::ShipmentItem {
        line_id: line.into(),
        quantity: 1,
    };
    pb::Shipment {
        shipment_id: id.into(),
        items: vec![item],
        deliver_time: at(delivered),
        ..Default::default()
    }
}

/// Returns the first instant outside of a window.
fn closes(window: Option<&pb::Window>) -> String {
    let closes = window.unwrap().closes.as_ref().unwrap();
    match closes.kind.as_ref().unwrap() {
        pb::bound::Kind::Time(at) => at.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Returns an order of a ring and a chain, each in a parcel of its own.
fn two_parcels(ring: &str, chain: &str) -> pb::Order {
    let mut order = samples::order();
    order.lines[0].quantity = 1;
    order.total_paid.clear();
    order.payments.clear();
    order.place_time = at("2026-01-01T10:00:00Z");
    order.shipments = vec![parcel("p1", "ring", ring), parcel("p2", "chain", chain)];
    order
}

/// Lists the options of an order as it is and turned around; both say the same.
fn list(order: &pb::Order) -> Vec<pb::OrderOption> {
    let catalog = catalog(CLAUSES);
    let list = |order: pb::Order| {
        let mut message = samples::list_options();
        message.order = Some(order);
        let listed = answer::list_options(&catalog, &message, now(), &Budget::default()).unwrap();
        listed.to_message().unwrap().options
    };
    let mut turned = order.clone();
    turned.lines.reverse();
    turned.shipments.reverse();
    let (listed, turned) = (list(order.clone()), list(turned));
    let told = |option: &pb::OrderOption| (option.status(), option.window.clone());
    assert_eq!(told(&listed[0]), told(&turned[0]));
    listed
}

#[test]
fn an_option_over_rows_that_are_open_lasts_until_the_first_closes() {
    // Delivered on 1 and on 10 March: the days 31 March and 9 April, in summer time.
    let order = two_parcels("2026-03-10T10:00:00Z", "2026-03-01T10:00:00Z");
    let listed = list(&order);
    assert_eq!(listed[0].status(), pb::OptionStatus::Open);
    assert_eq!(closes(listed[0].window.as_ref()), "2026-03-31T22:00:00Z");
    let mut of_lines: Vec<_> = listed[1..]
        .iter()
        .map(|option| closes(option.window.as_ref()))
        .collect();
    of_lines.sort();
    assert_eq!(of_lines, ["2026-03-31T22:00:00Z", "2026-04-09T22:00:00Z"]);
}

#[test]
fn an_option_over_rows_that_are_closed_shows_the_last_to_close() {
    // Delivered on 1 and on 10 January: the days 31 January and 9 February.
    let order = two_parcels("2026-01-10T10:00:00Z", "2026-01-01T10:00:00Z");
    let listed = list(&order);
    assert_eq!(listed[0].status(), pb::OptionStatus::Closed);
    assert_eq!(closes(listed[0].window.as_ref()), "2026-02-09T23:00:00Z");
}

/// Denies the return of a ring that may be in either of two parcels.
fn late(first: &str, second: &str) -> pb::Row {
    let mut message = samples::decide();
    let mut order = two_parcels(first, second);
    order.shipments[1].items[0].line_id = "ring".into();
    order.lines[0].quantity = 2;
    order.lines.truncate(1);
    message.order = Some(order);
    let catalog = catalog(CLAUSES);
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let mut verdict = decided.verdict.decode().unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Denied);
    verdict.rows.remove(0)
}

#[test]
fn a_denial_of_units_in_one_of_two_parcels_shows_the_widest_window() {
    let (early, later) = ("2026-01-01T10:00:00Z", "2026-01-10T10:00:00Z");
    let (one, other) = (late(early, later), late(later, early));
    assert_eq!(closes(one.window.as_ref()), "2026-02-09T23:00:00Z");
    assert_eq!(one.window, other.window);
}

const ONE_FREE_EXCHANGE: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "A care plan exchanges as many pieces as it has uses."
source = "Care plan"
on     = "exchange"
when   = { option_left = { care = { at_least = 1 } } }
grants = { remedy = "exchange", consumes = "care" }

[[clause]]
id     = "ACM-02"
says   = "Without a use of the care plan nothing is exchanged."
source = "Care plan"
on     = "exchange"
unless = { option_left = { care = { at_least = 1 } } }
refuses = { reason = "no_use_left" }
"#;

/// Asks for the exchange of two rings and a chain with so many uses left, its lines and
/// groups as listed or turned around. Returns the units of each line that are exchanged.
fn exchanged(uses: i32, turned: bool) -> Vec<(String, i32)> {
    let mut source = terms(ONE_FREE_EXCHANGE);
    let exchanges = "exchange = \"exchange\"\n\n[words]\noptions = [\"care\"]";
    source.text = source.text.replace("return = \"return\"", exchanges);
    let catalog = Catalog::load(&[source]).unwrap();
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    order.total_paid.clear();
    order.payments.clear();
    order.options = vec![pb::PurchasedOption {
        code: "care".into(),
        quantity: uses,
        paid: "0.00".into(),
        used_count: Some(0),
        ..Default::default()
    }];
    let group = |worn: pb::Answer| pb::UnitGroup {
        quantity: 1,
        condition: Some(pb::Condition {
            worn: worn.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut rings = vec![group(pb::Answer::Yes), group(pb::Answer::No)];
    if turned {
        rings.reverse();
    }
    let mut lines = vec![
        pb::RequestLine {
            line_id: "ring".into(),
            groups: rings,
        },
        pb::RequestLine::units("chain", 1),
    ];
    if turned {
        lines.reverse();
    }
    let action = Action::Exchange(pb::ExchangeAction::default());
    message.request = Some(pb::CustomerRequest::new(action, lines));
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let verdict = decided.verdict.decode().unwrap();
    let request = message.request.unwrap();
    let mut got: Vec<(String, i32)> = Vec::new();
    for row in verdict.rows {
        if row.outcome() == pb::Outcome::Approved {
            let of = request.lines.iter().find(|l| l.line_id == row.line_id);
            let group = &of.unwrap().groups[row.group_index as usize];
            let worn = group.condition.as_ref().map(|c| c.worn().as_str_name());
            got.push((
                format!("{} {}", row.line_id, worn.unwrap_or_default()),
                row.quantity,
            ));
        }
    }
    got.sort();
    got
}

#[test]
fn uses_of_an_option_go_to_the_same_units_in_any_order_of_the_request() {
    for uses in 1..=4 {
        let got = exchanged(uses, false);
        assert_eq!(got.iter().map(|(_, n)| n).sum::<i32>(), uses.min(3));
        assert_eq!(got, exchanged(uses, true), "{uses} uses");
    }
    // The line ids say whose turn it is first.
    assert_eq!(exchanged(1, true)[0].0, "chain ");
}

const BY_RECEIVER: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "What the customer received comes back."
source = "Returns"
on     = "return"
unless = { receiver = "other_person" }
grants = { remedy = "refund", rank = 1 }

[[clause]]
id     = "ACM-02"
says   = "What somebody else received comes back too."
source = "Returns"
on     = "return"
when   = { receiver = "other_person" }
grants = { remedy = "refund", rank = 2 }
"#;

/// Grants the return of a ring that is in one of two parcels.
fn granted(first: pb::Receiver, second: pb::Receiver) -> pb::Row {
    let mut message = samples::decide();
    let mut order = two_parcels("2026-03-10T10:00:00Z", "2026-03-10T10:00:00Z");
    order.shipments[1].items[0].line_id = "ring".into();
    order.lines[0].quantity = 2;
    order.lines.truncate(1);
    for (parcel, receiver) in order.shipments.iter_mut().zip([first, second]) {
        parcel.receiver = receiver.into();
    }
    message.order = Some(order);
    let catalog = catalog(BY_RECEIVER);
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let mut verdict = decided.verdict.decode().unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    verdict.rows.remove(0)
}

#[test]
fn what_is_granted_in_either_parcel_cites_the_same_clause_in_any_order() {
    use pb::Receiver::{Customer, OtherPerson};
    let clause = |row: pb::Row| row.entitlement.unwrap().clause_id;
    assert_eq!(clause(granted(Customer, OtherPerson)), "ACM-01");
    assert_eq!(clause(granted(OtherPerson, Customer)), "ACM-01");
    assert_eq!(clause(granted(OtherPerson, OtherPerson)), "ACM-02");
}

const CREDIT: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Credit pays for rings."
source = "Credit, 1"
on     = "credit_use"
when   = { category = "ring" }
grants = { remedy = "credit_use", worth = "credit" }

[[clause]]
id     = "ACM-02"
says   = "Credit pays for anything else."
source = "Credit, 2"
on     = "credit_use"
unless = { category = "ring" }
grants = { remedy = "credit_use", worth = "credit" }
"#;

#[test]
fn credit_that_pays_for_several_lines_cites_the_first_clause_in_any_order() {
    let mut source = terms(CREDIT);
    source.text = source
        .text
        .replace("return = \"return\"", "credit_use = \"credit_use\"");
    let catalog = Catalog::load(&[source]).unwrap();
    for turned in [false, true] {
        let mut message = samples::decide();
        let order = message.order.as_mut().unwrap();
        order.lines[0].category = "ring".into();
        order.lines[1].category = "chain".into();
        let action = Action::CreditUse(pb::CreditUseAction {
            credit_amount: "200.00".into(),
            ..Default::default()
        });
        let mut lines = vec![
            pb::RequestLine::units("ring", 2),
            pb::RequestLine::units("chain", 1),
        ];
        if turned {
            order.lines.reverse();
            lines.reverse();
        }
        message.request = Some(pb::CustomerRequest::new(action, lines));
        let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
        let settlement = decided.verdict.decode().unwrap().settlement.unwrap();
        // 2 x 59.00 + 41.00 + 5.00
        assert_eq!(settlement.credit_used_total, "164.00");
        let used = settlement.items.iter();
        let used: Vec<_> = used.map(|item| item.clause_id.as_str()).collect();
        assert_eq!(used, ["ACM-01"], "{turned}");
    }
}
