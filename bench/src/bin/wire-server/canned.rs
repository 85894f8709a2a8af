//! Answers prepared beforehand: a request is decoded like any, and what leaves
//! has the bytes of a true verdict.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use prost::Message;
use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;
use redress_client::pb::decision_service_server::SERVICE_NAME;
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::Service;

const EXAMPLE: &str = include_str!("../../../../examples/return_plain_piece.json");
const INSTANT: &str = "2026-03-20T09:00:00Z";

/// A reply whose only field is a message, given as its bytes: on the wire it is
/// `DecideResponse` or `StreamDecideResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct One {
    /// The message.
    #[prost(bytes = "bytes", tag = "1")]
    part: Bytes,
}

/// The same for `BatchDecideResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct Many {
    /// The messages.
    #[prost(bytes = "bytes", repeated, tag = "1")]
    parts: Vec<Bytes>,
}

/// Answers every call of a view with the same bytes.
#[derive(Clone, Debug)]
pub struct Canned {
    verdict: Bytes,
    compact: Bytes,
    item: Bytes,
    /// Whether requests are decoded, or skipped over.
    decodes: bool,
}

impl Canned {
    /// Prepares the verdict of the example.
    pub fn verdict(catalog: &Catalog) -> Self {
        let request: pb::DecideRequest = Schema::new()
            .expect("the contract")
            .read(EXAMPLE, "redress.v1.DecideRequest")
            .expect("a request");
        let now = Instant::parse(INSTANT).expect("an instant");
        let decide = |view: pb::View| {
            let request = pb::DecideRequest {
                view: view.into(),
                ..request.clone()
            };
            let decided = answer::decide(catalog, &request, now, &Budget::default());
            let decided = decided.expect("a verdict");
            decided.verdict.decode().expect("a verdict")
        };
        let verdict = decide(pb::View::Basic);
        let item = pb::ItemResult {
            item_id: "item-0".to_owned(),
            result: Some(pb::item_result::Result::Verdict(verdict.clone())),
        };
        Self {
            verdict: verdict.encode_to_vec().into(),
            compact: decide(pb::View::Compact).encode_to_vec().into(),
            item: item.encode_to_vec().into(),
            decodes: true,
        }
    }

    /// Prepares a reply of a few bytes.
    pub fn echo() -> Self {
        Self {
            verdict: Bytes::from_static(b"echo"),
            compact: Bytes::from_static(b"echo"),
            item: Bytes::from_static(b"echo"),
            decodes: false,
        }
    }
}

impl NamedService for Canned {
    const NAME: &'static str = SERVICE_NAME;
}

impl Service<http::Request<Body>> for Canned {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let canned = self.clone();
        let method = request.uri().path().rsplit('/').next();
        match method {
            Some("Decide") if canned.decodes => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<One, pb::DecideRequest>::default());
                Ok(grpc.unary(canned, request).await)
            }),
            Some("BatchDecide") => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<Many, pb::BatchDecideRequest>::default());
                Ok(grpc.unary(canned, request).await)
            }),
            Some("StreamDecide") => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<One, pb::StreamDecideRequest>::default());
                Ok(grpc.streaming(canned, request).await)
            }),
            _ => Box::pin(async move {
                let mut grpc = Grpc::new(ProstCodec::<One, ()>::default());
                Ok(grpc.unary(canned, request).await)
            }),
        }
    }
}

/// An answer that is there at once.
pub type Ready<T> = std::future::Ready<Result<Response<T>, Status>>;

impl UnaryService<pb::DecideRequest> for Canned {
    type Response = One;
    type Future = Ready<One>;

    fn call(&mut self, request: Request<pb::DecideRequest>) -> Self::Future {
        let part = match request.into_inner().view() {
            pb::View::Compact => self.compact.clone(),
            _ => self.verdict.clone(),
        };
        std::future::ready(Ok(Response::new(One { part })))
    }
}

impl UnaryService<()> for Canned {
    type Response = One;
    type Future = Ready<One>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let part = self.verdict.clone();
        std::future::ready(Ok(Response::new(One { part })))
    }
}

impl UnaryService<pb::BatchDecideRequest> for Canned {
    type Response = Many;
    type Future = Ready<Many>;

    fn call(&mut self, request: Request<pb::BatchDecideRequest>) -> Self::Future {
        let items = request.into_inner().items.len();
        let parts = vec![self.item.clone(); items];
        std::future::ready(Ok(Response::new(Many { parts })))
    }
}

impl StreamingService<pb::StreamDecideRequest> for Canned {
    type Response = One;
    type ResponseStream = std::pin::Pin<Box<dyn Stream<Item = Result<One, Status>> + Send>>;
    type Future = Ready<Self::ResponseStream>;

    fn call(&mut self, request: Request<Streaming<pb::StreamDecideRequest>>) -> Self::Future {
        let part = self.item.clone();
        let replies = request.into_inner().map(move |item| {
            item?;
            Ok(One { part: part.clone() })
        });
        let replies: Self::ResponseStream = Box::pin(replies);
        std::future::ready(Ok(Response::new(replies)))
    }
}
