//! A gate on the way to the printer: it can keep a request, or the answer to it, for ever. So a worker can be killed at any
//! step without knowing of it.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// IPP's numbers for what is asked.
pub const CREATE_JOB: u16 = 0x0005;
pub const SEND_DOCUMENT: u16 = 0x0006;
pub const GET_JOB: u16 = 0x0009;
pub const GET_PRINTER: u16 = 0x000B;

/// What the gate keeps back, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    Request(u16),
    Answer(u16),
    /// The answer that says of a job that it is done.
    DoneAnswer,
}

#[derive(Clone)]
pub struct Gate {
    pub port: u16,
    keeps: Arc<Mutex<Option<Keeps>>>,
    kept: Arc<Notify>,
}

impl Gate {
    pub async fn before(printer: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port can be had");
        let port = listener.local_addr().expect("it has a number").port();
        let gate = Self { port, keeps: Arc::default(), kept: Arc::default() };
        let at_the_gate = gate.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gate = at_the_gate.clone();
                tokio::spawn(async move { gate.lets_through(stream, printer).await });
            }
        });
        gate
    }

    pub fn keep(&self, what: Keeps) {
        *self.keeps.lock().expect("nobody panics at the gate") = Some(what);
    }

    /// Something was kept back and will never come.
    pub async fn has_kept(&self) {
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(120), self.kept.notified());
        waiting.await.expect("what is to be kept back comes by");
    }

    fn is_kept(&self, what: Keeps) -> bool {
        let mut keeps = self.keeps.lock().expect("nobody panics at the gate");
        let kept = *keeps == Some(what);
        if kept {
            *keeps = None;
            self.kept.notify_one();
        }
        kept
    }

    /// One request and its answer: our client makes a connection for each.
    async fn lets_through(&self, mut client: TcpStream, printer: u16) -> Option<()> {
        let request = whole_message(&mut client).await?;
        let (_, body) = parts(&request)?;
        let operation = u16::from_be_bytes([*body.get(2)?, *body.get(3)?]);
        if self.is_kept(Keeps::Request(operation)) {
            return std::future::pending().await;
        }
        let mut printer = TcpStream::connect(("127.0.0.1", printer)).await.ok()?;
        printer.write_all(&request).await.ok()?;
        let answer = whole_message(&mut printer).await?;
        if self.is_kept(Keeps::Answer(operation)) || (says_done(&answer) && self.is_kept(Keeps::DoneAnswer)) {
            return std::future::pending().await;
        }
        client.write_all(&answer).await.ok()
    }
}

/// `job-state` (an enum) with the value 9.
fn says_done(answer: &[u8]) -> bool {
    let done = b"\x23\x00\x09job-state\x00\x04\x00\x00\x00\x09";
    answer.windows(done.len()).any(|window| window == done)
}

async fn whole_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece).await.ok()?;
        message.extend_from_slice(piece.get(..read)?);
        if is_whole(&message) || read == 0 {
            return (!message.is_empty()).then_some(message);
        }
    }
}

fn parts(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    // A printer may say that it goes on listening before it answers.
    let (head, rest) = message.split_at(end);
    if head.starts_with(b"HTTP/1.1 100") { parts(rest) } else { Some((head, rest)) }
}

fn is_whole(message: &[u8]) -> bool {
    let Some((head, body)) = parts(message) else { return false };
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    match field("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => body.len() >= length,
        None => field("transfer-encoding") == Some("chunked") && body.ends_with(b"0\r\n\r\n"),
    }
}
