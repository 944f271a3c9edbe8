//! Missed callers in the database.

use super::missed::MissedCaller;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::Result;
use startline_foundation::ids::{MissedCallerId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct MissedRow {
    id: MissedCallerId,
    site: SiteId,
    phone: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    times: i32,
    closed_at: Option<DateTime<Utc>>,
}

impl From<MissedRow> for MissedCaller {
    fn from(row: MissedRow) -> Self {
        let MissedRow { id, site, phone, first_at, last_at, times, closed_at } = row;
        Self { id, site, phone, first_at, last_at, times, closed_at }
    }
}

const COLUMNS: &str = "id, site, phone, first_at, last_at, times, closed_at";

/// A new item, or once more on the one that is open. Records may be written late and out of order.
pub async fn upsert(
    db: &mut Db<'_>,
    id: MissedCallerId,
    site: &SiteId,
    phone: &str,
    gave_up_at: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO missed_callers (id, site, phone, first_at, last_at, times) VALUES ($1, $2, $3, $4, $4, 1) \
               ON CONFLICT (site, phone) WHERE closed_at IS NULL DO UPDATE SET times = missed_callers.times + 1, \
               first_at = CASE WHEN excluded.first_at < missed_callers.first_at THEN excluded.first_at \
                          ELSE missed_callers.first_at END, \
               last_at = CASE WHEN excluded.last_at > missed_callers.last_at THEN excluded.last_at \
                         ELSE missed_callers.last_at END";
    execute!(db, sqlx::query(sql).bind(id).bind(site.clone()).bind(phone).bind(gave_up_at))?;
    Ok(())
}

pub async fn open(
    db: &mut Db<'_>,
    sites: &[SiteId],
    after: Option<(DateTime<Utc>, MissedCallerId)>,
    most: i32,
) -> Result<Vec<MissedCaller>> {
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<MissedRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM missed_callers WHERE closed_at IS NULL AND site IN (");
        let mut list = query.separated(", ");
        for site in sites {
            list.push_bind(site.clone());
        }
        query.push(")");
        if let Some((first_at, id)) = after {
            query.push(" AND (first_at > ").push_bind(first_at).push(" OR (first_at = ").push_bind(first_at);
            query.push(" AND id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY first_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(MissedCaller::from).collect())
}

/// The item, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: MissedCallerId) -> Result<Option<MissedCaller>> {
    let sql = format!("SELECT {COLUMNS} FROM missed_callers WHERE id = $1{}", db.for_update());
    let row: Option<MissedRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(MissedCaller::from))
}

pub async fn close(db: &mut Db<'_>, id: MissedCallerId, by: UserId, outcome: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE missed_callers SET closed_at = $1, closed_by = $2, outcome = $3 WHERE id = $4";
    execute!(db, sqlx::query(sql).bind(now).bind(by).bind(outcome).bind(id))?;
    Ok(())
}

/// Closes what is open for this number and not younger than `spoken_at`, at whatever site.
pub async fn close_number(
    db: &mut Db<'_>,
    phone: &str,
    by: UserId,
    outcome: &str,
    spoken_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<MissedCallerId>> {
    // By id: a number may be on the lists of several sites.
    let sql = format!(
        "UPDATE missed_callers SET closed_at = $1, closed_by = $2, outcome = $3 WHERE id IN (SELECT id FROM missed_callers \
         WHERE phone = $4 AND closed_at IS NULL AND last_at <= $5 ORDER BY id{}) AND closed_at IS NULL RETURNING id",
        db.for_update()
    );
    let rows: Vec<(MissedCallerId,)> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(by).bind(outcome).bind(phone).bind(spoken_at).fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
