//! The policies in use, and how they came to be.

use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use super::{Clock, SystemClock};
use crate::domain::time::Instant;
use crate::policy::catalog::Catalog;

/// Characters of the reason for which a set was rejected that are kept.
const MAX_REASON_CHARS: usize = 2000;

/// Holds the policies in use. Clones share them, and all change at once.
#[derive(Clone, Debug)]
pub struct CatalogHandle(Arc<RwLock<InUse>>);

/// A set of policies, and what became of the attempt to replace it.
#[derive(Clone, Debug)]
pub struct InUse {
    /// The policies.
    pub catalog: Arc<Catalog>,
    /// One digest for all of them.
    pub digest: Arc<str>,
    /// When they were loaded.
    pub loaded: Instant,
    /// The last load, if it failed: these policies were kept.
    pub rejected: Option<Rejected>,
}

/// A load that failed.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// When it failed.
    pub at: Instant,
    /// Why, for people.
    pub reason: Arc<str>,
}

impl InUse {
    fn new(catalog: Catalog) -> Self {
        Self {
            digest: digest(&catalog).into(),
            catalog: Arc::new(catalog),
            loaded: SystemClock.now(),
            rejected: None,
        }
    }
}

impl Default for CatalogHandle {
    fn default() -> Self {
        Self::new(Catalog::default())
    }
}

impl CatalogHandle {
    /// Starts with these policies.
    pub fn new(catalog: Catalog) -> Self {
        Self(Arc::new(RwLock::new(InUse::new(catalog))))
    }

    /// Returns the policies in use. A call keeps what it got to its end, also
    /// when others take their place meanwhile.
    pub fn current(&self) -> Arc<Catalog> {
        let in_use = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&in_use.catalog)
    }

    /// Returns the policies in use with what is known of them.
    pub fn in_use(&self) -> InUse {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Uses these policies from the next call on.
    pub fn replace(&self, catalog: Catalog) {
        let in_use = InUse::new(catalog);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = in_use;
    }

    /// Keeps the policies in use, since others could not be loaded, and notes why.
    pub fn reject(&self, reason: &str) {
        let mut kept: String = reason.chars().take(MAX_REASON_CHARS).collect();
        if kept.len() < reason.len() {
            kept.push_str("...");
        }
        let rejected = Rejected {
            at: SystemClock.now(),
            reason: kept.into(),
        };
        let mut in_use = self.0.write().unwrap_or_else(PoisonError::into_inner);
        in_use.rejected = Some(rejected);
    }
}

/// Returns one digest for all policies of a set: equal sets have equal ones.
fn digest(catalog: &Catalog) -> String {
    let mut digest = Sha256::new();
    for plan in catalog.plans() {
        digest.update(plan.digest_bytes);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
