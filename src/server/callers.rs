//! Who calls: what a caller carries in the header `authorization`, and whose it is.

use std::sync::Arc;

use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;

use super::jwt::JwtVerifier;
use super::tokens::Tokens;
use crate::rpc::service::Principal;
use crate::rpc::status::CallError;

/// Begins the value of the header, in any case of letters.
const SCHEME: &str = "Bearer ";

/// The ways in which a caller can be known; without any, anybody may call.
#[derive(Clone, Debug, Default)]
pub(super) struct Callers {
    pub tokens: Option<Tokens>,
    pub jwt: Option<JwtVerifier>,
}

impl Callers {
    /// Returns who makes a call, by its headers; `None`: nobody has to say.
    ///
    /// # Errors
    /// They carry nothing that is accepted: [`CallError::Unauthenticated`].
    pub(super) fn identify(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Arc<Principal>>, CallError> {
        if self.tokens.is_none() && self.jwt.is_none() {
            return Ok(None);
        }
        let header = headers.get(AUTHORIZATION);
        let token = header.and_then(|value| bearer(value.as_bytes()));
        let token = token.ok_or(CallError::Unauthenticated)?;
        let by_digest = self.tokens.as_ref().and_then(|t| t.accept(token));
        let by_signature = || self.jwt.as_ref().and_then(|jwt| jwt.accept(token));
        match by_digest.or_else(by_signature) {
            Some(principal) => Ok(Some(principal)),
            None => Err(CallError::Unauthenticated),
        }
    }
}

/// Returns the token out of the value of the header.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme
        .eq_ignore_ascii_case(SCHEME.as_bytes())
        .then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_behind_its_scheme() {
        assert_eq!(bearer(b"Bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"Bearer "), Some(&b""[..]));
        for other in ["Basic abc", "abc", "Bearer", ""] {
            assert_eq!(bearer(other.as_bytes()), None, "{other}");
        }
    }
}
