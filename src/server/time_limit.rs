//! How long a caller waits for an answer, where the transport does not know it.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Status;
use tonic::codegen::http::HeaderMap;

use crate::rpc::status::CallError;

/// Header of gRPC: a number of at most eight digits and a unit.
const GRPC_TIMEOUT: &str = "grpc-timeout";
/// Header of Connect: milliseconds, at most ten digits.
const CONNECT_TIMEOUT: &str = "connect-timeout-ms";

/// Time before the limit of the transport, which answers in gRPC whatever was asked.
const BEFORE_TRANSPORT: Duration = Duration::from_millis(1);
/// The longest limit that is held, a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Returns the end of a call of another protocol than gRPC that comes now: after the limit
/// of the server, or as soon as the caller waits no longer. It lies before the end that the
/// transport sees, which reads `grpc-timeout` as well, whatever the protocol.
pub(super) fn call_end(server_limit: Duration, headers: &HeaderMap) -> Instant {
    let limit = of_grpc(headers).map_or(server_limit, |asked| asked.min(server_limit));
    Instant::now() + limit.min(LONGEST).saturating_sub(BEFORE_TRANSPORT)
}

/// Returns how long a caller waits as gRPC says it; `None`: for as long as it takes, or it
/// cannot be read, which the transport of gRPC takes no offence at either.
fn of_grpc(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(GRPC_TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number = number(digits, 8)?;
    match unit {
        "H" => Some(Duration::from_secs(number.saturating_mul(3600))),
        "M" => Some(Duration::from_secs(number.saturating_mul(60))),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Returns how long a caller of Connect waits; `None`: for as long as it takes.
///
/// # Errors
/// It cannot be read.
pub(super) fn of_connect(headers: &HeaderMap) -> Result<Option<Duration>, CallError> {
    let Some(value) = headers.get(CONNECT_TIMEOUT) else {
        return Ok(None);
    };
    let millis = value.to_str().ok().and_then(|text| number(text, 10));
    let Some(millis) = millis else {
        let cause = format!("`{CONNECT_TIMEOUT}` is not a whole number of at most 10 digits");
        return Err(CallError::Malformed { cause });
    };
    Ok(Some(Duration::from_millis(millis)))
}

/// Returns the status of a call whose time is over.
pub(super) fn over() -> Status {
    Status::deadline_exceeded("the time limit of the call is over")
}

/// Reads a number; it may begin with no sign.
fn number(text: &str, max_digits: usize) -> Option<u64> {
    let is_number = text.len() <= max_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    fn header(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn the_limit_of_grpc_has_a_unit() {
        let of = |text| of_grpc(&header(GRPC_TIMEOUT, text));
        assert_eq!(of("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(of("3M"), Some(Duration::from_secs(180)));
        assert_eq!(of("4S"), Some(Duration::from_secs(4)));
        assert_eq!(of("500m"), Some(Duration::from_millis(500)));
        assert_eq!(of("6u"), Some(Duration::from_micros(6)));
        assert_eq!(of("99999999n"), Some(Duration::from_nanos(99_999_999)));
        for other in ["", "5", "S", "-1S", "+1S", "100000000n", "5s", "1.5S"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(of_grpc(&HeaderMap::new()), None);
    }

    #[test]
    fn the_limit_of_connect_is_in_milliseconds() {
        let of = |text| of_connect(&header(CONNECT_TIMEOUT, text));
        assert_eq!(of("250"), Ok(Some(Duration::from_millis(250))));
        assert_eq!(
            of("9999999999"),
            Ok(Some(Duration::from_millis(9_999_999_999)))
        );
        for other in ["", "-1", "1s", "10000000000"] {
            assert!(of(other).is_err(), "{other}");
        }
        assert_eq!(of_connect(&HeaderMap::new()), Ok(None));
    }
}
