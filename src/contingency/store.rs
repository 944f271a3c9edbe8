//! Contingencies in the database.

use super::{Contingency, Deed};
use crate::error::Result;
use crate::events::Event;
use crate::ids::{ContingencyId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;

#[derive(sqlx::FromRow)]
struct ContingencyRow {
    id: ContingencyId,
    site: SiteId,
    reason: String,
    helpers: Json<Vec<SiteId>>,
    declared_by: UserId,
    declared_by_name: String,
    declared_at: DateTime<Utc>,
    ended_by: Option<UserId>,
    ended_by_name: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<ContingencyRow> for Contingency {
    fn from(row: ContingencyRow) -> Self {
        let ended = row.ended_by.zip(row.ended_by_name).zip(row.ended_at);
        Self {
            id: row.id,
            site: row.site,
            reason: row.reason,
            helpers: row.helpers.0,
            declared: Deed { by: row.declared_by, name: row.declared_by_name, at: row.declared_at },
            ended: ended.map(|((by, name), at)| Deed { by, name, at }),
        }
    }
}

const SELECT: &str = "SELECT c.id, c.site, c.reason, c.helpers, c.declared_by, d.name AS declared_by_name, c.declared_at, \
                      c.ended_by, e.name AS ended_by_name, c.ended_at \
                      FROM contingencies c JOIN users d ON d.id = c.declared_by LEFT JOIN users e ON e.id = c.ended_by";

/// False when the site is declared lost already.
pub async fn insert(db: &mut Db<'_>, contingency: &Contingency) -> Result<bool> {
    let sql = "INSERT INTO contingencies (id, site, reason, helpers, declared_by, declared_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site) WHERE ended_at IS NULL DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(contingency.id)
            .bind(contingency.site.clone())
            .bind(&contingency.reason)
            .bind(Json(&contingency.helpers))
            .bind(contingency.declared.by)
            .bind(contingency.declared.at)
    )?;
    db.after_commit(Event::ContingencyChanged);
    Ok(added == 1)
}

/// The one that lasts at this site, kept from others until the transaction ends.
pub async fn open_at(db: &mut Db<'_>, site: &SiteId) -> Result<Option<Contingency>> {
    let lock = if db.for_update().is_empty() { "" } else { " FOR UPDATE OF c" };
    let sql = format!("{SELECT} WHERE c.ended_at IS NULL AND c.site = $1{lock}");
    let row: Option<ContingencyRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).fetch_optional(c).await)?;
    Ok(row.map(Contingency::from))
}

pub async fn open(db: &mut Db<'_>) -> Result<Vec<Contingency>> {
    let sql = format!("{SELECT} WHERE c.ended_at IS NULL ORDER BY c.site");
    let rows: Vec<ContingencyRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Contingency::from).collect())
}

pub async fn end(db: &mut Db<'_>, id: ContingencyId, ended: &Deed) -> Result<()> {
    let sql = "UPDATE contingencies SET ended_by = $1, ended_at = $2 WHERE id = $3";
    execute!(db, sqlx::query(sql).bind(ended.by).bind(ended.at).bind(id))?;
    db.after_commit(Event::ContingencyChanged);
    Ok(())
}

/// Ids sort by the time they were made.
pub async fn list(db: &mut Db<'_>, after: Option<ContingencyId>, most: i32) -> Result<Vec<Contingency>> {
    let rows: Vec<ContingencyRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(SELECT);
        if let Some(after) = after {
            query.push(" WHERE c.id < ").push_bind(after);
        }
        query.push(" ORDER BY c.id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Contingency::from).collect())
}
