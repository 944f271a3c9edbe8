//! Whether a token is one of the provider's, for us, and valid now.

use crate::cache::{Cache, Checked};
use crate::http::Http;
use crate::keys::Key;
use crate::provider::{Provider, Renewed};
use crate::refused::Refused;
use crate::signature;
use crate::token::{Claims, Identity};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use ring::digest::{SHA256, digest};
use startline_foundation::clock::Clock;
use startline_foundation::config::OidcConfig;
use std::sync::Arc;

/// Longest token that is looked at, in bytes.
pub const LONGEST_TOKEN: usize = 8 * 1024;
/// So many checked tokens are remembered: more than a service has desks. Each is a few hundred bytes, and never much
/// more than the token itself.
const MOST_CHECKED: usize = 10_000;

/// Cheap to clone; the clones share their keys and what they have checked.
#[derive(Clone)]
pub struct Verifier(Arc<Parts>);

struct Parts {
    config: OidcConfig,
    /// By what may be signed with, as the library wants to hear it.
    algorithms: Vec<(Algorithm, Validation)>,
    leeway: TimeDelta,
    provider: Arc<Provider>,
    checked: Cache,
}

/// What a token is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// With a request.
    Request,
    /// At the end of a sign-in by this client.
    SignIn { client_id: &'a str },
}

impl Verifier {
    /// Asks nobody yet: the provider may be away while the service starts.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(config: &OidcConfig, clock: Clock) -> Result<Self, String> {
        signature::by_ring();
        let known = |name: &String| {
            let algorithm: Algorithm =
                name.parse().map_err(|_| format!("oidc.algorithms has {name:?}, which nobody knows"))?;
            Ok::<_, String>((algorithm, signature_only(algorithm)))
        };
        Ok(Self(Arc::new(Parts {
            algorithms: config.algorithms.iter().map(known).collect::<Result<_, _>>()?,
            leeway: TimeDelta::seconds(config.leeway_s.into()),
            provider: Provider::new(&config.issuer, Http::open(config.ca.as_deref())?, clock),
            checked: Cache::new(MOST_CHECKED),
            config: config.clone(),
        })))
    }

    /// Asks the provider in the background, so that the first caller need not wait for it.
    pub fn ask_ahead(&self) {
        let _ = self.0.provider.begin();
    }

    /// Whose token this is. Waits at most two seconds for the provider, and only when it may have published a new key.
    ///
    /// # Errors
    /// Why not: for the log. Callers hear only that they need a valid token.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Identity>, Refused> {
        let parts = &*self.0;
        if token.len() > LONGEST_TOKEN {
            return Err(Refused::TooLong);
        }
        parts.provider.renew_when_old();
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(found) = parts.checked.find(&fingerprint, now, parts.leeway) {
            return found;
        }
        let checked = self.read(token, Purpose::Request, now).await?;
        let identity = checked.identity.clone();
        parts.checked.keep(fingerprint, checked);
        Ok(identity)
    }

    /// How many checked tokens are remembered.
    pub fn remembered(&self) -> usize {
        self.0.checked.len()
    }

    pub(crate) fn provider(&self) -> &Arc<Provider> {
        &self.0.provider
    }

    pub(crate) async fn read(&self, token: &str, purpose: Purpose<'_>, now: DateTime<Utc>) -> Result<Checked, Refused> {
        let parts = &*self.0;
        if token.len() > LONGEST_TOKEN {
            return Err(Refused::TooLong);
        }
        let header = decode_header(token).map_err(|_| Refused::Malformed)?;
        check_header(&header, purpose)?;
        let named = parts.algorithms.iter().find(|(algorithm, _)| *algorithm == header.alg);
        let (algorithm, validation) = named.ok_or(Refused::Algorithm)?;
        let key = self.key(header.kid.as_deref(), *algorithm).await?;
        let claims = decode::<Claims>(token, &key.decoding, validation).map_err(|fault| match fault.kind() {
            ErrorKind::InvalidSignature => Refused::Signature,
            _ => Refused::Malformed,
        });
        let claims = claims?.claims;
        match purpose {
            Purpose::Request => claims.check_parties(&parts.config.issuer, &parts.config.audiences)?,
            Purpose::SignIn { client_id } => {
                claims.check_parties(&parts.config.issuer, &[client_id.to_owned()])?;
                claims.check_client(client_id)?;
            }
        }
        let times = claims.times()?;
        times.check(now, parts.leeway)?;
        let identity = Arc::new(claims.identity(&parts.config, &times)?);
        Ok(Checked { identity, times, key })
    }

    /// The key that a token names, if need be after asking the provider.
    async fn key(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, Refused> {
        let provider = &self.0.provider;
        let look = || provider.known().map(|known| known.keys.of_token(id, algorithm));
        match look() {
            Some(Err(Refused::UnknownKey)) | None => {}
            Some(found) => return found,
        }
        let renewed = provider.renew().await;
        match look() {
            Some(Err(Refused::UnknownKey)) if renewed == Renewed::NoAnswer => Err(Refused::ProviderAway),
            Some(found) => found,
            None => Err(Refused::ProviderAway),
        }
    }
}

/// What a header may say. A token that is made for another purpose is often signed with the same keys.
fn check_header(header: &Header, purpose: Purpose<'_>) -> Result<(), Refused> {
    if header.crit.is_some() {
        return Err(Refused::Critical);
    }
    let Some(kind) = &header.typ else { return Ok(()) };
    let kind = kind.to_ascii_lowercase();
    match (kind.strip_prefix("application/").unwrap_or(&kind), purpose) {
        ("jwt", _) | ("at+jwt", Purpose::Request) => Ok(()),
        _ => Err(Refused::Kind),
    }
}

/// Everything but the signature is checked by us: the library would look at the system's clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}
