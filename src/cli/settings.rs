//! The settings of the server: flags, environment and a file, in this order of strength.
//!
//! [`layers`] puts the three together before anything is parsed; here is what each
//! setting means. [`check`] makes all of them the configuration of a server.

pub mod check;
pub mod layers;
pub mod policies;
pub mod reference;

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use crate::server::config::{
    DEFAULT_CONCURRENT_REQUESTS, DEFAULT_CONNECTION_UNSENT_BYTES, DEFAULT_CONNECTIONS,
    DEFAULT_DRAIN_DELAY, DEFAULT_GRACE, DEFAULT_HANDSHAKE_TIMEOUT, DEFAULT_MESSAGE_BYTES,
    DEFAULT_REPLY_TIMEOUT, DEFAULT_REQUEST_TIMEOUT, DEFAULT_UNSENT_BYTES, MAX_THREADS,
};
use crate::server::cors::Origins;
use crate::server::decision_log::{DEFAULT_FILE_BYTES, DEFAULT_FILES};
use crate::server::listener::ListenAddress;
use crate::server::remote_policies::DEFAULT_INTERVAL;
use crate::server::telemetry::LogFormat;

/// Full files of records that can be kept: each is renamed when another is full.
const MAX_FILES: usize = 1000;
/// The longest time that can be set: a day.
const MAX_SECONDS: u64 = 86_400;

/// Settings of the server. The name of a field is its key in a settings file.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// Settings file, TOML: the names below in place of flags, such as `drain_delay = 5`.
    /// A flag or a variable of the environment is stronger
    #[arg(long, value_name = "FILE", env = "REDRESS_CONFIG")]
    pub config: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one. `unix:/PATH` is a Unix socket
    #[arg(
        long,
        value_name = "ADDR",
        env = "REDRESS_LISTEN",
        default_value = "127.0.0.1:50051"
    )]
    pub listen: ListenAddress,
    /// Mode of a Unix socket, in octal digits: who may connect
    #[arg(
        long,
        value_name = "MODE",
        env = "REDRESS_LISTEN_MODE",
        default_value = "660"
    )]
    pub listen_mode: SocketMode,
    /// Address of the admin port: /metrics, /healthz and /readyz over plain HTTP, for those
    /// who run the server [default: none]
    #[arg(long, value_name = "ADDR", env = "REDRESS_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// Directory of policies, `POLICY/REVISION.toml` [default: those built in]
    #[arg(long, value_name = "DIR", env = "REDRESS_POLICIES")]
    pub policies: Option<PathBuf>,
    /// URL of a bundle of policies, fetched in place of a directory: `https://`, `http://`,
    /// `s3://`, `gs://` or `az://` [default: none]
    #[arg(long, value_name = "URL", env = "REDRESS_POLICIES_URL")]
    pub policies_url: Option<String>,
    /// Public keys, Ed25519 in PEM, one of which must have signed the bundle
    /// [default: none, and the bundle need not be signed]
    #[arg(long, value_name = "FILE", env = "REDRESS_POLICIES_KEY")]
    pub policies_key: Option<PathBuf>,
    /// Seconds between two requests for the bundle
    #[arg(long, value_name = "SECONDS", env = "REDRESS_POLICIES_INTERVAL",
        default_value_t = DEFAULT_INTERVAL.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub policies_interval: u64,
    /// Seconds for which policies may go without being confirmed by their source; after that,
    /// health says NOT_SERVING [default: no limit]
    #[arg(long, value_name = "SECONDS", env = "REDRESS_POLICIES_MAX_AGE",
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub policies_max_age: Option<u64>,
    /// Directory that keeps the last good bundle, for a start while the source is not reached
    /// [default: none]
    #[arg(long, value_name = "DIR", env = "REDRESS_POLICIES_CACHE")]
    pub policies_cache: Option<PathBuf>,
    /// Whether policies are read again when their files have changed and are at rest; on
    /// SIGHUP they are in any case
    #[arg(
        long,
        value_name = "true|false",
        env = "REDRESS_WATCH",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub watch: bool,
    /// Form of the log lines on standard error
    #[arg(long, value_enum, env = "REDRESS_LOG_FORMAT", default_value_t)]
    pub log_format: LogFormat,
    /// Level of the log, or directives such as `info,h2=debug`
    #[arg(
        long,
        value_name = "FILTER",
        env = "REDRESS_LOG",
        default_value = "info"
    )]
    pub log: String,
    /// File in which each decision leaves a record, a line of JSON, `-` for standard output,
    /// or `otlp` for the collector of `otlp_endpoint` [default: none]
    #[arg(long, value_name = "FILE", env = "REDRESS_DECISION_LOG")]
    pub decision_log: Option<PathBuf>,
    /// Whether records carry the request, so that `redress verify` can decide it again
    #[arg(
        long,
        value_name = "true|false",
        env = "REDRESS_DECISION_LOG_REQUESTS",
        default_value_t = false,
        action = clap::ArgAction::Set
    )]
    pub decision_log_requests: bool,
    /// Fields of requests that records leave out, separated by commas, such as
    /// `order.lines.category,request.claim_id`, or of a declared fact `order.facts[NAME]`
    #[arg(long, value_name = "PATHS", env = "REDRESS_DECISION_LOG_MASK")]
    pub decision_log_mask: Option<String>,
    /// Whether a decision that cannot be recorded is refused with UNAVAILABLE; otherwise it
    /// is made, and its record is dropped and counted
    #[arg(
        long,
        value_name = "true|false",
        env = "REDRESS_DECISION_LOG_REQUIRED",
        default_value_t = false,
        action = clap::ArgAction::Set
    )]
    pub decision_log_required: bool,
    /// Bytes of the file of records after which another begins
    #[arg(long, value_name = "BYTES", env = "REDRESS_DECISION_LOG_MAX_BYTES",
        default_value_t = DEFAULT_FILE_BYTES,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub decision_log_max_bytes: u64,
    /// Full files of records that are kept, `FILE.1` the latest
    #[arg(long, value_name = "COUNT", env = "REDRESS_DECISION_LOG_MAX_FILES",
        default_value_t = DEFAULT_FILES, value_parser = files)]
    pub decision_log_max_files: usize,
    /// Collector that is sent a span of each call whose trace is recorded, and records of
    /// decisions where `decision_log` says so, OTLP over gRPC, such as `http://127.0.0.1:4317`
    /// [default: none]
    #[arg(long, value_name = "URL", env = "REDRESS_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Calls of a hundred whose trace is recorded where their caller, by `traceparent`, does
    /// not say whether it is
    #[arg(long, value_name = "COUNT", env = "REDRESS_TRACE_PERCENT", default_value_t = 100,
        value_parser = clap::value_parser!(u8).range(0..=100))]
    pub trace_percent: u8,
    /// Threads that serve [default: one for each core]
    #[arg(long, value_name = "COUNT", env = "REDRESS_THREADS", value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
    /// Largest message that is accepted, in bytes
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_MESSAGE_BYTES",
        default_value_t = DEFAULT_MESSAGE_BYTES)]
    pub max_message_bytes: usize,
    /// Requests in work at once, until their replies are read; more are refused, and a
    /// caller's that has as many as are left for others
    #[arg(long, value_name = "COUNT", env = "REDRESS_MAX_CONCURRENT_REQUESTS",
        default_value_t = DEFAULT_CONCURRENT_REQUESTS, value_parser = at_least_one)]
    pub max_concurrent_requests: usize,
    /// Seconds that one request may take
    #[arg(long, value_name = "SECONDS", env = "REDRESS_REQUEST_TIMEOUT",
        default_value_t = DEFAULT_REQUEST_TIMEOUT.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub request_timeout: u64,
    /// Connections at once; more are closed, and a caller's that has as many as are left
    /// for others. Never more than there are file handles
    #[arg(long, value_name = "COUNT", env = "REDRESS_MAX_CONNECTIONS",
        default_value_t = DEFAULT_CONNECTIONS, value_parser = at_least_one)]
    pub max_connections: usize,
    /// Seconds after which the caller of a connection is told to open another, so that callers
    /// spread over servers that were added; its calls in work have --request-timeout to end
    /// [default: never]
    #[arg(long, value_name = "SECONDS", env = "REDRESS_MAX_CONNECTION_AGE",
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub max_connection_age: Option<u64>,
    /// Seconds in which a connection must have begun, TLS included; then it is closed
    #[arg(long, value_name = "SECONDS", env = "REDRESS_HANDSHAKE_TIMEOUT",
        default_value_t = DEFAULT_HANDSHAKE_TIMEOUT.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub handshake_timeout: u64,
    /// Seconds in which a caller must read a reply; then its connection is closed, never
    /// before half of them
    #[arg(long, value_name = "SECONDS", env = "REDRESS_REPLY_TIMEOUT",
        default_value_t = DEFAULT_REPLY_TIMEOUT.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    pub reply_timeout: u64,
    /// Bytes of replies that a connection may leave unread; then no further request of it
    /// is read
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_CONNECTION_UNSENT_BYTES",
        default_value_t = DEFAULT_CONNECTION_UNSENT_BYTES, value_parser = at_least_one)]
    pub max_connection_unsent_bytes: usize,
    /// The same over all connections; then requests are refused, and a caller's that has
    /// as many as are left for others
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_UNSENT_BYTES",
        default_value_t = DEFAULT_UNSENT_BYTES, value_parser = at_least_one)]
    pub max_unsent_bytes: usize,
    /// Steps of work that one caller may have done each second, each of one or two
    /// microseconds, a plain request about 12; more are refused until the time is over. Callers
    /// are told apart by token, certificate or address [default: as many as there are]
    #[arg(long, value_name = "STEPS", env = "REDRESS_MAX_CALLER_STEPS",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub max_caller_steps: Option<u64>,
    /// Seconds that the server goes on after the order to stop while its health says
    /// NOT_SERVING, so that whoever balances load notices; part of --grace
    #[arg(long, value_name = "SECONDS", env = "REDRESS_DRAIN_DELAY",
        default_value_t = DEFAULT_DRAIN_DELAY.as_secs(),
        value_parser = clap::value_parser!(u64).range(0..=MAX_SECONDS))]
    pub drain_delay: u64,
    /// Seconds after the order to stop in which the process ends, whatever callers do
    #[arg(long, value_name = "SECONDS", env = "REDRESS_GRACE",
        default_value_t = DEFAULT_GRACE.as_secs(),
        value_parser = clap::value_parser!(u64).range(0..=MAX_SECONDS))]
    pub grace: u64,
    /// File of tokens of which each call must carry one: lines of a name, the SHA-256 of a
    /// token and, if not all, the policies that may be asked about with it. Read again on
    /// SIGHUP and when it changes
    #[arg(long, value_name = "FILE", env = "REDRESS_TOKENS")]
    pub tokens: Option<PathBuf>,
    /// File of the public keys of JSON Web Tokens, a JSON Web Key Set: each call must carry a
    /// token that one of them has signed, or one of `tokens`. Read again on SIGHUP and when
    /// it changes
    #[arg(long, value_name = "FILE", env = "REDRESS_JWT_KEYS")]
    pub jwt_keys: Option<PathBuf>,
    /// Issuer of JSON Web Tokens, their claim `iss`
    #[arg(long, value_name = "TEXT", env = "REDRESS_JWT_ISSUER")]
    pub jwt_issuer: Option<String>,
    /// Audience of JSON Web Tokens, one of their claim `aud`
    #[arg(long, value_name = "TEXT", env = "REDRESS_JWT_AUDIENCE")]
    pub jwt_audience: Option<String>,
    /// Claim of JSON Web Tokens with the policies that their caller may ask about, a list of
    /// names [default: all may be asked about]
    #[arg(long, value_name = "NAME", env = "REDRESS_JWT_POLICIES_CLAIM")]
    pub jwt_policies_claim: Option<String>,
    /// Whether reflection and /openapi.json are answered, which tell any caller what there is to
    /// call
    #[arg(
        long,
        value_name = "true|false",
        env = "REDRESS_REFLECTION",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub reflection: bool,
    /// Serve other machines without TLS: something else protects what they send
    #[arg(
        long,
        value_name = "true|false",
        env = "REDRESS_INSECURE",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub insecure: bool,
    /// Origins whose pages may call from a browser, separated by commas, such as
    /// `https://shop.example,http://localhost:5173` [default: none]
    #[arg(long, value_name = "ORIGINS", env = "REDRESS_CORS_ORIGINS")]
    pub cors_origins: Option<Origins>,
    /// Certificate chain of the server, PEM; switches TLS on. Certificates and keys are
    /// read again on SIGHUP and when their files change
    #[arg(long, value_name = "FILE", env = "REDRESS_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Authority that clients' certificates must come from, PEM
    #[arg(long, value_name = "FILE", env = "REDRESS_TLS_CLIENT_CA")]
    pub tls_client_ca: Option<PathBuf>,
}

/// Who may connect to a Unix socket, as files say it.
#[derive(Clone, Copy, Debug)]
pub struct SocketMode(pub u32);

impl FromStr for SocketMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match u32::from_str_radix(text, 8) {
            Ok(mode) if is_digits && mode <= 0o777 => Ok(Self(mode)),
            _ => Err("not a mode such as `660`".to_owned()),
        }
    }
}

impl fmt::Display for SocketMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:o}", self.0)
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("not a whole number of at least 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

fn files(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=MAX_FILES).contains(&count) => Ok(count),
        _ => Err(format!("not a whole number from 1 to {MAX_FILES}")),
    }
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(count) if count.get() <= MAX_THREADS => Ok(count),
        _ => Err(format!("not a whole number from 1 to {MAX_THREADS}")),
    }
}
