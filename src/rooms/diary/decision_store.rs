//! Decisions to put the meeting off or to do without it, in the database.

use super::decision::{Decided, Decision};
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, DecisionId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct Row {
    id: DecisionId,
    claim_id: ClaimId,
    decision: String,
    reason: String,
    note: String,
    review_day: Option<NaiveDate>,
    decided_by: UserId,
    decided_at: DateTime<Utc>,
}

impl TryFrom<Row> for Decision {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let what = Decided::of(&row.decision, &row.reason, row.review_day);
        let unknown = || Error::internal(format!("a meeting was {} for {}, unknown here", row.decision, row.reason));
        Ok(Self {
            what: what.ok_or_else(unknown)?,
            id: row.id,
            claim_id: row.claim_id,
            note: row.note,
            by: row.decided_by,
            at: row.decided_at,
        })
    }
}

pub async fn insert(db: &mut Db<'_>, decision: &Decision) -> Result<()> {
    let sql = "INSERT INTO meeting_decisions (id, claim_id, decision, reason, note, review_day, decided_by, decided_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let done = execute!(
        db,
        sqlx::query(sql)
            .bind(decision.id)
            .bind(decision.claim_id)
            .bind(decision.what.name())
            .bind(decision.what.reason())
            .bind(&decision.note)
            .bind(decision.what.review_day())
            .bind(decision.by)
            .bind(decision.at)
    );
    db.after_commit(Topic::Claim(decision.claim_id));
    match done {
        Ok(_) => Ok(()),
        // Two desks decided about one claim at the same moment.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::Contended),
        Err(fault) => Err(fault.into()),
    }
}

/// The decision that stands.
pub async fn standing(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Decision>> {
    let sql = "SELECT id, claim_id, decision, reason, note, review_day, decided_by, decided_at FROM meeting_decisions \
               WHERE claim_id = $1 AND ended_at IS NULL";
    let row: Option<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_optional(c).await)?;
    row.map(Decision::try_from).transpose()
}

/// Ends the decision that stands, if there is one.
pub async fn end(db: &mut Db<'_>, claim: ClaimId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE meeting_decisions SET ended_at = $1 WHERE claim_id = $2 AND ended_at IS NULL";
    execute!(db, sqlx::query(sql).bind(now).bind(claim))?;
    db.after_commit(Topic::Claim(claim));
    Ok(())
}

/// Ends one decision, if it stands, and gives it back.
pub async fn end_one(db: &mut Db<'_>, id: DecisionId, now: DateTime<Utc>) -> Result<Option<Decision>> {
    let sql = "UPDATE meeting_decisions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if execute!(db, sqlx::query(sql).bind(now).bind(id))? == 0 {
        return Ok(None);
    }
    let sql = "SELECT id, claim_id, decision, reason, note, review_day, decided_by, decided_at FROM meeting_decisions \
               WHERE id = $1";
    let row: Option<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    let ended = row.map(Decision::try_from).transpose()?;
    if let Some(decision) = &ended {
        db.after_commit(Topic::Claim(decision.claim_id));
    }
    Ok(ended)
}

/// Takes one back, if it stands, and gives it back: it was a slip, and never stood.
pub async fn take_back(db: &mut Db<'_>, id: DecisionId, now: DateTime<Utc>) -> Result<Option<Decision>> {
    let ended = end_one(db, id, now).await?;
    if let Some(decision) = &ended {
        execute!(db, sqlx::query("UPDATE meeting_decisions SET taken_back = TRUE WHERE id = $1").bind(id))?;
        db.after_commit(Topic::Claim(decision.claim_id));
    }
    Ok(ended)
}

/// Deferrals that stand and whose review day has come.
pub async fn to_review(db: &mut Db<'_>, today: NaiveDate) -> Result<Vec<(DecisionId, ClaimId)>> {
    let sql = "SELECT id, claim_id FROM meeting_decisions WHERE ended_at IS NULL AND review_day IS NOT NULL \
               AND review_day <= $1 ORDER BY review_day, id";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(today).fetch_all(c).await)?)
}

/// All of a claim's that ever stood, the oldest first.
pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Decision>> {
    let sql = "SELECT id, claim_id, decision, reason, note, review_day, decided_by, decided_at FROM meeting_decisions \
               WHERE claim_id = $1 AND NOT taken_back ORDER BY decided_at, id";
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Decision::try_from).collect()
}

pub async fn was_deferred(db: &mut Db<'_>, claim: ClaimId) -> Result<bool> {
    let sql =
        "SELECT id FROM meeting_decisions WHERE claim_id = $1 AND decision = 'deferred' AND NOT taken_back LIMIT 1";
    let row: Option<(DecisionId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_optional(c).await)?;
    Ok(row.is_some())
}
