//! After a panic in the middle of an event. The states of advisers and calls are what is true; what the event left half
//! done between them is brought to one of its ends. At worst the call that it was about is let go, and counts for nothing.

use super::{Floor, IndexKeys, OfferEnd, Outbox, Ranks, call_deadline};
use crate::adviser::{Held, State};
use crate::call::{Call, CallState, Overflow};
use crate::trunk::{ToLender, TrunkRequest};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallId, OfferId, UserId};

impl Floor {
    /// Makes every index anew from the states. The rest is seen to by the next event.
    pub fn mend_indexes(&mut self) {
        self.torn = true;
        self.newly_waiting.clear();
        self.newly_free.clear();
        self.deserted = false;
        self.make_indexes();
    }

    /// Who is free, who waits and what is due, from the states of advisers and calls.
    pub(super) fn make_indexes(&mut self) {
        (self.free, self.waiting) = (Ranks::default(), Ranks::default());
        self.deadlines.clear();
        self.staffed.clear();
        (self.kept, self.duty.on_duty, self.duty.handling) = (0, 0, 0);
        for (id, adviser) in &self.advisers {
            let index_keys = IndexKeys::of(adviser);
            if let Some(place) = index_keys.free {
                self.free.insert(index_keys.skills, place, *id);
            }
            self.deadlines.extend(index_keys.deadlines().into_iter().flatten());
            match self.staffed.iter_mut().find(|(skills, _)| *skills == index_keys.skills) {
                Some((_, number)) => *number += usize::from(index_keys.staffing),
                None => self.staffed.push((index_keys.skills, usize::from(index_keys.staffing))),
            }
            self.kept += usize::from(index_keys.kept);
            self.duty.on_duty += u64::from(index_keys.on_duty);
            self.duty.handling += u64::from(index_keys.handling);
        }
        for (id, call) in &self.calls {
            if let Some((needs, key)) = call.queued() {
                self.waiting.insert(needs, key, *id);
            }
            self.deadlines.extend(call_deadline(call));
        }
    }

    /// Brings both ends of everything that is held here together again, and looks after everybody anew.
    pub(super) fn mend(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        self.torn = false;
        let waiting = self.calls.values().filter(|call| call.counts_as_waiting()).count() as u64;
        self.figures.entered = self.figures.answered + self.figures.abandoned + self.figures.diverted + waiting;
        let held: Vec<_> =
            self.advisers.iter().filter_map(|(id, adviser)| Some((*id, of_this_site(&adviser.state, self)?))).collect();
        for (id, held) in held {
            self.mend_adviser(id, &held, now, out)?;
        }
        let alone: Vec<_> = self.calls.values().filter_map(|call| self.adviser_let_go(call)).collect();
        for (call, offer, waits) in alone {
            if waits {
                self.with_call(call, out, |call| call.state = CallState::Waiting { overflow: Overflow::Undecided })?;
            } else {
                self.talk_ended(call, offer, now, out)?;
                self.wrapped_up(call, offer, 0, None, false, out)?;
            }
        }
        for call in self.calls.values().filter(|call| matches!(call.state, CallState::Waiting { .. })) {
            self.newly_waiting.push(call.card.call);
            let (card, only_site) = (call.card.clone(), call.only_site.clone());
            let seeks = call.is_seeking();
            out.trunk_requests.push(if seeks {
                TrunkRequest::SeekOverflow { card, only_site }
            } else {
                TrunkRequest::StopSeeking { card }
            });
        }
        self.newly_free.extend(self.free.heads().map(|(skills, ..)| skills));
        Ok(())
    }

    /// The adviser's end is the newer one when a talk began, the call's when it ended.
    fn mend_adviser(&mut self, id: UserId, held: &Held, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let (call, offer) = (held.card.call, held.offer);
        let Some(adviser) = self.advisers.get(&id) else { return Ok(()) };
        let at_call = self.calls.get(&call).filter(|call| call.is_with(offer)).map(|call| &call.state);
        match (&adviser.state, at_call) {
            (State::Offered { .. }, Some(CallState::Offered { .. }))
            | (State::OnCall { .. }, Some(CallState::Connected { .. }))
            | (State::WrapUp { .. }, Some(CallState::Ended { .. })) => Ok(()),
            (State::OnCall { .. }, Some(CallState::Offered { .. })) => self.connect(call, offer, now, out),
            (State::OnCall { .. }, Some(CallState::Ended { .. })) => {
                self.hear_host(id, offer, ToLender::TalkEnded, now, out)
            }
            (State::WrapUp { .. }, Some(CallState::Offered { .. } | CallState::Connected { .. })) => {
                self.talk_ended(call, offer, now, out)
            }
            _ => {
                self.with_adviser(id, out, |adviser| Ok(adviser.drop_call(offer, None, now)))?;
                self.offer_ended(id, offer, OfferEnd::Withdrawn, out);
                Ok(())
            }
        }
    }

    /// The call, its offer, and whether it was not answered yet, if an adviser of this site was to have it and has not.
    fn adviser_let_go(&self, call: &Call) -> Option<(CallId, OfferId, bool)> {
        let (offer, by) = call.with()?;
        let alone = by.site == self.site && self.stage_of(by.id, offer).is_none();
        alone.then(|| (call.card.call, offer, call.is_waiting()))
    }
}

/// The call that the adviser holds, if this floor keeps it.
fn of_this_site(state: &State, floor: &Floor) -> Option<Held> {
    match state {
        State::WrapUp { passed: true, .. } | State::Idle { .. } | State::Outbound { .. } => None,
        State::Offered { held, .. } | State::OnCall { held, .. } | State::WrapUp { held, .. } => {
            (held.card.host == floor.site).then(|| held.clone())
        }
    }
}
