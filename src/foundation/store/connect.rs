//! Opening the database and bringing its schema up to date.

use super::write_queue::{Limits, WriteQueue};
use super::{Engine, Figures, StartFault, Store, sqlite_file, wellness};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a verb waits for a connection before the caller is told to try again.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a start waits for a database that does not answer.
const FIRST_CONTACT_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers on SQLite. They share the page cache and rarely block; more would only cost memory.
const SQLITE_READERS: u32 = 8;
/// How mutations on SQLite share commits. A mutation takes a fifth of a millisecond and a flush about one, so that 64 fill
/// the flush many times over, and a full batch is no older than its age allows unless one of them is slow.
const LIMITS: Limits = Limits { leases: 64, age: Duration::from_millis(15), patience: ACQUIRE_TIMEOUT };
/// PostgreSQL forks a process a connection: enough for two busy cores and the batch writers.
const POSTGRES_CONNECTIONS: u32 = 20;
/// A connection that was in use this recently is not asked whether it still lives: that is a round trip a verb. If it
/// has died since, its user is told to try again.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// On PostgreSQL: a statement that takes longer, or waits longer for somebody's lock, or a transaction that its process has
/// forgotten, ends, so that none of them holds a connection for ever.
const TIME_OUTS: &str = "SET statement_timeout = '20s'; SET lock_timeout = '5s'; \
                         SET idle_in_transaction_session_timeout = '30s'";
/// A schema is brought up to date however long it takes.
const NO_TIME_OUTS: &str = "SET statement_timeout = 0; SET lock_timeout = 0";
/// SQLite checks for another process's lock for this long: `startline user add` beside a running server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a journal that is to be emptied waits for those who read from it.
const JOURNAL_WAITS: Duration = Duration::from_millis(200);

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    SqliteFile(PathBuf),
    Postgres(String),
}

impl Target {
    /// The embedded default in `data`, or what `url` names.
    pub fn choose(data: &Path, url: Option<&str>) -> Result<Self, StartFault> {
        match url {
            None => Ok(Self::SqliteFile(data.join("startline.sqlite"))),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Postgres(url.to_owned()))
            }
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(file) => Ok(Self::SqliteFile(PathBuf::from(file.trim_start_matches("//")))),
                None => Err(StartFault::UnknownUrl(without_password(url))),
            },
        }
    }
}

/// Kept for as long as a process serves from an embedded database: a second one beside it would have floors of its own,
/// and callers would wait there beside idle advisers here.
#[derive(Debug)]
pub struct Serving(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] Option<std::fs::File>);

impl Target {
    /// # Errors
    /// `AlreadyServed` when another process serves from it, `DataFolder` when its lock cannot be taken.
    pub fn serve(&self) -> Result<Serving, StartFault> {
        let Self::SqliteFile(file) = self else { return Ok(Serving(None)) };
        let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let fault = |why: String| StartFault::DataFolder { folder: folder.display().to_string(), why };
        std::fs::create_dir_all(folder).map_err(|e| fault(e.to_string()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let lock = folder.join(format!("{name}.serving"));
        let lock = std::fs::File::options().create(true).truncate(false).write(true).open(lock);
        let lock = lock.map_err(|e| fault(e.to_string()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Serving(Some(lock))),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(StartFault::AlreadyServed { folder: folder.display().to_string() })
            }
            Err(std::fs::TryLockError::Error(e)) => Err(fault(e.to_string())),
        }
    }
}

/// What whoever opens the database may do to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Make it, and bring its schema up to date.
    Serve,
    /// Neither: it is somebody else's, who may be running.
    Beside,
}

impl Store {
    /// Opens the database, which is made if it is not there, and runs the migrations it has not seen.
    pub async fn open(target: &Target) -> Result<Self, StartFault> {
        Self::open_in(target, Manner::Serve).await
    }

    /// Opens the database of a service, for a command beside it: it must be there, and of this version.
    pub async fn open_beside(target: &Target) -> Result<Self, StartFault> {
        Self::open_in(target, Manner::Beside).await
    }

    async fn open_in(target: &Target, manner: Manner) -> Result<Self, StartFault> {
        match target {
            Target::SqliteFile(file) => Self::open_sqlite(file, manner).await,
            Target::Postgres(url) => Self::open_postgres(url, manner).await,
        }
    }

    async fn open_sqlite(file: &Path, manner: Manner) -> Result<Self, StartFault> {
        let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let data_folder = |why: String| StartFault::DataFolder { folder: folder.display().to_string(), why };
        let found = sqlite_file::look(file)?;
        let state = match found {
            sqlite_file::Found::Nothing => None,
            sqlite_file::Found::Database => schema(file).await?,
        };
        match (found, manner) {
            (sqlite_file::Found::Nothing, Manner::Beside) => {
                return Err(StartFault::NoService { place: folder.display().to_string() });
            }
            (sqlite_file::Found::Nothing, Manner::Serve) => {
                tracing::info!(file = %file.display(), "a new database is made");
            }
            (sqlite_file::Found::Database, _) => {}
        }
        std::fs::create_dir_all(folder).map_err(|e| data_folder(e.to_string()))?;
        // SQLite would open an unwritable file read-only and fail at the first write, in the middle of a call.
        let probe = folder.join(".startline-write-probe");
        std::fs::write(&probe, b"").map_err(|e| data_folder(e.to_string()))?;
        std::fs::remove_file(&probe).map_err(|e| data_folder(e.to_string()))?;

        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(manner == Manner::Serve)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is erased is overwritten: it would else stay in the file until its page is used again.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(256);
        let mut connection = options.connect().await.map_err(|e| data_folder(e.to_string()))?;
        match manner {
            Manner::Serve => migrated(SQLITE_MIGRATIONS.run(&mut connection).await, &SQLITE_MIGRATIONS)?,
            Manner::Beside => is_of_this_version(state, &SQLITE_MIGRATIONS, &folder.display().to_string())?,
        }
        let figures = Figures::default();
        let opened = wellness::Opened::of(file).map_err(|e| data_folder(e.to_string()))?;
        let commit_writes = figures.commit_writes.clone();
        let write = WriteQueue::start(options.clone(), connection, LIMITS, commit_writes, opened.clone())
            .await
            .map_err(|e| data_folder(e.to_string()))?;
        let read = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self::of(Engine::Sqlite { write, read, opened }, figures))
    }

    async fn open_postgres(url: &str, manner: Manner) -> Result<Self, StartFault> {
        let unreachable = |why: String| StartFault::Unreachable { target: without_password(url), why };
        let options = PgConnectOptions::from_str(url)
            .map_err(|e| unreachable(e.to_string()))?
            .application_name("startline")
            .statement_cache_capacity(256);
        let connecting = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(set(connection, TIME_OUTS)))
            .before_acquire(|connection, seen| {
                Box::pin(async move {
                    if seen.idle_for >= TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options);
        let pool = tokio::time::timeout(FIRST_CONTACT_TIMEOUT, connecting)
            .await
            .map_err(|_| unreachable("no answer within 5 seconds".into()))?
            .map_err(|e| unreachable(e.to_string()))?;
        let mut connection = pool.acquire().await.map_err(|e| unreachable(e.to_string()))?;
        match manner {
            Manner::Serve => {
                set(&mut connection, NO_TIME_OUTS).await.map_err(|e| unreachable(e.to_string()))?;
                migrated(POSTGRES_MIGRATIONS.run(&mut *connection).await, &POSTGRES_MIGRATIONS)?;
                set(&mut connection, TIME_OUTS).await.map_err(|e| unreachable(e.to_string()))?;
            }
            Manner::Beside => {
                let state = newest_migration(&mut connection).await.ok().flatten();
                let place = without_password(url);
                match state {
                    None => return Err(StartFault::NoService { place }),
                    state => is_of_this_version(state, &POSTGRES_MIGRATIONS, &place)?,
                }
            }
        }
        drop(connection);
        Ok(Self::of(Engine::Postgres(pool), Figures::default()))
    }
}

/// Whole when nobody serves from an embedded database; else only its journal is emptied, as far as its readers let it.
pub(super) async fn write_anew(target: &Target, is_alone: bool) -> Result<(), StartFault> {
    match target {
        Target::SqliteFile(file) => {
            let fault = |e: sqlx::Error| StartFault::Damaged { file: file.display().to_string(), why: e.to_string() };
            if !is_alone {
                return empty_journal(file).await.map_err(fault);
            }
            let options = SqliteConnectOptions::new().filename(file).busy_timeout(BUSY_TIMEOUT);
            let mut connection = options.connect().await.map_err(fault)?;
            let anew = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";
            sqlx::raw_sql(anew).execute(&mut connection).await.map_err(fault)?;
            connection.close().await.map_err(fault)
        }
        Target::Postgres(url) => {
            let fault = |e: sqlx::Error| StartFault::Unreachable { target: without_password(url), why: e.to_string() };
            let options = PgConnectOptions::from_str(url).map_err(fault)?;
            let mut connection = options.connect().await.map_err(fault)?;
            set(&mut connection, "VACUUM").await.map_err(fault)
        }
    }
}

pub(super) async fn empty_journal(file: &Path) -> sqlx::Result<()> {
    // Who writes stands still while this waits for readers.
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(JOURNAL_WAITS);
    let mut connection = options.connect().await?;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    connection.close().await
}

async fn set(connection: &mut PgConnection, what: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(what).execute(connection).await.map(drop)
}

const NEWEST: &str = "SELECT MAX(version) FROM _sqlx_migrations";

async fn newest_migration(connection: &mut PgConnection) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(NEWEST).fetch_one(connection).await
}

/// The newest migration that an embedded database has seen; none of a new one. Nothing is changed, not even how the file
/// keeps its journal: it may be somebody else's.
///
/// # Errors
/// It cannot be read, or is the database of something else.
async fn schema(file: &Path) -> Result<Option<i64>, StartFault> {
    let name = file.display().to_string();
    let fault = |e: sqlx::Error| StartFault::Damaged { file: name.clone(), why: e.to_string() };
    let mut connection = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.map_err(fault)?;
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut connection)
        .await
        .map_err(fault)?;
    let newest = match tables.iter().any(|table| table == "_sqlx_migrations") {
        true => sqlx::query_scalar(NEWEST).fetch_one(&mut connection).await.map_err(fault)?,
        false if tables.is_empty() => None,
        false => return Err(StartFault::NotOurs { file: name }),
    };
    connection.close().await.map_err(fault)?;
    Ok(newest)
}

/// A command beside a running service never changes the schema under it.
fn is_of_this_version(found: Option<i64>, migrations: &Migrator, place: &str) -> Result<(), StartFault> {
    let known = newest_of(migrations);
    match found {
        Some(found) if found > known => Err(StartFault::NewerSchema { found, known }),
        Some(found) if found == known => Ok(()),
        found => Err(StartFault::OlderSchema { place: place.into(), found: found.unwrap_or(0), known }),
    }
}

fn newest_of(migrations: &Migrator) -> i64 {
    migrations.iter().map(|m| m.version).max().unwrap_or(0)
}

fn migrated(outcome: Result<(), MigrateError>, migrations: &Migrator) -> Result<(), StartFault> {
    let known = newest_of(migrations);
    match outcome {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) if found > known => Err(StartFault::NewerSchema { found, known }),
        Err(other) => Err(StartFault::Migration(other.to_string())),
    }
}

/// A URL that may be shown and logged.
pub fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or("");
            format!("{}://{user}@{}", &url[..scheme], &url[at + 1..])
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_database_url_is_never_shown() {
        assert_eq!(without_password("postgres://ann:s3cret@db.example/one"), "postgres://ann@db.example/one");
        assert_eq!(without_password("postgres://ann:s3@cret@db/one"), "postgres://ann@db/one");
        assert_eq!(without_password("postgres://db/one"), "postgres://db/one");
    }

    #[test]
    fn the_embedded_database_is_the_default() {
        let chosen = Target::choose(Path::new("data"), None).unwrap();
        assert_eq!(chosen, Target::SqliteFile("data/startline.sqlite".into()));
        assert!(Target::choose(Path::new("data"), Some("mysql://x")).is_err());
    }
}
