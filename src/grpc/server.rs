//! One port: our services behind the gate, health and reflection beside it, gRPC-Web around all.

use super::bounds::{self, Bounds, Held};
use super::call::{Behind, Method};
use super::connections::{self, Connection, GREETS_WITHIN};
use super::doors::{Looks, methods};
use super::fault;
use super::gate::{Gate, MethodRoles};
use super::health::Health;
use super::pb;
use super::strangers::Strangers;
use bytes::{Buf, BufMut, Bytes};
use startline_foundation::connections::{Bounds as Doors, Places};
use startline_foundation::ids::UserId;
use startline_foundation::supervision::{Ended, Panics};
use startline_foundation::tls::{Entrance, Tls};
use startline_rooms::access::User;
use startline_service::Service as Startline;
use startline_service::telemetry::Counts;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_web::GrpcWebLayer;
use tower::{Layer, Service};
use tracing::Instrument;
use tracing::field::Empty;

/// The door's part of the descriptors in hundredths, and the most connections that it takes.
const PART: u64 = 50;
const MOST_CONNECTIONS: usize = 20_000;

/// What it takes to serve.
pub struct Server {
    pub service: Arc<Startline>,
    pub roles: MethodRoles,
    pub listener: TcpListener,
    /// Its certificate, if it has one.
    pub tls: Option<Tls>,
    /// After how long a connection by which nobody asks anything is closed.
    pub idle: Duration,
}

/// Serves until `stop` is done, then lets running calls finish.
pub async fn serve(server: Server, stop: impl Future<Output = ()>) -> Result<(), String> {
    let Server { service, roles, listener, tls, idle } = server;
    let gate = Gate::new(roles, &service);
    let (reporter, health) = tonic_health::server::health_reporter();
    let told = Arc::new(Health::new(reporter)?);
    let (following, readiness) = (told.clone(), service.readiness.subscribe());
    // Whoever asks first is told how it stands, and not that there is no such service.
    let now = *readiness.borrow();
    told.tell(now).await;
    let following = tokio::spawn(async move { following.follow(readiness).await });
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
        following.abort();
        told.stop().await;
    };
    let bounds = Bounds::default();
    let places = Places::new(Doors::part(PART, MOST_CONNECTIONS));
    let beside = Routes::new(health).add_service(reflection_v1).add_service(reflection_v1alpha).prepare();
    let methods = MethodsLayer(Methods::new(service.clone(), bounds.clone())).layer(beside);
    let (panics, counts) = (service.panics.clone(), service.counts.clone());
    let strangers = Strangers::new(service.clock.clone(), counts.clone());
    let answers = GrpcWebLayer::new().layer(GateLayer { gate, panics, counts, bounds, strangers }.layer(methods));
    let entrance = Entrance::new(listener, places, "gRPC", tls, GREETS_WITHIN);
    connections::serve(entrance, answers, idle, stopping).await;
    Ok(())
}

/// Puts the gate in front of every service; and a panic in one request ends that request.
#[derive(Clone)]
struct GateLayer {
    gate: Gate,
    panics: Panics,
    counts: Counts,
    bounds: Bounds,
    strangers: Strangers,
}

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { door: self.clone(), inner }
    }
}

#[derive(Clone)]
struct Gated<S> {
    door: GateLayer,
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
        let GateLayer { gate, panics, counts, bounds, strangers } = self.door.clone();
        let path = request.uri().path().to_owned();
        let method = gate.counted_as(&path);
        let span = span(&method, "server");
        let begun = Instant::now();
        let connection = request.extensions().get::<Connection>().cloned();
        let from = address(connection.as_ref());
        // The one that was polled ready takes the request; its clone stays for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let answering = async {
                let request = match gate.admit(request).await {
                    Ok(request) => request,
                    Err(status) => return Ok(strangers.answer(status, from, &path).await.into_http()),
                };
                match place(&bounds, &request, &path) {
                    Ok(Place::OfOurs(_under_way, whose)) => {
                        inner.call(request.map(|body| bounds.request_body(body, whose, &path))).await
                    }
                    Ok(Place::Beside(held)) => {
                        let request = request.map(|body| bounds.body_beside(body, &path));
                        Ok(inner.call(request).await?.map(|body| bounds::holding(body, held)))
                    }
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
            if let (Code::ResourceExhausted | Code::Unauthenticated, Some(connection)) = (code, connection) {
                connection.refused();
            }
            let code = code_name(code);
            span.record("rpc.response.status_code", code);
            counts.rpc(method, code, begun.elapsed());
            Ok(answered)
        })
    }
}

/// What a request has taken while it is under way.
enum Place {
    OfOurs(Held, UserId),
    Beside(Held),
}

fn place(bounds: &Bounds, request: &http::Request<Body>, path: &str) -> Result<Place, Status> {
    match request.extensions().get::<User>() {
        Some(user) => bounds.request(user.id, path).map(|held| Place::OfOurs(held, user.id)),
        None => bounds.beside(address(request.extensions().get::<Connection>()), path).map(Place::Beside),
    }
}

fn address(connection: Option<&Connection>) -> IpAddr {
    connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connection| connection.from.ip())
}

/// Largest request: a hundred long answers.
const LARGEST_REQUEST: usize = 1024 * 1024;

/// Our methods by their paths, and what stands behind them.
#[derive(Clone)]
struct Methods {
    by_path: Arc<HashMap<&'static str, Method>>,
    behind: Behind,
    bounds: Bounds,
}

impl Methods {
    fn new(service: Arc<Startline>, bounds: Bounds) -> Self {
        Self { by_path: Arc::new(methods()), behind: Behind { service, looks: Arc::<Looks>::default() }, bounds }
    }

    /// The answer of the method of this path, if it is one of ours.
    fn answer(&self, request: http::Request<Body>) -> Result<Answering, Box<http::Request<Body>>> {
        let Some(method) = self.by_path.get(request.uri().path()).copied() else { return Err(request.into()) };
        let (behind, bounds, path) = (self.behind.clone(), self.bounds.clone(), request.uri().path().to_owned());
        let user = request.extensions().get::<User>().map(|user| user.id);
        Ok(Box::pin(async move {
            let mut grpc = Grpc::new(AsBytes).apply_max_message_size_config(Some(LARGEST_REQUEST), None);
            match method {
                Method::Unary(answer) => {
                    // A long answer counts until it has been read.
                    let unread = Arc::new(OnceLock::new());
                    let (held, bounds) = (unread.clone(), bounds.clone());
                    let answer = tower::service_fn(move |request| {
                        let answering = answer(behind.clone(), request);
                        let (held, bounds, path) = (held.clone(), bounds.clone(), path.clone());
                        async move {
                            let answered = answering.await?;
                            if let Some(user) = user {
                                let _ = held.set(bounds.answer(user, answered.get_ref().len(), &path)?);
                            }
                            Ok(answered)
                        }
                    });
                    let response = grpc.unary(answer, request).await;
                    let held = Arc::into_inner(unread).and_then(OnceLock::into_inner).unwrap_or_default();
                    response.map(|body| bounds::holding(body, held))
                }
                Method::Stream(answer) => {
                    let answer = tower::service_fn(move |request| answer(behind.clone(), request));
                    grpc.server_streaming(answer, request).await
                }
            }
        }))
    }
}

type Answering = Pin<Box<dyn Future<Output = http::Response<Body>> + Send>>;

/// Messages pass as they are: each method reads and writes its own.
#[derive(Clone, Copy)]
struct AsBytes;

impl Codec for AsBytes {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// Answers our methods; whatever else is asked for goes on to the services beside them.
#[derive(Clone)]
struct MethodsLayer(Methods);

impl<S> Layer<S> for MethodsLayer {
    type Service = WithMethods<S>;

    fn layer(&self, beside: S) -> WithMethods<S> {
        WithMethods { methods: self.0.clone(), beside }
    }
}

#[derive(Clone)]
struct WithMethods<S> {
    methods: Methods,
    beside: S,
}

impl<S> Service<http::Request<Body>> for WithMethods<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.beside.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match self.methods.answer(request) {
            Ok(answering) => Box::pin(async move { Ok(answering.await) }),
            Err(request) => Box::pin(self.beside.call(*request)),
        }
    }
}

/// A request's, as OpenTelemetry names what it says. `kind`: `server` by a connection, `internal` within the process.
pub fn span(method: &str, kind: &'static str) -> tracing::Span {
    tracing::info_span!(
        "rpc",
        otel.name = %method,
        otel.kind = kind,
        rpc.system.name = "grpc",
        rpc.method = %method,
        rpc.response.status_code = Empty,
        user_id = Empty,
        site = Empty,
        request_id = Empty,
        error_id = Empty,
    )
}

/// As gRPC's own list names it.
pub fn code_name(code: Code) -> &'static str {
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
