//! What is answered in plain HTTP: what this is, and why a request is no call.

use http_body_util::Full;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::header::{ALLOW, CONTENT_TYPE};
use tonic::codegen::http::{HeaderValue, Method, Request, Response, StatusCode};

/// The methods in OpenAPI, written by the crate `generate`.
const OPENAPI: &str = include_str!("../../docs/openapi.json");
/// Where it stands.
const OPENAPI_PATH: &str = "/openapi.json";

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// The pages that there are.
#[derive(Debug)]
pub(super) struct Pages {
    root: Bytes,
    /// Whether the methods are described.
    is_described: bool,
}

impl Pages {
    /// Writes the pages of a server whose methods have these paths. Whether they are
    /// described is the operator's choice.
    pub(super) fn new<'a>(methods: impl IntoIterator<Item = &'a str>, is_described: bool) -> Self {
        Self {
            root: root(methods, is_described).into(),
            is_described,
        }
    }

    /// Answers a request that is no call.
    pub(super) fn answer(&self, request: &Request<Body>) -> Response<Body> {
        let (content_type, page) = match request.uri().path() {
            "/" => (TEXT, self.root.clone()),
            OPENAPI_PATH if self.is_described => (JSON, Bytes::from_static(OPENAPI.as_bytes())),
            _ => return not_found(),
        };
        match *request.method() {
            Method::GET => page_of(StatusCode::OK, content_type, page),
            // Over HTTP/2 the transport would send what it is not to.
            Method::HEAD => page_of(StatusCode::OK, content_type, Bytes::new()),
            _ => method_not_allowed("GET, HEAD"),
        }
    }
}

/// Writes the page that says what this is.
fn root<'a>(methods: impl IntoIterator<Item = &'a str>, is_described: bool) -> String {
    let described = match is_described {
        true => format!("\nThey are described in OpenAPI at {OPENAPI_PATH}.\n"),
        false => String::new(),
    };
    let mut methods: Vec<&str> = methods.into_iter().collect();
    methods.sort_unstable();
    format!(
        "redress {} decides what a shop's customer is owed, from the shop's published terms.\n\
         \n\
         Calls are answered in gRPC, gRPC-Web and the Connect protocol, so that a request can\n\
         be sent as JSON:\n\
         \n    \
             curl -H 'content-type: application/json' -d @request.json \\\n        \
             http://localhost:50051/redress.v1.DecisionService/Decide\n\
         \n\
         Where tokens are required, a call carries one: -H 'authorization: Bearer TOKEN'.\n\
         \n\
         Methods, all by POST:\n\
         \n    {}\n{described}",
        env!("CARGO_PKG_VERSION"),
        methods.join("\n    ")
    )
}

/// Answers that there is nothing at a path.
pub(super) fn not_found() -> Response<Body> {
    let why = "Not found. GET / lists what there is.\n";
    text(StatusCode::NOT_FOUND, Bytes::from_static(why.as_bytes()))
}

/// Answers that a path is asked with other methods of HTTP.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let why = format!("Method not allowed. Use {allowed}.\n");
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, why.into());
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// Answers that a request holds what the method does not read.
pub(super) fn unsupported_media_type() -> Response<Body> {
    let why = "Unsupported content type. Use application/json or application/proto for one \
               request, application/connect+json or application/connect+proto for a stream, \
               or a content type of gRPC or gRPC-Web.\n";
    let why = Bytes::from_static(why.as_bytes());
    text(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
}

/// Answers that a call needs HTTP/2: gRPC has its status in trailers, and a stream goes
/// both ways at once.
pub(super) fn needs_http2() -> Response<Body> {
    let why = "This call needs HTTP/2.\n";
    let why = Bytes::from_static(why.as_bytes());
    text(StatusCode::HTTP_VERSION_NOT_SUPPORTED, why)
}

fn text(code: StatusCode, text: Bytes) -> Response<Body> {
    page_of(code, TEXT, text)
}

fn page_of(code: StatusCode, content_type: &'static str, page: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(page)));
    *response.status_mut() = code;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
