//! What floors need of each other, carried by the network: one floor's lock at a time, never two.

use super::call::CallCard;
use super::floor::{Effect, Event, Outbox};
use super::network::Network;
use super::overflow::Seeker;
use super::site::Site;
use super::skills::SkillSet;
use super::trunk::{Reservation, ToHost, ToLender, TrunkRequest};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use startline_foundation::supervision::HeldBack;
use std::sync::Arc;

impl Network {
    /// Sees to what floors asked of each other until nothing is left. A fault here is ours, and is logged.
    pub(super) fn send_trunk_requests(&self, now: DateTime<Utc>, out: &mut Outbox) {
        let (mut next, mut held) = (0, HeldBack::default());
        while let Some(errand) = out.trunk_requests.get_mut(next) {
            let errand = std::mem::replace(errand, TrunkRequest::Done);
            next += 1;
            if let Some(Err(error)) = held.run(|| self.run_errand(errand, now, out)) {
                tracing::error!(%error, "an errand between two floors failed");
            }
        }
        out.trunk_requests.clear();
        held.finish(Some(()));
    }

    fn run_errand(&self, errand: TrunkRequest, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match errand {
            TrunkRequest::SeekOverflow { card, only_site } => {
                let seeker = Seeker { card, only_site };
                if !self.list_seeker(&seeker) {
                    return Ok(());
                }
                self.lend(&seeker, now, out).map(|_| ())
            }
            TrunkRequest::StopSeeking { card } => {
                self.unlist_seeker(&card);
                Ok(())
            }
            TrunkRequest::AdviserFree { site, skills } => self.help_from(&site, skills, now, out),
            TrunkRequest::TellHost { host, message } => self.site(&host)?.apply(Event::FromLender(message), now, out),
            TrunkRequest::TellLender { lender, adviser, offer, message } => {
                self.site(&lender)?.apply(Event::FromHost { adviser, offer, message }, now, out)
            }
            TrunkRequest::GaveUp { card } => {
                if let Some(caller) = &card.caller {
                    self.callers.gave_up(caller, now);
                }
                Ok(())
            }
            TrunkRequest::Lapsed { card } => {
                self.lapsed.insert(card.call, card.entered_at);
                Ok(())
            }
            TrunkRequest::Done => Ok(()),
            TrunkRequest::Forget { card } => {
                self.calls.remove(&card.call);
                self.lapsed.remove(&card.call);
                // The name may be another call's by now.
                self.switch_calls.remove_if(&card.switch_call_id, |_, call| *call == card.call);
                Ok(())
            }
        }
    }

    /// Puts a call on the list of those that seek another site, unless its floor says that it seeks none any more. Says
    /// which.
    ///
    /// The floor's word and the list are two locks, and what another thread does to the list may be about a word that is
    /// older or newer. So whoever changed the list asks the floor afterwards, until both agree.
    fn list_seeker(&self, seeker: &Seeker) -> bool {
        loop {
            self.overflow.add(seeker.clone());
            if self.is_seeking(&seeker.card) {
                return true;
            }
            if self.overflow.remove(&seeker.card).is_none() || !self.is_seeking(&seeker.card) {
                return false;
            }
        }
    }

    /// Takes a call off that list, unless its floor says that it seeks again.
    pub(super) fn unlist_seeker(&self, card: &CallCard) {
        if let Some(seeker) = self.overflow.remove(card)
            && self.is_seeking(card)
        {
            self.list_seeker(&seeker);
        }
    }

    pub(super) fn is_seeking(&self, card: &CallCard) -> bool {
        self.site(&card.host).is_ok_and(|host| host.with_floor(|floor| floor.is_seeking(card.call)))
    }

    /// An adviser with these skills became free at a site: the call that has sought longest, and that they can take,
    /// is asked for.
    fn help_from(&self, lender: &SiteId, skills: SkillSet, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        if self.overflow.is_empty() {
            return Ok(());
        }
        let fits = |seeker: &Seeker| skills.covers(seeker.card.needs) && self.may_serve(seeker, lender);
        let Some(seeker) = self.overflow.first(fits) else { return Ok(()) };
        let lender = self.site(lender)?;
        if self.lend_from(&lender, &seeker.card, now, out)? {
            // After what the success itself brought, which takes this call off the list.
            out.trunk_requests.push(TrunkRequest::AdviserFree { site: lender.id.clone(), skills });
        }
        Ok(())
    }

    /// Looks for an adviser for every call that seeks one. Each was looked after when it began to seek and whenever
    /// somebody became free; this is for what came to nothing on the way.
    pub(super) fn help_all(&self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        for seeker in self.overflow.snapshot() {
            self.lend(&seeker, now, out)?;
        }
        Ok(())
    }

    /// Whether the call may go to that site at all. One that was passed to a site goes there whoever its home's helpers
    /// are.
    pub(super) fn may_serve(&self, seeker: &Seeker, lender: &SiteId) -> bool {
        match &seeker.only_site {
            Some(only) => only == lender,
            None => self.site(&seeker.card.host).is_ok_and(|host| host.may_be_helped_by(lender)),
        }
    }

    /// Asks the other sites for an adviser, the one with the most to spare first. Says whether the list of seekers
    /// moved: the call was lent one, or turned out to be gone.
    fn lend(&self, seeker: &Seeker, now: DateTime<Utc>, out: &mut Outbox) -> Result<bool> {
        if self.lenders.nobody_lends() {
            return Ok(false);
        }
        let card = &seeker.card;
        // Nearly always one of the first will do; only rare skills are looked for everywhere.
        for number in [FIRST_ASKED, usize::MAX] {
            let lenders = self.lenders.best(number);
            for lender in &lenders {
                let Some(lender) = self.numbered(*lender) else { continue };
                if !self.may_serve(seeker, &lender.id) {
                    continue;
                }
                if self.lend_from(&lender, card, now, out)? {
                    return Ok(true);
                }
            }
            if lenders.len() < number {
                break;
            }
        }
        Ok(false)
    }

    fn lend_from(&self, lender: &Site, card: &Arc<CallCard>, now: DateTime<Utc>, out: &mut Outbox) -> Result<bool> {
        let reservation = lender.with_floor(|floor| floor.reserve(card, now, out))?;
        let Reservation::Reserved { adviser, lease } = reservation else { return Ok(false) };
        out.effects.push(Effect::FloorChanged { site: lender.id.clone() });
        let message = ToHost::Lent { call: card.call, by: adviser.clone(), lease };
        let host = self.site(&card.host);
        let told = host.and_then(|host| host.apply(Event::FromLender(message), now, out).map(|()| host));
        match told {
            Ok(host) if host.with_floor(|floor| floor.is_with(card.call, lease.offer)) => {}
            Ok(_) => self.unlist_seeker(card),
            Err(error) => {
                let withdraw = ToLender::Withdraw;
                let back = Event::FromHost { adviser: adviser.id, offer: lease.offer, message: withdraw };
                lender.apply(back, now, out)?;
                return Err(error);
            }
        }
        Ok(true)
    }
}

/// Sites asked before all others are looked through.
const FIRST_ASKED: usize = 4;
