//! TCP and TLS: connections of switches, and cutting their bytes into messages.

use super::message::LARGEST_REQUEST;
use super::sources::Sources;
use bytes::Bytes;
use startline_foundation::clock::Clock;
use startline_foundation::config::SwitchConfig;
use startline_foundation::connections::Told;
use startline_foundation::supervision::{Ended, Panics};
use startline_foundation::tls::{Tls, Wire};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Of all addresses that one line of the configuration names: however many they are, they leave room for the others.
const MOST_OF_ONE_SWITCH: usize = 256;
/// A switch needs one, and two while it restarts.
const MOST_OF_ONE_ADDRESS: usize = 16;
/// Answers that a connection may leave unread: some for each call that a busy switch has waiting.
const UNREAD_ANSWERS: usize = 4096;
/// Nothing said by either side for so long.
const IDLE: Duration = Duration::from_secs(600);
/// After bytes that are no message: how long the answers to those before them may take, each.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The rest of a message must come within this, and so must what it takes to agree on TLS.
const UNFINISHED: Duration = Duration::from_secs(15);
const LOOK_AROUND: Duration = Duration::from_secs(5);
/// A system that takes no more bytes for so long has nobody reading at the other end.
const STUCK: Duration = Duration::from_secs(10);
const AFTER_A_FAILURE: Duration = Duration::from_millis(100);
const READ_AT_ONCE: usize = 8 * 1024;

pub enum FromStream {
    Opened { connection: u64, answers: mpsc::Sender<Bytes> },
    Message { connection: u64, source: SocketAddr, bytes: Vec<u8> },
    Closed { connection: u64 },
}

/// Who may connect, and how often.
pub struct Gate {
    switches: Vec<SwitchConfig>,
    panics: Panics,
    open: Mutex<Open>,
    next: AtomicU64,
}

/// How many are open, by address and by line of the configuration.
#[derive(Default)]
struct Open {
    of_address: HashMap<IpAddr, usize>,
    of_switch: HashMap<usize, usize>,
}

/// A place at the gate, given back when it is dropped.
struct Place {
    gate: Arc<Gate>,
    address: IpAddr,
    switch: usize,
    connection: u64,
}

impl Gate {
    pub fn new(switches: Vec<SwitchConfig>, panics: Panics) -> Self {
        Self { switches, panics, open: Mutex::default(), next: AtomicU64::new(0) }
    }

    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let switch = Sources::which(&self.switches, address)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = &mut *open;
        let of_switch = open.of_switch.entry(switch).or_default();
        let of_address = open.of_address.get(&address).copied().unwrap_or_default();
        if *of_switch >= MOST_OF_ONE_SWITCH || of_address >= MOST_OF_ONE_ADDRESS {
            return None;
        }
        *of_switch += 1;
        open.of_address.insert(address, of_address + 1);
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        Some(Place { gate: self.clone(), address, switch, connection })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.of_switch.get_mut(&self.switch) {
            *own -= 1;
        }
        if let Some(own) = open.of_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                open.of_address.remove(&self.address);
            }
        }
    }
}

/// Accepts until `closing`. Who is no switch, or has too many connections, is hung up on. `tls` is the listener's certificate,
/// if it has one.
pub async fn accept(
    (listener, tls): (TcpListener, Option<Tls>),
    gate: Arc<Gate>,
    come: mpsc::Sender<FromStream>,
    clock: Clock,
    closing: CancellationToken,
) {
    let told = Told::default();
    let accepting = async {
        loop {
            let (stream, source) = match listener.accept().await {
                Ok(come) => come,
                Err(fault) => {
                    // Out of files: others may close some.
                    told.tell("SIP", &format!("a connection could not be taken: {fault}"));
                    clock.next_tick(AFTER_A_FAILURE).await;
                    continue;
                }
            };
            if let Some(place) = gate.enter(source.ip()) {
                let stream = (stream, tls.clone());
                tokio::spawn(connection(stream, source, place, come.clone(), clock.clone(), closing.clone()));
            }
        }
    };
    let _ = closing.run_until_cancelled(accepting).await;
}

async fn connection(
    (stream, tls): (TcpStream, Option<Tls>),
    source: SocketAddr,
    place: Place,
    come: mpsc::Sender<FromStream>,
    clock: Clock,
    closing: CancellationToken,
) {
    let connection = place.connection;
    let _ = stream.set_nodelay(true);
    let Some(Some(mut stream)) = closing.run_until_cancelled(agree(stream, tls.as_ref(), source)).await else { return };
    let (answers, to_send) = mpsc::channel(UNREAD_ANSWERS);
    if come.send(FromStream::Opened { connection, answers }).await.is_err() {
        return;
    }
    let talk = talk(&mut stream, source, connection, &come, to_send, &clock);
    let until_closing = closing.run_until_cancelled(talk);
    let _ = place.gate.panics.guard(Ended::Call, "a connection of a switch", until_closing).await;
    // Under TLS an end that is not said looks like one that somebody else has made.
    let _ = tokio::time::timeout(LAST_WORDS, stream.shutdown()).await;
    let _ = come.send(FromStream::Closed { connection }).await;
}

/// The connection as it is spoken by from now on.
async fn agree(stream: TcpStream, tls: Option<&Tls>, source: SocketAddr) -> Option<Wire> {
    let Some(tls) = tls else { return Some(Wire::Plain(stream)) };
    match tokio::time::timeout(UNFINISHED, tls.accept(stream)).await {
        Ok(Ok((stream, _))) => Some(Wire::Tls(Box::new(stream))),
        Ok(Err(fault)) => {
            tracing::debug!(%source, %fault, "no TLS came about with a switch");
            None
        }
        Err(_) => {
            tracing::debug!(%source, "no TLS came about with a switch in time");
            None
        }
    }
}

/// Reads and writes until either side has enough.
async fn talk(
    stream: &mut Wire,
    source: SocketAddr,
    connection: u64,
    come: &mpsc::Sender<FromStream>,
    mut to_send: mpsc::Receiver<Bytes>,
    clock: &Clock,
) {
    let mut framer = Framer::default();
    let mut chunk = vec![0; READ_AT_ONCE];
    let (mut heard_at, mut message_at) = (clock.running(), clock.running());
    loop {
        tokio::select! {
            read = stream.read(&mut chunk) => {
                let Ok(length @ 1..) = read else { return };
                heard_at = clock.running();
                framer.push(chunk.get(..length).unwrap_or_default());
                loop {
                    match framer.cut() {
                        Cut::Message(bytes) => {
                            message_at = heard_at;
                            if come.send(FromStream::Message { connection, source, bytes }).await.is_err() {
                                return;
                            }
                        }
                        Cut::More => break,
                        // Nothing can be read any more, but whoever asked before gets an answer.
                        Cut::Lost => return last_words(stream, &mut to_send).await,
                    }
                }
                if framer.is_empty() {
                    message_at = heard_at;
                }
            }
            answer = to_send.recv() => {
                let Some(answer) = answer else { return };
                match tokio::time::timeout(STUCK, write(stream, &answer)).await {
                    Ok(Ok(())) => heard_at = clock.running(),
                    _ => return,
                }
            }
            () = clock.next_tick(LOOK_AROUND) => {
                let now = clock.running();
                if now - heard_at > IDLE || (!framer.is_empty() && now - message_at > UNFINISHED) {
                    return;
                }
            }
        }
    }
}

/// Sends the answers that are still to come.
async fn last_words(stream: &mut Wire, to_send: &mut mpsc::Receiver<Bytes>) {
    while let Ok(Some(answer)) = tokio::time::timeout(LAST_WORDS, to_send.recv()).await {
        if !matches!(tokio::time::timeout(STUCK, write(stream, &answer)).await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn write(stream: &mut Wire, answer: &[u8]) -> std::io::Result<()> {
    stream.write_all(answer).await?;
    // TLS keeps what the system did not take at once.
    stream.flush().await
}

/// Cuts a stream of bytes into messages.
#[derive(Default)]
pub struct Framer {
    bytes: Vec<u8>,
    /// How far the end of the headers has been looked for.
    searched: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    Message(Vec<u8>),
    /// The rest is still to come.
    More,
    /// Nobody can tell where the next message begins.
    Lost,
}

impl Framer {
    pub fn push(&mut self, chunk: &[u8]) {
        self.bytes.extend_from_slice(chunk);
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn cut(&mut self) -> Cut {
        // Between messages line ends are keep-alives.
        let between = self.bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if between > 0 && self.searched <= between {
            self.bytes.drain(..between);
            self.searched = 0;
        }
        let from = self.searched.min(self.bytes.len());
        let end = self.bytes.get(from..).and_then(|rest| rest.windows(4).position(|window| window == b"\r\n\r\n"));
        let Some(head) = end.map(|at| from + at) else {
            self.searched = self.bytes.len().saturating_sub(3);
            return if self.bytes.len() > LARGEST_REQUEST { Cut::Lost } else { Cut::More };
        };
        // Found again at once if the body is still to come.
        self.searched = head;
        let Some(length) = self.bytes.get(..head).and_then(content_length) else { return Cut::Lost };
        let whole = head + 4 + length;
        if whole > LARGEST_REQUEST {
            return Cut::Lost;
        }
        if self.bytes.len() < whole {
            return Cut::More;
        }
        let rest = self.bytes.split_off(whole);
        self.searched = 0;
        Cut::Message(std::mem::replace(&mut self.bytes, rest))
    }
}

/// On a stream every message says how long its body is (RFC 3261, 20.14), on one line or folded over several (7.3.1). Two
/// that differ are as bad as none.
fn content_length(head: &[u8]) -> Option<usize> {
    let is_folded = |line: &&[u8]| line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    let mut found = None;
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        let Some(colon) = line.iter().position(|byte| *byte == b':').filter(|_| !is_folded(&line)) else { continue };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        if !(name.eq_ignore_ascii_case(b"Content-Length") || name.eq_ignore_ascii_case(b"l")) {
            continue;
        }
        let mut value = value.get(1..)?.to_vec();
        while let Some(more) = lines.next_if(is_folded) {
            value.extend_from_slice(more);
        }
        let value = value.trim_ascii();
        if value.is_empty() || value.len() > 7 || !value.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let length: usize = std::str::from_utf8(value).ok()?.parse().ok()?;
        if found.is_some_and(|before| before != length) {
            return None;
        }
        found = Some(length);
    }
    found
}
