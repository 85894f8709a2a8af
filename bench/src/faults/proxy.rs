//! HAProxy in front of several servers.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::{TempDir, tempdir};

use super::servers::{PATIENCE, Start, free_address};

/// The configuration under test.
const FILE: &str = include_str!("../../../deploy/haproxy/redress.cfg");
/// Name and address of its first server.
const FIRST_SERVER: &str = "    server redress-1 10.0.0.1:50051";
/// `inter`: milliseconds between two checks of a server.
pub const INTERVAL_MS: u64 = 500;
/// `fall`: failed checks after which the proxy skips a server.
pub const FALL: u64 = 2;

/// The layer at which the proxy balances.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    /// TCP: a connection stays at one server.
    Four,
    /// HTTP/2: each call goes to the next server.
    Seven,
}

/// A running proxy; dropping it kills it.
pub struct Proxy {
    child: Child,
    _folder: TempDir,
    /// The address that it listens on.
    pub address: SocketAddr,
}

impl Proxy {
    /// Starts a proxy in front of servers.
    pub fn start(layer: Layer, servers: &[Start]) -> Self {
        let folder = tempdir().expect("a folder");
        let address = free_address();
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, settings(layer, address, servers)).expect("a file");
        let log = folder.path().join("log");
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(&file)
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a file"))
            .spawn()
            .expect("haproxy, such as by apt-get install haproxy");
        let mut proxy = Self {
            child,
            _folder: folder,
            address,
        };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let exited = proxy.child.try_wait().expect("a child").is_some();
            if exited || began.elapsed() > PATIENCE {
                let log = fs::read_to_string(&log).unwrap_or_default();
                panic!("haproxy does not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the shipped configuration with the addresses of these servers.
fn settings(layer: Layer, address: SocketAddr, servers: &[Start]) -> String {
    let checks = format!("inter {INTERVAL_MS}ms fall {FALL} ");
    assert!(FILE.contains(&checks), "checks of the shipped file");
    let (head, lines) = FILE.split_once(FIRST_SERVER).expect("a server");
    let options = lines.lines().next().expect("options of a server");
    let mut text = head.replace("bind :50051", &format!("bind {address}"));
    for server in servers {
        let (address, port) = (server.address, server.admin.port());
        text += &format!("    server {address} {address}{options} port {port}\n");
    }
    match layer {
        Layer::Four => text
            .replace("mode http", "mode tcp")
            .replace(" proto h2", ""),
        Layer::Seven => text,
    }
}
