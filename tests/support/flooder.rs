//! Whoever fills a server: HTTP/2 without its rules.

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// As many as a connection carries, but for a few.
pub const STREAMS: usize = 8_190;

/// Somebody who opens streams and never ends them.
pub struct Flooder {
    pub streams: Vec<(ResponseFuture, SendStream<Bytes>)>,
    connection: tokio::task::JoinHandle<()>,
}

impl Flooder {
    pub async fn connect(to: SocketAddr, window: u32) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
        Self::over(TcpStream::connect(to).await.unwrap(), window).await
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        window: u32,
    ) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
        let mut client = h2::client::Builder::new();
        client.initial_window_size(window).initial_max_send_streams(STREAMS);
        let (send, connection) = client.handshake::<_, Bytes>(stream).await.unwrap();
        (send, tokio::spawn(async move { drop(connection.await) }))
    }

    /// Requests whose bodies are still to come.
    pub async fn without_bodies(to: SocketAddr, path: &str, token: Option<&str>) -> Self {
        Self::without_bodies_over(TcpStream::connect(to).await.unwrap(), to, path, token).await
    }

    /// The same on a connection that is there.
    pub async fn without_bodies_over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        to: SocketAddr,
        path: &str,
        token: Option<&str>,
    ) -> Self {
        let (mut send, connection) = Self::over(stream, 65_535).await;
        let mut streams = Vec::with_capacity(STREAMS);
        for _ in 0..STREAMS {
            let Ok(ready) = send.clone().ready().await else { break };
            send = ready;
            let Ok(stream) = send.send_request(request(to, path, token), false) else { break };
            streams.push(stream);
        }
        Self { streams, connection }
    }

    /// Requests of which this many bytes come, and never the last.
    pub async fn half_sent(to: SocketAddr, path: &str, token: Option<&str>, bytes: usize, times: usize) -> Self {
        let (mut send, connection) = Self::connect(to, 65_535).await;
        let announced = u32::try_from(bytes + 1).unwrap().to_be_bytes();
        let body = Bytes::from([&[0][..], &announced, &vec![b' '; bytes]].concat());
        let mut streams = Vec::with_capacity(times);
        for _ in 0..times {
            let Ok(ready) = send.clone().ready().await else { break };
            send = ready;
            let Ok((answer, mut stream)) = send.send_request(request(to, path, token), false) else { break };
            stream.send_data(body.clone(), false).unwrap();
            streams.push((answer, stream));
        }
        Self { streams, connection }
    }

    /// Whole requests whose answers are not read.
    pub async fn unread(to: SocketAddr, path: &str, token: &str, message: &[u8], times: usize) -> Self {
        let (mut send, connection) = Self::connect(to, 0).await;
        let framed = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat();
        let mut streams = Vec::with_capacity(times);
        for _ in 0..times {
            let Ok(ready) = send.clone().ready().await else { break };
            send = ready;
            let Ok((answer, mut body)) = send.send_request(request(to, path, Some(token)), false) else { break };
            body.send_data(framed.clone().into(), true).unwrap();
            streams.push((answer, body));
        }
        Self { streams, connection }
    }

    pub fn goes(mut self) {
        for (_, body) in &mut self.streams {
            body.send_reset(Reason::CANCEL);
        }
        self.connection.abort();
    }
}

pub fn request(to: SocketAddr, path: &str, token: Option<&str>) -> http::Request<()> {
    let mut request = http::Request::post(format!("http://{to}{path}")).header("content-type", "application/grpc");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(()).unwrap()
}

pub const FIND_CLIENTS: &str = "/startline.v1.ClientService/FindClients";
pub const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
pub const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";
pub const HEALTH_WATCH: &str = "/grpc.health.v1.Health/Watch";
