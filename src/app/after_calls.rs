//! Wires what the floors and the durable rooms owe each other: routing knows no other room, and the others not it.

use crate::access;
use crate::callbacks::{self, EndedCall, HowEnded};
use crate::clients;
use crate::clock::Clock;
use crate::definition::Definitions;
use crate::error::Result;
use crate::grpc::{Shared, contingencies};
use crate::routing::{self, CallRecord, FollowUp, How, Priority, ReleaseReason, SkillSet};
use crate::store::Db;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How often the floors are told what known callers need.
const NEEDS_TICK: Duration = Duration::from_secs(15);
/// How often they are told whose call-backs begin soon; bookings and attempts tell them at once.
const COMMITMENTS_TICK: Duration = Duration::from_secs(5);
/// How often contingencies are looked at: those that are owed, and those that nobody told the floors of.
const CONTINGENCY_TICK: Duration = Duration::from_secs(2);

/// What follows from a finished call, in the transaction of its record. It holds no more than it needs: the recorder
/// must end when everybody else has let go of the floors.
pub struct AfterCalls {
    pub definitions: Arc<Definitions>,
    pub clock: Clock,
}

impl FollowUp for AfterCalls {
    async fn follow(&self, db: &mut Db<'_>, record: &CallRecord) -> Result<()> {
        let Some(how) = how_ended(db, record).await? else { return Ok(()) };
        let context = access::service_itself(db, self.clock.now()).await?;
        let ended = EndedCall {
            call: record.card.call,
            caller: record.card.caller.as_deref(),
            home: record.card.home.as_ref(),
            kept_at: &record.card.host,
            entered_at: record.card.entered_at,
            ended_at: record.ended_at,
            urgent: record.card.priority == Priority::Urgent,
            how,
        };
        callbacks::after_call(db, &context, self.definitions.current(), &ended).await
    }
}

/// None when nothing follows.
async fn how_ended(db: &mut Db<'_>, record: &CallRecord) -> Result<Option<HowEnded>> {
    Ok(match (record.how, &record.handled_by, record.answered_at) {
        (How::Answered, Some(by), Some(at)) => Some(HowEnded::Answered { by: by.id, at }),
        (How::Answered, ..) => None,
        (How::Abandoned, ..) => {
            let spoken_since = match &record.card.caller {
                Some(caller) => routing::answered_since(db, caller, record.ended_at).await?,
                None => false,
            };
            Some(HowEnded::Abandoned { wait_ms: record.wait_ms, spoken_since })
        }
        (How::Diverted(ReleaseReason::CallbackRequested), ..) => Some(HowEnded::CallbackRequested),
        (How::Diverted(_), ..) => None,
    })
}

pub async fn tell_needs(shared: Arc<Shared>) {
    loop {
        if let Err(fault) = tell_needs_once(&shared).await {
            tracing::warn!(%fault, "the floors could not be told what known callers need");
        }
        shared.clock.next_tick(NEEDS_TICK).await;
    }
}

async fn tell_needs_once(shared: &Shared) -> Result<()> {
    let numbers = clients::numbers_with_needs(&mut shared.store.read().await?.db()).await?;
    let mut needs = HashMap::with_capacity(numbers.len());
    let mut unknown = BTreeSet::new();
    // Whatever no adviser has to be able to do says nothing about who takes the call.
    let other = &shared.definitions.current().service.telephone.other_needs;
    for (number, words) in numbers {
        let mut set = SkillSet::NONE;
        for word in words {
            if other.iter().any(|need| need.id == word) {
                continue;
            }
            match shared.switchboard.network().skills().set("call_needs", [word.as_str()]) {
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
    shared.switchboard.set_known_needs(needs);
    Ok(())
}

pub async fn tell_commitments(shared: Arc<Shared>) {
    loop {
        shared.tell_commitments().await;
        shared.clock.next_tick(COMMITMENTS_TICK).await;
    }
}

pub async fn keep_contingencies(shared: Arc<Shared>) {
    loop {
        contingencies::write_owed(&shared).await;
        if let Err(fault) = contingencies::catch_up(&shared).await {
            tracing::warn!(%fault, "which sites are lost could not be looked at; what was known holds");
        }
        shared.clock.next_tick(CONTINGENCY_TICK).await;
    }
}
