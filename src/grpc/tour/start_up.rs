//! The call-back: the script, the form, a power cut in the middle of it, and the meeting.

use super::Tour;
use super::cast::{Person, new_request};
use super::guide::{clock_time, instant};
use crate::{convert, pb};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What Ms Hill answers to the form's questions that her record does not answer already, in two sittings: the power is
/// cut between them.
fn first_sitting() -> Vec<(&'static str, Value)> {
    vec![
        ("A5", json!("lost_job")),
        ("A6", json!("yes")),
        ("A7", json!([{"benefit": "Jobseeker's Allowance", "office": "Frome", "end_date": "2025-06-30"}])),
        ("A8", json!("no")),
        ("B1", json!("Ms")),
        ("B4", json!("Coombes")),
        ("B10", json!("2025-09-01")),
        ("B11", json!({"lines": ["3 Sample Street", "Wells", "Somerset"]})),
        ("B16", json!("Yes, with my sister Joan")),
        ("B17", json!("female")),
    ]
}

fn second_sitting() -> Vec<(&'static str, Value)> {
    vec![
        ("B18", json!("divorced")),
        ("B19", json!("2019-11-15")),
        (
            "G8",
            json!({"works": "yes", "employer": "Frome Bakery", "hours": 6, "pay": {"pence": 4800, "period": "week"}}),
        ),
        ("R4", json!("no")),
        ("S1", json!("account")),
        (
            "S2",
            json!({"account_holder": "R A Hill", "bank": "Mendip Building Society", "sort_code": "12-34-56",
                   "account_number": "12345678"}),
        ),
        ("T4", json!(["none"])),
        ("T5", json!("none")),
        ("T6", json!("some")),
        ("T7", json!(["ground_floor"])),
        ("T8", json!("My sister Joan")),
    ]
}

/// Ms Hill's answers to the script's own questions.
fn script_answer(question: &str) -> Value {
    match question {
        "identity_checked" => json!(["full_name", "date_of_birth", "postcode"]),
        "service_explained" => json!("yes"),
        "client_questions" => json!("Will the meeting be in Frome?"),
        "benefits_wanted" => json!(["JSA", "HB", "CTB"]),
        "claim_from" => json!("2026-03-03"),
        "client_group" => json!("job_seeker"),
        "no_money_now" => json!("no"),
        "work_history" => json!("Eleven years at the dairy; before that a shop."),
        "work_wanted" => json!("Office work, mornings."),
        "barriers" => json!(["confidence"]),
        "has_children" => json!("no"),
        "meeting_decision" => json!("meeting"),
        "times_that_do_not_suit" => json!("Mornings before half past nine"),
        _ => Value::Null,
    }
}

impl Tour {
    /// From the due call-back to the finished start-up call; gives the claim.
    pub(super) async fn start_up(&mut self, callback: &pb::Callback) -> Result<pb::Claim, String> {
        let due = instant(callback.start_time).ok_or("the call-back has no time")?;
        self.server.move_clock(due).await?;
        self.guide.chapter("The call-back", self.server.now);
        let asha = self.asha.clone();
        self.take_callback(&asha).await?;
        let claim = self.open_claim(&asha, callback).await?;
        let mut typed = self.walk_script(&asha, &claim).await?;
        typed.extend(self.fill(&asha, &claim, first_sitting()).await?);
        self.power_cut(&asha, &claim, &typed).await?;
        typed.extend(self.fill(&asha, &claim, second_sitting()).await?);
        self.look_over(&asha, &claim).await?;
        self.book_meeting(&asha, &claim).await?;
        let done = self.complete(&asha, &claim).await?;
        self.record_reached(&asha, callback).await?;
        Ok(done)
    }

    async fn take_callback(&mut self, asha: &Person) -> Result<(), String> {
        let mut callbacks = asha.callbacks();
        let call = callbacks.list_due_callbacks(pb::ListDueCallbacksRequest::default());
        let tell = |due: &pb::ListDueCallbacksResponse| {
            let names: Vec<_> = due.callbacks.iter().map(|callback| callback.client_name.as_str()).collect();
            format!("sees on her list who is due now: {}", names.join(", "))
        };
        let due = self.guide.step(asha, "CallbackService/ListDueCallbacks", call, tell).await?;
        let callback = due.callbacks.into_iter().next().ok_or("no call-back is due")?;
        let start = pb::StartAttemptRequest { request_id: new_request(), callback_id: callback.callback_id.clone() };
        let mut callbacks = asha.callbacks();
        let tell =
            |_: &_| format!("takes the call-back and rings {}; nobody else can ring now", callback.phone_grouped);
        self.guide.step(asha, "CallbackService/StartAttempt", callbacks.start_attempt(start), tell).await?;
        Ok(())
    }

    async fn open_claim(&mut self, asha: &Person, callback: &pb::Callback) -> Result<pb::Claim, String> {
        let mut claims = asha.claims();
        let open = pb::OpenClaimRequest {
            request_id: new_request(),
            client_id: callback.client_id.clone(),
            ..Default::default()
        };
        let tell = |opened: &pb::OpenClaimResponse| {
            let known = opened.claim.as_ref().map(|claim| claim.answers.len()).unwrap_or_default();
            format!("opens the claim form; {known} answers stand in it already, from the first call")
        };
        let opened = self.guide.step(asha, "ClaimService/OpenClaim", claims.open_claim(open), tell).await?;
        opened.claim.ok_or_else(|| "the answer holds no claim".into())
    }

    /// Walks the start-up script to its end; gives the form's answers it filled.
    async fn walk_script(&mut self, asha: &Person, claim: &pb::Claim) -> Result<BTreeMap<String, Value>, String> {
        let mut scripts = asha.scripts();
        let start = pb::StartWalkRequest {
            request_id: new_request(),
            script_id: "start-up".into(),
            client_id: claim.client_id.clone(),
            claim_id: claim.claim_id.clone(),
        };
        let tell = |started: &pb::StartWalkResponse| {
            let say = started.walk.as_ref().and_then(|walk| walk.step.as_ref()).map(|step| step.say.clone());
            format!("begins the start-up script: “{}”", say.unwrap_or_default())
        };
        let started = self.guide.step(asha, "ScriptService/StartWalk", scripts.start_walk(start), tell).await?;
        let mut walk = started.walk.ok_or("the answer holds no walk")?;
        let begun = std::time::Instant::now();
        let (mut steps, mut stages) = (0_u32, Vec::new());
        while let Some(step) = walk.step.clone() {
            let value = match &step.question {
                Some(question) => script_answer(&question.question_id),
                None => Value::Null,
            };
            let request = pb::AnswerQuestionRequest {
                request_id: new_request(),
                walk_id: walk.walk_id.clone(),
                etag: walk.etag.clone(),
                question_id: step.step_id.clone(),
                value: (!value.is_null()).then(|| convert::value(&value)),
            };
            let answered =
                scripts.answer_question(request).await.map_err(|s| format!("{}: {}", step.step_id, s.message()))?;
            walk = answered.into_inner().walk.ok_or("the answer holds no walk")?;
            steps += 1;
            if stages.last() != Some(&step.stage_id) {
                stages.push(step.stage_id);
            }
        }
        let each_ms = begun.elapsed().as_secs_f64() * 1000.0 / f64::from(steps.max(1));
        let what =
            format!("walks the script to its end: {steps} steps in {} stages, {}", stages.len(), stages.join(" "));
        self.guide.say(&asha.title, &what, &format!("ScriptService/AnswerQuestion, {each_ms:.1} ms each"));
        Ok(BTreeMap::from([
            ("A1".to_owned(), script_answer("benefits_wanted")),
            ("A3".to_owned(), script_answer("claim_from")),
            ("R4".to_owned(), script_answer("no_money_now")),
            ("T9".to_owned(), script_answer("times_that_do_not_suit")),
        ]))
    }

    /// Types answers, each saved as soon as it is given.
    async fn fill(
        &mut self,
        asha: &Person,
        claim: &pb::Claim,
        answers: Vec<(&'static str, Value)>,
    ) -> Result<BTreeMap<String, Value>, String> {
        let mut claims = asha.claims();
        let standing = self.form(asha, &claim.claim_id).await?;
        let begun = std::time::Instant::now();
        let count = answers.len();
        let mut typed = BTreeMap::new();
        for (question, value) in answers {
            let seen_revision = standing.get(question).map_or(0, |answer| answer.revision);
            let draft =
                pb::AnswerDraft { question_id: question.into(), value: Some(convert::value(&value)), seen_revision };
            let request = pb::SaveAnswersRequest {
                request_id: new_request(),
                claim_id: claim.claim_id.clone(),
                answers: vec![draft],
                stage: "B8".into(),
            };
            claims.save_answers(request).await.map_err(|status| format!("{question}: {}", status.message()))?;
            typed.insert(question.to_owned(), value);
        }
        let each_ms = begun.elapsed().as_secs_f64() * 1000.0 / count.max(1) as f64;
        let what = format!("types {count} answers into the claim form, each on disk before the next is asked");
        self.guide.say(&asha.title, &what, &format!("ClaimService/SaveAnswers, {each_ms:.1} ms each"));
        Ok(typed)
    }

    async fn form(&self, asha: &Person, claim_id: &str) -> Result<BTreeMap<String, pb::Answer>, String> {
        let request = pb::GetClaimRequest { claim_id: claim_id.into(), ..Default::default() };
        let got = asha.claims().get_claim(request).await.map_err(|status| status.to_string())?;
        let claim = got.into_inner().claim.ok_or("the answer holds no claim")?;
        Ok(claim.answers.into_iter().map(|answer| (answer.question_id.clone(), answer)).collect())
    }

    async fn power_cut(
        &mut self,
        asha: &Person,
        claim: &pb::Claim,
        typed: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        let before = self.form(asha, &claim.claim_id).await?;
        let begun = std::time::Instant::now();
        self.server.kill_and_restart().await?;
        let back_ms = begun.elapsed().as_secs_f64() * 1000.0;
        self.guide.say(
            "Somebody",
            "pulls the plug: the server is killed and started again",
            &format!("SIGKILL, back after {back_ms:.0} ms"),
        );
        let begun = std::time::Instant::now();
        let after = self.form(asha, &claim.claim_id).await?;
        let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let lost: Vec<_> = before.iter().filter(|(id, answer)| after.get(*id) != Some(answer)).collect();
        let untyped = typed.iter().filter(|(id, _)| !after.contains_key(*id)).count();
        if !lost.is_empty() || untyped > 0 {
            return Err(format!("answers are missing after the restart: {lost:?}"));
        }
        let what = format!("reads the form again: all {} answers are there, nothing typed is missing", after.len());
        self.guide.say(&asha.title, &what, &format!("ClaimService/GetClaim, {took_ms:.1} ms"));
        Ok(())
    }

    async fn look_over(&mut self, asha: &Person, claim: &pb::Claim) -> Result<(), String> {
        let mut claims = asha.claims();
        let request = pb::ListMissingRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
        let tell = |missing: &pb::ListMissingResponse| match missing.missing.len() {
            0 => "asks what is still open on the form: nothing".to_owned(),
            some => format!("asks what is still open on the form: {some} questions, which print as empty boxes"),
        };
        self.guide.step(asha, "ClaimService/ListMissing", claims.list_missing(request), tell).await?;
        let mut claims = asha.claims();
        let request = pb::ListEvidenceRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
        let tell = |list: &pb::ListEvidenceResponse| {
            let lines: Vec<_> = list.evidence.iter().map(|line| line.evidence_id.as_str()).collect();
            format!("reads out what to bring, {} things: {}", lines.len(), lines.join(", "))
        };
        self.guide.step(asha, "ClaimService/ListEvidence", claims.list_evidence(request), tell).await?;
        Ok(())
    }

    async fn book_meeting(&mut self, asha: &Person, claim: &pb::Claim) -> Result<(), String> {
        let mut diary = asha.diary();
        let find = pb::FindSlotsRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
        let tell = |found: &pb::FindSlotsResponse| {
            let times: Vec<_> = found.slots.iter().take(3).map(|slot| clock_time(slot.start_time)).collect();
            format!("looks for a meeting near the client: {}", times.join("; "))
        };
        let found = self.guide.step(asha, "DiaryService/FindSlots", diary.find_slots(find), tell).await?;
        let slot = found.slots.get(2).or(found.slots.first()).ok_or("no meeting is free")?;
        if !slot.within_standard {
            return Err("the meeting offered is not within four working days".into());
        }
        let hold = pb::HoldSlotRequest {
            request_id: new_request(),
            claim_id: claim.claim_id.clone(),
            personal_adviser_id: slot.personal_adviser_id.clone(),
            start_time: slot.start_time,
            ..Default::default()
        };
        let mut diary = asha.diary();
        let tell = |held: &pb::HoldSlotResponse| {
            let until = held.appointment.as_ref().and_then(|appointment| appointment.expire_time);
            format!("keeps one for the client while she looks in her calendar, until {}", clock_time(until))
        };
        let held = self.guide.step(asha, "DiaryService/HoldSlot", diary.hold_slot(hold), tell).await?;
        let appointment_id = held.appointment.ok_or("the answer holds no appointment")?.appointment_id;
        let book = pb::BookAppointmentRequest { request_id: new_request(), appointment_id, ..Default::default() };
        let tell = |booked: &pb::BookAppointmentResponse| {
            let slot = booked.appointment.as_ref().and_then(|appointment| appointment.slot.clone()).unwrap_or_default();
            format!(
                "books the meeting with {} at {}, {}: within four working days",
                slot.personal_adviser_name,
                slot.office_name,
                clock_time(slot.start_time)
            )
        };
        let mut diary = asha.diary();
        self.guide.step(asha, "DiaryService/BookAppointment", diary.book_appointment(book), tell).await?;
        Ok(())
    }

    async fn complete(&mut self, asha: &Person, claim: &pb::Claim) -> Result<pb::Claim, String> {
        let mut claims = asha.claims();
        let complete = pb::CompleteStartUpRequest {
            request_id: new_request(),
            claim_id: claim.claim_id.clone(),
            ..Default::default()
        };
        let call = claims.complete_start_up(complete);
        let tell = |_: &_| "completes the start-up: the claim pack will be composed and posted".into();
        let done = self.guide.step(asha, "ClaimService/CompleteStartUp", call, tell).await?;
        done.claim.ok_or_else(|| "the answer holds no claim".into())
    }

    async fn record_reached(&mut self, asha: &Person, callback: &pb::Callback) -> Result<(), String> {
        let mut callbacks = asha.callbacks();
        let record = pb::RecordAttemptRequest {
            request_id: new_request(),
            callback_id: callback.callback_id.clone(),
            outcome: pb::AttemptOutcome::Reached.into(),
            note: String::new(),
        };
        let tell = |_: &_| "says goodbye and records that the client was reached".into();
        self.guide.step(asha, "CallbackService/RecordAttempt", callbacks.record_attempt(record), tell).await?;
        Ok(())
    }
}
