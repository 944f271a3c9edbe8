//! Checks in the database.

use super::check::{Check, Stands, Taken};
use super::formula::CheckTime;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, QueryBuilder};
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{AppointmentId, ClaimId, OfficeId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

const COLUMNS: &str =
    "appointment_id, claim_id, office, opened_at, arrived_at, taken_by, taken_at, completed_at, version";

#[derive(sqlx::FromRow)]
struct Row {
    appointment_id: AppointmentId,
    claim_id: ClaimId,
    office: OfficeId,
    opened_at: Option<DateTime<Utc>>,
    arrived_at: Option<DateTime<Utc>>,
    taken_by: Option<UserId>,
    taken_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    version: i32,
}

impl TryFrom<Row> for Check {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let stands = match (row.taken_by.zip(row.taken_at), row.completed_at) {
            (None, None) => Stands::Open,
            (Some((by, at)), None) => Stands::Taken(Taken { by, at }),
            (Some((by, taken)), Some(at)) => Stands::Complete { taken: Taken { by, at: taken }, at },
            (None, Some(_)) => return Err(Error::internal("a check is complete that nobody had")),
        };
        Ok(Self {
            appointment_id: row.appointment_id,
            claim_id: row.claim_id,
            office: row.office,
            opened_at: row.opened_at,
            arrived_at: row.arrived_at,
            stands,
            version: row.version,
        })
    }
}

fn tell(db: &mut Db<'_>, check: &Check) {
    db.after_commit(Topic::Office(check.office.clone()));
    db.after_commit(Topic::Claim(check.claim_id));
}

/// Keeps a check as it stands. The caller holds the claim's row.
pub async fn put(db: &mut Db<'_>, check: &Check) -> Result<()> {
    let sql = format!(
        "INSERT INTO claim_checks ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (appointment_id) DO UPDATE SET opened_at = excluded.opened_at, arrived_at = excluded.arrived_at, taken_by = excluded.taken_by, \
         taken_at = excluded.taken_at, completed_at = excluded.completed_at, version = excluded.version"
    );
    let taken = check.taken();
    execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(check.appointment_id)
            .bind(check.claim_id)
            .bind(check.office.clone())
            .bind(check.opened_at)
            .bind(check.arrived_at)
            .bind(taken.map(|taken| taken.by))
            .bind(taken.map(|taken| taken.at))
            .bind(check.completed_at())
            .bind(check.version)
    )?;
    tell(db, check);
    Ok(())
}

/// False when nothing was kept.
pub async fn remove(db: &mut Db<'_>, appointment: AppointmentId) -> Result<bool> {
    let Some(check) = get(db, appointment).await? else { return Ok(false) };
    execute!(db, sqlx::query("DELETE FROM claim_checks WHERE appointment_id = $1").bind(appointment))?;
    tell(db, &check);
    Ok(true)
}

pub async fn get(db: &mut Db<'_>, appointment: AppointmentId) -> Result<Option<Check>> {
    let sql = format!("SELECT {COLUMNS} FROM claim_checks WHERE appointment_id = $1");
    let row: Option<Row> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(appointment).fetch_optional(c).await)?;
    row.map(Check::try_from).transpose()
}

pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Check>> {
    let sql = format!("SELECT {COLUMNS} FROM claim_checks WHERE claim_id = $1");
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Check::try_from).collect()
}

pub async fn of_appointments(db: &mut Db<'_>, appointments: &[AppointmentId]) -> Result<Vec<Check>> {
    if appointments.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = on_engine!(db, c => {
        let mut query = QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM claim_checks WHERE appointment_id IN (");
        let mut list = query.separated(", ");
        for id in appointments {
            list.push_bind(*id);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Check::try_from).collect()
}

/// Checks of an office whose clients came between these moments, in order.
pub async fn opened_at(
    db: &mut Db<'_>,
    office: &OfficeId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<(DateTime<Utc>, CheckTime)>> {
    let sql = "SELECT opened_at, arrived_at, completed_at FROM claim_checks \
               WHERE office = $1 AND opened_at >= $2 AND opened_at < $3 ORDER BY opened_at";
    type Times = (DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let rows: Vec<Times> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(office.clone()).bind(from).bind(until).fetch_all(c).await
    })?;
    let time = |(opened, arrived_at, completed_at): Times| (opened, CheckTime { arrived_at, completed_at });
    Ok(rows.into_iter().map(time).collect())
}
