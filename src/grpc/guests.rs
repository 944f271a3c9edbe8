//! Connections to the gRPC door: each has a place, and has to say something to keep it.

use startline_foundation::connections::{Place, Places};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// As much as the shortest beginning that means something: the preface of HTTP/2.
const GREETING: usize = 24;
/// Within this it has come.
const GREETS_WITHIN: Duration = Duration::from_secs(15);

/// Somebody's connection.
pub struct Guest {
    stream: TcpStream,
    _place: Place,
    /// What it has said so far, until it has said enough.
    silent: Option<(usize, Pin<Box<Sleep>>)>,
}

/// The connections that come, as long as there are places.
pub fn come(listener: TcpListener, places: Places) -> impl Stream<Item = io::Result<Guest>> {
    futures_util::stream::unfold((listener, places), async |(listener, places)| {
        let (stream, _, place) = places.accept(&listener, "gRPC").await;
        let _ = stream.set_nodelay(true);
        let guest = Guest { stream, _place: place, silent: Some((0, Box::pin(sleep(GREETS_WITHIN)))) };
        Some((Ok(guest), (listener, places)))
    })
}

impl Connected for Guest {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, into);
        let Some((said, patience)) = &mut this.silent else { return read };
        match read {
            Poll::Pending => {
                ready!(patience.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(read) => {
                *said += into.filled().len() - before;
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
