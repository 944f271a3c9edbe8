//! Gives back call-backs whose adviser's desk is gone. A desk that lost its connection, and did not come back within its
//! grace, has so long to come back before its call-back is due again for others; the try does not count. Whoever makes
//! call-backs without a desk, or has not come back since the service was restarted, is given longer than any call takes.

use crate::access;
use crate::callbacks;
use crate::error::Result;
use crate::grpc::Shared;
use crate::ids::{CallbackId, UserId};
use crate::routing::{Desk, Status};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const TICK: Duration = Duration::from_secs(5);
/// The longest start-up call with an interpreter, and as long again.
const LONGEST_CALL: TimeDelta = TimeDelta::hours(4);

/// When each call-back's desk was first seen to be gone. In memory: after a restart nobody is gone yet.
type Gone = HashMap<CallbackId, DateTime<Utc>>;

pub async fn keep(shared: Arc<Shared>) {
    let mut gone = Gone::new();
    loop {
        if let Err(fault) = keep_once(&shared, &mut gone).await {
            tracing::warn!(%fault, "call-backs whose desks are gone could not be given back; it is tried again");
        }
        shared.clock.next_tick(TICK).await;
    }
}

async fn keep_once(shared: &Shared, gone: &mut Gone) -> Result<()> {
    let now = shared.clock.now();
    let under_way = callbacks::under_way(&mut shared.store.read().await?.db()).await?;
    gone.retain(|id, _| under_way.iter().any(|(still, ..)| still == id));
    let patience = TimeDelta::seconds(shared.definitions.current().service.settings.callback_given_back_after_s.into());
    let mut given_back = false;
    for (id, adviser, since) in under_way {
        let over = if desk_is_gone(shared, adviser) {
            now - *gone.entry(id).or_insert(now) >= patience
        } else {
            gone.remove(&id);
            now - since >= LONGEST_CALL
        };
        if over {
            gone.remove(&id);
            given_back |= give_back(shared, id, adviser, now).await?;
        }
    }
    if given_back {
        shared.switchboard.callbacks_due();
        shared.tell_commitments().await;
    }
    Ok(())
}

fn desk_is_gone(shared: &Shared, adviser: UserId) -> bool {
    let view = shared.switchboard.network().desk_view(adviser);
    view.is_ok_and(|view| view.status != Status::SignedOut && view.desk == Desk::Away)
}

async fn give_back(shared: &Shared, id: CallbackId, adviser: UserId, now: DateTime<Utc>) -> Result<bool> {
    let mut tx = shared.store.begin_write().await?;
    let context = access::service_itself(&mut tx.db(), now).await?;
    let given = callbacks::give_back(&mut tx.db(), &context, id, adviser).await?.is_some();
    tx.commit().await?;
    if given {
        tracing::info!(callback = %id, %adviser, "the desk is gone: its call-back is given back");
        shared.switchboard.end_outbound(adviser, id, now);
    }
    Ok(given)
}
