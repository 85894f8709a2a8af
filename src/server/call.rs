//! One call, from its first byte to its last: it keeps its place among the requests in
//! work, and what its caller has not taken of the reply is counted until it has.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Response};

use super::config::REPLY_BYTES;
use super::connection::{Connection, Turn, Unsent};
use super::share::Lease;
use super::stop::UntilStopped;
use crate::rpc::status::CallError;

/// Says in a request that its reply will be written in another protocol: the response then
/// carries its [`Call`], so that what is written is counted with [`held`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Translated;

/// A call in work.
#[derive(Debug)]
pub struct Call {
    connection: Arc<Connection>,
    /// Its place among the requests in work; `None`: it needs none.
    _place: Option<Lease>,
    /// Its turn among the batches, until its reply is there.
    turn: Mutex<Option<Turn>>,
}

impl Call {
    /// Begins a call.
    pub(super) fn new(connection: Arc<Connection>, place: Option<Lease>) -> Arc<Self> {
        Arc::new(Self {
            connection,
            _place: place,
            turn: Mutex::new(None),
        })
    }

    /// Lets the call's message be read when it may be.
    pub(super) fn request(self: &Arc<Self>, body: Body, kind: Kind) -> Body {
        let (turn, stopped): (Option<BoxedTurn>, _) = match kind {
            Kind::Other => (None, None),
            Kind::Batch => (Some(Box::pin(self.connection.turn())), None),
            Kind::Stream(stopped) => (None, Some(stopped)),
        };
        Body::new(RequestBody {
            call: Arc::clone(self),
            inner: body,
            turn,
            last: None,
            stopped,
        })
    }

    /// Counts what there is of the reply until it is taken.
    pub(super) fn reply(self: Arc<Self>, response: Response<Body>) -> Response<Body> {
        response.map(|inner| Body::new(ReplyBody { call: self, inner }))
    }

    fn set_turn(&self, turn: Option<Turn>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }
}

/// What a call asks for.
pub(super) enum Kind {
    /// Many decisions in one reply.
    Batch,
    /// Replies for as long as the caller asks and the server is not stopped.
    Stream(UntilStopped),
    /// Anything else.
    Other,
}

/// The message of a request. It is not read while its caller takes none of the replies
/// that are there, and the end of a batch not before its turn.
struct RequestBody {
    call: Arc<Call>,
    inner: Body,
    turn: Option<BoxedTurn>,
    /// The last part, while it waits for its turn.
    last: Option<Part>,
    /// Ends a stream; `None`: it ends by itself, or has ended.
    stopped: Option<UntilStopped>,
}

type BoxedTurn = Pin<Box<dyn Future<Output = Option<Turn>> + Send>>;

type Part = Option<Result<Frame<Bytes>, Status>>;

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Part> {
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
            if this.turn.is_none() || !is_last {
                return Poll::Ready(part);
            }
            this.last = Some(part);
        }
        if let Some(turn) = &mut this.turn {
            let turn = ready!(turn.as_mut().poll(cx));
            this.call.set_turn(turn);
            this.turn = None;
        }
        // The replies of others had their turn meanwhile.
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

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Part> {
        let this = self.get_mut();
        // A stream goes on when its caller, and all calls beside it, let it.
        ready!(this.call.connection.poll_room(cx));
        let part = ready!(Pin::new(&mut this.inner).poll_frame(cx));
        Poll::Ready(part.map(|frame| {
            frame.map(|frame| match frame.into_data() {
                Ok(bytes) => Frame::data(held(bytes, &this.call)),
                Err(frame) => match frame.into_trailers() {
                    Ok(trailers) => Frame::trailers(in_our_form(trailers)),
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
    struct Held {
        bytes: Bytes,
        _unsent: Unsent,
        _call: Arc<Call>,
    }

    impl AsRef<[u8]> for Held {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }

    let unsent = call.connection.hold(bytes.len());
    call.set_turn(None);
    Bytes::from_owner(Held {
        bytes,
        _unsent: unsent,
        _call: Arc::clone(call),
    })
}

/// Replaces the refusal of a reply by the transport: it is larger than the limit.
fn in_our_form(trailers: HeaderMap) -> HeaderMap {
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
        let status = Status::from_header_map(&in_our_form(refused)).expect("a status");
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
            assert_eq!(in_our_form(before.clone()), before, "{status}");
        }
    }
}
