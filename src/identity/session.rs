//! What a browser has once somebody has signed in: a token in a cookie that no script can read, and a second one against pages
//! of other sites (CSRF) that only our own pages know. Pure: the table and the routes are others'.
//!
//! A session ends when nobody does anything for a while, and in any case after a working day. Neither end cuts off a call: who
//! speaks with a caller goes on, and signs in again afterwards.

use crate::flow::{PENDING_MINUTES, Pending, random};
use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};
use ring::hmac;
use startline_foundation::clock::age;
use std::fmt;

/// Characters of a token: 256 random bits.
const TOKEN_CHARS: usize = 43;

/// When sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub idle: TimeDelta,
    pub absolute: TimeDelta,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle: TimeDelta::minutes(30), absolute: TimeDelta::hours(12) }
    }
}

impl Limits {
    /// Whether a session is over that began then and was used then. `in_call`: whether its user speaks with somebody now.
    pub fn are_past(&self, began_at: DateTime<Utc>, seen_at: DateTime<Utc>, now: DateTime<Utc>, in_call: bool) -> bool {
        let past = age(seen_at, now) >= self.idle || age(began_at, now) >= self.absolute;
        past && !in_call
    }
}

/// What the cookie holds. Kept by its hash alone, so that whoever reads the table has no session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    pub fn fresh() -> Self {
        Self(random())
    }

    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.0.as_bytes()).as_ref());
        hash
    }

    /// What our own pages send in a header with each request that changes something. It is made from the token, so that it is
    /// this session's and need not be kept; the token cannot be made from it.
    pub fn csrf(&self) -> String {
        hmac::sign(&self.csrf_key(), CSRF).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a page of ours sent it. Takes the same time however much of it is right.
    pub fn is_csrf(&self, presented: &str) -> bool {
        crate::secret::same(&self.csrf(), presented)
    }

    fn csrf_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes())
    }
}

const CSRF: &[u8] = b"startline: a page of ours";

/// Never the token: what is printed for debugging ends up in logs.
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// How the cookies of one address are called and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// `public_url`: how the world reaches the web door. Without TLS, which is for trials on one machine, a browser would take
    /// neither `Secure` nor the name that promises it.
    pub fn of(public_url: &str) -> Self {
        Self { secure: public_url.starts_with("https://") }
    }

    /// With `__Host-` a browser promises that the cookie is from this very host, by TLS and for all its pages: no other host
    /// of the same domain can lay one of its own under it.
    fn name(self, of: &str) -> String {
        if self.secure { format!("__Host-{of}") } else { of.to_owned() }
    }

    fn written(self, of: &str, value: &str, more: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly{secure}; {more}", self.name(of))
    }

    /// `Set-Cookie` at the end of a sign-in. It ends with the browser.
    pub fn session(self, token: &SessionToken) -> String {
        self.written(SESSION, &token.0, "SameSite=Strict")
    }

    /// `Set-Cookie` at the sign-out.
    pub fn no_session(self) -> String {
        self.written(SESSION, "", "SameSite=Strict; Max-Age=0")
    }

    /// `Set-Cookie` at the beginning of a sign-in. The provider's page is another site, and the browser must bring this along
    /// from there, so it is `Lax`.
    pub fn pending(self, pending: &Pending) -> String {
        let more = format!("SameSite=Lax; Max-Age={}", PENDING_MINUTES * 60);
        self.written(PENDING, &pending.to_text(), &more)
    }

    /// `Set-Cookie` once a sign-in is over, however it went: it is good for one try.
    pub fn no_pending(self) -> String {
        self.written(PENDING, "", "SameSite=Lax; Max-Age=0")
    }

    /// The session's token in a request's `Cookie` headers.
    pub fn token_in<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Option<SessionToken> {
        let is_ours = |text: &&str| {
            text.len() == TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        self.found(SESSION, headers).filter(is_ours).map(|text| SessionToken(text.to_owned()))
    }

    /// The sign-in that this browser began.
    pub fn pending_in<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Option<Pending> {
        self.found(PENDING, headers).and_then(Pending::from_text)
    }

    /// None when it is there twice: one of the two is somebody else's, and nobody knows which.
    fn found<'a>(self, of: &str, headers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let name = self.name(of);
        let pairs = headers.into_iter().flat_map(|header| header.split(';'));
        let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(found, _)| *found == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

const SESSION: &str = "startline";
const PENDING: &str = "startline-sign-in";
