//! Whether clients came, and what follows.

use super::{Answered, DiaryDoor};
use crate::diary::Attendance;
use crate::error::Error;
use crate::followup;
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::pb;
use crate::ids::AppointmentId;
use tonic::Request;

impl DiaryDoor {
    pub(super) async fn attendance(
        &self,
        request: Request<pb::RecordAttendanceRequest>,
    ) -> Answered<pb::RecordAttendanceResponse> {
        retrying(|| self.attendance_once(&request)).await
    }

    async fn attendance_once(
        &self,
        request: &Request<pb::RecordAttendanceRequest>,
    ) -> Answered<pb::RecordAttendanceResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let attendance = match asked.attendance() {
            pb::Attendance::Arrived => Attendance::Arrived,
            pb::Attendance::Attended => Attendance::Attended,
            pb::Attendance::Failed => Attendance::Failed,
            pb::Attendance::Unspecified => {
                return Err(Error::invalid("attendance", "is needed: did the client come?").into());
            }
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let recorded = followup::record_attendance(db, context, &self.0.definitions, id, attendance).await?;
        let appointment = self.told(&mut mutation, &recorded).await?;
        let answer = mutation.finish(pb::RecordAttendanceResponse { appointment: Some(appointment) }).await?;
        self.changed(&recorded);
        Ok(answer)
    }
}
