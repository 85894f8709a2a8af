//! Why there is no answer: reasons and sentences.
//!
//! One item of a batch fails with an [`pb::ItemError`]. What status a whole call fails
//! with is no business of this module.

use std::borrow::Cow;
use std::time::Duration;

use redress_client::pb;

use super::enums;
use crate::domain::limits::MAX_VIOLATIONS;
use crate::domain::violation::Violation;
use crate::engine::Stopped;

/// Violations that the message of a status puts into words.
const MAX_MESSAGE_VIOLATIONS: usize = 3;
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
    /// The lists of the message hold more than the limit.
    TooManyEntries {
        /// The limit, in bytes of memory.
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
    /// The caller has had as much work done as it may.
    QuotaExceeded {
        /// Steps that it may have done each second.
        limit: u64,
        /// How long until it may have more done.
        wait: Duration,
    },
    /// Deciding takes too much work, or was interrupted.
    Stopped(Stopped),
    /// The call carries no token that is accepted.
    Unauthenticated,
    /// The server must keep a record of the decision, and cannot.
    Unrecorded,
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
    /// Returns the reason, never unspecified.
    pub const fn reason(&self) -> pb::ErrorReason {
        match self {
            Self::Invalid(_) => pb::ErrorReason::InvalidRequest,
            Self::PolicyNotFound { .. } => pb::ErrorReason::PolicyNotFound,
            Self::RevisionNotFound { .. } => pb::ErrorReason::RevisionNotFound,
            Self::CatalogUnusable => pb::ErrorReason::CatalogUnusable,
            Self::Overloaded { .. } => pb::ErrorReason::Overloaded,
            Self::Draining => pb::ErrorReason::Draining,
            Self::MessageTooLarge { .. } | Self::TooManyEntries { .. } => {
                pb::ErrorReason::MessageTooLarge
            }
            Self::Malformed { .. } => pb::ErrorReason::MalformedMessage,
            Self::HeadersTooLarge { .. } => pb::ErrorReason::HeadersTooLarge,
            Self::Stopped(Stopped::OutOfSteps(_)) => pb::ErrorReason::WorkTooLarge,
            Self::Stopped(Stopped::Interrupted) => pb::ErrorReason::Interrupted,
            Self::QuotaExceeded { .. } => pb::ErrorReason::QuotaExceeded,
            Self::Unauthenticated => pb::ErrorReason::Unauthenticated,
            Self::Unrecorded => pb::ErrorReason::Unrecorded,
            Self::Internal => pb::ErrorReason::Internal,
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
            Self::TooManyEntries { limit } => format!(
                "the lists of the message would take more than {limit} bytes of memory; \
                 send fewer items, lines and other entries"
            )
            .into(),
            Self::Malformed { cause } => {
                shorten(&format!("the message cannot be read: {cause}")).into()
            }
            Self::HeadersTooLarge { limit } => {
                format!("the headers are larger than the limit of {limit} bytes").into()
            }
            Self::Stopped(why) => why.to_string().into(),
            Self::QuotaExceeded { limit, .. } => {
                format!("the caller has used up its {limit} steps of work a second").into()
            }
            Self::Unauthenticated => "the call is not authenticated".into(),
            Self::Unrecorded => "the server cannot record its decisions".into(),
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
            Self::MessageTooLarge { limit }
            | Self::TooManyEntries { limit }
            | Self::HeadersTooLarge { limit } => {
                vec![("limit", limit.to_string())]
            }
            Self::Malformed { cause } => vec![("cause", shorten(cause))],
            Self::Stopped(Stopped::OutOfSteps(limit)) => vec![("limit", limit.to_string())],
            Self::QuotaExceeded { limit, .. } => vec![("limit", limit.to_string())],
            Self::CatalogUnusable
            | Self::Draining
            | Self::Stopped(Stopped::Interrupted)
            | Self::Unauthenticated
            | Self::Unrecorded
            | Self::Internal => Vec::new(),
        }
    }

    /// Returns the error with its violations in the order of their fields, each once, and no
    /// more of them than a reply carries.
    pub(crate) fn sorted(self) -> Self {
        match self {
            Self::Invalid(violations) => Self::Invalid(in_order(violations)),
            other @ (Self::PolicyNotFound { .. }
            | Self::RevisionNotFound { .. }
            | Self::CatalogUnusable
            | Self::Overloaded { .. }
            | Self::Draining
            | Self::MessageTooLarge { .. }
            | Self::TooManyEntries { .. }
            | Self::Malformed { .. }
            | Self::HeadersTooLarge { .. }
            | Self::QuotaExceeded { .. }
            | Self::Stopped(_)
            | Self::Unauthenticated
            | Self::Unrecorded
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
            | Self::TooManyEntries { .. }
            | Self::Malformed { .. }
            | Self::HeadersTooLarge { .. }
            | Self::QuotaExceeded { .. }
            | Self::Stopped(_)
            | Self::Unauthenticated
            | Self::Unrecorded
            | Self::Internal => Vec::new(),
        };
        pb::ItemError {
            reason,
            message,
            violations,
        }
    }
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
    violations.sort();
    violations.dedup();
    violations.truncate(MAX_VIOLATIONS);
    violations
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
}
