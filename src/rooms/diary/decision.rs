//! The first meeting put off or done without, and how a claim's meeting stands.

use super::appointment::Appointment;
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use startline_definition::{DeferralReason, Definition};
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// Put off, for a reason of the definition (rule D2); on the review day somebody looks again (rule D5).
    Deferred { reason: String, review_day: NaiveDate },
    /// Done without.
    Waived { reason: WaiverReason },
}

impl Decided {
    /// As it is stored and counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Deferred { .. } => "deferred",
            Self::Waived { .. } => "waived",
        }
    }

    pub fn reason(&self) -> &str {
        match self {
            Self::Deferred { reason, .. } => reason,
            Self::Waived { reason } => reason.as_str(),
        }
    }

    pub fn review_day(&self) -> Option<NaiveDate> {
        match self {
            Self::Deferred { review_day, .. } => Some(*review_day),
            Self::Waived { .. } => None,
        }
    }

    /// From its three parts, as they are stored; none when they make no sense.
    pub fn of(name: &str, reason: &str, review_day: Option<NaiveDate>) -> Option<Self> {
        let waiver = || WaiverReason::parse(reason);
        match (name, review_day) {
            ("deferred", Some(review_day)) => Some(Self::Deferred { reason: reason.to_owned(), review_day }),
            ("waived", _) => waiver().map(|reason| Self::Waived { reason }),
            _ => None,
        }
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

/// A meeting is put off for a reason of the definition, with a note where that one needs it, until a later day that is no further
/// ahead than the reason allows.
pub fn check_deferral(
    definition: &Definition,
    reason: &str,
    note: &str,
    review_day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    if reason.is_empty() {
        return Err(Error::invalid("reason", "is needed"));
    }
    let known = definition.diary.deferral_reason(reason).ok_or_else(|| {
        let ids = definition.diary.deferral_reasons.iter().map(|reason| &reason.id);
        Error::not_among("reason", "no reason for which a meeting is put off", ids)
    })?;
    if known.needs_note && note.trim().is_empty() {
        return Err(Error::invalid("note", "is needed: what speaks for putting the meeting off?"));
    }
    check_review_day(definition, known, review_day, now)
}

fn check_review_day(
    definition: &Definition,
    reason: &DeferralReason,
    review_day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<()> {
    let today = definition.calendar.local_date(now);
    let months = definition.service.settings.booking_horizon_months;
    if review_day <= today {
        return Err(Error::invalid("review_day", "must be a day after today"));
    }
    match reason.longest_weeks {
        Some(weeks) if review_day > today + TimeDelta::weeks(weeks.into()) => {
            let told =
                format!("must be within {weeks} weeks: for this reason a meeting is put off no longer at a time");
            Err(Error::invalid("review_day", told))
        }
        None if review_day > today + Months::new(months) => {
            Err(Error::invalid("review_day", format!("is more than {months} months ahead")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_on_a_later_local_day_within_what_the_reason_allows() {
        let definition = Definition::embedded();
        let no_longer = |longest_weeks| DeferralReason {
            longest_weeks,
            ..definition.diary.deferral_reason("baby_due").unwrap().clone()
        };
        // Half past eleven at night in London's summer is half past ten UTC: the same local day.
        let now: DateTime<Utc> = "2026-06-30T22:30:00Z".parse().unwrap();
        let check = |day: &str| check_review_day(&definition, &no_longer(None), day.parse().unwrap(), now);
        let within = |weeks, day: &str| {
            check_review_day(&definition, &no_longer(Some(weeks)), day.parse().unwrap(), now).is_ok()
        };
        assert_eq!(
            ["2026-06-30", "2026-07-01", "2026-07-14", "2026-07-15"].map(|day| within(2, day)),
            [false, true, true, false]
        );
        assert!(within(52, "2027-06-29"), "beyond the diary");
        assert!(check("2026-06-30").is_err());
        assert!(check("2026-07-01").is_ok());
        assert!(check("2026-12-30").is_ok());
        assert!(check("2026-12-31").is_err());
        // Half past midnight in London is still the day before in UTC.
        let later: DateTime<Utc> = "2026-06-30T23:30:00Z".parse().unwrap();
        assert!(check_review_day(&definition, &no_longer(None), "2026-07-01".parse().unwrap(), later).is_err());
    }
}
