//! The desk in a browser: pages that the service renders, on the web door's address. They are plain forms, and need no script;
//! one small script makes them live.
//!
//! A page parses, asks the API's methods as any client does ([`startline_service::methods`]) and shows. Who asks is known by
//! the session in the browser's cookie ([`visitor`]); what a page changes comes with a token that only our own pages know, and
//! from our own pages alone.
//!
//! | | |
//! |---|---|
//! | `seat.rs` | whoever has signed in, at a page: a screen that shows takes a `Seat`, one that changes takes a `Posted` |
//! | `screens/` | a file or folder a screen, with its words in both languages; its templates are in `templates/`, under the same name |
//! | `desks.rs` | the desks that take calls in browsers: one stream a session |
//! | `live.rs` | one stream of events a window: what has changed, never what it is |
//! | `assets/` | the style sheet and the script: tokens, parts and states in the one, all that is live in the other |
//!
//! To add a screen: its routes in its file's `routes()`, named in [`screens::all`]; a template that extends `layout.html` and is
//! made of the parts of `field.html`; its words by `words!`. A form posts to an address of its own, has `frame.form()` among its
//! fields, and ends in a redirection. A part that changes by itself has an `id` and `data-live`, and its page names what it shows
//! by `frame.live(..)`.

#![expect(clippy::result_large_err, reason = "where no page comes, another does: both are as large")]

mod account;
mod assets;
mod desks;
mod html;
mod live;
mod navigation;
mod refused;
mod screens;
mod seat;
mod sign_in;
mod visitor;
mod words;

use assets::Assets;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::routing::{get, post};
use desks::Desks;
use startline_service::methods::Methods;
use startline_service::{Browsers, Service};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// The longest form of somebody who has signed in: a part of the claim with all its tables.
const LARGEST_FORM: usize = 512 * 1024;

/// What the pages call, and under which address they are.
pub struct Pages {
    service: Arc<Service>,
    methods: Arc<dyn Methods>,
    browsers: Browsers,
    desks: Desks,
    assets: Assets,
    /// What stands before each path: empty, or `/desk` where a proxy has others beside this.
    base: String,
    /// `https://desk.example.org`, as a browser names where a request comes from.
    origin: String,
    public_url: String,
    /// This program, and this start of it.
    version: String,
    closing: CancellationToken,
}

impl Pages {
    /// `public_url`: how the world reaches the web door. `closing`: the door closes, and windows that listen are told.
    pub fn new(
        service: Arc<Service>,
        methods: Arc<dyn Methods>,
        browsers: Browsers,
        public_url: &str,
        closing: CancellationToken,
    ) -> Self {
        let (origin, base) = split(public_url);
        let assets = Assets::new();
        let version = format!("{}-{:08x}", assets.name(), service.clock.now().timestamp());
        let public_url = public_url.to_owned();
        Self { service, methods, browsers, desks: Desks::default(), assets, base, origin, public_url, version, closing }
    }

    async fn stopping(&self) {
        self.closing.cancelled().await;
    }

    /// Their routes, for the web door.
    pub fn router(self) -> Router {
        let pages = Arc::new(self);
        Router::new()
            .route("/", get(account::home))
            .route("/account", get(account::account))
            .route("/account/site", post(account::choose_site))
            .route("/sign-in", get(sign_in::page).post(sign_in::with_password))
            .route("/sign-in/provider", get(sign_in::to_provider))
            .route("/sign-in/return", get(sign_in::from_provider))
            .route("/sign-out", get(account::home).post(account::sign_out))
            .route("/sign-out/everywhere", post(account::sign_out_everywhere))
            .route("/password", get(account::password).post(account::change_password))
            .route("/live", get(live::events))
            .route("/live/here", post(live::here))
            .merge(pages.assets.router())
            .merge(screens::all().layer(DefaultBodyLimit::max(LARGEST_FORM)))
            .fallback(account::no_page)
            .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_text))
            .with_state(pages)
    }
}

/// Pages and tables; a stream of events must not wait until there is more of it, and what else there is is compressed already.
///
/// A token of ours beside words of somebody else's choosing could be guessed from lengths by whoever makes a browser ask often
/// with its cookie: no other site can, the session's cookie is `SameSite=Strict`.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.starts_with("text/csv")
}

/// An address as the origin that a browser names, and the path below which everything is.
fn split(public_url: &str) -> (String, String) {
    let after_scheme = public_url.find("://").map_or(0, |at| at + 3);
    let path = public_url[after_scheme..].find('/').map_or(public_url.len(), |at| after_scheme + at);
    let (origin, base) = public_url.split_at(path);
    (origin.to_ascii_lowercase(), base.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests;
