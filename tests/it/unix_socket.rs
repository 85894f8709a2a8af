//! A server on a Unix socket: who may connect, what is there before, and what is left.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use redress_client::Client;

use crate::http::granted;
use crate::process::Process;
use crate::running::PATIENCE;

/// Returns a path that is short enough for a socket, and nothing is there.
fn path(name: &str) -> PathBuf {
    let file = format!("redress-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(file);
    let _ = fs::remove_file(&path);
    path
}

fn address(path: &Path) -> String {
    format!("unix:{}", path.display())
}

fn serve(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--threads", "1", "--listen", &address(path)]);
    command
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.env_clear().args(arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

/// Starts a server that cannot, and returns why.
fn refused(mut command: Command) -> String {
    let output = command.env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_socket_is_served_with_its_mode_and_goes_with_the_server() {
    let path = path("served");
    let mut command = serve(&path);
    command.args(["--listen-mode", "600"]);
    let mut server = Process::start(command);
    assert_eq!(server.address, address(&path));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    for uri in [address(&path), format!("unix://{}", path.display())] {
        let config = redress_client::Config::default();
        let client = Client::connect(uri, config).await.unwrap();
        assert!(client.decide(granted()).await.is_ok());
    }
    let request = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/return_plain_piece.json"
    );
    let asked = run(&["ask", request, "--to", &address(&path)], &[]);
    let here = run(&["decide", request], &[]);
    assert!(asked.status.success(), "{asked:?}");
    assert_eq!(asked.stdout, here.stdout);
    let health = run(&["health", &address(&path)], &[]);
    assert_eq!(health.stdout, b"SERVING\n", "{health:?}");
    let health = run(&["health"], &[("REDRESS_LISTEN", &address(&path))]);
    assert_eq!(health.stdout, b"SERVING\n", "{health:?}");

    assert!(refused(serve(&path)).contains("another process listens there"));
    assert!(path.exists(), "the other's socket stays");

    server.signal("-TERM");
    assert_eq!(server.end(PATIENCE).0, Some(0));
    assert!(!path.exists(), "the socket is left");
}

#[test]
fn a_socket_that_nobody_serves_is_replaced_and_another_file_stays() {
    let path = path("stale");
    let mut server = Process::start(serve(&path));
    server.signal("-KILL");
    server.end(PATIENCE);
    assert!(path.exists());
    let mut server = Process::start(serve(&path));
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    server.signal("-TERM");
    server.end(PATIENCE);

    fs::write(&path, "a file").unwrap();
    assert!(refused(serve(&path)).contains("no socket"));
    assert_eq!(fs::read(&path).unwrap(), b"a file");
    fs::remove_file(&path).unwrap();
}

#[test]
fn settings_that_a_socket_has_no_use_for_are_refused() {
    let path = path("settings");
    let mut command = serve(&path);
    command.args(["--tls-cert", "a", "--tls-key", "b"]);
    assert!(refused(command).contains("`listen` is a Unix socket"));
    for mode in ["8", "1000", "-1", "+7", ""] {
        let mut command = serve(&path);
        command.arg(format!("--listen-mode={mode}"));
        assert!(refused(command).contains("not a mode"), "{mode}");
    }
    assert!(!path.exists());
}
