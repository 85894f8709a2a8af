//! Runs the cases beside the shipped policies.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use redress::policy::catalog::Catalog;
use redress::policy::check::check;
use redress::policy::checked::Guard;
use redress::policy::source::Source;
use redress::policy::terms::Effect;
use redress::rpc::json::Schema;
use redress::suite::{self, Side};

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

/// Every clause with an effect and every reading of a shipped policy has a case.
#[test]
fn shipped_clauses_and_readings_are_covered() {
    let mut without = Vec::new();
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")) {
        let (policies, cases) = files(&folder);
        let cases = suite::load(&cases).unwrap_or_else(|e| panic!("{}", e.join("\n")));
        for source in &policies {
            let policy = check(source).unwrap_or_else(|found| panic!("{found:?}"));
            // A letter behind an id names a further rule of the same clause.
            let covers = |cited: &String, id: &str| {
                cited == id || cited.trim_end_matches(|c: char| c.is_ascii_lowercase()) == id
            };
            for clause in &policy.clauses {
                let id = clause.id.as_str();
                let stem = id.trim_end_matches(|c: char| c.is_ascii_lowercase());
                if !cases
                    .iter()
                    .any(|c| c.clauses.iter().any(|cited| covers(cited, stem)))
                {
                    without.push(id.to_owned());
                }
            }
            for reading in &policy.readings {
                let id = reading.id.as_str().to_owned();
                if !cases.iter().any(|c| c.readings.contains(&id)) {
                    without.push(id);
                }
            }
        }
    }
    assert!(without.is_empty(), "without a case: {without:?}");
}

/// A clause with a condition or a window has cases inside it and outside.
#[test]
fn shipped_clauses_have_cases_on_both_sides() {
    let stem = |id: &str| {
        id.trim_end_matches(|c: char| c.is_ascii_lowercase())
            .to_owned()
    };
    let mut one_sided = BTreeSet::new();
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")) {
        let (policies, cases) = files(&folder);
        let cases = suite::load(&cases).unwrap();
        let proven = |id: &str, sides: &[Side]| {
            cases.iter().any(|case| {
                case.side.is_some_and(|s| sides.contains(&s))
                    && case.clauses.iter().any(|cited| stem(cited) == stem(id))
            })
        };
        for source in &policies {
            for clause in check(source).unwrap().clauses {
                let guarded = clause.guard != Guard::default();
                let windowed = matches!(&clause.effect, Effect::Grants(g) if g.window.is_some());
                let id = clause.id.as_str();
                let both =
                    proven(id, &[Side::Inside]) && proven(id, &[Side::Outside, Side::Missing]);
                if (guarded || windowed) && !both {
                    one_sided.insert(stem(id));
                }
            }
        }
    }
    assert!(one_sided.is_empty(), "{one_sided:?}");
}
