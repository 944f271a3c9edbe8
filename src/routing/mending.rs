//! What floors have in common after one of them was torn by a panic: a message that was never sent leaves one end of a
//! call or a lease alone. Most of it ends by its deadline; here is what has none.

use super::floor::{Event, Outbox, Stage};
use super::network::Network;
use super::trunk::{ToHost, ToLender};
use chrono::{DateTime, Utc};

impl Network {
    /// Compares both ends, one floor's lock at a time, and lets go of what only one of them knows. A message that is on its
    /// way just then comes late, and changes nothing.
    pub(super) fn mend(&self, now: DateTime<Utc>, out: &mut Outbox) {
        for site in self.all_sites().iter() {
            for alone in site.with_floor(|floor| floor.held_calls()) {
                let lender = self.site(&alone.lender).ok().filter(|lender| lender.id != site.id);
                let Some(lender) = lender else { continue };
                let there = lender.with_floor(|floor| floor.stage_of(alone.adviser, alone.offer));
                let (call, adviser, offer) = (alone.call, alone.adviser, alone.offer);
                let (to, word) = match (alone.stage, there) {
                    (Stage::Offered, None) => (site, Event::FromLender(ToHost::Returned { call, offer })),
                    (Stage::Connected | Stage::Ended, None) => {
                        let word = ToHost::WrappedUp { call, offer, wrap_up_ms: 0, outcome: None };
                        (site, Event::FromLender(word))
                    }
                    (Stage::Offered | Stage::Connected, Some(Stage::Ended)) => {
                        (site, Event::FromLender(ToHost::TalkEnded { call, offer }))
                    }
                    (Stage::Ended, Some(Stage::Connected)) => {
                        (&lender, Event::FromHost { adviser, offer, message: ToLender::TalkEnded })
                    }
                    // They agree, or the lease runs out.
                    (_, Some(_)) => continue,
                };
                if let Err(error) = to.apply(word, now, out) {
                    tracing::error!(%error, %call, "the two ends of a call could not be brought together");
                }
            }
            for alone in site.with_floor(|floor| floor.held_by_advisers()) {
                let host = self.site(&alone.host).ok().filter(|host| host.id != site.id);
                let Some(host) = host else { continue };
                if host.with_floor(|floor| floor.is_with(alone.call, alone.offer)) {
                    continue;
                }
                let (adviser, offer) = (alone.adviser, alone.offer);
                let word = Event::FromHost { adviser, offer, message: ToLender::Withdraw };
                if let Err(error) = site.apply(word, now, out) {
                    tracing::error!(%error, %adviser, "an adviser whose call is gone could not be let go");
                }
            }
        }
        for seeker in self.overflow.snapshot() {
            if !self.is_seeking(&seeker.card) {
                self.unlist_seeker(&seeker.card);
            }
        }
    }
}
