//! Where connections come in: each gets a place first, and then, where the door has a certificate, agrees on how to speak.
//! Until it has, it holds its place and nothing else, and not for long.

use super::{ClientCertificate, HTTP_2, Tls};
use crate::connections::{Place, Places};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::server::TlsStream;

/// A door's listener.
pub struct Entrance {
    listener: TcpListener,
    places: Places,
    /// As the log calls it.
    door: &'static str,
    tls: Option<Tls>,
    greets_within: Duration,
    /// Those who have a place and do not speak yet.
    coming: JoinSet<Option<Arrival>>,
}

/// A connection that can be spoken by.
pub struct Arrival {
    pub stream: Wire,
    pub from: SocketAddr,
    pub place: Place,
    /// By when its first words must have come: all of it, what it took to agree on TLS included.
    pub greets_by: Instant,
    /// Whose it is, when they have shown that.
    pub certificate: Option<ClientCertificate>,
}

impl Entrance {
    pub fn new(
        listener: TcpListener,
        places: Places,
        door: &'static str,
        tls: Option<Tls>,
        greets_within: Duration,
    ) -> Self {
        Self { listener, places, door, tls, greets_within, coming: JoinSet::new() }
    }

    /// The next connection. May be dropped and asked again.
    pub async fn next(&mut self) -> Arrival {
        let Self { listener, places, door, tls, greets_within, coming } = self;
        loop {
            tokio::select! {
                (stream, from, place) = places.accept(listener, door) => {
                    let _ = stream.set_nodelay(true);
                    let greets_by = Instant::now() + *greets_within;
                    match tls.clone() {
                        None => return Arrival { stream: Wire::Plain(stream), from, place, greets_by, certificate: None },
                        Some(tls) => drop(coming.spawn(agree(tls, stream, from, place, greets_by))),
                    }
                }
                Some(come) = coming.join_next() => {
                    if let Ok(Some(arrival)) = come {
                        return arrival;
                    }
                }
            }
        }
    }
}

async fn agree(tls: Tls, stream: TcpStream, from: SocketAddr, place: Place, greets_by: Instant) -> Option<Arrival> {
    match timeout_at(greets_by, tls.accept(stream)).await {
        Ok(Ok((stream, certificate))) => {
            Some(Arrival { stream: Wire::Tls(Box::new(stream)), from, place, greets_by, certificate })
        }
        Ok(Err(fault)) => {
            tracing::debug!(door = tls.door(), %from, %fault, "no TLS came about");
            None
        }
        Err(_) => {
            tracing::debug!(door = tls.door(), %from, "no TLS came about in time");
            None
        }
    }
}

/// A connection, in plain or under TLS.
pub enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Both sides have agreed on HTTP/2 already.
    pub fn agreed_on_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(HTTP_2.as_bytes()),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
