//! The engine as a library: the contract's messages in, the contract's messages out.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use prost::{Message, Name};
use redress_client::pb;

use crate::domain::time::Instant;
use crate::domain::violation::Violation;
use crate::engine::{Budget, Stopped};
use crate::load;
use crate::policy::catalog::{self, Catalog};
use crate::policy::source::Source;
use crate::wire::answer;
use crate::wire::error::CallError;
use crate::wire::json::{JsonError, Schema};

/// Decides with a set of policies.
///
/// Loading checks every policy and takes milliseconds a policy; deciding takes microseconds
/// and allocates nothing that outlives the call. An engine is shared between threads by
/// reference; to change its policies, load another one.
///
/// It holds no clock: each call says which instant counts as now where the request names
/// none.
pub struct Engine {
    catalog: Catalog,
    schema: Schema,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("policies", &self.catalog.plans().count())
            .finish()
    }
}

impl Engine {
    /// Loads the policies that the crate carries.
    ///
    /// # Errors
    /// One of them is not valid, or the crate was not built in whole.
    pub fn builtin() -> Result<Self, LoadError> {
        Self::from_sources(&load::embedded())
    }

    /// Loads a directory of policies, each a file `POLICY/REVISION.toml`.
    ///
    /// # Errors
    /// The directory cannot be read, or a file in it is not a valid policy; every mistake of
    /// every file is told.
    pub fn from_dir(directory: impl AsRef<Path>) -> Result<Self, LoadError> {
        let sources = load::policies(directory.as_ref()).map_err(LoadError::read)?;
        Self::from_sources(&sources)
    }

    /// Loads policies from texts, each with the path `POLICY/REVISION.toml`.
    ///
    /// # Errors
    /// One of them is not a valid policy; every mistake of every text is told.
    pub fn from_sources(sources: &[Source]) -> Result<Self, LoadError> {
        Ok(Self {
            catalog: Catalog::load(sources).map_err(LoadError::check)?,
            schema: Schema::new().map_err(LoadError::contract)?,
        })
    }

    /// Decides a request. `now` is when it reached the shop, where it does not say so itself.
    ///
    /// # Errors
    /// The request contradicts itself, names a policy that is not loaded, or takes more work
    /// than its budget. A denial is no error.
    pub fn decide(
        &self,
        request: &pb::DecideRequest,
        now: SystemTime,
    ) -> Result<pb::Verdict, Error> {
        let now = Instant::from_system(now);
        let decided = answer::decide(&self.catalog, request, now, &Budget::default())?;
        Ok(decided.verdict.decode()?)
    }

    /// Lists what is possible with an order. `now` is the instant asked about, where the
    /// request does not name one.
    ///
    /// # Errors
    /// As those of [`Self::decide`].
    pub fn list_options(
        &self,
        request: &pb::ListOptionsRequest,
        now: SystemTime,
    ) -> Result<pb::ListOptionsResponse, Error> {
        let now = Instant::from_system(now);
        let options = answer::list_options(&self.catalog, request, now, &Budget::default())?;
        Ok(options.to_message()?)
    }

    /// Returns a policy: its clauses, and the facts and events that it can ask for.
    ///
    /// # Errors
    /// The policy is not loaded, or has no such revision.
    pub fn get_policy(
        &self,
        request: &pb::GetPolicyRequest,
    ) -> Result<pb::GetPolicyResponse, Error> {
        Ok(answer::get_policy(&self.catalog, request.clone())?)
    }

    /// Reads a message of the contract from proto JSON.
    ///
    /// # Errors
    /// The text is not JSON, has a field that the message does not have, or sets one twice.
    pub fn from_json<M: Message + Name + Default>(&self, text: &str) -> Result<M, Error> {
        self.schema.read(text, &M::full_name()).map_err(Error::Json)
    }

    /// Writes a message of the contract as proto JSON.
    ///
    /// # Errors
    /// The message is not of the contract.
    pub fn to_json<M: Message + Name>(&self, message: &M) -> Result<String, Error> {
        self.schema
            .write(message, &M::full_name())
            .map_err(Error::Json)
    }
}

/// Says why policies could not be loaded. Its text names every mistake with its file and
/// line.
#[derive(Debug)]
pub struct LoadError(LoadCause);

#[derive(Debug)]
enum LoadCause {
    Read(load::LoadError),
    Check(catalog::LoadError),
    Contract(JsonError),
}

impl LoadError {
    const fn read(cause: load::LoadError) -> Self {
        Self(LoadCause::Read(cause))
    }

    const fn check(cause: catalog::LoadError) -> Self {
        Self(LoadCause::Check(cause))
    }

    const fn contract(cause: JsonError) -> Self {
        Self(LoadCause::Contract(cause))
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            LoadCause::Read(_) => f.write_str("the policies cannot be read"),
            LoadCause::Check(cause) => {
                write!(f, "policies are not valid: {} mistakes", cause.count())
            }
            LoadCause::Contract(_) => f.write_str("the crate was not built in whole"),
        }
    }
}

impl StdError for LoadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(match &self.0 {
            LoadCause::Read(cause) => cause,
            LoadCause::Check(cause) => cause,
            LoadCause::Contract(cause) => cause,
        })
    }
}

/// Says why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request is wrong: every field that is, with what is wrong and how to mend it.
    Invalid(Vec<Violation>),
    /// No such policy is loaded.
    PolicyNotFound {
        /// The policy asked for.
        policy: String,
    },
    /// The policy has no such revision, or none in force when the order was placed.
    RevisionNotFound {
        /// The policy asked for.
        policy: String,
        /// The revision asked for; `None`: none was.
        revision: Option<String>,
    },
    /// Deciding takes more work than a request has: state more facts, or ask about fewer
    /// lines.
    TooMuchWork(Stopped),
    /// A text is not the proto JSON of the message.
    Json(JsonError),
    /// A fault of this crate.
    Internal,
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error.sorted() {
            CallError::Invalid(violations) => Self::Invalid(violations),
            CallError::PolicyNotFound { policy } => Self::PolicyNotFound { policy },
            CallError::RevisionNotFound { policy, revision } => {
                Self::RevisionNotFound { policy, revision }
            }
            CallError::Stopped(stopped) => Self::TooMuchWork(stopped),
            // Those of a server.
            CallError::CatalogUnusable
            | CallError::Overloaded { .. }
            | CallError::Draining
            | CallError::MessageTooLarge { .. }
            | CallError::TooManyEntries { .. }
            | CallError::Malformed { .. }
            | CallError::HeadersTooLarge { .. }
            | CallError::QuotaExceeded { .. }
            | CallError::Unauthenticated
            | CallError::Unrecorded
            | CallError::Internal => Self::Internal,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => {
                f.write_str("the request is not valid")?;
                for violation in violations {
                    write!(f, "\n`{}` {}", violation.field, violation.description)?;
                }
                Ok(())
            }
            Self::PolicyNotFound { policy } => write!(f, "no policy `{policy}` is loaded"),
            Self::RevisionNotFound {
                policy,
                revision: Some(revision),
            } => write!(f, "policy `{policy}` has no revision `{revision}`"),
            Self::RevisionNotFound {
                policy,
                revision: None,
            } => write!(
                f,
                "no revision of policy `{policy}` was in force when the order was placed"
            ),
            Self::TooMuchWork(_) => f.write_str("the request takes too much work"),
            Self::Json(_) => f.write_str("the text is not the JSON of such a message"),
            Self::Internal => f.write_str("a fault of the engine"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::TooMuchWork(cause) => Some(cause),
            Self::Json(cause) => Some(cause),
            Self::Invalid(_)
            | Self::PolicyNotFound { .. }
            | Self::RevisionNotFound { .. }
            | Self::Internal => None,
        }
    }
}
