//! Bytes of a switch, through the door's own entrance: no panic, sound answers, and never more than one that is final.
#![no_main]

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use startline::clock::Clock;
use startline::config::{SipConfig, SwitchConfig};
use startline::definition::{Definition, Definitions};
use startline::routing::{Network, RouteTable, SiteSettings, Switchboard};
use startline::sip::{Cut, Door, Framer, Peer, Rooms};
use startline::supervision::{Ended, Panics};
use std::net::SocketAddr;
use std::sync::Arc;

fn door(switch: SocketAddr, panics: &Panics, now: DateTime<Utc>) -> Door {
    let address = switch.ip().to_string().try_into().expect("an address");
    let switches = vec![SwitchConfig { address, trusted: true }];
    let routes = RouteTable { default_site: Some("somerset".into()), ..RouteTable::default() };
    let network = Network::new(vec![SiteSettings::new("somerset".into())], routes, 7).expect("a network of one site");
    let (records, _) = tokio::sync::mpsc::channel(1);
    let rooms = Rooms {
        clock: Clock::manual(now).0,
        definitions: Arc::new(Definitions::alone(Definition::embedded())),
        switchboard: Arc::new(Switchboard::new(network, records)),
        panics: panics.clone(),
    };
    Door::new(SipConfig { switches, ..SipConfig::default() }, rooms)
}

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

fuzz_target!(|bytes: &[u8]| {
    let switch = SocketAddr::from(([192, 0, 2, 7], 5061));
    let now = DateTime::from_timestamp(1_772_532_000, 0).expect("a time");
    let panics = Panics::default();
    let mut door = door(switch, &panics, now);
    door.arrived(Peer::Udp { socket: 0, to: switch }, switch, bytes, now);
    // The door catches a panic, so that it is seen only here.
    assert_eq!(panics.count(Ended::Call), 0);
    let answers: Vec<_> = door.take_outbox().map(|(_, answer)| answer).collect();
    for answer in &answers {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        assert_eq!(end, Some(answer.len() - 4), "{}", String::from_utf8_lossy(answer));
    }
    assert!(answers.iter().filter(|answer| !answer.starts_with(b"SIP/2.0 1")).count() <= 1);
    // A stream gives the same messages in one piece and byte by byte.
    assert_eq!(cut(std::iter::once(bytes)), cut(bytes.chunks(1)));
});
