//! Runs the cases beside the shipped policies.

use std::fs;
use std::path::{Path, PathBuf};

use redress::policy::catalog::{Catalog, Source};
use redress::rpc::json::Schema;
use redress::suite;

/// Returns the folders below a folder, in order of name.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    found.sort();
    found
}

/// Reads the files of a policy folder: revisions and case files.
fn files(folder: &Path) -> (Vec<Source>, Vec<Source>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let source = |path: &PathBuf| Source {
        path: path.display().to_string(),
        text: fs::read_to_string(path).unwrap(),
    };
    let is = |p: &&PathBuf, end: &str| p.to_string_lossy().ends_with(end);
    let cases = paths
        .iter()
        .filter(|p| is(p, ".cases.toml"))
        .map(source)
        .collect();
    let policies = paths
        .iter()
        .filter(|p| is(p, ".toml") && !is(p, ".cases.toml"))
        .map(source)
        .collect();
    (policies, cases)
}

/// Runs every case below a folder of policies; returns how many there were.
fn run_all(root: &str) -> usize {
    let schema = Schema::new().unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join(root)) {
        let (policies, cases) = files(&folder);
        let catalog = Catalog::load(&policies).unwrap_or_else(|e| panic!("{e}"));
        let cases = suite::load(&cases).unwrap_or_else(|e| panic!("{}", e.join("\n")));
        assert!(!cases.is_empty(), "{} has no cases", folder.display());
        for case in &cases {
            count += 1;
            let differences = case.run(&catalog, &schema);
            if !differences.is_empty() {
                failures.push(format!("{}\n    {}", case.name, differences.join("\n    ")));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    count
}

#[test]
fn shipped_policies_decide_their_cases() {
    assert!(run_all("policies") > 200);
}

/// Clauses of other shops' terms, each from a policy file alone.
#[test]
fn synthetic_policies_decide_their_cases() {
    assert!(run_all("tests/decide") > 30);
}
