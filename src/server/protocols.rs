//! The protocols of one port: gRPC, gRPC-Web and Connect, and a few pages for people.
//!
//! A request is looked at once. Calls of gRPC go straight on; others become the same call
//! of gRPC, behind which limits, tokens, logs and counts are the same for all, and its
//! answer is written in the protocol that was asked.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, Response, Version};
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};

use super::call::{Call, Translated, held};
use super::connect::{Connect, Form};
use super::pages::{self, Pages};
use super::time_limit;
use super::unread::Unread;

/// What a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Grpc,
    /// With the content type as the translation knows it.
    GrpcWeb(&'static str),
    Connect(Form),
}

impl Protocol {
    /// Reads what a request says that it holds, whatever parameters follow. `None`: nothing
    /// that is spoken here.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let said = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let said = said.split(';').next()?.trim();
        let known = CONTENT_TYPES.iter();
        let mut known = known.filter(|(name, _)| name.eq_ignore_ascii_case(said));
        known.next().map(|(_, protocol)| *protocol)
    }
}

/// What is spoken here, the most frequent first.
const CONTENT_TYPES: [(&str, Protocol); 10] = [
    ("application/grpc", Protocol::Grpc),
    ("application/grpc+proto", Protocol::Grpc),
    ("application/json", Protocol::Connect(Form::UNARY_JSON)),
    ("application/proto", Protocol::Connect(Form::UNARY_PROTO)),
    (
        "application/connect+json",
        Protocol::Connect(Form::STREAM_JSON),
    ),
    (
        "application/connect+proto",
        Protocol::Connect(Form::STREAM_PROTO),
    ),
    (
        "application/grpc-web",
        Protocol::GrpcWeb("application/grpc-web"),
    ),
    (
        "application/grpc-web+proto",
        Protocol::GrpcWeb("application/grpc-web+proto"),
    ),
    (
        "application/grpc-web-text",
        Protocol::GrpcWeb("application/grpc-web-text"),
    ),
    (
        "application/grpc-web-text+proto",
        Protocol::GrpcWeb("application/grpc-web-text+proto"),
    ),
];

/// Serves calls of gRPC in every protocol.
#[derive(Clone, Debug)]
pub(super) struct Protocols<S> {
    grpc: S,
    web: GrpcWebService<S>,
    connect: Arc<Connect>,
    pages: Arc<Pages>,
    request_timeout: Duration,
}

impl<S: Clone> Protocols<S> {
    /// Puts the protocols before a service of gRPC whose calls may take `request_timeout`.
    pub(super) fn new(grpc: S, connect: Connect, pages: Pages, request_timeout: Duration) -> Self {
        Self {
            web: GrpcWebLayer::new().layer(grpc.clone()),
            grpc,
            connect: Arc::new(connect),
            pages: Arc::new(pages),
            request_timeout,
        }
    }
}

impl<S> Service<Request<Body>> for Protocols<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Unpin + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.grpc.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if request.version() < Version::HTTP_2 && !request.body().is_end_stream() {
            request = request.map(|body| Body::new(Unread::of(body)));
        }
        let is_post = request.method() == Method::POST;
        match Protocol::of(request.headers()).filter(|_| is_post) {
            Some(Protocol::Grpc) if request.version() == Version::HTTP_2 => {
                Answering::Grpc(self.grpc.call(request))
            }
            Some(Protocol::Grpc) => at_once(pages::needs_http2()),
            Some(Protocol::GrpcWeb(content_type)) => {
                let content_type = HeaderValue::from_static(content_type);
                request.headers_mut().insert(CONTENT_TYPE, content_type);
                Answering::Other(self.call_web(request))
            }
            Some(Protocol::Connect(form)) => {
                let Some(method) = self.connect.method(request.uri().path()) else {
                    return at_once(pages::not_found());
                };
                if method.is_stream() != form.is_stream {
                    return at_once(pages::unsupported_media_type());
                }
                if method.is_bidirectional() && request.version() < Version::HTTP_2 {
                    return at_once(pages::needs_http2());
                }
                let connect = Arc::clone(&self.connect);
                let call_end = time_limit::call_end(self.request_timeout, request.headers());
                let answer = connect.call(method, form, call_end, request, |r| self.grpc.call(r));
                Answering::Other(answer)
            }
            None if self.connect.method(request.uri().path()).is_some() => at_once(match is_post {
                true => pages::unsupported_media_type(),
                false => pages::method_not_allowed("POST"),
            }),
            None => at_once(self.pages.answer(&request)),
        }
    }
}

impl<S> Protocols<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    /// Answers a call of gRPC-Web.
    fn call_web(&mut self, mut request: Request<Body>) -> BoxFuture<Response<Body>, Infallible> {
        let call_end = time_limit::call_end(self.request_timeout, request.headers());
        request.extensions_mut().insert(Translated);
        let answer = self.web.call(request);
        Box::pin(async move {
            let Ok(answer) = tokio::time::timeout_at(call_end, answer).await else {
                let mut late = time_limit::over().into_http();
                let content_type = HeaderValue::from_static("application/grpc-web+proto");
                late.headers_mut().insert(CONTENT_TYPE, content_type);
                return Ok(late);
            };
            let mut response = answer?;
            let Some(call) = response.extensions_mut().remove::<Arc<Call>>() else {
                return Ok(response);
            };
            Ok(response.map(|body| {
                let counted = move |bytes| held(bytes, &call);
                Body::new(body.map_frame(move |frame| frame.map_data(&counted)))
            }))
        })
    }
}

/// The answer to come; its own type rather than a box, which a call of gRPC does without.
pub(super) enum Answering<F> {
    /// Of a call of gRPC.
    Grpc(F),
    /// Of anything else.
    Other(BoxFuture<Response<Body>, Infallible>),
}

fn at_once<F>(response: Response<Body>) -> Answering<F> {
    Answering::Other(Box::pin(ready(Ok(response))))
}

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>> + Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Grpc(answer) => Pin::new(answer).poll(cx),
            Self::Other(answer) => answer.as_mut().poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_it_speaks() {
        let text = "application/grpc-web-text+proto";
        for (said, protocol) in [
            ("application/grpc", Some(Protocol::Grpc)),
            ("application/grpc+proto", Some(Protocol::Grpc)),
            ("Application/GRPC; charset=utf-8", Some(Protocol::Grpc)),
            (text, Some(Protocol::GrpcWeb(text))),
            (
                "application/json;charset=utf-8",
                Some(Protocol::Connect(Form::UNARY_JSON)),
            ),
            (
                "application/connect+proto",
                Some(Protocol::Connect(Form::STREAM_PROTO)),
            ),
            ("application/grpc+json", None),
            ("application/jsonl", None),
            ("text/plain", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(said));
            assert_eq!(Protocol::of(&headers), protocol, "{said}");
        }
        assert_eq!(Protocol::of(&HeaderMap::new()), None);
    }

    /// Calls that nobody answers.
    #[derive(Clone)]
    struct Silent;

    impl Service<Request<Body>> for Silent {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = BoxFuture<Response<Body>, Infallible>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_not_looked_at_until_its_end_is_refused_in_its_protocol() {
        let connect = Connect::new(&[crate::wire::FILE_DESCRIPTOR_SET], 1024).expect("a schema");
        let pages = Pages::new(connect.paths(), false);
        let mut calls = Protocols::new(Silent, connect, pages, Duration::from_secs(1));
        let web = "application/grpc-web+proto";
        let stream = "application/connect+proto";
        for (asked, millis, content_type, answered) in [
            ("20m", 20, web, web),
            ("9S", 1000, web, web),
            ("20m", 20, "application/proto", "application/json"),
            ("9S", 1000, "application/proto", "application/json"),
            ("20m", 20, stream, stream),
        ] {
            let method = if content_type == stream {
                "StreamDecide"
            } else {
                "Decide"
            };
            let request = Request::post(format!("/redress.v1.DecisionService/{method}"))
                .version(Version::HTTP_2)
                .header(CONTENT_TYPE, content_type)
                .header("grpc-timeout", asked)
                .body(Body::empty())
                .expect("a request");
            let answer = calls.call(request);
            tokio::time::advance(Duration::from_millis(millis)).await;
            let answer = futures_util::FutureExt::now_or_never(answer);
            let response = answer.expect("at once").expect("an answer");
            assert_eq!(response.headers()[CONTENT_TYPE], answered, "{asked}");
        }
    }
}
