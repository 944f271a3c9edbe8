//! One site's floor: its advisers, their states, its waiting calls.
//!
//! Pure and in memory: [`Floor::apply`] takes an event and the time, and says what should happen. No lock, no async,
//! no clock. Nothing here is durable: the floor is rebuilt from the desks that sign in again and the switches that
//! ask again, and therefore goes on while the database is away. What must be kept leaves as a call record.
//!
//! `presence` holds whether this site's advisers are there, `desk_side` what happens to them, `call_side` what happens to the calls it keeps,
//! `check` the invariants. Who is free, who waits and what is due are indexes that only [`Floor::with_adviser`] and
//! [`Floor::with_call`] write, from the state before and after each change, so that they cannot drift from it.

mod call_side;
mod check;
pub(super) mod clock_set;
mod counting;
mod desk_side;
mod duty;
mod ending;
mod events;
pub(super) mod fault;
mod half_hour;
mod holding;
mod index_keys;
mod keeping;
mod mending;
mod passing;
mod presence;
mod ranks;
mod view;

pub use events::{DeskCommand, Effect, EnterCall, Event, Notice, OfferEnd, Opening, Outbox, Selection, SiteSettings};
pub use holding::{Holding, Stage};
pub use view::{CallView, Census, DeskView, Details, FloorLook, FloorSnapshot, FloorSummary, Load, WaitingCall};

use super::adviser::{Adviser, IdlePlace};
use super::call::{Call, CallCard, CallState, Overflow, QueueKey};
use super::figures::{Figures, Pace, Staffing};
use super::id_hash::{IdMap, IdSet};
use super::skills::SkillSet;
use super::trunk::TrunkRequest;
use chrono::{DateTime, TimeDelta, Utc};
use duty::{Duty, Share};
use half_hour::HalfHour;
use index_keys::{Deadline, IndexKeys, call_deadline};
use ranks::Ranks;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// How many finished calls a floor remembers, so that a late report about one is recognised: some ten minutes of a
/// site with hundreds of advisers.
const REMEMBERED_CALLS: usize = 512;

#[derive(Debug)]
pub struct Floor {
    site: SiteId,
    settings: SiteSettings,
    /// Makes this floor's offer ids differ from those of every other floor and every earlier run.
    salt: u64,
    /// Numbers offers, idle places and queue places in the order they were made.
    turn: u64,
    advisers: IdMap<UserId, Adviser>,
    calls: IdMap<CallId, Call>,
    free: Ranks<IdlePlace, UserId>,
    waiting: Ranks<QueueKey, CallId>,
    deadlines: BTreeSet<(DateTime<Utc>, Deadline)>,
    /// How many advisers serve the queue, now or after what they are doing, by their skills.
    staffed: Vec<(SkillSet, usize)>,
    /// Idle advisers who are kept for a call-back.
    kept: usize,
    duty: Duty,
    /// Why the site is declared lost, while it is.
    lost: Option<Arc<str>>,
    figures: Figures,
    half_hour: HalfHour,
    pace: Pace,
    taking_calls: bool,
    finished: IdSet<CallId>,
    finished_order: VecDeque<Arc<CallCard>>,
    /// Calls put into the queue by the event being applied.
    newly_waiting: Vec<CallId>,
    /// The skills of advisers who became free by the event being applied.
    newly_free: Vec<SkillSet>,
    /// The site lost its last adviser with some skills by the event being applied.
    deserted: bool,
    /// A panic tore an event apart, and what it left half done has not been seen to.
    torn: bool,
}

/// `now + by`, or the end of time.
fn later(now: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    now.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Floor {
    /// An empty floor. `salt` is any number not used for another floor, or by an earlier run of this one.
    pub fn new(settings: SiteSettings, salt: u64) -> Self {
        Self {
            site: settings.site.clone(),
            settings,
            salt,
            turn: 0,
            advisers: IdMap::default(),
            calls: IdMap::default(),
            free: Ranks::default(),
            waiting: Ranks::default(),
            deadlines: BTreeSet::new(),
            staffed: Vec::new(),
            kept: 0,
            duty: Duty::default(),
            lost: None,
            figures: Figures::default(),
            half_hour: HalfHour::default(),
            pace: Pace::default(),
            taking_calls: true,
            finished: IdSet::default(),
            finished_order: VecDeque::new(),
            newly_waiting: Vec::new(),
            newly_free: Vec::new(),
            deserted: false,
            torn: false,
        }
    }

    /// Other settings from now on; what runs already keeps its deadlines.
    pub fn configure(&mut self, settings: SiteSettings) {
        self.settings = SiteSettings { site: self.site.clone(), ..settings };
    }

    /// Takes in one event. What is wanted of the world and of other floors is added to `out`, to be seen to even
    /// when the event is refused.
    ///
    /// # Errors
    /// `NotFound` for an adviser or call this floor does not know, `Illegal` for a move that the state does not
    /// allow, `Unavailable` for a new call while the service stops. The floor is then as it was.
    pub fn apply(&mut self, event: Event, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        self.pass_time(now, out);
        if self.torn {
            self.mend(now, out)?;
        }
        let result = self.dispatch(event, now, out);
        self.settle(now, out)?;
        result
    }

    fn pass_time(&mut self, now: DateTime<Utc>, out: &mut Outbox) {
        let site = &self.site;
        self.duty.pass(now, |share| give(site, share, out));
        self.half_hour.reach(now);
    }

    fn dispatch(&mut self, event: Event, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match event {
            Event::Enter(call) => self.enter(call, now, out),
            Event::Report { call, report } => self.report(call, report, now, out),
            Event::AskedAgain { call } => self.asked_again(call, out),
            Event::SetHome { call, home } => self.set_home(call, home, now, out),
            Event::SignIn { card, status } => self.sign_in(card, status, now, out),
            Event::Desk { adviser, command } => self.desk(adviser, command, now, out),
            Event::MoveAway { adviser } => self.move_away(adviser, now, out),
            Event::TelephoneTaken { adviser, by } => self.telephone_taken(adviser, by, now, out),
            Event::SetLost { reason } => self.set_lost(reason, now, out),
            Event::FromLender(message) => self.hear_lender(message, now, out),
            Event::FromHost { adviser, offer, message } => self.hear_host(adviser, offer, message, now, out),
            Event::StopTakingCalls => {
                self.taking_calls = false;
                let waiting = |call: &&Call| matches!(call.state, CallState::Waiting { .. });
                self.newly_waiting.extend(self.calls.values().filter(waiting).map(|call| call.card.call));
                Ok(())
            }
            Event::TakeCallsAgain => {
                self.taking_calls = true;
                Ok(())
            }
            Event::Close => self.close(now, out),
            Event::Tick => self.tick(now, out),
        }
    }

    /// When the next thing is due; nothing happens by itself before that.
    pub fn next_deadline(&self) -> Option<DateTime<Utc>> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    fn tick(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        while let Some(&(at, deadline)) = self.deadlines.first()
            && at <= now
        {
            match deadline {
                Deadline::OfferExpires(adviser) => self.offer_expired(adviser, now, out)?,
                Deadline::WrapUpEnds(adviser) => self.wrap_up_expired(adviser, now, out)?,
                Deadline::TalkDoubted(adviser) => self.talk_doubted(adviser, now, out)?,
                Deadline::DeskGraceEnds(adviser) => self.desk_grace_over(adviser, now, out)?,
                Deadline::DeskDoubted(adviser) => self.desk_doubted(adviser, now, out)?,
                Deadline::CommitmentNears(adviser) => self.commitment_nears(adviser, now, out)?,
                Deadline::OverflowDue(call) => self.seek_overflow(call, out)?,
                Deadline::AnnounceDue(call) => self.announce_waiting(call, out)?,
                Deadline::AwayEnds(call) => self.away_over(call, now, out)?,
                Deadline::TakeBack(call) => self.take_back(call, now, out)?,
            }
            if self.deadlines.contains(&(at, deadline)) {
                return Err(Error::internal(format!("{deadline:?} was due and is still there")));
            }
        }
        let site = &self.site;
        self.duty.give_away(|share| give(site, share, out));
        Ok(())
    }

    /// Brings callers and free advisers together, and decides what else follows from the event just applied.
    fn settle(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        fault::place();
        while let Some((call, adviser)) = self.next_match() {
            self.offer_here(call, adviser, now, out)?;
        }
        self.settle_waiting(now, out)?;
        while let Some(skills) = self.newly_free.pop() {
            if self.lendable() > 0 {
                out.trunk_requests.push(TrunkRequest::AdviserFree { site: self.site.clone(), skills });
            }
        }
        fault::place();
        Ok(())
    }

    /// The first call of the queue that somebody here can take now, and who.
    fn next_match(&self) -> Option<(CallId, UserId)> {
        if self.free.is_empty() || self.waiting.is_empty() || !self.offers_calls() {
            return None;
        }
        let (needs, _, call) =
            self.waiting.first(|needs| self.free.heads().any(|(skills, ..)| skills.covers(needs)))?;
        Some((call, self.choose(needs)?))
    }

    /// The free adviser who gets a call with these needs.
    fn choose(&self, needs: SkillSet) -> Option<UserId> {
        let fitting = self.free.heads().filter(|(skills, ..)| skills.covers(needs));
        let chosen = match self.settings.selection {
            Selection::LongestIdle => fitting.min_by_key(|(_, place, _)| *place),
            Selection::FewestSkills => fitting.min_by_key(|(skills, place, _)| (skills.count(), *place)),
        };
        chosen.map(|(.., adviser)| adviser)
    }

    /// Advisers of this site may be offered calls.
    fn offers_calls(&self) -> bool {
        self.taking_calls && self.lost.is_none()
    }

    /// Free advisers that other sites may ask for. Nobody who waits here could be served by one of them.
    fn lendable(&self) -> usize {
        if self.offers_calls() { self.free.len().saturating_sub(self.settings.reserve) } else { 0 }
    }

    /// How many advisers serve calls with these needs.
    fn staffed_for(&self, needs: SkillSet) -> usize {
        self.staffed.iter().filter(|(skills, _)| skills.covers(needs)).map(|(_, number)| number).sum()
    }

    /// Somebody other than `except` is signed in and can do that, free or not.
    pub fn has_somebody_for(&self, needs: SkillSet, except: UserId) -> bool {
        let can = |adviser: &Adviser| !adviser.status.is_signed_out() && adviser.card.skills.covers(needs);
        self.advisers.values().any(|adviser| adviser.card.id != except && can(adviser))
    }

    /// How long the call at this position may wait.
    fn estimated_wait(&self, needs: SkillSet, position: usize) -> Option<TimeDelta> {
        if self.lost.is_some() {
            return None;
        }
        self.pace.estimated_wait(position, self.staffed_for(needs))
    }

    /// How long an inbound call takes up an adviser.
    fn expected_handle(&self) -> TimeDelta {
        self.pace.mean_handle().unwrap_or(self.settings.expected_handle)
    }

    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// A place behind everybody who is idle already.
    fn next_place(&mut self, now: DateTime<Utc>) -> IdlePlace {
        IdlePlace { since: now, turn: self.next_turn() }
    }

    fn next_offer(&mut self) -> OfferId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.salt.to_be_bytes());
        bytes[8..].copy_from_slice(&self.next_turn().to_be_bytes());
        OfferId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Changes one adviser and brings the floor's indexes in line with what became of them.
    fn with_adviser<R>(
        &mut self,
        id: UserId,
        out: &mut Outbox,
        change: impl FnOnce(&mut Adviser) -> Result<R>,
    ) -> Result<R> {
        let adviser = self.advisers.get_mut(&id).ok_or_else(|| Error::not_found("adviser on this floor", id))?;
        let before = IndexKeys::of(adviser);
        let result = change(adviser);
        fault::place();
        let after = IndexKeys::of(adviser);
        if before != after {
            self.step(id, &before, Some(&after));
            if !before.looks_like(&after) {
                out.effects.push(Effect::DeskChanged { adviser: id });
            }
        }
        result
    }

    fn step(&mut self, id: UserId, before: &IndexKeys, after: Option<&IndexKeys>) {
        let free = |index_keys: &IndexKeys| index_keys.free.map(|place| (index_keys.skills, place));
        let (was_free, now_free) = (free(before), after.and_then(free));
        if was_free != now_free {
            if let Some((skills, place)) = was_free {
                self.free.remove(skills, &place);
            }
            if let Some((skills, place)) = now_free {
                self.free.insert(skills, place, id);
                self.newly_free.push(skills);
            }
        }
        for (before, after) in before.deadlines().into_iter().zip(after.map_or([None; 3], IndexKeys::deadlines)) {
            move_deadline(&mut self.deadlines, before, after);
        }
        let staffing = |index_keys: &IndexKeys| index_keys.staffing.then_some(index_keys.skills);
        let (was_staffing, is_staffing) = (staffing(before), after.and_then(staffing));
        if was_staffing != is_staffing {
            if let Some(skills) = was_staffing {
                self.count_staff(skills, false);
            }
            if let Some(skills) = is_staffing {
                self.count_staff(skills, true);
            }
        }
        let holds = |flag: fn(&IndexKeys) -> bool| (flag(before), after.is_some_and(flag));
        count_change(&mut self.duty.on_duty, holds(|index_keys| index_keys.on_duty));
        count_change(&mut self.duty.handling, holds(|index_keys| index_keys.handling));
        count_change(&mut self.kept, holds(|index_keys| index_keys.kept));
    }

    fn count_staff(&mut self, skills: SkillSet, comes: bool) {
        let group = match self.staffed.iter().position(|(group, _)| *group == skills) {
            Some(found) => found,
            None => {
                self.staffed.push((skills, 0));
                self.staffed.len() - 1
            }
        };
        let number = &mut self.staffed[group].1;
        if comes {
            *number += 1;
        } else {
            *number -= 1;
            self.deserted |= *number == 0;
        }
    }

    /// Changes one call and brings the floor's indexes in line with what became of it.
    fn with_call<R>(&mut self, id: CallId, out: &mut Outbox, change: impl FnOnce(&mut Call) -> R) -> Result<R> {
        let call = self.calls.get_mut(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        let before = (call.queued(), call_deadline(call), call.is_seeking());
        let result = change(call);
        fault::place();
        let after = (call.queued(), call_deadline(call), call.is_seeking());
        match (before.2, after.2) {
            (false, true) => {
                let (card, only_site) = (call.card.clone(), call.only_site.clone());
                out.trunk_requests.push(TrunkRequest::SeekOverflow { card, only_site });
            }
            (true, false) => out.trunk_requests.push(TrunkRequest::StopSeeking { card: call.card.clone() }),
            _ => {}
        }
        let undecided = matches!(call.state, CallState::Waiting { overflow: Overflow::Undecided });
        if undecided && call.away_until.is_none() {
            self.newly_waiting.push(id);
        }
        self.requeue(id, before.0, after.0);
        move_deadline(&mut self.deadlines, before.1, after.1);
        Ok(result)
    }

    /// Takes a call off the floor.
    fn remove_call(&mut self, id: CallId, out: &mut Outbox) -> Result<Call> {
        let call = self.calls.remove(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        fault::place();
        if call.is_seeking() {
            out.trunk_requests.push(TrunkRequest::StopSeeking { card: call.card.clone() });
        }
        self.requeue(id, call.queued(), None);
        move_deadline(&mut self.deadlines, call_deadline(&call), None);
        self.remember(&call.card, out);
        Ok(call)
    }

    fn requeue(&mut self, id: CallId, before: Option<(SkillSet, QueueKey)>, after: Option<(SkillSet, QueueKey)>) {
        if before == after {
            return;
        }
        if let Some((needs, key)) = before {
            self.waiting.remove(needs, &key);
        }
        if let Some((needs, key)) = after {
            self.waiting.insert(needs, key, id);
        }
    }

    /// Remembers a finished call for a while.
    fn remember(&mut self, card: &Arc<CallCard>, out: &mut Outbox) {
        self.finished.insert(card.call);
        self.finished_order.push_back(card.clone());
        if self.finished_order.len() > REMEMBERED_CALLS
            && let Some(card) = self.finished_order.pop_front()
        {
            self.finished.remove(&card.call);
            out.trunk_requests.push(TrunkRequest::Forget { card });
        }
    }
}

fn give(site: &SiteId, share: Share, out: &mut Outbox) {
    let Share { half_hour, staffed_ms, handle_ms } = share;
    out.effects.push(Effect::Staffing(Staffing { site: site.clone(), half_hour, staffed_ms, handle_ms }));
}

fn count_change<N: std::ops::AddAssign + std::ops::SubAssign + From<u8>>(number: &mut N, (was, is): (bool, bool)) {
    match (was, is) {
        (false, true) => *number += N::from(1),
        (true, false) => *number -= N::from(1),
        _ => {}
    }
}

fn move_deadline(
    deadlines: &mut BTreeSet<(DateTime<Utc>, Deadline)>,
    before: Option<(DateTime<Utc>, Deadline)>,
    after: Option<(DateTime<Utc>, Deadline)>,
) {
    if before == after {
        return;
    }
    if let Some(deadline) = before {
        deadlines.remove(&deadline);
    }
    if let Some(deadline) = after {
        deadlines.insert(deadline);
    }
}
