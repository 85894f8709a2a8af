//! What is not asked for although terms name it: money of the order that cannot be paid.

use std::collections::BTreeSet;

use redress::domain::facts::{Action, Ask, EarlierRemedy, Facts, Order, Remedy, Value};
use redress::domain::money::Amount;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::catalog::Catalog;

use crate::generate::{self, Seed, id, instant, terms};
use crate::within::decide;

const PLACED: &str = "2026-03-24T15:00:00+01:00";

/// Asks for the return of so many of two units under terms, their order changed beforehand.
/// Returns what is asked for.
fn asked(clauses: &str, units: i32, change: impl FnOnce(&mut Order<'static>)) -> BTreeSet<String> {
    let catalog = Catalog::load(&[terms(clauses)]).unwrap_or_else(|e| panic!("{e}"));
    let after = |hours| EventTime::At(instant(PLACED).plus_hours(hours));
    let line = generate::line(&mut Seed::new(1), "a", 2, 5900);
    let mut order = generate::order(vec![line], after(0), after(10), after(20));
    order.delivery.paid = Some(Amount::from_minor(490));
    order.delivery.standard_cost = Some(Amount::from_minor(490));
    change(&mut order);
    let request = generate::request(
        instant(PLACED).plus_hours(80),
        vec![generate::units("a", units)],
        Ask::of(Action::Return),
    );
    let facts = Facts::new(order, request, None).unwrap();
    let verdict = decide(catalog.plans().next().unwrap(), &facts, View::Basic);
    verdict
        .missing
        .iter()
        .map(|fact| fact.path.clone())
        .collect()
}

fn paths(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn what_was_paid_for_delivery_is_asked_for_where_some_of_it_can_come_back() {
    const STANDARD: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price and standard delivery."
source = "Returns"
on     = "return"
grants = { remedy = "refund", delivery = "standard" }
"#;
    let standard = |minor| {
        asked(STANDARD, 2, |order| {
            order.delivery.paid = None;
            order.delivery.standard_cost = Some(Amount::from_minor(minor));
        })
    };
    assert_eq!(standard(490), paths(&["order.delivery.paid"]));
    assert_eq!(standard(0), paths(&[]));
}

#[test]
fn what_only_decides_on_delivery_is_asked_for_where_delivery_can_be_paid() {
    const GIFTS: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price."
source = "Returns, 1"
on     = "return"
grants = { remedy = "refund" }

[[clause]]
id     = "ACM-02"
says   = "Of a gift delivery comes back too."
source = "Returns, 2"
on     = "return"
when   = { gift = true }
adds   = { delivery = "paid" }
"#;
    let gift = |units, paid| {
        asked(GIFTS, units, |order| {
            order.facts.set(Fact::Gift, Value::Unknown);
            order.delivery.paid = Some(Amount::from_minor(paid));
        })
    };
    assert_eq!(gift(2, 490), paths(&["order.gift"]));
    // A part of the order brings no delivery back, and one that cost nothing does not.
    assert_eq!(gift(1, 490), paths(&[]));
    assert_eq!(gift(2, 0), paths(&[]));
}

#[test]
fn what_only_decides_on_a_fee_is_not_asked_for_once_the_fee_was_taken() {
    const FEES: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price."
source = "Returns, 1"
on     = "return"
grants = { remedy = "refund" }

[[clause]]
id     = "ACM-02"
says   = "Of an order that was no gift 5.00 EUR are kept."
source = "Returns, 2"
on     = "return"
when   = { gift = false }
adds   = { deduct = { fixed = "5.00", currency = "EUR", per = "order", code = "handling_fee" } }
"#;
    let after_refund = |minor| {
        asked(FEES, 1, |order| {
            order.facts.set(Fact::Gift, Value::Unknown);
            order.earlier.push(EarlierRemedy {
                taken: Vec::new(),
                shipment: None,
                payments: Vec::new(),
                line: Some(id("a")),
                quantity: 1,
                remedy: Remedy::Refund,
                amount: Amount::from_minor(minor),
                delivery_amount: Amount::ZERO,
                options_amount: Amount::ZERO,
                surcharge: Amount::ZERO,
                consumed: None,
                reason: None,
            });
        })
    };
    assert_eq!(after_refund(5900), paths(&["order.gift"]));
    assert_eq!(after_refund(5600), paths(&["order.gift"]));
    assert_eq!(after_refund(5400), paths(&[]));
}
