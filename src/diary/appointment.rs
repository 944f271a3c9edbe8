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
    /// The hold ran out, or the client took another slot.
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
