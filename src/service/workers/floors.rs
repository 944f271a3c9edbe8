//! What keeps the floors going, and tells them what the durable rooms know.

use super::Worker;
use crate::Service;
use startline_foundation::clock::since_boot;
use startline_foundation::error::Result;
use startline_foundation::store::{FLOOR_RENEWED_EVERY, FloorLease, Lease};
use startline_rooms::clients;
use startline_routing::SkillSet;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Tells the floors that time has passed: offers and overflow are counted in seconds.
pub struct Tick;

impl Worker for Tick {
    const NAME: &'static str = "floors";
    const PAUSE: Duration = Duration::from_millis(250);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        service.switchboard.tick(service.clock.now());
        Ok(())
    }
}

/// How long a process that stood still goes on asking a database that does not answer, before it takes the floor for its own
/// again. As long as those who said something to it meanwhile are kept waiting.
const ASKS_FOR: Duration = Duration::from_secs(10);

/// Holds the floor for this process, or waits for it, where several serve from one database.
pub struct FloorHolder {
    lease: FloorLease,
    /// Since when it has asked without an answer, after it stood still.
    unanswered_since: Option<Duration>,
}

impl FloorHolder {
    /// Asks for the first time: a process that serves alone has the floor before its doors open.
    pub async fn new(service: &Arc<Service>) -> Self {
        let lease = FloorLease::new(&service.store, service.clock.now());
        let mut holder = Self { lease, unanswered_since: None };
        if let Err(fault) = holder.round(service).await {
            tracing::warn!(%fault, "nobody can say which process has the floor: this one takes calls");
        }
        holder
    }

    /// Whether this answer says who has the floor. That the database cannot be asked is an answer too, since whoever has the
    /// floor goes on with it meanwhile; but not at once for a process that stood still, which may have lost it.
    fn says_who<T>(&mut self, answer: &Result<T>, asked_at: Duration, stood_still: bool) -> bool {
        if answer.is_ok() || !stood_still {
            self.unanswered_since = None;
            return true;
        }
        let since = *self.unanswered_since.get_or_insert(asked_at);
        since_boot().saturating_sub(since) > ASKS_FOR
    }
}

impl Worker for FloorHolder {
    const NAME: &'static str = "floor's holder";
    const PAUSE: Duration = FLOOR_RENEWED_EVERY;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let switchboard = &service.switchboard;
        let (asked_at, stood_still) = (since_boot(), switchboard.floor().is_doubtful());
        let answer = self.lease.ask().await;
        if let Ok(lease) = &answer
            && (*lease == Lease::Held) != switchboard.has_floor()
        {
            let here = *lease == Lease::Held;
            match here {
                true => tracing::warn!("this process has the floor now: callers and desks meet here"),
                false => tracing::warn!("another process has the floor: callers and desks are turned away here"),
            }
            switchboard.set_floor(here, service.clock.now());
        }
        if service.store.is_shared() && self.says_who(&answer, asked_at, stood_still) {
            switchboard.floor().was_asked(asked_at);
        }
        answer.map(drop)
    }
}

/// Has the desks' lists of due call-backs looked at again.
pub struct DueCallbacks;

impl Worker for DueCallbacks {
    const NAME: &'static str = "due call-backs";
    const PAUSE: Duration = Duration::from_secs(15);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        service.switchboard.callbacks_due();
        Ok(())
    }
}

/// Tells the floors whose call-backs begin soon, for what another process booked.
pub struct Commitments;

impl Worker for Commitments {
    const NAME: &'static str = "commitments";
    const PAUSE: Duration = Duration::from_secs(5);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        service.tell_commitments().await
    }
}

/// Contingencies that are still to be written, and those that nobody told the floors of.
pub struct Contingencies;

impl Worker for Contingencies {
    const NAME: &'static str = "contingencies";
    const PAUSE: Duration = Duration::from_secs(2);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        service.write_pending_declarations().await;
        service.catch_up_with_contingencies().await
    }
}

/// Tells the floors what known callers need.
pub struct Needs;

impl Worker for Needs {
    const NAME: &'static str = "callers' needs";
    const PAUSE: Duration = Duration::from_secs(15);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let numbers = clients::numbers_with_needs(&mut service.read().await?.db()).await?;
        let mut needs = HashMap::with_capacity(numbers.len());
        let mut unknown = BTreeSet::new();
        // Whatever no adviser has to be able to do, or only whoever rings back, says nothing about who takes the call.
        let telephone = &service.definitions.current().service.telephone;
        let later = telephone.skills.iter().filter(|skill| skill.callbacks_only);
        let no_matter: Vec<&String> = telephone.other_needs.iter().chain(later).map(|need| &need.id).collect();
        for (number, words) in numbers {
            let mut set = SkillSet::NONE;
            for word in words {
                if no_matter.contains(&&word) {
                    continue;
                }
                match service.switchboard.network().skills().set("call_needs", [word.as_str()]) {
                    Ok(skill) => set = set.with(skill),
                    Err(_) => drop(unknown.insert(word)),
                }
            }
            if !set.is_empty() {
                needs.insert(number, set);
            }
        }
        if !unknown.is_empty() {
            tracing::warn!(words = ?unknown, "clients need skills that the service definition does not name; left out");
        }
        service.switchboard.set_known_needs(needs);
        Ok(())
    }
}
