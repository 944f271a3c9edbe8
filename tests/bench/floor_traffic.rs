//! A closed loop of callers and advisers for the bench of the floor: whoever is answered is replaced by another caller
//! of the same home, so that as many wait after each life as before it, and every shape of network has the same mix.

use super::Outcome;
use super::floor::nanoseconds;
use chrono::{DateTime, TimeDelta, Utc};
use startline::ids::{CallId, OfferId, SiteId, UserId};
use startline::routing::{
    AdviserCard, AreaTable, AreaTarget, DeskCommand, Effect, Network, NewCall, Opening, Priority, Report, RouteTable,
    SiteSettings, SkillSet, Status, SwitchCall,
};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Handling, from ringing to the end of the wrap-up, and its parts.
const HANDLE_S: u32 = 250;
const RINGS_S: u32 = 4;
const WRAP_UP_S: u32 = 30;
/// As the service ticks its floors.
const TICK: TimeDelta = TimeDelta::milliseconds(250);

#[derive(Clone, Copy)]
pub struct Shape {
    pub sites: u32,
    pub advisers_a_site: u32,
}

impl Shape {
    pub fn advisers(self) -> u32 {
        self.sites * self.advisers_a_site
    }

    pub fn waiting(self) -> u32 {
        self.advisers() / 5
    }

    /// How many are in a part of the handling that takes so long.
    fn part(self, seconds: u32) -> usize {
        (self.advisers() * seconds / HANDLE_S) as usize
    }

    /// The last quarter of the sites have time to spare.
    fn is_busy(self, site: u32) -> bool {
        site < self.sites - self.sites / 4
    }
}

/// An adviser with the call they have.
#[derive(Clone, Copy)]
struct Pair {
    adviser: UserId,
    call: CallId,
    offer: OfferId,
}

pub struct Traffic {
    shape: Shape,
    network: Network,
    now: DateTime<Utc>,
    next_tick: DateTime<Utc>,
    effects: Vec<Effect>,
    waiting: u32,
    ringing: VecDeque<Pair>,
    talking: Vec<Pair>,
    wrapping: VecDeque<Pair>,
    /// The homes of those answered and not yet replaced.
    missing: Vec<u32>,
    /// What a caller of each site brings, and the switch's names for the next calls: made beforehand, because a switch
    /// makes them and not the floor.
    callers: Vec<String>,
    names: Vec<SwitchCall>,
    chance: u64,
    pub in_ticks: Duration,
    pub times: BTreeMap<&'static str, Vec<u32>>,
}

impl Traffic {
    /// Everybody talks or wraps up, and as many wait as should.
    pub fn new(shape: Shape) -> Outcome<Self> {
        let id = |site: u32| SiteId::new(&format!("site-{site:04}"));
        let sites = (0..shape.sites).map(|site| SiteSettings::new(id(site))).collect();
        let target = |site| AreaTarget { site: id(site), place: format!("Place {site}").into() };
        let areas = AreaTable::new((0..shape.sites).map(|site| (format!("441{site:04}"), target(site))))?;
        let routes = RouteTable { areas, default_site: Some(id(0)), ..RouteTable::default() };
        let now = DateTime::from_timestamp(986_000_000, 0).ok_or("no such time")?;
        let mut traffic = Self {
            shape,
            network: Network::new(sites, routes, 7)?,
            now,
            next_tick: now,
            effects: Vec::new(),
            waiting: 0,
            ringing: VecDeque::new(),
            talking: Vec::new(),
            wrapping: VecDeque::new(),
            missing: Vec::new(),
            callers: (0..shape.sites).map(|site| format!("+441{site:04}000123")).collect(),
            names: Vec::new(),
            chance: 1,
            in_ticks: Duration::ZERO,
            times: BTreeMap::new(),
        };
        traffic.fill()?;
        Ok(traffic)
    }

    fn fill(&mut self) -> Outcome {
        for n in 0..self.shape.advisers() {
            let site = SiteId::new(&format!("site-{:04}", n % self.shape.sites));
            let id = UserId(Uuid::from_u64_pair(self.random(), u64::from(n)));
            let card = AdviserCard::new(id, &format!("Adviser {n}"), &format!("sip:{n}@desks.example"), site);
            self.network.sign_in(card, Status::Available, self.now, &mut self.effects)?;
        }
        self.effects.clear();
        self.prepare(self.shape.advisers() + self.shape.waiting());
        for n in 0..self.shape.advisers() {
            self.enter::<false>(n % self.shape.sites)?;
            self.answer::<false>()?;
        }
        let busy: Vec<u32> = (0..self.shape.sites).filter(|site| self.shape.is_busy(*site)).collect();
        for site in busy.iter().cycle().take(self.shape.waiting() as usize) {
            self.enter::<false>(*site)?;
        }
        for _ in 0..self.shape.part(WRAP_UP_S) {
            self.end_talk::<false>()?;
        }
        Ok(())
    }

    /// Makes what switches bring for so many calls.
    pub fn prepare(&mut self, calls: u32) {
        // A life takes at most two: its own caller and one that replaces another.
        let names =
            (0..2 * calls).map(|_| SwitchCall::from(format!("{:016x}@switch.example", self.random()))).collect();
        self.names = names;
    }

    /// One call enters, one is offered, one answered, one ends and one is wrapped up; time passes by as much as there is
    /// between two calls.
    pub fn life<const TIMED: bool>(&mut self) -> Outcome {
        self.wrap_up::<TIMED>()?;
        while self.waiting < self.shape.waiting()
            && let Some(home) = self.missing.pop()
        {
            self.enter::<TIMED>(home)?;
        }
        self.missing.clear();
        while self.ringing.len() > self.shape.part(RINGS_S) {
            self.answer::<TIMED>()?;
        }
        while self.wrapping.len() < self.shape.part(WRAP_UP_S) && !self.talking.is_empty() {
            self.end_talk::<TIMED>()?;
        }
        self.now += TimeDelta::microseconds(i64::from(HANDLE_S) * 1_000_000 / i64::from(self.shape.advisers()));
        if self.now >= self.next_tick {
            self.next_tick = self.now + TICK;
            let begun = Instant::now();
            self.network.tick(self.now, &mut self.effects);
            self.in_ticks += begun.elapsed();
            self.hear();
        }
        Ok(())
    }

    fn wrap_up<const TIMED: bool>(&mut self) -> Outcome {
        let Some(Pair { adviser, call, .. }) = self.wrapping.pop_front() else { return Err("nobody wraps up".into()) };
        let site = u32::try_from(adviser.0.as_u64_pair().1)? % self.shape.sites;
        if !self.shape.is_busy(site) && self.random() % 5 < 3 {
            self.enter::<TIMED>(site)?;
        }
        let outcome = Some("booked".to_owned());
        self.verb::<TIMED, _>("finish_wrap_up", |network, now, out| {
            network.desk(adviser, DeskCommand::FinishWrapUp { call, outcome }, now, out)
        })
    }

    fn enter<const TIMED: bool>(&mut self, home: u32) -> Outcome {
        let caller = Some(self.callers[home as usize].clone());
        let priority = if self.random().is_multiple_of(20) { Priority::RingingAgain } else { Priority::Normal };
        let new = self.caller(caller, home, priority)?;
        self.waiting += 1;
        self.verb::<TIMED, _>("enter_call", |network, now, out| network.enter_call(new, |_| Opening::Open, now, out))?;
        Ok(())
    }

    fn caller(&mut self, caller: Option<String>, home: u32, priority: Priority) -> Outcome<NewCall> {
        let begun_ms = u64::try_from(self.now.timestamp_millis())?;
        // As version 7 makes them, but for the home in the last bits.
        let id = Uuid::from_u64_pair(begun_ms << 16 | 0x7000, self.random() << 16 | u64::from(home));
        Ok(NewCall {
            call: CallId(id),
            switch_call_id: self.names.pop().ok_or("too few calls were prepared")?,
            caller,
            dialled: "+448450000000".to_owned(),
            priority,
            needs: SkillSet::NONE,
            first_seen: None,
        })
    }

    fn answer<const TIMED: bool>(&mut self) -> Outcome {
        let Some(pair) = self.ringing.pop_front() else { return Err("nobody was offered a call".into()) };
        let Pair { adviser, call, offer } = pair;
        self.verb::<TIMED, _>("accept_offer", |network, now, out| {
            network.desk(adviser, DeskCommand::Accept { offer }, now, out)
        })?;
        self.verb::<TIMED, _>("report_call", |network, now, out| {
            network.report_call(call, Report::Answered, now, out)
        })?;
        self.talking.push(pair);
        Ok(())
    }

    fn end_talk<const TIMED: bool>(&mut self) -> Outcome {
        let which = usize::try_from(self.random())? % self.talking.len();
        let pair = self.talking.swap_remove(which);
        self.verb::<TIMED, _>("end_call", |network, now, out| {
            network.desk(pair.adviser, DeskCommand::EndCall { call: pair.call }, now, out)
        })?;
        self.wrapping.push_back(pair);
        Ok(())
    }

    fn verb<const TIMED: bool, R>(
        &mut self,
        name: &'static str,
        run: impl FnOnce(&Network, DateTime<Utc>, &mut Vec<Effect>) -> startline::error::Result<R>,
    ) -> Outcome {
        if TIMED {
            let begun = Instant::now();
            run(&self.network, self.now, &mut self.effects)?;
            let took = nanoseconds(begun);
            self.times.entry(name).or_default().push(took);
        } else {
            run(&self.network, self.now, &mut self.effects)?;
        }
        self.hear();
        Ok(())
    }

    /// As the doors would.
    fn hear(&mut self) {
        for effect in self.effects.drain(..) {
            if let Effect::Offer { offer, adviser, call, .. } = effect {
                self.waiting -= 1;
                self.missing.push((call.0.as_u64_pair().1 & 0xFFFF) as u32);
                self.ringing.push_back(Pair { adviser, call, offer });
            }
        }
    }

    /// What it takes, in nanoseconds, to enter calls that no number places. They ring off at once.
    pub fn unplaced(&mut self, calls: u32) -> Outcome<Vec<u32>> {
        self.prepare(calls);
        let mut times = Vec::new();
        for _ in 0..calls {
            let new = self.caller(None, 0, Priority::Normal)?;
            let call = new.call;
            let begun = Instant::now();
            self.network.enter_call(new, |_| Opening::Open, self.now, &mut self.effects)?;
            times.push(nanoseconds(begun));
            self.network.report_call(call, Report::Abandoned, self.now, &mut self.effects)?;
            self.effects.clear();
        }
        Ok(times)
    }

    pub fn overflow_share(&self) -> Outcome<f64> {
        let (mut answered, mut overflowed) = (0, 0);
        for site in self.network.site_ids() {
            let figures = self.network.snapshot(&site, self.now)?.figures;
            answered += u32::try_from(figures.answered)?;
            overflowed += u32::try_from(figures.overflowed)?;
        }
        Ok(f64::from(overflowed) / f64::from(answered))
    }

    /// SplitMix64: the same calls in every run.
    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
