//! Messages behind five bytes: flags, and how many bytes follow. The last one of an answer
//! says how it ended, so that no trailers are needed.

use std::convert::Infallible;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use prost::bytes::{Buf, BytesMut};
use serde::Serialize;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::Response;
use tonic::codegen::http::header::CONTENT_TYPE;

use super::conversion::Conversion;
use super::refusal::{Refusal, Refusals};
use super::unary::check;
use super::{Connect, Form, PREFIX_BYTES, framed};
use crate::rpc::status::CallError;
use crate::server::call::{Call, held};
use crate::server::config::REPLY_BYTES;
use crate::server::time_limit;

/// Flag of the message that ends an answer.
const END: u8 = 0b10;

/// Messages of a body, as they come.
struct Messages {
    body: Body,
    unread: BytesMut,
}

impl Messages {
    fn of(body: Body) -> Self {
        Self {
            body,
            unread: BytesMut::new(),
        }
    }

    /// Takes the next message out of what was read; `None`: it is not there as a whole.
    fn take(&mut self, limit: usize) -> Result<Option<Bytes>, Status> {
        let Some((prefix, message)) = self.unread.split_first_chunk::<PREFIX_BYTES>() else {
            return Ok(None);
        };
        let [flags, length @ ..] = *prefix;
        if flags != 0 {
            let cause =
                format!("a message of the stream has the flags {flags}, which mean nothing");
            return Err(CallError::Malformed { cause }.into());
        }
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > limit {
            return Err(CallError::MessageTooLarge { limit }.into());
        }
        if message.len() < length {
            return Ok(None);
        }
        self.unread.advance(PREFIX_BYTES);
        Ok(Some(self.unread.split_to(length).freeze()))
    }

    /// Waits for the next message; `None`: there is none.
    async fn next(&mut self, limit: usize) -> Result<Option<Bytes>, Status> {
        loop {
            if let Some(message) = self.take(limit)? {
                return Ok(Some(message));
            }
            match self.body.frame().await {
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        self.unread.extend_from_slice(&data);
                    }
                }
                None if self.unread.is_empty() => return Ok(None),
                None => {
                    let cause = "the stream ends inside of a message".to_owned();
                    return Err(CallError::Malformed { cause }.into());
                }
            }
        }
    }
}

/// Returns the body of a request as gRPC has it; `json`: its messages are JSON.
pub(super) fn request(body: Body, limit: usize, json: Option<Conversion>) -> Body {
    let messages = stream::try_unfold(Messages::of(body), move |mut messages| {
        let json = json.clone();
        async move {
            let Some(message) = messages.next(limit).await? else {
                return Ok::<_, Status>(None);
            };
            let message = match json {
                Some(json) => framed(0, &json.encode(message).await?),
                None => framed(0, &message),
            };
            Ok(Some((Frame::data(message?), messages)))
        }
    });
    Body::new(StreamBody::new(messages))
}

/// Waits for the head of the answer of gRPC, and writes its messages as they come.
pub(super) async fn answer(
    connect: Arc<Connect>,
    answer: impl Future<Output = Result<Response<Body>, Infallible>>,
    call_end: Instant,
    form: Form,
    json: Option<Conversion>,
) -> Response<Body> {
    let Ok(Ok(mut response)) = tokio::time::timeout_at(call_end, answer).await else {
        return refused(&connect.refusals, form, &time_limit::over());
    };
    if let Err(status) = check(response.headers()) {
        return refused(&connect.refusals, form, &status);
    }
    let Some(call) = response.extensions_mut().remove::<Arc<Call>>() else {
        return refused(&connect.refusals, form, &CallError::Internal.into());
    };
    let replies = Replies {
        messages: Messages::of(response.into_body()),
        json,
        call,
        connect,
    };
    let replies = stream::unfold(Some(replies), |replies| async {
        let mut replies = replies?;
        let call = Arc::clone(&replies.call);
        let part = replies.next().await;
        let (part, rest) = match part {
            Ok(Some(part)) => (part, Some(replies)),
            Ok(None) => (end(&replies.connect.refusals, None), None),
            Err(status) => (end(&replies.connect.refusals, Some(&status)), None),
        };
        let part = Frame::data(held(part, &call));
        Some((Ok::<_, Infallible>(part), rest))
    });
    response_of(form, Body::new(StreamBody::new(replies.boxed())))
}

/// The replies of a call.
struct Replies {
    messages: Messages,
    /// `None`: messages stay as they are.
    json: Option<Conversion>,
    call: Arc<Call>,
    connect: Arc<Connect>,
}

impl Replies {
    /// Waits for messages and returns all that are there; `None`: the call has ended well.
    async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        loop {
            let mut written = BytesMut::new();
            while let Some(message) = self.messages.take(REPLY_BYTES)? {
                let message = match &self.json {
                    Some(json) => json.write(message).await?,
                    None => message,
                };
                written.extend_from_slice(&framed(0, &message)?);
            }
            if !written.is_empty() {
                return Ok(Some(written.freeze()));
            }
            let frame = self.messages.body.frame().await;
            let frame = frame.ok_or_else(|| Status::from(CallError::Internal))??;
            match frame.into_data() {
                Ok(data) => self.messages.unread.extend_from_slice(&data),
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        return check(&trailers).map(|()| None);
                    }
                }
            }
        }
    }
}

/// Answers that a call was refused: even that is a stream, of its end alone.
pub(super) fn refused(refusals: &Refusals, form: Form, status: &Status) -> Response<Body> {
    response_of(form, Body::new(Full::new(end(refusals, Some(status)))))
}

/// How an answer ends.
#[derive(Serialize)]
struct End {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

/// Writes the message that ends an answer.
fn end(refusals: &Refusals, status: Option<&Status>) -> Bytes {
    let error = status.map(|status| refusals.json(status));
    // Texts and lists of texts are always JSON, and few.
    let json = serde_json::to_vec(&End { error }).unwrap_or_default();
    framed(END, &json).unwrap_or_default()
}

fn response_of(form: Form, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, form.content_type());
    response
}
