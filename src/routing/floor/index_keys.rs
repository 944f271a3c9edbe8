//! Where advisers and calls stand in a floor's indexes, worked out from their states: the floor compares it before and after
//! each change, and moves what differs.

use crate::adviser::{Adviser, Desk, IdlePlace, State};
use crate::call::{Call, CallState, Overflow};
use crate::skills::SkillSet;
use chrono::{DateTime, Utc};
use startline_foundation::ids::{CallId, UserId};

/// What a moment brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deadline {
    OfferExpires(UserId),
    WrapUpEnds(UserId),
    TalkDoubted(UserId),
    DeskGraceEnds(UserId),
    DeskDoubted(UserId),
    CommitmentNears(UserId),
    OverflowDue(CallId),
    AnnounceDue(CallId),
    AwayEnds(CallId),
    TakeBack(CallId),
}

/// Where an adviser stands in the floor's indexes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexKeys {
    pub(super) skills: SkillSet,
    pub(super) free: Option<IdlePlace>,
    pub(super) staffing: bool,
    pub(super) on_duty: bool,
    pub(super) handling: bool,
    pub(super) kept: bool,
    pub(super) status_changes: u32,
    pub(super) state: std::mem::Discriminant<State>,
    pub(super) state_deadline: Option<(DateTime<Utc>, Deadline)>,
    pub(super) desk_deadline: Option<(DateTime<Utc>, Deadline)>,
    pub(super) commitment_deadline: Option<(DateTime<Utc>, Deadline)>,
}

impl IndexKeys {
    pub(super) fn of(adviser: &Adviser) -> Self {
        let id = adviser.card.id;
        Self {
            skills: adviser.card.skills,
            free: adviser.free_place(),
            staffing: adviser.is_staffing(),
            on_duty: adviser.is_on_duty(),
            handling: adviser.is_handling(),
            kept: adviser.is_idle_and_kept(),
            status_changes: adviser.status.changes(),
            state: std::mem::discriminant(&adviser.state),
            state_deadline: match &adviser.state {
                State::Offered { expires_at, .. } => Some((*expires_at, Deadline::OfferExpires(id))),
                State::WrapUp { ends_at, .. } => Some((*ends_at, Deadline::WrapUpEnds(id))),
                State::OnCall { doubted_at, .. } => Some((*doubted_at, Deadline::TalkDoubted(id))),
                State::Idle { .. } | State::Outbound { .. } => None,
            },
            desk_deadline: match adviser.desk {
                Desk::Lost { until } => Some((until, Deadline::DeskGraceEnds(id))),
                // Only whoever is available has something to lose by silence.
                Desk::Connected if adviser.status.is_available() => {
                    adviser.heard.map(|heard| (heard.doubted_at, Deadline::DeskDoubted(id)))
                }
                Desk::Connected | Desk::Away => None,
            },
            commitment_deadline: match &adviser.commitment {
                Some(next) if !adviser.kept => Some((next.keep_from, Deadline::CommitmentNears(id))),
                _ => None,
            },
        }
    }

    pub(super) fn deadlines(&self) -> [Option<(DateTime<Utc>, Deadline)>; 3] {
        [self.state_deadline, self.desk_deadline, self.commitment_deadline]
    }

    /// These differ, and nobody who looks at the adviser sees it: when their desk is looked after is nobody's business.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        self.desk_deadline != other.desk_deadline && Self { desk_deadline: other.desk_deadline, ..*self } == *other
    }
}

/// The first thing that is due for a call; doing it brings up the next.
pub(super) fn call_deadline(call: &Call) -> Option<(DateTime<Utc>, Deadline)> {
    let id = call.card.call;
    let kept_until = call.offer_kept_until.filter(|_| matches!(call.state, CallState::Offered { .. }));
    let away = earlier(call.away_until, kept_until).map(|at| (at, Deadline::AwayEnds(id)));
    let other = match &call.state {
        CallState::Waiting { .. } if away.is_some() => None,
        CallState::Waiting { overflow } => {
            let announce = call.announce_at.map(|at| (at, Deadline::AnnounceDue(id)));
            match overflow {
                Overflow::NotBefore(at) => earlier(announce, Some((*at, Deadline::OverflowDue(id)))),
                Overflow::Undecided | Overflow::Seeking => announce,
            }
        }
        CallState::Offered { take_back_at: Some(at), .. } => Some((*at, Deadline::TakeBack(id))),
        _ => None,
    };
    earlier(away, other)
}

fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
