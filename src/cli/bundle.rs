//! `redress bundle`: a directory of policies as one file.

use std::fs;
use std::path::PathBuf;

use super::output::{self, Exit, Failure, counted};
use crate::load::{self, bundle};
use crate::policy::catalog::Catalog;
use crate::rpc::service::CatalogHandle;
use crate::server::reload::CatalogError;
use crate::server::signatures::SigningKey;

/// Pack policies into one file, which a server can fetch
///
/// The policies are checked first. Equal policies are equal files, whoever packs them. The
/// digest that is printed is the one that a server tells of the set.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of policies, `POLICY/REVISION.toml`
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// File to write to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Private key that signs the bundle, Ed25519 in PEM, such as from
    /// `openssl genpkey -algorithm ed25519`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The policies or the key cannot be used, or the file cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, why);
    let key = match &args.key {
        Some(path) => {
            let text = load::credentials(path).map_err(|error| usage(error.to_string()))?;
            let key = SigningKey::parse(&text);
            Some(key.map_err(|error| usage(format!("`{}`: {error}", path.display())))?)
        }
        None => None,
    };
    let sources = load::policies(&args.directory).map_err(CatalogError::Load)?;
    let catalog = Catalog::load(&sources).map_err(CatalogError::from)?;
    let cannot_write = |error| usage(format!("cannot write `{}`: {error}", args.out.display()));
    let mut packed = bundle::pack(&sources).map_err(cannot_write)?;
    let signed = match &key {
        Some(key) => {
            packed = key.sign(&packed);
            "signed"
        }
        None => "not signed",
    };
    let limit = bundle::MAX_BUNDLE_BYTES;
    if u64::try_from(packed.len()).unwrap_or(u64::MAX) > limit {
        return Err(usage(format!("the bundle is larger than {limit} bytes")));
    }
    fs::write(&args.out, &packed).map_err(cannot_write)?;
    let set = CatalogHandle::new(catalog).in_use();
    output::print(&format!(
        "{}, {signed}\ndigest {}\n",
        counted(set.catalog.plans().count(), "policy revision"),
        set.digest
    ))
}
