//! What the floor says becomes what the switch is told.

use super::door::{Door, TRY_AGAIN_S};
use super::invite::bare_address;
use super::message::is_address;
use super::sources::Peer;
use super::transactions::Key;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::CallId;
use startline_routing::{AdviserCard, Announcement, CallState, Instruction, ReleaseReason, Report};
use std::sync::Arc;

/// Longest time after which a closed service may be tried again: a day.
const LONGEST_RETRY_S: i64 = 86_400;

impl Door {
    /// Follows an instruction for an INVITE that waits.
    pub(super) fn follow(&mut self, key: Key, instruction: Option<Instruction>, now: DateTime<Utc>) {
        match instruction {
            Some(Instruction::Queued { position, .. }) => self.queued(key, position, now),
            Some(Instruction::Connect { by }) => self.connect(key, &by, now),
            Some(Instruction::ConnectOutside { address }) => self.connect_outside(key, &address, now),
            Some(Instruction::Announce(announcement)) => self.announce(key, &announcement, now),
            Some(Instruction::Release(reason)) => self.release(key, reason, now),
            None => self.turn_away(key, now),
        }
    }

    /// A switch that hears 503 tries elsewhere, or later; one that hears 480 lets the call go.
    fn release(&mut self, key: Key, reason: ReleaseReason, now: DateTime<Utc>) {
        match reason {
            ReleaseReason::Stopping => self.turn_away(key, now),
            ReleaseReason::Ended
            | ReleaseReason::Abandoned
            | ReleaseReason::Closed
            | ReleaseReason::CallbackRequested
            | ReleaseReason::PassedOutside
            | ReleaseReason::AnsweredElsewhere => self.finish(key, 480, "Temporarily Unavailable", &[], now),
        }
    }

    fn turn_away(&mut self, key: Key, now: DateTime<Utc>) {
        self.finish(key, 503, "Service Unavailable", &[("Retry-After", TRY_AGAIN_S)], now);
    }

    /// The first time at once; afterwards the position is told when the next refresh is due.
    fn queued(&mut self, key: Key, position: usize, now: DateTime<Utc>) {
        let Some((_, waiting)) = self.table.waiting_mut(key) else { return };
        let known = waiting.position.replace(position).is_some();
        if !known {
            self.say_queued(key, now);
        }
    }

    pub(super) fn refresh(&mut self, key: Key, now: DateTime<Utc>) {
        let every = TimeDelta::seconds(self.settings.refresh_s.into());
        self.say_queued(key, now);
        self.table.refresh_again(key, now + every);
    }

    /// `182 Queued, position 2, waited 35 s`: each is another text, so that none looks like a retransmission.
    fn say_queued(&mut self, key: Key, now: DateTime<Utc>) {
        let Some((peer, waiting)) = self.table.waiting_mut(key) else { return };
        let peer = *peer;
        let view = waiting.call.and_then(|call| self.rooms.switchboard.network().call_view(call).ok());
        let Some(view) = view else { return };
        let position = view.position.or(waiting.position).unwrap_or(1);
        waiting.position = Some(position);
        let waited_s = (now - view.card.entered_at).num_seconds().max(0);
        let phrase = format!("Queued, position {position}, waited {waited_s} s");
        let reply = waiting.echo.reply(182, &phrase, &[("X-Startline-Position", &position.to_string())]);
        waiting.said = reply.clone();
        self.send(peer, reply);
    }

    fn connect(&mut self, key: Key, by: &AdviserCard, now: DateTime<Utc>) {
        let Some((peer, waiting)) = self.table.waiting_mut(key) else { return };
        let (peer, call, is_for_sips) = (*peer, waiting.call, waiting.is_for_sips);
        let address = self.whole_address(&by.address, peer, is_for_sips);
        if is_address(&address) {
            let contact = format!("<{address}>");
            let site = by.site.to_string();
            let headers = [("Contact", contact.as_str()), ("X-Startline-Site", site.as_str())];
            self.finish(key, 302, "Moved Temporarily", &headers, now);
            if let Some(call) = call {
                let within = TimeDelta::seconds(self.settings.ask_again_s.into());
                self.report(call, Report::SentOn { within }, now);
                self.table.sent_on(key, call);
            }
            return;
        }
        tracing::error!(adviser = %by.id, "an adviser's telephone has an address that no switch can call");
        if let Some(call) = call {
            self.report(call, Report::NoAnswer { address: Some(by.address.as_str().into()), busy: false }, now);
        }
    }

    /// To an interpreter's line, for example. The call is no longer ours.
    fn connect_outside(&mut self, key: Key, address: &str, now: DateTime<Utc>) {
        let Some((peer, waiting)) = self.table.waiting_mut(key) else { return };
        let (peer, is_for_sips) = (*peer, waiting.is_for_sips);
        let address = self.whole_address(address, peer, is_for_sips);
        if is_address(&address) {
            return self.redirect(key, &address, now);
        }
        tracing::error!("an outside line has an address that no switch can call");
        self.finish(key, 480, "Temporarily Unavailable", &[], now);
    }

    /// An extension gets the advisers' domain, or the switch's own address; and the scheme that the switch asked with (RFC 5630,
    /// section 5.4). What somebody has written as a whole address stays as it is.
    fn whole_address(&self, address: &str, peer: Peer, is_for_sips: bool) -> String {
        let scheme = if is_for_sips { "sips" } else { "sip" };
        let has_scheme = ["sip:", "sips:", "tel:"]
            .iter()
            .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        match (&self.settings.adviser_domain, peer) {
            _ if has_scheme => address.to_owned(),
            (domain, Peer::Udp { to, .. }) if domain.is_empty() => format!("{scheme}:{address}@{to}"),
            (domain, _) => format!("{scheme}:{address}@{domain}"),
        }
    }

    /// The address as the floor knows it, of the adviser whom a switch names by the address it rang. Another adviser's
    /// stays as it is, so that the floor sees that the report is late.
    pub(super) fn adviser_named(&self, call: CallId, text: &str) -> Arc<str> {
        let named = bare_address(text);
        let view = self.rooms.switchboard.network().call_view(call).ok();
        let with = view.as_ref().and_then(|view| match &view.state {
            CallState::Waiting { .. } => None,
            CallState::Offered { to: by, .. } | CallState::Connected { by, .. } | CallState::Ended { by, .. } => {
                Some(by)
            }
        });
        match with {
            Some(by) if by.has_telephone(&named) => by.address.as_str().into(),
            _ => named.into(),
        }
    }

    fn announce(&mut self, key: Key, announcement: &Announcement, now: DateTime<Utc>) {
        let Some((_, waiting)) = self.table.waiting_mut(key) else { return };
        let (call, next_opening) = (waiting.call, waiting.next_opening);
        let addresses = &self.settings.announcements;
        match announcement {
            Announcement::Closed { .. } => match (addresses.closed.clone(), next_opening) {
                (Some(address), _) => self.redirect(key, &address, now),
                (None, Some(opens)) => {
                    let retry_after = (opens - now).num_seconds().clamp(1, LONGEST_RETRY_S).to_string();
                    self.finish(key, 480, "Closed", &[("Retry-After", &retry_after)], now);
                }
                (None, None) => self.finish(key, 480, "Closed", &[], now),
            },
            Announcement::Waiting => {
                // Without a waiting room the caller goes on waiting.
                let Some(address) = addresses.waiting.clone() else { return };
                self.redirect(key, &address, now);
                if let Some(call) = call {
                    let until = now + TimeDelta::seconds(self.settings.waiting_room_s.into());
                    self.report(call, Report::Away { until }, now);
                }
            }
        }
    }

    fn redirect(&mut self, key: Key, address: &str, now: DateTime<Utc>) {
        self.finish(key, 302, "Moved Temporarily", &[("Contact", &format!("<{address}>"))], now);
    }
}
