//! Keeps the records of finished calls. The floors never wait for it: while the database is away records queue in memory,
//! up to the bound of their channel (the app's `RECORD_QUEUE`, 20,000), and are written when it is back. What comes beyond
//! the bound is written down beside the database ([`startline_foundation::last_resort`]), in full.
//!
//! A batch and what follows from it share one transaction. Each batch has a number in that transaction, so that one whose
//! acknowledgement was lost is not written twice.

use super::call::CallRecord;
use super::store;
use super::switchboard::Finished;
use startline_foundation::clock::Clock;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::WriterId;
use startline_foundation::store::{Db, Store};
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;

/// Records written in one transaction.
const LARGEST_BATCH: usize = 200;
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Tries, one at once after the other, of a batch that lost a race.
const RACES: usize = 8;

/// What else follows from a finished call, in the transaction that keeps its record; not again when a record comes again.
/// The app wires it: this room knows no other.
pub trait FollowUp: Send + Sync + 'static {
    fn follow(&self, db: &mut Db<'_>, record: &CallRecord) -> impl Future<Output = Result<()>> + Send;
}

/// Writes records until the last sender is gone, then ends. `give_up` makes it end when the database stays away.
pub async fn record_calls(
    database: Store,
    clock: Clock,
    mut finished: mpsc::Receiver<Finished>,
    follow_up: impl FollowUp,
    give_up: impl Fn() -> bool,
) {
    let mut recorder = Recorder { database, writer: WriterId::fresh(clock.now()), clock, written: 0, follow_up };
    let mut batch = Vec::with_capacity(LARGEST_BATCH);
    while finished.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
        let mut done = 0;
        while done < batch.len() {
            let rest = batch.get(done..).unwrap_or_default();
            let fault = match recorder.write(rest, true).await {
                Ok(()) => break,
                Err(fault) => fault,
            };
            if !is_passing(&fault) {
                // Something in it cannot be written. One by one, that one is found and holds up no other.
                match recorder.write_first(rest).await {
                    Ok(()) => {
                        done += 1;
                        continue;
                    }
                    Err(fault) => tracing::warn!(%fault, "a call record cannot be written yet"),
                }
            } else {
                tracing::warn!(%fault, waiting = rest.len(), "call records cannot be written yet");
            }
            if give_up() {
                for one in rest {
                    recorder
                        .database
                        .last_resort()
                        .write("a call record that was still to be written at the stop", one);
                }
                return;
            }
            recorder.clock.next_tick(RETRY_EVERY).await;
        }
        batch.clear();
    }
}

/// Trying again may help.
fn is_passing(fault: &Error) -> bool {
    matches!(fault, Error::Unavailable(_) | Error::Contended)
}

struct Recorder<F> {
    database: Store,
    clock: Clock,
    writer: WriterId,
    /// Batches written so far.
    written: i64,
    follow_up: F,
}

impl<F: FollowUp> Recorder<F> {
    async fn write(&mut self, batch: &[Finished], and_follow: bool) -> Result<()> {
        let mut outcome = self.try_write(batch, and_follow).await;
        for _ in 1..RACES {
            match outcome {
                Err(Error::Contended) => outcome = self.try_write(batch, and_follow).await,
                settled => {
                    outcome = settled;
                    break;
                }
            }
        }
        outcome?;
        self.written += 1;
        Ok(())
    }

    async fn try_write(&self, batch: &[Finished], and_follow: bool) -> Result<()> {
        let mut tx = self.database.begin_write().await?;
        let db = &mut tx.db();
        if !store::claim_batch(db, self.writer, self.written + 1, self.clock.now()).await? {
            return Ok(());
        }
        for one in batch {
            if store::keep(db, one).await?
                && and_follow
                && let Finished::Call(record) = one
            {
                self.follow_up.follow(db, record).await?;
            }
        }
        tx.commit().await
    }

    /// Writes the first of these alone: whole, else without what follows from it, else not at all and into the log.
    async fn write_first(&mut self, rest: &[Finished]) -> Result<()> {
        let first = rest.get(..1).unwrap_or_default();
        for and_follow in [true, false] {
            match self.write(first, and_follow).await {
                Err(fault) if !is_passing(&fault) => {
                    tracing::error!(%fault, and_follow, "a call record cannot be written as it is");
                    self.database.last_resort().write("a call record that cannot be written as it is", &first);
                }
                settled => return settled,
            }
        }
        Ok(())
    }
}
