//! Walks and their notes in the database.

use super::Of;
use super::life::{State, Walk};
use super::notes::Note;
use super::progress::Progress;
use super::step::Position;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_definition::Answers;
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, UserId, WalkId};
use startline_foundation::store::{Db, execute, on_engine};

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
    progress: Json<Progress>,
    started_at: DateTime<Utc>,
    holder_id: Option<UserId>,
    moved_at: Option<DateTime<Utc>>,
    parked_at: Option<DateTime<Utc>>,
}

fn state(position: Option<Position>, parked_at: Option<DateTime<Utc>>) -> State {
    match (position, parked_at) {
        (Some(position), Some(at)) => State::Parked { position, at },
        (Some(position), None) => State::Going(position),
        (None, _) => State::Finished,
    }
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
            state: state(row.position.0, row.parked_at),
            answers: row.answers.0,
            progress: row.progress.0,
            started_at: row.started_at,
            holder: row.holder_id,
            moved_at: row.moved_at.unwrap_or(row.started_at),
        }
    }
}

const COLUMNS: &str = "id, revision, script, definition_version, client_id, claim_id, position, answers, progress, \
                       started_at, holder_id, moved_at, parked_at";

pub async fn insert(db: &mut Db<'_>, walk: &Walk) -> Result<()> {
    let sql = format!(
        "INSERT INTO walks ({COLUMNS}, finished) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    );
    let position = walk.state.position();
    execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(walk.id)
            .bind(walk.revision)
            .bind(&walk.script)
            .bind(walk.definition_version.clone())
            .bind(walk.client_id)
            .bind(walk.claim_id)
            .bind(Json(position))
            .bind(Json(&walk.answers))
            .bind(Json(&walk.progress))
            .bind(walk.started_at)
            .bind(walk.holder)
            .bind(walk.moved_at)
            .bind(walk.state.parked_at())
            .bind(position.is_none())
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
    let sql = "UPDATE walks SET revision = $1, position = $2, answers = $3, progress = $4, holder_id = $5, \
               moved_at = $6, parked_at = $7, finished = $8 WHERE id = $9";
    let position = walk.state.position();
    execute!(
        db,
        sqlx::query(sql)
            .bind(walk.revision)
            .bind(Json(position))
            .bind(Json(&walk.answers))
            .bind(Json(&walk.progress))
            .bind(walk.holder)
            .bind(walk.moved_at)
            .bind(walk.state.parked_at())
            .bind(position.is_none())
            .bind(walk.id)
    )?;
    Ok(())
}

/// A walk in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub id: WalkId,
    pub revision: i32,
    pub script: String,
    pub client_id: Option<ClientId>,
    pub claim_id: Option<ClaimId>,
    pub definition_version: DefinitionVersion,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub moved_at: DateTime<Utc>,
    pub holder: Option<UserId>,
}

impl Summary {
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }
}

pub(super) const SUMMARY: &str = "w.id, w.revision, w.script, w.client_id, w.claim_id, w.definition_version, w.position, w.started_at, \
                                  w.holder_id, w.moved_at, w.parked_at";

#[derive(sqlx::FromRow)]
pub(super) struct SummaryRow {
    id: WalkId,
    revision: i32,
    script: String,
    client_id: Option<ClientId>,
    claim_id: Option<ClaimId>,
    definition_version: DefinitionVersion,
    position: Json<Option<Position>>,
    started_at: DateTime<Utc>,
    holder_id: Option<UserId>,
    moved_at: Option<DateTime<Utc>>,
    parked_at: Option<DateTime<Utc>>,
}

impl From<SummaryRow> for Summary {
    fn from(row: SummaryRow) -> Self {
        Self {
            id: row.id,
            revision: row.revision,
            script: row.script,
            client_id: row.client_id,
            claim_id: row.claim_id,
            definition_version: row.definition_version,
            state: state(row.position.0, row.parked_at),
            started_at: row.started_at,
            moved_at: row.moved_at.unwrap_or(row.started_at),
            holder: row.holder_id,
        }
    }
}

/// Those that go on first, then the newest, after the one named by whether it is finished, when it began and its id.
pub async fn list(
    db: &mut Db<'_>,
    of: Of,
    after: Option<(bool, DateTime<Utc>, WalkId)>,
    most: i32,
) -> Result<Vec<Summary>> {
    let (column, id) = match of {
        Of::Client(id) => ("client_id", id.0),
        Of::Claim(id) => ("claim_id", id.0),
    };
    let rows: Vec<SummaryRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(SUMMARY).push(" FROM walks w WHERE ").push(column).push(" = ").push_bind(id);
        if let Some((finished, started_at, walk)) = after {
            query.push(" AND (finished > ").push_bind(finished).push(" OR (finished = ").push_bind(finished);
            query.push(" AND (started_at, id) < (").push_bind(started_at).push(", ").push_bind(walk).push(")))");
        }
        query.push(" ORDER BY finished, started_at DESC, id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Summary::from).collect())
}

/// A client's walks that somebody moved since then, the newest first.
pub async fn moved_for(db: &mut Db<'_>, client: ClientId, since: DateTime<Utc>) -> Result<Vec<Walk>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM walks WHERE client_id = $1 AND COALESCE(moved_at, started_at) >= $2 \
         ORDER BY started_at DESC, id DESC"
    );
    let sql = sqlx::AssertSqlSafe(sql);
    let rows: Vec<WalkRow> = on_engine!(db, c => sqlx::query_as(sql).bind(client).bind(since).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Walk::from).collect())
}

/// Who moved a walk of this claim since then, when, and whether it is parked.
pub async fn moved_since(
    db: &mut Db<'_>,
    claim: ClaimId,
    since: DateTime<Utc>,
) -> Result<Vec<(UserId, DateTime<Utc>, bool)>> {
    let sql = "SELECT holder_id, moved_at, parked_at IS NOT NULL FROM walks \
               WHERE claim_id = $1 AND moved_at >= $2 AND holder_id IS NOT NULL";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(claim).bind(since).fetch_all(c).await)?)
}

pub async fn insert_note(db: &mut Db<'_>, walk: WalkId, note: &Note) -> Result<()> {
    let sql =
        "INSERT INTO walk_notes (walk_id, number, note, stage, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5, $6)";
    execute!(
        db,
        sqlx::query(sql).bind(walk).bind(note.number).bind(&note.text).bind(&note.stage).bind(note.by).bind(note.at)
    )?;
    Ok(())
}

pub async fn notes_taken(db: &mut Db<'_>, walk: WalkId) -> Result<i32> {
    let sql = "SELECT COALESCE(MAX(number), 0) FROM walk_notes WHERE walk_id = $1";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(walk).fetch_one(c).await)?)
}

pub async fn notes(db: &mut Db<'_>, walk: WalkId) -> Result<Vec<Note>> {
    let sql = "SELECT number, note, stage, noted_by, noted_at FROM walk_notes WHERE walk_id = $1 ORDER BY number";
    let rows: Vec<(i32, String, String, UserId, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(walk).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(number, text, stage, by, at)| Note { number, text, stage, by, at }).collect())
}
