//! How a call ends: after a conversation, from the queue, or because the process does. Each leaves one record.

use super::{Effect, Floor, Outbox, TrunkRequest};
use crate::call::{Call, CallRecord, CallState, Earlier, How, Instruction, ReleaseReason, elapsed_ms};
use crate::journal::JournalEntry;
use crate::trunk::ToLender;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId};

impl Floor {
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
        out.effects.push(Effect::UnderWay(JournalEntry::TalkEnded { call: id, at: now }));
        out.instruct(id, Instruction::Release(ReleaseReason::Ended));
        Ok(())
    }

    pub(super) fn wrapped_up(
        &mut self,
        id: CallId,
        offer: OfferId,
        wrap_up_ms: u64,
        outcome: Option<String>,
        unfinished: bool,
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
        let first = Earlier { by: by.clone(), answered_at: *answered_at, passed_at: *ended_at, talk_ms: 0, passes: 0 };
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
            gave_up_after_ms: None,
            unfinished,
        })));
        Ok(())
    }

    /// Records every call that is still here: a conversation counts as answered with what was talked so far, and goes on
    /// at its telephones without us.
    pub(super) fn close(&mut self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let is_told = |call: &Call| call.sent_on.is_none() || !call.is_unconfirmed();
        let calls: Vec<_> =
            self.calls.values().map(|call| (call.card.call, call.state.clone(), is_told(call))).collect();
        for (id, state, is_told) in calls {
            match state {
                CallState::Waiting { .. } | CallState::Offered { .. } => {
                    self.leave(id, How::Diverted(ReleaseReason::Stopping), now, out)?;
                }
                // Their telephone rings: what comes of it is told to whoever is there then.
                CallState::Connected { .. } if !is_told => {
                    self.uncount_answer(id, out);
                    self.leave(id, How::Diverted(ReleaseReason::Stopping), now, out)?;
                }
                CallState::Connected { offer, by, .. } => {
                    self.talk_ended(id, offer, now, out)?;
                    self.tell_adviser(&by, offer, ToLender::TalkEnded, now, out)?;
                    self.wrapped_up(id, offer, 0, None, true, out)?;
                }
                CallState::Ended { offer, ended_at, .. } => {
                    self.wrapped_up(id, offer, elapsed_ms(ended_at, now), None, false, out)?;
                }
            }
        }
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
        let gave_up_after_ms =
            (how == How::Abandoned).then(|| before.map_or(wait_ms, |b| elapsed_ms(b.passed_at, now)));
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
            gave_up_after_ms,
            // They are still on the line, and their switch asks elsewhere or says what became of them.
            unfinished: how == How::Diverted(ReleaseReason::Stopping) && before.is_none(),
            card: call.card,
        })));
        Ok(())
    }
}
