//! What stands beside call-backs in the database: their history, letters owed, how a client may be rung.

use super::callback::Callback;
use super::flags::ContactFlags;
use super::history::{Attempt, Event};
use super::letters::Letter;
use crate::access::Context;
use crate::error::Result;
use crate::ids::{CallbackId, ClientId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

/// One more line of its history.
pub async fn add_event(
    db: &mut Db<'_>,
    context: &Context,
    callback: &Callback,
    event: &'static str,
    reason: &str,
    note: &str,
    place: &str,
) -> Result<()> {
    let sql = "INSERT INTO callback_events (callback_id, number, event, reason, note, starts_at, place, at, user_id) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM callback_events \
               WHERE callback_id = $1";
    execute!(
        db,
        sqlx::query(sql)
            .bind(callback.id)
            .bind(event)
            .bind(reason)
            .bind(note)
            .bind(callback.starts_at)
            .bind(place)
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
    starts_at: DateTime<Utc>,
    at: DateTime<Utc>,
    user_id: UserId,
}

pub async fn events(db: &mut Db<'_>, id: CallbackId) -> Result<Vec<Event>> {
    let sql = "SELECT event, reason, note, starts_at, at, user_id FROM callback_events WHERE callback_id = $1 \
               ORDER BY number";
    let rows: Vec<EventRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?;
    let event = |row: EventRow| {
        let EventRow { event, reason, note, starts_at, at, user_id } = row;
        Event { event, reason, note, starts_at, at, by: user_id }
    };
    Ok(rows.into_iter().map(event).collect())
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

/// A letter is owed from now on.
pub async fn insert_letter(db: &mut Db<'_>, letter: &Letter) -> Result<()> {
    let sql = "INSERT INTO callback_letters (callback_id, number, site, starts_at, ends_at, owed_at) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM callback_letters WHERE callback_id = $1";
    execute!(
        db,
        sqlx::query(sql)
            .bind(letter.callback_id)
            .bind(letter.site.clone())
            .bind(letter.time.map(|(start, _)| start))
            .bind(letter.time.map(|(_, end)| end))
            .bind(letter.owed_at)
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    callback_id: CallbackId,
    site: SiteId,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    owed_at: DateTime<Utc>,
}

impl From<LetterRow> for Letter {
    fn from(row: LetterRow) -> Self {
        let time = row.starts_at.zip(row.ends_at);
        Self { callback_id: row.callback_id, site: row.site, time, owed_at: row.owed_at }
    }
}

const LETTER: &str = "callback_id, site, starts_at, ends_at, owed_at";

pub async fn open_letter(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Letter>> {
    let sql = format!("SELECT {LETTER} FROM callback_letters WHERE callback_id = $1 AND closed_at IS NULL");
    let row: Option<LetterRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Letter::from))
}

pub async fn open_letters(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, CallbackId)>,
    most: i32,
) -> Result<Vec<Letter>> {
    let rows: Vec<LetterRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(LETTER).push(" FROM callback_letters WHERE closed_at IS NULL AND site = ").push_bind(site.clone());
        if let Some((owed_at, id)) = after {
            query.push(" AND (owed_at, callback_id) > (").push_bind(owed_at).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY owed_at, callback_id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Letter::from).collect())
}

/// Sent, or no longer needed. False when none was open.
pub async fn close_letter(db: &mut Db<'_>, context: &Context, id: CallbackId, sent: bool) -> Result<bool> {
    let sql = "UPDATE callback_letters SET closed_at = $1, closed_by = $2, sent = $3 \
               WHERE callback_id = $4 AND closed_at IS NULL";
    let changed = execute!(db, sqlx::query(sql).bind(context.now).bind(context.user.id).bind(sent).bind(id))?;
    Ok(changed == 1)
}

pub async fn flags(db: &mut Db<'_>, client: ClientId) -> Result<Option<ContactFlags>> {
    let sql = "SELECT do_not_call, instead, number_check FROM callback_contact_flags WHERE client_id = $1";
    let row: Option<(bool, String, bool)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_optional(c).await)?;
    Ok(row.map(|(do_not_call, instead, number_check)| ContactFlags { do_not_call, instead, number_check }))
}

pub async fn save_flags(db: &mut Db<'_>, context: &Context, client: ClientId, flags: &ContactFlags) -> Result<()> {
    let sql = "INSERT INTO callback_contact_flags (client_id, do_not_call, instead, number_check, set_by, set_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (client_id) DO UPDATE SET do_not_call = excluded.do_not_call, \
               instead = excluded.instead, number_check = excluded.number_check, set_by = excluded.set_by, \
               set_at = excluded.set_at";
    execute!(
        db,
        sqlx::query(sql)
            .bind(client)
            .bind(flags.do_not_call)
            .bind(&flags.instead)
            .bind(flags.number_check)
            .bind(context.user.id)
            .bind(context.now)
    )?;
    db.after_commit(crate::events::Event::DueCallbacksChanged);
    Ok(())
}
