//! What can be made out of a request that cannot be read: enough to say 400, or nothing.
//!
//! The reader of `message` is strict. Here a request is only cut at its line ends, to find the five headers that an
//! answer must repeat; nothing of it is believed.

use super::message::{Hop, hop};

/// The headers that an answer repeats, and the way back.
pub struct Salvaged<'a> {
    pub hop: Hop,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub method: &'a [u8],
    pub has_to_tag: bool,
}

const ECHOED: [(&str, &str); 5] = [("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i"), ("CSeq", "")];
/// More lines than any request has.
const MOST_LINES: usize = 300;

pub fn salvage(bytes: &[u8]) -> Option<Salvaged<'_>> {
    let head = match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(end) => bytes.get(..end)?,
        None => bytes,
    };
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let start = lines.next()?;
    let method = start.split(|byte| *byte == b' ').next()?;
    if method.is_empty() || method.starts_with(b"SIP/") || !method.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let mut found: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let mut within = false;
    for line in lines.take(MOST_LINES) {
        if let [b' ' | b'\t', ..] = line {
            if let (true, Some((_, value))) = (within, found.last_mut()) {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        within = false;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        let known = ECHOED.iter().find(|(long, short)| {
            name.eq_ignore_ascii_case(long.as_bytes())
                || (!short.is_empty() && name.eq_ignore_ascii_case(short.as_bytes()))
        });
        let Some((label, _)) = known else { continue };
        let value = value.get(1..)?.trim_ascii();
        // Of those that may stand once the first counts; a lone carriage return would make two lines of one.
        if value.contains(&b'\r') || (*label != "Via" && found.iter().any(|(name, _)| name == label)) {
            continue;
        }
        found.push((label, value.to_vec()));
        within = true;
    }
    if found.iter().any(|(_, value)| value.contains(&b'\r')) {
        return None;
    }
    let mut headers = Vec::with_capacity(found.len());
    for (label, _) in ECHOED {
        let before = headers.len();
        headers.extend(found.iter().filter(|(name, _)| *name == label).cloned());
        if headers.len() == before {
            return None;
        }
    }
    let hop = hop(&headers.first()?.1)?;
    let to = headers.iter().find(|(name, _)| *name == "To").map(|(_, value)| value.to_ascii_lowercase())?;
    let has_to_tag = to.windows(5).any(|window| window == b";tag=");
    Some(Salvaged { hop, headers, method, has_to_tag })
}
