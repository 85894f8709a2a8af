//! The server: a bound listener, policies and a configuration arrive; it serves
//! until it is told to stop, and then ends what it began.
//!
//! Nothing here decides anything or reads flags: methods are in [`crate::rpc`],
//! flags in [`crate::cli`].

pub mod admin;
pub mod admission;
mod call;
mod callers;
mod coalescing_io;
pub mod collector;
pub mod config;
mod connect;
mod connection;
pub mod cors;
pub mod credentials;
mod deadline_io;
pub mod decision_log;
mod fair_share;
pub mod file_handles;
pub mod freshness;
mod grpc_server;
mod incoming;
pub mod jwt;
pub mod line_queue;
pub mod listener;
#[cfg_attr(not(feature = "object-store"), path = "server/location/absent.rs")]
pub mod location;
pub mod metrics;
mod pages;
mod peers;
mod protocols;
mod quotas;
mod rate_limit;
pub mod record_sender;
pub mod reload;
pub mod remote_policies;
mod shutdown;
pub mod signals;
pub mod signatures;
pub mod telemetry;
mod time_limit;
pub mod tls;
pub mod tokens;
pub mod traces;
mod unread;

use std::sync::Arc;

use redress_client::pb::policy_service_server::PolicyServiceServer;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;
use tracing::{error, info};

use self::config::Config;
use self::freshness::Freshness;
use self::grpc_server::{GrpcServer, end_health_watches, set_serving};
use self::incoming::Incoming;
use self::listener::Listener;
use self::metrics::Metrics;
use self::peers::Peers;
use self::shutdown::ShutdownSignal;
use crate::rpc::service::{CatalogHandle, Decisions, Policies, SystemClock};
use crate::wire::json::JsonError;

/// Says why a server did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors of the contract cannot be used.
    #[error("reflection cannot be set up: {0}")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The descriptors of the contract, or of what stands beside it, cannot be used for JSON.
    #[error("JSON cannot be set up: {0}")]
    Json(#[source] JsonError),
    /// The transport failed.
    #[error("the transport failed: {0}")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves on the caller's runtime until `shutdown` is ready.
///
/// Then health turns to `NOT_SERVING`, and everything else goes on for
/// [`Config::drain_delay`]. After that the listener closes, streams end with
/// `UNAVAILABLE`, and other requests in work may end within [`Config::grace`]. It
/// returns when all connections are closed or that limit is over, whatever they do; what
/// is open then ends with the runtime.
///
/// # Errors
/// The configuration cannot be used, or the transport failed.
pub async fn serve(
    listener: impl Into<Listener>,
    catalog: CatalogHandle,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let message_bytes = config.limits.message_bytes;
    config.metrics.set_policies(&catalog.in_use());
    let decisions = Decisions::new(catalog.clone(), SystemClock)
        .observer(config.metrics.clone())
        .recorder(config.recorder.clone())
        .long_decisions(config.limits.long_decisions)
        .message_bytes(message_bytes)
        .reply_bytes(config::REPLY_BYTES);
    let policies = PolicyServiceServer::new(Policies::new(catalog))
        .max_decoding_message_size(message_bytes)
        .max_encoding_message_size(config::REPLY_BYTES);
    let routes = Routes::new(decisions).add_service(policies);
    serve_routes(listener, routes, config, shutdown).await
}

/// Serves like [`serve`], with other services: whoever measures what a decision
/// costs needs the same server around an answer that costs nothing.
///
/// Health and reflection are added to `routes`; the bytes of one message are the
/// services' own to limit.
///
/// # Errors
/// As for [`serve`].
pub async fn serve_routes(
    listener: impl Into<Listener>,
    routes: Routes,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let delay = config.drain_delay;
    let left = config.grace.saturating_sub(delay);
    let metrics = Arc::clone(&config.metrics);
    if let Some(identity) = &config.tls {
        metrics.watch_identity(identity);
    }
    let peers = Peers::counted(config.limits, Arc::clone(&metrics));
    let incoming = Incoming::new(listener.into(), peers);
    let (stop, stopped) = ShutdownSignal::order();
    let mut freshness = config.freshness.clone();
    let (mut health, shell) = GrpcServer::new(routes, config, stopped).await?;
    let serving = shell.serve(incoming);
    tokio::pin!(serving);
    tokio::pin!(shutdown);
    let mut is_fresh = freshness.as_ref().is_none_or(Freshness::is_fresh);
    say_whether_fresh(is_fresh, &metrics, &mut health).await;
    loop {
        tokio::select! {
            ended = &mut serving => return ended,
            () = &mut shutdown => break,
            () = turned(&mut freshness, is_fresh) => {
                is_fresh = !is_fresh;
                say_whether_fresh(is_fresh, &metrics, &mut health).await;
                if is_fresh {
                    info!("policies are confirmed by their source again");
                }
            }
        }
    }
    info!(delay_seconds = delay.as_secs(), "draining");
    metrics.set_ready(false);
    set_serving(&mut health, false).await;
    tokio::select! {
        ended = &mut serving => return ended,
        () = tokio::time::sleep(delay) => {}
    }
    info!(grace_seconds = left.as_secs(), "stopping");
    end_health_watches(&mut health).await;
    drop(stop);
    serving.await
}

/// Says by health and readiness whether the server serves: while its policies are fresh.
async fn say_whether_fresh(is_fresh: bool, metrics: &Metrics, health: &mut HealthReporter) {
    metrics.set_ready(is_fresh);
    set_serving(health, is_fresh).await;
    if !is_fresh {
        error!("policies are too old: their source has not confirmed them for too long");
    }
}

/// Waits until policies are no longer fresh, or are again; where nobody confirms them they
/// always are.
async fn turned(freshness: &mut Option<Freshness>, is_fresh: bool) {
    match freshness {
        Some(freshness) => freshness.turned(is_fresh).await,
        None => std::future::pending().await,
    }
}
