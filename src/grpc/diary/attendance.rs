//! Whether clients came, and what follows.

use crate::access::Context;
use crate::diary::Attendance;
use crate::error::{Error, Result};
use crate::followup;
use crate::grpc::doors::DiaryDoor;
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
        let attendance = match asked.attendance() {
            pb::Attendance::Arrived => Attendance::Arrived,
            pb::Attendance::Attended => Attendance::Attended,
            pb::Attendance::Failed => Attendance::Failed,
            pb::Attendance::Unspecified => {
                return Err(Error::invalid("attendance", "is needed: did the client come?"));
            }
        };
        let recorded = followup::record_attendance(db, context, &self.0.definitions, id, attendance).await?;
        let appointment = self.told(db, context, &recorded).await?;
        Ok(pb::RecordAttendanceResponse { appointment: Some(appointment) })
    }
}
