//! Refuses what is above a limit before it costs anything, and gives the
//! refusals of the transport the same form as our own.
//!
//! No library knows the shares of callers, or bytes of replies that nobody reads. Without
//! this layer a served decision at the basic view costs 1 to 5 % less.

use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::{Request, Response};
use tower::Service;
use tracing::error;

use super::call::{Call, CallInfo, Kind, Translated};
use super::callers::Callers;
use super::config::HEADER_BYTES;
use super::connection::Connection;
use super::fair_share::Lease;
use super::quotas::{AccountKey, Quotas};
use super::shutdown::{ShutdownSignal, UntilShutdown};
use super::traces::Traces;
use crate::rpc::service::{Account, Caller, Observer, Principal};
use crate::rpc::status::{CallError, Load};

/// Begins the path of health checks. They do not count, so that an overloaded server
/// still says that it is alive.
const HEALTH: &str = "/grpc.health.";
/// Path of the call that decides many requests.
const BATCH: &str = "/redress.v1.DecisionService/BatchDecide";
/// Path of the call that decides requests as they come.
const STREAM: &str = "/redress.v1.DecisionService/StreamDecide";
/// Begins the path of reflection, whose calls are streams.
const REFLECTION: &str = "/grpc.reflection.";
/// What a header counts beside its name and its value, as HTTP/2 has it.
const HEADER_OVERHEAD: usize = 32;

/// Serves what the limits let through.
#[derive(Clone, Debug)]
pub struct Admission<S> {
    inner: S,
    message_bytes: usize,
    callers: Callers,
    quotas: Option<Arc<Quotas>>,
    traces: Option<Traces>,
    stopped: ShutdownSignal,
}

impl<S> Admission<S> {
    /// Puts the limits before a service. `message_bytes` is the one that is named when
    /// the transport refuses a message; calls are made by one of the `callers`, each of
    /// which has its part of the `quotas`, and has a span where there are `traces`; streams end
    /// when the server is `stopped`.
    pub(super) fn new(
        inner: S,
        message_bytes: usize,
        callers: Callers,
        quotas: Option<Arc<Quotas>>,
        traces: Option<Traces>,
        stopped: ShutdownSignal,
    ) -> Self {
        Self {
            inner,
            message_bytes,
            callers,
            quotas,
            traces,
            stopped,
        }
    }
}

impl<S> Service<Request<Body>> for Admission<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<Response<Body>, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let is_translated = request.extensions().get::<Translated>().is_some();
        let call = match self.admit(&mut request) {
            Ok(call) => call,
            Err(refusal) => return Box::pin(ready(Ok(*refusal))),
        };
        let kind = match request.uri().path() {
            BATCH => Kind::Batch,
            STREAM => Kind::Stream(UntilShutdown::new(self.stopped.clone())),
            path if path.starts_with(REFLECTION) => {
                Kind::Stream(UntilShutdown::new(self.stopped.clone()))
            }
            _ => Kind::Other,
        };
        let answer = self
            .inner
            .call(request.map(|body| call.request(body, kind)));
        let message_bytes = self.message_bytes;
        Box::pin(async move {
            let mut response = Arc::clone(&call).reply(answer.await?, message_bytes);
            if is_translated {
                response.extensions_mut().insert(call);
            }
            Ok(response)
        })
    }
}

impl<S> Admission<S> {
    /// Lets a request in, or answers it.
    fn admit(&self, request: &mut Request<Body>) -> Result<Arc<Call>, Box<Response<Body>>> {
        // INVARIANT: the transport puts the connection into every request (`coalescing_io`).
        let Some(connection) = request.extensions_mut().remove::<Arc<Connection>>() else {
            error!("fault");
            return Err(refusal(CallError::Internal));
        };
        let method = method(request.uri().path());
        let refused = |caller: Option<&Caller>, error: CallError| {
            connection.metrics().refused(method, caller, &error);
            refusal(error)
        };
        if header_bytes(request) > HEADER_BYTES {
            let limit = HEADER_BYTES;
            return Err(refused(None, CallError::HeadersTooLarge { limit }));
        }
        if request.uri().path().starts_with(HEALTH) {
            let info = CallInfo::default();
            return Ok(Call::new(connection, None, info));
        }
        let principal = self.callers.identify(request.headers());
        let principal = principal.map_err(|error| {
            let caller = Caller::of(request.headers(), None);
            refused(caller.as_deref(), error)
        })?;
        let principal = principal.as_ref();
        let begin = |traces: &Traces| traces.begin(method, request.headers_mut());
        let mut span = self.traces.as_ref().map(begin);
        let caller = Caller::of(request.headers(), principal.map(Arc::as_ref));
        if let (Some(span), Some(caller)) = (&mut span, &caller) {
            span.set_caller(caller);
        }
        let (lease, account) = match self.take(&connection, principal.map(Arc::as_ref)) {
            Ok(taken) => taken,
            Err(error) => {
                if let Some(span) = span {
                    span.end(error.code());
                }
                return Err(refused(caller.as_deref(), error));
            }
        };
        let extensions = request.extensions_mut();
        if let Some(principal) = principal {
            extensions.insert(Arc::clone(principal));
        }
        if let Some(caller) = &caller {
            extensions.insert(Arc::clone(caller));
        }
        if let Some(account) = account {
            extensions.insert(account);
        }
        let info = CallInfo {
            method,
            caller,
            span,
        };
        Ok(Call::new(connection, Some(lease), info))
    }

    /// Takes a place of those that the server and the caller have, and returns it with the
    /// caller's account.
    fn take(
        &self,
        connection: &Connection,
        principal: Option<&Principal>,
    ) -> Result<(Lease, Option<Arc<Account>>), CallError> {
        let peer = connection.peer();
        let overloaded = |load, limit| CallError::Overloaded { load, limit };
        if !peer.unsent.has_room() {
            return Err(overloaded(Load::UnsentBytes, peer.unsent.limit()));
        }
        let Some(lease) = peer.requests.try_take() else {
            return Err(overloaded(Load::Requests, peer.requests.limit()));
        };
        let account = match &self.quotas {
            Some(quotas) => {
                let account = quotas.account(account_key(principal, connection));
                account.check()?;
                Some(account)
            }
            None => None,
        };
        Ok((lease, account))
    }
}

/// Returns how the caller is known whose work is counted.
fn account_key(principal: Option<&Principal>, connection: &Connection) -> AccountKey {
    match (principal, connection.certificate()) {
        (Some(principal), _) => AccountKey::Name(principal.name().to_owned()),
        (None, Some(certificate)) => AccountKey::Certificate(certificate),
        (None, None) => AccountKey::Address(connection.peer().address),
    }
}

/// Returns the name of a call, of the few that a caller can wish for: no caller chooses
/// what is counted.
pub(super) fn method(path: &str) -> &'static str {
    const METHODS: [&str; 6] = [
        "Decide",
        "BatchDecide",
        "StreamDecide",
        "ListOptions",
        "ListPolicies",
        "GetPolicy",
    ];
    let name = path.rsplit('/').next().unwrap_or_default();
    let known = METHODS.into_iter().find(|known| *known == name);
    known.unwrap_or("other")
}

/// Returns the bytes of all headers, counted as HTTP/2 counts them.
fn header_bytes(request: &Request<Body>) -> usize {
    let uri = request.uri();
    let pseudo = [
        (":method", request.method().as_str()),
        (":scheme", uri.scheme_str().unwrap_or_default()),
        (":authority", uri.authority().map_or("", |a| a.as_str())),
        (":path", uri.path_and_query().map_or("", |p| p.as_str())),
    ];
    let pseudo = pseudo.map(|(name, value)| name.len().saturating_add(value.len()));
    let named = request.headers().iter();
    let named = named.map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    named.chain(pseudo).fold(0_usize, |sum, bytes| {
        sum.saturating_add(bytes).saturating_add(HEADER_OVERHEAD)
    })
}

/// Answers in gRPC.
fn refusal(error: CallError) -> Box<Response<Body>> {
    Box::new(Status::from(error).into_http())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_count_as_http2_counts_them() {
        let request = Request::builder()
            .method("POST")
            .uri("http://shop.example/a")
            .header("x", "12345")
            .body(Body::empty())
            .expect("a request");
        // Five times 32, and `:method` `POST`, `:scheme` `http`, `:authority`
        // `shop.example`, `:path` `/a` and `x` `12345`.
        let wanted = 5 * 32 + (7 + 4) + (7 + 4) + (10 + 12) + (5 + 2) + (1 + 5);
        assert_eq!(header_bytes(&request), wanted);
    }
}
