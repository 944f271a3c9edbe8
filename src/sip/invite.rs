//! An INVITE becomes a call on the floor, new or asked for again.

use super::door::{Door, Request};
use super::listening::Listening;
use super::message::Identity;
use super::reply::one_line;
use super::transactions::{Key, Waiting};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use startline_foundation::error::Error;
use startline_foundation::formats::{CallerNumber, UkPhone};
use startline_foundation::ids::{CallId, SiteId};
use startline_routing::{NewCall, Opening, Priority, Report, SkillSet, SwitchCall};
use std::cell::Cell;
use std::net::SocketAddr;

/// Longest name of a call that is kept as it is.
const NAME_CHARS: usize = 128;
const DIALLED_CHARS: usize = 40;

impl Door {
    pub(super) fn invite(&mut self, request: &Request<'_>) {
        let asked = request.asked;
        if !asked.body_is_for_telephones() {
            return self.reply(request, 415, "Unsupported Media Type", &[("Accept", "application/sdp")]);
        }
        if self.is_full() {
            return self.refuse_for_now(request);
        }
        let now = request.now;
        let echo = self.echo(request);
        let timestamp = asked.timestamp();
        let timestamp: Vec<_> = timestamp.iter().map(|value| ("Timestamp", value.as_str())).collect();
        let trying = echo.reply(100, "Trying", &timestamp);
        self.send(request.peer, trying.clone());
        let waiting = Waiting {
            echo,
            is_for_sips: asked.is_for_sips(),
            call: None,
            said: trying,
            position: None,
            next_opening: None,
            listening: None,
            refresh_at: now + TimeDelta::seconds(self.settings.refresh_s.into()),
        };
        self.table.begin(request.key, request.peer, waiting);

        let name = request.call_name();
        self.report_result(request, &name);
        let new = NewCall {
            call: CallId::fresh(now),
            switch_call_id: name,
            caller: caller(request),
            dialled: dialled_number(&asked.dialled()),
            priority: match asked.own_header("X-Startline-Urgent") {
                Some(word) if word.eq_ignore_ascii_case("yes") => Priority::Urgent,
                _ => Priority::Normal,
            },
            needs: self.needs(asked.own_header("X-Startline-Needs")),
            first_seen: first_seen(asked.own_header("X-Startline-Entered"), now),
        };
        self.break_for_a_test("begun");
        self.enter(request.key, new, now);
    }

    fn enter(&mut self, key: Key, new: NewCall, now: DateTime<Utc>) {
        let definition = self.rooms.definitions.current().clone();
        // Asked last for the site that takes the call.
        let next_opening = Cell::new(None);
        let opening = |site: &SiteId| match definition.closed(site, now) {
            None => Opening::Open,
            Some(closed) => {
                next_opening.set(closed.next);
                Opening::Closed { next: closed.text }
            }
        };
        match self.rooms.switchboard.enter_call(new, opening, now) {
            Ok((call, mut instructions)) => {
                self.break_for_a_test("entered");
                if let Some(older) = self.asking.insert(call, key) {
                    self.finish(older, 491, "Request Pending", &[], now);
                }
                if let Some((_, waiting)) = self.table.waiting_mut(key) {
                    waiting.call = Some(call);
                    waiting.next_opening = next_opening.get();
                }
                // Most calls get their whole answer at once, and then nobody need listen.
                while let Ok(instruction) = instructions.try_recv() {
                    self.follow(key, Some(instruction), now);
                }
                if let Some((_, waiting)) = self.table.waiting_mut(key) {
                    let (listening, stop) = Listening::new(key, instructions);
                    waiting.listening = Some(stop);
                    self.listeners.push(listening);
                }
            }
            Err(Error::Unavailable(_)) => {
                self.finish(key, 503, "Service Unavailable", &[("Retry-After", super::door::TRY_AGAIN_S)], now);
            }
            Err(fault) => {
                tracing::error!(%fault, "a call could not enter the floor");
                self.finish(key, 500, "Server Internal Error", &[("Retry-After", super::door::TRY_AGAIN_S)], now);
            }
        }
    }

    /// A word that is no skill of this service is passed over: better an adviser without it than none.
    fn needs(&self, header: Option<String>) -> SkillSet {
        let Some(header) = header else { return SkillSet::NONE };
        let skills = self.rooms.switchboard.network().skills();
        let words = header.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.fold(SkillSet::NONE, |needs, word| match skills.set("needs", [word.to_ascii_lowercase().as_str()]) {
            Ok(skill) => needs.with(skill),
            Err(_) => {
                tracing::debug!("a switch names a need that is no skill of this service");
                needs
            }
        })
    }

    /// What became of the adviser's telephone that was tried before the switch asked again.
    fn report_result(&mut self, request: &Request<'_>, name: &SwitchCall) {
        let Some(result) = request.asked.own_header("X-Startline-Result") else { return };
        let Some(call) = self.rooms.switchboard.network().find_call(name) else { return };
        let address = request.asked.own_header("X-Startline-Adviser").map(|text| self.adviser_named(call, &text));
        let report = match result.as_str() {
            // Nothing rang there: no such number, nobody registered, no way to it.
            "404" | "410" | "480" | "484" | "500" | "502" | "503" | "504" | "604" => Report::Unreachable { address },
            busy => Report::NoAnswer { address, busy: matches!(busy, "486" | "600") },
        };
        self.report(call, report, request.now);
    }
}

impl Request<'_> {
    /// What the switch calls the call that this is about.
    pub(super) fn call_name(&self) -> SwitchCall {
        let given = self.asked.own_header("X-Startline-Call").filter(|text| !text.chars().any(char::is_control));
        call_name(self.source, &given.unwrap_or_else(|| self.asked.call_id()))
    }
}

/// A switch's own name for a call: another address is another switch. Names of any length are told apart: of a long one the
/// end is a hash of the whole.
pub(super) fn call_name(source: SocketAddr, name: &str) -> SwitchCall {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = match name.char_indices().nth(NAME_CHARS) {
        None => name,
        Some(_) => {
            let hash = Sha256::digest(name.as_bytes());
            let end: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            name.chars().take(NAME_CHARS - end.len()).chain(end.chars()).collect()
        }
    };
    SwitchCall { switch: source.ip().to_canonical().to_string().into(), name: name.into() }
}

/// `<sip:2001@host>;q=1` and `"Asha" <sip:2001@host>` are `sip:2001@host`.
pub(super) fn bare_address(text: &str) -> String {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    one_line(inside.unwrap_or(text).trim())
}

/// E.164, or none when the number is withheld, or is no number that we know. Where the network vouches for an identity, what
/// the caller's own telephone says counts for nothing: nobody is shown the record of whoever the caller says they are.
fn caller(request: &Request<'_>) -> Option<String> {
    if request.asked.wants_privacy() {
        return None;
    }
    match request.asked.asserted().filter(|_| request.trusted) {
        Some(asserted) => asserted.iter().find_map(number),
        None => request.asked.calling().as_ref().and_then(number),
    }
}

fn number(identity: &Identity) -> Option<String> {
    let read = if identity.is_phone { CallerNumber::read_national } else { CallerNumber::read };
    read(&identity.user).map(|number| number.e164().to_owned())
}

/// E.164 if it is a number; a name or an extension stays as it is.
fn dialled_number(text: &str) -> String {
    let number = UkPhone::from_switch(text).map(|phone| phone.e164().to_owned());
    number.unwrap_or_else(|_| text.chars().filter(|c| !c.is_control()).take(DIALLED_CHARS).collect())
}

/// Seconds since 1970, with a fraction where the switch knows it: `986040012.250`.
fn first_seen(header: Option<String>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let header = header?;
    let (seconds, fraction) = header.split_once('.').unwrap_or((&header, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) {
        return None;
    }
    let millis: u32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let seen = DateTime::from_timestamp(seconds.parse().ok()?, millis * 1_000_000)?;
    (seen <= now).then_some(seen)
}
