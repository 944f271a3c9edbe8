//! A claim and its life: opened at the start-up call, done, posted, and handed over after the meeting.

use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, DefinitionVersion, SiteId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub id: ClaimId,
    pub client_id: ClientId,
    /// The home site.
    pub site: SiteId,
    pub state: State,
    /// The version the claim began on, and stays on.
    pub definition_version: DefinitionVersion,
    /// Protects the date of claim (rule C6).
    pub first_contact_at: DateTime<Utc>,
    pub opened_at: DateTime<Utc>,
    /// The client's earlier claim that this one began from.
    pub repeats: Option<ClaimId>,
    /// The partner's claim that shared answers were taken from.
    pub partner_claim: Option<ClaimId>,
    /// Who held the start-up call, once it is done: who signs the letter.
    pub start_up_by: Option<UserId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    StartUpDone { at: DateTime<Utc> },
    Posted { start_up_done_at: DateTime<Utc>, at: DateTime<Utc> },
    Lodged { at: DateTime<Utc> },
}

impl Claim {
    /// Whether the start-up call may still fill the form.
    pub fn check_open(&self) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            _ => Err(Error::illegal("START_UP_DONE", "the start-up call is done; changes are made at the meeting now")),
        }
    }

    pub fn complete_start_up(&mut self, by: UserId, now: DateTime<Utc>) -> Result<()> {
        self.check_open()?;
        self.start_up_by = Some(by);
        self.state = State::StartUpDone { at: now };
        Ok(())
    }

    /// The printed form is in the post. A second pack of the same claim changes nothing.
    pub fn post(&mut self, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Open => Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet")),
            State::StartUpDone { at: start_up_done_at } => {
                self.state = State::Posted { start_up_done_at, at: now };
                Ok(())
            }
            State::Posted { .. } | State::Lodged { .. } => Ok(()),
        }
    }

    /// Hands the claim over. Never before the meeting (rule C2).
    pub fn lodge(&mut self, meeting_was_held: bool, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            State::Open => Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet")),
            _ if !meeting_was_held => {
                let message = "a claim is handed over after the meeting with the personal adviser, not before";
                Err(Error::illegal("MEETING_NOT_HELD", message))
            }
            State::StartUpDone { .. } | State::Posted { .. } => {
                self.state = State::Lodged { at: now };
                Ok(())
            }
            State::Lodged { .. } => Err(Error::illegal("ALREADY_LODGED", "this claim has been handed over already")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        let now: DateTime<Utc> = "2026-03-03T10:00:00Z".parse().unwrap();
        Claim {
            id: ClaimId::fresh(now),
            client_id: ClientId::fresh(now),
            site: "somerset".into(),
            state: State::Open,
            definition_version: "v1".into(),
            first_contact_at: now,
            opened_at: now,
            repeats: None,
            partner_claim: None,
            start_up_by: None,
        }
    }

    /// Every order of the moves: whatever happens, a claim is lodged only after the meeting, and never goes back.
    #[test]
    fn no_order_of_moves_lodges_a_claim_before_the_meeting() {
        for moves in 0..3_u32.pow(6) {
            let (mut claim, mut held) = (claim(), false);
            let now = claim.opened_at;
            for step in 0..6 {
                let before = claim.state;
                match moves / 3_u32.pow(step) % 3 {
                    0 => drop(claim.complete_start_up(UserId::fresh(now), now)),
                    1 => drop(claim.post(now)),
                    _ => {
                        let lodged = claim.lodge(held, now);
                        assert!(held || lodged.is_err());
                        held = step % 2 == 1;
                    }
                }
                assert!(before == State::Open || claim.state != State::Open);
                assert!(!matches!(before, State::Lodged { .. }) || claim.state == before);
            }
        }
    }

    #[test]
    fn the_usual_way_ends_lodged() {
        let mut claim = claim();
        let now = claim.opened_at;
        claim.complete_start_up(UserId::fresh(now), now).unwrap();
        assert!(claim.check_open().is_err());
        claim.post(now).unwrap();
        assert!(claim.lodge(false, now).is_err());
        claim.lodge(true, now).unwrap();
        assert!(claim.lodge(true, now).is_err());
    }
}
