//! What each call carries beside its message.

use std::fmt;
use std::sync::Arc;

use tonic::metadata::{Ascii, MetadataKey, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::config::Config;
use crate::error::ClientError;

/// Changes each call before it is sent, such as to add a header, or refuses to send it.
///
/// ```
/// use redress_client::{Config, Intercept};
///
/// let mut config = Config::default();
/// config.intercept = Some(Intercept::new(|mut call| {
///     let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
///     call.metadata_mut().insert("traceparent", trace.parse().expect("ASCII"));
///     Ok(call)
/// }));
/// ```
#[derive(Clone)]
pub struct Intercept(Arc<Change>);

type Header = (MetadataKey<Ascii>, MetadataValue<Ascii>);

type Change = dyn Fn(Request<()>) -> Result<Request<()>, Status> + Send + Sync;

impl Intercept {
    /// Calls a function for each attempt of each call.
    pub fn new(
        change: impl Fn(Request<()>) -> Result<Request<()>, Status> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(change))
    }
}

impl fmt::Debug for Intercept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intercept").finish_non_exhaustive()
    }
}

/// Puts the token and the headers of a client on each call, then lets [`Config::intercept`]
/// change it.
#[derive(Clone)]
pub struct CallHeaders {
    headers: Arc<Vec<Header>>,
    intercept: Option<Intercept>,
}

impl CallHeaders {
    pub(crate) fn of(config: &Config) -> Result<Self, ClientError> {
        let headers = config.headers.iter();
        let headers = headers.map(|(name, value)| header(name, value));
        let mut headers = headers.collect::<Result<Vec<_>, _>>()?;
        if let Some(token) = &config.token {
            let value = MetadataValue::try_from(format!("Bearer {token}"));
            let mut value = value.map_err(|_| {
                let why = "the token holds something else than visible ASCII";
                ClientError::Endpoint(why.to_owned())
            })?;
            value.set_sensitive(true);
            headers.push((MetadataKey::from_static("authorization"), value));
        }
        Ok(Self {
            headers: Arc::new(headers),
            intercept: config.intercept.clone(),
        })
    }

    /// Adds a header; one that has the same name is replaced.
    pub(crate) fn insert(&mut self, header: Header) {
        Arc::make_mut(&mut self.headers).push(header);
    }
}

/// Reads a header.
pub(crate) fn header(name: &str, value: &str) -> Result<Header, ClientError> {
    let unsent =
        |what: &str| ClientError::Endpoint(format!("the {what} of header `{name}` cannot be sent"));
    let read = MetadataKey::from_bytes(name.as_bytes()).map_err(|_| unsent("name"))?;
    let value = value.parse().map_err(|_| unsent("value"))?;
    Ok((read, value))
}

// The token must not reach a log by way of a derived implementation.
impl fmt::Debug for CallHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallHeaders").finish_non_exhaustive()
    }
}

impl Interceptor for CallHeaders {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        for (name, value) in self.headers.iter() {
            metadata.insert(name.clone(), value.clone());
        }
        match &self.intercept {
            Some(Intercept(change)) => change(request),
            None => Ok(request),
        }
    }
}
