//! A connection that ends when its peer keeps it waiting.
//!
//! The transport has a time limit for neither the beginning of a connection nor for a
//! peer that answers pings and takes nothing. Both are looked at here, by one timer a
//! connection, where the transport reads and writes: an error ends the connection with
//! all that it holds. Without it a served decision at the basic view costs 1 % less, which
//! is within the noise of the measurement.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::connection::Connection;
use super::metrics::ConnectionEnd;

/// Bytes that every peer of HTTP/2 begins with, `PRI * HTTP/2.0` and so on. The transport
/// checks them one by one as they come, and tells HTTP/1.1 by the first that differs. No
/// request of that is shorter, but for one of HTTP/1.0, after which the connection ends.
const PREFACE_BYTES: usize = 24;

/// How long a peer may keep a connection waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerTimeouts {
    /// From the beginning until the preface is there, the handshake of TLS included.
    pub handshake: Duration,
    /// Until it takes a reply, or anything at all that was written.
    pub reply: Duration,
}

/// Ends `T` when its peer keeps it waiting.
#[derive(Debug)]
pub(super) struct DeadlineIo<T> {
    inner: T,
    connection: Arc<Connection>,
    /// Bytes of the preface that have not come.
    preface_left: usize,
    /// The last write found no room.
    blocked: bool,
    /// Something was written since the timer was set.
    moved: bool,
    timer: Pin<Box<Sleep>>,
    /// A reply is looked at twice while it waits.
    interval: Duration,
}

impl<T> DeadlineIo<T> {
    /// Watches a connection from its beginning.
    pub(super) fn new(inner: T, connection: Arc<Connection>, timeouts: PeerTimeouts) -> Self {
        Self {
            inner,
            connection,
            preface_left: PREFACE_BYTES,
            blocked: false,
            moved: false,
            timer: Box::pin(tokio::time::sleep(timeouts.handshake)),
            interval: timeouts.reply / 2,
        }
    }

    /// Returns what the connection holds.
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Looks at the peer when it is time to.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            if let Some(why) = self.overdue() {
                let metrics = self.connection.metrics();
                metrics.connection_ended(ConnectionEnd::Overdue, &why);
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            self.moved = false;
            let next = Instant::now() + self.interval;
            self.timer.as_mut().reset(next);
        }
        Ok(())
    }

    /// Returns what the peer did not do in time.
    fn overdue(&self) -> Option<&'static str> {
        if self.preface_left > 0 {
            return Some("the handshake was not completed in time");
        }
        if self.connection.next_generation() {
            return Some("a reply was not read in time");
        }
        (self.blocked && !self.moved).then_some("nothing was read in time")
    }

    fn wrote(&mut self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.blocked = result.is_pending();
        self.moved |= matches!(result, Poll::Ready(Ok(1..)));
        result
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for DeadlineIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.inner).poll_read(cx, buffer);
        let read = buffer.filled().len().saturating_sub(before);
        this.preface_left = this.preface_left.saturating_sub(read);
        // After the read: what has come in time is not late because the server is.
        this.check(cx)?;
        result
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for DeadlineIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let result = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.wrote(result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check(cx)?;
        let result = Pin::new(&mut this.inner).poll_write_vectored(cx, parts);
        this.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        let result = Pin::new(&mut this.inner).poll_flush(cx);
        this.blocked = result.is_pending();
        result
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check(cx)?;
        Pin::new(&mut this.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::server::config::Limits;
    use crate::server::peers::Peers;

    const PATIENCE: PeerTimeouts = PeerTimeouts {
        handshake: Duration::from_secs(5),
        reply: Duration::from_secs(60),
    };

    fn watched() -> (DeadlineIo<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(64);
        let peers = Peers::new(Limits::default());
        let connection = peers.connect(Ipv4Addr::LOCALHOST.into()).expect("room");
        (DeadlineIo::new(near, connection, PATIENCE), far)
    }

    /// Returns after how many seconds a read ends with an error, and with which.
    async fn ends(of: &mut DeadlineIo<DuplexStream>) -> (u64, String) {
        let from = Instant::now();
        let error = loop {
            if let Err(error) = of.read_u8().await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        (from.elapsed().as_secs(), error.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_begins_and_does_not_go_on_is_left() {
        let (mut near, mut far) = watched();
        far.write_all(&[b'P'; PREFACE_BYTES - 1])
            .await
            .expect("room");
        let (after, why) = ends(&mut near).await;
        assert_eq!(after, 5);
        assert_eq!(why, "the handshake was not completed in time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_has_begun_may_be_silent() {
        let (mut near, mut far) = watched();
        far.write_all(&[b'P'; PREFACE_BYTES]).await.expect("room");
        let hour = tokio::time::timeout(Duration::from_secs(3600), ends(&mut near));
        assert!(hour.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_that_nobody_takes_ends_the_connection() {
        let (mut near, mut far) = watched();
        far.write_all(&[b'P'; PREFACE_BYTES]).await.expect("room");
        let unsent = near.connection.hold(1);
        let (after, why) = ends(&mut near).await;
        // Looked at first after the handshake, then twice a minute.
        assert_eq!(after, 35);
        assert_eq!(why, "a reply was not read in time");
        drop(unsent);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_nothing_is_left_although_no_reply_waits() {
        let (mut near, mut far) = watched();
        far.write_all(&[b'P'; PREFACE_BYTES]).await.expect("room");
        let mut preface = [0; PREFACE_BYTES];
        near.read_exact(&mut preface).await.expect("read");
        near.write_all(&[0; 64]).await.expect("room");
        let from = Instant::now();
        let error = near.write_u8(0).await.expect_err("a full pipe");
        assert_eq!(error.to_string(), "nothing was read in time");
        // Nothing was written since the first look.
        assert_eq!(from.elapsed().as_secs(), 35);
        drop(far);
    }
}
