//! Seals and the lines under them in the database.

use super::seals::Seal;
use crate::access::SealedLine;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::store::{Db, execute, on_engine};
use uuid::Uuid;

const SEALS_AT_A_TIME: i32 = 1_000;

type SealRow = (i64, DateTime<Utc>, i64, i64, Vec<u8>);

fn seal((number, at, looks, audits, hash): SealRow) -> Seal {
    Seal { number, at, looks, audits, hash }
}

pub async fn newest(db: &mut Db<'_>) -> Result<Option<Seal>> {
    let sql = "SELECT number, sealed_at, looks, audits, hash FROM seals ORDER BY number DESC LIMIT 1";
    let row: Option<SealRow> = on_engine!(db, c => sqlx::query_as(sql).fetch_optional(c).await)?;
    Ok(row.map(seal))
}

pub async fn after(db: &mut Db<'_>, number: i64) -> Result<Vec<Seal>> {
    let sql = "SELECT number, sealed_at, looks, audits, hash FROM seals WHERE number > $1 ORDER BY number LIMIT $2";
    let rows: Vec<SealRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(number).bind(SEALS_AT_A_TIME).fetch_all(c).await)?;
    Ok(rows.into_iter().map(seal).collect())
}

pub async fn has_hash(db: &mut Db<'_>, hash: &[u8]) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM seals WHERE hash = $1";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(hash).fetch_one(c).await)?;
    Ok(count > 0)
}

pub async fn insert(db: &mut Db<'_>, seal: &Seal) -> Result<()> {
    let sql = "INSERT INTO seals (number, sealed_at, looks, audits, hash) VALUES ($1, $2, $3, $4, $5)";
    execute!(db, sqlx::query(sql).bind(seal.number).bind(seal.at).bind(seal.looks).bind(seal.audits).bind(&seal.hash))?;
    Ok(())
}

/// How many looks are under it now that were under none.
pub async fn put_under(db: &mut Db<'_>, number: i64, most: i32) -> Result<i64> {
    let sql = "UPDATE looks SET seal = $1 WHERE id IN (SELECT id FROM looks WHERE seal IS NULL ORDER BY id LIMIT $2)";
    let looks = execute!(db, sqlx::query(sql).bind(number).bind(most))?;
    Ok(i64::try_from(looks).unwrap_or(i64::MAX))
}

pub async fn unsealed(db: &mut Db<'_>) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM looks WHERE seal IS NULL";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).fetch_one(c).await)?;
    Ok(count)
}

fn time(at: DateTime<Utc>) -> Vec<u8> {
    at.timestamp_micros().to_be_bytes().to_vec()
}

fn id(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// What is not there and what is empty are told apart.
fn maybe(part: Option<Vec<u8>>) -> Vec<u8> {
    part.map_or_else(Vec::new, |part| [vec![1], part].concat())
}

#[derive(sqlx::FromRow)]
struct LookRow {
    id: Uuid,
    at: DateTime<Utc>,
    user_id: Uuid,
    role: String,
    site: Option<String>,
    ground: String,
    method: String,
    record_kind: String,
    record_id: String,
    client_id: Option<Uuid>,
}

pub async fn looks(db: &mut Db<'_>, seal: i64) -> Result<Vec<SealedLine>> {
    let sql = "SELECT id, at, user_id, role, site, ground, method, record_kind, record_id, client_id FROM looks \
               WHERE seal = $1 ORDER BY id";
    let rows: Vec<LookRow> = on_engine!(db, c => sqlx::query_as(sql).bind(seal).fetch_all(c).await)?;
    let parts = |row: LookRow| {
        let text = [row.role, row.ground, row.method, row.record_kind, row.record_id].map(String::into_bytes);
        let beside = [id(row.id), time(row.at), id(row.user_id), maybe(row.site.map(String::into_bytes))];
        beside.into_iter().chain(text).chain([maybe(row.client_id.map(id))]).collect()
    };
    Ok(rows.into_iter().map(parts).collect())
}
