//! What no compiler checks: which way imports run, how long files are, and that
//! no shop is known to the engine.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of one file.
const MAX_LINES: usize = 600;

/// Which modules of the crate a module may import. A longer path comes before
/// the shorter one that it is part of. A binary or a test may import anything.
const IMPORTS: &[(&str, &[&str])] = &[
    ("src/domain", &["domain"]),
    ("src/embedded", &[]),
    ("src/policy", &["domain", "policy"]),
    (
        "src/engine",
        &["domain", "policy::plan", "policy::terms", "engine"],
    ),
    (
        "src/text",
        &[
            "domain",
            "policy::plan",
            "policy::translation",
            "engine",
            "text",
        ],
    ),
    ("src/suite", &["domain", "policy", "wire", "suite"]),
    (
        "src/library",
        &["domain", "policy", "engine", "load", "wire"],
    ),
    ("src/load", &["embedded", "policy::source"]),
    ("src/wire", &["domain", "policy", "engine", "text", "wire"]),
    ("src/rpc", &["domain", "policy", "engine", "wire", "rpc"]),
    (
        "src/server",
        &["policy::catalog", "load", "wire", "rpc", "server"],
    ),
    (
        "src/cli",
        &[
            "domain", "policy", "text", "suite", "load", "wire", "rpc", "server", "cli",
        ],
    ),
];

/// The stages of the engine, each a folder. A stage may use itself and those before it; the
/// files beside the folders use all of them, and are used by none.
const STAGES: &[&str] = &[
    "read", "judge", "money", "entitle", "missing", "settle", "rows", "options",
];

/// What every stage may use of the engine itself.
const FOR_ALL_STAGES: &[&str] = &["budget"];

/// Folders that tools fill.
const NOT_OURS: &[&str] = &[
    "node_modules",
    "dist",
    "src/gen",
    "src/redress/v1",
    "redressv1",
    "php/gen",
    "build",
];

/// What the pure part of the crate must not know.
const PURE: &[&str] = &["src/domain", "src/policy", "src/engine"];
const IMPURE_CRATES: &[&str] = &[
    "tonic",
    "tokio",
    "prost",
    "redress_client",
    "std::fs",
    "std::env",
    "std::net",
    "tracing",
];

/// Words of particular shops, in lower case: they belong in policies alone.
const SHOP_WORDS: &[&str] = &[
    "milona",
    "mil-",
    "worked_sunday",
    "worked-sunday",
    "protection_plan",
    "passione",
    "jona",
    "melina",
    "greek",
    "9.00",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file under a folder with one of the endings, by path, relative
/// to the root.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        // A module without submodules has no folder.
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
            {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Returns the files under a folder with one of the endings, without what tools install and
/// generate there.
fn sources(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = files(folder, endings);
    found.retain(|file| !NOT_OURS.iter().any(|part| in_folder(file, part)));
    found
}

/// Tells whether a path leads through folders, named one after the other.
fn in_folder(file: &Path, part: &str) -> bool {
    let path = format!("/{}", file.display());
    path.contains(&format!("/{part}/"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Returns the lines that are not comments, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Returns the paths that follow `crate::` in a text, braces taken apart.
fn crate_paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (start, marker) in text.match_indices("crate::") {
        let rest = &text[start + marker.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut item = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => paths.push(std::mem::take(&mut item)),
                    _ if depth == 0 && !letter.is_whitespace() => item.push(letter),
                    _ => {}
                }
            }
            paths.push(item);
        } else {
            paths.push(
                rest.chars()
                    .take_while(|letter| letter.is_alphanumeric() || "_:".contains(*letter))
                    .collect(),
            );
        }
    }
    paths.retain(|path| !path.is_empty());
    paths
}

fn allowed(path: &str, modules: &[&str]) -> bool {
    modules.iter().any(|module| {
        path.strip_prefix(module)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for file in files("src", &["rs"]) {
        let name = file.to_str().unwrap();
        if ["src/lib.rs", "src/main.rs"].contains(&name) {
            continue;
        }
        let module = name.trim_end_matches(".rs");
        let Some((_, modules)) = IMPORTS
            .iter()
            .find(|(prefix, _)| Path::new(module).starts_with(prefix))
        else {
            wrong.push(format!("{name}: not in the table of imports"));
            continue;
        };
        // What stands in the tests of a module does not ship.
        let text = read(&file);
        let text = text.split("#[cfg(test)]").next().unwrap();
        let text: Vec<&str> = code(text).map(|(_, line)| line).collect();
        for path in crate_paths(&text.join("\n")) {
            if !allowed(&path, modules) {
                wrong.push(format!("{name}: crate::{path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn stages_of_the_engine_use_only_those_before_them() {
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (place, stage) in STAGES.iter().enumerate() {
        let root = format!("src/engine/{stage}");
        let all = files("src/engine", &["rs"]);
        for file in all.iter().filter(|file| {
            let module = file.to_str().unwrap().trim_end_matches(".rs");
            Path::new(module).starts_with(&root)
        }) {
            looked_at += 1;
            let name = file.to_str().unwrap();
            let text = read(file);
            let text = text.split("#[cfg(test)]").next().unwrap();
            let text: Vec<&str> = code(text).map(|(_, line)| line).collect();
            let text = text.join("\n");
            // What lies above the folder is named from the root of the crate.
            let above = name.matches('/').count() - 1;
            let climb = "super::".repeat(above);
            if text.contains(&format!(" {climb}")) {
                wrong.push(format!("{name}: {climb}"));
            }
            for path in crate_paths(&text) {
                let Some(of_engine) = path.strip_prefix("engine::") else {
                    continue;
                };
                let used = of_engine.split("::").next().unwrap();
                let before = STAGES[..=place].contains(&used);
                if !before && !FOR_ALL_STAGES.contains(&used) {
                    wrong.push(format!("{name}: {path}"));
                }
            }
        }
    }
    assert!(looked_at > 40, "{looked_at}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn paths_of_imports_are_found() {
    let text =
        "use crate::domain::{a, b};\nuse crate::{engine, policy::{plan, x}};\ncrate::load::f()";
    assert_eq!(
        crate_paths(text),
        ["domain::", "engine", "policy::", "load::f"]
    );
    assert!(allowed("policy::plan::Plan", &["policy::plan"]));
    assert!(!allowed("policy::catalog", &["policy::plan"]));
    assert!(!allowed("domains", &["domain"]));
}

#[test]
fn the_pure_part_knows_no_system() {
    let mut wrong = Vec::new();
    for folder in PURE {
        let mut all = files(folder, &["rs"]);
        all.push(PathBuf::from(format!("{folder}.rs")));
        for file in all {
            for (number, line) in code(&read(&file)) {
                for name in IMPURE_CRATES {
                    if line.contains(&format!("{name}::")) {
                        wrong.push(format!("{}:{number}: {name}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "client", "clients"] {
        for file in sources(
            folder,
            &["rs", "py", "ts", "go", "cpp", "h", "java", "php", "php"],
        ) {
            let text = read(&file);
            let lines = text.lines().count();
            if lines > MAX_LINES && !text.starts_with("// Generated") {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Taken apart, so that this file does not hold what it looks for.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    let mut left = Vec::new();
    for folder in ["src", "tests", "client", "clients", "proto", "deploy"] {
        for file in sources(
            folder,
            &[
                "rs", "proto", "sh", "py", "toml", "ts", "go", "cpp", "h", "java", "php",
            ],
        ) {
            for (index, line) in read(&file).lines().enumerate() {
                if marks.iter().any(|mark| line.contains(mark)) {
                    left.push(format!("{}:{}", file.display(), index + 1));
                }
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn every_test_file_is_listed() {
    let main = read(Path::new("tests/it/main.rs"));
    for entry in fs::read_dir(root().join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let listed = main
            .lines()
            .any(|line| line.trim() == format!("mod {name};"));
        assert!(
            name == "main" || path.is_dir() || listed,
            "{name} is not listed"
        );
    }
}

#[test]
fn no_shop_is_known_to_engine_and_contract() {
    let mut known = Vec::new();
    let mut all = files("src", &["rs"]);
    all.extend(files("proto", &["proto"]));
    for file in all {
        for (index, line) in read(&file).to_lowercase().lines().enumerate() {
            for word in SHOP_WORDS {
                if has_word(line, word) {
                    known.push(format!("{}:{}: {word}", file.display(), index + 1));
                }
            }
        }
    }
    assert!(known.is_empty(), "{known:#?}");
}

/// Tells whether a word stands in a line, not as the end of a longer one:
/// `9.00` is not part of `59.00`.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        !line[..start]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric)
    })
}

/// Files that the pages for contributors name: those of a diagram of the engine by their name
/// alone.
#[test]
fn the_pages_for_contributors_name_files_that_exist() {
    let mut missing = Vec::new();
    let mut named = 0;
    for page in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
    ] {
        let text = read(&root().join(page));
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)));
        for word in words {
            let word = word.trim_end_matches('.');
            let is_file = [".rs", ".toml", ".md", ".py", ".json", ".proto"]
                .iter()
                .any(|end| word.ends_with(end) && word.len() > end.len());
            let is_example = word.contains("REVISION") || word.starts_with(['.', '/']);
            if !is_file || is_example || !(word.contains('/') || word.ends_with(".rs")) {
                continue;
            }
            named += 1;
            let places = [
                word.to_owned(),
                format!("src/{word}"),
                format!("src/engine/{word}"),
            ];
            if !places.iter().any(|place| root().join(place).exists()) {
                missing.push(format!("{page}: {word}"));
            }
        }
    }
    assert!(named > 30, "{named}");
    assert!(missing.is_empty(), "{missing:#?}");
}
