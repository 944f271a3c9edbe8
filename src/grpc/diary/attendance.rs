//! Whether clients came, and what follows.

use crate::access::Context;
use crate::error::Result;
use crate::followup;
use crate::grpc::doors::DiaryDoor;
use crate::grpc::mirrors::needed;
use crate::grpc::pb;
use crate::ids::AppointmentId;
use crate::store::Db;

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
