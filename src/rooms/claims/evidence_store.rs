//! Ticks of the evidence list in the database.

use super::evidence::{Tick, TickState};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Adds a tick after those of its line. The caller holds the claim's row, so that two do not get one number.
pub async fn add(db: &mut Db<'_>, claim: ClaimId, tick: &Tick) -> Result<()> {
    let sql = "SELECT MAX(number) FROM evidence_ticks WHERE claim_id = $1 AND evidence_id = $2";
    let (last,): (Option<i32>,) =
        on_engine!(db, c => sqlx::query_as(sql).bind(claim).bind(&tick.evidence_id).fetch_one(c).await)?;
    let sql = "INSERT INTO evidence_ticks (claim_id, evidence_id, number, state, note, ticked_by, ticked_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(claim)
            .bind(&tick.evidence_id)
            .bind(last.unwrap_or(0) + 1)
            .bind(tick.state.as_str())
            .bind(&tick.note)
            .bind(tick.by)
            .bind(tick.at)
    )?;
    db.after_commit(Topic::Claim(claim));
    Ok(())
}

/// The newest tick of each line, without those taken back.
pub async fn standing(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Tick>> {
    let sql = "SELECT t.evidence_id, t.state, t.note, t.ticked_by, t.ticked_at FROM evidence_ticks t \
               WHERE t.claim_id = $1 AND t.number = (SELECT MAX(n.number) FROM evidence_ticks n \
               WHERE n.claim_id = t.claim_id AND n.evidence_id = t.evidence_id) ORDER BY t.evidence_id";
    type Row = (String, String, String, UserId, DateTime<Utc>);
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?;
    let tick = |(evidence_id, name, note, by, at): Row| {
        let state = TickState::parse(&name);
        let state = state.ok_or_else(|| Error::internal(format!("evidence is ticked as {name}, unknown here")))?;
        Ok(Tick { evidence_id, state, note, by, at })
    };
    let ticks = rows.into_iter().map(tick).collect::<Result<Vec<_>>>()?;
    Ok(ticks.into_iter().filter(|tick| tick.state != TickState::TakenBack).collect())
}
