//! Orders of other systems: the request that stands for each, decided, against what was worked
//! out by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::server::reload;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    order: Vec<Expectation>,
}

/// What one order comes to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    file: String,
    outcome: String,
    next_step: String,
    refund: String,
    credit: String,
    payouts: BTreeMap<String, String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn expected() -> Vec<Expectation> {
    let text = fs::read_to_string(root().join("orders/expected.toml")).unwrap();
    toml::from_str::<Expected>(&text).unwrap().order
}

/// Returns the folder of a policy of the tests; `None`: it is built in.
fn own_policies(policy: &str) -> Option<PathBuf> {
    let own = root().join("decide");
    own.join(policy).is_dir().then_some(own)
}

#[test]
fn every_order_comes_to_what_was_worked_out() {
    let schema = Schema::new().unwrap();
    let mut wrong = Vec::new();
    for expected in expected() {
        let text = fs::read_to_string(root().join(format!("orders/{}.ours.json", expected.file)));
        let message: pb::DecideRequest = schema
            .read(&text.unwrap(), "redress.v1.DecideRequest")
            .unwrap();
        let catalog = reload::catalog(own_policies(&message.policy).as_deref()).unwrap();
        let now = Instant::parse("2026-11-01T00:00:00Z").unwrap();
        let reply = answer::decide(&catalog, &message, now, &Budget::default());
        let verdict = reply.unwrap().verdict.decode().unwrap();
        let settlement = verdict.settlement.clone().unwrap_or_default();
        let payouts = settlement.payouts.iter();
        let told = Expectation {
            file: expected.file.clone(),
            outcome: word(verdict.outcome().as_str_name(), "OUTCOME_"),
            next_step: word(verdict.next_step().as_str_name(), "NEXT_STEP_"),
            refund: settlement.refund_total.clone(),
            credit: settlement.credit_total.clone(),
            payouts: payouts
                .map(|p| (p.payment_id.clone(), p.amount.clone()))
                .collect(),
        };
        let same = [
            (&told.outcome, &expected.outcome),
            (&told.next_step, &expected.next_step),
            (&told.refund, &expected.refund),
            (&told.credit, &expected.credit),
        ];
        if same.iter().any(|(told, wanted)| told != wanted) || told.payouts != expected.payouts {
            wrong.push(format!("{}: {same:?} {:?}", told.file, told.payouts));
        }
        // What such systems cannot know is not asked for here.
        let missing: Vec<&String> = verdict.missing.iter().map(|m| &m.path).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", told.file);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

/// Each order of a system stands beside the request, and each is decided.
#[test]
fn orders_stand_in_pairs() {
    let mut listed: Vec<String> = expected().into_iter().map(|e| e.file).collect();
    listed.sort();
    let mut found = Vec::new();
    for system in fs::read_dir(root().join("orders")).unwrap() {
        let system = system.unwrap();
        if !system.file_type().unwrap().is_dir() {
            continue;
        }
        for kind in ["plain", "untidy"] {
            let name = format!("{}/{kind}", system.file_name().to_str().unwrap());
            for side in ["theirs", "ours"] {
                let file = root().join(format!("orders/{name}.{side}.json"));
                let text = fs::read_to_string(&file).unwrap();
                let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert!(parsed.is_object(), "{}", file.display());
            }
            found.push(name);
        }
    }
    found.sort();
    assert_eq!(found, listed);
}
