//! What people may do changes in other processes too, and by itself: cover ends, tokens run out.

use super::Worker;
use crate::{Service, Work};
use startline_foundation::error::Result;
use startline_rooms::access::people;
use std::sync::Arc;
use std::time::Duration;

/// Has whoever was disabled put out within a second, whichever process was told so.
pub struct People;

impl Worker for People {
    const NAME: &'static str = "people";
    const PAUSE: Duration = Duration::from_millis(500);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let now = service.clock.now();
        service.directory.look(now).await?;
        if !people::have_duties_ended(&mut service.read().await?.db(), now).await? {
            return Ok(());
        }
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let ended = people::end_duties(&mut db, context).await?;
            work.done(ended)
        };
        let ended = service.runner.transact(end).await?;
        tracing::info!(ended, "duties have ended");
        Ok(())
    }
}
