//! The guides for callers come to what they show: each command, then what has come to be known,
//! laid over the request, and what is said then.

use std::fs;
use std::path::Path;
use std::process::Command;

use prost::Message;
use redress::server::config::Config;
use redress_client::pb;
use serde_json::Value;
use tonic::codegen::http::Version;

use crate::http::{self, DECIDE, granted};
use crate::running::Running;

/// Returns the blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let inside = page.split("```").skip(1).step_by(2);
    inside.map(|b| b.split_once('\n').unwrap()).collect()
}

/// Lays members over those of an object; what is no object is replaced.
fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay_over(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// Follows a page, and returns how often it says what is answered.
fn follow(page: &str, name: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    let (mut request, mut flags, mut shown) = (Value::Null, Vec::new(), 0);
    for (language, body) in blocks(page) {
        match language {
            "sh" => {
                let mut words = body
                    .trim()
                    .strip_prefix("redress decide ")
                    .unwrap()
                    .split(' ');
                let example = fs::read_to_string(root.join(words.next().unwrap())).unwrap();
                request = serde_json::from_str(&example).unwrap();
                flags = words.collect();
            }
            "json" => lay_over(&mut request, serde_json::from_str(body).unwrap()),
            "text" => {
                fs::write(&file, request.to_string()).unwrap();
                let output = Command::new(env!("CARGO_BIN_EXE_redress"))
                    .arg("decide")
                    .arg(&file)
                    .args(&flags)
                    .output()
                    .unwrap();
                let told = String::from_utf8(output.stdout).unwrap();
                for line in body.lines() {
                    let found = told.lines().any(|one| one.starts_with(line));
                    assert!(found, "{name}: `{line}` is not said:\n{told}");
                }
                shown += 1;
            }
            _ => {}
        }
    }
    shown
}

#[test]
fn the_way_from_a_question_to_an_answer_is_as_shown() {
    let page = include_str!("../../docs/answering-what-is-missing.md");
    assert_eq!(follow(page, "answering"), 5);
}

#[test]
fn the_way_from_an_approval_to_a_payment_is_as_shown() {
    let page = include_str!("../../docs/when-to-pay.md");
    assert_eq!(follow(page, "when_to_pay"), 5);
}

/// `docs/versions.md`: what a client that is newer than the server sends.
#[tokio::test]
async fn what_a_newer_client_sends_is_passed_over_or_refused() {
    let server = Running::built_in(Config::default()).await;
    let post = |content_type, body| {
        http::post(server.address, Version::HTTP_11, DECIDE, content_type, body)
    };
    let plain = granted().encode_to_vec();
    let known = post("application/proto", plain.clone()).await;
    assert_eq!(known.status, 200);

    // Field 1000 of the request, a text.
    let mut newer = plain;
    newer.extend_from_slice(&[0xc2, 0x3e, 1, b'x']);
    let reply = post("application/proto", newer).await;
    assert_eq!((reply.status, &reply.body), (200, &known.body));

    let mut json: Value = serde_json::from_str(http::GRANTED).unwrap();
    lay_over(&mut json, serde_json::json!({"newer": "x"}));
    let reply = post("application/json", json.to_string().into_bytes()).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("newer"), "{}", reply.text());

    let mut request = granted();
    request.request.as_mut().unwrap().channel = 99;
    let reply = post("application/proto", request.encode_to_vec()).await;
    assert_eq!(reply.status, 400);
    let reason = pb::ErrorReason::UnknownEnum.as_str_name();
    assert!(reply.text().contains(reason), "{}", reply.text());

    let path = "/redress.v1.DecisionService/Newer";
    let body = b"{}".to_vec();
    let address = server.address;
    let reply = http::post(address, Version::HTTP_11, path, "application/json", body).await;
    assert_eq!(reply.status, 404);
    server.stop().await;
}
