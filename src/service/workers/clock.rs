//! Notices that the wall clock was set, and sees to what the database keeps for seconds or minutes: leases and held places.
//! The floors notice by themselves.

use super::Worker;
use crate::{Service, Work};
use startline_foundation::clock::ClockWatch;
use startline_foundation::error::Result;
use startline_foundation::store::{self, ClockSet};
use startline_rooms::{callbacks, diary, printing};
use std::sync::Arc;
use std::time::Duration;

pub struct ClockWatcher(ClockWatch);

impl ClockWatcher {
    pub fn new(service: &Service) -> Self {
        Self(ClockWatch::new(&service.clock))
    }
}

impl Worker for ClockWatcher {
    const NAME: &'static str = "clock";
    const PAUSE: Duration = Duration::from_secs(1);
    const IS_FINISHED: bool = true;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let Some(by) = self.0.was_set() else { return Ok(()) };
        // Where several processes serve from one database, one of them does it.
        if !service.switchboard.has_floor() {
            return Ok(());
        }
        let set = ClockSet { by, now: service.clock.now() };
        let move_along = move |mut work: Work| async move {
            let (mut db, _) = work.parts();
            store::clock_was_set(&mut db, set).await?;
            callbacks::clock_was_set(&mut db, set).await?;
            diary::clock_was_set(&mut db, set).await?;
            printing::clock_was_set(&mut db, set).await?;
            work.done(())
        };
        service.runner.transact(move_along).await
    }
}
