//! Keeps the records of finished calls. The floors never wait for it: while the database is away records queue in memory,
//! up to the bound of their channel, and are written when it is back.

use super::Finished;
use super::store;
use crate::clock::Clock;
use crate::error::Result;
use crate::store::Store;
use std::time::Duration;
use tokio::sync::mpsc;

/// Records written in one transaction.
const LARGEST_BATCH: usize = 200;
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Writes records until the last sender is gone, then ends. `give_up` makes it end when the database stays away.
pub async fn record_calls(
    database: Store,
    clock: Clock,
    mut finished: mpsc::Receiver<Finished>,
    give_up: impl Fn() -> bool,
) {
    let mut batch = Vec::with_capacity(LARGEST_BATCH);
    while finished.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        while let Err(fault) = write(&database, &batch).await {
            tracing::warn!(%fault, waiting = batch.len(), "call records cannot be written yet");
            if give_up() {
                tracing::error!(records = ?batch, "stopping without having written these call records");
                return;
            }
            clock.next_tick(RETRY_EVERY).await;
        }
        batch.clear();
    }
}

async fn write(database: &Store, batch: &[Finished]) -> Result<()> {
    let mut tx = database.begin_write().await?;
    for one in batch {
        store::keep(&mut tx.db(), one).await?;
    }
    tx.commit().await
}
