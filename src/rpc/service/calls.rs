//! How the calls of `redress.v1.DecisionService` reach [`Decisions`].
//!
//! The generated server has the messages of the contract as replies; these are
//! written once, in their encoded form (`wire::reply`). The rest is as generated.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost::Message;
use redress_client::pb;
use redress_client::pb::decision_service_server::SERVICE_NAME;
use tokio_stream::Stream;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};
use tonic::{Request, Response, Status, Streaming};
use tower::Service;

use super::{Account, Caller, Clock, Decisions, Principal};
use crate::rpc::codec::BoundedCodec;
use crate::wire::decoded_size::Request as Entries;
use crate::wire::reply::{BatchReply, DecideReply, OptionsReply, StreamReply};

impl<C: Clock> NamedService for Decisions<C> {
    const NAME: &'static str = SERVICE_NAME;
}

impl<C: Clock> Service<http::Request<Body>> for Decisions<C> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let principal = request.extensions().get::<Arc<Principal>>().cloned();
        let account = request.extensions().get::<Arc<Account>>().cloned();
        let caller = request.extensions().get::<Arc<Caller>>().cloned();
        let service = self.called_by(caller, principal, account);
        let path = request.uri().path().strip_prefix('/');
        match path.and_then(|path| path.strip_prefix(SERVICE_NAME)) {
            Some("/Decide") => Box::pin(async move {
                let mut grpc = service.grpc::<DecideReply, pb::DecideRequest>();
                Ok(grpc.unary(service, request).await)
            }),
            Some("/BatchDecide") => Box::pin(async move {
                let mut grpc = service.grpc::<BatchReply, pb::BatchDecideRequest>();
                Ok(grpc.unary(service, request).await)
            }),
            Some("/StreamDecide") => Box::pin(async move {
                let mut grpc = service.grpc::<StreamReply, pb::StreamDecideRequest>();
                Ok(grpc.streaming(service, request).await)
            }),
            Some("/ListOptions") => Box::pin(async move {
                let mut grpc = service.grpc::<OptionsReply, pb::ListOptionsRequest>();
                Ok(grpc.unary(service, request).await)
            }),
            _ => Box::pin(ready(Ok(Status::unimplemented("").into_http()))),
        }
    }
}

impl<C: Clock> Decisions<C> {
    /// Speaks the protocol of a call, within the limits of messages.
    fn grpc<Out, In>(&self) -> Grpc<BoundedCodec<Out, In>>
    where
        Out: Message + 'static,
        In: Entries + Message + Default + 'static,
    {
        Grpc::new(BoundedCodec::default())
            .max_decoding_message_size(self.message_bytes)
            .max_encoding_message_size(self.reply_bytes)
    }
}

impl<C: Clock> UnaryService<pb::DecideRequest> for Decisions<C> {
    type Response = DecideReply;
    type Future = BoxFuture<Response<DecideReply>, Status>;

    fn call(&mut self, request: Request<pb::DecideRequest>) -> Self::Future {
        let service = self.clone();
        let message = request.into_inner();
        Box::pin(async move { service.decide(message).await.map(Response::new) })
    }
}

impl<C: Clock> UnaryService<pb::BatchDecideRequest> for Decisions<C> {
    type Response = BatchReply;
    type Future = BoxFuture<Response<BatchReply>, Status>;

    fn call(&mut self, request: Request<pb::BatchDecideRequest>) -> Self::Future {
        let service = self.clone();
        let batch = request.into_inner();
        Box::pin(async move { service.batch_decide(batch).await.map(Response::new) })
    }
}

/// The replies of a stream, as its items are read.
pub(super) type ReplyStream = Pin<Box<dyn Stream<Item = Result<StreamReply, Status>> + Send>>;

impl<C: Clock> StreamingService<pb::StreamDecideRequest> for Decisions<C> {
    type Response = StreamReply;
    type ResponseStream = ReplyStream;
    type Future = Ready<Result<Response<ReplyStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<pb::StreamDecideRequest>>) -> Self::Future {
        let results = self.stream_decide(request.into_inner());
        ready(Ok(Response::new(results)))
    }
}

impl<C: Clock> UnaryService<pb::ListOptionsRequest> for Decisions<C> {
    type Response = OptionsReply;
    type Future = BoxFuture<Response<OptionsReply>, Status>;

    fn call(&mut self, request: Request<pb::ListOptionsRequest>) -> Self::Future {
        let service = self.clone();
        let message = request.into_inner();
        Box::pin(async move { service.list_options(message).await.map(Response::new) })
    }
}
