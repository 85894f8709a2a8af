//! Words of standard facts that a policy lists: others are refused, options are listed for
//! those that there are, and a form can offer them.

use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

use crate::declared::catalog;

/// A vase of 120.00 of which everything is told but its category and why it is returned.
fn request() -> pb::DecideRequest {
    let text = r#"{
        "policy": "order-value",
        "order": {
            "order_id": "V-1", "currency_code": "EUR",
            "place_time": {"date": "2026-03-02"},
            "options_complete": "ANSWER_YES",
            "delivery": {"paid": "0.00", "standard_cost": "0.00"},
            "discount": "0.00",
            "lines": [{"line_id": "vase", "quantity": 1, "unit_price": "120.00", "discount": "0.00",
                       "tags": ["outlet"], "tags_complete": "ANSWER_YES"}],
            "shipments": [{"shipment_id": "p", "ship_time": {"date": "2026-03-05"},
                           "deliver_time": {"date": "2026-03-09"}}],
            "facts": [{"name": "deposit", "amount": "0.00"}]
        },
        "request": {
            "request_time": "2026-03-20T10:00:00Z",
            "lines": [{"line_id": "vase", "groups": [{"quantity": 1}]}],
            "goods_return": {}
        }
    }"#;
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

fn decide(request: &pb::DecideRequest) -> Result<pb::Verdict, CallError> {
    let now = Instant::from_unix(0, 0).unwrap();
    answer::decide(&catalog(), request, now, &Budget::default())
        .map(|decided| decided.verdict.decode().unwrap())
}

/// Why the vase is returned.
fn with_reason(reason: &str) -> pb::DecideRequest {
    let mut request = request();
    let asked = request.request.as_mut().unwrap();
    let reason = reason.to_owned();
    asked.action = Some(pb::customer_request::Action::GoodsReturn(
        pb::ReturnAction { reason },
    ));
    request
}

#[test]
fn words_that_are_not_listed_are_refused_with_the_nearest() {
    let mut request = with_reason("damagd");
    let line = &mut request.order.as_mut().unwrap().lines[0];
    line.category = "vases".into();
    line.contents = vec!["bowl".into(), "lmap".into()];
    line.tags = vec!["outlet".into(), "seasonal".into()];
    let Err(CallError::Invalid(violations)) = decide(&request) else {
        panic!("taken");
    };
    let mut found: Vec<_> = violations
        .iter()
        .map(|v| (v.field.as_str(), v.kind.word(), v.description.as_str()))
        .collect();
    found.sort_unstable();
    let expected = [
        (
            "order.lines[0].category",
            "`vases` is not among the words of `category`; did you mean `vase`? known are `vase`, `bowl`, `lamp`",
        ),
        (
            "order.lines[0].contents[1]",
            "`lmap` is not among the words of `category`; did you mean `lamp`? known are `vase`, `bowl`, `lamp`",
        ),
        (
            "order.lines[0].tags[1]",
            "`seasonal` is not among the words of `tag`; known are `outlet`, `sale`",
        ),
        (
            "request.goods_return.reason",
            "`damagd` is not among the words of `return_reason`; did you mean `damaged`? known are `dislike`, `damaged`",
        ),
    ];
    assert_eq!(
        found,
        expected.map(|(field, why)| (field, "unknown_word", why))
    );
}

#[test]
fn what_is_missing_offers_the_words_that_are_listed() {
    let verdict = decide(&request()).unwrap();
    let asked = verdict.missing.iter();
    let asked: Vec<_> = asked
        .map(|fact| (fact.path.as_str(), fact.words.as_slice()))
        .collect();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let (kinds, reasons) = (
        words(&["vase", "bowl", "lamp"]),
        words(&["dislike", "damaged"]),
    );
    // Why it is returned matters only of a lamp.
    assert_eq!(
        asked,
        [
            ("order.lines[0].category", kinds.as_slice()),
            ("request.goods_return.reason", reasons.as_slice()),
        ]
    );
}

#[test]
fn options_are_listed_for_the_reasons_that_there_are() {
    let told = request();
    let mut order = told.order.unwrap();
    order.lines[0].category = "lamp".into();
    let options = pb::ListOptionsRequest {
        policy: told.policy,
        order: Some(order),
        request_time: told.request.unwrap().request_time,
        with_requests: true,
        ..Default::default()
    };
    let now = Instant::from_unix(0, 0).unwrap();
    let reply = answer::list_options(&catalog(), &options, now, &Budget::default());
    let reply = reply.unwrap().to_message().unwrap();
    let mut classes: Vec<&str> = reply
        .options
        .iter()
        .flat_map(|option| &option.reason_classes)
        .map(String::as_str)
        .collect();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes, ["return_reason=damaged", "return_reason=dislike"]);
}

#[test]
fn a_form_offers_the_words_that_are_listed() {
    let name = "policies/order-value".to_owned();
    let reply = answer::get_policy(&catalog(), pb::GetPolicyRequest { name }).unwrap();
    let policy = reply.policy.unwrap();
    let of = |name: &str| policy.facts.iter().find(|fact| fact.name == name).unwrap();
    assert_eq!(of("category").words, ["vase", "bowl", "lamp"]);
    assert_eq!(of("return_reason").words, ["dislike", "damaged"]);
    assert_eq!(of("tag").parameters, ["outlet", "sale"]);
}

#[test]
fn what_else_can_be_asked_for_is_listed_by_its_names() {
    let text = r#"{
        "policy": "climbing-courses",
        "order": {
            "order_id": "C-1", "currency_code": "EUR",
            "place_time": {"date": "2026-05-01"},
            "lines": [{"line_id": "course", "quantity": 1}]
        },
        "request_time": "2026-05-20T10:00:00Z",
        "actions": ["ACTION_OTHER"]
    }"#;
    let schema = Schema::new().unwrap();
    let options: pb::ListOptionsRequest =
        schema.read(text, "redress.v1.ListOptionsRequest").unwrap();
    let now = Instant::from_unix(0, 0).unwrap();
    let reply = answer::list_options(&catalog(), &options, now, &Budget::default());
    let reply = reply.unwrap().to_message().unwrap();
    let mut listed: Vec<(pb::OptionStatus, &str)> = reply
        .options
        .iter()
        .flat_map(|option| {
            let classes = option.reason_classes.iter();
            classes.map(|class| (option.status(), class.as_str()))
        })
        .collect();
    listed.sort_unstable_by_key(|(_, class)| *class);
    assert_eq!(
        listed,
        [
            (pb::OptionStatus::Open, "other_action=make_up_session"),
            (pb::OptionStatus::Closed, "other_action=name_transfer"),
        ]
    );
}

#[test]
fn what_else_is_asked_for_is_named() {
    for (name, field, kind) in [
        ("", "request.other.name", "required"),
        ("makeup_session", "request.other.name", "unknown_word"),
    ] {
        let mut request = request();
        request.policy = "climbing-courses".into();
        let order = request.order.as_mut().unwrap();
        order.facts.clear();
        let asked = request.request.as_mut().unwrap();
        let name = name.to_owned();
        asked.action = Some(pb::customer_request::Action::Other(pb::OtherAction {
            name,
        }));
        let Err(CallError::Invalid(violations)) = decide(&request) else {
            panic!("taken");
        };
        let found = violations.iter().map(|v| (v.field.as_str(), v.kind.word()));
        assert_eq!(found.collect::<Vec<_>>(), [(field, kind)]);
    }
}
