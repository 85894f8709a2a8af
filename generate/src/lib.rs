//! Writes the code that follows from the contract: the messages, stubs, setters and descriptors
//! of the client crate, and from the options of fields the standard vocabulary with its readers and
//! writers, the description of the methods as OpenAPI, and the reference for people.
//!
//! `cargo run -p redress-generate` writes the files; a test of the crate `redress` compares
//! them. This crate depends on no generated code, so that it runs however old that is.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a generator reads the tree and stops where the contract makes no sense"
)]

mod api;
mod client;
mod json;
mod layout;
mod messages;
mod openapi;
mod reader;
mod setters;
mod table;
mod vocabulary;
mod writer;

use std::path::Path;

use table::Table;

/// A generated file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path below the root of the repository.
    pub path: &'static str,
    /// What it holds.
    pub content: Vec<u8>,
}

/// What every file says first that follows from the options of fields.
const HEAD: &str =
    "// Generated from the options of `proto/redress/v1` by `cargo run -p redress-generate`.\n";

/// Returns every generated file of the repository at a root. `scratch` is a folder that can be
/// written to.
///
/// # Panics
/// The contract does not compile, or an option of a field makes no sense.
pub fn files(root: &Path, scratch: &Path) -> Vec<File> {
    let proto = root.join("proto");
    let table = Table::read(&proto);
    let pool = client::compiler(&proto).descriptor_pool();
    let file = |path, code: String| File {
        path,
        content: format!("{HEAD}\n{code}").into_bytes(),
    };
    vec![
        file(
            "src/domain/vocabulary/standard.rs",
            vocabulary::code(&table),
        ),
        file("src/wire/inbound/standard.rs", reader::code(&table)),
        file("src/wire/outbound/standard.rs", writer::code(&table)),
        file(
            "src/wire/decoded_size/standard.rs",
            layout::code(&client::compiler(&proto).descriptor_pool()),
        ),
        File {
            path: "client/src/gen/redress.v1.rs",
            content: client::code(&proto, scratch).into_bytes(),
        },
        File {
            path: "client/src/gen/setters.rs",
            content: setters::code(&pool).into_bytes(),
        },
        File {
            path: "client/src/gen/redress.v1.binpb",
            content: client::descriptors(&proto),
        },
        File {
            path: "docs/openapi.json",
            content: openapi::code(&pool).into_bytes(),
        },
        File {
            path: "docs/api.md",
            content: api::page(&pool).into_bytes(),
        },
    ]
}
