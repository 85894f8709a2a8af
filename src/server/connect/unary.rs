//! One request and one reply, each a body of HTTP.

use std::convert::Infallible;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use http_body::{Body as HttpBody, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use prost::bytes::{Buf, BytesMut};
use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, Response};
use tonic::{Code, Status};

use super::conversion::Conversion;
use super::{Connect, Form, PREFIX_BYTES, framed};
use crate::rpc::status::CallError;
use crate::server::call::{Call, held};
use crate::server::time_limit;

/// Returns the body of a request as gRPC has it. It is read when that is; `json`: it is
/// JSON.
pub(super) fn request(body: Body, limit: usize, json: Option<Conversion>) -> Body {
    let message = stream::once(read(body, limit, json));
    Body::new(StreamBody::new(
        message.map(|message| message.map(Frame::data)),
    ))
}

async fn read(mut body: Body, limit: usize, json: Option<Conversion>) -> Result<Bytes, Status> {
    let too_large = || Status::from(CallError::MessageTooLarge { limit });
    // What it says of itself is known before it is read.
    if usize::try_from(body.size_hint().lower()).is_ok_and(|bytes| bytes > limit) {
        return Err(too_large());
    }
    let mut message = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if message.len().saturating_add(data.len()) > limit {
            return Err(too_large());
        }
        message.extend_from_slice(&data);
    }
    match json {
        Some(json) => framed(0, &json.encode(message.freeze()).await?),
        None => framed(0, &message),
    }
}

/// Waits for the answer of gRPC, and writes it.
pub(super) async fn answer(
    connect: &Connect,
    answer: impl Future<Output = Result<Response<Body>, Infallible>>,
    call_end: Instant,
    form: Form,
    json: Option<Conversion>,
) -> Response<Body> {
    let message = tokio::time::timeout_at(call_end, async {
        let Ok(response) = answer.await;
        message(response, json).await
    });
    match message.await.unwrap_or_else(|_| Err(time_limit::over())) {
        Ok(message) => {
            let mut response = Response::new(Body::new(Full::new(message)));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, form.content_type());
            response
        }
        Err(status) => connect.refusals.response(&status),
    }
}

/// Returns the message of a reply, counted until it is written.
async fn message(mut response: Response<Body>, json: Option<Conversion>) -> Result<Bytes, Status> {
    check(response.headers())?;
    let fault = || Status::from(CallError::Internal);
    let call = response.extensions_mut().remove::<Arc<Call>>();
    let call = call.ok_or_else(fault)?;
    let (mut reply, mut status) = (BytesMut::new(), None);
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        // Copied, since bytes that are counted could keep the end of the reply from coming.
        match frame?.into_data() {
            Ok(data) => reply.extend_from_slice(&data),
            Err(frame) => status = frame.into_trailers().ok().as_ref().map(check),
        }
    }
    status.ok_or_else(fault)??;
    if reply.len() < PREFIX_BYTES {
        return Err(fault());
    }
    reply.advance(PREFIX_BYTES);
    let reply = held(reply.freeze(), &call);
    match json {
        Some(json) => Ok(held(json.write(reply).await?, &call)),
        None => Ok(reply),
    }
}

/// Reads the status in headers or trailers. Without one, or with a good one, the call has
/// not failed.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Status> {
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => Err(status),
        _ => Ok(()),
    }
}
