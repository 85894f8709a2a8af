//! The servers that are measured: child processes, bound to cores of their own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::build::beside;

/// The core of the servers.
pub const SERVER_CORE: &str = "0";
/// The core of the generator.
pub const GENERATOR_CORE: &str = "1";

/// One server that runs.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Running {
    /// Starts a program on some cores and waits until it says where it listens.
    /// Its log is written, to nowhere.
    pub fn start(program: &str, arguments: &[&str], cores: &str) -> Self {
        let mut child = Command::new("taskset")
            .args(["-c", cores])
            .arg(beside(program))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("taskset of util-linux starts the server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("its address");
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("{program} said `{line}` and not where it listens"));
        Self { child, address }
    }

    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the time that its threads were on a core.
    pub fn cpu(&self) -> Duration {
        let folder = format!("/proc/{}/task", self.child.id());
        let threads = std::fs::read_dir(folder).expect("the threads of a process");
        let nanoseconds = threads
            .filter_map(|thread| {
                let path = thread.ok()?.path().join("schedstat");
                let text = std::fs::read_to_string(path).ok()?;
                text.split(' ').next()?.parse::<u64>().ok()
            })
            .sum();
        Duration::from_nanos(nanoseconds)
    }

    /// Returns the mebibytes that it holds in memory.
    pub fn resident(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).expect("the state of a process");
        let kibibytes = text
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u32>().ok())
            .expect("its resident memory");
        f64::from(kibibytes) / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the programs that are measured.
pub fn build() {
    crate::build::build(&[("redress", "redress"), ("redress-bench", "wire-server")]);
}

/// Binds this process to the generator's core.
pub fn pin_generator() {
    let process = std::process::id().to_string();
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", GENERATOR_CORE, &process])
        .stdout(Stdio::null())
        .status()
        .expect("taskset of util-linux");
    assert!(pinned.success(), "two cores are needed");
}
