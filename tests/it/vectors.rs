//! The vectors that clients are tested with: each holds what its case states, and the
//! library decides as each says. `clients/vectors/README.md` describes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::server::reload;
use redress::suite;
use redress::wire::json::Schema;
use redress::wire::{FILE_DESCRIPTOR_SET, answer};
use redress_client::{Refusal, pb};
use serde_json::{Map, Value, json};
use tonic::Status;

use crate::vectors_of_cases;

/// The members that a vector can have.
const MEMBERS: [&str; 7] = [
    "story", "why", "case", "example", "request", "verdict", "error",
];

pub struct Vector {
    path: PathBuf,
    pub members: Map<String, Value>,
}

impl Vector {
    pub fn name(&self) -> String {
        let folder = self.path.parent().and_then(Path::file_name).unwrap();
        let file = self.path.file_stem().unwrap();
        format!("{}/{}", folder.display(), file.display())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.members.get(key)?.as_str()
    }

    fn request(&self, schema: &Schema) -> pb::DecideRequest {
        let text = self.members["request"].to_string();
        let read = schema.read(&text, "redress.v1.DecideRequest");
        read.unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn vectors() -> Vec<Vector> {
    let mut found = Vec::new();
    for folder in fs::read_dir(root().join("clients/vectors")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let members = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            found.push(Vector { path, members });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Says where a value does not hold what is stated; lists are compared whole.
pub fn differs(at: &str, stated: &Value, got: &Value, found: &mut Vec<String>) {
    match (stated, got) {
        (Value::Object(stated), Value::Object(got)) => {
            for (key, value) in stated {
                let at = format!("{at}.{key}");
                differs(&at, value, got.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(stated), Value::Array(got)) if stated.len() == got.len() => {
            for (index, (stated, got)) in stated.iter().zip(got).enumerate() {
                differs(&format!("{at}[{index}]"), stated, got, found);
            }
        }
        (stated, got) if stated == got => {}
        (stated, got) => found.push(format!("{at}: {stated} is stated, {got} is there")),
    }
}

/// Returns a verdict as a runner sees it: proto JSON, with what is not set.
pub fn as_json(pool: &DescriptorPool, verdict: &pb::Verdict) -> Value {
    let of = pool.get_message_by_name("redress.v1.Verdict").unwrap();
    let message = DynamicMessage::decode(of, verdict.encode_to_vec().as_slice()).unwrap();
    let options = SerializeOptions::new()
        .skip_default_fields(false)
        .use_proto_field_name(true);
    let serializer = serde_json::value::Serializer;
    message
        .serialize_with_options(serializer, &options)
        .unwrap()
}

/// Returns an error as vectors state it.
pub fn error_as_json(refusal: &Refusal) -> Value {
    let mut violations: Vec<Value> = refusal
        .violations()
        .iter()
        .map(|v| json!({ "field": v.field, "reason": v.reason.unwrap().as_str_name() }))
        .collect();
    violations.sort_by_key(Value::to_string);
    let code = format!("{:?}", refusal.code());
    let code = code
        .chars()
        .enumerate()
        .fold(String::new(), |name, (at, c)| {
            let word = if at > 0 && c.is_uppercase() { "_" } else { "" };
            format!("{name}{word}{}", c.to_ascii_uppercase())
        });
    json!({ "code": code, "reason": refusal.reason_name(), "violations": violations })
}

fn decide(catalog: &Catalog, request: &pb::DecideRequest) -> Result<pb::Verdict, Refusal> {
    let now = Instant::parse("2026-01-01T00:00:00Z").unwrap();
    match answer::decide(catalog, request, now, &Budget::default()) {
        Ok(decided) => Ok(decided.verdict.decode().unwrap()),
        Err(error) => Err(Refusal::from(Status::from(error))),
    }
}

#[test]
fn each_is_decided_as_it_says() {
    let schema = Schema::new().unwrap();
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let catalog = reload::catalog(None).unwrap();
    let mut wrong = Vec::new();
    for vector in vectors() {
        let (key, got) = match decide(&catalog, &vector.request(&schema)) {
            Ok(verdict) => ("verdict", as_json(&pool, &verdict)),
            Err(refusal) => ("error", error_as_json(&refusal)),
        };
        match vector.members.get(key) {
            Some(stated) => differs(&vector.name(), stated, &got, &mut wrong),
            None => wrong.push(format!("{}: {got}", vector.name())),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A vector says where what it states comes from: a case, whose request it has and all that
/// the case states of what vectors hold, an example with its story, or its own reason.
/// `REDRESS_BLESS=1` writes request and statements of the case into the vector.
#[test]
fn each_holds_what_its_case_states() {
    let schema = Schema::new().unwrap();
    let mut suites = BTreeMap::new();
    for folder in load::embedded_folders() {
        let cases = suite::load(&folder.cases).unwrap();
        let policy = folder.policies[0]
            .path
            .split('/')
            .next()
            .unwrap()
            .to_owned();
        suites.insert(policy, (cases, folder.cases));
    }
    let bless = std::env::var_os("REDRESS_BLESS").is_some();
    let mut wrong = Vec::new();
    for mut vector in vectors() {
        let name = vector.name();
        for key in vector.members.keys() {
            assert!(MEMBERS.contains(&key.as_str()), "{name}: {key}");
        }
        if let Some(file) = vector.text("example") {
            let example = fs::read_to_string(root().join("examples").join(file)).unwrap();
            let example: Value = serde_json::from_str(&example).unwrap();
            assert_eq!(example, vector.members["request"], "{name}");
        }
        let Some(case) = vector.text("case") else {
            assert!(
                vector.text("why").is_some_and(|why| !why.is_empty()),
                "{name}"
            );
            continue;
        };
        let policy = name.split('/').next().unwrap();
        let (suite, files) = &suites[policy];
        let found = suite.cases.iter().find(|c| c.name == case);
        let found = found.unwrap_or_else(|| panic!("{name}: no case `{case}`"));
        let mut message = found.message(&schema).unwrap();
        // Clients ask at the view that they have by default.
        message.view = pb::View::Unspecified.into();
        let request = schema.write(&message, "redress.v1.DecideRequest").unwrap();
        let request: Value = serde_json::from_str(&request).unwrap();
        let stated = vectors_of_cases::stated(files, case);
        if bless {
            vector.members.insert("request".into(), request);
            let verdict = vector.members.entry("verdict").or_insert(json!({}));
            vectors_of_cases::merge(verdict, stated);
            let text = serde_json::to_string_pretty(&vector.members).unwrap();
            fs::write(&vector.path, format!("{text}\n")).unwrap();
            continue;
        }
        assert_eq!(vector.members["request"], request, "{name}");
        differs(&name, &stated, &vector.members["verdict"], &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a client has to be able to read is there: every outcome and step that a verdict can
/// have, most actions, each shop, and errors of both kinds.
#[test]
fn they_spread_over_what_a_client_reads() {
    let schema = Schema::new().unwrap();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for vector in vectors() {
        let request = vector.request(&schema);
        let action = request.request.and_then(|r| r.action);
        let action = format!("{action:?}");
        let action = action.trim_start_matches("Some(").split('(').next();
        seen.insert(action.unwrap().to_owned());
        for (member, keys) in [
            ("verdict", ["outcome", "next_step"]),
            ("error", ["code", "reason"]),
        ] {
            let of = vector.members.get(member);
            let texts = keys.iter().filter_map(|key| of?.get(key)?.as_str());
            seen.extend(texts.map(str::to_owned));
        }
        seen.insert(vector.name().split('/').next().unwrap().to_owned());
    }
    let policies = fs::read_dir(root().join("policies")).unwrap();
    let mut wanted: BTreeSet<String> = policies
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    wanted.extend((1..=5).map(|n| pb::Outcome::try_from(n).unwrap().as_str_name().to_owned()));
    wanted.extend((1..=6).map(|n| pb::NextStep::try_from(n).unwrap().as_str_name().to_owned()));
    let words = [
        "GoodsReturn",
        "Withdrawal",
        "Exchange",
        "Cancellation",
        "Change",
        "Claim",
        "DeliveryProblem",
        "CreditUse",
        "ShopEvent",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ERROR_REASON_INVALID_REQUEST",
        "ERROR_REASON_POLICY_NOT_FOUND",
        "ERROR_REASON_REVISION_NOT_FOUND",
    ];
    wanted.extend(words.map(str::to_owned));
    let missing: Vec<&String> = wanted.difference(&seen).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
