//! The engine as a library: what an embedding program sees.

use std::error::Error as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use redress::{Engine, Error, Source, pb};

/// 2 June 2026, 10:00 in UTC.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_394_400)
}

fn example(engine: &Engine) -> pb::DecideRequest {
    let text = include_str!("../../examples/return_plain_piece.json");
    engine.from_json(text).unwrap()
}

#[test]
fn a_directory_decides_as_what_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built_in = Engine::builtin().unwrap();
    let read = Engine::from_dir(root.join("policies")).unwrap();
    let request = example(&built_in);
    let verdict = built_in.decide(&request, now()).unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    assert_eq!(read.decide(&request, now()).unwrap(), verdict);
    let text = built_in.to_json(&verdict).unwrap();
    assert_eq!(built_in.from_json::<pb::Verdict>(&text).unwrap(), verdict);
}

#[test]
fn now_counts_only_where_the_request_does_not_say_when_it_came() {
    let engine = Engine::builtin().unwrap();
    let mut request = example(&engine);
    let verdict = engine.decide(&request, now()).unwrap();
    assert_eq!(
        engine.decide(&request, SystemTime::UNIX_EPOCH).unwrap(),
        verdict
    );
    request.request.as_mut().unwrap().request_time = None;
    let later = engine.decide(&request, now()).unwrap();
    let receipt = later.receipt.unwrap();
    assert_eq!(receipt.request_time.unwrap().seconds, 1_780_394_400);
}

#[test]
fn errors_name_what_is_wrong_and_what_it_comes_of() {
    let engine = Engine::builtin().unwrap();
    let mut request = example(&engine);
    request.order.as_mut().unwrap().lines[0].unit_price = "12.345".to_owned();
    match engine.decide(&request, now()) {
        Err(Error::Invalid(violations)) => {
            assert_eq!(violations.len(), 1, "{violations:?}");
            assert_eq!(violations[0].field, "order.lines[0].unit_price");
        }
        other => panic!("{other:?}"),
    }
    let mut request = example(&engine);
    request.policy = "no-such-shop".to_owned();
    match engine.decide(&request, now()) {
        Err(Error::PolicyNotFound { policy }) => assert_eq!(policy, "no-such-shop"),
        other => panic!("{other:?}"),
    }
    let wrong = engine.from_json::<pb::DecideRequest>("{\"polizy\": 1}");
    let cause = wrong.unwrap_err().source().unwrap().to_string();
    assert!(cause.contains("polizy"), "{cause}");
    let broken = Engine::from_sources(&[Source {
        path: "shop/always.toml".to_owned(),
        text: "format = 1\npolicy = \"shop\"\nrevison = \"always\"\n".to_owned(),
    }]);
    let cause = broken.unwrap_err().source().unwrap().to_string();
    assert!(cause.contains("shop/always.toml:3"), "{cause}");
    let nowhere = Engine::from_dir("no/such/directory").unwrap_err();
    let cause = nowhere.source().unwrap().to_string();
    assert!(cause.contains("no/such/directory"), "{cause}");
    // Down to what the system says.
    let system = nowhere.source().and_then(std::error::Error::source);
    let system = system.unwrap();
    assert!(system.is::<std::io::Error>(), "{system:?}");
}
