//! SIPp as callers, advisers' telephones and the media server. What each of them does is a scenario in
//! `tests/peers/sipp/`: one that goes otherwise than the scenario says ends SIPp with a fault.

use super::exchange::Exchange;
use super::programs::{Program, mortal, until};
use crate::REPOSITORY;
use std::net::{SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Sipp {
    program: Program,
    counts: PathBuf,
    messages: PathBuf,
    pub address: SocketAddrV4,
}

/// What SIPp counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub as_told: u64,
    pub otherwise: u64,
}

impl Sipp {
    /// Somebody rings from this number, as the scenario says.
    pub fn caller(exchange: &Exchange, scenario: &str, number: &str) -> Self {
        Self::caller_at(exchange, scenario, number, exchange.next_caller())
    }

    pub fn caller_at(exchange: &Exchange, scenario: &str, number: &str, here: SocketAddrV4) -> Self {
        Self::callers_at(exchange, scenario, number, here, 1)
    }

    /// So many callers with this number, ten a second.
    pub fn callers_at(exchange: &Exchange, scenario: &str, number: &str, here: SocketAddrV4, calls: u64) -> Self {
        Self::start(exchange, scenario, here, |sipp| {
            sipp.arg(exchange.kamailio_address().to_string()).args(["-s", "08450000001", "-key", "caller", number]);
            sipp.args(["-m", &calls.to_string()]);
        })
    }

    /// One caller from this number to that one, whose call has this name.
    pub fn caller_of(exchange: &Exchange, scenario: &str, number: &str, dialled: &str, call: &str) -> Self {
        Self::start(exchange, scenario, exchange.next_caller(), |sipp| {
            sipp.arg(exchange.kamailio_address().to_string()).args(["-s", dialled, "-key", "caller", number]);
            sipp.args(["-m", "1", "-cid_str", call, "-trace_msg"]);
        })
    }

    /// A telephone or media server that behaves as the scenario says, for one call.
    pub async fn telephone(exchange: &Exchange, scenario: &str, here: SocketAddrV4) -> Self {
        Self::telephones(exchange, scenario, here, 1).await
    }

    /// The same for so many calls, one after the other or at once.
    pub async fn telephones(exchange: &Exchange, scenario: &str, here: SocketAddrV4, calls: u64) -> Self {
        let mut telephone = Self::start(exchange, scenario, here, |sipp| {
            sipp.args(["-m", &calls.to_string(), "-trace_msg"]);
        });
        until("a telephone", async || {
            assert!(telephone.program.has_ended().is_none(), "a telephone ended:\n{}", telephone.program.log());
            is_bound(here).then_some(())
        })
        .await;
        telephone
    }

    fn start(exchange: &Exchange, scenario: &str, here: SocketAddrV4, more: impl FnOnce(&mut Command)) -> Self {
        let folder = exchange.folder.path();
        let name = format!("{scenario}-{}", here.ip());
        let counts = folder.join(format!("{name}.csv"));
        let mut sipp = mortal("sipp");
        sipp.arg("-sf").arg(Path::new(REPOSITORY).join(format!("tests/peers/sipp/{scenario}.xml")));
        sipp.args(["-i", &here.ip().to_string(), "-p", &here.port().to_string(), "-d", "200", "-nostdin"]);
        sipp.args(["-trace_stat", "-fd", "1", "-stf"]).arg(&counts);
        let messages = folder.join(format!("{name}.messages"));
        sipp.arg("-message_file").arg(&messages);
        more(&mut sipp);
        let program = Program::start(&name, folder, &mut sipp);
        Self { program, counts, messages, address: here }
    }

    /// Nudges a scenario that waits for it, with an INFO that belongs to this call.
    pub fn tell(&self, call: &str) {
        let socket = UdpSocket::bind((*self.address.ip(), 0)).expect("the address is the test's own");
        let from = socket.local_addr().expect("a bound socket has an address");
        let (to, branch) = (self.address, from.port());
        let info = format!(
            "INFO sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{branch}\r\nMax-Forwards: 9\r\n\
             From: <sip:test@{from}>;tag=1\r\nTo: <sip:{to}>\r\nCall-ID: {call}\r\nCSeq: 7 INFO\r\n\
             Content-Length: 0\r\n\r\n"
        );
        socket.send_to(info.as_bytes(), to).expect("loopback takes it");
    }

    /// Waits until a message with these words has come or gone.
    pub async fn hears(&self, words: &str) {
        let what = format!("{words:?} at {}", self.address);
        until(&what, async || (self.times(words) > 0).then_some(())).await;
    }

    /// How often these words have come or gone.
    pub fn times(&self, words: &str) -> usize {
        let heard = std::fs::read(&self.messages).unwrap_or_default();
        String::from_utf8_lossy(&heard).matches(words).count()
    }

    /// The end of the scenario, and what SIPp counted. Panics when it went otherwise.
    pub async fn done(mut self) -> Counts {
        let status = self.program.ended().await;
        let counts = self.counts();
        assert!(status.success() && counts.otherwise == 0, "{status}, {counts:?}:\n{}", self.program.log());
        counts
    }

    /// What SIPp has counted so far. It writes this once a second, and at its end.
    pub fn counts(&self) -> Counts {
        let text = std::fs::read_to_string(&self.counts).unwrap_or_default();
        // Only whole lines: the last one may be half written.
        let lines: Vec<Vec<_>> = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| line.split(';').collect())
            .collect();
        let [names, .., last] = lines.as_slice() else { return Counts::default() };
        let value = |name: &str| {
            let column = names.iter().position(|given| *given == name).expect("SIPp counts this");
            last.get(column).and_then(|value| value.parse().ok()).expect("SIPp's counts are numbers")
        };
        Counts { as_told: value("SuccessfulCall(C)"), otherwise: value("FailedCall(C)") }
    }
}

/// Somebody receives at this address. Trying to bind it would take it from whoever is about to.
fn is_bound(address: SocketAddrV4) -> bool {
    // As the kernel writes it: the bytes of the address in the machine's order, in hexadecimal.
    let bytes = u32::from_ne_bytes(address.ip().octets());
    let written = format!(" {bytes:08X}:{:04X} ", address.port());
    std::fs::read_to_string("/proc/net/udp").expect("the kernel tells its sockets").contains(&written)
}
