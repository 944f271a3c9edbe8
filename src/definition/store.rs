//! Definition versions in the database.

use super::{Definition, Files};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::DefinitionVersion;
use startline_foundation::store::{Db, execute, on_engine};

/// Stores a version with its files, unless it is there.
pub async fn insert(db: &mut Db<'_>, definition: &Definition, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO definitions (version, name, loaded_at) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING";
    let version = &definition.version;
    let added = execute!(db, sqlx::query(sql).bind(version.clone()).bind(&definition.service.name.en).bind(now))?;
    if added == 0 {
        return Ok(());
    }
    for (path, content) in definition.files() {
        let sql = "INSERT INTO definition_files (version, path, content) VALUES ($1, $2, $3)";
        execute!(db, sqlx::query(sql).bind(version.clone()).bind(path.as_str()).bind(content.as_slice()))?;
    }
    Ok(())
}

pub async fn files(db: &mut Db<'_>, version: &DefinitionVersion) -> Result<Files> {
    let sql = "SELECT path, content FROM definition_files WHERE version = $1";
    let rows: Vec<(String, Vec<u8>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(version.clone()).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}
