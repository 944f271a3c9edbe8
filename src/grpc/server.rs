//! One port: our services behind the gate, health and reflection beside it, gRPC-Web around all.

use super::gate::{Gate, MethodRoles};
use super::pb::{
    self, calendar_service_server::CalendarServiceServer, callback_service_server::CallbackServiceServer,
    claim_service_server::ClaimServiceServer, client_service_server::ClientServiceServer,
    definition_service_server::DefinitionServiceServer, desk_service_server::DeskServiceServer,
    diary_service_server::DiaryServiceServer, floor_service_server::FloorServiceServer,
    follow_up_service_server::FollowUpServiceServer, pack_service_server::PackServiceServer,
    reminder_service_server::ReminderServiceServer, routing_service_server::RoutingServiceServer,
    script_service_server::ScriptServiceServer,
};
use super::{
    Shared, calendars, callbacks, claims, clients, definitions, desk, diary, floor, followup, packs, reminders,
    routing, scripts,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service};

/// Largest request: a hundred long answers.
const LARGEST_REQUEST: usize = 1024 * 1024;
/// Streams one connection may have open: a switch holds one for each call that waits.
const STREAMS_PER_CONNECTION: u32 = 8192;
/// A desk that vanished without a word is noticed after two of these.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// What it takes to serve.
pub struct Server {
    pub shared: Arc<Shared>,
    pub roles: MethodRoles,
    pub listener: TcpListener,
}

/// Serves until `stop` is done, then lets running calls finish.
pub async fn serve(server: Server, stop: impl Future<Output = ()>) -> Result<(), String> {
    let Server { shared, roles, listener } = server;
    let gate = Gate::new(roles, shared.directory.clone(), shared.clock.clone());
    let (health_reporter, health) = tonic_health::server::health_reporter();
    health_reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(pb::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(|fault| fault.to_string())?;

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
        .layer(GateLayer(gate))
        .add_service(health)
        .add_service(reflection)
        .add_service(
            RoutingServiceServer::new(routing::RoutingDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(DeskServiceServer::new(desk::DeskDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST))
        .add_service(
            FloorServiceServer::new(floor::FloorDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            ClientServiceServer::new(clients::ClientDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            CallbackServiceServer::new(callbacks::CallbackDoor(shared.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            ScriptServiceServer::new(scripts::ScriptDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            ClaimServiceServer::new(claims::ClaimDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            DiaryServiceServer::new(diary::DiaryDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            ReminderServiceServer::new(reminders::ReminderDoor(shared.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            CalendarServiceServer::new(calendars::CalendarDoor(shared.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(
            FollowUpServiceServer::new(followup::FollowUpDoor(shared.clone()))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .add_service(PackServiceServer::new(packs::PackDoor(shared.clone())).max_decoding_message_size(LARGEST_REQUEST))
        .add_service(
            DefinitionServiceServer::new(definitions::DefinitionDoor(shared))
                .max_decoding_message_size(LARGEST_REQUEST),
        )
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), stopping)
        .await
        .map_err(|fault| fault.to_string())
}

/// Puts the gate in front of every service.
#[derive(Clone)]
struct GateLayer(Gate);

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { gate: self.0.clone(), inner }
    }
}

#[derive(Clone)]
struct Gated<S> {
    gate: Gate,
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
        let gate = self.gate.clone();
        // The one that was polled ready takes the request; its clone stays for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match gate.admit(request).await {
                Ok(request) => inner.call(request).await,
                Err(status) => Ok(status.into_http()),
            }
        })
    }
}
