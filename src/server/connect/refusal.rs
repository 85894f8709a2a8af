//! Statuses as Connect writes them: a code of HTTP, and JSON with all details.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http_body_util::Full;
use prost::Message;
use serde::Serialize;
use serde_json::Value;
use tonic::body::Body;
use tonic::codegen::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, WWW_AUTHENTICATE};
use tonic::codegen::http::{HeaderValue, Response, StatusCode};
use tonic::{Code, Status};

use super::Form;
use crate::wire::json::{JsonError, Schema};

/// A status in JSON.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
}

/// What a status carries: encoded for programs, and as JSON for people and for programs
/// that know no encoding.
#[derive(Debug, Serialize)]
struct Detail {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    debug: Option<Value>,
}

/// Writes statuses.
pub(super) struct Refusals {
    /// What details are made of.
    details: Schema,
}

impl std::fmt::Debug for Refusals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

impl Refusals {
    /// Knows the details that statuses carry.
    ///
    /// # Errors
    /// Their descriptors cannot be used.
    pub(super) fn new() -> Result<Self, JsonError> {
        let details = Schema::of(tonic_types::pb::FILE_DESCRIPTOR_SET)?;
        Ok(Self { details })
    }

    /// Answers one request with a status.
    pub(super) fn response(&self, status: &Status) -> Response<Body> {
        // Texts and lists of texts are always JSON.
        let json = serde_json::to_vec(&self.json(status)).unwrap_or_default();
        let mut response = Response::new(Body::new(Full::new(json.into())));
        let (_, code) = names(status.code());
        *response.status_mut() = code;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, Form::UNARY_JSON.content_type());
        match status.code() {
            Code::Unauthenticated => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // What a caller who compressed its message may do.
            Code::Unimplemented => {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            _ => {}
        }
        response
    }

    /// Writes a status.
    pub(super) fn json(&self, status: &Status) -> Refusal {
        // Bytes that are no status have no details.
        let rich = tonic_types::pb::Status::decode(status.details()).unwrap_or_default();
        let details = rich.details.iter();
        Refusal {
            code: names(status.code()).0,
            message: status.message().to_owned(),
            details: details
                .map(|any| self.detail(&any.type_url, &any.value))
                .collect(),
        }
    }

    fn detail(&self, url: &str, value: &[u8]) -> Detail {
        let name = url.rsplit('/').next().unwrap_or_default();
        let codec = self.details.codec(name);
        Detail {
            kind: name.to_owned(),
            value: STANDARD_NO_PAD.encode(value),
            debug: codec.and_then(|codec| codec.to_value(value)).ok(),
        }
    }
}

/// Returns a code as Connect calls it, and the code of HTTP that it gives it.
fn names(code: Code) -> (&'static str, StatusCode) {
    // Of nginx: the client has closed the request.
    let closed = StatusCode::from_u16(499).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match code {
        // No refusal; it is here so that there is none without a name.
        Code::Ok | Code::Unknown => ("unknown", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Cancelled => ("canceled", closed),
        Code::InvalidArgument => ("invalid_argument", StatusCode::BAD_REQUEST),
        Code::DeadlineExceeded => ("deadline_exceeded", StatusCode::GATEWAY_TIMEOUT),
        Code::NotFound => ("not_found", StatusCode::NOT_FOUND),
        Code::AlreadyExists => ("already_exists", StatusCode::CONFLICT),
        Code::PermissionDenied => ("permission_denied", StatusCode::FORBIDDEN),
        Code::ResourceExhausted => ("resource_exhausted", StatusCode::TOO_MANY_REQUESTS),
        Code::FailedPrecondition => ("failed_precondition", StatusCode::BAD_REQUEST),
        Code::Aborted => ("aborted", StatusCode::CONFLICT),
        Code::OutOfRange => ("out_of_range", StatusCode::BAD_REQUEST),
        Code::Unimplemented => ("unimplemented", StatusCode::NOT_IMPLEMENTED),
        Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Code::DataLoss => ("data_loss", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::status::{CallError, Load};

    #[test]
    fn a_status_carries_its_details_twice() {
        let refusals = Refusals::new().expect("descriptors");
        let status = Status::from(CallError::Overloaded {
            load: Load::Requests,
            limit: 7,
        });
        let json = serde_json::to_value(refusals.json(&status)).expect("JSON");
        assert_eq!(json["code"], "unavailable");
        assert_eq!(json["message"], status.message());
        let detail = |kind: &str| {
            let details = json["details"].as_array().expect("details");
            let found = details.iter().find(|detail| detail["type"] == kind);
            found.expect("a detail")
        };
        let (info, retry) = (
            detail("google.rpc.ErrorInfo"),
            detail("google.rpc.RetryInfo"),
        );
        assert_eq!(info["debug"]["reason"], "ERROR_REASON_OVERLOADED");
        assert_eq!(info["debug"]["metadata"]["limit"], "7");
        assert_eq!(retry["debug"]["retryDelay"], "0.100s");
        let value = retry["value"].as_str().expect("a text");
        let encoded = STANDARD_NO_PAD.decode(value).expect("base64");
        let retry = tonic_types::pb::RetryInfo::decode(encoded.as_slice()).expect("a message");
        assert_eq!(retry.retry_delay.expect("a delay").nanos, 100_000_000);
    }

    #[test]
    fn every_code_has_its_own_name() {
        let codes = (1..=16).map(|code| names(Code::from_i32(code)).0);
        let names: std::collections::BTreeSet<&str> = codes.collect();
        assert_eq!(names.len(), 16);
    }
}
