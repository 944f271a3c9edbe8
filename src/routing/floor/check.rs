//! The invariants of one floor. Tests run this after every step; it is too slow for anything else.

use super::holding::Holding;
use super::{Floor, IndexKeys, call_deadline, later};
use crate::adviser::Desk;
use crate::call::{CallState, Overflow};
use crate::skills::SkillSet;
use startline_foundation::ids::{CallId, UserId};
use std::collections::{BTreeMap, BTreeSet};

impl Floor {
    /// # Errors
    /// A sentence that says what is broken.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.check_indexes()?;
        self.check_holdings()?;
        self.check_presence()?;
        self.check_queue()?;
        self.check_figures()
    }

    /// Every index holds exactly what the states say: in particular everything that must end by itself has its
    /// deadline, so that no adviser stays reserved.
    fn check_indexes(&self) -> Result<(), String> {
        let footings: Vec<_> = self.advisers.iter().map(|(id, adviser)| (*id, IndexKeys::of(adviser))).collect();
        let free: BTreeMap<_, _> = footings
            .iter()
            .filter_map(|(id, index_keys)| index_keys.free.map(|place| ((index_keys.skills, place), *id)))
            .collect();
        same("advisers who are free", &free, &self.free.contents())?;
        same("number of those who are free", &free.len(), &self.free.len())?;
        let waiting: BTreeMap<_, _> =
            self.calls.iter().filter_map(|(id, call)| call.queued().map(|place| (place, *id))).collect();
        same("calls that wait", &waiting, &self.waiting.contents())?;
        same("number of those that wait", &waiting.len(), &self.waiting.len())?;
        let deadlines: BTreeSet<_> = footings
            .iter()
            .flat_map(|(_, index_keys)| index_keys.deadlines())
            .chain(self.calls.values().map(call_deadline))
            .flatten()
            .collect();
        same("deadlines", &deadlines, &self.deadlines)?;
        let count = |holds: fn(&IndexKeys) -> bool| footings.iter().filter(|(_, index_keys)| holds(index_keys)).count();
        let staffed: BTreeMap<SkillSet, usize> = footings.iter().filter(|(_, index_keys)| index_keys.staffing).fold(
            BTreeMap::new(),
            |mut staffed, (_, index_keys)| {
                *staffed.entry(index_keys.skills).or_default() += 1;
                staffed
            },
        );
        same("staffing", &staffed, &self.staffed.iter().copied().filter(|(_, number)| *number > 0).collect())?;
        same("advisers who are kept", &count(|index_keys| index_keys.kept), &self.kept)?;
        same("advisers on duty", &(count(|index_keys| index_keys.on_duty) as u64), &self.duty.on_duty)?;
        same("advisers with a call", &(count(|index_keys| index_keys.handling) as u64), &self.duty.handling)
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

    /// Whoever is available at a desk that says that it is there is looked at before it can have been silent for too long; and
    /// nobody waits for a desk that is there.
    fn check_presence(&self) -> Result<(), String> {
        for (id, adviser) in &self.advisers {
            let silence = self.settings.desk_silence;
            if adviser.heard.is_some_and(|heard| heard.doubted_at > later(heard.last, silence)) {
                return Err(format!("the desk of {id} could be silent for longer than {silence} unnoticed"));
            }
            if adviser.status.awaits_the_desk() && adviser.heard.is_none() && adviser.desk == Desk::Connected {
                return Err(format!("{id} is kept unavailable by a desk that is there"));
            }
        }
        Ok(())
    }

    fn check_queue(&self) -> Result<(), String> {
        if !self.newly_waiting.is_empty() || !self.newly_free.is_empty() || self.deserted {
            return Err("the last event was not settled".into());
        }
        if self.next_match().is_some() {
            return Err(format!("{} wait while {} advisers are free", self.waiting.len(), self.free.len()));
        }
        if !self.taking_calls && !self.waiting.is_empty() {
            return Err("callers wait although the service is stopping".into());
        }
        for (id, call) in &self.calls {
            match call.state {
                CallState::Waiting { overflow: Overflow::Undecided } if call.away_until.is_none() => {
                    return Err(format!("nobody decided when call {id} may overflow"));
                }
                CallState::Waiting { overflow: Overflow::NotBefore(_) }
                    if self.lost.is_some() || self.staffed_for(call.card.needs) == 0 =>
                {
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

#[cfg(test)]
mod tests {
    //! A checker that cannot fail proves nothing: each test breaks a sound floor in one way.

    use super::*;
    use crate::adviser::{IdlePlace, State};
    use crate::adviser_card::AdviserCard;
    use crate::call::Priority;
    use crate::floor::{EnterCall, Event, Opening, Outbox, SiteSettings};
    use crate::status::Status;
    use chrono::{DateTime, TimeDelta, Utc};
    use uuid::Uuid;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(986_040_000, 0).unwrap()
    }

    fn adviser(n: u64) -> UserId {
        UserId(Uuid::from_u64_pair(1, n))
    }

    fn call(n: u64) -> CallId {
        CallId(Uuid::from_u64_pair(2, n))
    }

    /// Two advisers, one offered the first call and one the second; a third call waits.
    fn floor() -> Floor {
        let mut floor = Floor::new(SiteSettings::new("somerset".into()), 1);
        for n in 1..=2 {
            let card = AdviserCard::new(adviser(n), "", "", "somerset".into());
            let sign_in = Event::SignIn { card, status: Status::Available };
            floor.apply(sign_in, noon(), &mut Outbox::default()).unwrap();
        }
        for n in 1..=3 {
            let enter = EnterCall {
                call: call(n),
                switch_call_id: "".into(),
                caller: None,
                dialled: String::new(),
                home: None,
                place: None,
                priority: Priority::Normal,
                needs: SkillSet::NONE,
                opening: Opening::Open,
                entered_at: noon(),
            };
            floor.apply(Event::Enter(enter), noon(), &mut Outbox::default()).unwrap();
        }
        floor.check_invariants().unwrap();
        floor
    }

    fn fault_after(damage: impl FnOnce(&mut Floor)) -> String {
        let mut floor = floor();
        damage(&mut floor);
        floor.check_invariants().unwrap_err()
    }

    #[test]
    fn an_adviser_left_reserved_without_a_deadline_is_found() {
        let fault = fault_after(|floor| {
            let first = floor.deadlines.first().copied().unwrap();
            floor.deadlines.remove(&first);
        });
        assert!(fault.starts_with("deadlines"), "{fault}");
    }

    #[test]
    fn a_call_with_two_advisers_is_found() {
        let fault = fault_after(|floor| {
            let held = floor.advisers[&adviser(1)].held().unwrap().clone();
            let other = floor.advisers.get_mut(&adviser(2)).unwrap();
            if let State::Offered { held: theirs, .. } = &mut other.state {
                *theirs = held;
            }
        });
        assert!(fault.starts_with("calls held here"), "{fault}");
    }

    #[test]
    fn an_offer_whose_call_is_gone_is_found() {
        let fault = fault_after(|floor| {
            floor.calls.remove(&call(1));
        });
        assert!(fault.starts_with("calls held here"), "{fault}");
    }

    #[test]
    fn a_waiting_call_that_fell_out_of_the_queue_is_found() {
        let fault = fault_after(|floor| floor.waiting = super::super::Ranks::default());
        assert!(fault.starts_with("calls that wait"), "{fault}");
    }

    #[test]
    fn somebody_listed_as_free_who_is_not_is_found() {
        let fault = fault_after(|floor| {
            let skills = floor.advisers[&adviser(1)].card.skills;
            floor.free.insert(skills, IdlePlace { since: noon(), turn: 99 }, adviser(1));
        });
        assert!(fault.starts_with("advisers who are free"), "{fault}");
    }

    #[test]
    fn a_free_adviser_beside_a_waiting_call_is_found() {
        let fault = fault_after(|floor| {
            let place = IdlePlace { since: noon(), turn: 99 };
            let deadline = (noon() + TimeDelta::seconds(15), super::super::Deadline::OfferExpires(adviser(1)));
            floor.advisers.get_mut(&adviser(1)).unwrap().state = State::Idle { place };
            let skills = floor.advisers[&adviser(1)].card.skills;
            floor.free.insert(skills, place, adviser(1));
            floor.deadlines.remove(&deadline);
            floor.calls.remove(&call(1));
        });
        assert_eq!(fault, "1 wait while 1 advisers are free");
    }

    #[test]
    fn a_desk_whose_silence_nobody_would_notice_is_found() {
        let fault = fault_after(|floor| {
            let Some(desk) = floor.advisers.get_mut(&adviser(1)) else { return };
            desk.bind(TimeDelta::seconds(25), noon());
            let heard = desk.heard.unwrap();
            floor.deadlines.insert((heard.doubted_at, super::super::Deadline::DeskDoubted(adviser(1))));
            desk.heard = Some(crate::adviser::Heard { last: noon() - TimeDelta::seconds(1), ..heard });
        });
        assert!(fault.ends_with("unnoticed"), "{fault}");
    }

    #[test]
    fn a_call_counted_twice_is_found() {
        let fault = fault_after(|floor| floor.figures.entered += 1);
        assert!(fault.starts_with("entered = answered + abandoned + diverted + waiting"), "{fault}");
    }
}
