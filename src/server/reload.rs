//! Reads the policies again without a gap: a request in work keeps the set that
//! it began with, and a set with an error changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_stream::{Stream, StreamExt};
use tracing::{error, info};

use super::metrics::Metrics;
use crate::load::{self, LoadError, PolicyFiles};
use crate::policy::catalog::{self, Catalog};
use crate::rpc::service::CatalogHandle;

/// Says why policies could not be loaded.
#[derive(Debug)]
pub enum CatalogError {
    /// They could not be read.
    Load(LoadError),
    /// They are not valid.
    Invalid(catalog::LoadError),
}

impl std::fmt::Display for CatalogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Invalid(diagnostics) => diagnostics.fmt(f),
        }
    }
}

impl std::error::Error for CatalogError {}

impl From<catalog::LoadError> for CatalogError {
    fn from(error: catalog::LoadError) -> Self {
        Self::Invalid(error)
    }
}

/// Reads and compiles the policies of a directory; `None`: those built in.
///
/// # Errors
/// They cannot be read, or any of them is not valid.
pub fn catalog(directory: Option<&Path>) -> Result<Catalog, CatalogError> {
    catalog_of(directory, load::policy_files)
}

/// Reads and compiles the policies of a directory, of one folder in it, or one of them;
/// `None`: those built in.
///
/// # Errors
/// They cannot be read, or any of them is not valid.
pub fn catalog_at(path: Option<&Path>) -> Result<Catalog, CatalogError> {
    catalog_of(path, load::policy_files_at)
}

fn catalog_of(
    path: Option<&Path>,
    list: impl Fn(&Path) -> Result<Vec<PolicyFiles>, LoadError>,
) -> Result<Catalog, CatalogError> {
    match path {
        Some(path) => {
            let folders = list(path).map_err(CatalogError::Load)?;
            Catalog::load_each(&folders, |files| files.read().map_err(CatalogError::Load))
        }
        None => Ok(Catalog::load(&load::embedded())?),
    }
}

/// Swaps the policies at each order, for as long as orders come, and counts them.
pub async fn follow(
    mut orders: impl Stream<Item = ()> + Unpin,
    directory: Option<PathBuf>,
    handle: CatalogHandle,
    metrics: Arc<Metrics>,
) {
    while orders.next().await.is_some() {
        let directory = directory.clone();
        // Compiling takes long enough to hold up the requests of a worker.
        let loaded = tokio::task::spawn_blocking(move || catalog(directory.as_deref())).await;
        match loaded {
            Ok(Ok(catalog)) => {
                let revisions = catalog.plans().count();
                metrics.set_policies(&catalog);
                metrics.reloaded(true);
                handle.replace(catalog);
                info!(revisions, "policies reloaded");
            }
            Ok(Err(error)) => {
                metrics.reloaded(false);
                error!(diagnostics = %error, "policies kept, reload failed");
            }
            Err(_) => {
                metrics.reloaded(false);
                error!("policies kept, reload did not finish");
            }
        }
    }
}
