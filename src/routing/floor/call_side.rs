//! What happens to the calls a floor keeps: they enter, wait, are offered and connected, here or at another site,
//! and end. A call is kept by one floor from entering to its record, whoever answers it.

use super::fault;
use super::{Effect, EnterCall, Floor, Opening, Outbox, TrunkRequest, later};
use crate::adviser_card::AdviserCard;
use crate::call::{
    Announcement, Call, CallCard, CallState, How, Instruction, Overflow, QueueKey, ReleaseReason, Report, elapsed_ms,
};
use crate::journal::JournalEntry;
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
        if !matches!(call.opening, Opening::Closed { .. }) {
            out.effects.push(Effect::UnderWay(JournalEntry::Entered(card.clone())));
        }
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
    pub(super) fn take_back(&mut self, id: CallId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let with = self.calls.get(&id).and_then(Call::with).map(|(offer, to)| (offer, to.clone()));
        self.with_call(id, out, |call| wait_again(call, now))?;
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
        out.effects.push(Effect::UnderWay(JournalEntry::Entered(card.clone())));
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
        let is_theirs = |by: &AdviserCard| match &report {
            Report::AnsweredAt { address } => by.has_telephone(address),
            Report::NoAnswer { address, .. } | Report::Unreachable { address } => {
                address.as_ref().is_none_or(|address| by.has_telephone(address))
            }
            _ => true,
        };
        match (&report, &call.state, with) {
            (Report::Answered | Report::AnsweredAt { .. }, CallState::Offered { .. }, Some((offer, to)))
                if is_theirs(&to) =>
            {
                self.with_call(id, out, |call| {
                    call.away_until = None;
                    if let CallState::Offered { answered, .. } = &mut call.state {
                        *answered = true;
                    }
                })?;
                self.tell_adviser(&to, offer, ToLender::Accept, now, out)
            }
            (Report::Answered | Report::AnsweredAt { .. }, CallState::Connected { .. }, Some((_, by)))
                if is_theirs(&by) =>
            {
                let by = by.clone();
                let first_time = self.with_call(id, out, |call| {
                    call.away_until = None;
                    match &mut call.state {
                        CallState::Connected { confirmed, answered_at, .. } if !*confirmed => {
                            *confirmed = true;
                            (call.sent_on.is_some() && call.earlier.is_none()).then_some(*answered_at)
                        }
                        _ => None,
                    }
                })?;
                if let Some(at) = first_time {
                    out.effects.push(Effect::UnderWay(JournalEntry::Answered { call: id, by, at }));
                }
                Ok(())
            }
            // Somebody talks with the caller, and it is nobody whom we know to.
            (
                Report::AnsweredAt { .. } | Report::AnsweredElsewhere,
                CallState::Waiting { .. } | CallState::Offered { .. } | CallState::Connected { confirmed: false, .. },
                _,
            ) => {
                self.uncount_answer(id, out);
                self.leave(id, How::Diverted(ReleaseReason::AnsweredElsewhere), now, out)
            }
            (
                Report::NoAnswer { .. } | Report::Unreachable { .. },
                CallState::Offered { .. } | CallState::Connected { confirmed: false, .. },
                Some((offer, by)),
            ) if is_theirs(&by) => {
                let reached = matches!(report, Report::NoAnswer { .. });
                self.uncount_answer(id, out);
                self.with_call(id, out, |call| wait_again(call, now))?;
                let message = if reached { ToLender::NoAnswer } else { ToLender::Unreachable };
                self.tell_adviser(&by, offer, message, now, out)
            }
            (
                Report::SentOn { within },
                CallState::Offered { .. } | CallState::Connected { confirmed: false, .. },
                _,
            ) => {
                let within = *within;
                // What an adviser has taken is not answered yet, and only the switch can say whether it was.
                if let CallState::Connected { answered_at: at, .. } = call.state
                    && call.earlier.is_none()
                {
                    out.effects.push(Effect::UnderWay(JournalEntry::NotAnswered { call: id, at }));
                }
                self.with_call(id, out, |call| call.was_sent_on(within, now))
            }
            // The switch rings that telephone no more.
            (
                Report::Away { until },
                CallState::Offered { .. } | CallState::Connected { confirmed: false, .. },
                Some((offer, by)),
            ) if call.sent_on.is_some() => {
                let until = *until;
                self.uncount_answer(id, out);
                self.with_call(id, out, |call| {
                    wait_again(call, now);
                    call.away_until = Some(until);
                })?;
                self.tell_adviser(&by, offer, ToLender::Withdraw, now, out)
            }
            (Report::Away { until }, ..) => self.away(id, *until, now, out),
            (Report::CallbackRequested, CallState::Waiting { .. } | CallState::Offered { .. }, _) => {
                self.leave(id, How::Diverted(ReleaseReason::CallbackRequested), now, out)
            }
            (Report::Abandoned | Report::Ended, CallState::Waiting { .. } | CallState::Offered { .. }, _)
            | (Report::Abandoned, CallState::Connected { confirmed: false, .. }, _) => {
                self.uncount_answer(id, out);
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
                Some(found) if found.is_with(offer) && found.is_waiting() => {
                    self.with_call(call, out, |call| wait_again(call, now))
                }
                _ => Ok(()),
            },
            ToHost::TalkEnded { call, offer } => self.talk_ended(call, offer, now, out),
            ToHost::Passed { call, offer, to, screen } => self.passed_on(call, offer, to, screen, now, out),
            ToHost::WrappedUp { call, offer, wrap_up_ms, outcome } => {
                // Messages may overtake each other: wrapped up means that the talk is over.
                self.talk_ended(call, offer, now, out)?;
                self.wrapped_up(call, offer, wrap_up_ms, outcome, false, out)
            }
        }
    }

    pub(super) fn connect(&mut self, id: CallId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let answered = self.with_call(id, out, |call| {
            let CallState::Offered { to, answered, .. } = &call.state else { return None };
            let (by, confirmed) = (to.clone(), *answered);
            call.state = CallState::Connected { offer, by: by.clone(), answered_at: now, confirmed };
            call.offer_kept_until = None;
            if let Some(within) = call.sent_on.filter(|_| !confirmed) {
                call.was_sent_on(within, now);
            }
            Some((by, call.card.entered_at, call.earlier.is_some()))
        })?;
        let Some((by, entered_at, counted)) = answered else { return Ok(()) };
        fault::place();
        if !counted {
            let wait_ms = elapsed_ms(entered_at, now);
            out.effects.push(Effect::UnderWay(JournalEntry::Answered { call: id, by: by.clone(), at: now }));
            self.count_answer(entered_at, wait_ms, by.site != self.site);
            self.pace.record_wait(wait_ms, false);
        }
        if !by.ring_when_offered {
            out.instruct(id, Instruction::Connect { by });
        }
        Ok(())
    }

    /// Tells the adviser who has a call of this floor, here or at another site.
    pub(super) fn tell_adviser(
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

/// The call goes back to its place in the queue, which is the head of those that came after it. While no switch asks for it
/// nobody is offered it: the caller may have gone.
pub(super) fn wait_again(call: &mut Call, now: DateTime<Utc>) {
    call.state = CallState::Waiting { overflow: Overflow::Undecided };
    call.offer_kept_until = None;
    call.away_until = call.sent_on.take().map_or(call.away_until, |within| Some(later(now, within)));
}

#[cfg(test)]
mod tests;
