//! The register pages are complete: every id that was registered for a shop's terms
//! ends as a clause with an effect, as a clause with the reason why it has none, or
//! as a reading. `tests/register/POLICY.ids` lists the registered ids.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn registered(policy: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/register/{policy}.ids"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Returns the page as the command prints it.
fn page(policy: &str) -> String {
    page_of(policy, &[])
}

fn page_of(policy: &str, options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["policies", policy, "--register"])
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A letter behind an id names a further rule of the same clause.
fn stem(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_lowercase())
}

fn policies() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    found
}

#[test]
fn every_registered_id_is_accounted_for() {
    for policy in policies() {
        let page = page(&policy);
        let shown: BTreeSet<String> = page
            .lines()
            .filter_map(|line| line.strip_prefix("### "))
            .map(|id| stem(id).to_owned())
            .collect();
        assert_eq!(shown, registered(&policy), "{policy}");
    }
}

#[test]
fn every_entry_says_what_follows_from_it_and_what_proves_it() {
    for policy in policies() {
        for entry in page(&policy).split("\n### ").skip(1) {
            let inert = entry.contains("\n- no effect: ");
            let effect = entry.contains("\n- effect: ") && entry.contains("\n- source: ");
            let reading = entry.contains("\n- of: ");
            assert!(inert || effect || reading, "{policy}: {entry}");
            let proven = !entry.contains("\n- cases: 0") || entry.contains("\n- no rival: ");
            assert!(inert || proven, "{policy}: {entry}");
            let contested = entry.contains("\n- not: ") || entry.contains("\n- no rival: ");
            assert!(!reading || contested, "{policy}: {entry}");
        }
    }
}

/// Ends in the words of the language, on the side of their event.
#[test]
fn entries_say_ends_as_they_are_counted() {
    for (policy, words) in [
        (
            "working-days",
            "the request until 3 business days of office before fitting, from place",
        ),
        (
            "working-days",
            "the request until more than 5 business days of office before fitting",
        ),
        (
            "openings",
            "the request until 100 days after deliver, from 20 days after deliver",
        ),
        ("openings", "from 1 months before fitting"),
        (
            "season-dates",
            "extends TOY-01 to the next 31 January after place",
        ),
        ("season-dates", "from the next 7 January after place"),
        ("season-dates", "the request until 2026-11-24, from place"),
        ("season-dates", "without end, from 2026-12-01"),
        ("arrivals", "the act receive until 30 days after deliver"),
        (
            "seller-days",
            "the request until seller_days days (14 to 60) after deliver",
        ),
        (
            "seller-days",
            "from trial_days business days of work (3 to 20) after deliver",
        ),
        (
            "seller-days",
            "notice_hours hours (24 to 72) before appointment",
        ),
    ] {
        let page = page_of(policy, &["--policies", "tests/decide"]);
        assert!(page.contains(words), "{words}\n{page}");
    }
}
