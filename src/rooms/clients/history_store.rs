//! What changes of client records replaced, in the database.

use super::history::{ClientChange, Fact, Replaced};
use crate::access::Context;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClientId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Adds a change, with a row for each fact.
pub async fn add(
    db: &mut Db<'_>,
    context: &Context,
    client: ClientId,
    revision: i32,
    undoes: Option<i32>,
    replaced: &[Replaced],
) -> Result<()> {
    let sql = "INSERT INTO client_changes (client_id, revision, fact, was, became, changed_by, changed_at, undoes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for one in replaced {
        execute!(
            db,
            sqlx::query(sql)
                .bind(client)
                .bind(revision)
                .bind(one.fact.as_str())
                .bind(Json(&one.was))
                .bind(Json(&one.became))
                .bind(context.user.id)
                .bind(context.now)
                .bind(undoes)
        )?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    revision: i32,
    fact: String,
    was: Json<Value>,
    became: Json<Value>,
    changed_by: UserId,
    changed_at: DateTime<Utc>,
    undoes: Option<i32>,
}

/// The newest changes before a revision.
pub async fn before(db: &mut Db<'_>, client: ClientId, before: i32, most: i32) -> Result<Vec<ClientChange>> {
    let sql = "SELECT revision, fact, was, became, changed_by, changed_at, undoes FROM client_changes \
               WHERE client_id = $1 AND revision IN (SELECT DISTINCT revision FROM client_changes \
               WHERE client_id = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3) ORDER BY revision DESC, fact";
    let rows: Vec<ChangeRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).bind(before).bind(most).fetch_all(c).await)?;
    let mut changes: Vec<ClientChange> = Vec::new();
    for row in rows {
        let fact = Fact::parse(&row.fact).ok_or_else(|| Error::internal(format!("{} is no fact", row.fact)))?;
        let replaced = Replaced { fact, was: row.was.0, became: row.became.0 };
        match changes.last_mut().filter(|last| last.revision == row.revision) {
            Some(change) => change.replaced.push(replaced),
            None => changes.push(ClientChange {
                revision: row.revision,
                by: row.changed_by,
                at: row.changed_at,
                undoes: row.undoes,
                replaced: vec![replaced],
            }),
        }
    }
    Ok(changes)
}

/// The change that came with a revision.
pub async fn of_revision(db: &mut Db<'_>, client: ClientId, revision: i32) -> Result<Option<ClientChange>> {
    let newest = before(db, client, revision.saturating_add(1), 1).await?;
    Ok(newest.into_iter().find(|change| change.revision == revision))
}
