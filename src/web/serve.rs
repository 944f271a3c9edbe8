//! Connections: how many, how long their headers may be and may take, and an orderly end.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at once; further ones wait to be taken.
const MOST_CONNECTIONS: usize = 512;
/// The request line and all headers together.
const LARGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// From the first byte of a connection or of the next request to the last header: nobody keeps a place by being slow.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// After a fault of the listener (no more file descriptors), before the next try.
const AFTER_FAULT: Duration = Duration::from_millis(200);

pub async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    while let Some(Ok(place)) = closing.run_until_cancelled(places.clone().acquire_owned()).await {
        let Some(accepted) = closing.run_until_cancelled(listener.accept()).await else { break };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(fault) => {
                tracing::warn!(%fault, "a web connection could not be taken");
                tokio::time::sleep(AFTER_FAULT).await;
                continue;
            }
        };
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
