//! `redress serve`: the server as a process. Settings, certificates and policies are
//! checked before anything is bound.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};

use super::output::{self, Exit, Failure};
use super::settings::Settings;
use super::settings::check::{Checked, CheckedLog};
use super::settings::policies::PolicySource;
use crate::rpc::service::CatalogHandle;
use crate::server::config::Config;
use crate::server::line_queue::FlushGuard;
use crate::server::reload::Watched;
use crate::server::remote_policies::Following;
use crate::server::traces::Traces;
use crate::server::{self, admin, credentials, reload, signals, telemetry};

/// The longest that the end waits for an output of log lines after a second signal.
const SHORT_FLUSH_TIMEOUT: Duration = Duration::from_millis(100);

/// Serve decisions over gRPC
///
/// Prints `listening on ADDR` once it is bound, unless decisions are logged to standard
/// output; the log says it in any case. SIGTERM and SIGINT stop it, and a second
/// one stops it at once. SIGHUP reads policies and certificates again, and keeps the old
/// ones if the new have errors.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    settings: Settings,
}

/// Runs the command until the process is told to stop.
///
/// # Errors
/// The configuration or the policies cannot be used, or the address is taken.
pub fn run(args: Args) -> Result<(), Failure> {
    // An empty NO_COLOR does not count, as its convention says; the stream knows.
    let colour = std::io::stderr().is_terminal()
        && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let Args { settings } = args;
    let Checked {
        mut config,
        threads,
        policies,
        decision_log,
        collector,
        flush_timeout,
    } = settings.check()?;
    let logs = telemetry::start(settings.log_format, &settings.log, colour)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?
        .within(flush_timeout);
    config.metrics.watch_log(logs.lines().clone());
    let is_stdout_taken = decision_log.as_ref().is_some_and(CheckedLog::is_stdout);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.get())
        .thread_name("serve")
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot start the runtime: {error}")))?;
    // The runtime sends records and spans.
    let entered = runtime.enter();
    let decisions = match decision_log.map(CheckedLog::start).transpose()? {
        Some((log, flush)) => {
            config.metrics.watch_decision_log(log.lines().clone());
            config.recorder = Some(Arc::new(log));
            Some(flush.within(flush_timeout))
        }
        None => None,
    };
    let (catalog, policies) = match policies {
        PolicySource::Directory(directory) => {
            // What they look like is noted before they are read.
            let watched = Watched::new(directory.clone(), settings.watch);
            let catalog = reload::catalog(directory.as_deref())?;
            (catalog, Followed::Directory(watched))
        }
        PolicySource::Remote { remote, max_age } => {
            let (catalog, following) = runtime.block_on(remote.start())?;
            let within = |max_age| following.confirmed().within(max_age);
            config.freshness = max_age.map(within);
            (catalog, Followed::Remote(Box::new(following)))
        }
    };
    let catalog = CatalogHandle::new(catalog);
    let spans = match collector {
        Some(collector) => {
            let (traces, flush) = Traces::start(&collector, settings.trace_percent)
                .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
            config.metrics.watch_traces(traces.clone());
            config.traces = Some(traces);
            Some(flush.within(flush_timeout))
        }
        None => None,
    };
    drop(entered);
    let ended = runtime.block_on(async {
        // From here on, so that no signal comes before somebody counts it.
        let stopped_twice = signals::stop(2).map_err(system)?;
        tokio::select! {
            ended = serve(settings, threads, policies, config, catalog, is_stdout_taken) => {
                ended.map(|()| true)
            }
            () = stopped_twice => Ok(false),
        }
    });
    drop(match ended {
        Ok(false) => spans.map(|spans| spans.within(SHORT_FLUSH_TIMEOUT)),
        Ok(true) | Err(_) => spans,
    });
    // Before the log, which tells of records that cannot be written.
    if let Some(decisions) = decisions {
        end_records(match ended {
            Ok(false) => decisions.within(SHORT_FLUSH_TIMEOUT),
            Ok(true) | Err(_) => decisions,
        });
    }
    // Neither a decision nor a reload in the middle holds up the end.
    runtime.shutdown_background();
    if ended? {
        return Ok(());
    }
    warn!("stopped at once by a second signal, requests in work are dropped");
    drop(logs.within(SHORT_FLUSH_TIMEOUT));
    Err(Failure::logged(Exit::Refused))
}

/// What is looked at for other policies while the server runs.
enum Followed {
    Directory(Watched),
    Remote(Box<Following>),
}

/// Writes out the records that wait, and tells how many were lost in all.
fn end_records(decisions: FlushGuard) {
    let lines = decisions.lines().clone();
    drop(decisions);
    let dropped = lines.dropped();
    if dropped > 0 {
        error!(dropped, "decision records lost");
    }
}

fn system(error: std::io::Error) -> Failure {
    Failure::new(Exit::Usage, error.to_string())
}

async fn serve(
    settings: Settings,
    threads: NonZeroUsize,
    policies: Followed,
    config: Config,
    catalog: CatalogHandle,
    is_stdout_taken: bool,
) -> Result<(), Failure> {
    let tell = |page: String| match is_stdout_taken {
        true => Ok(()),
        false => output::print(&page),
    };
    let stop = signals::stop(1).map_err(system)?;
    let hangups = signals::reload().map_err(system)?;
    let cannot_listen = |address: String| {
        move |error: std::io::Error| {
            Failure::new(
                Exit::Usage,
                format!("cannot listen on `{address}`: {error}"),
            )
        }
    };
    let listener = settings.listen.bind(settings.listen_mode.0).await;
    let listener = listener.map_err(cannot_listen(settings.listen.to_string()))?;
    let admin = settings.admin_listen.map(|address| {
        std::net::TcpListener::bind(address).map_err(cannot_listen(address.to_string()))
    });
    let admin = admin.transpose()?;
    let address = listener.address().map_err(system)?;
    info!(
        %address,
        threads = threads.get(),
        connections = config.limits.connections,
        revisions = catalog.current().plans().count(),
        tls = config.tls.is_some(),
        "listening"
    );
    tell(format!("listening on {address}\n"))?;
    if let Some(listener) = admin {
        let address = listener.local_addr().map_err(system)?;
        admin::start(listener, Arc::clone(&config.metrics)).map_err(system)?;
        info!(%address, "admin port");
        tell(format!("admin port on {address}\n"))?;
    }
    let metrics = Arc::clone(&config.metrics);
    let certificates = match (settings.certificates()?, &config.tls) {
        (Some(files), Some(identity)) => {
            let (identity, metrics) = (identity.clone(), Arc::clone(&config.metrics));
            let orders = signals::reload().map_err(system)?;
            let following = credentials::follow(orders, files, identity, metrics);
            Some(tokio::spawn(following))
        }
        _ => None,
    };
    let tokens = match (settings.tokens, &config.tokens) {
        (Some(path), Some(tokens)) => {
            let orders = signals::reload().map_err(system)?;
            let following = credentials::follow_tokens(orders, path, tokens.clone());
            Some(tokio::spawn(following))
        }
        _ => None,
    };
    let keys = match (settings.jwt_keys, &config.jwt) {
        (Some(path), Some(verifier)) => {
            let orders = signals::reload().map_err(system)?;
            let following = credentials::follow_jwt(orders, path, verifier.clone());
            Some(tokio::spawn(following))
        }
        _ => None,
    };
    let handle = catalog.clone();
    let reloading = match policies {
        Followed::Directory(watched) => {
            tokio::spawn(reload::follow(hangups, watched, handle, metrics))
        }
        Followed::Remote(following) => tokio::spawn(following.follow(hangups, handle, metrics)),
    };
    let ended = server::serve(listener, catalog, config, stop).await;
    reloading.abort();
    for following in [certificates, tokens, keys].into_iter().flatten() {
        following.abort();
    }
    match ended {
        Ok(()) => info!("stopped"),
        Err(error) => {
            error!(%error, "stopped");
            return Err(Failure::logged(Exit::Usage));
        }
    }
    Ok(())
}
