//! Embeds what the crate carries: the policies, and with the feature `server`
//! the descriptors of the contract.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the source tree"
)]

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Folder with one folder for each policy.
const POLICIES: &str = "policies";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    embed_policies(&out)?;
    #[cfg(feature = "server")]
    describe_contract(&out)?;
    Ok(())
}

/// Writes `policies.rs`: an array of `(path, text)`, ascending by path.
fn embed_policies(out: &Path) -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(POLICIES);
    let mut list = String::from("&[\n");
    // A folder that does not exist would make every build start over.
    if root.is_dir() {
        println!("cargo:rerun-if-changed={POLICIES}");
        for policy in entries(&root)? {
            if !policy.is_dir() {
                continue;
            }
            for file in entries(&policy)? {
                let (Some(folder), Some(name)) = (name(&policy), name(&file)) else {
                    continue;
                };
                if file.is_file() && name.ends_with(".toml") && !name.ends_with(".cases.toml") {
                    let text = file.display().to_string();
                    writeln!(
                        list,
                        "    ({:?}, include_str!({text:?})),",
                        format!("{folder}/{name}")
                    )?;
                }
            }
        }
    }
    list.push_str("]\n");
    fs::write(out.join("policies.rs"), list)?;
    Ok(())
}

/// Returns what is in a folder, ascending by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// Writes `redress.bin`: the descriptors of the contract with everything they
/// import, and with comments, which reflection and the style test read.
#[cfg(feature = "server")]
fn describe_contract(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut files = Vec::new();
    for file in entries(Path::new("proto/redress/v1"))? {
        if file.extension().is_some_and(|e| e == "proto") {
            files.push(file);
        }
    }
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(files)?;
    fs::write(
        out.join("redress.bin"),
        compiler.encode_file_descriptor_set(),
    )?;
    Ok(())
}
