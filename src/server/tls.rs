//! TLS under a connection. The handshake is made when the connection is first read or
//! written, so that it has the same deadline as the rest of the beginning.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::connection::Connection;
use super::listener::Socket;
use super::metrics::ConnectionEnd;

/// Names of HTTP/2 and HTTP/1.1 in the handshake, the wished for first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Holds the texts of certificates and key, in PEM form.
#[derive(Clone)]
pub struct Pem {
    /// The server's certificate chain.
    pub certificate: String,
    /// The key of the certificate.
    pub key: String,
    /// The authority that clients' certificates must come from; `None`: clients
    /// show none.
    pub client_ca: Option<String>,
}

impl Pem {
    /// Returns a digest, so that texts can be compared without keeping the key.
    fn digest(&self) -> [u8; 32] {
        let Self {
            certificate,
            key,
            client_ca,
        } = self;
        let mut digest = Sha256::new();
        for part in [Some(certificate), Some(key), client_ca.as_ref()] {
            let text = part.map_or(&[][..], |text| text.as_bytes());
            digest.update(Sha256::digest(text));
        }
        digest.finalize().into()
    }
}

// The key must not reach a log by way of a derived implementation.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pem")
            .field("client_ca", &self.client_ca.is_some())
            .finish_non_exhaustive()
    }
}

/// Says why certificates or a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A text is not PEM.
    #[error("{of} is not in PEM form: {error}")]
    Pem {
        /// Which text.
        of: Part,
        /// What is wrong with it.
        #[source]
        error: pem::Error,
    },
    /// A text holds no certificate.
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(Part),
    /// A certificate cannot be read.
    #[error("{0} cannot be read as X.509")]
    Malformed(Part),
    /// A certificate was valid until an instant that is past.
    #[error("{of}, `{subject}`, expired on {until}; replace it")]
    Expired {
        /// Which certificate.
        of: Part,
        /// Whom it is for.
        subject: String,
        /// The instant.
        until: String,
    },
    /// A certificate will be valid from an instant that is to come.
    #[error("{of}, `{subject}`, is not valid before {from}; check the clock, or replace it")]
    NotYetValid {
        /// Which certificate.
        of: Part,
        /// Whom it is for.
        subject: String,
        /// The instant.
        from: String,
    },
    /// The authority of clients cannot be used.
    #[error("the authority of clients cannot be used: {0}")]
    ClientCa(#[source] VerifierBuilderError),
    /// The certificate and the key cannot be used together.
    #[error("the certificate and the key cannot be used: {0}")]
    Mismatch(#[source] rustls::Error),
}

/// Names one of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// [`Pem::certificate`].
    Certificate,
    /// [`Pem::key`].
    Key,
    /// [`Pem::client_ca`].
    ClientCa,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "the certificate of the server",
            Self::Key => "the key of the server",
            Self::ClientCa => "the authority of clients",
        })
    }
}

/// Holds whom the server shows itself as, and whose certificates it wants to see. Clones
/// share it, and all change at once.
#[derive(Clone)]
pub struct Identity(Arc<RwLock<Current>>);

struct Current {
    config: Arc<ServerConfig>,
    /// What it was made of.
    digest: [u8; 32],
    /// When the first of the server's certificates expires, in seconds since 1970.
    expires: i64,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Checks certificates and a key, at an instant in seconds since 1970.
    ///
    /// # Errors
    /// One of them cannot be used, or is not valid at that instant.
    pub fn new(pem: &Pem, now: i64) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(RwLock::new(current(pem, now)?))))
    }

    /// Uses these certificates and this key from the next connection on; those that are
    /// open stay as they are.
    ///
    /// # Errors
    /// As [`Identity::new`]; then nothing changes.
    pub fn replace(&self, pem: &Pem, now: i64) -> Result<(), TlsError> {
        let current = current(pem, now)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(())
    }

    /// Returns when the first of the server's certificates expires, in seconds since 1970.
    pub fn expires(&self) -> i64 {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .expires
    }

    /// Whether it is made of these texts.
    pub(super) fn is_of(&self, pem: &Pem) -> bool {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.digest == pem.digest()
    }

    fn acceptor(&self) -> TlsAcceptor {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current.config).into()
    }
}

fn current(pem: &Pem, now: i64) -> Result<Current, TlsError> {
    let Pem {
        certificate,
        key,
        client_ca,
    } = pem;
    let chain = certificates(Part::Certificate, certificate)?;
    let expires = expires(&chain, now)?;
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Mismatch)?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(Part::ClientCa, authority)? {
                let added = roots.add(certificate);
                added.map_err(|_| TlsError::Malformed(Part::ClientCa))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .map_err(TlsError::ClientCa)?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| TlsError::Pem {
        of: Part::Key,
        error,
    })?;
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(TlsError::Mismatch)?;
    config.alpn_protocols = ALPN.map(Vec::from).into();
    Ok(Current {
        config: Arc::new(config),
        digest: pem.digest(),
        expires,
    })
}

/// Reads certificates, at least one.
fn certificates(of: Part, pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let read = read.map_err(|error| TlsError::Pem { of, error })?;
    if read.is_empty() {
        return Err(TlsError::NoCertificate(of));
    }
    Ok(read)
}

/// Returns when the first certificate of a chain expires, all of which are valid now.
fn expires(chain: &[CertificateDer<'_>], now: i64) -> Result<i64, TlsError> {
    chain.iter().try_fold(i64::MAX, |first, certificate| {
        Ok(first.min(valid_until(Part::Certificate, certificate, now)?))
    })
}

/// Returns when a certificate expires that is valid now.
fn valid_until(of: Part, certificate: &CertificateDer<'_>, now: i64) -> Result<i64, TlsError> {
    let (_, read) = X509Certificate::from_der(certificate).map_err(|_| TlsError::Malformed(of))?;
    let validity = read.validity();
    let text = |time: &ASN1Time| time.to_string();
    let subject = || read.subject().to_string();
    if now > validity.not_after.timestamp() {
        return Err(TlsError::Expired {
            of,
            subject: subject(),
            until: text(&validity.not_after),
        });
    }
    if now < validity.not_before.timestamp() {
        return Err(TlsError::NotYetValid {
            of,
            subject: subject(),
            from: text(&validity.not_before),
        });
    }
    Ok(validity.not_after.timestamp())
}

/// A connection, with TLS or without.
pub(super) enum MaybeTls {
    /// Without.
    Plain(Socket),
    /// Before the handshake is made, for this connection.
    Handshake(Box<Accept<Socket>>, Arc<Connection>),
    /// After it.
    Tls(Box<TlsStream<Socket>>),
}

impl MaybeTls {
    /// Takes a connection that was accepted.
    pub(super) fn new(
        stream: Socket,
        identity: Option<&Identity>,
        connection: &Arc<Connection>,
    ) -> Self {
        match identity {
            None => Self::Plain(stream),
            Some(identity) => {
                let accept = Box::new(identity.acceptor().accept(stream));
                Self::Handshake(accept, Arc::clone(connection))
            }
        }
    }

    /// Returns what is read and written, after the handshake.
    fn poll_stream(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        if let Self::Handshake(accept, connection) = self {
            let stream = ready!(Pin::new(accept.as_mut()).poll(cx)).inspect_err(|error| {
                let metrics = connection.metrics();
                metrics.connection_ended(ConnectionEnd::Handshake, error);
            })?;
            let (_, session) = stream.get_ref();
            if let Some([certificate, ..]) = session.peer_certificates() {
                connection.set_certificate(Sha256::digest(certificate).into());
            }
            *self = Self::Tls(Box::new(stream));
        }
        Poll::Ready(match self {
            Self::Plain(stream) => Ok(Pin::new(stream)),
            Self::Tls(stream) => Ok(Pin::new(stream.as_mut())),
            Self::Handshake(..) => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

/// What is read and written.
trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

impl AsyncRead for MaybeTls {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_stream(cx))?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for MaybeTls {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.get_mut().poll_stream(cx))?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.get_mut().poll_stream(cx))?.poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_stream(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_stream(cx))?.poll_shutdown(cx)
    }
}
