//! Policy files that must load, and files whose mistakes are told in whole.
//!
//! `REDRESS_BLESS=1` rewrites the expected diagnostics; read them as their author
//! would before they are kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use redress::policy::catalog::{Catalog, LoadError};
use redress::policy::check::check_grammar;
use redress::policy::plan::{MAX_CLAUSES_PER_ROUTE, MAX_TESTS_PER_ROUTE};
use redress::policy::source::Source;

/// Codes that no small file can bring about; limits are tested beside the code.
const WITHOUT_A_FILE: &[&str] = &["too-large", "too-complex"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    found.sort();
    found
}

fn source(path: &Path) -> Source {
    // Every file is the same shop's, so that its name can say what is wrong.
    Source {
        path: "acme-shop/always.toml".to_owned(),
        text: fs::read_to_string(path).unwrap(),
    }
}

#[test]
fn good_policies_load() {
    for path in files("good") {
        if let Err(error) = Catalog::load(&[source(&path)]) {
            panic!("{}\n{error}", path.display());
        }
    }
}

#[test]
fn bad_policies_are_told_in_whole() {
    let bless = std::env::var_os("REDRESS_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in files("bad") {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let error = Catalog::load(&[source(&path)]).expect_err(&name);
        let code = name.split('_').next().unwrap();
        let named = error.diagnostics().any(|d| d.code == code) || code == "many";
        assert!(named, "{name} has no `{code}`:\n{error}");
        let shown = format!("{}\n", error.render(false));
        let golden = path.with_extension("diag");
        if bless {
            fs::write(&golden, &shown).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != shown {
            wrong.push(format!("{name}\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A policy that is changed on purpose is checked for everything but what is looked for
/// in its clauses together.
#[test]
fn the_grammar_alone_refuses_every_mistake_of_a_clause() {
    let mut of_clauses_together = BTreeSet::new();
    for path in files("bad") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let code = name.split('_').next().unwrap().to_owned();
        if check_grammar(&source(&path)).is_ok() {
            of_clauses_together.insert(code);
        }
    }
    let found: Vec<&str> = of_clauses_together.iter().map(String::as_str).collect();
    let expected = [
        "conflict",
        "gap",
        "never-active",
        "no-window",
        "past-in-extension",
        "unused-declaration",
    ];
    assert_eq!(found, expected);
    for path in files("good") {
        assert!(check_grammar(&source(&path)).is_ok(), "{}", path.display());
    }
}

/// Sentences in another language beside a policy that loads.
#[test]
fn bad_sentences_are_told_in_whole() {
    let bless = std::env::var_os("REDRESS_BLESS").is_some();
    let policy = source(&root().join("good/smallest.toml"));
    let mut wrong = Vec::new();
    for path in files("texts") {
        let sentences = Source {
            path: "acme-shop/always.fr.texts.toml".to_owned(),
            text: fs::read_to_string(&path).unwrap(),
        };
        let error = Catalog::load(&[policy.clone(), sentences]).unwrap_err();
        let shown = format!("{}\n", error.render(false));
        let golden = path.with_extension("diag");
        if bless {
            fs::write(&golden, &shown).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != shown {
            wrong.push(format!("{}\n{shown}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sentences_of_no_revision_are_refused() {
    let stray = Source {
        path: "acme-shop/2026-01-01.fr.texts.toml".to_owned(),
        text: String::new(),
    };
    let policy = source(&root().join("good/smallest.toml"));
    let error = Catalog::load(&[policy, stray]).unwrap_err();
    assert!(
        error.render(false).contains("belong to no revision"),
        "{error}"
    );
}

/// Returns the codes that stand in the sources of the checker.
fn codes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for quoted in text.split('"').skip(1).step_by(2) {
                let kebab = quoted.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                if kebab && quoted.contains('-') && !quoted.starts_with('-') {
                    found.insert(quoted.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_code_has_a_bad_file() {
    let shown: BTreeSet<String> = files("bad")
        .iter()
        .chain(&files("texts"))
        .filter_map(|p| {
            p.file_stem()?
                .to_str()?
                .split('_')
                .next()
                .map(str::to_owned)
        })
        .collect();
    let without: Vec<String> = codes()
        .into_iter()
        .filter(|c| !shown.contains(c) && !WITHOUT_A_FILE.contains(&c.as_str()))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn revisions_are_chosen_by_the_day_in_the_zone_of_the_policy() {
    use redress::domain::time::{Day, EventTime, Instant};
    use redress::policy::catalog::NotFound;

    let base = source(&root().join("good/smallest.toml")).text;
    let revision = |date: &str| Source {
        path: format!("acme-shop/{date}.toml"),
        text: base.replace("revision  = \"always\"", &format!("revision  = \"{date}\"")),
    };
    let catalog = Catalog::load(&[revision("2026-07-01"), revision("2026-01-01")]).unwrap();
    let at = |text: &str| EventTime::At(Instant::parse(text).unwrap());
    let find = |pinned: Option<&str>, place: EventTime| {
        catalog
            .find("acme-shop", pinned, place)
            .map(|p| p.revision.clone())
    };
    let first = Ok("2026-01-01".to_owned());
    let second = Ok("2026-07-01".to_owned());
    // In Paris the day begins two hours before UTC's in July.
    assert_eq!(find(None, at("2026-06-30T21:59:59Z")), first);
    assert_eq!(find(None, at("2026-06-30T22:00:00Z")), second);
    assert_eq!(
        find(None, EventTime::On(Day::parse("2026-06-30").unwrap())),
        first
    );
    assert_eq!(
        find(None, at("2025-12-31T22:59:59Z")),
        Err(NotFound::Revision)
    );
    assert_eq!(find(None, EventTime::Unknown), second);
    assert_eq!(find(None, EventTime::NotYet), second);
    assert_eq!(find(Some("2026-01-01"), at("2026-12-01T00:00:00Z")), first);
    assert_eq!(
        find(Some("2026-02-01"), EventTime::Unknown),
        Err(NotFound::Revision)
    );
    assert_eq!(
        catalog.find("other", None, EventTime::Unknown).err(),
        Some(NotFound::Policy)
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let size = redress::policy::limits::MAX_FILE_BYTES + 1;
    let huge = Source {
        path: "acme-shop/always.toml".to_owned(),
        text: " ".repeat(size),
    };
    let error = Catalog::load(&[huge]).expect_err("it is too large");
    assert_eq!(
        error.diagnostics().map(|d| d.code).collect::<Vec<_>>(),
        ["too-large"]
    );
}

/// Loads terms with one grant and these clauses beside it.
fn load_with(clauses: impl Iterator<Item = String>) -> Result<Catalog, LoadError> {
    let grant = r#"
[[clause]]
id     = "ACM-0"
says   = "Goods come back."
source = "Returns"
on     = "return"
grants = { remedy = "refund" }
"#;
    let text: String = std::iter::once(grant.to_owned()).chain(clauses).collect();
    Catalog::load(&[crate::generate::terms(&text)])
}

/// Returns a clause that warns when something holds.
fn notice(number: usize, when: &str) -> String {
    format!(
        "[[clause]]\nid = \"ACM-{number}\"\nsays = \"A notice.\"\nsource = \"Returns\"\n\
         on = \"return\"\n{when}adds = {{ notice = \"notice_{number}\" }}\n"
    )
}

#[test]
fn a_route_holds_as_many_clauses_as_a_set() {
    let load = |clauses: usize| load_with((1..clauses).map(|number| notice(number, "")));
    assert!(load(MAX_CLAUSES_PER_ROUTE).is_ok());
    let error = load(MAX_CLAUSES_PER_ROUTE + 1).unwrap_err().to_string();
    assert!(
        error.contains("the route `return` has 65 clauses; at most 64 are allowed"),
        "{error}"
    );
}

#[test]
fn a_route_holds_as_many_tests_as_a_set() {
    // A clause has at most 32 lists of tests.
    let load = |tests: usize| {
        let table = |word: usize| format!("{{ category = \"word-{word}\" }}");
        let tables: Vec<String> = (0..tests).map(table).collect();
        let unless = |list: &[String]| format!("unless = [{}]\n", list.join(", "));
        let clauses = tables.chunks(32).map(unless).enumerate();
        load_with(clauses.map(|(number, unless)| notice(number + 1, &unless)))
    };
    let loaded = load(MAX_TESTS_PER_ROUTE);
    assert!(loaded.is_ok(), "{:?}", loaded.err());
    let error = load(MAX_TESTS_PER_ROUTE + 1).unwrap_err().to_string();
    assert!(
        error.contains("the route `return` has 65 distinct tests; at most 64 are allowed"),
        "{error}"
    );
}
