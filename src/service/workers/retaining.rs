//! Erases old records each night, where the settings name any.

use super::Worker;
use crate::Service;
use crate::use_cases::retention;
use chrono::{NaiveDate, NaiveTime};
use startline_foundation::error::Result;
use std::sync::Arc;
use std::time::Duration;

/// Once each local day, when few are at work.
#[derive(Default)]
pub struct Retention {
    done_on: Option<NaiveDate>,
}

/// From then on, in local time: after the diaries of the day were made, and before anybody opens.
const AFTER: Option<NaiveTime> = NaiveTime::from_hms_opt(2, 0, 0);

impl Worker for Retention {
    const NAME: &'static str = "retention";
    const PAUSE: Duration = Duration::from_secs(60);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let (calendar, now) = (&service.definitions.current().calendar, service.clock.now());
        let today = calendar.local_date(now);
        if self.done_on == Some(today) || AFTER.is_some_and(|after| calendar.local_time(now) < after) {
            return Ok(());
        }
        retention::run((&service.store, &service.runner), &service.outside.retention, now).await?;
        self.done_on = Some(today);
        Ok(())
    }
}
