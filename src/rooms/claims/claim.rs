//! A claim and its life: opened at the start-up call, done, posted, and handed over to each agency after the meeting.
//! Beside that way it may end, withdrawn or treated as not made, and be put back where it stood.

use super::lodging::{Handover, already_lodged};
use crate::clients::Client;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::words;
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, SiteId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub id: ClaimId,
    pub client_id: ClientId,
    /// The home site.
    pub site: SiteId,
    pub state: State,
    /// The version the claim began on, and stays on.
    pub definition_version: DefinitionVersion,
    /// Protects the date of claim (rule C6). No move changes it but one: a decision against the client's claim before is taken back.
    pub first_contact_at: DateTime<Utc>,
    /// So many days it stood closed by a decision that was taken back: it is protected for as much longer.
    pub stood_closed_days: u32,
    pub opened_at: DateTime<Utc>,
    /// The client's earlier claim that this one began from.
    pub repeats: Option<ClaimId>,
    /// The partner's claim that shared answers were taken from.
    pub partner_claim: Option<ClaimId>,
    /// Who held the start-up call, once it is done: who signs the letter.
    pub start_up_by: Option<UserId>,
    /// The nearest day on which handing it over still keeps a date; [`NO_LAST_DAY`] when none is at stake.
    pub last_day: NaiveDate,
    /// So many lines of the evidence list are not settled; known once the start-up is done.
    pub evidence_to_come: Option<i32>,
}

/// Stands where no date is at stake, after every other day.
pub const NO_LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Open,
    StartUpDone {
        at: DateTime<Utc>,
    },
    Posted {
        start_up_done_at: DateTime<Utc>,
        at: DateTime<Utc>,
    },
    /// Handed over to every agency that has to see it.
    Lodged {
        at: DateTime<Utc>,
    },
    /// It goes no further.
    Closed(Closing),
}

words! {
    /// The state alone.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Stage {
        Open = "open",
        StartUpDone = "start_up_done",
        Posted = "posted",
        Lodged = "lodged",
        Withdrawn = "withdrawn",
        NotMade = "not_made",
    }
}

impl Stage {
    pub fn is_underway(self) -> bool {
        matches!(self, Self::Open | Self::StartUpDone | Self::Posted)
    }
}

impl State {
    pub fn stage(&self) -> Stage {
        match self {
            Self::Open => Stage::Open,
            Self::StartUpDone { .. } => Stage::StartUpDone,
            Self::Posted { .. } => Stage::Posted,
            Self::Lodged { .. } => Stage::Lodged,
            Self::Closed(Closing { how: Closed::Withdrawn, .. }) => Stage::Withdrawn,
            Self::Closed(Closing { how: Closed::NotMade, .. }) => Stage::NotMade,
        }
    }
}

/// That a claim ended before it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub how: Closed,
    /// Where the claim stood, and where it stands again when it is put back.
    pub from: Underway,
    pub at: DateTime<Utc>,
    pub by: UserId,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The client, or the service for them, took it back.
    Withdrawn,
    /// A named person decided so after the last opportunity to come to the meeting.
    NotMade,
}

/// The states on the way to lodging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Underway {
    Open,
    StartUpDone { at: DateTime<Utc> },
    Posted { start_up_done_at: DateTime<Utc>, at: DateTime<Utc> },
}

impl From<Underway> for State {
    fn from(underway: Underway) -> Self {
        match underway {
            Underway::Open => Self::Open,
            Underway::StartUpDone { at } => Self::StartUpDone { at },
            Underway::Posted { start_up_done_at, at } => Self::Posted { start_up_done_at, at },
        }
    }
}

impl Claim {
    /// Whether the start-up call may still fill the form.
    pub fn check_open(&self) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            State::Closed(ref closing) => Err(closing.refusal()),
            _ => Err(Error::illegal("START_UP_DONE", "the start-up call is done; changes are made at the meeting now")),
        }
    }

    /// The client as the claim sees them: in touch about it when they were, whatever they are in touch about since.
    pub fn claimant(&self, client: Client) -> Client {
        Client { first_contact_at: self.first_contact_at, ..client }
    }

    /// Whether the claim is on its way: neither closed nor handed over to everybody.
    pub fn check_underway(&self) -> Result<Underway> {
        match self.state {
            State::Open => Ok(Underway::Open),
            State::StartUpDone { at } => Ok(Underway::StartUpDone { at }),
            State::Posted { start_up_done_at, at } => Ok(Underway::Posted { start_up_done_at, at }),
            State::Lodged { .. } => Err(already_lodged()),
            State::Closed(ref closing) => Err(closing.refusal()),
        }
    }

    pub fn check_not_closed(&self) -> Result<()> {
        match &self.state {
            State::Closed(closing) => Err(closing.refusal()),
            _ => Ok(()),
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed(_))
    }

    /// Whether the form may be changed at the meeting: the start-up is done and not every agency has the claim.
    pub fn check_amendable(&self) -> Result<()> {
        match self.check_underway()? {
            Underway::Open => {
                Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet: save the answer instead"))
            }
            Underway::StartUpDone { .. } | Underway::Posted { .. } => Ok(()),
        }
    }

    /// When the form went out, as far as it is known to be at the client's; what was handed over was there before.
    pub fn form_posted_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            State::Posted { at, .. } | State::Lodged { at } => Some(at),
            State::Open | State::StartUpDone { .. } | State::Closed(_) => None,
        }
    }

    /// Whether the form was filled in a start-up call, whatever became of the claim since.
    pub fn is_start_up_done(&self) -> bool {
        match &self.state {
            State::Open => false,
            State::Closed(closing) => closing.from != Underway::Open,
            State::StartUpDone { .. } | State::Posted { .. } | State::Lodged { .. } => true,
        }
    }

    pub fn complete_start_up(&mut self, by: UserId, now: DateTime<Utc>) -> Result<()> {
        self.check_open()?;
        self.start_up_by = Some(by);
        self.state = State::StartUpDone { at: now };
        Ok(())
    }

    /// The printed form is in the post. A second pack of the same claim changes nothing. What was in the post when the
    /// claim was closed is remembered for the day on which it is put back; the claim stays closed.
    pub fn post(&mut self, now: DateTime<Utc>) -> Result<()> {
        let not_done = || Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet"));
        match &mut self.state {
            State::Open => return not_done(),
            State::StartUpDone { at: start_up_done_at } => {
                self.state = State::Posted { start_up_done_at: *start_up_done_at, at: now };
            }
            State::Closed(closing) => match closing.from {
                Underway::Open => return not_done(),
                Underway::StartUpDone { at: start_up_done_at } => {
                    closing.from = Underway::Posted { start_up_done_at, at: now };
                }
                Underway::Posted { .. } => {}
            },
            State::Posted { .. } | State::Lodged { .. } => {}
        }
        Ok(())
    }

    /// Hands the claim over to agencies, and says to which. Never before the meeting, or the decision to do without one
    /// (rules C2, C3), never over an expert's open query, to each agency once.
    pub fn lodge(&mut self, handover: &Handover<'_>, now: DateTime<Utc>) -> Result<Vec<String>> {
        if self.check_underway()? == Underway::Open {
            return Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet"));
        }
        let to = handover.decide()?;
        if handover.is_last(&to) {
            self.state = State::Lodged { at: now };
        }
        Ok(to)
    }

    /// Takes the claim back, from any state but fully lodged.
    pub fn withdraw(&mut self, by: UserId, reason: String, now: DateTime<Utc>) -> Result<()> {
        let from = self.check_underway()?;
        self.state = State::Closed(Closing { how: Closed::Withdrawn, from, at: now, by, reason });
        Ok(())
    }

    /// A named person decided that it is treated as not made.
    pub fn treat_as_not_made(&mut self, by: UserId, reason: String, now: DateTime<Utc>) -> Result<()> {
        let from = self.check_underway()?;
        self.state = State::Closed(Closing { how: Closed::NotMade, from, at: now, by, reason });
        Ok(())
    }

    /// The decision is reversed: the claim stands where it stood.
    pub fn reverse(&mut self) -> Result<()> {
        match &self.state {
            State::Closed(closing) if closing.how == Closed::NotMade => {
                self.state = closing.from.into();
                Ok(())
            }
            _ => Err(Error::illegal("NOTHING_TO_REVERSE", "no decision against this claim stands")),
        }
    }

    /// Puts a withdrawn claim back where it stood.
    pub fn reopen(&mut self) -> Result<()> {
        match &self.state {
            State::Closed(closing) if closing.how == Closed::Withdrawn => {
                self.state = closing.from.into();
                Ok(())
            }
            _ => Err(Error::illegal("NOT_WITHDRAWN", "only a withdrawn claim is reopened; this one is not withdrawn")),
        }
    }
}

impl Closing {
    /// Why nothing is done about the claim any more.
    pub fn refusal(&self) -> Error {
        match self.how {
            Closed::Withdrawn => Error::illegal(
                "CLAIM_WITHDRAWN",
                "this claim has been withdrawn: a team leader or a personal adviser must reopen it first",
            ),
            Closed::NotMade => Error::illegal(
                "CLAIM_NOT_MADE",
                "somebody decided that this claim is treated as not made: the client may claim anew, or ask for the decision \
                 to be looked at again",
            ),
        }
    }
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
