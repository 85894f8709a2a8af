//! Who answers a command: the engine in this process, or a server.

use std::error::Error;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use redress_client::{Client, ClientError, Config, Identity, pb};
use tonic::transport::{self, Certificate, ClientTlsConfig, Endpoint};

use super::output::{Exit, Failure};
use super::render::Clauses;
use crate::domain::limits::{FIRST_YEAR, LAST_YEAR};
use crate::domain::time::Instant;
use crate::load;
use crate::policy::catalog::Catalog;
use crate::policy::plan::Plan;
use crate::policy::terms::Calendar;
use crate::rpc::service::{Clock, SystemClock};
use crate::server::reload;
use crate::wire::answer::{self, Budget};
use crate::wire::error::CallError;
use crate::wire::outbound;
use crate::wire::reply::EncodedVerdict;

/// Which policies a command uses in process.
#[derive(Debug, clap::Args)]
pub struct Local {
    /// Directory of policies, `POLICY/REVISION.toml` [default: those built in]
    #[arg(long, value_name = "DIR", env = "REDRESS_POLICIES")]
    policies: Option<PathBuf>,
}

impl Local {
    /// Reads every folder of policies with its cases.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn folders(&self) -> Result<Vec<load::Folder>, Failure> {
        Ok(match &self.policies {
            Some(directory) => load::folders(directory)?,
            None => load::embedded_folders(),
        })
    }

    /// Loads the policies.
    ///
    /// # Errors
    /// They cannot be read or are not valid.
    pub fn open(&self) -> Result<Engine, Failure> {
        let catalog = reload::catalog(self.policies.as_deref())?;
        Ok(Engine { catalog })
    }
}

/// What counts as now.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Now {
    /// Instant that stands in for now where the request names none, RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
}

impl Now {
    /// Returns the instant that was given, or the clock's.
    pub fn instant(self) -> Instant {
        self.at.unwrap_or_else(|| SystemClock.now())
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    let read = Instant::parse(text).filter(|instant| instant.in_stated_years());
    read.ok_or_else(|| {
        format!(
            "not an instant such as `2026-03-14T09:30:00Z`, of the years {FIRST_YEAR} to {LAST_YEAR}"
        )
    })
}

/// How much a reply holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ViewArg {
    /// As basic, but what else is possible only beside a denial
    Compact,
    /// All that a program needs to act
    Basic,
    /// With sentences, the facts compared and the arithmetic
    Full,
}

impl From<ViewArg> for pb::View {
    fn from(view: ViewArg) -> Self {
        match view {
            ViewArg::Compact => Self::Compact,
            ViewArg::Basic => Self::Basic,
            ViewArg::Full => Self::Full,
        }
    }
}

/// Which languages texts are wished in.
#[derive(Clone, Debug, clap::Args)]
pub struct Languages {
    /// Language of the texts, such as `fr`; again for the next best [default: as
    /// the request says, otherwise English]
    #[arg(long = "language", value_name = "CODE")]
    codes: Vec<String>,
}

impl Languages {
    /// Puts the languages into a request, where any were given.
    pub fn apply(&self, language_codes: &mut Vec<String>) {
        if !self.codes.is_empty() {
            language_codes.clone_from(&self.codes);
        }
    }
}

/// Decides in this process.
#[derive(Debug)]
pub struct Engine {
    catalog: Catalog,
}

impl Engine {
    /// Decides a request.
    ///
    /// # Errors
    /// The request is refused.
    pub fn decide(
        &self,
        request: pb::DecideRequest,
        now: Instant,
    ) -> Result<pb::DecideResponse, Failure> {
        let decided = answer::decide(&self.catalog, &request, now, &Budget::default())?;
        let verdict = Some(decided.verdict.decode()?);
        Ok(pb::DecideResponse { verdict })
    }

    /// Decides a recorded request again, in the form in which verdicts leave.
    ///
    /// # Errors
    /// The request is refused.
    pub fn verdict(
        &self,
        request: &pb::DecideRequest,
        now: Instant,
    ) -> Result<EncodedVerdict, CallError> {
        answer::decide(&self.catalog, request, now, &Budget::default())
            .map(|decided| decided.verdict)
    }

    /// Lists what is possible with an order.
    ///
    /// # Errors
    /// The request is refused.
    pub fn options(
        &self,
        request: pb::ListOptionsRequest,
        now: Instant,
    ) -> Result<pb::ListOptionsResponse, Failure> {
        Ok(answer::list_options(&self.catalog, &request, now, &Budget::default())?.to_message()?)
    }

    /// Returns the calendars of the latest revision of a policy.
    pub fn calendars(&self, policy: &str) -> Option<&[Arc<Calendar>]> {
        let of_policy = |plan: &&Plan| plan.policy.as_str() == policy;
        let plan = self.catalog.plans().filter(of_policy).last()?;
        Some(&plan.calendars)
    }

    /// Returns the loaded revisions without their clauses.
    pub fn policies(&self) -> Vec<pb::Policy> {
        self.catalog
            .plans()
            .map(|plan| outbound::policy(plan, false))
            .collect()
    }

    /// Returns a revision with its clauses, the latest for `None`.
    pub fn policy(&self, policy: &str, revision: Option<&str>) -> Option<pb::Policy> {
        let plan = self
            .catalog
            .plans()
            .filter(|plan| plan.policy.as_str() == policy)
            .filter(|plan| revision.is_none_or(|revision| plan.revision == revision))
            .last()?;
        Some(outbound::policy(plan, true))
    }

    /// Finds the clauses that a verdict rests on.
    pub fn clauses(&self, receipt: &pb::Receipt) -> Clauses {
        self.policy(&receipt.policy, Some(&receipt.revision))
            .as_ref()
            .map(Clauses::new)
            .unwrap_or_default()
    }
}

/// How a server is trusted, and whom it sees. This matters for `https` addresses alone.
#[derive(Clone, Debug, clap::Args)]
pub struct Trust {
    /// Authority that the server's certificate must come from, PEM [default: the public ones]
    #[arg(long, value_name = "FILE", env = "REDRESS_CA")]
    ca: Option<PathBuf>,
    /// Name that the server's certificate must carry [default: the host of the address]
    #[arg(long, value_name = "NAME", env = "REDRESS_TLS_NAME")]
    tls_name: Option<String>,
    /// Certificate to show to a server that wants one, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_CLIENT_CERT",
        requires = "client_key"
    )]
    client_cert: Option<PathBuf>,
    /// Key of that certificate, PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "REDRESS_CLIENT_KEY",
        requires = "client_cert"
    )]
    client_key: Option<PathBuf>,
    /// File with the token to carry, for a server that wants one
    #[arg(long, value_name = "FILE", env = "REDRESS_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

impl Trust {
    fn config(&self) -> Result<Config, Failure> {
        let mut config = Config::default();
        config.tls.ca_pem = match &self.ca {
            Some(path) => Some(load::credentials(path)?.into_bytes()),
            None => None,
        };
        config.tls.domain.clone_from(&self.tls_name);
        if let Some(path) = &self.token_file {
            config.token = Some(load::credentials(path)?.trim().to_owned());
        }
        if let (Some(certificate), Some(key)) = (&self.client_cert, &self.client_key) {
            config.tls.identity = Some(Identity {
                certificate_pem: load::credentials(certificate)?.into_bytes(),
                key_pem: load::credentials(key)?.into_bytes(),
            });
        }
        Ok(config)
    }

    /// Prepares a connection for a service that the client does not wrap.
    ///
    /// # Errors
    /// The address or a certificate cannot be used.
    pub fn endpoint(&self, address: &str) -> Result<Endpoint, Failure> {
        let away = |error: transport::Error| unreachable(address, &innermost(&error));
        let uri = uri(address);
        let endpoint = Endpoint::from_shared(uri.clone()).map_err(away)?;
        if !uri.starts_with("https://") {
            return Ok(endpoint);
        }
        let Config { tls: trusted, .. } = self.config()?;
        let mut tls = match trusted.ca_pem {
            Some(pem) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)),
            None => ClientTlsConfig::new().with_webpki_roots(),
        };
        if let Some(name) = trusted.domain {
            tls = tls.domain_name(name);
        }
        if let Some(shown) = trusted.identity {
            let (certificate, key) = (shown.certificate_pem, shown.key_pem);
            tls = tls.identity(transport::Identity::from_pem(certificate, key));
        }
        endpoint.tls_config(tls).map_err(away)
    }
}

/// Asks a server.
#[derive(Clone, Debug)]
pub struct Remote {
    address: String,
    client: Client,
}

impl Remote {
    /// Connects. An address without a scheme is plaintext.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn connect(address: &str, trust: &Trust) -> Result<Self, Failure> {
        let client = Client::connect(uri(address), trust.config()?)
            .await
            .map_err(|error| refused(address, error))?;
        Ok(Self {
            address: address.to_owned(),
            client,
        })
    }

    /// Decides a request.
    ///
    /// # Errors
    /// The server refuses it or does not answer.
    pub async fn decide(&self, request: pb::DecideRequest) -> Result<pb::DecideResponse, Failure> {
        let verdict = self.client.decide(request).await;
        let verdict = verdict.map_err(|error| refused(&self.address, error))?;
        let verdict = Some(verdict.message);
        Ok(pb::DecideResponse { verdict })
    }

    /// Lists what is possible with an order.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub async fn options(
        &self,
        request: pb::ListOptionsRequest,
    ) -> Result<pb::ListOptionsResponse, Failure> {
        let reply = self.client.list_options(request).await;
        reply.map_err(|error| refused(&self.address, error))
    }

    /// Finds the clauses that a verdict rests on; none where the server does not
    /// tell, since a verdict can be read without them.
    pub async fn clauses(&self, receipt: &pb::Receipt) -> Clauses {
        let name = format!("policies/{}/revisions/{}", receipt.policy, receipt.revision);
        let policy = self.client.get_policy(name).await;
        policy.as_ref().ok().map(Clauses::new).unwrap_or_default()
    }
}

/// Completes an address to a URI.
fn uri(address: &str) -> String {
    if address.contains("://") || address.starts_with("unix:") {
        address.to_owned()
    } else {
        format!("http://{address}")
    }
}

/// Says that a server does not answer.
pub fn unreachable(address: &str, why: &dyn Display) -> Failure {
    Failure::new(Exit::Usage, format!("cannot reach `{address}`: {why}"))
}

fn refused(address: &str, error: ClientError) -> Failure {
    match error {
        ClientError::Refused(refusal) => Failure::from(&*refusal),
        ClientError::InvalidReply(why) => Failure::new(
            Exit::Usage,
            format!("the reply of `{address}` cannot be read: {why}"),
        ),
        // The transport says what went wrong only at the end of its chain.
        other => unreachable(address, &innermost(&other)),
    }
}

/// Returns the text of the cause that has no further cause.
pub fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
