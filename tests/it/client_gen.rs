//! The client's generated code is what the contract generates.
//!
//! `REDRESS_BLESS=1 cargo test --no-default-features --test it client_gen`
//! writes it anew; without the default features nothing needs the old code.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Generates the code of the contract.
fn generate(root: &Path) -> String {
    let proto = root.join("proto");
    let mut files: Vec<PathBuf> = fs::read_dir(proto.join("redress/v1"))
        .expect("the contract's folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut compiler = protox::Compiler::new([&proto]).expect("a compiler");
    compiler.include_source_info(true).include_imports(true);
    compiler
        .open_files(files)
        .expect("a contract that compiles");

    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client_gen");
    fs::create_dir_all(&out).expect("a folder to write to");
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .emit_rerun_if_changed(false)
        .out_dir(&out)
        .compile_fds(compiler.file_descriptor_set())
        .expect("generated code");
    fs::read_to_string(out.join("redress.v1.rs")).expect("the generated file")
}

#[test]
fn checked_in_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("client/src/gen/redress.v1.rs");
    let wanted = generate(root);
    if env::var_os("REDRESS_BLESS").is_some() {
        fs::write(&path, wanted).expect("the generated file written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    // Not `assert_eq!`: a diff of the whole file helps nobody.
    assert!(
        found == wanted,
        "`client/src/gen/redress.v1.rs` is not what the contract generates; run \
         `REDRESS_BLESS=1 cargo test --no-default-features --test it client_gen`"
    );
}
