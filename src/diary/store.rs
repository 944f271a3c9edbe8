//! Working patterns, appointments and their cells in the database.

use super::appointment::{Appointment, State};
use super::pattern::{Shift, WorkingPattern};
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, ClaimId, ClientId, OfficeId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use std::collections::HashSet;

#[derive(sqlx::FromRow)]
struct PatternRow {
    personal_adviser_id: UserId,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    site: SiteId,
    office: OfficeId,
    shifts: Json<Vec<Shift>>,
}

impl From<PatternRow> for WorkingPattern {
    fn from(row: PatternRow) -> Self {
        Self {
            personal_adviser: row.personal_adviser_id,
            site: row.site,
            office: row.office,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            shifts: row.shifts.0,
        }
    }
}

pub async fn save_pattern(db: &mut Db<'_>, pattern: &WorkingPattern) -> Result<()> {
    let sql = "INSERT INTO working_patterns (user_id, valid_from, valid_to, site, office, weeks, shifts) \
               VALUES ($1, $2, $3, $4, $5, 1, $6) \
               ON CONFLICT (user_id, valid_from) DO UPDATE SET \
               valid_to = excluded.valid_to, site = excluded.site, office = excluded.office, shifts = excluded.shifts";
    execute!(
        db,
        sqlx::query(sql)
            .bind(pattern.personal_adviser)
            .bind(pattern.valid_from)
            .bind(pattern.valid_to)
            .bind(pattern.site.clone())
            .bind(pattern.office.clone())
            .bind(Json(&pattern.shifts))
    )?;
    Ok(())
}

pub async fn patterns_of_site(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<WorkingPattern>> {
    let sql = "SELECT user_id AS personal_adviser_id, valid_from, valid_to, site, office, shifts FROM working_patterns \
               WHERE site = $1 AND office IS NOT NULL ORDER BY user_id, valid_from";
    let rows: Vec<PatternRow> = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).fetch_all(c).await)?;
    Ok(rows.into_iter().map(WorkingPattern::from).collect())
}

#[derive(sqlx::FromRow)]
struct AppointmentRow {
    id: AppointmentId,
    claim_id: ClaimId,
    client_id: ClientId,
    personal_adviser_id: UserId,
    office: OfficeId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    state: String,
    held_until: Option<DateTime<Utc>>,
    made_at: DateTime<Utc>,
}

impl TryFrom<AppointmentRow> for Appointment {
    type Error = Error;

    fn try_from(row: AppointmentRow) -> Result<Self> {
        let state = match (row.state.as_str(), row.held_until) {
            ("held", Some(until)) => State::Held { until },
            ("booked", _) => State::Booked,
            ("attended", _) => State::Attended,
            ("failed", _) => State::Failed,
            ("released", _) => State::Released,
            (other, _) => return Err(Error::internal(format!("an appointment is in the unknown state {other}"))),
        };
        Ok(Self {
            id: row.id,
            claim_id: row.claim_id,
            client_id: row.client_id,
            personal_adviser: row.personal_adviser_id,
            office: row.office,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            state,
            made_at: row.made_at,
        })
    }
}

fn stored_state(state: State) -> (&'static str, Option<DateTime<Utc>>) {
    match state {
        State::Held { until } => ("held", Some(until)),
        State::Booked => ("booked", None),
        State::Attended => ("attended", None),
        State::Failed => ("failed", None),
        State::Released => ("released", None),
    }
}

const COLUMNS: &str = "id, claim_id, client_id, personal_adviser_id, office, starts_at, ends_at, state, held_until, \
                       made_at";

pub async fn insert(db: &mut Db<'_>, appointment: &Appointment) -> Result<()> {
    let sql = format!("INSERT INTO appointments ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    let (state, held_until) = stored_state(appointment.state);
    let done = execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(appointment.id)
            .bind(appointment.claim_id)
            .bind(appointment.client_id)
            .bind(appointment.personal_adviser)
            .bind(appointment.office.clone())
            .bind(appointment.starts_at)
            .bind(appointment.ends_at)
            .bind(state)
            .bind(held_until)
            .bind(appointment.made_at)
    );
    match done {
        Ok(_) => Ok(()),
        // Two desks on one claim at the same moment.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::Contended),
        Err(fault) => Err(fault.into()),
    }
}

/// Takes the cells in the order of time, which is what keeps two bookings from waiting for each other. False when one
/// of them is somebody else's.
pub async fn take_cells(db: &mut Db<'_>, appointment: &Appointment, cells: &[DateTime<Utc>]) -> Result<bool> {
    let added = on_engine!(db, c => {
        let mut query =
            sqlx::QueryBuilder::new("INSERT INTO appointment_cells (personal_adviser_id, cell_start, appointment_id) ");
        query.push_values(cells, |mut row, cell| {
            row.push_bind(appointment.personal_adviser).push_bind(*cell).push_bind(appointment.id);
        });
        query.push(" ON CONFLICT (personal_adviser_id, cell_start) DO NOTHING");
        query.build().execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(added == cells.len() as u64)
}

/// The cells that are taken, leaving out those of holds that have run out.
pub async fn taken(
    db: &mut Db<'_>,
    personal_adviser: UserId,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<HashSet<DateTime<Utc>>> {
    let sql = "SELECT c.cell_start FROM appointment_cells c JOIN appointments a ON a.id = c.appointment_id \
               WHERE c.personal_adviser_id = $1 AND c.cell_start >= $2 AND c.cell_start < $3 \
               AND (a.state <> 'held' OR a.held_until > $4)";
    let rows: Vec<(DateTime<Utc>,)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(personal_adviser).bind(bounds.0).bind(bounds.1).bind(now).fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|(cell,)| cell).collect())
}

/// Gives back the cells of one appointment that is not wanted any more.
pub async fn release(db: &mut Db<'_>, id: AppointmentId) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM appointment_cells WHERE appointment_id = $1").bind(id))?;
    let sql = "UPDATE appointments SET state = 'released', held_until = NULL WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(id))?;
    Ok(())
}

/// Gives back the cells of this personal adviser's holds that have run out.
pub async fn release_expired(db: &mut Db<'_>, personal_adviser: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = format!(
        "SELECT id FROM appointments \
         WHERE personal_adviser_id = $1 AND state = 'held' AND held_until <= $2 ORDER BY id{}",
        db.for_update()
    );
    let expired: Vec<(AppointmentId,)> = on_engine!(db, c => {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(personal_adviser).bind(now).fetch_all(c).await
    })?;
    for (id,) in expired {
        release(db, id).await?;
    }
    Ok(())
}

async fn one(db: &mut Db<'_>, condition: &str, id: uuid::Uuid) -> Result<Option<Appointment>> {
    let sql = format!("SELECT {COLUMNS} FROM appointments WHERE {condition}");
    let row: Option<AppointmentRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Appointment::try_from).transpose()
}

pub async fn for_update(db: &mut Db<'_>, id: AppointmentId) -> Result<Option<Appointment>> {
    let condition = format!("id = $1{}", db.for_update());
    one(db, &condition, id.0).await
}

pub async fn live_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Appointment>> {
    let condition = format!("claim_id = $1 AND state IN ('held', 'booked'){}", db.for_update());
    one(db, &condition, claim.0).await
}

pub async fn meeting_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Appointment>> {
    let condition = "claim_id = $1 AND state IN ('booked', 'attended', 'failed') ORDER BY made_at DESC LIMIT 1";
    one(db, condition, claim.0).await
}

/// The newest meeting to which the client came.
pub async fn held_with_client(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Appointment>> {
    one(db, "claim_id = $1 AND state = 'attended' ORDER BY made_at DESC LIMIT 1", claim.0).await
}

pub async fn of_office(
    db: &mut Db<'_>,
    office: &OfficeId,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Appointment>> {
    let rows: Vec<AppointmentRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM appointments WHERE state IN ('booked', 'attended', 'failed') AND office = ");
        query.push_bind(office.clone()).push(" AND starts_at >= ").push_bind(bounds.0);
        query.push(" AND starts_at < ").push_bind(bounds.1);
        if let Some((starts_at, id)) = after {
            query.push(" AND (starts_at > ").push_bind(starts_at).push(" OR (starts_at = ").push_bind(starts_at);
            query.push(" AND id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY starts_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Appointment::try_from).collect()
}

pub async fn save_state(db: &mut Db<'_>, appointment: &Appointment) -> Result<()> {
    let (state, held_until) = stored_state(appointment.state);
    let sql = "UPDATE appointments SET state = $1, held_until = $2 WHERE id = $3";
    execute!(db, sqlx::query(sql).bind(state).bind(held_until).bind(appointment.id))?;
    Ok(())
}
