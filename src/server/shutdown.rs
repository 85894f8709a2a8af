//! The order to stop, as those who serve see it.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::watch;

/// Holds the order to stop: it is given when the other end is dropped.
#[derive(Clone, Debug)]
pub(super) struct ShutdownSignal(watch::Receiver<()>);

impl ShutdownSignal {
    /// Returns the order, and what gives it when dropped.
    pub(super) fn order() -> (watch::Sender<()>, Self) {
        let (sender, receiver) = watch::channel(());
        (sender, Self(receiver))
    }

    /// Waits for the order.
    pub(super) async fn wait(mut self) {
        // Nothing is ever sent, so that this ends with the other end alone.
        while self.0.changed().await.is_ok() {}
    }
}

/// Waits for the order to stop, for what has no end of its own.
pub struct UntilShutdown(Pin<Box<dyn Future<Output = ()> + Send>>);

impl UntilShutdown {
    /// Waits for an order.
    pub(super) fn new(stopped: ShutdownSignal) -> Self {
        Self(Box::pin(stopped.wait()))
    }

    /// Waits for the order; it is asked no more once it was given.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}
