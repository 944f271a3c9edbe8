//! Connections to the gRPC door: each has a place, and has to say something to keep it. Under TLS what is read in portions is
//! what has been decrypted; what has not is at most one record, and waits in the kernel while nothing is read.

use super::bounds::{self, Held};
use super::idle::Pace;
use futures_util::task::AtomicWaker;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use startline_foundation::connections::Place;
use startline_foundation::tls::{Arrival, Entrance, Wire};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep, sleep_until};
use tonic::body::Body;
use tower::{Service, ServiceExt};

/// Streams one connection may have open: a switch holds one for each call that waits.
const STREAMS_PER_CONNECTION: u32 = 8192; // more than one user may have open (MOST_STREAMS)
/// A desk that vanished without a word is noticed after two of these.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// As much as the shortest beginning that means something: the preface of HTTP/2.
const GREETING: usize = 24;
/// Within this it has come, whatever had to be agreed on for TLS included.
pub const GREETS_WITHIN: Duration = Duration::from_secs(15);

// A few kilobytes can hold a hundred requests, each of which becomes a task; all that a peer can send at once would stand
// before what everybody else asks. So no more is read while as many as this have not had their first turn.
const WAITING: usize = 8;
/// Bytes that are read at once after a request began, and twice as many each time that none did.
const PORTION: usize = 256;
const LARGEST_PORTION: usize = 4 * 1024;

/// Whoever is refused because they ask too much, or are nobody, is read from so much later, for each time.
const SLOWED_BY: Duration = Duration::from_millis(1);
const SLOWED_AT_MOST: Duration = Duration::from_millis(250);

/// Somebody's connection.
struct Guest {
    stream: Wire,
    _place: Place,
    /// What it has said so far, until it has said enough.
    silent: Option<(usize, Pin<Box<Sleep>>)>,
    waiting: Arc<Waiting>,
    pause: Option<Pin<Box<Sleep>>>,
    portion: usize,
    /// What was read last filled its portion: it has its turn before more is read.
    rests: bool,
}

/// What is known of the connection by which a request came.
#[derive(Clone)]
pub struct Connection {
    pub from: SocketAddr,
    waiting: Arc<Waiting>,
}

impl Connection {
    /// A request that came by it was refused, and the next is not as urgent.
    pub fn refused(&self) {
        self.waiting.refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// Requests that have not had their first turn, and whoever reads the next.
#[derive(Default)]
struct Waiting {
    requests: AtomicUsize,
    reader: AtomicWaker,
    /// One began since a portion was read last.
    begun: AtomicBool,
    /// Since a portion was read last.
    refused: AtomicU32,
}

impl Waiting {
    /// Pending while too many wait.
    fn poll_few(&self, context: &Context<'_>) -> Poll<()> {
        let few = || self.requests.load(Ordering::Acquire) < WAITING;
        if few() {
            return Poll::Ready(());
        }
        self.reader.register(context.waker());
        if few() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Guest {
    /// Pending until more may be read.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let refused = self.waiting.refused.swap(0, Ordering::Relaxed);
        if refused > 0 {
            let pause = SLOWED_BY.saturating_mul(refused).min(SLOWED_AT_MOST);
            self.pause.get_or_insert_with(|| Box::pin(sleep(pause)));
        }
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        self.waiting.poll_few(context)
    }
}

/// Makes a task of each request.
#[derive(Clone)]
struct Tasks(Arc<Waiting>);

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, request: F) {
        let waits = Waits::of(&self.0);
        tokio::spawn(async move {
            drop(waits);
            request.await
        });
    }
}

/// A request that waits for its first turn, until it is dropped.
struct Waits(Arc<Waiting>);

impl Waits {
    fn of(waiting: &Arc<Waiting>) -> Self {
        waiting.requests.fetch_add(1, Ordering::AcqRel);
        waiting.begun.store(true, Ordering::Relaxed);
        Self(waiting.clone())
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Ordering::AcqRel) == WAITING {
            self.0.reader.wake();
        }
    }
}

/// Lets everybody in for whom there is a place, until `stop` is done; then waits until they have gone. Whoever asks nothing for
/// `idle` is asked to go as well.
pub async fn serve<S>(mut entrance: Entrance, answers: S, idle: Duration, stop: impl Future<Output = ()>)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let leaving = watch::Sender::new(false);
    let coming = async {
        loop {
            let Arrival { stream, from, place, greets_by, certificate } = entrance.next().await;
            let waiting = Arc::<Waiting>::default();
            let connection = Connection { from, waiting: waiting.clone() };
            let (pace, answers) = (Pace::new(), answers.clone());
            let asked = pace.clone();
            let answers = tower::service_fn(move |request: Request<Incoming>| {
                let under_way = asked.begins();
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(connection.clone());
                if let Some(certificate) = &certificate {
                    request.extensions_mut().insert(certificate.clone());
                }
                let answering = answers.clone().oneshot(request);
                async move { answering.await.map(|answer| answer.map(|body| bounds::holding(body, Held::of(under_way)))) }
            });
            let http = http(Tasks(waiting.clone()));
            let silent = Some((0, Box::pin(sleep_until(greets_by))));
            let guest = TokioIo::new(Guest {
                stream,
                _place: place,
                silent,
                waiting,
                pause: None,
                portion: PORTION,
                rests: false,
            });
            let connection = http.serve_connection(guest, TowerToHyperService::new(answers)).into_owned();
            let mut leaving = leaving.subscribe();
            tokio::spawn(async move {
                let mut connection = pin!(connection);
                tokio::select! {
                    // Broken connections and clients that go away are nobody's fault here.
                    _ = connection.as_mut() => return,
                    () = pace.idle_for(idle) => {}
                    _ = leaving.wait_for(|leaving| *leaving) => {}
                }
                // What is under way is still answered.
                connection.as_mut().graceful_shutdown();
                drop(connection.await);
            });
        }
    };
    tokio::select! {
        () = coming => {}
        () = stop => {}
    }
    drop(entrance);
    leaving.send_replace(true);
    leaving.closed().await;
}

fn http(tasks: Tasks) -> auto::Builder<Tasks> {
    let mut http = auto::Builder::new(tasks);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT);
    // With a timer, headers have to come within 30 s.
    http.http1().timer(TokioTimer::new());
    http
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_turn(context));
        this.portion = match this.waiting.begun.swap(false, Ordering::Relaxed) {
            true => PORTION,
            false => (this.portion * 2).min(LARGEST_PORTION),
        };
        let mut room = [0; LARGEST_PORTION];
        let mut portion = ReadBuf::new(&mut room[..this.portion.min(into.remaining())]);
        let read = Pin::new(&mut this.stream).poll_read(context, &mut portion);
        let came = portion.filled().len();
        this.rests = came == this.portion;
        into.put_slice(portion.filled());
        let Some((said, patience)) = &mut this.silent else { return read };
        match read {
            Poll::Pending => {
                ready!(patience.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(read) => {
                *said += came;
                if *said >= GREETING {
                    this.silent = None;
                }
                Poll::Ready(read)
            }
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
