//! The network between a browser and the web door, which a test cuts and mends.
//!
//! It lives in a thread of its own, since a test that waits for its browser lets nothing else run. Give the browser
//! [`Network::address`] instead of the service's own: everything between them then passes here.
//!
//! | | connections that are there | new ones |
//! |---|---|---|
//! | [`Network::stands_still`] | open, and nothing comes through, as out of a tunnel's reach | accepted, and nothing comes through |
//! | [`Network::breaks`] | closed | closed at once |
//! | [`Network::is_mended`] | what was on its way arrives | as ever |

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Still,
    Broken,
    /// The test is over.
    Gone,
}

pub struct Network {
    /// For the browser: `http://127.0.0.1:port`.
    pub address: String,
    state: watch::Sender<State>,
    thread: Option<JoinHandle<()>>,
}

impl Network {
    /// `service`: where the web door listens, as an address of the web or of the machine.
    pub fn to(service: &str) -> Self {
        Self::with(service, None)
    }

    /// A proxy that takes a service for dead which has said nothing for so long, and ends the connection.
    pub fn impatient(service: &str, patience: Duration) -> Self {
        Self::with(service, Some(patience))
    }

    fn with(service: &str, patience: Option<Duration>) -> Self {
        let service: SocketAddr =
            service.trim_start_matches("http://").trim_end_matches('/').parse().expect("a door has an address");
        let (state, seen) = watch::channel(State::Whole);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = format!("http://{}", listener.local_addr().expect("it has an address"));
        listener.set_nonblocking(true).expect("it can be waited for");
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a thread can have a runtime").block_on(listens(listener, (service, patience), seen));
        });
        Self { address, state, thread: Some(thread) }
    }

    /// Nothing passes any more, and nobody is told.
    pub fn stands_still(&self) {
        self.state.send_replace(State::Still);
    }

    /// Every connection ends, and none is made.
    pub fn breaks(&self) {
        self.state.send_replace(State::Broken);
    }

    pub fn is_mended(&self) {
        self.state.send_replace(State::Whole);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.state.send_replace(State::Gone);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listens(
    listener: std::net::TcpListener,
    service: (SocketAddr, Option<Duration>),
    state: watch::Receiver<State>,
) {
    let listener = TcpListener::from_std(listener).expect("a port can be listened to");
    let mut ending = state.clone();
    let is_over = ending.wait_for(|now| *now == State::Gone);
    let all = async {
        while let Ok((browser, _)) = listener.accept().await {
            if *state.borrow() != State::Broken {
                tokio::spawn(passes(browser, service, state.clone()));
            }
        }
    };
    tokio::select! { _ = is_over => {}, () = all => {} }
}

async fn passes(
    browser: TcpStream,
    (service, patience): (SocketAddr, Option<Duration>),
    state: watch::Receiver<State>,
) {
    let mut breaking = state.clone();
    let is_broken = breaking.wait_for(|now| matches!(now, State::Broken | State::Gone));
    let both = async {
        let mut whole = state.clone();
        let _ = whole.wait_for(|now| *now == State::Whole).await;
        let Ok(door) = TcpStream::connect(service).await else { return };
        let ((from_browser, to_browser), (from_door, to_door)) = (browser.into_split(), door.into_split());
        let there = one_way(from_browser, to_door, state.clone(), None);
        let back = one_way(from_door, to_browser, state.clone(), patience);
        tokio::join!(there, back);
    };
    tokio::select! { _ = is_broken => {}, () = both => {} }
}

/// What was read while nothing passes is written when it does again.
async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
    patience: Option<Duration>,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes);
        let read = match patience {
            Some(patience) => tokio::time::timeout(patience, read).await.unwrap_or(Ok(0)),
            None => read.await,
        };
        let Ok(count) = read else { break };
        if state.wait_for(|now| *now == State::Whole).await.is_err() {
            return;
        }
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
