//! Pages for people, as the program prints them: every example in English, one of them
//! with all that there is, and one in each other language.
//!
//! `REDRESS_BLESS=1` writes `tests/pages/`. Read what it wrote aloud before it is kept:
//! the first three lines have to say what to tell the customer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Lines of a page about one item, where not everything is asked for.
const MAX_LINES: usize = 12;
/// The example that is shown in full and in every language.
const SHOWN: &str = "return_plain_piece";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the names of all examples, ascending.
fn examples() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("examples")).unwrap();
    files
        .filter_map(|file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".json").map(str::to_owned)
        })
        .collect()
}

/// Returns what the program prints of an example.
fn printed(example: &str, flags: &[&str]) -> String {
    let command = match example.starts_with("options_") {
        true => "options",
        false => "decide",
    };
    let file = format!("examples/{example}.json");
    run(&[&[command, &file], flags].concat())
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(arguments)
        .env_clear()
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Compares a page with its file, or writes it; returns the name of the file.
fn compare(name: String, page: &str) -> String {
    let path = root().join("tests/pages").join(&name);
    if std::env::var_os("REDRESS_BLESS").is_some() {
        fs::write(&path, page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} is missing"));
    assert_eq!(kept, page, "{name}");
    name
}

#[test]
fn every_example_is_printed_as_it_was_read() {
    let mut names = BTreeSet::new();
    for example in examples() {
        let page = printed(&example, &[]);
        names.insert(compare(format!("{example}.txt"), &page));
    }
    for language in ["el", "es", "fr", "it"] {
        let page = printed(SHOWN, &["--language", language]);
        names.insert(compare(format!("{SHOWN}.{language}.txt"), &page));
        let page = printed(SHOWN, &["--language", language, "--full"]);
        names.insert(compare(format!("{SHOWN}.full.{language}.txt"), &page));
    }
    let shops = run(&["policies"]);
    names.insert(compare("policies.txt".to_owned(), &shops));
    let shop = run(&["policies", "passione-kustom"]);
    names.insert(compare("policies_of_one_shop.txt".to_owned(), &shop));
    let page = printed(SHOWN, &["--full"]);
    names.insert(compare(format!("{SHOWN}.full.txt"), &page));
    let kept = fs::read_dir(root().join("tests/pages")).unwrap();
    let kept = kept.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.collect::<BTreeSet<_>>(), names);
}

#[test]
fn a_page_about_one_item_is_short() {
    for example in examples().iter().filter(|e| !e.starts_with("options_")) {
        let page = printed(example, &[]);
        if page.lines().any(|line| line.starts_with("Item ")) {
            continue;
        }
        assert!(page.lines().count() <= MAX_LINES, "{example}\n{page}");
    }
}

#[test]
fn a_denial_says_in_the_third_line_what_is_possible() {
    let mut denials = 0;
    for example in examples() {
        let page = printed(&example, &[]);
        if page.starts_with("Denied") {
            let third = page.lines().nth(2).unwrap();
            assert!(third.starts_with("Possible instead: "), "{example}\n{page}");
            denials += 1;
        }
    }
    assert!(denials > 0);
}

#[test]
fn pages_name_what_the_machine_calls_by_a_path_only_in_full() {
    for example in examples() {
        let page = printed(&example, &[]);
        // A full stop that is followed by a letter is part of a path.
        let is_path = |word: &str| {
            let parts = word.split_once('.');
            parts.is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_lowercase()))
        };
        let mut words = page.split_whitespace();
        let found = words.find(|word| is_path(word) || word.contains("REMEDY_"));
        assert_eq!(found, None, "{example}");
    }
}
