//! Whom a meeting may have to be proposed to, and what happened in clients' lives.

use crate::access::Context;
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{Db, execute, on_engine};

const NOT_PROPOSED: &str = "NOT EXISTS (SELECT 1 FROM steps s WHERE s.claim_id = c.id AND s.kind = 'propose-meeting' \
                            AND s.cause = $3)";

/// Claims that were handed over, first contact between two moments, for which this was not proposed.
pub async fn lodged(
    db: &mut Db<'_>,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    cause: &str,
) -> Result<Vec<(ClaimId, DateTime<Utc>)>> {
    let sql = format!(
        "SELECT c.id, c.first_contact_at FROM claims c WHERE c.state = 'lodged' AND c.erased_at IS NULL AND c.first_contact_at >= $1 \
         AND c.first_contact_at < $2 AND {NOT_PROPOSED} ORDER BY c.first_contact_at, c.id"
    );
    Ok(on_engine!(db, c => {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(bounds.0).bind(bounds.1).bind(cause).fetch_all(c).await
    })?)
}

/// The same, of clients born between two days.
pub async fn lodged_by_birth(
    db: &mut Db<'_>,
    born: (NaiveDate, NaiveDate),
    cause: &str,
) -> Result<Vec<(ClaimId, DateTime<Utc>, NaiveDate)>> {
    let sql = format!(
        "SELECT c.id, c.first_contact_at, k.date_of_birth FROM claims c JOIN clients k ON k.id = c.client_id \
         WHERE c.state = 'lodged' AND c.erased_at IS NULL AND k.date_of_birth >= $1 AND k.date_of_birth <= $2 AND {NOT_PROPOSED} ORDER BY c.id"
    );
    Ok(on_engine!(db, c => {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(born.0).bind(born.1).bind(cause).fetch_all(c).await
    })?)
}

pub async fn add_event(
    db: &mut Db<'_>,
    context: &Context,
    claim: ClaimId,
    event: &str,
    day: NaiveDate,
) -> Result<bool> {
    let sql = "INSERT INTO life_events (claim_id, event, day, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (claim_id, event, day) DO NOTHING";
    Ok(execute!(db, sqlx::query(sql).bind(claim).bind(event).bind(day).bind(context.user.id).bind(context.now))? == 1)
}

pub async fn events_between(
    db: &mut Db<'_>,
    event: &str,
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<(ClaimId, NaiveDate)>> {
    let sql =
        "SELECT claim_id, day FROM life_events WHERE event = $1 AND day >= $2 AND day <= $3 ORDER BY day, claim_id";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(event).bind(days.0).bind(days.1).fetch_all(c).await)?)
}

pub async fn events_of(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<(String, NaiveDate)>> {
    let sql = "SELECT event, day FROM life_events WHERE claim_id = $1 ORDER BY day, event";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?)
}
