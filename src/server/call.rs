//! One call, from its first byte to its last: it counts as a request in work, and what its
//! caller has not read of the reply is counted until it has.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Response};

use super::config::REPLY_BYTES;
use super::connection::{BatchPermit, Connection, UnsentBytes};
use super::fair_share::Lease;
use super::shutdown::UntilShutdown;
use crate::rpc::status::CallError;

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
}

impl Call {
    /// Begins a call.
    pub(super) fn new(connection: Arc<Connection>, lease: Option<Lease>) -> Arc<Self> {
        Arc::new(Self {
            connection,
            _lease: lease,
            batch_permit: Mutex::new(None),
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

    /// Counts what there is of the reply until it is taken.
    pub(super) fn reply(self: Arc<Self>, response: Response<Body>) -> Response<Body> {
        response.map(|inner| Body::new(ReplyBody { call: self, inner }))
    }

    fn set_batch_permit(&self, permit: Option<BatchPermit>) {
        *self
            .batch_permit
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = permit;
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
                    Ok(trailers) => Frame::trailers(rewrite_trailers(trailers)),
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

/// Replaces the refusal of a reply by the transport: it is larger than the limit.
fn rewrite_trailers(trailers: HeaderMap) -> HeaderMap {
    let refusal = Status::from_header_map(&trailers)
        .and_then(|status| CallError::of_transport(&status, REPLY_BYTES));
    let Some(error) = refusal else {
        return trailers;
    };
    let mut ours = HeaderMap::new();
    match Status::from(error).add_header(&mut ours) {
        Ok(()) => ours,
        Err(_) => trailers,
    }
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

    #[test]
    fn a_reply_above_the_limit_is_refused_with_the_limit() {
        let refused = trailers(&Status::out_of_range("encoded message length too large"));
        let status = Status::from_header_map(&rewrite_trailers(refused)).expect("a status");
        assert_eq!(status.code(), Code::ResourceExhausted);
        let refusal = Refusal::from(status);
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
        ] {
            let before = trailers(&status);
            assert_eq!(rewrite_trailers(before.clone()), before, "{status}");
        }
    }
}
