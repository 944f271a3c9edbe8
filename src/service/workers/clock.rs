//! Notices that the wall clock was set, and sees to what the database keeps for seconds or minutes: leases and held places.
//! The floors notice by themselves.

use super::Worker;
use crate::{Service, Work};
use chrono::TimeDelta;
use startline_foundation::clock::ClockWatch;
use startline_foundation::error::Result;
use startline_foundation::store::{self, ClockSet};
use startline_rooms::{callbacks, diary, printing};
use std::sync::Arc;
use std::time::Duration;

pub struct ClockWatcher {
    watch: ClockWatch,
    /// By how much it was set that the database does not know of yet: it may be away just then.
    untold: TimeDelta,
}

impl ClockWatcher {
    pub fn new(service: &Service) -> Self {
        Self { watch: ClockWatch::new(&service.clock), untold: TimeDelta::zero() }
    }
}

impl Worker for ClockWatcher {
    const NAME: &'static str = "clock";
    const PAUSE: Duration = Duration::from_secs(1);
    const IS_FINISHED: bool = true;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        self.untold += self.watch.was_set().unwrap_or_default();
        // Where several processes serve from one database, one of them does it.
        if !service.switchboard.has_floor() {
            self.untold = TimeDelta::zero();
        }
        if self.untold.is_zero() {
            return Ok(());
        }
        let set = ClockSet { by: self.untold, now: service.clock.now() };
        let move_along = move |mut work: Work| async move {
            let (mut db, _) = work.parts();
            store::clock_was_set(&mut db, set).await?;
            callbacks::clock_was_set(&mut db, set).await?;
            diary::clock_was_set(&mut db, set).await?;
            printing::clock_was_set(&mut db, set).await?;
            work.done(())
        };
        service.runner.transact(move_along).await?;
        self.untold = TimeDelta::zero();
        Ok(())
    }
}
