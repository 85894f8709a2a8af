//! The decision log: a record of each decision, apart from the log of what the server does.
//!
//! Records wait in memory and are written by a thread of their own. An output that refuses
//! them is tried again; when there is no room left, records are dropped and counted, or,
//! where each must be kept, decisions are refused.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Local};
use rolling_file::{RollingCondition, RollingFileAppender};
use tracing::{error, info};

use super::line_queue::{FlushGuard, LineQueue};
use super::record_sender::{RecordCollector, RecordSender};
use crate::load::records::ends_a_line;
use crate::rpc::service::{Record, Recorder};
use crate::rpc::status::CallError;
use crate::wire::record::{Entry, Records};

/// Bytes after which a file is followed by another, unless it is said.
pub const DEFAULT_FILE_BYTES: u64 = 100 * 1024 * 1024;
/// Files that are kept beside the one that is written, unless it is said.
pub const DEFAULT_FILES: usize = 9;
/// Bytes of the buffer of an output: more than are written at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The thread that writes.
const THREAD: &str = "decision-log";

/// Where records go.
#[derive(Clone, Debug)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// A file, which others follow when it is full: `FILE.1` is the one before, and so on.
    File {
        /// The file that is written.
        path: PathBuf,
        /// Bytes after which another begins.
        bytes: u64,
        /// Files that are kept beside it.
        files: usize,
    },
    /// A collector of OpenTelemetry, as log records.
    Collector(Box<RecordCollector>),
}

/// Keeps a record of each decision.
pub struct DecisionLog {
    lines: LineQueue,
    records: Records,
    is_required: bool,
}

impl fmt::Debug for DecisionLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionLog").finish_non_exhaustive()
    }
}

impl DecisionLog {
    /// Starts to write to an output. `is_required`: a decision that cannot be recorded is
    /// refused; otherwise its record is dropped and counted.
    ///
    /// It is called inside of the runtime, which sends what goes to a collector.
    ///
    /// # Errors
    /// The file cannot be opened, or no thread can be started.
    pub fn start(
        output: Output,
        records: Records,
        is_required: bool,
    ) -> io::Result<(Self, FlushGuard)> {
        let (lines, flush) = match output {
            Output::Stdout => {
                let out = |_: &LineQueue| Ok(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()));
                LineQueue::keeping(out, THREAD, log_failure)
            }
            Output::File { path, bytes, files } => {
                let out = |_: &LineQueue| Files::open(&path, bytes, files);
                LineQueue::keeping(out, THREAD, log_failure)
            }
            Output::Collector(collector) => {
                let out = |lines: &LineQueue| Ok(RecordSender::new(*collector, lines.clone()));
                LineQueue::keeping(out, THREAD, log_failure)
            }
        }?;
        let log = Self {
            lines,
            records,
            is_required,
        };
        Ok((log, flush))
    }

    /// Returns the lines that wait to be written.
    pub fn lines(&self) -> &LineQueue {
        &self.lines
    }
}

fn log_failure(failing: Option<&io::Error>) {
    match failing {
        Some(error) => error!(%error, "decision log cannot be written"),
        None => info!("decision log is written again"),
    }
}

impl Recorder for DecisionLog {
    fn check(&self) -> Result<(), CallError> {
        if self.is_required && !self.lines.is_taking() {
            return Err(CallError::Unrecorded);
        }
        Ok(())
    }

    fn record(&self, record: Record<'_>) -> Result<(), CallError> {
        let caller = record.caller;
        let line = self.records.line(Entry {
            now: record.now,
            method: record.method.name(),
            request_id: caller.and_then(|caller| caller.request_id.as_deref()),
            trace_id: caller.and_then(|caller| caller.trace_id.as_deref()),
            request: record.request,
            verdict: record.verdict,
        });
        let is_taken = match line {
            Ok(line) => self.lines.push(&line),
            Err(_) => {
                error!("fault");
                self.lines.count_lost(1);
                false
            }
        };
        if self.is_required && !is_taken {
            return Err(CallError::Unrecorded);
        }
        Ok(())
    }
}

/// A file, and those that were full.
struct Files {
    file: RollingFileAppender<Full>,
    /// What was written last ended a line; no line is parted between two files.
    is_at_line: bool,
}

/// Notices that a file is full. It does not ask for the next one by itself: the appender
/// would say on standard error that there is none, and go on.
#[derive(Debug)]
struct Full {
    limit: u64,
    is_reached: bool,
}

impl RollingCondition for Full {
    fn should_rollover(&mut self, _: &DateTime<Local>, bytes: u64) -> bool {
        self.is_reached = bytes >= self.limit;
        false
    }
}

impl Files {
    fn open(path: &Path, bytes: u64, files: usize) -> io::Result<Self> {
        let is_at_line = ends_a_line(path)?;
        let full = Full {
            limit: bytes,
            is_reached: false,
        };
        let file = RollingFileAppender::new_with_buffer_capacity(path, full, files, BUFFER_BYTES)?;
        let mut files = Self { file, is_at_line };
        if !is_at_line {
            // The process was killed in the middle of a line.
            files.write_all(b"\n")?;
        }
        // What cannot be written is known before anything is decided.
        files.flush()?;
        Ok(files)
    }
}

impl Write for Files {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_at_line && self.file.condition_ref().is_reached {
            // Asked for once: a file that was moved away is not moved again where the next
            // one cannot be opened.
            self.file.condition_mut().is_reached = false;
            self.file.rollover()?;
        }
        let written = self.file.write(bytes)?;
        if let Some(last) = bytes.get(..written).and_then(<[u8]>::last) {
            self.is_at_line = *last == b'\n';
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
