//! Embeds what the crate carries: the policies, the engine's own texts, and the
//! contract, as text and as descriptors.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the source tree"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Folder with one folder for each policy.
const POLICIES: &str = "policies";
/// Folder with the files of the contract, below the root that their imports name.
const CONTRACT: &str = "redress/v1";
/// Folder with the engine's own texts, one file a language.
const TEXTS: &str = "texts";
/// Messages of the contract that `wire::outbound` writes field by field, with the
/// messages inside of them.
const WRITTEN: &[&str] = &["redress.v1.Verdict", "redress.v1.OrderOption"];

/// The message inside of them that the generated code encodes.
const ENCODED: &str = "redress.v1.CustomerRequest";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    embed_policies(&out)?;
    embed_texts(&out)?;
    embed_contract(&out)?;
    describe_contract(&out)?;
    Ok(())
}

/// Writes `policies.rs`: an array of `(path, text)`, ascending by path, of every
/// policy file, its cases and its texts in other languages.
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
                if file.is_file() && name.ends_with(".toml") {
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

/// Writes `contract.rs`: an array of `(path, text)`, ascending by path, of every file of
/// the contract.
fn embed_contract(out: &Path) -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("proto");
    let mut list = String::from("&[\n");
    for file in entries(&root.join(CONTRACT))? {
        if let Some(name) = name(&file).filter(|name| name.ends_with(".proto")) {
            let text = file.display().to_string();
            let path = format!("{CONTRACT}/{name}");
            writeln!(list, "    ({path:?}, include_str!({text:?})),")?;
        }
    }
    list.push_str("]\n");
    fs::write(out.join("contract.rs"), list)?;
    Ok(())
}

/// Writes `languages.rs`: the engine's own texts, `(language, [(key, text)])`,
/// ascending by language and by key.
fn embed_texts(out: &Path) -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(TEXTS);
    println!("cargo:rerun-if-changed={TEXTS}");
    let mut list = String::from("&[\n");
    for file in entries(&root)? {
        let (Some(language), Some("toml")) = (
            file.file_stem().and_then(|stem| stem.to_str()),
            file.extension().and_then(|end| end.to_str()),
        ) else {
            continue;
        };
        let groups: toml::Table = toml::from_str(&fs::read_to_string(&file)?)?;
        let mut texts = BTreeMap::new();
        flatten("", groups, &mut texts)?;
        writeln!(list, "    ({language:?}, &[")?;
        for (key, text) in texts {
            writeln!(list, "        ({key:?}, {text:?}),")?;
        }
        writeln!(list, "    ]),")?;
    }
    list.push_str("]\n");
    fs::write(out.join("languages.rs"), list)?;
    Ok(())
}

/// Names each text by the keys that lead to it, with dots between them.
fn flatten(
    under: &str,
    table: toml::Table,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), Box<dyn Error>> {
    for (key, value) in table {
        match value {
            toml::Value::String(text) => {
                texts.insert(format!("{under}{key}"), text);
            }
            toml::Value::Table(table) => flatten(&format!("{under}{key}."), table, texts)?,
            _ => return Err(format!("`{under}{key}` is not a text").into()),
        }
    }
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
/// import, and with comments, which reflection and the style test read; and
/// `tags.rs`: the numbers of fields that are written by hand.
fn describe_contract(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut files = Vec::new();
    for file in entries(&Path::new("proto").join(CONTRACT))? {
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
    let mut tags = BTreeMap::new();
    let pool = compiler.descriptor_pool();
    for name in WRITTEN {
        let message = pool.get_message_by_name(name).ok_or(*name)?;
        number_fields(&message, &mut tags)?;
    }
    let modules: String = tags.into_values().collect();
    fs::write(out.join("tags.rs"), modules)?;
    Ok(())
}

/// Adds a module with the numbers of a message's fields, and one for each message
/// inside of it.
fn number_fields(
    message: &protox::prost_reflect::MessageDescriptor,
    modules: &mut BTreeMap<String, String>,
) -> Result<(), Box<dyn Error>> {
    let name = message.full_name();
    if message.fields().len() == 0 || name == ENCODED || modules.contains_key(name) {
        return Ok(());
    }
    let mut module = format!("/// Numbers the fields of `{name}`.\npub(super) mod ");
    for (at, letter) in message.name().char_indices() {
        if at > 0 && letter.is_uppercase() {
            module.push('_');
        }
        module.push(letter.to_ascii_lowercase());
    }
    module.push_str(" {\n");
    for field in message.fields() {
        let constant = field.name().to_uppercase();
        writeln!(
            module,
            "    pub(in super::super) const {constant}: u32 = {};",
            field.number()
        )?;
    }
    module.push_str("}\n");
    modules.insert(name.to_owned(), module);
    for field in message.fields() {
        if let Some(inner) = field.kind().as_message() {
            number_fields(inner, modules)?;
        }
    }
    Ok(())
}
