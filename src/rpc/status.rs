//! The status of a call that has no answer: the one place that maps errors to codes.

use std::collections::HashMap;
use std::time::Duration;

use redress_client::ERROR_DOMAIN;
use redress_client::pb::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::domain::violation::Violation;
use crate::engine::Stopped;
use crate::wire::enums;
pub use crate::wire::error::{CallError, Load};

/// Bytes of the texts of all violations that a status carries. It travels in a
/// trailer, and common clients refuse more than 8 KiB of those; base64 adds a
/// third. What is cut is counted; the body of a batch reply carries everything.
const MAX_STATUS_VIOLATION_BYTES: usize = 3 * 1024;
/// When a call that was shed may be sent again: most calls take far less than that.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// When a call whose decision could not be recorded may be sent again: the log is tried
/// again every second.
const RETRY_AFTER_UNRECORDED: Duration = Duration::from_secs(1);

impl CallError {
    /// Reads the status with which the transport refuses a request, or a message of a
    /// stream: it has no reason of its own, while our own always have one. `None`: it is
    /// not about what the caller sent.
    pub fn of_transport(status: &Status, limit: usize) -> Option<Self> {
        match status.code() {
            Code::OutOfRange => Some(Self::MessageTooLarge { limit }),
            Code::Internal if status.details().is_empty() => Some(Self::Malformed {
                cause: status.message().to_owned(),
            }),
            _ => None,
        }
    }

    /// Reads the status with which a message was refused before anybody looked at what it
    /// asks, where it is one of our own. `None`: it was refused for something else.
    pub fn of_message(status: &Status, limit: usize) -> Option<Self> {
        let reason = status.get_details_error_info()?.reason;
        match ErrorReason::from_str_name(&reason)? {
            ErrorReason::MessageTooLarge => Some(Self::MessageTooLarge { limit }),
            ErrorReason::MalformedMessage => Some(Self::Malformed {
                cause: status.message().to_owned(),
            }),
            _ => None,
        }
    }

    /// Returns the code of the status.
    pub const fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::Malformed { .. } => Code::InvalidArgument,
            Self::PolicyNotFound { .. } | Self::RevisionNotFound { .. } => Code::NotFound,
            Self::CatalogUnusable => Code::FailedPrecondition,
            Self::MessageTooLarge { .. }
            | Self::TooManyEntries { .. }
            | Self::HeadersTooLarge { .. }
            | Self::QuotaExceeded { .. }
            | Self::Stopped(Stopped::OutOfSteps(_)) => Code::ResourceExhausted,
            Self::Stopped(Stopped::Interrupted) => Code::Cancelled,
            Self::Overloaded { .. } | Self::Draining | Self::Unrecorded => Code::Unavailable,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Internal => Code::Internal,
        }
    }
}

impl From<CallError> for Status {
    fn from(error: CallError) -> Self {
        let error = error.sorted();
        let metadata: HashMap<String, String> = error
            .metadata()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let mut details = ErrorDetails::new();
        details.set_error_info(error.reason().as_str_name(), ERROR_DOMAIN, metadata);
        if let CallError::Invalid(violations) = &error {
            details.set_bad_request(field_violations(violations));
        }
        match &error {
            CallError::Overloaded { .. } => {
                details.set_retry_info(Some(RETRY_AFTER));
            }
            CallError::QuotaExceeded { wait, .. } => {
                details.set_retry_info(Some(*wait));
            }
            CallError::Unrecorded => {
                details.set_retry_info(Some(RETRY_AFTER_UNRECORDED));
            }
            _ => {}
        }
        Self::with_error_details(error.code(), error.message(), details)
    }
}

/// Returns as many violations as a trailer holds, but at least one.
fn field_violations(violations: &[Violation]) -> Vec<FieldViolation> {
    let mut bytes = 0_usize;
    let mut listed = Vec::new();
    for of in violations {
        let mut field = FieldViolation::new(&of.field, &of.description);
        field.reason = enums::reason(of.kind).as_str_name().to_owned();
        bytes = [&field.field, &field.description, &field.reason]
            .iter()
            .fold(bytes, |sum, text| sum.saturating_add(text.len()));
        if bytes > MAX_STATUS_VIOLATION_BYTES && !listed.is_empty() {
            break;
        }
        listed.push(field);
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::violation::ViolationKind;

    #[test]
    fn a_status_fits_a_trailer_however_much_is_wrong() {
        let wrong = |i: usize| {
            Violation::new(
                format!("order.lines[{i}].unit_price"),
                ViolationKind::InvalidAmount,
                format!("`{}` is not a plain decimal", "\u{e9}".repeat(40)),
            )
        };
        let status = Status::from(CallError::Invalid((0..5000).map(wrong).collect()));
        let trailer = status.details().len() * 4 / 3 + status.message().len() * 3;
        assert!(trailer < 8 * 1024, "{trailer}");
        let details = status.get_error_details();
        let info = details.error_info().expect("error info");
        assert_eq!(info.metadata.get("count").map(String::as_str), Some("200"));
    }
}
