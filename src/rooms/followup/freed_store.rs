//! Time that became free, found in what happened to appointments.

use super::waiting::FreedTime;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Nobody looked for longer than this: what became free before that is found by whoever searches, but nobody is rung about
/// it.
const LOOK_BACK: TimeDelta = TimeDelta::days(14);

/// A move of an appointment that left time behind, and where the appointment was before it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Left {
    pub appointment_id: AppointmentId,
    pub number: i32,
    pub personal_adviser_id: UserId,
    pub starts_at: DateTime<Utc>,
}

/// What was cancelled, moved away or given back since somebody last looked, of times that begin after a moment.
pub async fn not_noted(db: &mut Db<'_>, after: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Left>> {
    // A cancellation carries the time it gave back; a move the new one, so that the event before it says the old.
    let sql = "SELECT e.appointment_id, e.number, b.personal_adviser_id, b.starts_at FROM appointment_events e \
               JOIN appointment_events b ON b.appointment_id = e.appointment_id AND b.number = \
               (SELECT MAX(x.number) FROM appointment_events x WHERE x.appointment_id = e.appointment_id \
               AND x.number < e.number) \
               WHERE e.event IN ('cancelled', 'moved', 'given_back') AND e.at > $2 AND b.starts_at > $1 AND NOT EXISTS \
               (SELECT 1 FROM freed_times f WHERE f.appointment_id = e.appointment_id AND f.number = e.number) \
               ORDER BY e.at, e.appointment_id, e.number";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(after).bind(now - LOOK_BACK).fetch_all(c).await)?)
}

/// Writes freed time down. What was written down once is not again, whoever looks: nothing is lost by a crash, and two may
/// look.
pub async fn note(db: &mut Db<'_>, freed: &FreedTime, now: DateTime<Utc>) -> Result<()> {
    // Freed again, it is another freeing: those who said no may say yes now. A second process that comes late must not
    // close the very same.
    let earlier = "UPDATE freed_times SET closed_at = $1, closed_how = 'freed_again' \
                   WHERE personal_adviser_id = $2 AND starts_at = $3 AND closed_at IS NULL \
                   AND NOT (appointment_id = $4 AND number = $5)";
    execute!(
        db,
        sqlx::query(earlier)
            .bind(now)
            .bind(freed.personal_adviser)
            .bind(freed.starts_at)
            .bind(freed.appointment_id)
            .bind(freed.number)
    )?;
    let sql = "INSERT INTO freed_times (appointment_id, number, site, personal_adviser_id, starts_at, freed_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    execute!(
        db,
        sqlx::query(sql)
            .bind(freed.appointment_id)
            .bind(freed.number)
            .bind(freed.site.clone())
            .bind(freed.personal_adviser)
            .bind(freed.starts_at)
            .bind(now)
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct FreedRow {
    appointment_id: AppointmentId,
    number: i32,
    site: SiteId,
    personal_adviser_id: UserId,
    starts_at: DateTime<Utc>,
}

impl From<FreedRow> for FreedTime {
    fn from(row: FreedRow) -> Self {
        let FreedRow { appointment_id, number, site, personal_adviser_id, starts_at } = row;
        Self { appointment_id, number, site, personal_adviser: personal_adviser_id, starts_at }
    }
}

const COLUMNS: &str = "appointment_id, number, site, personal_adviser_id, starts_at";

/// Freed times that nobody has yet, the soonest first.
pub async fn open(db: &mut Db<'_>) -> Result<Vec<FreedTime>> {
    let sql = format!("SELECT {COLUMNS} FROM freed_times WHERE closed_at IS NULL ORDER BY starts_at, appointment_id");
    let rows: Vec<FreedRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(FreedTime::from).collect())
}

/// The freed time, if it is still open, kept from others until the transaction ends.
pub async fn open_for_update(db: &mut Db<'_>, freed: &FreedTime) -> Result<bool> {
    let sql = format!(
        "SELECT {COLUMNS} FROM freed_times WHERE appointment_id = $1 AND number = $2 AND closed_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM standby_offers o WHERE o.freed_id = $1 AND o.freed_number = $2 \
         AND o.state = 'open'){}",
        db.for_update()
    );
    let row: Option<FreedRow> = on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql));
        query.bind(freed.appointment_id).bind(freed.number).fetch_optional(c).await
    })?;
    Ok(row.is_some())
}

pub async fn close(
    db: &mut Db<'_>,
    (appointment, number): (AppointmentId, i32),
    how: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE freed_times SET closed_at = $1, closed_how = $2 \
               WHERE appointment_id = $3 AND number = $4 AND closed_at IS NULL";
    execute!(db, sqlx::query(sql).bind(now).bind(how).bind(appointment).bind(number))?;
    Ok(())
}

/// Where and with whom freed time is.
pub async fn get(db: &mut Db<'_>, (appointment, number): (AppointmentId, i32)) -> Result<Option<FreedTime>> {
    let sql = format!("SELECT {COLUMNS} FROM freed_times WHERE appointment_id = $1 AND number = $2");
    let row: Option<FreedRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(appointment).bind(number).fetch_optional(c).await
    })?;
    Ok(row.map(FreedTime::from))
}
