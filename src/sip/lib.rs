//! The front door for telephone switches: a SIP redirect server over UDP, TCP and TLS.
//!
//! A switch sends the caller's INVITE here. It hears 100 at once, 182 while the caller waits, and then 302 to an adviser,
//! to an announcement, or a refusal. The switch reports with MESSAGE what became of the call, and asks again under the
//! same reference when the adviser's telephone did not answer. The door holds no rules: it reads, calls a verb of
//! [`startline_routing::Switchboard`], and writes.
//!
//! Memory only: who asks, and what they were answered. A switch that asks again after a restart is a new call, with the
//! age that it says itself (`X-Startline-Entered`).
//!
//! - `message`: the only file that names the library; `salvage`: what is left of a request that cannot be read
//! - `door`: what is done with a request; `invite`, `answer`, `reports` are its larger verbs; `guard`: its entrances, and
//!   what a panic behind them ends
//! - `listening`: what the floor says about those who wait
//! - `transactions`: repeated requests, repeated answers, the queue of times
//! - `sources`, `counts`: who is served and how much, what was dropped
//! - `wire`, `stream`: the sockets
//!
//! One task reads all sockets, hears the floor and looks at the clock, so a call costs no lock, no task and no hand-over
//! between threads. What waits is bounded everywhere: calls, transactions, addresses, connections, what a connection has
//! sent and not read.
//!
//! # Why this library
//!
//! `sipx-sip` had the best parser of those tried (of the RFC 4475 messages 13 of 13 valid ones read, 17 of 19 invalid
//! ones refused, no panic; `rsipstack` 10 and 8), no sockets and no clock of its own. `rsipstack` is the most alive, but
//! has channels without bounds and logs whole messages at INFO, callers' numbers with them. Against `sipx-sip` speaks
//! that it is young and one author's: so it is pinned, and only reads. Its companion `sipx-transport` brings TLS, DNS,
//! QUIC and 18,000 lines that a redirect server behind fixed switch addresses does not need.

mod answer;
mod counts;
mod datagrams;
mod door;
mod guard;
mod invite;
mod listening;
mod message;
mod reply;
mod reports;
mod salvage;
mod sources;
mod stream;
#[cfg(test)]
mod tests;
mod transactions;
mod wire;

pub use counts::Counted;
pub use door::{Door, Rooms};
pub use sources::Peer;
pub use stream::{Cut, Framer};

use counts::Counts;
use startline_foundation::clock::Clock;
use startline_foundation::config::SipConfig;
use startline_foundation::metrics::Registry;
use startline_foundation::tls::Tls;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longest wait for the last acknowledgements at a stop: an answer is repeated three times within it.
const LAST_WORDS: Duration = Duration::from_secs(4);

/// The open door.
pub struct SipDoor {
    /// Where it listens, in the order of the settings.
    pub addresses: Vec<SocketAddr>,
    counts: Arc<Counts>,
    clock: Clock,
    drain: Duration,
    draining: Arc<AtomicBool>,
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl SipDoor {
    /// Opens the door: from now on switches are answered. `tls` is the certificate of its addresses that have one.
    ///
    /// # Errors
    /// A sentence for the operator when an address cannot be listened on.
    pub async fn open(settings: &SipConfig, tls: Option<&Tls>, rooms: Rooms) -> Result<Self, String> {
        let closing = CancellationToken::new();
        let sockets = wire::Sockets::bind(settings, tls, &rooms.panics).await?;
        let addresses = sockets.addresses.clone();
        let clock = rooms.clock.clone();
        let door = Door::new(settings.clone(), rooms);
        let (draining, counts) = (door.draining.clone(), door.counts.clone());
        let task = tokio::spawn(wire::serve(sockets, door, clock.clone(), closing.clone()));
        let drain = Duration::from_secs(settings.drain_s.into());
        Ok(Self { addresses, counts, clock, drain, draining, closing, task })
    }

    pub fn counted(&self) -> Counted {
        self.counts.now()
    }

    /// Shows what the door counts.
    pub fn register(&self, registry: &mut Registry) {
        counts::register(&self.counts, registry);
    }

    /// OPTIONS answers 503 from now on, and everything else goes on, until the switches have had time to notice.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        if !self.drain.is_zero() {
            self.clock.next_tick(self.drain).await;
        }
    }

    /// Goes on answering until every final answer is acknowledged, at most for `grace`; then closes the sockets. To be
    /// called when the floor has let the waiting calls go.
    pub async fn close(self, grace: Duration) {
        self.closing.cancel();
        let mut task = self.task;
        if tokio::time::timeout(grace.min(LAST_WORDS), &mut task).await.is_err() {
            tracing::warn!("some switches did not acknowledge their last answer");
            task.abort();
        }
    }
}
