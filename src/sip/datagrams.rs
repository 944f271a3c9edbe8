//! A UDP socket that answers from the address that was asked. One bound to a named address does so by itself; from one that
//! listens on every address of the machine the system would choose, and a switch that asked another address, a virtual one
//! or one of another network, would not know the answer.

use nix::sys::socket::sockopt::{Ipv4PacketInfo, Ipv6RecvPacketInfo};
#[cfg(target_os = "linux")]
use nix::sys::socket::sockopt::{Ipv4RecvErr, Ipv6RecvErr};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrLike, SockaddrStorage, recvmsg, sendmsg, setsockopt,
};
use nix::{cmsg_space, libc};
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::task::{Context, Poll, ready};
use tokio::io::{Interest, ReadBuf};
use tokio::net::UdpSocket;

/// Errors that wait at a socket, at most, before something is sent for the last time.
const STALE_ERRORS: usize = 8;

/// A switch that is gone is noticed: what was sent to a port on which nobody listens any more, or to a machine that is off,
/// comes back as an error with the address ([`Self::undelivered`]).
pub struct Datagrams {
    socket: UdpSocket,
    every_address: bool,
}

/// A datagram that has come.
pub struct Datagram {
    pub length: usize,
    pub source: SocketAddr,
    /// Which of the machine's addresses was asked, where the socket listens on every one.
    pub asked: Option<IpAddr>,
}

impl Datagrams {
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind(address).await?;
        let every_address = address.ip().is_unspecified();
        if every_address && address.is_ipv4() {
            setsockopt(&socket, Ipv4PacketInfo, &true)?;
        } else if every_address {
            setsockopt(&socket, Ipv6RecvPacketInfo, &true)?;
        }
        #[cfg(target_os = "linux")]
        match address {
            SocketAddr::V4(_) => setsockopt(&socket, Ipv4RecvErr, &true)?,
            SocketAddr::V6(_) => setsockopt(&socket, Ipv6RecvErr, &true)?,
        }
        Ok(Self { socket, every_address })
    }

    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// An error may be the echo of an earlier answer to a port that nobody listens on.
    pub fn poll_receive(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<Datagram>> {
        if !self.every_address {
            let mut buffer = ReadBuf::new(buffer);
            let received = ready!(self.socket.poll_recv_from(context, &mut buffer));
            let length = buffer.filled().len();
            return Poll::Ready(received.map(|source| Datagram { length, source, asked: None }));
        }
        loop {
            ready!(self.socket.poll_recv_ready(context))?;
            match self.socket.try_io(Interest::READABLE, || receive(&self.socket, buffer)) {
                Err(nothing) if nothing.kind() == ErrorKind::WouldBlock => {}
                received => return Poll::Ready(received),
            }
        }
    }

    /// What the system does not take now is lost, as it may be on the way.
    pub fn send(&self, bytes: &[u8], to: SocketAddr, from: Option<IpAddr>) {
        for _ in 0..STALE_ERRORS {
            let sent = match from {
                None => self.socket.try_send_to(bytes, to).map(drop),
                Some(from) => self.socket.try_io(Interest::WRITABLE, || send(&self.socket, bytes, to, from)),
            };
            // The echo of something that was sent before, to somebody else perhaps, is told here, and this is not sent.
            if !sent.is_err_and(|fault| fault.kind() != ErrorKind::WouldBlock) {
                return;
            }
        }
    }

    /// The next address at which something could not be delivered.
    #[cfg(target_os = "linux")]
    pub async fn undelivered(&self) -> Result<SocketAddr> {
        loop {
            self.socket.ready(Interest::ERROR).await?;
            match self.socket.try_io(Interest::ERROR, || undelivered(&self.socket)) {
                Err(nothing) if nothing.kind() == ErrorKind::WouldBlock => {}
                found => return found,
            }
        }
    }

    /// Other systems do not say.
    #[cfg(not(target_os = "linux"))]
    pub async fn undelivered(&self) -> Result<SocketAddr> {
        std::future::pending().await
    }
}

#[cfg(target_os = "linux")]
fn undelivered(socket: &UdpSocket) -> Result<SocketAddr> {
    let mut control = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut [], Some(&mut control), flags)?;
    message.address.as_ref().and_then(address).ok_or_else(|| Error::other("a datagram to nowhere came back"))
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Result<Datagram> {
    let mut pieces = [IoSliceMut::new(buffer)];
    let mut control = cmsg_space!(libc::in6_pktinfo, libc::in_pktinfo);
    let flags = MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut pieces, Some(&mut control), flags)?;
    let asked = message.cmsgs()?.find_map(|info| match info {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some(IpAddr::V4(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes())))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => Some(IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr))),
        _ => None,
    });
    let source = message.address.as_ref().and_then(address).ok_or_else(|| Error::other("a datagram from nowhere"))?;
    Ok(Datagram { length: message.bytes, source, asked })
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || storage.as_sockaddr_in().map(|found| SocketAddr::new(IpAddr::V4(found.ip()), found.port()));
    let v6 = || {
        let found = storage.as_sockaddr_in6()?;
        Some(SocketAddr::V6(std::net::SocketAddrV6::new(found.ip(), found.port(), found.flowinfo(), found.scope_id())))
    };
    v4().or_else(v6).filter(|_| storage.family().is_some())
}

fn send(socket: &UdpSocket, bytes: &[u8], to: SocketAddr, from: IpAddr) -> Result<()> {
    let to = SockaddrStorage::from(to);
    let pieces = [IoSlice::new(bytes)];
    let (v4, v6);
    let info = match from {
        IpAddr::V4(from) => {
            let source = libc::in_addr { s_addr: u32::from_ne_bytes(from.octets()) };
            v4 = libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: libc::in_addr { s_addr: 0 } };
            ControlMessage::Ipv4PacketInfo(&v4)
        }
        IpAddr::V6(from) => {
            v6 = libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: from.octets() }, ipi6_ifindex: 0 };
            ControlMessage::Ipv6PacketInfo(&v6)
        }
    };
    sendmsg(socket.as_raw_fd(), &pieces, &[info], MsgFlags::MSG_DONTWAIT, Some(&to))?;
    Ok(())
}
