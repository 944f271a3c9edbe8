//! Contingencies in the database.

use super::{ActorAt, Contingency};
use crate::access;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::events::Event;
use startline_foundation::ids::{ContingencyId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use std::collections::HashMap;

#[derive(sqlx::FromRow)]
struct ContingencyRow {
    id: ContingencyId,
    site: SiteId,
    reason: String,
    helpers: Json<Vec<SiteId>>,
    declared_by: UserId,
    declared_at: DateTime<Utc>,
    ended_by: Option<UserId>,
    ended_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, site, reason, helpers, declared_by, declared_at, ended_by, ended_at";

/// The rows with the names of those who declared and ended.
async fn named(db: &mut Db<'_>, rows: Vec<ContingencyRow>) -> Result<Vec<Contingency>> {
    let people: Vec<UserId> = rows.iter().flat_map(|row| [Some(row.declared_by), row.ended_by]).flatten().collect();
    let users = access::users(db, &people).await?;
    let names: HashMap<UserId, String> = users.into_iter().map(|user| (user.id, user.name)).collect();
    let deed = |by: UserId, at| ActorAt { by, name: names.get(&by).cloned().unwrap_or_default(), at };
    let contingency = |row: ContingencyRow| Contingency {
        id: row.id,
        site: row.site,
        reason: row.reason,
        helpers: row.helpers.0,
        declared: deed(row.declared_by, row.declared_at),
        ended: row.ended_by.zip(row.ended_at).map(|(by, at)| deed(by, at)),
    };
    Ok(rows.into_iter().map(contingency).collect())
}

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
    let lock = db.for_update();
    let sql = format!("SELECT {COLUMNS} FROM contingencies WHERE ended_at IS NULL AND site = $1{lock}");
    let rows: Vec<ContingencyRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).fetch_all(c).await)?;
    Ok(named(db, rows).await?.pop())
}

pub async fn open(db: &mut Db<'_>) -> Result<Vec<Contingency>> {
    let sql = format!("SELECT {COLUMNS} FROM contingencies WHERE ended_at IS NULL ORDER BY site");
    let rows: Vec<ContingencyRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(c).await)?;
    named(db, rows).await
}

pub async fn end(db: &mut Db<'_>, id: ContingencyId, ended: &ActorAt) -> Result<()> {
    let sql = "UPDATE contingencies SET ended_by = $1, ended_at = $2 WHERE id = $3";
    execute!(db, sqlx::query(sql).bind(ended.by).bind(ended.at).bind(id))?;
    db.after_commit(Event::ContingencyChanged);
    Ok(())
}

/// Ids sort by the time they were made.
pub async fn list(db: &mut Db<'_>, after: Option<ContingencyId>, most: i32) -> Result<Vec<Contingency>> {
    let rows: Vec<ContingencyRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM contingencies"));
        if let Some(after) = after {
            query.push(" WHERE id < ").push_bind(after);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    named(db, rows).await
}
