//! JSON Web Tokens: who may call, known by a signature of whoever gives out the tokens.
//!
//! `jsonwebtoken` reads tokens and checks signature, issuer, audience and times, `ring` under
//! it the signature (`signatures`). Which algorithms a key is for is said here, by the key
//! and never by the token.

mod signatures;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::rpc::service::{Clock, Principal, SystemClock};

/// Keys of one file.
pub const MAX_KEYS: usize = 100;
/// Seconds by which clocks may differ.
pub const LEEWAY_SECONDS: u64 = 30;
/// Tokens that are known to be good, so that their signature is not checked again.
const MAX_CHECKED: usize = 10_000;
/// Characters of the name of a caller, `sub`.
const MAX_NAME_CHARS: usize = 128;
/// Policies that a token can name.
const MAX_POLICIES: usize = 1000;

/// Algorithms of a key of RSA that does not say which it is for.
const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// What tokens must say.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Who gave them out, `iss`.
    pub issuer: String,
    /// Whom they are for, `aud`.
    pub audience: String,
    /// Name of the claim with the policies that the caller may ask about; `None`: it may ask
    /// about all.
    pub policies_claim: Option<String>,
}

/// Says what is wrong with a file of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It is not a set of keys.
    #[error("the keys are not a JSON Web Key Set: {0}")]
    Json(#[source] serde_json::Error),
    /// Two keys have one id.
    #[error("two keys have the id `{}`", .0.escape_debug())]
    Duplicate(String),
    /// There are more than [`MAX_KEYS`].
    #[error("there are more than {MAX_KEYS} keys")]
    TooMany,
    /// No key can be used, so that nobody could call.
    #[error(
        "no key can be used: each needs a `kid` and must be of RSA, P-256, P-384 or Ed25519, for signatures"
    )]
    Empty,
}

/// A key, and what it can have signed with.
#[derive(PartialEq, Eq)]
struct Key {
    jwk: Jwk,
    algorithms: Vec<Algorithm>,
}

/// What is used at a time.
#[derive(Default)]
struct Known {
    keys: BTreeMap<String, Key>,
    /// Good tokens by their digest, and until when they are.
    checked: BTreeMap<[u8; 32], (Arc<Principal>, u64)>,
}

/// Accepts tokens. Clones share the keys, and all change at once.
#[derive(Clone)]
pub struct JwtVerifier {
    expected: Arc<Expected>,
    known: Arc<RwLock<Known>>,
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier")
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

impl JwtVerifier {
    /// Reads the keys of a JSON Web Key Set, those that can be used here. Keys of other kinds
    /// and for other uses are left out, shared secrets among them.
    ///
    /// # Errors
    /// It is something else, or no key can be used.
    pub fn new(expected: Expected, keys: &str) -> Result<Self, KeysError> {
        signatures::install();
        let known = Known {
            keys: read(keys)?,
            checked: BTreeMap::new(),
        };
        Ok(Self {
            expected: Arc::new(expected),
            known: Arc::new(RwLock::new(known)),
        })
    }

    /// Uses these keys, and no others, from the next call on; whether they are others than
    /// before.
    ///
    /// # Errors
    /// As [`JwtVerifier::new`]; then nothing changes.
    pub fn replace(&self, keys: &str) -> Result<bool, KeysError> {
        let keys = read(keys)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let is_other = known.keys != keys;
        if is_other {
            // What another key has signed may be good no more.
            *known = Known {
                keys,
                checked: BTreeMap::new(),
            };
        }
        Ok(is_other)
    }

    /// Returns who carries a token; `None`: it is not good.
    pub(super) fn accept(&self, token: &[u8]) -> Option<Arc<Principal>> {
        let now = u64::try_from(SystemClock.now().unix_seconds()).ok()?;
        let digest: [u8; 32] = Sha256::digest(token).into();
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((principal, until)) = known.checked.get(&digest)
                && now <= until.saturating_add(LEEWAY_SECONDS)
            {
                return Some(Arc::clone(principal));
            }
        }
        let (principal, until, key) = self.check(token)?;
        let principal = Arc::new(principal);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Not if the keys were replaced meanwhile.
        if known.keys.get(&key.0).is_some_and(|now| now.jwk == key.1) {
            if known.checked.len() >= MAX_CHECKED {
                known.checked.clear();
            }
            known
                .checked
                .insert(digest, (Arc::clone(&principal), until));
        }
        Some(principal)
    }

    /// Checks a token, and returns whose it is, until when, and the key that signed it.
    fn check(&self, token: &[u8]) -> Option<(Principal, u64, (String, Jwk))> {
        let header = decode_header(token).ok()?;
        let id = header.kid?;
        let (jwk, mut algorithms) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let key = known.keys.get(&id)?;
            (key.jwk.clone(), key.algorithms.clone())
        };
        algorithms.retain(|algorithm| *algorithm == header.alg);
        let mut validation = Validation::new(*algorithms.first()?);
        validation.algorithms = algorithms;
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.expected.issuer]);
        validation.set_audience(&[&self.expected.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let claims = decode::<Map<String, Value>>(token, &key, &validation).ok()?;
        let claims = claims.claims;
        // A time that is not whole is checked above, and looked at again at each call.
        let until = claims.get("exp").and_then(Value::as_u64).unwrap_or(0);
        let name = claims.get("sub")?.as_str()?;
        if name.chars().count() > MAX_NAME_CHARS {
            return None;
        }
        let policies = match &self.expected.policies_claim {
            Some(claim) => Some(policies(claims.get(claim))?),
            None => None,
        };
        Some((Principal::new(name, policies), until, (id, jwk)))
    }
}

/// Reads a claim with names of policies: a list, or one. `None`: it is something else.
fn policies(claim: Option<&Value>) -> Option<BTreeSet<String>> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    match claim {
        // Who may ask about policies is said for each.
        None => Some(BTreeSet::new()),
        Some(Value::Array(names)) if names.len() <= MAX_POLICIES => {
            names.iter().map(name).collect()
        }
        Some(value) => Some(BTreeSet::from([name(value)?])),
    }
}

fn read(text: &str) -> Result<BTreeMap<String, Key>, KeysError> {
    let set: JwkSet = serde_json::from_str(text).map_err(KeysError::Json)?;
    if set.keys.len() > MAX_KEYS {
        return Err(KeysError::TooMany);
    }
    let mut keys = BTreeMap::new();
    for jwk in set.keys {
        let algorithms = algorithms(&jwk);
        let Some(id) = jwk.common.key_id.clone() else {
            continue;
        };
        if algorithms.is_empty() || DecodingKey::from_jwk(&jwk).is_err() {
            continue;
        }
        if keys.insert(id.clone(), Key { jwk, algorithms }).is_some() {
            return Err(KeysError::Duplicate(id));
        }
    }
    if keys.is_empty() {
        return Err(KeysError::Empty);
    }
    Ok(keys)
}

/// Returns the algorithms that a key can have signed with; none: it is not used here.
fn algorithms(jwk: &Jwk) -> Vec<Algorithm> {
    let public_use = jwk.common.public_key_use.as_ref();
    if public_use.is_some_and(|said| *said != PublicKeyUse::Signature) {
        return Vec::new();
    }
    let mut possible = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => RSA.to_vec(),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => Vec::new(),
        },
        AlgorithmParameters::OctetKeyPair(key) => match key.curve {
            EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
            _ => Vec::new(),
        },
        // Of these a shared secret would let whoever reads the file call.
        _ => Vec::new(),
    };
    if let Some(said) = jwk.common.key_algorithm {
        possible.retain(|algorithm| Algorithm::try_from(said).is_ok_and(|said| said == *algorithm));
    }
    possible
}
