//! An INVITE becomes a call on the floor, new or asked for again.

use super::door::{Door, Request};
use super::listening::Listening;
use super::reply::one_line;
use super::transactions::{Key, Waiting};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::Error;
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::{CallId, SiteId};
use startline_routing::{NewCall, Opening, Priority, Report, SkillSet};
use std::cell::Cell;

/// Longest name of a call. A longer Call-ID is cut, which costs nothing but the end of a name.
const REFERENCE_CHARS: usize = 128;
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
            call: None,
            said: trying,
            position: None,
            next_opening: None,
            listening: None,
            refresh_at: now + TimeDelta::seconds(self.settings.refresh_s.into()),
        };
        self.table.begin(request.key, request.peer, waiting);

        let reference = reference(asked.own_header("X-Startline-Call"), asked.call_id());
        self.report_result(request, &reference);
        let new = NewCall {
            call: CallId::fresh(now),
            switch_call_id: reference.into(),
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
    fn report_result(&mut self, request: &Request<'_>, reference: &str) {
        let Some(result) = request.asked.own_header("X-Startline-Result") else { return };
        let Some(call) = self.rooms.switchboard.network().find_call(reference) else { return };
        let busy = matches!(result.as_str(), "486" | "600");
        let address = request.asked.own_header("X-Startline-Adviser").map(|text| self.adviser_named(call, &text));
        self.report(call, Report::NoAnswer { address, busy }, request.now);
    }
}

/// What the switch calls this call.
pub(super) fn reference(header: Option<String>, call_id: String) -> String {
    let is_fit = |text: &String| text.chars().count() <= REFERENCE_CHARS && !text.chars().any(char::is_control);
    let name = header.filter(is_fit).unwrap_or(call_id);
    name.chars().filter(|c| !c.is_control()).take(REFERENCE_CHARS).collect()
}

/// `<sip:2001@host>;q=1` and `"Asha" <sip:2001@host>` are `sip:2001@host`.
pub(super) fn bare_address(text: &str) -> String {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    one_line(inside.unwrap_or(text).trim())
}

/// E.164, or none when the number is withheld, or is no number that we know.
fn caller(request: &Request<'_>) -> Option<String> {
    if request.asked.wants_privacy() {
        return None;
    }
    let asserted = if request.trusted { request.asked.asserted() } else { Vec::new() };
    let named = asserted.iter().map(String::as_str).find_map(number);
    named.or_else(|| request.asked.calling_user().as_deref().and_then(number))
}

fn number(text: &str) -> Option<String> {
    UkPhone::from_switch(text).ok().map(|phone| phone.e164().to_owned())
}

/// E.164 if it is a number; a name or an extension stays as it is.
fn dialled_number(text: &str) -> String {
    number(text).unwrap_or_else(|| text.chars().filter(|c| !c.is_control()).take(DIALLED_CHARS).collect())
}

fn first_seen(header: Option<String>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds: i64 = header?.parse().ok()?;
    DateTime::from_timestamp(seconds, 0).filter(|seen| *seen <= now)
}
