//! Refuses what is above a limit before it costs anything, and gives the
//! refusals of the transport the same form as our own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::{Layer, Service};

use crate::rpc::status::CallError;

/// Begins the path of the standard services. They are exempt, so that an
/// overloaded server still says that it is alive.
const STANDARD_SERVICES: &str = "/grpc.";

/// Bounds the requests in work at once, over all connections.
///
/// A stream holds its place until its reply begins; what it takes from then on
/// is bounded by the streams of its connection.
#[derive(Clone, Debug)]
pub struct Admission {
    permits: Arc<Semaphore>,
    concurrent_requests: usize,
    message_bytes: usize,
}

impl Admission {
    /// Creates the bound. `message_bytes` is the limit that is named when the
    /// transport refuses a message.
    pub fn new(concurrent_requests: usize, message_bytes: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(concurrent_requests)),
            concurrent_requests,
            message_bytes,
        }
    }
}

impl<S> Layer<S> for Admission {
    type Service = Admitted<S>;

    fn layer(&self, inner: S) -> Admitted<S> {
        Admitted {
            inner,
            admission: self.clone(),
        }
    }
}

/// Serves what the bound lets through.
#[derive(Clone, Debug)]
pub struct Admitted<S> {
    inner: S,
    admission: Admission,
}

impl<S> Service<Request<Body>> for Admitted<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path().starts_with(STANDARD_SERVICES) {
            return Box::pin(self.inner.call(request));
        }
        let Ok(permit) = Arc::clone(&self.admission.permits).try_acquire_owned() else {
            let limit = self.admission.concurrent_requests;
            let refusal = Status::from(CallError::Overloaded { limit }).into_http();
            return Box::pin(async move { Ok(refusal) });
        };
        let message_bytes = self.admission.message_bytes;
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            drop(permit);
            Ok(in_our_form(response, message_bytes))
        })
    }
}

/// Replaces the transport's OUT_OF_RANGE, which no service of ours answers: it
/// means a message above the limit, and callers branch on our own reason.
fn in_our_form(response: Response<Body>, message_bytes: usize) -> Response<Body> {
    match Status::from_header_map(response.headers()) {
        Some(refusal) if refusal.code() == tonic::Code::OutOfRange => {
            let limit = message_bytes;
            Status::from(CallError::MessageTooLarge { limit }).into_http()
        }
        _ => response,
    }
}
