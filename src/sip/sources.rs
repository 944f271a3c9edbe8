//! Who is served, and how much: configured switches only, each address with its own measure of requests.

use chrono::{DateTime, Utc};
use startline_foundation::config::SwitchConfig;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

/// Addresses whose measure is remembered. Those that are at rest are forgotten first.
const MOST_SOURCES: usize = 4096;
/// Requests over the limit that are told so in a second; the others are dropped unread.
const REFUSALS_PER_SECOND: f64 = 20.0;
/// Acknowledgements and cancellations may be this many times as many as requests.
const ENDINGS: f64 = 2.0;

/// The way back to whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// From which of our sockets, and to where.
    Udp {
        socket: usize,
        to: SocketAddr,
        /// The address that was asked, where the socket listens on every one of the machine.
        from: Option<IpAddr>,
    },
    Stream {
        connection: u64,
    },
}

impl Peer {
    pub fn is_stream(&self) -> bool {
        matches!(self, Self::Stream { .. })
    }
}

/// What is done with a request before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Welcome {
        trusted: bool,
    },
    /// Over the limit: to be refused in so many words.
    Refuse,
    /// Over the limit and told so often enough.
    Drop,
    Foreign,
}

pub struct Sources {
    switches: Vec<SwitchConfig>,
    per_second: f64,
    known: HashMap<IpAddr, Source>,
}

struct Source {
    trusted: bool,
    requests: Bucket,
    endings: Bucket,
    refusals: Bucket,
}

/// Fills with time up to one second's worth.
#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
}

impl Bucket {
    fn take(&mut self, per_second: f64, now: DateTime<Utc>) -> bool {
        self.fill(per_second, now);
        let enough = self.left >= 1.0;
        if enough {
            self.left -= 1.0;
        }
        enough
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds since the last request are few")]
    fn fill(&mut self, per_second: f64, now: DateTime<Utc>) {
        let passed = (now - self.at).num_microseconds().unwrap_or(i64::MAX).max(0) as f64 / 1e6;
        self.left = (self.left + passed * per_second).min(per_second.max(1.0));
        self.at = now;
    }
}

impl Sources {
    pub fn new(switches: Vec<SwitchConfig>, requests_per_second: u32) -> Self {
        Self { switches, per_second: requests_per_second.into(), known: HashMap::new() }
    }

    /// Which line of the configuration names this address.
    pub fn which(switches: &[SwitchConfig], address: IpAddr) -> Option<usize> {
        switches.iter().position(|switch| switch.address.contains(address.to_canonical()))
    }

    pub fn admit(&mut self, address: IpAddr, bytes: &[u8], now: DateTime<Utc>) -> Admission {
        let address = address.to_canonical();
        let per_second = self.per_second;
        if !self.known.contains_key(&address) {
            let Some(switch) = self.switches.iter().find(|switch| switch.address.contains(address)) else {
                return Admission::Foreign;
            };
            let trusted = switch.trusted;
            self.make_room(now);
            let full = |left: f64| Bucket { left, at: now };
            let source = Source {
                trusted,
                requests: full(per_second),
                endings: full(per_second * ENDINGS),
                refusals: full(REFUSALS_PER_SECOND),
            };
            self.known.insert(address, source);
        }
        let Some(source) = self.known.get_mut(&address) else { return Admission::Drop };
        // What ends something is always worth more than what begins something.
        let ends = bytes.starts_with(b"ACK ") || bytes.starts_with(b"CANCEL ");
        let within =
            if ends { source.endings.take(per_second * ENDINGS, now) } else { source.requests.take(per_second, now) };
        match within {
            true => Admission::Welcome { trusted: source.trusted },
            false if !ends && source.refusals.take(REFUSALS_PER_SECOND, now) => Admission::Refuse,
            false => Admission::Drop,
        }
    }

    fn make_room(&mut self, now: DateTime<Utc>) {
        if self.known.len() < MOST_SOURCES {
            return;
        }
        let per_second = self.per_second;
        self.known.retain(|_, source| {
            source.requests.fill(per_second, now);
            source.requests.left < per_second
        });
        // All of them busy: then their measures begin anew, which costs less than a table without end.
        if self.known.len() >= MOST_SOURCES {
            self.known.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    const INVITE: &[u8] = b"INVITE sip:x SIP/2.0\r\n";

    fn sources() -> (Sources, DateTime<Utc>) {
        let switch = |address: &str, trusted| SwitchConfig { address: address.to_owned().try_into().unwrap(), trusted };
        let switches = vec![switch("192.0.2.1", true), switch("10.0.0.0/8", false)];
        (Sources::new(switches, 5), "2026-03-03T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn whoever_asks_too_much_is_refused_and_then_ignored_and_others_do_not_notice() {
        let (mut sources, now) = sources();
        let (loud, quiet) = ("192.0.2.1".parse().unwrap(), "10.1.2.3".parse().unwrap());
        let mut told = Vec::new();
        for _ in 0..40 {
            told.push(sources.admit(loud, INVITE, now));
        }
        assert_eq!(told.iter().filter(|t| **t == Admission::Welcome { trusted: true }).count(), 5);
        assert_eq!(told.iter().filter(|t| **t == Admission::Refuse).count(), 20);
        assert_eq!(told.last(), Some(&Admission::Drop));
        assert_eq!(sources.admit(quiet, INVITE, now), Admission::Welcome { trusted: false });
        assert_eq!(sources.admit(loud, b"ACK sip:x SIP/2.0", now), Admission::Welcome { trusted: true });
        let later = now + TimeDelta::milliseconds(200);
        assert_eq!(sources.admit(loud, INVITE, later), Admission::Welcome { trusted: true });
        assert_eq!(sources.admit("192.0.2.2".parse().unwrap(), INVITE, now), Admission::Foreign);
        assert_eq!(
            sources.admit("::ffff:192.0.2.1".parse().unwrap(), b"ACK ", now),
            Admission::Welcome { trusted: true }
        );
    }

    #[test]
    fn a_network_full_of_addresses_does_not_fill_memory() {
        let (mut sources, now) = sources();
        for n in 0..20_000_u32 {
            sources.admit(IpAddr::from(std::net::Ipv4Addr::from_bits(10 << 24 | n)), INVITE, now);
            assert!(sources.known.len() <= MOST_SOURCES);
        }
    }
}
