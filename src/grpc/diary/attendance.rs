//! Whether clients came, and what follows.

use crate::doors::DiaryDoor;
use crate::mirrors::needed;
use crate::pb;
use startline_foundation::error::Result;
use startline_foundation::ids::AppointmentId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::followup;

impl DiaryDoor {
    pub async fn record_attendance(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordAttendanceRequest,
    ) -> Result<pb::RecordAttendanceResponse> {
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let attendance = needed::<pb::Attendance>("attendance", asked.attendance, "is needed: did the client come?")?;
        let recorded = followup::record_attendance(db, context, &self.0.definitions, id, attendance).await?;
        let appointment = self.told(db, context, &recorded).await?;
        Ok(pb::RecordAttendanceResponse { appointment: Some(appointment) })
    }
}
