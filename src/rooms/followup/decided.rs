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
    pub reversal: Option<Reversal>,
}

/// That it was looked at again, and does not stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// The client is told.
    pub reason: String,
}

/// The last day on which a decision against a claim can be looked at again here; none of one that went for it.
pub fn reversible_until(definition: &Definition, decided: &DecisionAfterMisses) -> Option<NaiveDate> {
    let day = definition.calendar.local_date(decided.at);
    let days = Days::new(u64::from(definition.followup.missed.reversible_days));
    (decided.decision == AfterMisses::TreatAsNotMade).then(|| day + days)
}
