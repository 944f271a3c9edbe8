//! The entrances of the door. A panic behind one ends the message or the call that it was about, and is counted: one task
//! serves all switches, so a panic that went further would end every call.
//!
//! What panicked is answered 500, so that its switch does not wait for an answer that never comes. Its caller keeps the
//! place on the floor for as long as a switch may take to ask again.

use super::door::{Door, Request, TRY_AGAIN_S};
use super::message::{self, Method, Read};
use super::sources::Peer;
use super::transactions::{Due, Key};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::CallId;
use startline_foundation::supervision::Ended;
use startline_routing::Instruction;
use std::net::SocketAddr;
use tracing::field::Empty;

const FAILED: (u16, &str, &[(&str, &str)]) = (500, "Server Internal Error", &[("Retry-After", TRY_AGAIN_S)]);

impl Door {
    /// One message has come, over `peer` from `source`.
    pub fn arrived(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], now: DateTime<Utc>) {
        let answers = self.outbox.len();
        let handled = self.guarded("a SIP message", |door| door.receive(peer, source, bytes, now));
        if handled.is_none()
            && let Some(key) = self.in_hand
        {
            let answered = self.outbox.len() > answers;
            let end = |door: &mut Self| door.end_message(key, peer, source, bytes, answered, now);
            self.guarded("the end of a SIP message", end);
        }
    }

    /// The floor has said something; `None` when it will say no more.
    pub fn instructed(&mut self, key: Key, instruction: Option<Instruction>, now: DateTime<Utc>) {
        if self.guarded("what the floor said of a call", |door| door.hear(key, instruction, now)).is_none() {
            self.end_waiting(key, now);
        }
    }

    /// The clock was set by so much while no time passed.
    pub fn clock_was_set(&mut self, by: TimeDelta) {
        self.guarded("a clock that was set", |door| door.table.clock_was_set(by));
    }

    /// Does what is due by now.
    pub fn time_passed(&mut self, now: DateTime<Utc>) {
        loop {
            let mut whose = None;
            let more = self.guarded("what was due at the SIP door", |door| {
                let due = door.table.due(now);
                if let Some(Due::Refresh(key)) = &due {
                    whose = Some(*key);
                }
                due.map(|due| door.see_to(due, now)).is_some()
            });
            match more {
                Some(true) => {}
                Some(false) => return,
                // The rest has its turn when time passes again, so that nothing goes round here for ever.
                None => return whose.into_iter().for_each(|key| self.end_waiting(key, now)),
            }
        }
    }

    /// A stream is gone, and with it the way to answer. The callers keep their places for a while.
    pub fn stream_closed(&mut self, connection: u64, now: DateTime<Utc>) {
        self.let_go_at(|peer| *peer == Peer::Stream { connection }, now);
    }

    /// At this address nobody listens any more, as was said of an answer that was sent there from one of our sockets.
    pub fn undelivered(&mut self, socket: usize, address: SocketAddr, now: DateTime<Utc>) {
        let is_there =
            |peer: &Peer| matches!(peer, Peer::Udp { socket: own, to, .. } if *own == socket && *to == address);
        self.let_go_at(is_there, now);
    }

    fn let_go_at(&mut self, is_there: impl Fn(&Peer) -> bool, now: DateTime<Utc>) {
        for key in self.table.waiting_at(is_there) {
            self.guarded("a call whose switch is gone", |door| door.let_go(key, now));
        }
    }

    /// `None` when it panicked.
    fn guarded<T>(&mut self, what: &str, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let panics = self.rooms.panics.clone();
        // What it is about is known when it has been read.
        let span = tracing::info_span!("sip", otel.name = what, otel.kind = "server", method = Empty, call = Empty);
        panics.guard_now(Ended::Call, what, || span.in_scope(|| work(self))).ok()
    }

    /// `answered` says that something was answered before the panic.
    fn end_message(
        &mut self,
        key: Key,
        peer: Peer,
        source: SocketAddr,
        bytes: &[u8],
        answered: bool,
        now: DateTime<Utc>,
    ) {
        let Read::Request(asked) = message::read(bytes) else { return };
        let peer = super::door::way_back(peer, &asked.hop, source);
        let request = Request { asked: &asked, key, peer, source, trusted: false, now };
        if !answered && asked.method != Method::Ack {
            let (status, phrase, headers) = FAILED;
            self.reply(&request, status, phrase, headers);
        }
        let call = self.rooms.switchboard.network().find_call(&request.call_name());
        self.fail(key, call, now);
    }

    fn end_waiting(&mut self, key: Key, now: DateTime<Utc>) {
        self.guarded("the end of a call", |door| door.fail(key, None, now));
    }

    /// The INVITE of this transaction, if one waits there, gets its final answer. `known` is its call on the floor, in case
    /// that was not written down any more.
    fn fail(&mut self, key: Key, known: Option<CallId>, now: DateTime<Utc>) {
        let Some((_, waiting)) = self.table.waiting_mut(key) else { return };
        let call = waiting.call.or(known);
        // Another INVITE may have asked for the same call since; that one goes on.
        let call = call.filter(|call| self.asking.get(call).is_none_or(|asking| *asking == key));
        let (status, phrase, headers) = FAILED;
        self.finish(key, status, phrase, headers, now);
        if let Some(call) = call {
            self.report(call, self.away(now), now);
        }
    }

    /// A test may make this place panic; nothing else can.
    pub(super) fn break_for_a_test(&mut self, at: &'static str) {
        #[cfg(test)]
        if self.breaks_at == Some(at) {
            self.breaks_at = None;
            panic!("a test wanted it");
        }
        #[cfg(not(test))]
        let _ = at;
    }
}
