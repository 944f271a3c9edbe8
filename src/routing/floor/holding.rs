//! Who has which call, as each of the two ends sees it: the adviser's floor and the one that keeps the call.

use super::Floor;
use crate::adviser::State;
use crate::call::{Call, CallState};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};

/// How far a call and its adviser have come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Offered,
    Connected,
    /// The adviser wraps up.
    Ended,
}

/// One end of "this adviser has this call", for comparing the two ends across floors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    pub offer: OfferId,
    pub call: CallId,
    pub adviser: UserId,
    pub host: SiteId,
    pub lender: SiteId,
    pub stage: Stage,
}

impl Floor {
    /// The holdings as this site's advisers see them; whoever passed a call on no longer holds it.
    pub fn held_by_advisers(&self) -> Vec<Holding> {
        let holding = |id: &UserId, state: &State| {
            let (held, stage) = match state {
                State::Offered { held, .. } => (held, Stage::Offered),
                State::OnCall { held, .. } => (held, Stage::Connected),
                State::WrapUp { passed: true, .. } => return None,
                State::WrapUp { held, .. } => (held, Stage::Ended),
                State::Idle { .. } | State::Outbound { .. } => return None,
            };
            Some(Holding {
                offer: held.offer,
                call: held.card.call,
                adviser: *id,
                host: held.card.host.clone(),
                lender: self.site.clone(),
                stage,
            })
        };
        self.advisers.iter().filter_map(|(id, adviser)| holding(id, &adviser.state)).collect()
    }

    /// The holdings as the calls kept here see them.
    pub fn held_calls(&self) -> Vec<Holding> {
        let holding = |(id, call): (&CallId, &Call)| {
            let (offer, by) = call.with()?;
            let stage = match call.state {
                CallState::Waiting { .. } => return None,
                CallState::Offered { .. } => Stage::Offered,
                CallState::Connected { .. } => Stage::Connected,
                CallState::Ended { .. } => Stage::Ended,
            };
            Some(Holding { offer, call: *id, adviser: by.id, host: self.site.clone(), lender: by.site.clone(), stage })
        };
        self.calls.iter().filter_map(holding).collect()
    }

    /// How far this adviser has come with the call of this offer; none when they do not have it.
    pub fn stage_of(&self, adviser: UserId, offer: OfferId) -> Option<Stage> {
        let (held, stage) = match &self.advisers.get(&adviser)?.state {
            State::Offered { held, .. } => (held, Stage::Offered),
            State::OnCall { held, .. } => (held, Stage::Connected),
            State::WrapUp { passed: true, .. } => return None,
            State::WrapUp { held, .. } => (held, Stage::Ended),
            State::Idle { .. } | State::Outbound { .. } => return None,
        };
        (held.offer == offer).then_some(stage)
    }
}
