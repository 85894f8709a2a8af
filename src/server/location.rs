//! Where a bundle of policies is fetched from: HTTP or object storage.
//!
//! The crate `object_store` speaks to all of them; the feature `object-store` builds it in.

mod connector;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreScheme, RetryConfig,
};
use tokio_rustls::rustls::crypto::ring;
use url::{Position, Url};

use self::connector::ShortErrors;
use crate::load::bundle::MAX_BUNDLE_BYTES;

/// Prefixes of the variables by which object storage is set up.
const VARIABLES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];
/// End of the variables that allow plaintext. They have no say: a signature alone does.
const ALLOW_HTTP: &str = "_ALLOW_HTTP";
/// The longest that connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that fetching may take, retries included.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request that fails is sent again.
pub const MAX_RETRIES: usize = 2;

/// Says why there is nothing to fetch.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// The URL is not one of a bundle.
    #[error("{0}")]
    Url(&'static str),
    /// The client cannot be set up.
    #[error("the source cannot be used: {0}")]
    Client(#[source] Error),
    /// The source was not reached, or refused.
    #[error("the source does not give the bundle: {0}")]
    Fetch(#[source] Error),
    /// The source answered that nothing has changed, to a request that named no version.
    #[error("the source answered 304 Not Modified to a request without an ETag")]
    NotModified,
    /// It took too long.
    #[error("the source did not give the bundle within {} seconds", FETCH_TIMEOUT.as_secs())]
    TimedOut,
    /// The bundle is larger than [`MAX_BUNDLE_BYTES`].
    #[error("the bundle is larger than {MAX_BUNDLE_BYTES} bytes")]
    TooLarge,
}

/// What a source gave.
#[derive(Debug)]
pub enum Fetched {
    /// The version whose `ETag` the request named.
    Unchanged,
    /// A bundle.
    Bundle {
        /// The bundle.
        bytes: Vec<u8>,
        /// What the source calls this version of it, if anything.
        etag: Option<String>,
    },
}

/// Where a bundle is.
#[derive(Clone, Debug)]
pub struct Location {
    store: Arc<dyn ObjectStore>,
    path: Path,
    timeout: Duration,
    max_bytes: u64,
}

impl Location {
    /// Reads a URL. `variables` are the names of the environment with values; those that the
    /// tools of each provider read set up object storage. A bundle that is not signed,
    /// `is_signed`, is fetched over TLS alone, also where an endpoint or a redirect says
    /// otherwise.
    ///
    /// # Errors
    /// The URL is not one of a source that is known, or the client cannot be set up. No error
    /// repeats the URL, since it may hold a password.
    pub fn new(
        url: &str,
        variables: &[(String, String)],
        is_signed: bool,
    ) -> Result<Self, LocationError> {
        let unknown = LocationError::Url(
            "not the URL of a bundle; begin it with `https://`, `http://`, `s3://`, `gs://` or `az://`",
        );
        let Ok(url) = Url::parse(url) else {
            return Err(unknown);
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LocationError::Url(
                "the URL holds a name or a password, which others would see; leave it out",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(LocationError::Url(
                "the URL has a query or a fragment; leave it out",
            ));
        }
        let Ok((scheme, path)) = ObjectStoreScheme::parse(&url) else {
            return Err(unknown);
        };
        if path.as_ref().is_empty() {
            return Err(LocationError::Url(
                "the URL names no file; add its path, such as `/policies.bundle`",
            ));
        }
        if url.scheme() == "http" && !is_signed {
            return Err(LocationError::Url(
                "over `http://` anybody on the way can change a bundle that is not signed; set `policies_key`, or use `https://`",
            ));
        }
        // The client of HTTP takes what the process has.
        let _ = ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_allow_http(is_signed)
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_timeout(FETCH_TIMEOUT)
            // Plaintext needs none, and the machine may have none.
            .with_no_system_certificates(url.scheme() == "http");
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: MAX_RETRIES,
            retry_timeout: FETCH_TIMEOUT,
        };
        let options = variables
            .iter()
            .filter(|(name, _)| VARIABLES.iter().any(|prefix| name.starts_with(prefix)))
            .filter(|(name, _)| !name.ends_with(ALLOW_HTTP))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        macro_rules! cloud {
            ($builder:ty) => {{
                let builder = <$builder>::new()
                    .with_client_options(client)
                    .with_http_connector(ShortErrors)
                    .with_retry(retry)
                    .with_url(url.as_str());
                let builder = options.fold(builder, |builder, (name, value)| match name.parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                });
                Arc::new(builder.build().map_err(LocationError::Client)?)
            }};
        }
        let store: Arc<dyn ObjectStore> = match scheme {
            ObjectStoreScheme::AmazonS3 => cloud!(AmazonS3Builder),
            ObjectStoreScheme::GoogleCloudStorage => cloud!(GoogleCloudStorageBuilder),
            ObjectStoreScheme::MicrosoftAzure => cloud!(MicrosoftAzureBuilder),
            ObjectStoreScheme::Http => {
                let builder = HttpBuilder::new()
                    .with_client_options(client)
                    .with_http_connector(ShortErrors)
                    .with_retry(retry)
                    .with_url(&url[..Position::BeforePath]);
                Arc::new(builder.build().map_err(LocationError::Client)?)
            }
            _ => return Err(unknown),
        };
        Ok(Self {
            store,
            path,
            timeout: FETCH_TIMEOUT,
            max_bytes: MAX_BUNDLE_BYTES,
        })
    }

    /// Fetches the bundle, unless it is still the version that the source calls `etag`.
    ///
    /// # Errors
    /// The source was not reached in time or refused, or the bundle is too large.
    pub async fn fetch(&self, etag: Option<&str>) -> Result<Fetched, LocationError> {
        let fetched = tokio::time::timeout(self.timeout, self.get(etag)).await;
        fetched.unwrap_or(Err(LocationError::TimedOut))
    }

    async fn get(&self, etag: Option<&str>) -> Result<Fetched, LocationError> {
        let options = GetOptions {
            if_none_match: etag.map(str::to_owned),
            ..GetOptions::default()
        };
        let got = match (self.store.get_opts(&self.path, options).await, etag) {
            (Ok(got), _) => got,
            (Err(Error::NotModified { .. }), Some(_)) => return Ok(Fetched::Unchanged),
            (Err(Error::NotModified { .. }), None) => return Err(LocationError::NotModified),
            (Err(error), _) => return Err(LocationError::Fetch(error)),
        };
        if got.meta.size > self.max_bytes {
            return Err(LocationError::TooLarge);
        }
        let limit = usize::try_from(self.max_bytes).unwrap_or(usize::MAX);
        let etag = got.meta.e_tag.clone();
        let mut parts = got.into_stream();
        let mut bytes = Vec::new();
        while let Some(part) = parts.next().await {
            let part = part.map_err(LocationError::Fetch)?;
            if bytes.len().saturating_add(part.len()) > limit {
                return Err(LocationError::TooLarge);
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Fetched::Bundle { bytes, etag })
    }
}
