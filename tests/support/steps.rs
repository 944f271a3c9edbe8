//! The steps that many stories share, each through the public door.

use super::person::Person;
use super::values::{new_id, time, timestamp, value};
use super::world::World;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use startline::grpc::pb;
use tonic::{Status, Streaming};

pub type Answer<T> = Result<T, Status>;

/// The caller from Frome, as far as an adviser knows her after the inbound call.
pub fn frome_facts() -> pb::ClientFacts {
    pb::ClientFacts {
        title: "Ms".into(),
        other_names: "Rosa Jane".into(),
        last_name: "Fry".into(),
        date_of_birth: "1971-04-23".into(),
        phone: "01373 000123".into(),
        address_lines: vec!["4 Catherine Hill".into(), "Frome".into()],
        postcode: "BA11 1BL".into(),
        ..Default::default()
    }
}

pub fn draft(question: &str, json: &Json, seen_revision: u32) -> pb::AnswerDraft {
    pb::AnswerDraft { question_id: question.into(), value: Some(value(json)), seen_revision }
}

impl Person {
    /// Signs in and takes calls from now on. The stream is the desk's.
    pub async fn take_calls(&self) -> Streaming<pb::WatchDeskResponse> {
        let address = format!("sip:{}@desk.example", self.name.to_lowercase().replace(' ', "-"));
        self.desk().sign_in(pb::SignInRequest { request_id: new_id(), address, ..Default::default() }).await.unwrap();
        let events = self.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
        let available = pb::AdviserStatus::Available.into();
        let status = pb::SetStatusRequest { request_id: new_id(), status: available, ..Default::default() };
        self.desk().set_status(status).await.unwrap();
        events
    }

    pub async fn accept(&self, offer: &pb::Offer) -> pb::Desk {
        let request = pb::AcceptOfferRequest { request_id: new_id(), offer_id: offer.offer_id.clone() };
        self.desk().accept_offer(request).await.unwrap().into_inner().desk.unwrap()
    }

    /// A call arrives at this switch.
    pub async fn enter_call(&self, name: &str, caller: &str) -> Streaming<pb::EnterCallResponse> {
        let request =
            pb::EnterCallRequest { switch_call_id: name.into(), caller_number: caller.into(), ..Default::default() };
        self.routing().enter_call(request).await.unwrap().into_inner()
    }

    pub async fn report(&self, name: &str, report: pb::CallReport) {
        let request =
            pb::ReportCallRequest { switch_call_id: name.into(), report: report.into(), ..Default::default() };
        self.routing().report_call(request).await.unwrap();
    }

    pub async fn create_client(&self, facts: pb::ClientFacts) -> Answer<pb::Client> {
        let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts), ..Default::default() };
        Ok(self.clients().create_client(request).await?.into_inner().client.unwrap())
    }

    pub async fn client(&self, id: &str) -> pb::Client {
        let request = pb::GetClientRequest { client_id: id.into() };
        self.clients().get_client(request).await.unwrap().into_inner().client.unwrap()
    }

    pub async fn callback_slots(&self, client: &str) -> pb::OfferCallbackSlotsResponse {
        let request = pb::OfferCallbackSlotsRequest { client_id: client.into(), ..Default::default() };
        self.callbacks().offer_callback_slots(request).await.unwrap().into_inner()
    }

    pub async fn book_callback(&self, client: &str, start: DateTime<Utc>) -> Answer<pb::Callback> {
        let request = pb::BookCallbackRequest {
            request_id: new_id(),
            client_id: client.into(),
            start_time: Some(timestamp(start)),
            ..Default::default()
        };
        Ok(self.callbacks().book_callback(request).await?.into_inner().callback.unwrap())
    }

    pub async fn due_callbacks(&self) -> Vec<pb::Callback> {
        let request = pb::ListDueCallbacksRequest::default();
        self.callbacks().list_due_callbacks(request).await.unwrap().into_inner().callbacks
    }

    pub async fn start_attempt(&self, callback: &str) -> Answer<pb::StartAttemptResponse> {
        let request = pb::StartAttemptRequest { request_id: new_id(), callback_id: callback.into() };
        Ok(self.callbacks().start_attempt(request).await?.into_inner())
    }

    pub async fn open_claim(&self, client: &str) -> pb::Claim {
        let request = pb::OpenClaimRequest { request_id: new_id(), client_id: client.into(), ..Default::default() };
        self.claims().open_claim(request).await.unwrap().into_inner().claim.unwrap()
    }

    pub async fn claim(&self, id: &str) -> pb::Claim {
        let request = pb::GetClaimRequest { claim_id: id.into(), ..Default::default() };
        self.claims().get_claim(request).await.unwrap().into_inner().claim.unwrap()
    }

    pub async fn save(&self, claim: &str, answers: Vec<pb::AnswerDraft>) -> Answer<Vec<pb::SavedAnswer>> {
        let request =
            pb::SaveAnswersRequest { request_id: new_id(), claim_id: claim.into(), answers, stage: "B8".into() };
        Ok(self.claims().save_answers(request).await?.into_inner().saved)
    }

    /// The questions still open, by id, in the order of the form.
    pub async fn missing(&self, claim: &str) -> Vec<String> {
        let request = pb::ListMissingRequest { claim_id: claim.into(), ..Default::default() };
        let missing = self.claims().list_missing(request).await.unwrap().into_inner().missing;
        missing.into_iter().map(|line| line.question_id).collect()
    }

    /// What the client is to bring, by id.
    pub async fn evidence(&self, claim: &str) -> Vec<String> {
        let request = pb::ListEvidenceRequest { claim_id: claim.into(), ..Default::default() };
        let evidence = self.claims().list_evidence(request).await.unwrap().into_inner().evidence;
        evidence.into_iter().map(|line| line.evidence_id).collect()
    }

    pub async fn start_walk(&self, script: &str, client: &str, claim: &str) -> pb::Walk {
        let request = pb::StartWalkRequest {
            request_id: new_id(),
            script_id: script.into(),
            client_id: client.into(),
            claim_id: claim.into(),
        };
        self.scripts().start_walk(request).await.unwrap().into_inner().walk.unwrap()
    }

    /// Answers the step the walk stands on; `None` moves on without an answer.
    pub async fn answer_step(&self, walk: &pb::Walk, answer: Option<Json>) -> Answer<pb::Walk> {
        let request = pb::AnswerQuestionRequest {
            request_id: new_id(),
            walk_id: walk.walk_id.clone(),
            etag: walk.etag.clone(),
            question_id: walk.step.as_ref().map(|step| step.step_id.clone()).unwrap_or_default(),
            value: answer.as_ref().map(value),
        };
        Ok(self.scripts().answer_question(request).await?.into_inner().walk.unwrap())
    }

    /// Nine to five at the office, every working day from the first of March.
    pub async fn works_at(&self, office: &str) {
        let shift = |weekday| pb::Shift { weekday, start: "09:00".into(), end: "17:00".into(), ..Default::default() };
        let request = pb::SetWorkingPatternRequest {
            request_id: new_id(),
            personal_adviser_id: self.id.clone(),
            office_id: office.into(),
            valid_from: "2026-03-01".into(),
            valid_to: String::new(),
            shifts: (1..=5).map(shift).collect(),
            ..Default::default()
        };
        self.diary().set_working_pattern(request).await.unwrap();
    }

    pub async fn find_slots(&self, claim: &str) -> Vec<pb::Slot> {
        let request = pb::FindSlotsRequest { claim_id: claim.into(), ..Default::default() };
        self.diary().find_slots(request).await.unwrap().into_inner().slots
    }

    pub async fn hold(&self, claim: &str, slot: &pb::Slot) -> Answer<pb::Appointment> {
        let request = pb::HoldSlotRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            personal_adviser_id: slot.personal_adviser_id.clone(),
            start_time: slot.start_time,
            ..Default::default()
        };
        Ok(self.diary().hold_slot(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn book(&self, appointment: &str) -> Answer<pb::Appointment> {
        let request = pb::BookAppointmentRequest {
            request_id: new_id(),
            appointment_id: appointment.into(),
            ..Default::default()
        };
        Ok(self.diary().book_appointment(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn record_attendance(&self, appointment: &str, attendance: pb::Attendance) -> Answer<pb::Appointment> {
        let request = pb::RecordAttendanceRequest {
            request_id: new_id(),
            appointment_id: appointment.into(),
            attendance: attendance.into(),
        };
        Ok(self.diary().record_attendance(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn complete_start_up(&self, claim: &str) -> Answer<pb::Claim> {
        let request = pb::CompleteStartUpRequest { request_id: new_id(), claim_id: claim.into(), ..Default::default() };
        Ok(self.claims().complete_start_up(request).await?.into_inner().claim.unwrap())
    }

    pub async fn lodge(&self, claim: &str) -> Answer<pb::Claim> {
        let request = pb::LodgeClaimRequest { request_id: new_id(), claim_id: claim.into(), ..Default::default() };
        Ok(self.claims().lodge_claim(request).await?.into_inner().claim.unwrap())
    }

    pub async fn compose_pack(&self, claim: &str) -> Answer<pb::Pack> {
        let request = pb::ComposePackRequest { request_id: new_id(), claim_id: claim.into(), ..Default::default() };
        Ok(self.packs().compose_pack(request).await?.into_inner().pack.unwrap())
    }

    /// The claim's pack, once there is one.
    pub async fn pack_of(&self, claim: &str) -> Option<pb::Pack> {
        let request = pb::GetPackRequest { claim_id: claim.into(), ..Default::default() };
        match self.packs().get_pack(request).await {
            Ok(answer) => answer.into_inner().pack,
            Err(status) if status.code() == tonic::Code::NotFound => None,
            Err(status) => panic!("{status:?}"),
        }
    }

    pub async fn pdf(&self, pack: &str) -> Vec<u8> {
        let request = pb::GetPackDocumentRequest { pack_id: pack.into() };
        let mut pieces = self.packs().get_pack_document(request).await.unwrap().into_inner();
        let mut pdf = Vec::new();
        while let Some(piece) = pieces.message().await.unwrap() {
            pdf.extend(piece.chunk);
        }
        pdf
    }

    pub async fn lease(&self, max_jobs: i32) -> Answer<Vec<pb::PrintJob>> {
        let request = pb::LeasePrintJobsRequest { request_id: new_id(), max_jobs, lease_seconds: 60 };
        Ok(self.packs().lease_print_jobs(request).await?.into_inner().print_jobs)
    }

    pub async fn printed(&self, job: &pb::PrintJob) -> Answer<pb::Pack> {
        let request = pb::ReportPrintedRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            attempt: job.attempt,
            pages: Some(job.pages),
        };
        Ok(self.packs().report_printed(request).await?.into_inner().pack.unwrap())
    }

    /// It left with the post of the day on which it was queued.
    pub async fn posted(&self, job: &pb::PrintJob) -> Answer<pb::Pack> {
        let printings = self.pack(&job.pack_id).await.printings;
        let printing = printings.iter().find(|printing| printing.print_job_id == job.print_job_id).unwrap();
        self.posted_on(job, &time(printing.queued_time).date_naive().to_string(), None).await
    }

    pub async fn posted_on(&self, job: &pb::PrintJob, day: &str, incomplete: Option<&str>) -> Answer<pb::Pack> {
        let request = pb::ReportPostedRequest {
            request_id: new_id(),
            print_job_id: job.print_job_id.clone(),
            posted_day: day.into(),
            incomplete_reason: incomplete.map(str::to_owned),
        };
        Ok(self.packs().report_posted(request).await?.into_inner().pack.unwrap())
    }
}

/// A client whose claim is open.
pub async fn client_with_claim(adviser: &Person, last_name: &str) -> (pb::Client, pb::Claim) {
    client_with_facts(adviser, pb::ClientFacts { last_name: last_name.into(), ..frome_facts() }).await
}

/// As [`client_with_claim`], a client of whom more is known.
pub async fn client_with_facts(adviser: &Person, facts: pb::ClientFacts) -> (pb::Client, pb::Claim) {
    let client = adviser.create_client(facts).await.unwrap();
    let claim = adviser.open_claim(&client.client_id).await;
    (client, claim)
}

/// A claim whose start-up is done and whose meeting is booked with this personal adviser, who has a pattern already.
pub async fn start_up_done(world: &World, adviser: &Person, last_name: &str) -> (pb::Claim, pb::Appointment) {
    let (_, claim) = client_with_claim(adviser, last_name).await;
    adviser
        .save(
            &claim.claim_id,
            vec![draft("A1", &serde_json::json!(["JSA"]), 0), draft("B17", &serde_json::json!("female"), 0)],
        )
        .await
        .unwrap();
    let slot = adviser.find_slots(&claim.claim_id).await.remove(0);
    assert!(super::values::time(slot.start_time) > world.now());
    let held = adviser.hold(&claim.claim_id, &slot).await.unwrap();
    let booked = adviser.book(&held.appointment_id).await.unwrap();
    let claim = adviser.complete_start_up(&claim.claim_id).await.unwrap();
    (claim, booked)
}

/// Reads on in a stream until `pick` finds what it looks for.
pub async fn heard<M, T>(what: &str, stream: &mut Streaming<M>, pick: impl Fn(M) -> Option<T>) -> T {
    super::soon(what, async {
        loop {
            let message = stream.message().await.unwrap_or_else(|fault| panic!("waiting for {what}: {fault:?}"));
            let message = message.unwrap_or_else(|| panic!("the stream ended before {what}"));
            if let Some(found) = pick(message) {
                return found;
            }
        }
    })
    .await
}

pub async fn offered(desk: &mut Streaming<pb::WatchDeskResponse>) -> pb::Offer {
    heard("an offer", desk, |message| match message.event {
        Some(pb::watch_desk_response::Event::Offer(offer)) => Some(offer),
        _ => None,
    })
    .await
}

pub async fn connected(call: &mut Streaming<pb::EnterCallResponse>) -> pb::Connect {
    heard("the call to be connected", call, |message| match message.instruction {
        Some(pb::enter_call_response::Instruction::Connect(connect)) => Some(connect),
        _ => None,
    })
    .await
}
