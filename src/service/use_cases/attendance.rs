//! Whether clients came, and what follows.

use crate::access::Context;
use crate::definition::Definitions;
use crate::diary::{self, Appointment, Attendance};
use crate::error::Result;
use crate::followup;
use crate::ids::AppointmentId;
use crate::store::Db;

/// Records whether the client came. What is to be done about it is on the list when this is acknowledged.
///
/// # Errors
/// `NotFound`; `Illegal` when it is not the time for it.
pub async fn record_attendance(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: AppointmentId,
    attendance: Attendance,
) -> Result<Appointment> {
    let recorded = diary::record_attendance(db, context, id, attendance).await?;
    followup::attendance_recorded(db, context, definitions, &recorded, attendance).await?;
    Ok(recorded)
}
