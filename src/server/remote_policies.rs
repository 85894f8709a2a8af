//! Policies from a bundle that is fetched: at the start, then again and again.
//!
//! A bundle is verified, unpacked and compiled as a whole before any of it is used; one that
//! cannot be used changes nothing. The last good one is kept in a cache, from which a
//! server starts that does not reach its source.

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
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// There is none.
    #[error(transparent)]
    Location(LocationError),
    /// It is not signed as it has to be.
    #[error(transparent)]
    Signature(SignatureError),
    /// It does not hold policies that can be used.
    #[error(transparent)]
    Catalog(CatalogError),
    /// The program is at fault, or ends.
    #[error("the bundle was not read to its end")]
    Unfinished,
}

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
    /// Whether the cache holds the policies in use.
    is_kept: bool,
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
            Ok(Fetched::Bundle { bytes, etag }) => match self.open_bytes(bytes).await {
                Ok((catalog, bundle)) => {
                    let seen = Seen::used(bundle.digest, etag);
                    let is_kept = self.keep(bundle).await;
                    let following = self.following(seen, is_kept, Duration::ZERO, None);
                    return Ok((catalog, following));
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
        let (catalog, bundle) = match self.open_bytes(bytes).await {
            Ok(opened) => opened,
            Err(error) => return Err(failed(source, Some(error))),
        };
        // A clock that was set back makes it no younger than now.
        let age = now().duration_since(confirmed).unwrap_or_default();
        warn!(error = %source, age_seconds = age.as_secs(), "policies are those of the cache");
        let seen = Seen::used(bundle.digest, None);
        Ok((catalog, self.following(seen, true, age, Some(source))))
    }

    fn following(
        self,
        seen: Seen,
        is_kept: bool,
        age: Duration,
        rejected: Option<RemoteError>,
    ) -> Following {
        Following {
            remote: self,
            seen,
            confirmed: Confirmed::before(age),
            is_kept,
            rejected,
        }
    }

    fn cached(&self) -> Result<Option<CachedBundle>, RemoteError> {
        let cached = self.cache.as_ref().map(BundleCache::read).transpose();
        let cached = cached.map_err(|error| RemoteError::Catalog(CatalogError::Load(error)))?;
        Ok(cached.flatten())
    }

    /// Verifies a bundle and compiles what it holds, apart from those who serve.
    async fn open(&self, bundle: Bundle) -> Result<(Catalog, Bundle), RemoteError> {
        let keys = self.keys.clone();
        apart(move || {
            let verified = match &keys {
                Some(keys) => keys.verify(&bundle.bytes),
                None => Ok(&bundle.bytes[..]),
            };
            let verified = verified.map_err(RemoteError::Signature)?;
            let catalog = compiled(verified).map_err(RemoteError::Catalog)?;
            Ok((catalog, bundle))
        })
        .await?
    }

    async fn open_bytes(&self, bytes: Vec<u8>) -> Result<(Catalog, Bundle), RemoteError> {
        self.open(Bundle::new(bytes).await?).await
    }

    /// Keeps a good bundle for the next start, and tells whether the cache holds it.
    async fn keep(&self, bundle: Bundle) -> bool {
        let Some(cache) = self.cache.clone() else {
            return false;
        };
        match apart(move || cache.write(&bundle.bytes)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                error!(%error, "policies cannot be kept in the cache");
                false
            }
            Err(_) => false,
        }
    }
}

/// A bundle as it was fetched.
#[derive(Debug)]
struct Bundle {
    bytes: Vec<u8>,
    digest: [u8; 32],
}

impl Bundle {
    async fn new(bytes: Vec<u8>) -> Result<Self, RemoteError> {
        apart(move || {
            let digest = Sha256::digest(&bytes).into();
            Self { bytes, digest }
        })
        .await
    }
}

/// Does what takes long, apart from those who serve.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RemoteError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| RemoteError::Unfinished)
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
    fn used(digest: [u8; 32], etag: Option<String>) -> Self {
        Self {
            etag,
            digest,
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
        let mut trouble = None;
        match self.rejected.take() {
            Some(error) => {
                reject(&error, &handle, &metrics);
                trouble = Some(Trouble::of(&error));
            }
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
                Ok(_) => {
                    if trouble.take().is_some() {
                        info!("policy source is used again");
                    }
                }
                Err(error) => {
                    let found = Some(Trouble::of(&error));
                    match trouble == found {
                        true => debug!(%error, "policies kept, as before"),
                        false => reject(&error, &handle, &metrics),
                    }
                    trouble = found;
                }
            }
        }
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
        let cache = self.remote.cache.clone().filter(|_| self.is_kept);
        if let Some(cache) = cache
            && let Ok(Err(error)) = apart(move || cache.confirm(now())).await
        {
            debug!(%error, "the cache was not written to");
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
        let bundle = Bundle::new(bytes).await?;
        if bundle.digest == self.seen.digest {
            self.seen.etag = etag;
            return Ok(self.unchanged(metrics).await);
        }
        // It is not read again while it stays as it is, whatever comes of it.
        self.seen = Seen {
            etag,
            digest: bundle.digest,
            is_used: false,
        };
        let (catalog, bundle) = self.remote.open(bundle).await?;
        self.seen.is_used = true;
        reload::use_policies(catalog, handle, metrics);
        self.is_kept = self.remote.keep(bundle).await;
        self.confirm(metrics).await;
        Ok(FetchResult::Changed)
    }
}

/// What is wrong with a source, as far as it is logged: once, until it is over or another.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// It is not reached, or refuses, for whatever reason.
    Source,
    /// Its bundle cannot be used.
    Bundle(String),
}

impl Trouble {
    fn of(error: &RemoteError) -> Self {
        match error {
            RemoteError::Location(_) => Self::Source,
            error => Self::Bundle(error.to_string()),
        }
    }
}

/// Says why the policies in use are kept.
fn reject(error: &RemoteError, handle: &CatalogHandle, metrics: &Metrics) {
    match error.for_callers() {
        Some(for_callers) => reload::keep(error, &for_callers, handle, metrics),
        None => error!(%error, "policies kept, their source cannot be used"),
    }
}
