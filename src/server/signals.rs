//! What the operating system asks for.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_stream::wrappers::SignalStream;

/// Listens for so many orders to stop, from the moment of the call.
///
/// # Errors
/// The system does not let the process listen.
pub fn stop(orders: usize) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        for _ in 0..orders {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
    })
}

/// Listens for the order to read the policies again.
///
/// # Errors
/// The system does not let the process listen.
pub fn reload() -> io::Result<SignalStream> {
    let hangup: Signal = signal(SignalKind::hangup())?;
    Ok(SignalStream::new(hangup))
}
