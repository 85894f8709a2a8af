//! Logs: one line an event, to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use super::line_queue::{DescribeLost, FlushGuard, LineQueue};

/// Names the form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Returns how it is told that lines were lost.
    fn describe_lost(self) -> DescribeLost {
        match self {
            Self::Human => |lost| format!(" WARN log lines lost lost={lost}\n"),
            Self::Json => |lost| {
                format!("{{\"level\":\"WARN\",\"message\":\"log lines lost\",\"lost\":{lost}}}\n")
            },
        }
    }
}

/// Says why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error("log filter `{0}` is not valid")]
    Filter(String),
    /// The thread that writes them could not be started.
    #[error("logs cannot be written: {0}")]
    Thread(#[source] io::Error),
    /// Something else in the process logs already.
    #[error("logs are set up already")]
    Taken,
}

/// Reads a filter of events: a level such as `info`, or directives such as
/// `info,redress::rpc=debug`.
///
/// # Errors
/// It is neither.
pub fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(text).map_err(|_| TelemetryError::Filter(text.to_owned()))
}

/// Sends the events of the process to standard error, until what it returns is
/// dropped.
///
/// `filter` is read by [`filter`].
///
/// # Errors
/// The filter is not valid, or logs are set up already.
pub fn start(format: LogFormat, filter: &str, colour: bool) -> Result<FlushGuard, TelemetryError> {
    let directives = self::filter(filter)?;
    let (lines, flush) = LineQueue::dropping(io::stderr(), format.describe_lost())
        .map_err(TelemetryError::Thread)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(directives)
        .with_writer(lines)
        .with_ansi(colour && io::stderr().is_terminal());
    match format {
        LogFormat::Human => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|_| TelemetryError::Taken)?;
    log_panics();
    Ok(flush)
}

/// Logs panics like everything else: the standard hook writes to standard error itself,
/// and would wait for a log that nobody reads. Of the message only a literal is logged,
/// since others can hold what was read.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(
            message = panic.payload().downcast_ref::<&str>(),
            location = panic.location().map(tracing::field::display),
            "panic"
        );
    }));
}
