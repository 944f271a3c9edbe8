//! A telephone switch that speaks SIP over TCP, or over TLS.

use super::soon;
use super::switch::Said;
use super::tls::Caller;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub struct StreamSwitch {
    stream: Box<dyn Stream>,
    /// As its Via names it.
    transport: &'static str,
    scheme: &'static str,
    unread: Vec<u8>,
    pub own: SocketAddr,
    pub door: SocketAddr,
}

impl StreamSwitch {
    /// Rings the door from this address.
    pub async fn from(address: &str, door: SocketAddr) -> Self {
        let (stream, own) = Self::connected(address, door).await;
        Self { stream: Box::new(stream), transport: "TCP", scheme: "sip", unread: Vec::new(), own, door }
    }

    /// The same under TLS, and asking for `sips:` addresses.
    pub async fn over_tls(address: &str, door: SocketAddr, caller: &Caller) -> std::io::Result<Self> {
        let (stream, own) = Self::connected(address, door).await;
        let stream = Box::new(caller.over(stream).await?);
        Ok(Self { stream, transport: "TLS", scheme: "sips", unread: Vec::new(), own, door })
    }

    async fn connected(address: &str, door: SocketAddr) -> (TcpStream, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((address.parse::<IpAddr>().unwrap(), 0).into()).unwrap();
        let stream = soon("a connection", socket.connect(door)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let own = stream.local_addr().unwrap();
        (stream, own)
    }

    pub fn request(&self, method: &str, call_id: &str, branch: &str, caller: &str) -> String {
        format!(
            "{method} {scheme}:08001234567@{door} SIP/2.0\r\nVia: SIP/2.0/{transport} {own};branch={branch}\r\nMax-Forwards: 70\r\n\
             From: <{scheme}:{caller}@switch.example>;tag=s\r\nTo: <{scheme}:08001234567@{door}>\r\nCall-ID: {call_id}\r\n\
             CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n",
            scheme = self.scheme,
            transport = self.transport,
            door = self.door,
            own = self.own,
        )
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next answer, cut out at its end; none when the door has hung up. No answer of the door has a body.
    pub async fn hear(&mut self) -> Option<Said> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = self.unread.split_off(end + 4);
                let text = String::from_utf8(std::mem::replace(&mut self.unread, rest)).unwrap();
                return Some(Said { text });
            }
            let mut chunk = [0; 4096];
            match soon("an answer of the door", self.stream.read(&mut chunk)).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.unread.extend_from_slice(&chunk[..length]),
            }
        }
    }

    pub async fn hear_status(&mut self, status: u16) -> Said {
        loop {
            let said = self.hear().await.expect("the door hung up");
            if said.status() == status {
                return said;
            }
            assert!(said.status() < 200, "waited for {status}, heard {}", said.text);
        }
    }
}
