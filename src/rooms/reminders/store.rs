//! Reminders and preferences in the database.

use super::reminder::{Dropped, Outcome, Reminder, State};
use crate::access::{AtOffices, push_seen};
use chrono::{DateTime, Utc};
use startline_definition::{Channel, Unless};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClientId, ReminderId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct ReminderRow {
    id: ReminderId,
    appointment_id: AppointmentId,
    sequence: i32,
    line: String,
    client_id: ClientId,
    site: SiteId,
    channel: String,
    unless: String,
    due_at: DateTime<Utc>,
    starts_at: DateTime<Utc>,
    state: String,
    reason: String,
    attempts: i32,
    next_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    settled_at: Option<DateTime<Utc>>,
    settled_by: Option<UserId>,
}

const COLUMNS: &str = "id, appointment_id, sequence, line, client_id, site, channel, unless, due_at, starts_at, state, \
                       reason, attempts, next_at, sent_at, settled_at, settled_by";

impl TryFrom<ReminderRow> for Reminder {
    type Error = Error;

    fn try_from(row: ReminderRow) -> Result<Self> {
        let unknown = || Error::internal(format!("reminder {} is in the unknown state {}", row.id, row.state));
        let settled = row.settled_at.unwrap_or(row.due_at);
        let state = match (row.state.as_str(), row.next_at) {
            ("due", Some(next_at)) => State::Due { next_at },
            ("sending", Some(next_at)) => State::Sending { next_at },
            ("sent", ask_at) => State::Sent { ask_at },
            ("delivered", _) => State::Delivered { at: settled },
            ("failed", _) => State::Failed { why: row.reason.clone(), at: settled },
            ("dropped", _) => State::Dropped { why: Dropped::parse(&row.reason).ok_or_else(unknown)?, at: settled },
            (word, _) => State::Rung {
                outcome: Outcome::parse(word).ok_or_else(unknown)?,
                at: settled,
                by: row.settled_by.ok_or_else(unknown)?,
            },
        };
        Ok(Self {
            channel: Channel::parse(&row.channel).ok_or_else(unknown)?,
            unless: Unless::parse(&row.unless).ok_or_else(unknown)?,
            id: row.id,
            appointment_id: row.appointment_id,
            sequence: row.sequence,
            line: row.line,
            client_id: row.client_id,
            site: row.site,
            due_at: row.due_at,
            starts_at: row.starts_at,
            state,
            attempts: row.attempts,
            sent_at: row.sent_at,
        })
    }
}

/// A state as its columns: word, reason, `next_at`, `settled_at`, `settled_by`.
type StoredState<'a> = (&'static str, &'a str, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<UserId>);

fn stored(state: &State) -> StoredState<'_> {
    match state {
        State::Due { next_at } => ("due", "", Some(*next_at), None, None),
        State::Sending { next_at } => ("sending", "", Some(*next_at), None, None),
        State::Sent { ask_at } => ("sent", "", *ask_at, None, None),
        State::Delivered { at } => ("delivered", "", None, Some(*at), None),
        State::Failed { why, at } => ("failed", why, None, Some(*at), None),
        State::Dropped { why, at } => ("dropped", why.as_str(), None, Some(*at), None),
        State::Rung { outcome, at, by } => (outcome.as_str(), "", None, Some(*at), Some(*by)),
    }
}

/// False when the line of this appointment and sequence is there already.
pub async fn insert(db: &mut Db<'_>, reminder: &Reminder) -> Result<bool> {
    let sql = format!(
        "INSERT INTO reminders ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17) ON CONFLICT (appointment_id, sequence, line) DO NOTHING"
    );
    let (state, reason, next_at, settled_at, settled_by) = stored(&reminder.state);
    let added = execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(reminder.id)
            .bind(reminder.appointment_id)
            .bind(reminder.sequence)
            .bind(&reminder.line)
            .bind(reminder.client_id)
            .bind(reminder.site.clone())
            .bind(reminder.channel.as_str())
            .bind(reminder.unless.as_str())
            .bind(reminder.due_at)
            .bind(reminder.starts_at)
            .bind(state)
            .bind(reason)
            .bind(reminder.attempts)
            .bind(next_at)
            .bind(reminder.sent_at)
            .bind(settled_at)
            .bind(settled_by)
    )?;
    Ok(added == 1)
}

/// To be called with the row locked: see [`for_update`].
pub async fn save(db: &mut Db<'_>, reminder: &Reminder) -> Result<()> {
    let sql = "UPDATE reminders SET state = $1, reason = $2, next_at = $3, settled_at = $4, settled_by = $5, \
               attempts = $6, sent_at = $7 WHERE id = $8";
    let (state, reason, next_at, settled_at, settled_by) = stored(&reminder.state);
    execute!(
        db,
        sqlx::query(sql)
            .bind(state)
            .bind(reason)
            .bind(next_at)
            .bind(settled_at)
            .bind(settled_by)
            .bind(reminder.attempts)
            .bind(reminder.sent_at)
            .bind(reminder.id)
    )?;
    Ok(())
}

pub async fn for_update(db: &mut Db<'_>, id: ReminderId) -> Result<Option<Reminder>> {
    let sql = format!("SELECT {COLUMNS} FROM reminders WHERE id = $1{}", db.for_update());
    let row: Option<ReminderRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Reminder::try_from).transpose()
}

/// The lines that these appointments have already: appointment, sequence, line.
pub async fn lines_of(db: &mut Db<'_>, appointments: &[AppointmentId]) -> Result<Vec<(AppointmentId, i32, String)>> {
    Ok(on_engine!(db, c => {
        let mut query =
            sqlx::QueryBuilder::new("SELECT appointment_id, sequence, line FROM reminders WHERE appointment_id IN (");
        let mut ids = query.separated(", ");
        for id in appointments {
            ids.push_bind(*id);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?)
}

/// What is to be looked at, the longest due first; without `all`, calls alone.
pub async fn to_look_at(db: &mut Db<'_>, all: bool, now: DateTime<Utc>, most: i32) -> Result<Vec<ReminderId>> {
    let sql = "SELECT id FROM reminders WHERE next_at <= $1 AND (channel = 'call' OR $2) ORDER BY next_at, id LIMIT $3";
    let rows: Vec<(ReminderId,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(now).bind(all).bind(most).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn of_appointment(
    db: &mut Db<'_>,
    appointment: AppointmentId,
    after: Option<ReminderId>,
    most: i32,
) -> Result<Vec<Reminder>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM reminders WHERE appointment_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"
    );
    let sql = sqlx::AssertSqlSafe(sql);
    let rows: Vec<ReminderRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(appointment).bind(after).bind(most).fetch_all(c).await)?;
    rows.into_iter().map(Reminder::try_from).collect()
}

/// The calls that a site owes, or of it these offices, the longest due first, after the one named.
pub async fn calls(
    db: &mut Db<'_>,
    (site, seen): (&SiteId, Option<&AtOffices>),
    after: Option<(DateTime<Utc>, ReminderId)>,
    most: i32,
    now: DateTime<Utc>,
) -> Result<Vec<Reminder>> {
    let rows: Vec<ReminderRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM reminders WHERE channel = 'call' AND state = 'due' AND site = ");
        query.push_bind(site.clone());
        if let Some(seen) = seen {
            push_seen(&mut query, "reminders.client_id", seen, now);
        }
        if let Some((due_at, id)) = after {
            query.push(" AND (due_at > ").push_bind(due_at).push(" OR (due_at = ").push_bind(due_at);
            query.push(" AND id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY due_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Reminder::try_from).collect()
}

/// Whether a reminder of this appointment as it stands is in one of these states.
pub async fn any_in(db: &mut Db<'_>, reminder: &Reminder, states: &[&str]) -> Result<bool> {
    let found: Vec<(String,)> = on_engine!(db, c => {
        let sql = "SELECT state FROM reminders WHERE appointment_id = $1 AND sequence = $2";
        sqlx::query_as(sql).bind(reminder.appointment_id).bind(reminder.sequence).fetch_all(c).await
    })?;
    Ok(found.iter().any(|(state,)| states.contains(&state.as_str())))
}

/// How many reminders are due or being sent, and how many failed since then.
pub async fn figures(db: &mut Db<'_>, since: DateTime<Utc>) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT state, COUNT(*) FROM reminders \
               WHERE state IN ('due', 'sending') OR (state = 'failed' AND settled_at >= $1) GROUP BY state ORDER BY state";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(since).fetch_all(c).await)?)
}

pub async fn refused_channels(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Channel>> {
    let sql = "SELECT channel FROM client_reminder_preferences WHERE client_id = $1 ORDER BY channel";
    let rows: Vec<(String,)> = on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_all(c).await)?;
    Ok(rows.iter().filter_map(|(channel,)| Channel::parse(channel)).collect())
}

pub async fn refuse_channel(
    db: &mut Db<'_>,
    client: ClientId,
    channel: Channel,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO client_reminder_preferences (client_id, channel, set_by, set_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (client_id, channel) DO NOTHING";
    execute!(db, sqlx::query(sql).bind(client).bind(channel.as_str()).bind(by).bind(now))?;
    Ok(())
}

pub async fn accept_channel(db: &mut Db<'_>, client: ClientId, channel: Channel) -> Result<()> {
    let sql = "DELETE FROM client_reminder_preferences WHERE client_id = $1 AND channel = $2";
    execute!(db, sqlx::query(sql).bind(client).bind(channel.as_str()))?;
    Ok(())
}
