//! Decides every example, in process and by a real server, and compares the
//! outcome with the story's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::rpc::service::CatalogHandle;
use redress::server::config::Config;
use redress::server::{self, reload};
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::{Client, pb};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Returns file and outcome of each row of the table in the folder's README.
fn stories() -> Vec<(String, String)> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            match cells.as_slice() {
                ["", file, _, outcome, ""] if file.ends_with(".json`") => {
                    Some((file.trim_matches('`').to_owned(), (*outcome).to_owned()))
                }
                _ => None,
            }
        })
        .collect()
}

fn outcome(verdict: &pb::Verdict) -> String {
    let name = verdict.outcome().as_str_name();
    name.trim_start_matches("OUTCOME_").to_lowercase()
}

#[test]
fn every_example_has_a_story_and_every_kind_of_outcome_an_example() {
    let told: BTreeSet<String> = stories().into_iter().map(|(file, _)| file).collect();
    let there: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    assert_eq!(told, there);
    let outcomes: BTreeSet<String> = stories().into_iter().map(|(_, o)| o).collect();
    for wanted in ["approved", "denied", "needs_review", "needs_information"] {
        assert!(outcomes.contains(wanted), "{wanted}");
    }
}

#[tokio::test]
async fn examples_are_decided_alike_in_process_and_by_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let handle = CatalogHandle::new(reload::catalog(None).unwrap());
    let running = tokio::spawn(server::serve(listener, handle, Config::default(), async {
        let _ = stopped.await;
    }));
    let config = redress_client::Config::default();
    let client = Client::connect(format!("http://{address}"), config)
        .await
        .unwrap();

    let schema = Schema::new().unwrap();
    let catalog = reload::catalog(None).unwrap();
    let now = Instant::parse("2026-01-01T00:00:00Z").unwrap();
    for (file, wanted) in stories() {
        let text = fs::read_to_string(folder().join(&file)).unwrap();
        if wanted == "options" {
            let query: pb::ListOptionsRequest =
                schema.read(&text, "redress.v1.ListOptionsRequest").unwrap();
            let here = answer::list_options(&catalog, &query, now, &Budget::default()).unwrap();
            let here = here.to_message().unwrap();
            let there = client.list_options(query).await.unwrap();
            assert!(!here.options.is_empty(), "{file}");
            assert_eq!(here, there, "{file}");
            continue;
        }
        let request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
        let here = answer::decide(&catalog, &request, now, &Budget::default())
            .unwrap()
            .verdict;
        let here = here.decode().unwrap();
        let there = client.decide(request).await.unwrap().message;
        assert_eq!(outcome(&here), wanted, "{file}");
        assert_eq!(here, there, "{file}");
    }
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}

/// Returns what the program prints of an example, in full where there is a flag for it.
fn decided(root: &Path, example: &str, flags: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["decide", example])
        .args(flags)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn docs_show_what_the_program_prints_of_missing_facts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_to_string(root.join("docs/missing-facts.md")).unwrap();
    let (_, rest) = docs.split_once("```text\n").unwrap();
    let (shown, _) = rest.split_once("```\n").unwrap();
    let printed = decided(root, "examples/return_unknown_delivery.json", &["--full"]);
    assert!(printed.contains(shown), "{printed}");
}

/// `REDRESS_BLESS=1` writes the output into the README.
#[test]
fn readme_shows_the_real_verdict() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = decided(root, "examples/return_plain_piece.json", &[]);
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (before, rest) = readme.split_once("```text\n").unwrap();
    let (old, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("REDRESS_BLESS").is_some() {
        fs::write(
            root.join("README.md"),
            format!("{before}```text\n{shown}```\n{after}"),
        )
        .unwrap();
        return;
    }
    assert_eq!(old, shown);
}
