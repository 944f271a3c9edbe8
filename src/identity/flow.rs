//! Signing in with a browser: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636). The browser is sent to the
//! provider and comes back with a code; the service, and never the browser, gives the code for an ID token.
//!
//! What ties the two ends together ([`Pending`]) is the browser's, in a cookie of its own: nothing is kept here of who only
//! began, so that whoever begins a million times fills nothing. The provider's page is another site, so that cookie must be
//! `SameSite=Lax`; see [`crate::session::Cookies::pending`].

use crate::provider::{Discovery, Renewed};
use crate::refused::Refused;
use crate::secret::{Secret, same};
use crate::token::Identity;
use crate::verifier::{Purpose, Verifier};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderValue;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use startline_foundation::clock::age;
use startline_foundation::config::{OIDC_CLIENT_SECRET_VARIABLE, OidcConfig};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// How long somebody may take at the provider's page.
pub const PENDING_MINUTES: i64 = 10;
/// Longest code that is taken to the provider.
const LONGEST_CODE: usize = 4 * 1024;

/// The client that this service is to the provider. Cheap to clone.
#[derive(Clone)]
pub struct CodeFlow(Arc<Parts>);

struct Parts {
    verifier: Verifier,
    client_id: String,
    secret: Option<Secret>,
    scope: String,
    redirect: String,
}

/// A sign-in that a browser has begun. It is that browser's alone, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    begun_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    error: Option<String>,
}

impl CodeFlow {
    /// None when the settings name no client: then there is no sign-in with a browser. `public_url` is how the world reaches
    /// the web door.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(config: &OidcConfig, public_url: &str, verifier: Verifier) -> Result<Option<Self>, String> {
        let Some(client_id) = config.client_id.clone() else { return Ok(None) };
        let secret = Secret::read(config.client_secret_file.as_deref(), OIDC_CLIENT_SECRET_VARIABLE)
            .map_err(|fault| format!("oidc.client_secret_file: {fault}"))?;
        let (scope, redirect) = (config.scope.clone(), OidcConfig::redirect(public_url));
        Ok(Some(Self(Arc::new(Parts { verifier, client_id, secret, scope, redirect }))))
    }

    /// Where to send the browser, and what it has to bring back.
    ///
    /// # Errors
    /// [`Refused::ProviderAway`] when nobody knows yet where the provider's page is.
    pub async fn begin(&self, now: DateTime<Utc>) -> Result<(String, Pending), Refused> {
        let discovery = self.discovery().await?;
        let page = discovery.authorization_endpoint.as_deref().ok_or(Refused::ProviderAway)?;
        let pending = Pending { state: random(), nonce: random(), verifier: random(), begun_at: now };
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, pending.verifier.as_bytes()));
        let address = with_query(
            page,
            &[
                ("response_type", "code"),
                ("client_id", &self.0.client_id),
                ("redirect_uri", &self.0.redirect),
                ("scope", &self.0.scope),
                ("state", &pending.state),
                ("nonce", &pending.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        Ok((address, pending))
    }

    /// Who came back. `state` and `code` are what the address brought, `pending` what the browser's cookie did.
    ///
    /// # Errors
    /// Why not: for the log.
    pub async fn finish(
        &self,
        state: &str,
        code: &str,
        pending: &Pending,
        now: DateTime<Utc>,
    ) -> Result<Arc<Identity>, Refused> {
        if !same(state, &pending.state) {
            return Err(Refused::OtherSignIn);
        }
        if age(pending.begun_at, now) > TimeDelta::minutes(PENDING_MINUTES) {
            return Err(Refused::Late);
        }
        if code.is_empty() || code.len() > LONGEST_CODE {
            return Err(Refused::Code);
        }
        let token = self.exchange(code, pending).await?;
        let purpose = Purpose::SignIn { client_id: &self.0.client_id };
        let identity = self.0.verifier.read(&token, purpose, now).await?.identity;
        match &identity.nonce {
            Some(nonce) if same(nonce, &pending.nonce) => Ok(identity),
            _ => Err(Refused::OtherSignIn),
        }
    }

    /// The provider's page that ends its own sign-in, and comes back to `after` when the provider knows that address. None
    /// when the provider has no such page, or was never reached.
    pub fn end_session(&self, after: &str) -> Option<String> {
        let page = self.0.verifier.provider().known()?.discovery.end_session_endpoint.clone()?;
        Some(with_query(&page, &[("client_id", &self.0.client_id), ("post_logout_redirect_uri", after)]))
    }

    async fn exchange(&self, code: &str, pending: &Pending) -> Result<String, Refused> {
        let discovery = self.discovery().await?;
        let page = discovery.token_endpoint.as_deref().ok_or(Refused::ProviderAway)?;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.0.redirect),
            ("code_verifier", &pending.verifier),
        ];
        let methods = &discovery.token_endpoint_auth_methods_supported;
        // What a provider takes that says nothing of it.
        let takes_basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let mut authorization = None;
        match &self.0.secret {
            Some(secret) if takes_basic => authorization = basic(&self.0.client_id, secret),
            Some(secret) => {
                fields.extend([("client_id", self.0.client_id.as_str()), ("client_secret", secret.reveal())])
            }
            None => fields.push(("client_id", &self.0.client_id)),
        }
        let answer = self.0.verifier.provider().http.post(page, form(&fields), authorization).await;
        let answer = answer.map_err(|fault| {
            tracing::warn!(fault, "the OpenID provider gave no answer to a sign-in's code");
            Refused::ProviderAway
        })?;
        let tokens = serde_json::from_slice::<Tokens>(&answer.body).ok();
        let Some(Tokens { id_token, error }) = tokens else { return Err(Refused::Code) };
        match id_token {
            Some(token) if answer.status.is_success() => Ok(token),
            _ => {
                // One of the few words of RFC 6749: `invalid_client` is for the operator to mend.
                let is_word =
                    |word: &String| word.len() <= 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                let error = error.filter(is_word).unwrap_or_default();
                tracing::warn!(
                    status = answer.status.as_u16(),
                    error,
                    "the OpenID provider did not take a sign-in's code"
                );
                Err(Refused::Code)
            }
        }
    }

    async fn discovery(&self) -> Result<Arc<Discovery>, Refused> {
        let provider = self.0.verifier.provider();
        provider.renew_when_old();
        if provider.known().is_none() && provider.renew().await == Renewed::NoAnswer {
            return Err(Refused::ProviderAway);
        }
        provider.known().map(|known| known.discovery).ok_or(Refused::ProviderAway)
    }
}

impl Pending {
    /// For the cookie.
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}.{}", self.state, self.nonce, self.verifier, self.begun_at.timestamp())
    }

    /// None when it is no sign-in of ours.
    pub fn from_text(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [state, nonce, verifier, begun] = parts.as_slice() else { return None };
        let is_ours =
            |word: &&str| word.len() == 43 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let begun_at = DateTime::from_timestamp(begun.parse().ok()?, 0)?;
        let all = [state, nonce, verifier];
        all.into_iter().all(is_ours).then(|| {
            let [state, nonce, verifier] = all.map(|word| (*word).to_owned());
            Self { state, nonce, verifier, begun_at }
        })
    }
}

/// Never what it holds: what is printed for debugging ends up in logs.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(..)")
    }
}

/// 256 random bits, in 43 characters that an address may have.
pub fn random() -> String {
    let bytes: [u8; 32] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Both halves are written as in a form first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Option<HeaderValue> {
    let both = format!("{}:{}", escaped(client_id), escaped(secret.reveal()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(both))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn with_query(page: &str, fields: &[(&str, &str)]) -> String {
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}{}", form(fields))
}

fn form(fields: &[(&str, &str)]) -> String {
    let written: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    written.join("&")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
