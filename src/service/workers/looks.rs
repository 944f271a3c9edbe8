//! Takes looks at records into the database, and seals what is there.

use super::Worker;
use crate::{Service, Work};
use startline_foundation::error::Result;
use startline_rooms::records;
use std::sync::Arc;
use std::time::Duration;

/// What was written down by this process, and at the start by those that have ended.
#[derive(Default)]
pub struct Looks {
    has_begun: bool,
}

impl Worker for Looks {
    const NAME: &'static str = "looks";
    const PAUSE: Duration = Duration::from_secs(1);
    const IS_FINISHED: bool = true;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        service.looks.settle(&service.store, !self.has_begun).await?;
        self.has_begun = true;
        Ok(())
    }
}

/// Puts new lines of the audit and new looks under a seal.
pub struct Seals;

impl Worker for Seals {
    const NAME: &'static str = "seals";
    const PAUSE: Duration = Duration::from_secs(5);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let seal = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let seal = records::seal(&mut db, context.now).await?;
            work.done(seal)
        };
        while let Some(seal) = service.runner.transact(seal).await? {
            let hash: String = seal.hash.iter().map(|byte| format!("{byte:02x}")).collect();
            tracing::debug!(number = seal.number, looks = seal.looks, audits = seal.audits, hash, "sealed");
        }
        Ok(())
    }
}
