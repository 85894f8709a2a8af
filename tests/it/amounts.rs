//! Amounts on their way in and out: fractions of the minor unit, and what is said of an
//! amount that nobody has told.

use redress::domain::violation::ViolationKind;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
use crate::samples::{self, now};

const CLAUSES: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price, the whole order with its delivery."
source = "Returns, 1"
on     = "return"
grants = { remedy = "refund", delivery = "paid" }

[[clause]]
id     = "ACM-02"
says   = "Who has goods collected owes what that costs."
source = "Returns, 2"
on     = "return"
adds   = { charge = "collection_cost" }

[[clause]]
id     = "ACM-03"
says   = "A person looks at goods that were used."
source = "Returns, 3"
on     = "return"
when   = { category = "used" }
refers = { reason = "used" }
"#;

/// Decides a return under these terms, with all there is in the reply.
fn decide(change: impl FnOnce(&mut pb::DecideRequest)) -> Result<pb::Verdict, CallError> {
    let catalog = Catalog::load(&[terms(CLAUSES)]).unwrap();
    let mut message = samples::decide();
    message.view = pb::View::Full.into();
    for line in &mut message.order.as_mut().unwrap().lines {
        line.category = "new".into();
    }
    change(&mut message);
    answer::decide(&catalog, &message, now(), &Budget::default())?
        .verdict
        .decode()
}

/// States the price of one ring as the only amount of an order in a currency.
fn price(currency: &str, amount: &str) -> Result<pb::Verdict, CallError> {
    decide(|message| {
        let order = message.order.as_mut().unwrap();
        order.currency_code = currency.into();
        order.lines.truncate(1);
        order.lines[0].unit_price = amount.into();
        order.lines[0].discount = "0".into();
        order.delivery = None;
        order.discount = "0".into();
        order.total_paid.clear();
        order.payments.clear();
    })
}

#[test]
fn zeros_behind_the_minor_unit_are_no_fraction_of_it() {
    for (currency, amount, paid) in [
        ("JPY", "9899", "9899"),
        ("JPY", "9899.00", "9899"),
        ("JPY", "9899.0", "9899"),
        ("EUR", "59.000", "59.00"),
        ("EUR", "59.9000", "59.90"),
        ("KWD", "59.1230", "59.123"),
    ] {
        let verdict = price(currency, amount).unwrap();
        let settlement = verdict.settlement.unwrap();
        assert_eq!(settlement.refund_total, paid, "{currency} {amount}");
    }
    for (currency, amount) in [
        ("JPY", "9899.50"),
        ("JPY", "9899.01"),
        ("EUR", "59.001"),
        ("EUR", "59.0001"),
        ("KWD", "59.1234"),
    ] {
        let Err(CallError::Invalid(found)) = price(currency, amount) else {
            panic!("{currency} {amount}");
        };
        let told: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.kind)).collect();
        let wanted = [("order.lines[0].unit_price", ViolationKind::InvalidAmount)];
        assert_eq!(told, wanted, "{currency} {amount}");
    }
}

/// Returns how an item of a settlement came about, by the code of its kind.
fn arithmetic(verdict: pb::Verdict, kind: pb::SettlementKind) -> (String, String) {
    let items = verdict.settlement.unwrap().items;
    let item = items.into_iter().find(|item| item.kind() == kind);
    let item = item.expect("an item of the kind");
    (item.amount, item.arithmetic)
}

#[test]
fn a_pending_amount_names_its_cause() {
    let charge = decide(|_| {}).unwrap();
    let wanted = "pending: the cost of collection is not known yet";
    let told = arithmetic(charge, pb::SettlementKind::Charge);
    assert_eq!(told, (String::new(), wanted.to_owned()));

    // Both rings come back; whether the chain does, a person decides.
    let delivery = decide(|message| {
        message.order.as_mut().unwrap().lines[1].category = "used".into();
        let request = message.request.as_mut().unwrap();
        request.lines = vec![
            pb::RequestLine::units("ring", 2),
            pb::RequestLine::units("chain", 1),
        ];
    });
    let wanted = "pending: other units are not decided yet";
    let told = arithmetic(delivery.unwrap(), pb::SettlementKind::Delivery);
    assert_eq!(told, (String::new(), wanted.to_owned()));

    let told = decide(|message| {
        let journey = pb::ReturnJourney {
            collection_cost: "15.00".into(),
            ..Default::default()
        };
        message.request.as_mut().unwrap().journey = Some(journey);
    });
    let told = arithmetic(told.unwrap(), pb::SettlementKind::Charge);
    assert_eq!(told, ("15.00".to_owned(), "15.00".to_owned()));
}

const FEE_AND_CONDITION: &str = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back for their price."
source = "Returns, 1"
on     = "return"
grants = { remedy = "refund" }

[[clause]]
id     = "ACM-02"
says   = "Each piece costs 9.00 EUR."
source = "Returns, 2"
on     = "return"
adds   = { deduct = { fixed = "9.00", currency = "EUR", per = "unit" } }

[[clause]]
id     = "ACM-03"
says   = "Goods have to be unworn."
source = "Returns, 3"
on     = "return"
adds   = { condition = { code = "unworn", when = { worn = false }, failed = "denied" } }
"#;

/// Decides the return of a ring of 59.00 in a currency, looked at or not.
fn unworn(currency: &str, worn: pb::Answer) -> pb::Verdict {
    let catalog = Catalog::load(&[terms(FEE_AND_CONDITION)]).unwrap();
    let mut message = samples::decide();
    message.order.as_mut().unwrap().currency_code = currency.into();
    message.request.as_mut().unwrap().lines[0].groups[0].condition = Some(pb::Condition {
        worn: worn.into(),
        ..Default::default()
    });
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    decided.verdict.decode().unwrap()
}

#[test]
fn a_failed_condition_outweighs_an_amount_in_another_currency() {
    use pb::{Answer, Outcome};
    for (currency, worn, outcome, reason) in [
        ("EUR", Answer::No, Outcome::Approved, "granted"),
        ("EUR", Answer::Yes, Outcome::Denied, "condition_failed"),
        ("GBP", Answer::No, Outcome::NeedsReview, "currency_differs"),
        (
            "GBP",
            Answer::Unspecified,
            Outcome::NeedsReview,
            "currency_differs",
        ),
        ("GBP", Answer::Yes, Outcome::Denied, "condition_failed"),
    ] {
        let verdict = unworn(currency, worn);
        assert_eq!(verdict.outcome(), outcome, "{currency} {worn:?}");
        assert_eq!(verdict.rows[0].reasons[0].code, reason);
    }
}

/// Decides the return of a ring delivered on 4 March and asked for on 20 March, day 16, in
/// a currency, where dear orders come back within so many days, and others as a clause says.
fn dear(
    (days, others): (u32, &str),
    currency: &str,
    deliver_time: Option<pb::EventTime>,
) -> pb::Verdict {
    let clauses = format!(
        r#"
[[clause]]
id     = "ACM-01"
says   = "What is bought for 50.00 EUR or more comes back within {days} days."
source = "Returns, 1"
on     = "return"
when   = {{ order_value = {{ at_least = "50.00", currency = "EUR" }} }}
within = {{ days = {days}, after = "deliver" }}
grants = {{ remedy = "refund" }}

[[clause]]
id     = "ACM-02"
says   = "Of what is bought for less it is another matter."
source = "Returns, 2"
on     = "return"
when   = {{ order_value = {{ below = "50.00", currency = "EUR" }} }}
{others}
"#
    );
    let catalog = Catalog::load(&[terms(&clauses)]).unwrap_or_else(|e| panic!("{e}"));
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    order.currency_code = currency.into();
    order.shipments[0].deliver_time = deliver_time;
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    decided.verdict.decode().unwrap()
}

const REFUSED: &str = r#"refuses = { reason = "cheap" }"#;
const WITHIN_A_WEEK: &str = r#"within = { days = 7, after = "deliver" }
grants = { remedy = "refund" }"#;
const REFERRED: &str = r#"refers = { reason = "cheap" }"#;

#[test]
fn a_closed_window_outweighs_a_comparison_in_another_currency() {
    use pb::Outcome;
    for (days, others, currency, outcome, reason) in [
        (16, REFUSED, "EUR", Outcome::Approved, "granted"),
        (15, REFUSED, "EUR", Outcome::Denied, "window_closed"),
        (16, REFUSED, "GBP", Outcome::NeedsReview, "currency_differs"),
        (15, REFUSED, "GBP", Outcome::Denied, "window_closed"),
        (15, WITHIN_A_WEEK, "GBP", Outcome::Denied, "window_closed"),
        // In one of the two a person decides.
        (
            15,
            REFERRED,
            "GBP",
            Outcome::NeedsReview,
            "currency_differs",
        ),
    ] {
        let verdict = dear((days, others), currency, samples::on("2026-03-04"));
        assert_eq!(verdict.outcome(), outcome, "{currency} {days} {others}");
        assert_eq!(verdict.rows[0].reasons[0].code, reason);
    }
    // Shipped on 2 March it can be late and it can be in time.
    let unknown = dear((15, REFUSED), "GBP", None);
    assert_eq!(unknown.outcome(), Outcome::NeedsInformation);
    assert_eq!(unknown.missing[0].path, "order.shipments[0].deliver_time");
}
