//! Walks in the database.

use super::Walk;
use super::walk::Position;
use crate::definition::Answers;
use crate::error::Result;
use crate::ids::{ClaimId, ClientId, DefinitionVersion, WalkId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

#[derive(sqlx::FromRow)]
struct WalkRow {
    id: WalkId,
    revision: i32,
    script: String,
    definition_version: DefinitionVersion,
    client_id: Option<ClientId>,
    claim_id: Option<ClaimId>,
    position: Json<Option<Position>>,
    answers: Json<Answers>,
    started_at: DateTime<Utc>,
}

impl From<WalkRow> for Walk {
    fn from(row: WalkRow) -> Self {
        Self {
            id: row.id,
            revision: row.revision,
            script: row.script,
            definition_version: row.definition_version,
            client_id: row.client_id,
            claim_id: row.claim_id,
            position: row.position.0,
            answers: row.answers.0,
            started_at: row.started_at,
        }
    }
}

const COLUMNS: &str = "id, revision, script, definition_version, client_id, claim_id, position, answers, started_at";

pub async fn insert(db: &mut Db<'_>, walk: &Walk) -> Result<()> {
    let sql = format!("INSERT INTO walks ({COLUMNS}, finished) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(walk.id)
            .bind(walk.revision)
            .bind(&walk.script)
            .bind(walk.definition_version.clone())
            .bind(walk.client_id)
            .bind(walk.claim_id)
            .bind(Json(&walk.position))
            .bind(Json(&walk.answers))
            .bind(walk.started_at)
            .bind(walk.position.is_none())
    )?;
    Ok(())
}

async fn one(db: &mut Db<'_>, id: WalkId, lock: &str) -> Result<Option<Walk>> {
    let sql = format!("SELECT {COLUMNS} FROM walks WHERE id = $1{lock}");
    let row: Option<WalkRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Walk::from))
}

pub async fn by_id(db: &mut Db<'_>, id: WalkId) -> Result<Option<Walk>> {
    one(db, id, "").await
}

/// The walk, kept from other desks until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: WalkId) -> Result<Option<Walk>> {
    let lock = db.for_update();
    one(db, id, lock).await
}

pub async fn save(db: &mut Db<'_>, walk: &Walk) -> Result<()> {
    let sql = "UPDATE walks SET revision = $1, position = $2, answers = $3, finished = $4 WHERE id = $5";
    execute!(
        db,
        sqlx::query(sql)
            .bind(walk.revision)
            .bind(Json(&walk.position))
            .bind(Json(&walk.answers))
            .bind(walk.position.is_none())
            .bind(walk.id)
    )?;
    Ok(())
}
