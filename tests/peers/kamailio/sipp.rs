//! SIPp as callers, advisers' telephones and the media server. What each of them does is a scenario in
//! `tests/peers/sipp/`: one that goes otherwise than the scenario says ends SIPp with a fault.

use super::exchange::Exchange;
use super::programs::{Program, until};
use crate::REPOSITORY;
use std::net::{SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Sipp {
    program: Program,
    counts: PathBuf,
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
        Self::start(exchange, scenario, here, 1, |sipp| {
            sipp.arg(exchange.kamailio_address().to_string()).args(["-s", "08450000001", "-key", "caller", number]);
        })
    }

    /// A telephone or media server that behaves as the scenario says, for one call.
    pub async fn telephone(exchange: &Exchange, scenario: &str, here: SocketAddrV4) -> Self {
        Self::telephones(exchange, scenario, here, 1).await
    }

    /// The same for so many calls.
    pub async fn telephones(exchange: &Exchange, scenario: &str, here: SocketAddrV4, calls: u64) -> Self {
        let mut telephone = Self::start(exchange, scenario, here, calls, |_| ());
        until("a telephone", async || {
            assert!(telephone.program.has_ended().is_none(), "a telephone ended:\n{}", telephone.program.log());
            // Somebody else has the address: it is there.
            UdpSocket::bind(here).is_err().then_some(())
        })
        .await;
        telephone
    }

    fn start(
        exchange: &Exchange,
        scenario: &str,
        here: SocketAddrV4,
        calls: u64,
        more: impl FnOnce(&mut Command),
    ) -> Self {
        let folder = exchange.folder.path();
        let name = format!("{scenario}-{}", here.ip());
        let counts = folder.join(format!("{name}.csv"));
        let mut sipp = Command::new("sipp");
        sipp.arg("-sf").arg(Path::new(REPOSITORY).join(format!("tests/peers/sipp/{scenario}.xml")));
        sipp.args(["-i", &here.ip().to_string(), "-p", &here.port().to_string(), "-nostdin"]);
        sipp.args(["-m", &calls.to_string(), "-d", "200"]);
        sipp.args(["-trace_stat", "-fd", "1", "-stf"]).arg(&counts);
        more(&mut sipp);
        let program = Program::start(&name, folder, &mut sipp);
        Self { program, counts, address: here }
    }

    /// The end of the scenario, and what SIPp counted. Panics when it went otherwise.
    pub async fn done(mut self) -> Counts {
        let status = self.program.ended().await;
        let counts = self.counts();
        assert!(status.success() && counts.otherwise == 0, "{status}, {counts:?}:\n{}", self.program.log());
        counts
    }

    fn counts(&self) -> Counts {
        let text = std::fs::read_to_string(&self.counts).expect("SIPp has written its counts");
        let mut lines = text.lines().map(|line| line.split(';').collect::<Vec<_>>());
        let names = lines.next().expect("SIPp's counts have names");
        let last = lines.next_back().expect("SIPp has counted");
        let value = |name: &str| {
            let column = names.iter().position(|given| *given == name).expect("SIPp counts this");
            last.get(column).and_then(|value| value.parse().ok()).expect("SIPp's counts are numbers")
        };
        Counts { as_told: value("SuccessfulCall(C)"), otherwise: value("FailedCall(C)") }
    }
}
