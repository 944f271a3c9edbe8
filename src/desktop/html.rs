//! What every page has, and how it is sent.

use crate::Pages;
use crate::assets::Assets;
use crate::desks::DeskShown;
use crate::navigation::Place;
use crate::refused::said::Said;
use crate::refused::{in_words, of_field};
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use startline_foundation::formats::Language;
use startline_service::methods::Refusal;
use std::borrow::Cow;
use uuid::Uuid;

/// Our own script and style alone, nothing from elsewhere, in nobody's frame; forms go to ourselves.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What stands around what a page says.
pub struct Frame<'a> {
    pub w: &'static Words,
    pub base: &'a str,
    pub assets: &'a Assets,
    /// This program and this start of it: a window that shows what another wrote says so.
    pub version: &'a str,
    /// Whose desk it is, once somebody has signed in.
    pub name: Option<&'a str>,
    pub user: String,
    /// The page itself, for the link to the same in the other language.
    pub here: &'a str,
    /// What its address asks for, ready to be followed by more: `day=2026-03-03&`.
    pub params: String,
    /// What our own pages send back.
    pub csrf: String,
    /// Where they may go.
    pub may: Vec<Place>,
    pub desk: Option<DeskShown>,
    /// Whether they may look for clients, and what they looked for.
    pub find: bool,
    pub query: String,
    /// Which records they may open: to others no link leads.
    pub opens: Opens,
    /// What has just been done.
    pub done: Option<&'static str>,
    /// What the page shows that changes by itself, beside their own desk (`live.rs`).
    pub topics: String,
    /// Without a script, the page is asked for again after so many seconds.
    pub again_after_s: u32,
    /// As wide as the window: lists and boards, no text to be read in lines.
    pub is_wide: bool,
}

/// Kinds of record, and whether somebody's roles may open any of that kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opens {
    pub clients: bool,
    pub claims: bool,
    pub callbacks: bool,
    pub standby: bool,
    pub decisions: bool,
    pub calendars: bool,
    pub steps: bool,
    pub bookings: bool,
}

impl<'a> Frame<'a> {
    pub fn new(pages: &'a Pages, language: Language, here: &'a str) -> Self {
        Self {
            w: Words::of(language),
            base: &pages.base,
            assets: &pages.assets,
            version: &pages.version,
            name: None,
            user: String::new(),
            here,
            params: String::new(),
            csrf: String::new(),
            may: Vec::new(),
            desk: None,
            find: false,
            query: String::new(),
            opens: Opens::default(),
            done: None,
            topics: String::new(),
            again_after_s: 0,
            is_wide: false,
        }
    }

    /// The page shows this, and changes with it.
    pub fn live(mut self, topic: impl AsRef<str>) -> Self {
        if !self.topics.is_empty() {
            self.topics.push(' ');
        }
        self.topics.push_str(topic.as_ref());
        self
    }

    pub fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }

    /// Asked for again by browsers without a script.
    pub fn again_after(self, again_after_s: u32) -> Self {
        Self { again_after_s, ..self }
    }

    /// What each form of ours has beside what is typed: that it is ours, and by which it happens once.
    pub fn form(&self) -> Once<'_> {
        Once { csrf: &self.csrf, request_id: fresh_request(), from: self.here }
    }
}

/// By which something is asked for once.
pub fn fresh_request() -> Uuid {
    // Nothing is ordered by it.
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

/// The fields of a form that nobody sees. Each that is written has an id of its own.
#[derive(Template)]
#[template(
    source = "<input type=\"hidden\" name=\"csrf\" value=\"{{ csrf }}\"><input type=\"hidden\" name=\"request_id\" value=\"{{ request_id }}\"><input type=\"hidden\" name=\"from\" value=\"{{ from }}\">",
    ext = "html"
)]
pub struct Once<'a> {
    csrf: &'a str,
    request_id: Uuid,
    /// The page that it stands on, to which whoever has to sign in first comes back.
    from: &'a str,
}

impl askama::filters::HtmlSafe for Once<'_> {}

/// A fault beside its field.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// The field's id, to which the summary leads.
    pub field: Cow<'static, str>,
    pub text: Said,
}

/// What is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub fn one(field: impl Into<Cow<'static, str>>, text: impl Into<Said>) -> Self {
        Self(vec![Mistake { field: field.into(), text: text.into() }])
    }

    /// What the service says of what was typed. `fields`: the service's path of each, and the id that it has on the page;
    /// what is none of them is told of the first.
    pub fn of_refusal(refusal: &Refusal, language: Language, fields: &[(&str, &'static str)]) -> Self {
        let first = fields.first().map_or("main", |(_, id)| *id);
        let id = |path: &str| {
            let found = fields.iter().find(|(known, _)| path == *known || path.starts_with(&format!("{known}[")));
            found.map_or(first, |(_, id)| *id)
        };
        if refusal.fields.is_empty() {
            return Self::one(first, in_words(language, refusal));
        }
        let mistake =
            |(path, text): &(String, String)| Mistake { field: id(path).into(), text: of_field(language, path, text) };
        Self(refusal.fields.iter().map(mistake).collect())
    }

    /// All of them lead to this one field.
    pub fn all_at(mut self, field: String) -> Self {
        let field = Cow::<'static, str>::from(field);
        self.0.iter_mut().for_each(|mistake| mistake.field = field.clone());
        self
    }

    pub fn and(mut self, field: impl Into<Cow<'static, str>>, text: impl Into<Said>) -> Self {
        self.0.push(Mistake { field: field.into(), text: text.into() });
        self
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&Said> {
        self.0.iter().find(|mistake| mistake.field == field).map(|mistake| &mistake.text)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub fn page(status: StatusCode, template: &impl Template) -> Response {
    let text = match template.render() {
        Ok(text) => text,
        Err(fault) => {
            tracing::error!(%fault, "a page could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Of pages of people, in a browser that others use after them, nothing is left.
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Cookie, Accept-Language"),
    ];
    (status, headers, text).into_response()
}

/// After something was done, the page that shows it: asked for by itself, so that asking again does nothing twice.
pub fn then(pages: &Pages, path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("{}{path}", pages.base))]).into_response()
}

pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
