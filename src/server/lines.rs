//! Log lines on their way out: gathered by those who log, written by one thread.
//!
//! A write of its own for each line costs as much as a decision. Lines that come
//! together are written together, a moment later. Where they cannot be written as fast
//! as they come, logging waits; where they cannot be written at all, it soon waits no
//! more: lines are lost then, and how many is told. Nobody's log stops the service, nor
//! its end.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long lines may wait for others. The first after a silence does not wait.
const GATHER: Duration = Duration::from_millis(2);
/// Bytes of lines that may wait; then logging waits.
const MAX_WAITING_BYTES: usize = 1024 * 1024;
/// How long logging waits. An output that takes nothing for so long has stalled, and
/// nobody waits for it until it takes something.
const STALL: Duration = Duration::from_secs(1);

/// Takes lines. Clones take them for the same output.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Tells the thread that writes: there are lines, or the end has come.
    work: Condvar,
    /// Tells those who log: there is room.
    room: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// The thread sleeps until it is told of a line.
    asleep: bool,
    /// The output has taken nothing for [`STALL`].
    stalled: bool,
    /// Lines that were lost since it last took something.
    lost: usize,
    closed: bool,
    /// The thread has written everything.
    done: bool,
}

/// Puts into words that so many lines were lost, as a line of its own.
pub type TellLost = fn(usize) -> String;

/// Writes out what waits when it is dropped. Lines that come later are lost, so
/// it belongs to the end of the process.
#[derive(Debug)]
#[must_use]
pub struct Flush {
    lines: Lines,
    writing: Option<JoinHandle<()>>,
    patience: Duration,
}

impl Flush {
    /// Waits no longer for an output that does not take what is left, which is a second
    /// unless it is said.
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl Lines {
    /// Starts the thread that writes to `out`.
    ///
    /// # Errors
    /// The system does not let the process start a thread.
    pub fn to(out: impl Write + Send + 'static, tell_lost: TellLost) -> io::Result<(Self, Flush)> {
        let lines = Self::default();
        let shared = Arc::clone(&lines.0);
        let writing = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || shared.write(out, tell_lost))?;
        let flush = Flush {
            lines: lines.clone(),
            writing: Some(writing),
            patience: STALL,
        };
        Ok((lines, flush))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines until the end.
    fn write(&self, mut out: impl Write, tell_lost: TellLost) {
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
                self.room.notify_all();
                return;
            }
            std::mem::swap(&mut waiting.bytes, &mut lines);
            waiting.stalled = false;
            let lost = std::mem::take(&mut waiting.lost);
            drop(waiting);
            if lost > 0 {
                lines.extend_from_slice(tell_lost(lost).as_bytes());
            }
            self.room.notify_all();
            // Where logs cannot be written there is nowhere to say so.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            let gathering = self
                .work
                .wait_timeout_while(self.lock(), GATHER, |waiting| !waiting.closed);
            drop(gathering.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

fn wait<'w>(on: &Condvar, waiting: MutexGuard<'w, Waiting>) -> MutexGuard<'w, Waiting> {
    on.wait(waiting).unwrap_or_else(PoisonError::into_inner)
}

/// Takes a line, whole: the subscriber gives each in one piece.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Shared { work, room, .. } = self.0.as_ref();
        let is_full = |waiting: &Waiting| waiting.bytes.len() >= MAX_WAITING_BYTES;
        let mut waiting = self.0.lock();
        if is_full(&waiting) {
            let (there, waited) = room
                .wait_timeout_while(waiting, STALL, |waiting| {
                    is_full(waiting) && !waiting.stalled && !waiting.closed
                })
                .unwrap_or_else(PoisonError::into_inner);
            waiting = there;
            if waited.timed_out() {
                waiting.stalled = true;
                // Nobody else needs to find out.
                room.notify_all();
            }
            if is_full(&waiting) {
                waiting.lost = waiting.lost.saturating_add(1);
                return Ok(line.len());
            }
        }
        waiting.bytes.extend_from_slice(line);
        // Waking costs a call of the system: only who sleeps is woken.
        let wake = std::mem::take(&mut waiting.asleep);
        drop(waiting);
        if wake {
            work.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = &'l Self;

    fn make_writer(&'l self) -> Self::Writer {
        self
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let Shared { work, room, .. } = self.lines.0.as_ref();
        self.lines.0.lock().closed = true;
        work.notify_all();
        room.notify_all();
        let waited = room
            .wait_timeout_while(self.lines.0.lock(), self.patience, |waiting| !waiting.done)
            .unwrap_or_else(PoisonError::into_inner);
        let done = waited.0.done;
        drop(waited);
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

    fn tell_lost(lost: usize) -> String {
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
        let (lines, flush) = Lines::to(out, tell_lost).expect("a thread");
        let wanted: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &wanted {
            (&lines).write_all(line.as_bytes()).expect("taken");
        }
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        assert_eq!(String::from_utf8(written).expect("text"), wanted.concat());
    }

    #[test]
    fn logging_waits_for_an_output_that_is_slow() {
        let (out, let_go, takes) = slow();
        let (lines, flush) = Lines::to(out, tell_lost).expect("a thread");
        let line = vec![b'x'; MAX_WAITING_BYTES];
        // One is being written, one waits, and the third has no room.
        let (third, done) = mpsc::channel();
        let logging = thread::spawn(move || {
            for _ in 0..3 {
                (&lines).write_all(&line).expect("taken");
            }
            third.send(()).expect("the test waits");
        });
        assert!(done.recv_timeout(GATHER * 10).is_err(), "nothing waited");
        drop(let_go);
        done.recv().expect("the third line was taken");
        drop(flush);
        logging.join().expect("no panic");
        let written: usize = takes.into_iter().map(|bytes| bytes.len()).sum();
        assert_eq!(written, 3 * MAX_WAITING_BYTES);
    }

    #[test]
    fn an_output_that_takes_nothing_stops_nobody_and_what_is_lost_is_counted() {
        let (out, let_go, takes) = slow();
        let (lines, flush) = Lines::to(out, tell_lost).expect("a thread");
        let line = vec![b'x'; MAX_WAITING_BYTES];
        // One may be in the middle of its write, one waits, and the others are lost.
        for _ in 0..5 {
            (&lines).write_all(&line).expect("taken or lost");
        }
        assert!(lines.0.lock().stalled);
        let lost = lines.0.lock().lost;
        assert_eq!(lost, 3);
        // It takes something again: what waits, and how much did not.
        drop(let_go);
        drop(flush);
        let written: Vec<u8> = takes.into_iter().flatten().collect();
        let text = String::from_utf8(written).expect("text");
        assert_eq!(
            text.len(),
            (5 - lost) * MAX_WAITING_BYTES + "3 lost\n".len()
        );
        assert!(text.ends_with(&format!("{lost} lost\n")));
        assert!(!lines.0.lock().stalled);
    }

    #[test]
    fn an_output_that_takes_nothing_does_not_hold_up_the_end() {
        let (out, let_go, takes) = slow();
        let (lines, flush) = Lines::to(out, tell_lost).expect("a thread");
        (&lines).write_all(b"line").expect("taken");
        drop(flush.within(Duration::from_millis(1)));
        assert!(!lines.0.lock().done, "it has written what it cannot write");
        drop((let_go, takes));
    }
}
