//! How a client is reached and who speaks for them, in words: the same wherever somebody rings, meets or reminds them.

use super::shown;
use super::words::ClientWords;
use crate::seat::Seat;
use startline_api as pb;

/// What whoever deals with the client must know first, a line each; nothing where nothing is known.
pub fn lines(seat: &Seat, contact: Option<&pb::Contact>) -> Vec<String> {
    let Some(contact) = contact else { return Vec::new() };
    let (c, language) = (ClientWords::of(seat.language()), seat.language());
    let mut lines = Vec::new();
    if let Some(one) = &contact.spoken_for {
        let phone = if one.phone.is_empty() { String::new() } else { format!(", {}", shown::grouped(&one.phone)) };
        lines.push(format!("{}: {}{phone}", authority(c, &one.authority), one.name));
    }
    if !contact.safe_times.is_empty() {
        let known = &seat.definition().service.telephone.safe_times;
        let named = |id: &String| {
            let time = known.iter().find(|time| time.id == *id);
            time.map_or_else(|| id.clone(), |time| time.name.in_language(language).to_owned())
        };
        lines.push(format!("{} {}", c.safe_only, contact.safe_times.iter().map(named).collect::<Vec<_>>().join(", ")));
    }
    match contact.way.as_str() {
        "text" => lines.push(c.text_only.to_owned()),
        "letter" => lines.push(c.letter_only.to_owned()),
        _ => {}
    }
    match contact.messages.as_str() {
        "no" => lines.push(c.no_messages.to_owned()),
        "yes" => lines.push(c.may_leave_messages.to_owned()),
        _ => {}
    }
    lines
}

pub fn authority(c: &'static ClientWords, id: &str) -> &'static str {
    match id {
        "appointee" => c.appointee,
        "attorney" => c.attorney,
        "receiver" => c.receiver,
        "advocate" => c.advocate,
        _ => c.speaks_for,
    }
}
