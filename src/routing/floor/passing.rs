//! What happens to a call whose caller is not simply waiting: passed on by an adviser, told that it takes long, or out of
//! reach of the floor for a while.

use super::call_side::wait_again;
use super::{Floor, Outbox, later};
use crate::call::{
    Announcement, CallState, Earlier, How, Instruction, Overflow, PassTo, ReleaseReason, Screen, elapsed_ms,
};
use crate::trunk::{ToHost, ToLender, TrunkRequest};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallId, OfferId, UserId};
use std::sync::Arc;

/// How long an offer stands while its switch does not ask.
const OFFER_KEPT: TimeDelta = TimeDelta::seconds(2);

impl Floor {
    /// The adviser passes the call on and wraps up their own part.
    pub(super) fn pass(
        &mut self,
        id: UserId,
        call: CallId,
        to: PassTo,
        screen: Screen,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let ends_at = later(now, self.settings.wrap_up_limit);
        let Some(held) = self.with_adviser(id, out, |adviser| adviser.pass_on(call, now, ends_at))? else {
            return Ok(());
        };
        let screen = Arc::new(Screen { from: self.card_of(id)?, ..screen });
        self.tell_host(&held.card.host, ToHost::Passed { call, offer: held.offer, to, screen }, now, out)
    }

    /// The call keeps its age and its place: it goes to the head of those that came after it.
    pub(super) fn passed_on(
        &mut self,
        id: CallId,
        offer: OfferId,
        to: PassTo,
        screen: Arc<Screen>,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let Some(call) = self.calls.get(&id).filter(|call| call.is_with(offer)) else { return Ok(()) };
        let CallState::Connected { by, answered_at, .. } = &call.state else { return Ok(()) };
        let before = call.earlier.as_deref();
        let earlier = Box::new(Earlier {
            by: before.map_or_else(|| by.clone(), |before| before.by.clone()),
            answered_at: before.map_or(*answered_at, |before| before.answered_at),
            passed_at: now,
            talk_ms: before.map_or(0, |before| before.talk_ms) + elapsed_ms(*answered_at, now),
            passes: before.map_or(0, |before| before.passes) + 1,
        });
        let outside = match &to {
            PassTo::Outside { address } => Some(address.clone()),
            PassTo::Skill(_) | PassTo::Site(_) => None,
        };
        self.with_call(id, out, |call| {
            let card = Arc::make_mut(&mut call.card);
            card.passed = Some(screen);
            call.only_site = None;
            match to {
                PassTo::Skill(skills) => card.needs = card.needs.with(skills),
                PassTo::Site(site) => call.only_site = Some(site),
                PassTo::Outside { .. } => {}
            }
            call.earlier = Some(earlier);
            call.announce_at = None;
            call.state = CallState::Waiting { overflow: Overflow::Undecided };
        })?;
        if let Some(address) = outside {
            out.instruct(id, Instruction::ConnectOutside { address });
            self.leave(id, How::Diverted(ReleaseReason::PassedOutside), now, out)?;
        }
        Ok(())
    }

    /// The caller has waited long: they hear so, and may ask to be called back. They go on waiting.
    pub(super) fn announce_waiting(&mut self, id: CallId, out: &mut Outbox) -> Result<()> {
        let told = self.with_call(id, out, |call| call.announce_at.take())?;
        if told.is_some() {
            out.instruct(id, Instruction::Announce(Announcement::Waiting));
        }
        Ok(())
    }

    /// The caller cannot be put through for the moment.
    pub(super) fn away(
        &mut self,
        id: CallId,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        self.with_call(id, out, |call| {
            if call.is_waiting() || call.is_unconfirmed() {
                call.away_until = Some(until);
                if matches!(call.state, CallState::Offered { .. }) {
                    call.offer_kept_until = Some(later(now, OFFER_KEPT));
                }
                if let CallState::Waiting { overflow } = &mut call.state {
                    *overflow = Overflow::Undecided;
                }
            }
        })
    }

    /// The switch asks about the call again: the caller can be put through.
    pub(super) fn asked_again(&mut self, id: CallId, out: &mut Outbox) -> Result<()> {
        if !self.calls.contains_key(&id) {
            return Ok(());
        }
        self.with_call(id, out, |call| {
            call.away_until = None;
            call.offer_kept_until = None;
            call.sent_on = None;
        })
    }

    /// Nothing was heard of the caller again. Should the switch ask after all, it is another call with the age of this one.
    pub(super) fn away_over(&mut self, id: CallId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(call) = self.calls.get(&id) else { return Ok(()) };
        let card = call.card.clone();
        if let (Some(until), Some((offer, to))) = (call.away_until, call.with())
            && call.offer_kept_until.is_some()
            && until > now
        {
            // Its switch does not ask, so there may be nobody on the line.
            let to = to.clone();
            self.with_call(id, out, |call| {
                wait_again(call, now);
                call.away_until = Some(until);
            })?;
            return self.tell_adviser(&to, offer, ToLender::Withdraw, now, out);
        }
        if call.is_unconfirmed() {
            // Whoever took it has nobody on the line. The switch has as long again to ask.
            let (with, within) = (call.with().map(|(offer, by)| (offer, by.clone())), call.sent_on);
            if let (Some((offer, by)), Some(_)) = (with, within) {
                self.uncount_answer(id, out);
                self.with_call(id, out, |call| wait_again(call, now))?;
                return self.tell_adviser(&by, offer, ToLender::Withdraw, now, out);
            }
            self.uncount_answer(id, out);
        } else if !call.is_waiting() {
            return self.asked_again(id, out);
        }
        out.trunk_requests.push(TrunkRequest::Lapsed { card });
        self.leave(id, How::Abandoned, now, out)
    }
}
