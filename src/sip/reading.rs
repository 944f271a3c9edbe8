//! Everything that is done to bytes before the door knows what they are, in one place for the property tests and for the
//! fuzz targets in `tests/fuzz`.

use super::message::{self, Read};
use super::reply::{Echo, one_line};
use super::reports::read_report;
use super::salvage::salvage;
use super::stream::{Cut, Framer};
use crate::formats::UkPhone;
use std::net::SocketAddr;

/// Reads the bytes as the door would and gives an answer to them, if any is due.
pub fn answer_to(bytes: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    match message::read(bytes) {
        Read::Nothing => None,
        Read::Bad(refusal) => {
            let found = salvage(bytes)?;
            let tag = (!found.has_to_tag).then_some("tag");
            let echo = Echo::from_headers(found.headers.iter().map(|(name, value)| (*name, value)), source, tag);
            Some(echo.reply(refusal.status, refusal.phrase, &[]).to_vec())
        }
        Read::Request(asked) => {
            let mut words = asked.required();
            words.extend(asked.asserted());
            words.extend(asked.calling_user());
            words.push(asked.dialled());
            for word in &words {
                let _ = UkPhone::from_switch(word);
            }
            words.extend(
                ["X-Startline-Call", "X-Startline-Adviser"].into_iter().filter_map(|name| asked.own_header(name)),
            );
            let _ = (asked.old_names(), asked.call_id(), asked.wants_privacy(), asked.only_polls());
            let _ = (asked.body_is_for_telephones(), asked.is_for_a_telephone());
            if let Some(Some(body)) = asked.plain_body() {
                let _ = read_report(body);
            }
            let said = one_line(&words.join(", "));
            let timestamp = asked.timestamp();
            let mut headers = vec![("Unsupported", said.as_str())];
            headers.extend(timestamp.iter().map(|value| ("Timestamp", value.as_str())));
            Some(Echo::of(&asked, source, "tag").reply(200, "OK", &headers).to_vec())
        }
    }
}

/// The messages in a stream that comes in these pieces, as far as it can be cut.
pub fn cut<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next() {
                Cut::Message(message) => messages.push(message),
                Cut::More => break,
                Cut::Lost => return messages,
            }
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    fn source() -> SocketAddr {
        "192.0.2.7:5061".parse().unwrap()
    }

    /// The seeds of the fuzz targets.
    fn seeds() -> Vec<Vec<u8>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/sip_message");
        let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let mut seeds: Vec<_> = files.collect();
        seeds.sort();
        seeds
    }

    /// An answer is one message with a source in its Via, whatever was in the request.
    fn is_one_answer(answer: &[u8]) {
        let text = String::from_utf8_lossy(answer);
        assert!(text.starts_with("SIP/2.0 "), "{text}");
        assert_eq!(text.find("\r\n\r\n"), Some(text.len() - 4), "{text}");
        for line in text.trim_end_matches("\r\n").split("\r\n") {
            assert!(!line.contains(['\r', '\n']), "{text:?}");
        }
        assert!(text.contains(";received=192.0.2.7"), "{text}");
        assert_eq!(text.matches("\r\nContent-Length: 0\r\n").count(), 1, "{text}");
    }

    #[test]
    fn every_seed_gets_one_answer() {
        let seeds = seeds();
        assert!(seeds.len() >= 6);
        for seed in seeds {
            is_one_answer(&answer_to(&seed, source()).unwrap());
        }
    }

    #[derive(Debug, Clone)]
    enum Change {
        Set(Index, u8),
        Cut(Index, Index),
        Insert(Index, Vec<u8>),
        Double(Index, Index),
    }

    fn change() -> impl Strategy<Value = Change> {
        let pieces: Vec<&[u8]> = vec![
            b"\r\n",
            b"\r",
            b"\n",
            b" ",
            b";",
            b",",
            b"\"",
            b"<",
            b">",
            b":",
            b"%00",
            b"\0",
            b"\xff",
            b"=",
            b"tag=",
            b"\r\n ",
            b"\r\n\r\n",
            b"Via: SIP/2.0/UDP x;branch=z9hG4bK",
            b"sip:",
            b"tel:+44",
            b"99999999999999999999",
        ];
        prop_oneof![
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
            (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Cut(from, to)),
            (any::<Index>(), select(pieces)).prop_map(|(at, piece)| Change::Insert(at, piece.to_vec())),
            (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Double(from, to)),
        ]
    }

    fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
        for change in changes {
            let length = bytes.len() + 1;
            match change {
                Change::Set(at, byte) => {
                    let at = at.index(length);
                    if let Some(place) = bytes.get_mut(at) {
                        *place = *byte;
                    }
                }
                Change::Cut(from, to) => {
                    let (from, to) = (from.index(length), to.index(length));
                    bytes.drain(from.min(to)..from.max(to).min(from.min(to) + 60));
                }
                Change::Insert(at, piece) => {
                    let at = at.index(length);
                    bytes.splice(at..at, piece.iter().copied());
                }
                Change::Double(from, to) => {
                    let (from, to) = (from.index(length), to.index(length));
                    let piece = bytes[from.min(to)..from.max(to)].to_vec();
                    bytes.splice(from.min(to)..from.min(to), piece);
                }
            }
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_damaged_request_gets_one_answer_or_none(
            seed in any::<Index>(),
            changes in proptest::collection::vec(change(), 0..6),
        ) {
            let seeds = seeds();
            let bytes = changed(seeds[seed.index(seeds.len())].clone(), &changes);
            if let Some(answer) = answer_to(&bytes, source()) {
                is_one_answer(&answer);
            }
        }

        #[test]
        fn random_bytes_get_one_answer_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(answer) = answer_to(&bytes, source()) {
                is_one_answer(&answer);
            }
        }

        #[test]
        fn a_stream_is_cut_alike_however_it_comes(
            order in proptest::collection::vec(any::<Index>(), 1..5),
            changes in proptest::collection::vec(change(), 0..2),
            lengths in proptest::collection::vec(1_usize..200, 1..60),
        ) {
            let seeds = seeds();
            let stream: Vec<u8> = order.iter().flat_map(|index| seeds[index.index(seeds.len())].clone()).collect();
            let stream = changed(stream, &changes);
            let whole = cut(std::iter::once(stream.as_slice()));
            let mut rest = stream.as_slice();
            let mut pieces = Vec::new();
            for length in lengths.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*length).min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            prop_assert_eq!(cut(pieces.into_iter()), whole.clone());
            if changes.is_empty() {
                prop_assert_eq!(whole.len(), order.len());
            }
        }
    }
}
