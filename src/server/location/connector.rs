//! The HTTP client of `object_store`, with answers that refuse cut short.
//!
//! `object_store` reads the whole body of an answer that refuses and puts it into its error,
//! from where it goes into the log. A source could fill memory and log with it.

use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    ReqwestConnector,
};

/// Bytes that are kept of an answer that refuses: enough for the code and the message that
/// providers put there.
pub const MAX_REFUSAL_BYTES: usize = 2048;

/// Makes clients that cut such answers short.
#[derive(Debug)]
pub struct ShortErrors;

impl HttpConnector for ShortErrors {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Shortening(client)))
    }
}

#[derive(Debug)]
struct Shortening(HttpClient);

#[tonic::async_trait]
impl HttpService for Shortening {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.0.execute(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let text = beginning(body).await;
        Ok(HttpResponse::from_parts(parts, text.into()))
    }
}

/// Reads the beginning of a body, as one line of text. What cannot be read is left out: the
/// status says more.
async fn beginning(mut body: HttpResponseBody) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_REFUSAL_BYTES {
        let Some(Ok(frame)) = body.frame().await else {
            break;
        };
        bytes.extend(frame.into_data().unwrap_or_default());
    }
    bytes.truncate(MAX_REFUSAL_BYTES);
    String::from_utf8_lossy(&bytes).replace(char::is_control, " ")
}
