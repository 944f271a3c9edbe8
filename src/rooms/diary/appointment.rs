//! A diary entry: a slot kept for a claim's client for some minutes, then booked, then kept, missed or cancelled.

use super::day::Length;
use crate::rota::{HOLD_EXPIRED, cells_of_minutes};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::words;
use startline_foundation::ids::{AppointmentId, ClaimId, ClientId, OfficeId, SeriesId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct Appointment {
    pub id: AppointmentId,
    pub claim_id: ClaimId,
    pub client_id: ClientId,
    /// A word of `diary.yaml`: `first-meeting`.
    pub kind: String,
    pub personal_adviser: UserId,
    pub office: OfficeId,
    /// A room with a door, when the client needs one; else the personal adviser's desk.
    pub room: Option<String>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// The way there, and the paperwork after: the personal adviser's time, not the client's.
    pub before_minutes: u32,
    pub after_minutes: u32,
    /// Booked into the time kept for urgent cases of the day.
    pub urgent: bool,
    pub state: State,
    /// How often it was moved or cancelled: RFC 5545's SEQUENCE.
    pub sequence: u32,
    pub series: Option<SeriesId>,
    pub made_at: DateTime<Utc>,
    /// When the client came to the office.
    pub arrived_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Kept while the client decides.
    Held {
        until: DateTime<Utc>,
    },
    Booked,
    Attended,
    /// The client did not come, or came so late that there was no meeting.
    Failed,
    Cancelled {
        at: DateTime<Utc>,
        why: CancelReason,
    },
    /// The hold ran out, the client took another slot, or the meeting was deferred or waived.
    Released,
}

words! {
    /// A state's name, as it is stored and counted.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum StateName {
        Held = "held",
        Booked = "booked",
        Attended = "attended",
        Failed = "failed",
        Cancelled = "cancelled",
        Released = "released",
    }
}

impl State {
    pub fn name(self) -> StateName {
        match self {
            Self::Held { .. } => StateName::Held,
            Self::Booked => StateName::Booked,
            Self::Attended => StateName::Attended,
            Self::Failed => StateName::Failed,
            Self::Cancelled { .. } => StateName::Cancelled,
            Self::Released => StateName::Released,
        }
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Attendance {
        /// Is at the office; the meeting is still to come.
        Arrived = "arrived",
        Attended = "attended",
        Failed = "failed",
    }
}

words! {
    /// Why an appointment is cancelled or moved.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum CancelReason {
        ClientAsked = "client_asked",
        ClientUnwell = "client_unwell",
        AdviserAway = "adviser_away",
        OfficeClosed = "office_closed",
        /// An earlier time became free and the client took it.
        Earlier = "earlier",
        NotNeeded = "not_needed",
        Mistake = "mistake",
    }
}

impl Appointment {
    pub fn length(&self) -> Length {
        let contact = u32::try_from((self.ends_at - self.starts_at).num_minutes()).unwrap_or(0);
        Length {
            before: cells_of_minutes(self.before_minutes),
            contact: cells_of_minutes(contact),
            after: cells_of_minutes(self.after_minutes),
        }
    }

    pub fn is_first_meeting(&self) -> bool {
        self.kind == startline_definition::FIRST_MEETING
    }

    /// How late the client came, if they came after its beginning.
    pub fn late_by(&self) -> Option<TimeDelta> {
        self.arrived_at.map(|at| at - self.starts_at).filter(|late| *late > TimeDelta::zero())
    }

    /// Makes the held slot the client's.
    pub fn book(&mut self) -> Result<()> {
        match self.state {
            State::Booked => Ok(()),
            State::Held { .. } => {
                self.state = State::Booked;
                Ok(())
            }
            State::Released => Err(Error::illegal(HOLD_EXPIRED, "this slot is no longer kept for the client")),
            State::Attended | State::Failed | State::Cancelled { .. } => Err(over()),
        }
    }

    /// Whether the hold has run out. It is refused even if nobody has taken the slot yet: somebody may be looking at it.
    pub fn hold_is_over(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            State::Held { until } => until <= now,
            State::Released => true,
            _ => false,
        }
    }

    /// Only what is booked and not over can be moved or cancelled.
    pub fn check_booked(&self) -> Result<()> {
        match self.state {
            State::Booked => Ok(()),
            State::Held { .. } => Err(Error::illegal("NO_BOOKED_MEETING", "this slot is held, not booked")),
            State::Released | State::Attended | State::Failed | State::Cancelled { .. } => Err(over()),
        }
    }

    pub fn cancel(&mut self, why: CancelReason, now: DateTime<Utc>) -> Result<()> {
        self.check_booked()?;
        self.state = State::Cancelled { at: now, why };
        self.sequence += 1;
        Ok(())
    }

    pub fn record(&mut self, attendance: Attendance, now: DateTime<Utc>) -> Result<()> {
        let ended = match attendance {
            Attendance::Arrived => return self.arrive(now),
            Attendance::Attended => State::Attended,
            Attendance::Failed => State::Failed,
        };
        match self.state {
            state if state == ended => Ok(()),
            State::Booked if now < self.starts_at && self.arrived_at.is_none() => {
                Err(Error::illegal("MEETING_NOT_BEGUN", "this meeting has not begun yet"))
            }
            State::Booked => {
                self.state = ended;
                Ok(())
            }
            _ => Err(Error::illegal("NO_BOOKED_MEETING", "attendance is recorded for a booked meeting, once")),
        }
    }

    fn arrive(&mut self, now: DateTime<Utc>) -> Result<()> {
        self.check_booked()?;
        self.arrived_at.get_or_insert(now);
        Ok(())
    }
}

fn over() -> Error {
    Error::illegal("MEETING_OVER", "this meeting is over, or was cancelled")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn held() -> Appointment {
        Appointment {
            id: AppointmentId::fresh(at(0)),
            claim_id: ClaimId::fresh(at(0)),
            client_id: ClientId::fresh(at(0)),
            kind: "first-meeting".into(),
            personal_adviser: UserId::fresh(at(0)),
            office: "frome".into(),
            room: None,
            starts_at: at(60),
            ends_at: at(105),
            before_minutes: 0,
            after_minutes: 30,
            urgent: false,
            state: State::Held { until: at(5) },
            sequence: 0,
            series: None,
            made_at: at(0),
            arrived_at: None,
        }
    }

    #[test]
    fn a_hold_runs_out() {
        let mut appointment = held();
        assert!(appointment.hold_is_over(at(5)));
        assert!(!appointment.hold_is_over(at(4)));
        appointment.book().unwrap();
        // Asked twice, it is booked once.
        appointment.book().unwrap();
        assert_eq!(appointment.state, State::Booked);
        assert!(!appointment.hold_is_over(at(50)));
    }

    #[test]
    fn attendance_is_recorded_for_a_booked_meeting_that_has_begun_and_once() {
        let mut appointment = held();
        assert!(appointment.record(Attendance::Attended, at(70)).is_err());
        appointment.book().unwrap();
        assert!(appointment.record(Attendance::Attended, at(59)).is_err());
        appointment.record(Attendance::Failed, at(75)).unwrap();
        assert!(appointment.record(Attendance::Attended, at(80)).is_err());
    }

    #[test]
    fn whoever_came_early_may_be_met_early_and_whoever_came_late_is_late() {
        let mut appointment = held();
        appointment.book().unwrap();
        appointment.record(Attendance::Arrived, at(50)).unwrap();
        assert_eq!(appointment.late_by(), None);
        appointment.record(Attendance::Attended, at(55)).unwrap();
        let mut late = held();
        late.book().unwrap();
        late.record(Attendance::Arrived, at(67)).unwrap();
        // Said again, it stays when they came.
        late.record(Attendance::Arrived, at(80)).unwrap();
        assert_eq!(late.late_by(), Some(TimeDelta::minutes(7)));
    }

    #[test]
    fn what_is_over_cannot_be_cancelled() {
        let mut appointment = held();
        assert!(appointment.cancel(CancelReason::ClientAsked, at(1)).is_err());
        appointment.book().unwrap();
        appointment.cancel(CancelReason::ClientAsked, at(1)).unwrap();
        assert_eq!(appointment.sequence, 1);
        assert!(appointment.cancel(CancelReason::ClientAsked, at(2)).is_err());
        assert!(appointment.book().is_err());
    }
}
