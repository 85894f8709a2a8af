//! Why there is no answer.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::InvalidValue;
use crate::pb::{ErrorReason, ItemError};

/// The domain of every reason that the service gives.
pub const ERROR_DOMAIN: &str = "redress.v1";

/// Says why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The endpoint is not one that this client can use.
    Endpoint(String),
    /// No connection came about.
    Connect(tonic::transport::Error),
    /// The call failed, or the server refused it.
    Refused(Box<Refusal>),
    /// The reply holds what this version cannot read, such as an unknown step.
    InvalidReply(InvalidValue),
}

impl ClientError {
    /// Returns the refusal, where the call got that far.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Endpoint(_) | Self::Connect(_) | Self::InvalidReply(_) => None,
        }
    }

    /// Says that a reply lacks what it must have.
    pub(crate) fn no_value(name: &str) -> Self {
        Self::InvalidReply(InvalidValue::new(format!("the reply has no {name}")))
    }

    /// Returns the reason that the server gave.
    pub fn reason(&self) -> Option<ErrorReason> {
        self.refusal()?.reason()
    }

    /// Returns what is wrong with the request, empty if nothing was said.
    pub fn violations(&self) -> &[Violation] {
        self.refusal().map_or(&[], Refusal::violations)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(why) => f.write_str(why),
            Self::Connect(_) => f.write_str("no connection to the service"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::InvalidReply(why) => why.fmt(f),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Endpoint(_) | Self::InvalidReply(_) => None,
            Self::Connect(error) => Some(error),
            Self::Refused(refusal) => Some(refusal.status()),
        }
    }
}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(Refusal::from(status)))
    }
}

impl From<InvalidValue> for ClientError {
    fn from(value: InvalidValue) -> Self {
        Self::InvalidReply(value)
    }
}

/// Holds a status with the details that the service attaches.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: Status,
    reason_name: String,
    metadata: HashMap<String, String>,
    violations: Vec<Violation>,
}

/// Describes one thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Field path, such as `order.lines[2].quantity`.
    pub field: String,
    /// What is wrong. `None`: this version does not know the reason.
    pub reason: Option<ErrorReason>,
    /// What is wrong and how to mend it, for people.
    pub description: String,
}

impl Refusal {
    /// Returns the code of the status.
    pub fn code(&self) -> Code {
        self.status.code()
    }

    /// Returns the message, for people.
    pub fn message(&self) -> &str {
        self.status.message()
    }

    /// Returns the reason. `None`: the service gave none, or one that this
    /// version does not know; see [`Self::reason_name`].
    pub fn reason(&self) -> Option<ErrorReason> {
        ErrorReason::from_str_name(&self.reason_name)
    }

    /// Returns the name of the reason, empty where the service gave none.
    pub fn reason_name(&self) -> &str {
        &self.reason_name
    }

    /// Returns a value that belongs to the reason, such as `policy` or `limit`.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// Returns what is wrong with the request, empty if nothing was said. A long
    /// list is cut, since it travels in a header; `metadata("count")` tells how
    /// many there are.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Returns the status as it came.
    pub fn status(&self) -> &Status {
        &self.status
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let (reason_name, metadata) = details
            .error_info()
            .filter(|info| info.domain == ERROR_DOMAIN)
            .map(|info| (info.reason.clone(), info.metadata.clone()))
            .unwrap_or_default();
        let violations = details
            .bad_request()
            .map(|bad| bad.field_violations.iter().map(violation).collect())
            .unwrap_or_default();
        Self {
            status,
            reason_name,
            metadata,
            violations,
        }
    }
}

impl From<ItemError> for Refusal {
    /// Reads why one request of a batch got no verdict.
    fn from(item: ItemError) -> Self {
        // The code that the request alone would have got.
        let code = match item.reason() {
            ErrorReason::InvalidRequest => Code::InvalidArgument,
            ErrorReason::PolicyNotFound | ErrorReason::RevisionNotFound => Code::NotFound,
            _ => Code::Unknown,
        };
        let violations = item.violations.iter().map(|of| Violation {
            field: of.field.clone(),
            reason: ErrorReason::try_from(of.reason).ok(),
            description: of.description.clone(),
        });
        Self {
            reason_name: ErrorReason::try_from(item.reason).map_or_else(
                |_| item.reason.to_string(),
                |reason| reason.as_str_name().to_owned(),
            ),
            metadata: HashMap::new(),
            violations: violations.collect(),
            status: Status::new(code, item.message),
        }
    }
}

fn violation(of: &tonic_types::FieldViolation) -> Violation {
    Violation {
        field: of.field.clone(),
        reason: ErrorReason::from_str_name(&of.reason),
        description: of.description.clone(),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().description(), self.message())
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::{ErrorDetails, FieldViolation};

    #[test]
    fn details_of_a_status_are_read() {
        let mut field = FieldViolation::new("order.order_id", "is empty");
        field.reason = "ERROR_REASON_REQUIRED".into();
        let mut details = ErrorDetails::new();
        details.set_error_info(
            "ERROR_REASON_INVALID_REQUEST",
            ERROR_DOMAIN,
            HashMap::from([("count".to_owned(), "1".to_owned())]),
        );
        details.set_bad_request(vec![field]);
        let status = Status::with_error_details(Code::InvalidArgument, "one violation", details);
        let error = ClientError::from(status);
        assert_eq!(error.reason(), Some(ErrorReason::InvalidRequest));
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(refusal.metadata("count"), Some("1"));
        assert_eq!(
            error.violations(),
            [Violation {
                field: "order.order_id".into(),
                reason: Some(ErrorReason::Required),
                description: "is empty".into(),
            }]
        );
    }

    #[test]
    fn reasons_of_another_domain_are_not_ours() {
        let details = ErrorDetails::with_error_info(
            "ERROR_REASON_DRAINING",
            "proxy.example",
            HashMap::<String, String>::new(),
        );
        let status = Status::with_error_details(Code::Unavailable, "down", details);
        assert_eq!(ClientError::from(status).reason(), None);
    }
}
