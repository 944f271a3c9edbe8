//! The verbs of the advisers' desks. Each goes to the floor where the adviser is signed in, whichever site's call they
//! hold, and may be repeated.

use super::Network;
use super::adviser::{AdviserCard, Status};
use super::call::{PassTo, Screen};
use super::errands::lock;
use super::floor::{Effect, Event, OfferEnd};
use crate::error::{Error, Result};
use crate::ids::{CallId, CallbackId, OfferId, RequestId, SiteId, UserId};
use chrono::{DateTime, Utc};

impl Network {
    /// Signs an adviser in at `card.site`, with `status` if they were signed out. A desk that returns takes up its
    /// state; one that was at another site leaves there first.
    ///
    /// # Errors
    /// `NotFound` for an unknown site, `Illegal` while the adviser is busy at another site.
    pub fn sign_in(
        &self,
        card: AdviserCard,
        status: Status,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let site = self.site(&card.site)?;
        let adviser = card.id;
        let _one_at_a_time = lock(&self.sign_ins);
        if let Ok(old) = self.desk_of(adviser)
            && old.id != site.id
        {
            self.run(&old, Event::MoveAway { adviser }, now, effects)?;
            self.advisers.remove(&adviser);
        }
        self.run(&site, Event::SignIn { card, status }, now, effects)?;
        self.advisers.insert(adviser, site);
        Ok(())
    }

    /// # Errors
    /// `NotFound` for somebody who never signed in, `Illegal` when signed out.
    pub fn set_status(
        &self,
        adviser: UserId,
        status: Status,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::SetStatus { adviser, status }, now, effects)
    }

    /// # Errors
    /// `NotFound` for somebody who never signed in, `Illegal` in a conversation.
    pub fn sign_out(&self, adviser: UserId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_desk(adviser, Event::SignOut { adviser }, now, effects)
    }

    /// The desk's stream is lost. After the grace period it gets no offers; a conversation goes on.
    ///
    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn desk_lost(&self, adviser: UserId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_desk(adviser, Event::DeskLost { adviser }, now, effects)
    }

    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn desk_back(&self, adviser: UserId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_desk(adviser, Event::DeskBack { adviser }, now, effects)
    }

    /// # Errors
    /// `Illegal` when the offer is over, or its caller has gone.
    pub fn accept_offer(
        &self,
        adviser: UserId,
        offer: OfferId,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let before = effects.len();
        self.at_desk(adviser, Event::Accept { adviser, offer }, now, effects)?;
        // The floor that keeps the call may have refused: then it withdrew the offer just taken.
        let withdrawn = Effect::OfferEnded { offer, adviser, how: OfferEnd::Withdrawn };
        if effects[before..].contains(&withdrawn) {
            return Err(Error::illegal("OFFER_OVER", "the caller has gone"));
        }
        Ok(())
    }

    /// # Errors
    /// `Illegal` when the offer is over.
    pub fn decline_offer(
        &self,
        adviser: UserId,
        offer: OfferId,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::Decline { adviser, offer }, now, effects)
    }

    /// The adviser ends the conversation and begins its wrap-up.
    ///
    /// # Errors
    /// `NotFound` for a call they do not have, `Illegal` when it is only offered.
    pub fn end_call(&self, adviser: UserId, call: CallId, now: DateTime<Utc>, effects: &mut Vec<Effect>) -> Result<()> {
        self.at_desk(adviser, Event::EndCall { adviser, call }, now, effects)
    }

    /// # Errors
    /// `NotFound` for a call they did not have last, `Illegal` while still talking.
    pub fn finish_wrap_up(
        &self,
        adviser: UserId,
        call: CallId,
        outcome: Option<String>,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::FinishWrapUp { adviser, call, outcome }, now, effects)
    }

    /// The adviser begins a call-back and gets no offers meanwhile.
    ///
    /// # Errors
    /// `Illegal` when signed out or busy.
    pub fn start_outbound(
        &self,
        adviser: UserId,
        callback: CallbackId,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::StartOutbound { adviser, callback }, now, effects)
    }

    /// More time for the notes.
    ///
    /// # Errors
    /// `NotFound` for somebody who never signed in, `Illegal` when not wrapping up this call or when it was made longer
    /// often enough.
    pub fn extend_wrap_up(
        &self,
        adviser: UserId,
        call: CallId,
        request: RequestId,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::ExtendWrapUp { adviser, call, request }, now, effects)
    }

    /// Passes the call on with the adviser's screen; they wrap up their part.
    ///
    /// # Errors
    /// `NotFound` for an unknown adviser or call, or a site that is not there; `Illegal` when they are not talking.
    pub fn pass_call(
        &self,
        adviser: UserId,
        call: CallId,
        to: PassTo,
        screen: Screen,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        if let PassTo::Site(site) = &to {
            self.site(site)?;
        }
        let screen = Box::new(screen);
        self.at_desk(adviser, Event::Pass { adviser, call, to, screen }, now, effects)
    }

    /// When the adviser's next booked call-back begins.
    ///
    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn set_commitment(
        &self,
        adviser: UserId,
        at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::SetCommitment { adviser, at }, now, effects)
    }

    /// Everybody who has signed in since the start.
    pub fn adviser_ids(&self) -> Vec<UserId> {
        self.advisers.iter().map(|entry| *entry.key()).collect()
    }

    /// The site an adviser is at.
    ///
    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn site_of(&self, adviser: UserId) -> Result<SiteId> {
        self.desk_of(adviser).map(|site| site.id.clone())
    }

    /// # Errors
    /// `NotFound` for somebody who never signed in.
    pub fn end_outbound(
        &self,
        adviser: UserId,
        callback: CallbackId,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        self.at_desk(adviser, Event::EndOutbound { adviser, callback }, now, effects)
    }
}
