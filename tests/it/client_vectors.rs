//! The Rust client passes the vectors, as those in other languages do: each request alone, then
//! all as batches, against a real server.

use prost_reflect::DescriptorPool;
use redress::server::config::Config;
use redress::wire::FILE_DESCRIPTOR_SET;
use redress_client::{Refusal, Verdict, pb};
use serde_json::Value;

use crate::running::Running;
use crate::vectors::{Vector, as_json, differs, error_as_json, vectors};

#[path = "../../client/examples/worklist.rs"]
#[expect(dead_code, reason = "the example's own start reads its input")]
mod worklist;

/// What one batch holds at most.
const BATCH: usize = 200;

fn request(vector: &Vector) -> pb::DecideRequest {
    let request = vector.members["request"].clone();
    serde_json::from_value(request).unwrap_or_else(|error| panic!("{}: {error}", vector.name()))
}

/// Says where an answer is not as its vector states.
fn compare(vector: &Vector, got: Result<&Verdict, &Refusal>, in_batch: bool) -> Vec<String> {
    let mut found = Vec::new();
    let name = vector.name();
    match got {
        Ok(verdict) => {
            let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
            let Some(stated) = vector.members.get("verdict") else {
                return vec![format!("{name}: got a verdict")];
            };
            differs(&name, stated, &as_json(&pool, &verdict.message), &mut found);
            // What the client reads of it says the same.
            let word = |of: &str| of.to_uppercase().replace('_', "");
            let read = |key: &str| stated.get(key).and_then(Value::as_str).map(word);
            let outcome = format!("OUTCOME{:?}", verdict.outcome);
            assert_eq!(read("outcome"), Some(word(&outcome)), "{name}");
            if let Some(step) = read("next_step") {
                let taken = format!("NEXTSTEP{:?}", verdict.next_step);
                assert_eq!(step, word(&taken), "{name}");
            }
            let missing = stated["missing"].as_array().unwrap().iter();
            let paths: Vec<&str> = missing.map(|fact| fact["path"].as_str().unwrap()).collect();
            let asked: Vec<&str> = verdict.missing.iter().map(|m| m.path.as_str()).collect();
            assert_eq!(asked, paths, "{name}");
            let written = serde_json::to_string(verdict).unwrap();
            let again: Verdict = serde_json::from_str(&written).unwrap();
            assert_eq!(again, *verdict, "{name}");
        }
        Err(refusal) => {
            let Some(mut stated) = vector.members.get("error").cloned() else {
                return vec![format!("{name}: {refusal}")];
            };
            if in_batch {
                stated.as_object_mut().unwrap().remove("code");
            }
            differs(&name, &stated, &error_as_json(refusal), &mut found);
        }
    }
    found
}

#[tokio::test]
async fn each_is_answered_alone_and_in_a_batch_as_it_says() {
    let server = Running::built_in(Config::default()).await;
    let client = server.client().await;
    let vectors = vectors();
    assert!(vectors.len() > 70);
    let mut wrong = Vec::new();
    for vector in &vectors {
        let answer = client.decide(request(vector)).await;
        let answer = answer.as_ref().map_err(|e| e.refusal().unwrap());
        wrong.extend(compare(vector, answer, false));
    }
    for some in vectors.chunks(BATCH) {
        let results = client.batch_decide(some.iter().map(request)).await.unwrap();
        for (vector, result) in some.iter().zip(&results) {
            wrong.extend(compare(vector, result.as_ref(), true));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    server.stop().await;
}

#[tokio::test]
async fn the_worklist_names_every_step() {
    let server = Running::built_in(Config::default()).await;
    let client = server.client().await;
    let vectors = vectors();
    for (name, wanted) in [
        (
            "return_delivery_unknown",
            "ask: When was the parcel delivered",
        ),
        ("return_worn", "let a person decide"),
        ("return_paid", "pay 59.00"),
        ("return_credit", "give what was granted"),
        ("return_waits", "wait"),
        ("return_late", "tell the customer that it is refused"),
    ] {
        let name = format!("milona-paris/{name}");
        let vector = vectors.iter().find(|v| v.name() == name).unwrap();
        let verdict = client.decide(request(vector)).await.unwrap();
        let said = worklist::to_do(&verdict);
        assert!(said.starts_with(wanted), "{said}");
    }
    server.stop().await;
}
