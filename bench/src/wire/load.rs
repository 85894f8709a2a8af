//! The generator: HTTP/2 with bodies encoded beforehand. A client of the usual
//! kind would cost as much as the server that it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Method, Request};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::messages::{Counter, IN_FLIGHT};
use super::servers::Running;

/// Bytes that a server may send ahead: no stream waits for the generator.
const WINDOW: u32 = 8 * 1024 * 1024;
/// Time under load before counting begins.
const WARM_UP: Duration = Duration::from_millis(250);

/// One connection; clones share it.
#[derive(Clone)]
pub struct Connection {
    send: SendRequest<Bytes>,
    address: SocketAddr,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.expect("a connection");
        socket.set_nodelay(true).expect("a socket");
        let (send, connection) = h2::client::Builder::new()
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .handshake(socket)
            .await
            .expect("HTTP/2");
        tokio::spawn(async move {
            // It ends with an error where the server is stopped first.
            let _ = connection.await;
        });
        Self { send, address }
    }

    /// Begins a call.
    pub async fn begin(&self, path: &str) -> (ResponseFuture, SendStream<Bytes>) {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{path}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .expect("a request");
        let mut ready = self.send.clone().ready().await.expect("a connection");
        ready.send_request(request, false).expect("a stream")
    }

    /// Calls, and returns the bytes of the reply.
    pub async fn call(&self, path: &str, body: Bytes) -> usize {
        let (response, mut send) = self.begin(path).await;
        send.send_data(body, true).expect("an open stream");
        let mut reply = Reply::of(response).await;
        let mut bytes = 0;
        while let Some(piece) = reply.next().await {
            bytes += piece.len();
        }
        reply.end().await;
        bytes
    }
}

/// A reply as it arrives.
pub struct Reply {
    head: HeaderMap,
    body: RecvStream,
}

impl Reply {
    /// Waits for its head.
    pub async fn of(response: ResponseFuture) -> Self {
        let (head, body) = response.await.expect("a response").into_parts();
        Self {
            head: head.headers,
            body,
        }
    }

    /// Returns the next piece of its body.
    pub async fn next(&mut self) -> Option<Bytes> {
        let piece = self.body.data().await?.expect("an open stream");
        // The window is opened again by as much as was read.
        let _ = self.body.flow_control().release_capacity(piece.len());
        Some(piece)
    }

    /// Checks that it ended well.
    pub async fn end(mut self) {
        let trailers = self.body.trailers().await.expect("an open stream");
        let status = trailers.as_ref().unwrap_or(&self.head).get("grpc-status");
        assert_eq!(status.map(|s| s.as_bytes()), Some(&b"0"[..]), "refused");
    }
}

/// What a slice of load came to.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Decisions a second.
    pub rate: f64,
    /// Microseconds that the server was on a core for each.
    pub server_us: f64,
    /// The part of the time that the generator was on its core: near 1, it is
    /// the generator that was measured.
    pub generator: f64,
}

/// Counts what is done until the order to stop.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    done: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Tally {
    fn add(&self, decisions: usize) {
        self.done.fetch_add(decisions as u64, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Measures what the tasks do for a slice of time, and lets them end.
    pub async fn measure(
        self,
        server: &Running,
        slice: Duration,
        tasks: Vec<JoinHandle<()>>,
    ) -> Slice {
        tokio::time::sleep(WARM_UP).await;
        let (start, own, cpu) = (Instant::now(), own_cpu(), server.cpu());
        let before = self.done.load(Ordering::Relaxed);
        tokio::time::sleep(slice).await;
        let decisions = (self.done.load(Ordering::Relaxed) - before) as f64;
        let (took, own, cpu) = (
            start.elapsed().as_secs_f64(),
            own_cpu() - own,
            server.cpu() - cpu,
        );
        self.stop.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.expect("a task that ends");
        }
        Slice {
            rate: decisions / took,
            server_us: cpu.as_secs_f64() * 1e6 / decisions,
            generator: own.as_secs_f64() / took,
        }
    }
}

fn own_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a thread");
    let first = text.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(first.expect("a number"))
}

/// Starts calls that follow one another, so many at once on each connection.
pub async fn calls(
    server: &Running,
    (connections, streams): (usize, usize),
    (path, body, decisions): (&'static str, &Bytes, usize),
) -> (Tally, Vec<JoinHandle<()>>) {
    let tally = Tally::default();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let connection = Connection::open(server.address).await;
        for _ in 0..streams {
            let (connection, tally, body) = (connection.clone(), tally.clone(), body.clone());
            tasks.push(tokio::spawn(async move {
                while !tally.stopped() {
                    connection.call(path, body.clone()).await;
                    tally.add(decisions);
                }
            }));
        }
    }
    (tally, tasks)
}

/// Starts streams of decisions. Each sends as many items as came back.
pub async fn streams(
    server: &Running,
    (connections, streams): (usize, usize),
    (path, items, item_bytes): (&'static str, &Bytes, usize),
) -> (Tally, Vec<JoinHandle<()>>) {
    let tally = Tally::default();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let connection = Connection::open(server.address).await;
        for _ in 0..streams {
            let (connection, tally, items) = (connection.clone(), tally.clone(), items.clone());
            tasks.push(tokio::spawn(async move {
                let (response, mut send) = connection.begin(path).await;
                send.send_data(items.clone(), false)
                    .expect("an open stream");
                let mut reply = Reply::of(response).await;
                let (mut counter, mut in_flight) = (Counter::default(), IN_FLIGHT);
                while in_flight > 0 {
                    let piece = reply.next().await.expect("a result for each item");
                    let results = counter.take(&piece);
                    tally.add(results);
                    in_flight -= results;
                    if !tally.stopped() && results > 0 {
                        let next = items.slice(..results * item_bytes);
                        send.send_data(next, false).expect("an open stream");
                        in_flight += results;
                    }
                }
                send.send_data(Bytes::new(), true).expect("an open stream");
                while reply.next().await.is_some() {}
                reply.end().await;
            }));
        }
    }
    (tally, tasks)
}
