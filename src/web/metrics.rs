//! `GET /metrics`, on a port of its own: what Prometheus reads. It is answered from memory.

use crate::serve;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use startline_foundation::metrics::{Registry, encoding};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A port that is taken, and where nobody is answered yet.
pub struct MetricsPort {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl MetricsPort {
    /// # Errors
    /// A sentence for the operator when the address cannot be listened on.
    pub async fn bind(listen: SocketAddr) -> Result<Self, String> {
        let cannot =
            |fault| format!("the address {listen} of telemetry.prometheus_listen cannot be listened on: {fault}");
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// Answers until the service closes.
    pub fn open(self, registry: Registry, closing: CancellationToken) {
        let router = Router::new().route("/metrics", get(metrics)).with_state(Arc::new(registry));
        tokio::spawn(serve::serve(self.listener, None, router, closing));
    }
}

async fn metrics(State(registry): State<Arc<Registry>>) -> Response {
    let mut text = String::new();
    match encoding::text::encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(fault) => {
            tracing::error!(%fault, "the figures could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
