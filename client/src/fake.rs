//! A server for the tests of a program: it answers what the test says.
//!
//! ```
//! use redress_client::blocking::Client;
//! use redress_client::fake::FakeServer;
//! use redress_client::{Config, pb};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = FakeServer::start(|request| {
//!     let order = request.order.unwrap_or_default();
//!     Ok(pb::Verdict {
//!         order_id: order.order_id,
//!         next_step: pb::NextStep::Pay.into(),
//!         payable_now_total: "59.00".into(),
//!         ..Default::default()
//!     })
//! })?;
//! let client = Client::connect(server.uri(), Config::default())?;
//! let order = pb::Order::new("1001", "EUR");
//! let verdict = client.decide(pb::DecideRequest::default().with_order(order))?;
//! assert_eq!((verdict.order_id.as_str(), verdict.payable_now.to_string()), ("1001", "59.00".into()));
//! # Ok(())
//! # }
//! ```

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::StreamExt;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::Refusal;
use crate::pb::decision_service_server::{DecisionService, DecisionServiceServer};
use crate::pb::item_result::Result as ItemAnswer;
use crate::pb::{
    BatchDecideRequest, BatchDecideResponse, BatchItem, DecideRequest, DecideResponse, ErrorReason,
    ItemError, ItemResult, ListOptionsRequest, ListOptionsResponse, StreamDecideRequest,
    StreamDecideResponse, Verdict,
};

/// A server on a free port of this machine, with a thread of its own; dropping it ends it.
///
/// It answers `Decide`, `BatchDecide` and `StreamDecide`; whatever else is asked is
/// `UNIMPLEMENTED`. It checks nothing: see to it that requests are ones that the real
/// server takes.
#[derive(Debug)]
pub struct FakeServer {
    address: SocketAddr,
    /// Dropping it ends the server.
    _stop: oneshot::Sender<()>,
}

impl FakeServer {
    /// Starts a server that answers each request by a function: with a verdict, or with the
    /// status that the call ends with.
    ///
    /// # Errors
    /// There is no port or thread to be had.
    pub fn start(
        decide: impl Fn(DecideRequest) -> Result<Verdict, Status> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let service = DecisionServiceServer::new(Answers(Arc::new(decide)));
        thread::Builder::new()
            .name("redress-fake".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    let incoming = TcpIncoming::from(listener);
                    let server = Server::builder().add_service(service);
                    tokio::select! {
                        served = server.serve_with_incoming(incoming) => {
                            served.map_err(io::Error::other)
                        }
                        _ = stopped => Ok(()),
                    }
                })
            })?;
        let _stop = stop;
        Ok(Self { address, _stop })
    }

    /// Returns what a client connects to.
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }
}

struct Answers(Arc<Decide>);

type Decide = dyn Fn(DecideRequest) -> Result<Verdict, Status> + Send + Sync;

/// Answers an item of a batch or a stream.
fn answer(decide: &Decide, item: BatchItem) -> ItemResult {
    let answer = match decide(item.decide.unwrap_or_default()) {
        Ok(verdict) => ItemAnswer::Verdict(verdict),
        Err(status) => {
            let reason = Refusal::from(status.clone()).reason();
            ItemAnswer::Error(ItemError {
                reason: reason.unwrap_or(ErrorReason::Unspecified).into(),
                message: status.message().to_owned(),
                ..Default::default()
            })
        }
    };
    ItemResult {
        item_id: item.item_id,
        result: Some(answer),
    }
}

#[tonic::async_trait]
impl DecisionService for Answers {
    type StreamDecideStream = BoxStream<StreamDecideResponse>;

    async fn decide(
        &self,
        request: Request<DecideRequest>,
    ) -> Result<Response<DecideResponse>, Status> {
        let verdict = (self.0)(request.into_inner())?;
        Ok(Response::new(DecideResponse {
            verdict: Some(verdict),
        }))
    }

    async fn batch_decide(
        &self,
        request: Request<BatchDecideRequest>,
    ) -> Result<Response<BatchDecideResponse>, Status> {
        let items = request.into_inner().items.into_iter();
        let results = items.map(|item| answer(&*self.0, item)).collect();
        Ok(Response::new(BatchDecideResponse { results }))
    }

    async fn stream_decide(
        &self,
        request: Request<Streaming<StreamDecideRequest>>,
    ) -> Result<Response<Self::StreamDecideStream>, Status> {
        let decide = Arc::clone(&self.0);
        let results = request.into_inner().map(move |request| {
            let item = request?.item.unwrap_or_default();
            let result = Some(answer(&*decide, item));
            Ok(StreamDecideResponse { result })
        });
        Ok(Response::new(Box::pin(results)))
    }

    async fn list_options(
        &self,
        _: Request<ListOptionsRequest>,
    ) -> Result<Response<ListOptionsResponse>, Status> {
        Err(Status::new(Code::Unimplemented, "a fake has no options"))
    }
}
