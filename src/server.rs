//! The server: a bound listener, policies and a configuration arrive; it serves
//! until it is told to stop, and then ends what it began.
//!
//! Nothing here decides anything or reads flags: methods are in [`crate::rpc`],
//! flags in [`crate::cli`].

pub mod admission;
pub mod config;
pub mod reload;
pub mod signals;
pub mod telemetry;

use std::fmt;

use redress_client::pb::decision_service_server::{
    DecisionServiceServer, SERVICE_NAME as DECISION,
};
use redress_client::pb::policy_service_server::{PolicyServiceServer, SERVICE_NAME as POLICY};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::layer::util::{Identity as NoLayer, Stack};
use tracing::{info, warn};

use self::admission::Admission;
use self::config::{Config, Tls};
use crate::rpc::FILE_DESCRIPTOR_SET;
use crate::rpc::service::{CatalogHandle, Decisions, Policies, SystemClock};

/// Names whose health is told: the server as a whole, and each service.
const HEALTH_NAMES: [&str; 3] = ["", DECISION, POLICY];

/// Says why a server did not start or did not go on.
#[derive(Debug)]
pub enum ServeError {
    /// Certificate, key or authority cannot be used.
    Tls(tonic::transport::Error),
    /// The descriptors of the contract cannot be used.
    Reflection(tonic_reflection::server::Error),
    /// The transport failed.
    Transport(tonic::transport::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => write!(f, "certificate or key cannot be used: {error}"),
            Self::Reflection(error) => write!(f, "reflection cannot be set up: {error}"),
            Self::Transport(error) => write!(f, "the transport failed: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// Serves until `shutdown` is ready.
///
/// Then watchers of health are told, the listener closes, and requests in work
/// may end within the grace limit. It returns when all connections are closed or
/// the limit is over; what is open then ends with the caller's runtime.
///
/// # Errors
/// The configuration cannot be used, or the transport failed.
pub async fn serve(
    listener: TcpListener,
    catalog: CatalogHandle,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let grace = config.grace;
    let (mut health, router) = router(catalog, config).await?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = router.serve_with_incoming_shutdown(incoming, async move {
        // A dropped sender is an order to stop too.
        let _ = stopped.await;
    });
    tokio::pin!(serving);

    tokio::select! {
        ended = &mut serving => return ended.map_err(ServeError::Transport),
        () = shutdown => {}
    }
    info!(grace_seconds = grace.as_secs_f64(), "stopping");
    say_goodbye(&mut health).await;
    drop(stop);
    match tokio::time::timeout(grace, serving).await {
        Ok(ended) => ended.map_err(ServeError::Transport),
        Err(_) => {
            warn!("grace limit is over, open connections are dropped");
            Ok(())
        }
    }
}

/// Puts services and limits together.
async fn router(
    catalog: CatalogHandle,
    config: Config,
) -> Result<(HealthReporter, Router<Stack<Admission, NoLayer>>), ServeError> {
    let Config { limits, tls, .. } = config;
    let (reporter, health) = tonic_health::server::health_reporter();
    for name in HEALTH_NAMES {
        reporter
            .set_service_status(name, ServingStatus::Serving)
            .await;
    }
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let decisions = DecisionServiceServer::new(Decisions::new(catalog.clone(), SystemClock))
        .max_decoding_message_size(limits.message_bytes)
        .max_encoding_message_size(config::REPLY_BYTES);
    let policies = PolicyServiceServer::new(Policies::new(catalog))
        .max_decoding_message_size(limits.message_bytes)
        .max_encoding_message_size(config::REPLY_BYTES);

    let mut server = Server::builder()
        .timeout(limits.request_timeout)
        .concurrency_limit_per_connection(config::CONNECTION_REQUESTS)
        .max_concurrent_streams(config::CONNECTION_STREAMS)
        .http2_max_pending_accept_reset_streams(Some(config::PENDING_RESETS))
        .http2_max_local_error_reset_streams(Some(config::LOCAL_RESETS))
        .http2_max_header_list_size(config::HEADER_BYTES)
        .http2_keepalive_interval(Some(config::KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(config::KEEPALIVE_TIMEOUT));
    if let Some(tls) = tls {
        server = server
            .tls_config(tls_config(tls))
            .map_err(ServeError::Tls)?;
    }
    let router = server
        .layer(Admission::new(
            limits.concurrent_requests,
            limits.message_bytes,
        ))
        .add_service(health)
        .add_service(reflection().build_v1().map_err(ServeError::Reflection)?)
        .add_service(
            reflection()
                .build_v1alpha()
                .map_err(ServeError::Reflection)?,
        )
        .add_service(decisions)
        .add_service(policies);
    Ok((reporter, router))
}

fn tls_config(tls: Tls) -> ServerTlsConfig {
    let config = ServerTlsConfig::new()
        .identity(Identity::from_pem(tls.certificate, tls.key))
        .timeout(config::HANDSHAKE_TIMEOUT);
    match tls.client_ca {
        Some(authority) => config.client_ca_root(Certificate::from_pem(authority)),
        None => config,
    }
}

/// Tells every watcher that the server does not serve, and ends the watching:
/// a watcher would otherwise hold its connection open until the grace limit.
async fn say_goodbye(health: &mut HealthReporter) {
    for name in HEALTH_NAMES {
        health
            .set_service_status(name, ServingStatus::NotServing)
            .await;
    }
    for name in HEALTH_NAMES {
        health.clear_service_status(name).await;
    }
}
