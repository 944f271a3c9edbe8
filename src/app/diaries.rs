//! Keeps personal advisers' diaries: made ahead each night, holds that ran out given back.

use crate::diary;
use crate::error::Result;
use crate::grpc::Shared;
use chrono::NaiveDate;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether a new day has begun, and whether holds have run out.
const TICK: Duration = Duration::from_secs(15);

/// Makes diaries at the start and on each new local day, and gives expired holds back.
pub async fn keep(shared: Arc<Shared>) {
    let mut made_on = None;
    loop {
        if let Err(fault) = keep_once(&shared, &mut made_on).await {
            tracing::warn!(%fault, "personal advisers' diaries could not be kept up; it is tried again");
        }
        shared.clock.next_tick(TICK).await;
    }
}

async fn keep_once(shared: &Shared, made_on: &mut Option<NaiveDate>) -> Result<()> {
    let definition = shared.definitions.current();
    let now = shared.clock.now();
    let today = definition.calendar.local_date(now);
    if *made_on != Some(today) {
        let made = diary::make_all(&shared.store, definition, now).await?;
        let mut tx = shared.store.begin_write().await?;
        let forgotten = diary::forget_old_days(&mut tx.db(), definition, now).await?;
        tx.commit().await?;
        if made > 0 {
            tracing::info!(made, forgotten, %today, "personal advisers' diaries were made up to the horizon");
        }
        *made_on = Some(today);
    }
    if diary::has_expired_holds(&mut shared.store.read().await?.db(), now).await? {
        let mut tx = shared.store.begin_write().await?;
        diary::release_expired(&mut tx.db(), definition, now).await?;
        tx.commit().await?;
    }
    Ok(())
}
