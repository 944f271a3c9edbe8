//! Group commit on SQLite: mutations take turns on the one writing connection, each within a savepoint of a transaction
//! that they share, and one COMMIT (one disk flush) makes durable whatever was written while the last one ran.
//!
//! One task, the writer, owns the connection and alone says BEGIN, SAVEPOINT, RELEASE, ROLLBACK and COMMIT. It lends the
//! connection to whoever is next in line, with a savepoint open, and gets it back when that mutation commits or is
//! dropped, at whatever await that was: nothing but the writer decides what to keep, and nobody can cancel the writer.
//! With nobody else in line the shared transaction is committed at once, so that a mutation alone waits for no company.
//!
//! What is durable: whatever [`WriteLease::commit`] returned `Ok` for. It waits for the shared COMMIT, and if that fails, or
//! SQLite had undone the transaction by itself (disk full, an I/O error), everybody in it is told so. What was committed
//! may go unacknowledged, when the waiting caller has gone; its `request_id` finds it again. Never the reverse.
//!
//! What is not yet committed is seen by nobody but those that take a turn later in the same transaction. That is sound
//! for those that commit, because they fail together, and it is why a mutation that only read must commit too before it
//! tells anybody what is kept. One that is refused for what it saw, and dropped, may have been refused for something
//! that was then lost; whoever asks again meets what is true.
//!
//! A file that somebody has taken away is still written to, by a connection that has it open, and what is written is in nothing
//! that a restart would find. So before a transaction, and before whoever wrote is told that it is durable, the writer looks
//! whether the file is in its place; until it is, everybody is refused.
//!
//! SQLite undoing a transaction by itself is the trap. The connection is then in autocommit mode: a SAVEPOINT would
//! begin a transaction silently, and the next INSERT would commit half a mutation. So SAVEPOINT is only said together
//! with the BEGIN or the RELEASE that proves that the transaction stands, and a commit hook turns every commit but the
//! writer's own into a rollback.

use super::wellness::Opened;
use crate::error::{Error, Result};
use crate::metrics::Histogram;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

const BEGIN: &str = "BEGIN IMMEDIATE; SAVEPOINT turn";
/// These leave an open savepoint with nothing in it, or fail because the transaction is gone.
const KEEP: &str = "RELEASE turn; SAVEPOINT turn";
const UNDO: &str = "ROLLBACK TO turn";
const KEEP_AND_COMMIT: &str = "RELEASE turn; COMMIT";
const UNDO_AND_COMMIT: &str = "ROLLBACK TO turn; RELEASE turn; COMMIT";
const UNDO_ALL: &str = "ROLLBACK";

#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Leases in one transaction. A flush shared by so many costs each of them little; more would only make the first
    /// wait longer.
    pub leases: usize,
    /// A transaction this old is committed before anybody else gets a turn, so that no acknowledgement waits for a
    /// queue of slow mutations.
    pub age: Duration,
    /// How long a mutation stands in line before its caller is told to try again.
    pub patience: Duration,
}

/// The line for the writing connection. Cheap to clone; the writer ends when the last one is dropped.
#[derive(Clone)]
pub(super) struct WriteQueue {
    line: mpsc::UnboundedSender<Asked>,
    patience: Duration,
}

enum Asked {
    Lease(Waiter),
    Close(oneshot::Sender<()>),
}

type Waiter = oneshot::Sender<Result<WriteLease>>;

/// The writing connection in the hands of one mutation, which is undone unless [`WriteLease::commit`] is called.
pub struct WriteLease(Option<Lent>);

struct Lent {
    connection: SqliteConnection,
    back: oneshot::Sender<(SqliteConnection, Ending)>,
}

enum Ending {
    /// With whom to tell when it is durable.
    Keep(oneshot::Sender<Result<()>>),
    Undo,
}

impl WriteQueue {
    /// Starts the writer on a connection that nobody else writes to; `options` open another if it breaks.
    pub async fn start(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        limits: Limits,
        commit_writes: Histogram,
        opened: Arc<Opened>,
    ) -> Result<Self, sqlx::Error> {
        let (line, asked) = mpsc::unbounded_channel();
        let may_commit = Arc::new(AtomicBool::new(false));
        let mut writer =
            Writer { options, connection: None, may_commit, asked, closing: None, limits, commit_writes, opened };
        writer.connection = Some(writer.guarded(connection).await?);
        tokio::spawn(writer.run());
        Ok(Self { line, patience: limits.patience })
    }

    /// Waits in line for a turn: first come, first served.
    pub async fn begin(&self) -> Result<WriteLease> {
        let (asker, turn) = oneshot::channel();
        self.line.send(Asked::Lease(asker)).map_err(|_| sqlx::Error::PoolClosed)?;
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed.into()),
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Returns when everybody who stands in line has had a turn and the connection is closed. Whoever comes later is
    /// refused.
    pub async fn close(&self) {
        let (closing, closed) = oneshot::channel();
        if self.line.send(Asked::Close(closing)).is_ok() {
            let _ = closed.await;
        }
    }
}

impl WriteLease {
    pub fn connection(&mut self) -> &mut SqliteConnection {
        match &mut self.0 {
            Some(lent) => &mut lent.connection,
            None => unreachable!("a turn has its connection until it ends"),
        }
    }

    /// Gives the connection back and returns when what was written is durable.
    pub async fn commit(mut self) -> Result<()> {
        let (done, durable) = oneshot::channel();
        self.give_back(Ending::Keep(done));
        durable.await.map_err(|_| sqlx::Error::PoolClosed)?
    }

    fn give_back(&mut self, ending: Ending) {
        if let Some(Lent { connection, back }) = self.0.take() {
            // Without a writer the connection is dropped, and with it what was not committed.
            let _ = back.send((connection, ending));
        }
    }
}

impl Drop for WriteLease {
    fn drop(&mut self) {
        self.give_back(Ending::Undo);
    }
}

struct Writer {
    options: SqliteConnectOptions,
    /// Between transactions. None after a fault: whatever state it was in, a new connection has none of it.
    connection: Option<SqliteConnection>,
    /// What the commit hook asks.
    may_commit: Arc<AtomicBool>,
    asked: mpsc::UnboundedReceiver<Asked>,
    closing: Option<oneshot::Sender<()>>,
    limits: Limits,
    /// How many mutations each commit made durable.
    commit_writes: Histogram,
    opened: Arc<Opened>,
}

/// One shared transaction.
struct Batch {
    connection: SqliteConnection,
    begun: Instant,
    leases: usize,
    /// Those who wait for the commit.
    kept: Vec<oneshot::Sender<Result<()>>>,
}

impl Writer {
    async fn run(mut self) {
        let mut next = None;
        while let Some(asker) = match next.take() {
            Some(asker) => Some(asker),
            None => self.await_asker().await,
        } {
            match self.begin().await {
                Ok(batch) => next = self.share(batch, asker).await,
                Err(fault) => drop(asker.send(Err(fault))),
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(fault) = connection.close().await
        {
            tracing::warn!(%fault, "the database file could not be closed in order");
        }
        if let Some(closing) = self.closing.take() {
            let _ = closing.send(());
        }
    }

    async fn await_asker(&mut self) -> Option<Waiter> {
        loop {
            let asked = self.asked.recv().await?;
            if let Some(asker) = self.heard(asked) {
                return Some(asker);
            }
        }
    }

    /// Who is next in line at this moment, if anybody is.
    fn waiting_asker(&mut self) -> Option<Waiter> {
        loop {
            let asked = self.asked.try_recv().ok()?;
            if let Some(asker) = self.heard(asked) {
                return Some(asker);
            }
        }
    }

    fn heard(&mut self, asked: Asked) -> Option<Waiter> {
        match asked {
            // Some have lost their patience, or their caller.
            Asked::Lease(asker) => (!asker.is_closed()).then_some(asker),
            Asked::Close(closing) => {
                // Nobody can join the line any more; those who stand in it are still served.
                self.asked.close();
                self.closing = Some(closing);
                None
            }
        }
    }

    async fn begin(&mut self) -> Result<Batch> {
        self.opened.is_in_place().map_err(nothing_is_kept)?;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.guarded(self.options.connect().await?).await?,
        };
        run(&mut connection, BEGIN).await?;
        Ok(Batch { connection, begun: Instant::now(), leases: 0, kept: Vec::new() })
    }

    /// Lets nothing commit on this connection but the writer: not a stray COMMIT, and not a statement that runs on its own
    /// because SQLite has just undone the transaction around it.
    async fn guarded(&self, mut connection: SqliteConnection) -> Result<SqliteConnection, sqlx::Error> {
        let may_commit = self.may_commit.clone();
        connection.lock_handle().await?.set_commit_hook(move || may_commit.load(Ordering::SeqCst));
        Ok(connection)
    }

    /// Gives out leases while somebody waits and the batch is neither full nor old, then commits. Returns who was promised
    /// a turn and needs another transaction for it.
    async fn share(&mut self, mut batch: Batch, mut asker: Waiter) -> Option<Waiter> {
        loop {
            let (lent, returned) = oneshot::channel();
            let turn = WriteLease(Some(Lent { connection: batch.connection, back: lent }));
            // If nobody receives the turn, its drop gives it back.
            drop(asker.send(Ok(turn)));
            let Ok((connection, ending)) = returned.await else {
                let gone = sqlx::Error::WorkerCrashed;
                refuse(batch.kept, false, gone);
                return None;
            };
            batch.connection = connection;
            batch.leases += 1;
            let undone = matches!(ending, Ending::Undo);
            if let Ending::Keep(done) = ending {
                batch.kept.push(done);
            }
            let room = batch.leases < self.limits.leases && batch.begun.elapsed() < self.limits.age;
            let Some(next) = room.then(|| self.waiting_asker()).flatten() else {
                self.end(batch, undone).await;
                return None;
            };
            if let Err(fault) = run(&mut batch.connection, if undone { UNDO } else { KEEP }).await {
                refuse(batch.kept, false, fault);
                return Some(next);
            }
            asker = next;
        }
    }

    async fn end(&mut self, mut batch: Batch, undone: bool) {
        let sql = match (batch.kept.is_empty(), undone) {
            (true, _) => UNDO_ALL,
            (false, true) => UNDO_AND_COMMIT,
            (false, false) => KEEP_AND_COMMIT,
        };
        self.may_commit.store(true, Ordering::SeqCst);
        let outcome = run(&mut batch.connection, sql).await;
        self.may_commit.store(false, Ordering::SeqCst);
        match outcome {
            Ok(()) => {
                self.connection = Some(batch.connection);
                if !batch.kept.is_empty() {
                    #[expect(clippy::cast_precision_loss, reason = "no batch is that large")]
                    self.commit_writes.observe(batch.kept.len() as f64);
                }
                let in_place = self.opened.is_in_place();
                for done in batch.kept {
                    // The caller may have gone; what it wrote is kept all the same.
                    let _ = done.send(in_place.map_err(nothing_is_kept));
                }
            }
            Err(fault) => refuse(batch.kept, batch.leases == 1, fault),
        }
    }
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(connection).await.map(drop)
}

fn nothing_is_kept(why: &str) -> Error {
    Error::Unavailable(format!("nothing can be kept: {why}"))
}

/// Tells everybody whose work is lost. Only who was alone is told why: in company it may be somebody else's fault.
fn refuse(kept: Vec<oneshot::Sender<Result<()>>>, alone: bool, fault: sqlx::Error) {
    if !kept.is_empty() {
        tracing::error!(%fault, mutations = kept.len(), "what was written could not be committed");
    }
    let mut own = alone.then_some(fault).map(Error::from);
    for done in kept {
        let lost = || Error::Unavailable("this could not be written just now; try again".into());
        let _ = done.send(Err(own.take().unwrap_or_else(lost)));
    }
}

#[cfg(test)]
#[path = "write_queue_tests.rs"]
mod tests;
