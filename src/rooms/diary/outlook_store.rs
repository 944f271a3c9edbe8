//! Appointments read for calendars and reminders.

use super::outlook::{Entry, Whose};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClientId, OfficeId, UserId};
use startline_foundation::store::{Db, on_engine};

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: AppointmentId,
    sequence: i32,
    client_id: ClientId,
    personal_adviser_id: UserId,
    kind: String,
    office: OfficeId,
    room: Option<String>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    state: String,
    made_at: DateTime<Utc>,
    changed_at: Option<DateTime<Utc>>,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            sequence: row.sequence,
            client_id: row.client_id,
            personal_adviser: row.personal_adviser_id,
            kind: row.kind,
            office: row.office,
            room: row.room,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            booked: row.state == "booked",
            cancelled: row.state == "cancelled",
            changed_at: row.changed_at.unwrap_or(row.made_at),
        }
    }
}

const SELECT: &str = "SELECT a.id, a.sequence, a.client_id, a.personal_adviser_id, a.kind, a.office, a.room, \
    a.starts_at, a.ends_at, a.state, a.made_at, \
    (SELECT MAX(e.at) FROM appointment_events e WHERE e.appointment_id = a.id) AS changed_at FROM appointments a";

pub async fn booked_between(
    db: &mut Db<'_>,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Entry>> {
    let rows: Vec<EntryRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(SELECT);
        query.push(" WHERE a.state = 'booked' AND a.starts_at >= ").push_bind(bounds.0);
        query.push(" AND a.starts_at < ").push_bind(bounds.1);
        if let Some((starts_at, id)) = after {
            query.push(" AND (a.starts_at > ").push_bind(starts_at).push(" OR (a.starts_at = ").push_bind(starts_at);
            query.push(" AND a.id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY a.starts_at, a.id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

pub async fn calendar(
    db: &mut Db<'_>,
    whose: &Whose,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    cancelled_since: DateTime<Utc>,
    most: i32,
) -> Result<Vec<Entry>> {
    let rows: Vec<EntryRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(SELECT);
        query.push(" WHERE (a.state IN ('booked', 'attended', 'failed') OR (a.state = 'cancelled' AND a.cancelled_at >= ");
        query.push_bind(cancelled_since).push(")) AND a.starts_at >= ").push_bind(bounds.0);
        query.push(" AND a.starts_at < ").push_bind(bounds.1);
        match whose {
            Whose::PersonalAdviser(user) => query.push(" AND a.personal_adviser_id = ").push_bind(*user),
            Whose::Office(office) => query.push(" AND a.office = ").push_bind(office.clone()),
        };
        query.push(" ORDER BY a.starts_at, a.id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

pub async fn entry(db: &mut Db<'_>, id: AppointmentId) -> Result<Option<Entry>> {
    let sql = format!("{SELECT} WHERE a.id = $1");
    let row: Option<EntryRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Entry::from))
}
