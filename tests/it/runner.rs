//! `redress test` as a process: what it prints, and its exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs `redress test` on a folder.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg("test")
        .arg(folder)
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn teapots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decide/teapots")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies the teapots with a change of their policy and of their cases.
fn changed(name: &str, policy: (&str, &str), cases: (&str, &str)) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let folder = root.join("teapots");
    fs::create_dir_all(&folder).unwrap();
    for (file, (from, to)) in [("always.toml", policy), ("always.cases.toml", cases)] {
        let text = fs::read_to_string(teapots().join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
    }
    root
}

const SAME: (&str, &str) = ("", "");

#[test]
fn cases_that_hold_and_prove_end_with_0() {
    let (code, out, err) = run(&teapots(), &["--mutate", "--threshold", "100"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(
        out,
        "teapots always: 9 of 9 cases pass; covered: 5 of 5 clauses, 0 of 0 readings (100%)\n"
    );
}

#[test]
fn one_policy_folder_is_enough() {
    let (code, out, _) = run(&teapots(), &[]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn a_filter_takes_names_clauses_and_readings() {
    let (code, out, _) = run(&teapots(), &["--filter", "tea-04"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("teapots always: 2 of 2 cases pass"),
        "{out}"
    );
    let (code, out, err) = run(&teapots(), &["--filter", "no such thing"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("no case contains `no such thing`"), "{err}");
    let (_, out, _) = run(&teapots(), &["--filter", "second CHOICE"]);
    assert!(
        out.starts_with("teapots always: 1 of 1 cases pass"),
        "{out}"
    );
}

#[test]
fn a_case_that_fails_ends_with_1_and_says_what_differs() {
    let folder = changed("fails", SAME, ("\"70.03\"", "\"70.04\""));
    let (code, out, err) = run(&folder, &[]);
    assert_eq!(code, Some(1));
    assert!(out.contains("FAIL on the tenth business day"), "{out}");
    assert!(
        out.contains("refund_total: expected \"70.04\", got \"70.03\""),
        "{out}"
    );
    assert!(err.contains("1 case fails"), "{err}");
}

#[test]
fn a_citation_that_proves_nothing_fails_under_mutation_alone() {
    let folder = changed(
        "unproven",
        SAME,
        (
            "clauses = [\"TEA-03\"]\nside    = \"inside\"",
            "clauses = [\"TEA-03\", \"TEA-02\"]\nside    = \"inside\"",
        ),
    );
    assert_eq!(run(&folder, &[]).0, Some(0));
    let (code, out, _) = run(&folder, &["--mutate"]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("cites `TEA-02`, but passes whatever that clause does"),
        "{out}"
    );
}

#[test]
fn a_case_that_cites_nothing_must_notice_something() {
    // Late and engraved: denied whichever of the two clauses is changed.
    let idle = changed(
        "idle",
        SAME,
        (
            "clauses = [\"TEA-03\"]\nside    = \"inside\"\nwhy     = \"the option was bought\"\nuse     = [\"order\", \"return\"]\nset.\"order.options\"        = [{ code = \"engraved_lid\", quantity = 1, paid = \"0.00\", used_count = 0 }]\nset.\"request.request_time\" = \"2026-04-01T10:00:00+01:00\"\nexpect.outcome = \"denied\"\nexpect.rows    = [{ reason = \"lid_engraved\", clause = \"TEA-03\" }]",
            "why     = \"late, and the option was bought\"\nuse     = [\"order\", \"return\"]\nset.\"order.options\"        = [{ code = \"engraved_lid\", quantity = 1, paid = \"0.00\", used_count = 0 }]\nset.\"request.request_time\" = \"2026-06-01T10:00:00+01:00\"\nexpect.outcome = \"denied\"",
        ),
    );
    assert_eq!(run(&idle, &["--filter", "engraved lid keeps"]).0, Some(0));
    let (code, out, _) = run(&idle, &["--filter", "engraved lid keeps", "--mutate"]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("cites nothing, and passes whatever the policy says"),
        "{out}"
    );
    // Without a citation, but made by a clause.
    let made = changed(
        "made",
        SAME,
        (
            "clauses = [\"TEA-03\"]\nside    = \"inside\"",
            "side    = \"inside\"",
        ),
    );
    assert_eq!(
        run(&made, &["--filter", "engraved lid keeps", "--mutate"]).0,
        Some(0)
    );
}

#[test]
fn a_rival_must_make_a_case_fail() {
    let reading =
        "\n[[reading]]\nid = \"TEA-A01\"\nof = [\"TEA-01\"]\nsays = \"Days are business days.\"\n";
    let rival = "\n[[rival]]\nreading = \"TEA-A01\"\nsays = \"Days are calendar days.\"\n[rival.clauses.TEA-01]\nwithin = { days = 10, after = \"deliver\" }\n";
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rivals");
    let folder = root.join("teapots");
    fs::create_dir_all(&folder).unwrap();
    let read = |file: &str| fs::read_to_string(teapots().join(file)).unwrap();
    fs::write(folder.join("always.toml"), read("always.toml") + reading).unwrap();

    // Nobody says what the other reading is.
    fs::write(folder.join("always.cases.toml"), read("always.cases.toml")).unwrap();
    let (code, out, _) = run(&root, &["--threshold", "100"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("TEA-A01: no rival"), "{out}");

    // No case cites the reading.
    fs::write(
        folder.join("always.cases.toml"),
        read("always.cases.toml") + rival,
    )
    .unwrap();
    let (code, out, _) = run(&root, &["--mutate"]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("no case that cites `TEA-A01` fails under its rival"),
        "{out}"
    );

    // The last business day is calendar day 15, late by the rival.
    let cited = read("always.cases.toml").replacen("side ", "readings = [\"TEA-A01\"]\nside ", 1);
    fs::write(folder.join("always.cases.toml"), cited + rival).unwrap();
    let (code, out, err) = run(&root, &["--mutate", "--threshold", "100"]);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn less_than_the_threshold_ends_with_1() {
    let folder = changed(
        "short",
        SAME,
        (
            "clauses = [\"TEA-06\"]\nside    = \"missing\"",
            "side = \"missing\"",
        ),
    );
    let (code, out, err) = run(&folder, &["--threshold", "100"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("TEA-06: no case outside"), "{out}");
    assert!(err.contains("less than 100 %"), "{err}");
    assert_eq!(run(&folder, &["--threshold", "80"]).0, Some(0));
}

#[test]
fn junit_names_every_case_and_what_failed() {
    let folder = changed("junit", SAME, ("\"70.03\"", "\"70.04\""));
    let (code, out, _) = run(&folder, &["--output", "junit"]);
    assert_eq!(code, Some(1));
    assert!(out.starts_with("<?xml"), "{out}");
    assert_eq!(out.matches("<testcase ").count(), 9, "{out}");
    assert_eq!(out.matches("<failure").count(), 1, "{out}");
    assert!(out.contains("70.04"), "{out}");
}

#[test]
fn mistakes_of_files_have_their_own_codes() {
    let broken = changed("broken", ("refers = { reason", "refers = { raeson"), SAME);
    let (code, _, err) = run(&broken, &[]);
    assert_eq!(code, Some(3), "{err}");
    let stray = changed(
        "stray",
        SAME,
        ("use     = [\"order\"", "use     = [\"oredr\""),
    );
    let (code, _, err) = run(&stray, &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no fixture `oredr`"), "{err}");
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nowhere");
    assert_eq!(run(&nowhere, &[]).0, Some(2));
}

/// Every mistake of every case file in one run, each with file, line and column; what can
/// be run is run. `REDRESS_BLESS=1` rewrites what is expected.
#[test]
fn all_mistakes_of_case_files_are_told_in_one_run() {
    let output = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["test", "tests/suite/bad"])
        .env_clear()
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let shown = format!("{}\n{}", text(output.stdout), text(output.stderr));
    let golden = root().join("tests/suite/bad.out");
    if std::env::var_os("REDRESS_BLESS").is_some() {
        fs::write(&golden, &shown).unwrap();
    }
    assert_eq!(shown, fs::read_to_string(golden).unwrap());
    // Values are shown as a case file writes them.
    for debug in ["Some(", "None", "{\"", "\\\"", "Violation", "CallError"] {
        assert!(!shown.contains(debug), "{debug}");
    }
}

/// Copies the kettles, with a change of their cases.
fn kettles(name: &str, (from, to): (&str, &str)) -> PathBuf {
    let good = root().join("tests/suite/good/kettles");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(name)
        .join("kettles");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(good.join("always.toml"), folder.join("always.toml")).unwrap();
    let cases = fs::read_to_string(good.join("always.cases.toml")).unwrap();
    assert!(cases.contains(from), "{from}");
    fs::write(
        folder.join("always.cases.toml"),
        cases.replacen(from, to, 1),
    )
    .unwrap();
    folder
}

#[test]
fn a_case_can_state_all_that_a_verdict_says() {
    let (code, out, err) = run(
        &root().join("tests/suite/good"),
        &["--mutate", "--threshold", "100"],
    );
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(
        out.starts_with("kettles always: 9 of 9 cases pass"),
        "{out}"
    );
}

/// What is stated is compared: each form fails where the verdict is another.
#[test]
fn whatever_a_case_states_can_fail() {
    for (number, (from, to, told)) in [
        (
            "shaped_by = [\"KET-02\", \"KET-03\"], conditions",
            "shaped_by = [\"KET-02\"], conditions",
            "rows[0].shaped_by: expected [\"KET-02\"], got [\"KET-02\", \"KET-03\"]",
        ),
        (
            "window_opens = \"2026-03-02T11:00:00Z\"",
            "window_opens = \"2026-03-02T10:00:00Z\"",
            "rows[0].window_opens: expected \"2026-03-02T10:00:00Z\", got \"2026-03-02T11:00:00Z\"",
        ),
        (
            "code = \"granted\", clause = \"KET-01\"",
            "code = \"granted\", clause = \"KET-02\"",
            "rows[0].reasons[0].clause: expected \"KET-02\", got \"KET-01\"",
        ),
        (
            "reasons = [{ code = \"granted\", clause = \"KET-01\", parameters = {} }]",
            "reasons = [{ code = \"granted\" }, { code = \"wish_unmet\" }]",
            "rows[0].reasons: expected [\"granted\", \"wish_unmet\"], got [\"granted\"]",
        ),
        (
            "parameters = { closes = \"2026-03-16 23:59\" }",
            "parameters = { closes = \"2026-03-17 00:00\" }",
            "parameters: expected [\"closes = 2026-03-17 00:00\"], got",
        ),
        (
            "events = [\"receive\", \"proof\"], any = true",
            "events = [\"receive\"], any = true",
            "release.events: expected [\"receive\"], got [\"proof\", \"receive\"]",
        ),
        (
            "any = true",
            "any = false",
            "release.any: expected false, got true",
        ),
        (
            "conditions = [\"unused\"]",
            "conditions = []",
            "release.conditions: expected [], got [\"unused\"]",
        ),
        (
            "amount        = \"72.00\"",
            "amount        = \"80.00\"",
            "rows[0].candidates[refund KET-01].amount: expected \"80.00\", got \"72.00\"",
        ),
        (
            "window_closes = \"2026-03-16T23:59:59+00:00\"\nrecommended   = true",
            "window_closes = \"2026-03-17T23:59:59+00:00\"\nrecommended   = true",
            "rows[0].candidates[refund KET-01].window_closes: expected \"2026-03-17",
        ),
        (
            "recommended   = true",
            "recommended   = false",
            "rows[0].candidates[refund KET-01].recommended: expected false, got true",
        ),
        (
            "conditions    = [\"unused:open\"]",
            "conditions    = [\"unused:met\"]",
            "rows[0].candidates[refund KET-01].conditions: expected \"unused:met\" among",
        ),
        (
            "refusal     = \"bought_as_a_gift\"",
            "refusal     = \"bought_as_a_present\"",
            "rows[0].candidates: expected \"refusal bought_as_a_present\" among",
        ),
        (
            "kind = \"event_order\"",
            "kind = \"invalid_time\"",
            "refused: expected [\"order.lines[0].quantity out_of_range\", \
             \"order.shipments[0].deliver_time invalid_time\"], got",
        ),
        (
            "  { field = \"order.lines[0].quantity\", kind = \"out_of_range\" },\n",
            "",
            "refused: expected [\"order.shipments[0].deliver_time event_order\"], got",
        ),
        (
            "set.\"request.lines\" = []\n",
            "",
            "expected the request to be refused, got `approved`",
        ),
        (
            "expect.refused = { field = \"request.lines\", kind = \"required\" }",
            "expect.outcome = \"approved\"",
            "the request is refused\n         request.lines: is not set; name the units",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = kettles(&format!("stated-{number}"), (from, to));
        let (code, out, err) = run(&folder, &[]);
        assert_eq!(
            (code, err.as_str()),
            (Some(1), "error: 1 case fails\n"),
            "{from}\n{out}"
        );
        assert!(out.contains(told), "{from}\n{out}");
    }
}

#[test]
fn a_policy_that_is_not_valid_keeps_no_other_from_being_run() {
    let root = changed(
        "one-invalid",
        ("refers = { reason", "refers = { raeson"),
        SAME,
    );
    let good = kettles("one-invalid", ("", ""));
    assert!(good.starts_with(&root));
    let other = root.join("samovars");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("always.toml"), "format = 1\npolicy = samovars\n").unwrap();
    let (code, out, err) = run(&root, &[]);
    assert_eq!(code, Some(3));
    assert!(
        out.starts_with("kettles always: 9 of 9 cases pass"),
        "{out}"
    );
    assert!(err.contains("unknown key `raeson`"), "{err}");
    assert!(err.contains("samovars/always.toml:2:10"), "{err}");
    assert!(
        err.ends_with("error: the policies are not valid\n"),
        "{err}"
    );
}
