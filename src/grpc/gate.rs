//! The gate in front of every method: a bearer token or a client's certificate, a known user, a role that the method's own
//! option names. Where there is a token it alone counts.
//!
//! Health and reflection stand outside: they tell nothing about anybody. A method of ours without roles stops the server
//! from starting, so that none can be forgotten.

use super::fault;
use super::mirrors::Mirror;
use super::pb;
use chrono::{DateTime, Utc};
use prost_reflect::{DescriptorPool, Value};
use startline_foundation::clock::Clock;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::tls::ClientCertificate;
use startline_rooms::access::{Context, Directory, Roles, Sees, Session, Shown, Token, User};
use startline_routing::Switchboard;
use startline_service::{Service, SignIn};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use tonic::body::Body;
use tonic::{Request, Status};

const OUR_PACKAGE: &str = "startline.v1.";
const ACCESS_OPTION: &str = "startline.v1.access";

/// The roles of each method, by its path: `/startline.v1.ClaimService/OpenClaim`.
#[derive(Debug)]
pub struct MethodRoles(HashMap<String, Roles>);

impl MethodRoles {
    /// The roles of every method we serve.
    ///
    /// # Errors
    /// A sentence that names the methods without roles.
    pub fn of_the_api() -> Result<Self, String> {
        Self::read(pb::DESCRIPTORS)
    }

    /// Reads the roles from the descriptors.
    ///
    /// # Errors
    /// A sentence that names the methods without roles.
    fn read(descriptors: &[u8]) -> Result<Self, String> {
        let pool = DescriptorPool::decode(descriptors).map_err(|fault| fault.to_string())?;
        let option = pool.get_extension_by_name(ACCESS_OPTION).ok_or("the access option is not declared")?;
        let mut roles = HashMap::new();
        let mut without = Vec::new();
        for service in pool.services().filter(|service| service.full_name().starts_with(OUR_PACKAGE)) {
            for method in service.methods() {
                let named = named_roles(&method.options().get_extension(&option));
                if named.is_empty() {
                    without.push(method.full_name().to_owned());
                }
                roles.insert(format!("/{}/{}", service.full_name(), method.name()), named);
            }
        }
        if without.is_empty() { Ok(Self(roles)) } else { Err(format!("no role may call {}", without.join(", "))) }
    }

    /// The roles that may call the method; an unknown method may be called by nobody.
    pub fn of(&self, path: &str) -> Roles {
        self.0.get(path).copied().unwrap_or_default()
    }
}

fn named_roles(option: &Value) -> Roles {
    let list = option.as_message().and_then(|access| access.get_field_by_name("roles"));
    let numbers = list.as_ref().and_then(|list| list.as_list()).unwrap_or_default();
    let known = |number: &Value| pb::Role::try_from(number.as_enum_number()?).ok().and_then(Mirror::word);
    numbers.iter().filter_map(known).collect()
}

/// Lets requests through, with their user attached.
#[derive(Clone)]
pub struct Gate {
    roles: Arc<MethodRoles>,
    directory: Arc<Directory>,
    switchboard: Arc<Switchboard>,
    sign_in: Option<Arc<SignIn>>,
    clock: Clock,
}

impl Gate {
    pub fn new(roles: MethodRoles, service: &Service) -> Self {
        let (directory, switchboard) = (service.directory.clone(), service.switchboard.clone());
        let (sign_in, clock) = (service.sign_in.clone(), service.clock.clone());
        Self { roles: Arc::new(roles), directory, switchboard, sign_in, clock }
    }

    /// The name by which a method is counted: its own when we have it, so that nobody can make us count without end.
    pub fn counted_as(&self, path: &str) -> Cow<'static, str> {
        const BESIDE: [&str; 4] = [
            "grpc.health.v1.Health/Check",
            "grpc.health.v1.Health/Watch",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ];
        let name = path.trim_start_matches('/');
        match BESIDE.iter().find(|known| **known == name) {
            Some(known) => Cow::Borrowed(known),
            None if self.roles.0.contains_key(path) => Cow::Owned(name.to_owned()),
            None => Cow::Borrowed("unknown"),
        }
    }

    /// The request with its user, or the status to answer with.
    pub async fn admit(&self, mut request: http::Request<Body>) -> Result<http::Request<Body>, Status> {
        let path = request.uri().path();
        if !path.starts_with(&format!("/{OUR_PACKAGE}")) {
            return Ok(request);
        }
        // Nothing of the request is held while the user is looked for: its body cannot be shared.
        let claimed = Claimed::by(&request, path.to_owned());
        let user = self.user(&claimed).await.map_err(|fault| fault::status(fault, &claimed.path, None))?;
        let span = tracing::Span::current();
        span.record("user_id", tracing::field::display(user.id));
        if let Some(site) = &user.site {
            span.record("site", tracing::field::display(site));
        }
        request.extensions_mut().insert(Admitted { gate: self.clone(), claimed: Arc::new(claimed), user: user.id });
        request.extensions_mut().insert(user);
        self.switchboard.floor().known().await;
        Ok(request)
    }

    /// Somebody who has signed in with a browser, and asks from this site if it is named.
    pub async fn admit_inside(&self, path: &str, session: [u8; 32], site: Option<SiteId>) -> Result<(User, Admitted)> {
        let claimed = Claimed { credential: Some(Credential::Browser(session)), at: site, path: path.to_owned() };
        let user = self.user(&claimed).await?;
        let admitted = Admitted { gate: self.clone(), claimed: Arc::new(claimed), user: user.id };
        self.switchboard.floor().known().await;
        Ok((user, admitted))
    }

    async fn user(&self, claimed: &Claimed) -> Result<User> {
        let now = self.clock.now();
        let session = self.session(claimed, now).await?;
        let acting = session.user.acting(self.roles.of(&claimed.path), claimed.at.as_ref(), now);
        acting.ok_or_else(|| match &claimed.at {
            None => Error::Denied(format!("a user with the role {} may not call this method", session.user.roles)),
            Some(site) => Error::Denied(format!("you have no role at {site} that may call this method")),
        })
    }

    async fn session(&self, claimed: &Claimed, now: DateTime<Utc>) -> Result<Arc<Session>> {
        let shown = match &claimed.credential {
            Some(Credential::Token(token)) => match &self.sign_in {
                Some(sign_in) if token.is_of_a_provider() => {
                    let account = sign_in.account(token, now).await?;
                    return self.directory.authenticate(&Shown::Account(&account), now).await;
                }
                _ => Shown::Token(token),
            },
            Some(Credential::Browser(hash)) => Shown::Session(hash),
            // The connection may be older than the certificate's end.
            Some(Credential::Certificate(certificate)) if now < certificate.ends => {
                Shown::Certificate(&certificate.names)
            }
            Some(Credential::Certificate(_)) | None => return Err(Error::Unauthenticated),
        };
        self.directory.authenticate(&shown, now).await
    }
}

/// What a request shows of who sends it, and what it asks for.
struct Claimed {
    credential: Option<Credential>,
    at: Option<SiteId>,
    path: String,
}

impl Claimed {
    fn by(request: &http::Request<Body>, path: String) -> Self {
        Self { credential: Credential::by(request), at: site(request.headers()), path }
    }
}

/// Somebody was let through. What goes on for long asks again whether they still would be.
#[derive(Clone)]
pub struct Admitted {
    gate: Gate,
    claimed: Arc<Claimed>,
    user: UserId,
}

impl Admitted {
    /// Done when they would not be let through any more, with what they would be told.
    pub async fn ends(self) -> Error {
        let mut changes = self.gate.directory.changes_of(self.user);
        loop {
            if changes.changed().await.is_err() {
                return Error::Unauthenticated;
            }
            match self.gate.user(&self.claimed).await {
                Ok(_) | Err(Error::Unavailable(_)) => {}
                Err(fault) => return fault,
            }
        }
    }

    /// When the token that was shown was made, and when it ends.
    pub async fn session(&self) -> Result<Arc<Session>> {
        self.gate.session(&self.claimed, self.gate.clock.now()).await
    }
}

/// The site that somebody who works at several asks from: `startline-site`.
fn site(headers: &http::HeaderMap) -> Option<SiteId> {
    headers.get("startline-site")?.to_str().ok().map(|site| SiteId::new(site.trim()))
}

/// By what somebody says who they are.
enum Credential {
    Token(Token),
    Certificate(ClientCertificate),
    /// The hash of what a browser's cookie holds: the pages' door alone shows it.
    Browser([u8; 32]),
}

impl Credential {
    fn by(request: &http::Request<Body>) -> Option<Self> {
        let certificate = || request.extensions().get::<ClientCertificate>().cloned();
        match request.headers().contains_key(http::header::AUTHORIZATION) {
            true => bearer(request.headers()).map(Self::Token),
            false => certificate().map(Self::Certificate),
        }
    }
}

/// RFC 6750, section 2.1.
fn bearer(headers: &http::HeaderMap) -> Option<Token> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token::presented(token.trim()))
}

/// Who calls, and when.
pub fn context<T>(request: &Request<T>, clock: &Clock) -> Result<Context> {
    let user = request.extensions().get::<User>().cloned().ok_or(Error::Unauthenticated)?;
    Ok(Context {
        now: clock.now(),
        user,
        request_id: None,
        language: language(request.metadata()),
        sees: Sees::NOTHING,
    })
}

/// The language the caller reads: `accept-language` (RFC 9110, section 12.5.4) with Welsh first asks for Welsh.
fn language(metadata: &tonic::metadata::MetadataMap) -> Language {
    let first = metadata.get("accept-language").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tag = first.split([',', ';', '-']).next().unwrap_or_default().trim();
    if tag.eq_ignore_ascii_case("cy") { Language::Welsh } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_rooms::access::Role;

    #[test]
    fn every_method_of_ours_names_its_roles() {
        let roles = MethodRoles::read(pb::DESCRIPTORS).unwrap();
        assert!(roles.of("/startline.v1.ClaimService/SaveAnswers").has(Role::Adviser));
        assert!(!roles.of("/startline.v1.ClaimService/SaveAnswers").has(Role::Switch));
        assert!(roles.of("/startline.v1.ClaimService/Nothing").is_empty());
    }

    #[test]
    fn a_certificate_counts_where_no_token_is_shown() {
        let certificate =
            ClientCertificate { names: ["dns:desk.example".to_owned()].into(), ends: chrono::DateTime::UNIX_EPOCH };
        let shown = |authorization: Option<&str>, certificate: Option<&ClientCertificate>| {
            let mut request = http::Request::new(Body::empty());
            if let Some(certificate) = certificate {
                request.extensions_mut().insert(certificate.clone());
            }
            if let Some(value) = authorization {
                request.headers_mut().insert(http::header::AUTHORIZATION, value.parse().unwrap());
            }
            Credential::by(&request)
        };
        assert!(shown(None, None).is_none());
        assert!(matches!(shown(None, Some(&certificate)), Some(Credential::Certificate(it)) if it == certificate));
        assert!(matches!(shown(Some("Bearer sl_x"), Some(&certificate)), Some(Credential::Token(_))));
        assert!(
            shown(Some("Basic eDp5"), Some(&certificate)).is_none(),
            "nobody is let in by what they did not mean to show"
        );
    }

    #[test]
    fn a_method_without_roles_is_named() {
        use prost::Message;
        let mut set = prost_types::FileDescriptorSet::decode(pb::DESCRIPTORS).unwrap();
        // Decoding with plain protobuf types drops our option from every method.
        set.file.retain(|file| !file.name().is_empty());
        let fault = MethodRoles::read(&set.encode_to_vec()).unwrap_err();
        assert!(fault.contains("startline.v1.ClaimService.OpenClaim"), "{fault}");
    }
}
