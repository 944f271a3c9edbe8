//! Advisers kept free for the call-backs they promised, and a site that is declared lost.
//!
//! An adviser whose booked call-back begins before a call taken now would be over is offered none: the promise to the
//! client who waits at home goes before the caller whom somebody else can take.

use super::{Floor, OfferEnd, Outbox, later};
use crate::adviser::{Commitment, State};
use crate::call::{CallState, Overflow};
use crate::trunk::ToHost;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::UserId;
use std::sync::Arc;

impl Floor {
    /// The adviser's next booked call-back begins at `at`. How long before it they get no calls follows from how long an
    /// inbound call takes here.
    pub(super) fn set_commitment(
        &mut self,
        adviser: UserId,
        at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        out: &mut Outbox,
    ) -> Result<()> {
        let expected = self.expected_handle();
        let commitment = at.map(|at| Commitment { at, keep_from: at.checked_sub_signed(expected).unwrap_or(at) });
        self.with_adviser(adviser, out, |adviser| {
            adviser.set_commitment(commitment, now);
            Ok(())
        })
    }

    pub(super) fn commitment_nears(&mut self, adviser: UserId, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        self.with_adviser(adviser, out, |adviser| {
            adviser.set_commitment(adviser.commitment, now);
            Ok(())
        })
    }

    /// Declared lost: nobody here is offered a call, and every call that waits here is looked after elsewhere.
    /// Conversations go on as long as they can.
    pub(super) fn set_lost(&mut self, reason: Option<Arc<str>>, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let was_lost = self.lost.is_some();
        self.lost = reason;
        if self.lost.is_none() {
            if was_lost {
                self.newly_free.extend(self.free.heads().map(|(skills, ..)| skills));
            }
            return Ok(());
        }
        let offered = |(id, adviser): (&UserId, &super::Adviser)| match &adviser.state {
            State::Offered { held, .. } => Some((*id, held.offer, held.card.clone())),
            _ => None,
        };
        let offers: Vec<_> = self.advisers.iter().filter_map(offered).collect();
        for (id, offer, card) in offers {
            self.with_adviser(id, out, |adviser| adviser.drop_offer(offer, None))?;
            self.offer_ended(id, offer, OfferEnd::Withdrawn, out);
            self.tell_host(&card.host, ToHost::Returned { call: card.call, offer }, now, out)?;
        }
        let at_home = |call: &&super::Call| {
            matches!(call.state, CallState::Waiting { overflow: Overflow::NotBefore(_) }) && call.away_until.is_none()
        };
        let waiting: Vec<_> = self.calls.values().filter(at_home).map(|call| call.card.call).collect();
        for call in waiting {
            self.seek_overflow(call, out)?;
        }
        Ok(())
    }

    /// From when a call may be looked after elsewhere: at once where nobody can or may take it here.
    pub(super) fn overflow_from(&self, entered_at: DateTime<Utc>) -> DateTime<Utc> {
        later(entered_at, self.settings.overflow_after)
    }
}
