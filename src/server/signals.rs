//! What the operating system asks for.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_stream::wrappers::SignalStream;

/// Listens for the order to stop, from the moment of the call.
///
/// # Errors
/// The system does not let the process listen.
pub fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
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
