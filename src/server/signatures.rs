//! Signatures of bundles: Ed25519, in front of what they sign.
//!
//! A signed bundle begins with an entry of its archive, `.signature`, so that it is an
//! archive still. The signature is of all bytes behind that entry, and nothing of these is
//! read before it is known to be right.

use std::path::Path;

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::load::bundle;

/// Name of the entry.
const ENTRY: &str = ".signature";
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;
/// Bytes of a block of an archive; the entry is its head and one block.
const BLOCK_BYTES: usize = 512;
/// What the DER form of a public key of Ed25519 begins with; the key follows (RFC 8410).
const PUBLIC_KEY_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Says why a bundle cannot be signed, or a signature is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// A text is not PEM.
    #[error("the key is not PEM: {0}")]
    Pem(#[source] pem::Error),
    /// A key is not one of Ed25519.
    #[error("the key is not one of Ed25519")]
    Key,
    /// There is no key.
    #[error("there is no key in the file")]
    NoKey,
    /// The bundle is not signed.
    #[error("the bundle is not signed; sign it with `redress bundle --key`")]
    Unsigned,
    /// The bundle was changed, or signed by somebody else.
    #[error("the bundle was changed, or signed with another key")]
    Wrong,
}

/// Signs bundles.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads a private key in PEM form, PKCS #8.
    ///
    /// # Errors
    /// It is none of Ed25519.
    pub fn parse(pem: &str) -> Result<Self, SignatureError> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(pem_error)?;
        // Tools write keys without their public half.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der());
        Ok(Self(pair.map_err(|_| SignatureError::Key)?))
    }

    /// Returns a bundle behind its signature.
    pub fn sign(&self, bundle: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(bundle);
        let mut signed = entry(signature.as_ref());
        signed.extend_from_slice(bundle);
        signed
    }
}

/// Accepts bundles of those who have one of some keys.
#[derive(Clone, Debug)]
pub struct VerifyingKeys(Vec<UnparsedPublicKey<Vec<u8>>>);

impl VerifyingKeys {
    /// Reads public keys in PEM form, one after the other: an old and a new one.
    ///
    /// # Errors
    /// One is none of Ed25519, or there is none.
    pub fn parse(pem: &str) -> Result<Self, SignatureError> {
        let mut keys = Vec::new();
        for key in SubjectPublicKeyInfoDer::pem_slice_iter(pem.as_bytes()) {
            let key = key.map_err(pem_error)?;
            let key = key.strip_prefix(&PUBLIC_KEY_HEAD);
            let key = key.filter(|key| key.len() == 32);
            let key = key.ok_or(SignatureError::Key)?;
            keys.push(UnparsedPublicKey::new(&ED25519, key.to_vec()));
        }
        match keys.is_empty() {
            true => Err(SignatureError::NoKey),
            false => Ok(Self(keys)),
        }
    }

    /// Returns what of a signed bundle is signed.
    ///
    /// # Errors
    /// It is not signed, or not with one of the keys.
    pub fn verify<'b>(&self, bundle: &'b [u8]) -> Result<&'b [u8], SignatureError> {
        let (signature, signed) = split(bundle).ok_or(SignatureError::Unsigned)?;
        let is_of = |key: &UnparsedPublicKey<Vec<u8>>| key.verify(signed, signature).is_ok();
        match self.0.iter().any(is_of) {
            true => Ok(signed),
            false => Err(SignatureError::Wrong),
        }
    }
}

fn pem_error(error: pem::Error) -> SignatureError {
    match error {
        pem::Error::NoItemsFound => SignatureError::NoKey,
        error => SignatureError::Pem(error),
    }
}

/// Returns the entry of a signature.
fn entry(signature: &[u8]) -> Vec<u8> {
    // INVARIANT: the name is short.
    let mut entry = bundle::entry(Path::new(ENTRY), signature).unwrap_or_default();
    entry.resize(2 * BLOCK_BYTES, 0);
    entry
}

/// Takes a bundle apart, into signature and what is signed; `None`: it has no signature.
fn split(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, signed) = bundle.split_at_checked(2 * BLOCK_BYTES)?;
    let signature = head.get(BLOCK_BYTES..)?.get(..SIGNATURE_BYTES)?;
    (head == entry(signature)).then_some((signature, signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{self, bundle};

    // The keys that RFC 8410 has as examples.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";
    const ANOTHER: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEALy/z6TXOMKl/WyE9HT2OI5RKcTGObO+Mer24pR1WESQ=
-----END PUBLIC KEY-----
";
    /// A key of the curve P-256.
    const OTHER_KIND: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEa94yANcV7sQ1u5+e4ZsemVvQORtu
sFFrnwAwsoyrGPhDyFeSWeJ+dsLFeXD2TeSKkoIAStNqrbmNMClKoKPqOA==
-----END PUBLIC KEY-----
";
    /// What `openssl pkeyutl -sign -rawin` makes of `signed bytes` with the private key.
    const BY_OPENSSL: &str = "663ce7d8f82d7dd7addb6fc13918faed02b076ca81b6e0feb940572de76cd808\
                              b79b7e2af3a6597d4441898c631eb26de33faf3892c6833a003f58dfebfa2a07";

    fn signed() -> (Vec<u8>, Vec<u8>) {
        let bundle = bundle::pack(&load::embedded()).expect("a bundle");
        let key = SigningKey::parse(PRIVATE).expect("a key");
        let signed = key.sign(&bundle);
        (bundle, signed)
    }

    fn keys(pem: &str) -> VerifyingKeys {
        VerifyingKeys::parse(pem).expect("keys")
    }

    #[test]
    fn what_is_signed_comes_back_and_is_an_archive_still() {
        let (bundle, signed) = signed();
        for pem in [PUBLIC.to_owned(), format!("{ANOTHER}{PUBLIC}")] {
            assert_eq!(keys(&pem).verify(&signed).expect("signed"), bundle);
        }
        let here = Path::new("bundle");
        let policies = bundle::unpack(here, &signed).expect("policies");
        assert_eq!(policies.len(), load::embedded().len());
    }

    #[test]
    fn other_tools_make_the_same_signature() {
        let key = SigningKey::parse(PRIVATE).expect("a key");
        let signed = key.sign(b"signed bytes");
        let (signature, _) = split(&signed).expect("a signature");
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, BY_OPENSSL);
    }

    #[test]
    fn what_was_changed_anywhere_is_refused() {
        let (bundle, signed) = signed();
        let of = |bytes: &[u8]| keys(PUBLIC).verify(bytes).map(|_| ());
        assert!(of(&signed).is_ok());
        assert!(matches!(of(&bundle), Err(SignatureError::Unsigned)));
        assert!(matches!(of(&[]), Err(SignatureError::Unsigned)));
        let another = keys(ANOTHER).verify(&signed).map(|_| ());
        assert!(matches!(another, Err(SignatureError::Wrong)));
        for at in (0..3 * BLOCK_BYTES).chain([signed.len() - 1]) {
            let mut changed = signed.clone();
            changed[at] ^= 1;
            assert!(of(&changed).is_err(), "{at}");
        }
        assert!(of(&signed[..signed.len() - 1]).is_err());
        assert!(of(&[&signed[..], &[0]].concat()).is_err());
        // What is in front of a signature is not signed.
        assert!(of(&[&bundle[..], &signed].concat()).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let private = |pem| SigningKey::parse(pem).map(|_| ()).unwrap_err();
        let public = |pem| VerifyingKeys::parse(pem).map(|_| ()).unwrap_err();
        for text in ["", "a key", PUBLIC] {
            assert!(matches!(private(text), SignatureError::NoKey), "{text}");
        }
        for text in ["", "a key", PRIVATE] {
            assert!(matches!(public(text), SignatureError::NoKey), "{text}");
        }
        assert!(matches!(public(OTHER_KIND), SignatureError::Key));
        let mixed = format!("{PUBLIC}{OTHER_KIND}");
        assert!(matches!(public(&mixed), SignatureError::Key));
        let cut = PRIVATE.replace("EdVhC", "");
        assert!(SigningKey::parse(&cut).is_err());
    }
}
