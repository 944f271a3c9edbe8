//! What people of the demo do, each a call of the API or two.

use crate::convert;
use crate::pb;
use crate::person::{Person, new_request};
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use std::future::Future;
use tonic::{Response, Status};

/// What came of it, or a sentence that says who could not do what.
pub type Said<T> = Result<T, String>;

const NOTHING: &str = "the answer is empty";

impl Person {
    /// Awaits the answer to a call.
    pub async fn asks<R>(&self, what: &str, call: impl Future<Output = Result<Response<R>, Status>>) -> Said<R> {
        let refused = |status: Status| format!("{} {what}: {}: {}", self.title, status.code(), status.message());
        call.await.map(Response::into_inner).map_err(refused)
    }

    pub async fn creates_client(&self, facts: pb::ClientFacts) -> Said<pb::Client> {
        let request = pb::CreateClientRequest { request_id: new_request(), facts: Some(facts), ..Default::default() };
        let answer = self.asks("CreateClient", self.clients().create_client(request)).await?;
        answer.client.ok_or_else(|| NOTHING.into())
    }

    /// The free call-back times from a moment on, the earliest first.
    pub async fn free_callbacks(&self, client_id: &str, from: DateTime<Utc>) -> Said<Vec<DateTime<Utc>>> {
        let request = pb::OfferCallbackSlotsRequest {
            client_id: client_id.into(),
            not_before_time: Some(convert::timestamp(from)),
            page_size: 50,
            ..Default::default()
        };
        let offered = self.asks("OfferCallbackSlots", self.callbacks().offer_callback_slots(request)).await?;
        let mut starts: Vec<_> = offered.slots.iter().filter_map(|slot| instant(slot.start_time)).collect();
        starts.sort_unstable();
        Ok(starts)
    }

    pub async fn books_callback(&self, client_id: &str, start: DateTime<Utc>) -> Said<pb::Callback> {
        let request = pb::BookCallbackRequest {
            request_id: new_request(),
            client_id: client_id.into(),
            start_time: Some(convert::timestamp(start)),
            number_confirmed: true,
            note: "Rang for the first time and would like to claim.".into(),
            ..Default::default()
        };
        let answer = self.asks("BookCallback", self.callbacks().book_callback(request)).await?;
        answer.callback.ok_or_else(|| NOTHING.into())
    }

    pub async fn starts_attempt(&self, callback_id: &str) -> Said<()> {
        let request = pb::StartAttemptRequest { request_id: new_request(), callback_id: callback_id.into() };
        self.asks("StartAttempt", self.callbacks().start_attempt(request)).await.map(drop)
    }

    pub async fn records_attempt(&self, callback_id: &str, outcome: pb::AttemptOutcome) -> Said<pb::Callback> {
        let request = pb::RecordAttemptRequest {
            request_id: new_request(),
            callback_id: callback_id.into(),
            outcome: outcome.into(),
            note: String::new(),
        };
        let answer = self.asks("RecordAttempt", self.callbacks().record_attempt(request)).await?;
        answer.callback.ok_or_else(|| NOTHING.into())
    }

    pub async fn parks_callback(&self, callback_id: &str, until: DateTime<Utc>, reason: &str) -> Said<()> {
        let request = pb::ParkCallbackRequest {
            request_id: new_request(),
            callback_id: callback_id.into(),
            until_time: Some(convert::timestamp(until)),
            reason: reason.into(),
        };
        self.asks("ParkCallback", self.callbacks().park_callback(request)).await.map(drop)
    }

    pub async fn opens_claim(&self, client_id: &str) -> Said<String> {
        let request =
            pb::OpenClaimRequest { request_id: new_request(), client_id: client_id.into(), ..Default::default() };
        let answer = self.asks("OpenClaim", self.claims().open_claim(request)).await?;
        answer.claim.map(|claim| claim.claim_id).ok_or_else(|| NOTHING.into())
    }

    /// Types answers, as revisions after those that the form begins with.
    pub async fn types(&self, claim_id: &str, answers: &[(&str, Json)]) -> Said<()> {
        let request = pb::GetClaimRequest { claim_id: claim_id.into(), ..Default::default() };
        let claim = self.asks("GetClaim", self.claims().get_claim(request)).await?.claim.unwrap_or_default();
        let seen = |id: &str| claim.answers.iter().find(|one| one.question_id == id).map_or(0, |one| one.revision);
        let draft = |(id, json): &(&str, Json)| pb::AnswerDraft {
            question_id: (*id).into(),
            value: Some(convert::value(json)),
            seen_revision: seen(id),
        };
        let request = pb::SaveAnswersRequest {
            request_id: new_request(),
            claim_id: claim_id.into(),
            answers: answers.iter().map(draft).collect(),
            stage: "B8".into(),
        };
        self.asks("SaveAnswers", self.claims().save_answers(request)).await.map(drop)
    }

    pub async fn completes_start_up(&self, claim_id: &str) -> Said<()> {
        let request = pb::CompleteStartUpRequest {
            request_id: new_request(),
            claim_id: claim_id.into(),
            // Whether the post comes in time depends on bank holidays that fall between.
            delivery: pb::Delivery::Post.into(),
            ..Default::default()
        };
        self.asks("CompleteStartUp", self.claims().complete_start_up(request)).await.map(drop)
    }

    pub async fn free_meetings(&self, claim_id: &str, from: DateTime<Utc>) -> Said<Vec<pb::Slot>> {
        let request = pb::FindSlotsRequest {
            claim_id: claim_id.into(),
            not_before_time: Some(convert::timestamp(from)),
            page_size: 50,
            ..Default::default()
        };
        Ok(self.asks("FindSlots", self.diary().find_slots(request)).await?.slots)
    }

    pub async fn books_meeting(&self, claim_id: &str, slot: &pb::Slot) -> Said<pb::Appointment> {
        let request = pb::BookAppointmentRequest {
            request_id: new_request(),
            claim_id: claim_id.into(),
            personal_adviser_id: slot.personal_adviser_id.clone(),
            start_time: slot.start_time,
            ..Default::default()
        };
        let answer = self.asks("BookAppointment", self.diary().book_appointment(request)).await?;
        answer.appointment.ok_or_else(|| NOTHING.into())
    }

    pub async fn records_attendance(&self, appointment_id: &str, attendance: pb::Attendance) -> Said<()> {
        let request = pb::RecordAttendanceRequest {
            request_id: new_request(),
            appointment_id: appointment_id.into(),
            attendance: attendance.into(),
        };
        self.asks("RecordAttendance", self.diary().record_attendance(request)).await.map(drop)
    }

    pub async fn has_pack(&self, claim_id: &str) -> Said<bool> {
        let request = pb::GetPackRequest { claim_id: claim_id.into(), ..Default::default() };
        match self.packs().get_pack(request).await {
            Ok(_) => Ok(true),
            Err(status) if status.code() == tonic::Code::NotFound => Ok(false),
            Err(status) => Err(format!("{} GetPack: {}", self.title, status.message())),
        }
    }

    pub async fn leases(&self, max_jobs: i32) -> Said<Vec<pb::PrintJob>> {
        let request = pb::LeasePrintJobsRequest { request_id: new_request(), max_jobs, lease_seconds: 300 };
        Ok(self.asks("LeasePrintJobs", self.packs().lease_print_jobs(request)).await?.print_jobs)
    }

    pub async fn prints(&self, job: &pb::PrintJob) -> Said<()> {
        let request = pb::ReportPrintedRequest {
            request_id: new_request(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            pages: Some(job.pages),
        };
        self.asks("ReportPrinted", self.packs().report_printed(request)).await.map(drop)
    }

    pub async fn posts(&self, job: &pb::PrintJob, day: &str) -> Said<()> {
        let request = pb::ReportPostedRequest {
            request_id: new_request(),
            print_job_id: job.print_job_id.clone(),
            posted_day: day.into(),
            ..Default::default()
        };
        self.asks("ReportPosted", self.packs().report_posted(request)).await.map(drop)
    }
}

pub fn instant(at: Option<prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}
