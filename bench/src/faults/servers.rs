//! Starts, stops, kills and observes servers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

/// The limit on waiting for anything that must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The interval between two samples of memory.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(20);

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program.
    pub program: PathBuf,
    /// Arguments after `serve`.
    pub arguments: Vec<String>,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The address of its admin port.
    pub admin: SocketAddr,
}

/// Returns a loopback address that nobody listens on.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

impl Start {
    /// Takes two free ports.
    pub fn new(program: &Path, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&one| one.to_owned()).collect(),
            address: free_address(),
            admin: free_address(),
        }
    }

    /// Adds a setting.
    pub fn with(mut self, flag: &str, value: impl AsRef<Path>) -> Self {
        let value = value.as_ref().to_str().expect("a path in UTF-8");
        self.arguments.extend([flag.to_owned(), value.to_owned()]);
        self
    }

    /// Starts the server without outputs, and waits until it is ready.
    pub async fn run(&self) -> Server {
        self.run_with(Stdio::null(), Stdio::null()).await
    }

    /// Starts the server with outputs, and waits until it is ready.
    pub async fn run_with(&self, output: Stdio, log: Stdio) -> Server {
        let child = Command::new(&self.program)
            .args(["serve", "--listen", &self.address.to_string()])
            .args(["--admin-listen", &self.admin.to_string()])
            .args(&self.arguments)
            .env_clear()
            .stdout(output)
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let mut server = Server {
            child,
            address: self.address,
            admin: self.admin,
        };
        let began = Instant::now();
        while !server.is_ready() {
            let ended = server.child.try_wait().expect("a child");
            assert_eq!(ended, None, "the server does not start");
            assert!(began.elapsed() < PATIENCE, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        server
    }
}

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    /// The address that it listens on.
    pub address: SocketAddr,
    admin: SocketAddr,
}

impl Server {
    /// Returns its address as a URI without TLS.
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the read ends of its piped outputs.
    pub fn close_outputs(&mut self) {
        drop((self.child.stdout.take(), self.child.stderr.take()));
    }

    /// Sends a signal such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill").success(), "no server to signal");
    }

    /// Kills it with SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("a server to kill");
        self.child.wait().expect("an exit status");
    }

    /// Waits until it exits; returns its exit code, `None` if it does not exit, and the time.
    async fn exit(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status.code(), began.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (None, began.elapsed())
    }

    /// Sends SIGTERM and waits until it exits; see [`Self::exit`] for what is returned.
    pub async fn stop(self) -> (Option<i32>, Duration) {
        self.signal("-TERM");
        self.exit().await
    }

    /// Calls the admin port; returns the status and the reply, `None` without an answer.
    fn admin(&self, path: &str) -> Option<(u32, String)> {
        let mut stream = TcpStream::connect(self.admin).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).ok()?;
        let status = reply.split(' ').nth(1)?.parse().ok()?;
        Some((status, reply))
    }

    /// Returns whether its readiness check passes.
    pub fn is_ready(&self) -> bool {
        matches!(self.admin("/readyz"), Some((200, _)))
    }

    /// Returns the sum of a metric over the series whose labels hold a text.
    pub fn metric(&self, name: &str, labels: &str) -> f64 {
        let (_, page) = self.admin("/metrics").expect("metrics");
        page.lines()
            .filter_map(|line| line.strip_prefix(name))
            .filter(|rest| rest.starts_with(['{', ' ']) && rest.contains(labels))
            .filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// Returns its resident memory in MiB.
    pub fn resident(&self) -> f64 {
        resident(self.child.id()).expect("a server that runs")
    }

    /// Samples its memory until [`Memory::growth`] is called.
    pub fn watch_memory(&self) -> Memory {
        let (id, before) = (self.child.id(), self.resident());
        let most = Arc::new(AtomicU64::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let (peak, stopped) = (Arc::clone(&most), Arc::clone(&stop));
        let sampler = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                let now = resident(id).unwrap_or_default();
                peak.fetch_max((now * 1024.0) as u64, Ordering::Relaxed);
                tokio::time::sleep(SAMPLE_INTERVAL).await;
            }
        });
        Memory {
            before,
            most,
            stop,
            sampler,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resident(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = rest.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Samples of the memory of a server.
pub struct Memory {
    before: f64,
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    sampler: JoinHandle<()>,
}

impl Memory {
    /// Stops sampling and returns the largest growth in MiB.
    pub async fn growth(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        self.sampler.await.expect("a sampler that ends");
        let most = self.most.load(Ordering::Relaxed) as f64 / 1024.0;
        (most - self.before).max(0.0)
    }
}

/// Numbers of failures by code and message.
pub type Failures = BTreeMap<String, u64>;
