//! The code of the standard vocabulary is what the contract's options describe.
//!
//! `REDRESS_BLESS=1 cargo test --no-default-features --test it standard` writes it anew;
//! without the default features nothing needs the readers and writers.

mod domain;
mod messages;
mod reader;
mod table;
mod writer;

use std::path::Path;
use std::{env, fs};

use table::Table;

/// What every generated file says first.
const HEAD: &str =
    "// Generated from the options of `proto/redress/v1`; `tests/it/standard.rs` says how.\n";

#[test]
fn checked_in_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = Table::read(&root.join("proto"));
    let files = [
        ("src/domain/vocabulary/standard.rs", domain::code(&table)),
        ("src/rpc/inbound/standard.rs", reader::code(&table)),
        ("src/rpc/outbound/standard.rs", writer::code(&table)),
    ];
    for (path, code) in files {
        let wanted = format!("{HEAD}\n{code}");
        if env::var_os("REDRESS_BLESS").is_some() {
            fs::write(root.join(path), wanted).expect("the generated file written");
            continue;
        }
        let found = fs::read_to_string(root.join(path)).unwrap_or_default();
        // Not `assert_eq!`: a diff of the whole file helps nobody.
        assert!(
            found == wanted,
            "`{path}` is not what the contract's options describe; run \
             `REDRESS_BLESS=1 cargo test --no-default-features --test it standard`"
        );
    }
}
