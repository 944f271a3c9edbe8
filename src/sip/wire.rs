//! The sockets, and the one task that serves them.

use super::datagrams::{Datagram, Datagrams};
use super::door::Door;
use super::listening::Listening;
use super::sources::Peer;
use super::stream::{self, FromStream, Gate};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{SelectAll, StreamExt};
use startline_foundation::clock::{Clock, ClockWatch};
use startline_foundation::config::{Listen, SipConfig};
use startline_foundation::supervision::Panics;
use startline_foundation::tls::Tls;
use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Taken from one place before the others have their turn.
const AT_A_TIME: usize = 32;
/// A datagram cannot be longer.
const LARGEST_DATAGRAM: usize = 65_535;
/// Some thousand INVITEs at the same moment, after a failover.
const RECEIVE_BUFFER: usize = 8 * 1024 * 1024;
/// The clock is looked at this often when nothing is due sooner.
const IDLE_TICK: Duration = Duration::from_millis(200);
const SHORTEST_TICK: Duration = Duration::from_millis(5);

pub struct Sockets {
    pub addresses: Vec<SocketAddr>,
    udp: Vec<Datagrams>,
    /// Each with its certificate, if it has one.
    streams: Vec<(TcpListener, Option<Tls>)>,
    gate: Arc<Gate>,
}

impl Sockets {
    pub async fn bind(settings: &SipConfig, tls: Option<&Tls>, panics: &Panics) -> Result<Self, String> {
        let (mut addresses, mut udp, mut streams) = (Vec::new(), Vec::new(), Vec::new());
        for listen in &settings.listen {
            let wrong = |fault| format!("the address {listen} cannot be listened on: {fault}");
            let address = match listen {
                Listen::Udp(address) => {
                    let socket = Datagrams::bind(*address).await.map_err(wrong)?;
                    // As much as the system allows (net.core.rmem_max); what it allows is no fault.
                    let _ = socket2::SockRef::from(socket.socket()).set_recv_buffer_size(RECEIVE_BUFFER);
                    let address = socket.socket().local_addr().map_err(wrong)?;
                    udp.push(socket);
                    address
                }
                Listen::Tcp(address) | Listen::Tls(address) => {
                    let listener = TcpListener::bind(address).await.map_err(wrong)?;
                    let address = listener.local_addr().map_err(wrong)?;
                    let tls = match listen {
                        Listen::Tls(_) => Some(tls.ok_or("sip.tls must name the certificate of this door")?.clone()),
                        _ => None,
                    };
                    streams.push((listener, tls));
                    address
                }
            };
            tracing::info!(%listen, %address, "switches are served");
            addresses.push(address);
        }
        Ok(Self { addresses, udp, streams, gate: Arc::new(Gate::new(settings.switches.clone(), panics.clone())) })
    }
}

/// What the task has in its hands.
struct Pump {
    door: Door,
    clock: Clock,
    udp: Vec<Arc<Datagrams>>,
    /// Of our sockets, and where something sent from it was not taken.
    undelivered: mpsc::Receiver<(usize, SocketAddr)>,
    streams: mpsc::Receiver<FromStream>,
    connections: HashMap<u64, mpsc::Sender<Bytes>>,
    listening: SelectAll<Listening>,
    buffer: Box<[u8]>,
}

/// Serves until `closing`, and then until everybody has what they asked for.
pub async fn serve(sockets: Sockets, door: Door, clock: Clock, closing: CancellationToken) {
    let Sockets { udp, streams: listeners, gate, .. } = sockets;
    let (sender, streams) = mpsc::channel(AT_A_TIME);
    let accepting = CancellationToken::new();
    // Whatever way this task ends, its streams end with it.
    let _end_streams = accepting.clone().drop_guard();
    for listener in listeners {
        tokio::spawn(stream::accept(listener, gate.clone(), sender.clone(), clock.clone(), accepting.clone()));
    }
    let (said, undelivered) = mpsc::channel(AT_A_TIME);
    let udp: Vec<_> = udp.into_iter().map(Arc::new).collect();
    for (socket, datagrams) in udp.iter().cloned().enumerate() {
        let hearing = hear_undelivered(socket, datagrams, said.clone());
        tokio::spawn(accepting.clone().run_until_cancelled_owned(hearing));
    }
    let switchboard = door.rooms.switchboard.clone();
    let mut pump = Pump {
        door,
        clock: clock.clone(),
        udp,
        undelivered,
        streams,
        connections: HashMap::new(),
        listening: SelectAll::new(),
        buffer: vec![0; LARGEST_DATAGRAM].into(),
    };
    let watch = ClockWatch::new(&clock);
    let mut closed = pin!(closing.cancelled());
    loop {
        switchboard.floor().known().await;
        let mut tick = pin!(clock.next_tick(pump.until_due(clock.now())));
        // From its first poll on the tick notices a clock that is moved; so the time is read after that.
        let ticked = futures_util::poll!(tick.as_mut()).is_ready();
        if let Some(by) = watch.was_set() {
            pump.door.clock_was_set(by);
        }
        pump.door.time_passed(clock.now());
        pump.flush();
        if closing.is_cancelled() && pump.door.is_quiet() {
            break;
        }
        if ticked {
            continue;
        }
        poll_fn(|context| {
            // This process may have stood still here.
            if switchboard.floor().is_doubtful() {
                return Poll::Ready(());
            }
            let worked = pump.poll(context);
            let due = tick.as_mut().poll(context).is_ready();
            let over = pump.door.is_quiet() && closed.as_mut().poll(context).is_ready();
            if worked || due || over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

async fn hear_undelivered(socket: usize, datagrams: Arc<Datagrams>, said: mpsc::Sender<(usize, SocketAddr)>) {
    loop {
        match datagrams.undelivered().await {
            Ok(address) if said.send((socket, address)).await.is_err() => return,
            Ok(_) => {}
            Err(fault) => tracing::debug!(%fault, "what was not delivered cannot be read"),
        }
    }
}

impl Pump {
    fn until_due(&self, now: DateTime<Utc>) -> Duration {
        match self.door.next_due() {
            Some(due) => (due - now).to_std().unwrap_or(SHORTEST_TICK).clamp(SHORTEST_TICK, IDLE_TICK),
            None => IDLE_TICK,
        }
    }

    /// Takes what has come, some from everywhere; whether there was anything.
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        let mut worked = false;
        for socket in 0..self.udp.len() {
            for _ in 0..AT_A_TIME {
                if !self.poll_datagram(socket, context) {
                    break;
                }
                worked = true;
            }
        }
        for _ in 0..AT_A_TIME {
            let Poll::Ready(Some(come)) = self.streams.poll_recv(context) else { break };
            self.heard_on_stream(come);
            worked = true;
        }
        for _ in 0..AT_A_TIME {
            let Poll::Ready(Some((socket, address))) = self.undelivered.poll_recv(context) else { break };
            self.door.undelivered(socket, address, self.clock.now());
            worked = true;
        }
        for _ in 0..AT_A_TIME {
            let Poll::Ready(Some((key, instruction))) = self.listening.poll_next_unpin(context) else { break };
            self.door.instructed(key, instruction, self.clock.now());
            self.flush();
            worked = true;
        }
        worked
    }

    fn poll_datagram(&mut self, socket: usize, context: &mut Context<'_>) -> bool {
        let Some(Poll::Ready(received)) = self.udp.get(socket).map(|udp| udp.poll_receive(context, &mut self.buffer))
        else {
            return false;
        };
        if let Ok(Datagram { length, source, asked }) = received {
            let bytes = self.buffer.get(..length).unwrap_or_default();
            self.door.arrived(Peer::Udp { socket, to: source, from: asked }, source, bytes, self.clock.now());
            self.flush();
        }
        true
    }

    fn heard_on_stream(&mut self, come: FromStream) {
        match come {
            FromStream::Opened { connection, answers } => {
                self.connections.insert(connection, answers);
            }
            FromStream::Message { connection, source, bytes } => {
                self.door.arrived(Peer::Stream { connection }, source, &bytes, self.clock.now());
            }
            FromStream::Closed { connection } => {
                self.connections.remove(&connection);
                self.door.stream_closed(connection, self.clock.now());
            }
        }
        self.flush();
    }

    /// Sends what is to be sent, and listens to what is to be listened to. A datagram that the system does not take now
    /// is lost, as it may be on the way: both sides repeat. A stream that does not read is closed.
    fn flush(&mut self) {
        for (peer, bytes) in self.door.take_outbox() {
            match peer {
                Peer::Udp { socket, to, from } => {
                    if let Some(udp) = self.udp.get(socket) {
                        udp.send(&bytes, to, from);
                    }
                }
                Peer::Stream { connection } => {
                    if let Some(answers) = self.connections.get(&connection)
                        && answers.try_send(bytes).is_err()
                    {
                        // Without its sender the stream ends, and says so.
                        self.connections.remove(&connection);
                    }
                }
            }
        }
        for listening in self.door.take_listeners() {
            self.listening.push(listening);
        }
    }
}
