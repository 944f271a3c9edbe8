//! `DiaryService`.

use super::mutation::{begin, retrying};
use super::{Shared, convert, pb};
use crate::access;
use crate::claims;
use crate::clients::{self, Client};
use crate::definition::{Definition, Site};
use crate::diary::{
    self, Appointment, Attendance, Decided, Decision, DeferralReason, Shift, Slot, State, WaiverReason, Wish,
};
use crate::error::{Error, Result};
use crate::formats::parse_date;
use crate::ids::{AppointmentId, ClaimId, OfficeId, UserId};
use crate::store::Db;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct DiaryDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::diary_service_server::DiaryService for DiaryDoor {
    async fn find_slots(
        &self,
        request: Request<pb::FindSlotsRequest>,
    ) -> Result<Response<pb::FindSlotsResponse>, Status> {
        let asked = request.into_inner();
        let now = self.0.clock.now();
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let office = match asked.office_id.as_str() {
            "" => None,
            id => Some(known_office(definition, id)?),
        };
        let not_before = convert::optional_time("not_before_time", asked.not_before_time)?.unwrap_or(now);
        let size = convert::page_size(asked.page_size, 5, 50)?;
        let start = convert::offset(&asked.page_token)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (client, site) = whose_meeting(db, definition, claim_id).await?;
        let wish = Wish { client: &client, site, office, not_before };
        let enough = start + usize::try_from(size).unwrap_or(0) + 1;
        let slots = diary::find_slots(db, definition, &wish, now, enough).await?;
        let (slots, next_page_token) = convert::page(slots, &asked.page_token, size)?;
        let slots = slots.iter().map(|slot| slot_message(definition, slot)).collect();
        Ok(Response::new(pb::FindSlotsResponse { slots, next_page_token }))
    }

    async fn hold_slot(&self, request: Request<pb::HoldSlotRequest>) -> Result<Response<pb::HoldSlotResponse>, Status> {
        retrying(|| self.hold_once(&request)).await
    }

    async fn book_appointment(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Result<Response<pb::BookAppointmentResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = AppointmentId::parse("appointment_id", &request.get_ref().appointment_id)?;
        let db = &mut mutation.tx.db();
        let booked = diary::book_appointment(db, &mutation.context, id).await?;
        let appointment = message(db, self.0.definitions.current(), &booked).await?;
        let answer = mutation.finish(pb::BookAppointmentResponse { appointment: Some(appointment) }).await?;
        self.0.watchers.changed(booked.claim_id);
        Ok(answer)
    }

    async fn record_attendance(
        &self,
        request: Request<pb::RecordAttendanceRequest>,
    ) -> Result<Response<pb::RecordAttendanceResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let attendance = match pb::Attendance::try_from(asked.attendance) {
            Ok(pb::Attendance::Attended) => Attendance::Attended,
            Ok(pb::Attendance::Failed) => Attendance::Failed,
            _ => return Err(Error::invalid("attendance", "is needed: did the client come?").into()),
        };
        let db = &mut mutation.tx.db();
        let over = diary::record_attendance(db, &mutation.context, id, attendance).await?;
        let appointment = message(db, self.0.definitions.current(), &over).await?;
        let answer = mutation.finish(pb::RecordAttendanceResponse { appointment: Some(appointment) }).await?;
        self.0.watchers.changed(over.claim_id);
        Ok(answer)
    }

    async fn defer_meeting(
        &self,
        request: Request<pb::DeferMeetingRequest>,
    ) -> Result<Response<pb::DeferMeetingResponse>, Status> {
        retrying(|| self.defer_once(&request)).await
    }

    async fn waive_meeting(
        &self,
        request: Request<pb::WaiveMeetingRequest>,
    ) -> Result<Response<pb::WaiveMeetingResponse>, Status> {
        retrying(|| self.waive_once(&request)).await
    }

    async fn set_working_pattern(
        &self,
        request: Request<pb::SetWorkingPatternRequest>,
    ) -> Result<Response<pb::SetWorkingPatternResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
        let definition = self.0.definitions.current();
        let office = known_office(definition, &asked.office_id)?;
        let valid_to = match asked.valid_to.as_str() {
            "" => None,
            text => Some(day("valid_to", text)?),
        };
        let valid = (day("valid_from", &asked.valid_from)?, valid_to);
        let shifts = asked.shifts.iter().enumerate().map(shift).collect::<Result<Vec<_>>>()?;
        let db = &mut mutation.tx.db();
        diary::set_working_pattern(db, &mutation.context, definition, adviser, &office, valid, shifts).await?;
        mutation.finish(pb::SetWorkingPatternResponse {}).await
    }

    async fn list_day(&self, request: Request<pb::ListDayRequest>) -> Result<Response<pb::ListDayResponse>, Status> {
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let office = known_office(definition, &asked.office_id)?;
        let day = day("day", &asked.day)?;
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(day_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut found = diary::list_day(db, definition, &office, day, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|last| format!("{}_{}", last.starts_at.to_rfc3339(), last.id));
        let mut appointments = Vec::with_capacity(found.len());
        for appointment in &found {
            appointments.push(message(db, definition, appointment).await?);
        }
        Ok(Response::new(pb::ListDayResponse { appointments, next_page_token: next.unwrap_or_default() }))
    }
}

impl DiaryDoor {
    async fn hold_once(
        &self,
        request: &Request<pb::HoldSlotRequest>,
    ) -> Result<Response<pb::HoldSlotResponse>, Status> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let definition = self.0.definitions.current();
        let claim_id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
        let start = convert::time("start_time", asked.start_time)?;
        let db = &mut mutation.tx.db();
        let (client, site) = whose_meeting(db, definition, claim_id).await?;
        let wish = Wish { client: &client, site, office: None, not_before: mutation.context.now };
        let held = diary::hold_slot(db, &mutation.context, definition, claim_id, &wish, adviser, start).await?;
        let appointment = message(db, definition, &held).await?;
        mutation.finish(pb::HoldSlotResponse { appointment: Some(appointment) }).await
    }
}

impl DiaryDoor {
    async fn defer_once(
        &self,
        request: &Request<pb::DeferMeetingRequest>,
    ) -> Result<Response<pb::DeferMeetingResponse>, Status> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = match asked.reason() {
            pb::DeferralReason::Health => DeferralReason::Health,
            pb::DeferralReason::MajorOperation => DeferralReason::MajorOperation,
            pb::DeferralReason::RestrictiveTreatment => DeferralReason::RestrictiveTreatment,
            pb::DeferralReason::BabyDue => DeferralReason::BabyDue,
            pb::DeferralReason::RecentlyBereaved => DeferralReason::RecentlyBereaved,
            pb::DeferralReason::Unspecified => return Err(Error::invalid("reason", "is needed").into()),
        };
        let review_day = day("review_day", &asked.review_day)?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let version = claims::get(db, id).await?.definition_version;
        let definition = &self.0.definitions.version(db, &version).await?;
        let decision = claims::defer_meeting(db, context, definition, id, reason, &asked.note, review_day).await?;
        let answer = pb::DeferMeetingResponse { decision: Some(decision_message(&decision)) };
        let answer = mutation.finish(answer).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    async fn waive_once(
        &self,
        request: &Request<pb::WaiveMeetingRequest>,
    ) -> Result<Response<pb::WaiveMeetingResponse>, Status> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let reason = match asked.reason() {
            pb::WaiverReason::SeriousIllness => WaiverReason::SeriousIllness,
            pb::WaiverReason::Exceptional => WaiverReason::Exceptional,
            pb::WaiverReason::Optional => WaiverReason::Optional,
            pb::WaiverReason::Unspecified => return Err(Error::invalid("reason", "is needed").into()),
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let version = claims::get(db, id).await?.definition_version;
        let definition = &self.0.definitions.version(db, &version).await?;
        let decision = claims::waive_meeting(db, context, definition, id, reason, &asked.note).await?;
        let answer = pb::WaiveMeetingResponse { decision: Some(decision_message(&decision)) };
        let answer = mutation.finish(answer).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }
}

fn decision_message(decision: &Decision) -> pb::MeetingDecision {
    use pb::meeting_decision::Reason;
    let (reason, review_day) = match decision.what {
        Decided::Deferred { reason, review_day } => {
            let reason = match reason {
                DeferralReason::Health => pb::DeferralReason::Health,
                DeferralReason::MajorOperation => pb::DeferralReason::MajorOperation,
                DeferralReason::RestrictiveTreatment => pb::DeferralReason::RestrictiveTreatment,
                DeferralReason::BabyDue => pb::DeferralReason::BabyDue,
                DeferralReason::RecentlyBereaved => pb::DeferralReason::RecentlyBereaved,
            };
            (Reason::Deferred(reason.into()), Some(review_day))
        }
        Decided::Waived { reason } => {
            let reason = match reason {
                WaiverReason::SeriousIllness => pb::WaiverReason::SeriousIllness,
                WaiverReason::Exceptional => pb::WaiverReason::Exceptional,
                WaiverReason::Optional => pb::WaiverReason::Optional,
            };
            (Reason::Waived(reason.into()), None)
        }
    };
    pb::MeetingDecision {
        claim_id: decision.claim_id.to_string(),
        reason: Some(reason),
        note: decision.note.clone(),
        review_day: review_day.map(|day| day.to_string()).unwrap_or_default(),
        decided_by: decision.by.to_string(),
        decided_time: Some(convert::timestamp(decision.at)),
    }
}

/// The claim's client, and the site whose personal advisers they meet.
async fn whose_meeting<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    claim_id: ClaimId,
) -> Result<(Client, &'a Site)> {
    let claim = claims::get(db, claim_id).await?;
    let client = clients::get(db, claim.client_id).await?;
    let site = definition.site(&claim.site).ok_or_else(|| Error::not_found("site", &claim.site))?;
    Ok((client, site))
}

fn known_office(definition: &Definition, id: &str) -> Result<OfficeId> {
    let id = OfficeId::new(id);
    definition
        .office(&id)
        .map(|office| office.id.clone())
        .ok_or_else(|| Error::invalid("office_id", "is no office of ours"))
}

fn day(field: &str, text: &str) -> Result<NaiveDate> {
    parse_date(text).map_err(|reason| Error::invalid(field, reason))
}

fn day_token(token: &str) -> Option<(DateTime<Utc>, AppointmentId)> {
    let (starts_at, id) = token.split_once('_')?;
    let starts_at = DateTime::parse_from_rfc3339(starts_at).ok()?.to_utc();
    Some((starts_at, AppointmentId::parse("page_token", id).ok()?))
}

fn shift((i, shift): (usize, &pb::Shift)) -> Result<Shift> {
    let time = |field: &str, text: &str| {
        NaiveTime::parse_from_str(text, "%H:%M")
            .map_err(|_| Error::invalid(format!("shifts[{i}].{field}"), "must be a time like 09:30"))
    };
    let weekday = match pb::Weekday::try_from(shift.weekday) {
        Ok(pb::Weekday::Monday) => Weekday::Mon,
        Ok(pb::Weekday::Tuesday) => Weekday::Tue,
        Ok(pb::Weekday::Wednesday) => Weekday::Wed,
        Ok(pb::Weekday::Thursday) => Weekday::Thu,
        Ok(pb::Weekday::Friday) => Weekday::Fri,
        Ok(pb::Weekday::Saturday) => Weekday::Sat,
        Ok(pb::Weekday::Sunday) => Weekday::Sun,
        _ => return Err(Error::invalid(format!("shifts[{i}].weekday"), "is needed")),
    };
    Ok(Shift { weekday, start: time("start", &shift.start)?, end: time("end", &shift.end)? })
}

fn slot_message(definition: &Definition, slot: &Slot) -> pb::Slot {
    pb::Slot {
        personal_adviser_id: slot.personal_adviser.to_string(),
        personal_adviser_name: slot.personal_adviser_name.clone(),
        office_id: slot.office.to_string(),
        office_name: definition.office(&slot.office).map(|office| office.name.clone()).unwrap_or_default(),
        start_time: Some(convert::timestamp(slot.start)),
        end_time: Some(convert::timestamp(slot.end)),
        within_standard: slot.within_standard,
    }
}

async fn message(db: &mut Db<'_>, definition: &Definition, appointment: &Appointment) -> Result<pb::Appointment> {
    let adviser = access::user(db, appointment.personal_adviser).await?;
    let client = clients::get(db, appointment.client_id).await?;
    let slot = Slot {
        personal_adviser: adviser.id,
        personal_adviser_name: adviser.name,
        office: appointment.office.clone(),
        start: appointment.starts_at,
        end: appointment.ends_at,
        within_standard: diary::is_within_standard(definition, &client.home_site, appointment),
    };
    let held_until = match appointment.state {
        State::Held { until } => Some(until),
        _ => None,
    };
    Ok(pb::Appointment {
        appointment_id: appointment.id.to_string(),
        claim_id: appointment.claim_id.to_string(),
        client_id: appointment.client_id.to_string(),
        client_name: client.full_name(),
        slot: Some(slot_message(definition, &slot)),
        state: state(appointment.state).into(),
        expire_time: held_until.map(convert::timestamp),
    })
}

fn state(state: State) -> pb::AppointmentState {
    match state {
        State::Held { .. } => pb::AppointmentState::Held,
        State::Booked => pb::AppointmentState::Booked,
        State::Attended => pb::AppointmentState::Attended,
        State::Failed => pb::AppointmentState::Failed,
        State::Released => pb::AppointmentState::Unspecified,
    }
}
