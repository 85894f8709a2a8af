//! Certificates, tokens and keys that are read again: when the process is told to, and when their files
//! have changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_stream::{Stream, StreamExt};
use tracing::{error, info};

use super::jwt::{Expected, JwtVerifier, KeysError};
use super::metrics::Metrics;
use super::tls::{Identity, Pem, TlsError};
use super::tokens::{Tokens, TokensError};
use crate::load::{self, LoadError};
use crate::rpc::service::{Clock, SystemClock};

/// How often the files are looked at. They are read and compared: a secret that is
/// mounted changes as a whole by a link, which no file's date tells.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// Names the files of certificates and key.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// The key of the certificate.
    pub key: PathBuf,
    /// The authority that clients' certificates must come from.
    pub client_ca: Option<PathBuf>,
}

/// Says why certificates or tokens could not be read or used.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum CredentialError {
    /// A file could not be read.
    Load(LoadError),
    /// Certificates or a key cannot be used.
    Tls(TlsError),
    /// Tokens cannot be used.
    Tokens(TokensError),
    /// Keys of JSON Web Tokens cannot be used.
    Keys(KeysError),
}

impl CertificateFiles {
    fn read(&self) -> Result<Pem, CredentialError> {
        let pem = |path| load::credentials(path).map_err(CredentialError::Load);
        Ok(Pem {
            certificate: pem(&self.certificate)?,
            key: pem(&self.key)?,
            client_ca: self.client_ca.as_deref().map(pem).transpose()?,
        })
    }

    /// Reads and checks the files.
    ///
    /// # Errors
    /// One of them cannot be read, or is not valid now.
    pub fn identity(&self) -> Result<Identity, CredentialError> {
        let now = SystemClock.now().unix_seconds();
        Identity::new(&self.read()?, now).map_err(CredentialError::Tls)
    }
}

/// Reads and checks a file of tokens.
///
/// # Errors
/// It cannot be read, or a line of it is not a token.
pub fn tokens(path: &Path) -> Result<Tokens, CredentialError> {
    let text = load::credentials(path).map_err(CredentialError::Load)?;
    Tokens::parse(&text).map_err(CredentialError::Tokens)
}

/// Reads and checks a file of the keys that sign JSON Web Tokens.
///
/// # Errors
/// It cannot be read, or no key of it can be used.
pub fn jwt(path: &Path, expected: Expected) -> Result<JwtVerifier, CredentialError> {
    let text = load::credentials(path).map_err(CredentialError::Load)?;
    JwtVerifier::new(expected, &text).map_err(CredentialError::Keys)
}

/// Looks at the file of tokens as [`follow`] looks at certificates.
pub async fn follow_tokens(orders: impl Stream<Item = ()> + Unpin, path: PathBuf, tokens: Tokens) {
    let replace = move |text: &str| tokens.replace(text).map_err(CredentialError::Tokens);
    follow_file(orders, path, "tokens", replace).await;
}

/// Looks at the file of keys as [`follow`] looks at certificates.
pub async fn follow_jwt(
    orders: impl Stream<Item = ()> + Unpin,
    path: PathBuf,
    verifier: JwtVerifier,
) {
    let replace = move |text: &str| verifier.replace(text).map_err(CredentialError::Keys);
    follow_file(orders, path, "token keys", replace).await;
}

/// Looks at a file at each order and every [`INTERVAL`]; `replace` uses its text, and says
/// whether it is another than before.
async fn follow_file(
    mut orders: impl Stream<Item = ()> + Unpin,
    path: PathBuf,
    what: &str,
    replace: impl Fn(&str) -> Result<bool, CredentialError> + Clone + Send + 'static,
) {
    let mut failed = String::new();
    loop {
        // Without orders, time goes on.
        let _ = tokio::time::timeout(INTERVAL, orders.next()).await;
        let (path, replace) = (path.clone(), replace.clone());
        let replaced = tokio::task::spawn_blocking(move || {
            replace(&load::credentials(&path).map_err(CredentialError::Load)?)
        });
        match replaced.await {
            Ok(Ok(is_other)) => {
                failed.clear();
                if is_other {
                    info!("{what} replaced");
                }
            }
            Ok(Err(error)) => {
                let why = error.to_string();
                if why != failed {
                    error!(%error, "{what} kept, those in the file cannot be used");
                    failed = why;
                }
            }
            Err(_) => error!("fault"),
        }
    }
}

/// Looks at the files at each order and every [`INTERVAL`], and uses what has changed
/// from the next connection on. What cannot be used changes nothing, and is said once.
pub async fn follow(
    mut orders: impl Stream<Item = ()> + Unpin,
    files: CertificateFiles,
    identity: Identity,
    metrics: Arc<Metrics>,
) {
    let mut failed = String::new();
    loop {
        // Without orders, time goes on.
        let _ = tokio::time::timeout(INTERVAL, orders.next()).await;
        let (files, known) = (files.clone(), identity.clone());
        let replaced = tokio::task::spawn_blocking(move || replace(&files, &known)).await;
        match replaced {
            Ok(Ok(false)) => failed.clear(),
            Ok(Ok(true)) => {
                failed.clear();
                metrics.certificates_reloaded(true);
                info!(expires = identity.expires(), "certificates replaced");
            }
            Ok(Err(error)) => {
                let why = error.to_string();
                if why != failed {
                    metrics.certificates_reloaded(false);
                    error!(%error, "certificates kept, those in the files cannot be used");
                    failed = why;
                }
            }
            Err(_) => error!("fault"),
        }
    }
}

/// Uses what the files hold; whether it is something else than before.
fn replace(files: &CertificateFiles, identity: &Identity) -> Result<bool, CredentialError> {
    let pem = files.read()?;
    if identity.is_of(&pem) {
        return Ok(false);
    }
    let now = SystemClock.now().unix_seconds();
    identity.replace(&pem, now).map_err(CredentialError::Tls)?;
    Ok(true)
}
