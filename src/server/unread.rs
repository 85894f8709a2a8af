//! What is left of a message of HTTP/1.1 that was answered before it was read.
//!
//! The transport closes a connection whose message was not read to its end, and the caller
//! may lose the answer with it, or send its next request into nothing. So what is still to
//! come is read and forgotten, if it is little and comes soon.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::runtime::Handle;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// Bytes that are read: those of an ordinary request, many times over.
const MAX_BYTES: usize = 64 * 1024;
/// Time in which they must come.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A body that is read to its end, whoever loses interest in it.
pub(super) struct Unread(Body);

impl Unread {
    /// Reads what others leave.
    pub(super) fn of(body: Body) -> Self {
        Self(body)
    }
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // Without a runtime the connection has ended too.
        let (false, Ok(runtime)) = (self.0.is_end_stream(), Handle::try_current()) else {
            return;
        };
        let body = std::mem::take(&mut self.0);
        runtime.spawn(tokio::time::timeout(TIMEOUT, read(body)));
    }
}

/// Reads to the end or the limit.
async fn read(mut body: Body) {
    let mut left = Some(MAX_BYTES);
    while let (Some(bytes), Some(Ok(frame))) = (left, body.frame().await) {
        let read = frame.data_ref().map_or(0, Bytes::len);
        left = bytes.checked_sub(read);
    }
}
