//! One adviser on the floor: the status they chose (`status`), the state the system observes, and the moves between states.
//!
//! In memory only: rebuilt when the desk signs in again. A move that the state does not allow is an error value that
//! says what stands in the way; the adviser is then unchanged.

use super::adviser_card::AdviserCard;
use super::call::CallCard;
use super::skills::SkillSet;
use super::status::{CurrentStatus, Status, StatusCause};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, CallbackId, OfferId, RequestId};
use std::sync::Arc;

/// A place in the order of the longest idle. An adviser whose offer is withdrawn gets the same place back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdlePlace {
    pub since: DateTime<Utc>,
    /// Settles the order of those who became idle at the same instant.
    pub turn: u64,
}

/// The call that an adviser holds, and what to give back when it falls through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Also the name of the lease when the call is another site's.
    pub offer: OfferId,
    pub card: Arc<CallCard>,
    pub place: IdlePlace,
}

/// What the system observes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Idle {
        place: IdlePlace,
    },
    /// `confirmed`: the floor that keeps the call knows of the offer. Until then nobody sees it or can take it.
    Offered {
        held: Held,
        expires_at: DateTime<Utc>,
        confirmed: bool,
    },
    /// Nobody may ever report that the conversation is over: after long the adviser is asked, at `doubted_at`. `asked`: and
    /// has not said that it goes on.
    OnCall {
        held: Held,
        since: DateTime<Utc>,
        doubted_at: DateTime<Utc>,
        asked: bool,
    },
    WrapUp {
        held: Held,
        since: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        /// The requests for more time that were granted, so that a repeated one is recognised.
        extended: Vec<RequestId>,
        /// They passed the call on: it goes on without them.
        passed: bool,
    },
    Outbound {
        callback: CallbackId,
        since: DateTime<Utc>,
    },
}

/// The adviser's softphone desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desk {
    Connected,
    /// Its stream is lost; until the grace period ends it may come back unnoticed.
    Lost {
        until: DateTime<Utc>,
    },
    /// Lost for longer than that: no offers until it comes back.
    Away,
}

/// A desktop that says that it is there, as long as it does. When it was heard last is looked at only when it may have been
/// silent for too long, so that each word of it costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    pub last: DateTime<Utc>,
    /// If nothing was heard since `last` by then, the desk is silent.
    pub doubted_at: DateTime<Utc>,
}

/// The adviser's next booked call-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    pub at: DateTime<Utc>,
    /// A call that began now would not be over by then, so from here on they are offered none.
    pub keep_from: DateTime<Utc>,
}

/// The call an adviser finished last, so that a repeated or late command is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCall {
    pub call: CallId,
    pub offer: OfferId,
    /// The wrap-up ended by its limit, so an outcome may still come.
    pub outcome_open: bool,
}

#[derive(Debug, Clone)]
pub struct Adviser {
    pub card: Arc<AdviserCard>,
    pub status: CurrentStatus,
    pub state: State,
    pub desk: Desk,
    /// None for a desktop that does not say so: then its silence means nothing.
    pub heard: Option<Heard>,
    /// Offers missed since the last conversation.
    pub missed: u32,
    /// The offer they declined last, so that a repeated command is recognised.
    pub declined: Option<OfferId>,
    pub last: Option<LastCall>,
    pub commitment: Option<Commitment>,
    /// Offered no call, so that they are free for their call-back.
    pub kept: bool,
}

impl Adviser {
    /// Their place among those who can be offered a call now.
    pub fn free_place(&self) -> Option<IdlePlace> {
        match &self.state {
            State::Idle { place } if self.is_staffing() => Some(*place),
            _ => None,
        }
    }

    /// Serves the queue, now or after what they are doing.
    pub fn is_staffing(&self) -> bool {
        self.status.is_available()
            && self.desk != Desk::Away
            && !self.kept
            && self.card.skills.covers(SkillSet::INBOUND)
    }

    /// There for calls, or taken up by one: the time that occupancy is measured against.
    pub fn is_on_duty(&self) -> bool {
        self.is_staffing() || self.is_handling()
    }

    /// Taken up by a call that was answered.
    pub fn is_handling(&self) -> bool {
        matches!(self.state, State::OnCall { .. } | State::WrapUp { .. })
    }

    pub fn set_commitment(&mut self, commitment: Option<Commitment>, now: DateTime<Utc>) {
        self.commitment = commitment;
        self.kept = commitment.is_some_and(|commitment| commitment.keep_from <= now);
    }

    /// Without a call, and offered none because a call-back begins soon.
    pub fn is_idle_and_kept(&self) -> bool {
        self.kept && self.status.is_available() && self.desk != Desk::Away && matches!(self.state, State::Idle { .. })
    }

    /// The call they hold, whatever its stage.
    pub fn held(&self) -> Option<&Held> {
        match &self.state {
            State::Offered { held, .. } | State::OnCall { held, .. } | State::WrapUp { held, .. } => Some(held),
            State::Idle { .. } | State::Outbound { .. } => None,
        }
    }

    /// The adviser chooses. During a call it takes effect when that is over.
    pub fn set_status(&mut self, status: Status, place: IdlePlace, now: DateTime<Utc>) -> Result<()> {
        if self.status.is_signed_out() {
            return Err(Error::illegal("SIGNED_OUT", "sign in first"));
        }
        if status == Status::SignedOut {
            return Err(Error::illegal("USE_SIGN_OUT", "signing out is its own command"));
        }
        if status == Status::Available {
            // Somebody is there, also while an offer rings that they may miss.
            self.missed = 0;
            if !self.status.is_available() {
                self.join_the_back(place);
            }
        }
        let cause = match self.state {
            State::Idle { .. } | State::Offered { .. } => StatusCause::Chosen,
            State::OnCall { .. } | State::WrapUp { .. } | State::Outbound { .. } => StatusCause::ChosenDuringCall,
        };
        self.status.change(status, cause, now);
        Ok(())
    }

    /// Without a call from now on.
    fn be_idle(&mut self, place: IdlePlace, now: DateTime<Utc>) {
        self.state = State::Idle { place };
        self.status.call_over(now);
    }

    /// An idle adviser who was not there starts waiting for calls anew.
    pub fn join_the_back(&mut self, place: IdlePlace) {
        if let State::Idle { place: old } = &mut self.state {
            *old = place;
        }
    }

    /// The desk is there again. One that was away joins those who are idle at the back, and whoever was unavailable for that
    /// alone is available. Says whether they were.
    pub fn desk_back(&mut self, place: IdlePlace, silence: TimeDelta, now: DateTime<Utc>) -> bool {
        if self.desk == Desk::Away {
            self.join_the_back(place);
        }
        self.desk = Desk::Connected;
        if self.heard.is_some() {
            self.bind(silence, now);
        }
        self.come_back(place, now)
    }

    /// Something was said at the desk. Says whether the adviser is available by that.
    pub fn hear(&mut self, place: IdlePlace, now: DateTime<Utc>) -> bool {
        if let Some(heard) = &mut self.heard {
            heard.last = now;
        }
        // Whose stream is lost could be told of no offer.
        self.desk != Desk::Away && self.come_back(place, now)
    }

    fn come_back(&mut self, place: IdlePlace, now: DateTime<Utc>) -> bool {
        let comes_back = self.status.awaits_the_desk();
        if comes_back {
            self.join_the_back(place);
            self.status.change(Status::Available, StatusCause::CameBack, now);
        }
        comes_back
    }

    /// From now on the desktop says that it is there: its silence may not last so long.
    pub fn bind(&mut self, silence: TimeDelta, now: DateTime<Utc>) {
        let doubted_at = now.checked_add_signed(silence).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.heard = Some(Heard { last: now, doubted_at });
    }

    /// Whether nothing has been heard for so long; if something was, it is doubted later.
    pub fn is_silent(&mut self, silence: TimeDelta, now: DateTime<Utc>) -> bool {
        let Some(heard) = &mut self.heard else { return false };
        let silent_at = heard.last.checked_add_signed(silence).unwrap_or(DateTime::<Utc>::MAX_UTC);
        heard.doubted_at = silent_at;
        silent_at <= now
    }

    /// Presents a call of this floor, or holds the adviser for one of another site until that confirms.
    pub fn offer(
        &mut self,
        offer: OfferId,
        card: Arc<CallCard>,
        expires_at: DateTime<Utc>,
        confirmed: bool,
    ) -> Result<()> {
        let Some(place) = self.free_place() else {
            return Err(Error::internal(format!("adviser {} was chosen without being free", self.card.id)));
        };
        self.state = State::Offered { held: Held { offer, card, place }, expires_at, confirmed };
        Ok(())
    }

    /// The floor that keeps the call knows of the offer. `None` when nothing changes by that.
    pub fn confirm(&mut self, offer: OfferId) -> Option<(CallId, DateTime<Utc>)> {
        match &mut self.state {
            State::Offered { held, expires_at, confirmed: confirmed @ false } if held.offer == offer => {
                *confirmed = true;
                Some((held.card.call, *expires_at))
            }
            _ => None,
        }
    }

    /// Takes the offered call. `None` when this offer was taken before: a repeated command changes nothing.
    pub fn accept(&mut self, offer: OfferId, now: DateTime<Utc>, doubted_at: DateTime<Utc>) -> Result<Option<Held>> {
        match &self.state {
            State::Offered { held, confirmed: true, .. } if held.offer == offer => {
                let held = held.clone();
                self.state = State::OnCall { held: held.clone(), since: now, doubted_at, asked: false };
                Ok(Some(held))
            }
            State::OnCall { held, .. } | State::WrapUp { held, .. } if held.offer == offer => Ok(None),
            _ => Err(offer_over()),
        }
    }

    /// The offer is over without an answer; the adviser is idle at `place`, or at their old one.
    pub fn drop_offer(&mut self, offer: OfferId, place: Option<IdlePlace>) -> Result<Held> {
        match &self.state {
            State::Offered { held, .. } if held.offer == offer => {
                let held = held.clone();
                self.state = State::Idle { place: place.unwrap_or(held.place) };
                Ok(held)
            }
            _ => Err(offer_over()),
        }
    }

    /// The call they took never came about after all: the caller had gone, or their telephone did not answer.
    pub fn drop_call(&mut self, offer: OfferId, place: Option<IdlePlace>, now: DateTime<Utc>) -> Option<Held> {
        let held = self.held().filter(|held| held.offer == offer)?.clone();
        self.be_idle(place.unwrap_or(held.place), now);
        Some(held)
    }

    /// The talk is over: on_call -> wrap_up. `None` when it was over before.
    pub fn end_talk(&mut self, call: CallId, now: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<Option<Held>> {
        match &self.state {
            State::OnCall { held, .. } if held.card.call == call => {
                let held = held.clone();
                self.missed = 0;
                self.state =
                    State::WrapUp { held: held.clone(), since: now, ends_at, extended: Vec::new(), passed: false };
                Ok(Some(held))
            }
            State::WrapUp { held, .. } if held.card.call == call => Ok(None),
            State::Offered { held, .. } if held.card.call == call => {
                Err(Error::illegal("NOT_ACCEPTED", "the call is offered to you and not yet taken"))
            }
            _ if self.last.is_some_and(|last| last.call == call) => Ok(None),
            _ => Err(Error::not_found(CallId::WHAT, call)),
        }
    }

    /// The conversation goes on.
    pub fn still_talks(&mut self, call: CallId, until: DateTime<Utc>) -> Result<()> {
        match &mut self.state {
            State::OnCall { held, doubted_at, asked, .. } if held.card.call == call => {
                (*doubted_at, *asked) = (until, false);
                Ok(())
            }
            State::Offered { held, .. } | State::WrapUp { held, .. } if held.card.call == call => {
                Err(Error::illegal("NOT_TALKING", "you are in no conversation with this caller"))
            }
            _ => Err(Error::not_found(CallId::WHAT, call)),
        }
    }

    /// The call they talked in goes on with somebody else: on_call -> wrap_up. `None` when they passed it on before.
    pub fn pass_on(&mut self, call: CallId, now: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<Option<Held>> {
        if matches!(&self.state, State::WrapUp { held, passed: true, .. } if held.card.call == call) {
            return Ok(None);
        }
        let over = || Error::illegal("CALL_OVER", "the conversation is over; there is nothing to pass on");
        let held = self.end_talk(call, now, ends_at)?.ok_or_else(over)?;
        if let State::WrapUp { passed, .. } = &mut self.state {
            *passed = true;
        }
        Ok(Some(held))
    }

    /// More time for the notes, up to `limit` times; the same request again changes nothing more.
    pub fn extend_wrap_up(&mut self, call: CallId, request: RequestId, by: TimeDelta, limit: usize) -> Result<()> {
        match &mut self.state {
            State::WrapUp { held, extended, .. } if held.card.call == call && extended.contains(&request) => Ok(()),
            State::WrapUp { held, ends_at, extended, .. } if held.card.call == call => {
                if extended.len() >= limit {
                    return Err(Error::illegal("NO_MORE_EXTENSIONS", "the wrap-up cannot be made longer any more"));
                }
                extended.push(request);
                *ends_at = ends_at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC);
                Ok(())
            }
            _ => Err(Error::illegal("NOT_IN_WRAP_UP", "you are not wrapping up this call")),
        }
    }

    /// wrap_up -> idle at `place`. `None` when it was finished before.
    pub fn finish_wrap_up(&mut self, call: CallId, by_limit: bool, place: IdlePlace) -> Result<Option<Finished>> {
        match &self.state {
            State::WrapUp { held, since, .. } if held.card.call == call => {
                let finished = Finished { held: held.clone(), since: *since };
                self.last = Some(LastCall { call, offer: finished.held.offer, outcome_open: by_limit });
                self.be_idle(place, place.since);
                Ok(Some(finished))
            }
            State::OnCall { held, .. } if held.card.call == call => {
                Err(Error::illegal("STILL_TALKING", "end the call before finishing its wrap-up"))
            }
            _ if self.last.is_some_and(|last| last.call == call) => Ok(None),
            _ => Err(Error::not_found(CallId::WHAT, call)),
        }
    }

    /// Hears something new about the call they hold.
    pub fn see_card(&mut self, offer: OfferId, card: &Arc<CallCard>) {
        if let State::Offered { held, .. } | State::OnCall { held, .. } | State::WrapUp { held, .. } = &mut self.state
            && held.offer == offer
        {
            held.card = card.clone();
        }
    }

    pub fn start_outbound(&mut self, callback: CallbackId, now: DateTime<Utc>) -> Result<()> {
        if self.status.is_signed_out() {
            return Err(Error::illegal("SIGNED_OUT", "sign in first"));
        }
        match &self.state {
            State::Idle { .. } => {
                self.state = State::Outbound { callback, since: now };
                Ok(())
            }
            State::Outbound { callback: same, .. } if *same == callback => Ok(()),
            _ => Err(Error::illegal("BUSY", format!("finish first: you are {}", self.state.name()))),
        }
    }

    /// Ends the call-back. Repeating it, or ending one that is over, changes nothing.
    pub fn end_outbound(&mut self, callback: CallbackId, place: IdlePlace) {
        if matches!(&self.state, State::Outbound { callback: same, .. } if *same == callback) {
            self.be_idle(place, place.since);
        }
    }
}

/// What finishing a wrap-up closed.
#[derive(Debug)]
pub struct Finished {
    pub held: Held,
    pub since: DateTime<Utc>,
}

impl State {
    /// The word for it, as the desks and the supervisors know it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle { .. } => "idle",
            Self::Offered { .. } => "offered",
            Self::OnCall { .. } => "on_call",
            Self::WrapUp { .. } => "wrap_up",
            Self::Outbound { .. } => "outbound",
        }
    }
}

fn offer_over() -> Error {
    Error::illegal("OFFER_OVER", "this offer is over: it was missed, declined or withdrawn, or the caller has gone")
}
