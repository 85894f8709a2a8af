//! The decision log, and that what it records can be decided again.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use redress::wire::json::Schema;
use redress_client::pb::fact::Value as FactValue;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{Client, Config, Refusal};
use serde_json::Value;
use tonic::Code;

use crate::declared;
use crate::process::Process;
use crate::running::PATIENCE;

fn granted() -> pb::DecideRequest {
    let text = include_str!("../../examples/return_plain_piece.json");
    let schema = Schema::new().unwrap();
    schema.read(text, "redress.v1.DecideRequest").unwrap()
}

/// Returns the path of a file of one test that is not there.
fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decision-log");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    let _ = fs::remove_file(&file);
    file
}

fn start(arguments: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "2"]);
    command.args(arguments);
    Process::start(command)
}

/// Serves these requests, each alone, and returns the replies and the records.
async fn recorded(
    file: &Path,
    arguments: &[&str],
    requests: &[pb::DecideRequest],
) -> (Vec<pb::Verdict>, Vec<Value>) {
    let log = ["--decision-log", file.to_str().unwrap()];
    let mut server = start(&[&log, arguments].concat());
    let client = server.client().await;
    let mut verdicts = Vec::new();
    for request in requests {
        let verdict = client.decide(request.clone()).await.unwrap();
        verdicts.push(verdict.message);
    }
    drop(client);
    server.signal("-TERM");
    assert_eq!(server.end(PATIENCE).0, Some(0));
    let text = fs::read_to_string(file).unwrap();
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (verdicts, records.collect())
}

fn verify(file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg("verify")
        .arg(file)
        .env_clear()
        .output()
        .unwrap()
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_decision_leaves_a_record_that_says_what_its_caller_was_told() {
    let mut incomplete = granted();
    incomplete.order.as_mut().unwrap().lines[0].personalized = 0;
    let file = file("records");
    let (verdicts, records) = recorded(&file, &[], &[granted(), incomplete]).await;
    assert_eq!(records.len(), verdicts.len());
    for (record, verdict) in records.iter().zip(&verdicts) {
        let told = &record["verdict"];
        assert_eq!(record["method"], "Decide");
        assert_eq!(told["orderId"], "O-1");
        assert_eq!(told["claimId"], "C-1");
        assert_eq!(told["outcome"], verdict.outcome().as_str_name());
        let receipt = verdict.receipt.as_ref().unwrap();
        assert_eq!(told["receipt"]["revision"], receipt.revision.as_str());
        let codes: Vec<&str> = verdict.rows[0]
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        let recorded = told["rows"][0]["reasons"].as_array().unwrap();
        let recorded: Vec<&str> = recorded
            .iter()
            .map(|r| r["code"].as_str().unwrap())
            .collect();
        assert_eq!(recorded, codes);
        // Nobody asked for the facts.
        assert!(record.get("request").is_none(), "{record}");
    }
    let refund = &verdicts[0].settlement.as_ref().unwrap().refund_total;
    let recorded = &records[0]["verdict"]["settlement"]["refundTotal"];
    assert_eq!(recorded, refund.as_str());
    let missing = &verdicts[1].missing[0].path;
    assert_eq!(
        records[1]["verdict"]["missing"][0]["path"],
        missing.as_str()
    );
    // Without requests there is nothing to verify, and that is no success.
    let output = verify(&file);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        printed(&output.stderr),
        "error: no record carries its request\nhelp: set `decision_log_requests` for the server\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_decided_again_and_a_difference_is_reported() {
    let file = file("verified");
    let mut full = granted();
    full.view = pb::View::Full.into();
    // Made now: the record says when that was.
    let mut now = granted();
    now.request.as_mut().unwrap().request_time = None;
    let requests = [granted(), full, now];
    let (_, records) = recorded(&file, &["--decision-log-requests", "true"], &requests).await;
    let output = verify(&file);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(printed(&output.stdout), "3 records: same decision\n");

    // Another program that decides the same is no difference; another sum is one.
    let mut changed = records;
    changed[0]["verdict"]["receipt"]["engineVersion"] = "0.0.0".into();
    changed[1]["verdict"]["settlement"]["refundTotal"] = "1.00".into();
    let lines: Vec<String> = changed.iter().map(Value::to_string).collect();
    fs::write(&file, format!("{}\nhalf a li", lines.join("\n"))).unwrap();
    let output = verify(&file);
    assert_eq!(output.status.code(), Some(1));
    let page = printed(&output.stdout);
    let refund = "  settlement.refundTotal: recorded \"1.00\", decided now ";
    for wanted in [
        "line 2: order `O-1`, claim `C-1`\n",
        refund,
        "line 4: not a record: ",
        "2 records: same decision\n1 record: different\n1 record: not readable\n",
    ] {
        assert!(page.contains(wanted), "no {wanted} in {page}");
    }
    assert_eq!(printed(&output.stderr), "error: 2 records do not hold\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn masked_fields_are_in_no_record() {
    let file = file("masked");
    let arguments = [
        "--decision-log-requests",
        "true",
        "--decision-log-mask",
        "order.lines.category, order.delivery_region_code,request.claim_id",
    ];
    let (_, records) = recorded(&file, &arguments, &[granted()]).await;
    let request = &records[0]["request"];
    let line = &request["order"]["lines"][0];
    assert_eq!(line["lineId"], "ring");
    assert!(line.get("category").is_none(), "{request}");
    assert!(request["request"].get("claimId").is_none(), "{request}");
    // Of the paths only those that were there.
    let masked = serde_json::json!(["order.lines.category", "request.claim_id"]);
    assert_eq!(records[0]["masked"], masked);
    // A decision without the id of its claim is another record, and no failure.
    let output = verify(&file);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = printed(&output.stdout);
    assert!(
        page.contains("1 record: cannot be compared: fields are masked"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mask_can_name_single_declared_facts() {
    let fact = |name: &str, value| pb::Fact {
        name: name.to_owned(),
        value: Some(value),
    };
    let mut request = declared::request();
    let order = request.order.as_mut().unwrap();
    order.lines[0].facts = vec![
        fact("level", FactValue::Word("beginner".to_owned())),
        fact("sessions_attended", FactValue::Number(3)),
    ];
    let asked = request.request.as_mut().unwrap();
    let yes = FactValue::Answer(pb::Answer::Yes.into());
    asked.facts = vec![fact("medical_note", yes)];
    let file = file("masked-facts");
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/decide");
    let arguments = [
        "--policies",
        policies,
        "--decision-log-requests",
        "true",
        "--decision-log-mask",
        "request.facts[medical_note],order.lines.facts[sessions_attended].number,\
         order.lines.facts[course_start],order.facts[level]",
    ];
    let (_, records) = recorded(&file, &arguments, &[request]).await;
    let recorded = &records[0]["request"];
    // The entry of a name goes, or a field of it; others stay.
    assert_eq!(
        recorded["order"]["lines"][0]["facts"],
        serde_json::json!([
            {"name": "level", "word": "beginner"},
            {"name": "sessions_attended"},
        ])
    );
    let told = &recorded["request"]["facts"];
    assert!(told.as_array().is_none_or(Vec::is_empty), "{recorded}");
    let masked = [
        "request.facts[medical_note]",
        "order.lines.facts[sessions_attended].number",
    ];
    assert_eq!(records[0]["masked"], serde_json::json!(masked));
}

#[test]
fn a_mask_that_names_no_field_is_refused_before_anything_is_bound() {
    for (mask, help) in [
        (
            "order.lines.categroy",
            "help: did you mean `order.lines.category`?\n",
        ),
        ("order.order_id.x", ""),
        // A time is one value.
        ("request.request_time.seconds", ""),
        // These have no entries with names.
        ("order.lines[ring].category", ""),
        ("order[facts]", ""),
        ("order.facts[]", ""),
        ("order.facts[gift", "help: did you mean `order.facts`?\n"),
        ("order.fcats[gift]", "help: did you mean `order.facts`?\n"),
        ("", ""),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["config", "--decision-log", "-", "--decision-log-mask", mask])
            .args(["--decision-log-requests", "true"])
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let wanted =
            format!("error: `decision_log_mask`: `{mask}` is no field of a request\n{help}");
        assert_eq!(printed(&output.stderr), wanted);
    }
    for (flag, key) in [
        ("--decision-log-requests=true", "decision_log_requests"),
        ("--decision-log-required=true", "decision_log_required"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["config", flag])
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let wanted = format!("error: `{key}` is set without `decision_log`\n");
        assert_eq!(printed(&output.stderr), wanted);
    }
}

async fn once(server: &Process) -> Client {
    let mut config = Config::default();
    config.attempts = 1;
    let uri = format!("http://{}", server.address);
    Client::connect(uri, config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_decisions_only_where_each_must_be_recorded() {
    for required in ["true", "false"] {
        let log = ["--decision-log", "/dev/full"];
        let mut server = start(&[&log[..], &["--decision-log-required", required]].concat());
        let client = once(&server).await;
        let began = Instant::now();
        let mut refused = None;
        // The first records are on their way when the disk is found to be full.
        while refused.is_none() && began.elapsed() < Duration::from_secs(2) {
            refused = client.decide(granted()).await.err();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        match required {
            "true" => {
                let Some(redress_client::ClientError::Refused(refusal)) = refused else {
                    panic!("{refused:?}");
                };
                let refusal: Refusal = *refusal;
                assert_eq!(refusal.code(), Code::Unavailable);
                assert_eq!(refusal.reason(), Some(Reason::Unrecorded));
            }
            _ => assert!(refused.is_none(), "{refused:?}"),
        }
        // What records nothing goes on.
        assert!(server.serves());
        let listed = client.list_policies("");
        assert!(listed.await.is_ok());
        drop(client);
        server.signal("-TERM");
        assert_eq!(server.end(PATIENCE).0, Some(0));
        let log = server.log();
        let failing = log.matches("decision log cannot be written").count();
        assert_eq!(failing, 1, "{log}");
        assert!(log.contains("decision records lost"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_that_nobody_reads_stops_neither_decisions_nor_the_end() {
    const GRACE: u64 = 4;
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["serve", "--listen", "127.0.0.1:0", "--decision-log", "-"])
        .args([
            "--decision-log-requests",
            "true",
            "--log",
            "redress=warn,redress::cli=info",
        ])
        .args(["--admin-listen", "127.0.0.1:0", "--log-format", "json"])
        .args(["--grace", &GRACE.to_string()])
        .env_clear()
        .env("REDRESS_DRAIN_DELAY", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nothing but records goes to standard output: the log says where the server listens.
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["message"], "listening");
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut server = Process {
        address: said["address"].as_str().unwrap().to_owned(),
        child,
        stdout,
    };
    let client = server.client().await;
    let mut large = granted();
    let order = large.order.as_mut().unwrap();
    order.tags = (0..45).map(|n| format!("tag-{n:050}")).collect();
    let batch = vec![large; 200];
    // Each record has more than 4,000 bytes: more than is written, waits and fits the pipe.
    let batches = (2 * redress::server::line_queue::MAX_WAITING_BYTES + 200_000) / (200 * 4_000);
    for _ in 0..batches {
        let results = client.batch_decide(batch.clone()).await.unwrap();
        assert_eq!(results.len(), 200);
    }
    assert!(server.serves());
    server.signal("-TERM");
    drop(client);
    let (code, after) = server.end(PATIENCE);
    assert_eq!(code, Some(0));
    assert!(after < Duration::from_secs(GRACE), "{after:?}");
    // Whole records in order, and the last cut off.
    let mut first = String::new();
    server.stdout.read_line(&mut first).unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["method"], "BatchDecide");
    assert!(first.to_string().len() > 4_000);
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("decision records lost"), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_follow_each_other_and_no_record_is_parted() {
    let file = file("rotated");
    let path = |number: usize| PathBuf::from(format!("{}.{number}", file.display()));
    for number in 1..=4 {
        let _ = fs::remove_file(path(number));
    }
    // The end of a process that was killed.
    fs::write(&file, "half a li").unwrap();
    let log = ["--decision-log", file.to_str().unwrap()];
    let limits = [
        "--decision-log-max-bytes",
        "1",
        "--decision-log-max-files",
        "3",
    ];
    let mut server = start(&[log, [limits[0], limits[1]], [limits[2], limits[3]]].concat());
    let client = server.client().await;
    for _ in 0..5 {
        client.decide(granted()).await.unwrap();
        // Records that come together are written together.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(client);
    server.signal("-TERM");
    assert_eq!(server.end(PATIENCE).0, Some(0));
    let mut records = 0;
    for path in [file.clone(), path(1), path(2), path(3)] {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| *line != "half a li") {
            let record: Value = serde_json::from_str(line).unwrap();
            assert_eq!(record["verdict"]["orderId"], "O-1");
            records += 1;
        }
        assert!(text.ends_with('\n'), "{text}");
    }
    assert!((3..=5).contains(&records), "{records}");
    assert!(!path(4).exists());
}
