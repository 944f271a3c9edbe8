//! What every page has beside its text: a style sheet, a script, a mark for the browser's tab. Each is asked for by a name that
//! changes with it, so that no browser asks twice for the same, and is sent compressed to whoever takes it so.

use crate::Pages;
use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::Arc;

struct Asset {
    kind: &'static str,
    plain: &'static [u8],
    compressed: Vec<u8>,
}

/// By which each is asked for.
pub struct Assets {
    pub style: String,
    pub script: String,
    pub mark: String,
    all: Vec<(String, Arc<Asset>)>,
}

const STYLE: &str = concat!(
    include_str!("assets/desk.css"),
    include_str!("assets/calls.css"),
    include_str!("assets/walks.css"),
    include_str!("assets/floor.css"),
    include_str!("assets/day.css"),
    include_str!("assets/post.css"),
);
const SCRIPT: &[u8] = include_bytes!("assets/desk.js");
const MARK: &[u8] = include_bytes!("assets/mark.svg");

impl Assets {
    pub fn new() -> Self {
        let mut all = Vec::new();
        let mut named = |stem: &str, end: &str, kind: &'static str, plain: &'static [u8]| {
            let hash = Sha256::digest(plain);
            let name = format!("{stem}-{:02x}{:02x}{:02x}{:02x}.{end}", hash[0], hash[1], hash[2], hash[3]);
            all.push((name.clone(), Arc::new(Asset { kind, plain, compressed: compressed(plain) })));
            name
        };
        let style = named("desk", "css", "text/css; charset=utf-8", STYLE.as_bytes());
        let script = named("desk", "js", "text/javascript; charset=utf-8", SCRIPT);
        let mark = named("mark", "svg", "image/svg+xml", MARK);
        Self { style, script, mark, all }
    }

    /// Of the program that wrote them.
    pub fn name(&self) -> String {
        format!("{}+{}+{}", env!("CARGO_PKG_VERSION"), self.style, self.script)
    }

    pub fn router(&self) -> Router<Arc<Pages>> {
        let route = |router: Router<Arc<Pages>>, (name, asset): &(String, Arc<Asset>)| {
            let asset = asset.clone();
            router.route(&format!("/{name}"), get(async move |headers: HeaderMap| sent(&asset, &headers)))
        };
        self.all.iter().fold(Router::new(), route)
    }
}

fn compressed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes all that it is given.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

fn sent(asset: &Asset, headers: &HeaderMap) -> Response {
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_gzip = takes.split(',').any(|coding| coding.trim() == "gzip" || coding.trim().starts_with("gzip;"));
    let common: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "Accept-Encoding"),
    ];
    match takes_gzip && !asset.compressed.is_empty() {
        true => {
            (StatusCode::OK, common, [(header::CONTENT_ENCODING, "gzip")], asset.compressed.clone()).into_response()
        }
        false => (StatusCode::OK, common, asset.plain).into_response(),
    }
}
