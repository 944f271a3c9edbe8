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

/// Holds the floor for this process, or waits for it, where several serve from one database.
pub struct FloorHolder(FloorLease);

impl FloorHolder {
    /// Asks for the first time: a process that serves alone has the floor before its doors open.
    pub async fn new(service: &Arc<Service>) -> Self {
        let mut holder = Self(FloorLease::new(&service.store, service.clock.now()));
        if let Err(fault) = holder.round(service).await {
            tracing::warn!(%fault, "nobody can say which process has the floor: this one takes calls");
        }
        holder
    }
}

impl Worker for FloorHolder {
    const NAME: &'static str = "floor's holder";
    const PAUSE: Duration = FLOOR_RENEWED_EVERY;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let switchboard = &service.switchboard;
        let asked_at = since_boot();
        let answer = self.0.ask().await;
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
        if service.store.is_shared() {
            // That the database cannot be asked is an answer too: whoever has the floor goes on with it meanwhile.
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
        // Whatever no adviser has to be able to do says nothing about who takes the call.
        let other = &service.definitions.current().service.telephone.other_needs;
        for (number, words) in numbers {
            let mut set = SkillSet::NONE;
            for word in words {
                if other.iter().any(|need| need.id == word) {
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
