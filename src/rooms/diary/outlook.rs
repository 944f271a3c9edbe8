//! What others see of the diary: booked appointments that lie ahead, and a person's or an office's calendar.

use super::outlook_store as store;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClientId, OfficeId, UserId};
use startline_foundation::store::Db;

/// An appointment as a calendar or a reminder needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: AppointmentId,
    /// Grows by one with each move and with a cancellation.
    pub sequence: i32,
    pub client_id: ClientId,
    pub personal_adviser: UserId,
    pub kind: String,
    pub office: OfficeId,
    pub room: Option<String>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// Booked, and neither moved away nor over.
    pub booked: bool,
    pub cancelled: bool,
    /// The last time that anything about it was changed.
    pub changed_at: DateTime<Utc>,
}

/// Whose calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    PersonalAdviser(UserId),
    Office(OfficeId),
}

/// Booked appointments that begin between two instants, by time, after the one named.
pub async fn booked_between(
    db: &mut Db<'_>,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Entry>> {
    store::booked_between(db, bounds, after, most).await
}

/// Everything in a calendar that begins between two instants, by time: what was kept and missed as well, and what was
/// cancelled since `cancelled_since`.
pub async fn calendar(
    db: &mut Db<'_>,
    whose: &Whose,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    cancelled_since: DateTime<Utc>,
    most: i32,
) -> Result<Vec<Entry>> {
    store::calendar(db, whose, bounds, cancelled_since, most).await
}

/// One appointment as it stands now; none when there is no such appointment.
pub async fn entry(db: &mut Db<'_>, id: AppointmentId) -> Result<Option<Entry>> {
    store::entry(db, id).await
}
