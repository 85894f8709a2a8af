//! The programs of `docs/first-verdict.md` are those that are run: in other languages those of
//! the clients' READMEs, which the clients' tests run, in Rust an example, and with `curl` the
//! JSON, which are run here.

use std::fs;
use std::path::Path;

use redress::server::config::Config;
use tonic::codegen::http::Version;

use crate::http::{DECIDE, post};
use crate::running::Running;

#[path = "../../client/examples/first_verdict.rs"]
#[expect(dead_code, reason = "the example's own start asks another address")]
mod example;

const PAGE: &str = include_str!("../../docs/first-verdict.md");

/// Returns the first block of a language.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let (_, rest) = text
        .split_once(&format!("```{language}\n"))
        .expect(language);
    rest.split_once("```").expect(language).0
}

/// Returns what the page says that a program prints.
fn shown() -> &'static str {
    block(PAGE, "text")
}

/// Returns the JSON that is sent with `curl`.
fn json() -> &'static str {
    let (_, rest) = PAGE.split_once("-d '").unwrap();
    rest.split_once('\'').unwrap().0
}

#[test]
fn the_page_shows_the_programs_of_the_clients() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (client, language) in [
        ("python", "python"),
        ("typescript", "ts"),
        ("go", "go"),
        ("cpp", "cpp"),
        ("php", "php"),
        ("java", "java"),
    ] {
        let readme = root.join(format!("clients/{client}/README.md"));
        let readme = fs::read_to_string(readme).unwrap();
        assert_eq!(block(PAGE, language), block(&readme, language), "{client}");
        let prints = block(&readme, "text").to_lowercase();
        assert_eq!(shown().to_lowercase(), prints, "{client}");
    }
    let example = include_str!("../../client/examples/first_verdict.rs");
    assert_eq!(block(PAGE, "rust"), example);
    let readme = include_str!("../../client/README.md");
    assert_eq!(block(readme, "rust,no_run"), example);
    let prints = block(readme, "text").to_lowercase();
    assert_eq!(shown().to_lowercase(), prints);
}

#[tokio::test]
async fn the_example_prints_what_the_page_shows() {
    let server = Running::built_in(Config::default()).await;
    let verdict = example::ask(&server.uri()).await.unwrap();
    let (summary, step, now) = (verdict.summary, verdict.next_step, verdict.payable_now);
    let said = format!("{summary}\nnext: {step:?}, payable now: {now}\n");
    assert_eq!(said.to_lowercase(), shown().to_lowercase());
    server.stop().await;
}

#[tokio::test]
async fn the_json_gets_the_answer_that_the_page_shows() {
    let server = Running::built_in(Config::default()).await;
    let body = json().as_bytes().to_vec();
    let reply = post(
        server.address,
        Version::HTTP_11,
        DECIDE,
        "application/json",
        body,
    )
    .await;
    let reply = reply.json();
    let verdict = &reply["verdict"];
    let step = verdict["nextStep"].as_str().unwrap();
    let said = format!(
        "{}\nnext: {}, payable now: {}\n",
        verdict["summary"].as_str().unwrap(),
        step.strip_prefix("NEXT_STEP_").unwrap(),
        verdict["payableNowTotal"].as_str().unwrap()
    );
    assert_eq!(said, shown());
    server.stop().await;
}
