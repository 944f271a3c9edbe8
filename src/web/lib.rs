//! The web door: calendar feeds for calendar programs, delivery receipts from Notify, and the pages of whoever gives them to it
//! (`desktop`). HTTP/1.1, and HTTP/2 where it has a
//! certificate; it parses, calls a room's verb and converts.
//!
//! axum and hyper's server stay in here. No path is logged, because a feed's path is its secret.

mod calendars;
mod metrics;
mod receipts;
mod serve;

pub use metrics::MetricsPort;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use startline_foundation::config::WebConfig;
use startline_foundation::tls::Tls;
use startline_rooms::reminders::Secret;
use startline_service::Service;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A receipt is a few hundred bytes.
const LARGEST_BODY: usize = 16 * 1024;
/// Longer than a calendar takes while the database is busy.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What the door calls. `app.rs` makes it.
pub struct Rooms {
    pub service: Arc<Service>,
    pub receipts_token: Option<Secret>,
}

/// A door whose address is known and taken, and that nobody has opened yet.
pub struct WebPort {
    listener: TcpListener,
    tls: Option<Tls>,
    pub address: SocketAddr,
    /// Under which the world reaches it.
    pub public_url: String,
}

/// The open door.
pub struct WebDoor {
    pub address: SocketAddr,
    /// Under which the world reaches it.
    pub public_url: String,
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl WebPort {
    /// # Errors
    /// A sentence for the operator when the address cannot be listened on.
    pub async fn bind(settings: &WebConfig, tls: Option<Tls>) -> Result<Self, String> {
        let cannot = |fault| format!("the address {} of [web] cannot be listened on: {fault}", settings.listen);
        let listener = TcpListener::bind(settings.listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let own = || format!("{scheme}://{address}");
        let public_url = settings.public_url.clone().unwrap_or_else(own).trim_end_matches('/').to_owned();
        Ok(Self { listener, tls, address, public_url })
    }

    /// `pages` are served beside what the door has itself.
    pub fn open(self, rooms: Rooms, pages: Router) -> WebDoor {
        let closing = CancellationToken::new();
        let router = router(Arc::new(rooms), pages);
        let task = tokio::spawn(serve::serve(self.listener, self.tls, router, closing.clone()));
        WebDoor { address: self.address, public_url: self.public_url, closing, task }
    }
}

impl WebDoor {
    /// Takes no new connections, and lets running requests finish, at most for `grace`.
    pub async fn close(self, grace: Duration) {
        self.closing.cancel();
        let mut task = self.task;
        if tokio::time::timeout(grace, &mut task).await.is_err() {
            tracing::warn!("some web requests did not finish in time");
            task.abort();
        }
    }
}

fn router(rooms: Arc<Rooms>, pages: Router) -> Router {
    Router::new()
        .route("/calendars/{name}", get(calendars::calendar))
        .route("/notify/receipts", post(receipts::receipt))
        .with_state(rooms)
        .merge(pages)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(in_time_and_unsniffed))
}

/// Every answer comes within the timeout, and tells browsers to keep what they see to themselves.
async fn in_time_and_unsniffed(request: axum::extract::Request, next: Next) -> Response {
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    let mut answer = answered.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response());
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // A page says itself what it is made of.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}
