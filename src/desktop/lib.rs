//! The desk in a browser: pages that the service renders, on the web door's address. They are plain forms, and need no script.
//!
//! A page parses, calls the service and shows. Who asks is known by the session in the browser's cookie ([`visitor`]); what a
//! page changes comes with a token that only our own pages know, and from our own pages alone.

mod account;
mod html;
mod sign_in;
mod visitor;
mod words;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use startline_service::{Browsers, Service};
use std::sync::Arc;

/// What the pages call, and under which address they are.
pub struct Pages {
    service: Arc<Service>,
    browsers: Browsers,
    /// What stands before each path: empty, or `/desk` where a proxy has others beside this.
    base: String,
    /// `https://desk.example.org`, as a browser names where a request comes from.
    origin: String,
    public_url: String,
}

impl Pages {
    /// `public_url`: how the world reaches the web door.
    pub fn new(service: Arc<Service>, browsers: Browsers, public_url: &str) -> Self {
        let (origin, base) = split(public_url);
        Self { service, browsers, base, origin, public_url: public_url.to_owned() }
    }

    /// Their routes, for the web door.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(account::home))
            .route("/sign-in", get(sign_in::page).post(sign_in::with_password))
            .route("/sign-in/provider", get(sign_in::to_provider))
            .route("/sign-in/return", get(sign_in::from_provider))
            .route("/sign-out", get(account::home).post(account::sign_out))
            .route("/sign-out/everywhere", post(account::sign_out_everywhere))
            .route("/password", get(account::password).post(account::change_password))
            .route(&format!("/{}", html::STYLE_NAME), get(async || for_ever("text/css; charset=utf-8", html::STYLE)))
            .route(&format!("/{}", html::MARK_NAME), get(async || for_ever("image/svg+xml", html::MARK)))
            .fallback(account::no_page)
            .with_state(Arc::new(self))
    }
}

/// An address as the origin that a browser names, and the path below which everything is.
fn split(public_url: &str) -> (String, String) {
    let after_scheme = public_url.find("://").map_or(0, |at| at + 3);
    let path = public_url[after_scheme..].find('/').map_or(public_url.len(), |at| after_scheme + at);
    let (origin, base) = public_url.split_at(path);
    (origin.to_ascii_lowercase(), base.trim_end_matches('/').to_owned())
}

/// Its name changes with it, so that no browser asks for it twice.
fn for_ever(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], text)
}

#[cfg(test)]
mod tests;
