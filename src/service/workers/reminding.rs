//! Reminds clients of their appointments: looks into the diary for what is due, and sends it.

use super::Worker;
use crate::Service;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::clock::age;
use startline_foundation::error::Result;
use startline_rooms::reminders::{self, Notify};
use std::sync::Arc;
use std::time::Duration;

/// How often the diary is looked through for lines that have become due. What is due is sent in every round: a receipt or
/// an opening is never far away.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(30);

pub struct Reminders {
    notify: Option<Notify>,
    looked_at: Option<DateTime<Utc>>,
}

impl Reminders {
    pub fn new(notify: Option<Notify>) -> Self {
        Self { notify, looked_at: None }
    }
}

impl Worker for Reminders {
    const NAME: &'static str = "reminders";
    const PAUSE: Duration = Duration::from_secs(5);
    /// A message that is under way is not cut off in the middle.
    const IS_FINISHED: bool = true;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let now = service.clock.now();
        let definition = service.definitions.current();
        // A clock that is moved by hand may have jumped over days.
        let looked = match self.looked_at.is_none_or(|before| age(before, now) >= LOOK_EVERY) {
            true => {
                self.looked_at = Some(now);
                reminders::plan_ahead(&service.store, definition, now).await
            }
            false => Ok(0),
        };
        // What is due is sent whether or not the diary could be looked through.
        reminders::look_at_due(&service.store, definition, self.notify.as_ref(), &service.clock).await?;
        let made = looked?;
        if made > 0 {
            tracing::info!(made, "reminders are due");
        }
        Ok(())
    }
}
