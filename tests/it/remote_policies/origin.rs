//! A source of bundles that answers as it is told, and notes what it is asked.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use prost::bytes::Bytes;
use rcgen::{CertifiedKey, KeyPair};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tonic::codegen::http::{HeaderMap, Request, Response};

use crate::running::PATIENCE;

/// What a source answers.
#[derive(Clone)]
pub enum Answer {
    Bundle(Vec<u8>),
    /// A status without a bundle.
    Status(u16),
    /// Another place.
    Redirect(String),
    /// Nothing, for as long as anybody waits.
    Stall,
}

/// A source of bundles, over HTTP.
#[derive(Clone)]
pub struct Origin(pub Arc<Mutex<State>>);

pub struct State {
    answer: Answer,
    /// Path, `If-None-Match` and `Authorization` of each request, and the status of its answer.
    pub asked: Vec<(String, Option<String>, Option<String>, u16)>,
}

impl Origin {
    pub async fn start(answer: Answer) -> (Self, SocketAddr) {
        Self::serve(answer, None).await
    }

    /// The same over TLS.
    pub async fn start_tls(
        answer: Answer,
        certified: &CertifiedKey<KeyPair>,
    ) -> (Self, SocketAddr) {
        let chain = vec![certified.cert.der().clone()];
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .unwrap();
        Self::serve(answer, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn serve(answer: Answer, tls: Option<TlsAcceptor>) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Vec::new();
        let origin = Self(Arc::new(Mutex::new(State { answer, asked })));
        let answering = origin.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (origin, tls) = (answering.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                origin.converse(stream).await;
                            }
                        }
                        None => origin.converse(stream).await,
                    }
                });
            }
        });
        (origin, address)
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(move |request| {
            let origin = self.clone();
            async move { Ok::<_, Infallible>(origin.answer(&request).await) }
        });
        let serving = http1::Builder::new();
        let _ = serving
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let answer = self.0.lock().unwrap().answer.clone();
        let known = header(request.headers(), "if-none-match");
        let response = Response::builder();
        let response = match answer {
            Answer::Bundle(bytes) => {
                let etag = format!("\"{:x}\"", Sha256::digest(&bytes));
                let is_known = known.as_ref() == Some(&etag);
                let response = response
                    .header("etag", etag)
                    .header("last-modified", "Tue, 01 Dec 2026 10:00:00 GMT");
                match is_known {
                    true => response.status(304).body(Full::default()),
                    false => response.body(Full::from(bytes)),
                }
            }
            Answer::Status(status) => response.status(status).body(Full::default()),
            Answer::Redirect(to) => response
                .status(302)
                .header("location", to)
                .body(Full::default()),
            Answer::Stall => {
                self.asked(request, known.clone(), 0);
                std::future::pending().await
            }
        };
        let response = response.unwrap();
        self.asked(request, known, response.status().as_u16());
        response
    }

    fn asked<B>(&self, request: &Request<B>, known: Option<String>, status: u16) {
        let path = request.uri().path().to_owned();
        let authorization = header(request.headers(), "authorization");
        let asked = (path, known, authorization, status);
        self.0.lock().unwrap().asked.push(asked);
    }

    pub fn give(&self, answer: Answer) {
        self.0.lock().unwrap().answer = answer;
    }

    /// How many were answered with a status, 0 with none.
    pub fn answered(&self, status: u16) -> usize {
        let state = self.0.lock().unwrap();
        state.asked.iter().filter(|asked| asked.3 == status).count()
    }

    /// Waits for a further answer with a status.
    pub async fn next(&self, status: u16) {
        let before = self.answered(status);
        until(|| self.answered(status) > before).await;
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().unwrap().to_owned())
}

pub async fn until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it does not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
