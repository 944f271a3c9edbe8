//! Storms of random events over several sites, with every invariant checked after each step, and naive models that
//! say what the floor should have done. Seeded, so that a failure can be repeated.

mod clock_set;
mod torn;

use super::floor::{EnterCall, Event, Floor, Outbox};
use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use startline_foundation::error::Error;
use startline_foundation::ids::{CallId, CallbackId, OfferId, RequestId, SiteId, UserId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// SplitMix64: small, quick, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

fn adviser(n: u64) -> UserId {
    UserId(Uuid::from_u64_pair(1, n))
}

fn call(n: u64) -> CallId {
    CallId(Uuid::from_u64_pair(2, n))
}

const SITES: [&str; 4] = ["bucks", "calderdale", "gwent", "somerset"];

struct Storm {
    network: Network,
    chance: Chance,
    now: DateTime<Utc>,
    effects: Vec<Effect>,
    calls: u64,
    advisers: u64,
    busy_site: u64,
    welsh: SkillSet,
    /// What the world was told about each call.
    entered: HashSet<CallId>,
    released: HashSet<CallId>,
    finished: HashMap<CallId, How>,
    answered_elsewhere: u64,
    /// What was arranged by the clock is not moved along when it is set.
    keeps_for_callbacks: bool,
}

impl Storm {
    fn new(seed: u64, advisers: u64) -> Self {
        let sites = SITES.map(|site| {
            let reserve = usize::from(site == "gwent");
            SiteSettings { reserve, ..SiteSettings::new(site.into()) }
        });
        let area = |n: usize| (format!("4410{n}"), AreaTarget { site: SITES[n].into(), place: SITES[n].into() });
        let areas = AreaTable::new((0..SITES.len()).map(area)).unwrap();
        let routes = RouteTable {
            areas,
            default_site: Some("bucks".into()),
            skills: vec!["welsh".into()],
            ..RouteTable::default()
        };
        let network = Network::new(sites.to_vec(), routes, seed).unwrap();
        Self {
            welsh: network.skills().set("needs", ["welsh"]).unwrap(),
            network,
            chance: Chance(seed),
            now: DateTime::from_timestamp(986_000_000, 0).unwrap(),
            effects: Vec::new(),
            calls: 0,
            advisers,
            busy_site: seed % 4,
            entered: HashSet::new(),
            released: HashSet::new(),
            finished: HashMap::new(),
            answered_elsewhere: 0,
            keeps_for_callbacks: true,
        }
    }

    fn some_call(&mut self) -> CallId {
        // Mostly a recent one; sometimes one that was over long ago or never was.
        let back = if self.chance.one_in(10) { self.chance.below(200) } else { self.chance.below(30) };
        call((self.calls + 2).saturating_sub(back))
    }

    fn enter(&mut self) {
        let waiting: usize = self.network.sites.iter().map(|site| site.load().waiting).sum();
        if waiting > 8 {
            return;
        }
        // One site has more callers than it can serve, so that the others must help.
        let caller = match self.chance.below(12) {
            0 => None,
            site @ 1..5 => Some(format!("+4410{}000123", site - 1)),
            _ => Some(format!("+4410{}000123", self.busy_site)),
        };
        // A switch that asks again too late brings another call, which has an id of its own.
        let asks_again = self.chance.one_in(20) && !self.network.has_lapsed(call(self.calls));
        let n = if asks_again { self.calls } else { self.calls + 1 };
        self.calls = self.calls.max(n);
        let priority = match self.chance.below(10) {
            0 => Priority::Urgent,
            1 => Priority::RingingAgain,
            _ => Priority::Normal,
        };
        let switch_call_id = format!("switch-{n}").into();
        let dialled = "+448450000000".to_owned();
        let new = NewCall {
            call: call(n),
            switch_call_id,
            caller,
            dialled,
            priority,
            needs: if self.chance.one_in(8) { self.welsh } else { SkillSet::NONE },
            first_seen: self.chance.one_in(9).then(|| self.now - TimeDelta::seconds(7)),
        };
        let closed = self.chance.one_in(50);
        let opening = |_: &SiteId| if closed { Opening::Closed { next: "tomorrow".into() } } else { Opening::Open };
        self.network.enter_call(new, opening, self.now, &mut self.effects).unwrap();
        self.entered.insert(call(n));
    }

    /// An adviser, rather one with something in hand, and what that is.
    fn somebody(&mut self) -> (UserId, Option<adviser::Held>) {
        let mut who = adviser(0);
        for _ in 0..4 {
            who = adviser(self.chance.below(self.advisers));
            if let Ok(State::Offered { held, .. } | State::OnCall { held, .. } | State::WrapUp { held, .. }) =
                self.network.desk_view(who).map(|view| view.state)
            {
                return (who, Some(held));
            }
        }
        (who, None)
    }

    /// One random thing happens. Most make sense, some come from the confused; only panics and internal faults fail.
    fn step(&mut self) {
        let (who, held) = self.somebody();
        let any_call = self.some_call();
        let its_call = held.as_ref().map_or(any_call, |held| held.card.call);
        let its_offer = held.as_ref().map_or(OfferId(Uuid::from_u64_pair(9, 9)), |held| held.offer);
        let callback = CallbackId(Uuid::from_u64_pair(3, self.chance.below(3)));
        let other_site = SITES[usize::try_from(self.chance.below(4)).unwrap()];
        let welsh = self.welsh;
        let (some, likely) = (self.chance.below(1_500), self.chance.below(4) != 0);
        let (network, now, out) = (&self.network, self.now, &mut self.effects);
        let soon = now + TimeDelta::seconds(i64::try_from(some).unwrap());
        let result = match self.chance.below(117) {
            0..18 => {
                self.enter();
                Ok(())
            }
            18..38 => network.desk(who, DeskCommand::Accept { offer: its_offer }, now, out),
            38..41 => network.desk(who, DeskCommand::Decline { offer: its_offer }, now, out),
            41..54 => network.desk(who, DeskCommand::EndCall { call: its_call }, now, out),
            54..66 => {
                network.desk(who, DeskCommand::FinishWrapUp { call: its_call, outcome: Some("told".into()) }, now, out)
            }
            66..70 => network.report_call(any_call, Report::Abandoned, now, out),
            70..73 => network.report_call(any_call, Report::Ended, now, out),
            73..76 => network.report_call(any_call, Report::Answered, now, out),
            76..78 => {
                let address = (who.0.as_u128() % 2 == 0).then(|| "sip:a".into());
                network.report_call(any_call, Report::NoAnswer { address, busy: false }, now, out)
            }
            78..80 => network.desk(
                who,
                DeskCommand::SetStatus(Status::OnBreak { reason: BreakReason::Chosen("tea".into()) }),
                now,
                out,
            ),
            80..85 => network.desk(who, DeskCommand::SetStatus(Status::Available), now, out),
            85..89 => {
                let site = if self.chance.one_in(4) { other_site } else { SITES[(who.0.as_u128() % 4) as usize] };
                let mut card = AdviserCard::new(who, "A", "sip:a", site.into());
                card.ring_when_offered = who.0.as_u128() % 3 == 0;
                card.answers_heartbeats = who.0.as_u128() % 5 == 1;
                if who.0.as_u128() % 4 < 2 {
                    card.skills = card.skills.with(welsh);
                }
                network.sign_in(card, Status::Available, now, out)
            }
            89 => network.desk(who, DeskCommand::SignOut, now, out),
            90 => network.desk(who, DeskCommand::Lost, now, out),
            91 => network.desk(who, DeskCommand::Back, now, out),
            92 => network.desk(who, DeskCommand::StartOutbound { callback }, now, out),
            93..95 => network.desk(who, DeskCommand::EndOutbound { callback }, now, out),
            95 => network.set_home(any_call, &other_site.into(), now, out),
            96..99 => network.report_call(any_call, Report::Away { until: soon }, now, out),
            99..102 => network.asked_again(any_call, now, out),
            102 => network.report_call(any_call, Report::CallbackRequested, now, out),
            103..106 => {
                let to = match some % 4 {
                    0 | 1 => PassTo::Skill(welsh),
                    2 => PassTo::Site(other_site.into()),
                    _ => PassTo::Outside { address: "tel:+441632960107".into() },
                };
                let from = Arc::new(AdviserCard::new(who, "A", "sip:a", other_site.into()));
                let screen = Screen { from, client: None, walk: None, note: String::new() };
                network.desk(who, DeskCommand::Pass { call: its_call, to, screen: Box::new(screen) }, now, out)
            }
            106 => network.desk(
                who,
                DeskCommand::ExtendWrapUp { call: its_call, request: RequestId(Uuid::from_u64_pair(5, some)) },
                now,
                out,
            ),
            107..109 if !self.keeps_for_callbacks => Ok(()),
            107..109 => network.desk(who, DeskCommand::SetCommitment { at: likely.then_some(soon) }, now, out),
            109 if some < 300 => network.set_lost(&other_site.into(), (some < 60).then(|| "flood".into()), now, out),
            110..112 => network.desk(who, DeskCommand::StillHere, now, out),
            _ => {
                self.now += TimeDelta::milliseconds(i64::try_from(self.chance.below(12_000)).unwrap());
                network.tick(self.now, out);
                Ok(())
            }
        };
        if let Err(error @ (Error::Internal(_) | Error::Unavailable(_))) = result {
            panic!("{error}");
        }
    }

    /// Somebody sets the clock. In quarters of a minute, since the network looks around at each.
    fn set_clock(&mut self, quarters: i64) {
        let by = TimeDelta::seconds(15 * quarters);
        self.now += by;
        self.network.clock_was_set(by, self.now, &mut self.effects);
    }

    /// Follows what was said, as the doors would.
    fn listen(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Instruct { call, instruction: Instruction::Release(_) } => {
                    assert!(self.released.insert(call), "call {call} was released twice");
                }
                Effect::Instruct { call, instruction: Instruction::Queued { .. } | Instruction::Connect { .. } }
                | Effect::Offer { call, .. } => {
                    assert!(!self.released.contains(&call), "call {call} goes on after its release");
                }
                Effect::CallFinished(record) => {
                    self.answered_elsewhere += u64::from(record.overflowed());
                    let again = self.finished.insert(record.card.call, record.how);
                    assert_eq!(again, None, "call {} has two records", record.card.call);
                }
                _ => {}
            }
        }
    }

    fn figures(&self) -> Vec<figures::Figures> {
        SITES.iter().map(|site| self.network.snapshot(&(*site).into(), self.now).unwrap().figures).collect()
    }
}

/// Runs a storm to its end: `steps` random events, then everybody goes home.
fn weather(seed: u64, advisers: u64, steps: u64) -> Storm {
    let mut storm = Storm::new(seed, advisers);
    for step in 0..steps {
        storm.step();
        storm.listen();
        if let Err(fault) = storm.network.check_invariants() {
            panic!("seed {seed}, step {step}: {fault}");
        }
    }
    storm.network.stop_taking_calls(storm.now, &mut storm.effects);
    for n in 1..=storm.calls {
        // Calls that were over too long ago are not found, which is right.
        let _ = storm.network.report_call(call(n), Report::Answered, storm.now, &mut storm.effects);
        let _ = storm.network.report_call(call(n), Report::Ended, storm.now, &mut storm.effects);
    }
    storm.now += TimeDelta::hours(1);
    storm.network.tick(storm.now, &mut storm.effects);
    storm.listen();
    storm.network.check_invariants().unwrap();
    storm
}

/// Over two million events: on two threads, because each is followed by a look at everything.
#[test]
fn no_storm_breaks_an_invariant_and_every_call_gets_one_release_and_one_record() {
    let elsewhere: u64 = std::thread::scope(|threads| {
        let halves = [0..40, 40..80].map(|seeds| threads.spawn(move || seeds.map(whole_storm).sum::<u64>()));
        halves.into_iter().map(|half| half.join().unwrap()).sum()
    });
    assert!(elsewhere > 5_000, "only {elsewhere} calls were answered elsewhere: the storms are too mild to show much");
}

/// Says how many calls another site answered.
fn whole_storm(seed: u64) -> u64 {
    let storm = weather(seed, 3 + seed % 12, 26_000);
    assert_eq!(storm.released, storm.entered, "seed {seed}: every call that entered is released once");
    assert_eq!(storm.finished.len(), storm.entered.len(), "seed {seed}: every call has its record");
    let count = |how: fn(&How) -> bool| storm.finished.values().filter(|h| how(h)).count() as u64;
    let figures = storm.figures();
    let sum = |part: fn(&figures::Figures) -> u64| figures.iter().map(part).sum::<u64>();
    assert_eq!(sum(|f| f.answered), count(|how| *how == How::Answered), "seed {seed}");
    assert_eq!(sum(|f| f.abandoned), count(|how| *how == How::Abandoned), "seed {seed}");
    assert_eq!(sum(|f| f.diverted), count(|how| matches!(how, How::Diverted(_))), "seed {seed}");
    assert_eq!(sum(|f| f.overflowed), storm.answered_elsewhere, "seed {seed}");
    assert_eq!(sum(|f| f.waiting()), 0, "seed {seed}: nobody is left waiting");
    storm.answered_elsewhere
}

/// The floor told naively: lists, searched from end to end.
#[derive(Default)]
struct NaiveFloor {
    /// Adviser and, while idle, since which step.
    advisers: Vec<(UserId, Option<u64>)>,
    /// Call, priority and the step at which it entered.
    waiting: Vec<(CallId, Priority, u64)>,
}

impl NaiveFloor {
    /// Who should be offered which call now.
    fn next(&mut self) -> Option<(UserId, CallId)> {
        let first = *self.waiting.iter().min_by_key(|(_, priority, step)| (*priority, *step))?;
        let idle = self.advisers.iter_mut().filter(|(_, idle)| idle.is_some());
        let longest = idle.min_by_key(|(_, idle)| *idle)?;
        longest.1 = None;
        self.waiting.retain(|waiting| waiting.0 != first.0);
        Some((longest.0, first.0))
    }

    fn set_idle(&mut self, adviser: UserId, since: u64) {
        for known in self.advisers.iter_mut().filter(|known| known.0 == adviser) {
            known.1 = Some(since);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_longest_idle_adviser_gets_the_first_call_of_the_queue(choices in proptest::collection::vec((0_u8..5, 0_usize..8), 1..200)) {
        let settings = SiteSettings::new("somerset".into());
        let offer_for = settings.offer_for;
        let mut floor = Floor::new(settings, 1);
        let mut naive = NaiveFloor::default();
        let mut now = DateTime::from_timestamp(986_000_000, 0).unwrap();
        let mut talking: Vec<(UserId, CallId)> = Vec::new();
        for (step, (choice, which)) in (0_u64..).zip(choices) {
            let mut out = Outbox::default();
            // The clock stands still now and then, so that equal times are tried as well.
            now += TimeDelta::milliseconds(if which % 2 == 0 { 0 } else { 10 });
            match choice {
                0 => {
                    let card = AdviserCard::new(adviser(step), "", "", "somerset".into());
                    floor.apply(Event::SignIn { card, status: Status::Available }, now, &mut out).unwrap();
                    naive.advisers.push((adviser(step), Some(step)));
                }
                1 | 2 => {
                    let priority = if which == 0 { Priority::Urgent } else { Priority::Normal };
                    let enter = EnterCall {
                        call: call(step), switch_call_id: "".into(), caller: None, dialled: String::new(),
                        home: None, place: None, priority, needs: SkillSet::NONE, opening: Opening::Open, entered_at: now,
                    };
                    floor.apply(Event::Enter(enter), now, &mut out).unwrap();
                    naive.waiting.push((call(step), priority, step));
                }
                _ if talking.is_empty() => {}
                _ => {
                    let (who, what) = talking.remove(which % talking.len());
                    floor.apply(Event::Desk { adviser: who, command: DeskCommand::EndCall { call: what } }, now, &mut out).unwrap();
                    let command = DeskCommand::FinishWrapUp { call: what, outcome: None };
                    floor.apply(Event::Desk { adviser: who, command }, now, &mut out).unwrap();
                    naive.set_idle(who, step);
                }
            }
            let offered: Vec<_> = out.effects.iter().filter_map(|effect| match effect {
                Effect::Offer { adviser, call, offer, expires_at } => {
                    assert_eq!(*expires_at, now + offer_for);
                    Some((*adviser, *call, *offer))
                }
                _ => None,
            }).collect();
            let expected: Vec<_> = std::iter::from_fn(|| naive.next()).collect();
            prop_assert_eq!(offered.iter().map(|(who, what, _)| (*who, *what)).collect::<Vec<_>>(), expected);
            for (who, what, offer) in offered {
                floor.apply(Event::Desk { adviser: who, command: DeskCommand::Accept { offer } }, now, &mut out).unwrap();
                talking.push((who, what));
            }
            let queue: Vec<_> = floor.snapshot(now).waiting.iter().map(|waiting| waiting.card.call).collect();
            let mut naive_queue = naive.waiting.clone();
            naive_queue.sort_by_key(|(_, priority, step)| (*priority, *step));
            prop_assert_eq!(queue, naive_queue.iter().map(|waiting| waiting.0).collect::<Vec<_>>());
            floor.check_invariants().map_err(TestCaseError::fail)?;
        }
    }
}

#[test]
fn many_threads_at_once_leave_the_network_sound() {
    for seed in 0..100 {
        threads_at_once(seed);
    }
}

fn threads_at_once(seed: u64) {
    let storm = Storm::new(seed, 24);
    let (network, start) = (&storm.network, storm.now);
    for n in 0..24 {
        let site = SITES[usize::try_from(n % 4).unwrap()].into();
        let card = AdviserCard::new(adviser(n), "A", "sip:a", site);
        network.sign_in(card, Status::Available, start, &mut Vec::new()).unwrap();
    }
    let entered = AtomicU64::new(0);
    std::thread::scope(|threads| {
        for thread in 0..4_u64 {
            let entered = &entered;
            threads.spawn(move || {
                let (mut chance, mut effects) = (Chance(seed * 4 + thread), Vec::new());
                for step in 0..5_000_u64 {
                    let now = start + TimeDelta::milliseconds(i64::try_from(step * 200).unwrap());
                    let who = adviser(chance.below(24));
                    let held = network.desk_view(who).unwrap().state;
                    // Losing a race is an error value, and no fault.
                    let _ = match (chance.below(10), held) {
                        (0..3, _) => {
                            if network.sites.iter().map(|site| site.load().waiting).sum::<usize>() > 8 {
                                continue;
                            }
                            let n = entered.fetch_add(1, Ordering::Relaxed) + 1;
                            let caller = Some(format!("+4410{}000123", chance.below(6).min(3)));
                            let switch_call_id = format!("switch-{n}").into();
                            let priority = Priority::Normal;
                            let new = NewCall {
                                call: call(n),
                                switch_call_id,
                                caller,
                                dialled: String::new(),
                                priority,
                                needs: SkillSet::NONE,
                                first_seen: None,
                            };
                            network.enter_call(new, |_| Opening::Open, now, &mut effects).map(|_| ())
                        }
                        (3, State::Offered { held, .. } | State::OnCall { held, .. }) => {
                            network.report_call(held.card.call, Report::Abandoned, now, &mut effects)
                        }
                        (4, _) => {
                            network.tick(now, &mut effects);
                            network.desk(who, DeskCommand::SetStatus(Status::Available), now, &mut effects)
                        }
                        (_, State::Offered { held, .. }) => {
                            network.desk(who, DeskCommand::Accept { offer: held.offer }, now, &mut effects)
                        }
                        (_, State::OnCall { held, .. }) => {
                            network.desk(who, DeskCommand::EndCall { call: held.card.call }, now, &mut effects)
                        }
                        (_, State::WrapUp { held, .. }) => network.desk(
                            who,
                            DeskCommand::FinishWrapUp { call: held.card.call, outcome: None },
                            now,
                            &mut effects,
                        ),
                        _ => Ok(()),
                    };
                    effects.clear();
                }
            });
        }
    });
    // What crossed on the way sorts itself out by its deadlines.
    for minutes in [30, 60, 90] {
        network.tick(start + TimeDelta::minutes(minutes), &mut Vec::new());
    }
    network.check_invariants().unwrap();
    let figures = storm.figures();
    assert_eq!(figures.iter().map(|f| f.entered).sum::<u64>(), entered.load(Ordering::Relaxed));
    assert!(figures.iter().map(|f| f.overflowed).sum::<u64>() > 0, "no call crossed from floor to floor");
}
