//! What can happen to a floor, how it is set up, and what it says should happen in the world.

use crate::adviser_card::AdviserCard;
use crate::call::{CallRecord, Instruction, PassTo, Priority, Report, Screen, SwitchCall};
use crate::figures::Staffing;
use crate::journal::JournalEntry;
use crate::skills::SkillSet;
use crate::status::Status;
use crate::trunk::{ToHost, ToLender, TrunkRequest};
use chrono::{DateTime, TimeDelta, Utc};
use smallvec::SmallVec;
use startline_foundation::ids::{CallId, CallbackId, OfferId, RequestId, SiteId, UserId};
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
    /// A desk that used to answer heartbeats, and of which nothing is heard for so long, is offered nothing.
    pub desk_silence: TimeDelta,
    /// An adviser whose conversation has gone on for so long is asked whether it still does, and after a yes again.
    pub talk_asked_after: TimeDelta,
    /// Who does not say yes within this time is taken to have finished.
    pub talk_answer_within: TimeDelta,
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
            desk_silence: TimeDelta::seconds(25),
            talk_asked_after: TimeDelta::hours(2),
            talk_answer_within: TimeDelta::minutes(5),
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
    pub switch_call_id: SwitchCall,
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
    /// Something at the desk of an adviser who has signed in here.
    Desk {
        adviser: UserId,
        command: DeskCommand,
    },
    /// The adviser goes to another site: signed out and forgotten here.
    MoveAway {
        adviser: UserId,
    },
    /// Somebody else, of this name, signs in with this adviser's telephone: they are signed out. `Illegal` in a conversation.
    TelephoneTaken {
        adviser: UserId,
        by: Arc<str>,
    },
    /// The site is declared lost, for this reason, or no longer.
    SetLost {
        reason: Option<Arc<str>>,
    },
    FromLender(ToHost),
    FromHost {
        adviser: UserId,
        offer: OfferId,
        message: ToLender,
    },
    StopTakingCalls,
    TakeCallsAgain,
    /// The process ends: whatever call is still here gets its record as it stands.
    Close,
    /// Time has passed: see [`Floor::next_deadline`].
    Tick,
}

/// What an adviser does at their desk, and what the service sees there. Whichever site keeps the call they hold; each may be
/// repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskCommand {
    /// `Illegal` when signed out.
    SetStatus(Status),
    /// `Illegal` in a conversation.
    SignOut,
    /// The desk's stream is lost. After the grace period it gets no offers; a conversation goes on.
    Lost,
    Back,
    /// The desktop answers a heartbeat. `Illegal` when signed out.
    StillHere,
    /// Something was said at the desk that is none of the floor's business.
    Spoke,
    /// `Illegal` when the offer is over, or its caller has gone.
    Accept {
        offer: OfferId,
    },
    /// `Illegal` when the offer is over.
    Decline {
        offer: OfferId,
    },
    /// The adviser ends the conversation and begins its wrap-up. `NotFound` for a call they do not have, `Illegal` when it
    /// is only offered.
    EndCall {
        call: CallId,
    },
    /// Asked about a long conversation: it goes on.
    StillTalking {
        call: CallId,
    },
    /// Somebody who leads the site ends what this desk is in, a conversation that nobody reported the end of, and puts it on a
    /// break or signs it out.
    Free {
        by: Arc<str>,
        reason: Arc<str>,
        sign_out: bool,
    },
    /// As [`DeskCommand::EndCall`], by an adviser whose telephone is down.
    HungUp {
        call: CallId,
    },
    /// `NotFound` for a call they did not have last, `Illegal` while still talking.
    FinishWrapUp {
        call: CallId,
        outcome: Option<String>,
    },
    /// More time for the notes. `Illegal` when not wrapping up this call or when it was made longer often enough.
    ExtendWrapUp {
        call: CallId,
        request: RequestId,
    },
    /// Passes the call on with the adviser's screen; they wrap up their part. `NotFound` for an unknown call, or a site
    /// that is not there; `Illegal` when they are not talking.
    Pass {
        call: CallId,
        to: PassTo,
        screen: Box<Screen>,
    },
    /// When the adviser's next booked call-back begins.
    SetCommitment {
        at: Option<DateTime<Utc>>,
    },
    /// The adviser begins a call-back and gets no offers meanwhile. `Illegal` when signed out or busy.
    StartOutbound {
        callback: CallbackId,
    },
    EndOutbound {
        callback: CallbackId,
    },
}

impl DeskCommand {
    /// It comes from the desk, which is there therefore.
    pub(super) fn is_said_at_the_desk(&self) -> bool {
        match self {
            Self::SetStatus(_)
            | Self::SignOut
            | Self::StillHere
            | Self::Spoke
            | Self::Accept { .. }
            | Self::Decline { .. }
            | Self::EndCall { .. }
            | Self::StillTalking { .. }
            | Self::HungUp { .. }
            | Self::FinishWrapUp { .. }
            | Self::ExtendWrapUp { .. }
            | Self::Pass { .. } => true,
            // Said of the desk, or of the adviser by what they and others do elsewhere.
            Self::Lost
            | Self::Back
            | Self::Free { .. }
            | Self::SetCommitment { .. }
            | Self::StartOutbound { .. }
            | Self::EndOutbound { .. } => false,
        }
    }
}

/// What should happen in the world. The floor says so; the switchboard delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The switch hears what to do with the call.
    Instruct {
        call: CallId,
        instruction: Instruction,
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
    /// Something about a call that is not over, to be kept for the case that the process dies.
    UnderWay(JournalEntry),
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

impl OfferEnd {
    /// The word for it, on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What an adviser must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Put on a break after this many missed offers in a row.
    MissedOffers { missed: u32 },
    /// Put on a break because no call gets to their telephone.
    Unreachable { address: String },
    /// Signed out because somebody else has signed in with their telephone.
    TelephoneTaken { address: String },
    /// Do they still talk? Otherwise the conversation counts as over in some minutes.
    StillTalking { minutes: i64 },
    /// Asked, they said nothing: the conversation counts as over.
    TalkGivenUp,
    /// Somebody ended what they were in.
    Freed { by: Arc<str>, reason: Arc<str> },
    /// Put on a break because nothing was heard of their desk for so long.
    DeskSilent { seconds: i64 },
    /// Available again, since their desk is.
    CameBack,
    /// A sentence for everybody at their site.
    Sentence(Arc<str>),
}

impl Notice {
    /// As it is read on the desk.
    pub fn words(&self) -> String {
        match self {
            Self::MissedOffers { missed } => {
                format!("You missed {missed} calls and have been put on a break. Set yourself available again.")
            }
            Self::Unreachable { address } => format!(
                "Your telephone {address} could not be reached, so you have been put on a break. Look whether it is \
                 registered and its number is right, and set yourself available again."
            ),
            Self::TelephoneTaken { address } => {
                format!("Somebody else has signed in with your telephone {address}, so you have been signed out.")
            }
            Self::StillTalking { minutes } => format!(
                "Are you still talking? Nothing was heard of the end of your conversation. Say that it goes on, or it counts \
                 as over in {minutes} minutes."
            ),
            Self::TalkGivenUp => {
                "Your conversation counts as over, since nothing was heard of it, and you have been put on a \
                                  break. Set yourself available again."
                    .to_owned()
            }
            Self::Freed { by, reason } => {
                format!("{by} has ended what your desk was in ({reason}). Set yourself available again.")
            }
            Self::DeskSilent { seconds } => format!(
                "Nothing was heard of your desk for {seconds} seconds, so you have been put on a break. You are available again \
                 as soon as it is heard."
            ),
            Self::CameBack => "Your desk is back, and you are available again.".to_owned(),
            Self::Sentence(sentence) => sentence.to_string(),
        }
    }
}

/// Where a floor puts what it wants done.
#[derive(Debug, Default)]
pub struct Outbox {
    pub effects: Vec<Effect>,
    pub trunk_requests: SmallVec<[TrunkRequest; 4]>,
}

impl Outbox {
    pub(super) fn instruct(&mut self, call: CallId, instruction: Instruction) {
        self.effects.push(Effect::Instruct { call, instruction });
    }
}
