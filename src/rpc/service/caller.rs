//! What a caller says of a call, so that its lines can be found.

use std::sync::Arc;

use tonic::codegen::http::HeaderMap;

use super::Principal;
use crate::domain::printable::printable;

/// Header with the caller's own name of the call.
const REQUEST_ID: &str = "x-request-id";
/// Header with the caller's trace, as W3C Trace Context has it.
const TRACE_PARENT: &str = "traceparent";
/// Bytes of the name of a call; a longer one is left out.
const MAX_REQUEST_ID_BYTES: usize = 128;
/// Digits of the id of a trace.
const TRACE_ID_DIGITS: usize = 32;

/// Names a call, the trace that it is part of, and its caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The caller's own name of the call.
    pub request_id: Option<String>,
    /// The id of the trace.
    pub trace_id: Option<String>,
    /// Who calls, where callers are known, escaped for whoever reads lines.
    pub name: Option<String>,
}

impl Caller {
    /// Reads the headers of a call; `None`: there is nothing to log of it.
    pub fn of(headers: &HeaderMap, principal: Option<&Principal>) -> Option<Arc<Self>> {
        let header = |name| headers.get(name)?.to_str().ok();
        let request_id = header(REQUEST_ID).filter(|id| is_loggable(id));
        let trace_id = header(TRACE_PARENT).and_then(trace_id);
        let name = principal.map(|principal| printable(principal.name()).into_owned());
        if request_id.is_none() && trace_id.is_none() && name.is_none() {
            return None;
        }
        Some(Arc::new(Self {
            request_id: request_id.map(str::to_owned),
            trace_id: trace_id.map(str::to_owned),
            name,
        }))
    }
}

fn is_loggable(id: &str) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns the id of a trace out of `VERSION-TRACE-PARENT-FLAGS`.
fn trace_id(parent: &str) -> Option<&str> {
    let mut parts = parent.split('-');
    let (_version, id) = (parts.next()?, parts.next()?);
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_id = id.len() == TRACE_ID_DIGITS
        && id.bytes().all(is_digit)
        && id.bytes().any(|byte| byte != b'0');
    is_id.then_some(id)
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    fn of(name: &'static str, value: &str) -> Option<Caller> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        Caller::of(&headers, None).map(Arc::unwrap_or_clone)
    }

    #[test]
    fn a_trace_is_its_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |text: &str| of(TRACE_PARENT, text)?.trace_id;
        assert_eq!(
            of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(),
            Some(id)
        );
        for other in [
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f-00f067aa0ba902b7-01",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_that_is_long_or_has_spaces_is_left_out() {
        let of = |text: &str| of(REQUEST_ID, text)?.request_id;
        assert_eq!(of("a-1").as_deref(), Some("a-1"));
        assert!(of(&"x".repeat(MAX_REQUEST_ID_BYTES)).is_some());
        assert_eq!(of(&"x".repeat(MAX_REQUEST_ID_BYTES + 1)), None);
        assert_eq!(of("a decision"), None);
        assert_eq!(of(""), None);
    }
}
