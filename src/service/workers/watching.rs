//! Looks at what is in the database, for whoever watches the service from outside.

use super::Worker;
use crate::Service;
use crate::telemetry::Figures;
use chrono::TimeDelta;
use startline_foundation::error::Result;
use startline_foundation::store;
use startline_rooms::{printing, reminders};
use std::sync::Arc;
use std::time::Duration;

pub struct Watching;

impl Worker for Watching {
    const NAME: &'static str = "figures";
    const PAUSE: Duration = Duration::from_secs(15);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let now = service.clock.now();
        let mut reader = service.read().await?;
        let db = &mut reader.db();
        let (jobs, oldest_job) = store::job_figures(db, now).await?;
        let evaluated = |all: Vec<(String, i64)>| -> Vec<(String, u64)> {
            all.into_iter().map(|(state, count)| (state, u64::try_from(count).unwrap_or(0))).collect()
        };
        let figures = Figures {
            read_at: Some(now),
            jobs: jobs.map(|(state, count)| (state.to_owned(), count)).into(),
            oldest_job,
            print_jobs: printing::unposted(db).await?,
            reminders: evaluated(reminders::figures(db, now - TimeDelta::days(1)).await?),
        };
        service.figures.set(figures);
        Ok(())
    }
}
