//! Connections: how many, how long their headers may be and may take, and an orderly end.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use startline_foundation::connections::{Bounds, Places};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The door's part of the descriptors in hundredths (the figures' door has as many, and a fifth is left for switches), and the most connections that it takes.
const PART: u64 = 15;
const MOST_CONNECTIONS: usize = 512;
/// The request line and all headers together.
const LARGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// From the first byte of a connection or of the next request to the last header: nobody keeps a place by being slow.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

pub async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    let places = Places::new(Bounds::part(PART, MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    while let Some((stream, _, place)) = closing.run_until_cancelled(places.accept(&listener, "web")).await {
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Broken requests and clients that go away are nobody's fault here.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}
