//! From an address to what a connection is made with.

use tonic::transport::Endpoint;

use crate::config::Config;
use crate::error::ClientError;

/// Reads an address such as `http://localhost:50051`.
pub(crate) fn parse(text: &str, config: &Config) -> Result<Endpoint, ClientError> {
    let endpoint = Endpoint::from_shared(text.to_owned())
        .map_err(|_| {
            ClientError::Endpoint(format!("`{text}` is not a URI such as `http://host:port`"))
        })?
        .connect_timeout(config.connect_timeout);
    if text.starts_with("unix:") {
        return Ok(endpoint);
    }
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => secure(endpoint, config),
        _ => Err(ClientError::Endpoint(format!(
            "`{text}` has no scheme; give `http`, `https` or `unix`"
        ))),
    }
}

#[cfg(feature = "tls")]
fn secure(endpoint: Endpoint, config: &Config) -> Result<Endpoint, ClientError> {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};

    let mut tls = ClientTlsConfig::new();
    tls = match &config.tls.ca_pem {
        Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
        None => tls.with_webpki_roots(),
    };
    if let Some(domain) = &config.tls.domain {
        tls = tls.domain_name(domain);
    }
    if let Some(identity) = &config.tls.identity {
        let (certificate, key) = (&identity.certificate_pem, &identity.key_pem);
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    endpoint.tls_config(tls).map_err(|error| {
        ClientError::Endpoint(format!("the settings of TLS cannot be used: {error}"))
    })
}

#[cfg(not(feature = "tls"))]
fn secure(_: Endpoint, _: &Config) -> Result<Endpoint, ClientError> {
    Err(ClientError::Endpoint(
        "`https` needs the feature `tls` of this crate".to_owned(),
    ))
}
