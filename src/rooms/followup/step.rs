//! Something that somebody has to do: what, by which day, and how it ended.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId, StandbyOfferId, StepId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub site: SiteId,
    pub claim_id: ClaimId,
    pub appointment_id: Option<AppointmentId>,
    pub what: What,
    /// From what it came: a step of a kind comes of one cause once.
    pub cause: String,
    /// A local day.
    pub due_day: NaiveDate,
    pub opened_at: DateTime<Utc>,
    pub state: StepState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    Open,
    Done { at: DateTime<Utc>, by: UserId, outcome: Outcome, note: String },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum What {
    /// The review day of a deferral has come.
    ArrangeDeferredMeeting {
        reason: String,
        review_day: NaiveDate,
    },
    RingClient {
        number: u32,
        missed_day: NaiveDate,
    },
    /// The last says who decides, and the right to appeal.
    SendLetter {
        number: u32,
        missed_day: NaiveDate,
        last: bool,
    },
    OfferNewMeeting {
        missed_day: NaiveDate,
    },
    HomeVisit {
        missed_day: NaiveDate,
    },
    ConsiderHomeVisit {
        missed_day: NaiveDate,
    },
    /// Another agency deals with this client's missed meetings.
    Refer {
        agency: String,
        missed_day: NaiveDate,
    },
    /// For a named person, never for the system.
    Decide {
        number: u32,
        missed_day: NaiveDate,
    },
    /// The client asked for a decision against their claim to be looked at again: for a named person, not for who decided.
    Reconsider {
        decided_day: NaiveDate,
        asked_day: NaiveDate,
    },
    OfferEarlierTime {
        offer: StandbyOfferId,
        starts_at: DateTime<Utc>,
        office: String,
    },
    ProposeMeeting {
        kind: String,
        day: NaiveDate,
    },
    FinishStartUp {
        opened_day: NaiveDate,
    },
    /// No meeting is booked, deferred or waived.
    ArrangeMeeting {
        start_up_day: NaiveDate,
    },
    /// A booked meeting is over, and nobody has said whether the client came.
    RecordAttendance {
        day: NaiveDate,
    },
    ChaseForm {
        posted_day: NaiveDate,
    },
    /// It could be handed over since that day.
    LodgeNow {
        since: NaiveDate,
    },
    /// The last day on which handing over keeps the date, and how many days are at stake.
    DateRunsOut {
        last_day: NaiveDate,
        days: i64,
    },
    DateLost {
        last_day: NaiveDate,
        days: i64,
    },
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    NotNeeded,
    CouldNot,
    /// By itself: something else happened that makes it pointless.
    Overtaken,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Done, Self::NotNeeded, Self::CouldNot, Self::Overtaken];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotNeeded => "not_needed",
            Self::CouldNot => "could_not",
            Self::Overtaken => "overtaken",
        }
    }
}

/// Of a claim that is closed by the decision it is about.
const RECONSIDER: &str = "reconsider";
/// Hidden while any meeting of the claim is booked.
pub(super) const ANY_MEETING: &str = "any";

impl What {
    /// The step's name in the definition and in the database.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ArrangeDeferredMeeting { .. } => "arrange-deferred-meeting",
            Self::RingClient { .. } => "ring-client",
            Self::SendLetter { .. } => "send-letter",
            Self::OfferNewMeeting { .. } => "offer-new-meeting",
            Self::HomeVisit { .. } => "home-visit",
            Self::ConsiderHomeVisit { .. } => "consider-home-visit",
            Self::Refer { .. } => "refer",
            Self::Decide { .. } => "decide",
            Self::Reconsider { .. } => RECONSIDER,
            Self::OfferEarlierTime { .. } => "offer-earlier-time",
            Self::ProposeMeeting { .. } => "propose-meeting",
            Self::FinishStartUp { .. } => "finish-start-up",
            Self::ArrangeMeeting { .. } => "arrange-meeting",
            Self::RecordAttendance { .. } => "record-attendance",
            Self::ChaseForm { .. } => "chase-form",
            Self::LodgeNow { .. } => "lodge-now",
            Self::DateRunsOut { .. } => "date-runs-out",
            Self::DateLost { .. } => "date-lost",
        }
    }

    /// Whether it keeps a claim that nobody moves from slipping out of sight.
    pub fn is_of_slipping(&self) -> bool {
        matches!(
            self,
            Self::FinishStartUp { .. }
                | Self::ArrangeMeeting { .. }
                | Self::RecordAttendance { .. }
                | Self::ChaseForm { .. }
                | Self::LodgeNow { .. }
                | Self::DateRunsOut { .. }
                | Self::DateLost { .. }
        )
    }

    /// Whether it belongs to the procedure after a missed meeting.
    pub fn is_of_procedure(&self) -> bool {
        !self.is_of_slipping()
            && !matches!(
                self,
                Self::ArrangeDeferredMeeting { .. }
                    | Self::Reconsider { .. }
                    | Self::OfferEarlierTime { .. }
                    | Self::ProposeMeeting { .. }
            )
    }

    /// The kind of meeting that, while it is booked, answers this step. It comes back when that meeting is cancelled.
    pub(super) fn answered_by(&self) -> Option<&str> {
        match self {
            Self::ArrangeDeferredMeeting { .. }
            | Self::RingClient { .. }
            | Self::SendLetter { .. }
            | Self::OfferNewMeeting { .. }
            | Self::HomeVisit { .. }
            | Self::ConsiderHomeVisit { .. }
            | Self::ArrangeMeeting { .. } => Some(ANY_MEETING),
            Self::ProposeMeeting { kind, .. } => Some(kind),
            Self::Refer { .. }
            | Self::Decide { .. }
            | Self::Reconsider { .. }
            | Self::OfferEarlierTime { .. }
            | Self::FinishStartUp { .. }
            | Self::RecordAttendance { .. }
            | Self::ChaseForm { .. }
            | Self::LodgeNow { .. }
            | Self::DateRunsOut { .. }
            | Self::DateLost { .. } => None,
        }
    }

    /// Steps that end by a verb of their own say which.
    fn own_verb(&self) -> Option<&'static str> {
        match self {
            Self::RingClient { .. } => Some("say how the call went: RecordPhoneAttempt"),
            Self::Decide { .. } => Some("a named person decides: DecideAfterMisses"),
            Self::Reconsider { .. } => {
                Some("somebody other than who decided says whether it stands: UpholdDecision, or ReverseDecision")
            }
            Self::OfferEarlierTime { .. } => Some("say what the client answered: AnswerStandbyOffer"),
            Self::FinishStartUp { .. } => Some("it ends when the start-up is done or the claim is withdrawn"),
            Self::ArrangeMeeting { .. } => {
                Some("it ends when a meeting is booked, deferred or waived, or the claim withdrawn")
            }
            Self::RecordAttendance { .. } => Some("say whether the client came: RecordAttendance"),
            Self::LodgeNow { .. } | Self::DateRunsOut { .. } => {
                Some("it ends when the claim is handed over or withdrawn: LodgeClaim")
            }
            _ => None,
        }
    }
}

impl Step {
    pub fn is_open(&self) -> bool {
        self.state == StepState::Open
    }

    /// Ends it by hand. What was not done says why.
    pub(super) fn record(&mut self, by: UserId, outcome: Outcome, note: String, now: DateTime<Utc>) -> Result<()> {
        if !self.is_open() {
            return Err(Error::illegal("STEP_DONE", "this step is done already, or something else made it needless"));
        }
        if let Some(verb) = self.what.own_verb() {
            return Err(Error::illegal("STEP_HAS_ITS_OWN_END", verb));
        }
        if outcome != Outcome::Done && matches!(self.what, What::SendLetter { .. }) {
            let message = "a letter is sent, unless the client is reached by telephone first: RecordPhoneAttempt";
            return Err(Error::illegal("LETTER_OWED", message));
        }
        if outcome != Outcome::Done && note.is_empty() {
            return Err(Error::invalid("note", "is needed: why was it not done?"));
        }
        self.state = StepState::Done { at: now, by, outcome, note };
        Ok(())
    }
}
