//! Which process has the floor, where several serve from one database. Callers and desks must meet in one of them: floors
//! are memory, and a caller who waits in one process is unseen by the desks of another.
//!
//! On PostgreSQL the floor is a row that its holder renews. A process that ended gives it up at once (its connection is
//! gone), one that hangs after some seconds. While the database is away nobody can take the floor, and its holder goes on.
//! An embedded database has one process.

use super::{Engine, Store};
use crate::error::Result;
use crate::ids::WriterId;
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

/// So often the holder says that it is there, and the others look.
pub const FLOOR_RENEWED_EVERY: Duration = Duration::from_secs(1);
/// A holder that has said nothing for so long has lost the floor.
const HELD_FOR_S: i32 = 8;
/// After the database was away its holder comes first.
const HOLDER_FIRST: Duration = Duration::from_secs(4);
/// Between the two looks that show that a holder's process has ended.
const LOOK_TWICE: Duration = Duration::from_millis(300);
/// A database that does not answer for so long is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// This process's claim to the floor.
pub struct FloorLease {
    store: Store,
    holder: WriterId,
    connection: Option<(PgConnection, Instant)>,
    /// A connection that asks nothing, and the number of its backend: that it ends shows the others that this process has. The
    /// one that asks is given up when an answer is late.
    presence: Option<(PgConnection, i32)>,
    first: bool,
}

/// What came of asking for the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    Held,
    HeldElsewhere,
}

impl FloorLease {
    pub fn new(store: &Store, now: DateTime<Utc>) -> Self {
        Self { store: store.clone(), holder: WriterId::fresh(now), connection: None, presence: None, first: true }
    }

    /// Takes the floor if nobody has it, keeps it if this process does.
    ///
    /// # Errors
    /// The database is away: whoever had the floor has it still.
    pub async fn ask(&mut self) -> Result<Lease> {
        if !self.store.is_shared() {
            return Ok(Lease::Held);
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask_postgres()).await;
        let asked = asked.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut));
        if asked.is_err() {
            self.connection = None;
        }
        Ok(asked?)
    }

    async fn ask_postgres(&mut self) -> sqlx::Result<Lease> {
        let (holder, first) = (self.holder, self.first);
        let backend = self.be_present().await?;
        let (connection, since) = self.connect().await?;
        let may_expire = first || since.elapsed() >= HOLDER_FIRST;
        let mut taken = take(connection, holder, backend, may_expire, false).await?;
        if !taken && holder_is_gone(connection).await? {
            tokio::time::sleep(LOOK_TWICE).await;
            taken = take(connection, holder, backend, may_expire, true).await?;
        }
        if !is_there(connection, backend).await? {
            // The next asking comes in a second, and says under which number this process is there now.
            self.presence = None;
        }
        self.first = false;
        Ok(if taken { Lease::Held } else { Lease::HeldElsewhere })
    }

    /// The number of the backend that shows that this process is there.
    async fn be_present(&mut self) -> sqlx::Result<i32> {
        if let Some((_, backend)) = &self.presence {
            return Ok(*backend);
        }
        let mut connection = self.open().await?;
        let (backend,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        self.presence = Some((connection, backend));
        Ok(backend)
    }

    async fn connect(&mut self) -> sqlx::Result<&mut (PgConnection, Instant)> {
        if self.connection.is_none() {
            self.connection = Some((self.open().await?, Instant::now()));
        }
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// A connection of its own.
    async fn open(&self) -> sqlx::Result<PgConnection> {
        let Engine::Postgres(pool) = &self.store.engine else {
            return Err(sqlx::Error::PoolClosed);
        };
        PgConnection::connect_with(&pool.connect_options()).await
    }
}

async fn take(
    connection: &mut PgConnection,
    holder: WriterId,
    backend: i32,
    may_expire: bool,
    may_be_gone: bool,
) -> sqlx::Result<bool> {
    // The database's clock alone: machines' clocks differ.
    let sql = "INSERT INTO floor_holder AS f (id, holder, backend, held_since, renewed_at) \
               VALUES (1, $1, $5, clock_timestamp(), clock_timestamp()) \
               ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, backend = excluded.backend, \
               held_since = CASE WHEN f.holder = excluded.holder THEN f.held_since ELSE excluded.held_since END, \
               renewed_at = excluded.renewed_at \
               WHERE f.holder = $1 \
               OR ($2 AND f.renewed_at < clock_timestamp() - make_interval(secs => $4)) \
               OR ($3 AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = f.backend))";
    let query =
        sqlx::query(sql).bind(holder).bind(may_expire).bind(may_be_gone).bind(f64::from(HELD_FOR_S)).bind(backend);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

async fn is_there(connection: &mut PgConnection, backend: i32) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = $1";
    let (there,): (i64,) = sqlx::query_as(sql).bind(backend).fetch_one(connection).await?;
    Ok(there > 0)
}

/// Its connection has ended, and not because the database did.
async fn holder_is_gone(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM floor_holder f WHERE f.renewed_at > pg_postmaster_start_time() \
               AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = f.backend)";
    let (gone,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(gone > 0)
}
