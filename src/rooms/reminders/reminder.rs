//! One line of a plan for one appointment, from the moment it is due.

use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::{Channel, Unless};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::words;
use startline_foundation::ids::{AppointmentId, ClientId, ReminderId, SiteId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    pub id: ReminderId,
    pub appointment_id: AppointmentId,
    /// The appointment's, when the line was due: a later one makes this reminder needless.
    pub sequence: i32,
    /// The plan's name of the line.
    pub line: String,
    pub client_id: ClientId,
    pub site: SiteId,
    pub channel: Channel,
    pub unless: Unless,
    pub due_at: DateTime<Utc>,
    /// The appointment's.
    pub starts_at: DateTime<Utc>,
    pub state: State,
    /// How often it was given to Notify.
    pub attempts: i32,
    pub sent_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A call stands on its site's list; a text or a letter goes at `next_at`.
    Due {
        next_at: DateTime<Utc>,
    },
    /// It may be at Notify or not. At `next_at` it is looked for there, and sent only if it is not.
    Sending {
        next_at: DateTime<Utc>,
    },
    /// Notify has it. At `ask_at` it is asked what became of it, unless a receipt told us before.
    Sent {
        ask_at: Option<DateTime<Utc>>,
    },
    Delivered {
        at: DateTime<Utc>,
    },
    Failed {
        why: String,
        at: DateTime<Utc>,
    },
    /// It was not sent, and will not be.
    Dropped {
        why: Dropped,
        at: DateTime<Utc>,
    },
    /// Somebody rang.
    Rung {
        outcome: Outcome,
        at: DateTime<Utc>,
        by: UserId,
    },
}

words! {
    /// Why a reminder does not go.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Dropped {
        /// The appointment was moved: the lines of its new time count.
        Moved = "MOVED",
        /// It was cancelled, or is over.
        NotBooked = "NOT_BOOKED",
        TooLate = "TOO_LATE",
        /// The site does not open again before the appointment.
        NoOpeningBefore = "NO_OPENING_BEFORE",
        /// The appointment was made after the moment of the line.
        BookedLater = "BOOKED_LATER",
        /// The client does not want to be reminded this way.
        OptedOut = "OPTED_OUT",
        NoNumber = "NO_NUMBER",
        /// A text goes to a mobile telephone only.
        NoMobileNumber = "NO_MOBILE_NUMBER",
        /// A letter needs a name, an address and a postcode.
        NoAddress = "NO_ADDRESS",
        /// The client is not to be rung, nor told anything by their telephone.
        NotToBeRung = "NOT_TO_BE_RUNG",
        /// Somebody else may have the number: a text tells nobody what it is about.
        NumberInDoubt = "NUMBER_IN_DOUBT",
        /// Until the appointment there is no time at which the client's telephone is safe.
        NotSafeBefore = "NOT_SAFE_BEFORE",
        /// No message may be left for the client, and a text is one.
        NoMessages = "NO_MESSAGES",
        /// A call reached the client.
        Reached = "REACHED",
        /// A call or a text told the client.
        Told = "TOLD",
        /// The plan does not have this line any more.
        NotPlanned = "NOT_PLANNED",
    }
}

words! {
    /// How a reminder call ended. Voicemail is no reply.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Outcome {
        Reached = "reached",
        NoReply = "no_reply",
        WrongNumber = "wrong_number",
    }
}

/// What Notify says of a message, by a receipt or when asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    OnItsWay,
    Delivered,
    Failed(String),
}

/// What became of a request to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// It will never be sent.
    Refused(String),
    /// It was not taken; it may be later.
    NotNow,
    /// Nobody knows whether it was taken.
    Unknown,
}

/// A sending lasts no longer than this, whatever happens to whoever does it: longer than a request may take.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

impl Reminder {
    /// Before the request goes: from now on it may be at Notify.
    pub fn begin_sending(&mut self, now: DateTime<Utc>) {
        self.attempts += 1;
        self.begin_looking(now);
    }

    /// Before it is looked for at Notify: nothing is given to it.
    pub fn begin_looking(&mut self, now: DateTime<Utc>) {
        self.state = State::Sending { next_at: now + LEASE };
    }

    /// After the request. What a receipt said meanwhile stands.
    pub fn answered(&mut self, answer: Answer, now: DateTime<Utc>) {
        if !matches!(self.state, State::Sending { .. }) {
            return;
        }
        self.state = match answer {
            Answer::Accepted => return self.heard(Status::OnItsWay, now),
            Answer::Refused(why) => State::Failed { why, at: now },
            Answer::NotNow => State::Due { next_at: now + wait_after(self.attempts) },
            Answer::Unknown => State::Sending { next_at: now + wait_after(self.attempts) },
        };
    }

    /// Notify has it, and says this of it: by a receipt in whatever order, or when asked. What is delivered stays so.
    pub fn heard(&mut self, status: Status, now: DateTime<Utc>) {
        let is_over = matches!(self.state, State::Delivered { .. } | State::Rung { .. } | State::Dropped { .. });
        let stays_failed = matches!(self.state, State::Failed { .. }) && status != Status::Delivered;
        if self.channel == Channel::Call || is_over || stays_failed {
            return;
        }
        let sent_at = *self.sent_at.get_or_insert(now);
        self.state = match status {
            Status::OnItsWay => State::Sent { ask_at: ask_after(self.channel, sent_at, now) },
            Status::Delivered => State::Delivered { at: now },
            Status::Failed(why) => State::Failed { why, at: now },
        };
    }

    pub fn drop(&mut self, why: Dropped, now: DateTime<Utc>) {
        self.state = State::Dropped { why, at: now };
    }

    /// What came of the call. The same told twice is told once.
    pub fn record_call(&mut self, outcome: Outcome, by: UserId, now: DateTime<Utc>) -> Result<()> {
        if self.channel != Channel::Call {
            return Err(Error::illegal(
                "NOT_A_CALL",
                "this reminder is a text or a letter; only a call has an outcome",
            ));
        }
        match &self.state {
            State::Rung { outcome: told, .. } if *told == outcome => Ok(()),
            State::Due { .. } => {
                self.state = State::Rung { outcome, at: now, by };
                Ok(())
            }
            State::Rung { .. } => Err(Error::illegal("CALL_RECORDED", "what came of this call is recorded already")),
            _ => {
                Err(Error::illegal("CALL_NOT_NEEDED", "this call is not needed any more: the appointment has changed"))
            }
        }
    }
}

/// Growing waits: one minute, two, four, up to half an hour.
fn wait_after(attempts: i32) -> TimeDelta {
    TimeDelta::minutes((1_i64 << (attempts - 1).clamp(0, 5)).min(30))
}

/// Receipts come by themselves; for those that do not, Notify is asked less and less often, and for some days.
fn ask_after(channel: Channel, sent_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hours: &[i64] = if channel == Channel::Text { &[1, 4, 24, 72] } else { &[24, 48, 96, 168] };
    hours.iter().map(|hours| sent_at + TimeDelta::hours(*hours)).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn due(channel: Channel) -> Reminder {
        Reminder {
            id: ReminderId::fresh(at(0)),
            appointment_id: AppointmentId::fresh(at(0)),
            sequence: 0,
            line: "text-2-1000".into(),
            client_id: ClientId::fresh(at(0)),
            site: "somerset".into(),
            channel,
            unless: Unless::Never,
            due_at: at(0),
            starts_at: at(2880),
            state: State::Due { next_at: at(0) },
            attempts: 0,
            sent_at: None,
        }
    }

    #[test]
    fn what_was_not_taken_waits_longer_each_time_and_what_may_have_been_taken_is_looked_for() {
        let mut reminder = due(Channel::Text);
        for (attempt, wait) in [1, 2, 4, 8, 16, 30, 30].into_iter().enumerate() {
            reminder.begin_sending(at(0));
            assert_eq!(reminder.attempts, i32::try_from(attempt).unwrap() + 1);
            assert_eq!(reminder.state, State::Sending { next_at: at(1) });
            reminder.answered(Answer::NotNow, at(0));
            assert_eq!(reminder.state, State::Due { next_at: at(wait) });
        }
        reminder.begin_sending(at(0));
        reminder.answered(Answer::Unknown, at(0));
        assert!(matches!(reminder.state, State::Sending { .. }));
        reminder.answered(Answer::Refused("no such template".into()), at(3));
        assert!(matches!(reminder.state, State::Failed { .. }));
    }

    #[test]
    fn a_receipt_that_overtakes_the_answer_stands() {
        let mut reminder = due(Channel::Text);
        reminder.begin_sending(at(0));
        reminder.heard(Status::Delivered, at(1));
        reminder.answered(Answer::Accepted, at(2));
        reminder.answered(Answer::Unknown, at(2));
        assert_eq!(reminder.state, State::Delivered { at: at(1) });
    }

    #[test]
    fn notify_is_asked_less_and_less_often_and_then_no_more() {
        let mut reminder = due(Channel::Text);
        reminder.begin_sending(at(0));
        reminder.answered(Answer::Accepted, at(0));
        let mut asked = Vec::new();
        while let State::Sent { ask_at: Some(next) } = reminder.state {
            asked.push((next - at(0)).num_hours());
            reminder.heard(Status::OnItsWay, next);
        }
        assert_eq!(asked, [1, 4, 24, 72]);
        assert_eq!(reminder.state, State::Sent { ask_at: None });
    }

    #[test]
    fn the_outcome_of_a_call_is_recorded_once() {
        let by = UserId::fresh(at(0));
        let mut call = due(Channel::Call);
        call.record_call(Outcome::NoReply, by, at(5)).unwrap();
        call.record_call(Outcome::NoReply, by, at(6)).unwrap();
        assert!(call.record_call(Outcome::Reached, by, at(7)).is_err());
        assert!(due(Channel::Text).record_call(Outcome::Reached, by, at(5)).is_err());
        let mut gone = due(Channel::Call);
        gone.drop(Dropped::Moved, at(1));
        assert!(gone.record_call(Outcome::Reached, by, at(5)).is_err());
    }

    proptest! {
        /// Receipts of any kind in any order, mixed with answers: once delivered it stays delivered, nothing sends it again,
        /// and a dropped one is not woken.
        #[test]
        fn receipts_in_any_order_do_no_harm(events in prop::collection::vec(0..6u8, 1..12), dropped: bool) {
            let mut reminder = due(Channel::Text);
            if dropped {
                reminder.drop(Dropped::Moved, at(0));
            } else {
                reminder.begin_sending(at(0));
            }
            let mut delivered = false;
            for (minute, event) in (1..).zip(events) {
                match event {
                    0 => reminder.heard(Status::OnItsWay, at(minute)),
                    1 => reminder.heard(Status::Delivered, at(minute)),
                    2 => reminder.heard(Status::Failed("permanent-failure".into()), at(minute)),
                    3 => reminder.answered(Answer::Accepted, at(minute)),
                    4 => reminder.answered(Answer::Unknown, at(minute)),
                    _ => reminder.answered(Answer::Refused("x".into()), at(minute)),
                }
                delivered |= event == 1 && !dropped;
                prop_assert_eq!(matches!(reminder.state, State::Delivered { .. }), delivered);
                prop_assert_eq!(matches!(reminder.state, State::Dropped { .. }), dropped);
                let is_due = matches!(reminder.state, State::Due { .. });
                prop_assert!(!is_due);
            }
        }
    }
}
