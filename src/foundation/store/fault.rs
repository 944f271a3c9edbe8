//! What the database says, in the words of the domain error; and why a store cannot be opened, in a sentence.

use crate::error::Error;

impl From<sqlx::Error> for Error {
    fn from(fault: sqlx::Error) -> Self {
        match &fault {
            // The database is away, or about to be: the caller may try again.
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                tracing::warn!(%fault, "the database cannot be reached");
                Error::Unavailable("the database cannot be reached just now; try again".into())
            }
            // A proxy with no server behind it takes the connection and closes it before a word was said.
            sqlx::Error::Protocol(words) if words.contains("SSLRequest") => {
                tracing::warn!(%fault, "the database cannot be reached");
                Error::Unavailable("the database cannot be reached just now; try again".into())
            }
            // A deadlock or a serialisation failure: the loser tries again.
            sqlx::Error::Database(database) if matches!(database.code().as_deref(), Some("40P01" | "40001")) => {
                Error::Contended
            }
            sqlx::Error::Database(database) if is_passing(database.code().as_deref()) => {
                tracing::warn!(%fault, "the database refused for the moment");
                Error::Unavailable("the database is busy just now; try again".into())
            }
            _ => Error::Internal(fault.to_string()),
        }
    }
}

/// Codes that mean "not now": shutting down, read-only after a failover, SQLite busy.
fn is_passing(code: Option<&str>) -> bool {
    matches!(code, Some("57P01" | "57P02" | "57P03" | "25006" | "53300" | "5" | "517"))
}

/// Why a store cannot be opened: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    #[error("the data folder {folder} cannot be written to: {why}")]
    DataFolder { folder: String, why: String },
    #[error("another process serves from the data folder {folder}: stop that one first, or use PostgreSQL for several")]
    AlreadyServed { folder: String },
    #[error("the database {target} cannot be reached: {why}")]
    Unreachable { target: String, why: String },
    #[error(
        "the database was made by a newer Startline (schema version {found}; this one knows {known}): install that version, or restore a backup from before it"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migration(String),
    #[error("{0} is not a database URL that Startline knows: it takes postgres://… or sqlite:FILE")]
    UnknownUrl(String),
}
