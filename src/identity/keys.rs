//! A provider's keys, as it publishes them (JWKS, RFC 7517).

use crate::refused::Refused;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than any provider publishes.
const MOST_KEYS: usize = 64;

#[derive(Debug)]
pub struct Key {
    published: Jwk,
    pub decoding: DecodingKey,
    /// What may be signed with it: its kind decides, not what a token says.
    algorithms: Vec<Algorithm>,
    withdrawn: AtomicBool,
}

#[derive(Debug, Default)]
pub struct KeySet(Vec<Arc<Key>>);

#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

impl Key {
    /// None for a key that nobody signs tokens with, or whose kind we do not know.
    fn of(published: Jwk) -> Option<Self> {
        let common = &published.common;
        let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let may_verify = common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !for_signatures || !may_verify {
            return None;
        }
        let fits: &[Algorithm] = match &published.algorithm {
            AlgorithmParameters::RSA(_) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => &[Algorithm::ES256],
                EllipticCurve::P384 => &[Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => return None,
        };
        let named = common.key_algorithm;
        let may = |algorithm: &Algorithm| named.is_none_or(|named| named == (*algorithm).into());
        let algorithms: Vec<Algorithm> = fits.iter().copied().filter(may).collect();
        let decoding = DecodingKey::from_jwk(&published).ok().filter(|_| !algorithms.is_empty())?;
        Some(Self { published, decoding, algorithms, withdrawn: AtomicBool::new(false) })
    }

    fn id(&self) -> Option<&str> {
        self.published.common.key_id.as_deref()
    }

    /// Whether the provider has since taken it back.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }
}

impl KeySet {
    /// Reads what was published. Keys that stay are the same objects as before, and those that are gone say so.
    ///
    /// # Errors
    /// A sentence for the log.
    pub fn read(text: &[u8], before: &Self) -> Result<Self, String> {
        let published: Published = serde_json::from_slice(text).map_err(|fault| fault.to_string())?;
        if published.keys.len() > MOST_KEYS {
            tracing::warn!(keys = published.keys.len(), "the provider publishes more keys than are looked at");
        }
        let readable = published.keys.into_iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<Arc<Key>> = readable
            .filter_map(Key::of)
            .map(|key| {
                let same = before.0.iter().find(|known| known.published == key.published);
                same.cloned().unwrap_or_else(|| Arc::new(key))
            })
            .collect();
        for gone in before.0.iter().filter(|known| !keys.iter().any(|key| Arc::ptr_eq(key, known))) {
            gone.withdrawn.store(true, Ordering::Release);
        }
        if keys.is_empty() {
            tracing::warn!("the provider publishes no key that tokens could be signed with");
        }
        Ok(Self(keys))
    }

    /// The key of a token that says so of itself.
    ///
    /// # Errors
    /// [`Refused::UnknownKey`] when it may be one that the provider has published since.
    pub fn of_token(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, Refused> {
        let named = |key: &&Arc<Key>| id.is_none() || key.id() == id;
        let fits = |key: &&Arc<Key>| key.algorithms.contains(&algorithm);
        let mut fitting = self.0.iter().filter(named).filter(fits);
        match (fitting.next(), fitting.next(), id) {
            (Some(key), None, _) | (Some(key), _, Some(_)) => Ok(key.clone()),
            // Without a name for its key there must be one key that it can be.
            (Some(_), Some(_), None) => Err(Refused::OtherKey),
            (None, ..) if id.is_some() && self.0.iter().any(|key| named(&key)) => Err(Refused::OtherKey),
            (None, ..) => Err(Refused::UnknownKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const X: &str = "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0";
    const Y: &str = "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps";

    fn set(keys: &serde_json::Value, before: &KeySet) -> KeySet {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), before).unwrap()
    }

    fn ec(id: &str) -> serde_json::Value {
        json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": X, "y": Y })
    }

    #[test]
    fn a_key_that_is_not_for_signatures_or_of_an_unknown_kind_is_passed_over() {
        let mut encrypts = ec("e");
        encrypts["use"] = json!("enc");
        let mut signs = ec("s");
        signs["key_ops"] = json!(["sign"]);
        let mut other = ec("o");
        other["alg"] = json!("ES384");
        let shared = json!({ "kty": "oct", "kid": "h", "k": "c2VjcmV0", "alg": "HS256" });
        let odd = json!({ "kty": "NEW", "kid": "n" });
        let secp = json!({ "kty": "EC", "crv": "secp256k1", "kid": "k", "x": X, "y": Y });
        let keys = set(&json!([encrypts, signs, other, shared, odd, secp, 7, null, ec("good")]), &KeySet::default());
        assert_eq!(keys.0.iter().map(|key| key.id()).collect::<Vec<_>>(), [Some("good")]);
        assert!(KeySet::read(b"[]", &KeySet::default()).is_err());
        let many: Vec<_> = (0..200).map(|number| ec(&number.to_string())).collect();
        assert_eq!(set(&json!(many), &KeySet::default()).0.len(), MOST_KEYS);
    }

    #[test]
    fn a_key_that_stays_is_the_same_and_one_that_is_gone_says_so() {
        let before = set(&json!([ec("a"), ec("b")]), &KeySet::default());
        let after = set(&json!([ec("b"), ec("c")]), &before);
        assert!(before.0[0].is_withdrawn() && !before.0[1].is_withdrawn());
        assert!(Arc::ptr_eq(&before.0[1], &after.0[0]));
    }

    #[test]
    fn a_token_that_names_no_key_needs_the_only_one() {
        let (one, two) =
            (set(&json!([ec("a")]), &KeySet::default()), set(&json!([ec("a"), ec("b")]), &KeySet::default()));
        assert!(one.of_token(None, Algorithm::ES256).is_ok());
        assert_eq!(two.of_token(None, Algorithm::ES256).err(), Some(Refused::OtherKey));
        assert!(two.of_token(Some("b"), Algorithm::ES256).is_ok());
        assert_eq!(two.of_token(Some("c"), Algorithm::ES256).err(), Some(Refused::UnknownKey));
        assert_eq!(two.of_token(Some("b"), Algorithm::RS256).err(), Some(Refused::OtherKey));
        assert_eq!(two.of_token(Some("b"), Algorithm::HS256).err(), Some(Refused::OtherKey));
    }
}
