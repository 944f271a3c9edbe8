//! What was erased, in the database: how far runs came, and on which hash the chain that is left hangs.

use super::erased::Erased;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute, execute_among, ids_among, on_engine};
use uuid::Uuid;

/// Requests for records, by when they were judged, or else made.
pub async fn requests_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(closed_at, asked_at) FROM record_requests \
                WHERE COALESCE(closed_at, asked_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn requests_open(db: &mut Db<'_>, requests: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM record_requests WHERE closed_at IS NULL AND id IN", requests))
}

pub async fn clients_with_open_request(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    let open = "SELECT DISTINCT client_id FROM record_requests WHERE closed_at IS NULL AND client_id IN";
    Ok(ids_among!(db, open, clients))
}

pub async fn requests_of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM record_requests WHERE client_id IN", clients))
}

pub async fn erase_requests(db: &mut Db<'_>, requests: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM record_requests WHERE id IN", requests);
    Ok(())
}

type ErasedRow = (i64, Vec<u8>, DateTime<Utc>, Uuid, DateTime<Utc>, i64, i64);

fn erased((last_seal, hash, sealed_at, run, at, looks, audits): ErasedRow) -> Erased {
    Erased { last_seal, hash, sealed_at, run, at, looks, audits }
}

/// The newest.
pub async fn newest(db: &mut Db<'_>) -> Result<Option<Erased>> {
    let sql = "SELECT last_seal, hash, sealed_at, run_id, erased_at, looks, audits FROM erased_seals \
               ORDER BY last_seal DESC LIMIT 1";
    let row: Option<ErasedRow> = on_engine!(db, c => sqlx::query_as(sql).fetch_optional(c).await)?;
    Ok(row.map(erased))
}

pub async fn has_hash(db: &mut Db<'_>, hash: &[u8]) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM erased_seals WHERE hash = $1";
    let count: i64 = on_engine!(db, c => sqlx::query_scalar(sql).bind(hash).fetch_one(c).await)?;
    Ok(count > 0)
}

pub async fn insert(db: &mut Db<'_>, erased: &Erased) -> Result<()> {
    let sql = "INSERT INTO erased_seals (last_seal, hash, sealed_at, run_id, erased_at, looks, audits) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(erased.last_seal)
            .bind(&erased.hash)
            .bind(erased.sealed_at)
            .bind(erased.run)
            .bind(erased.at)
            .bind(erased.looks)
            .bind(erased.audits)
    )?;
    Ok(())
}

/// The seals up to this one, and the looks under them.
pub async fn erase_up_to(db: &mut Db<'_>, seal: i64) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM looks WHERE seal <= $1").bind(seal))?;
    execute!(db, sqlx::query("DELETE FROM seals WHERE number <= $1").bind(seal))?;
    Ok(())
}

/// Looks that say they are under a seal up to this one.
pub async fn looks_up_to(db: &mut Db<'_>, seal: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM looks WHERE seal <= $1";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(seal).fetch_one(c).await)?)
}

/// How far a run has come with a kind of record.
pub async fn came_so_far(
    db: &mut Db<'_>,
    run: Uuid,
    kind: &str,
    (before, now): (DateTime<Utc>, DateTime<Utc>),
    erased: i64,
) -> Result<()> {
    let sql = "INSERT INTO retention_runs (id, kind, began_at, before_at, erased) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (id, kind) DO UPDATE SET erased = retention_runs.erased + excluded.erased";
    execute!(db, sqlx::query(sql).bind(run).bind(kind).bind(now).bind(before).bind(erased))?;
    Ok(())
}

pub async fn end_run(db: &mut Db<'_>, run: Uuid, kind: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE retention_runs SET ended_at = $1 WHERE id = $2 AND kind = $3 AND ended_at IS NULL";
    execute!(db, sqlx::query(sql).bind(now).bind(run).bind(kind))?;
    Ok(())
}

/// Runs that began before then and that nobody ended, but for this one: id, kind and how many they erased.
pub async fn not_ended(db: &mut Db<'_>, but: Uuid, before: DateTime<Utc>) -> Result<Vec<(Uuid, String, i64)>> {
    let sql = "SELECT id, kind, erased FROM retention_runs WHERE ended_at IS NULL AND id <> $1 AND began_at < $2 \
               ORDER BY id, kind";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(but).bind(before).fetch_all(c).await)?)
}
