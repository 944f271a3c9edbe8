//! Exceptions in the database.

use super::exception::{Elsewhere, Exception};
use super::subject::{PackSubject, Replacement, Unprintable};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClientId, PackExceptionId, PackId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct ExceptionRow {
    id: PackExceptionId,
    kind: String,
    record_id: Uuid,
    site: SiteId,
    client_id: ClientId,
    faults: Json<Vec<Unprintable>>,
    replacements: Json<Vec<Replacement>>,
    raised_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    format: String,
    pack_id: Option<PackId>,
    by_day: Option<NaiveDate>,
}

impl TryFrom<ExceptionRow> for Exception {
    type Error = Error;

    fn try_from(row: ExceptionRow) -> Result<Self> {
        let wanted = PackSubject::of(&row.kind, row.record_id)
            .ok_or_else(|| Error::internal(format!("exception {} is of the unknown kind {}", row.id, row.kind)))?;
        let format = row.format;
        let elsewhere = row.pack_id.zip(row.by_day);
        Ok(Self {
            elsewhere: elsewhere.map(|(pack_id, by_day)| Elsewhere { format, pack_id, by_day }),
            id: row.id,
            wanted,
            site: row.site,
            client_id: row.client_id,
            faults: row.faults.0,
            replacements: row.replacements.0,
            raised_at: row.raised_at,
            settled: row.settled_at.zip(row.outcome),
        })
    }
}

const COLUMNS: &str = "id, kind, record_id, site, client_id, faults, replacements, raised_at, settled_at, outcome, format, \
                       pack_id, by_day";

/// The open exception about the same, with these faults; a new one when there is none.
pub async fn raise(db: &mut Db<'_>, fresh: &Exception) -> Result<Exception> {
    let sql = format!(
        "INSERT INTO pack_exceptions (id, kind, record_id, site, client_id, faults, replacements, raised_at, format, \
         pack_id, by_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (kind, record_id, format) WHERE settled_at IS NULL DO UPDATE SET faults = excluded.faults, \
         site = excluded.site, pack_id = excluded.pack_id, by_day = excluded.by_day RETURNING {COLUMNS}"
    );
    let row: ExceptionRow = on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(fresh.id).bind(fresh.wanted.kind());
        let query = query.bind(fresh.wanted.record()).bind(fresh.site.clone()).bind(fresh.client_id);
        let query = query.bind(Json(fresh.faults.clone())).bind(Json(fresh.replacements.clone()));
        let of = fresh.elsewhere.as_ref();
        let query = query.bind(fresh.raised_at).bind(of.map(|of| of.format.clone()).unwrap_or_default());
        query.bind(of.map(|of| of.pack_id)).bind(of.map(|of| of.by_day)).fetch_one(c).await
    })?;
    db.after_commit(Topic::PrintRoom(row.site.clone()));
    Exception::try_from(row)
}

pub async fn settle_open(
    db: &mut Db<'_>,
    wanted: PackSubject,
    by: UserId,
    at: DateTime<Utc>,
    outcome: &str,
) -> Result<Option<PackExceptionId>> {
    let sql = "UPDATE pack_exceptions SET settled_at = $3, settled_by = $4, outcome = $5 \
               WHERE kind = $1 AND record_id = $2 AND format = '' AND settled_at IS NULL RETURNING id, site";
    let row: Option<(PackExceptionId, SiteId)> = on_engine!(db, c => {
        let query = sqlx::query_as(sql).bind(wanted.kind()).bind(wanted.record()).bind(at).bind(by);
        query.bind(outcome).fetch_optional(c).await
    })?;
    if let Some((_, site)) = &row {
        db.after_commit(Topic::PrintRoom(site.clone()));
    }
    Ok(row.map(|(id, _)| id))
}

/// All of a client's but the letter to whoever told us of their death.
pub async fn settle_elsewhere_of_client(
    db: &mut Db<'_>,
    client: ClientId,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<Vec<PackExceptionId>> {
    let sql = "UPDATE pack_exceptions SET settled_at = $2, settled_by = $3, outcome = 'dismissed' \
               WHERE client_id = $1 AND format <> '' AND kind <> 'death' AND settled_at IS NULL RETURNING id, site";
    let rows: Vec<(PackExceptionId, SiteId)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).bind(at).bind(by).fetch_all(c).await)?;
    for (_, site) in &rows {
        db.after_commit(Topic::PrintRoom(site.clone()));
    }
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

/// What is to be produced elsewhere about this, in another format than this.
pub async fn settle_elsewhere(
    db: &mut Db<'_>,
    wanted: PackSubject,
    but: &str,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<Vec<PackExceptionId>> {
    let sql = "UPDATE pack_exceptions SET settled_at = $3, settled_by = $4, outcome = 'dismissed' \
               WHERE kind = $1 AND record_id = $2 AND format <> '' AND format <> $5 AND settled_at IS NULL \
               RETURNING id, site";
    let rows: Vec<(PackExceptionId, SiteId)> = on_engine!(db, c => {
        let query = sqlx::query_as(sql).bind(wanted.kind()).bind(wanted.record()).bind(at).bind(by);
        query.bind(but).fetch_all(c).await
    })?;
    for (_, site) in &rows {
        db.after_commit(Topic::PrintRoom(site.clone()));
    }
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

/// Of a pack, whatever became of it.
pub async fn is_known_elsewhere(db: &mut Db<'_>, pack: PackId, format: &str) -> Result<bool> {
    let sql = "SELECT id FROM pack_exceptions WHERE pack_id = $1 AND format = $2 LIMIT 1";
    let row: Option<(PackExceptionId,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(pack).bind(format).fetch_optional(c).await)?;
    Ok(row.is_some())
}

pub async fn settle_one(
    db: &mut Db<'_>,
    exception: &Exception,
    by: UserId,
    at: DateTime<Utc>,
    outcome: &str,
) -> Result<()> {
    let sql = "UPDATE pack_exceptions SET settled_at = $2, settled_by = $3, outcome = $4 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(exception.id).bind(at).bind(by).bind(outcome))?;
    db.after_commit(Topic::PrintRoom(exception.site.clone()));
    Ok(())
}

/// The latest given for each place.
pub async fn replacements(db: &mut Db<'_>, wanted: PackSubject) -> Result<Vec<Replacement>> {
    let sql = "SELECT replacements FROM pack_exceptions WHERE record_id = $1 AND kind = $2 ORDER BY raised_at, id";
    let rows: Vec<(Json<Vec<Replacement>>,)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(wanted.record()).bind(wanted.kind()).fetch_all(c).await
    })?;
    let mut latest: Vec<Replacement> = Vec::new();
    for replacement in rows.into_iter().flat_map(|(given,)| given.0) {
        latest.retain(|earlier| earlier.place != replacement.place);
        latest.push(replacement);
    }
    Ok(latest)
}

pub async fn open_of_site(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, PackExceptionId)>,
    most: i32,
) -> Result<Vec<Exception>> {
    let rows: Vec<ExceptionRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM pack_exceptions WHERE site = "));
        query.push_bind(site.clone()).push(" AND settled_at IS NULL");
        if let Some((at, id)) = after {
            query.push(" AND (raised_at > ").push_bind(at).push(" OR (raised_at = ").push_bind(at);
            query.push(" AND id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY raised_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Exception::try_from).collect()
}

pub async fn count_open(db: &mut Db<'_>, site: &SiteId) -> Result<u32> {
    let sql = "SELECT COUNT(*) FROM pack_exceptions WHERE site = $1 AND settled_at IS NULL";
    let (open,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).fetch_one(c).await)?;
    Ok(u32::try_from(open).unwrap_or(u32::MAX))
}

async fn one(db: &mut Db<'_>, id: PackExceptionId, lock: &str) -> Result<Option<Exception>> {
    let sql = format!("SELECT {COLUMNS} FROM pack_exceptions WHERE id = $1{lock}");
    let row: Option<ExceptionRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Exception::try_from).transpose()
}

pub async fn by_id(db: &mut Db<'_>, id: PackExceptionId) -> Result<Option<Exception>> {
    one(db, id, "").await
}

/// The exception, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: PackExceptionId) -> Result<Option<Exception>> {
    let lock = db.for_update();
    one(db, id, lock).await
}

pub async fn save_replacements(db: &mut Db<'_>, exception: &Exception) -> Result<()> {
    let sql = "UPDATE pack_exceptions SET replacements = $2 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(exception.id).bind(Json(&exception.replacements)))?;
    db.after_commit(Topic::PrintRoom(exception.site.clone()));
    Ok(())
}

/// The open exceptions of a client, the oldest first.
pub async fn open_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Exception>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM pack_exceptions WHERE client_id = $1 AND format = '' AND settled_at IS NULL ORDER BY id"
    );
    let rows: Vec<ExceptionRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(client).fetch_all(c).await)?;
    rows.into_iter().map(Exception::try_from).collect()
}
