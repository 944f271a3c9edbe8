//! Holding, booking, moving and cancelling.

use super::finding::whose_meeting_to_be;
use super::message::{self, parse_day, parse_reason, parse_time};
use crate::doors::DiaryDoor;
use crate::{convert, pb};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClaimId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::diary::{self, Appointment, Series, Wish};
use startline_service::use_cases::meetings;

impl DiaryDoor {
    pub async fn hold_slot(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::HoldSlotRequest,
    ) -> Result<pb::HoldSlotResponse> {
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
        let start = convert::time("start_time", asked.start_time)?;
        let whose = whose_meeting_to_be(db, definition, claim_id).await?;
        let wish = whose.wish(asked.wishes.as_ref())?;
        let held = diary::hold_slot(db, context, definition, claim_id, &wish, adviser, start).await?;
        let appointment = self.told(db, context, &held).await?;
        Ok(pb::HoldSlotResponse { appointment: Some(appointment) })
    }

    pub async fn book_appointment(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::BookAppointmentRequest,
    ) -> Result<pb::BookAppointmentResponse> {
        let definition = self.0.definitions.current();
        let booked = if asked.appointment_id.is_empty() {
            let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
            let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
            let start = convert::time("start_time", asked.start_time)?;
            let whose = whose_meeting_to_be(db, definition, claim_id).await?;
            let wish = whose.wish(asked.wishes.as_ref())?;
            meetings::book_slot(db, context, &self.0.definitions, &whose.claim, &wish, (adviser, start)).await?
        } else {
            let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
            let held = diary::appointment(db, id).await?;
            let whose = whose_meeting_to_be(db, definition, held.claim_id).await?;
            let wish = as_held(whose.wish(None)?, &held);
            meetings::book_held(db, context, &self.0.definitions, &wish, id).await?
        };
        let appointment = self.told(db, context, &booked).await?;
        Ok(pb::BookAppointmentResponse { appointment: Some(appointment) })
    }

    pub async fn move_appointment(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::MoveAppointmentRequest,
    ) -> Result<pb::MoveAppointmentResponse> {
        let definition = self.0.definitions.current();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let to = (
            UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?,
            convert::time("start_time", asked.start_time)?,
        );
        let why = (parse_reason(asked.reason)?, asked.note.as_str());
        let before = diary::appointment(db, id).await?;
        let whose = whose_meeting_to_be(db, definition, before.claim_id).await?;
        let wish = as_held(whose.wish(asked.wishes.as_ref())?, &before);
        let moved = meetings::move_to(db, context, &self.0.definitions, &wish, (id, to), why).await?;
        let appointment = self.told(db, context, &moved).await?;
        Ok(pb::MoveAppointmentResponse { appointment: Some(appointment) })
    }

    pub async fn cancel_appointment(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CancelAppointmentRequest,
    ) -> Result<pb::CancelAppointmentResponse> {
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let why = (parse_reason(asked.reason)?, asked.note.as_str());
        let cancelled = meetings::cancel(db, context, &self.0.definitions, id, why).await?;
        let appointment = self.told(db, context, &cancelled).await?;
        Ok(pb::CancelAppointmentResponse { appointment: Some(appointment) })
    }

    pub async fn book_series(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::BookSeriesRequest,
    ) -> Result<pb::BookSeriesResponse> {
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let series = Series {
            personal_adviser: UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?,
            first_day: parse_day("first_day", &asked.first_day)?,
            at: parse_time("start", &asked.start)?,
            every_weeks: asked.every_weeks,
            times: asked.times,
        };
        let whose = whose_meeting_to_be(db, definition, claim_id).await?;
        let mut wish = whose.wish(asked.wishes.as_ref())?;
        if wish.wishes.kind.is_empty() {
            wish.wishes.kind = FOLLOW_UP.to_owned();
        }
        let booked = diary::book_series(db, context, definition, claim_id, &wish, &series).await?;
        let appointments = message::appointments(db, definition, &booked, context.language).await?;
        Ok(pb::BookSeriesResponse { appointments })
    }

    /// The appointment as it is told.
    pub(super) async fn told(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        appointment: &Appointment,
    ) -> Result<pb::Appointment> {
        message::appointment(db, self.0.definitions.current(), appointment, context.language).await
    }
}

/// What a series is of, when nothing is said.
const FOLLOW_UP: &str = "follow-up";

/// The appointment stays of its kind and as long as it is, unless another length was asked for.
fn as_held<'a>(mut wish: Wish<'a>, held: &Appointment) -> Wish<'a> {
    wish.wishes.kind = held.kind.clone();
    if wish.wishes.minutes.is_none() {
        wish.wishes.minutes = u32::try_from((held.ends_at - held.starts_at).num_minutes()).ok();
    }
    wish
}
