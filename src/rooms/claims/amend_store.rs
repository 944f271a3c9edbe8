//! Amendments: rows of the log of answers that carry initials.

use super::amend::Amendment;
use super::log::LogRow;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, QuestionId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Puts the client's initials beside a row just appended.
pub async fn initial(db: &mut Db<'_>, row: &LogRow, initials: &str) -> Result<()> {
    let sql = "UPDATE answers SET initials = $1 WHERE claim_id = $2 AND question_id = $3 AND revision = $4";
    execute!(db, sqlx::query(sql).bind(initials).bind(row.claim_id).bind(row.question_id.clone()).bind(row.revision))?;
    db.after_commit(Topic::Claim(row.claim_id));
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    question_id: QuestionId,
    revision: i32,
    said: Option<Json<Value>>,
    says: Json<Value>,
    initials: String,
    saved_by: UserId,
    saved_at: DateTime<Utc>,
}

pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Amendment>> {
    let sql = "SELECT a.question_id, a.revision, p.value AS said, a.value AS says, a.initials, a.saved_by, a.saved_at \
               FROM answers a LEFT JOIN answers p ON p.claim_id = a.claim_id AND p.question_id = a.question_id \
               AND p.revision = a.prior_revision WHERE a.claim_id = $1 AND a.initials IS NOT NULL \
               ORDER BY a.saved_at, a.question_id, a.revision";
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    let amendment = |row: Row| Amendment {
        question_id: row.question_id,
        revision: row.revision,
        said: row.said.map_or(Value::Null, |said| said.0),
        says: row.says.0,
        initials: row.initials,
        by: row.saved_by,
        at: row.saved_at,
    };
    Ok(rows.into_iter().map(amendment).collect())
}
