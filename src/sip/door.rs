//! What the door does with each request. No sockets and no clock in here: bytes and `now` come in, bytes go out through
//! the outbox, and whoever is to be listened to is handed over.

use super::counts::Counts;
use super::listening::Listening;
use super::message::{self, Asked, Method, Read, Refusal, WhyCancelled};
use super::reply::{ALLOW, Echo, one_line};
use super::salvage::salvage;
use super::sources::{Admission, Peer, Sources};
use super::transactions::{Due, Key, Names, State, Transactions};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::Definitions;
use startline_foundation::clock::Clock;
use startline_foundation::config::SipConfig;
use startline_foundation::ids::CallId;
use startline_foundation::supervision::Panics;
use startline_routing::{Instruction, Report, Switchboard};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Transactions kept beside the waiting ones, for each that may wait: answered ones linger for seconds.
const LINGERING: usize = 16;
/// When a switch that is refused because there is too much to do may try again.
pub const TRY_AGAIN_S: &str = "5";

/// What the door calls. `app.rs` makes it.
pub struct Rooms {
    pub clock: Clock,
    pub definitions: Arc<Definitions>,
    pub switchboard: Arc<Switchboard>,
    pub panics: Panics,
}

/// The door without its sockets. Its entrances are in `guard`.
pub struct Door {
    pub(super) settings: SipConfig,
    pub(super) rooms: Rooms,
    pub(super) table: Transactions,
    /// The INVITE that waits for each call: the newest.
    pub(super) asking: HashMap<CallId, Key>,
    /// Instructions to be listened to from now on.
    pub(super) listeners: Vec<Listening>,
    pub(super) counts: Arc<Counts>,
    pub(super) draining: Arc<AtomicBool>,
    pub(super) outbox: Vec<(Peer, Bytes)>,
    /// The transaction of the message that is being handled, once it has been read.
    pub(super) in_hand: Option<Key>,
    /// Where a test wants a panic, once.
    #[cfg(test)]
    pub(super) breaks_at: Option<&'static str>,
    sources: Sources,
    names: Names,
}

/// One request, and how to answer it.
pub(super) struct Request<'a> {
    pub asked: &'a Asked,
    pub key: Key,
    pub peer: Peer,
    pub source: SocketAddr,
    pub trusted: bool,
    pub now: DateTime<Utc>,
}

impl Door {
    pub fn new(settings: SipConfig, rooms: Rooms) -> Self {
        let sources = Sources::new(settings.switches.clone(), settings.requests_per_second);
        Self {
            settings,
            rooms,
            table: Transactions::default(),
            asking: HashMap::new(),
            listeners: Vec::new(),
            counts: Arc::default(),
            draining: Arc::default(),
            outbox: Vec::new(),
            in_hand: None,
            #[cfg(test)]
            breaks_at: None,
            sources,
            names: Names::default(),
        }
    }

    /// Answers to be sent, oldest first.
    pub fn take_outbox(&mut self) -> std::vec::Drain<'_, (Peer, Bytes)> {
        self.outbox.drain(..)
    }

    pub fn take_listeners(&mut self) -> std::vec::Drain<'_, Listening> {
        self.listeners.drain(..)
    }

    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.table.next_due()
    }

    /// Everybody has what they asked for.
    pub fn is_quiet(&self) -> bool {
        self.table.unacknowledged() == 0 && self.table.waiting() == 0
    }

    pub(super) fn receive(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], now: DateTime<Utc>) {
        self.in_hand = None;
        let admission = self.sources.admit(source.ip(), bytes, now);
        let trusted = match admission {
            Admission::Foreign => return self.counts.foreign(source.ip(), now),
            Admission::Drop => return self.counts.over_limit(source.ip(), now),
            Admission::Refuse => {
                self.counts.over_limit(source.ip(), now);
                false
            }
            Admission::Welcome { trusted } => trusted,
        };
        let asked = match message::read(bytes) {
            Read::Request(asked) => asked,
            Read::Nothing => return,
            Read::Bad(refusal) => {
                self.counts.unreadable(source.ip(), now);
                return self.refuse_unread(peer, source, bytes, refusal);
            }
        };
        self.counts.message(asked.method);
        tracing::Span::current().record("method", tracing::field::debug(asked.method));
        let peer = way_back(peer, &asked.hop, source);
        let key = self.names.key(&asked, source.ip().to_canonical());
        let request = Request { asked: &asked, key, peer, source, trusted, now };
        self.in_hand = Some(key);
        self.break_for_a_test("read");
        match asked.method {
            Method::Ack => self.table.acknowledge(key, now),
            Method::Cancel => self.cancel(&request),
            _ if self.repeat(&request) => {}
            _ if admission == Admission::Refuse => self.refuse_for_now(&request),
            Method::Other => self.reply(&request, 405, "Method Not Allowed", &[ALLOW]),
            _ if self.refuse_unable(&request) => {}
            Method::Options => self.options(&request),
            _ if asked.has_to_tag => self.reply(&request, 481, "Call/Transaction Does Not Exist", &[]),
            Method::Invite => self.invite(&request),
            Method::Message => self.message(&request),
        }
    }

    /// The same request as before gets the same answer, and is not acted upon.
    fn repeat(&mut self, request: &Request<'_>) -> bool {
        let Some(known) = self.table.get(request.key) else { return false };
        let again = match &known.state {
            State::Waiting(waiting) => waiting.said.clone(),
            State::Answered { reply, .. } | State::Done { reply } => reply.clone(),
            State::Acknowledged => return true,
        };
        let peer = known.peer;
        self.counts.repeated();
        self.send(peer, again);
        true
    }

    /// What is asked in a way that this door does not have: an address that is no telephone's, an extension insisted upon.
    fn refuse_unable(&mut self, request: &Request<'_>) -> bool {
        let required = request.asked.required();
        if !request.asked.is_for_a_telephone() {
            self.reply(request, 416, "Unsupported URI Scheme", &[]);
        } else if !required.is_empty() {
            self.reply(request, 420, "Bad Extension", &[("Unsupported", &one_line(&required.join(", ")))]);
        } else {
            return false;
        }
        true
    }

    /// More than may be done at once.
    pub(super) fn is_full(&self) -> bool {
        let most = self.settings.max_calls;
        self.table.waiting() >= most || self.table.len() >= most.saturating_mul(LINGERING).saturating_add(10_000)
    }

    pub(super) fn refuse_for_now(&mut self, request: &Request<'_>) {
        self.counts.refused();
        self.reply(request, 503, "Service Unavailable", &[("Retry-After", TRY_AGAIN_S)]);
    }

    fn options(&mut self, request: &Request<'_>) {
        if self.draining.load(Ordering::Relaxed) || !self.rooms.switchboard.has_floor() {
            self.reply(request, 503, "Service Unavailable", &[("Retry-After", TRY_AGAIN_S)]);
        } else {
            self.reply(request, 200, "OK", &[ALLOW, ("Accept", "text/plain")]);
        }
    }

    fn cancel(&mut self, request: &Request<'_>) {
        if self.table.get(request.key).is_none() {
            return self.reply(request, 481, "Call/Transaction Does Not Exist", &[]);
        }
        self.reply(request, 200, "OK", &[]);
        let call = match self.table.get(request.key).map(|known| &known.state) {
            Some(State::Waiting(waiting)) => waiting.call,
            // It crossed the answer that sends the caller on: they have left all the same.
            Some(State::Answered { call, .. }) => *call,
            _ => None,
        };
        self.finish(request.key, 487, "Request Terminated", &[], request.now);
        let Some(call) = call else { return };
        let report = match request.asked.why_cancelled() {
            WhyCancelled::Polls => self.away(request.now),
            WhyCancelled::AnsweredElsewhere => Report::AnsweredElsewhere,
            WhyCancelled::Unsaid => Report::Abandoned,
        };
        self.report(call, report, request.now);
    }

    /// The switch goes away for a moment, and will ask again.
    pub(super) fn away(&self, now: DateTime<Utc>) -> Report {
        Report::Away { until: now + TimeDelta::seconds(self.settings.ask_again_s.into()) }
    }

    /// What a switch says about a call that is long over changes nothing.
    pub(super) fn report(&mut self, call: CallId, report: Report, now: DateTime<Utc>) {
        if let Err(fault) = self.rooms.switchboard.report_call(call, report, now) {
            tracing::debug!(%call, %fault, "a report came too late to matter");
        }
    }

    /// The floor has said something; `None` when it will say no more.
    pub(super) fn hear(&mut self, key: Key, instruction: Option<Instruction>, now: DateTime<Utc>) {
        if self.table.waiting_mut(key).is_some() {
            self.break_for_a_test("told");
            self.follow(key, instruction, now);
        }
    }

    pub(super) fn see_to(&mut self, due: Due, now: DateTime<Utc>) {
        match due {
            Due::Refresh(key) => {
                self.break_for_a_test("refreshed");
                self.refresh(key, now);
            }
            Due::Send(peer, reply) => self.send(peer, reply),
            Due::Unacknowledged => self.counts.unacknowledged(now),
        }
    }

    /// The way to answer is gone. The caller keeps the place for a while.
    pub(super) fn let_go(&mut self, key: Key, now: DateTime<Utc>) {
        self.break_for_a_test("let go");
        let call = self.table.waiting_mut(key).and_then(|(_, waiting)| waiting.call);
        self.table.forget(key);
        if let Some(call) = call.filter(|call| self.asking.get(call) == Some(&key)) {
            self.asking.remove(&call);
            self.report(call, self.away(now), now);
        }
    }

    /// The final answer of a waiting INVITE.
    pub(super) fn finish(&mut self, key: Key, status: u16, phrase: &str, headers: &[(&str, &str)], now: DateTime<Utc>) {
        let Some((_, waiting)) = self.table.waiting_mut(key) else { return };
        let reply = waiting.echo.reply(status, phrase, headers);
        if let Some(call) = waiting.call
            && self.asking.get(&call) == Some(&key)
        {
            self.asking.remove(&call);
        }
        if let Some((peer, reply)) = self.table.answer(key, reply, now) {
            self.send(peer, reply);
        }
    }

    /// Answers without keeping anything: the same request again would get the same answer.
    pub(super) fn reply(&mut self, request: &Request<'_>, status: u16, phrase: &str, headers: &[(&str, &str)]) {
        let reply = self.echo(request).reply(status, phrase, headers);
        self.send(request.peer, reply);
    }

    pub(super) fn echo(&self, request: &Request<'_>) -> Echo {
        Echo::of(request.asked, request.source, &self.names.tag(request.key))
    }

    pub(super) fn send(&mut self, peer: Peer, reply: Bytes) {
        self.outbox.push((peer, reply));
    }

    fn refuse_unread(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], refusal: Refusal) {
        let Some(found) = salvage(bytes) else { return };
        if found.method == b"ACK" {
            return;
        }
        let peer = way_back(peer, &found.hop, source);
        let tag = (!found.has_to_tag).then(|| self.names.tag((&found.hop.branch, &found.hop.sent_by)));
        let headers = found.headers.iter().map(|(name, value)| (*name, value));
        let echo = Echo::from_headers(headers, source, tag.as_deref());
        self.send(peer, echo.reply(refusal.status, refusal.phrase, &[]));
    }
}

/// Over UDP an answer goes to the address that asked, never to one that it names, so that nobody can have a third
/// party showered with answers; only the port may be of its choosing (RFC 3261, 18.2.2; RFC 3581).
pub(super) fn way_back(peer: Peer, hop: &message::Hop, source: SocketAddr) -> Peer {
    match peer {
        Peer::Udp { socket, from, .. } if hop.wants_rport => Peer::Udp { socket, to: source, from },
        Peer::Udp { socket, from, .. } => {
            let to = SocketAddr::new(source.ip(), hop.port);
            Peer::Udp { socket, to, from }
        }
        Peer::Stream { .. } => peer,
    }
}
