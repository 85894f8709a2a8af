//! Signatures of tokens, checked by `ring`, which is what TLS uses here too.
//!
//! `jsonwebtoken` leaves this to a provider, and those that it brings would bring another
//! library of cryptography. This one signs nothing and knows no shared secrets, so that no
//! token can be signed with a public key.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Has signatures of tokens checked here, unless the program chose otherwise before.
pub(super) fn install() {
    // An error says that there is a provider, which is all that is needed.
    let _ = PROVIDER.install_default();
}

fn signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let scheme = scheme(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(Signed {
        algorithm: *algorithm,
        scheme,
        key: key.clone(),
    }))
}

/// How a kind of signature is checked.
#[derive(Clone, Copy)]
enum Scheme {
    Rsa(&'static RsaParameters),
    Point(&'static dyn VerificationAlgorithm),
}

fn scheme(algorithm: Algorithm) -> Option<Scheme> {
    Some(match algorithm {
        Algorithm::RS256 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Scheme::Point(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Scheme::Point(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Scheme::Point(&ED25519),
        _ => return None,
    })
}

/// Checks signatures of one key by one algorithm.
struct Signed {
    algorithm: Algorithm,
    scheme: Scheme,
    key: DecodingKey,
}

impl JwtVerifier for Signed {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for Signed {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let checked = match (self.scheme, self.key.kind()) {
            (Scheme::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (Scheme::Point(algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(algorithm, key).verify(message, signature)
            }
            _ => return Err(signature::Error::new()),
        };
        checked.map_err(|_| signature::Error::new())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// A key of RSA whose secret nobody has, and what it signed with PKCS #1 and with PSS, by
    /// OpenSSL.
    const MODULUS: &str = "ml3ulc1Fm5q9eJy-W3S7VaikRcH87RVevukqY3vsP8PTweTt9nEAyXOR_3k9bkImTrPOXhgx34P_cFkMZ5IrdK4b\
        UCz4Y-N3JJk4LuZfY_Wh9QYN9DafPSBeFzIOcoxvWN4EyVRHG2CxXaQrRpDPgC9m6QGfD09HoirimWOfUP1E3r-U\
        6bpXdLlVIQh8wXScv0riYN3gnRvsllzd8yTVH57V63f1i334FbkK1o27gS4faUbGNm0whLXX2ys5QiL5sXANS-k1\
        cRxK7vZhV7-mbJuJ8hz130eSpA74jOCf73PjQBVxoGdf1CeRfjfwcReTkYj5_mwsu0gEgbw6Ubw5yw";
    const MESSAGE: &[u8] = b"header.claims";
    const PKCS1: &str = "P_tNNqT9jlZ7fWv_cN4Jf_1ihTr9qnWtaRvWmjZqtVWMnR8J44JyUQYcQpsEFMRZQgz7VkhDh5MHUaxZur3alvWT\
        ZDLCl175eDLuRERS27-Z3TTYtJFS80IEf9jveh8jUZwGefI3OlpGxqfijXVX4r3elRAlMp-likep-8z6IBb3RB-5\
        CbHCuAAmu2thUyDblilDWGvndxSKFCdt-wVbw16BPYlAMP83Ygv1VVfN5TQOXWamWDUTSNnavfnMyJkjPM-nOpQS\
        CegvjMEXrf3iZ_OBvG4e63G1Hg3UaVOvLUBHLDpfDBfufrX3Jj8wALQgs--bzHWtPKKeq1wqyc7Vxw";
    const PSS: &str = "DKmr7dbeJxbt8CFsf4LkJszEtvm2f1GTNzbXVYdZmB08UBbdVU01kmqI-RPWLyLeN-s5jAQoIYCN3P9x4bxKX032\
        gqKY8KHFD8c4Olm40sSWcZ7i1PJZMiWp93R3JOpaEnTGJQCE4wR8ifd3F4EyF_4w5827kXCBA9J1yAUWMtBi7D5d\
        kRPs2Sbd9Y2LFfYSAZysQvBVe8tCmfP6NMnZuZ8KHP6TGMSx5x8th2QyIhREChEkzCdUoOzCHfXyMW2e5kUbQfql\
        78TAmHEApZHXBo07nzDWIQe_a2hZ8Mtg6lG-UBEd61nzTE7VIFd94NVzhqr3Q4TIzGURlhMsf6Avug";

    fn is_good(algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        let key = DecodingKey::from_rsa_components(MODULUS, "AQAB").expect("a key");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        let verifier = verifier(&algorithm, &key).expect("an algorithm of RSA");
        verifier.verify(message, &signature).is_ok()
    }

    #[test]
    fn signatures_of_rsa_are_checked_by_their_own_algorithm() {
        assert!(is_good(Algorithm::RS256, MESSAGE, PKCS1));
        assert!(is_good(Algorithm::PS256, MESSAGE, PSS));
        assert!(!is_good(Algorithm::RS256, b"header.others", PKCS1));
        for (algorithm, signature) in [
            (Algorithm::RS256, PSS),
            (Algorithm::PS256, PKCS1),
            (Algorithm::RS384, PKCS1),
            (Algorithm::RS512, PKCS1),
            (Algorithm::PS384, PSS),
            (Algorithm::PS512, PSS),
            (Algorithm::RS256, ""),
        ] {
            assert!(!is_good(algorithm, MESSAGE, signature), "{algorithm:?}");
        }
    }

    #[test]
    fn no_key_is_used_by_an_algorithm_of_another_kind() {
        let key = DecodingKey::from_rsa_components(MODULUS, "AQAB").expect("a key");
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
            assert!(verifier(&algorithm, &key).is_err(), "{algorithm:?}");
        }
        let secret = DecodingKey::from_secret(b"shared").expect("a secret");
        assert!(verifier(&Algorithm::HS256, &secret).is_err());
    }
}
