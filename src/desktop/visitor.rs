//! Who asks for a page, in which language, and whether it is one of our own pages that asks.

use crate::Pages;
use crate::html::{Frame, then, with_cookie};
use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use startline_foundation::error::Error;
use startline_foundation::formats::Language;
use startline_identity::session::SessionToken;
use startline_rooms::access::{BrowserSession, Session};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

const LANGUAGE: &str = "startline-language";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The page that was asked for before somebody had to sign in.
const TO: &str = "startline-to";
const TO_LASTS_S: u32 = 600;
/// A page's address is read no further than this.
const LONGEST_QUERY: usize = 8 * 1024;

/// Whoever asks, signed in or not.
pub struct Visitor {
    pub language: Language,
    pub from: IpAddr,
    pub query: Fields,
    headers: HeaderMap,
    /// A page asks by itself, and nobody for anything: their session is not used by it.
    is_by_itself: bool,
}

/// Whoever has signed in, and asks by a page of ours.
pub struct Signed {
    pub session: Arc<Session>,
    pub browser: BrowserSession,
    pub token: SessionToken,
}

/// What a form or an address says, in its order.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Each of that name that is not empty: what was ticked, or typed into rows.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(of, value)| of == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(of, _)| of == name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value)
    }
}

impl FromRequestParts<Arc<Pages>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Pages>) -> Result<Self, Infallible> {
        let query = parts.uri.query().filter(|query| query.len() <= LONGEST_QUERY).unwrap_or_default();
        let query = Fields::read(query.as_bytes());
        let from = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.0.ip());
        let language = language(&parts.headers, &query);
        let is_by_itself = is_by_itself(parts.uri.path(), &parts.headers);
        Ok(Self { language, from, query, headers: parts.headers.clone(), is_by_itself })
    }
}

impl Visitor {
    /// Whose browser it is.
    ///
    /// # Errors
    /// The answer: the page at which one signs in, the page for a password of one's own, or that it cannot be found out now.
    pub async fn signed_in(&self, pages: &Pages, path: &str) -> Result<Signed, Response> {
        let Some(token) = self.token(pages) else { return Err(self.to_sign_in(pages, path)) };
        match pages.service.browser_session(&pages.browsers, &token, !self.is_by_itself).await {
            Ok((_, browser)) if browser.must_change_password && path != "/password" => Err(then(pages, "/password")),
            Ok((session, browser)) => Ok(Signed { session, browser, token }),
            Err(Error::Unauthenticated) => {
                Err(with_cookie(self.to_sign_in(pages, path), &pages.browsers.cookies.no_session()))
            }
            Err(fault) => Err(self.fault(pages, &fault)),
        }
    }

    /// The same, for what changes something: the form's own token is asked for as well.
    ///
    /// # Errors
    /// As [`Visitor::signed_in`]; the page that says that it was not one of ours that asked.
    pub async fn asks(&self, pages: &Pages, path: &str, form: &Fields) -> Result<Signed, Response> {
        if !self.is_from_our_pages(pages) {
            return Err(self.not_ours(pages));
        }
        let signed = self.signed_in(pages, path).await?;
        if signed.token.is_csrf(form.get("csrf")) { Ok(signed) } else { Err(self.not_ours(pages)) }
    }

    /// A browser says where a request comes from. What says nothing is no browser that has a cookie of somebody's.
    pub fn is_from_our_pages(&self, pages: &Pages) -> bool {
        let text = |name| self.headers.get(name).map(|value| value.to_str().unwrap_or_default());
        match (text(SEC_FETCH_SITE), text(header::ORIGIN)) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => origin.eq_ignore_ascii_case(&pages.origin),
            (None, None) => true,
        }
    }

    pub fn token(&self, pages: &Pages) -> Option<SessionToken> {
        pages.browsers.cookies.token_in(self.cookies())
    }

    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())
    }

    /// Whether a link or a form of another site brought them here: then the browser has kept the session's cookie back.
    pub fn comes_from_another_site(&self) -> bool {
        self.headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site")
    }

    pub fn frame<'a>(&self, pages: &'a Pages, here: &'a str) -> Frame<'a> {
        let mut frame = Frame::new(pages, self.language, here);
        for (name, value) in self.query.iter().filter(|(name, _)| !["language", "done"].contains(name)) {
            let mut pair = form_urlencoded::Serializer::new(String::new());
            frame.params += &pair.append_pair(name, value).finish();
            frame.params.push('&');
        }
        frame
    }

    /// Keeps the language that was just chosen.
    pub fn keeping_language(&self, pages: &Pages, response: Response) -> Response {
        if self.query.get("language").is_empty() {
            return response;
        }
        let (secure, language) = (self.secure(pages), self.language.as_str());
        with_cookie(response, &format!("{LANGUAGE}={language}; Path=/; SameSite=Lax; Max-Age=31536000{secure}"))
    }

    fn to_sign_in(&self, pages: &Pages, path: &str) -> Response {
        if self.comes_from_another_site() {
            return crate::sign_in::again(self, pages, path);
        }
        // What was asked for is shown once they have signed in.
        if path == "/" {
            return then(pages, "/sign-in");
        }
        let to: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let cookie = format!("{TO}={to}; Path=/; HttpOnly; SameSite=Lax; Max-Age={TO_LASTS_S}{}", self.secure(pages));
        with_cookie(then(pages, "/sign-in"), &cookie)
    }

    /// The page that was asked for before they had to sign in, and the cookie that forgets it.
    pub fn wanted(&self, pages: &Pages) -> (String, Option<String>) {
        let Some(kept) = self.cookie(TO) else { return ("/".to_owned(), None) };
        let read = Fields::read(format!("to={kept}").as_bytes());
        let to = Some(read.get("to")).filter(|to| is_ours(to)).unwrap_or("/").to_owned();
        (to, Some(format!("{TO}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{}", self.secure(pages))))
    }

    /// Whether a cookie is for TLS alone.
    pub fn secure(&self, pages: &Pages) -> &'static str {
        if pages.origin.starts_with("https://") { "; Secure" } else { "" }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        cookie(&self.headers, name).map(str::to_owned)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn not_ours(&self, pages: &Pages) -> Response {
        let words = self.frame(pages, "/").w;
        crate::account::notice(self, pages, StatusCode::FORBIDDEN, words.not_ours, words.not_ours_more)
    }

    pub fn fault(&self, pages: &Pages, fault: &Error) -> Response {
        let words = self.frame(pages, "/").w;
        let (status, more) = match fault {
            Error::Exhausted(_) => (StatusCode::TOO_MANY_REQUESTS, words.busy_more),
            Error::Unavailable(_) | Error::Contended | Error::DeadlineExceeded => {
                (StatusCode::SERVICE_UNAVAILABLE, words.away_more)
            }
            fault => {
                tracing::error!(%fault, "a page could not be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, words.away_more)
            }
        };
        let mut answer = crate::account::notice(self, pages, status, words.away, more);
        if status != StatusCode::INTERNAL_SERVER_ERROR {
            answer.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
        }
        answer
    }
}

/// Whether a path is of this service: what begins with two slashes, or has a backslash, is another's to a browser.
pub fn is_ours(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t'])
}

/// What a window listens to, that it says that it is there, the parts that it shows anew, and a page that reloads without
/// anybody's doing: a browser names who began a visit (`Sec-Fetch-User`).
fn is_by_itself(path: &str, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|said| said == value);
    let reloads = says("sec-fetch-mode", "navigate") && !headers.contains_key("sec-fetch-user");
    path == "/live" || path == "/live/here" || says("x-startline", "part") || reloads
}

/// Chosen on the page, or before, or what the browser asks for (RFC 9110, section 12.5.4).
fn language(headers: &HeaderMap, query: &Fields) -> Language {
    let chosen = match query.get("language") {
        "" => cookie(headers, LANGUAGE).unwrap_or_default(),
        chosen => chosen,
    };
    match (chosen, Language::parse(chosen)) {
        ("", _) | (_, Err(_)) => {
            let first = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let tag = first.split([',', ';', '-']).next().unwrap_or_default().trim();
            if tag.eq_ignore_ascii_case("cy") { Language::Welsh } else { Language::English }
        }
        (_, Ok(language)) => language,
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, _)| *of == name).map(|(_, value)| value)
}

/// So that a handler may answer early with `?`.
pub type Answer = Result<Response, Response>;

pub fn answered(answer: Answer) -> Response {
    answer.unwrap_or_else(IntoResponse::into_response)
}
