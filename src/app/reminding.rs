//! Reminds clients of their appointments: looks into the diary for what is due, and sends it.

use crate::clock::Clock;
use crate::error::Result;
use crate::grpc::Shared;
use crate::reminders::{self, Notify};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often what is due is sent: a receipt or an opening is never far away.
const SENDING_TICK: Duration = Duration::from_secs(5);
/// Every so many ticks the diary is looked through for lines that have become due: every half minute.
const TICKS_A_LOOK: u32 = 6;

/// Until the service stops. A message that is under way is finished: it is not cut off in the middle.
pub async fn remind(shared: Arc<Shared>, notify: Option<Notify>, stopping: CancellationToken) {
    let mut ticks = 0;
    let mut looked_at = None;
    while !stopping.is_cancelled() {
        let now = shared.clock.now();
        // A clock that is moved by hand may have jumped over days.
        let jumped = looked_at.is_none_or(|before| now - before > chrono::TimeDelta::seconds(30));
        if ticks % TICKS_A_LOOK == 0 || jumped {
            looked_at = Some(now);
            if let Err(fault) = look(&shared).await {
                tracing::warn!(%fault, "the diary could not be looked through for reminders that are due");
            }
        }
        if let Err(fault) = send(&shared, notify.as_ref(), &shared.clock).await {
            tracing::warn!(%fault, "reminders that are due could not be looked at");
        }
        ticks = ticks.wrapping_add(1);
        tokio::select! {
            () = shared.clock.next_tick(SENDING_TICK) => {}
            () = stopping.cancelled() => {}
        }
    }
}

async fn look(shared: &Shared) -> Result<()> {
    let made = reminders::plan_ahead(&shared.store, shared.definitions.current(), shared.clock.now()).await?;
    if made > 0 {
        tracing::info!(made, "reminders are due");
    }
    Ok(())
}

async fn send(shared: &Shared, notify: Option<&Notify>, clock: &Clock) -> Result<()> {
    reminders::look_at_due(&shared.store, shared.definitions.current(), notify, clock).await.map(drop)
}
