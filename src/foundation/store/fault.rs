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
            sqlx::Error::Database(database) => match Trouble::of(database.code().as_deref()) {
                Some(Trouble::Text) => Error::invalid("", "a text with a NUL character in it cannot be kept"),
                Some(trouble) => {
                    tracing::warn!(%fault, "the database refused");
                    Error::Unavailable(trouble.sentence().into())
                }
                None => Error::Internal(fault.to_string()),
            },
            _ => Error::Internal(fault.to_string()),
        }
    }
}

/// What a database says of itself, rather than of what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Shutting down, full of connections, locked by somebody for too long.
    Busy,
    /// After a failover, or because its file may not be written.
    ReadOnly,
    Full,
    /// Its disk or its memory fails it, its file is gone or damaged.
    Sick,
    /// A text that it cannot keep.
    Text,
}

impl Trouble {
    /// By PostgreSQL's SQLSTATE or SQLite's (extended) result code: <https://www.sqlite.org/rescode.html>,
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of(code: Option<&str>) -> Option<Self> {
        let code = code?;
        if let Ok(sqlite) = code.parse::<u32>()
            && code.len() < 5
        {
            // The primary code is the last byte.
            return match sqlite & 0xFF {
                5 | 6 => Some(Self::Busy),
                8 => Some(Self::ReadOnly),
                13 => Some(Self::Full),
                3 | 7 | 10 | 11 | 14 | 23 | 26 => Some(Self::Sick),
                _ => None,
            };
        }
        match code {
            "57P01" | "57P02" | "57P03" | "57014" | "55P03" | "53300" | "25P03" => Some(Self::Busy),
            "25006" => Some(Self::ReadOnly),
            "53100" | "53400" => Some(Self::Full),
            "53000" | "53200" | "58000" | "58030" | "58P01" | "58P02" | "XX001" | "XX002" | "42501" => Some(Self::Sick),
            "22021" | "22P05" => Some(Self::Text),
            _ => None,
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Busy | Self::Text => "the database is busy just now; try again",
            Self::ReadOnly => "the database takes no writes just now; tell whoever runs the service, and try again",
            Self::Full => "the database has no room left; tell whoever runs the service, and try again",
            Self::Sick => "the database has a fault of its own; tell whoever runs the service, and try again",
        }
    }
}

/// Why a store cannot be opened: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    #[error("the data folder {folder} cannot be written to: {why}")]
    DataFolder { folder: String, why: String },
    #[error("another process serves from the data folder {folder}: stop that one first, or use PostgreSQL for several")]
    AlreadyServed { folder: String },
    #[error(
        "there is no service's database in {place}: `startline serve` makes one; is this the folder that it was given?"
    )]
    NoService { place: String },
    #[error("{file} is the database of something else: give Startline a folder of its own")]
    NotOurs { file: String },
    #[error(
        "the database file {file} is damaged ({why}): restore a backup; what is there may still be saved, so keep it"
    )]
    Damaged { file: String, why: String },
    #[error("the database {target} cannot be reached: {why}")]
    Unreachable { target: String, why: String },
    #[error(
        "the database was made by a newer Startline (schema version {found}; this one knows {known}): install that version, or restore a backup from before it"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "the database in {place} is of an older Startline (schema version {found}, this one's is {known}): `startline serve` of this version brings it up to date"
    )]
    OlderSchema { place: String, found: i64, known: i64 },
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migration(String),
    #[error("{0} is not a database URL that Startline knows: it takes postgres://… or sqlite:FILE")]
    UnknownUrl(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_of_itself_is_known_on_both_engines() {
        for (code, trouble) in [
            ("5", Trouble::Busy),
            ("517", Trouble::Busy),
            ("262", Trouble::Busy),
            ("8", Trouble::ReadOnly),
            ("1032", Trouble::ReadOnly),
            ("13", Trouble::Full),
            ("10", Trouble::Sick),
            ("778", Trouble::Sick),
            ("11", Trouble::Sick),
            ("14", Trouble::Sick),
            ("26", Trouble::Sick),
            ("53100", Trouble::Full),
            ("58030", Trouble::Sick),
            ("57014", Trouble::Busy),
            ("55P03", Trouble::Busy),
            ("25006", Trouble::ReadOnly),
            ("22021", Trouble::Text),
        ] {
            assert_eq!(Trouble::of(Some(code)), Some(trouble), "{code}");
        }
        for ours in ["1", "19", "787", "2067", "23505", "23503", "42P01", "42703", "22003"] {
            assert_eq!(Trouble::of(Some(ours)), None, "{ours}");
        }
    }
}
