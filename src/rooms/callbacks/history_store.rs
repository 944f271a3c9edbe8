//! What was done with call-backs, in the database: the moves and the tries.

use super::callback::Callback;
use super::history::{Attempt, Event, What, Words};
use crate::access::Context;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallbackId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Adds what was just done. The caller holds the call-back's row, so that two do not get one number.
pub async fn add(db: &mut Db<'_>, context: &Context, callback: &Callback, what: &What) -> Result<()> {
    let sql = "INSERT INTO callback_events (callback_id, number, event, reason, note, starts_at, place, at, user_id) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM callback_events \
               WHERE callback_id = $1";
    let words = what.words();
    execute!(
        db,
        sqlx::query(sql)
            .bind(callback.id)
            .bind(words.event)
            .bind(words.reason)
            .bind(words.note)
            .bind(callback.starts_at)
            .bind(&words.place)
            .bind(context.now)
            .bind(context.user.id)
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    event: String,
    reason: String,
    note: String,
    place: String,
    starts_at: DateTime<Utc>,
    at: DateTime<Utc>,
    user_id: UserId,
}

/// All of them, in order.
pub async fn events(db: &mut Db<'_>, id: CallbackId) -> Result<Vec<Event>> {
    let sql = "SELECT event, reason, note, place, starts_at, at, user_id FROM callback_events WHERE callback_id = $1 \
               ORDER BY number";
    let rows: Vec<EventRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?;
    let event = |row: EventRow| {
        let EventRow { event, reason, note, place, starts_at, at, user_id } = row;
        let what = What::read(&Words { event: &event, reason: &reason, note: &note, place })?;
        Ok(Event { what, starts_at, at, by: user_id })
    };
    rows.into_iter().map(event).collect()
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    attempt: i32,
    adviser_id: UserId,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    note: Option<String>,
}

pub async fn attempts(db: &mut Db<'_>, id: CallbackId) -> Result<Vec<Attempt>> {
    let sql = "SELECT attempt, adviser_id, started_at, ended_at, outcome, note FROM callback_attempts \
               WHERE callback_id = $1 ORDER BY attempt";
    let rows: Vec<AttemptRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?;
    let attempt = |row: AttemptRow| Attempt {
        number: row.attempt,
        by: row.adviser_id,
        started_at: row.started_at,
        ended_at: row.ended_at,
        outcome: row.outcome.unwrap_or_default(),
        note: row.note.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(attempt).collect())
}
