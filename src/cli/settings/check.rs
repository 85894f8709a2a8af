//! What settings come to: they are checked against each other, files are read, and all of
//! it becomes the configuration of a server.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use super::Settings;
use super::policies::PolicySource;
use crate::cli::output::{Exit, Failure};
use crate::cli::variables;
use crate::server::collector::Collector;
use crate::server::config::{Config, Limits};
use crate::server::credentials::{self, CertificateFiles};
use crate::server::decision_log::{DecisionLog, Output};
use crate::server::file_handles;
use crate::server::jwt::{Expected, JwtVerifier};
use crate::server::line_queue::FlushGuard;
use crate::server::listener::ListenAddress;
use crate::server::record_sender::RecordCollector;
use crate::server::telemetry;
use crate::server::tls::Identity;
use crate::server::tokens::Tokens;
use crate::wire::json::{JsonError, Schema};
use crate::wire::projection::NoSuchField;
use crate::wire::record::Records;

/// What names the collector of `otlp_endpoint` as where records go.
const COLLECTOR: &str = "otlp";
/// The longest that the end waits for an output of log lines that takes none.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

impl Settings {
    /// Checks everything that a server needs beside its policies, files included.
    ///
    /// # Errors
    /// Settings that do not fit each other, or a file that cannot be used.
    pub fn check(&self) -> Result<Checked, Failure> {
        telemetry::filter(&self.log)
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        self.check_drain_delay()?;
        self.check_exposure()?;
        if matches!(self.listen, ListenAddress::Unix(_)) && self.tls_cert.is_some() {
            let why = "`tls_cert` is set, and `listen` is a Unix socket";
            let help =
                "leave TLS out: nothing leaves the machine, and `listen_mode` says who connects";
            return Err(Failure::new(Exit::Usage, why.to_owned()).help(help));
        }
        let threads = self.threads.map_or_else(available_parallelism, Ok);
        // Where the system does not say how many cores there are.
        let threads = threads.unwrap_or(NonZeroUsize::MIN);
        let connections = file_handles::max_connections();
        // The end, too, is part of the grace limit, and as much is left for what comes
        // after.
        let grace = Duration::from_secs(self.grace);
        let flush_timeout = FLUSH_TIMEOUT.min(grace / 4);
        let flushed = [
            true,
            self.decision_log.is_some(),
            self.otlp_endpoint.is_some(),
        ];
        let flushed = flushed.iter().fold(0, |count, is| count + u32::from(*is));
        let config = Config {
            limits: Limits {
                message_bytes: self.max_message_bytes,
                concurrent_requests: self.max_concurrent_requests,
                // As many as can be worked on at once.
                long_decisions: threads,
                request_timeout: Duration::from_secs(self.request_timeout),
                connections: self.max_connections.min(connections),
                connection_age: self.max_connection_age.map(Duration::from_secs),
                handshake_timeout: Duration::from_secs(self.handshake_timeout),
                reply_timeout: Duration::from_secs(self.reply_timeout),
                connection_unsent_bytes: self.max_connection_unsent_bytes,
                unsent_bytes: self.max_unsent_bytes,
                caller_steps: self.max_caller_steps.and_then(NonZeroU64::new),
            },
            tls: self.identity()?,
            tokens: self.accepted()?,
            jwt: self.jwt()?,
            cors_origins: self.cors_origins.clone(),
            reflection: self.reflection,
            recorder: None,
            traces: None,
            freshness: None,
            drain_delay: Duration::from_secs(self.drain_delay),
            grace: grace.saturating_sub(flush_timeout * (flushed + 1)),
            metrics: Arc::default(),
        };
        Ok(Checked {
            config,
            threads,
            policies: self.policy_source(&variables())?,
            decision_log: self.decision_log()?,
            collector: self.collector()?,
            flush_timeout,
        })
    }

    fn check_drain_delay(&self) -> Result<(), Failure> {
        let Self {
            drain_delay, grace, ..
        } = self;
        if *drain_delay == 0 || drain_delay < grace {
            return Ok(());
        }
        let why = format!(
            "the drain delay of {drain_delay} seconds leaves nothing of the grace limit of \
             {grace} seconds"
        );
        Err(Failure::new(Exit::Usage, why).help("make `drain_delay` shorter than `grace`"))
    }

    /// Refuses to be reached from other machines in plaintext unless it is said.
    fn check_exposure(&self) -> Result<(), Failure> {
        let is_local = match &self.listen {
            ListenAddress::Tcp(address) => address.ip().is_loopback(),
            ListenAddress::Unix(_) => true,
        };
        if is_local || self.tls_cert.is_some() || self.insecure {
            return Ok(());
        }
        let why = format!(
            "`{}` can be reached from other machines, in plaintext and by anybody",
            self.listen
        );
        let help = "set `tls_cert` and `tls_key`, or `insecure` where something else protects it";
        Err(Failure::new(Exit::Usage, why).help(help))
    }

    /// Returns the files of certificates and key; `None`: plaintext.
    ///
    /// # Errors
    /// Some are set without others.
    pub fn certificates(&self) -> Result<Option<CertificateFiles>, Failure> {
        let missing = |set: &str, other: &str| {
            let why = format!("`{set}` is set without `{other}`");
            Err(Failure::new(Exit::Usage, why))
        };
        match (&self.tls_cert, &self.tls_key, &self.tls_client_ca) {
            (Some(certificate), Some(key), client_ca) => Ok(Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
                client_ca: client_ca.clone(),
            })),
            (None, None, None) => Ok(None),
            (Some(_), None, _) => missing("tls_cert", "tls_key"),
            (None, Some(_), _) => missing("tls_key", "tls_cert"),
            (None, None, Some(_)) => missing("tls_client_ca", "tls_cert"),
        }
    }

    fn decision_log(&self) -> Result<Option<CheckedLog>, Failure> {
        let wrong = |why: String| Failure::new(Exit::Usage, why);
        let Some(path) = &self.decision_log else {
            let without = [
                (self.decision_log_requests, "decision_log_requests"),
                (self.decision_log_mask.is_some(), "decision_log_mask"),
                (self.decision_log_required, "decision_log_required"),
            ];
            return match without.iter().find(|(is_set, _)| *is_set) {
                Some((_, key)) => Err(wrong(format!("`{key}` is set without `decision_log`"))),
                None => Ok(None),
            };
        };
        let no_schema = |error: JsonError| wrong(format!("no schema of requests: {error}"));
        let schema = Schema::new().map_err(no_schema)?;
        let mut records = Records::new(&schema).map_err(no_schema)?;
        if self.decision_log_requests {
            let mut selection = Records::requests(&schema).map_err(no_schema)?;
            let masks = self.decision_log_mask.iter();
            for path in masks.flat_map(|mask| mask.split(',')) {
                selection = selection.without(path.trim()).map_err(no_field)?;
            }
            records = records.with_requests(selection).map_err(no_schema)?;
        } else if self.decision_log_mask.is_some() {
            let why = "`decision_log_mask` is set without `decision_log_requests`";
            return Err(wrong(why.to_owned()));
        }
        let output = if path == Path::new("-") {
            Output::Stdout
        } else if path == Path::new(COLLECTOR) {
            let without = "`decision_log` is `otlp`, and `otlp_endpoint` is not set";
            let failure = || wrong(without.to_owned()).help("a file of that name is `./otlp`");
            let collector = self.collector()?.ok_or_else(failure)?;
            let collector = RecordCollector::new(collector, &variables());
            Output::Collector(Box::new(
                collector.map_err(|error| wrong(error.to_string()))?,
            ))
        } else {
            Output::File {
                path: path.clone(),
                bytes: self.decision_log_max_bytes,
                files: self.decision_log_max_files,
            }
        };
        Ok(Some(CheckedLog {
            output,
            records,
            is_required: self.decision_log_required,
        }))
    }

    fn collector(&self) -> Result<Option<Collector>, Failure> {
        let url = self.otlp_endpoint.as_deref();
        let collector = url.map(Collector::new).transpose();
        collector.map_err(|error| Failure::new(Exit::Usage, format!("`otlp_endpoint`: {error}")))
    }

    fn accepted(&self) -> Result<Option<Tokens>, Failure> {
        let tokens = self.tokens.as_deref().map(credentials::tokens).transpose();
        tokens.map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }

    fn jwt(&self) -> Result<Option<JwtVerifier>, Failure> {
        let wrong = |why: String| Failure::new(Exit::Usage, why);
        let without = |set: &str, other: &str| wrong(format!("`{set}` is set without `{other}`"));
        let Some(path) = &self.jwt_keys else {
            let without_keys = [
                (&self.jwt_issuer, "jwt_issuer"),
                (&self.jwt_audience, "jwt_audience"),
                (&self.jwt_policies_claim, "jwt_policies_claim"),
            ];
            return match without_keys.iter().find(|(value, _)| value.is_some()) {
                Some((_, key)) => Err(without(key, "jwt_keys")),
                None => Ok(None),
            };
        };
        let said = |value: &Option<String>, key| {
            let value = value.clone().filter(|value| !value.is_empty());
            value.ok_or_else(|| without("jwt_keys", key))
        };
        let expected = Expected {
            issuer: said(&self.jwt_issuer, "jwt_issuer")?,
            audience: said(&self.jwt_audience, "jwt_audience")?,
            policies_claim: self.jwt_policies_claim.clone(),
        };
        let verifier = credentials::jwt(path, expected);
        verifier.map(Some).map_err(|error| wrong(error.to_string()))
    }

    fn identity(&self) -> Result<Option<Identity>, Failure> {
        let files = self.certificates()?;
        let identity = files.as_ref().map(CertificateFiles::identity).transpose();
        identity.map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }
}

fn no_field(NoSuchField { path, near }: NoSuchField) -> Failure {
    let why = format!("`decision_log_mask`: `{path}` is no field of a request");
    let failure = Failure::new(Exit::Usage, why);
    match near {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure,
    }
}

/// The log of decisions that a server is started with.
pub struct CheckedLog {
    output: Output,
    records: Records,
    is_required: bool,
}

impl CheckedLog {
    /// Whether records go to standard output, which then holds nothing else.
    pub fn is_stdout(&self) -> bool {
        matches!(self.output, Output::Stdout)
    }

    /// Opens it, inside of the runtime that sends what goes to a collector.
    ///
    /// # Errors
    /// Its file cannot be written, or no thread can be started.
    pub fn start(self) -> Result<(DecisionLog, FlushGuard), Failure> {
        let Self {
            output,
            records,
            is_required,
        } = self;
        let name = match &output {
            Output::Stdout => "standard output".to_owned(),
            Output::File { path, .. } => format!("`{}`", path.display()),
            Output::Collector(_) => "a collector".to_owned(),
        };
        DecisionLog::start(output, records, is_required).map_err(|error| {
            let why = format!("cannot write the decision log to {name}: {error}");
            Failure::new(Exit::Usage, why)
        })
    }
}

/// What a server is started with.
pub struct Checked {
    /// What it is told, but for who keeps a record of decisions.
    pub config: Config,
    /// Threads of the runtime that serves.
    pub threads: NonZeroUsize,
    /// Where policies come from.
    pub policies: PolicySource,
    /// Where records of decisions go; `None`: nowhere.
    pub decision_log: Option<CheckedLog>,
    /// Where spans go; `None`: nowhere.
    pub collector: Option<Collector>,
    /// How long the end waits for an output of log lines, or a collector, that takes none.
    pub flush_timeout: Duration,
}
