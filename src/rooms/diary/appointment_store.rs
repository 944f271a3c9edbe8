//! Appointments, their cells and their history in the database.

use super::appointment::{Appointment, CancelReason, State, StateName};
use super::change::Change;
use crate::access::{AtOffices, Context};
use crate::rota::{cell_start, cells_between};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::{Event, Topic};
use startline_foundation::ids::{AppointmentId, ClaimId, ClientId, OfficeId, SeriesId, UserId};
use startline_foundation::store::{ClockSet, Db, execute, on_engine};
use std::ops::Range;

#[derive(sqlx::FromRow)]
pub(super) struct AppointmentRow {
    id: AppointmentId,
    claim_id: ClaimId,
    client_id: ClientId,
    kind: String,
    personal_adviser_id: UserId,
    office: OfficeId,
    room: Option<String>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    before_minutes: i32,
    after_minutes: i32,
    urgent: bool,
    state: String,
    held_until: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
    cancelled_reason: Option<String>,
    sequence: i32,
    series_id: Option<SeriesId>,
    made_at: DateTime<Utc>,
    arrived_at: Option<DateTime<Utc>>,
}

impl TryFrom<AppointmentRow> for Appointment {
    type Error = Error;

    fn try_from(row: AppointmentRow) -> Result<Self> {
        let why = || row.cancelled_reason.as_deref().and_then(CancelReason::parse);
        let state = match StateName::parse(&row.state) {
            Some(StateName::Held) => row.held_until.map(|until| State::Held { until }),
            Some(StateName::Booked) => Some(State::Booked),
            Some(StateName::Attended) => Some(State::Attended),
            Some(StateName::Failed) => Some(State::Failed),
            Some(StateName::Cancelled) => row.cancelled_at.zip(why()).map(|(at, why)| State::Cancelled { at, why }),
            Some(StateName::Released) => Some(State::Released),
            None => None,
        };
        let unknown = || Error::internal(format!("an appointment is in the unknown state {}", row.state));
        let minutes = |stored: i32| u32::try_from(stored).unwrap_or(0);
        Ok(Self {
            state: state.ok_or_else(unknown)?,
            id: row.id,
            claim_id: row.claim_id,
            client_id: row.client_id,
            kind: row.kind,
            personal_adviser: row.personal_adviser_id,
            office: row.office,
            room: row.room,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            before_minutes: minutes(row.before_minutes),
            after_minutes: minutes(row.after_minutes),
            urgent: row.urgent,
            sequence: minutes(row.sequence),
            series: row.series_id,
            made_at: row.made_at,
            arrived_at: row.arrived_at,
        })
    }
}

/// The state's name, until when it is held, when it was cancelled and why.
type StoredState = (&'static str, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<&'static str>);

fn stored_state(state: State) -> StoredState {
    let (held_until, cancelled_at, why) = match state {
        State::Held { until } => (Some(until), None, None),
        State::Cancelled { at, why } => (None, Some(at), Some(why.as_str())),
        State::Booked | State::Attended | State::Failed | State::Released => (None, None, None),
    };
    (state.name().as_str(), held_until, cancelled_at, why)
}

pub(super) const COLUMNS: &str = "id, claim_id, client_id, kind, personal_adviser_id, office, room, starts_at, ends_at, \
                                  before_minutes, after_minutes, urgent, state, held_until, cancelled_at, \
                                  cancelled_reason, sequence, series_id, made_at, arrived_at";

fn stored(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Whoever looks at the day or at the claim is told; and a time that was given up may serve somebody.
fn tell(db: &mut Db<'_>, appointment: &Appointment) {
    db.after_commit(Topic::Office(appointment.office.clone()));
    db.after_commit(Topic::Person(appointment.personal_adviser));
    db.after_commit(Topic::Claim(appointment.claim_id));
    if appointment.sequence > 0 {
        db.after_commit(Event::TimeFreed);
    }
}

pub async fn insert(db: &mut Db<'_>, appointment: &Appointment, held_by: Option<UserId>) -> Result<()> {
    let places: Vec<String> = (1..=21).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO appointments ({COLUMNS}, held_by) VALUES ({})", places.join(", "));
    let (state, held_until, cancelled_at, why) = stored_state(appointment.state);
    let done = execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(appointment.id)
            .bind(appointment.claim_id)
            .bind(appointment.client_id)
            .bind(&appointment.kind)
            .bind(appointment.personal_adviser)
            .bind(appointment.office.clone())
            .bind(&appointment.room)
            .bind(appointment.starts_at)
            .bind(appointment.ends_at)
            .bind(stored(appointment.before_minutes))
            .bind(stored(appointment.after_minutes))
            .bind(appointment.urgent)
            .bind(state)
            .bind(held_until)
            .bind(cancelled_at)
            .bind(why)
            .bind(stored(appointment.sequence))
            .bind(appointment.series)
            .bind(appointment.made_at)
            .bind(appointment.arrived_at)
            .bind(held_by)
    );
    tell(db, appointment);
    match done {
        Ok(_) => Ok(()),
        // Two desks on one claim at the same moment.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::Contended),
        Err(fault) => Err(fault.into()),
    }
}

/// Writes everything about the appointment that may change.
pub async fn save(db: &mut Db<'_>, appointment: &Appointment) -> Result<()> {
    let (state, held_until, cancelled_at, why) = stored_state(appointment.state);
    let sql = "UPDATE appointments SET state = $1, held_until = $2, cancelled_at = $3, cancelled_reason = $4, \
               sequence = $5, arrived_at = $6, personal_adviser_id = $7, office = $8, room = $9, starts_at = $10, \
               ends_at = $11, before_minutes = $12, after_minutes = $13, urgent = $14 WHERE id = $15";
    execute!(
        db,
        sqlx::query(sql)
            .bind(state)
            .bind(held_until)
            .bind(cancelled_at)
            .bind(why)
            .bind(stored(appointment.sequence))
            .bind(appointment.arrived_at)
            .bind(appointment.personal_adviser)
            .bind(appointment.office.clone())
            .bind(&appointment.room)
            .bind(appointment.starts_at)
            .bind(appointment.ends_at)
            .bind(stored(appointment.before_minutes))
            .bind(stored(appointment.after_minutes))
            .bind(appointment.urgent)
            .bind(appointment.id)
    )?;
    tell(db, appointment);
    Ok(())
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

pub async fn give_back_cells(db: &mut Db<'_>, appointment: &Appointment) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM appointment_cells WHERE appointment_id = $1").bind(appointment.id))?;
    // Where it stood: a move will tell where it stands.
    tell(db, appointment);
    Ok(())
}

/// A hold that has run out and still has its cells.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ExpiredHold {
    #[sqlx(rename = "personal_adviser_id")]
    pub personal_adviser: UserId,
    pub kind: String,
    pub starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    before_minutes: i32,
    after_minutes: i32,
}

impl ExpiredHold {
    pub fn busy_on(&self, midnight: DateTime<Utc>) -> Option<Range<usize>> {
        let minutes = |stored: i32| chrono::TimeDelta::minutes(stored.into());
        let (from, until) = (self.starts_at - minutes(self.before_minutes), self.ends_at + minutes(self.after_minutes));
        (from >= midnight).then(|| cells_between(midnight, from, until))
    }
}

/// Until when the slots are held that this user holds for claims other than this one.
pub async fn held_for_others(
    db: &mut Db<'_>,
    held_by: UserId,
    claim: ClaimId,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    let sql = "SELECT held_until FROM appointments \
               WHERE state = 'held' AND held_by = $1 AND claim_id <> $2 AND held_until > $3";
    let rows: Vec<(DateTime<Utc>,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(held_by).bind(claim).bind(now).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(until,)| until).collect())
}

pub async fn expired_holds(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Vec<ExpiredHold>> {
    let sql = "SELECT personal_adviser_id, kind, starts_at, ends_at, before_minutes, after_minutes FROM appointments \
               WHERE state = 'held' AND held_until <= $1 ORDER BY held_until, id";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(now).fetch_all(c).await)?)
}

/// One personal adviser's time between two moments.
pub type TimeOf = (UserId, (DateTime<Utc>, DateTime<Utc>));

/// Holds that have run out, everybody's or of one time, kept from others until the transaction ends. Those that somebody is
/// just at are passed over: nobody waits for a hold while they keep a day, and whoever is at it will see to it.
pub async fn expired_to_release(db: &mut Db<'_>, of: Option<TimeOf>, now: DateTime<Utc>) -> Result<Vec<Appointment>> {
    let lock = db.skip_locked();
    let rows: Vec<AppointmentRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM appointments WHERE state = 'held' AND held_until <= ").push_bind(now);
        if let Some((person, (from, until))) = of {
            query.push(" AND personal_adviser_id = ").push_bind(person);
            query.push(" AND starts_at >= ").push_bind(from).push(" AND starts_at < ").push_bind(until);
        }
        query.push(" ORDER BY held_until, id").push(lock);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Appointment::try_from).collect()
}

/// Whether there is such a hold.
pub async fn has_expired(db: &mut Db<'_>, (person, (from, until)): TimeOf, now: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT id FROM appointments WHERE personal_adviser_id = $1 AND starts_at >= $2 AND starts_at < $3 \
               AND state = 'held' AND held_until <= $4 LIMIT 1";
    let row: Option<(AppointmentId,)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(person).bind(from).bind(until).bind(now).fetch_optional(c).await
    })?;
    Ok(row.is_some())
}

async fn one(db: &mut Db<'_>, condition: &str, id: uuid::Uuid) -> Result<Option<Appointment>> {
    let sql = format!("SELECT {COLUMNS} FROM appointments WHERE {condition}");
    let row: Option<AppointmentRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Appointment::try_from).transpose()
}

pub async fn get(db: &mut Db<'_>, id: AppointmentId) -> Result<Option<Appointment>> {
    one(db, "id = $1", id.0).await
}

pub async fn for_update(db: &mut Db<'_>, id: AppointmentId) -> Result<Option<Appointment>> {
    let condition = format!("id = $1{}", db.for_update());
    one(db, &condition, id.0).await
}

/// The claim's live meeting of a kind that is no part of a series.
pub async fn live_of_claim(db: &mut Db<'_>, claim: ClaimId, kind: &str) -> Result<Option<Appointment>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM appointments \
         WHERE claim_id = $1 AND kind = $2 AND state IN ('held', 'booked') AND series_id IS NULL{}",
        db.for_update()
    );
    let row: Option<AppointmentRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).bind(kind).fetch_optional(c).await)?;
    row.map(Appointment::try_from).transpose()
}

/// All of a claim's that are held, booked or over, kept from others until the transaction ends.
pub async fn of_claim_for_update(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Appointment>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM appointments WHERE claim_id = $1 AND state NOT IN ('cancelled', 'released') ORDER BY id{}",
        db.for_update()
    );
    let rows: Vec<AppointmentRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Appointment::try_from).collect()
}

pub async fn first_meeting_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Appointment>> {
    let condition = "claim_id = $1 AND kind = 'first-meeting' AND state IN ('booked', 'attended', 'failed') \
                     ORDER BY made_at DESC LIMIT 1";
    one(db, condition, claim.0).await
}

/// The newest first meeting to which the client came, in the office or at their home.
pub async fn held_with_client(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Appointment>> {
    let condition = "claim_id = $1 AND kind IN ('first-meeting', 'home-visit') AND state = 'attended' \
                     ORDER BY made_at DESC LIMIT 1";
    one(db, condition, claim.0).await
}

/// Whom the client met last, or is to meet next when they met nobody yet.
pub async fn last_met(db: &mut Db<'_>, client: ClientId) -> Result<Option<UserId>> {
    let sql = "SELECT personal_adviser_id FROM appointments WHERE client_id = $1 AND state IN ('attended', 'booked') \
               ORDER BY state, starts_at DESC LIMIT 1";
    let row: Option<(UserId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_optional(c).await)?;
    Ok(row.map(|(person,)| person))
}

pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Appointment>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM appointments WHERE claim_id = $1 AND state NOT IN ('held', 'released') \
         ORDER BY starts_at, id"
    );
    let rows: Vec<AppointmentRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Appointment::try_from).collect()
}

/// What is booked or was held of one personal adviser between two moments, in the order of time; of others than themselves,
/// at these offices.
pub async fn of_person(
    db: &mut Db<'_>,
    personal_adviser: UserId,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    seen: Option<&AtOffices>,
) -> Result<Vec<Appointment>> {
    let rows: Vec<AppointmentRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM appointments WHERE state IN ('held', 'booked', 'attended', 'failed')");
        query.push(" AND personal_adviser_id = ").push_bind(personal_adviser);
        query.push(" AND starts_at >= ").push_bind(bounds.0).push(" AND starts_at < ").push_bind(bounds.1);
        if let Some(seen) = seen.filter(|seen| seen.own != Some(personal_adviser)) {
            query.push(" AND office IN (");
            let mut offices = query.separated(", ");
            for office in &seen.offices {
                offices.push_bind(office.clone());
            }
            query.push(")");
        }
        query.push(" ORDER BY starts_at, id");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Appointment::try_from).collect()
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

/// Whether the client has another appointment at that time.
pub async fn client_is_busy(db: &mut Db<'_>, appointment: &Appointment) -> Result<bool> {
    let sql = "SELECT id FROM appointments WHERE client_id = $1 AND id <> $2 AND state = 'booked' \
               AND starts_at < $3 AND ends_at > $4 LIMIT 1";
    let row: Option<(AppointmentId,)> = on_engine!(db, c => {
        let query = sqlx::query_as(sql).bind(appointment.client_id).bind(appointment.id);
        query.bind(appointment.ends_at).bind(appointment.starts_at).fetch_optional(c).await
    })?;
    Ok(row.is_some())
}

/// The moments at which the cells of a range begin.
pub fn moments(midnight: DateTime<Utc>, cells: Range<usize>) -> Vec<DateTime<Utc>> {
    cells.map(|cell| cell_start(midnight, cell)).collect()
}

/// Writes down a move of the appointment, with its time and place as they now are.
pub async fn record(db: &mut Db<'_>, context: &Context, appointment: &Appointment, change: &Change) -> Result<()> {
    let (event, reason, note) = change.words();
    let sql = "INSERT INTO appointment_events (appointment_id, number, event, reason, note, personal_adviser_id, office, \
               starts_at, at, user_id) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM appointment_events \
               WHERE appointment_id = $1";
    execute!(
        db,
        sqlx::query(sql)
            .bind(appointment.id)
            .bind(event)
            .bind(reason)
            .bind(note)
            .bind(appointment.personal_adviser)
            .bind(appointment.office.clone())
            .bind(appointment.starts_at)
            .bind(context.now)
            .bind(context.user.id)
    )?;
    Ok(())
}

/// Places are held as long as they would have been.
pub async fn clock_was_set(db: &mut Db<'_>, set: ClockSet) -> Result<()> {
    set.move_along(db, "appointments", "held_until").await
}
