//! Which pages of other origins a browser lets call.

use std::str::FromStr;
use std::time::Duration;

use tonic::codegen::http::header::{AUTHORIZATION, CONTENT_TYPE};
use tonic::codegen::http::uri::{Scheme, Uri};
use tonic::codegen::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::CorsLayer;

/// Origins that can be named.
pub const MAX_ORIGINS: usize = 100;
/// How long a browser need not ask again: as long as the most patient one allows.
const MAX_AGE: Duration = Duration::from_secs(7200);

/// Headers that a call can carry, beside those that browsers always allow.
const REQUEST_HEADERS: [HeaderName; 11] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("connect-protocol-version"),
    HeaderName::from_static("connect-timeout-ms"),
    HeaderName::from_static("connect-content-encoding"),
    HeaderName::from_static("connect-accept-encoding"),
    HeaderName::from_static("grpc-timeout"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("traceparent"),
];
/// Headers of an answer that a page may read: the status of gRPC-Web.
const RESPONSE_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
];

/// Origins whose pages may call, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

/// Says why a text is no list of origins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginsError {
    /// A part is not an origin.
    #[error(
        "`{0}` is not an origin such as `https://shop.example` or `http://localhost:5173`, without a path"
    )]
    NotAnOrigin(String),
    /// There are more than [`MAX_ORIGINS`].
    #[error("more than {MAX_ORIGINS} origins")]
    TooMany,
}

impl FromStr for Origins {
    type Err = OriginsError;

    fn from_str(text: &str) -> Result<Self, OriginsError> {
        let origins: Result<Vec<_>, _> = text.split(',').map(str::trim).map(origin).collect();
        let origins = origins?;
        match origins.len() {
            ..=MAX_ORIGINS => Ok(Self(origins)),
            _ => Err(OriginsError::TooMany),
        }
    }
}

/// Reads an origin as browsers write it: what differs in form would never be equal.
fn origin(text: &str) -> Result<HeaderValue, OriginsError> {
    let wrong = || OriginsError::NotAnOrigin(text.to_owned());
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(wrong());
    };
    let default_port = match scheme {
        scheme if *scheme == Scheme::HTTPS => 443,
        scheme if *scheme == Scheme::HTTP => 80,
        _ => return Err(wrong()),
    };
    let is_origin = text == format!("{scheme}://{authority}")
        && !authority.as_str().contains(['@', '*'])
        && text == text.to_ascii_lowercase()
        && authority.port_u16() != Some(default_port);
    match HeaderValue::from_str(text) {
        Ok(value) if is_origin => Ok(value),
        _ => Err(wrong()),
    }
}

impl Origins {
    /// Answers browsers that ask, and names the origin in answers to its pages. Cookies
    /// are not allowed: callers are known by tokens and certificates alone.
    pub(super) fn layer(self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(self.0)
            .allow_methods([Method::POST])
            .allow_headers(REQUEST_HEADERS)
            .expose_headers(RESPONSE_HEADERS)
            .max_age(MAX_AGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let of = |text: &str| text.parse::<Origins>().map(|origins| origins.0.len());
        assert_eq!(of("https://shop.example"), Ok(1));
        assert_eq!(of("https://shop.example, http://localhost:5173"), Ok(2));
        assert_eq!(of("http://[::1]:8080"), Ok(1));
        for other in [
            "",
            "*",
            "null",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/page",
            "https://Shop.example",
            "https://shop.example:443",
            "http://shop.example:80",
            "ftp://shop.example",
            "https://user@shop.example",
            "https://*.shop.example",
        ] {
            let error = OriginsError::NotAnOrigin(other.to_owned());
            assert_eq!(of(other), Err(error), "{other}");
        }
        assert_eq!(
            of("https://shop.example,"),
            Err(OriginsError::NotAnOrigin(String::new()))
        );
        let many = vec!["https://shop.example"; MAX_ORIGINS + 1].join(",");
        assert_eq!(of(&many), Err(OriginsError::TooMany));
    }
}
