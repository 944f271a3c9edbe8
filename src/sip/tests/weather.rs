//! Two switches with the same names for their calls before two doors, each with a floor of its own, desks at both, and a
//! network between that loses, repeats, delays and swaps messages; callers who hang up, doors that die and come back, clocks
//! that pass. After each step nobody is offered who is not asked for, and every call is counted once; at the end every call
//! has one record, and nobody who was answered, and whose switch could say so, is to be rung back.

use super::callers::{Caller, Chance, Line};
use super::{Bench, statuses, switch};
use crate::invite::call_name;
use crate::sources::Peer;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use startline_foundation::ids::{CallId, UserId};
use startline_routing::{CallState, DeskCommand, How, JournalEntry, ReleaseReason, State, Status, SwitchCall};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;

const CALLS: usize = 200;
/// What a switch waits for an answer to its INVITE before it asks the other door, and for the adviser's telephone.
const SILENT: TimeDelta = TimeDelta::seconds(8);
const RINGS: TimeDelta = TimeDelta::seconds(12);

struct Weather {
    doors: Vec<Bench>,
    advisers: Vec<Vec<UserId>>,
    callers: Vec<Caller>,
    /// On their way: when they arrive, where, from which switch.
    messages: Vec<(DateTime<Utc>, usize, usize, String)>,
    branches: HashMap<u64, (usize, usize)>,
    next_branch: u64,
    chance: Chance,
    now: DateTime<Utc>,
    /// Records by door's run, with what was said of them.
    records: Vec<HashMap<CallId, (SwitchCall, How)>>,
    entered: Vec<BTreeSet<CallId>>,
    losses: bool,
}

fn source(of: usize) -> SocketAddr {
    let ip = [switch().ip(), "192.0.2.8".parse().unwrap()][of];
    SocketAddr::new(ip, 5061)
}

impl Weather {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let losses = !chance.one_in(4);
        let mut weather = Self {
            doors: Vec::new(),
            advisers: Vec::new(),
            callers: Vec::new(),
            messages: Vec::new(),
            branches: HashMap::new(),
            next_branch: 1,
            chance,
            now: "2026-03-03T10:00:00Z".parse().unwrap(),
            records: Vec::new(),
            entered: Vec::new(),
            losses,
        };
        for door in 0..2 {
            let bench = weather.fresh(door);
            weather.doors.push(bench);
        }
        weather
    }

    /// A door that has just started, with its desks.
    fn fresh(&mut self, door: usize) -> Bench {
        let mut bench = Bench::with_switches(&[source(0).ip(), source(1).ip()]);
        bench.now = self.now;
        let advisers = (0..3).map(|n| {
            let rings = n == 1;
            bench.sign_in_at(&format!("200{}", door * 3 + n), rings)
        });
        let advisers = advisers.collect();
        match self.advisers.get_mut(door) {
            Some(known) => *known = advisers,
            None => {
                self.advisers.push(advisers);
                self.records.push(HashMap::new());
                self.entered.push(BTreeSet::new());
            }
        }
        bench
    }

    fn send(&mut self, door: usize, from: usize, text: String) {
        if self.losses && self.chance.one_in(12) {
            return;
        }
        let late = match self.chance.below(20) {
            0 => 3_000,
            1..4 => 400,
            _ => 0,
        };
        let at = self.now + TimeDelta::milliseconds(late);
        if self.losses && self.chance.one_in(15) {
            let again = at + TimeDelta::milliseconds(500);
            self.messages.push((again, door, from, text.clone()));
        }
        self.messages.push((at, door, from, text));
    }

    /// A CANCEL is repeated until it is answered; here for as long as the INVITE that it is about may be on its way.
    fn cancel(&mut self, n: usize, door: usize, branch: u64, more: &str) {
        let text = self.request("CANCEL", &self.callers[n], branch, more, "");
        let from = self.callers[n].switch;
        for seconds in [0, 1, 4] {
            self.messages.push((self.now + TimeDelta::seconds(seconds), door, from, text.clone()));
        }
    }

    fn request(&self, method: &str, caller: &Caller, branch: u64, more: &str, body: &str) -> String {
        let from = source(caller.switch);
        let length = body.len();
        format!(
            "{method} sip:startline@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:01373000123@192.0.2.7>;tag=f{}\r\nTo: <sip:startline@192.0.2.1>\r\n\
             Call-ID: {}-{branch}\r\nCSeq: 1 {}\r\n{more}Content-Length: {length}\r\n\r\n{body}",
            caller.name,
            caller.name,
            if method == "CANCEL" {
                "CANCEL"
            } else if method == "ACK" {
                "ACK"
            } else {
                method
            },
        )
    }

    /// The switch asks this door for the caller.
    fn ask(&mut self, n: usize, door: usize, result: Option<(&str, &str)>) {
        let branch = self.next_branch;
        self.next_branch += 1;
        self.branches.insert(branch, (n, door));
        let caller = &self.callers[n];
        let entered = caller.since.timestamp_millis();
        let mut more = format!(
            "X-Startline-Call: {}\r\nX-Startline-Entered: {}.{:03}\r\n",
            caller.name,
            entered / 1000,
            entered % 1000
        );
        if let Some((code, address)) = result {
            more += &format!("X-Startline-Result: {code}\r\nX-Startline-Adviser: {address}\r\n");
        }
        let (text, from) = (self.request("INVITE", caller, branch, &more, ""), caller.switch);
        self.callers[n].line = Line::Asking { door, branch, heard: self.now };
        self.send(door, from, text);
    }

    fn report(&mut self, n: usize, event: &str, address: &str) {
        let branch = self.next_branch;
        self.next_branch += 1;
        let caller = &self.callers[n];
        let (name, from) = (caller.name.clone(), caller.switch);
        let body = format!("call: {name}\r\nevent: {event}\r\nadviser: {address}\r\n");
        let text = self.request("MESSAGE", caller, branch, "Content-Type: text/plain\r\n", &body);
        // A switch tells both doors, and repeats what nobody answers; some of it is lost all the same.
        for door in 0..2 {
            self.send(door, from, text.clone());
        }
    }

    fn step(&mut self) {
        match self.chance.below(100) {
            0..22 if self.callers.len() < CALLS => {
                // Each name twice: once at each switch.
                let n = self.callers.len();
                let (name, switch) = (format!("call-{}", n / 2), n % 2);
                let (since, line) = (self.now, Line::Gone);
                self.callers.push(Caller { name, switch, since, line, said_so: false });
                let door = usize::from(self.chance.one_in(5));
                self.ask(n, door, None);
            }
            0..40 => self.at_a_desk(),
            40..50 => self.somebody_hangs_up(),
            50..53 => self.a_door_dies(),
            53..90 => {
                let ms = 1 + i64::try_from(self.chance.below(2_000)).unwrap();
                self.time_passes(ms);
            }
            _ => {
                let ms = 1_000 + i64::try_from(self.chance.below(20_000)).unwrap();
                self.time_passes(ms);
            }
        }
        self.switches_act();
        self.deliver();
        self.check();
    }

    fn at_a_desk(&mut self) {
        let door = usize::try_from(self.chance.below(2)).unwrap();
        let who = self.advisers[door][usize::try_from(self.chance.below(3)).unwrap()];
        let bench = &self.doors[door];
        let Ok(view) = bench.switchboard.network().desk_view(who) else { return };
        let command = match (&view.state, self.chance.below(12)) {
            (State::Offered { held, .. }, 0) => DeskCommand::Decline { offer: held.offer },
            (State::Offered { held, .. }, _) => DeskCommand::Accept { offer: held.offer },
            (State::WrapUp { held, .. }, _) => {
                DeskCommand::FinishWrapUp { call: held.card.call, outcome: Some("done".into()) }
            }
            (State::OnCall { held, .. }, 0) => DeskCommand::EndCall { call: held.card.call },
            _ => DeskCommand::SetStatus(Status::Available),
        };
        let _ = bench.switchboard.desk(who, command, self.now);
    }

    fn somebody_hangs_up(&mut self) {
        if self.callers.is_empty() {
            return;
        }
        let n = usize::try_from(self.chance.below(self.callers.len() as u64)).unwrap();
        match self.callers[n].line.clone() {
            Line::Asking { door, branch, .. } => {
                self.cancel(n, door, branch, "");
                self.report(n, "abandoned", "");
            }
            Line::Ringing { .. } => self.report(n, "abandoned", ""),
            Line::Talking { address, .. } => self.report(n, "ended", &address),
            Line::Gone => return,
        }
        self.callers[n].line = Line::Gone;
    }

    /// Its floor is lost with it; it is back at once, and knows nothing.
    fn a_door_dies(&mut self) {
        let door = usize::try_from(self.chance.below(2)).unwrap();
        let fresh = self.fresh(door);
        self.doors[door] = fresh;
        self.records[door].clear();
        self.entered[door].clear();
        for caller in &mut self.callers {
            caller.said_so = false;
        }
    }

    fn time_passes(&mut self, ms: i64) {
        self.now += TimeDelta::milliseconds(ms);
        for bench in &mut self.doors {
            bench.now = self.now;
            bench.switchboard.tick(self.now);
            bench.door.time_passed(self.now);
        }
    }

    /// What a switch does by itself.
    fn switches_act(&mut self) {
        for n in 0..self.callers.len() {
            match self.callers[n].line.clone() {
                Line::Asking { door, heard, branch } if self.now - heard > SILENT => {
                    // Nothing was heard from this door: the other one.
                    self.cancel(n, door, branch, "Reason: Q.850;cause=0\r\n");
                    self.ask(n, 1 - door, None);
                }
                Line::Ringing { door, address, until } if self.now >= until => {
                    self.ask(n, door, Some(("408", &address)));
                }
                Line::Ringing { door, address, .. } => match self.chance.below(8) {
                    0 => self.ask(n, door, Some(("486", &address))),
                    1..4 => {
                        self.callers[n].line = Line::Talking { door, address: address.clone() };
                        self.report(n, "answered", &address);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// What has arrived by now, and what the doors answer.
    fn deliver(&mut self) {
        loop {
            let due = self.messages.iter().enumerate().filter(|(_, (at, ..))| *at <= self.now);
            let Some((due, _)) = due.min_by_key(|(number, (at, ..))| (*at, *number)) else { break };
            let (_, door, from, text) = self.messages.swap_remove(due);
            let bench = &mut self.doors[door];
            if text.contains("\r\nevent: answered\r\n") {
                let caller = self
                    .callers
                    .iter_mut()
                    .find(|c| c.switch == from && text.contains(&format!("\ncall: {}\r\n", c.name)));
                let name = caller.as_ref().map(|c| call_name(source(from), &c.name));
                let known = name.is_some_and(|name| bench.switchboard.network().find_call(&name).is_some());
                if let Some(caller) = caller.filter(|_| known) {
                    caller.said_so = true;
                }
            }
            bench.door.arrived(
                Peer::Udp { socket: 0, to: source(from), from: None },
                source(from),
                text.as_bytes(),
                self.now,
            );
            self.hear(door);
        }
        for door in 0..2 {
            self.hear(door);
        }
    }

    fn hear(&mut self, door: usize) {
        loop {
            self.doors[door].listen();
            let answers = self.doors[door].said();
            self.journal(door);
            if answers.is_empty() {
                return;
            }
            for answer in answers {
                if !(self.losses && self.chance.one_in(15)) {
                    self.answered(door, &answer);
                }
            }
        }
    }

    fn journal(&mut self, door: usize) {
        while let Ok(entry) = self.doors[door].records.try_recv() {
            match entry {
                JournalEntry::Entered(card) => drop(self.entered[door].insert(card.call)),
                JournalEntry::Call(record) => {
                    let name = record.card.switch_call_id.clone();
                    let again = self.records[door].insert(record.card.call, (name, record.how));
                    assert!(again.is_none(), "{} has two records", record.card.call);
                }
                _ => {}
            }
        }
    }

    fn answered(&mut self, door: usize, answer: &str) {
        let branch = answer.split("branch=z9hG4bK-").nth(1).and_then(|rest| rest.split([';', '\r']).next());
        let branch: u64 = branch.unwrap().parse().unwrap();
        let method = answer.lines().find_map(|line| line.strip_prefix("CSeq: 1 ")).unwrap().to_owned();
        let status = statuses(std::slice::from_ref(&answer.to_owned()))[0].to_owned();
        let Some((n, _)) = self.branches.get(&branch).copied().filter(|_| method == "INVITE") else { return };
        if status.as_str() >= "200" {
            let text = self.request("ACK", &self.callers[n], branch, "", "");
            let from = self.callers[n].switch;
            self.send(door, from, text);
        }
        let is_current = matches!(&self.callers[n].line, Line::Asking { branch: current, .. } if *current == branch);
        if !is_current {
            return;
        }
        match status.as_str() {
            "100" | "182" => {
                if let Line::Asking { heard, .. } = &mut self.callers[n].line {
                    *heard = self.now;
                }
            }
            "302" => {
                let contact = answer.lines().find_map(|line| line.strip_prefix("Contact: <sip:")).unwrap();
                let address = contact.split('@').next().unwrap().to_owned();
                self.callers[n].line = Line::Ringing { door, address, until: self.now + RINGS };
            }
            "503" => self.ask(n, 1 - door, None),
            // Asked for again by a newer INVITE, or let go.
            _ => self.callers[n].line = Line::Gone,
        }
    }

    fn check(&mut self) {
        for (number, bench) in self.doors.iter().enumerate() {
            let network = bench.switchboard.network();
            network.check_invariants().unwrap();
            let snapshot = network.snapshot(&"somerset".into(), self.now).unwrap();
            let figures = snapshot.figures;
            let waiting = self.entered[number]
                .iter()
                .filter(|call| network.call_view(**call).is_ok_and(|view| view.counts_as_waiting))
                .count();
            assert_eq!(
                figures.entered,
                figures.answered + figures.abandoned + figures.diverted + waiting as u64,
                "{figures:?} and {waiting} waiting"
            );
            // Nobody is offered, or said to be on the line, whom no switch asks for any more.
            for adviser in &self.advisers[number] {
                let Ok(view) = network.desk_view(*adviser) else { continue };
                let State::Offered { held, .. } = &view.state else { continue };
                let call = network.call_view(held.card.call).unwrap();
                assert!(matches!(call.state, CallState::Offered { .. }), "{:?}", call.state);
                let kept = call.offer_kept_until.is_some_and(|until| self.now < until);
                assert!(call.away_until.is_none() || kept, "a call that nobody asks for is offered: {call:?}");
            }
        }
    }

    /// Everybody goes home.
    fn end(&mut self) {
        for n in 0..self.callers.len() {
            match self.callers[n].line.clone() {
                Line::Asking { door, branch, .. } => self.cancel(n, door, branch, ""),
                Line::Ringing { .. } => self.report(n, "abandoned", ""),
                Line::Talking { address, .. } => self.report(n, "ended", &address),
                Line::Gone => continue,
            }
            self.callers[n].line = Line::Gone;
        }
        // Longer than anybody may be away, or an offer or a wrap-up lasts.
        for _ in 0..120 {
            self.time_passes(10_000);
            self.deliver();
            for door in 0..2 {
                for who in self.advisers[door].clone() {
                    let bench = &self.doors[door];
                    let Ok(view) = bench.switchboard.network().desk_view(who) else { continue };
                    match &view.state {
                        // Their telephone is silent, whatever was reported.
                        State::OnCall { held, .. } => {
                            let _ = bench.switchboard.desk(who, DeskCommand::HungUp { call: held.card.call }, self.now);
                        }
                        State::WrapUp { held, .. } => {
                            let command = DeskCommand::FinishWrapUp { call: held.card.call, outcome: None };
                            let _ = bench.switchboard.desk(who, command, self.now);
                        }
                        _ => {}
                    }
                }
                self.hear(door);
            }
            self.check();
        }
        for door in 0..2 {
            let records: BTreeSet<_> = self.records[door].keys().copied().collect();
            let network = self.doors[door].switchboard.network();
            let missing: Vec<_> =
                self.entered[door].difference(&records).map(|call| (call, network.call_view(*call))).collect();
            assert!(missing.is_empty(), "no record at door {door}, {}: {missing:#?}", self.now);
        }
        self.compare();
    }

    /// The records against what the callers saw, where nothing was lost and no door died.
    fn compare(&self) {
        if self.losses {
            return;
        }
        let mut by_name: BTreeMap<(String, String), Vec<How>> = BTreeMap::new();
        for (name, how) in self.records.iter().flat_map(HashMap::values) {
            by_name.entry((name.switch.to_string(), name.name.to_string())).or_default().push(*how);
        }
        for caller in self.callers.iter().filter(|caller| caller.said_so) {
            let found = by_name.get(&(source(caller.switch).ip().to_string(), caller.name.clone()));
            let found = found.map_or(&[][..], Vec::as_slice);
            // Whoever is recorded as answered, here or beside, is taken off the list of those to be rung back.
            let answered = [How::Answered, How::Diverted(ReleaseReason::AnsweredElsewhere)];
            let is_known = found.iter().any(|how| answered.contains(how));
            assert!(is_known, "{caller:?} was answered, and no record says so: {found:?}");
        }
    }
}

fn run(seed: u64) {
    let mut weather = Weather::new(seed);
    let mut steps = 0;
    while weather.callers.len() < CALLS && steps < 3_000 {
        weather.step();
        steps += 1;
    }
    assert_eq!(weather.callers.len(), CALLS, "seed {seed}");
    weather.end();
}

/// Each of these found a fault: an offer that stood while nobody asked, calls without a record, a comparison that forgot
/// whom another door had answered.
#[test]
fn what_went_wrong_once_goes_right() {
    [51_000, 3_420_222_378_807, 5_757_980_301_775_098_159].into_iter().for_each(run);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_lost_swapped_or_rung_twice(seed: u64) {
        run(seed);
    }
}
