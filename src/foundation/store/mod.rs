//! The connection to the database: SQLite in a data folder, or PostgreSQL by URL. The only place that knows which.
//!
//! Everything in the database is durable before it is acknowledged: SQLite runs in WAL mode with `synchronous = FULL`
//! (NORMAL loses acknowledged writes when the power goes), PostgreSQL as its operator set it (`synchronous_commit = on`
//! by default). Mutations that come at the same time share one disk flush: PostgreSQL sees to that by itself, and on
//! SQLite `write_queue.rs` does.
//!
//! One set of statements serves both engines. A room's `store.rs` writes a statement once, inside [`on_engine!`], which
//! expands it for each engine's connection type. Whoever writes calls [`Store::begin_write`] and passes [`Tx::db`] on, so
//! that several rooms' writes, the audit line and the follow-up job share one transaction. What the rest of the process
//! has to hear of it is said beside the statement that writes ([`Db::after_commit`]) and delivered when the commit is
//! durable, to whoever listens ([`Store::deliver_to`]), also when the caller has gone meanwhile.
//!
//! # The order of locks
//!
//! On PostgreSQL two transactions that take the same rows in different orders wait for each other, until one of them is
//! undone. So there is one order. Whoever changes rows of more than one kind takes them in it, and of one kind by id;
//! whoever knows only a later one (a print job) reads its way back to the earlier (its pack, its claim) without locking,
//! locks forward, and reads again behind the lock.
//!
//! 1. the request that is answered (`requests`), first of all;
//! 2. a walk through a script;
//! 3. the claim: whoever holds it also has its answers, events, queries, lodgings and delivery to themselves;
//! 4. a user, by whoever counts what that user holds and holds one more; then
//!    a place held for a call-back, then call-backs; or appointments: several of one claim all at once;
//! 5. hours of the rota, then personal advisers' days, by person and day, then the cells of time taken in them, in the
//!    order of time; call-backs' cells likewise;
//! 6. what stands in lists: freed time, standby offers and entries, then steps; reminders; missed callers;
//! 7. what could not be printed (pack exceptions), then packs, then print jobs;
//! 8. batches of post, which are only shared by whoever adds to them or takes away; whoever closes them passes over those;
//! 9. client records;
//! 10. the job that is ticked off (`jobs`), and the answer kept with the request.
//!
//! Audit rows and follow-up jobs are only ever added, and nobody waits for them. Work is taken from a queue
//! ([`Db::skip_locked`]), and a hold that has run out from its holder, without waiting, so neither needs a place. Where two
//! race for one place all the same, they meet a primary key, and the loser tries again.

mod aged;
mod connect;
mod fault;
mod floor_lease;
mod group;
mod ids;
mod jobs;
mod moved;
mod sqlite_file;
mod wellness;
mod write_queue;

pub use aged::{Aged, AgedPage, aged, execute_among, ids_among, rows_among};
pub use connect::{Serving, Target, without_password};
pub use fault::StartFault;
pub use floor_lease::{FLOOR_RENEWED_EVERY, FloorLease, Lease};
pub use group::{BatchWriter, GroupWriter, Manner};
pub use jobs::{
    Job, JobState, LeasedJob, QueuedJob, RetryRule, clock_was_set, drop_job, enqueue, erase_jobs, erase_jobs_about,
    fail_job, finish_job, has_open_job_about, job_figures, jobs, jobs_left, jobs_over, lease_jobs, retry_job,
};
pub use moved::ClockSet;

use crate::error::{Error, Result};
use crate::events::Event;
use crate::last_resort::LastResort;
use crate::metrics::{self, Histogram, Registry};
use futures_util::future::BoxFuture;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use write_queue::{WriteLease, WriteQueue};

/// A pool of connections to the one database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    listener: Arc<OnceLock<Box<dyn Listener>>>,
    figures: Figures,
    last_resort: LastResort,
}

/// What the store counts, for all its clones.
#[derive(Clone)]
struct Figures {
    connection_wait: Histogram,
    commit_writes: Histogram,
}

impl Default for Figures {
    fn default() -> Self {
        Self { connection_wait: metrics::machine_seconds(), commit_writes: metrics::small_numbers() }
    }
}

/// Hears what committed transactions have to tell.
pub trait Listener: Send + Sync {
    /// Called once for each transaction that has something to tell, after its commit. The commit is acknowledged when this
    /// returns.
    fn deliver(&self, events: Vec<Event>) -> BoxFuture<'_, ()>;
}

#[derive(Clone)]
enum Engine {
    /// SQLite lets one writer in at a time, so there is one writing connection, and readers never wait for it.
    Sqlite {
        write: WriteQueue,
        read: SqlitePool,
        opened: Arc<wellness::Opened>,
    },
    Postgres(PgPool),
}

/// One connection for the length of a verb, and what its transaction will have to tell.
pub struct Db<'c> {
    pub connection: Connection<'c>,
    events: &'c mut Vec<Event>,
}

pub enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// A transaction that is undone unless [`Tx::commit`] is called.
pub struct Tx {
    engine: Writing,
    events: Vec<Event>,
    listener: Arc<OnceLock<Box<dyn Listener>>>,
}

enum Writing {
    Sqlite(WriteLease),
    Postgres(Transaction<'static, Postgres>),
}

/// One snapshot of everything: what is read of it fits together, whatever is written meanwhile.
pub struct Reader {
    engine: Reading,
    /// Nothing is written here, so nothing is ever told.
    events: Vec<Event>,
}

enum Reading {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression with the engine's own connection: `on_engine!(db, c => sqlx::query("..").execute(c).await)`.
#[macro_export]
macro_rules! on_engine {
    ($db:expr, $c:ident => $body:expr) => {
        match &mut $db.connection {
            $crate::store::Connection::Sqlite(connection) => {
                let $c = &mut **connection;
                $body
            }
            $crate::store::Connection::Postgres(connection) => {
                let $c = &mut **connection;
                $body
            }
        }
    };
}
pub use crate::on_engine;

/// Runs one statement and gives the number of rows it changed.
#[macro_export]
macro_rules! execute {
    ($db:expr, $query:expr) => {
        $crate::store::on_engine!($db, c => $query.execute(c).await.map(|done| done.rows_affected()))
    };
}
pub use crate::execute;

impl Store {
    fn of(engine: Engine, figures: Figures) -> Self {
        Self { engine, listener: Arc::default(), figures, last_resort: LastResort::default() }
    }

    /// For what the database would not take.
    pub fn last_resort(&self) -> &LastResort {
        &self.last_resort
    }

    /// Several processes may serve from this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Shows what the store counts from now on.
    pub fn register(&self, registry: &mut Registry) {
        metrics::COMMITS.register(registry, self.figures.commit_writes.clone());
        metrics::CONNECTION_WAIT.register(registry, self.figures.connection_wait.clone());
    }

    /// Connections in use, and idle ones.
    pub fn connections(&self) -> (usize, usize) {
        let (size, idle, writer) = match &self.engine {
            Engine::Sqlite { read, .. } => (read.size(), read.num_idle(), 1),
            Engine::Postgres(pool) => (pool.size(), pool.num_idle(), 0),
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        (size.saturating_sub(idle) + writer, idle)
    }

    /// From here on every transaction of this store, and of its clones, tells `listener`. A store has one; a second is
    /// not heard.
    pub fn deliver_to(&self, listener: impl Listener + 'static) {
        let _ = self.listener.set(Box::new(listener));
    }

    /// Begins a transaction that will write. On SQLite this waits for its turn before it reads anything, so that what the
    /// transaction reads cannot change under it.
    pub async fn begin_write(&self) -> Result<Tx> {
        let asked = Instant::now();
        let engine = match &self.engine {
            Engine::Sqlite { write, .. } => Writing::Sqlite(write.begin().await?),
            Engine::Postgres(pool) => Writing::Postgres(pool.begin().await?),
        };
        self.figures.connection_wait.observe(asked.elapsed().as_secs_f64());
        Ok(Tx { engine, events: Vec::new(), listener: self.listener.clone() })
    }

    /// Takes a snapshot to read from.
    pub async fn read(&self) -> Result<Reader> {
        let asked = Instant::now();
        let engine = match &self.engine {
            Engine::Sqlite { read, .. } => Reading::Sqlite(read.begin().await?),
            Engine::Postgres(pool) => {
                Reading::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        self.figures.connection_wait.observe(asked.elapsed().as_secs_f64());
        Ok(Reader { engine, events: Vec::new() })
    }

    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite { .. } => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub fn db(&mut self) -> Db<'_> {
        let connection = match &mut self.engine {
            Writing::Sqlite(turn) => Connection::Sqlite(turn.connection()),
            Writing::Postgres(tx) => Connection::Postgres(tx),
        };
        Db { connection, events: &mut self.events }
    }

    /// Returns when what was written is durable and whoever listens was told.
    pub async fn commit(self) -> Result<()> {
        let Self { engine, events, listener } = self;
        if events.is_empty() || listener.get().is_none() {
            return engine.commit().await;
        }
        // A task of its own: whoever waits for this may be gone before it ends, and what was committed is told all the
        // same.
        let telling = tokio::spawn(async move {
            engine.commit().await?;
            if let Some(listener) = listener.get() {
                listener.deliver(events).await;
            }
            Ok(())
        });
        telling.await.map_err(|fault| Error::internal(format!("a commit was not told to its end: {fault}")))?
    }
}

impl Writing {
    async fn commit(self) -> Result<()> {
        match self {
            Writing::Sqlite(turn) => turn.commit().await?,
            Writing::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl Reader {
    pub fn db(&mut self) -> Db<'_> {
        let connection = match &mut self.engine {
            Reading::Sqlite(snapshot) => Connection::Sqlite(snapshot),
            Reading::Postgres(snapshot) => Connection::Postgres(snapshot),
        };
        Db { connection, events: &mut self.events }
    }
}

impl Db<'_> {
    /// Tells this when the transaction is committed; the same thing said twice is told once.
    pub fn after_commit(&mut self, event: impl Into<Event>) {
        let event = event.into();
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// What will be told so far.
    pub fn events(&self) -> &[Event] {
        self.events
    }

    /// Ends a SELECT that must see no later change to its rows until the transaction ends. SQLite has one writer, so
    /// there nothing is needed. `NO KEY`, because no key is ever changed: a row that is inserted beside it with a foreign
    /// key to it need not wait, and cannot close a circle of transactions that wait.
    pub fn for_update(&self) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR NO KEY UPDATE",
        }
    }

    /// From here to the transaction's end no other one that names the same thing goes past this: for what two processes
    /// write of it into rows that the other cannot see yet. SQLite has one writer.
    pub async fn alone_with(&mut self, what: &str) -> Result<()> {
        if let Connection::Postgres(connection) = &mut self.connection {
            let lock = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(what);
            lock.execute(&mut **connection).await?;
        }
        Ok(())
    }

    /// The same where tables are joined, for the rows of one of them: `table` is its name in the statement.
    pub fn for_update_of(&self, table: &str) -> String {
        match self.for_update() {
            "" => String::new(),
            lock => format!("{lock} OF {table}"),
        }
    }

    /// Ends a SELECT whose rows may be read by others meanwhile, but not changed. Whoever will change them takes
    /// [`Db::for_update`] at once: two who share a row and then both want to change it wait for each other.
    pub fn for_share(&self) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR SHARE",
        }
    }

    /// Ends a SELECT that takes work from a queue: rows that another worker is just taking are passed over.
    pub fn skip_locked(&self) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR NO KEY UPDATE SKIP LOCKED",
        }
    }
}
