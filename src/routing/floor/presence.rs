//! Whether an adviser is there: signed in and out, the status they chose, and what is heard of their desk.
//!
//! A desk that is lost or silent is offered nothing, and available again as soon as it is back: unless somebody chose
//! otherwise meanwhile, since nothing else had ended it.

use super::{Effect, Floor, IndexKeys, Notice, OfferEnd, Outbox, later};
use crate::adviser::{Adviser, Desk, Held, State};
use crate::adviser_card::AdviserCard;
use crate::status::{BreakReason, CurrentStatus, Status, StatusCause};
use crate::trunk::ToHost;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::UserId;
use std::sync::Arc;

impl Floor {
    /// Signs in, or takes up again where a lost desk left off.
    pub(super) fn sign_in(
        &mut self,
        card: AdviserCard,
        status: Status,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        if status == Status::SignedOut {
            return Err(Error::invalid("status", "must be available or on a break"));
        }
        let id = card.id;
        let card = Arc::new(AdviserCard { site: self.site.clone(), ..card });
        let (place, silence) = (self.next_place(now), self.settings.desk_silence);
        self.advisers.entry(id).or_insert_with(|| Adviser {
            card: card.clone(),
            status: CurrentStatus::signed_out(now),
            state: State::Idle { place },
            desk: Desk::Connected,
            heard: None,
            missed: 0,
            declined: None,
            last: None,
            commitment: None,
            kept: false,
        });
        let came_back = self.with_adviser(id, out, |adviser| {
            // Another desktop perhaps, which answers or does not.
            adviser.heard = None;
            if card.answers_heartbeats {
                adviser.bind(silence, now);
            }
            adviser.card = card;
            if adviser.status.is_signed_out() {
                adviser.status.change(status, StatusCause::SignedIn, now);
                adviser.missed = 0;
                adviser.join_the_back(place);
            }
            Ok(adviser.desk_back(place, silence, now))
        })?;
        tell_if_back(id, came_back, out);
        Ok(())
    }

    /// Whoever goes on a break while a call is offered to them hands it on at once.
    pub(super) fn set_status(
        &mut self,
        id: UserId,
        status: Status,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let place = self.next_place(now);
        let handed_on = self.with_adviser(id, out, |adviser| {
            adviser.set_status(status, place, now)?;
            match (&adviser.state, adviser.status.get()) {
                (State::Offered { held, .. }, Status::OnBreak { .. }) => {
                    let offer = held.offer;
                    adviser.drop_offer(offer, Some(place)).map(Some)
                }
                _ => Ok(None),
            }
        })?;
        self.hand_on(id, handed_on, OfferEnd::Declined, now, out)
    }

    /// Puts whoever is available, or would be with their desk back, on a break. What is offered to them goes to another at
    /// once; a call that they have goes on. Says whether they were.
    pub(super) fn take_away(
        &mut self,
        id: UserId,
        reason: BreakReason,
        cause: StatusCause,
        how: OfferEnd,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<bool> {
        let place = self.next_place(now);
        let (was, handed_on) = self.with_adviser(id, out, |adviser| {
            if !adviser.status.means_to_be_available() {
                return Ok((false, None));
            }
            adviser.status.change(Status::OnBreak { reason }, cause, now);
            let offer = match &adviser.state {
                State::Offered { held, .. } => Some(held.offer),
                _ => None,
            };
            let dropped = offer.map(|offer| adviser.drop_offer(offer, Some(place)));
            Ok((true, dropped.transpose()?))
        })?;
        self.hand_on(id, handed_on, how, now, out)?;
        Ok(was)
    }

    fn hand_on(
        &mut self,
        id: UserId,
        held: Option<Held>,
        how: OfferEnd,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let Some(held) = held else { return Ok(()) };
        self.offer_ended(id, held.offer, how, out);
        self.tell_host(&held.card.host, ToHost::Returned { call: held.card.call, offer: held.offer }, now, out)
    }

    /// Somebody else, of this name, has this adviser's telephone now.
    pub(super) fn telephone_taken(
        &mut self,
        id: UserId,
        by: Arc<str>,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let card = self.card_of(id)?;
        self.sign_out(id, StatusCause::TelephoneTaken { by }, now, out).map_err(|_| {
            let message = format!("{} is in a conversation at this telephone: it cannot be yours as well", card.name);
            Error::illegal("TELEPHONE_IN_USE", message)
        })?;
        let notice = Notice::TelephoneTaken { address: card.address.clone() };
        out.effects.push(Effect::Notice { adviser: id, notice });
        Ok(())
    }

    /// They have signed in here with this telephone.
    pub fn is_at(&self, adviser: UserId, address: &str) -> bool {
        let there = |adviser: &Adviser| !adviser.status.is_signed_out() && adviser.card.has_telephone(address);
        self.advisers.get(&adviser).is_some_and(there)
    }

    /// Signs out. An offer goes back to the queue, a wrap-up is finished; a conversation must be ended first.
    pub(super) fn sign_out(
        &mut self,
        id: UserId,
        cause: StatusCause,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let adviser = self.advisers.get(&id).ok_or_else(|| Error::not_found("adviser on this floor", id))?;
        let held = adviser.held().map(|held| (held.offer, held.card.clone()));
        // Signed out first, so that what is given back is not offered to them again.
        let sign_out = |adviser: &mut Adviser| {
            adviser.status.change(Status::SignedOut, cause, now);
            adviser.desk = Desk::Connected;
            adviser.heard = None;
            Ok(())
        };
        match (&adviser.state, held) {
            (State::OnCall { .. } | State::Outbound { .. }, _) => {
                Err(Error::illegal("BUSY", format!("finish first: you are {}", adviser.state.name())))
            }
            (State::Offered { .. }, Some((offer, card))) => {
                self.with_adviser(id, out, sign_out)?;
                self.with_adviser(id, out, |adviser| adviser.drop_offer(offer, None))?;
                self.offer_ended(id, offer, OfferEnd::Withdrawn, out);
                self.tell_host(&card.host, ToHost::Returned { call: card.call, offer }, now, out)
            }
            (State::WrapUp { .. }, Some((_, card))) => {
                self.with_adviser(id, out, sign_out)?;
                self.finish_wrap_up(id, card.call, None, false, now, out)
            }
            _ => self.with_adviser(id, out, sign_out),
        }
    }

    pub(super) fn move_away(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        self.sign_out(id, StatusCause::SignedOut, now, out)?;
        if let Some(adviser) = self.advisers.remove(&id) {
            self.step(id, &IndexKeys::of(&adviser), None);
        }
        Ok(())
    }

    pub(super) fn desk_lost(&mut self, adviser: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let until = later(now, self.settings.desk_grace);
        self.with_adviser(adviser, out, |adviser| {
            if adviser.desk == Desk::Connected && !adviser.status.is_signed_out() {
                adviser.desk = Desk::Lost { until };
            }
            Ok(())
        })
    }

    pub(super) fn desk_back(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let (place, silence) = (self.next_place(now), self.settings.desk_silence);
        let came_back = self.with_adviser(id, out, |adviser| Ok(adviser.desk_back(place, silence, now)))?;
        tell_if_back(id, came_back, out);
        Ok(())
    }

    pub(super) fn desk_grace_over(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        self.with_adviser(id, out, |adviser| {
            adviser.desk = Desk::Away;
            Ok(())
        })?;
        // Whoever is silent is now gone, and may be told of nothing before the stream is back.
        self.take_away(id, BreakReason::DeskGone, StatusCause::DeskGone, OfferEnd::Withdrawn, now, out)?;
        Ok(())
    }

    /// Something was said at this desk. What it `chooses` itself is not chosen for it before.
    pub(super) fn hear(&mut self, id: UserId, chooses: bool, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let Some(adviser) = self.advisers.get_mut(&id) else { return Ok(()) };
        if chooses || !adviser.status.awaits_the_desk() {
            // No index depends on it: that is looked at when it may have been silent for too long.
            adviser.heard.iter_mut().for_each(|heard| heard.last = now);
            return Ok(());
        }
        let place = self.next_place(now);
        let came_back = self.with_adviser(id, out, |adviser| Ok(adviser.hear(place, now)))?;
        tell_if_back(id, came_back, out);
        Ok(())
    }

    /// The desktop answers a heartbeat, and is bound to from the first time on.
    pub(super) fn still_here(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let silence = self.settings.desk_silence;
        self.with_adviser(id, out, |adviser| {
            if adviser.status.is_signed_out() {
                return Err(Error::illegal("SIGNED_OUT", "sign in first"));
            }
            if adviser.heard.is_none() {
                adviser.bind(silence, now);
            }
            Ok(())
        })
    }

    /// Perhaps nothing has been heard of this desk for too long.
    pub(super) fn desk_doubted(&mut self, id: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let silence = self.settings.desk_silence;
        if !self.with_adviser(id, out, |adviser| Ok(adviser.is_silent(silence, now)))? {
            return Ok(());
        }
        self.take_away(id, BreakReason::DeskSilent, StatusCause::DeskSilent, OfferEnd::Withdrawn, now, out)?;
        let notice = Notice::DeskSilent { seconds: silence.num_seconds() };
        out.effects.push(Effect::Notice { adviser: id, notice });
        Ok(())
    }
}

fn tell_if_back(adviser: UserId, came_back: bool, out: &mut Outbox) {
    if came_back {
        out.effects.push(Effect::Notice { adviser, notice: Notice::CameBack });
    }
}
