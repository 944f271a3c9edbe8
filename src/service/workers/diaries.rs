//! Keeps personal advisers' diaries: made ahead each night, holds that ran out given back.

use super::Worker;
use crate::{Service, Work};
use chrono::NaiveDate;
use startline_foundation::error::Result;
use startline_rooms::diary;
use std::sync::Arc;
use std::time::Duration;

/// Makes diaries at the start and on each new local day, and gives expired holds back.
#[derive(Default)]
pub struct Diaries {
    made_on: Option<NaiveDate>,
}

impl Worker for Diaries {
    const NAME: &'static str = "diaries";
    const PAUSE: Duration = Duration::from_secs(15);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let definition = service.definitions.current();
        let now = service.clock.now();
        let today = definition.calendar.local_date(now);
        if self.made_on != Some(today) {
            let made = diary::make_all(&service.store, definition, now).await?;
            let forget = |mut work: Work| async move {
                let forgotten = diary::forget_old_days(&mut work.db(), definition, now).await?;
                work.done(forgotten)
            };
            let forgotten = service.runner.transact(forget).await?;
            if made > 0 {
                tracing::info!(made, forgotten, %today, "personal advisers' diaries were made up to the horizon");
            }
            self.made_on = Some(today);
        }
        if diary::has_expired_holds(&mut service.read().await?.db(), now).await? {
            let release = |mut work: Work| async move {
                diary::release_expired(&mut work.db(), definition, now).await?;
                work.done(())
            };
            service.runner.transact(release).await?;
        }
        Ok(())
    }
}
