//! A walk and its life: it goes on, is parked at the end of a call, taken up again, and finished; a finished one is
//! gone on with by going back.

use super::progress::{Progress, counted_span_ms};
use super::step::Position;
use crate::access::Context;
use chrono::{DateTime, Utc};
use startline_definition::Answers;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, UserId, WalkId};

/// One passing through a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    pub id: WalkId,
    /// Counts the steps; two desks on one walk meet it.
    pub revision: i32,
    pub script: String,
    pub definition_version: DefinitionVersion,
    pub client_id: Option<ClientId>,
    pub claim_id: Option<ClaimId>,
    pub state: State,
    /// Answers to the script's own questions, also those of branches that are hidden now.
    pub answers: Answers,
    pub progress: Progress,
    pub started_at: DateTime<Utc>,
    /// Who moved it last; not known of walks from before this was kept.
    pub holder: Option<UserId>,
    pub moved_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Going(Position),
    Parked { position: Position, at: DateTime<Utc> },
    Finished,
}

impl State {
    /// Where it stands; none when it is finished.
    pub fn position(&self) -> Option<&Position> {
        match self {
            Self::Going(position) | Self::Parked { position, .. } => Some(position),
            Self::Finished => None,
        }
    }

    pub fn parked_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Parked { at, .. } => Some(*at),
            Self::Going(_) | Self::Finished => None,
        }
    }
}

impl Walk {
    /// Whether it may be moved; a finished one may be gone back into.
    pub fn check_moves(&self) -> Result<()> {
        match self.state {
            State::Parked { .. } => Err(Error::illegal("WALK_PARKED", "this walk is parked: resume it first")),
            State::Going(_) | State::Finished => Ok(()),
        }
    }

    /// The step it stands on, to be answered.
    pub fn standing(&self) -> Result<&Position> {
        self.check_moves()?;
        self.state.position().ok_or_else(|| Error::illegal("WALK_FINISHED", "this walk is finished"))
    }

    /// Goes on to `position`, or to the end.
    pub fn go(&mut self, position: Option<Position>, context: &Context) {
        let before = match &self.state {
            State::Going(position) => Some(position.stage.clone()),
            State::Parked { .. } | State::Finished => None,
        };
        if before.is_some() {
            self.progress.spend(before.as_deref(), self.moved_at, context.now);
        }
        let after = position.as_ref().map(|position| position.stage.as_str());
        self.progress.enter(before.as_deref(), after, context.now);
        self.state = position.map_or(State::Finished, State::Going);
        self.touch(context);
    }

    /// Ends the call and keeps everything.
    pub fn park(&mut self, context: &Context) -> Result<()> {
        let position = self.standing()?.clone();
        self.go(Some(position.clone()), context);
        self.progress.enter(Some(&position.stage), None, context.now);
        self.state = State::Parked { position, at: context.now };
        Ok(())
    }

    /// Nobody goes on with it.
    pub fn close(&mut self, context: &Context) -> Result<()> {
        if self.claim_id.is_some() {
            let message = "this walk fills a claim, and ends with it: finish the start-up, or withdraw the claim";
            return Err(Error::illegal("WALK_OF_CLAIM", message));
        }
        if self.state == State::Finished {
            return Err(Error::illegal("WALK_FINISHED", "this walk is finished"));
        }
        self.go(None, context);
        Ok(())
    }

    /// Takes it up, from wherever: nothing is locked.
    pub fn resume(&mut self, context: &Context) -> Result<()> {
        let finished = || Error::illegal("WALK_FINISHED", "this walk is finished; go back to change it");
        let position = self.state.position().cloned().ok_or_else(finished)?;
        self.go(Some(position), context);
        Ok(())
    }

    /// Milliseconds over all sittings, and of those on the stage it stands on.
    pub fn spent_ms(&self, stage: &str, now: DateTime<Utc>) -> (i64, i64) {
        let running = |here: bool| match &self.state {
            State::Going(position) if !here || position.stage == stage => counted_span_ms(self.moved_at, now),
            _ => 0,
        };
        let of_stage = self.progress.stages.get(stage).map_or(0, |record| record.spent_ms);
        (self.progress.spent_ms + running(false), of_stage + running(true))
    }

    fn touch(&mut self, context: &Context) {
        self.holder = Some(context.user.id);
        self.moved_at = context.now;
    }
}
