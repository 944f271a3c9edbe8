//! One call on the floor that keeps it: waiting, offered, connected, ended.
//!
//! In memory until it is over; then a [`CallRecord`] goes out as an effect, to be made durable. A call that is
//! waiting when the process dies is asked for again by its switch.

use super::adviser_card::AdviserCard;
use super::skills::SkillSet;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{CallId, ClientId, OfferId, SiteId, WalkId};
use std::sync::Arc;

/// What is known about a call from the moment it enters: what a desk shows before it rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCard {
    pub call: CallId,
    pub switch_call_id: SwitchCall,
    /// E.164; `None` when withheld.
    pub caller: Option<String>,
    pub dialled: String,
    /// The site whose floor keeps the call.
    pub host: SiteId,
    /// The site whose area the caller belongs to; `None` until the postcode is asked.
    pub home: Option<SiteId>,
    /// What people call the caller's area.
    pub place: Option<Arc<str>>,
    /// The number did not say where the caller lives, so the adviser asks.
    pub ask_postcode: bool,
    pub priority: Priority,
    /// Skills that whoever takes it must have, beside taking calls.
    pub needs: SkillSet,
    pub entered_at: DateTime<Utc>,
    /// What the adviser who passed it on had on their screen.
    pub passed: Option<Arc<Screen>>,
}

/// The switch's own name for the call. Two switches may use one name for two calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SwitchCall {
    pub switch: Arc<str>,
    pub name: Arc<str>,
}

/// A call of the only switch there is.
impl From<String> for SwitchCall {
    fn from(name: String) -> Self {
        Self { switch: Arc::default(), name: name.into() }
    }
}

impl From<&str> for SwitchCall {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

/// An adviser's screen, so that the next one asks nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    pub from: Arc<AdviserCard>,
    /// The client and the walk that were open.
    pub client: Option<ClientId>,
    pub walk: Option<WalkId>,
    pub note: String,
}

/// Where an adviser passes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassTo {
    /// To whoever can do this, home first.
    Skill(SkillSet),
    Site(SiteId),
    /// A telephone outside the network; the call leaves the floor.
    Outside {
        address: Arc<str>,
    },
}

/// Who goes first among the waiting; within one priority, the call that entered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    Urgent,
    /// Rang before and gave up waiting.
    RingingAgain,
    #[default]
    Normal,
}

/// A call's place in the queue of its floor. It keeps it for life, so a call that comes back is at the head again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueKey {
    pub priority: Priority,
    pub entered_at: DateTime<Utc>,
    /// Settles the order of those who entered at the same instant.
    pub turn: u64,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub card: Arc<CallCard>,
    pub key: QueueKey,
    pub state: CallState,
    /// The caller cannot be put through for the moment; the call is over if nothing is heard by then.
    pub away_until: Option<DateTime<Utc>>,
    /// It is offered while its switch does not ask: the offer stands until then, since most switches ask again at once.
    pub offer_kept_until: Option<DateTime<Utc>>,
    /// Its switch was sent to a telephone and asks no more; so long it may take to ask again when nobody answers there.
    pub sent_on: Option<TimeDelta>,
    /// When the caller is told that nobody can answer in good time; none once they were.
    pub announce_at: Option<DateTime<Utc>>,
    pub estimated_wait_ms: Option<u64>,
    /// What happened before an adviser passed it on.
    pub earlier: Option<Box<Earlier>>,
    /// It was passed to this site and waits for nobody else.
    pub only_site: Option<SiteId>,
}

/// The part of a call's life before it was passed on. It has been answered, so it no longer counts as waiting.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Who answered it first.
    pub by: Arc<AdviserCard>,
    pub answered_at: DateTime<Utc>,
    /// When it was passed on last: since then it has waited again.
    pub passed_at: DateTime<Utc>,
    pub talk_ms: u64,
    pub passes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    Waiting {
        overflow: Overflow,
    },
    Offered {
        offer: OfferId,
        to: Arc<AdviserCard>,
        /// For an adviser of another site: when the floor that keeps the call stops believing in the lease.
        take_back_at: Option<DateTime<Utc>>,
        /// The switch has reported that their telephone answered.
        answered: bool,
    },
    Connected {
        offer: OfferId,
        by: Arc<AdviserCard>,
        answered_at: DateTime<Utc>,
        /// The switch has reported that the adviser's telephone answered.
        confirmed: bool,
    },
    /// The talk is over and the adviser is wrapping up.
    Ended {
        offer: OfferId,
        by: Arc<AdviserCard>,
        answered_at: DateTime<Utc>,
        ended_at: DateTime<Utc>,
    },
}

/// Whether a waiting call may be taken by another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// It has just been put into the queue; the floor settles this before it returns.
    Undecided,
    /// Home has it to itself until then.
    NotBefore(DateTime<Utc>),
    /// Another site is being looked for, and home still goes first.
    Seeking,
}

impl Call {
    /// A call that enters its floor.
    pub fn new(card: Arc<CallCard>, key: QueueKey) -> Self {
        Self {
            card,
            key,
            state: CallState::Waiting { overflow: Overflow::Undecided },
            away_until: None,
            offer_kept_until: None,
            sent_on: None,
            announce_at: None,
            estimated_wait_ms: None,
            earlier: None,
            only_site: None,
        }
    }

    /// What it needs and its place in the queue, while it waits there.
    pub fn queued(&self) -> Option<(SkillSet, QueueKey)> {
        let here = self.away_until.is_none() && self.only_site.as_ref().is_none_or(|site| *site == self.card.host);
        (here && matches!(self.state, CallState::Waiting { .. })).then_some((self.card.needs, self.key))
    }

    pub fn is_seeking(&self) -> bool {
        self.away_until.is_none() && matches!(self.state, CallState::Waiting { overflow: Overflow::Seeking })
    }

    /// The offer or conversation it is in, and with whom.
    pub fn with(&self) -> Option<(OfferId, &Arc<AdviserCard>)> {
        match &self.state {
            CallState::Waiting { .. } => None,
            CallState::Offered { offer, to, .. } => Some((*offer, to)),
            CallState::Connected { offer, by, .. } | CallState::Ended { offer, by, .. } => Some((*offer, by)),
        }
    }

    pub fn is_with(&self, offer: OfferId) -> bool {
        self.with().is_some_and(|(current, _)| current == offer)
    }

    /// With nobody in conversation, and not gone.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, CallState::Waiting { .. } | CallState::Offered { .. })
    }

    /// Its switch was sent to the adviser's telephone, and has so long to say what came of it.
    pub fn was_sent_on(&mut self, within: TimeDelta, now: DateTime<Utc>) {
        self.sent_on = Some(within);
        // An offer ends by itself.
        if self.is_unconfirmed() {
            self.away_until = Some(now.checked_add_signed(within).unwrap_or(DateTime::<Utc>::MAX_UTC));
        }
    }

    /// Taken by an adviser, and nobody has said that the caller was put through.
    pub fn is_unconfirmed(&self) -> bool {
        matches!(self.state, CallState::Connected { confirmed: false, .. })
    }

    /// Never answered, and not gone.
    pub fn counts_as_waiting(&self) -> bool {
        self.is_waiting() && self.earlier.is_none()
    }
}

/// How a call left the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Answered,
    /// The caller left before an answer.
    Abandoned,
    Diverted(ReleaseReason),
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::Diverted(_) => "diverted",
        }
    }
}

/// Why the switch is told to let a call go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseReason {
    /// The conversation is over.
    Ended,
    /// The caller has left.
    Abandoned,
    /// Outside opening hours.
    Closed,
    /// The service is stopping.
    Stopping,
    /// The caller would rather be called back.
    CallbackRequested,
    /// An adviser passed the call to a line outside the network.
    PassedOutside,
    /// Its switch had it answered without us: by a telephone that rang beside, or by another door.
    AnsweredElsewhere,
}

impl ReleaseReason {
    /// The word for it, on the wire and in the records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Abandoned => "abandoned",
            Self::Closed => "closed",
            Self::Stopping => "stopping",
            Self::CallbackRequested => "callback_requested",
            Self::PassedOutside => "passed_outside",
            Self::AnsweredElsewhere => "answered_elsewhere",
        }
    }
}

/// What the switch is to do with a call now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// The call waits; `position` counts from 1.
    Queued {
        position: usize,
        estimated_wait: Option<TimeDelta>,
    },
    Connect {
        by: Arc<AdviserCard>,
    },
    /// Put the caller through to a telephone outside the network.
    ConnectOutside {
        address: Arc<str>,
    },
    Announce(Announcement),
    /// Let the call go. The last instruction of every call, sent once.
    Release(ReleaseReason),
}

/// What a caller hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// The site is closed; when it opens, in words for the caller.
    Closed { next_opening: String },
    /// Nobody can answer in good time; the caller goes on waiting, or asks to be called back.
    Waiting,
}

impl Announcement {
    /// The word for it, on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Closed { .. } => "closed",
            Self::Waiting => "waiting",
        }
    }
}

/// What the switch says about a call. Reports may come twice, late and in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The adviser's telephone answered.
    Answered,
    /// The adviser's telephone did not answer, or was busy. With the address named at which it was tried, a report about
    /// an earlier adviser is recognised as late.
    NoAnswer {
        address: Option<Arc<str>>,
        busy: bool,
    },
    /// This telephone answered. One that is not the telephone of the adviser who is offered the call takes it all the same:
    /// the caller is no longer to be put through.
    AnsweredAt {
        address: Arc<str>,
    },
    /// The adviser's telephone could not be reached: it is not registered, or its number leads nowhere.
    Unreachable {
        address: Option<Arc<str>>,
    },
    /// The caller hung up before an answer.
    Abandoned,
    /// The caller is answered, and not by us.
    AnsweredElsewhere,
    /// The switch was sent to the adviser's telephone and asks no more. When nobody says within this time that somebody
    /// answered there, the call is away for as long again.
    SentOn {
        within: TimeDelta,
    },
    /// The caller hears something else for a while, or the switch is about to ask again. The call keeps its place and
    /// age and is offered to nobody until it is asked for again; after a while it counts as abandoned.
    Away {
        until: DateTime<Utc>,
    },
    /// The caller gave up waiting and wants to be called back.
    CallbackRequested,
    Ended,
}

/// One whole call, for the durable records. Sent exactly once for each call that entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Who called, where they belong, when they entered.
    pub card: Arc<CallCard>,
    pub how: How,
    /// Who answered, and at which site.
    pub handled_by: Option<Arc<AdviserCard>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub ended_at: DateTime<Utc>,
    /// From entering to the answer, or to the end when there was none.
    pub wait_ms: u64,
    pub talk_ms: u64,
    pub wrap_up_ms: u64,
    /// What the adviser chose when finishing the wrap-up.
    pub outcome: Option<String>,
    /// How long the caller was to wait, as estimated when the call entered. `None` when somebody was free.
    pub estimated_wait_ms: Option<u64>,
    /// How often an adviser passed the call on.
    pub passes: u32,
    /// How long the caller had waited in vain who left: for the first adviser, or for the next after being passed on.
    pub gave_up_after_ms: Option<u64>,
    /// The call went on when the process that kept it ended or lost the floor: a conversation, whose record is completed by
    /// what the switch says, or a caller who was let go so that their switch asks elsewhere ([`Self::was_let_go`]).
    pub unfinished: bool,
}

impl CallRecord {
    /// The process has no more to do with it, and the caller is still on the line: what becomes of them is not known yet.
    pub fn was_let_go(&self) -> bool {
        self.unfinished && self.how == How::Diverted(ReleaseReason::Stopping)
    }

    /// Answered at a site other than the one that kept the call.
    pub fn overflowed(&self) -> bool {
        self.handled_by.as_ref().is_some_and(|by| by.site != self.card.host)
    }
}

/// Milliseconds from `start` to `end`; none if the clock went back.
pub fn elapsed_ms(start: DateTime<Utc>, end: DateTime<Utc>) -> u64 {
    u64::try_from((end - start).num_milliseconds()).unwrap_or(0)
}
