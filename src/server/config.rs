//! What a server is told before it binds. Texts and numbers arrive checked by
//! the command line; nothing here reads files or the environment.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use super::cors::Origins;
use super::freshness::Freshness;
use super::jwt::JwtVerifier;
use super::metrics::Metrics;
use super::tls::Identity;
use super::tokens::Tokens;
use super::traces::Traces;
use crate::rpc::service::Recorder;

/// Holds everything a server needs to know beside its listener and policies.
#[derive(Clone, Debug)]
pub struct Config {
    /// What one caller, and all of them together, may take.
    pub limits: Limits,
    /// How to talk TLS; `None`: plaintext.
    pub tls: Option<Identity>,
    /// Tokens of which a call must carry one; `None`: anybody may call. Health is told to
    /// everybody.
    pub tokens: Option<Tokens>,
    /// Who checks JSON Web Tokens, which then are accepted beside `tokens`; `None`: they are
    /// not.
    pub jwt: Option<JwtVerifier>,
    /// Origins whose pages may call; `None`: those of no other origin.
    pub cors_origins: Option<Origins>,
    /// Whether reflection is answered.
    pub reflection: bool,
    /// How long the server goes on as before after the order to stop, but for its
    /// health: whoever balances load has to notice first. Part of `grace`.
    pub drain_delay: Duration,
    /// How long the server may take to end after the order to stop; what is open then
    /// is dropped.
    pub grace: Duration,
    /// Who keeps a record of decisions; `None`: nobody.
    pub recorder: Option<Arc<dyn Recorder>>,
    /// Tells whether the policies are those of their source; `None`: they are. While they are
    /// not, health says that the server does not serve.
    pub freshness: Option<Freshness>,
    /// Who begins spans of calls; `None`: nobody.
    pub traces: Option<Traces>,
    /// Who counts what the server does.
    pub metrics: Arc<Metrics>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            tls: None,
            tokens: None,
            jwt: None,
            cors_origins: None,
            reflection: true,
            drain_delay: DEFAULT_DRAIN_DELAY,
            grace: DEFAULT_GRACE,
            recorder: None,
            freshness: None,
            traces: None,
            metrics: Arc::default(),
        }
    }
}

/// Holds the limits that an operator may choose.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message that comes in.
    pub message_bytes: usize,
    /// Requests in work at once over all connections; more are refused. One stays in
    /// work until its reply was taken.
    pub concurrent_requests: usize,
    /// Decisions at once that take more than some milliseconds, each on a thread of its
    /// own; more wait.
    pub long_decisions: NonZeroUsize,
    /// Time that one request may take until its reply begins.
    pub request_timeout: Duration,
    /// Connections at once; more are closed as they come.
    pub connections: usize,
    /// Age at which a connection of HTTP/2 is to be replaced: its peer is told to open
    /// another, and calls in work go on for as long as `request_timeout`. `None`: at no age.
    pub connection_age: Option<Duration>,
    /// Time in which a connection must have begun: the handshake of TLS, and that of
    /// HTTP/2.
    pub handshake_timeout: Duration,
    /// Time in which a reply must be taken, half of it at least; then its connection
    /// ends.
    pub reply_timeout: Duration,
    /// Bytes of replies that one connection may leave untaken; no request of it is
    /// read beyond that. One reply may exceed it.
    pub connection_unsent_bytes: usize,
    /// The same over all connections; requests are refused beyond that.
    pub unsent_bytes: usize,
    /// Steps of work that each caller may have done each second; `None`: as many as there
    /// are.
    pub caller_steps: Option<NonZeroU64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: DEFAULT_MESSAGE_BYTES,
            concurrent_requests: DEFAULT_CONCURRENT_REQUESTS,
            long_decisions: NonZeroUsize::MIN,
            request_timeout: DEFAULT_REQUEST_TIMEOUT,
            connections: DEFAULT_CONNECTIONS,
            connection_age: None,
            handshake_timeout: DEFAULT_HANDSHAKE_TIMEOUT,
            reply_timeout: DEFAULT_REPLY_TIMEOUT,
            connection_unsent_bytes: DEFAULT_CONNECTION_UNSENT_BYTES,
            unsent_bytes: DEFAULT_UNSENT_BYTES,
            caller_steps: None,
        }
    }
}

/// Bytes of one message: a full batch of ordinary requests takes a tenth of it.
pub const DEFAULT_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Requests in work at once: with the largest messages they fit in 4 GiB.
pub const DEFAULT_CONCURRENT_REQUESTS: usize = 1024;
/// Time of one request: far above any decision, below a caller's patience.
pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections at once: an idle one holds about 20 kB, so that all fit in 330 MB.
pub const DEFAULT_CONNECTIONS: usize = 16_384;
/// Time in which a connection must have begun: many round trips of the farthest caller.
pub const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time in which a reply must be taken: the largest one over a line of 10 Mbit/s takes
/// 27 s.
pub const DEFAULT_REPLY_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of replies that one connection may leave untaken: some dozens of full batches
/// at basic view.
pub const DEFAULT_CONNECTION_UNSENT_BYTES: usize = 16 * 1024 * 1024;
/// The same over all connections: 16 of the largest replies there are.
pub const DEFAULT_UNSENT_BYTES: usize = 512 * 1024 * 1024;
/// Time in which whoever balances load notices that the server is about to stop: three
/// checks of one second.
pub const DEFAULT_DRAIN_DELAY: Duration = Duration::from_secs(3);
/// Time to end after the order to stop: below the 30 s after which common
/// supervisors kill.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(20);

/// Threads that may serve: above any machine's cores, below what would exhaust
/// the process.
pub const MAX_THREADS: usize = 1024;
/// Bytes of one reply: a full batch at full view, the largest answer there is.
pub const REPLY_BYTES: usize = 32 * 1024 * 1024;
/// Requests in work at once on one connection; more wait their turn, so that
/// one caller cannot take the whole server.
pub const CONNECTION_REQUESTS: usize = 128;
/// Streams that one connection may have open, waiting ones included.
pub const CONNECTION_STREAMS: u32 = 256;
/// Bytes of one stream that may wait to be read: a stream whose results nobody
/// reads holds no more. The largest message takes four round trips; larger
/// windows and frames measured no faster where the network is near.
pub const STREAM_WINDOW: u32 = 1024 * 1024;
/// The same over all streams of one connection.
pub const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Streams reset by the peer before they were accepted; more end the
/// connection, which is what stops a flood of resets.
pub const PENDING_RESETS: usize = 20;
/// Streams reset by the server for faults of the peer, likewise.
pub const LOCAL_RESETS: usize = 1024;
/// Bytes of the headers of one request, counted as HTTP/2 counts them.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Bytes of headers that the transport reads, so that those above the limit are refused
/// with a reason. It answers larger ones itself, with 431 of HTTP and no status of gRPC.
pub const READ_HEADER_BYTES: u32 = 64 * 1024;
/// Silence after which a connection is asked whether it is alive.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Time in which it must answer.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
