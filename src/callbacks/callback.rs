//! A call-back and its life: booked, attempted, and how it ended.

use crate::error::{Error, Result};
use crate::formats::UkPhone;
use crate::ids::{CallbackId, ClientId, SiteId, UserId};
use chrono::{DateTime, TimeDelta, Utc};

#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    pub id: CallbackId,
    pub client_id: ClientId,
    /// The home site, whose advisers make the call.
    pub site: SiteId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub phone: UkPhone,
    pub urgent: bool,
    pub note: String,
    pub state: State,
    /// The adviser who promised to make it. Any other of the site may make it all the same.
    pub owner: Option<UserId>,
    /// Tries begun so far.
    pub attempts: i32,
    /// When the next try is due.
    pub due_at: DateTime<Utc>,
    pub booked_at: DateTime<Utc>,
    pub first_contact_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Booked,
    /// This adviser is ringing or talking.
    Attempting(UserId),
    Reached,
    /// Every try failed: a letter with a new time is owed.
    NoReply,
    WrongNumber,
    Refused,
    FaceToFace,
}

/// Why a second live call-back of one client is refused.
pub const EXISTS: &str = "CALLBACK_EXISTS";

/// How one try ended. Voicemail is no reply: nobody was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Reached,
    NoReply,
    WrongNumber,
    Refused,
    FaceToFace,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::NoReply => "no_reply",
            Self::WrongNumber => "wrong_number",
            Self::Refused => "refused",
            Self::FaceToFace => "face_to_face",
        }
    }
}

/// When a try that nobody answered is repeated (rule FTA-CB): soon, then an hour later; after the last a letter goes.
#[derive(Debug, Clone, Copy)]
pub struct RetryRule {
    pub tries: i32,
    pub first_retry_after: TimeDelta,
}

/// Between the second try and each later one.
const LATER_RETRY_AFTER: TimeDelta = TimeDelta::minutes(60);

impl RetryRule {
    /// How long to wait after so many tries; none when they were all.
    fn wait_after(&self, tries: i32) -> Option<TimeDelta> {
        match tries {
            tries if tries >= self.tries => None,
            1 => Some(self.first_retry_after),
            _ => Some(LATER_RETRY_AFTER),
        }
    }
}

impl Callback {
    /// This adviser takes the call-back.
    pub fn begin(&mut self, adviser: UserId, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Attempting(by) if by == adviser => return Ok(()),
            State::Booked if now < self.due_at => {
                let message = "it is not yet time for this call-back";
                return Err(Error::illegal("CALLBACK_NOT_DUE", message));
            }
            State::Booked => {}
            State::Attempting(_) => return Err(taken()),
            _ => return Err(Error::illegal("CALLBACK_OVER", "this call-back is over")),
        }
        self.state = State::Attempting(adviser);
        self.attempts += 1;
        Ok(())
    }

    /// The try is over.
    pub fn finish(&mut self, adviser: UserId, outcome: Outcome, rule: RetryRule, now: DateTime<Utc>) -> Result<()> {
        if self.state != State::Attempting(adviser) {
            return Err(Error::illegal("NOT_YOUR_ATTEMPT", "you have not begun to make this call-back"));
        }
        self.state = match (outcome, rule.wait_after(self.attempts)) {
            (Outcome::NoReply, Some(wait)) => {
                self.due_at = now + wait;
                State::Booked
            }
            (Outcome::NoReply, None) => State::NoReply,
            (Outcome::Reached, _) => State::Reached,
            (Outcome::WrongNumber, _) => State::WrongNumber,
            (Outcome::Refused, _) => State::Refused,
            (Outcome::FaceToFace, _) => State::FaceToFace,
        };
        Ok(())
    }
}

pub fn taken() -> Error {
    Error::Conflict {
        reason: "CALLBACK_TAKEN",
        message: "another adviser has just taken this call-back".into(),
        offers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    const RULE: RetryRule = RetryRule { tries: 3, first_retry_after: TimeDelta::minutes(10) };

    fn booked() -> Callback {
        Callback {
            id: CallbackId::fresh(at(0)),
            client_id: ClientId::fresh(at(0)),
            site: "somerset".into(),
            starts_at: at(0),
            ends_at: at(60),
            phone: UkPhone::parse("01632 960001").unwrap(),
            urgent: false,
            note: String::new(),
            state: State::Booked,
            owner: None,
            attempts: 0,
            due_at: at(0),
            booked_at: at(-1000),
            first_contact_at: at(-1000),
        }
    }

    #[test]
    fn three_tries_nobody_answers_end_in_a_letter() {
        let (mut callback, ann) = (booked(), UserId::fresh(at(0)));
        for (minute, due) in [(0, Some(15)), (15, Some(80)), (80, None)] {
            callback.begin(ann, at(minute)).unwrap();
            callback.finish(ann, Outcome::NoReply, RULE, at(minute + 5)).unwrap();
            match due {
                Some(due) => assert_eq!((callback.state, callback.due_at), (State::Booked, at(due))),
                None => assert_eq!(callback.state, State::NoReply),
            }
        }
        assert!(callback.begin(ann, at(200)).is_err());
    }

    #[test]
    fn nobody_rings_before_the_time_or_takes_what_another_has() {
        let (mut callback, ann, bob) = (booked(), UserId::fresh(at(0)), UserId::fresh(at(1)));
        assert!(callback.begin(ann, at(-1)).is_err());
        callback.begin(ann, at(0)).unwrap();
        assert!(matches!(callback.begin(bob, at(0)), Err(Error::Conflict { .. })));
        assert!(callback.finish(bob, Outcome::Reached, RULE, at(1)).is_err());
        callback.begin(ann, at(0)).unwrap();
        assert_eq!(callback.attempts, 1);
    }
}
