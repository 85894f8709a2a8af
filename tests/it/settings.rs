//! The settings of the server: where they come from, and what is no setting.
//!
//! `REDRESS_BLESS=1` writes the reference in the documentation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::tls::of_year;

/// Returns a folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("settings")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Returns what `redress config` prints, which has to succeed.
fn config(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = run(&[&["config"], arguments].concat(), variables);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{wrong}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns what is said of settings that cannot be used.
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = run(arguments, variables);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_reference_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let wanted = config(&["--reference"], &[]);
    if std::env::var_os("REDRESS_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "`docs/settings.md` is not what the program says; run `just generate`"
    );
}

/// Returns the value of a setting and its origin.
fn line(page: &str, key: &str) -> (String, String) {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")))
        .unwrap_or_else(|| panic!("no {key} in {page}"));
    let (value, origin) = line.split_once('#').unwrap();
    (value.trim().to_owned(), origin.trim().to_owned())
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_a_variable_than_the_file() {
    let folder = folder("strength");
    let text = "grace = 0x20\ndrain_delay = 4\nrequest_timeout = 6\n";
    let file = write(&folder, "redress.toml", text);
    let variables = [
        ("REDRESS_CONFIG", file.as_str()),
        ("REDRESS_DRAIN_DELAY", "7"),
        ("REDRESS_REQUEST_TIMEOUT", "8"),
    ];
    let page = config(&["--request-timeout", "9"], &variables);
    let told = |key| line(&page, key);
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(told("grace"), pair("32", &file));
    assert_eq!(told("drain_delay"), pair("7", "REDRESS_DRAIN_DELAY"));
    assert_eq!(told("request_timeout"), pair("9", "--request-timeout"));
    assert_eq!(told("reply_timeout"), pair("60", "default"));
    // What is printed is a file that says the same.
    let again = write(&folder, "printed.toml", &page);
    let again = config(&["--config", &again], &[]);
    for key in ["grace", "drain_delay", "request_timeout", "listen", "log"] {
        assert_eq!(line(&again, key).0, line(&page, key).0, "{key}");
    }
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_line_and_the_nearest_key() {
    let file = write(
        &folder("mistakes"),
        "redress.toml",
        "listen = \"127.0.0.1:0\"\n\
         thread = 3\n\
         max_connections = 0\n\
         log_format = \"yaml\"\n\
         grace = [1]\n\
         reply_timeout = 86401\n",
    );
    for command in ["serve", "config"] {
        assert_eq!(
            refused(&[command, "--config", &file], &[]),
            format!(
                "error: the settings file cannot be used\n  \
                 {file}:2: `thread` is not a setting; did you mean `threads`?\n  \
                 {file}:3: `max_connections`: not a whole number of at least 1\n  \
                 {file}:4: `log_format`: not one of `human`, `json`\n  \
                 {file}:5: `grace` is not a text, a whole number or true or false\n  \
                 {file}:6: `reply_timeout`: 86401 is not in 1..=86400\n"
            )
        );
    }
}

#[test]
fn a_variable_that_is_no_setting_is_refused_with_the_nearest_one() {
    let said = refused(&["serve"], &[("REDRESS_DRAIN_DELY", "5")]);
    assert_eq!(
        said,
        "error: the environment has variables of no setting\n  \
         `REDRESS_DRAIN_DELY` is not a setting; did you mean `REDRESS_DRAIN_DELAY`?\n"
    );
    // What Kubernetes sets for services that are called `redress` and `redress-admin`,
    // and settings of other commands.
    let of_services = [
        ("REDRESS_SERVICE_HOST", "10.0.0.1"),
        ("REDRESS_SERVICE_PORT", "50051"),
        ("REDRESS_SERVICE_PORT_GRPC", "50051"),
        ("REDRESS_PORT", "tcp://10.0.0.1:50051"),
        ("REDRESS_PORT_50051_TCP", "tcp://10.0.0.1:50051"),
        ("REDRESS_PORT_50051_TCP_ADDR", "10.0.0.1"),
        ("REDRESS_PORT_50051_TCP_PORT", "50051"),
        ("REDRESS_PORT_50051_TCP_PROTO", "tcp"),
        ("REDRESS_ADMIN_SERVICE_HOST", "10.0.0.2"),
        ("REDRESS_ADMIN_PORT", "tcp://10.0.0.2:9090"),
        ("REDRESS_ADMIN_PORT_9090_TCP_ADDR", "10.0.0.2"),
        ("REDRESS_ADDR", "127.0.0.1:50051"),
    ];
    config(&[], &of_services);
    let said = refused(&["config"], &[("REDRESS_PORT", "50051")]);
    assert!(said.contains("`REDRESS_PORT` is not a setting"), "{said}");
}

#[test]
fn other_machines_are_served_with_tls_or_when_it_is_said() {
    let open = ["--listen", "0.0.0.0:0"];
    assert_eq!(
        refused(&[&["serve"], &open[..]].concat(), &[]),
        "error: `0.0.0.0:0` can be reached from other machines, in plaintext and by anybody\n\
         help: set `tls_cert` and `tls_key`, or `insecure` where something else protects it\n"
    );
    for said in ["--insecure", "--insecure=true"] {
        let page = config(&[&open[..], &[said]].concat(), &[]);
        assert_eq!(line(&page, "insecure").0, "true");
    }
    let file = write(&folder("insecure"), "redress.toml", "insecure = true\n");
    config(&[&open[..], &["--config", &file]].concat(), &[]);
    config(&open, &[("REDRESS_INSECURE", "true")]);
    refused(
        &[&["config"], &open[..]].concat(),
        &[("REDRESS_INSECURE", "false")],
    );
}

/// A port that is taken is the last thing that a server would notice.
#[test]
fn certificates_are_checked_before_a_port_is_bound() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = folder("certificates");
    let old = of_year(2020);
    let certificate = write(&folder, "old.pem", &old.cert.pem());
    let key = write(&folder, "old.key", &old.signing_key.serialize_pem());
    let serve = ["serve", "--listen", &address];
    let said = refused(
        &[&serve[..], &["--tls-cert", &certificate, "--tls-key", &key]].concat(),
        &[],
    );
    assert!(said.contains("expired on Jan  1 00:00:00 2021"), "{said}");
    for (arguments, wanted) in [
        (["--tls-cert", &certificate], "without `tls_key`"),
        (["--tls-key", &key], "without `tls_cert`"),
        (["--tls-client-ca", &certificate], "without `tls_cert`"),
        (["--log", "loud,="], "log filter `loud,=` is not valid"),
        (["--tls-cert", "nowhere"], "without `tls_key`"),
    ] {
        let said = refused(&[&serve[..], &arguments].concat(), &[]);
        assert!(said.contains(wanted), "{said}");
    }
    let said = refused(&serve, &[]);
    assert!(said.contains("cannot listen on"), "{said}");
}
