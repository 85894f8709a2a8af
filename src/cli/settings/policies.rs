//! Where the policies of a server come from.

use std::path::PathBuf;
use std::time::Duration;

use super::Settings;
use crate::cli::output::{Exit, Failure};
use crate::load;
use crate::load::cache::BundleCache;
use crate::server::location::Location;
use crate::server::remote_policies::{RemotePolicies, StartError};
use crate::server::signatures::VerifyingKeys;

/// Where policies come from.
#[derive(Debug)]
pub enum PolicySource {
    /// A directory; `None`: those built in.
    Directory(Option<PathBuf>),
    /// A bundle that is fetched.
    Remote {
        /// The bundle.
        remote: RemotePolicies,
        /// How long ago its source may have confirmed it; `None`: that does not matter.
        max_age: Option<Duration>,
    },
}

impl Settings {
    /// Checks where policies come from. `variables` are the names of the environment, with
    /// values.
    ///
    /// # Errors
    /// The settings do not fit each other, or one of them cannot be used.
    pub fn policy_source(&self, variables: &[(String, String)]) -> Result<PolicySource, Failure> {
        let wrong = |why: String| Failure::new(Exit::Usage, why);
        let Some(url) = &self.policies_url else {
            let without = [
                (self.policies_key.is_some(), "policies_key"),
                (self.policies_max_age.is_some(), "policies_max_age"),
                (self.policies_cache.is_some(), "policies_cache"),
            ];
            return match without.iter().find(|(is_set, _)| *is_set) {
                Some((_, key)) => Err(wrong(format!("`{key}` is set without `policies_url`"))),
                None => Ok(PolicySource::Directory(self.policies.clone())),
            };
        };
        if self.policies.is_some() {
            let why = "`policies` and `policies_url` are both set";
            return Err(wrong(why.to_owned()).help("leave one of them out"));
        }
        let keys = self.verifying_keys()?;
        let location = Location::new(url, variables, keys.is_some());
        let location = location.map_err(|error| wrong(format!("`policies_url`: {error}")))?;
        let cache = self.cache()?;
        Ok(PolicySource::Remote {
            remote: RemotePolicies {
                location,
                keys,
                cache,
                interval: Duration::from_secs(self.policies_interval),
            },
            max_age: self.policies_max_age.map(Duration::from_secs),
        })
    }

    fn cache(&self) -> Result<Option<BundleCache>, Failure> {
        let Some(directory) = &self.policies_cache else {
            return Ok(None);
        };
        let cache = BundleCache::new(directory).map_err(|error| {
            let directory = directory.display();
            let why = format!("`policies_cache`: cannot write to `{directory}`: {error}");
            Failure::new(Exit::Usage, why).help("create the directory, for the server alone")
        })?;
        Ok(Some(cache))
    }

    fn verifying_keys(&self) -> Result<Option<VerifyingKeys>, Failure> {
        let Some(path) = &self.policies_key else {
            return Ok(None);
        };
        let wrong = |why: String| Failure::new(Exit::Usage, format!("`policies_key`: {why}"));
        let text = load::credentials(path).map_err(|error| wrong(error.to_string()))?;
        let keys = VerifyingKeys::parse(&text);
        keys.map(Some).map_err(|error| wrong(error.to_string()))
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let StartError { source, cache } = error;
        let failure = Self::new(Exit::Usage, format!("no policies to start with: {source}"));
        match cache {
            Some(cache) => failure.details([format!("cache: {cache}")]),
            None => failure,
        }
    }
}
