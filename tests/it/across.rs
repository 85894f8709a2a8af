//! Orders across a change of terms: decided by both texts, and reviewed where they
//! differ, if the text that they were placed under says so.

use crate::within::decide;
use redress::domain::facts::{Action, Ask, Facts, Payment, PaymentMethod, Value};
use redress::domain::few::Few;
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{Answer, OptionStatus, Outcome, Verdict};
use redress::domain::vocabulary::Event;
use redress::engine::{Budget, Options, OptionsQuery, TermsChange, View, decide_across};
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;
use redress::policy::source::Source;

use crate::generate::{self, Seed, instant};

/// The first text grants 30 days, the one of 1 June 14 days.
fn catalog(across: &str) -> Catalog {
    catalog_with(across, [30, 14], ["", ""])
}

/// Returns two texts that grant some days each, with what each adds besides.
fn catalog_with(across: &str, days: [u32; 2], adds: [&str; 2]) -> Catalog {
    let revision = |date: &str, of: usize, across: &str| Source {
        path: format!("acme-shop/{date}.toml"),
        text: format!(
            r#"
format    = 1
policy    = "acme-shop"
revision  = "{date}"
title     = "Acme Shop"
kind      = "terms"
time_zone = "Europe/Paris"
{across}
[routes]
return = "return"

[[clause]]
id     = "ACM-01"
says   = "A piece comes back within {days} days."
source = "Returns"
on     = "return"
within = {{ days = {days}, after = "deliver" }}
grants = {{ remedy = "refund" }}

[[clause]]
id     = "ACM-02"
says   = "The shop may change this page."
source = "Updates"
inert  = "says that the text may change"
{adds}
"#,
            days = days[of],
            adds = adds[of]
        ),
    };
    Catalog::load(&[
        revision("2026-01-01", 0, across),
        revision("2026-06-01", 1, ""),
    ])
    .unwrap_or_else(|e| panic!("{e}"))
}

/// An order of 25 May, delivered on the 28th.
fn facts(request_time: &str) -> Facts<'_> {
    let mut seed = Seed::new(7);
    let line = generate::line(&mut seed, "a", 1, 5900);
    let at = |text: &str| EventTime::At(instant(text));
    let mut order = generate::order(
        vec![line],
        at("2026-05-25T10:00:00+02:00"),
        at("2026-05-26T10:00:00+02:00"),
        at("2026-05-28T10:00:00+02:00"),
    );
    order.payments = vec![Payment {
        state: None,
        captured_amount: None,
        id: generate::id("card"),
        amount: Amount::from_minor(5900),
        method: Some(PaymentMethod::Card),
        // Somebody else than the buyer.
        payer: Some(generate::id("friend")),
    }];
    let units = vec![generate::units("a", 1)];
    let ask = Ask::of(Action::Return);
    Facts::new(
        order,
        generate::request(instant(request_time), units, ask),
        None,
    )
    .unwrap()
}

fn plan(catalog: &Catalog, facts: &Facts) -> (String, Option<String>) {
    let plan = catalog
        .find("acme-shop", None, facts.order().facts.event(Event::Place))
        .unwrap();
    let later = catalog.later(plan, facts.request().request_time);
    (plan.revision.clone(), later.map(|p| p.revision.clone()))
}

fn revision<'c>(catalog: &'c Catalog, revision: &str) -> &'c Plan {
    catalog.plans().find(|p| p.revision == revision).unwrap()
}

fn change(catalog: &Catalog) -> TermsChange<'_> {
    let old = revision(catalog, "2026-01-01");
    TermsChange {
        old,
        new: revision(catalog, "2026-06-01"),
        clause: old.across.as_ref().unwrap(),
    }
}

fn across<'a>(catalog: &'a Catalog, facts: &'a Facts) -> Verdict<'a> {
    decide_across(change(catalog), facts, View::Basic, &Budget::default()).unwrap()
}

#[test]
fn the_later_text_counts_only_once_it_is_in_force_and_only_if_the_first_says_so() {
    let says_so = catalog("across = \"ACM-02\"");
    let may = facts("2026-05-31T23:59:59+02:00");
    assert_eq!(plan(&says_so, &may), ("2026-01-01".to_owned(), None));
    let june = facts("2026-06-01T00:00:00+02:00");
    let both = ("2026-01-01".to_owned(), Some("2026-06-01".to_owned()));
    assert_eq!(plan(&says_so, &june), both);
    assert_eq!(plan(&catalog(""), &june), ("2026-01-01".to_owned(), None));
}

#[test]
fn where_both_texts_agree_the_first_decides() {
    let catalog = catalog("across = \"ACM-02\"");
    // 28 May + 14 days = 11 June: in time by both.
    let facts = facts("2026-06-11T10:00:00+02:00");
    let old = revision(&catalog, "2026-01-01");
    assert_eq!(across(&catalog, &facts), decide(old, &facts, View::Basic));
    assert_eq!(across(&catalog, &facts).outcome, Outcome::Approved);
}

#[test]
fn where_they_differ_a_person_decides_and_the_first_is_recommended() {
    let catalog = catalog("across = \"ACM-02\"");
    // Day 15: in time by the first text, late by the second.
    let facts = facts("2026-06-12T00:00:00+02:00");
    let verdict = across(&catalog, &facts);
    assert_eq!(verdict.outcome, Outcome::NeedsReview);
    assert!(verdict.settlement.is_none());
    let (_, decision) = verdict.each().next().unwrap();
    assert_eq!(decision.reasons[0].code, "terms_changed");
    assert_eq!(decision.reasons[0].clause.unwrap().id, "ACM-02");
    let [first, second] = decision.candidates.as_slice() else {
        panic!("{:?}", decision.candidates);
    };
    assert!(first.recommended && matches!(first.answer, Answer::Entitlement { .. }));
    assert!(!second.recommended);
    assert!(matches!(&second.answer, Answer::Refusal(r) if r.code == "window_closed"));
}

#[test]
fn options_across_a_change_agree_with_decisions() {
    let catalog = catalog("across = \"ACM-02\"");
    let change = change(&catalog);
    for (at, status) in [
        ("2026-06-11T23:59:59+02:00", OptionStatus::Open),
        ("2026-06-12T00:00:00+02:00", OptionStatus::NeedsReview),
        ("2026-06-27T23:59:59+02:00", OptionStatus::NeedsReview),
        ("2026-06-28T00:00:00+02:00", OptionStatus::Closed),
    ] {
        let order = facts(at).order().clone();
        let query = OptionsQuery {
            order,
            request_time: Instant::parse(at).unwrap(),
            lines: Few::new(),
            requester: Value::Unknown,
            actions: Vec::new(),
            line_by_line: true,
        };
        let asks = Options::new(query)
            .unwrap()
            .asks(change.old, &Budget::default())
            .unwrap();
        let (options, _) = asks
            .list_across(change, View::Basic, &Budget::default())
            .unwrap();
        assert_eq!(options[0].status, status, "{at}");
    }
}

/// Decides on day 10 by two texts of 30 days, each with additions of its own.
fn with_additions(old: &str, new: &str) -> (Outcome, Option<String>) {
    let clause = |adds: &str| match adds {
        "" => String::new(),
        _ => format!(
            "[[clause]]\nid = \"ACM-03\"\nsays = \"More.\"\nsource = \"Returns\"\non = \"return\"\nadds = {{ {adds} }}"
        ),
    };
    let catalog = catalog_with(
        "across = \"ACM-02\"",
        [30, 30],
        [&clause(old), &clause(new)],
    );
    let facts = facts("2026-06-07T10:00:00+02:00");
    let verdict = across(&catalog, &facts);
    let (_, decision) = verdict.each().next().unwrap();
    let code = decision.reasons.first().map(|r| r.code.to_owned());
    (verdict.outcome, code)
}

#[test]
fn texts_that_differ_in_any_part_of_what_is_granted_are_reviewed() {
    let task = |code: &str, days: u32| {
        format!(
            "obliges = {{ party = \"shop\", code = \"{code}\", by = {{ days = {days}, after = \"request\" }} }}"
        )
    };
    let (refund, report, later) = (task("refund", 14), task("report", 14), task("refund", 30));
    for (one, other) in [
        ("return_payer = \"customer\"", "return_payer = \"shop\""),
        ("return_risk = \"customer\"", "return_risk = \"carrier\""),
        (
            "return_address = \"1 High Street\"",
            "return_address = \"2 High Street\"",
        ),
        ("payee = \"payer\"", "payee = \"buyer\""),
        (
            "due = { days = 14, after = \"request\" }",
            "due = { days = 15, after = \"request\" }",
        ),
        (
            "release = \"receive\"",
            "release = { first = [\"receive\", \"proof\"] }",
        ),
        (
            "deduct = { percent = \"10\" }",
            "deduct = { percent = \"11\" }",
        ),
        (
            "condition = { code = \"unworn\", when = { worn = false }, failed = \"denied\" }",
            "condition = { code = \"unworn\", when = { worn = false }, failed = \"needs_review\" }",
        ),
        (&refund, &report),
        (&refund, &later),
    ] {
        let granted = (Outcome::Approved, Some("granted".to_owned()));
        let changed = (Outcome::NeedsReview, Some("terms_changed".to_owned()));
        assert_eq!(with_additions(one, one), granted, "{one}");
        assert_eq!(with_additions(one, other), changed, "{one} and {other}");
        assert_eq!(with_additions(other, one), changed, "{other} and {one}");
    }
}

#[test]
fn what_one_text_alone_says_of_the_way_back_is_a_difference() {
    for one in [
        "return_payer = \"customer\"",
        "return_risk = \"customer\"",
        "return_address = \"1 High Street\"",
        "obliges = { party = \"customer\", code = \"send_goods_back\" }",
    ] {
        let (outcome, _) = with_additions(one, "");
        assert_eq!(outcome, Outcome::NeedsReview, "{one}");
        assert_eq!(with_additions("", one).0, Outcome::NeedsReview, "{one}");
    }
    // A notice is no part of the answer.
    let notice = with_additions("notice = \"look\"", "");
    assert_eq!(notice.0, Outcome::Approved);
}
