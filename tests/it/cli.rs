//! The program as a process: whole output and exit code.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

/// Runs the program with nothing of the caller's environment.
fn redress(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ends without reading breaks the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn assert_ends(arguments: &[&str], input: &str, code: i32, stdout: &str, stderr: &str) {
    let output = redress(arguments, input);
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap().as_str(),
            String::from_utf8(output.stderr).unwrap().as_str(),
        ),
        (Some(code), stdout, stderr),
        "{arguments:?}"
    );
}

#[test]
fn the_version_names_engine_and_zone_data() {
    let wanted = format!(
        "redress {} (tzdb {})\n",
        env!("CARGO_PKG_VERSION"),
        chrono_tz::IANA_TZDB_VERSION
    );
    assert_ends(&["--version"], "", 0, &wanted, "");
}

#[test]
fn help_names_every_command_and_exit_code() {
    let output = redress(&["--help"], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for word in [
        "decide",
        "ask",
        "options",
        "policies",
        "check",
        "test",
        "calendar",
        "proto",
        "serve",
        "config",
        "health",
        "Exit codes:",
    ] {
        assert!(text.contains(word), "{word} is missing from {text}");
    }
}

/// What `redress proto` writes is the contract of the tree, and nothing else is touched.
#[test]
fn the_contract_is_written_as_files() {
    let out = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("proto");
    let folder = out.join("redress/v1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("order.proto"), "of an older program").unwrap();
    std::fs::write(out.join("mine.proto"), "mine").unwrap();
    let output = redress(&["proto", "--out", out.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stdout).unwrap();
    let tree = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("proto/redress/v1");
    let mut count = 0;
    for file in std::fs::read_dir(tree).unwrap() {
        let file = file.unwrap().path();
        let written = folder.join(file.file_name().unwrap());
        assert_eq!(
            std::fs::read_to_string(&written).unwrap(),
            std::fs::read_to_string(&file).unwrap()
        );
        assert!(told.contains(written.to_str().unwrap()), "{told}");
        count += 1;
    }
    assert!(
        told.ends_with(&format!("{count} files written\n")),
        "{told}"
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), count);
    let mine = std::fs::read_to_string(out.join("mine.proto")).unwrap();
    assert_eq!(mine, "mine");
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_contract_that_cannot_be_written_is_told_with_its_place() {
    let out = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let out = out.to_str().unwrap();
    let wanted = format!(
        "error: cannot write `{out}/redress/v1/decision_service.proto`: Not a directory (os error 20)\n"
    );
    assert_ends(&["proto", "--out", out], "", 2, "", &wanted);
}

#[test]
fn an_unknown_command_is_wrong_usage() {
    let output = redress(&["refund"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_malformed_request_is_refused_with_its_place() {
    assert_ends(
        &["decide", "-"],
        "{\n  \"policy\": \"acme\",\n  \"_story\": \"a ring comes back\"\n}",
        2,
        "",
        "error: standard input:3:10: unrecognized field name '_story'\n\
         help: the file holds the proto JSON of one `redress.v1.DecideRequest`\n",
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    assert_ends(
        &["decide", "no/such/file.json"],
        "",
        2,
        "",
        "error: cannot read `no/such/file.json`: No such file or directory (os error 2)\n",
    );
}

#[test]
fn a_directory_without_policies_is_not_a_set_of_policies() {
    let directory = std::env::temp_dir().join(format!("redress-cli-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.to_str().unwrap();
    let wanted =
        format!("error: `{path}` holds no policy; a policy is a file `POLICY/REVISION.toml`\n");
    assert_ends(&["check", path], "", 2, "", &wanted);
    std::fs::remove_dir(&directory).unwrap();
}

/// A directory of shops, one shop, one file, and each from where it stands.
#[test]
fn a_shop_or_a_file_can_be_checked_alone() {
    let root = std::env::temp_dir().join(format!("redress-check-{}", std::process::id()));
    let shop = root.join("acme-shop");
    std::fs::create_dir_all(&shop).unwrap();
    let good = include_str!("../policy/good/smallest.toml");
    std::fs::write(shop.join("always.toml"), good).unwrap();
    let other = good.replace("\"always\"", "\"2026-01-01\"");
    std::fs::write(shop.join("2026-01-01.toml"), other).unwrap();
    std::fs::write(shop.join("always.cases.toml"), "not read").unwrap();
    let check = |inside: &std::path::Path, argument: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["check", argument])
            .env_clear()
            .current_dir(inside)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let one = (
        Some(0),
        "1 policy revision, 1 clause: OK\n".to_owned(),
        String::new(),
    );
    let both = (
        Some(0),
        "2 policy revisions, 2 clauses: OK\n".to_owned(),
        String::new(),
    );
    for argument in [root.to_str().unwrap(), shop.to_str().unwrap()] {
        assert_eq!(check(&std::env::temp_dir(), argument), both, "{argument}");
    }
    assert_eq!(check(&root, "."), both);
    assert_eq!(check(&shop, "."), both);
    assert_eq!(check(&shop, "always.toml"), one);
    assert_eq!(check(&root, "acme-shop/2026-01-01.toml"), one);

    // Texts of a file are checked with it, those of another revision are not.
    std::fs::write(shop.join("always.fr.texts.toml"), "format = 1\n").unwrap();
    let (code, _, err) = check(&shop, "always.toml");
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("`language` is missing"), "{err}");
    assert_eq!(check(&shop, "2026-01-01.toml"), one);

    let (code, out, err) = check(&shop, "always.cases.toml");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("always.cases.toml` is not a policy"), "{err}");
    let (code, _, err) = check(&shop, "never.toml");
    assert_eq!(code, Some(2));
    assert!(err.contains("cannot read `never.toml`"), "{err}");
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn a_server_that_is_not_there_is_not_reached() {
    // Port 1 is reserved and nobody listens there.
    for arguments in [
        vec!["health", "127.0.0.1:1"],
        vec!["ask", "-", "--to", "127.0.0.1:1"],
    ] {
        assert_ends(
            &arguments,
            "{}",
            2,
            "",
            "error: cannot reach `127.0.0.1:1`: Connection refused (os error 111)\n",
        );
    }
}

#[test]
fn a_certificate_without_its_key_is_wrong_usage() {
    let output = redress(&["serve", "--tls-cert", "cert.pem"], "");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_policy_that_is_not_valid_has_its_own_code() {
    let directory = std::env::temp_dir().join(format!("redress-bad-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("acme-shop")).unwrap();
    std::fs::write(directory.join("acme-shop/2026-01-01.toml"), "[[clause\n").unwrap();
    let path = directory.to_str().unwrap();
    for arguments in [
        vec!["check", path],
        vec!["serve", "--listen", "127.0.0.1:0", "--policies", path],
    ] {
        let output = redress(&arguments, "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?} went on");
        assert!(stderr.contains("2026-01-01.toml:1:"), "{stderr}");
        assert!(
            stderr.ends_with("error: the policies are not valid\n"),
            "{stderr}"
        );
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_server_says_where_it_listens_and_ends_with_the_signal() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "off"])
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim_end().strip_prefix("listening on ").unwrap();
    assert_ends(&["health", address], "", 0, "SERVING\n", "");
    assert_ends(
        &["health", address, "--service", "no.such.Service"],
        "",
        1,
        "",
        "error: service not registered\n",
    );
    let signal = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

/// The example that is returned plainly, changed.
fn example(change: impl Fn(&str) -> String) -> String {
    change(include_str!("../../examples/return_plain_piece.json"))
}

#[test]
fn a_field_that_is_set_twice_is_refused_with_its_name() {
    let input = example(|text| text.replacen('{', "{\n  \"policy\": \"jona\",", 1));
    let output = redress(&["decide", "-"], &input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap().lines().next(),
        Some("error: standard input:3:10: duplicate key `policy`")
    );
}

#[test]
fn two_actions_of_one_request_are_refused() {
    let input = example(|text| {
        text.replace(
            "\"goods_return\": {}",
            "\"goods_return\": {}, \"withdrawal\": {}",
        )
    });
    let output = redress(&["decide", "-"], &input);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: standard input:"), "{stderr}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_request() {
    let plain = redress(&["decide", "-"], &example(str::to_owned));
    let marked = redress(&["decide", "-"], &example(|text| format!("\u{feff}{text}")));
    assert_eq!(plain.status.code(), Some(0));
    assert_eq!(marked.stdout, plain.stdout);
}

#[test]
fn what_turns_a_text_around_is_shown_and_does_nothing() {
    let input = example(|text| {
        text.replace("O-1", "O-\u{202e}1")
            .replace("C-1", "\u{2066}C")
    });
    let output = redress(&["decide", "-", "--full"], &input);
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(
        page.contains("order O-\\u{202e}1, return, case \\u{2066}C,"),
        "{page}"
    );
    assert!(
        !page.contains('\u{202e}') && !page.contains('\u{2066}'),
        "{page}"
    );
    // Programs get the text as it is.
    let output = redress(&["decide", "-", "--json"], &input);
    let json = String::from_utf8(output.stdout).unwrap();
    assert!(json.contains("\"orderId\": \"O-\u{202e}1\""), "{json}");
    // In an error too, where an escape sequence would reach the terminal.
    let output = redress(&["decide", "-"], "{\"\\u001b[2J\\u202e\": 1}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("'\\u{1b}[2J\\u{202e}'"), "{stderr}");
}

#[test]
fn a_window_that_ends_after_the_last_year_is_told() {
    // Delivered on 9 December 2999, 30 days: until the end of 8 January 3000, in Paris.
    let late = |text: &str| text.replace("2026-03-", "2999-12-");
    let output = redress(&["decide", "-", "--json"], &example(late));
    assert_eq!(output.status.code(), Some(0));
    let json = String::from_utf8(output.stdout).unwrap();
    assert!(json.contains("\"3000-01-08T23:00:00Z\""), "{json}");
    let later = |text: &str| late(text).replace("2999-12-20", "3000-01-01");
    let output = redress(&["decide", "-"], &example(later));
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("request.request_time: is outside the years 1900 to 2999"),
        "{stderr}"
    );
}
