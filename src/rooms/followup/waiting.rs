//! Somebody who would come sooner, time that became free, and the one offered to the other.

use crate::rota::Unsuitable;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId, StandbyId, StandbyOfferId, UserId};

/// Somebody who would come sooner.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub id: StandbyId,
    pub claim_id: ClaimId,
    pub site: SiteId,
    pub kind: String,
    pub urgent: bool,
    /// They cannot come before this day.
    pub earliest_day: NaiveDate,
    pub unsuitable: Vec<Unsuitable>,
    pub joined_at: DateTime<Utc>,
}

/// Somebody who waits, and when the meeting is that they have.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub waiting: Waiting,
    pub booked_at: Option<DateTime<Utc>>,
}

/// Time that became free: by which move of which appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreedTime {
    pub appointment_id: AppointmentId,
    pub number: i32,
    pub site: SiteId,
    pub personal_adviser: UserId,
    pub starts_at: DateTime<Utc>,
}

/// Freed time kept for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub id: StandbyOfferId,
    pub standby_id: StandbyId,
    pub claim_id: ClaimId,
    pub freed_id: AppointmentId,
    pub freed_number: i32,
    pub hold_id: Option<AppointmentId>,
    pub state: OfferState,
    pub kept_until: DateTime<Utc>,
}

/// How an offer stands. One is open at a time of a freed time, and of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferState {
    Open,
    Accepted,
    Declined,
    NoReply,
    /// Nobody answered in time.
    RunOut,
    /// The client went off the list.
    Withdrawn,
    /// It could not be theirs, and they were never asked.
    Passed,
}

impl OfferState {
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Accepted, Self::Declined, Self::NoReply, Self::RunOut, Self::Withdrawn, Self::Passed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::NoReply => "no_reply",
            Self::RunOut => "run_out",
            Self::Withdrawn => "withdrawn",
            Self::Passed => "passed",
        }
    }
}

impl Offer {
    /// From what the step comes that asks the client.
    pub fn cause(&self) -> String {
        format!("offer:{}", self.id)
    }
}

impl FreedTime {
    /// With whom and when.
    pub fn time(&self) -> (UserId, DateTime<Utc>) {
        (self.personal_adviser, self.starts_at)
    }
}

/// Urgent cases first, then whoever waits longest.
pub fn order(waiting: &Waiting) -> (bool, DateTime<Utc>, StandbyId) {
    (!waiting.urgent, waiting.joined_at, waiting.id)
}

/// Whether freed time would serve a client: they can come then, and it is sooner than what they have.
pub fn serves(freed: &FreedTime, candidate: &Candidate, minutes: u32, zone: Tz) -> bool {
    let end = freed.starts_at + TimeDelta::minutes(minutes.into());
    let waiting = &candidate.waiting;
    freed.starts_at.with_timezone(&zone).date_naive() >= waiting.earliest_day
        && candidate.booked_at.is_none_or(|booked| freed.starts_at < booked)
        && !waiting.unsuitable.iter().any(|time| time.hits(zone, freed.starts_at, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveTime;
    use startline_definition::FIRST_MEETING;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn candidate(booked_at: Option<&str>) -> Candidate {
        let now = at("2026-03-03T10:00:00Z");
        let waiting = Waiting {
            id: StandbyId::fresh(now),
            claim_id: ClaimId::fresh(now),
            site: "somerset".into(),
            kind: FIRST_MEETING.into(),
            urgent: false,
            earliest_day: "2026-03-05".parse().unwrap(),
            unsuitable: Vec::new(),
            joined_at: now,
        };
        Candidate { waiting, booked_at: booked_at.map(at) }
    }

    fn freed(starts_at: &str) -> FreedTime {
        let now = at("2026-03-03T10:00:00Z");
        FreedTime {
            appointment_id: AppointmentId::fresh(now),
            number: 2,
            site: "somerset".into(),
            personal_adviser: UserId::fresh(now),
            starts_at: at(starts_at),
        }
    }

    #[test]
    fn freed_time_serves_whoever_can_come_then_and_has_nothing_sooner() {
        let zone = chrono_tz::Europe::London;
        let serves = |when: &str, candidate: &Candidate| serves(&freed(when), candidate, 45, zone);
        let booked = candidate(Some("2026-03-10T10:00:00Z"));
        assert!(serves("2026-03-06T10:00:00Z", &booked));
        assert!(!serves("2026-03-10T10:00:00Z", &booked), "it is no sooner");
        assert!(!serves("2026-03-04T10:00:00Z", &booked), "they cannot come before the fifth");
        let mut school = candidate(None);
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        school.waiting.unsuitable = vec![Unsuitable::between(None, time("15:00"), time("16:00"))];
        assert!(!serves("2026-03-06T14:30:00Z", &school));
        assert!(serves("2026-03-06T14:15:00Z", &school));
    }

    #[test]
    fn urgent_cases_are_asked_first_and_then_whoever_waits_longest() {
        let mut all: Vec<Waiting> = (0..3).map(|_| candidate(None).waiting).collect();
        all[0].joined_at += TimeDelta::minutes(2);
        all[1].joined_at += TimeDelta::minutes(1);
        all[2].joined_at += TimeDelta::minutes(3);
        all[2].urgent = true;
        let order_of = |at: usize| all[at].id;
        let expected = [order_of(2), order_of(1), order_of(0)];
        let mut sorted = all.clone();
        sorted.sort_by_key(order);
        assert_eq!(sorted.iter().map(|one| one.id).collect::<Vec<_>>(), expected);
    }
}
