//! What happens to the calls a floor keeps: they enter, wait, are offered and connected, here or at another site,
//! and end. A call is kept by one floor from entering to its record, whoever answers it.

use super::fault;
use super::{Effect, EnterCall, Floor, Opening, Outbox, TrunkRequest, later};
use crate::adviser_card::AdviserCard;
use crate::call::{
    Announcement, Call, CallCard, CallRecord, CallState, Earlier, How, Instruction, Overflow, QueueKey, ReleaseReason,
    Report, elapsed_ms,
};
use crate::figures::Figures;
use crate::trunk::{TAKE_BACK_AFTER, ToHost, ToLender};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::sync::Arc;

impl Floor {
    pub(super) fn enter(&mut self, call: EnterCall, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let id = call.call;
        if self.calls.contains_key(&id) || self.finished.contains(&id) {
            return Ok(());
        }
        if !self.taking_calls {
            return Err(Error::Unavailable("the service is stopping and takes no new calls".into()));
        }
        // A clock that differs a little between switch and service must not put a call into the future.
        let entered_at = call.entered_at.min(now);
        let key = QueueKey { priority: call.priority, entered_at, turn: self.next_turn() };
        let card = Arc::new(CallCard {
            call: id,
            switch_call_id: call.switch_call_id,
            caller: call.caller,
            dialled: call.dialled,
            host: self.site.clone(),
            ask_postcode: call.home.is_none(),
            home: call.home,
            place: call.place,
            priority: call.priority,
            needs: call.needs,
            entered_at,
            passed: None,
        });
        let needs = card.needs;
        self.count(entered_at, |figures| figures.entered += 1);
        fault::place();
        self.calls.insert(id, Call::new(card, key));
        fault::place();
        self.requeue(id, None, Some((needs, key)));
        self.newly_waiting.push(id);
        match call.opening {
            Opening::Open => Ok(()),
            // Whoever of home's own advisers is still there goes first; settling sees to that.
            Opening::OthersOpen => self.seek_overflow(id, out),
            Opening::Closed { next } => {
                out.instruct(id, Instruction::Announce(Announcement::Closed { next_opening: next }));
                self.leave(id, How::Diverted(ReleaseReason::Closed), now, out)
            }
        }
    }

    /// Presents a waiting call to a free adviser of this site.
    pub(super) fn offer_here(
        &mut self,
        call: CallId,
        adviser: UserId,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let to = self.card_of(adviser)?;
        let rings = to.ring_when_offered.then(|| to.clone());
        let offer = self.next_offer();
        let expires_at = later(now, self.settings.offer_for);
        let card = self.with_call(call, out, |call| {
            call.state = CallState::Offered { offer, to, take_back_at: None, answered: false };
            call.card.clone()
        })?;
        self.with_adviser(adviser, out, |adviser| adviser.offer(offer, card, expires_at, true))?;
        out.effects.push(Effect::Offer { offer, adviser, call, expires_at });
        if let Some(by) = rings {
            out.instruct(call, Instruction::Connect { by });
        }
        Ok(())
    }

    /// Decides for the calls that the event just applied put into the queue, and that are still there, when another
    /// site may take them.
    pub(super) fn settle_waiting(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let mut undecided = std::mem::take(&mut self.newly_waiting);
        if !self.taking_calls {
            for call in undecided.drain(..) {
                if self.calls.get(&call).is_some_and(|call| matches!(call.state, CallState::Waiting { .. })) {
                    self.leave(call, How::Diverted(ReleaseReason::Stopping), now, out)?;
                }
            }
        }
        if std::mem::take(&mut self.deserted) {
            undecided.extend(self.waiting.in_order().into_iter().map(|(_, call)| call));
        }
        for call in undecided.drain(..) {
            self.decide_overflow(call, now, out)?;
        }
        // Deciding brings the calls up again; what it decided stands.
        self.newly_waiting.clear();
        Ok(())
    }

    fn decide_overflow(&mut self, id: CallId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(call) = self.calls.get(&id).filter(|call| call.away_until.is_none()) else { return Ok(()) };
        let CallState::Waiting { overflow: was } = call.state else { return Ok(()) };
        let (key, needs, elsewhere) = (call.key, call.card.needs, call.queued().is_none());
        let first_time = call.earlier.is_none() && call.estimated_wait_ms.is_none();
        let due = self.overflow_from(call.card.entered_at);
        let position = if elsewhere { 1 } else { self.waiting.position(&key) };
        let estimated_wait = if elsewhere { None } else { self.estimated_wait(needs, position) };
        if was == Overflow::Undecided {
            out.instruct(id, Instruction::Queued { position, estimated_wait });
        }
        let at_once = elsewhere
            || due <= now
            || self.lost.is_some()
            || self.staffed_for(needs) == 0
            || estimated_wait.is_some_and(|wait| wait > self.settings.overflow_wait);
        let overflow = if was == Overflow::Seeking || at_once { Overflow::Seeking } else { Overflow::NotBefore(due) };
        let announce_at = later(key.entered_at, self.settings.announce_after);
        self.with_call(id, out, |call| {
            call.state = CallState::Waiting { overflow };
            if first_time {
                call.announce_at = Some(announce_at);
                call.estimated_wait_ms = Some(estimated_wait.map_or(0, |wait| elapsed_ms(now, later(now, wait))));
            }
        })
    }

    /// Home has had this call to itself for long enough.
    pub(super) fn seek_overflow(&mut self, call: CallId, out: &mut Outbox) -> Result<()> {
        self.with_call(call, out, |call| {
            if let CallState::Waiting { overflow } = &mut call.state {
                *overflow = Overflow::Seeking;
            }
        })
    }

    /// Nothing was heard from the lender: the call is home's again.
    pub(super) fn take_back(&mut self, id: CallId, out: &mut Outbox) -> Result<()> {
        let with = self.calls.get(&id).and_then(Call::with).map(|(offer, to)| (offer, to.clone()));
        self.with_call(id, out, wait_again)?;
        if let Some((offer, to)) = with {
            Self::tell_adviser_elsewhere(&to, offer, ToLender::Withdraw, out);
        }
        Ok(())
    }

    pub(super) fn set_home(&mut self, id: CallId, home: SiteId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        if self.finished.contains(&id) {
            return Err(Error::illegal("CALL_OVER", "the call is over and its record is written"));
        }
        let call = self.calls.get_mut(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        let card = Arc::make_mut(&mut call.card);
        card.home = Some(home);
        card.ask_postcode = false;
        let card = call.card.clone();
        match call.with().map(|(offer, by)| (offer, by.clone())) {
            Some((offer, by)) => self.tell_adviser(&by, offer, ToLender::CardChanged(card), now, out),
            None => Ok(()),
        }
    }

    pub(super) fn report(&mut self, id: CallId, report: Report, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(call) = self.calls.get(&id) else {
            return if self.finished.contains(&id) { Ok(()) } else { Err(Error::not_found(CallId::WHAT, id)) };
        };
        let with = call.with().map(|(offer, by)| (offer, by.clone()));
        match (&report, &call.state, with) {
            (Report::Answered, CallState::Offered { .. }, Some((offer, to))) => {
                self.with_call(id, out, |call| {
                    call.away_until = None;
                    if let CallState::Offered { answered, .. } = &mut call.state {
                        *answered = true;
                    }
                })?;
                self.tell_adviser(&to, offer, ToLender::Accept, now, out)
            }
            (Report::Answered, CallState::Connected { .. }, _) => self.with_call(id, out, |call| {
                if let CallState::Connected { confirmed, .. } = &mut call.state {
                    *confirmed = true;
                }
            }),
            (
                Report::NoAnswer { address, .. },
                CallState::Offered { .. } | CallState::Connected { confirmed: false, .. },
                Some((offer, by)),
            ) if address.as_ref().is_none_or(|address| **address == *by.address) => {
                self.uncount_answer(id);
                self.with_call(id, out, wait_again)?;
                self.tell_adviser(&by, offer, ToLender::NoAnswer, now, out)
            }
            (Report::Away { until }, ..) => self.away(id, *until, out),
            (Report::CallbackRequested, CallState::Waiting { .. } | CallState::Offered { .. }, _) => {
                self.leave(id, How::Diverted(ReleaseReason::CallbackRequested), now, out)
            }
            (Report::Abandoned | Report::Ended, CallState::Waiting { .. } | CallState::Offered { .. }, _)
            | (Report::Abandoned, CallState::Connected { confirmed: false, .. }, _) => {
                self.uncount_answer(id);
                self.leave(id, How::Abandoned, now, out)
            }
            (Report::Ended | Report::Abandoned, CallState::Connected { .. }, Some((offer, by))) => {
                self.talk_ended(id, offer, now, out)?;
                self.tell_adviser(&by, offer, ToLender::TalkEnded, now, out)
            }
            _ => Ok(()),
        }
    }

    /// What an adviser's floor says about a call kept here. A message about an offer that is over changes nothing.
    pub(super) fn hear_lender(&mut self, message: ToHost, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match message {
            ToHost::Lent { call, by, lease } => {
                let (offer, to) = (lease.offer, by.clone());
                match self.calls.get(&call) {
                    Some(found) if can_be_lent(found, &by.site) => {
                        let take_back_at = Some(later(lease.expires_at, TAKE_BACK_AFTER));
                        self.with_call(call, out, |call| {
                            call.state = CallState::Offered { offer, to, take_back_at, answered: false };
                        })?;
                        self.tell_adviser(&by, offer, ToLender::Confirm, now, out)?;
                        if by.ring_when_offered {
                            out.instruct(call, Instruction::Connect { by });
                        }
                    }
                    Some(found) if found.is_with(offer) => {}
                    _ => self.tell_adviser(&by, offer, ToLender::Withdraw, now, out)?,
                }
                Ok(())
            }
            ToHost::Accepted { call, offer, by } => match self.calls.get(&call) {
                Some(found) if found.is_with(offer) => self.connect(call, offer, now, out),
                _ => self.tell_adviser(&by, offer, ToLender::Withdraw, now, out),
            },
            ToHost::Returned { call, offer } => match self.calls.get(&call) {
                Some(found) if found.is_with(offer) && found.is_waiting() => self.with_call(call, out, wait_again),
                _ => Ok(()),
            },
            ToHost::TalkEnded { call, offer } => self.talk_ended(call, offer, now, out),
            ToHost::Passed { call, offer, to, screen } => self.passed_on(call, offer, to, screen, now, out),
            ToHost::WrappedUp { call, offer, wrap_up_ms, outcome } => {
                // Messages may overtake each other: wrapped up means that the talk is over.
                self.talk_ended(call, offer, now, out)?;
                self.wrapped_up(call, offer, wrap_up_ms, outcome, out)
            }
        }
    }

    pub(super) fn connect(&mut self, id: CallId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let answered = self.with_call(id, out, |call| {
            let CallState::Offered { to, answered, .. } = &call.state else { return None };
            let (by, confirmed) = (to.clone(), *answered);
            call.state = CallState::Connected { offer, by: by.clone(), answered_at: now, confirmed };
            Some((by, call.card.entered_at, call.earlier.is_some()))
        })?;
        let Some((by, entered_at, counted)) = answered else { return Ok(()) };
        fault::place();
        if !counted {
            let wait_ms = elapsed_ms(entered_at, now);
            self.count_answer(entered_at, wait_ms, by.site != self.site);
            self.pace.record_wait(wait_ms, false);
        }
        if !by.ring_when_offered {
            out.instruct(id, Instruction::Connect { by });
        }
        Ok(())
    }

    fn count_answer(&mut self, entered_at: DateTime<Utc>, wait_ms: u64, overflowed: bool) {
        let in_target = u64::from(self.in_target(wait_ms));
        if entered_at >= self.half_hour.start {
            self.half_hour.waits_ms.push(wait_ms);
        }
        self.count(entered_at, |figures| {
            figures.answered += 1;
            figures.wait_ms += wait_ms;
            figures.answered_in_target += in_target;
            figures.overflowed += u64::from(overflowed);
        });
    }

    /// Counts something about a call in the sums, and in its half-hour while that lasts.
    fn count(&mut self, entered_at: DateTime<Utc>, change: impl Fn(&mut Figures)) {
        change(&mut self.figures);
        if entered_at >= self.half_hour.start {
            change(&mut self.half_hour.figures);
        }
    }

    fn in_target(&self, wait_ms: u64) -> bool {
        i64::try_from(wait_ms).is_ok_and(|wait_ms| wait_ms <= self.settings.answer_target.num_milliseconds())
    }

    /// A connection that never came about is no answer after all.
    fn uncount_answer(&mut self, id: CallId) {
        let Some(Call { card, state: CallState::Connected { by, answered_at, .. }, earlier: None, .. }) =
            self.calls.get(&id)
        else {
            return;
        };
        let (entered_at, wait_ms) = (card.entered_at, elapsed_ms(card.entered_at, *answered_at));
        let overflowed = u64::from(by.site != self.site);
        let in_target = u64::from(self.in_target(wait_ms));
        if entered_at >= self.half_hour.start
            && let Some(place) = self.half_hour.waits_ms.iter().rposition(|wait| *wait == wait_ms)
        {
            self.half_hour.waits_ms.swap_remove(place);
        }
        self.count(entered_at, |figures| {
            // Not below nothing: a half-hour may have begun, or a panic have swallowed the count.
            figures.answered = figures.answered.saturating_sub(1);
            figures.wait_ms = figures.wait_ms.saturating_sub(wait_ms);
            figures.answered_in_target = figures.answered_in_target.saturating_sub(in_target);
            figures.overflowed = figures.overflowed.saturating_sub(overflowed);
        });
    }

    pub(super) fn talk_ended(
        &mut self,
        id: CallId,
        offer: OfferId,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        // This word may overtake the one that the offer was taken; then it says that as well.
        if self.calls.get(&id).is_some_and(|call| call.is_with(offer) && call.is_waiting()) {
            self.connect(id, offer, now, out)?;
        }
        let Some(Call { state: CallState::Connected { offer: current, by, answered_at, .. }, .. }) =
            self.calls.get(&id)
        else {
            return Ok(());
        };
        if *current != offer {
            return Ok(());
        }
        let state = CallState::Ended { offer, by: by.clone(), answered_at: *answered_at, ended_at: now };
        self.with_call(id, out, |call| call.state = state)?;
        out.instruct(id, Instruction::Release(ReleaseReason::Ended));
        Ok(())
    }

    pub(super) fn wrapped_up(
        &mut self,
        id: CallId,
        offer: OfferId,
        wrap_up_ms: u64,
        outcome: Option<String>,
        out: &mut Outbox,
    ) -> Result<()> {
        let Some(Call { state: CallState::Ended { offer: current, .. }, .. }) = self.calls.get(&id) else {
            return Ok(());
        };
        if *current != offer {
            return Ok(());
        }
        let call = self.remove_call(id, out)?;
        let CallState::Ended { by, answered_at, ended_at, .. } = &call.state else {
            return Err(Error::internal("an ended call was something else when it was removed"));
        };
        let talk_ms = elapsed_ms(*answered_at, *ended_at);
        self.pace.record(talk_ms + wrap_up_ms);
        let first = Earlier { by: by.clone(), answered_at: *answered_at, talk_ms: 0, passes: 0 };
        let before = call.earlier.as_deref().cloned().unwrap_or(first);
        out.effects.push(Effect::CallFinished(Box::new(CallRecord {
            wait_ms: elapsed_ms(call.card.entered_at, before.answered_at),
            card: call.card,
            how: How::Answered,
            handled_by: Some(before.by),
            answered_at: Some(before.answered_at),
            ended_at: *ended_at,
            talk_ms: before.talk_ms + talk_ms,
            wrap_up_ms,
            outcome,
            estimated_wait_ms: call.estimated_wait_ms,
            passes: before.passes,
        })));
        Ok(())
    }

    /// The call leaves from the queue or from an offer. One that was answered and passed on has been counted already.
    pub(super) fn leave(&mut self, id: CallId, how: How, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let call = self.remove_call(id, out)?;
        let entered_at = call.card.entered_at;
        let wait_ms = elapsed_ms(entered_at, now);
        let reason = match how {
            How::Answered => return Err(Error::internal("an answered call leaves by its wrap-up")),
            How::Abandoned => ReleaseReason::Abandoned,
            How::Diverted(reason) => reason,
        };
        if call.earlier.is_none() {
            self.pace.record_wait(wait_ms, how == How::Abandoned);
        }
        match how {
            _ if call.earlier.is_some() => {}
            How::Diverted(_) => self.count(entered_at, |figures| figures.diverted += 1),
            How::Abandoned | How::Answered => {
                let short = self.settings.short_abandon.num_milliseconds();
                let short = u64::from(i64::try_from(wait_ms).is_ok_and(|wait| wait <= short));
                self.count(entered_at, |figures| {
                    figures.abandoned += 1;
                    figures.short_abandons += short;
                });
            }
        }
        out.instruct(id, Instruction::Release(reason));
        if let Some((offer, to)) = call.with() {
            self.tell_adviser(to, offer, ToLender::Withdraw, now, out)?;
        }
        if how == How::Abandoned && call.card.caller.is_some() {
            out.trunk_requests.push(TrunkRequest::GaveUp { card: call.card.clone() });
        }
        let before = call.earlier.as_deref();
        out.effects.push(Effect::CallFinished(Box::new(CallRecord {
            how: if before.is_some() { How::Answered } else { how },
            handled_by: before.map(|before| before.by.clone()),
            answered_at: before.map(|before| before.answered_at),
            ended_at: now,
            wait_ms: before.map_or(wait_ms, |before| elapsed_ms(entered_at, before.answered_at)),
            talk_ms: before.map_or(0, |before| before.talk_ms),
            wrap_up_ms: 0,
            outcome: before.map(|_| reason.name().to_owned()),
            estimated_wait_ms: call.estimated_wait_ms,
            passes: before.map_or(0, |before| before.passes),
            card: call.card,
        })));
        Ok(())
    }

    /// Tells the adviser who has a call of this floor, here or at another site.
    fn tell_adviser(
        &mut self,
        to: &AdviserCard,
        offer: OfferId,
        message: ToLender,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        fault::place();
        if to.site == self.site {
            return self.hear_host(to.id, offer, message, now, out);
        }
        Self::tell_adviser_elsewhere(to, offer, message, out);
        Ok(())
    }

    fn tell_adviser_elsewhere(to: &AdviserCard, offer: OfferId, message: ToLender, out: &mut Outbox) {
        out.trunk_requests.push(TrunkRequest::TellLender { lender: to.site.clone(), adviser: to.id, offer, message });
    }
}

/// It waits, and may go to an adviser of this site.
fn can_be_lent(call: &Call, site: &SiteId) -> bool {
    matches!(call.state, CallState::Waiting { .. })
        && call.away_until.is_none()
        && call.only_site.as_ref().is_none_or(|only| only == site)
}

/// The call goes back to its place in the queue, which is the head of those that came after it.
fn wait_again(call: &mut Call) {
    call.state = CallState::Waiting { overflow: Overflow::Undecided };
}

#[cfg(test)]
mod tests;
