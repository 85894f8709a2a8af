//! Names that declared facts had in earlier revisions, and values that are personal.

use redress::rpc::status::CallError;
use redress_client::pb;
use redress_client::pb::fact::Value;

use crate::declared::{asked, decide, request, supply};
use crate::samples::on;

/// The damage of rented gear under two names that it has.
fn damages(told: &[(&str, &str)]) -> Result<pb::Verdict, CallError> {
    let mut request = request();
    let start = Value::Time(on("2026-06-01").unwrap());
    supply(&mut request, "order.lines[0].facts[course_start]", start);
    let level = Value::Word("beginner".into());
    supply(&mut request, "order.lines[0].facts[level]", level);
    let unsigned = Value::Time(pb::EventTime::not_yet());
    supply(&mut request, "request.facts[release_sign]", unsigned);
    for (name, amount) in told {
        let path = format!("request.facts[{name}]");
        supply(&mut request, &path, Value::Amount((*amount).to_owned()));
    }
    decide(&request)
}

#[test]
fn earlier_names_are_understood() {
    for told in [
        &[("rental_damage", "15.50")][..],
        &[("gear_damage", "15.50")],
        // Both texts of a change of terms may ask for it.
        &[("gear_damage", "15.50"), ("rental_damage", "15.50")],
    ] {
        let verdict = damages(told).unwrap();
        assert_eq!(
            verdict.settlement.unwrap().refund_total,
            "104.50",
            "{told:?}"
        );
    }
    let Err(CallError::Invalid(violations)) =
        damages(&[("gear_damage", "15.50"), ("rental_damage", "16.00")])
    else {
        panic!("two amounts of one thing were taken");
    };
    let found = violations.iter().map(|v| (v.field.as_str(), v.kind.word()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("request.facts[2].name", "duplicate")]
    );
}

#[test]
fn what_nobody_can_tell_is_named_by_earlier_names_too() {
    let missing = |unavailable: &[&str]| {
        let mut request = request();
        let start = Value::Time(on("2026-06-01").unwrap());
        supply(&mut request, "order.lines[0].facts[course_start]", start);
        let paths = unavailable.iter().map(|path| (*path).to_owned());
        asked(&mut request).unavailable_paths = paths.collect();
        let missing = decide(&request).unwrap().missing;
        let paths = missing.into_iter().map(|fact| fact.path);
        paths.collect::<Vec<_>>()
    };
    const SIGNED: &str = "request.facts[waiver_sign]";
    assert!(missing(&[]).iter().any(|path| path == SIGNED));
    for name in ["waiver_sign", "waiver", "release_sign"] {
        let left = missing(&[&format!("request.facts[{name}]")]);
        assert!(!left.iter().any(|path| path == SIGNED), "{name}: {left:?}");
    }
    // One that it never had names nothing.
    let left = missing(&["request.facts[sign]"]);
    assert!(left.iter().any(|path| path == SIGNED), "{left:?}");
}

#[test]
fn errors_do_not_repeat_what_is_personal() {
    let mut request = request();
    let signed = Value::Time(on("2026-02-30").unwrap());
    supply(&mut request, "request.facts[waiver_sign]", signed);
    let Err(CallError::Invalid(violations)) = decide(&request) else {
        panic!("30 February was taken");
    };
    let [violation] = violations.as_slice() else {
        panic!("{violations:#?}");
    };
    assert_eq!(violation.field, "request.facts[0].time.date");
    assert!(
        !violation.description.contains("2026-02-30"),
        "{}",
        violation.description
    );
}
