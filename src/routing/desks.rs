//! The verbs of the advisers' desks. Each goes to the floor where the adviser is signed in, whichever site's call they
//! hold, and may be repeated.

use super::adviser::Status;
use super::adviser_card::AdviserCard;
use super::call::PassTo;
use super::floor::{DeskCommand, Effect, Event, OfferEnd};
use super::network::Network;
use super::site::lock;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::supervision::HeldBack;

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
            match self.run(&old, Event::MoveAway { adviser }, now, effects) {
                // A panic may have let them go there before.
                Ok(()) | Err(Error::NotFound { .. }) => self.advisers.remove(&adviser),
                Err(busy) => return Err(busy),
            };
        }
        let mut held = HeldBack::default();
        let signed_in = held.run(|| self.run(&site, Event::SignIn { card, status }, now, effects));
        if !matches!(signed_in, Some(Err(_))) {
            self.advisers.insert(adviser, site);
        }
        held.finish(signed_in)
    }

    /// Everything else that happens at the desk of an adviser who has signed in.
    ///
    /// # Errors
    /// `NotFound` for somebody who never signed in, and what the command says.
    pub fn desk(
        &self,
        adviser: UserId,
        command: DeskCommand,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        if let DeskCommand::Pass { to: PassTo::Site(site), .. } = &command {
            self.site(site)?;
        }
        let taken = if let DeskCommand::Accept { offer } = &command { Some(*offer) } else { None };
        let (site, before) = (self.desk_of(adviser)?, effects.len());
        self.run(&site, Event::Desk { adviser, command }, now, effects)?;
        if let Some(offer) = taken {
            // The floor that keeps the call may have refused: then it withdrew the offer just taken.
            let withdrawn = Effect::OfferEnded { offer, adviser, how: OfferEnd::Withdrawn };
            if effects[before..].contains(&withdrawn) {
                return Err(Error::illegal("OFFER_OVER", "the caller has gone"));
            }
        }
        Ok(())
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
}
