//! The trunk: the only way two floors meet, and only by message.
//!
//! The site that keeps a call (its host) asks another one (the lender) for an adviser. The lender leases one under
//! the offer's id for a limited time; the host then either confirms, and only then the call is presented to that
//! adviser, or gives the lease back. Each message names the offer it is about, and a message about an offer that is over changes nothing, so
//! they may cross and overtake each other on the way: word that a talk has ended also says that it began. Both ends let go by themselves when nothing is heard: the lender when the
//! offer expires, the host [`TAKE_BACK_AFTER`] later.
//!
//! In one process the network carries these messages as function calls, one floor's lock at a time; in a cluster
//! they are request and reply.

use super::adviser_card::AdviserCard;
use super::call::{CallCard, PassTo, Screen};
use super::skills::SkillSet;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::sync::Arc;

/// How much longer than the lender the host believes in a lease: longer than any message is on its way, so that the
/// lender's own word normally comes first.
pub const TAKE_BACK_AFTER: TimeDelta = TimeDelta::seconds(2);

/// A lender's answer to "have you an adviser for this call?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    Reserved { adviser: Arc<AdviserCard>, lease: Lease },
    Busy { estimated_wait: Option<TimeDelta> },
}

/// One adviser held for one call of another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The offer that the adviser sees, once the host confirms.
    pub offer: OfferId,
    pub expires_at: DateTime<Utc>,
}

/// From the adviser's floor to the one that keeps the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToHost {
    /// The network found this adviser for the waiting call.
    Lent {
        call: CallId,
        by: Arc<AdviserCard>,
        lease: Lease,
    },
    Accepted {
        call: CallId,
        offer: OfferId,
        by: Arc<AdviserCard>,
    },
    /// Missed, declined or given up: the call needs somebody else.
    Returned {
        call: CallId,
        offer: OfferId,
    },
    TalkEnded {
        call: CallId,
        offer: OfferId,
    },
    /// The adviser passed the call on.
    Passed {
        call: CallId,
        offer: OfferId,
        to: PassTo,
        screen: Arc<Screen>,
    },
    WrappedUp {
        call: CallId,
        offer: OfferId,
        wrap_up_ms: u64,
        outcome: Option<String>,
    },
}

/// From the floor that keeps the call to the adviser's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToLender {
    /// The call waits for this adviser: present it.
    Confirm,
    /// The call is gone or somebody else's: the adviser is idle again at their old place.
    Withdraw,
    /// The switch says that the adviser's telephone answered the offer.
    Accept,
    /// The switch says that the adviser's telephone did not answer.
    NoAnswer,
    /// The switch says that the adviser's telephone cannot be reached.
    Unreachable,
    TalkEnded,
    /// Something about the caller is known better now.
    CardChanged(Arc<CallCard>),
}

/// What a floor needs done outside itself. The network runs it after the floor's lock is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrunkRequest {
    /// Look for another site's adviser for this waiting call.
    SeekOverflow {
        card: Arc<CallCard>,
        /// No other site will do.
        only_site: Option<SiteId>,
    },
    /// The call no longer needs one.
    StopSeeking {
        card: Arc<CallCard>,
    },
    /// An adviser with these skills became free, and nobody waits for them here.
    AdviserFree {
        site: SiteId,
        skills: SkillSet,
    },
    TellHost {
        host: SiteId,
        message: ToHost,
    },
    TellLender {
        lender: SiteId,
        adviser: UserId,
        offer: OfferId,
        message: ToLender,
    },
    /// The caller gave up waiting.
    GaveUp {
        card: Arc<CallCard>,
    },
    /// The call is over because its switch did not ask again. If it does, the caller had not gone.
    Lapsed {
        card: Arc<CallCard>,
    },
    /// This one has been run.
    Done,
    /// A finished call has left the floor's memory.
    Forget {
        card: Arc<CallCard>,
    },
}
