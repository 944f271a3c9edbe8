//! What people may do changes in other processes too, and by itself: cover ends, tokens run out.

use super::Worker;
use crate::{Service, Work};
use chrono::{NaiveDate, TimeDelta};
use startline_foundation::error::Result;
use startline_rooms::access;
use std::sync::Arc;
use std::time::Duration;

/// Has whoever was disabled put out within a second, whichever process was told so.
#[derive(Default)]
pub struct People {
    /// The local day on which it was last told which tokens end soon.
    told_on: Option<NaiveDate>,
}

/// So long before a token ends, somebody should make another.
const TOLD_BEFORE: TimeDelta = TimeDelta::days(14);

impl Worker for People {
    const NAME: &'static str = "people";
    const PAUSE: Duration = Duration::from_millis(500);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let now = service.clock.now();
        service.directory.look(now).await?;
        let today = service.definitions.current().calendar.local_date(now);
        if self.told_on != Some(today) {
            for token in access::tokens_ending(&mut service.read().await?.db(), now, TOLD_BEFORE).await? {
                let (user_id, token_id, ends_at) = (token.user, token.id, token.ends_at.to_rfc3339());
                tracing::warn!(%user_id, %token_id, ends_at, "an access token ends soon: make another, and let the two overlap");
            }
            self.told_on = Some(today);
        }
        if !access::have_duties_ended(&mut service.read().await?.db(), now).await? {
            return Ok(());
        }
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let ended = access::end_duties(&mut db, context).await?;
            work.done(ended)
        };
        let ended = service.runner.transact(end).await?;
        tracing::info!(ended, "duties have ended");
        Ok(())
    }
}
