//! HTTP by hand, in both versions: what any program without a client of ours sends.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::bytes::Bytes;
use redress::wire::json::Schema;
use redress_client::pb;
use serde_json::Value;
use tokio::net::TcpStream;
use tonic::codegen::http::{HeaderMap, Request, Response, Version};

pub const DECIDE: &str = "/redress.v1.DecisionService/Decide";
pub const BATCH: &str = "/redress.v1.DecisionService/BatchDecide";
pub const STREAM: &str = "/redress.v1.DecisionService/StreamDecide";
pub const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// Both versions.
pub const VERSIONS: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

/// A return that is granted, as JSON.
pub const GRANTED: &str = include_str!("../../examples/return_plain_piece.json");

/// Returns a return that is granted.
pub fn granted() -> pb::DecideRequest {
    let schema = Schema::new().unwrap();
    schema.read(GRANTED, "redress.v1.DecideRequest").unwrap()
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub async fn of<B>(response: Response<B>) -> Self
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: std::fmt::Debug,
    {
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        // What stands in trailers is told like what stands in headers.
        let trailers = body.trailers().cloned().unwrap_or_default();
        parts.headers.extend(trailers);
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_bytes(),
        }
    }
}

/// Sends a request on a connection of its own; headers are names and values.
pub async fn send(
    to: SocketAddr,
    version: Version,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let mut request = Request::builder().method(method);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Full::new(body.into());
    let stream = TokioIo::new(TcpStream::connect(to).await.unwrap());
    if version == Version::HTTP_2 {
        let request = request.uri(format!("http://{to}{path}")).body(body);
        let handshake = http2::handshake(TokioExecutor::new(), stream);
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        Reply::of(sender.send_request(request.unwrap()).await.unwrap()).await
    } else {
        let request = request.uri(path).header("host", to.to_string()).body(body);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Reply::of(sender.send_request(request.unwrap()).await.unwrap()).await
    }
}

/// Sends a message with a content type to a path.
pub async fn post(
    to: SocketAddr,
    version: Version,
    path: &str,
    content_type: &str,
    body: impl Into<Bytes>,
) -> Reply {
    let headers = [("content-type", content_type)];
    send(to, version, ("POST", path), &headers, body).await
}
