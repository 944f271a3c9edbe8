//! The invariants of one floor. Tests run this after every step; it is too slow for anything else.

use super::{Floor, Footing, call_deadline};
use crate::ids::{CallId, OfferId, SiteId, UserId};
use crate::routing::adviser::State;
use crate::routing::call::{CallState, Overflow};
use std::collections::{BTreeMap, BTreeSet};

/// One end of "this adviser has this call", for comparing the two ends across floors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    pub offer: OfferId,
    pub call: CallId,
    pub adviser: UserId,
    pub host: SiteId,
    pub lender: SiteId,
    pub stage: &'static str,
}

impl Floor {
    /// # Errors
    /// A sentence that says what is broken.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.check_indexes()?;
        self.check_holdings()?;
        self.check_queue()?;
        self.check_figures()
    }

    /// Every index holds exactly what the states say: in particular everything that must end by itself has its
    /// deadline, so that no adviser stays reserved.
    fn check_indexes(&self) -> Result<(), String> {
        let footings: Vec<_> = self.advisers.iter().map(|(id, adviser)| (*id, Footing::of(adviser))).collect();
        let free: BTreeMap<_, _> =
            footings.iter().filter_map(|(id, footing)| footing.free.map(|place| (place, *id))).collect();
        same("advisers who are free", &free, &self.free)?;
        let waiting: BTreeMap<_, _> =
            self.calls.iter().filter_map(|(id, call)| call.queued().map(|key| (key, *id))).collect();
        same("calls that wait", &waiting, &self.waiting)?;
        let deadlines: BTreeSet<_> = footings
            .iter()
            .flat_map(|(_, footing)| [footing.state_deadline, footing.desk_deadline])
            .chain(self.calls.values().map(call_deadline))
            .flatten()
            .collect();
        same("deadlines", &deadlines, &self.deadlines)?;
        same("staffing", &footings.iter().filter(|(_, footing)| footing.staffing).count(), &self.staffed)
    }

    /// No adviser in two calls is what the state's type says; here: no call with two advisers, and both ends of
    /// each holding agree.
    fn check_holdings(&self) -> Result<(), String> {
        let here = |holdings: Vec<Holding>| -> BTreeSet<Holding> {
            holdings.into_iter().filter(|holding| holding.host == holding.lender).collect()
        };
        same("calls held here", &here(self.held_by_advisers()), &here(self.held_calls()))?;
        let mut seen = BTreeMap::new();
        for holding in self.held_by_advisers() {
            if let Some(other) = seen.insert(holding.call, holding.adviser) {
                return Err(format!("call {} is with both {other} and {}", holding.call, holding.adviser));
            }
        }
        Ok(())
    }

    fn check_queue(&self) -> Result<(), String> {
        if !self.newly_waiting.is_empty() || self.newly_free || self.deserted {
            return Err("the last event was not settled".into());
        }
        if !self.free.is_empty() && !self.waiting.is_empty() {
            return Err(format!("{} wait while {} advisers are free", self.waiting.len(), self.free.len()));
        }
        if !self.taking_calls && !self.waiting.is_empty() {
            return Err("callers wait although the service is stopping".into());
        }
        for (id, call) in &self.calls {
            match call.state {
                CallState::Waiting { overflow: Overflow::Undecided } => {
                    return Err(format!("nobody decided when call {id} may overflow"));
                }
                CallState::Waiting { overflow: Overflow::NotBefore(_) } if self.staffed == 0 => {
                    return Err(format!("call {id} waits at a site without advisers and is not looked after"));
                }
                _ => {}
            }
            if self.finished.contains(id) {
                return Err(format!("call {id} is both on the floor and finished"));
            }
        }
        same("memory of finished calls", &self.finished.len(), &self.finished_order.len())
    }

    fn check_figures(&self) -> Result<(), String> {
        let waiting = self.calls.values().filter(|call| call.counts_as_waiting()).count() as u64;
        let counted = self.figures.answered + self.figures.abandoned + self.figures.diverted + waiting;
        same("entered = answered + abandoned + diverted + waiting", &counted, &self.figures.entered)
    }

    /// The holdings as this site's advisers see them.
    pub fn held_by_advisers(&self) -> Vec<Holding> {
        let holding = |id: &UserId, state: &State| {
            let (held, stage) = match state {
                State::Offered { held, .. } => (held, "offered"),
                State::OnCall { held, .. } => (held, "connected"),
                State::WrapUp { held, .. } => (held, "ended"),
                State::Idle { .. } | State::Outbound { .. } => return None,
            };
            Some(Holding {
                offer: held.offer,
                call: held.card.call,
                adviser: *id,
                host: held.card.host.clone(),
                lender: self.site.clone(),
                stage,
            })
        };
        self.advisers.iter().filter_map(|(id, adviser)| holding(id, &adviser.state)).collect()
    }

    /// The holdings as the calls kept here see them.
    pub fn held_calls(&self) -> Vec<Holding> {
        let holding = |(id, call): (&CallId, &super::Call)| {
            let (offer, by) = call.with()?;
            let stage = match call.state {
                CallState::Waiting { .. } => return None,
                CallState::Offered { .. } => "offered",
                CallState::Connected { .. } => "connected",
                CallState::Ended { .. } => "ended",
            };
            Some(Holding { offer, call: *id, adviser: by.id, host: self.site.clone(), lender: by.site.clone(), stage })
        };
        self.calls.iter().filter_map(holding).collect()
    }

    pub fn adviser_ids(&self) -> impl Iterator<Item = UserId> {
        self.advisers.keys().copied()
    }

    /// The calls another site is being looked for.
    pub fn seeking(&self) -> BTreeSet<CallId> {
        self.calls.values().filter(|call| call.is_seeking()).map(|call| call.card.call).collect()
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}: expected {expected:?}, found {found:?}")) }
}
