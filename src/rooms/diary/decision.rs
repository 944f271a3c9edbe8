//! The first meeting put off or done without, and how a claim's meeting stands.

use super::appointment::Appointment;
use chrono::{DateTime, Months, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::words;
use startline_foundation::ids::{ClaimId, DecisionId, UserId};

/// Longest note beside a decision or a booking, in characters.
pub const NOTE_CHARS: usize = 500;

/// That a claim's first meeting is put off, or done without. One stands at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub id: DecisionId,
    pub claim_id: ClaimId,
    pub what: Decided,
    pub note: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Put off; on the review day somebody looks again (rule D5).
    Deferred { reason: DeferralReason, review_day: NaiveDate },
    /// Done without.
    Waived { reason: WaiverReason },
}

impl Decided {
    /// As it is stored and counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deferred { .. } => "deferred",
            Self::Waived { .. } => "waived",
        }
    }

    pub fn reason(self) -> &'static str {
        match self {
            Self::Deferred { reason, .. } => reason.as_str(),
            Self::Waived { reason } => reason.as_str(),
        }
    }

    pub fn review_day(self) -> Option<NaiveDate> {
        match self {
            Self::Deferred { review_day, .. } => Some(review_day),
            Self::Waived { .. } => None,
        }
    }

    /// From its three parts, as they are stored; none when they make no sense.
    pub fn of(name: &str, reason: &str, review_day: Option<NaiveDate>) -> Option<Self> {
        let deferral = || DeferralReason::parse(reason);
        let waiver = || WaiverReason::parse(reason);
        match (name, review_day) {
            ("deferred", Some(review_day)) => deferral().map(|reason| Self::Deferred { reason, review_day }),
            ("waived", _) => waiver().map(|reason| Self::Waived { reason }),
            _ => None,
        }
    }
}

words! {
    /// Why a meeting is put off (rule D2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum DeferralReason {
        Health = "health",
        MajorOperation = "major_operation",
        RestrictiveTreatment = "restrictive_treatment",
        BabyDue = "baby_due",
        RecentlyBereaved = "recently_bereaved",
    }
}

words! {
    /// Why a meeting is done without (rule D3).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum WaiverReason {
        SeriousIllness = "serious_illness",
        Exceptional = "exceptional",
        /// The client is of an age at which the meeting is their own choice, and wants none (rule E2).
        Optional = "optional",
    }
}

/// How a claim's first meeting stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Meeting {
    /// Nothing is arranged.
    Open,
    Booked(Appointment),
    /// The client did not come, and nothing was arranged since.
    Missed(Appointment),
    /// The client came, once at least.
    Held(Appointment),
    Deferred(Decision),
    Waived(Decision),
}

impl Meeting {
    /// Whether the start-up call may end: the client knows when they meet somebody, or that they need not for now.
    pub fn is_arranged(&self) -> bool {
        matches!(self, Self::Booked(_) | Self::Held(_) | Self::Deferred(_) | Self::Waived(_))
    }

    /// Whether the claim may be handed over (rules C2, C3).
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Held(_) | Self::Deferred(_) | Self::Waived(_))
    }
}

/// A review is on a later day, and no later than a diary reaches.
pub fn check_review_day(definition: &Definition, review_day: NaiveDate, now: DateTime<Utc>) -> Result<()> {
    let today = definition.calendar.local_date(now);
    let months = definition.service.settings.booking_horizon_months;
    if review_day <= today {
        return Err(Error::invalid("review_day", "must be a day after today"));
    }
    if review_day > today + Months::new(months) {
        return Err(Error::invalid("review_day", format!("is more than {months} months ahead")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_on_a_later_local_day_within_the_diary() {
        let definition = Definition::embedded();
        // Half past eleven at night in London's summer is half past ten UTC: the same local day.
        let now: DateTime<Utc> = "2026-06-30T22:30:00Z".parse().unwrap();
        let check = |day: &str| check_review_day(&definition, day.parse().unwrap(), now);
        assert!(check("2026-06-30").is_err());
        assert!(check("2026-07-01").is_ok());
        assert!(check("2026-12-30").is_ok());
        assert!(check("2026-12-31").is_err());
        // Half past midnight in London is still the day before in UTC.
        let later: DateTime<Utc> = "2026-06-30T23:30:00Z".parse().unwrap();
        assert!(check_review_day(&definition, "2026-07-01".parse().unwrap(), later).is_err());
    }
}
