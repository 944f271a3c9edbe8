//! The verbs of the advisers' desks. Each goes to the floor where the adviser is signed in, whichever site's call they
//! hold, and may be repeated.

use super::adviser_card::AdviserCard;
use super::call::{CallState, PassTo};
use super::floor::{CallView, DeskCommand, Effect, Event, OfferEnd};
use super::network::Network;
use super::site::lock;
use super::status::Status;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, SiteId, UserId};
use startline_foundation::supervision::HeldBack;

impl Network {
    /// Signs an adviser in at `card.site`, with `status` if they were signed out. A desk that returns takes up its
    /// state; one that was at another site leaves there first.
    ///
    /// One telephone is one adviser's: whoever was signed in with it is signed out and told so.
    ///
    /// # Errors
    /// `NotFound` for an unknown site, `Illegal` while the adviser is busy at another site, or somebody else is in a
    /// conversation at the telephone.
    pub fn sign_in(
        &self,
        card: AdviserCard,
        status: Status,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        let site = self.site(&card.site)?;
        let adviser = card.id;
        let mut telephones = lock(&self.sign_ins);
        if let Ok(old) = self.desk_of(adviser)
            && old.id != site.id
        {
            match self.run(&old, Event::MoveAway { adviser }, now, effects) {
                // A panic may have let them go there before.
                Ok(()) | Err(Error::NotFound { .. }) => self.advisers.remove(&adviser),
                Err(busy) => return Err(busy),
            };
        }
        for holder in telephones.signed_in_at(&card.address, adviser) {
            let there = self.desk_of(holder).ok();
            if let Some(there) = there.filter(|there| there.with_floor(|floor| floor.is_at(holder, &card.address))) {
                let by = card.name.as_str().into();
                self.run(&there, Event::TelephoneTaken { adviser: holder, by }, now, effects)?;
            }
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
    /// `Illegal` for somebody who never signed in, and what the command says.
    pub fn desk(
        &self,
        adviser: UserId,
        command: DeskCommand,
        now: DateTime<Utc>,
        effects: &mut Vec<Effect>,
    ) -> Result<()> {
        match &command {
            DeskCommand::Pass { call, to, .. } => self.check_passing(adviser, *call, to)?,
            DeskCommand::EndCall { call } if self.talks_by_telephone(adviser, *call) => {
                let message = "this call came over a switch that cannot be told to end it: put your telephone down; when it \
                               is down and the call still stands here, say so with `hung_up`";
                return Err(Error::illegal("SWITCH_CANNOT_END", message));
            }
            _ => {}
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

    /// To its switch the call is over since it was sent to the adviser's telephone, where they talk.
    fn talks_by_telephone(&self, adviser: UserId, call: CallId) -> bool {
        let view = self.call_view(call);
        let talks = |view: &CallView| matches!(&view.state, CallState::Connected { by, .. } if by.id == adviser);
        view.is_ok_and(|view| view.sent_on && talks(&view))
    }

    fn check_passing(&self, adviser: UserId, call: CallId, to: &PassTo) -> Result<()> {
        // What the desk says about a call that it has no more is answered by its floor.
        let Ok(view) = self.call_view(call) else { return Ok(()) };
        if view.sent_on {
            let message = "this call came over a switch that cannot pass it on: transfer it with your telephone";
            return Err(Error::illegal("SWITCH_CANNOT_PASS", message));
        }
        let is_there = match to {
            PassTo::Outside { .. } => return Ok(()),
            PassTo::Site(site) => {
                let site = self.site(site)?;
                site.with_floor(|floor| floor.has_somebody_for(view.card.needs, adviser))
            }
            PassTo::Skill(skills) => {
                let needs = view.card.needs.with(*skills);
                self.all_sites().iter().any(|site| site.with_floor(|floor| floor.has_somebody_for(needs, adviser)))
            }
        };
        if is_there || matches!(view.state, CallState::Waiting { .. } | CallState::Ended { .. }) {
            return Ok(());
        }
        let message = "nobody else who could take this call is signed in there: the caller would wait for nobody";
        Err(Error::illegal("NOBODY_THERE", message))
    }

    /// Everybody who has signed in since the start.
    pub fn adviser_ids(&self) -> Vec<UserId> {
        self.advisers.iter().map(|entry| *entry.key()).collect()
    }

    /// The site an adviser is at.
    ///
    /// # Errors
    /// `Illegal` for somebody who never signed in.
    pub fn site_of(&self, adviser: UserId) -> Result<SiteId> {
        let nobody = |_| Error::illegal("SIGNED_OUT", "this adviser is not signed in: there is no desk of theirs");
        self.desk_of(adviser).map(|site| site.id.clone()).map_err(nobody)
    }
}
