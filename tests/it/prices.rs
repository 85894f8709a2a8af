//! What the units cost, where nobody has said: a discount on the order is shared by what
//! every line cost.

use redress::domain::facts::{Action, Ask, Facts, Order, Value};
use redress::domain::money::Amount;
use redress::domain::time::EventTime;
use redress::domain::verdict::Outcome;
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::catalog::Catalog;

use crate::generate::{self, Seed, instant, terms};
use crate::within::decide;

const PLACED: &str = "2026-03-24T15:00:00+01:00";

const REFUND: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price."
source = "Returns"
on     = "return"
grants = { remedy = "refund" }
"#;

const CREDIT: &str = r#"
credit_use = "return"

[[clause]]
id     = "ACM-01"
says   = "Credit pays for rings."
source = "Credit, 1"
on     = "return"
when   = { category = ["ring"] }
grants = { remedy = "credit_use" }

[[clause]]
id     = "ACM-02"
says   = "A box is sent again."
source = "Credit, 2"
on     = "return"
unless = { category = ["ring"] }
grants = { remedy = "replacement" }
"#;

/// Returns three lines of one unit each, of which some are to come back.
fn order(
    asked: &[&'static str],
    change: impl FnOnce(&mut Order<'static>),
) -> (Catalog, Facts<'static>) {
    asking((REFUND, Ask::of(Action::Return)), asked, change)
}

/// Returns three lines of one unit each, of which some are asked about.
fn asking(
    (clauses, ask): (&str, Ask<'static>),
    asked: &[&'static str],
    change: impl FnOnce(&mut Order<'static>),
) -> (Catalog, Facts<'static>) {
    let catalog = Catalog::load(&[terms(clauses)]).unwrap_or_else(|e| panic!("{e}"));
    let after = |hours| EventTime::At(instant(PLACED).plus_hours(hours));
    let mut seed = Seed::new(1);
    let lines = ["a", "b", "c"].map(|name| {
        let mut line = generate::line(&mut seed, name, 1, 1000);
        line.unit_price = None;
        line.discount = Some(Amount::ZERO);
        line
    });
    let mut order = generate::order(lines.to_vec(), after(0), after(60), after(70));
    order.discount = None;
    change(&mut order);
    let units = asked.iter().map(|name| generate::units(name, 1)).collect();
    let request = generate::request(instant(PLACED).plus_hours(80), units, ask);
    (catalog, Facts::new(order, request, None).unwrap())
}

/// What is missing: of the verdict, with the facts to ask for first, and of each row, with
/// whether other prices are missing too.
type Asked = (Vec<(String, Vec<String>)>, Vec<(Vec<String>, bool)>);

fn asked((catalog, facts): &(Catalog, Facts<'_>), view: View) -> Asked {
    let verdict = decide(catalog.plans().next().unwrap(), facts, view);
    let after = |guide: Option<&redress::domain::verdict::Guide>| {
        guide.map(|guide| guide.after.clone()).unwrap_or_default()
    };
    let all = verdict.missing.iter();
    let all = all.map(|fact| (fact.path.clone(), after(fact.guide.as_deref())));
    let rows = verdict.each().map(|(_, decision)| {
        let missing = &decision.missing;
        let waits = decision.outcome == Outcome::NeedsInformation;
        assert_eq!(waits, !missing.is_empty());
        let own = missing.facts.iter().map(|fact| fact.path.clone());
        (own.collect(), missing.other_prices)
    });
    (all.collect(), rows.collect())
}

fn price(line: usize) -> String {
    format!("order.lines[{line}].unit_price")
}

fn plain(paths: Vec<String>) -> Vec<(String, Vec<String>)> {
    paths.into_iter().map(|path| (path, Vec::new())).collect()
}

#[test]
fn prices_of_other_lines_stand_once_in_the_list_of_the_verdict() {
    let (all, rows) = asked(&order(&["a", "b"], |_| {}), View::Basic);
    let discount = || "order.discount".to_owned();
    let wanted = vec![discount(), price(0), price(1), price(2)];
    assert_eq!(all, plain(wanted));
    let row = |line| (vec![discount(), price(line)], true);
    assert_eq!(rows, [row(0), row(1)]);
}

#[test]
fn a_price_that_only_a_discount_would_need_is_asked_for_after_it() {
    let (all, _) = asked(&order(&["a", "b"], |_| {}), View::Full);
    let discount = || "order.discount".to_owned();
    let mut wanted = plain(vec![discount(), price(0), price(1)]);
    wanted.push((price(2), vec![discount()]));
    assert_eq!(all, wanted);
    // Nothing is left to share.
    let none = order(&["a", "b"], |order| order.discount = Some(Amount::ZERO));
    let (all, rows) = asked(&none, View::Full);
    assert_eq!(all, plain(vec![price(0), price(1)]));
    assert_eq!(rows, [(vec![price(0)], false), (vec![price(1)], false)]);
}

#[test]
fn a_row_whose_own_price_is_known_can_wait_for_those_of_other_lines_alone() {
    let shared = order(&["a"], |order| {
        order.discount = Some(Amount::from_minor(300));
        order.lines[0].unit_price = Some(Amount::from_minor(1000));
    });
    let (all, rows) = asked(&shared, View::Full);
    assert_eq!(all, plain(vec![price(1), price(2)]));
    assert_eq!(rows, [(vec![], true)]);
}

#[test]
fn prices_that_nobody_knows_lead_to_a_person_once_nothing_else_is_missing() {
    let of_others = |paths: Vec<String>| {
        let (catalog, facts) = order(&["a"], |order| {
            order.discount = Some(Amount::from_minor(300));
            order.lines[0].unit_price = Some(Amount::from_minor(1000));
        });
        let mut request = facts.request().clone();
        request.unavailable = Box::leak(paths.into_boxed_slice());
        let facts = facts.with_request(request).unwrap();
        let verdict = decide(catalog.plans().next().unwrap(), &facts, View::Basic);
        let missing = verdict.missing.iter().map(|fact| fact.path.clone());
        (verdict.outcome, missing.collect::<Vec<_>>())
    };
    assert_eq!(
        of_others(vec![price(1)]),
        (Outcome::NeedsInformation, vec![price(2)])
    );
    let (outcome, missing) = of_others(vec![price(1), price(2)]);
    assert_eq!((outcome, missing.len()), (Outcome::NeedsReview, 0));
}

#[test]
fn whoever_waits_for_prices_of_other_rows_says_so() {
    let mut ask = Ask::of(Action::CreditUse);
    ask.set(Fact::CreditAmount, Value::Amount(Amount::from_minor(500)));
    ask.set(Fact::Payout, Value::YesNo(false));
    let shared = asking((CREDIT, ask), &["a", "b"], |order| {
        order.discount = Some(Amount::from_minor(300));
        for (line, category) in order.lines.iter_mut().zip(["ring", "box"]) {
            line.facts.set(Fact::Category, Value::Word(category));
            line.unit_price = Some(Amount::from_minor(1000));
        }
    });
    // What the ring cost depends on what the third line did; the box waits with it.
    let (all, rows) = asked(&shared, View::Basic);
    assert_eq!(all, plain(vec![price(2)]));
    assert_eq!(rows, [(vec![], true), (vec![], true)]);
}
