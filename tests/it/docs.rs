//! The policies in the docs load as they stand, and their cases pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the files that a page shows, each behind a comment with its path, into a folder; a
/// file that is shown in parts is their sum.
fn write(page: &str, folder: &Path) -> usize {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let text = fs::read_to_string(docs.join(page)).unwrap();
    let mut count = 0;
    for part in text.split("<!-- file: ").skip(1) {
        let (path, rest) = part.split_once(" -->\n```toml\n").unwrap();
        let (shown, _) = rest.split_once("```").unwrap();
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, format!("{before}{shown}\n")).unwrap();
        count += 1;
    }
    count
}

/// Returns an empty folder of this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns what a command prints, which has to succeed.
fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}{wrong}");
    told
}

#[test]
fn the_way_to_a_first_policy_ends_with_every_clause_covered() {
    let folder = folder("first_policy");
    assert_eq!(write("first-policy.md", &folder), 3);
    let folder = folder.to_str().unwrap();
    run(&["check", folder]);
    let told = run(&["test", "--mutate", "--threshold", "100", folder]);
    assert!(told.contains("7 of 7 cases pass"), "{told}");
    // What is to be asked, and the same order with a time in the place of the request.
    let page = include_str!("../../docs/first-policy.md");
    let (request, _) = page
        .split_once("```json\n")
        .unwrap()
        .1
        .split_once("```")
        .unwrap();
    let mut message: serde_json::Value = serde_json::from_str(request).unwrap();
    let file = format!("{folder}/decide.json");
    fs::write(&file, request).unwrap();
    let told = run(&["decide", "--policies", folder, &file]);
    let asked = "Was the product made or engraved to the customer's specification?";
    assert!(told.contains(asked), "{told}");
    let members = message.as_object_mut().unwrap();
    members.remove("request");
    members.insert("request_time".into(), "2026-05-01T09:00:00Z".into());
    let file = format!("{folder}/options.json");
    fs::write(&file, message.to_string()).unwrap();
    run(&["options", "--policies", folder, &file]);
}

#[test]
fn the_policy_of_each_trade_loads() {
    let folder = folder("trades");
    assert_eq!(write("trades.md", &folder), 4);
    let told = run(&["check", folder.to_str().unwrap()]);
    assert!(told.contains("4 policy revisions"), "{told}");
}

/// The message that the page shows of a missing link is what the checker says.
#[test]
fn the_first_mistake_is_told_as_the_page_says() {
    let folder = folder("first_mistake");
    write("first-policy.md", &folder);
    let file = folder.join("lamp-shop/always.toml");
    let policy = fs::read_to_string(&file).unwrap();
    let without = policy.replace("overrides = [\"LAM-01\", \"LAM-05\"]\n", "");
    assert_ne!(policy, without);
    fs::write(&file, without).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["check", folder.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let page = include_str!("../../docs/first-policy.md");
    let shown = page.split_once("```text\n").unwrap().1;
    let (shown, _) = shown.split_once("```").unwrap();
    for line in shown.lines() {
        assert!(told.contains(line.trim()), "{line}\n{told}");
    }
}
