//! Start-up calls, and what was found at the meetings after them, in the database.

use super::found::{Finding, Found, StartUp};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, QueryId, QuestionId, SiteId, UserId};
use startline_foundation::store::{Db, on_engine, rows_among};
use uuid::Uuid;

/// The claims whose start-up call this person did between these moments.
pub async fn started_by(
    db: &mut Db<'_>,
    by: UserId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<ClaimId>> {
    let sql = "SELECT id FROM claims WHERE start_up_done_by = $1 AND start_up_done_at >= $2 AND start_up_done_at < $3 \
               AND erased_at IS NULL";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(by).bind(from).bind(until).fetch_all(c).await)?)
}

/// A site's, each with who did it.
pub async fn started_at(
    db: &mut Db<'_>,
    site: &SiteId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<StartUp>> {
    let sql = "SELECT id, start_up_done_by FROM claims WHERE site = $1 AND start_up_done_at >= $2 AND start_up_done_at < $3 \
               AND start_up_done_by IS NOT NULL AND erased_at IS NULL";
    let rows: Vec<(ClaimId, UserId)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).bind(from).bind(until).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(claim_id, by)| StartUp { claim_id, by }).collect())
}

/// What was amended and asked of these claims, in no order.
pub async fn findings(db: &mut Db<'_>, claims: &[ClaimId]) -> Result<Vec<Finding>> {
    let ids: Vec<Uuid> = claims.iter().map(|claim| claim.0).collect();
    type Amended = (ClaimId, QuestionId, i32, DateTime<Utc>, Option<Json<Value>>, Json<Value>);
    let amended: Vec<Amended> = rows_among!(
        db,
        "SELECT a.claim_id, a.question_id, a.revision, a.saved_at, p.value, a.value FROM answers a LEFT JOIN answers p \
         ON p.claim_id = a.claim_id AND p.question_id = a.question_id AND p.revision = a.prior_revision \
         WHERE a.initials IS NOT NULL AND a.claim_id IN",
        &ids
    );
    type Asked = (ClaimId, QueryId, Option<QuestionId>, DateTime<Utc>, String, Option<String>);
    let asked: Vec<Asked> = rows_among!(
        db,
        "SELECT claim_id, id, question_id, raised_at, query, outcome FROM claim_queries WHERE claim_id IN",
        &ids
    );
    let amended = amended.into_iter().map(|(claim_id, question, revision, at, said, says)| Finding {
        key: format!("{claim_id} {question} {revision}"),
        claim_id,
        question_id: Some(question),
        at,
        what: Found::Amended { said: said.map_or(Value::Null, |said| said.0), says: says.0 },
    });
    let asked = asked.into_iter().map(|(claim_id, query, question_id, at, text, outcome)| Finding {
        key: format!("{claim_id} {query}"),
        claim_id,
        question_id,
        at,
        what: Found::Asked { text, outcome: outcome.unwrap_or_default() },
    });
    Ok(amended.chain(asked).collect())
}
