//! No message makes a decision panic: random bytes, and examples with bytes changed.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use prost::Message;
use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::server::reload;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| reload::catalog(None).unwrap());

/// The examples as encoded messages.
static EXAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let schema = Schema::new().unwrap();
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .filter(|p| !p.to_string_lossy().contains("options_"))
        .collect();
    found.sort();
    let encode = |path| {
        let text = fs::read_to_string(path).unwrap();
        let request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
        request.encode_to_vec()
    };
    found.iter().map(encode).collect()
});

fn decide(bytes: &[u8]) {
    let now = Instant::parse("2026-04-01T00:00:00Z").unwrap();
    if let Ok(request) = pb::DecideRequest::decode(bytes) {
        let _ = answer::decide(&CATALOG, &request, now, &Budget::default());
    }
    if let Ok(request) = pb::ListOptionsRequest::decode(bytes) {
        let _ = answer::list_options(&CATALOG, &request, now, &Budget::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        decide(&bytes);
    }

    #[test]
    fn changed_examples_never_panic(
        example in 0_usize..64,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = EXAMPLES[example % EXAMPLES.len()].clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        decide(&bytes);
    }
}
