//! The server as a process: its end, and the limits that the system sets it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use redress::server::line_queue::MAX_WAITING_BYTES;
use redress::wire::json::Schema;
use redress_client::{Client, pb};

use crate::running::PATIENCE;

/// A server that is a process; it is killed where a test fails.
pub struct Process {
    pub child: Child,
    pub stdout: BufReader<ChildStdout>,
    pub address: String,
}

impl Process {
    /// Starts a command that serves.
    pub fn start(command: Command) -> Self {
        Self::with_variables(command, &[])
    }

    /// Starts it with these variables and nothing else of the environment.
    pub fn with_variables(mut command: Command, variables: &[(&str, &str)]) -> Self {
        let mut child = command
            .env_clear()
            .envs(variables.iter().copied())
            // Nobody balances load here.
            .env("REDRESS_DRAIN_DELAY", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on ").unwrap();
        Self {
            address: address.to_owned(),
            child,
            stdout,
        }
    }

    /// Whether `redress health` says that it serves.
    pub fn serves(&self) -> bool {
        let health = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["health", &self.address])
            .env_clear()
            .output();
        let health = health.unwrap();
        match health.status.code() {
            Some(0) => health.stdout == b"SERVING\n",
            Some(1) => false,
            other => panic!("{other:?}"),
        }
    }

    /// Sends a signal such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    pub async fn client(&self) -> Client {
        let uri = format!("http://{}", self.address);
        Client::connect(uri, redress_client::Config::default())
            .await
            .unwrap()
    }

    /// Waits for the end, and returns its code and after how long it came.
    pub fn end(&mut self, within: Duration) -> (Option<i32>, Duration) {
        let began = Instant::now();
        while began.elapsed() < within {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), began.elapsed());
            }
            std::thread::yield_now();
        }
        panic!("the server has not ended within {within:?}");
    }

    /// Waits for its end, and returns what it has logged and nobody has read.
    pub fn log(&mut self) -> String {
        let mut log = Vec::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_end(&mut log).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Tells it to stop, which must take less than so long, and returns its log.
    pub fn stop_within(&mut self, limit: Duration) -> String {
        self.signal("-TERM");
        let (code, after) = self.end(PATIENCE);
        assert_eq!(code, Some(0));
        assert!(after < limit, "{after:?}");
        self.log()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_neither_answers_nor_the_end() {
    const GRACE: u64 = 4;
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    // Every frame leaves a line, so that the log is full soon.
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "trace"]);
    command.args(["--grace", &GRACE.to_string(), "--threads", "2"]);
    let mut server = Process::start(command);
    // One lot of lines is being written, another waits, and the pipe holds 64 KiB. Each
    // of these calls leaves more than 5,000 bytes.
    let calls = (2 * MAX_WAITING_BYTES + 65_536) / 5_000;
    let client = server.client().await;
    for _ in 0..calls {
        let asked = client.list_policies("");
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        assert!(answered.expect("an answer in time").is_ok());
    }
    assert!(server.serves());
    server.signal("-TERM");
    // The client does not go, either: nobody looks at its connection.
    let (code, after) = server.end(PATIENCE);
    assert_eq!(code, Some(0));
    assert!(after < Duration::from_secs(GRACE), "{after:?}");
    // It was full: lines are missing, and the last is cut off.
    let log = server.log();
    assert!(!log.contains("stopped"), "the log was not full");
}

#[tokio::test]
async fn what_turns_a_text_around_is_escaped_in_log_lines() {
    for format in ["human", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-format", format]);
        let mut server = Process::start(command);
        let text = include_str!("../../examples/return_plain_piece.json");
        let text = text.replace("O-1", "O-\u{202e}1");
        let schema = Schema::new().unwrap();
        let request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
        let client = server.client().await;
        let reply = client.decide(request).await.unwrap();
        assert_eq!(reply.order_id, "O-\u{202e}1");
        drop(client);
        server.signal("-TERM");
        let log = server.log();
        let line = log.lines().find(|line| line.contains("decision")).unwrap();
        assert!(!line.contains('\u{202e}'), "{format}: {line}");
        assert!(line.contains("u{202e}1"), "{format}: {line}");
        assert_eq!(server.end(PATIENCE).0, Some(0));
    }
}

#[tokio::test]
async fn no_fact_stands_in_the_log_whatever_is_logged() {
    const WORD: &str = "kept-to-ourselves";
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "trace"]);
    let mut server = Process::start(command);
    let text = include_str!("../../examples/return_plain_piece.json");
    let schema = Schema::new().unwrap();
    let mut request: pb::DecideRequest = schema.read(text, "redress.v1.DecideRequest").unwrap();
    let order = request.order.as_mut().unwrap();
    order.lines[0].category = WORD.to_owned();
    let client = server.client().await;
    assert!(client.decide(request.clone()).await.is_ok());
    // A refusal leaves no more of it.
    let order = request.order.as_mut().unwrap();
    order.lines[0].unit_price = WORD.to_owned();
    let refused = client.decide(request).await.unwrap_err();
    assert!(format!("{refused:?}").contains(WORD));
    drop(client);
    server.signal("-TERM");
    let log = server.log();
    assert!(log.contains("decision") && log.contains("refusal"), "{log}");
    assert!(!log.contains(WORD));
    assert_eq!(server.end(PATIENCE).0, Some(0));
}

#[tokio::test]
async fn at_the_limit_of_file_handles_a_caller_is_closed_and_not_left_waiting() {
    const CALLERS: usize = 100;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -n 80 && exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command.args(["--threads", "2"]);
    let mut server = Process::start(command);
    let client = server.client().await;
    let mut open = Vec::new();
    let mut closed = 0;
    for _ in 0..CALLERS {
        let caller = TcpStream::connect(&server.address).unwrap();
        caller.set_nonblocking(true).unwrap();
        open.push(caller);
    }
    // 80 handles less 28 are 52 connections, of which one caller has half: the client's
    // and 25.
    let began = Instant::now();
    while closed < CALLERS - 25 && began.elapsed() < PATIENCE {
        let before = open.len();
        open.retain_mut(|caller| !matches!(caller.read(&mut [0; 64]), Ok(0)));
        closed += before - open.len();
        tokio::task::yield_now().await;
    }
    assert_eq!(closed, CALLERS - 25);
    assert_eq!(open.len(), 25);
    assert!(client.list_policies("").await.is_ok());
    server.signal("-TERM");
    drop(open);
    drop(client);
    assert_eq!(server.end(PATIENCE).0, Some(0));
}
