//! What happens to the calls a floor keeps: they enter, wait, are offered and connected, here or at another site,
//! and end. A call is kept by one floor from entering to its record, whoever answers it.

use super::{Effect, EnterCall, Errand, Floor, Opening, Outbox, later};
use crate::error::{Error, Result};
use crate::ids::{CallId, OfferId, SiteId, UserId};
use crate::routing::adviser::AdviserCard;
use crate::routing::call::{
    Call, CallCard, CallRecord, CallState, How, Overflow, QueueKey, Reason, Report, elapsed_ms,
};
use crate::routing::trunk::{TAKE_BACK_AFTER, ToHost, ToLender};
use chrono::{DateTime, Utc};
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
        self.figures.entered += 1;
        let key = QueueKey { priority: call.priority, entered_at: now, turn: self.next_turn() };
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
            entered_at: now,
        });
        let state = CallState::Waiting { overflow: Overflow::Undecided };
        self.calls.insert(id, Call { card, key, state });
        self.requeue(id, None, Some(key));
        if let Opening::Closed { next } = call.opening {
            out.effects.push(Effect::Announce { call: id, name: "closed", text: next });
            self.leave(id, How::Diverted(Reason::Closed), now, out)?;
        }
        Ok(())
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
        let offer = self.next_offer();
        let expires_at = later(now, self.settings.offer_for);
        let card = self.with_call(call, out, |call| {
            call.state = CallState::Offered { offer, to, take_back_at: None };
            call.card.clone()
        })?;
        self.with_adviser(adviser, out, |adviser| adviser.offer(offer, card, expires_at, true))?;
        out.effects.push(Effect::Offer { offer, adviser, call, expires_at });
        Ok(())
    }

    /// Decides for the calls that the event just applied put into the queue, and that are still there, when another
    /// site may take them.
    pub(super) fn settle_waiting(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let mut undecided = std::mem::take(&mut self.newly_waiting);
        if !self.taking_calls {
            undecided.clear();
            undecided.extend(self.waiting.values());
            for call in undecided.drain(..) {
                self.leave(call, How::Diverted(Reason::Stopping), now, out)?;
            }
        }
        if std::mem::take(&mut self.deserted) && self.staffed == 0 {
            undecided.extend(self.waiting.values());
        }
        for call in undecided.drain(..) {
            self.decide_overflow(call, now, out)?;
        }
        self.newly_waiting = undecided;
        Ok(())
    }

    fn decide_overflow(&mut self, id: CallId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(Call { card, key, state: CallState::Waiting { overflow } }) = self.calls.get(&id) else {
            return Ok(());
        };
        let (key, was) = (*key, *overflow);
        let due = later(card.entered_at, self.settings.overflow_after);
        if was == Overflow::Undecided {
            let position = self.position(key);
            let estimated_wait = self.pace.estimated_wait(position, self.staffed);
            out.effects.push(Effect::Queued { call: id, position, estimated_wait });
        }
        let overflow = if was == Overflow::Seeking || due <= now || self.staffed == 0 {
            Overflow::Seeking
        } else {
            Overflow::NotBefore(due)
        };
        self.with_call(id, out, |call| call.state = CallState::Waiting { overflow })
    }

    /// A waiting call's position, from 1. Quick for the head and the tail, which is where calls come in.
    pub(super) fn position(&self, key: QueueKey) -> usize {
        match self.waiting.last_key_value() {
            Some((last, _)) if *last == key => self.waiting.len(),
            _ => self.waiting.range(..=key).count(),
        }
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

    pub(super) fn set_home(&mut self, id: CallId, home: SiteId) -> Result<()> {
        if self.finished.contains(&id) {
            return Err(Error::illegal("CALL_OVER", "the call is over and its record is written"));
        }
        let call = self.calls.get_mut(&id).ok_or_else(|| Error::not_found(CallId::WHAT, id))?;
        let card = Arc::make_mut(&mut call.card);
        card.home = Some(home);
        card.ask_postcode = false;
        Ok(())
    }

    pub(super) fn report(&mut self, id: CallId, report: Report, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(call) = self.calls.get(&id) else {
            return if self.finished.contains(&id) { Ok(()) } else { Err(Error::not_found(CallId::WHAT, id)) };
        };
        let with = call.with().map(|(offer, by)| (offer, by.clone()));
        match (&report, &call.state, with) {
            (Report::Answered, CallState::Offered { .. }, Some((offer, to))) => {
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
                    Some(found) if found.queued().is_some() => {
                        let take_back_at = Some(later(lease.expires_at, TAKE_BACK_AFTER));
                        self.with_call(call, out, |call| {
                            call.state = CallState::Offered { offer, to, take_back_at };
                        })?;
                        self.tell_adviser(&by, offer, ToLender::Confirm, now, out)?;
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
                Some(found) if found.is_with(offer) && found.counts_as_waiting() => {
                    self.with_call(call, out, wait_again)
                }
                _ => Ok(()),
            },
            ToHost::TalkEnded { call, offer } => self.talk_ended(call, offer, now, out),
            ToHost::WrappedUp { call, offer, wrap_up_ms, outcome } => {
                // Messages may overtake each other: wrapped up means that the talk is over.
                self.talk_ended(call, offer, now, out)?;
                self.wrapped_up(call, offer, wrap_up_ms, outcome, out)
            }
        }
    }

    fn connect(&mut self, id: CallId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let answered = self.with_call(id, out, |call| {
            let CallState::Offered { to, .. } = &call.state else { return None };
            let by = to.clone();
            call.state = CallState::Connected { offer, by: by.clone(), answered_at: now, confirmed: false };
            Some((by, elapsed_ms(call.card.entered_at, now)))
        })?;
        if let Some((by, wait_ms)) = answered {
            self.figures.answered += 1;
            self.figures.wait_ms += wait_ms;
            self.figures.answered_in_target += u64::from(self.in_target(wait_ms));
            self.figures.overflowed += u64::from(by.site != self.site);
            self.pace.record_wait(wait_ms, false);
            out.effects.push(Effect::Connect { call: id, by });
        }
        Ok(())
    }

    fn in_target(&self, wait_ms: u64) -> bool {
        i64::try_from(wait_ms).is_ok_and(|wait_ms| wait_ms <= self.settings.answer_target.num_milliseconds())
    }

    /// A connection that never came about is no answer after all.
    fn uncount_answer(&mut self, id: CallId) {
        let Some(Call { card, state: CallState::Connected { by, answered_at, .. }, .. }) = self.calls.get(&id) else {
            return;
        };
        let wait_ms = elapsed_ms(card.entered_at, *answered_at);
        let overflowed = by.site != self.site;
        self.figures.answered -= 1;
        self.figures.wait_ms -= wait_ms;
        self.figures.answered_in_target -= u64::from(self.in_target(wait_ms));
        self.figures.overflowed -= u64::from(overflowed);
    }

    fn talk_ended(&mut self, id: CallId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        // This word may overtake the one that the offer was taken; then it says that as well.
        if self.calls.get(&id).is_some_and(|call| call.is_with(offer) && call.counts_as_waiting()) {
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
        out.effects.push(Effect::Release { call: id, reason: Reason::Ended });
        Ok(())
    }

    fn wrapped_up(
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
        let Call { card, state: CallState::Ended { by, answered_at, ended_at, .. }, .. } = self.remove_call(id, out)?
        else {
            return Err(Error::internal("an ended call was something else when it was removed"));
        };
        let talk_ms = elapsed_ms(answered_at, ended_at);
        self.pace.record(talk_ms + wrap_up_ms);
        out.effects.push(Effect::CallFinished(Box::new(CallRecord {
            estimated_wait_ms: None,
            passes: 0,
            wait_ms: elapsed_ms(card.entered_at, answered_at),
            card,
            how: How::Answered,
            handled_by: Some(by),
            answered_at: Some(answered_at),
            ended_at,
            talk_ms,
            wrap_up_ms,
            outcome,
        })));
        Ok(())
    }

    /// The call leaves without having been answered.
    fn leave(&mut self, id: CallId, how: How, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let call = self.remove_call(id, out)?;
        let wait_ms = elapsed_ms(call.card.entered_at, now);
        self.pace.record_wait(wait_ms, how == How::Abandoned);
        let reason = match how {
            How::Answered => return Err(Error::internal("an answered call leaves by its wrap-up")),
            How::Abandoned => {
                let short = self.settings.short_abandon.num_milliseconds();
                self.figures.abandoned += 1;
                self.figures.short_abandons += u64::from(i64::try_from(wait_ms).is_ok_and(|wait| wait <= short));
                Reason::Abandoned
            }
            How::Diverted(reason) => {
                self.figures.diverted += 1;
                reason
            }
        };
        out.effects.push(Effect::Release { call: id, reason });
        if let Some((offer, to)) = call.with() {
            self.tell_adviser(to, offer, ToLender::Withdraw, now, out)?;
        }
        out.effects.push(Effect::CallFinished(Box::new(CallRecord {
            estimated_wait_ms: None,
            passes: 0,
            card: call.card,
            how,
            handled_by: None,
            answered_at: None,
            ended_at: now,
            wait_ms,
            talk_ms: 0,
            wrap_up_ms: 0,
            outcome: None,
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
        if to.site == self.site {
            return self.hear_host(to.id, offer, message, now, out);
        }
        Self::tell_adviser_elsewhere(to, offer, message, out);
        Ok(())
    }

    fn tell_adviser_elsewhere(to: &AdviserCard, offer: OfferId, message: ToLender, out: &mut Outbox) {
        out.errands.push(Errand::TellLender { lender: to.site.clone(), adviser: to.id, offer, message });
    }
}

/// The call goes back to its place in the queue, which is the head of those that came after it.
fn wait_again(call: &mut Call) {
    call.state = CallState::Waiting { overflow: Overflow::Undecided };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SiteId;
    use crate::routing::call::Priority;
    use crate::routing::floor::{Event, SiteSettings};
    use crate::routing::trunk::Lease;
    use chrono::TimeDelta;
    use uuid::Uuid;

    const CALL: CallId = CallId(Uuid::from_u64_pair(2, 1));
    const OFFER: OfferId = OfferId(Uuid::from_u64_pair(4, 1));

    /// A floor without advisers whose only call is offered to somebody at gwent.
    fn floor_with_a_lent_adviser(now: DateTime<Utc>) -> (Floor, Arc<AdviserCard>) {
        let mut floor = Floor::new(SiteSettings::new("somerset".into()), 1);
        let enter = EnterCall {
            call: CALL,
            switch_call_id: "switch-1".into(),
            caller: None,
            dialled: String::new(),
            home: Some("somerset".into()),
            place: None,
            priority: Priority::Normal,
            opening: Opening::Open,
        };
        floor.apply(Event::Enter(enter), now, &mut Outbox::default()).unwrap();
        let id = UserId(Uuid::from_u64_pair(1, 9));
        let by = AdviserCard { id, name: "Nia".into(), address: "sip:9".into(), site: SiteId::new("gwent") };
        let by = Arc::new(by);
        let lease = Lease { offer: OFFER, expires_at: now + TimeDelta::seconds(15) };
        tell(&mut floor, ToHost::Lent { call: CALL, by: by.clone(), lease }, now);
        (floor, by)
    }

    fn tell(floor: &mut Floor, message: ToHost, now: DateTime<Utc>) -> Outbox {
        let mut out = Outbox::default();
        floor.apply(Event::FromLender(message), now, &mut out).unwrap();
        floor.check_invariants().unwrap();
        out
    }

    #[test]
    fn word_from_the_lender_may_come_in_any_order() {
        let now = DateTime::from_timestamp(986_040_000, 0).unwrap();
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (mut floor, by) = floor_with_a_lent_adviser(now);
            let messages = [
                ToHost::Accepted { call: CALL, offer: OFFER, by },
                ToHost::TalkEnded { call: CALL, offer: OFFER },
                ToHost::WrappedUp { call: CALL, offer: OFFER, wrap_up_ms: 7, outcome: Some("booked".into()) },
            ];
            let mut said = Vec::new();
            for message in order {
                said.extend(tell(&mut floor, messages[message].clone(), now).effects);
            }
            let records: Vec<_> = said
                .iter()
                .filter(|effect| matches!(effect, Effect::CallFinished(r) if r.how == How::Answered))
                .collect();
            assert_eq!((records.len(), floor.figures().answered, floor.figures().waiting()), (1, 1, 0), "{order:?}");
        }
    }

    #[test]
    fn a_lender_who_falls_silent_loses_the_call_shortly_after_the_lease() {
        let now = DateTime::from_timestamp(986_040_000, 0).unwrap();
        let (mut floor, by) = floor_with_a_lent_adviser(now);
        let due = now + TimeDelta::seconds(15) + TAKE_BACK_AFTER;
        assert_eq!(floor.next_deadline(), Some(due));
        let mut out = Outbox::default();
        floor.apply(Event::Tick, due, &mut out).unwrap();
        assert_eq!(floor.call_view(CALL).unwrap().position, Some(1));
        // Their late word is refused, so that the adviser is free again.
        let refusal = tell(&mut floor, ToHost::Accepted { call: CALL, offer: OFFER, by: by.clone() }, due).errands;
        let withdraw = ToLender::Withdraw;
        let expected = Errand::TellLender { lender: by.site.clone(), adviser: by.id, offer: OFFER, message: withdraw };
        assert_eq!(refusal, [expected]);
    }
}
