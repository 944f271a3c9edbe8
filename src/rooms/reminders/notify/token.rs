//! Notify's API key, and the token made from it for each request: a JSON Web Token (RFC 7519) signed with HMAC SHA-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::path::Path;
use uuid::Uuid;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether somebody knows it. Takes the same time however much of it they know.
    pub fn is(&self, presented: &str) -> bool {
        use sha2::Digest;
        Sha256::digest(self.0.as_bytes()) == Sha256::digest(presented.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Reads a secret from a file, or from a variable of the environment when there is no file.
///
/// # Errors
/// A sentence that names the file.
pub fn secret(file: Option<&Path>, variable: &str) -> Result<Option<Secret>, String> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|fault| format!("the secret in {} cannot be read: {fault}", file.display()))?,
        None => std::env::var(variable).unwrap_or_default(),
    };
    let text = text.trim();
    match (text.is_empty(), file) {
        (false, _) => Ok(Some(Secret::new(text))),
        (true, Some(file)) => Err(format!("the file {} holds no secret", file.display())),
        (true, None) => Ok(None),
    }
}

/// `name-<service id>-<secret>`; both at its end are UUIDs.
#[derive(Debug, Clone)]
pub struct ApiKey {
    service: String,
    secret: Secret,
}

const UUID_CHARS: usize = 36;

impl ApiKey {
    /// None when it does not look like a key of Notify.
    pub fn parse(key: &Secret) -> Option<Self> {
        let (rest, secret) = key.0.split_at_checked(key.0.len().checked_sub(UUID_CHARS)?)?;
        let rest = rest.strip_suffix('-')?;
        let (_, service) = rest.split_at_checked(rest.len().checked_sub(UUID_CHARS)?)?;
        let both = [service, secret].iter().all(|id| Uuid::parse_str(id).is_ok());
        both.then(|| Self { service: service.to_owned(), secret: Secret::new(secret) })
    }

    /// The token of one request. Notify takes it within thirty seconds of its own time.
    pub fn token(&self, now: DateTime<Utc>) -> String {
        let claims = serde_json::json!({ "iss": self.service, "iat": now.timestamp() });
        signed(r#"{"typ":"JWT","alg":"HS256"}"#, &claims.to_string(), self.secret.0.as_bytes())
    }
}

fn signed(header: &str, claims: &str, secret: &[u8]) -> String {
    let content = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length is taken");
    mac.update(content.as_bytes());
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
    const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";

    /// The example of RFC 7515, appendix A.1, whose key and line breaks are its own.
    #[test]
    fn the_signature_is_that_of_the_standards_example() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let token = signed(header, claims, &key);
        assert!(token.ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "{token}");
    }

    #[test]
    fn a_key_is_read_from_its_end_because_its_name_may_have_hyphens() {
        let key = ApiKey::parse(&Secret::new(&format!("start-up-line-{SERVICE}-{SECRET}"))).unwrap();
        assert_eq!(key.service, SERVICE);
        let token = key.token("2026-03-03T10:00:00Z".parse().unwrap());
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims, serde_json::json!({ "iss": SERVICE, "iat": 1_772_532_000 }));
        for wrong in ["", SECRET, "name-é-x", &format!("name-{SERVICE}"), &format!("n-{SERVICE}-{}", &SECRET[1..])] {
            assert!(ApiKey::parse(&Secret::new(wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_never_shows_itself() {
        let key = Secret::new(&format!("name-{SERVICE}-{SECRET}"));
        let shown = format!("{key:?} {:?}", ApiKey::parse(&key).unwrap());
        assert!(!shown.contains("3d844edf"), "{shown}");
        assert!(key.is(&format!("name-{SERVICE}-{SECRET}")) && !key.is(SECRET));
    }
}
