//! HTTP/2 by hand, for what no client of ours would do.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use prost::Message;
use prost::bytes::{BufMut, Bytes, BytesMut};
use redress_client::Refusal;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tonic::Status;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Windows that hold whatever is sent here.
const LARGE_WINDOW: u32 = 1 << 30;

/// One connection whose peer takes nothing that has a window, until it is told to.
pub struct Raw {
    address: SocketAddr,
    send: SendRequest<Bytes>,
    read: Option<oneshot::Sender<()>>,
    /// Says after how long it ended.
    pub ended: JoinHandle<Duration>,
}

/// A call, as far as it has come.
pub struct RawCall {
    pub response: ResponseFuture,
    /// Ends the stream with a reset when it is dropped and the request has not ended.
    pub body: SendStream<Bytes>,
}

impl Raw {
    /// Connects from a loopback address such as `127.0.0.2`; takes replies as they come.
    pub async fn reading(from: &str, to: SocketAddr) -> Self {
        let mut raw = Self::with_window(from, to, 0).await;
        raw.read();
        raw
    }

    /// Connects from a loopback address such as `127.0.0.2`; takes no reply.
    pub async fn connect(from: &str, to: SocketAddr) -> Self {
        Self::with_window(from, to, 0).await
    }

    /// Takes so many bytes of each reply, and no more.
    pub async fn with_window(from: &str, to: SocketAddr, window: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        let from: IpAddr = from.parse().unwrap();
        socket.bind(SocketAddr::new(from, 0)).unwrap();
        let stream = socket.connect(to).await.unwrap();
        let (send, mut connection) = h2::client::Builder::new()
            .initial_window_size(window)
            .handshake(stream)
            .await
            .unwrap();
        let (read, mut told) = oneshot::channel();
        let began = Instant::now();
        let ended = tokio::spawn(async move {
            tokio::select! {
                _ = &mut connection => return began.elapsed(),
                told = &mut told => if told.is_err() {
                    // Nobody will ever tell it to.
                    let _ = connection.await;
                    return began.elapsed();
                },
            }
            connection.set_target_window_size(LARGE_WINDOW);
            // Its first settings may be on their way; others cannot be sent before they
            // are acknowledged.
            let _ = poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
                Poll::Ready(ended) => Poll::Ready(Err(ended)),
                Poll::Pending => match connection.set_initial_window_size(LARGE_WINDOW) {
                    Ok(()) => Poll::Ready(Ok(())),
                    Err(_) => Poll::Pending,
                },
            })
            .await;
            let _ = connection.await;
            began.elapsed()
        });
        Self {
            address: to,
            send,
            read: Some(read),
            ended,
        }
    }

    /// Connects and asks for health; `None`: the connection was closed before.
    pub async fn try_connect(to: SocketAddr) -> Option<()> {
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{to}")).unwrap();
        let mut health = HealthClient::new(channel.connect().await.ok()?);
        let asked = health.check(HealthCheckRequest::default()).await;
        asked.ok().map(|_| ())
    }

    /// Takes replies from here on.
    pub fn read(&mut self) {
        self.read.take().unwrap().send(()).unwrap();
    }

    /// Begins a call of gRPC whose message is to come.
    pub async fn begin(&mut self, path: &str) -> RawCall {
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        self.request(request.body(()).unwrap(), false).await
    }

    /// Makes a call of gRPC with what stands for its message, as it is.
    pub async fn call(&mut self, path: &str, body: Bytes) -> ResponseFuture {
        let mut call = self.begin(path).await;
        call.body.send_data(body, true).unwrap();
        call.response
    }

    /// Sends the head of a request.
    pub async fn request(&mut self, request: Request<()>, ended: bool) -> RawCall {
        let mut send = self.send.clone().ready().await.unwrap();
        let (response, body) = send.send_request(request, ended).unwrap();
        RawCall { response, body }
    }

    /// Returns an address of the server that it is connected to.
    pub fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Puts a message into the frame of gRPC.
pub fn framed(message: &impl Message) -> Bytes {
    framed_bytes(&message.encode_to_vec())
}

/// Puts bytes into the frame of gRPC: not compressed, and how many they are.
pub fn framed_bytes(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(message.len().try_into().unwrap());
    frame.put_slice(message);
    frame.freeze()
}

/// Returns the refusal that a response is, whose head is its end.
pub fn refusal(response: &Response<RecvStream>) -> Refusal {
    refusal_in(response.headers())
}

fn refusal_in(headers: &HeaderMap) -> Refusal {
    Refusal::from(Status::from_header_map(headers).expect("a status"))
}

/// Reads a reply to its end, and returns its bytes and its status.
pub async fn reply(response: Response<RecvStream>) -> (usize, Status) {
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(part) = body.data().await {
        let part = part.unwrap();
        bytes += part.len();
        body.flow_control().release_capacity(part.len()).unwrap();
    }
    let trailers = body.trailers().await.unwrap().expect("trailers");
    (bytes, Status::from_header_map(&trailers).expect("a status"))
}
