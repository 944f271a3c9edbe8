//! What can happen to a floor, how it is set up, and what it says should happen in the world.

use crate::ids::{CallId, CallbackId, OfferId, RequestId, SiteId, UserId};
use crate::routing::adviser::{AdviserCard, Status};
use crate::routing::call::{CallRecord, PassTo, Priority, Reason, Report, Screen};
use crate::routing::skills::SkillSet;
use crate::routing::switchboard::Staffing;
use crate::routing::trunk::{Errand, ToHost, ToLender};
use chrono::{DateTime, TimeDelta, Utc};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How a site runs its floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSettings {
    pub site: SiteId,
    /// A call that has waited this long at home may be taken by another site.
    pub overflow_after: TimeDelta,
    /// A call that would wait longer than this at home may be taken by another site at once.
    pub overflow_wait: TimeDelta,
    /// The sites that may help; all of them when there are none here.
    pub helpers: BTreeSet<SiteId>,
    /// A caller who has waited this long hears that nobody can answer in good time.
    pub announce_after: TimeDelta,
    /// How long an inbound call takes up an adviser, until the floor has measured it.
    pub expected_handle: TimeDelta,
    pub selection: Selection,
    /// How long an offer stands before it counts as missed.
    pub offer_for: TimeDelta,
    /// The longest wrap-up.
    pub wrap_up_limit: TimeDelta,
    /// How much longer it gets when an adviser asks for more time, and how often they may.
    pub wrap_up_extension: TimeDelta,
    pub wrap_up_extensions: usize,
    /// Free advisers that the site never lends.
    pub reserve: usize,
    /// Offers missed in a row after which the adviser is put on a break.
    pub missed_limit: u32,
    /// How long a lost desk may take to come back before it gets no more offers.
    pub desk_grace: TimeDelta,
    /// A call answered within this time counts for the service level.
    pub answer_target: TimeDelta,
    /// A call abandoned within this time does not count against the service level.
    pub short_abandon: TimeDelta,
}

impl SiteSettings {
    /// Settings that work for a site of a few dozen advisers.
    pub fn new(site: SiteId) -> Self {
        Self {
            site,
            overflow_after: TimeDelta::seconds(20),
            overflow_wait: TimeDelta::seconds(120),
            helpers: BTreeSet::new(),
            announce_after: TimeDelta::seconds(90),
            expected_handle: TimeDelta::minutes(8),
            selection: Selection::LongestIdle,
            offer_for: TimeDelta::seconds(15),
            wrap_up_limit: TimeDelta::seconds(120),
            wrap_up_extension: TimeDelta::seconds(120),
            wrap_up_extensions: 2,
            reserve: 0,
            missed_limit: 2,
            desk_grace: TimeDelta::seconds(10),
            answer_target: TimeDelta::seconds(20),
            short_abandon: TimeDelta::seconds(5),
        }
    }
}

/// Which of the advisers who could take a call is offered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// The one who has been idle longest.
    #[default]
    LongestIdle,
    /// Among those with the fewest skills the call does not need, the longest idle: rare skills stay free.
    FewestSkills,
}

/// A call that asks to join the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterCall {
    pub call: CallId,
    pub switch_call_id: Arc<str>,
    /// E.164; `None` when withheld.
    pub caller: Option<String>,
    pub dialled: String,
    /// `None` when the number does not say; the adviser asks for the postcode.
    pub home: Option<SiteId>,
    pub place: Option<Arc<str>>,
    pub priority: Priority,
    pub needs: SkillSet,
    pub opening: Opening,
    /// When the caller first came to the network.
    pub entered_at: DateTime<Utc>,
}

/// Whether a site takes calls now, as the service definition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    Open,
    /// Closed, while another site is open: the call waits here for that one.
    OthersOpen,
    /// `next` says when it opens, in words for the caller.
    Closed {
        next: String,
    },
}

/// What can happen to a floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Enter(EnterCall),
    Report {
        call: CallId,
        report: Report,
    },
    /// The switch asks about a call that it brought before: the caller can be put through again.
    AskedAgain {
        call: CallId,
    },
    /// The caller's home site is known after all.
    SetHome {
        call: CallId,
        home: SiteId,
    },
    /// `status` counts when the adviser was signed out; a desk that returns takes its state up again.
    SignIn {
        card: AdviserCard,
        status: Status,
    },
    SetStatus {
        adviser: UserId,
        status: Status,
    },
    SignOut {
        adviser: UserId,
    },
    /// The adviser goes to another site: signed out and forgotten here.
    MoveAway {
        adviser: UserId,
    },
    DeskLost {
        adviser: UserId,
    },
    DeskBack {
        adviser: UserId,
    },
    Accept {
        adviser: UserId,
        offer: OfferId,
    },
    Decline {
        adviser: UserId,
        offer: OfferId,
    },
    EndCall {
        adviser: UserId,
        call: CallId,
    },
    FinishWrapUp {
        adviser: UserId,
        call: CallId,
        outcome: Option<String>,
    },
    ExtendWrapUp {
        adviser: UserId,
        call: CallId,
        request: RequestId,
    },
    /// The adviser passes the call on and wraps up.
    Pass {
        adviser: UserId,
        call: CallId,
        to: PassTo,
        screen: Box<Screen>,
    },
    /// When the adviser's next booked call-back begins.
    SetCommitment {
        adviser: UserId,
        at: Option<DateTime<Utc>>,
    },
    /// The site is declared lost, for this reason, or no longer.
    SetLost {
        reason: Option<Arc<str>>,
    },
    StartOutbound {
        adviser: UserId,
        callback: CallbackId,
    },
    EndOutbound {
        adviser: UserId,
        callback: CallbackId,
    },
    FromLender(ToHost),
    FromHost {
        adviser: UserId,
        offer: OfferId,
        message: ToLender,
    },
    StopTakingCalls,
    /// Time has passed: see [`Floor::next_deadline`].
    Tick,
}

/// What should happen in the world. The floor says so; `app.rs` sees to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The call waits; `position` counts from 1.
    Queued {
        call: CallId,
        position: usize,
        estimated_wait: Option<TimeDelta>,
    },
    Offer {
        offer: OfferId,
        adviser: UserId,
        call: CallId,
        expires_at: DateTime<Utc>,
    },
    OfferEnded {
        offer: OfferId,
        adviser: UserId,
        how: OfferEnd,
    },
    Connect {
        call: CallId,
        by: Arc<AdviserCard>,
    },
    /// Put the caller through to a telephone outside the network.
    ConnectOutside {
        call: CallId,
        address: Arc<str>,
    },
    /// The caller hears this; `text` is what a definition cannot know, such as the next opening time.
    Announce {
        call: CallId,
        name: &'static str,
        text: String,
    },
    /// The switch lets the call go. The last instruction of every call, sent once.
    Release {
        call: CallId,
        reason: Reason,
    },
    Notice {
        adviser: UserId,
        notice: Notice,
    },
    DeskChanged {
        adviser: UserId,
    },
    FloorChanged {
        site: SiteId,
    },
    CallFinished(Box<CallRecord>),
    Staffing(Staffing),
    /// The outcome of a call whose record went out when its wrap-up reached the limit.
    OutcomeLate {
        call: CallId,
        outcome: String,
    },
}

/// How an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferEnd {
    Answered,
    Missed,
    Declined,
    Withdrawn,
}

/// What an adviser must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Put on a break after this many missed offers in a row.
    MissedOffers { missed: u32 },
}

/// Where a floor puts what it wants done.
#[derive(Debug, Default)]
pub struct Outbox {
    pub effects: Vec<Effect>,
    pub errands: SmallVec<[Errand; 4]>,
}
