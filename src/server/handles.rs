//! File handles: each connection takes one, and the process needs some for itself.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Handles of the process beside those of its threads: the standard streams, the
/// listener, signals, and the files of a reload.
const HANDLES: usize = 24;
/// Handles of a runtime.
const HANDLES_OF_THREAD: usize = 4;

/// Lets the process have as many file handles as the system allows it, and returns how
/// many connections they are enough for. Without that limit a caller who comes when
/// there are none is neither accepted nor refused.
pub fn connections(threads: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let mut raised = limit;
    raised.current = limit.maximum;
    // Where it may not, it keeps those that it has.
    let handles = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let handles = handles.map_or(usize::MAX, |handles| {
        usize::try_from(handles).unwrap_or(usize::MAX)
    });
    // The accepting thread has a runtime too.
    let runtimes = threads.saturating_add(1);
    let own = HANDLES.saturating_add(runtimes.saturating_mul(HANDLES_OF_THREAD));
    handles.saturating_sub(own).max(1)
}
