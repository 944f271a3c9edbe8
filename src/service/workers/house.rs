//! Housekeeping: answers that nobody will ask for again, and posts that close.

use super::Worker;
use crate::{Service, Work};
use startline_foundation::error::Result;
use startline_rooms::access;
use startline_rooms::printing::close_due;
use std::sync::Arc;
use std::time::Duration;

/// Forgets old answers to requests, and browsers' sessions that are long over.
pub struct Requests;

impl Worker for Requests {
    const NAME: &'static str = "old requests";
    const PAUSE: Duration = Duration::from_secs(3600);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let forget = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let forgotten = access::forget_old_requests(&mut db, context.now).await?;
            access::forget_sessions(&mut db, context.now).await?;
            work.done(forgotten)
        };
        let forgotten = service.runner.transact(forget).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "old answers to requests were forgotten");
        }
        Ok(())
    }
}

/// Closes the post of each print room at its cut-off.
pub struct Posts;

impl Worker for Posts {
    const NAME: &'static str = "posts";
    const PAUSE: Duration = Duration::from_secs(20);

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        let close = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let closed = close_due(&mut db, context).await?;
            work.done(closed)
        };
        for batch in service.runner.transact(close).await? {
            tracing::info!(room = %batch.room, day = %batch.post_day, class = batch.class.as_str(), "a post was closed");
        }
        Ok(())
    }
}
