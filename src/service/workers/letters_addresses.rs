//! Addresses for letters begin and end on days that were given for them. What still waits for the post then goes somewhere
//! else, and nobody has changed anything that would say so.

use super::Worker;
use crate::{Service, Work};
use chrono::{Days, NaiveDate, TimeDelta};
use startline_foundation::error::Result;
use startline_rooms::{access, clients};
use std::sync::Arc;
use std::time::Duration;

/// A day begins when this much of it is over: before anybody comes to a print room, and after whoever is there at midnight.
const BEGINS_AFTER: TimeDelta = TimeDelta::hours(5);
/// How far back a service looks that was not there on the day.
const MISSED_AT_MOST: Days = Days::new(14);

/// Looks at the start, and on each new local day.
#[derive(Default)]
pub struct LettersAddresses {
    looked_on: Option<NaiveDate>,
}

impl Worker for LettersAddresses {
    const NAME: &'static str = "letters addresses";
    const PAUSE: Duration = Duration::from_secs(15);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let today = service.definitions.current().calendar.local_date(service.clock.now() - BEGINS_AFTER);
        if self.looked_on == Some(today) {
            return Ok(());
        }
        let since = self.looked_on.unwrap_or(today - MISSED_AT_MOST);
        let now = service.clock.now();
        let follow = |mut work: Work| async move {
            let mut db = work.db();
            let context = access::system_context(&mut db, now).await?;
            let followed = clients::letters_follow_days(&mut db, &context, since, today).await?;
            work.done(followed)
        };
        let followed = service.runner.transact(follow).await?;
        if followed > 0 {
            tracing::info!(followed, %today, "addresses for letters began or ended: what waits for the post is looked at");
        }
        self.looked_on = Some(today);
        Ok(())
    }
}
