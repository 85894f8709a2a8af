//! The client: connects, keeps deadlines and tries again.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use crate::config::Config;
use crate::connections::Connections;
use crate::error::ClientError;
use crate::pb::decision_service_client::DecisionServiceClient;
use crate::pb::policy_service_client::PolicyServiceClient;
use crate::pb::{
    BatchDecideRequest, BatchDecideResponse, DecideRequest, DecideResponse, GetPolicyRequest,
    GetPolicyResponse, ListOptionsRequest, ListOptionsResponse, ListPoliciesRequest,
    ListPoliciesResponse,
};

/// Calls the service. Cloning is cheap, and clones share their connections.
///
/// One connection is opened at first, and up to [`Config::connections`] by calls that come
/// together: reading and writing one is the work of one core on both sides.
///
/// Every call is pure, so that trying again is safe. `UNAVAILABLE` is tried again
/// up to [`Config::attempts`] times within [`Config::deadline`], not before the wait that
/// a server that sheds load asks for; nothing else is.
#[derive(Clone, Debug)]
pub struct Client {
    connections: Connections<Authorized>,
    config: Config,
}

/// A connection whose calls carry the token of [`Config::token`].
pub type Authorized = InterceptedService<Channel, Authorization>;

/// Puts a token into the header of each call.
#[derive(Clone)]
pub struct Authorization(Option<MetadataValue<Ascii>>);

impl Authorization {
    fn of(config: &Config) -> Result<Self, ClientError> {
        let header = config.token.as_ref().map(|token| {
            let header = MetadataValue::try_from(format!("Bearer {token}"));
            header.map(|mut header| {
                header.set_sensitive(true);
                header
            })
        });
        let header = header.transpose().map_err(|_| {
            ClientError::Endpoint("the token holds something else than visible ASCII".to_owned())
        })?;
        Ok(Self(header))
    }
}

// The token must not reach a log by way of a derived implementation.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}

impl Interceptor for Authorization {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.0 {
            let metadata = request.metadata_mut();
            metadata.insert("authorization", header.clone());
        }
        Ok(request)
    }
}

impl Client {
    /// Connects to an endpoint such as `http://localhost:50051` or, with TLS,
    /// `https://redress.example`.
    ///
    /// # Errors
    /// The endpoint cannot be used, or no connection comes about in time.
    pub async fn connect(endpoint: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        let endpoint = endpoint_of(endpoint.into(), &config)?;
        let authorization = Authorization::of(&config)?;
        let first = endpoint.connect().await.map_err(ClientError::Connect)?;
        Ok(Self::of(first, &endpoint, &authorization, config))
    }

    /// Prepares a client that connects with its first call.
    ///
    /// # Errors
    /// The endpoint cannot be used.
    pub fn connect_lazy(endpoint: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        let endpoint = endpoint_of(endpoint.into(), &config)?;
        let authorization = Authorization::of(&config)?;
        let first = endpoint.connect_lazy();
        Ok(Self::of(first, &endpoint, &authorization, config))
    }

    /// Adds the connections that calls open when they come together.
    fn of(
        first: Channel,
        endpoint: &Endpoint,
        authorization: &Authorization,
        config: Config,
    ) -> Self {
        let authorized = |channel: Channel| InterceptedService::new(channel, authorization.clone());
        let others = (1..config.connections).map(|_| authorized(endpoint.connect_lazy()));
        let connections = Connections::new(authorized(first), others);
        Self {
            connections,
            config,
        }
    }

    /// Decides one request. A denial is an answer, not an error.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn decide(&self, request: DecideRequest) -> Result<DecideResponse, ClientError> {
        let send = |on, r| {
            let mut stub = self.decisions_on(on);
            async move { stub.decide(r).await }
        };
        self.call(request, send).await
    }

    /// Decides up to 200 requests; each result is a verdict or its own error.
    ///
    /// # Errors
    /// The call failed, or the server refused it as a whole.
    pub async fn batch_decide(
        &self,
        request: BatchDecideRequest,
    ) -> Result<BatchDecideResponse, ClientError> {
        let send = |on, r| {
            let mut stub = self.decisions_on(on);
            async move { stub.batch_decide(r).await }
        };
        self.call(request, send).await
    }

    /// Lists what is possible with an order at an instant.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn list_options(
        &self,
        request: ListOptionsRequest,
    ) -> Result<ListOptionsResponse, ClientError> {
        let send = |on, r| {
            let mut stub = self.decisions_on(on);
            async move { stub.list_options(r).await }
        };
        self.call(request, send).await
    }

    /// Lists a page of the loaded policies.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn list_policies(
        &self,
        request: ListPoliciesRequest,
    ) -> Result<ListPoliciesResponse, ClientError> {
        let send = |on, r| {
            let mut stub = self.policies_on(on);
            async move { stub.list_policies(r).await }
        };
        self.call(request, send).await
    }

    /// Gets one policy revision with its clauses.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn get_policy(
        &self,
        request: GetPolicyRequest,
    ) -> Result<GetPolicyResponse, ClientError> {
        let send = |on, r| {
            let mut stub = self.policies_on(on);
            async move { stub.get_policy(r).await }
        };
        self.call(request, send).await
    }

    /// Returns the bare stub, such as for `stream_decide`: without deadline and
    /// without further attempts, on the connection that has the fewest calls in flight.
    pub fn decisions(&self) -> DecisionServiceClient<Authorized> {
        self.decisions_on(self.connections.uncounted())
    }

    /// Returns the bare stub of the policies.
    pub fn policies(&self) -> PolicyServiceClient<Authorized> {
        self.policies_on(self.connections.uncounted())
    }

    fn decisions_on(&self, channel: Authorized) -> DecisionServiceClient<Authorized> {
        DecisionServiceClient::new(channel).max_decoding_message_size(self.config.max_reply_bytes)
    }

    fn policies_on(&self, channel: Authorized) -> PolicyServiceClient<Authorized> {
        PolicyServiceClient::new(channel).max_decoding_message_size(self.config.max_reply_bytes)
    }

    /// Sends a message until it is answered, the attempts are used up or the
    /// deadline has passed.
    async fn call<Q, A, F>(
        &self,
        message: Q,
        send: impl Fn(Authorized, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let deadline = Instant::now() + self.config.deadline;
        let mut failed = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut request = Request::new(message.clone());
            request.set_timeout(left);
            let sent = self.connections.call(|on| send(on, request));
            let status = match tokio::time::timeout_at(deadline, sent).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => status,
                Err(_) => return Err(late().into()),
            };
            // The transport keeps the deadline too, and calls it a cancellation.
            if status.code() == Code::Cancelled && Instant::now() >= deadline {
                return Err(late().into());
            }
            failed += 1;
            let wait = self.config.wait_after(failed).max(asked_to_wait(&status));
            let next = Instant::now() + wait;
            let again = status.code() == Code::Unavailable
                && failed < self.config.attempts
                && next < deadline;
            if !again {
                return Err(status.into());
            }
            tokio::time::sleep_until(next).await;
        }
    }
}

/// Returns how long a server that sheds load asks to wait; zero: it does not say.
fn asked_to_wait(status: &Status) -> Duration {
    let info = status.get_details_retry_info();
    info.and_then(|info| info.retry_delay).unwrap_or_default()
}

fn late() -> Status {
    Status::deadline_exceeded("the deadline of the call passed")
}

fn endpoint_of(text: String, config: &Config) -> Result<Endpoint, ClientError> {
    let endpoint = Endpoint::from_shared(text.clone())
        .map_err(|_| {
            ClientError::Endpoint(format!("`{text}` is not a URI such as `http://host:port`"))
        })?
        .connect_timeout(config.connect_timeout);
    if text.starts_with("unix:") {
        return Ok(endpoint);
    }
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => secure(endpoint, config),
        _ => Err(ClientError::Endpoint(format!(
            "`{text}` has no scheme; give `http`, `https` or `unix`"
        ))),
    }
}

#[cfg(feature = "tls")]
fn secure(endpoint: Endpoint, config: &Config) -> Result<Endpoint, ClientError> {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};

    let mut tls = ClientTlsConfig::new();
    tls = match &config.tls.ca_pem {
        Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
        None => tls.with_webpki_roots(),
    };
    if let Some(domain) = &config.tls.domain {
        tls = tls.domain_name(domain);
    }
    if let Some(identity) = &config.tls.identity {
        let (certificate, key) = (&identity.certificate_pem, &identity.key_pem);
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    endpoint.tls_config(tls).map_err(|error| {
        ClientError::Endpoint(format!("the settings of TLS cannot be used: {error}"))
    })
}

#[cfg(not(feature = "tls"))]
fn secure(_: Endpoint, _: &Config) -> Result<Endpoint, ClientError> {
    Err(ClientError::Endpoint(
        "`https` needs the feature `tls` of this crate".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::*;

    fn client(config: Config) -> Client {
        Client::connect_lazy("http://localhost:1", config).expect("an endpoint")
    }

    #[tokio::test]
    async fn only_unavailable_is_tried_again_and_not_for_ever() {
        let cases = [
            (Code::Unavailable, 3),
            (Code::InvalidArgument, 1),
            (Code::ResourceExhausted, 1),
            (Code::Internal, 1),
        ];
        for (code, wanted) in cases {
            let config = Config {
                backoff: Duration::from_micros(1),
                ..Config::default()
            };
            let tries = Cell::new(0);
            let reply: Result<(), _> = client(config)
                .call((), |_, _| {
                    tries.set(tries.get() + 1);
                    ready(Err(Status::new(code, "no")))
                })
                .await;
            let error = reply.expect_err("a refusal");
            assert_eq!(error.refusal().map(|r| r.code()), Some(code));
            assert_eq!(tries.get(), wanted, "{code:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_sheds_load_is_left_alone_as_long_as_it_asks() {
        let asked = Duration::from_secs(2);
        let details = tonic_types::ErrorDetails::with_retry_info(Some(asked));
        let shed = || Status::with_error_details(Code::Unavailable, "busy", details.clone());
        let config = Config {
            backoff: Duration::from_millis(1),
            deadline: Duration::from_secs(5),
            ..Config::default()
        };
        let started = Instant::now();
        let tries = Cell::new(0);
        let reply: Result<(), _> = client(config)
            .call((), |_, _| {
                tries.set(tries.get() + 1);
                ready(Err(shed()))
            })
            .await;
        assert!(reply.is_err());
        assert_eq!((tries.get(), started.elapsed()), (3, asked * 2));
    }

    #[tokio::test]
    async fn the_server_is_told_the_deadline() {
        let reply = client(Config::default())
            .call((), |_, request: Request<()>| {
                let told = request.metadata().get("grpc-timeout").is_some();
                ready(Ok(Response::new(told)))
            })
            .await;
        assert!(reply.expect("a reply"));
    }

    #[tokio::test]
    async fn a_call_without_an_answer_ends_with_the_deadline() {
        let config = Config {
            deadline: Duration::from_millis(1),
            ..Config::default()
        };
        let reply: Result<(), _> = client(config).call((), |_, _| pending()).await;
        let error = reply.expect_err("no reply");
        assert_eq!(
            error.refusal().map(|r| r.code()),
            Some(Code::DeadlineExceeded)
        );
    }

    #[tokio::test]
    async fn endpoints_need_a_scheme() {
        for bad in ["localhost:50051", "ftp://localhost", "not a uri"] {
            let made = Client::connect_lazy(bad, Config::default());
            assert!(matches!(made, Err(ClientError::Endpoint(_))), "{bad}");
        }
    }

    #[cfg(feature = "tls")]
    #[tokio::test]
    async fn https_trusts_public_or_given_authorities() {
        let made = Client::connect_lazy("https://redress.example", Config::default());
        assert!(made.is_ok(), "{made:?}");
    }

    #[tokio::test]
    async fn calls_can_be_spawned() {
        fn spawnable<T: Send + 'static>(_: T) {}
        let client = client(Config::default());
        spawnable(async move { client.decide(DecideRequest::default()).await });
    }
}
