//! The signatures of tokens, checked by `ring`, which the service has for TLS already. It can check and not sign, and it
//! knows no signature that is made with a shared secret.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as Wrong, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature as r;

static BY_RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| check(*algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Once before the first token is read; again does no harm.
pub fn by_ring() {
    let _ = BY_RING.install_default();
}

struct Check(Algorithm, DecodingKey);

fn check(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let fits = algorithm.family() == key.family() && (rsa(algorithm).is_some() || other(algorithm).is_some());
    if !fits {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(Check(algorithm, key.clone())))
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Wrong> {
        let checked = match (self.1.kind(), rsa(self.0), other(self.0)) {
            (DecodingKeyKind::RsaModulusExponent { n, e }, Some(by), _) => {
                r::RsaPublicKeyComponents { n, e }.verify(by, message, signature)
            }
            (DecodingKeyKind::SecretOrDer(key), None, Some(by)) => {
                r::UnparsedPublicKey::new(by, key).verify(message, signature)
            }
            _ => return Err(Wrong::new()),
        };
        checked.map_err(|_| Wrong::new())
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

/// Of 2,048 to 8,192 bits: ring takes no others.
fn rsa(algorithm: Algorithm) -> Option<&'static r::RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &r::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &r::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &r::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &r::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &r::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &r::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn other(algorithm: Algorithm) -> Option<&'static dyn r::VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::ES256 => &r::ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &r::ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &r::ED25519,
        _ => return None,
    })
}
