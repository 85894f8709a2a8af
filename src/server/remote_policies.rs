//! Policies from a bundle that is fetched: at the start, then again and again.
//!
//! A bundle is verified, unpacked and compiled as a whole before any of it is used; one that
//! cannot be used changes nothing. The last good one is kept in a cache, from which a
//! server starts that does not reach its source.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tokio_stream::{Stream, StreamExt};
use tracing::{debug, error, info, warn};

use super::freshness::Confirmed;
use super::location::{Fetched, Location, LocationError};
use super::metrics::Metrics;
use super::reload::{self, CatalogError};
use super::signatures::{SignatureError, VerifyingKeys};
use crate::load::bundle;
use crate::load::cache::{BundleCache, CachedBundle};
use crate::policy::catalog::Catalog;
use crate::rpc::service::{CatalogHandle, Clock, SystemClock};

/// How often a source is asked, unless it is said.
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
/// What errors call the bundle.
const NAME: &str = "the bundle";

/// Says why a bundle is not used.
#[derive(Debug)]
pub enum RemoteError {
    /// There is none.
    Location(LocationError),
    /// It is not signed as it has to be.
    Signature(SignatureError),
    /// It does not hold policies that can be used.
    Catalog(CatalogError),
    /// The program is at fault, or ends.
    Unfinished,
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Location(error) => error.fmt(f),
            Self::Signature(error) => error.fmt(f),
            Self::Catalog(error) => error.fmt(f),
            Self::Unfinished => f.write_str("the bundle was not read to its end"),
        }
    }
}

impl std::error::Error for RemoteError {}

impl RemoteError {
    /// Says it to whoever may call; `None`: the source offers nothing else.
    fn for_callers(&self) -> Option<String> {
        match self {
            Self::Location(_) => None,
            Self::Signature(error) => Some(error.to_string()),
            Self::Catalog(error) => Some(error.for_callers(None)),
            Self::Unfinished => Some(self.to_string()),
        }
    }
}

/// Says why a server has no policies to start with.
#[derive(Debug)]
pub struct StartError {
    /// Why the source's are not used.
    pub source: RemoteError,
    /// Why those of the cache are not used, if there are any.
    pub cache: Option<RemoteError>,
}

/// A source of policies, and what is asked of it.
#[derive(Clone, Debug)]
pub struct RemotePolicies {
    /// Where the bundle is.
    pub location: Location,
    /// The keys of which one must have signed it; `None`: it need not be signed.
    pub keys: Option<VerifyingKeys>,
    /// Where the last good one is kept; `None`: nowhere.
    pub cache: Option<BundleCache>,
    /// How often it is asked for.
    pub interval: Duration,
}

/// Follows a source from the policies on that a server was started with.
#[derive(Debug)]
pub struct Following {
    remote: RemotePolicies,
    seen: Seen,
    confirmed: Confirmed,
    /// Why the source's own policies were not used at the start.
    rejected: Option<RemoteError>,
}

/// What the source gave last.
#[derive(Debug)]
struct Seen {
    etag: Option<String>,
    digest: [u8; 32],
    /// Whether it is in use, and not rejected.
    is_used: bool,
}

impl RemotePolicies {
    /// Fetches and compiles the policies to start with, or takes those of the cache.
    ///
    /// # Errors
    /// Neither can be used.
    pub async fn start(self) -> Result<(Catalog, Following), StartError> {
        let source = match self.location.fetch(None).await {
            Ok(Fetched::Bundle { bytes, etag }) => match self.open(bytes).await {
                Ok((catalog, bytes)) => {
                    let seen = Seen::used(&bytes, etag);
                    self.keep(bytes).await;
                    return Ok((catalog, self.following(seen, Duration::ZERO, None)));
                }
                Err(error) => error,
            },
            // It was not told what there was before.
            Ok(Fetched::Unchanged) => RemoteError::Unfinished,
            Err(error) => RemoteError::Location(error),
        };
        let failed = |source, cache| StartError { source, cache };
        let cached = match self.cached() {
            Ok(Some(cached)) => cached,
            Ok(None) => return Err(failed(source, None)),
            Err(error) => return Err(failed(source, Some(error))),
        };
        let CachedBundle { bytes, confirmed } = cached;
        let (catalog, bytes) = match self.open(bytes).await {
            Ok(opened) => opened,
            Err(error) => return Err(failed(source, Some(error))),
        };
        // A clock that was set back makes it no younger than now.
        let age = now().duration_since(confirmed).unwrap_or_default();
        warn!(error = %source, age_seconds = age.as_secs(), "policies are those of the cache");
        let seen = Seen::used(&bytes, None);
        Ok((catalog, self.following(seen, age, Some(source))))
    }

    fn following(self, seen: Seen, age: Duration, rejected: Option<RemoteError>) -> Following {
        Following {
            remote: self,
            seen,
            confirmed: Confirmed::before(age),
            rejected,
        }
    }

    fn cached(&self) -> Result<Option<CachedBundle>, RemoteError> {
        let cached = self.cache.as_ref().map(BundleCache::read).transpose();
        let cached = cached.map_err(|error| RemoteError::Catalog(CatalogError::Load(error)))?;
        Ok(cached.flatten())
    }

    /// Verifies a bundle and compiles what it holds, apart from those who serve.
    async fn open(&self, bytes: Vec<u8>) -> Result<(Catalog, Vec<u8>), RemoteError> {
        let keys = self.keys.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let verified = match &keys {
                Some(keys) => keys.verify(&bytes).map_err(RemoteError::Signature)?,
                None => &bytes,
            };
            let catalog = compiled(verified).map_err(RemoteError::Catalog)?;
            Ok((catalog, bytes))
        });
        opened.await.unwrap_or(Err(RemoteError::Unfinished))
    }

    /// Keeps a good bundle for the next start.
    async fn keep(&self, bytes: Vec<u8>) {
        let Some(cache) = self.cache.clone() else {
            return;
        };
        let kept = tokio::task::spawn_blocking(move || cache.write(&bytes)).await;
        if let Ok(Err(error)) = kept {
            error!(%error, "policies cannot be kept in the cache");
        }
    }
}

fn compiled(bundle: &[u8]) -> Result<Catalog, CatalogError> {
    let sources = bundle::unpack(Path::new(NAME), bundle).map_err(CatalogError::Load)?;
    Ok(Catalog::load(&sources)?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old the policies of the cache are decides nothing of an order"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

impl Seen {
    fn used(bytes: &[u8], etag: Option<String>) -> Self {
        Self {
            etag,
            digest: Sha256::digest(bytes).into(),
            is_used: true,
        }
    }
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FetchResult {
    /// Other policies are used.
    Changed,
    /// The source has what it had before.
    Unchanged,
    /// Its policies cannot be used.
    Rejected,
    /// It was not reached, or refused.
    Failed,
}

impl FetchResult {
    pub(super) const ALL: [Self; 4] =
        [Self::Changed, Self::Unchanged, Self::Rejected, Self::Failed];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

impl Following {
    /// Returns who notes that the source confirms the policies in use.
    pub fn confirmed(&self) -> &Confirmed {
        &self.confirmed
    }

    /// Asks the source at each order and every interval, and uses other policies that it
    /// gives, if all of them can be used.
    pub async fn follow(
        mut self,
        mut orders: impl Stream<Item = ()> + Unpin,
        handle: CatalogHandle,
        metrics: Arc<Metrics>,
    ) {
        let mut failed = String::new();
        match self.rejected.take() {
            Some(error) => failed = self.reject(&error, &handle, &metrics),
            None => self.confirm(&metrics).await,
        }
        loop {
            let interval = self.remote.interval;
            let order = tokio::time::timeout(interval, orders.next()).await;
            if let Ok(None) = order {
                // No orders come any more, and time goes on.
                tokio::time::sleep(interval).await;
            }
            let asked = self.ask(&handle, &metrics).await;
            let result = match &asked {
                Ok(result) => *result,
                Err(RemoteError::Location(_)) => FetchResult::Failed,
                Err(_) => FetchResult::Rejected,
            };
            metrics.fetched(result);
            match asked {
                Ok(FetchResult::Rejected) => {}
                Ok(_) if failed.is_empty() => {}
                Ok(_) => {
                    failed.clear();
                    info!("policy source is used again");
                }
                Err(error) => {
                    let why = error.to_string();
                    if why != failed {
                        failed = self.reject(&error, &handle, &metrics);
                    }
                }
            }
        }
    }

    /// Says why policies are kept, and returns it.
    fn reject(&self, error: &RemoteError, handle: &CatalogHandle, metrics: &Metrics) -> String {
        match error.for_callers() {
            Some(for_callers) => reload::keep(error, &for_callers, handle, metrics),
            None => error!(%error, "policies kept, their source cannot be used"),
        }
        error.to_string()
    }

    /// Notes that the source gives what it gave last.
    async fn unchanged(&self, metrics: &Metrics) -> FetchResult {
        if !self.seen.is_used {
            return FetchResult::Rejected;
        }
        self.confirm(metrics).await;
        FetchResult::Unchanged
    }

    /// Notes that the source has confirmed the policies in use.
    async fn confirm(&self, metrics: &Metrics) {
        self.confirmed.confirm();
        metrics.policies_confirmed(SystemClock.now().unix_seconds());
        if let Some(cache) = self.remote.cache.clone() {
            let noted = tokio::task::spawn_blocking(move || cache.confirm(now())).await;
            if let Ok(Err(error)) = noted {
                debug!(%error, "the cache was not written to");
            }
        }
    }

    async fn ask(
        &mut self,
        handle: &CatalogHandle,
        metrics: &Metrics,
    ) -> Result<FetchResult, RemoteError> {
        let fetched = self.remote.location.fetch(self.seen.etag.as_deref()).await;
        let (bytes, etag) = match fetched.map_err(RemoteError::Location)? {
            Fetched::Unchanged => return Ok(self.unchanged(metrics).await),
            Fetched::Bundle { bytes, etag } => (bytes, etag),
        };
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        if digest == self.seen.digest {
            self.seen.etag = etag;
            return Ok(self.unchanged(metrics).await);
        }
        // It is not read again while it stays as it is, whatever comes of it.
        self.seen = Seen {
            etag,
            digest,
            is_used: false,
        };
        let (catalog, bytes) = self.remote.open(bytes).await?;
        self.seen.is_used = true;
        reload::use_policies(catalog, handle, metrics);
        self.remote.keep(bytes).await;
        self.confirm(metrics).await;
        Ok(FetchResult::Changed)
    }
}
