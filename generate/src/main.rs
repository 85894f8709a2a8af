//! Writes every generated file of the repository.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scratch = root.join("target/generate");
    for file in redress_generate::files(&root, &scratch) {
        std::fs::write(root.join(file.path), file.content)?;
    }
    Ok(())
}
