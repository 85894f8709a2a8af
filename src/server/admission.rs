//! Refuses what is above a limit before it costs anything, and gives the
//! refusals of the transport the same form as our own.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::Service;

use crate::rpc::status::CallError;

/// Begins the path of the standard services. They are exempt, so that an
/// overloaded server still says that it is alive.
const STANDARD_SERVICES: &str = "/grpc.";

/// Bounds the requests in work at once, over all connections and threads.
///
/// A stream holds its place until its reply begins; what it takes from then on
/// is bounded by the streams of its connection.
#[derive(Clone, Debug)]
pub struct Admission {
    in_work: Arc<AtomicUsize>,
    concurrent_requests: usize,
    message_bytes: usize,
}

impl Admission {
    /// Creates the bound. `message_bytes` is the limit that is named when the
    /// transport refuses a message.
    pub fn new(concurrent_requests: usize, message_bytes: usize) -> Self {
        Self {
            in_work: Arc::default(),
            concurrent_requests,
            message_bytes,
        }
    }

    /// Takes a place, if one is free.
    fn place(&self) -> Option<Place> {
        // Requests that are refused count too while they are, so that a refusal
        // can come early under a storm of them and never late.
        let place = Place(Arc::clone(&self.in_work));
        let before = place.0.fetch_add(1, Ordering::Relaxed);
        (before < self.concurrent_requests).then_some(place)
    }
}

/// A place among the requests in work; dropping it leaves it.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves what the bound lets through.
#[derive(Clone, Debug)]
pub struct Admitted<S> {
    inner: S,
    admission: Admission,
}

impl<S> Admitted<S> {
    /// Puts the bound before a service.
    pub fn new(inner: S, admission: Admission) -> Self {
        Self { inner, admission }
    }
}

impl<S> Service<Request<Body>> for Admitted<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Unpin,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path().starts_with(STANDARD_SERVICES) {
            return Answer::Exempt(self.inner.call(request));
        }
        match self.admission.place() {
            Some(place) => Answer::Admitted {
                inner: self.inner.call(request),
                message_bytes: self.admission.message_bytes,
                _place: place,
            },
            None => Answer::Refused {
                limit: self.admission.concurrent_requests,
            },
        }
    }
}

/// The answer to come. Its own type rather than an `async` block, which would
/// need a box for each request.
#[derive(Debug)]
pub enum Answer<F> {
    /// Of a standard service.
    Exempt(F),
    /// Of a service of ours.
    Admitted {
        /// The service's answer.
        inner: F,
        /// The limit that is named for an oversized message.
        message_bytes: usize,
        /// Held until the answer is there.
        _place: Place,
    },
    /// There was no place.
    Refused {
        /// How many places there are.
        limit: usize,
    },
}

impl<F, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Exempt(inner) => Pin::new(inner).poll(cx),
            Self::Admitted {
                inner,
                message_bytes,
                ..
            } => {
                let response = ready!(Pin::new(inner).poll(cx))?;
                Poll::Ready(Ok(in_our_form(response, *message_bytes)))
            }
            Self::Refused { limit } => {
                let refusal = CallError::Overloaded { limit: *limit };
                Poll::Ready(Ok(Status::from(refusal).into_http()))
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_left_can_be_taken_again() {
        let admission = Admission::new(1, 0);
        let first = admission.place();
        assert!(first.is_some());
        assert!(admission.clone().place().is_none());
        drop(first);
        assert!(admission.place().is_some());
    }
}
