//! The door without sockets: bytes in, bytes out.

mod bytes;
mod callers;
mod panics;
mod weather;

use super::listening::Listening;
use super::sources::Peer;
use super::{Door, Rooms};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::SelectAll;
use futures_util::{FutureExt, StreamExt};
use startline_definition::{Definition, Definitions};
use startline_foundation::clock::Clock;
use startline_foundation::config::SipConfig;
use startline_foundation::ids::UserId;
use startline_foundation::supervision::{Ended, Panics};
use startline_routing::{
    AdviserCard, DeskCommand, JournalEntry, Network, RouteTable, SiteSettings, Status, Switchboard,
};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A door with one switch before it and one site behind it, on a Tuesday at ten.
struct Bench {
    door: Door,
    now: DateTime<Utc>,
    panics: Panics,
    switchboard: Arc<Switchboard>,
    records: mpsc::Receiver<JournalEntry>,
    listening: SelectAll<Listening>,
}

fn switch() -> SocketAddr {
    "192.0.2.7:5061".parse().unwrap()
}

impl Bench {
    fn new() -> Self {
        Self::with_switches(&[switch().ip()])
    }

    fn with_switches(switches: &[IpAddr]) -> Self {
        let switches = switches.iter().map(|ip| startline_foundation::config::SwitchConfig {
            address: ip.to_string().try_into().unwrap(),
            trusted: true,
        });
        let settings =
            SipConfig { switches: switches.collect(), requests_per_second: 1_000_000, ..SipConfig::default() };
        let now = "2026-03-03T10:00:00Z".parse().unwrap();
        let routes = RouteTable { default_site: Some("somerset".into()), ..RouteTable::default() };
        let network = Network::new(vec![SiteSettings::new("somerset".into())], routes, 7).unwrap();
        let (sender, records) = mpsc::channel(1_000);
        let switchboard = Arc::new(Switchboard::new(network, sender));
        let panics = Panics::default();
        let rooms = Rooms {
            clock: Clock::manual(now).0,
            definitions: Arc::new(Definitions::alone(Definition::embedded())),
            switchboard: switchboard.clone(),
            panics: panics.clone(),
        };
        Self { door: Door::new(settings, rooms), now, panics, switchboard, records, listening: SelectAll::new() }
    }

    /// What goes out when these bytes have come in.
    fn answers_to(&mut self, bytes: &[u8]) -> Vec<String> {
        self.door.arrived(Peer::Udp { socket: 0, to: switch(), from: None }, switch(), bytes, self.now);
        self.said()
    }

    fn said(&mut self) -> Vec<String> {
        self.door.take_outbox().map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    fn pass(&mut self, seconds: i64) -> Vec<String> {
        self.now += TimeDelta::seconds(seconds);
        self.switchboard.tick(self.now);
        self.door.time_passed(self.now);
        self.said()
    }

    /// What the floor has said meanwhile.
    fn listen(&mut self) {
        self.listening.extend(self.door.take_listeners());
        while let Some(Some((key, instruction))) = self.listening.next().now_or_never() {
            self.door.instructed(key, instruction, self.now);
            self.listening.extend(self.door.take_listeners());
        }
    }

    fn panics(&self) -> u64 {
        self.panics.count(Ended::Call)
    }

    /// Somebody who takes calls.
    fn sign_in(&self) -> UserId {
        self.sign_in_at("sip:asha@desk.example", false)
    }

    fn sign_in_at(&self, address: &str, ring_when_offered: bool) -> UserId {
        let id = UserId::fresh(self.now);
        let card = AdviserCard { ring_when_offered, ..AdviserCard::new(id, "Asha", address, "somerset".into()) };
        self.switchboard.sign_in(card, self.now).unwrap();
        self.switchboard.desk(id, DeskCommand::SetStatus(Status::Available), self.now).unwrap();
        id
    }
}

/// The status line's number, of each answer.
fn statuses(answers: &[String]) -> Vec<&str> {
    answers.iter().map(|text| text.split(' ').nth(1).unwrap()).collect()
}
