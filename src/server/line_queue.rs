//! Queues of log lines, each written by a thread of its own.
//!
//! Logging never waits: lines that the output does not take, or for which there is no
//! room, are dropped, and how many is told. No log stops the service, nor its end. Lines
//! that must not be lost are kept and tried again where the output refuses them, for as
//! long as there is room.
//!
//! Lines that come together are written together, a moment later, so that the thread is
//! woken once for all of them. `tracing-appender`, which wakes its thread for each line and
//! cannot keep lines, was measured in its place: a served decision at the basic view costs
//! 5 to 7 % more processor time with four connections of 25 calls, and 39 to 44 % more with
//! 64 of one (median of 6 interleaved rounds).

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long lines may wait for others. The first after a silence does not wait.
const GATHER: Duration = Duration::from_millis(2);
/// Bytes of lines that may wait to be written; further lines are dropped. As many as a
/// busy server logs in about half a second, some 30,000.
pub const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;
/// How long the output rests after it refused lines that are kept.
const RETRY: Duration = Duration::from_secs(1);
/// Bytes that are written at once of lines that are kept.
const KEPT_WRITE_BYTES: usize = 32 * 1024;
/// How long the end waits for an output that takes nothing, unless it is said.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Takes lines for an output. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LineQueue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Tells the thread that writes: there are lines, or the end has come.
    work: Condvar,
    /// Tells the end: everything is written.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// How many lines they are.
    lines: usize,
    /// The thread sleeps until it is told of a line.
    asleep: bool,
    /// Lines that are being written.
    writing: usize,
    /// Lines that were dropped since the output was last told how many.
    lost: usize,
    /// Lines that were dropped since the beginning.
    dropped: u64,
    /// The output refused the lines that were written last, and they are kept.
    failing: bool,
    closed: bool,
    /// The thread has written everything.
    done: bool,
}

/// Returns a line that says how many were lost.
pub type DescribeLost = fn(usize) -> String;

/// Called when an output begins to refuse lines, and with `None` when it takes them again.
pub type OnFailure = fn(Option<&io::Error>);

/// What becomes of lines that the output refuses.
#[derive(Clone, Copy, Debug)]
enum OnRefusal {
    /// They are lost, and a line says how many.
    Drop(DescribeLost),
    /// They are kept and tried again.
    Keep(OnFailure),
}

/// Writes out what waits when it is dropped. Lines that come later are lost, so
/// it belongs to the end of the process.
#[derive(Debug)]
#[must_use]
pub struct FlushGuard {
    lines: LineQueue,
    writing: Option<JoinHandle<()>>,
    timeout: Duration,
}

impl FlushGuard {
    /// Returns the lines that it writes out.
    pub fn lines(&self) -> &LineQueue {
        &self.lines
    }

    /// Waits no longer for an output that does not take what is left; a second unless it is
    /// set.
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl LineQueue {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// The system does not let the process start a thread.
    pub fn dropping(
        out: impl Write + Send + 'static,
        describe_lost: DescribeLost,
    ) -> io::Result<(Self, FlushGuard)> {
        Self::default().start(out, "log", OnRefusal::Drop(describe_lost))
    }

    /// Starts a thread of the name `thread` that writes to an output, and keeps the lines that
    /// it refuses. The output is told of the queue, where it counts lines that it took and
    /// lost.
    ///
    /// After an error it must hold what it took of earlier writes, and nothing of the
    /// write that failed, as [`io::BufWriter`] does with writes that fit its buffer: then no
    /// byte is written twice.
    ///
    /// # Errors
    /// The output cannot be opened, or the system does not let the process start a thread.
    pub fn keeping<W: Write + Send + 'static>(
        out: impl FnOnce(&Self) -> io::Result<W>,
        thread: &str,
        on_failure: OnFailure,
    ) -> io::Result<(Self, FlushGuard)> {
        let lines = Self::default();
        let out = out(&lines)?;
        lines.start(out, thread, OnRefusal::Keep(on_failure))
    }

    fn start(
        self,
        out: impl Write + Send + 'static,
        name: &str,
        refused: OnRefusal,
    ) -> io::Result<(Self, FlushGuard)> {
        let lines = self;
        let shared = Arc::clone(&lines.0);
        let writing = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || shared.write(out, refused))?;
        let flush = FlushGuard {
            lines: lines.clone(),
            writing: Some(writing),
            timeout: FLUSH_TIMEOUT,
        };
        Ok((lines, flush))
    }
}

impl LineQueue {
    /// Returns how many lines were dropped since the beginning.
    pub fn dropped(&self) -> u64 {
        self.0.lock().dropped
    }

    /// Counts lines that could not be made, or that the output took and lost.
    pub fn count_lost(&self, lines: usize) {
        self.0.lock().drop_lines(lines, 0);
    }

    /// Whether a line would be taken and the output takes those before it.
    pub fn is_taking(&self) -> bool {
        self.0.lock().is_taking()
    }

    /// Takes a line, whole, and returns whether it waits to be written; if it does not, it
    /// is counted.
    pub fn push(&self, line: &[u8]) -> bool {
        let mut waiting = self.0.lock();
        if waiting.closed || !waiting.has_room() {
            waiting.drop_lines(1, 0);
            return false;
        }
        waiting.bytes.extend_from_slice(line);
        waiting.lines = waiting.lines.saturating_add(1);
        // Waking costs a call of the system: only who sleeps is woken.
        let wake = std::mem::take(&mut waiting.asleep);
        drop(waiting);
        if wake {
            self.0.work.notify_one();
        }
        true
    }
}

impl Waiting {
    const fn has_room(&self) -> bool {
        self.bytes.len() < MAX_WAITING_BYTES
    }

    const fn is_taking(&self) -> bool {
        self.has_room() && !self.failing && !self.closed
    }

    /// Counts lines that are dropped, with those that were and of which the output was
    /// not told.
    fn drop_lines(&mut self, lines: usize, untold: usize) {
        self.lost = self.lost.saturating_add(lines).saturating_add(untold);
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        self.dropped = self.dropped.saturating_add(lines);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines until the end.
    fn write(&self, mut out: impl Write, refused: OnRefusal) {
        let mut lines = Vec::new();
        loop {
            let mut waiting = self.lock();
            while waiting.bytes.is_empty() && !waiting.closed {
                waiting.asleep = true;
                waiting = wait(&self.work, waiting);
            }
            waiting.asleep = false;
            if waiting.bytes.is_empty() {
                waiting.done = true;
                drop(waiting);
                self.ended.notify_all();
                return;
            }
            std::mem::swap(&mut waiting.bytes, &mut lines);
            let lost = std::mem::take(&mut waiting.lost);
            let count = std::mem::take(&mut waiting.lines);
            waiting.writing = count;
            drop(waiting);
            match refused {
                OnRefusal::Drop(describe_lost) => {
                    if lost > 0 {
                        lines.extend_from_slice(describe_lost(lost).as_bytes());
                    }
                    if out.write_all(&lines).and_then(|()| out.flush()).is_err() {
                        // A full disk or a closed pipe: the next line that can be written
                        // says it.
                        self.lock().drop_lines(count, lost);
                    }
                }
                OnRefusal::Keep(on_failure) => {
                    if !self.write_kept(&mut out, &lines, on_failure) {
                        self.lock().drop_lines(count, lost);
                    }
                }
            }
            lines.clear();
            self.lock().writing = 0;
            let gathering = self
                .work
                .wait_timeout_while(self.lock(), GATHER, |waiting| !waiting.closed);
            drop(gathering.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Shared {
    /// Writes lines, again and again until they are taken; returns whether they were before
    /// the end came.
    fn write_kept(&self, out: &mut impl Write, lines: &[u8], on_failure: OnFailure) -> bool {
        let mut parts = lines.chunks(KEPT_WRITE_BYTES).peekable();
        loop {
            let written = match parts.peek() {
                Some(part) => out.write_all(part),
                None => out.flush(),
            };
            match written {
                Ok(()) => {
                    if parts.next().is_none() {
                        break;
                    }
                }
                Err(error) => {
                    if !self.pause(&error, on_failure) {
                        return false;
                    }
                }
            }
        }
        if std::mem::take(&mut self.lock().failing) {
            on_failure(None);
        }
        true
    }

    /// Waits until the output is tried again; returns whether it is.
    fn pause(&self, error: &io::Error, on_failure: OnFailure) -> bool {
        let mut waiting = self.lock();
        let is_new = !std::mem::replace(&mut waiting.failing, true);
        let closed = waiting.closed;
        drop(waiting);
        if is_new {
            on_failure(Some(error));
        }
        let rested = self
            .work
            .wait_timeout_while(self.lock(), RETRY, |waiting| !waiting.closed);
        drop(rested.unwrap_or_else(PoisonError::into_inner));
        !closed
    }
}

fn wait<'w>(on: &Condvar, waiting: MutexGuard<'w, Waiting>) -> MutexGuard<'w, Waiting> {
    on.wait(waiting).unwrap_or_else(PoisonError::into_inner)
}

/// Takes a line, whole: the subscriber gives each in one piece.
impl Write for &LineQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for LineQueue {
    type Writer = &'l Self;

    fn make_writer(&'l self) -> Self::Writer {
        self
    }
}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        let Shared { work, ended, .. } = self.lines.0.as_ref();
        self.lines.0.lock().closed = true;
        work.notify_all();
        let waited = ended
            .wait_timeout_while(self.lines.0.lock(), self.timeout, |waiting| !waiting.done)
            .unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) = waited;
        let done = waiting.done;
        if !done {
            // Nobody can tell what became of those being written; they count as lost.
            waiting.bytes.clear();
            let left = std::mem::take(&mut waiting.lines);
            let left = left.saturating_add(waiting.writing);
            waiting.drop_lines(left, 0);
        }
        drop(waiting);
        // A thread that hangs in its output ends with the process.
        if done && let Some(writing) = self.writing.take() {
            // A thread that panicked has nothing more to write.
            let _ = writing.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    /// Takes bytes only when it is told to.
    struct Slow {
        go: Receiver<()>,
        taken: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            self.taken.send(bytes.to_vec()).expect("the test reads");
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn describe_lost(lost: usize) -> String {
        format!("{lost} lost\n")
    }

    fn slow() -> (Slow, Sender<()>, Receiver<Vec<u8>>) {
        let (let_go, go) = mpsc::channel();
        let (taken, takes) = mpsc::channel();
        (Slow { go, taken }, let_go, takes)
    }

    #[test]
    fn every_line_is_written_in_order_and_whole() {
        let (out, let_go, takes) = slow();
        drop(let_go);
        let (lines, flush) = LineQueue::dropping(out, describe_lost).expect("a thread");
        let wanted: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &wanted {
            (&lines).write_all(line.as_bytes()).expect("taken");
        }
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        assert_eq!(String::from_utf8(written).expect("text"), wanted.concat());
    }

    #[test]
    fn an_output_that_takes_nothing_stops_nobody_and_what_is_lost_is_counted() {
        let (out, let_go, takes) = slow();
        let (lines, flush) = LineQueue::dropping(out, describe_lost).expect("a thread");
        let line = vec![b'x'; MAX_WAITING_BYTES];
        // One is in the middle of its write, one waits, and the others are dropped.
        (&lines).write_all(&line).expect("taken");
        while !lines.0.lock().bytes.is_empty() {
            thread::yield_now();
        }
        for _ in 0..4 {
            (&lines).write_all(&line).expect("taken or dropped");
        }
        assert_eq!(lines.0.lock().lost, 3);
        assert_eq!(lines.dropped(), 3);
        // It takes something again: what waits, and how much did not.
        drop(let_go);
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        let text = String::from_utf8(written).expect("text");
        assert_eq!(text.len(), 2 * MAX_WAITING_BYTES + "3 lost\n".len());
        assert!(text.ends_with("3 lost\n"));
    }

    /// Refuses the first writes, as a full disk does.
    struct Full {
        refusals: usize,
        out: Sender<Vec<u8>>,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.refusals > 0 {
                self.refusals -= 1;
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.out.send(bytes.to_vec()).expect("the test reads");
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_an_output_refuses_are_counted() {
        let (taken, takes) = mpsc::channel();
        let out = Full {
            refusals: 2,
            out: taken,
        };
        let (lines, flush) = LineQueue::dropping(out, describe_lost).expect("a thread");
        // Each is written alone: the next comes after it was refused.
        for refused in 1..=2 {
            (&lines).write_all(b"refused\n").expect("taken");
            while lines.0.lock().lost < refused {
                thread::yield_now();
            }
        }
        (&lines).write_all(b"written\n").expect("taken");
        assert_eq!(lines.dropped(), 2);
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        assert_eq!(String::from_utf8_lossy(&written), "written\n2 lost\n");
    }

    #[test]
    fn lines_that_are_kept_are_written_once_the_output_takes_them() {
        static TOLD: Mutex<Vec<bool>> = Mutex::new(Vec::new());
        let (taken, takes) = mpsc::channel();
        let out = Full {
            refusals: 2,
            out: taken,
        };
        let on_failure: OnFailure = |error| TOLD.lock().expect("a list").push(error.is_some());
        let (lines, flush) = LineQueue::keeping(|_| Ok(out), "kept", on_failure).expect("a thread");
        assert!(lines.is_taking());
        let line = vec![b'x'; KEPT_WRITE_BYTES + 1];
        assert!(lines.push(&line));
        while lines.is_taking() {
            thread::yield_now();
        }
        // It goes on taking lines, and says that they are not written.
        assert!(lines.push(b"\n"));
        while !lines.is_taking() {
            thread::yield_now();
        }
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        assert_eq!(written, [line, b"\n".to_vec()].concat());
        assert_eq!(lines.dropped(), 0);
        assert_eq!(*TOLD.lock().expect("a list"), [true, false]);
    }

    #[test]
    fn the_end_tries_lines_that_are_kept_once_more_and_counts_them() {
        let (taken, takes) = mpsc::channel();
        let out = Full {
            refusals: usize::MAX,
            out: taken,
        };
        let (lines, flush) = LineQueue::keeping(|_| Ok(out), "kept", |_| {}).expect("a thread");
        assert!(lines.push(b"kept\n"));
        while lines.is_taking() {
            thread::yield_now();
        }
        drop(flush);
        assert!(!lines.is_taking());
        assert_eq!(lines.dropped(), 1);
        assert_eq!(takes.into_iter().count(), 0);
    }

    #[test]
    fn an_output_that_takes_nothing_does_not_hold_up_the_end() {
        let (out, let_go, takes) = slow();
        let (lines, flush) = LineQueue::dropping(out, describe_lost).expect("a thread");
        (&lines).write_all(b"line\n").expect("taken");
        while !lines.0.lock().bytes.is_empty() {
            thread::yield_now();
        }
        (&lines).write_all(b"another\n").expect("taken");
        drop(flush.within(Duration::from_millis(1)));
        assert!(!lines.0.lock().done, "it has written what it cannot write");
        // The one that is being written, and the one that waits.
        assert_eq!(lines.dropped(), 2);
        drop((let_go, takes));
    }
}
