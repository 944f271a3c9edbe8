//! What a named person decided after missed meetings, and whether it stands.

use super::procedure::AfterMisses;
use chrono::{DateTime, Days, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::ids::{AppointmentId, ClaimId, UserId};

/// What a named person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionAfterMisses {
    pub claim_id: ClaimId,
    /// The missed meeting after which it was decided.
    pub appointment_id: AppointmentId,
    pub decision: AfterMisses,
    /// The client is told.
    pub reason: String,
    /// On what it rests.
    pub evidence: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// That the client asked for it to be looked at again.
    pub asked: Option<Asked>,
    /// It was looked at again, and stands.
    pub upheld: Option<LookedAgain>,
    /// It was looked at again, and does not stand.
    pub reversal: Option<LookedAgain>,
}

/// What a client said who thinks that a decision is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who took it down, and when.
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// The local day on which the client asked.
    pub day: NaiveDate,
    pub said: String,
}

/// That somebody looked at a decision again, and what they found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAgain {
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// The client is told.
    pub reason: String,
}

impl DecisionAfterMisses {
    /// Whether it goes against the client and was not taken back.
    pub fn stands_against(&self) -> bool {
        self.decision == AfterMisses::TreatAsNotMade && self.reversal.is_none()
    }

    /// What the client said, while nobody has answered it.
    pub fn open_request(&self) -> Option<&Asked> {
        self.asked.as_ref().filter(|_| self.upheld.is_none() && self.reversal.is_none())
    }
}

/// The last day on which a decision against a claim can be looked at again here; none of one that went for it.
pub fn reversible_until(definition: &Definition, decided: &DecisionAfterMisses) -> Option<NaiveDate> {
    let day = definition.calendar.local_date(decided.at);
    let days = Days::new(u64::from(definition.followup.missed.reversible_days));
    (decided.decision == AfterMisses::TreatAsNotMade).then(|| day + days)
}
