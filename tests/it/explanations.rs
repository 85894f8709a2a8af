//! What a verdict tells of its reasons: facts with what stands at their path, the window
//! that a refusal rests on, a wish that is met; and what an option over several lines is.

use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::policy::source::Source;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

use crate::generate::instant;

/// Returns, exchanges and cancellations of a shop in Paris.
const TERMS: &str = r#"
format    = 1
policy    = "lamp-shop"
revision  = "always"
title     = "Lamp Shop"
kind      = "terms"
time_zone = "Europe/Paris"

[routes]
return       = "return"
exchange     = "exchange"
cancellation = "cancellation"

[[clause]]
id     = "LMP-01"
says   = "A lamp can be returned for its price within 14 days of delivery."
source = "Returns"
on     = "return"
within = { days = 14, after = "deliver" }
grants = { remedy = "partial_refund" }

[[clause]]
id        = "LMP-02"
says      = "A lamp that is sent back more than 20 days after delivery is not taken back."
source    = "Returns"
on        = "return"
when      = { past = { days = 20, after = "deliver", act = "hand_over", opens = "any" } }
overrides = ["LMP-01"]
refuses   = { reason = "sent_late" }

[[clause]]
id     = "LMP-03"
says   = "A lamp is exchanged for one that costs as much."
source = "Exchanges"
on     = "exchange"
when   = { wanted_worth = "equal" }
grants = { remedy = "exchange" }

[[clause]]
id      = "LMP-04"
says    = "A lamp is not exchanged for one that costs more or less."
source  = "Exchanges"
on      = "exchange"
when    = { wanted_worth = ["lower", "higher"] }
refuses = { reason = "other_price" }

[[clause]]
id     = "LMP-05"
says   = "What has not been made can be cancelled."
source = "Cancellations"
on     = "cancellation"
within = { before = "production_start" }
grants = { remedy = "refund" }
"#;

/// Two lamps of 40.00, both delivered on Monday 9 March 2026 at noon.
const ORDER: &str = r#""order": {
  "order_id": "O-1", "currency_code": "EUR", "discount": "0.00",
  "place_time": {"time": "2026-03-02T10:00:00+01:00"},
  "lines": [
    {"line_id": "a", "quantity": 1, "unit_price": "40.00", "discount": "0.00" PRODUCTION_A},
    {"line_id": "b", "quantity": 1, "unit_price": "40.00", "discount": "0.00" PRODUCTION_B}
  ],
  "shipments": [{"shipment_id": "p", "deliver_time": {"time": "2026-03-09T12:00:00+01:00"}}]
}"#;

fn order(a: &str, b: &str) -> String {
    ORDER.replace("PRODUCTION_A", a).replace("PRODUCTION_B", b)
}

fn catalog() -> Catalog {
    let source = Source {
        path: "lamp-shop/always.toml".to_owned(),
        text: TERMS.to_owned(),
    };
    Catalog::load(&[source]).unwrap_or_else(|e| panic!("{e}"))
}

/// Decides a request about line `a` at full view.
fn decide(request: &str, more: &str) -> pb::Verdict {
    let text = format!(
        r#"{{"policy": "lamp-shop", "view": "VIEW_FULL", {},
            "request": {{"lines": [{{"line_id": "a", "groups": [{{"quantity": 1}}]}}], {request}}}
            {more}}}"#,
        order("", "")
    );
    let schema = Schema::new().unwrap();
    let request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
    let now = instant("2026-06-01T10:00:00+02:00");
    let catalog = catalog();
    let decided = answer::decide(&catalog, &request, now, &Budget::default()).unwrap();
    decided.verdict.decode().unwrap()
}

fn facts(reason: &pb::Reason) -> Vec<(&str, &str)> {
    let pairs = reason.facts.iter();
    pairs.map(|f| (f.path.as_str(), f.value.as_str())).collect()
}

/// 9 March + 14 = 23 March, that day inside: the window closes where the 24th begins.
#[test]
fn a_window_shows_its_act_what_it_counts_from_and_its_bound() {
    let verdict = decide(
        r#""request_time": "2026-03-23T23:59:59+01:00", "goods_return": {}"#,
        "",
    );
    let row = &verdict.rows[0];
    assert_eq!(row.outcome(), pb::Outcome::Approved);
    let shown = facts(&row.reasons[0]);
    for fact in [
        ("request.request_time", "2026-03-23T22:59:59Z"),
        ("order.shipments[0].deliver_time", "2026-03-09T11:00:00Z"),
        ("window.closes", "2026-03-23T23:00:00Z"),
    ] {
        assert!(shown.contains(&fact), "{fact:?} among {shown:?}");
    }
}

/// Asked for in time and sent on 31 March; 9 March + 20 = 29 March, in summer time.
#[test]
fn a_refusal_that_rests_on_a_window_carries_it() {
    let sent = |day: &str| {
        let request = format!(
            r#""request_time": "2026-03-20T10:00:00+01:00", "goods_return": {{}},
               "journey": {{"hand_over_time": {{"time": "{day}"}}}}"#
        );
        decide(&request, r#", "decide_time": "2026-04-01T10:00:00+02:00""#)
    };
    let late = sent("2026-03-30T00:00:00+02:00");
    let row = &late.rows[0];
    assert_eq!(row.outcome(), pb::Outcome::Denied);
    assert_eq!(row.reasons[0].code, "sent_late");
    let window = row.window.as_ref().expect("the window of the refusal");
    assert_eq!(window.last_local_moment, "2026-03-29T23:59:59+02:00");
    let shown = facts(&row.reasons[0]);
    let act = ("request.journey.hand_over_time", "2026-03-29T22:00:00Z");
    assert!(shown.contains(&act), "{shown:?}");
    let in_time = sent("2026-03-29T23:59:59+02:00");
    assert_eq!(in_time.rows[0].outcome(), pb::Outcome::Approved);
}

#[test]
fn a_comparison_of_prices_shows_the_price_that_was_told() {
    let verdict = decide(
        r#""request_time": "2026-03-20T10:00:00+01:00",
           "exchange": {"wanted_unit_price": "40.01"}"#,
        "",
    );
    let row = &verdict.rows[0];
    assert_eq!(row.reasons[0].code, "other_price");
    let price = ("request.exchange.wanted_unit_price", "40.01");
    assert_eq!(facts(&row.reasons[0]), [price]);
    let equal = decide(
        r#""request_time": "2026-03-20T10:00:00+01:00",
           "exchange": {"wanted_unit_price": "40.00"}"#,
        "",
    );
    assert_eq!(equal.rows[0].outcome(), pb::Outcome::Approved);
}

#[test]
fn a_wish_for_a_refund_is_met_by_a_partial_one_and_no_other() {
    let wish = |wants: &str| {
        let request = format!(
            r#""request_time": "2026-03-20T10:00:00+01:00", "goods_return": {{}}, "wants": "{wants}""#
        );
        let verdict = decide(&request, "");
        let codes = verdict.rows[0].reasons.iter().map(|r| r.code.clone());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(wish("REMEDY_REFUND"), ["granted"]);
    assert_eq!(wish("REMEDY_PARTIAL_REFUND"), ["granted"]);
    assert_eq!(wish("REMEDY_STORE_CREDIT"), ["granted", "wish_unmet"]);
}

/// Lists the cancellations of the whole order, as `(status, lines, amount)`.
fn cancellations(a: &str, b: &str) -> Vec<(pb::OptionStatus, Vec<String>, String)> {
    let text = format!(
        r#"{{"policy": "lamp-shop", {}, "request_time": "2026-03-05T10:00:00+01:00"}}"#,
        order(a, b).replace(
            r#""deliver_time": {"time": "2026-03-09T12:00:00+01:00"}"#,
            r#""ship_time": {"not_yet": {}}"#
        )
    );
    let schema = Schema::new().unwrap();
    let query: pb::ListOptionsRequest =
        schema.read(&text, "redress.v1.ListOptionsRequest").unwrap();
    let catalog = catalog();
    let now: Instant = instant("2026-03-05T10:00:00+01:00");
    let listed = answer::list_options(&catalog, &query, now, &Budget::default()).unwrap();
    let whole = |o: &&pb::OrderOption| o.together && o.action() == pb::Action::Cancellation;
    let reply = listed.to_message().unwrap();
    let options = reply.options.iter().filter(whole);
    let told = |o: &pb::OrderOption| (o.status(), o.line_ids.clone(), o.amount.clone());
    options.map(told).collect()
}

#[test]
fn an_option_over_lines_that_differ_is_what_the_best_of_them_are() {
    use pb::OptionStatus::{Closed, NeedsInformation, Open};
    let made = r#", "production_start_time": {"time": "2026-03-04T10:00:00+01:00"}"#;
    let not_made = r#", "production_start_time": {"not_yet": {}}"#;
    let unknown = "";
    let both = || vec!["a".to_owned(), "b".to_owned()];
    let one = |id: &str| vec![id.to_owned()];
    for (a, b, status, lines, amount) in [
        (not_made, not_made, Open, both(), "80.00"),
        (not_made, made, Open, one("a"), "40.00"),
        (made, not_made, Open, one("b"), "40.00"),
        (not_made, unknown, Open, one("a"), "40.00"),
        (made, unknown, NeedsInformation, one("b"), ""),
        (made, made, Closed, both(), ""),
    ] {
        let wanted = vec![(status, lines, amount.to_owned())];
        assert_eq!(cancellations(a, b), wanted, "{a} {b}");
    }
}
