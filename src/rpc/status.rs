//! Errors and their codes: the one place that maps them.
//!
//! A whole call fails with a status, one item of a batch with an
//! [`pb::ItemError`]; both say the same.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;

use redress_client::{ERROR_DOMAIN, pb};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::domain::limits::MAX_VIOLATIONS;
use crate::domain::violation::Violation;
use crate::engine::Stopped;
use crate::rpc::enums;

/// Bytes of the texts of all violations that a status carries. It travels in a
/// trailer, and common clients refuse more than 8 KiB of those; base64 adds a
/// third. What is cut is counted; the body of a batch reply carries everything.
const MAX_STATUS_VIOLATION_BYTES: usize = 3 * 1024;
/// Violations that the message of a status puts into words.
const MAX_MESSAGE_VIOLATIONS: usize = 3;
/// When a call that was shed may be sent again: most calls take far less than that.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// Characters of the message of a status, which percent-encoding may triple.
const MAX_MESSAGE_CHARS: usize = 500;

/// Says why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The request has violations, at least one.
    Invalid(Vec<Violation>),
    /// No such policy.
    PolicyNotFound {
        /// The policy asked for.
        policy: String,
    },
    /// No such revision, or none in force when the order was placed.
    RevisionNotFound {
        /// The policy asked for.
        policy: String,
        /// The revision that was pinned. `None`: none was.
        revision: Option<String>,
    },
    /// No usable policies are loaded.
    CatalogUnusable,
    /// The server is at one of its limits of load, or the caller at its share of it.
    Overloaded {
        /// What there is too much of.
        load: Load,
        /// The limit of the server.
        limit: usize,
    },
    /// The server is shutting down.
    Draining,
    /// The message is larger than the limit.
    MessageTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The bytes are not a message of the contract.
    Malformed {
        /// What is wrong with them.
        cause: String,
    },
    /// The headers of the request are larger than the limit.
    HeadersTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Deciding takes too much work, or was interrupted.
    Stopped(Stopped),
    /// A fault of the server; its log says more.
    Internal,
}

/// Names what a server can have too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Requests in work at once.
    Requests,
    /// Bytes of replies that callers have not taken yet.
    UnsentBytes,
}

impl Load {
    /// Returns the word for it.
    const fn word(self) -> &'static str {
        match self {
            Self::Requests => "concurrent requests",
            Self::UnsentBytes => "bytes of replies that were not read",
        }
    }
}

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

    /// Returns the reason, never unspecified.
    pub const fn reason(&self) -> pb::ErrorReason {
        match self {
            Self::Invalid(_) => pb::ErrorReason::InvalidRequest,
            Self::PolicyNotFound { .. } => pb::ErrorReason::PolicyNotFound,
            Self::RevisionNotFound { .. } => pb::ErrorReason::RevisionNotFound,
            Self::CatalogUnusable => pb::ErrorReason::CatalogUnusable,
            Self::Overloaded { .. } => pb::ErrorReason::Overloaded,
            Self::Draining => pb::ErrorReason::Draining,
            Self::MessageTooLarge { .. } => pb::ErrorReason::MessageTooLarge,
            Self::Malformed { .. } => pb::ErrorReason::MalformedMessage,
            Self::HeadersTooLarge { .. } => pb::ErrorReason::HeadersTooLarge,
            Self::Stopped(Stopped::OutOfSteps(_)) => pb::ErrorReason::WorkTooLarge,
            Self::Stopped(Stopped::Interrupted) => pb::ErrorReason::Interrupted,
            Self::Internal => pb::ErrorReason::Internal,
        }
    }

    /// Returns the code of the status.
    pub const fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::Malformed { .. } => Code::InvalidArgument,
            Self::PolicyNotFound { .. } | Self::RevisionNotFound { .. } => Code::NotFound,
            Self::CatalogUnusable => Code::FailedPrecondition,
            Self::MessageTooLarge { .. }
            | Self::HeadersTooLarge { .. }
            | Self::Stopped(Stopped::OutOfSteps(_)) => Code::ResourceExhausted,
            Self::Stopped(Stopped::Interrupted) => Code::Cancelled,
            Self::Overloaded { .. } | Self::Draining => Code::Unavailable,
            Self::Internal => Code::Internal,
        }
    }

    /// Returns one sentence for people.
    pub fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Invalid(violations) => shorten(&in_words(violations)).into(),
            Self::PolicyNotFound { policy } => {
                format!("no policy `{policy}` is loaded; `ListPolicies` names those that are")
                    .into()
            }
            Self::RevisionNotFound {
                policy,
                revision: Some(revision),
            } => format!("policy `{policy}` has no revision `{revision}`").into(),
            Self::RevisionNotFound {
                policy,
                revision: None,
            } => format!("no revision of policy `{policy}` was in force when the order was placed")
                .into(),
            Self::CatalogUnusable => "no usable policies are loaded".into(),
            Self::Overloaded { load, limit } => format!(
                "the server is at its limit of {limit} {}, or the caller at its share of it",
                load.word()
            )
            .into(),
            Self::Draining => "the server is shutting down".into(),
            Self::MessageTooLarge { limit } => {
                format!("the message is larger than the limit of {limit} bytes").into()
            }
            Self::Malformed { cause } => {
                shorten(&format!("the message cannot be read: {cause}")).into()
            }
            Self::HeadersTooLarge { limit } => {
                format!("the headers are larger than the limit of {limit} bytes").into()
            }
            Self::Stopped(why) => why.to_string().into(),
            Self::Internal => "a fault of the server".into(),
        }
    }

    /// Returns every dynamic word of the message, by name.
    pub fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Invalid(violations) => vec![("count", violations.len().to_string())],
            Self::PolicyNotFound { policy } => vec![("policy", policy.clone())],
            Self::RevisionNotFound { policy, revision } => vec![
                ("policy", policy.clone()),
                ("revision", revision.clone().unwrap_or_default()),
            ],
            Self::Overloaded { load, limit } => vec![
                ("load", load.word().to_owned()),
                ("limit", limit.to_string()),
            ],
            Self::MessageTooLarge { limit } | Self::HeadersTooLarge { limit } => {
                vec![("limit", limit.to_string())]
            }
            Self::Malformed { cause } => vec![("cause", shorten(cause))],
            Self::Stopped(Stopped::OutOfSteps(limit)) => vec![("limit", limit.to_string())],
            Self::CatalogUnusable
            | Self::Draining
            | Self::Stopped(Stopped::Interrupted)
            | Self::Internal => Vec::new(),
        }
    }

    fn sorted(self) -> Self {
        match self {
            Self::Invalid(violations) => Self::Invalid(in_order(violations)),
            other @ (Self::PolicyNotFound { .. }
            | Self::RevisionNotFound { .. }
            | Self::CatalogUnusable
            | Self::Overloaded { .. }
            | Self::Draining
            | Self::MessageTooLarge { .. }
            | Self::Malformed { .. }
            | Self::HeadersTooLarge { .. }
            | Self::Stopped(_)
            | Self::Internal) => other,
        }
    }

    /// Returns the error of one item of a batch or a stream, with every violation.
    pub fn into_item(self) -> pb::ItemError {
        let error = self.sorted();
        let reason = error.reason() as i32;
        let message = error.message().into_owned();
        let violations = match error {
            Self::Invalid(violations) => violations.into_iter().map(violation).collect(),
            Self::PolicyNotFound { .. }
            | Self::RevisionNotFound { .. }
            | Self::CatalogUnusable
            | Self::Overloaded { .. }
            | Self::Draining
            | Self::MessageTooLarge { .. }
            | Self::Malformed { .. }
            | Self::HeadersTooLarge { .. }
            | Self::Stopped(_)
            | Self::Internal => Vec::new(),
        };
        pb::ItemError {
            reason,
            message,
            violations,
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
        if let CallError::Overloaded { .. } = &error {
            details.set_retry_info(Some(RETRY_AFTER));
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

fn violation(of: Violation) -> pb::Violation {
    let Violation {
        field,
        kind,
        description,
    } = of;
    pb::Violation {
        field,
        reason: enums::reason(kind) as i32,
        description,
    }
}

/// Puts the first violations into words and counts the others.
fn in_words(violations: &[Violation]) -> String {
    let shown: Vec<String> = violations
        .iter()
        .take(MAX_MESSAGE_VIOLATIONS)
        .map(|v| format!("`{}` {}", v.field, v.description))
        .collect();
    let shown = shown.join("; ");
    match violations.len().saturating_sub(MAX_MESSAGE_VIOLATIONS) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_MESSAGE_CHARS).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

/// Sorts violations by field, numbers in paths by value, each once, and keeps the
/// first [`MAX_VIOLATIONS`].
fn in_order(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.sort_by(|a, b| {
        by_place(&a.field, &b.field)
            .then_with(|| (a.kind, &a.description).cmp(&(b.kind, &b.description)))
    });
    violations.dedup();
    violations.truncate(MAX_VIOLATIONS);
    violations
}

/// Compares paths so that `lines[2]` comes before `lines[10]`.
fn by_place(a: &str, b: &str) -> Ordering {
    let parts = |path: &str| -> Vec<(String, usize)> {
        path.split(['.', '['])
            .map(|part| match part.strip_suffix(']') {
                Some(index) => (String::new(), index.parse().unwrap_or(0)),
                None => (part.to_owned(), 0),
            })
            .collect()
    };
    parts(a).cmp(&parts(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::violation::ViolationKind;

    #[test]
    fn every_kind_of_violation_has_a_reason() {
        for kind in ViolationKind::ALL {
            assert_ne!(enums::reason(*kind), pb::ErrorReason::Unspecified, "{kind}");
        }
    }

    #[test]
    fn violations_stand_in_order_of_fields_and_once() {
        let at = |field: &str| Violation::new(field, ViolationKind::Required, "is not set");
        let sorted = in_order(vec![
            at("a.lines[10].b"),
            at("a.lines[2].b"),
            at("a.lines[2].b"),
        ]);
        assert_eq!(sorted, [at("a.lines[2].b"), at("a.lines[10].b")]);
    }

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
