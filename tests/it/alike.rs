//! Rows that are alike are decided once: whichever row of a request comes first, and so
//! is decided by itself, each gets the same answer.

use std::path::Path;

use redress::domain::facts::{
    Ask, ClaimKind, CustomerKind, DefectFinding, Facts, Order, Receiver, Request, RequestLine,
    Shipment, TagReason,
};
use redress::domain::few::Few;
use redress::domain::money::Amount;
use redress::domain::time::EventTime;
use redress::domain::verdict::{Bound, Decision, Row};
use redress::engine::{View, decide};
use redress::load;
use redress::policy::catalog::Catalog;

use crate::generate::{self, Seed, id, instant, terms};

const PLACED: &str = "2026-03-24T15:00:00+01:00";
const LINES: usize = 6;

/// Says yes, no, or nothing.
fn maybe(seed: &mut Seed) -> Option<bool> {
    *seed.pick(&[
        Some(true),
        Some(false),
        Some(false),
        Some(false),
        Some(false),
        None,
    ])
}

/// Makes an order of a few kinds of lines in two parcels.
fn order(seed: &mut Seed) -> Order<'static> {
    let placed = instant(PLACED);
    let at = |hours: i64| EventTime::At(placed.plus_hours(hours));
    let mut lines = Vec::new();
    for number in 0..LINES {
        let price = 2000 + seed.below(9000) as i64;
        let quantity = 1 + seed.below(3) as i32;
        let mut line = generate::line(seed, &format!("line-{number}"), quantity, price);
        line.category = Some(*seed.pick(&["ring", "ring", "box"]));
        line.personalized = match seed.below(16) {
            0 => None,
            other => Some(other < 5),
        };
        line.tags.complete = Some(true);
        line.tag_reason = Some(TagReason::Seasonal);
        line.taped = Some(true);
        line.set = Some(false);
        line.available = Some(!seed.one_in(4));
        if seed.one_in(8) {
            line.unit_price = None;
        }
        if seed.one_in(10) {
            line.confirm = at(seed.below(40) as i64);
            line.production_start = at(12);
        }
        lines.push(line);
    }
    let split: (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| (line.id, line.quantity))
        .partition(|_| seed.one_in(2));
    let mut order = generate::order(lines, EventTime::At(placed), at(24), at(70));
    order.customer.kind = Some(CustomerKind::Consumer);
    order.charged = Some(true);
    order.gift = Some(seed.one_in(4));
    order.return_agreed = Some(false);
    order.delivery.paid = Some(Amount::from_minor(490));
    order.delivery.standard_cost = Some(Amount::from_minor(490));
    let base = order.shipments[0].clone();
    let later = at(70 + seed.below(20) as i64);
    let parcel = |name: &str, items, deliver| Shipment {
        id: id(name),
        items: Some(Few::Many(items)),
        deliver,
        receiver: Some(Receiver::Customer),
        named: true,
        ..base.clone()
    };
    let parcels = [parcel("p1", split.0, at(70)), parcel("p2", split.1, later)];
    order.shipments = parcels
        .into_iter()
        .filter(|p| p.items.as_ref().is_some_and(|items| !items.is_empty()))
        .collect();
    order
}

/// Names units of every line, some of them looked at.
fn asked(seed: &mut Seed, order: &Order<'static>) -> Vec<RequestLine<'static>> {
    let mut lines = Vec::new();
    for line in &order.lines {
        let mut units = generate::units(line.id.as_str(), 1);
        for group in &mut units.groups {
            group.condition.worn = maybe(seed);
            group.condition.packaging_complete = Some(!seed.one_in(5));
            group.condition.customer_fault = maybe(seed);
            if seed.one_in(6) {
                group.finding.defect = Some(DefectFinding::Confirmed);
                group.finding.defect_at_delivery = maybe(seed);
            }
            if seed.one_in(6) {
                let cents = seed.below(3000) as i64;
                group.finding.deterioration = Some(Amount::from_minor(cents));
                group.finding.value_loss = Some(Amount::from_minor(cents));
            }
        }
        lines.push(units);
    }
    lines
}

fn request(seed: &mut Seed, lines: Vec<RequestLine<'static>>) -> Request<'static> {
    let now = instant(PLACED).plus_hours(91 + seed.below(24 * 40) as i64);
    let ask = match seed.below(5) {
        0 => Ask::Return { reason: None },
        1 => Ask::Withdrawal,
        2 => Ask::Cancellation { reason: None },
        3 => Ask::Exchange {
            reason: Some("size"),
            wanted_unit_price: Some(Amount::from_minor(5000)),
            wanted_available: Some(true),
        },
        _ => Ask::Claim {
            kind: Some(*seed.pick(ClaimKind::ALL)),
            defect_type: Some("other"),
            text_language: None,
            translation_free: None,
            text_author: None,
            courier_informed: Some(true),
        },
    };
    let mut request = generate::request(now, lines, ask);
    request.statement_send = EventTime::At(now);
    request.form_send = EventTime::At(now);
    request.order_number_quoted = Some(true);
    request.evidence.photos = Some(true);
    request
}

/// Writes what a row is told, whatever else is asked for with it.
fn told((row, decision): (&Row<'_>, &Decision<'_>)) -> String {
    format!(
        "{} {} {decision:?} {:?}",
        row.line_id, row.quantity, row.amount
    )
}

#[test]
fn each_row_gets_the_answer_that_it_gets_first() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let catalog = Catalog::load(&load::policies(&folder).unwrap()).unwrap();
    let mut shared = 0_usize;
    for plan in catalog.plans() {
        for number in 0..100 {
            let mut seed = Seed::new(number);
            let order = order(&mut seed);
            let lines = asked(&mut seed, &order);
            let request = request(&mut seed, lines);
            if plan.route(request.ask.action()).is_none() {
                continue;
            }
            let facts = Facts::new(order.clone(), request.clone(), None).unwrap();
            let all = decide(plan, &facts, View::Basic);
            for (place, (row, decision)) in all.each().enumerate() {
                let again = all.rows.iter().take(place);
                shared += again.filter(|r| r.decision == row.decision).count().min(1);
                let mut turned = request.clone();
                turned.lines.rotate_left(row.place.request_line);
                let facts = Facts::new(order.clone(), turned, None).unwrap();
                let first = decide(plan, &facts, View::Basic);
                let mut expected = told((row, decision));
                let mut given = told(first.each().next().unwrap());
                // Paths of missing facts name places in the request.
                for text in [&mut expected, &mut given] {
                    while let Some(start) = text.find("request.lines[") {
                        let end = start + "request.lines[".len();
                        let close = end + text[end..].find(']').unwrap();
                        text.replace_range(start..=close, "units");
                    }
                }
                assert_eq!(given, expected, "{} {number}", plan.policy);
            }
        }
    }
    // What is compared has to be there.
    assert!(shared > 150, "{shared} rows were decided with another");
}

/// Asks for the return of two lines under terms, their order changed beforehand; it was
/// shipped after 60 hours, delivered after 70, and the return is asked for after 80.
fn two_lines(clauses: &str, change: impl FnOnce(&mut Order<'_>)) -> (Catalog, Facts<'static>) {
    let catalog = Catalog::load(&[terms(clauses)]).unwrap();
    let mut seed = Seed::new(1);
    let lines = ["a", "b"].map(|name| generate::line(&mut seed, name, 1, 1000));
    let mut order = generate::order(lines.to_vec(), after(0), after(60), after(70));
    change(&mut order);
    let units = vec![generate::units("a", 1), generate::units("b", 1)];
    let ask = Ask::Return { reason: None };
    let request = generate::request(instant(PLACED).plus_hours(80), units, ask);
    (catalog, Facts::new(order, request, None).unwrap())
}

/// Returns so many hours after the order was placed.
fn after(hours: i64) -> EventTime {
    EventTime::At(instant(PLACED).plus_hours(hours))
}

#[test]
fn lines_with_events_of_their_own_are_not_alike() {
    let clauses = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back within 10 days of the day on which their design was confirmed."
source = "Returns"
on     = "return"
within = { days = 10, after = "design_confirm" }
grants = { remedy = "refund" }
"#;
    let (catalog, facts) = two_lines(clauses, |order| {
        order.lines[0].design_confirm = after(1);
        order.lines[1].design_confirm = after(49);
    });
    let plan = catalog.plans().next().unwrap();
    let verdict = decide(plan, &facts, View::Basic);
    let closes: Vec<String> = verdict
        .each()
        .map(|(_, decision)| {
            let entitlement = decision.entitlement.as_ref().unwrap();
            match entitlement.window.unwrap().closes {
                Bound::At(at) => at.to_string(),
                other => panic!("{other:?}"),
            }
        })
        .collect();
    // 24 March and 10 days: up to the end of 3 April; 26 March: of 5 April, both in
    // summer time.
    assert_eq!(closes, ["2026-04-03T22:00:00Z", "2026-04-05T22:00:00Z"]);
}

#[test]
fn rows_that_wait_for_a_fact_of_the_order_are_worth_nothing_yet() {
    let clauses = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price and what was paid for delivery."
source = "Returns"
on     = "return"
grants = { remedy = "refund", delivery = "paid" }
"#;
    let (catalog, facts) = two_lines(clauses, |order| {
        order.delivery.paid = None;
        order.total_paid = None;
        order.payments = Vec::new();
    });
    let verdict = decide(catalog.plans().next().unwrap(), &facts, View::Basic);
    let told = verdict
        .each()
        .map(|(row, decision)| (decision.missing[0].path.as_str(), row.amount));
    let waits = ("order.delivery.paid", None);
    assert_eq!(told.collect::<Vec<_>>(), [waits, waits]);
}
