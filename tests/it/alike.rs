//! What rows of a request that are alike share, and what each has of its own.

use crate::within::decide;
use redress::domain::facts::{Action, Ask, Facts, Order};
use redress::domain::time::EventTime;
use redress::domain::verdict::Bound;
use redress::domain::vocabulary::Event;
use redress::engine::View;
use redress::policy::catalog::Catalog;

use crate::generate::{self, Seed, instant, terms};

const PLACED: &str = "2026-03-24T15:00:00+01:00";

/// Asks for the return of two lines under terms, their order changed beforehand; it was
/// shipped after 60 hours, delivered after 70, and the return is asked for after 80.
fn two_lines(clauses: &str, change: impl FnOnce(&mut Order<'_>)) -> (Catalog, Facts<'static>) {
    let catalog = Catalog::load(&[terms(clauses)]).unwrap();
    let mut seed = Seed::new(1);
    let lines = ["a", "b"].map(|name| generate::line(&mut seed, name, 1, 1000));
    let mut order = generate::order(lines.to_vec(), after(0), after(60), after(70));
    change(&mut order);
    let units = vec![generate::units("a", 1), generate::units("b", 1)];
    let ask = Ask::of(Action::Return);
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
        for (line, hours) in order.lines.iter_mut().zip([1, 49]) {
            line.facts.set_event(Event::DesignConfirm, after(hours));
        }
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
        .map(|(row, decision)| (decision.missing.facts[0].path.as_str(), row.amount));
    let waits = ("order.delivery.paid", None);
    assert_eq!(told.collect::<Vec<_>>(), [waits, waits]);
}
