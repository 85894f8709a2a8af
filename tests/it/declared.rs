//! A shop of another trade, from files alone: what it knows beyond the standard vocabulary
//! is declared in its policy, asked for, answered and decided.

use std::path::Path;

use redress::domain::time::Instant;
use redress::domain::verdict::Outcome;
use redress::engine::Budget;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::policy::source::Source;
use redress::rpc::status::CallError;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;
use redress_client::pb::fact::Value;

use crate::samples::on;

/// The policies of the tree that nobody's terms stand behind.
pub fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decide");
    Catalog::load(&load::policies(&folder).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

/// A course of 120.00, cancelled on 20 May; nothing that the shop declares is told.
pub fn request() -> pb::DecideRequest {
    let text = r#"{
        "policy": "climbing-courses",
        "order": {
            "order_id": "C-1",
            "currency_code": "EUR",
            "place_time": {"date": "2026-05-01"},
            "lines": [{
                "line_id": "course", "quantity": 1, "unit_price": "120.00", "discount": "0.00"
            }],
            "shipments": [{"shipment_id": "none", "ship_time": {"not_yet": {}}}],
            "options_complete": "ANSWER_YES",
            "delivery": {"paid": "0.00", "standard_cost": "0.00"},
            "discount": "0.00",
            "total_paid": "120.00"
        },
        "request": {
            "request_time": "2026-05-20T10:00:00Z",
            "lines": [{"line_id": "course", "groups": [{"quantity": 1}]}],
            "cancellation": {}
        }
    }"#;
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

pub fn decide(request: &pb::DecideRequest) -> Result<pb::Verdict, CallError> {
    let now = Instant::from_unix(0, 0).unwrap();
    let catalog = catalog();
    answer::decide(&catalog, request, now, &Budget::default())
        .map(|decided| decided.verdict.decode().unwrap())
}

fn fact(name: &str, value: Value) -> pb::Fact {
    pb::Fact {
        name: name.to_owned(),
        value: Some(value),
    }
}

/// Puts an entry where a path of a missing fact says: `order.lines[0].facts[NAME]`.
pub fn supply(request: &mut pb::DecideRequest, path: &str, value: Value) {
    let (list, name) = path.strip_suffix(']').unwrap().rsplit_once('[').unwrap();
    let entry = fact(name, value);
    match list {
        "order.lines[0].facts" => line(request).facts.push(entry),
        "request.facts" => asked(request).facts.push(entry),
        other => panic!("facts in {other}"),
    }
}

fn line(request: &mut pb::DecideRequest) -> &mut pb::Line {
    &mut request.order.as_mut().unwrap().lines[0]
}

pub fn asked(request: &mut pb::DecideRequest) -> &mut pb::CustomerRequest {
    request.request.as_mut().unwrap()
}

#[test]
fn what_is_declared_is_asked_for_answered_and_decided() {
    let mut request = request();
    request.language_codes = vec!["fr".into()];
    let verdict = decide(&request).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::NeedsInformation);
    let mut told: Vec<(&str, &str, pb::AnswerType)> = Vec::new();
    for fact in &verdict.missing {
        told.push((&fact.name, &fact.path, fact.answer_type()));
        let spoken = fact.question.ends_with('?') && fact.question.contains('\u{a0}');
        assert!(spoken, "{} is not French", fact.question);
    }
    told.sort_unstable_by_key(|(name, ..)| *name);
    assert_eq!(
        told,
        [
            (
                "course_start",
                "order.lines[0].facts[course_start]",
                pb::AnswerType::Event
            ),
            ("level", "order.lines[0].facts[level]", pb::AnswerType::Word),
            (
                "medical_note",
                "request.facts[medical_note]",
                pb::AnswerType::YesNo
            ),
            (
                "sessions_attended",
                "order.lines[0].facts[sessions_attended]",
                pb::AnswerType::Number
            ),
            (
                "waiver_sign",
                "request.facts[waiver_sign]",
                pb::AnswerType::Event
            ),
        ]
    );
    let level = verdict.missing.iter().find(|fact| fact.name == "level");
    assert_eq!(level.unwrap().words, ["beginner", "advanced", "coaching"]);
    for (path, value) in [
        (
            "order.lines[0].facts[course_start]",
            Value::Time(on("2026-06-01").unwrap()),
        ),
        (
            "order.lines[0].facts[level]",
            Value::Word("coaching".into()),
        ),
        ("order.lines[0].facts[sessions_attended]", Value::Number(0)),
        (
            "request.facts[waiver_sign]",
            Value::Time(on("2026-05-15").unwrap()),
        ),
        (
            "request.facts[medical_note]",
            Value::Answer(pb::Answer::Yes.into()),
        ),
        (
            "request.facts[rental_damage]",
            Value::Amount("20.00".into()),
        ),
    ] {
        supply(&mut request, path, value);
    }
    let verdict = decide(&request).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    assert_eq!(verdict.next_step(), pb::NextStep::Pay);
    // 120.00 less 20.00 for damaged gear: Course terms, 3.
    assert_eq!(verdict.payable_now_total, "100.00");
}

/// A mistake in an entry, with the path, the reason and a part of the description.
type Mistake = (
    &'static str,
    fn() -> Value,
    &'static str,
    pb::ErrorReason,
    &'static str,
);

const MISTAKES: [Mistake; 14] = [
    (
        "order.lines[0].facts[levl]",
        || Value::Word("beginner".into()),
        "order.lines[0].facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `level`? known are `course_start`, `level`, `sessions_attended`",
    ),
    (
        "order.lines[0].facts[session_attended]",
        || Value::Number(1),
        "order.lines[0].facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `sessions_attended`?",
    ),
    (
        "order.lines[0].facts[course_strat]",
        || Value::Time(on("2026-06-01").unwrap()),
        "order.lines[0].facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `course_start`?",
    ),
    (
        "request.facts[medical_notes]",
        || Value::Answer(pb::Answer::Yes.into()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `medical_note`?",
    ),
    (
        "request.facts[rental_damages]",
        || Value::Amount("5.00".into()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `rental_damage`?",
    ),
    (
        "request.facts[waver_sign]",
        || Value::Time(on("2026-05-15").unwrap()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `waiver_sign`?",
    ),
    // What is near a name of earlier revisions.
    (
        "request.facts[relese_sign]",
        || Value::Time(on("2026-05-15").unwrap()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "did you mean `waiver_sign`?",
    ),
    (
        "request.facts[level]",
        || Value::Word("beginner".into()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "`level` is of an order line; set it in `facts` of the line",
    ),
    (
        "request.facts[photos]",
        || Value::Answer(pb::Answer::Yes.into()),
        "request.facts[0].name",
        pb::ErrorReason::UnknownReference,
        "`photos` is a standard fact; set `request.evidence.photos`",
    ),
    (
        "order.lines[0].facts[level]",
        || Value::Word("beginer".into()),
        "order.lines[0].facts[0].word",
        pb::ErrorReason::UnknownWord,
        "did you mean `beginner`? known are `beginner`, `advanced`, `coaching`",
    ),
    (
        "order.lines[0].facts[level]",
        || Value::Number(1),
        "order.lines[0].facts[0].value",
        pb::ErrorReason::WrongType,
        "`level` is a word; set `word`",
    ),
    (
        "order.lines[0].facts[course_start]",
        || Value::Word("2026-06-01".into()),
        "order.lines[0].facts[0].value",
        pb::ErrorReason::WrongType,
        "`course_start` is an event; set `time`",
    ),
    (
        "order.lines[0].facts[sessions_attended]",
        || Value::Number(61),
        "order.lines[0].facts[0].number",
        pb::ErrorReason::OutOfRange,
        "is 61; give at least 0 and at most 60",
    ),
    (
        "request.facts[rental_damage]",
        || Value::Amount("5.001".into()),
        "request.facts[0].amount",
        pb::ErrorReason::InvalidAmount,
        "`5.001` has more digits than the currency's minor unit; round it half up, to `5.00`",
    ),
];

#[test]
fn a_typo_is_refused_with_the_right_word() {
    for (path, value, field, reason, description) in MISTAKES {
        let mut request = request();
        supply(&mut request, path, value());
        let Err(CallError::Invalid(violations)) = decide(&request) else {
            panic!("{path} was taken");
        };
        let [violation] = violations.as_slice() else {
            panic!("{path}: {violations:#?}");
        };
        assert_eq!(violation.field, field);
        let kind = format!("ERROR_REASON_{}", violation.kind.word().to_uppercase());
        assert_eq!(kind, reason.as_str_name());
        let told = &violation.description;
        assert!(told.contains(description), "{path}: {told}");
    }
}

#[test]
fn entries_stand_once_and_have_a_value() {
    let mut request = request();
    supply(
        &mut request,
        "request.facts[medical_note]",
        Value::Answer(1),
    );
    supply(
        &mut request,
        "request.facts[medical_note]",
        Value::Answer(2),
    );
    asked(&mut request).facts.push(pb::Fact {
        name: "waiver_sign".into(),
        value: None,
    });
    let Err(CallError::Invalid(violations)) = decide(&request) else {
        panic!("taken");
    };
    let found = violations.iter().map(|v| (v.field.as_str(), v.kind.word()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            ("request.facts[1].name", "duplicate"),
            ("request.facts[2].value", "required")
        ]
    );
}

#[test]
fn declared_events_happen_in_their_order() {
    let mut request = request();
    // The order was placed on 1 May.
    let signed = Value::Time(on("2026-04-20").unwrap());
    supply(&mut request, "request.facts[waiver_sign]", signed);
    let Err(CallError::Invalid(violations)) = decide(&request) else {
        panic!("taken");
    };
    let found = violations.iter().map(|v| (v.field.as_str(), v.kind.word()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("request.facts[waiver_sign]", "event_order")]
    );
}

#[test]
fn what_is_planned_says_when_and_not_that_it_has_happened() {
    let mut request = request();
    let starts = Value::Time(pb::EventTime::happened());
    line(&mut request).facts = vec![fact("course_start", starts)];
    let Err(CallError::Invalid(violations)) = decide(&request) else {
        panic!("a planned event has happened");
    };
    let found = violations.iter().map(|v| (v.field.as_str(), v.kind.word()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("order.lines[0].facts[course_start]", "event_order")]
    );
}

#[test]
fn a_form_can_be_built_from_the_policy() {
    let name = "policies/climbing-courses".to_owned();
    let reply = answer::get_policy(&catalog(), pb::GetPolicyRequest { name }).unwrap();
    let policy = reply.policy.unwrap();
    let facts = policy.facts.iter().filter(|fact| fact.declared);
    let facts = facts.map(|fact| (fact.name.as_str(), fact.value_type(), fact.path.as_str()));
    let of_line = "order.lines[line].facts";
    assert_eq!(
        facts.collect::<Vec<_>>(),
        [
            ("level", pb::FactType::Word, of_line),
            ("medical_note", pb::FactType::YesNo, "request.facts"),
            ("rental_damage", pb::FactType::Amount, "request.facts"),
            ("sessions_attended", pb::FactType::Number, of_line),
        ]
    );
    let level = policy
        .facts
        .iter()
        .find(|fact| fact.name == "level")
        .unwrap();
    assert_eq!(level.words, ["beginner", "advanced", "coaching"]);
    let french = level
        .questions
        .iter()
        .find(|text| text.language_code == "fr");
    assert!(french.unwrap().text.starts_with("Quel est le niveau"));
    // A language that the policy is not in has no question of its own.
    let languages = level
        .questions
        .iter()
        .map(|text| text.language_code.as_str());
    assert_eq!(languages.collect::<Vec<_>>(), ["en", "fr"]);
    let events = policy.events.iter().filter(|event| event.declared);
    let events: Vec<(&str, bool)> = events.map(|e| (e.name.as_str(), e.planned)).collect();
    assert_eq!(events, [("course_start", true), ("waiver_sign", false)]);
    let signing = policy.events.iter().find(|e| e.name == "waiver_sign");
    assert!(signing.unwrap().personal);
    assert_eq!(signing.unwrap().former_names, ["waiver", "release_sign"]);
    // A standard event that the terms do not look at is not listed.
    assert!(policy.events.iter().all(|event| event.name != "deliver"));
}

#[test]
fn the_request_of_an_option_supplies_what_the_terms_ask_for() {
    let mut told = request();
    for (path, value) in [
        (
            "order.lines[0].facts[course_start]",
            Value::Time(on("2026-06-01").unwrap()),
        ),
        (
            "order.lines[0].facts[level]",
            Value::Word("beginner".into()),
        ),
    ] {
        supply(&mut told, path, value);
    }
    let options = pb::ListOptionsRequest {
        policy: told.policy.clone(),
        order: told.order.clone(),
        request_time: asked(&mut told).request_time,
        with_requests: true,
        ..Default::default()
    };
    let now = Instant::from_unix(0, 0).unwrap();
    let reply = answer::list_options(&catalog(), &options, now, &Budget::default());
    let reply = reply.unwrap().to_message().unwrap();
    let option = reply
        .options
        .iter()
        .find(|o| o.remedy() == pb::Remedy::Refund)
        .unwrap();
    let request = option.request.clone().unwrap();
    let supplied = fact("medical_note", Value::Answer(pb::Answer::Yes.into()));
    assert_eq!(request.facts, [supplied]);
    let decided = decide(&pb::DecideRequest {
        request: Some(request),
        ..told
    });
    let decided = decided.unwrap();
    let missing: Vec<&str> = decided
        .missing
        .iter()
        .map(|fact| fact.path.as_str())
        .collect();
    let listed: Vec<&str> = option
        .missing
        .iter()
        .map(|fact| fact.path.as_str())
        .collect();
    assert_eq!(missing, listed);
}

#[test]
fn a_range_can_be_told_by_the_numbers_beyond_it() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decide/climbing-courses/always.toml");
    let text = std::fs::read_to_string(file).unwrap();
    let range = "{ above = 0 }";
    assert!(text.contains(range));
    let outcome = |range: &str, attended: i64| {
        let text = text.replace("{ above = 0 }", range);
        let path = "climbing-courses/always.toml".to_owned();
        let source = Source { path, text };
        let catalog = Catalog::load(&[source]).unwrap_or_else(|e| panic!("{e}"));
        let mut told = request();
        for (path, value) in [
            (
                "order.lines[0].facts[course_start]",
                Value::Time(on("2026-06-01").unwrap()),
            ),
            (
                "order.lines[0].facts[level]",
                Value::Word("coaching".into()),
            ),
            (
                "order.lines[0].facts[sessions_attended]",
                Value::Number(attended),
            ),
            (
                "request.facts[waiver_sign]",
                Value::Time(pb::EventTime::not_yet()),
            ),
        ] {
            supply(&mut told, path, value);
        }
        let now = Instant::from_unix(0, 0).unwrap();
        let decided = answer::decide(&catalog, &told, now, &Budget::default()).unwrap();
        decided.outcome
    };
    for (range, first, last) in [
        ("{ above = 2, below = 5 }", 3, 4),
        ("{ at_least = 3, below = 5 }", 3, 4),
        ("{ above = 2, at_most = 4 }", 3, 4),
        ("{ below = 5 }", 0, 4),
        ("{ above = 2 }", 3, 60),
    ] {
        for attended in [0, 2, 3, 4, 5, 60] {
            let inside = (first..=last).contains(&attended);
            let denied = outcome(range, attended) == Outcome::Denied;
            assert_eq!(denied, inside, "{range}, {attended}");
        }
    }
}

#[test]
fn a_declared_event_of_a_parcel_says_nothing_of_another_one() {
    let text = r#"
format    = 1
policy    = "crates"
revision  = "always"
title     = "Crates"
kind      = "terms"
time_zone = "Europe/Dublin"

[routes]
cancellation = "cancellation"

[events.customs_release]
of       = "parcel"
after    = ["ship"]
question = "When did customs release the parcel (or: not yet)?"
phrase   = "release by customs"

[[clause]]
id     = "CRA-01"
says   = "An order is cancelled for its price until all of it was sent."
source = "Terms, 1"
on     = "cancellation"
grants = { remedy = "refund" }

[[clause]]
id     = "CRA-02"
says   = "An order of which a part was sent is not cancelled."
source = "Terms, 2"
on     = "cancellation"
when   = { order_shipped = ["partly", "yes"] }
refuses = { reason = "sent" }
overrides = ["CRA-01"]

[[clause]]
id     = "CRA-03"
says   = "A parcel that customs released is not cancelled."
source = "Terms, 3"
on     = "cancellation"
when   = { happened = "customs_release" }
refuses = { reason = "released" }
overrides = ["CRA-01"]
"#;
    let path = "crates/always.toml".to_owned();
    let text = text.to_owned();
    let catalog = Catalog::load(&[Source { path, text }]).unwrap_or_else(|e| panic!("{e}"));
    // The unit in the second parcel, which was not sent, is cancelled. That the first was
    // released says that it was sent; of the second it says nothing.
    let decided = |released: usize| {
        let mut told = request();
        told.policy = "crates".into();
        let order = told.order.as_mut().unwrap();
        order.lines[0].quantity = 2;
        order.total_paid = "240.00".into();
        order.shipments = (0..2)
            .map(|number| pb::Shipment {
                shipment_id: format!("p-{number}"),
                items: vec![pb::ShipmentItem {
                    line_id: "course".into(),
                    quantity: 1,
                }],
                ship_time: (number != released).then(pb::EventTime::not_yet),
                facts: match number == released {
                    true => vec![fact(
                        "customs_release",
                        Value::Time(on("2026-05-10").unwrap()),
                    )],
                    false => Vec::new(),
                },
                ..Default::default()
            })
            .collect();
        asked(&mut told).lines[0].groups[0].shipment_id = "p-1".into();
        let now = Instant::from_unix(0, 0).unwrap();
        let decided = answer::decide(&catalog, &told, now, &Budget::default()).unwrap();
        let verdict = decided.verdict.decode().unwrap();
        let reasons = verdict.rows[0].reasons.iter();
        let clauses: Vec<String> = reasons.map(|r| r.clause_id.clone()).collect();
        (verdict.outcome(), clauses)
    };
    let denied = |clauses: &[&str]| {
        let clauses = clauses.iter().map(|id| (*id).to_owned()).collect();
        (pb::Outcome::Denied, clauses)
    };
    assert_eq!(decided(0), denied(&["CRA-02"]));
    assert_eq!(decided(1), denied(&["CRA-02", "CRA-03"]));
}
