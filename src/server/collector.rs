//! A collector of OpenTelemetry, which takes OTLP over gRPC.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

/// How long a collector may take for what it is sent.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(3);

/// Says why nothing can be sent to a collector.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// The address is not one of a collector.
    #[error("`{0}` is not the address of a collector such as `http://127.0.0.1:4317`")]
    Address(String),
    /// The client cannot be set up.
    #[error("the collector cannot be sent anything: {0}")]
    Client(String),
}

/// A collector.
#[derive(Clone, Debug)]
pub struct Collector(Endpoint);

impl Collector {
    /// Names a collector, such as `http://127.0.0.1:4317`; with `https` it must have a
    /// certificate of a public authority. Nothing is sent yet.
    ///
    /// # Errors
    /// The address is none, or TLS cannot be set up.
    pub fn new(url: &str) -> Result<Self, CollectorError> {
        let wrong = || CollectorError::Address(url.to_owned());
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| wrong())?;
        let uri = endpoint.uri();
        let scheme = uri.scheme_str().filter(|_| uri.host().is_some());
        let endpoint = match scheme {
            Some("http") => endpoint,
            Some("https") => endpoint
                .tls_config(ClientTlsConfig::new().with_enabled_roots())
                .map_err(|error| CollectorError::Client(error.to_string()))?,
            _ => return Err(wrong()),
        };
        let endpoint = endpoint.timeout(SEND_TIMEOUT).connect_timeout(SEND_TIMEOUT);
        Ok(Self(endpoint))
    }

    /// Returns a connection that is opened once something is sent. It is called inside of
    /// the runtime that sends.
    pub(super) fn channel(&self) -> Channel {
        self.0.connect_lazy()
    }
}

/// Says who sends: this program, and what `OTEL_RESOURCE_ATTRIBUTES` adds.
pub(super) fn resource() -> Resource {
    Resource::builder()
        .with_service_name(env!("CARGO_PKG_NAME"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}
