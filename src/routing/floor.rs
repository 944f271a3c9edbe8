//! One site's floor: its advisers, their states, its waiting calls.
//!
//! Pure and in memory: [`Floor::apply`] takes an event and the time, and says what should happen. No lock, no async,
//! no clock. Nothing here is durable: the floor is rebuilt from the desks that sign in again and the switches that
//! ask again, and therefore goes on while the database is away. What must be kept leaves as a call record.
//!
//! `desk_side` holds what happens to this site's advisers, `call_side` what happens to the calls it keeps,
//! `check` the invariants. Who is free, who waits and what is due are indexes that only [`Floor::with_adviser`] and
//! [`Floor::with_call`] write, from the state before and after each change, so that they cannot drift from it.

mod call_side;
mod check;
mod desk_side;
mod events;
mod view;

pub use check::Holding;
pub use events::{Effect, EnterCall, Event, Notice, OfferEnd, Opening, Outbox, SiteSettings};
pub use view::{CallView, DeskView, FloorSnapshot, Load, WaitingCall};

use super::adviser::{Adviser, Desk, IdlePlace, State};
use super::call::{Call, CallCard, CallState, Overflow, QueueKey};
use super::figures::{Figures, Pace};
use super::id_hash::{IdMap, IdSet};
use super::trunk::Errand;
use crate::error::{Error, Result};
use crate::ids::{CallId, OfferId, SiteId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What a moment brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    OfferExpires(UserId),
    WrapUpEnds(UserId),
    DeskGraceEnds(UserId),
    OverflowDue(CallId),
    TakeBack(CallId),
}

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
    free: BTreeMap<IdlePlace, UserId>,
    waiting: BTreeMap<QueueKey, CallId>,
    deadlines: BTreeSet<(DateTime<Utc>, Deadline)>,
    /// Advisers who serve the queue, now or after what they are doing.
    staffed: usize,
    figures: Figures,
    pace: Pace,
    taking_calls: bool,
    finished: IdSet<CallId>,
    finished_order: VecDeque<Arc<CallCard>>,
    /// Calls put into the queue by the event being applied.
    newly_waiting: Vec<CallId>,
    /// An adviser became free by the event being applied.
    newly_free: bool,
    /// The site lost its last adviser by the event being applied.
    deserted: bool,
}

/// Where an adviser stands in the floor's indexes.
#[derive(PartialEq, Eq)]
struct Footing {
    free: Option<IdlePlace>,
    staffing: bool,
    state: std::mem::Discriminant<State>,
    state_deadline: Option<(DateTime<Utc>, Deadline)>,
    desk_deadline: Option<(DateTime<Utc>, Deadline)>,
}

impl Footing {
    fn of(adviser: &Adviser) -> Self {
        let id = adviser.card.id;
        Self {
            free: adviser.free_place(),
            staffing: adviser.is_staffing(),
            state: std::mem::discriminant(&adviser.state),
            state_deadline: match &adviser.state {
                State::Offered { expires_at, .. } => Some((*expires_at, Deadline::OfferExpires(id))),
                State::WrapUp { ends_at, .. } => Some((*ends_at, Deadline::WrapUpEnds(id))),
                State::Idle { .. } | State::OnCall { .. } | State::Outbound { .. } => None,
            },
            desk_deadline: match adviser.desk {
                Desk::Lost { until } => Some((until, Deadline::DeskGraceEnds(id))),
                Desk::Connected | Desk::Away => None,
            },
        }
    }
}

fn call_deadline(call: &Call) -> Option<(DateTime<Utc>, Deadline)> {
    let id = call.card.call;
    match &call.state {
        CallState::Waiting { overflow: Overflow::NotBefore(at) } => Some((*at, Deadline::OverflowDue(id))),
        CallState::Offered { take_back_at: Some(at), .. } => Some((*at, Deadline::TakeBack(id))),
        _ => None,
    }
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
            free: BTreeMap::new(),
            waiting: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            staffed: 0,
            figures: Figures::default(),
            pace: Pace::default(),
            taking_calls: true,
            finished: IdSet::default(),
            finished_order: VecDeque::new(),
            newly_waiting: Vec::new(),
            newly_free: false,
            deserted: false,
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
        let result = self.dispatch(event, now, out);
        self.settle(now, out)?;
        result
    }

    fn dispatch(&mut self, event: Event, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match event {
            Event::Enter(call) => self.enter(call, now, out),
            Event::Report { call, report } => self.report(call, report, now, out),
            Event::SetHome { call, home } => self.set_home(call, home),
            Event::SignIn { card, status } => self.sign_in(card, status, now, out),
            Event::SetStatus { adviser, status } => self.set_status(adviser, status, now, out),
            Event::SignOut { adviser } => self.sign_out(adviser, now, out),
            Event::MoveAway { adviser } => self.move_away(adviser, now, out),
            Event::DeskLost { adviser } => self.desk_lost(adviser, now, out),
            Event::DeskBack { adviser } => self.desk_back(adviser, now, out),
            Event::Accept { adviser, offer } => self.accept(adviser, offer, now, out),
            Event::Decline { adviser, offer } => self.decline(adviser, offer, now, out),
            Event::EndCall { adviser, call } => self.end_call(adviser, call, now, out),
            Event::FinishWrapUp { adviser, call, outcome } => {
                self.finish_wrap_up(adviser, call, outcome, false, now, out)
            }
            Event::StartOutbound { adviser, callback } => {
                self.with_adviser(adviser, out, |adviser| adviser.start_outbound(callback, now))
            }
            Event::EndOutbound { adviser, callback } => {
                let place = self.next_place(now);
                self.with_adviser(adviser, out, |adviser| {
                    adviser.end_outbound(callback, place);
                    Ok(())
                })
            }
            Event::FromLender(message) => self.hear_lender(message, now, out),
            Event::FromHost { adviser, offer, message } => self.hear_host(adviser, offer, message, now, out),
            Event::StopTakingCalls => {
                self.taking_calls = false;
                Ok(())
            }
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
                Deadline::DeskGraceEnds(adviser) => self.desk_grace_over(adviser, out)?,
                Deadline::OverflowDue(call) => self.seek_overflow(call, out)?,
                Deadline::TakeBack(call) => self.take_back(call, out)?,
            }
            if self.deadlines.contains(&(at, deadline)) {
                return Err(Error::internal(format!("{deadline:?} was due and is still there")));
            }
        }
        Ok(())
    }

    /// Brings callers and free advisers together, and decides what else follows from the event just applied.
    fn settle(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        while self.taking_calls
            && let Some((_, &call)) = self.waiting.first_key_value()
            && let Some((_, &adviser)) = self.free.first_key_value()
        {
            self.offer_here(call, adviser, now, out)?;
        }
        self.settle_waiting(now, out)?;
        if std::mem::take(&mut self.newly_free) && self.lendable() > 0 {
            out.errands.push(Errand::AdviserFree);
        }
        Ok(())
    }

    /// Free advisers that other sites may ask for.
    fn lendable(&self) -> usize {
        if self.waiting.is_empty() { self.free.len().saturating_sub(self.settings.reserve) } else { 0 }
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
        let before = Footing::of(adviser);
        let result = change(adviser);
        let after = Footing::of(adviser);
        if before != after {
            self.step(id, &before, Some(&after));
            out.effects.push(Effect::DeskChanged { adviser: id });
        }
        result
    }

    fn step(&mut self, id: UserId, before: &Footing, after: Option<&Footing>) {
        let now_free = after.and_then(|after| after.free);
        if before.free != now_free {
            if let Some(place) = before.free {
                self.free.remove(&place);
            }
            if let Some(place) = now_free {
                self.free.insert(place, id);
                self.newly_free = true;
            }
        }
        move_deadline(&mut self.deadlines, before.state_deadline, after.and_then(|after| after.state_deadline));
        move_deadline(&mut self.deadlines, before.desk_deadline, after.and_then(|after| after.desk_deadline));
        match (before.staffing, after.is_some_and(|after| after.staffing)) {
            (false, true) => self.staffed += 1,
            (true, false) => {
                self.staffed -= 1;
                self.deserted |= self.staffed == 0;
            }
            _ => {}
        }
    }

    /// Changes one call and brings the floor's indexes in line with what became of it.
    fn with_call<R>(&mut self, id: CallId, out: &mut Outbox, change: impl FnOnce(&mut Call) -> R) -> Result<R> {
        let call = self.calls.get_mut(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        let before = (call.queued(), call_deadline(call), call.is_seeking());
        let result = change(call);
        let after = (call.queued(), call_deadline(call), call.is_seeking());
        match (before.2, after.2) {
            (false, true) => out.errands.push(Errand::SeekOverflow { card: call.card.clone() }),
            (true, false) => out.errands.push(Errand::StopSeeking { card: call.card.clone() }),
            _ => {}
        }
        self.requeue(id, before.0, after.0);
        move_deadline(&mut self.deadlines, before.1, after.1);
        Ok(result)
    }

    /// Takes a call off the floor.
    fn remove_call(&mut self, id: CallId, out: &mut Outbox) -> Result<Call> {
        let call = self.calls.remove(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        if call.is_seeking() {
            out.errands.push(Errand::StopSeeking { card: call.card.clone() });
        }
        self.requeue(id, call.queued(), None);
        move_deadline(&mut self.deadlines, call_deadline(&call), None);
        self.remember(&call.card, out);
        Ok(call)
    }

    fn requeue(&mut self, id: CallId, before: Option<QueueKey>, after: Option<QueueKey>) {
        if before == after {
            return;
        }
        if let Some(key) = before {
            self.waiting.remove(&key);
        }
        if let Some(key) = after {
            self.waiting.insert(key, id);
            self.newly_waiting.push(id);
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
            out.errands.push(Errand::Forget { card });
        }
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
