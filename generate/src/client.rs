//! Generates the messages and stubs of the client crate.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns `client/src/gen/redress.v1.rs`: messages for whoever builds the crate, stubs of
/// the client and of the server for its features of that name.
pub fn code(proto: &Path, scratch: &Path) -> String {
    let compiler = compiler(proto);
    fs::create_dir_all(scratch).expect("a folder to write to");
    let mut config = tonic_prost_build::Config::new();
    // A message knows its name, so that it can be read from JSON.
    config.enable_type_names();
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .client_mod_attribute(".", "#[cfg(feature = \"client\")]")
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .emit_rerun_if_changed(false)
        .out_dir(scratch)
        .compile_fds_with_config(compiler.file_descriptor_set(), config)
        .expect("generated code");
    fs::read_to_string(scratch.join("redress.v1.rs")).expect("the generated file")
}

/// Returns `client/src/gen/redress.v1.binpb`: the descriptors of the contract and of what it
/// imports, without comments, for reading and writing JSON.
pub fn descriptors(proto: &Path) -> Vec<u8> {
    let mut compiler = compiler(proto);
    compiler.include_source_info(false);
    compiler.encode_file_descriptor_set()
}

/// Compiles the contract, comments included.
pub fn compiler(proto: &Path) -> protox::Compiler {
    let mut files: Vec<PathBuf> = fs::read_dir(proto.join("redress/v1"))
        .expect("the contract's folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut compiler = protox::Compiler::new([proto]).expect("a compiler");
    compiler.include_source_info(true).include_imports(true);
    compiler
        .open_files(files)
        .expect("a contract that compiles");
    compiler
}
