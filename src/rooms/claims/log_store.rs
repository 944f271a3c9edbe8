//! The log of answers in the database, and the drafts beside it.

use super::answer::{Answer, Carried, KeptDraft};
use super::log::{LogKey, LogRow, StoredAnswer};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, QuestionId, RequestId, UserId};
use startline_foundation::store::{Connection, Db, execute, on_engine};
use std::collections::{BTreeMap, BTreeSet};

/// Rows in one INSERT: SQLite allows 32,766 bound values in all.
const ROWS_AT_A_TIME: usize = 500;

/// Which of these places in the log are taken, by whom and with what.
pub async fn standing(db: &mut Db<'_>, keys: &BTreeSet<LogKey>) -> Result<BTreeMap<LogKey, StoredAnswer>> {
    let mut found = BTreeMap::new();
    let keys: Vec<&LogKey> = keys.iter().collect();
    type Row = (ClaimId, QuestionId, i32, UserId, RequestId, Json<Value>);
    for some in keys.chunks(ROWS_AT_A_TIME) {
        let rows: Vec<Row> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT claim_id, question_id, revision, saved_by, request_id, value FROM answers \
                 WHERE (claim_id, question_id, revision) IN (SELECT * FROM (",
            );
            query.push_values(some, |mut row, (claim, question, revision)| {
                row.push_bind(*claim).push_bind(question.clone()).push_bind(*revision);
            });
            // SQLite looks up the rows of a SELECT; for bare VALUES it would read the whole log.
            query.push(") AS named)");
            query.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows.into_iter().map(|(claim, question, revision, by, request_id, value)| {
            ((claim, question, revision), StoredAnswer { by, request_id, value: value.0 })
        }));
    }
    Ok(found)
}

pub async fn append(db: &mut Db<'_>, rows: &[LogRow]) -> Result<()> {
    for row in rows {
        db.after_commit(Topic::Claim(row.claim_id));
    }
    if let Connection::Postgres(connection) = &mut db.connection {
        return append_arrays(connection, rows).await.map_err(log_fault);
    }
    for some in rows.chunks(ROWS_AT_A_TIME) {
        let done = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO answers (claim_id, question_id, revision, prior_revision, value, stage, saved_by, saved_at, \
                 request_id, carried) ",
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
                    .push_bind(answer.request_id)
                    .push_bind(answer.carried.as_str());
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
               request_id, carried) \
               SELECT claim_id, question_id, revision, NULLIF(revision - 1, 0), value, stage, saved_by, saved_at, \
               request_id, carried \
               FROM UNNEST($1::uuid[], $2::text[], $3::int[], $4::jsonb[], $5::text[], $6::uuid[], \
               $7::timestamptz[], $8::uuid[], $9::text[]) \
               AS new (claim_id, question_id, revision, value, stage, saved_by, saved_at, request_id, carried)";
    sqlx::query(sql)
        .bind(rows.iter().map(|row| row.claim_id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.question_id.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.revision).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| Json(&row.value)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.stage.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.saved_by.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.saved_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.request_id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.carried.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// The log's keys, in words: somebody else was first, or the revision seen has never been.
fn log_fault(fault: sqlx::Error) -> Error {
    match &fault {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            Error::stale("an answer was changed on another desk meanwhile; read the claim again")
        }
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
            Error::invalid("answers", "a seen_revision has never been: read the claim again")
        }
        _ => fault.into(),
    }
}

type AnswerRow = (QuestionId, Json<Value>, i32, String, UserId, DateTime<Utc>, String);

fn answer(row: AnswerRow) -> Result<Answer> {
    let (question_id, value, revision, stage, saved_by, saved_at, carried) = row;
    let carried = Carried::read(&carried)?;
    Ok(Answer { question_id, value: value.0, revision, stage, saved_by, saved_at, carried })
}

/// The form as it stands: the newest revision of each answer, in the order of question ids.
pub async fn answers(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Answer>> {
    let sql = "SELECT a.question_id, a.value, a.revision, a.stage, a.saved_by, a.saved_at, a.carried FROM answers a \
               WHERE a.claim_id = $1 AND a.revision = (SELECT MAX(b.revision) FROM answers b \
               WHERE b.claim_id = a.claim_id AND b.question_id = a.question_id) ORDER BY a.question_id";
    let rows: Vec<AnswerRow> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(answer).collect()
}

/// The form as it stood at a moment.
pub async fn answers_at(db: &mut Db<'_>, claim: ClaimId, at: DateTime<Utc>) -> Result<Vec<Answer>> {
    let sql = "SELECT a.question_id, a.value, a.revision, a.stage, a.saved_by, a.saved_at, a.carried FROM answers a \
               WHERE a.claim_id = $1 AND a.revision = (SELECT MAX(b.revision) FROM answers b \
               WHERE b.claim_id = a.claim_id AND b.question_id = a.question_id AND b.saved_at <= $2) \
               ORDER BY a.question_id";
    let rows: Vec<AnswerRow> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).bind(at).fetch_all(c).await)?;
    rows.into_iter().map(answer).collect()
}

/// Every change of every answer, or of one question's, the oldest first.
pub async fn history(
    db: &mut Db<'_>,
    claim: ClaimId,
    question: Option<&QuestionId>,
    after: Option<&(DateTime<Utc>, QuestionId, i32)>,
    most: i32,
) -> Result<Vec<Answer>> {
    let rows: Vec<AnswerRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT question_id, value, revision, stage, saved_by, saved_at, carried FROM answers WHERE claim_id = ",
        );
        query.push_bind(claim);
        if let Some(question) = question {
            query.push(" AND question_id = ").push_bind(question.clone());
        }
        if let Some((saved_at, question, revision)) = after {
            query.push(" AND (saved_at, question_id, revision) > (").push_bind(*saved_at);
            query.push(", ").push_bind(question.clone()).push(", ").push_bind(*revision).push(")");
        }
        query.push(" ORDER BY saved_at, question_id, revision LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(answer).collect()
}

/// Keeps what was typed, one draft a question.
pub async fn keep_draft(db: &mut Db<'_>, claim: ClaimId, draft: &KeptDraft) -> Result<()> {
    let sql = "INSERT INTO answer_drafts (claim_id, question_id, value, reason, seen_revision, typed_by, typed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (claim_id, question_id) DO UPDATE SET value = excluded.value, reason = excluded.reason, \
               seen_revision = excluded.seen_revision, typed_by = excluded.typed_by, typed_at = excluded.typed_at";
    execute!(
        db,
        sqlx::query(sql)
            .bind(claim)
            .bind(draft.question_id.clone())
            .bind(draft.value.to_string())
            .bind(&draft.reason)
            .bind(draft.seen_revision)
            .bind(draft.typed_by)
            .bind(draft.typed_at)
    )?;
    db.after_commit(Topic::Claim(claim));
    Ok(())
}

/// The drafts of questions whose answers have not gone on since, in the order of question ids.
pub async fn drafts(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<KeptDraft>> {
    let sql = "SELECT d.question_id, d.value, d.reason, d.seen_revision, d.typed_by, d.typed_at FROM answer_drafts d \
               WHERE d.claim_id = $1 AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.claim_id = d.claim_id \
               AND a.question_id = d.question_id AND a.revision > d.seen_revision) ORDER BY d.question_id";
    type Row = (QuestionId, String, String, i32, UserId, DateTime<Utc>);
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    let draft = |(question_id, value, reason, seen_revision, typed_by, typed_at): Row| {
        let value = serde_json::from_str(&value).map_err(Error::internal)?;
        Ok(KeptDraft { question_id, value, reason, seen_revision, typed_by, typed_at })
    };
    rows.into_iter().map(draft).collect()
}
