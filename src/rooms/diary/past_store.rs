//! What has happened to appointments, read for those who follow them up.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClaimId, UserId};
use startline_foundation::store::{Db, on_engine};

/// When it was recorded that the claim's client came, each time, and to what kind of meeting.
pub async fn attended_at(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<(DateTime<Utc>, String)>> {
    let sql = "SELECT e.at, a.kind FROM appointment_events e JOIN appointments a ON a.id = e.appointment_id \
               WHERE a.claim_id = $1 AND e.event = 'attended' ORDER BY e.at";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_all(c).await)?)
}

/// Whether somebody is booked with a personal adviser at a time.
pub async fn is_booked_at(db: &mut Db<'_>, personal_adviser: UserId, at: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT a.id FROM appointment_cells x JOIN appointments a ON a.id = x.appointment_id \
               WHERE x.personal_adviser_id = $1 AND x.cell_start = $2 AND a.state = 'booked'";
    let row: Option<(AppointmentId,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(personal_adviser).bind(at).fetch_optional(c).await)?;
    Ok(row.is_some())
}
