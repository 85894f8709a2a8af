//! What a case states of a verdict, in the form of the vectors: a part of its proto JSON.

use redress::policy::source::Source;
use serde_json::{Map, Value, json};
use toml::{Table, Value as Toml};

/// The amounts of a settlement that cases state under the name of the field.
const AMOUNTS: [&str; 5] = [
    "refund_total",
    "credit_total",
    "credit_used_total",
    "owed_total",
    "owed_pending_total",
];

/// Returns what a case states of what vectors hold: outcome, steps, amounts, remedies,
/// deadlines, due date, release and the paths of missing facts.
pub fn stated(files: &[Source], name: &str) -> Value {
    let expect = expect(files, name);
    let outcome = text(&expect, "outcome").unwrap();
    let mut verdict = Map::new();
    verdict.insert("outcome".into(), constant("OUTCOME", outcome));
    verdict.insert("missing".into(), missing(&expect));
    // A step that follows from the outcome alone, as the contract says.
    let step = match outcome {
        "denied" => Some("refuse"),
        "needs_information" => Some("ask"),
        "needs_review" => Some("review"),
        _ => text(&expect, "next_step"),
    };
    if let Some(step) = step {
        verdict.insert("next_step".into(), constant("NEXT_STEP", step));
    }
    let rows: Vec<Value> = tables(&expect, "rows")
        .map(|stated| row(stated, outcome))
        .collect();
    if !rows.is_empty() {
        verdict.insert("rows".into(), rows.into());
    }
    if let Some(stated) = expect.get("settlement").and_then(Toml::as_table) {
        verdict.insert("settlement".into(), settlement(stated));
    }
    verdict.into()
}

/// Puts what is stated into what is there; lists replace lists of another length.
pub fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) if into.len() == from.len() => {
            for (into, from) in into.iter_mut().zip(from) {
                merge(into, from);
            }
        }
        (into, from) => *into = from,
    }
}

fn expect(files: &[Source], name: &str) -> Table {
    for file in files {
        let read: Table = toml::from_str(&file.text).unwrap();
        for case in tables(&read, "case") {
            if text(case, "name") == Some(name) {
                return case["expect"].as_table().unwrap().clone();
            }
        }
    }
    panic!("no case `{name}`");
}

fn tables<'t>(of: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    let list = of.get(key).and_then(Toml::as_array);
    list.into_iter().flatten().filter_map(Toml::as_table)
}

fn text<'t>(of: &'t Table, key: &str) -> Option<&'t str> {
    of.get(key)?.as_str()
}

fn constant(prefix: &str, word: &str) -> Value {
    format!("{prefix}_{}", word.to_uppercase()).into()
}

/// Returns the paths, in order: a case names one or more, in any order.
fn missing(expect: &Table) -> Value {
    let mut paths: Vec<&str> = match expect.get("missing") {
        Some(Toml::Array(paths)) => paths.iter().filter_map(Toml::as_str).collect(),
        one => one.and_then(Toml::as_str).into_iter().collect(),
    };
    paths.sort_unstable();
    paths.iter().map(|path| json!({ "path": path })).collect()
}

fn row(stated: &Table, outcome: &str) -> Value {
    let mut row = Map::new();
    // Of an outcome that is not mixed, every row has it.
    let all = (outcome != "mixed").then_some(outcome);
    let own = text(stated, "outcome").or(all);
    if let Some(own) = own {
        row.insert("outcome".into(), constant("OUTCOME", own));
    }
    if let Some(step) = text(stated, "next_step") {
        row.insert("next_step".into(), constant("NEXT_STEP", step));
    }
    if let Some(line) = text(stated, "line") {
        row.insert("line_id".into(), line.into());
    }
    if let Some(quantity) = stated.get("quantity").and_then(Toml::as_integer) {
        row.insert("quantity".into(), quantity.into());
    }
    let closes = text(stated, "window_closes").filter(|text| text.contains('T'));
    let window = closes.map(|local| json!({ "last_local_moment": local }));
    if own == Some("approved") {
        let mut granted = Map::new();
        if let Some(remedy) = text(stated, "remedy") {
            granted.insert("remedy".into(), constant("REMEDY", remedy));
        }
        for (key, field) in [("amount", "amount"), ("clause", "clause_id")] {
            if let Some(text) = text(stated, key) {
                granted.insert(field.into(), text.into());
            }
        }
        granted.extend(window.map(|window| ("window".into(), window)));
        if !granted.is_empty() {
            row.insert("entitlement".into(), granted.into());
        }
    } else {
        row.extend(window.map(|window| ("window".into(), window)));
    }
    row.into()
}

fn settlement(stated: &Table) -> Value {
    let mut settlement = Map::new();
    for key in AMOUNTS {
        if let Some(amount) = text(stated, key) {
            settlement.insert(key.into(), amount.into());
        }
    }
    if let Some(whole) = stated.get("whole_order").and_then(Toml::as_bool) {
        settlement.insert("whole_order".into(), whole.into());
    }
    // A due date that is an instant; one that waits for events is stated otherwise.
    let due = text(stated, "due").filter(|due| due.len() == "2026-03-24T22:00:00Z".len());
    if let Some(due) = due.filter(|due| due.ends_with('Z')) {
        settlement.insert("due".into(), json!({ "time": due }));
    }
    match stated
        .get("release")
        .and_then(Toml::as_array)
        .map(Vec::as_slice)
    {
        Some([]) => _ = settlement.insert("release".into(), json!({ "events": [] })),
        Some([event]) => {
            let event = event.as_str().unwrap();
            let release = json!({ "status": "RELEASE_STATUS_WAITS", "events": [event] });
            settlement.insert("release".into(), release);
        }
        Some(_) => {
            let release = json!({ "status": "RELEASE_STATUS_WAITS" });
            settlement.insert("release".into(), release);
        }
        None => {}
    }
    settlement.into()
}
