//! A diary entry: a slot kept for a claim's client for some minutes, then booked, then kept or missed.

use crate::error::{Error, Result};
use crate::ids::{AppointmentId, ClaimId, ClientId, OfficeId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq)]
pub struct Appointment {
    pub id: AppointmentId,
    pub claim_id: ClaimId,
    pub client_id: ClientId,
    pub personal_adviser: UserId,
    pub office: OfficeId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub state: State,
    pub made_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Kept while the client decides.
    Held {
        until: DateTime<Utc>,
    },
    Booked,
    Attended,
    /// The client did not come.
    Failed,
    /// The hold ran out, the client took another slot, or the meeting was deferred or waived.
    Released,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    Attended,
    Failed,
}

impl Appointment {
    /// Makes the held slot the client's. A hold that has run out is refused even if nobody has taken the slot yet:
    /// somebody may be looking at it.
    pub fn book(&mut self, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Booked => Ok(()),
            State::Held { until } if now < until => {
                self.state = State::Booked;
                Ok(())
            }
            State::Held { .. } | State::Released => {
                Err(Error::illegal("HOLD_EXPIRED", "this slot is no longer kept for the client; hold one again"))
            }
            State::Attended | State::Failed => Err(Error::illegal("MEETING_OVER", "this meeting is over")),
        }
    }

    pub fn record(&mut self, attendance: Attendance, now: DateTime<Utc>) -> Result<()> {
        let ended = match attendance {
            Attendance::Attended => State::Attended,
            Attendance::Failed => State::Failed,
        };
        match self.state {
            state if state == ended => Ok(()),
            State::Booked if now < self.starts_at => {
                Err(Error::illegal("MEETING_NOT_BEGUN", "this meeting has not begun yet"))
            }
            State::Booked => {
                self.state = ended;
                Ok(())
            }
            _ => Err(Error::illegal("NO_BOOKED_MEETING", "attendance is recorded for a booked meeting, once")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn held() -> Appointment {
        Appointment {
            id: AppointmentId::fresh(at(0)),
            claim_id: ClaimId::fresh(at(0)),
            client_id: ClientId::fresh(at(0)),
            personal_adviser: UserId::fresh(at(0)),
            office: "frome".into(),
            starts_at: at(60),
            ends_at: at(105),
            state: State::Held { until: at(5) },
            made_at: at(0),
        }
    }

    #[test]
    fn a_hold_that_ran_out_cannot_be_booked() {
        let mut appointment = held();
        assert!(appointment.book(at(5)).is_err());
        appointment.book(at(4)).unwrap();
        // Asked twice, it is booked once.
        appointment.book(at(50)).unwrap();
        assert_eq!(appointment.state, State::Booked);
    }

    #[test]
    fn attendance_is_recorded_for_a_booked_meeting_that_has_begun_and_once() {
        let mut appointment = held();
        assert!(appointment.record(Attendance::Attended, at(70)).is_err());
        appointment.book(at(1)).unwrap();
        assert!(appointment.record(Attendance::Attended, at(59)).is_err());
        appointment.record(Attendance::Failed, at(75)).unwrap();
        assert!(appointment.record(Attendance::Attended, at(80)).is_err());
    }
}
