//! Verdicts as they leave: their bytes are those that the generated code would
//! write, for every example and every case of a policy, and what is written from these bytes
//! as JSON is what reflection writes.

use std::fs;
use std::path::Path;

use prost::Message;
use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress::wire::json::{Codec, Schema};
use redress::wire::projection::{Projection, Selection};
use redress::wire::record::{Entry, Records};
use redress::{load, suite};
use redress_client::pb;
use serde_json::Value;

const REQUEST: &str = "redress.v1.DecideRequest";
const VERDICT: &str = "redress.v1.Verdict";

/// Writes messages as JSON in two ways: straight from their bytes, and by reflection.
struct Written {
    records: Records,
    request: (Projection, Codec),
    verdict: (Projection, Codec),
}

impl Written {
    fn new() -> Self {
        let schema = Schema::new().unwrap();
        let of = |name| {
            let selection = Selection::all(&schema, name).unwrap();
            (selection.projection().unwrap(), schema.codec(name).unwrap())
        };
        Self {
            records: Records::new(&schema).unwrap(),
            request: of(REQUEST),
            verdict: of(VERDICT),
        }
    }

    fn check(&self, request: &pb::DecideRequest, decided: &answer::Decided<'_>, name: &str) {
        let same = |(projection, codec): &(Projection, Codec), bytes: &[u8]| {
            let mut out = Vec::new();
            projection.write(bytes, &mut out, &mut Vec::new()).unwrap();
            let written: Value = serde_json::from_slice(&out).expect(name);
            assert_eq!(written, codec.to_value(bytes).unwrap(), "{name}");
        };
        same(&self.request, &request.encode_to_vec());
        same(&self.verdict, decided.verdict.as_bytes());
        let line = self.records.line(Entry {
            now: Instant::from_unix(0, 0).expect("an instant"),
            method: "Decide",
            request_id: None,
            trace_id: None,
            request,
            verdict: &decided.verdict,
        });
        let line: Value = serde_json::from_slice(&line.unwrap()).expect(name);
        let recorded = what_is_recorded(decided.verdict.decode().unwrap()).encode_to_vec();
        assert_eq!(
            line["verdict"],
            self.verdict.1.to_value(&recorded).unwrap(),
            "{name}"
        );
    }
}

/// What a record holds of a verdict, as docs/operations.md says.
fn what_is_recorded(verdict: pb::Verdict) -> pb::Verdict {
    let reason = |reason: pb::Reason| pb::Reason {
        code: reason.code,
        clause_id: reason.clause_id,
        ..Default::default()
    };
    let row = |row: pb::Row| pb::Row {
        line_id: row.line_id,
        group_index: row.group_index,
        quantity: row.quantity,
        outcome: row.outcome,
        reasons: row.reasons.into_iter().map(reason).collect(),
        ..Default::default()
    };
    let item = |item: pb::SettlementItem| pb::SettlementItem {
        arithmetic: String::new(),
        ..item
    };
    let settlement = |settlement: pb::Settlement| pb::Settlement {
        items: settlement.items.into_iter().map(item).collect(),
        ..settlement
    };
    let missing = |fact: pb::MissingFact| pb::MissingFact {
        path: fact.path,
        ..Default::default()
    };
    pb::Verdict {
        rows: verdict.rows.into_iter().map(row).collect(),
        settlement: verdict.settlement.map(settlement),
        missing: verdict.missing.into_iter().map(missing).collect(),
        notices: Vec::new(),
        alternatives: Vec::new(),
        summary: String::new(),
        language_code: String::new(),
        ..verdict
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Decides a request at every view. Reading a verdict and writing it again would
/// lose what the contract does not know, and mend an order or a length that is
/// not canonical.
fn check(catalog: &Catalog, mut request: pb::DecideRequest, name: &str, written: &Written) {
    let now = Instant::from_unix(1_767_225_600, 0).expect("an instant");
    for view in [pb::View::Compact, pb::View::Basic, pb::View::Full] {
        request.view = view.into();
        let decided = answer::decide(catalog, &request, now, &Budget::default()).unwrap();
        let read = decided.verdict.decode().expect("a verdict");
        assert!(
            read.encode_to_vec() == decided.verdict.as_bytes(),
            "{name}, {view:?}: {read:#?}"
        );
        written.check(&request, &decided, name);
        let receipt = read.receipt.as_ref().expect("a receipt");
        assert_eq!(
            (decided.order_id, decided.claim_id),
            (read.order_id.as_str(), read.claim_id.as_str())
        );
        assert_eq!(
            (decided.policy, decided.revision),
            (receipt.policy.as_str(), receipt.revision.as_str())
        );
    }
}

#[test]
fn examples_have_the_bytes_of_the_generated_code() {
    let schema = Schema::new().unwrap();
    let catalog = Catalog::load(&load::embedded()).expect("valid policies");
    let now = Instant::from_unix(1_767_225_600, 0).expect("an instant");
    let written = Written::new();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        if let Ok(request) = schema.read(&text, "redress.v1.DecideRequest") {
            check(&catalog, request, &name, &written);
        } else {
            let query: pb::ListOptionsRequest =
                schema.read(&text, "redress.v1.ListOptionsRequest").unwrap();
            let reply = answer::list_options(&catalog, &query, now, &Budget::default()).unwrap();
            let read = reply.to_message().expect("options");
            assert!(read.encode_to_vec() == reply.encode_to_vec(), "{name}");
        }
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn cases_have_the_bytes_of_the_generated_code() {
    let schema = Schema::new().unwrap();
    let written = Written::new();
    let mut seen = 0;
    for folder in load::folders(&root().join("policies")).unwrap() {
        let catalog = Catalog::load(&folder.policies).expect("valid policies");
        for case in suite::load(&folder.cases).expect("cases").cases {
            let request = case.message(&schema).expect("a request");
            check(&catalog, request, &case.name, &written);
            seen += 1;
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn a_plain_approval_at_the_compact_view_has_under_400_bytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("examples/return_plain_piece.json")).unwrap();
    let schema = Schema::new().unwrap();
    let mut request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
    request.view = pb::View::Compact.into();
    let catalog = Catalog::load(&load::embedded()).unwrap();
    let now = Instant::from_unix(0, 0).unwrap();
    let decided = answer::decide(&catalog, &request, now, &Budget::default()).unwrap();
    let bytes = decided.verdict.as_bytes().len();
    let verdict = decided.verdict.decode().unwrap();
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    assert_eq!(verdict.receipt.unwrap().policy_digest.len(), 32);
    assert!(bytes < 400, "{bytes} bytes");
}
