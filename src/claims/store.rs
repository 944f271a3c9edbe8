//! Claims and the log of their answers in the database.

use super::claim::{Answer, Claim, State, Underway, Withdrawal};
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
    withdrawn_from: Option<String>,
    withdrawn_at: Option<DateTime<Utc>>,
    withdrawn_by: Option<UserId>,
    withdrawn_reason: Option<String>,
}

impl ClaimRow {
    fn underway(&self, name: &str) -> Result<Underway> {
        match (name, self.start_up_done_at, self.posted_at) {
            ("open", ..) => Ok(Underway::Open),
            ("start_up_done", Some(at), _) => Ok(Underway::StartUpDone { at }),
            ("posted", Some(start_up_done_at), Some(at)) => Ok(Underway::Posted { start_up_done_at, at }),
            _ => Err(Error::internal(format!("a claim is in the unknown state {name}"))),
        }
    }

    fn state(&self) -> Result<State> {
        match (self.state.as_str(), self.lodged_at, self.withdrawn_at.zip(self.withdrawn_by)) {
            ("lodged", Some(at), _) => Ok(State::Lodged { at }),
            ("withdrawn", _, Some((at, by))) => Ok(State::Withdrawn(Withdrawal {
                from: self.underway(self.withdrawn_from.as_deref().unwrap_or_default())?,
                at,
                by,
                reason: self.withdrawn_reason.clone().unwrap_or_default(),
            })),
            (name, ..) => self.underway(name).map(State::from),
        }
    }
}

impl TryFrom<ClaimRow> for Claim {
    type Error = Error;

    fn try_from(row: ClaimRow) -> Result<Self> {
        let state = row.state()?;
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
                       start_up_done_at, start_up_done_by, posted_at, lodged_at, withdrawn_from, withdrawn_at, withdrawn_by, \
                       withdrawn_reason";

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

/// Where the claim stands now. The times of what it went through stay.
pub async fn save_state(db: &mut Db<'_>, claim: &Claim) -> Result<()> {
    let withdrawal = match &claim.state {
        State::Withdrawn(withdrawal) => Some(withdrawal),
        _ => None,
    };
    let stands = withdrawal.map_or_else(|| claim.state.clone(), |withdrawal| withdrawal.from.into());
    let (stage, start_up_done_at, posted_at, lodged_at) = match stands {
        State::Open => ("open", None, None, None),
        State::StartUpDone { at } => ("start_up_done", Some(at), None, None),
        State::Posted { start_up_done_at, at } => ("posted", Some(start_up_done_at), Some(at), None),
        State::Lodged { at } => ("lodged", None, None, Some(at)),
        State::Withdrawn(_) => return Err(Error::internal("a claim was withdrawn from being withdrawn")),
    };
    let sql = "UPDATE claims SET state = $1, start_up_done_by = $2, start_up_done_at = COALESCE($3, start_up_done_at), \
               posted_at = COALESCE($4, posted_at), lodged_at = $5, withdrawn_from = $6, withdrawn_at = $7, \
               withdrawn_by = $8, withdrawn_reason = $9 WHERE id = $10";
    let done = execute!(
        db,
        sqlx::query(sql)
            .bind(if withdrawal.is_some() { "withdrawn" } else { stage })
            .bind(claim.start_up_by)
            .bind(start_up_done_at)
            .bind(posted_at)
            .bind(lodged_at)
            .bind(withdrawal.map(|_| stage))
            .bind(withdrawal.map(|withdrawal| withdrawal.at))
            .bind(withdrawal.map(|withdrawal| withdrawal.by))
            .bind(withdrawal.map(|withdrawal| withdrawal.reason.clone()))
            .bind(claim.id)
    );
    match done {
        Ok(_) => Ok(()),
        // `claims_one_live_a_client`: this one is reopened, and another was begun meanwhile.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::illegal(
            "ANOTHER_CLAIM_IS_LIVE",
            "the client has another claim on its way: withdraw that one first, or go on with it",
        )),
        Err(fault) => Err(fault.into()),
    }
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
