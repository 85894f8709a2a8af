//! The gRPC server: transport, limits, health and reflection around the services.

use std::convert::Infallible;
use std::time::Duration;

use redress_client::pb::decision_service_server::SERVICE_NAME as DECISION;
use redress_client::pb::policy_service_server::SERVICE_NAME as POLICY;
use tokio_stream::StreamExt;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::Layer;
use tower::util::option_layer;
use tracing::warn;

use super::ServeError;
use super::admission::Admission;
use super::callers::Callers;
use super::coalescing_io::CoalescingIo;
use super::config::{self, Config};
use super::connect::Connect;
use super::cors::Origins;
use super::deadline_io::{DeadlineIo, PeerTimeouts};
use super::incoming::{Accepted, Incoming};
use super::pages::Pages;
use super::protocols::Protocols;
use super::quotas::Quotas;
use super::shutdown::ShutdownSignal;
use super::tls::{Identity, MaybeTls};
use crate::wire::FILE_DESCRIPTOR_SET;

/// Names whose health is told: the server as a whole, and each service.
const HEALTH_NAMES: [&str; 3] = ["", DECISION, POLICY];

/// Serves connections until it is told to stop.
pub(super) struct GrpcServer {
    server: Server,
    calls: Protocols<Admission<Routes>>,
    cors_origins: Option<Origins>,
    tls: Option<Identity>,
    timeouts: PeerTimeouts,
    stopped: ShutdownSignal,
    /// How long open requests may still run after the order to stop.
    grace: Duration,
}

impl GrpcServer {
    /// Puts services and limits together, to serve until `stopped`, and returns who tells
    /// their health.
    pub(super) async fn new(
        routes: Routes,
        config: Config,
        stopped: ShutdownSignal,
    ) -> Result<(HealthReporter, Self), ServeError> {
        let Config {
            limits,
            tls,
            tokens,
            jwt,
            cors_origins,
            reflection: is_reflected,
            drain_delay,
            grace,
            traces,
            ..
        } = config;
        let (mut reporter, health) = tonic_health::server::health_reporter();
        set_serving(&mut reporter, true).await;
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                // What errors carry beside their status.
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let v1 = reflection().build_v1().map_err(ServeError::Reflection)?;
        let v1alpha = reflection()
            .build_v1alpha()
            .map_err(ServeError::Reflection)?;
        let mut routes = routes.add_service(health);
        if is_reflected {
            routes = routes.add_service(v1).add_service(v1alpha);
        }
        let server = Server::builder()
            .accept_http1(true)
            .timeout(limits.request_timeout)
            .concurrency_limit_per_connection(config::CONNECTION_REQUESTS)
            .max_concurrent_streams(config::CONNECTION_STREAMS)
            .initial_stream_window_size(config::STREAM_WINDOW)
            .initial_connection_window_size(config::CONNECTION_WINDOW)
            .http2_max_pending_accept_reset_streams(Some(config::PENDING_RESETS))
            .http2_max_local_error_reset_streams(Some(config::LOCAL_RESETS))
            .http2_max_header_list_size(config::READ_HEADER_BYTES)
            .http2_keepalive_interval(Some(config::KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(config::KEEPALIVE_TIMEOUT));
        let server = match limits.connection_age {
            None => server,
            Some(age) => server
                .max_connection_age(age)
                .max_connection_age_grace(limits.request_timeout),
        };
        let calls = Admission::new(
            routes.prepare(),
            limits.message_bytes,
            Callers { tokens, jwt },
            limits.caller_steps.map(Quotas::new),
            traces,
            stopped.clone(),
        );
        let mut described = vec![FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET];
        if is_reflected {
            described.extend([
                tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
                tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
            ]);
        }
        let connect = Connect::new(&described, limits.message_bytes).map_err(ServeError::Json)?;
        let pages = Pages::new(connect.paths(), is_reflected);
        let shell = Self {
            server,
            calls: Protocols::new(calls, connect, pages, limits.request_timeout),
            cors_origins,
            tls,
            timeouts: PeerTimeouts {
                handshake: limits.handshake_timeout,
                reply: limits.reply_timeout,
            },
            stopped,
            grace: grace.saturating_sub(drain_delay),
        };
        Ok((reporter, shell))
    }

    /// Serves these connections on the caller's runtime. After the order to stop
    /// it takes no more, and open ones may end within the grace limit.
    pub(super) async fn serve(self, incoming: Incoming) -> Result<(), ServeError> {
        let Self {
            server,
            calls,
            cors_origins,
            tls,
            timeouts,
            stopped,
            grace,
        } = self;
        let calls = option_layer(cors_origins.map(Origins::layer)).layer(calls);
        let incoming = incoming.map(|Accepted { stream, connection }| {
            let transport = MaybeTls::new(stream, tls.as_ref(), &connection);
            let watched = DeadlineIo::new(transport, connection, timeouts);
            Ok::<_, Infallible>(CoalescingIo::new(watched))
        });
        let limit = stopped.clone();
        let out_of_grace = async {
            limit.wait().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            ended = server.serve_with_incoming_shutdown(calls, incoming, stopped.wait()) => {
                ended.map_err(ServeError::Transport)
            }
            () = out_of_grace => {
                warn!("grace limit is over, open connections are dropped");
                Ok(())
            }
        }
    }
}

/// Tells everybody who asks for health, and every watcher, whether the server serves.
pub(super) async fn set_serving(health: &mut HealthReporter, serves: bool) {
    let status = match serves {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    };
    for name in HEALTH_NAMES {
        health.set_service_status(name, status).await;
    }
}

/// Ends the watching of health: a watcher would otherwise hold its connection open until
/// the grace limit.
pub(super) async fn end_health_watches(health: &mut HealthReporter) {
    for name in HEALTH_NAMES {
        health.clear_service_status(name).await;
    }
}
