//! `redress serve`: the server as a process. Flags and environment become a
//! configuration before anything is bound.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;
use tracing::{error, info, warn};

use super::output::{self, Exit, Failure};
use crate::load;
use crate::rpc::service::CatalogHandle;
use crate::server::config::{
    Config, DEFAULT_CONCURRENT_REQUESTS, DEFAULT_CONNECTION_UNSENT_BYTES, DEFAULT_CONNECTIONS,
    DEFAULT_DRAIN_DELAY, DEFAULT_GRACE, DEFAULT_HANDSHAKE_TIMEOUT, DEFAULT_MESSAGE_BYTES,
    DEFAULT_REPLY_TIMEOUT, DEFAULT_REQUEST_TIMEOUT, DEFAULT_UNSENT_BYTES, Limits, MAX_THREADS, Tls,
};
use crate::server::telemetry::{self, LogFormat};
use crate::server::{self, handles, reload, signals};

/// The longest that the end waits for an output of log lines that takes none.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// The same after a second signal.
const SHORT_FLUSH_TIMEOUT: Duration = Duration::from_millis(100);

/// Serve decisions over gRPC
///
/// Prints `listening on ADDR` once it is bound. SIGTERM and SIGINT stop it, and a second
/// one stops it at once. SIGHUP reads --policies again and keeps the old ones if the new
/// have errors.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "REDRESS_LISTEN",
        default_value = "127.0.0.1:50051"
    )]
    listen: SocketAddr,
    /// Directory of policies, `POLICY/REVISION.toml` [default: those built in]
    #[arg(long, value_name = "DIR", env = "REDRESS_POLICIES")]
    policies: Option<PathBuf>,
    /// Form of the log lines on standard error
    #[arg(long, value_enum, env = "REDRESS_LOG_FORMAT", default_value_t)]
    log_format: LogFormat,
    /// Level of the log, or directives such as `info,h2=debug`
    #[arg(
        long,
        value_name = "FILTER",
        env = "REDRESS_LOG",
        default_value = "info"
    )]
    log: String,
    /// Threads that serve [default: one for each core]
    #[arg(long, value_name = "COUNT", env = "REDRESS_THREADS", value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Largest message that is accepted, in bytes
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_MESSAGE_BYTES",
        default_value_t = DEFAULT_MESSAGE_BYTES)]
    max_message_bytes: usize,
    /// Requests in work at once, until their replies are read; more are refused, and a
    /// caller's that has as many as are left for others
    #[arg(long, value_name = "COUNT", env = "REDRESS_MAX_CONCURRENT_REQUESTS",
        default_value_t = DEFAULT_CONCURRENT_REQUESTS, value_parser = at_least_one)]
    max_concurrent_requests: usize,
    /// Seconds that one request may take
    #[arg(long, value_name = "SECONDS", env = "REDRESS_REQUEST_TIMEOUT",
        default_value_t = DEFAULT_REQUEST_TIMEOUT.as_secs())]
    request_timeout: u64,
    /// Connections at once; more are closed, and a caller's that has as many as are left
    /// for others. Never more than there are file handles
    #[arg(long, value_name = "COUNT", env = "REDRESS_MAX_CONNECTIONS",
        default_value_t = DEFAULT_CONNECTIONS, value_parser = at_least_one)]
    max_connections: usize,
    /// Seconds in which a connection must have begun, TLS included; then it is closed
    #[arg(long, value_name = "SECONDS", env = "REDRESS_HANDSHAKE_TIMEOUT",
        default_value_t = DEFAULT_HANDSHAKE_TIMEOUT.as_secs())]
    handshake_timeout: u64,
    /// Seconds in which a caller must read a reply; then its connection is closed, never
    /// before half of them
    #[arg(long, value_name = "SECONDS", env = "REDRESS_REPLY_TIMEOUT",
        default_value_t = DEFAULT_REPLY_TIMEOUT.as_secs())]
    reply_timeout: u64,
    /// Bytes of replies that a connection may leave unread; then no further request of it
    /// is read
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_CONNECTION_UNSENT_BYTES",
        default_value_t = DEFAULT_CONNECTION_UNSENT_BYTES, value_parser = at_least_one)]
    max_connection_unsent_bytes: usize,
    /// The same over all connections; then requests are refused, and a caller's that has
    /// as many as are left for others
    #[arg(long, value_name = "BYTES", env = "REDRESS_MAX_UNSENT_BYTES",
        default_value_t = DEFAULT_UNSENT_BYTES, value_parser = at_least_one)]
    max_unsent_bytes: usize,
    /// Seconds that the server goes on after the order to stop while its health says
    /// NOT_SERVING, so that whoever balances load notices; part of --grace
    #[arg(long, value_name = "SECONDS", env = "REDRESS_DRAIN_DELAY",
        default_value_t = DEFAULT_DRAIN_DELAY.as_secs())]
    drain_delay: u64,
    /// Seconds after the order to stop in which the process ends, whatever callers do
    #[arg(long, value_name = "SECONDS", env = "REDRESS_GRACE",
        default_value_t = DEFAULT_GRACE.as_secs())]
    grace: u64,
    /// Certificate chain of the server, PEM; switches TLS on
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    /// Authority that clients' certificates must come from, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_TLS_CLIENT_CA",
        requires = "tls_cert"
    )]
    tls_client_ca: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("not a whole number of at least 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

fn threads(text: &str) -> Result<NonZeroUsize, String> {
    match text.parse::<NonZeroUsize>() {
        Ok(count) if count.get() <= MAX_THREADS => Ok(count),
        _ => Err(format!("not a whole number from 1 to {MAX_THREADS}")),
    }
}

/// Runs the command until the process is told to stop.
///
/// # Errors
/// The configuration or the policies cannot be used, or the address is taken.
pub fn run(args: Args) -> Result<(), Failure> {
    // An empty NO_COLOR does not count, as its convention says; the stream knows.
    let colour = std::io::stderr().is_terminal()
        && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let grace = Duration::from_secs(args.grace);
    // The end, too, is part of the grace limit, and as much is left for what comes after.
    let flushing = FLUSH_TIMEOUT.min(grace / 4);
    let logs = telemetry::start(args.log_format, &args.log, colour)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?
        .within(flushing);
    let config = config(&args, grace.saturating_sub(flushing * 2))?;
    let catalog = reload::catalog(args.policies.as_deref())?;
    // It accepts connections, follows signals and reloads; others serve.
    let runtime = super::small_runtime()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = serve(args, config, CatalogHandle::new(catalog)) => ended.map(|()| true),
            order = stopped_twice() => order.map(|()| false),
        }
    });
    // A reload in the middle does not hold up the end.
    runtime.shutdown_background();
    if ended? {
        return Ok(());
    }
    warn!("stopped at once by a second signal, requests in work are dropped");
    drop(logs.within(SHORT_FLUSH_TIMEOUT));
    Err(Failure::logged(Exit::Refused))
}

/// Waits for the order to stop at once.
async fn stopped_twice() -> Result<(), Failure> {
    let stop = signals::stop(2).map_err(system)?;
    stop.await;
    Ok(())
}

fn system(error: std::io::Error) -> Failure {
    Failure::new(Exit::Usage, error.to_string())
}

fn config(args: &Args, grace: Duration) -> Result<Config, Failure> {
    let drain_delay = Duration::from_secs(args.drain_delay);
    if args.drain_delay > 0 && args.drain_delay >= args.grace {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "the drain delay of {} seconds leaves nothing of the grace limit of {} seconds",
                args.drain_delay, args.grace
            ),
        )
        .help("make --drain-delay shorter than --grace"));
    }
    let threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok());
    let connections = handles::connections(threads.map_or(1, NonZeroUsize::get));
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls {
            certificate: load::pem(certificate)?,
            key: load::pem(key)?,
            client_ca: args.tls_client_ca.as_deref().map(load::pem).transpose()?,
        }),
        _ => None,
    };
    Ok(Config {
        limits: Limits {
            message_bytes: args.max_message_bytes,
            concurrent_requests: args.max_concurrent_requests,
            request_timeout: Duration::from_secs(args.request_timeout),
            connections: args.max_connections.min(connections),
            handshake_timeout: Duration::from_secs(args.handshake_timeout),
            reply_timeout: Duration::from_secs(args.reply_timeout),
            connection_unsent_bytes: args.max_connection_unsent_bytes,
            unsent_bytes: args.max_unsent_bytes,
        },
        tls,
        threads,
        drain_delay,
        grace,
    })
}

async fn serve(args: Args, config: Config, catalog: CatalogHandle) -> Result<(), Failure> {
    let stop = signals::stop(1).map_err(system)?;
    let hangups = signals::reload().map_err(system)?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("cannot listen on `{}`: {error}", args.listen),
        )
    })?;
    let address = listener.local_addr().map_err(system)?;
    info!(
        %address,
        threads = config.threads.map(NonZeroUsize::get),
        connections = config.limits.connections,
        revisions = catalog.current().plans().count(),
        tls = config.tls.is_some(),
        "listening"
    );
    output::print(&format!("listening on {address}\n"))?;
    let reloading = tokio::spawn(reload::follow(hangups, args.policies, catalog.clone()));
    let ended = server::serve(listener, catalog, config, stop).await;
    reloading.abort();
    match ended {
        Ok(()) => info!("stopped"),
        Err(error) => {
            error!(%error, "stopped");
            return Err(Failure::logged(Exit::Usage));
        }
    }
    Ok(())
}
