//! What every page has, and how it is sent.

use crate::Pages;
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use startline_foundation::formats::Language;

/// The one style sheet.
pub const STYLE: &str = include_str!("desk.css");
/// By which it is asked for: another for each version of the program.
pub const STYLE_NAME: &str = concat!("desk-", env!("CARGO_PKG_VERSION"), ".css");

/// What stands on a browser's tab.
pub const MARK: &str = include_str!("mark.svg");
pub const MARK_NAME: &str = concat!("mark-", env!("CARGO_PKG_VERSION"), ".svg");

/// No script, nothing from elsewhere, in nobody's frame; forms go to ourselves.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What stands around what a page says.
pub struct Frame<'a> {
    pub w: &'static Words,
    pub base: &'a str,
    pub style: &'static str,
    pub mark: &'static str,
    /// Whose desk it is, once somebody has signed in.
    pub name: Option<&'a str>,
    /// The page itself, for the link to the same in the other language.
    pub here: &'a str,
    /// What our own pages send back.
    pub csrf: String,
}

impl<'a> Frame<'a> {
    pub fn new(pages: &'a Pages, language: Language, here: &'a str) -> Self {
        let w = Words::of(language);
        Self { w, base: &pages.base, style: STYLE_NAME, mark: MARK_NAME, name: None, here, csrf: String::new() }
    }
}

/// A fault beside its field.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// The field's id, to which the summary leads.
    pub field: &'static str,
    pub text: String,
}

/// What is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub fn one(field: &'static str, text: impl Into<String>) -> Self {
        Self(vec![Mistake { field, text: text.into() }])
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.text.as_str())
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
