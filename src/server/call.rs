//! One call, from its first byte to its last: it counts as a request in work, and what its
//! caller has not read of the reply is counted until it has. How it ends is told to who
//! counts refusals, and to its span.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Response};
use tonic::{Code, Status};

use super::config::REPLY_BYTES;
use super::connection::{BatchPermit, Connection, UnsentBytes};
use super::fair_share::Lease;
use super::shutdown::UntilShutdown;
use super::traces::CallSpan;
use crate::rpc::service::{Caller, Observer};
use crate::rpc::status::CallError;

/// Header or trailer with the code of a status.
const GRPC_STATUS: &str = "grpc-status";
/// The code of a call that ended well.
const OK: &[u8] = b"0";

/// Says in a request that its reply will be written in another protocol: the response then
/// carries its [`Call`], so that what is written is counted with [`held`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Translated;

/// A call in work.
#[derive(Debug)]
pub struct Call {
    connection: Arc<Connection>,
    /// Its part of the limit of requests in work; `None`: it does not count.
    _lease: Option<Lease>,
    /// What lets a batch be decided, until its reply is there.
    batch_permit: Mutex<Option<BatchPermit>>,
    method: &'static str,
    caller: Option<Arc<Caller>>,
    /// `None`: it has ended, or there is none.
    span: Mutex<Option<CallSpan>>,
}

/// What is told of a call.
#[derive(Debug, Default)]
pub(super) struct CallInfo {
    /// Its name, one of a few.
    pub method: &'static str,
    /// Who makes it; `None`: nobody says.
    pub caller: Option<Arc<Caller>>,
    /// Its span; `None`: there is none.
    pub span: Option<CallSpan>,
}

impl Call {
    /// Begins a call.
    pub(super) fn new(
        connection: Arc<Connection>,
        lease: Option<Lease>,
        info: CallInfo,
    ) -> Arc<Self> {
        Arc::new(Self {
            connection,
            _lease: lease,
            batch_permit: Mutex::new(None),
            method: info.method,
            caller: info.caller,
            span: Mutex::new(info.span),
        })
    }

    /// Lets the call's message be read when it may be.
    pub(super) fn request(self: &Arc<Self>, body: Body, kind: Kind) -> Body {
        let (permit, stopped): (Option<BoxedPermit>, _) = match kind {
            Kind::Other => (None, None),
            Kind::Batch => (Some(Box::pin(self.connection.batch_permit())), None),
            Kind::Stream(stopped) => (None, Some(stopped)),
        };
        Body::new(RequestBody {
            call: Arc::clone(self),
            inner: body,
            permit,
            last: None,
            stopped,
        })
    }

    /// Counts what there is of the reply until it is taken. `message_bytes` is the limit that
    /// is named where the transport refused the request.
    pub(super) fn reply(
        self: Arc<Self>,
        response: Response<Body>,
        message_bytes: usize,
    ) -> Response<Body> {
        let response = match self.settle(response.headers(), message_bytes) {
            Some(refused) => refused.into_http(),
            None => response,
        };
        response.map(|inner| Body::new(ReplyBody { call: self, inner }))
    }

    /// Tells how the call ended, if headers or trailers say it, and returns what to say
    /// instead, if anything ([`End::of`]).
    fn settle(&self, headers: &HeaderMap, limit: usize) -> Option<Status> {
        let End {
            code,
            refused,
            replaced,
        } = End::of(headers, limit)?;
        if let Some(error) = refused {
            let metrics = self.connection.metrics();
            metrics.refused(self.method, self.caller.as_deref(), &error);
        }
        self.end(code);
        replaced
    }

    /// Does so for trailers: a refusal of the transport is then of the reply.
    fn settle_trailers(&self, trailers: HeaderMap) -> HeaderMap {
        let Some(refused) = self.settle(&trailers, REPLY_BYTES) else {
            return trailers;
        };
        let mut ours = HeaderMap::new();
        match refused.add_header(&mut ours) {
            Ok(()) => ours,
            Err(_) => trailers,
        }
    }

    fn end(&self, code: Code) {
        let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(span) = span.take() {
            span.end(code);
        }
    }

    fn set_batch_permit(&self, permit: Option<BatchPermit>) {
        *self
            .batch_permit
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = permit;
    }
}

/// How a call ended.
struct End {
    code: Code,
    /// Its message was refused before anybody looked at what it asks, or its reply was: who
    /// decides does not know of it.
    refused: Option<CallError>,
    /// What to say in place of a refusal of the transport: callers branch on our reasons.
    replaced: Option<Status>,
}

impl End {
    /// Reads headers or trailers; `None`: they do not say it. A message that is too large is
    /// above `limit`.
    fn of(headers: &HeaderMap, limit: usize) -> Option<Self> {
        if headers.get(GRPC_STATUS)?.as_bytes() == OK {
            return Some(Self {
                code: Code::Ok,
                refused: None,
                replaced: None,
            });
        }
        let status = Status::from_header_map(headers)?;
        let of_transport = CallError::of_transport(&status, limit);
        let replaced = of_transport.clone().map(Status::from);
        Some(Self {
            code: replaced.as_ref().unwrap_or(&status).code(),
            refused: of_transport.or_else(|| CallError::of_message(&status, limit)),
            replaced,
        })
    }
}

/// What a call asks for.
pub(super) enum Kind {
    /// Many decisions in one reply.
    Batch,
    /// Replies for as long as the caller asks and the server is not stopped.
    Stream(UntilShutdown),
    /// Anything else.
    Other,
}

/// The message of a request. It is not read while its caller takes none of the replies
/// that are there, and the end of a batch not before it may be decided.
struct RequestBody {
    call: Arc<Call>,
    inner: Body,
    permit: Option<BoxedPermit>,
    /// The last part, until the batch may be decided.
    last: Option<FrameResult>,
    /// Ends a stream; `None`: it ends by itself, or has ended.
    stopped: Option<UntilShutdown>,
}

type BoxedPermit = Pin<Box<dyn Future<Output = Option<BatchPermit>> + Send>>;

type FrameResult = Option<Result<Frame<Bytes>, Status>>;

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<FrameResult> {
        let this = self.get_mut();
        if let Some(stopped) = &mut this.stopped
            && stopped.poll(cx).is_ready()
        {
            // What was read gets its results first. The rest can be sent again, to
            // another server.
            this.stopped = None;
            this.inner = Body::empty();
            return Poll::Ready(Some(Err(CallError::Draining.into())));
        }
        ready!(this.call.connection.poll_room(cx));
        if this.last.is_none() {
            let part = ready!(Pin::new(&mut this.inner).poll_frame(cx));
            let is_last = part.is_none() || this.inner.is_end_stream();
            if this.permit.is_none() || !is_last {
                return Poll::Ready(part);
            }
            this.last = Some(part);
        }
        if let Some(permit) = &mut this.permit {
            let permit = ready!(permit.as_mut().poll(cx));
            this.call.set_batch_permit(permit);
            this.permit = None;
        }
        // Other batches were decided meanwhile, and their replies may be unread.
        ready!(this.call.connection.poll_room(cx));
        Poll::Ready(this.last.take().flatten())
    }

    fn is_end_stream(&self) -> bool {
        self.last.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The messages of a reply.
struct ReplyBody {
    call: Arc<Call>,
    inner: Body,
}

impl HttpBody for ReplyBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<FrameResult> {
        let this = self.get_mut();
        // A stream goes on when its caller, and all calls beside it, let it.
        ready!(this.call.connection.poll_room(cx));
        let part = ready!(Pin::new(&mut this.inner).poll_frame(cx));
        Poll::Ready(part.map(|frame| {
            frame.map(|frame| match frame.into_data() {
                Ok(bytes) => Frame::data(held(bytes, &this.call)),
                Err(frame) => match frame.into_trailers() {
                    Ok(trailers) => Frame::trailers(this.call.settle_trailers(trailers)),
                    Err(frame) => frame,
                },
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Returns bytes that are counted until the transport lets go of them, which it does when
/// they are written or the stream ends.
pub(super) fn held(bytes: Bytes, call: &Arc<Call>) -> Bytes {
    /// Bytes of a reply, and what they keep.
    struct Usage {
        bytes: Bytes,
        _unsent: UnsentBytes,
        _call: Arc<Call>,
    }

    impl AsRef<[u8]> for Usage {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }

    let unsent = call.connection.hold(bytes.len());
    call.set_batch_permit(None);
    Bytes::from_owner(Usage {
        bytes,
        _unsent: unsent,
        _call: Arc::clone(call),
    })
}

#[cfg(test)]
mod tests {
    use redress_client::Refusal;
    use redress_client::pb::ErrorReason;
    use tonic::Code;

    use super::*;

    fn trailers(status: &Status) -> HeaderMap {
        let mut trailers = HeaderMap::new();
        status.add_header(&mut trailers).expect("headers");
        trailers
    }

    fn end(status: &Status) -> End {
        End::of(&trailers(status), REPLY_BYTES).expect("an end")
    }

    #[test]
    fn a_reply_above_the_limit_is_refused_with_the_limit() {
        let end = end(&Status::out_of_range("encoded message length too large"));
        assert_eq!(end.code, Code::ResourceExhausted);
        let reason = end.refused.map(|error| error.reason());
        assert_eq!(reason, Some(ErrorReason::MessageTooLarge));
        let refusal = Refusal::from(end.replaced.expect("another status"));
        assert_eq!(refusal.code(), Code::ResourceExhausted);
        assert_eq!(refusal.reason(), Some(ErrorReason::MessageTooLarge));
        let limit = REPLY_BYTES.to_string();
        assert_eq!(refusal.metadata("limit"), Some(limit.as_str()));
    }

    #[test]
    fn other_ends_of_a_reply_stay_as_they_are() {
        for status in [
            Status::ok(""),
            Status::unavailable("gone"),
            Status::from(CallError::Internal),
            Status::from(CallError::Unrecorded),
        ] {
            let end = end(&status);
            assert_eq!(end.code, status.code());
            assert!(end.replaced.is_none() && end.refused.is_none(), "{status}");
        }
        assert!(End::of(&HeaderMap::new(), REPLY_BYTES).is_none());
    }

    #[test]
    fn a_message_that_we_refuse_ourselves_is_told_and_stays_as_it_is() {
        let cause = "no message".to_owned();
        for error in [
            CallError::Malformed { cause },
            CallError::MessageTooLarge { limit: 7 },
            CallError::TooManyEntries { limit: 7 },
        ] {
            let end = end(&Status::from(error.clone()));
            let reason = end.refused.map(|error| error.reason());
            assert_eq!(reason, Some(error.reason()));
            assert!(end.replaced.is_none(), "{error:?}");
        }
    }
}
