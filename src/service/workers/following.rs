//! Keeps the list of what is to be done: deferred meetings on their review day, meetings to propose on theirs, freed time for
//! clients who would come sooner.

use super::Worker;
use crate::Service;
use chrono::NaiveDate;
use startline_foundation::error::Result;
use startline_rooms::followup;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Looks at the start, on each new local day, and whenever time may have become free.
#[derive(Default)]
pub struct FollowUps {
    looked_on: Option<NaiveDate>,
}

impl Worker for FollowUps {
    const NAME: &'static str = "follow-ups";
    const PAUSE: Duration = Duration::from_secs(10);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let definition = service.definitions.current();
        let now = service.clock.now();
        let today = definition.calendar.local_date(now);
        if self.looked_on != Some(today) {
            let reviewed = followup::review_deferrals(&service.store, definition, now).await?;
            let proposed = followup::propose_meetings(&service.store, &service.definitions, now).await?;
            if reviewed + proposed > 0 {
                tracing::info!(reviewed, proposed, %today, "meetings are to be arranged");
            }
            let kept = followup::keep_claims(&service.store, &service.definitions, now).await?;
            if kept > 0 {
                tracing::info!(kept, %today, "claims are late in something, or are no longer");
            }
            self.looked_on = Some(today);
        }
        let asked = followup::refill(&service.store, definition, now).await?;
        if asked > 0 {
            tracing::info!(asked, "clients are to be asked whether they would come sooner");
        }
        Ok(())
    }

    fn woken_by(service: &Service) -> Option<&Notify> {
        Some(&service.time_freed)
    }
}
