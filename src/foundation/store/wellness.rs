//! Whether the database can take what it is asked to keep, as far as can be seen from beside it.

use super::{Engine, Store};
use sqlx::Row;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A database that does not answer within this is away.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);
/// What has to fit on the disk of an embedded database.
const PROBE: usize = 64 * 1024;
const PROBE_FILE: &str = ".startline-room-probe";

/// An embedded database's file, as it was opened.
#[derive(Debug)]
pub(super) struct Opened {
    file: PathBuf,
    inode: (u64, u64),
    /// What a look at every page found.
    damage: OnceLock<String>,
}

impl Opened {
    pub(super) fn of(file: &Path) -> std::io::Result<Arc<Self>> {
        let inode = inode(file)?;
        Ok(Arc::new(Self { file: file.to_owned(), inode, damage: OnceLock::new() }))
    }

    /// Whoever writes into a file that has no name any more keeps nothing.
    pub(super) fn is_in_place(&self) -> Result<(), &'static str> {
        match inode(&self.file) {
            Ok(now) if now == self.inode => Ok(()),
            _ => Err("the database file has been taken away or replaced while it is open"),
        }
    }

    fn look(&self) -> Result<(), String> {
        if let Some(damage) = self.damage.get() {
            return Err(format!("the database file is damaged: {damage}"));
        }
        self.is_in_place()?;
        let probe = self.file.with_file_name(PROBE_FILE);
        let written = std::fs::write(&probe, vec![0_u8; PROBE]);
        let _ = std::fs::remove_file(&probe);
        written.map_err(|fault| format!("there is no room beside the database file: {fault}"))
    }
}

fn inode(file: &Path) -> std::io::Result<(u64, u64)> {
    let seen = std::fs::metadata(file)?;
    Ok((seen.dev(), seen.ino()))
}

impl Store {
    /// Looks whether reads and writes can be expected to go well. It writes nothing into the database.
    ///
    /// # Errors
    /// What is wrong, for the operator.
    pub async fn look(&self) -> Result<(), String> {
        let looking = async {
            match &self.engine {
                Engine::Sqlite { read, opened, .. } => {
                    let opened = opened.clone();
                    let file = tokio::task::spawn_blocking(move || opened.look()).await;
                    file.map_err(|fault| fault.to_string())??;
                    sqlx::query("SELECT COUNT(*) FROM sqlite_master").execute(read).await.map_err(in_words)?;
                }
                Engine::Postgres(pool) => {
                    let sql = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'";
                    let row = sqlx::query(sql).fetch_one(pool).await.map_err(in_words)?;
                    if row.try_get(0).unwrap_or(false) {
                        return Err("the database takes no writes".into());
                    }
                }
            }
            Ok(())
        };
        let seconds = ANSWERS_WITHIN.as_secs();
        let looked = tokio::time::timeout(ANSWERS_WITHIN, looking).await;
        looked.unwrap_or_else(|_| Err(format!("the database did not answer within {seconds} s")))
    }

    /// Writes an embedded database's journal into its file and empties it, as far as those who read let it: what was erased
    /// stands there until then. It is no fault when they do not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn empty_journal(&self) -> crate::error::Result<()> {
        let Engine::Sqlite { opened, .. } = &self.engine else { return Ok(()) };
        super::connect::empty_journal(&opened.file).await?;
        Ok(())
    }

    /// Looks at every page of an embedded database. It takes a second or so for each gigabyte; others go on meanwhile.
    ///
    /// # Errors
    /// What is damaged, which [`Store::look`] says from then on as well.
    pub async fn look_at_every_page(&self) -> Result<(), String> {
        let Engine::Sqlite { read, opened, .. } = &self.engine else { return Ok(()) };
        let found: String = match sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(read).await {
            Ok(found) => found,
            Err(sqlx::Error::Database(fault)) => fault.to_string(),
            Err(fault) => return Err(in_words(fault)),
        };
        match found.as_str() {
            "ok" => Ok(()),
            damage => {
                let _ = opened.damage.set(damage.to_owned());
                Err(format!("the database file is damaged: {damage}"))
            }
        }
    }
}

fn in_words(fault: sqlx::Error) -> String {
    format!("the database cannot be asked: {fault}")
}
