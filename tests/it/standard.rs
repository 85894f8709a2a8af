//! Generated code is what the contract generates.

use std::fs;
use std::path::Path;

#[test]
fn checked_in_code_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generate");
    for file in redress_generate::files(root, &scratch) {
        let found = fs::read(root.join(file.path)).unwrap_or_default();
        // Not `assert_eq!`: a diff of the whole file helps nobody.
        assert!(
            found == file.content,
            "`{}` is not what the contract generates; run `cargo run -p redress-generate`",
            file.path
        );
    }
}
