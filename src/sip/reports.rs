//! MESSAGE: what a switch says about a call that it was sent on with. Twice, late and in any order.

use super::door::{Door, Request};
use super::invite::{bare_address, call_name};
use startline_foundation::error::Error;
use startline_routing::Report;
use std::sync::Arc;

/// Lines of a report; it has three.
const MOST_LINES: usize = 20;

impl Door {
    pub(super) fn message(&mut self, request: &Request<'_>) {
        let (status, phrase, headers) = self.take_report(request);
        let reply = self.echo(request).reply(status, phrase, headers);
        self.table.keep_done(request.key, request.peer, reply.clone(), request.now);
        self.send(request.peer, reply);
    }

    fn take_report(&mut self, request: &Request<'_>) -> (u16, &'static str, &'static [(&'static str, &'static str)]) {
        let Some(body) = request.asked.plain_body() else {
            return (415, "Unsupported Media Type", &[("Accept", "text/plain")]);
        };
        let Some((name, report)) = body.and_then(read_report) else {
            return (400, "Unreadable Report", &[]);
        };
        let network = self.rooms.switchboard.network();
        let name = call_name(request.source, &name);
        let Some(call) = network.find_call(&name) else {
            self.rooms.switchboard.report_late(name, report, request.now);
            return (404, "Unknown Call", &[]);
        };
        let report = match report {
            Report::NoAnswer { address: Some(address), busy } => {
                Report::NoAnswer { address: Some(self.adviser_named(call, &address)), busy }
            }
            Report::Unreachable { address: Some(address) } => {
                Report::Unreachable { address: Some(self.adviser_named(call, &address)) }
            }
            other => other,
        };
        match self.rooms.switchboard.report_call(call, report, request.now) {
            Ok(()) => (200, "OK", &[]),
            Err(Error::NotFound { .. }) => (404, "Unknown Call", &[]),
            Err(Error::Unavailable(_)) => (503, "Service Unavailable", &[("Retry-After", super::door::TRY_AGAIN_S)]),
            Err(fault) => {
                tracing::debug!(%call, %fault, "a report about a call changed nothing");
                (200, "OK", &[])
            }
        }
    }
}

/// The call's name and what happened: lines of `name: value`.
pub fn read_report(body: &str) -> Option<(String, Report)> {
    let (mut call, mut event, mut adviser) = (None, None, None);
    for line in body.lines().take(MOST_LINES) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "call" => call = Some(value),
            "event" => event = Some(value),
            "adviser" => adviser = Some(value),
            _ => {}
        }
    }
    let call = call.filter(|call| !call.is_empty())?.to_owned();
    let address = || adviser.map(bare_address).filter(|text| !text.is_empty()).map(Arc::from);
    let report = match event?.to_ascii_lowercase().as_str() {
        "answered" => address().map_or(Report::Answered, |address| Report::AnsweredAt { address }),
        "no-answer" => Report::NoAnswer { address: address(), busy: false },
        "busy" => Report::NoAnswer { address: address(), busy: true },
        "unreachable" => Report::Unreachable { address: address() },
        "abandoned" => Report::Abandoned,
        "answered-elsewhere" => Report::AnsweredElsewhere,
        "ended" => Report::Ended,
        "callback" => Report::CallbackRequested,
        _ => return None,
    };
    Some((call, report))
}
