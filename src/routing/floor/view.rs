//! What others may see of a floor: copies, taken under its lock and looked at without it.

use super::Floor;
use crate::adviser::{Adviser, Desk, State};
use crate::adviser_card::AdviserCard;
use crate::call::{Call, CallCard, CallState};
use crate::figures::{Figures, Period};
use crate::skills::SkillSet;
use crate::status::{Status, StatusCause};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, OfferId, SiteId, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One adviser, as their desk and their supervisor see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskView {
    pub card: Arc<AdviserCard>,
    pub status: Status,
    /// What made it so, and since when it is.
    pub cause: StatusCause,
    pub status_since: DateTime<Utc>,
    pub state: State,
    pub desk: Desk,
    pub missed: u32,
    /// When their next booked call-back begins.
    pub next_callback: Option<DateTime<Utc>>,
    /// Without a call, and offered none because that call-back begins soon.
    pub kept: bool,
}

impl DeskView {
    /// The call they have, whatever its stage.
    pub fn call(&self) -> Option<CallId> {
        match &self.state {
            State::Offered { held, .. } | State::OnCall { held, .. } | State::WrapUp { held, .. } => {
                Some(held.card.call)
            }
            State::Idle { .. } | State::Outbound { .. } => None,
        }
    }

    /// Whether they speak with somebody, or have one to write up.
    pub fn is_busy(&self) -> bool {
        self.call().is_some() || matches!(self.state, State::Outbound { .. })
    }

    fn of(adviser: &Adviser) -> Self {
        let state = match &adviser.state {
            // Not theirs yet, and perhaps never.
            State::Offered { held, confirmed: false, .. } => State::Idle { place: held.place },
            state => state.clone(),
        };
        Self {
            card: adviser.card.clone(),
            status: adviser.status.get().clone(),
            cause: adviser.status.cause().clone(),
            status_since: adviser.status.since(),
            state,
            desk: adviser.desk,
            missed: adviser.missed,
            next_callback: adviser.commitment.map(|next| next.at),
            kept: adviser.is_idle_and_kept(),
        }
    }
}

/// One waiting call, in the order of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCall {
    pub card: Arc<CallCard>,
    /// From 1; 0 while away.
    pub position: usize,
    pub estimated_wait: Option<TimeDelta>,
    /// Another site is being looked for.
    pub seeking: bool,
    /// The caller is in the waiting room, or their switch is about to ask again: nobody is offered them just now.
    pub away: bool,
}

/// A whole site at one moment, for supervisors.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorSnapshot {
    pub site: SiteId,
    pub at: DateTime<Utc>,
    pub taking_calls: bool,
    /// By name, then id.
    pub advisers: Vec<DeskView>,
    pub waiting: Vec<WaitingCall>,
    /// Calls presented to an adviser, connected, or being wrapped up.
    pub in_hand: usize,
    pub load: Load,
    /// Free advisers whom the site never lends.
    pub reserve: usize,
    /// How long a plain call that came now would wait; `None` while somebody is free or too little is known.
    pub estimated_wait: Option<TimeDelta>,
    /// Why the site is declared lost, while it is.
    pub lost: Option<Arc<str>>,
    pub figures: Figures,
    pub service_level: Option<f64>,
    /// The calls that entered in the current half-hour. Its times on duty are those since they were last given away to
    /// the durable figures, a minute ago at most.
    pub half_hour: Period,
}

/// One call as its switch may ask for it: what it was told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    pub card: Arc<CallCard>,
    pub state: CallState,
    /// While it waits: its position from 1, and how long that may take.
    pub position: Option<usize>,
    pub estimated_wait: Option<TimeDelta>,
    /// Its switch was sent to a telephone, and hears no more of us unless it asks again.
    pub sent_on: bool,
    /// Offered to nobody until its switch asks again, and over if it has not by then.
    pub away_until: Option<DateTime<Utc>>,
    pub offer_kept_until: Option<DateTime<Utc>>,
    pub counts_as_waiting: bool,
}

/// How many do what at a site now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    pub site: SiteId,
    /// Signed in, by what they do.
    pub advisers: BTreeMap<&'static str, usize>,
    pub waiting: usize,
    /// Of whoever waits longest; zero when nobody does.
    pub longest_wait: TimeDelta,
    /// When they entered.
    pub oldest_entered_at: Option<DateTime<Utc>>,
}

/// A site as a wall shows it among many.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorSummary {
    pub census: Census,
    pub load: Load,
    pub reserve: usize,
    pub estimated_wait: Option<TimeDelta>,
    pub lost: Option<Arc<str>>,
    pub half_hour: Period,
}

/// How much of a site is looked at beside its summary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Details {
    pub advisers: bool,
    pub waiting: bool,
}

/// A site as somebody looks at it who looks at several: what was not asked for is empty.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorLook {
    pub summary: FloorSummary,
    pub advisers: Vec<DeskView>,
    pub waiting: Vec<WaitingCall>,
}

/// None for who is signed out and has nothing left to do.
fn doing(adviser: &Adviser) -> Option<&'static str> {
    Some(match (&adviser.state, adviser.status.get()) {
        (State::Offered { confirmed: true, .. }, _) => "offered",
        (State::OnCall { .. }, _) => "on_call",
        (State::WrapUp { .. }, _) => "wrap_up",
        (State::Outbound { .. }, _) => "outbound",
        (_, Status::SignedOut) => return None,
        (_, Status::OnBreak { .. }) => "on_break",
        (_, Status::Available) if adviser.is_idle_and_kept() => "idle_kept",
        (State::Idle { .. } | State::Offered { .. }, Status::Available) => "free",
    })
}

/// How busy a floor is: what the choice of another site looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Advisers who could be offered a call now.
    pub free: usize,
    /// Of these, how many other sites may ask for.
    pub lendable: usize,
    /// Advisers who serve the queue, now or after what they are doing.
    pub staffed: usize,
    pub waiting: usize,
    /// Idle advisers who are kept for a call-back that begins soon.
    pub kept: usize,
    pub lost: bool,
}

impl Floor {
    pub fn site(&self) -> &SiteId {
        &self.site
    }

    pub fn figures(&self) -> Figures {
        self.figures
    }

    pub fn load(&self) -> Load {
        Load {
            free: self.free.len(),
            lendable: self.lendable(),
            staffed: self.staffed_for(SkillSet::NONE),
            waiting: self.waiting.len(),
            kept: self.kept,
            lost: self.lost.is_some(),
        }
    }

    /// What somebody counts who watches from outside.
    pub fn census(&self, now: DateTime<Utc>) -> Census {
        let mut advisers = BTreeMap::new();
        for adviser in self.advisers.values() {
            let Some(doing) = doing(adviser) else { continue };
            *advisers.entry(doing).or_insert(0) += 1;
        }
        let away = self.away_calls();
        let entered =
            self.waiting.in_order().into_iter().filter_map(|(_, id)| Some(self.calls.get(&id)?.card.entered_at));
        let entered = entered.chain(away.iter().map(|call| call.card.entered_at));
        let oldest_entered_at = entered.min();
        let longest_wait = oldest_entered_at.map_or(TimeDelta::zero(), |entered| now - entered);
        let waiting = self.waiting.len() + away.len();
        Census { site: self.site.clone(), advisers, waiting, longest_wait, oldest_entered_at }
    }

    pub fn look(&self, details: Details, now: DateTime<Utc>) -> FloorLook {
        let summary = FloorSummary {
            census: self.census(now),
            load: self.load(),
            reserve: self.settings.reserve,
            estimated_wait: self.next_wait(SkillSet::NONE),
            lost: self.lost.clone(),
            half_hour: self.half_hour.period(&self.site, self.duty.pending()),
        };
        FloorLook {
            summary,
            advisers: if details.advisers { self.advisers.values().map(DeskView::of).collect() } else { Vec::new() },
            waiting: if details.waiting { self.waiting_calls() } else { Vec::new() },
        }
    }

    /// In the order of the queue, then those who are away.
    fn waiting_calls(&self) -> Vec<WaitingCall> {
        (1..)
            .zip(self.waiting.in_order())
            .filter_map(|(position, (_, id))| {
                let call = self.calls.get(&id)?;
                Some(WaitingCall {
                    card: call.card.clone(),
                    position,
                    estimated_wait: self.estimated_wait(call.card.needs, position),
                    seeking: call.is_seeking(),
                    away: false,
                })
            })
            .chain(self.away_calls().into_iter().map(|call| WaitingCall {
                card: call.card.clone(),
                position: 0,
                estimated_wait: None,
                seeking: false,
                away: true,
            }))
            .collect()
    }

    /// Those who wait and can be offered to nobody just now, the oldest first.
    fn away_calls(&self) -> Vec<&Call> {
        let is_away = |call: &&Call| call.away_until.is_some() && matches!(call.state, CallState::Waiting { .. });
        let mut away: Vec<_> = self.calls.values().filter(is_away).collect();
        away.sort_by_key(|call| call.key);
        away
    }

    /// How long a call with these needs that came now would wait; `None` while somebody is free for it or too little is
    /// known.
    pub fn next_wait(&self, needs: SkillSet) -> Option<TimeDelta> {
        match self.choose(needs) {
            Some(_) if self.offers_calls() => None,
            _ => self.estimated_wait(needs, self.waiting.len() + 1),
        }
    }

    /// The call waits here and another site may take it.
    pub fn is_seeking(&self, call: CallId) -> bool {
        self.calls.get(&call).is_some_and(Call::is_seeking)
    }

    /// A call like this one could be lent an adviser.
    pub fn could_lend(&self, card: &CallCard) -> bool {
        self.lendable() > 0 && self.choose(card.needs).is_some()
    }

    /// The call is in this offer, or in the conversation that came of it.
    pub fn is_with(&self, call: CallId, offer: OfferId) -> bool {
        self.calls.get(&call).is_some_and(|call| call.is_with(offer))
    }

    pub fn snapshot(&self, now: DateTime<Utc>) -> FloorSnapshot {
        let mut advisers: Vec<_> = self.advisers.values().map(DeskView::of).collect();
        advisers.sort_by(|a, b| (&a.card.name, a.card.id).cmp(&(&b.card.name, b.card.id)));
        let waiting = self.waiting_calls();
        FloorSnapshot {
            site: self.site.clone(),
            at: now,
            taking_calls: self.taking_calls,
            advisers,
            in_hand: self.calls.len() - waiting.len(),
            waiting,
            load: self.load(),
            reserve: self.settings.reserve,
            estimated_wait: self.next_wait(SkillSet::NONE),
            lost: self.lost.clone(),
            figures: self.figures,
            service_level: self.figures.service_level(),
            half_hour: self.half_hour.period(&self.site, self.duty.pending()),
        }
    }

    /// # Errors
    /// `NotFound` for an adviser who never signed in here.
    pub fn desk_view(&self, adviser: UserId) -> Result<DeskView> {
        let found = self.advisers.get(&adviser).ok_or_else(|| Error::not_found("adviser on this floor", adviser))?;
        Ok(DeskView::of(found))
    }

    /// # Errors
    /// `NotFound` for a call that is over or never was here.
    pub fn call_view(&self, call: CallId) -> Result<CallView> {
        let call = self.calls.get(&call).ok_or_else(|| Error::not_found(CallId::WHAT, call))?;
        let position = call.queued().map(|(_, key)| self.waiting.position(&key));
        Ok(CallView {
            card: call.card.clone(),
            state: call.state.clone(),
            position,
            estimated_wait: position.and_then(|position| self.estimated_wait(call.card.needs, position)),
            sent_on: call.sent_on.is_some(),
            away_until: call.away_until,
            offer_kept_until: call.offer_kept_until,
            counts_as_waiting: call.counts_as_waiting(),
        })
    }
}
