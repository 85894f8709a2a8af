//! Bearer tokens: who may call, known by the digests of secrets that callers carry.
//!
//! A file names one caller a line, and the SHA-256 of its token; further words are the
//! policies that it may ask about. A token is drawn at
//! random and long, so that its digest tells nothing of it; whoever reads the file can
//! call nobody's name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use crate::rpc::service::Principal;
use crate::wire::inbound;

/// Tokens of one file.
pub const MAX_TOKENS: usize = 10_000;

/// Says what is wrong with a file of tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokensError {
    /// A line is not a name and a digest.
    #[error("line {number} of the tokens is not a name and 64 hexadecimal digits of a SHA-256")]
    Line {
        /// The line, counted from 1.
        number: usize,
    },
    /// A line has a word behind the digest that is not the id of a policy.
    #[error(
        "line {number} of the tokens has a word behind the digest that is not the id of a policy, such as `acme-shop`"
    )]
    Policy {
        /// The line, counted from 1.
        number: usize,
    },
    /// Two lines have one digest.
    #[error("line {number} of the tokens repeats the digest of another")]
    Duplicate {
        /// The second line, counted from 1.
        number: usize,
    },
    /// There are more tokens than [`MAX_TOKENS`].
    #[error("there are more than {MAX_TOKENS} tokens")]
    TooMany,
    /// There is no token, so that nobody could call.
    #[error("there is no token, so that nobody could call")]
    Empty,
}

/// Names callers by the digests of their tokens.
type Callers = BTreeMap<[u8; 32], Arc<Principal>>;

/// Holds the tokens that are accepted. Clones share them, and all change at once.
#[derive(Clone)]
pub struct Tokens(Arc<RwLock<Arc<Callers>>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// Reads tokens, one a line: a name, the SHA-256 of the token in hexadecimal digits, and
    /// the policies that may be asked about with it; without any all may. Empty lines and
    /// those that begin with `#` say nothing. One name may have several tokens, such as an
    /// old and a new one.
    ///
    /// # Errors
    /// A line is something else, or there are none or too many.
    pub fn parse(text: &str) -> Result<Self, TokensError> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(callers(text)?)))))
    }

    /// Accepts these tokens, and no others, from the next call on; whether they are others
    /// than before.
    ///
    /// # Errors
    /// As [`Tokens::parse`]; then nothing changes.
    pub fn replace(&self, text: &str) -> Result<bool, TokensError> {
        let callers = Arc::new(callers(text)?);
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_other = *current != callers;
        *current = callers;
        Ok(is_other)
    }

    /// Returns who carries a token; `None`: it is not accepted.
    pub(super) fn accept(&self, token: &[u8]) -> Option<Arc<Principal>> {
        // Digests are compared, not tokens: how long that takes tells nothing of one.
        let digest: [u8; 32] = Sha256::digest(token).into();
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.get(&digest).cloned()
    }
}

fn callers(text: &str) -> Result<Callers, TokensError> {
    let mut callers = Callers::new();
    for (index, line) in text.lines().enumerate() {
        let number = index.saturating_add(1);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let (Some(name), Some(digest)) = (words.next(), words.next()) else {
            return Err(TokensError::Line { number });
        };
        let digest = digest_of(digest).ok_or(TokensError::Line { number })?;
        let mut policies = BTreeSet::new();
        for policy in words {
            if !is_policy_id(policy) {
                return Err(TokensError::Policy { number });
            }
            policies.insert(policy.to_owned());
        }
        let policies = (!policies.is_empty()).then_some(policies);
        let caller = Arc::new(Principal::new(name, policies));
        if callers.insert(digest, caller).is_some() {
            return Err(TokensError::Duplicate { number });
        }
        if callers.len() > MAX_TOKENS {
            return Err(TokensError::TooMany);
        }
    }
    if callers.is_empty() {
        return Err(TokensError::Empty);
    }
    Ok(callers)
}

/// Whether requests can name such a policy.
fn is_policy_id(text: &str) -> bool {
    inbound::policy_filter(text).is_ok()
}

/// Reads 64 hexadecimal digits.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    // A number may begin with a sign, a digest may not.
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        let digits = text.get(index.checked_mul(2)?..)?.get(..2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc`, as FIPS 180 has it.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn accepts(tokens: &Tokens, token: &str) -> bool {
        tokens.accept(token.as_bytes()).is_some()
    }

    #[test]
    fn a_token_is_known_by_its_digest() {
        let text = format!("# shops\n\nshop-a {}\n", ABC.to_uppercase());
        let tokens = Tokens::parse(&text).expect("tokens");
        let caller = tokens.accept(b"abc").expect("a caller");
        assert_eq!(caller.name(), "shop-a");
        for other in ["abd", "", " abc"] {
            assert!(!accepts(&tokens, other), "{other}");
        }
        assert!(!accepts(&tokens, ABC), "the digest is no token");
    }

    #[test]
    fn a_token_can_be_for_some_policies_alone() {
        let text = format!("desk {ABC} shop-a shop-c\ncheckout {}\n", "0".repeat(64));
        let tokens = Tokens::parse(&text).expect("tokens");
        let desk = tokens.accept(b"abc").expect("a caller");
        let may_ask = ["shop-a", "shop-b", "shop-c"].map(|policy| desk.may_ask(policy));
        assert_eq!(may_ask, [true, false, true]);
        // Other policies for the same token are a replacement.
        assert_eq!(tokens.replace(&text.replace("shop-c", "shop-b")), Ok(true));
        let desk = tokens.accept(b"abc").expect("a caller");
        assert!(desk.may_ask("shop-b") && !desk.may_ask("shop-c"));
        assert_eq!(tokens.replace(&format!("desk {ABC}")), Ok(true));
        assert!(tokens.accept(b"abc").expect("a caller").is_unrestricted());
    }

    #[test]
    fn a_replacement_is_used_as_a_whole_or_not_at_all() {
        let tokens = Tokens::parse(&format!("shop-a {ABC}")).expect("tokens");
        assert_eq!(
            tokens.replace("shop-a short"),
            Err(TokensError::Line { number: 1 })
        );
        assert!(accepts(&tokens, "abc"));
        assert_eq!(tokens.replace(&format!("shop-a {ABC}")), Ok(false));
        assert_eq!(
            tokens.replace(&format!("shop-a {}", "0".repeat(64))),
            Ok(true)
        );
        assert!(!accepts(&tokens, "abc"));
    }

    #[test]
    fn files_that_let_nobody_in_or_say_something_else_are_refused() {
        let of = |text: &str| Tokens::parse(text).map(|_| ()).unwrap_err();
        assert_eq!(of("# none\n"), TokensError::Empty);
        assert_eq!(of(ABC), TokensError::Line { number: 1 });
        for word in ["Shop", "shop a;", "shop/a", "*"] {
            let line = format!("a {ABC} {word}");
            assert_eq!(of(&line), TokensError::Policy { number: 1 }, "{word}");
        }
        let signed = format!("a +{}", ABC.get(1..).expect("digits"));
        assert_eq!(of(&signed), TokensError::Line { number: 1 });
        let twice = format!("a {ABC}\nb {ABC}\n");
        assert_eq!(of(&twice), TokensError::Duplicate { number: 2 });
    }
}
