//! What happens to a site's advisers, whichever floor keeps the call they hold. What that floor must know is told to
//! it as a message; when it is this one, the message is handled at once. Whether they are there at all is in `presence`.

use super::fault;
use super::{DeskCommand, Effect, Floor, Notice, OfferEnd, Outbox, TrunkRequest, later};
use crate::adviser::{Adviser, State};
use crate::adviser_card::AdviserCard;
use crate::call::{CallCard, elapsed_ms};
use crate::status::{BreakReason, Status, StatusCause};
use crate::trunk::{Lease, Reservation, ToHost, ToLender};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::sync::Arc;

impl Floor {
    pub(super) fn card_of(&self, id: UserId) -> Result<Arc<AdviserCard>> {
        let adviser = self.advisers.get(&id).ok_or_else(|| Error::not_found("adviser on this floor", id))?;
        Ok(adviser.card.clone())
    }

    /// What happens at the desk of one of this site's advisers.
    pub(super) fn desk(
        &mut self,
        id: UserId,
        command: DeskCommand,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        if command.is_said_at_the_desk() {
            let chooses = matches!(command, DeskCommand::SetStatus(_) | DeskCommand::SignOut);
            self.hear(id, chooses, now, out)?;
        }
        match command {
            DeskCommand::StillHere => self.still_here(id, now, out),
            DeskCommand::Spoke => Ok(()),
            DeskCommand::SetStatus(status) => self.set_status(id, status, now, out),
            DeskCommand::SignOut => self.sign_out(id, StatusCause::SignedOut, now, out),
            DeskCommand::Lost => self.desk_lost(id, now, out),
            DeskCommand::Back => self.desk_back(id, now, out),
            DeskCommand::Accept { offer } => self.accept(id, offer, now, out),
            DeskCommand::Decline { offer } => self.decline(id, offer, now, out),
            DeskCommand::EndCall { call } | DeskCommand::HungUp { call } => self.end_call(id, call, now, out),
            DeskCommand::StillTalking { call } => {
                let until = later(now, self.settings.talk_asked_after);
                self.with_adviser(id, out, |adviser| adviser.still_talks(call, until))
            }
            DeskCommand::Free { by, reason, sign_out } => self.free(id, by, reason, sign_out, now, out),
            DeskCommand::FinishWrapUp { call, outcome } => self.finish_wrap_up(id, call, outcome, false, now, out),
            DeskCommand::ExtendWrapUp { call, request } => {
                let (by, limit) = (self.settings.wrap_up_extension, self.settings.wrap_up_extensions);
                self.with_adviser(id, out, |adviser| adviser.extend_wrap_up(call, request, by, limit))
            }
            DeskCommand::Pass { call, to, screen } => self.pass(id, call, to, *screen, now, out),
            DeskCommand::SetCommitment { at } => self.set_commitment(id, at, now, out),
            DeskCommand::StartOutbound { callback } => {
                self.with_adviser(id, out, |adviser| adviser.start_outbound(callback, now))
            }
            DeskCommand::EndOutbound { callback } => {
                let place = self.next_place(now);
                self.with_adviser(id, out, |adviser| {
                    adviser.end_outbound(callback, place);
                    Ok(())
                })
            }
        }
    }

    fn accept(&mut self, id: UserId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let doubted_at = later(now, self.settings.talk_asked_after);
        let Some(held) = self.with_adviser(id, out, |adviser| adviser.accept(offer, now, doubted_at))? else {
            return Ok(());
        };
        self.offer_ended(id, offer, OfferEnd::Answered, out);
        let by = self.card_of(id)?;
        self.tell_host(&held.card.host, ToHost::Accepted { call: held.card.call, offer, by }, now, out)
    }

    /// The adviser will not take this call: it goes back, and they are on a break until they say otherwise.
    fn decline(&mut self, id: UserId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let place = self.next_place(now);
        let held = self.with_adviser(id, out, |adviser| {
            if adviser.declined == Some(offer) {
                return Ok(None);
            }
            let held = adviser.drop_offer(offer, Some(place))?;
            adviser.declined = Some(offer);
            let declined = Status::OnBreak { reason: BreakReason::Declined };
            adviser.status.change(declined, StatusCause::Declined, now);
            Ok(Some(held))
        })?;
        let Some(held) = held else { return Ok(()) };
        self.offer_ended(id, offer, OfferEnd::Declined, out);
        self.tell_host(&held.card.host, ToHost::Returned { call: held.card.call, offer }, now, out)
    }

    pub(super) fn offer_expired(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(held) = self.advisers.get(&id).and_then(Adviser::held) else { return Ok(()) };
        let (offer, card) = (held.offer, held.card.clone());
        self.missed(id, offer, now, out)?;
        self.tell_host(&card.host, ToHost::Returned { call: card.call, offer }, now, out)
    }

    /// Nobody came to the telephone. After too many times in a row nobody is assumed to sit there.
    fn missed(&mut self, id: UserId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let limit = self.settings.missed_limit.max(1);
        let place = self.next_place(now);
        let missed = self.with_adviser(id, out, |adviser| {
            if adviser.drop_call(offer, Some(place), now).is_none() {
                return Ok(None);
            }
            adviser.missed += 1;
            if adviser.missed >= limit && adviser.status.is_available() {
                let missed = Status::OnBreak { reason: BreakReason::MissedOffers };
                adviser.status.change(missed, StatusCause::MissedOffers, now);
                return Ok(Some(Some(adviser.missed)));
            }
            Ok(Some(None))
        })?;
        let Some(put_on_break) = missed else { return Ok(()) };
        self.offer_ended(id, offer, OfferEnd::Missed, out);
        if let Some(missed) = put_on_break {
            out.effects.push(Effect::Notice { adviser: id, notice: Notice::MissedOffers { missed } });
        }
        Ok(())
    }

    /// Their telephone did not ring, so they missed nothing; and it would not ring the next time either.
    fn unreachable(&mut self, id: UserId, offer: OfferId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let place = self.next_place(now);
        let told = self.with_adviser(id, out, |adviser| {
            if adviser.drop_call(offer, Some(place), now).is_none() {
                return Ok(None);
            }
            if adviser.status.means_to_be_available() {
                let unreachable = Status::OnBreak { reason: BreakReason::Unreachable };
                adviser.status.change(unreachable, StatusCause::Unreachable, now);
            }
            Ok(Some(adviser.card.address.clone()))
        })?;
        let Some(address) = told else { return Ok(()) };
        self.offer_ended(id, offer, OfferEnd::Withdrawn, out);
        out.effects.push(Effect::Notice { adviser: id, notice: Notice::Unreachable { address } });
        Ok(())
    }

    fn end_call(&mut self, id: UserId, call: CallId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let ends_at = later(now, self.settings.wrap_up_limit);
        let Some(held) = self.with_adviser(id, out, |adviser| adviser.end_talk(call, now, ends_at))? else {
            return Ok(());
        };
        self.tell_host(&held.card.host, ToHost::TalkEnded { call, offer: held.offer }, now, out)
    }

    /// The conversation has gone on for long. Whoever does not say that it does is taken to have finished.
    pub(super) fn talk_doubted(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let within = self.settings.talk_answer_within;
        let given_up = self.with_adviser(id, out, |adviser| match &mut adviser.state {
            State::OnCall { doubted_at, asked: asked @ false, .. } => {
                (*doubted_at, *asked) = (later(now, within), true);
                Ok(None)
            }
            State::OnCall { held, .. } => Ok(Some(held.card.call)),
            _ => Ok(None),
        })?;
        let Some(call) = given_up else {
            let notice = Notice::StillTalking { minutes: within.num_minutes().max(1) };
            out.effects.push(Effect::Notice { adviser: id, notice });
            return Ok(());
        };
        self.take_off(id, call, "nobody said that it went on", (BreakReason::NoWord, StatusCause::NoWord), now, out)?;
        out.effects.push(Effect::Notice { adviser: id, notice: Notice::TalkGivenUp });
        Ok(())
    }

    /// The conversation is over for this floor, whatever the telephones do, and no call is offered to the adviser before they
    /// say that they are ready.
    fn take_off(
        &mut self,
        id: UserId,
        call: CallId,
        outcome: &str,
        (reason, cause): (BreakReason, StatusCause),
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        self.with_adviser(id, out, |adviser| {
            if adviser.status.means_to_be_available() {
                adviser.status.change(Status::OnBreak { reason }, cause, now);
            }
            Ok(())
        })?;
        self.end_call(id, call, now, out)?;
        self.finish_wrap_up(id, call, Some(outcome.to_owned()), false, now, out)
    }

    fn free(
        &mut self,
        id: UserId,
        by: Arc<str>,
        reason: Arc<str>,
        sign_out: bool,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let adviser = self.advisers.get(&id).ok_or_else(|| Error::not_found("adviser on this floor", id))?;
        let freed = || (BreakReason::Freed, StatusCause::Supervisor { by: by.clone() });
        match adviser.state.clone() {
            State::OnCall { held, .. } | State::WrapUp { held, .. } => {
                let outcome = format!("ended by {by}: {reason}");
                self.take_off(id, held.card.call, &outcome, freed(), now, out)?;
            }
            State::Outbound { callback, .. } => self.desk(id, DeskCommand::EndOutbound { callback }, now, out)?,
            State::Idle { .. } | State::Offered { .. } => {}
        }
        let (on_break, cause) = freed();
        match sign_out {
            true => self.sign_out(id, cause, now, out)?,
            false => self.take_away(id, on_break, cause, OfferEnd::Declined, now, out).map(|_| ())?,
        }
        out.effects.push(Effect::Notice { adviser: id, notice: Notice::Freed { by, reason } });
        Ok(())
    }

    pub(super) fn finish_wrap_up(
        &mut self,
        id: UserId,
        call: CallId,
        outcome: Option<String>,
        by_limit: bool,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let place = self.next_place(now);
        let finished = self.with_adviser(id, out, |adviser| adviser.finish_wrap_up(call, by_limit, place))?;
        let Some(finished) = finished else {
            return self.late_outcome(id, call, outcome, out);
        };
        let (offer, wrap_up_ms) = (finished.held.offer, elapsed_ms(finished.since, now));
        let message = ToHost::WrappedUp { call, offer, wrap_up_ms, outcome };
        self.tell_host(&finished.held.card.host, message, now, out)
    }

    /// An outcome that comes after the wrap-up reached its limit still belongs to the call.
    fn late_outcome(&mut self, id: UserId, call: CallId, outcome: Option<String>, out: &mut Outbox) -> Result<()> {
        let Some(outcome) = outcome else { return Ok(()) };
        let was_open = self.with_adviser(id, out, |adviser| {
            let last = adviser.last.as_mut().filter(|last| last.call == call);
            Ok(last.is_some_and(|last| std::mem::take(&mut last.outcome_open)))
        })?;
        if was_open {
            out.effects.push(Effect::OutcomeLate { call, outcome });
        }
        Ok(())
    }

    pub(super) fn wrap_up_expired(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(held) = self.advisers.get(&id).and_then(Adviser::held) else { return Ok(()) };
        let call = held.card.call;
        self.finish_wrap_up(id, call, None, true, now, out)
    }

    /// Leases an adviser who fits for another site's call, if that leaves the reserve untouched. The desk shows
    /// it once the other floor confirms.
    pub fn reserve(&mut self, card: &Arc<CallCard>, now: DateTime<Utc>, out: &mut Outbox) -> Result<Reservation> {
        self.pass_time(now, out);
        let chosen = if self.lendable() > 0 { self.choose(card.needs) } else { None };
        let Some(id) = chosen else {
            let estimated_wait = self.estimated_wait(card.needs, self.waiting.len() + 1);
            return Ok(Reservation::Busy { estimated_wait });
        };
        let adviser = self.card_of(id)?;
        let lease = Lease { offer: self.next_offer(), expires_at: later(now, self.settings.offer_for) };
        self.with_adviser(id, out, |adviser| adviser.offer(lease.offer, card.clone(), lease.expires_at, false))?;
        Ok(Reservation::Reserved { adviser, lease })
    }

    /// What the floor that keeps the call says to the adviser who has it. About an offer that is over: nothing.
    pub(super) fn hear_host(
        &mut self,
        id: UserId,
        offer: OfferId,
        message: ToLender,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let Some(held) = self.advisers.get(&id).and_then(Adviser::held).filter(|held| held.offer == offer) else {
            return Ok(());
        };
        let call = held.card.call;
        match message {
            ToLender::Withdraw => {
                self.with_adviser(id, out, |adviser| Ok(adviser.drop_call(offer, None, now)))?;
                self.offer_ended(id, offer, OfferEnd::Withdrawn, out);
                Ok(())
            }
            ToLender::Confirm => self.confirm(id, offer, out),
            ToLender::Accept => {
                self.confirm(id, offer, out)?;
                self.accept(id, offer, now, out)
            }
            ToLender::NoAnswer => self.missed(id, offer, now, out),
            ToLender::Unreachable => self.unreachable(id, offer, now, out),
            ToLender::CardChanged(card) => self.with_adviser(id, out, |adviser| {
                adviser.see_card(offer, &card);
                Ok(())
            }),
            ToLender::TalkEnded => {
                let ends_at = later(now, self.settings.wrap_up_limit);
                self.with_adviser(id, out, |adviser| adviser.end_talk(call, now, ends_at))?;
                Ok(())
            }
        }
    }

    fn confirm(&mut self, id: UserId, offer: OfferId, out: &mut Outbox) -> Result<()> {
        if let Some((call, expires_at)) = self.with_adviser(id, out, |adviser| Ok(adviser.confirm(offer)))? {
            out.effects.push(Effect::Offer { offer, adviser: id, call, expires_at });
            out.effects.push(Effect::DeskChanged { adviser: id });
        }
        Ok(())
    }

    pub(super) fn offer_ended(&mut self, adviser: UserId, offer: OfferId, how: OfferEnd, out: &mut Outbox) {
        match how {
            OfferEnd::Answered => {}
            OfferEnd::Missed => self.figures.offers_missed += 1,
            OfferEnd::Declined => self.figures.offers_declined += 1,
            OfferEnd::Withdrawn => self.figures.offers_withdrawn += 1,
        }
        out.effects.push(Effect::OfferEnded { offer, adviser, how });
    }

    pub(super) fn tell_host(
        &mut self,
        host: &SiteId,
        message: ToHost,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        fault::place();
        if *host == self.site {
            return self.hear_lender(message, now, out);
        }
        out.trunk_requests.push(TrunkRequest::TellHost { host: host.clone(), message });
        Ok(())
    }
}
