//! Claims and the log of their answers in the database.

use super::claim::{Answer, Claim, State};
use super::log::{LogKey, LogRow, Standing};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, DefinitionVersion, QuestionId, RequestId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::{Json, Uuid};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows in one INSERT: SQLite allows 32,766 bound values in all.
const ROWS_AT_A_TIME: usize = 500;

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: ClaimId,
    client_id: ClientId,
    site: SiteId,
    state: String,
    definition_version: DefinitionVersion,
    first_contact_at: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    start_up_done_at: Option<DateTime<Utc>>,
    start_up_done_by: Option<UserId>,
    posted_at: Option<DateTime<Utc>>,
    lodged_at: Option<DateTime<Utc>>,
}

impl TryFrom<ClaimRow> for Claim {
    type Error = Error;

    fn try_from(row: ClaimRow) -> Result<Self> {
        let state = match (row.state.as_str(), row.start_up_done_at, row.posted_at, row.lodged_at) {
            ("open", ..) => State::Open,
            ("start_up_done", Some(at), ..) => State::StartUpDone { at },
            ("posted", Some(start_up_done_at), Some(at), _) => State::Posted { start_up_done_at, at },
            ("lodged", .., Some(at)) => State::Lodged { at },
            (other, ..) => return Err(Error::internal(format!("a claim is in the unknown state {other}"))),
        };
        Ok(Self {
            id: row.id,
            client_id: row.client_id,
            site: row.site,
            state,
            definition_version: row.definition_version,
            first_contact_at: row.first_contact_at,
            opened_at: row.opened_at,
            start_up_by: row.start_up_done_by,
        })
    }
}

const COLUMNS: &str = "id, client_id, site, state, definition_version, first_contact_at, opened_at, \
                       start_up_done_at, start_up_done_by, posted_at, lodged_at";

/// False when the client has a live claim already.
pub async fn insert(db: &mut Db<'_>, claim: &Claim) -> Result<bool> {
    let sql = "INSERT INTO claims (id, client_id, site, state, definition_version, first_contact_at, opened_at) \
               VALUES ($1, $2, $3, 'open', $4, $5, $6) \
               ON CONFLICT (client_id) WHERE state IN ('open', 'start_up_done', 'posted') DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(claim.id)
            .bind(claim.client_id)
            .bind(claim.site.clone())
            .bind(claim.definition_version.clone())
            .bind(claim.first_contact_at)
            .bind(claim.opened_at)
    )?;
    Ok(added == 1)
}

async fn one(db: &mut Db<'_>, condition: &str, id: Uuid) -> Result<Option<Claim>> {
    let sql = format!("SELECT {COLUMNS} FROM claims WHERE {condition}");
    let row: Option<ClaimRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Claim::try_from).transpose()
}

pub async fn by_id(db: &mut Db<'_>, id: ClaimId) -> Result<Option<Claim>> {
    one(db, "id = $1", id.0).await
}

pub async fn for_update(db: &mut Db<'_>, id: ClaimId) -> Result<Option<Claim>> {
    let condition = format!("id = $1{}", db.for_update());
    one(db, &condition, id.0).await
}

pub async fn live_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Option<Claim>> {
    one(db, "client_id = $1 AND state IN ('open', 'start_up_done', 'posted')", client.0).await
}

/// These claims, kept as they are until the transaction ends, so that none is completed while answers are saved to it.
pub async fn for_share(db: &mut Db<'_>, ids: &BTreeSet<ClaimId>) -> Result<HashMap<ClaimId, Claim>> {
    let rows: Vec<ClaimRow> = match db {
        // An array, for the reason told at `append_arrays`.
        Db::Postgres(connection) => {
            let sql = format!("SELECT {COLUMNS} FROM claims WHERE id = ANY($1) ORDER BY id FOR SHARE");
            let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
            sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut **connection).await?
        }
        // One writer: what is read here cannot change before the transaction ends.
        Db::Sqlite(connection) => {
            let mut query = sqlx::QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM claims WHERE id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **connection).await?
        }
    };
    rows.into_iter().map(|row| Claim::try_from(row).map(|claim| (claim.id, claim))).collect()
}

pub async fn save_state(db: &mut Db<'_>, claim: &Claim) -> Result<()> {
    let (name, column, at) = match claim.state {
        State::Open => return Err(Error::internal("a claim never goes back to open")),
        State::StartUpDone { at } => ("start_up_done", "start_up_done_at", at),
        State::Posted { at, .. } => ("posted", "posted_at", at),
        State::Lodged { at } => ("lodged", "lodged_at", at),
    };
    let sql = format!("UPDATE claims SET state = $1, {column} = $2, start_up_done_by = $3 WHERE id = $4");
    let by = claim.start_up_by;
    execute!(db, sqlx::query(AssertSqlSafe(sql)).bind(name).bind(at).bind(by).bind(claim.id))?;
    Ok(())
}

/// Which of these places in the log are taken, by whom and with what.
pub async fn standing(db: &mut Db<'_>, keys: &BTreeSet<LogKey>) -> Result<BTreeMap<LogKey, Standing>> {
    let mut found = BTreeMap::new();
    let keys: Vec<&LogKey> = keys.iter().collect();
    type Row = (ClaimId, QuestionId, i32, UserId, RequestId, Json<Value>);
    for some in keys.chunks(ROWS_AT_A_TIME) {
        let rows: Vec<Row> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT claim_id, question_id, revision, saved_by, request_id, value FROM answers \
                 WHERE (claim_id, question_id, revision) IN (",
            );
            query.push_values(some, |mut row, (claim, question, revision)| {
                row.push_bind(*claim).push_bind(question.clone()).push_bind(*revision);
            });
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows.into_iter().map(|(claim, question, revision, by, request_id, value)| {
            ((claim, question, revision), Standing { by, request_id, value: value.0 })
        }));
    }
    Ok(found)
}

pub async fn append(db: &mut Db<'_>, rows: &[LogRow]) -> Result<()> {
    if let Db::Postgres(connection) = db {
        return append_arrays(connection, rows).await.map_err(log_fault);
    }
    for some in rows.chunks(ROWS_AT_A_TIME) {
        let done = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO answers (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, \
                 request_id) ",
            );
            query.push_values(some, |mut row, answer| {
                row.push_bind(answer.claim_id)
                    .push_bind(answer.question_id.clone())
                    .push_bind(answer.revision)
                    .push_bind((answer.revision > 1).then_some(answer.revision - 1))
                    .push_bind(Json(&answer.value))
                    .push_bind(&answer.stage)
                    .push_bind(answer.saved_by)
                    .push_bind(answer.saved_at)
                    .push_bind(answer.request_id);
            });
            query.build().execute(c).await.map(|_| ())
        });
        done.map_err(log_fault)?;
    }
    Ok(())
}

/// The same in a statement whose text does not depend on the number of rows. PostgreSQL parses and plans a statement
/// once a connection; as above it would do so for each size of batch on each connection.
async fn append_arrays(connection: &mut PgConnection, rows: &[LogRow]) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO answers (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, \
               request_id) \
               SELECT claim_id, question_id, revision, NULLIF(revision - 1, 0), value, stage, saved_by, saved_at, \
               request_id \
               FROM UNNEST($1::uuid[], $2::text[], $3::int[], $4::jsonb[], $5::text[], $6::uuid[], \
               $7::timestamptz[], $8::uuid[]) \
               AS new (claim_id, question_id, revision, value, stage, saved_by, saved_at, request_id)";
    sqlx::query(sql)
        .bind(rows.iter().map(|row| row.claim_id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.question_id.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.revision).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| Json(&row.value)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.stage.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.saved_by.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.saved_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.request_id.0).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// The log's keys, in words: somebody else was first, or the revision seen has never been.
fn log_fault(fault: sqlx::Error) -> Error {
    match &fault {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            Error::Stale { message: "an answer was changed on another desk meanwhile; read the claim again".into() }
        }
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
            Error::invalid("answers", "a seen_revision has never been: read the claim again")
        }
        _ => fault.into(),
    }
}

/// The form as it stands: the newest revision of each answer, in the order of question ids.
pub async fn answers(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Answer>> {
    let sql = "SELECT a.question_id, a.value, a.revision, a.stage, a.saved_by, a.saved_at FROM answers a \
               WHERE a.claim_id = $1 AND a.revision = (SELECT MAX(b.revision) FROM answers b \
               WHERE b.claim_id = a.claim_id AND b.question_id = a.question_id) ORDER BY a.question_id";
    type Row = (QuestionId, Json<Value>, i32, String, UserId, DateTime<Utc>);
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(question_id, value, revision, stage, saved_by, saved_at)| Answer {
            question_id,
            value: value.0,
            revision,
            stage,
            saved_by,
            saved_at,
        })
        .collect())
}
