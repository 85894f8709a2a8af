//! The client: connects, keeps deadlines and retries.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, TimeoutExpired};

use crate::Verdict;
use crate::config::Config;
use crate::connections::{Connections, Server, asked_to_wait};
use crate::endpoints::{self, endpoint_of};
use crate::error::{ClientError, Refusal};
use crate::headers::{CallHeaders, header};
use crate::pb::decision_service_client::DecisionServiceClient;
use crate::pb::item_result::Result as ItemResult;
use crate::pb::policy_service_client::PolicyServiceClient;
use crate::pb::{
    BatchDecideRequest, BatchItem, DecideRequest, GetPolicyRequest, ListOptionsRequest,
    ListOptionsResponse, ListPoliciesRequest, Policy,
};

/// Longer than any call takes: what a deadline that cannot be computed counts as.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Calls the service. Cloning is cheap, and clones share their connections.
///
/// One connection is opened at first, and up to [`Config::connections`] by calls that come
/// together: reading and writing one is the work of one core on both sides.
///
/// Every call is pure, so that retries are safe. `UNAVAILABLE` is retried until the deadline,
/// with jitter, and not before the server asks for it; nothing else is. A call whose
/// connection was lost is `UNAVAILABLE` too, however far it had come.
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
        let endpoint = endpoint_of(&uri.into(), &config)?;
        let headers = CallHeaders::of(&config)?;
        let first = endpoint.connect().await.map_err(ClientError::Connect)?;
        let server = server(first, &endpoint, &config);
        Ok(Self::of(server, headers, config))
    }

    /// Prepares a client that connects with its first call.
    ///
    /// # Errors
    /// The endpoint cannot be used.
    pub fn connect_lazy(uri: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        let endpoint = endpoint_of(&uri.into(), &config)?;
        let headers = CallHeaders::of(&config)?;
        let server = server(endpoint.connect_lazy(), &endpoint, &config);
        Ok(Self::of(server, headers, config))
    }

    /// Prepares a client that shares its calls out among servers, and connects to each with
    /// the first call that goes there. A call goes where the fewest are in flight.
    ///
    /// A host that is a name stands for every address that it has, such as that of a
    /// headless service; it is looked up again every [`Config::lookup_interval`]. A server
    /// that was not available gets no calls for a second, or as long as it asks for, while
    /// there is another, so that a retry goes elsewhere.
    ///
    /// # Errors
    /// There is no endpoint, one cannot be used, or no address is found.
    pub async fn balanced<U: Into<String>>(
        uris: impl IntoIterator<Item = U>,
        config: Config,
    ) -> Result<Self, ClientError> {
        let headers = CallHeaders::of(&config)?;
        let own = config.clone();
        let server = move |endpoint: &Endpoint| server(endpoint.connect_lazy(), endpoint, &own);
        let uris = uris.into_iter().map(Into::into).collect();
        let connections = endpoints::balance(uris, &config, server).await?;
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
        Ok(Self::of(Server::new(channel, []), headers, config))
    }

    fn of(server: Server<Channel>, headers: CallHeaders, config: Config) -> Self {
        Self {
            connections: Connections::new(Arc::new(server), []),
            headers,
            config,
        }
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
        self.connections.uncounted()
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
            let sent = self.connections.call(|channel| {
                let sent = send(channel, request);
                async { sent.await.map_err(unavailable_if_lost) }
            });
            let status = match tokio::time::timeout_at(deadline, sent).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => status,
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
            // Jitter comes on top of what the server asks for, so that callers that were
            // refused together do not come back together.
            let wait = asked_to_wait(&status).checked_add(jitter(self.config.wait_after(failed)));
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

/// Adds the connections to a server that calls open when they come together.
fn server(first: Channel, endpoint: &Endpoint, config: &Config) -> Server<Channel> {
    let others = (1..config.connections).map(|_| endpoint.connect_lazy());
    Server::new(first, others)
}

/// Turns a failure of the connection into `UNAVAILABLE`, as other libraries of gRPC call it.
/// The transport calls some of them unknown, cancelled or internal, by how far the call had
/// come; what a server says itself has no source.
fn unavailable_if_lost(status: Status) -> Status {
    let mut source = status.source();
    let lost = source.is_some()
        && matches!(
            status.code(),
            Code::Unknown | Code::Cancelled | Code::Internal
        );
    while let Some(error) = source {
        if error.is::<TimeoutExpired>() {
            return status;
        }
        source = error.source();
    }
    match lost {
        true => Status::unavailable(format!("the connection was lost: {}", status.message())),
        false => status,
    }
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
