//! Connections: how many, how long their headers may be and may take, and an orderly end. In plain HTTP/1.1 is spoken, under
//! TLS whichever version both sides have agreed on.

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use startline_foundation::connections::{Bounds, Places};
use startline_foundation::tls::{Arrival, Entrance, Tls};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// The door's part of the descriptors in hundredths (the figures' door has as many, and a fifth is left for switches), and the most connections that it takes.
const PART: u64 = 15;
/// A window of the desk keeps one open for what changes, and without a certificate another for each page at once.
const MOST_CONNECTIONS: usize = 8_192;
/// The request line and all headers together.
const LARGEST_HEAD: usize = 16 * 1024;
const LARGEST_HEAD_OF_HTTP2: u32 = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// From the first byte of a connection or of the next request to the last header: nobody keeps a place by being slow.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Requests at once on one connection of HTTP/2: each window of a browser listens by one of them. And bytes that it may send
/// unread: a receipt is a few hundred, a form some thousand.
const MOST_STREAMS: u32 = 64;
const WINDOW: u32 = 64 * 1024;
/// On HTTP/2 headers of one request come between those of others, so it is the requests that count: without one for so
/// long, a connection is closed. Time enough for an answer to be read.
const IDLE: Duration = Duration::from_secs(60);
const LOOK_AROUND: Duration = Duration::from_secs(5);

pub async fn serve(listener: TcpListener, tls: Option<Tls>, router: Router, closing: CancellationToken) {
    let places = Places::new(Bounds::part(PART, MOST_CONNECTIONS));
    let mut entrance = Entrance::new(listener, places, "web", tls, HEAD_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let (first, second) = (version_1(), version_2());
    while let Some(arrival) = closing.run_until_cancelled(entrance.next()).await {
        let Arrival { stream, from, place, greets_by, .. } = arrival;
        let service = Arrived { service: TowerToHyperService::new(router.clone()), from };
        // Broken requests and clients that go away are nobody's fault here.
        if stream.agreed_on_http2() {
            let requests = Requests(Arc::new(Mutex::new(UnderWay { requests: 0, kept_until: greets_by })));
            let counted = Counted { service, requests: requests.clone() };
            let connection = graceful.watch(second.serve_connection(TokioIo::new(stream), counted));
            tokio::spawn(async move {
                requests.until_idle(connection).await;
                drop(place);
            });
        } else {
            let connection = graceful.watch(first.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                let _ = connection.await;
                drop(place);
            });
        }
    }
    drop(entrance);
    graceful.shutdown().await;
}

fn version_1() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    http
}

fn version_2() -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .max_header_list_size(LARGEST_HEAD_OF_HTTP2)
        .max_concurrent_streams(MOST_STREAMS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW);
    http
}

/// What a connection of HTTP/2 is asked for now.
#[derive(Clone)]
struct Requests(Arc<Mutex<UnderWay>>);

struct UnderWay {
    requests: usize,
    /// Without one, the connection is kept for so long.
    kept_until: Instant,
}

impl Requests {
    fn change(&self, change: impl FnOnce(&mut UnderWay)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn is_idle(&self) -> bool {
        let under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.requests == 0 && Instant::now() >= under_way.kept_until
    }

    /// Lets the connection go on until it ends, or is of use to nobody.
    async fn until_idle(&self, connection: impl Future) {
        let mut connection = pin!(connection);
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                () = sleep(LOOK_AROUND) => {
                    if self.is_idle() {
                        return;
                    }
                }
            }
        }
    }
}

/// A request is under way until this is dropped.
struct Asking(Requests);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.change(|under_way| {
            under_way.requests -= 1;
            under_way.kept_until = Instant::now() + IDLE;
        });
    }
}

/// The router, which knows who asks.
struct Arrived {
    service: TowerToHyperService<Router>,
    from: SocketAddr,
}

/// The same, and tells when it is asked.
struct Counted {
    service: Arrived,
    requests: Requests,
}

type Answering = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;
type Answered = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
type Fault = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;

impl Service<Request<Incoming>> for Arrived {
    type Response = Answered;
    type Error = Fault;
    type Future = Answering;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.from));
        self.service.call(request)
    }
}

impl Service<Request<Incoming>> for Counted {
    type Response = Answered;
    type Error = Fault;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Answered, Fault>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.requests.change(|under_way| under_way.requests += 1);
        let asking = Asking(self.requests.clone());
        let answering = self.service.call(request);
        Box::pin(async move {
            let answered = answering.await;
            // A window listens for as long as the body of its answer lasts.
            answered.map(|answer| answer.map(|body| Body::new(Lasting { body, _asking: asking })))
        })
    }
}

/// An answer's body, which is under way until it has been sent.
struct Lasting {
    body: Body,
    _asking: Asking,
}

impl HttpBody for Lasting {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
