//! A client for programs without async.
//!
//! ```no_run
//! use redress_client::blocking::Client;
//! use redress_client::{Config, pb};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("http://localhost:50051", Config::default())?;
//! # let (order, request) = (pb::Order::default(), pb::CustomerRequest::default());
//! let verdict = client.decide(pb::DecideRequest::new("acme-shop", order, request))?;
//! println!("{}", verdict.summary);
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::pb::{DecideRequest, ListOptionsRequest, ListOptionsResponse, Policy};
use crate::{ClientError, Config, Refusal, Verdict};

/// Calls the service and waits for the answer; threads can share it. It has a thread that
/// serves its connections.
///
/// Where async runs, use [`crate::Client`]: the methods of this one panic there, as
/// [`Handle::block_on`] does.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Handle,
    worker: Arc<Worker>,
}

/// The thread that serves the connections.
#[derive(Debug)]
struct Worker(Option<Runtime>);

impl Drop for Worker {
    /// Ends without a wait, which a runtime refuses where async runs.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Client {
    /// Connects, as [`crate::Client::connect`] does.
    ///
    /// # Errors
    /// The endpoint cannot be used, or no connection comes about in time.
    pub fn connect(uri: impl Into<String>, config: Config) -> Result<Self, ClientError> {
        Self::with(|| crate::Client::connect(uri, config))
    }

    /// Shares calls out among servers, as [`crate::Client::balanced`] does.
    ///
    /// # Errors
    /// There is no endpoint, one cannot be used, or no address is found.
    pub fn balanced<U: Into<String>>(
        uris: impl IntoIterator<Item = U>,
        config: Config,
    ) -> Result<Self, ClientError> {
        Self::with(|| crate::Client::balanced(uris, config))
    }

    fn with<F: Future<Output = Result<crate::Client, ClientError>>>(
        connect: impl FnOnce() -> F,
    ) -> Result<Self, ClientError> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("redress-client");
        let runtime = builder.enable_all().build();
        let runtime = runtime
            .map_err(|error| ClientError::Endpoint(format!("no thread for the client: {error}")))?;
        let connected = runtime.block_on(async { connect().await });
        let handle = runtime.handle().clone();
        let worker = Arc::new(Worker(Some(runtime)));
        Ok(Self {
            client: connected?,
            runtime: handle,
            worker,
        })
    }

    /// Returns a client whose calls carry one more header.
    ///
    /// # Errors
    /// The name or the value cannot be sent.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, ClientError> {
        Ok(Self {
            client: self.client.with_header(name, value)?,
            runtime: self.runtime.clone(),
            worker: Arc::clone(&self.worker),
        })
    }

    /// Decides one request. A denial is an answer, not an error.
    ///
    /// # Errors
    /// The call failed, the server refused it, or the reply cannot be read.
    pub fn decide(&self, request: DecideRequest) -> Result<Verdict, ClientError> {
        self.runtime.block_on(self.client.decide(request))
    }

    /// Decides up to 200 requests at once, and returns a verdict or an error for each, in
    /// their order.
    ///
    /// # Errors
    /// The call failed, the server refused it as a whole, or the reply cannot be read.
    pub fn batch_decide(
        &self,
        requests: impl IntoIterator<Item = DecideRequest>,
    ) -> Result<Vec<Result<Verdict, Refusal>>, ClientError> {
        self.runtime.block_on(self.client.batch_decide(requests))
    }

    /// Lists what is possible with an order at an instant.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub fn list_options(
        &self,
        request: ListOptionsRequest,
    ) -> Result<ListOptionsResponse, ClientError> {
        self.runtime.block_on(self.client.list_options(request))
    }

    /// Lists the revisions of a policy, or of all with an empty id.
    ///
    /// # Errors
    /// A call failed, or the server refused it.
    pub fn list_policies(&self, policy: impl Into<String>) -> Result<Vec<Policy>, ClientError> {
        self.runtime.block_on(self.client.list_policies(policy))
    }

    /// Gets a policy revision with its clauses, by `policies/POLICY` or its full name.
    ///
    /// # Errors
    /// The call failed, or the server refused it.
    pub fn get_policy(&self, name: impl Into<String>) -> Result<Policy, ClientError> {
        self.runtime.block_on(self.client.get_policy(name))
    }
}
