//! Bytes as they come, seeds and damaged ones, through the door's own entrance. `tests/fuzz` does the same with more of them.

use super::Bench;
use crate::stream::{Cut, Framer};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The messages in a stream that comes in these pieces, as far as it can be cut.
fn cut<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.cut() {
                Cut::Message(message) => messages.push(message),
                Cut::More => break,
                Cut::Lost => return messages,
            }
        }
    }
    messages
}

/// The seeds of the fuzz targets.
fn seeds() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpus/sip_message");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let mut seeds: Vec<_> = files.collect();
    seeds.sort();
    seeds
}

/// Each answer is one message with a source in its Via, whatever was in the request; and one of them is final at most.
/// Says how many there are.
fn are_sound(answers: &[String]) -> usize {
    for text in answers {
        assert!(text.starts_with("SIP/2.0 "), "{text}");
        assert_eq!(text.find("\r\n\r\n"), Some(text.len() - 4), "{text}");
        for line in text.trim_end_matches("\r\n").split("\r\n") {
            assert!(!line.contains(['\r', '\n']), "{text:?}");
        }
        assert!(text.contains(";received=192.0.2.7"), "{text}");
        assert_eq!(text.matches("\r\nContent-Length: 0\r\n").count(), 1, "{text}");
    }
    let finals = answers.iter().filter(|text| !text.starts_with("SIP/2.0 1")).count();
    assert!(finals <= 1, "{answers:?}");
    answers.len()
}

#[test]
fn every_seed_is_answered() {
    let seeds = seeds();
    assert!(seeds.len() >= 6);
    for seed in seeds {
        assert!(are_sound(&Bench::new().answers_to(&seed)) >= 1);
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
    fn a_damaged_request_gets_sound_answers_or_none(
        seed in any::<Index>(),
        changes in proptest::collection::vec(change(), 0..6),
    ) {
        let seeds = seeds();
        let bytes = changed(seeds[seed.index(seeds.len())].clone(), &changes);
        let mut bench = Bench::new();
        are_sound(&bench.answers_to(&bytes));
        assert_eq!(bench.panics(), 0);
    }

    #[test]
    fn random_bytes_get_one_answer_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut bench = Bench::new();
        assert!(are_sound(&bench.answers_to(&bytes)) <= 1);
        assert_eq!(bench.panics(), 0);
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
