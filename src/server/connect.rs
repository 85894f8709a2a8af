//! The Connect protocol: a call becomes one of gRPC, and its answer one of Connect.
//!
//! One request and one reply are the bodies of HTTP, without a frame ([`unary`]); streams
//! are messages behind five bytes, as in gRPC, and end with a message of their own
//! ([`stream`]). What is not answered is JSON ([`refusal`]). Messages are read and written
//! inside the call of gRPC, so that nothing is read before the call was let in.

mod conversion;
mod refusal;
mod stream;
mod unary;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use prost::bytes::{BufMut, BytesMut};
use rustc_hash::FxHashMap;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::Bytes;
use tonic::codegen::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TE};
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};

use self::conversion::{Conversion, Conversions};
use self::refusal::Refusals;
use super::admission;
use super::call::Translated;
use super::connection::Connection;
use super::time_limit;
use crate::rpc::service::{Caller, Observer};
use crate::rpc::status::CallError;
use crate::wire::json::{self, JsonError, Schema};

/// Header that names the version of the protocol; it may be left out.
const PROTOCOL_VERSION: &str = "connect-protocol-version";
/// The one version that there is.
const VERSION: &str = "1";
/// Header with the compression of the messages of a stream.
const STREAM_ENCODING: &str = "connect-content-encoding";
/// Bytes before each message of a stream: flags, and how many bytes follow.
const PREFIX_BYTES: usize = 5;
/// How the messages of a call are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Whether there may be several.
    pub is_stream: bool,
    is_json: bool,
}

impl Form {
    pub(super) const UNARY_JSON: Self = Self::new(false, true);
    pub(super) const UNARY_PROTO: Self = Self::new(false, false);
    pub(super) const STREAM_JSON: Self = Self::new(true, true);
    pub(super) const STREAM_PROTO: Self = Self::new(true, false);

    const fn new(is_stream: bool, is_json: bool) -> Self {
        Self { is_stream, is_json }
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match (self.is_stream, self.is_json) {
            (false, false) => "application/proto",
            (false, true) => "application/json",
            (true, false) => "application/connect+proto",
            (true, true) => "application/connect+json",
        })
    }
}

/// A method that can be called.
#[derive(Clone, Debug)]
pub(super) struct Method(Arc<json::Method>);

impl Method {
    /// Whether its messages are a stream in one direction at least.
    pub(super) fn is_stream(&self) -> bool {
        self.0.is_client_streaming || self.0.is_server_streaming
    }

    /// Whether its messages are streams in both directions.
    pub(super) fn is_bidirectional(&self) -> bool {
        self.0.is_client_streaming && self.0.is_server_streaming
    }
}

/// Speaks Connect.
#[derive(Debug)]
pub(super) struct Connect {
    methods: FxHashMap<String, Method>,
    refusals: Refusals,
    conversions: Conversions,
    /// Bytes of one message that comes in.
    message_bytes: usize,
}

impl Connect {
    /// Speaks of the methods of these descriptors, each an encoded
    /// `google.protobuf.FileDescriptorSet`. Messages that come in may have `message_bytes`,
    /// as JSON too.
    ///
    /// # Errors
    /// The descriptors cannot be used.
    pub(super) fn new(descriptors: &[&[u8]], message_bytes: usize) -> Result<Self, JsonError> {
        let mut methods = FxHashMap::default();
        for set in descriptors {
            for method in Schema::of(set)?.methods() {
                methods.insert(method.path.clone(), Method(Arc::new(method)));
            }
        }
        Ok(Self {
            methods,
            refusals: Refusals::new()?,
            conversions: Conversions::default(),
            message_bytes,
        })
    }

    /// Returns the paths of all methods, in no order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.methods.keys().map(String::as_str)
    }

    /// Returns the method at a path.
    pub(super) fn method(&self, path: &str) -> Option<Method> {
        self.methods.get(path).cloned()
    }

    /// Answers a call by `call_end` or within the time that its caller waits, by a call of gRPC.
    pub(super) fn call<F>(
        self: Arc<Self>,
        method: Method,
        form: Form,
        call_end: Instant,
        request: Request<Body>,
        grpc: impl FnOnce(Request<Body>) -> F,
    ) -> BoxFuture<Response<Body>, Infallible>
    where
        F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
    {
        let asked = match check(request.headers()) {
            Ok(asked) => asked,
            Err(status) => {
                self.count(&request, &status);
                let refused = match form.is_stream {
                    true => stream::refused(&self.refusals, form, &status),
                    false => self.refusals.response(&status),
                };
                return Box::pin(std::future::ready(Ok(refused)));
            }
        };
        let asked = asked.and_then(|limit| Instant::now().checked_add(limit));
        let call_end = asked.map_or(call_end, |asked| asked.min(call_end));
        let conversion = |codec: &json::Codec| -> Option<Conversion> {
            form.is_json.then(|| self.conversions.of(codec))
        };
        let of_request = conversion(&method.0.request);
        let of_reply = conversion(&method.0.reply);
        let request = self.request(request, |body| match form.is_stream {
            true => stream::request(body, self.message_bytes, of_request),
            false => unary::request(body, self.message_bytes, of_request),
        });
        let answer = grpc(request);
        Box::pin(async move {
            let response = match form.is_stream {
                true => stream::answer(self, answer, call_end, form, of_reply).await,
                false => unary::answer(&self, answer, call_end, form, of_reply).await,
            };
            Ok(response)
        })
    }

    /// Counts a refusal of what did not become a call of gRPC, where others are counted.
    fn count(&self, request: &Request<Body>, status: &Status) {
        let connection = request.extensions().get::<Arc<Connection>>();
        let error = CallError::of_message(status, self.message_bytes);
        if let (Some(connection), Some(error)) = (connection, error) {
            let caller = Caller::of(request.headers(), None);
            let method = admission::method(request.uri().path());
            let metrics = connection.metrics();
            metrics.refused(method, caller.as_deref(), &error);
        }
    }

    /// Makes a request one of gRPC.
    fn request(&self, request: Request<Body>, body: impl FnOnce(Body) -> Body) -> Request<Body> {
        let mut request = request.map(body);
        request.extensions_mut().insert(Translated);
        let headers = request.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
        request
    }
}

/// Checks what a call says of itself, and returns how long its caller waits.
fn check(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let version = headers.get(PROTOCOL_VERSION);
    if version.is_some_and(|version| version != VERSION) {
        let cause = format!("`{PROTOCOL_VERSION}` is not `{VERSION}`");
        return Err(CallError::Malformed { cause }.into());
    }
    let encodings = [headers.get(CONTENT_ENCODING), headers.get(STREAM_ENCODING)];
    if encodings
        .into_iter()
        .flatten()
        .any(|name| name != "identity")
    {
        return Err(Status::unimplemented(
            "the message is compressed; send it as it is",
        ));
    }
    Ok(time_limit::of_connect(headers)?)
}

/// Puts a message behind the bytes that go before it in a stream.
fn framed(flags: u8, message: &[u8]) -> Result<Bytes, Status> {
    let mut frame = BytesMut::with_capacity(message.len().saturating_add(PREFIX_BYTES));
    let bytes = u32::try_from(message.len()).map_err(|_| Status::from(CallError::Internal))?;
    frame.put_u8(flags);
    frame.put_u32(bytes);
    frame.put_slice(message);
    Ok(frame.freeze())
}
