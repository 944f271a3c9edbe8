//! A call-back and its life: booked, due, attempted, parked, and how it ended.

use super::wishes::Wishes;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{UkPhone, words};
use startline_foundation::ids::{CallId, CallbackId, ClientId, SiteId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    pub id: CallbackId,
    pub client_id: ClientId,
    /// The home site, whose advisers make the call.
    pub site: SiteId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub phone: UkPhone,
    /// Read back to the client when it was booked.
    pub number_confirmed: bool,
    pub urgent: bool,
    pub note: String,
    pub state: State,
    /// The adviser who promised to make it: the first to see it when it is due.
    pub owner: Option<UserId>,
    /// Whom a team leader has asked to make it.
    pub asked: Option<UserId>,
    /// Tries begun so far, and those of them since it was last given a time.
    pub attempts: i32,
    pub tries: i32,
    /// When the next try is due.
    pub due_at: DateTime<Utc>,
    pub booked_at: DateTime<Utc>,
    pub first_contact_at: DateTime<Utc>,
    /// Words for what the call needs, and what the client wished, when it was booked.
    pub needs: Vec<String>,
    pub wishes: Wishes,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waiting for its time, or for its next try.
    Booked,
    /// This adviser is ringing or talking.
    Attempting(UserId),
    /// Begun, and to go on at `due_at`, because the client asked for that.
    Parked {
        why: String,
    },
    Reached,
    /// Every try failed: a letter with a new time is owed.
    NoReply,
    /// On the list of numbers to be checked; tried again when somebody has put the number right.
    WrongNumber,
    Refused,
    /// The client would rather be seen: on the list of visits to arrange, until they have come in or would be rung after all.
    FaceToFace,
    Cancelled(CancelReason),
    /// The client rang in first: it became this call.
    TakenOver(CallId),
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum CancelReason {
        ClientAsked = "client_asked",
        Duplicate = "duplicate",
        CameIn = "came_in",
        ClaimWithdrawn = "claim_withdrawn",
        /// Another call-back was booked while this one waited for a letter, a number or a visit.
        Superseded = "superseded",
        /// The start-up was done while the client waited for a visit.
        StartUpDone = "start_up_done",
        ClientDied = "client_died",
    }
}

/// Why a second live call-back of one client is refused.
pub const EXISTS: &str = "CALLBACK_EXISTS";

words! {
    /// How one try ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Outcome {
        Reached = "reached",
        NoReply = "no_reply",
        /// Somebody's machine was spoken to: that is no contact.
        Voicemail = "voicemail",
        Busy = "busy",
        WrongNumber = "wrong_number",
        Refused = "refused",
        FaceToFace = "face_to_face",
    }
}

impl Outcome {
    pub fn is_no_contact(self) -> bool {
        matches!(self, Self::NoReply | Self::Voicemail | Self::Busy)
    }
}

impl Callback {
    /// Promised, and not over.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Booked | State::Attempting(_) | State::Parked { .. })
    }

    /// Promised, or waiting for a letter, a number or a visit.
    pub fn is_open(&self) -> bool {
        self.is_live() || self.waits()
    }

    /// Nobody rings: a letter, a number or a visit comes first.
    pub fn waits(&self) -> bool {
        matches!(self.state, State::NoReply | State::WrongNumber | State::FaceToFace)
    }

    /// Somebody should be ringing now.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state, State::Booked | State::Parked { .. }) && self.due_at <= now
    }

    /// This adviser takes the call-back. Gives false when they had it already.
    pub fn begin(&mut self, adviser: UserId, now: DateTime<Utc>) -> Result<bool> {
        match self.state {
            State::Attempting(by) if by == adviser => return Ok(false),
            State::Booked | State::Parked { .. } if now < self.due_at => {
                let message = "it is not yet time for this call-back";
                return Err(Error::illegal("CALLBACK_NOT_DUE", message));
            }
            State::Booked | State::Parked { .. } => {}
            State::Attempting(_) => return Err(taken()),
            _ => return Err(over()),
        }
        self.state = State::Attempting(adviser);
        self.attempts += 1;
        self.tries += 1;
        Ok(true)
    }

    /// The try is over. `next` is when the next one is due, if there is to be one.
    pub fn finish(
        &mut self,
        adviser: UserId,
        outcome: Outcome,
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.check_theirs(adviser)?;
        self.state = match (outcome, next) {
            (Outcome::NoReply | Outcome::Voicemail | Outcome::Busy, Some(due_at)) => {
                self.due_at = due_at;
                State::Booked
            }
            (Outcome::NoReply | Outcome::Voicemail | Outcome::Busy, None) => State::NoReply,
            (Outcome::Reached, _) => State::Reached,
            (Outcome::WrongNumber, _) => State::WrongNumber,
            (Outcome::Refused, _) => State::Refused,
            (Outcome::FaceToFace, _) => State::FaceToFace,
        };
        self.ended_at = (self.state != State::Booked).then_some(now);
        Ok(())
    }

    /// The client was reached and asked to go on later: it stays with whoever has begun it.
    pub fn park(&mut self, adviser: UserId, until: DateTime<Utc>, why: String) -> Result<()> {
        self.check_theirs(adviser)?;
        self.state = State::Parked { why };
        self.owner = Some(adviser);
        self.due_at = until;
        // They were reached: what comes next is a call of its own.
        self.tries = 0;
        Ok(())
    }

    /// Whoever had it is gone: it is due again, and the try does not count.
    pub fn give_back(&mut self, now: DateTime<Utc>) -> Result<()> {
        if !matches!(self.state, State::Attempting(_)) {
            return Err(over());
        }
        self.state = State::Booked;
        self.tries = (self.tries - 1).max(0);
        self.due_at = self.due_at.min(now);
        Ok(())
    }

    /// A new time: another beginning.
    pub fn move_to(&mut self, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Booked | State::Parked { .. } | State::NoReply | State::WrongNumber | State::FaceToFace => {}
            State::Attempting(_) => return Err(under_way()),
            _ => return Err(over()),
        }
        (self.starts_at, self.ends_at, self.due_at) = (start, end, start);
        self.state = State::Booked;
        self.tries = 0;
        self.asked = None;
        self.ended_at = None;
        Ok(())
    }

    pub fn cancel(&mut self, reason: CancelReason, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Booked | State::Parked { .. } | State::NoReply | State::WrongNumber | State::FaceToFace => {}
            State::Attempting(_) => return Err(under_way()),
            _ => return Err(over()),
        }
        self.state = State::Cancelled(reason);
        self.ended_at = Some(now);
        Ok(())
    }

    /// The client has rung in: the start-up is done in that call.
    pub fn take_over(&mut self, call: CallId, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Booked | State::Parked { .. } | State::NoReply | State::WrongNumber | State::FaceToFace => {}
            State::Attempting(_) => return Err(under_way()),
            _ => return Err(over()),
        }
        self.state = State::TakenOver(call);
        self.ended_at = Some(now);
        Ok(())
    }

    /// Somebody has put the number right: tried again from `due_at` on.
    pub fn correct_number(&mut self, phone: UkPhone, due_at: DateTime<Utc>) -> Result<()> {
        if matches!(self.state, State::Attempting(_)) {
            return Err(under_way());
        }
        if !self.is_live() && self.state != State::WrongNumber {
            return Err(over());
        }
        self.phone = phone;
        if self.state == State::WrongNumber {
            self.state = State::Booked;
            self.due_at = due_at.max(self.starts_at);
            self.tries = 0;
            self.ended_at = None;
        }
        Ok(())
    }

    fn check_theirs(&self, adviser: UserId) -> Result<()> {
        if self.state == State::Attempting(adviser) {
            return Ok(());
        }
        Err(Error::illegal("NOT_YOUR_ATTEMPT", "you have not begun to make this call-back"))
    }
}

fn over() -> Error {
    Error::illegal("CALLBACK_OVER", "this call-back is over")
}

fn under_way() -> Error {
    Error::illegal("CALLBACK_UNDER_WAY", "somebody is making this call-back just now; record how it ended first")
}

pub fn taken() -> Error {
    Error::Conflict {
        reason: "CALLBACK_TAKEN",
        message: "another adviser has just taken this call-back".into(),
        offers: Vec::new(),
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
