//! One port: our services behind the gate, health and reflection beside it, gRPC-Web around all.

use super::doors::routes;
use super::fault;
use super::gate::{Gate, MethodRoles};
use super::pb;
use startline_foundation::supervision::{Ended, Panics};
use startline_service::Service as Startline;
use startline_service::telemetry::Counts;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service};
use tracing::Instrument;
use tracing::field::Empty;

/// Streams one connection may have open: a switch holds one for each call that waits.
const STREAMS_PER_CONNECTION: u32 = 8192;
/// A desk that vanished without a word is noticed after two of these.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// What it takes to serve.
pub struct Server {
    pub service: Arc<Startline>,
    pub roles: MethodRoles,
    pub listener: TcpListener,
}

/// Serves until `stop` is done, then lets running calls finish.
pub async fn serve(server: Server, stop: impl Future<Output = ()>) -> Result<(), String> {
    let Server { service, roles, listener } = server;
    let gate = Gate::new(roles, service.directory.clone(), service.clock.clone());
    let (health_reporter, health) = tonic_health::server::health_reporter();
    health_reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(pb::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // The usual Python client, and grpcurl before 1.8.8, know only the older one.
    let reflection_v1 = reflection().build_v1().map_err(|fault| fault.to_string())?;
    let reflection_v1alpha = reflection().build_v1alpha().map_err(|fault| fault.to_string())?;

    let stopping = async move {
        stop.await;
        health_reporter.set_service_status("", tonic_health::ServingStatus::NotServing).await;
    };
    tonic::transport::Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .layer(GrpcWebLayer::new())
        .layer(GateLayer { gate, panics: service.panics.clone(), counts: service.counts.clone() })
        .add_routes(routes(&service))
        .add_service(health)
        .add_service(reflection_v1)
        .add_service(reflection_v1alpha)
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), stopping)
        .await
        .map_err(|fault| fault.to_string())
}

/// Puts the gate in front of every service; and a panic in one request ends that request.
#[derive(Clone)]
struct GateLayer {
    gate: Gate,
    panics: Panics,
    counts: Counts,
}

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.gate.clone(), panics: self.panics.clone(), counts: self.counts.clone(), inner }
    }
}

#[derive(Clone)]
struct Gated<S> {
    gate: Gate,
    panics: Panics,
    counts: Counts,
    inner: S,
}

impl<S> Service<http::Request<Body>> for Gated<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let (gate, panics, counts) = (self.gate.clone(), self.panics.clone(), self.counts.clone());
        let path = request.uri().path().to_owned();
        let method = gate.counted_as(&path);
        // As OpenTelemetry names them.
        let span = tracing::info_span!(
            "rpc",
            otel.name = %method,
            otel.kind = "server",
            rpc.system.name = "grpc",
            rpc.method = %method,
            rpc.response.status_code = Empty,
            user_id = Empty,
            site = Empty,
            request_id = Empty,
            error_id = Empty,
        );
        let begun = Instant::now();
        // The one that was polled ready takes the request; its clone stays for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let answering = async {
                match gate.admit(request).await {
                    Ok(request) => inner.call(request).await,
                    Err(status) => Ok(status.into_http()),
                }
            };
            let answered = match panics.guard(Ended::Request, &path, answering.instrument(span.clone())).await {
                Ok(answered) => answered?,
                Err(panic) => span.in_scope(|| fault::internal(&panic, &path, None).into_http()),
            };
            // A stream's is OK when it begins.
            let code =
                answered.headers().get(Status::GRPC_STATUS).map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()));
            let code = code_name(code);
            span.record("rpc.response.status_code", code);
            counts.rpc(method, code, begun.elapsed());
            Ok(answered)
        })
    }
}

/// As gRPC's own list names it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
