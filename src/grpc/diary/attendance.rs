//! Whether clients came, and what follows.

use crate::doors::DiaryDoor;
use crate::mirrors::needed;
use crate::pb;
use startline_foundation::error::Result;
use startline_foundation::ids::AppointmentId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::diary::Attendance;
use startline_rooms::{checks, claims, diary, followup};

impl DiaryDoor {
    pub async fn record_attendance(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordAttendanceRequest,
    ) -> Result<pb::RecordAttendanceResponse> {
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let attendance = needed::<pb::Attendance>("attendance", asked.attendance, "is needed: did the client come?")?;
        // Before the meeting, which is kept with it: what is to be checked is the claim.
        let claim = diary::appointment(db, id).await?.claim_id;
        claims::for_update(db, claim).await?;
        let recorded = followup::record_attendance(db, context, &self.0.definitions, id, attendance).await?;
        match attendance {
            Attendance::Failed => checks::client_did_not_come(db, &recorded).await?,
            Attendance::Arrived | Attendance::Attended => checks::client_came(db, context, &recorded).await?,
        }
        let appointment = self.told(db, context, &recorded).await?;
        Ok(pb::RecordAttendanceResponse { appointment: Some(appointment) })
    }
}
