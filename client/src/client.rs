//! The client: connects, keeps deadlines and retries.

use std::error::Error;
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

use crate::config::Config;
use crate::connections::Connections;
use crate::error::{ClientError, Refusal};
use crate::headers::{CallHeaders, header};
use crate::pb::decision_service_client::DecisionServiceClient;
use crate::pb::item_result::Result as ItemResult;
use crate::pb::policy_service_client::PolicyServiceClient;
use crate::pb::{
    BatchDecideRequest, BatchItem, DecideRequest, GetPolicyRequest, ListOptionsRequest,
    ListOptionsResponse, ListPoliciesRequest, Policy,
};
use crate::{Verdict, endpoint};

/// How long an address that was not available is left alone where there are others.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// Longer than any call takes: what a deadline that cannot be computed counts as.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Calls the service. Cloning is cheap, and clones share their connections.
///
/// One connection is opened at first, and up to [`Config::connections`] by calls that come
/// together: reading and writing one is the work of one core on both sides.
///
/// Every call is pure, so that retries are safe. `UNAVAILABLE` is retried until the deadline,
/// with jitter, and not before the server asks for it; nothing else is.
///
/// ```no_run
/// # async fn run() -> Result<(), redress_client::ClientError> {
/// use redress_client::{Client, Config, NextStep, pb};
///
/// let client = Client::connect("http://localhost:50051", Config::default()).await?;
/// # let (order, request) = (pb::Order::default(), pb::CustomerRequest::default());
/// let verdict = client.decide(pb::DecideRequest::new("acme-shop", order, request)).await?;
/// if verdict.next_step == NextStep::Pay {
///     println!("pay {} for {}", verdict.payable_now, verdict.order_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    connections: Connections<Channel>,
    headers: CallHeaders,
    config: Config,
}

/// A connection whose calls carry the token and the headers of a client.
pub type Connection = InterceptedService<Channel, CallHeaders>;

impl Client {
    /// Connects to an endpoint such as `http://localhost:50051`, `unix:/run/redress.sock` or,
    /// with TLS, `https://redress.example`.
    ///
    /// # Errors
    /// The endpoint cannot be used, or no connection comes about in time.
    pub async fn connect(uri: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        let endpoint = endpoint::parse(&uri.into(), &config)?;
        let headers = CallHeaders::of(&config)?;
        let first = endpoint.connect().await.map_err(ClientError::Connect)?;
        let others = (1..config.connections).map(|_| endpoint.connect_lazy());
        let connections = Connections::new(1, first, others);
        Ok(Self {
            connections,
            headers,
            config,
        })
    }

    /// Prepares a client that connects with its first call.
    ///
    /// # Errors
    /// The endpoint cannot be used.
    pub fn connect_lazy(uri: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        Self::balanced([uri], config)
    }

    /// Prepares a client that shares its calls out among the addresses of several servers,
    /// and connects with its calls. A call goes where the fewest are in flight; an address
    /// that is not available is passed over for a second, or as long as it asks for, and the
    /// call is retried elsewhere.
    ///
    /// # Errors
    /// There is no endpoint, or one cannot be used.
    pub fn balanced<U: Into<String>>(
        uris: impl IntoIterator<Item = U>,
        config: Config,
    ) -> Result<Self, ClientError> {
        let uris = uris.into_iter();
        let endpoints = uris
            .map(|uri| endpoint::parse(&uri.into(), &config))
            .collect::<Result<Vec<_>, _>>()?;
        let headers = CallHeaders::of(&config)?;
        let mut channels = (0..config.connections.max(1))
            .flat_map(|_| endpoints.iter())
            .map(Endpoint::connect_lazy);
        let first = channels
            .next()
            .ok_or_else(|| ClientError::Endpoint("there is no endpoint".to_owned()))?;
        let connections = Connections::new(endpoints.len(), first, channels);
        Ok(Self {
            connections,
            headers,
            config,
        })
    }

    /// Calls over a channel that the program has made, such as with a connector of its own.
    /// What of `config` is about connecting does not count: timeout, connections and TLS.
    ///
    /// # Errors
    /// The token of `config` cannot be sent.
    pub fn from_channel(channel: Channel, config: Config) -> Result<Self, ClientError> {
        let headers = CallHeaders::of(&config)?;
        let connections = Connections::new(1, channel, []);
        Ok(Self {
            connections,
            headers,
            config,
        })
    }

    /// Returns a client whose calls carry one more header, such as `x-request-id`; both
    /// share their connections.
    ///
    /// # Errors
    /// The name or the value cannot be sent.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, ClientError> {
        let mut client = self.clone();
        client.headers.insert(header(name, value)?);
        Ok(client)
    }

    /// Decides one request. A denial is an answer, not an error.
    ///
    /// # Errors
    /// The call failed, the server refused it, or the reply cannot be read.
    pub async fn decide(&self, request: DecideRequest) -> Result<Verdict, ClientError> {
        let send = |on, r| async move { self.decisions_on(on).decide(r).await };
        let reply = self.call(request, send).await?;
        let verdict = reply
            .verdict
            .ok_or_else(|| ClientError::no_value("verdict"))?;
        Ok(Verdict::try_from(verdict)?)
    }

    /// Decides up to 200 requests at once, and returns a verdict or an error for each, in
    /// their order.
    ///
    /// # Errors
    /// The call failed, the server refused it as a whole, or the reply cannot be read.
    pub async fn batch_decide(
        &self,
        requests: impl IntoIterator<Item = DecideRequest>,
    ) -> Result<Vec<Result<Verdict, Refusal>>, ClientError> {
        let items = requests.into_iter().enumerate().map(|(index, decide)| {
            let item_id = index.to_string();
            let decide = Some(decide);
            BatchItem { item_id, decide }
        });
        let items: Vec<_> = items.collect();
        let asked = items.len();
        let send = |on, r| async move { self.decisions_on(on).batch_decide(r).await };
        let reply = self.call(BatchDecideRequest { items }, send).await?;
        if reply.results.len() != asked {
            return Err(ClientError::no_value("result of each item"));
        }
        let results = reply.results.into_iter().map(|item| match item.result {
            Some(ItemResult::Verdict(verdict)) => Ok(Ok(Verdict::try_from(verdict)?)),
            Some(ItemResult::Error(error)) => Ok(Err(Refusal::from(error))),
            None => Err(ClientError::no_value("result")),
        });
        results.collect()
    }

    /// Lists what is possible with an order at an instant.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn list_options(
        &self,
        request: ListOptionsRequest,
    ) -> Result<ListOptionsResponse, ClientError> {
        let send = |on, r| async move { self.decisions_on(on).list_options(r).await };
        self.call(request, send).await
    }

    /// Lists the revisions of a policy, or of all with an empty id; each page is a call.
    ///
    /// # Errors
    /// A call failed, or the server refused it.
    pub async fn list_policies(
        &self,
        policy: impl Into<String>,
    ) -> Result<Vec<Policy>, ClientError> {
        let mut request = ListPoliciesRequest {
            policy: policy.into(),
            ..Default::default()
        };
        let mut policies = Vec::new();
        loop {
            let send = |on, r| async move { self.policies_on(on).list_policies(r).await };
            let page = self.call(request.clone(), send).await?;
            policies.extend(page.policies);
            if page.next_page_token.is_empty() {
                return Ok(policies);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Gets a policy revision with its clauses, by `policies/POLICY` or its full name.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub async fn get_policy(&self, name: impl Into<String>) -> Result<Policy, ClientError> {
        let send = |on, r| async move { self.policies_on(on).get_policy(r).await };
        let name = name.into();
        let reply = self.call(GetPolicyRequest { name }, send).await?;
        reply.policy.ok_or_else(|| ClientError::no_value("policy"))
    }

    /// Returns the bare stub, such as for `stream_decide`: without deadline and
    /// without retries, on the connection that has the fewest calls in flight.
    pub fn decisions(&self) -> DecisionServiceClient<Connection> {
        self.decisions_on(self.channel())
    }

    /// Returns the bare stub of the policies.
    pub fn policies(&self) -> PolicyServiceClient<Connection> {
        self.policies_on(self.channel())
    }

    fn decisions_on(&self, channel: Channel) -> DecisionServiceClient<Connection> {
        DecisionServiceClient::with_interceptor(channel, self.headers.clone())
            .max_decoding_message_size(self.config.max_reply_bytes)
    }

    fn policies_on(&self, channel: Channel) -> PolicyServiceClient<Connection> {
        PolicyServiceClient::with_interceptor(channel, self.headers.clone())
            .max_decoding_message_size(self.config.max_reply_bytes)
    }

    fn channel(&self) -> Channel {
        self.connections.take().channel()
    }

    /// Sends a message until it is answered, the attempts are used up or the
    /// deadline has passed.
    async fn call<Q, A, F>(
        &self,
        message: Q,
        send: impl Fn(Channel, Request<Q>) -> F,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let began = Instant::now();
        let deadline = began.checked_add(self.config.deadline);
        let deadline = deadline.unwrap_or(began + FOREVER);
        let mut failed = 0;
        // Why the attempt before failed: it says more than that a retry had too little time.
        let mut before = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut request = Request::new(message.clone());
            request.set_timeout(left);
            let connection = self.connections.take();
            let sent = send(connection.channel(), request);
            let status = match tokio::time::timeout_at(deadline, sent).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => unavailable_if_lost(status),
                Err(_) => late(),
            };
            // The transport keeps the deadline too, and calls it a cancellation.
            let status = match status.code() {
                Code::Cancelled if Instant::now() >= deadline => late(),
                _ => status,
            };
            if status.code() == Code::DeadlineExceeded {
                return Err(before.unwrap_or(status).into());
            }
            if status.code() != Code::Unavailable {
                return Err(status.into());
            }
            failed += 1;
            let asked = asked_to_wait(&status);
            connection.avoid(asked.max(LEFT_ALONE));
            drop(connection);
            // Jitter comes on top of what the server asks for, so that callers that were
            // refused together do not come back together.
            let wait = asked.checked_add(jitter(self.config.wait_after(failed)));
            let next = wait.and_then(|wait| Instant::now().checked_add(wait));
            match next {
                Some(next) if next < deadline && failed < self.config.attempts => {
                    tokio::time::sleep_until(next).await;
                    before = Some(status);
                }
                _ => return Err(status.into()),
            }
        }
    }
}

/// Names a connection that broke during a call as other libraries of gRPC do: tonic calls it
/// unknown.
fn unavailable_if_lost(status: Status) -> Status {
    let source = status.source();
    let lost = source.is_some_and(|source| source.is::<tonic::transport::Error>());
    if lost && status.code() == Code::Unknown {
        return Status::unavailable("the connection to the server was lost");
    }
    status
}

/// Returns how long a server that sheds load asks to wait; zero: it does not say.
fn asked_to_wait(status: &Status) -> Duration {
    let info = status.get_details_retry_info();
    info.and_then(|info| info.retry_delay).unwrap_or_default()
}

/// Returns a random wait up to a bound.
fn jitter(bound: Duration) -> Duration {
    let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(fastrand::u64(0..=bound))
}

fn late() -> Status {
    Status::deadline_exceeded("the deadline of the call passed")
}

#[cfg(test)]
mod tests;
