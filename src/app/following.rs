//! Keeps the list of what is to be done: deferred meetings on their review day, meetings to propose on theirs, freed time for
//! clients who would come sooner.

use crate::error::Result;
use crate::followup;
use crate::grpc::Shared;
use chrono::NaiveDate;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whether a new day has begun, whether time became free elsewhere, and whether an offer ran out.
const TICK: Duration = Duration::from_secs(10);

/// Looks at the start, on each new local day, and whenever time may have become free.
pub async fn follow(shared: Arc<Shared>) {
    let mut looked_on = None;
    loop {
        if let Err(fault) = follow_once(&shared, &mut looked_on).await {
            tracing::warn!(%fault, "the list of what is to be done could not be kept up; it is tried again");
        }
        tokio::select! {
            () = shared.clock.next_tick(TICK) => {}
            () = shared.time_freed.notified() => {}
        }
    }
}

async fn follow_once(shared: &Shared, looked_on: &mut Option<NaiveDate>) -> Result<()> {
    let definition = shared.definitions.current();
    let now = shared.clock.now();
    let today = definition.calendar.local_date(now);
    if *looked_on != Some(today) {
        let reviewed = followup::review_deferrals(&shared.store, definition, now).await?;
        let proposed = followup::propose_meetings(&shared.store, &shared.definitions, now).await?;
        if reviewed + proposed > 0 {
            tracing::info!(reviewed, proposed, %today, "meetings are to be arranged");
        }
        *looked_on = Some(today);
    }
    let asked = followup::refill(&shared.store, definition, now).await?;
    if asked > 0 {
        tracing::info!(asked, "clients are to be asked whether they would come sooner");
    }
    Ok(())
}
