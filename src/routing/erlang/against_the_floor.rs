//! A long day at one site, played on the real floor: callers come, wait, are answered or give up as the theory assumes,
//! and what the floor counts and promises must be what the theory says. Seeded, so that it is the same day every time.

use super::tests::{RowA, RowC, rows_a, rows_c};
use super::{Demand, Impatient, Patient};
use crate::figures::Pace;
use crate::{
    AdviserCard, DeskCommand, Effect, Instruction, Network, NewCall, Opening, Priority, Report, RouteTable,
    SiteSettings, SkillSet, Status,
};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use uuid::Uuid;

/// One caller in so many never gives up, so that the whole wait they were told to expect is seen.
const STAYS_ONE_IN: u64 = 40;
/// Until the floor is as busy as it will be.
const NOT_COUNTED: u64 = 1_000;
const TARGET_S: f64 = 20.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Rings,
    GivesUp(CallId),
    HangsUp(UserId, CallId),
}

struct Caller {
    entered_us: u64,
    stays: bool,
    /// Those who stay are no callers of the theory.
    counted: bool,
    estimate_s: Option<f64>,
}

/// What became of the callers.
#[derive(Debug, Default)]
struct Seen {
    entered: f64,
    had_to_wait: f64,
    answered: f64,
    given_up: f64,
    answered_in_target: f64,
    /// Of the answered.
    wait_s: f64,
    /// Of those who stayed: what they were told, and what came.
    told_s: f64,
    came_s: f64,
}

struct Day {
    network: Network,
    demand: Demand,
    patience_s: f64,
    now_us: u64,
    moments: BinaryHeap<Reverse<(u64, u64, Moment)>>,
    order: u64,
    callers: HashMap<CallId, Caller>,
    rung: u64,
    chance: u64,
    effects: Vec<Effect>,
    seen: Seen,
}

impl Day {
    /// So many calls at a site with these advisers.
    fn of(demand: Demand, patience_s: f64, calls: u64) -> Seen {
        let site = SiteId::new("somerset");
        let routes = RouteTable { default_site: Some(site.clone()), ..RouteTable::default() };
        let mut day = Self {
            network: Network::new(vec![SiteSettings::new(site.clone())], routes, 7).unwrap(),
            demand,
            patience_s,
            now_us: 0,
            moments: BinaryHeap::new(),
            order: 0,
            callers: HashMap::new(),
            rung: 0,
            chance: 1,
            effects: Vec::new(),
            seen: Seen::default(),
        };
        for n in 0..demand.advisers {
            let id = UserId(Uuid::from_u64_pair(1, u64::from(n)));
            let card = AdviserCard::new(id, "", "", site.clone());
            day.network.sign_in(card, Status::Available, day.now(), &mut day.effects).unwrap();
        }
        day.after(0.0, Moment::Rings);
        while let Some(Reverse((at_us, _, moment))) = day.moments.pop() {
            day.now_us = at_us;
            match moment {
                Moment::Rings if day.rung == calls => {}
                Moment::Rings => day.rings(),
                Moment::GivesUp(call) => day.gives_up(call),
                Moment::HangsUp(adviser, call) => day.hangs_up(adviser, call),
            }
            day.hear();
        }
        day.network.check_invariants().unwrap();
        day.seen
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(986_000_000_000_000 + i64::try_from(self.now_us).unwrap()).unwrap()
    }

    fn rings(&mut self) {
        let call = CallId(Uuid::from_u64_pair(2, self.rung));
        let stays = self.patience_s.is_finite() && self.random().is_multiple_of(STAYS_ONE_IN);
        let counted = self.rung >= NOT_COUNTED && !stays;
        self.callers.insert(call, Caller { entered_us: self.now_us, stays, counted, estimate_s: None });
        let new = NewCall {
            call,
            switch_call_id: format!("switch-{}", self.rung).into(),
            caller: None,
            dialled: String::new(),
            priority: Priority::Normal,
            needs: SkillSet::NONE,
            first_seen: None,
        };
        self.rung += 1;
        if counted {
            self.seen.entered += 1.0;
        }
        self.network.enter_call(new, |_| Opening::Open, self.now(), &mut self.effects).unwrap();
        if self.patience_s.is_finite() && !stays {
            let patience_s = self.lasting(self.patience_s);
            self.after(patience_s, Moment::GivesUp(call));
        }
        let next_s = self.lasting(1.0 / self.demand.calls_per_s);
        self.after(next_s, Moment::Rings);
    }

    fn gives_up(&mut self, call: CallId) {
        if let Some(caller) = self.callers.remove(&call) {
            self.network.report_call(call, Report::Abandoned, self.now(), &mut self.effects).unwrap();
            if caller.counted {
                self.seen.given_up += 1.0;
            }
        }
    }

    fn hangs_up(&mut self, adviser: UserId, call: CallId) {
        self.network.desk(adviser, DeskCommand::EndCall { call }, self.now(), &mut self.effects).unwrap();
        self.network
            .desk(adviser, DeskCommand::FinishWrapUp { call, outcome: None }, self.now(), &mut self.effects)
            .unwrap();
    }

    fn hear(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Instruct { call, instruction: Instruction::Queued { estimated_wait, .. } } => {
                    let caller = self.callers.get_mut(&call).unwrap();
                    caller.estimate_s = estimated_wait.map(TimeDelta::as_seconds_f64);
                    if caller.counted {
                        self.seen.had_to_wait += 1.0;
                    }
                }
                Effect::Offer { offer, adviser, call, .. } => self.answers(adviser, call, offer),
                _ => {}
            }
        }
    }

    /// At once: the theory knows no ringing.
    fn answers(&mut self, adviser: UserId, call: CallId, offer: OfferId) {
        self.network.desk(adviser, DeskCommand::Accept { offer }, self.now(), &mut Vec::new()).unwrap();
        self.network.report_call(call, Report::Answered, self.now(), &mut Vec::new()).unwrap();
        let talk_s = self.lasting(self.demand.handle_s);
        self.after(talk_s, Moment::HangsUp(adviser, call));
        let caller = self.callers.remove(&call).unwrap();
        let wait_s = seconds(self.now_us - caller.entered_us);
        let seen = &mut self.seen;
        if caller.counted {
            seen.answered += 1.0;
            seen.wait_s += wait_s;
            seen.answered_in_target += f64::from(u8::from(wait_s <= TARGET_S));
        }
        if let Some(told_s) = caller.estimate_s.filter(|_| caller.stays || self.patience_s.is_infinite()) {
            seen.told_s += told_s;
            seen.came_s += wait_s;
        }
    }

    fn after(&mut self, seconds: f64, moment: Moment) {
        self.order += 1;
        let at_us = self.now_us + (seconds * 1e6) as u64;
        self.moments.push(Reverse((at_us, self.order, moment)));
    }

    /// A time of this mean, as the theory has it.
    fn lasting(&mut self, mean_s: f64) -> f64 {
        let part = (self.random() >> 11) as f64 / (1_u64 << 53) as f64;
        -mean_s * (-part).ln_1p()
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

/// Asserts that what was seen is within such a share of what the theory says.
#[track_caller]
fn assert_near(what: &str, seen: f64, theory: f64, within: f64) {
    assert!((seen / theory - 1.0).abs() <= within, "{what}: seen {seen}, by the theory {theory}");
}

#[test]
fn averaged_over_the_queue_of_erlang_c_the_estimate_is_the_wait_of_those_who_wait() {
    for RowC { id, agents, calls_per_hour, aht, pwait, asa, .. } in rows_c() {
        let mut pace = Pace::default();
        pace.record((aht * 1_000.0) as u64);
        let busy = calls_per_hour / 3_600.0 * aht / f64::from(agents);
        let (mut mean_s, mut probability, mut position) = (0.0, 1.0 - busy, 1);
        while probability > 1e-15 {
            let estimate = pace.estimated_wait(position, agents as usize).unwrap();
            mean_s += probability * estimate.as_seconds_f64();
            (probability, position) = (probability * busy, position + 1);
        }
        // The estimate is in whole milliseconds.
        assert!((mean_s - asa / pwait).abs() < 1e-3, "{id}: {mean_s} is not {}", asa / pwait);
    }
}

#[test]
fn a_long_day_with_patient_callers_is_erlang_cs_and_the_estimates_come_true() {
    for row in rows_c().into_iter().filter(|row| ["C1", "C2"].contains(&row.id.as_str())) {
        let (theory, seen) = (Patient::new(row.demand()).unwrap(), Day::of(row.demand(), f64::INFINITY, 200_000));
        let id = &row.id;
        assert_near(&format!("{id}: had to wait"), seen.had_to_wait / seen.entered, theory.p_wait, 0.03);
        assert_near(&format!("{id}: mean wait"), seen.wait_s / seen.answered, theory.mean_wait_s(), 0.08);
        let in_target = seen.answered_in_target / seen.entered;
        assert_near(&format!("{id}: service level"), in_target, theory.service_level(TARGET_S), 0.02);
        assert_near(&format!("{id}: estimates"), seen.told_s, seen.came_s, 0.04);
    }
}

#[test]
fn a_long_day_with_impatient_callers_is_erlang_as_and_the_estimates_come_true() {
    for row in rows_a().into_iter().filter(|row| ["A1", "A4", "A8"].contains(&row.id.as_str())) {
        let RowA { id, patience, .. } = &row;
        let (theory, seen) = (Impatient::new(row.demand(), *patience), Day::of(row.demand(), *patience, 200_000));
        assert_near(&format!("{id}: had to wait"), seen.had_to_wait / seen.entered, theory.p_wait, 0.03);
        assert_near(&format!("{id}: gave up"), seen.given_up / seen.entered, theory.p_abandon, 0.04);
        let wait_s = theory.mean_wait_of_answered_s.unwrap();
        assert_near(&format!("{id}: mean wait"), seen.wait_s / seen.answered, wait_s, 0.05);
        let in_target = seen.answered_in_target / seen.entered;
        assert_near(&format!("{id}: service level"), in_target, theory.service_level(TARGET_S), 0.02);
        assert_near(&format!("{id}: estimates"), seen.told_s, seen.came_s, 0.06);
    }
}
