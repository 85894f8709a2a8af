//! Reads the policies again without a gap: a request in work keeps the set that
//! it began with, and a set with an error changes nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_stream::{Stream, StreamExt};
use tracing::{error, info};

use super::metrics::Metrics;
use crate::load::{self, LoadError, PolicyFiles};
use crate::policy::catalog::{self, Catalog};
use crate::rpc::service::CatalogHandle;

/// Says why policies could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum CatalogError {
    /// They could not be read.
    Load(LoadError),
    /// They are not valid.
    Invalid(#[from] catalog::LoadError),
}

impl CatalogError {
    /// Says it to whoever may call: mistakes in policies by their paths below the `root`,
    /// and nothing of the machine.
    pub(super) fn for_callers(&self, root: Option<&str>) -> String {
        match self {
            Self::Load(_) => "the files cannot be read; the log says why".to_owned(),
            Self::Invalid(diagnostics) => match root {
                Some(root) => diagnostics.to_string().replace(root, ""),
                None => diagnostics.to_string(),
            },
        }
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

/// How often the directory is looked at. Files are not read for that: a thousand of them
/// take some milliseconds.
const INTERVAL: Duration = Duration::from_secs(2);
/// A look takes no more than this part of the time, however many files there are.
const LOOKS_PART: u32 = 100;
/// Revisions that a line names; others are counted.
const NAMED: usize = 10;

/// A directory of policies, and what was seen of it.
#[derive(Clone, Debug)]
pub struct Watched {
    directory: Option<PathBuf>,
    /// What the files looked like before they were read; `None`: they could not be read.
    read: Option<u64>,
    by_itself: bool,
}

impl Watched {
    /// Looks at a directory, before its policies are read the first time; `None`: those
    /// built in. `by_itself`: whether changes of the files are noticed without an order.
    pub fn new(directory: Option<PathBuf>, by_itself: bool) -> Self {
        let read = look(directory.as_deref());
        Self {
            directory,
            read,
            by_itself,
        }
    }
}

fn look(directory: Option<&Path>) -> Option<u64> {
    load::fingerprint(directory?).ok()
}

/// Swaps the policies at each order, and when their files have changed and are at rest,
/// and counts it. A set that cannot be used changes nothing.
pub async fn follow(
    mut orders: impl Stream<Item = ()> + Unpin,
    mut watched: Watched,
    handle: CatalogHandle,
    metrics: Arc<Metrics>,
) {
    let mut wait = INTERVAL;
    let mut changed = None;
    loop {
        let order = if watched.by_itself && watched.directory.is_some() {
            tokio::time::timeout(wait, orders.next()).await.ok()
        } else {
            Some(orders.next().await)
        };
        let ordered = match order {
            Some(Some(())) => true,
            Some(None) => return,
            None => false,
        };
        let began = Instant::now();
        let directory = watched.directory.clone();
        let Ok(seen) = tokio::task::spawn_blocking(move || look(directory.as_deref())).await else {
            error!("fault");
            return;
        };
        wait = INTERVAL.max(began.elapsed() * LOOKS_PART);
        // Somebody may be in the middle of writing: what is seen twice is at rest.
        let at_rest = seen != watched.read && changed == Some(seen);
        changed = Some(seen);
        if ordered || at_rest {
            watched.read = seen;
            reload(watched.directory.clone(), &handle, &metrics).await;
        }
    }
}

async fn reload(directory: Option<PathBuf>, handle: &CatalogHandle, metrics: &Metrics) {
    // Compiling takes long enough to hold up the requests of a worker.
    let root = directory
        .as_ref()
        .map(|root| format!("{}/", root.display()));
    let loaded = tokio::task::spawn_blocking(move || catalog(directory.as_deref())).await;
    match loaded {
        Ok(Ok(catalog)) => use_policies(catalog, handle, metrics),
        Ok(Err(error)) => {
            let for_callers = error.for_callers(root.as_deref());
            keep(&error, &for_callers, handle, metrics);
        }
        Err(_) => {
            let unfinished = "the load did not finish";
            keep(&unfinished, unfinished, handle, metrics);
        }
    }
}

/// Uses other policies from the next call on, and says what is different.
pub(super) fn use_policies(catalog: Catalog, handle: &CatalogHandle, metrics: &Metrics) {
    let changes = Changes::between(&handle.current(), &catalog);
    let revisions = catalog.plans().count();
    handle.replace(catalog);
    metrics.set_policies(&handle.in_use());
    metrics.reloaded(true);
    let Changes {
        added,
        changed,
        removed,
    } = &changes;
    for (change, names) in [("added", added), ("changed", changed), ("removed", removed)] {
        metrics.policies_changed(change, names.len());
    }
    info!(
        revisions,
        added = named(added),
        changed = named(changed),
        removed = named(removed),
        "policies reloaded"
    );
}

/// Keeps the policies in use, since others cannot be used, and says why: to the log, and to
/// callers.
pub(super) fn keep(
    error: &dyn fmt::Display,
    for_callers: &str,
    handle: &CatalogHandle,
    metrics: &Metrics,
) {
    metrics.reloaded(false);
    handle.reject(for_callers);
    error!(diagnostics = %error, "policies kept, reload failed");
}

/// What is different between two sets: names of revisions, `POLICY/REVISION`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
}

impl Changes {
    fn between(before: &Catalog, after: &Catalog) -> Self {
        let digests = |catalog: &Catalog| -> BTreeMap<String, [u8; 32]> {
            let plans = catalog.plans();
            plans
                .map(|plan| {
                    let name = format!("{}/{}", plan.policy, plan.revision);
                    (name, plan.digest_bytes)
                })
                .collect()
        };
        let (before, after) = (digests(before), digests(after));
        let mut changes = Self::default();
        for (name, digest) in &after {
            match before.get(name) {
                None => changes.added.push(name.clone()),
                Some(other) if other != digest => changes.changed.push(name.clone()),
                Some(_) => {}
            }
        }
        let gone = before.into_keys().filter(|name| !after.contains_key(name));
        changes.removed.extend(gone);
        changes
    }
}

/// Names the first of them, and counts the others.
fn named(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(" "),
        more => format!("{} and {more} more", shown.join(" ")),
    }
}
