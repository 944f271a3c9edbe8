//! Holding, booking, moving and cancelling.

use super::finding::whose_meeting;
use super::message::{self, parse_day, parse_reason, parse_time};
use super::{Answered, DiaryDoor};
use crate::diary::{self, Appointment, Series, Wish};
use crate::error::{Error, Result};
use crate::grpc::mutation::{Mutation, begin, retrying};
use crate::grpc::{convert, pb};
use crate::ids::{AppointmentId, ClaimId, UserId};
use tonic::Request;

impl DiaryDoor {
    pub(super) async fn hold(&self, request: Request<pb::HoldSlotRequest>) -> Answered<pb::HoldSlotResponse> {
        retrying(|| self.hold_once(&request)).await
    }

    pub(super) async fn book(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Answered<pb::BookAppointmentResponse> {
        retrying(|| self.book_once(&request)).await
    }

    pub(super) async fn change_time(
        &self,
        request: Request<pb::MoveAppointmentRequest>,
    ) -> Answered<pb::MoveAppointmentResponse> {
        retrying(|| self.move_once(&request)).await
    }

    pub(super) async fn cancel(
        &self,
        request: Request<pb::CancelAppointmentRequest>,
    ) -> Answered<pb::CancelAppointmentResponse> {
        retrying(|| self.cancel_once(&request)).await
    }

    pub(super) async fn series(&self, request: Request<pb::BookSeriesRequest>) -> Answered<pb::BookSeriesResponse> {
        retrying(|| self.series_once(&request)).await
    }

    async fn hold_once(&self, request: &Request<pb::HoldSlotRequest>) -> Answered<pb::HoldSlotResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
        let start = convert::time("start_time", asked.start_time)?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let whose = whose_meeting(db, definition, claim_id).await?;
        let wish = whose.wish(asked.wishes.as_ref())?;
        let held = diary::hold_slot(db, context, definition, claim_id, &wish, adviser, start).await?;
        let appointment = self.told(&mut mutation, &held).await?;
        let answer = mutation.finish(pb::HoldSlotResponse { appointment: Some(appointment) }).await?;
        self.changed(&held);
        Ok(answer)
    }

    async fn book_once(&self, request: &Request<pb::BookAppointmentRequest>) -> Answered<pb::BookAppointmentResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let booked = if asked.appointment_id.is_empty() {
            let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
            let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
            let start = convert::time("start_time", asked.start_time)?;
            let whose = whose_meeting(db, definition, claim_id).await?;
            let wish = whose.wish(asked.wishes.as_ref())?;
            diary::book_slot(db, context, definition, claim_id, &wish, adviser, start).await?
        } else {
            let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
            let held = diary::appointment(db, id).await?;
            let whose = whose_meeting(db, definition, held.claim_id).await?;
            let wish = as_held(whose.wish(None)?, &held);
            diary::book_appointment(db, context, definition, &wish, id).await?
        };
        let appointment = self.told(&mut mutation, &booked).await?;
        let answer = mutation.finish(pb::BookAppointmentResponse { appointment: Some(appointment) }).await?;
        self.changed(&booked);
        Ok(answer)
    }

    async fn move_once(&self, request: &Request<pb::MoveAppointmentRequest>) -> Answered<pb::MoveAppointmentResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let to = (
            UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?,
            convert::time("start_time", asked.start_time)?,
        );
        let why = (parse_reason(asked.reason())?, asked.note.as_str());
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let before = diary::appointment(db, id).await?;
        let whose = whose_meeting(db, definition, before.claim_id).await?;
        let wish = as_held(whose.wish(asked.wishes.as_ref())?, &before);
        let moved = diary::move_appointment(db, context, definition, &wish, id, to, why).await?;
        let appointment = self.told(&mut mutation, &moved).await?;
        let answer = mutation.finish(pb::MoveAppointmentResponse { appointment: Some(appointment) }).await?;
        self.changed(&before);
        self.changed(&moved);
        Ok(answer)
    }

    async fn cancel_once(
        &self,
        request: &Request<pb::CancelAppointmentRequest>,
    ) -> Answered<pb::CancelAppointmentResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let why = parse_reason(asked.reason())?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let cancelled = diary::cancel_appointment(db, context, definition, id, why, &asked.note).await?;
        let appointment = self.told(&mut mutation, &cancelled).await?;
        let answer = mutation.finish(pb::CancelAppointmentResponse { appointment: Some(appointment) }).await?;
        self.changed(&cancelled);
        Ok(answer)
    }

    async fn series_once(&self, request: &Request<pb::BookSeriesRequest>) -> Answered<pb::BookSeriesResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let series = Series {
            personal_adviser: UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?,
            first_day: parse_day("first_day", &asked.first_day)?,
            at: parse_time("start", &asked.start)?,
            every_weeks: asked.every_weeks,
            times: asked.times,
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let whose = whose_meeting(db, definition, claim_id).await?;
        let mut wish = whose.wish(asked.wishes.as_ref())?;
        if wish.wishes.kind.is_empty() {
            wish.wishes.kind = FOLLOW_UP.to_owned();
        }
        let booked = diary::book_series(db, context, definition, claim_id, &wish, &series).await?;
        let language = context.language;
        let appointments = message::appointments(db, definition, &booked, language).await?;
        let answer = mutation.finish(pb::BookSeriesResponse { appointments }).await?;
        booked.iter().for_each(|appointment| self.changed(appointment));
        Ok(answer)
    }

    /// The appointment as it is told.
    pub(super) async fn told(&self, mutation: &mut Mutation, appointment: &Appointment) -> Result<pb::Appointment> {
        let language = mutation.context.language;
        let db = &mut mutation.tx.db();
        let one = std::slice::from_ref(appointment);
        let told = message::appointments(db, self.0.definitions.current(), one, language).await?;
        told.into_iter().next().ok_or_else(|| Error::internal("an appointment without a message"))
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
