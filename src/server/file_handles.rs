//! File handles: each connection takes one, and the process needs some for itself.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Handles of the process beside its connections: the standard streams, the listener,
/// the runtime, signals, and the files of a reload.
const OWN_HANDLES: usize = 28;

/// Lets the process have as many file handles as the system allows it, and returns how
/// many connections they are enough for. Without that limit a caller who comes when
/// there are none is neither accepted nor refused.
pub fn max_connections() -> usize {
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
    handles.saturating_sub(OWN_HANDLES).max(1)
}
