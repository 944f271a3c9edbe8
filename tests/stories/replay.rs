//! Each mutation asked twice under one id happens once, and answers the same, also after a restart.

use crate::support::faults::fields;
use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::values::{new_id, time, timestamp, value};
use crate::support::{Home, Person, World, at};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tonic::Code;

pub type Again = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

/// Everything that was asked so far, to be asked once more later.
#[derive(Default)]
pub struct Asked(pub Vec<Again>);

impl Asked {
    pub async fn all_again(&self) {
        for again in &self.0 {
            again().await;
        }
    }
}

/// Asks, asks again, and asks something else under the same id. Gives the first answer.
macro_rules! asked_twice {
    ($asked:ident, $home:expr, $person:ident . $service:ident . $method:ident, $request:expr, $change:expr) => {{
        let request = $request;
        let first = $person.$service().$method(request.clone()).await.unwrap().into_inner();
        // What a worker does of it at once must not be counted in the middle of what follows.
        $crate::replay::worked_off(&$home).await;
        let rows = rows(&$home).await;
        let again = $person.$service().$method(request.clone()).await.unwrap().into_inner();
        assert_eq!(again, first, stringify!($method));
        let mut other = request.clone();
        let change: fn(&mut _) = $change;
        change(&mut other);
        assert_ne!(other, request);
        let refused = $person.$service().$method(other).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{} {refused:?}", stringify!($method));
        assert_eq!(fields(&refused), ["request_id"], stringify!($method));
        assert_eq!(self::rows(&$home).await, rows, "{} happened twice", stringify!($method));
        let (person, kept) = ($person.clone(), first.clone());
        $asked.0.push(Box::new(move || {
            let (person, request, kept) = (person.clone(), request.clone(), kept.clone());
            Box::pin(async move {
                let again = person.$service().$method(request).await.unwrap().into_inner();
                assert_eq!(again, kept, "{} after a restart", stringify!($method));
            })
        }));
        first
    }};
}

pub(crate) use asked_twice;

/// Waits until a worker has done, or tried in vain, whatever is owed.
pub async fn worked_off(home: &Home) {
    let owed = "SELECT COUNT(*) FROM jobs WHERE done_at IS NULL AND failed_at IS NULL \
                AND (attempt = 0 OR leased_until IS NOT NULL)";
    crate::support::until("what is owed to be worked off", || async {
        (home.look_inside().await.number(owed).await == 0).then_some(())
    })
    .await;
}

/// Waits until every worker has gone round at the time to which the clock was moved: what they do then (a post closes) is
/// not what is counted here.
async fn gone_round(world: &World, admin: &Person) {
    let now = world.now().timestamp();
    crate::support::until("each worker's round", || async {
        let asked = pb::ListWorkersRequest {};
        let workers = admin.operations().list_workers(asked).await.unwrap().into_inner().workers;
        let since = |at: Option<prost_types::Timestamp>| at.is_some_and(|at| at.seconds >= now);
        workers.iter().all(|worker| since(worker.began_time) && since(worker.ended_time)).then_some(())
    })
    .await;
    worked_off(world).await;
}

/// How much there is of everything, and how often it was changed.
pub async fn rows(home: &Home) -> Vec<i64> {
    let mut inside = home.look_inside().await;
    let mut counts = Vec::new();
    for counted in [
        "COUNT(*) FROM requests",
        "COUNT(*) FROM audit",
        "COUNT(*) FROM jobs",
        "COUNT(*) FROM clients",
        "COALESCE(SUM(revision), 0) FROM clients",
        "COUNT(*) FROM callbacks",
        "COALESCE(SUM(attempts), 0) FROM callbacks",
        "COUNT(*) FROM callback_cells",
        "COUNT(*) FROM callback_attempts",
        "COUNT(*) FROM callback_holds",
        "COUNT(*) FROM callback_events",
        "COUNT(*) FROM callback_letters",
        "COUNT(*) FROM callback_contact_flags",
        "COUNT(*) FROM rota_blocks",
        "COUNT(*) FROM claims",
        "COUNT(*) FROM answers",
        "COUNT(*) FROM walks",
        "COALESCE(SUM(revision), 0) FROM walks",
        "COUNT(*) FROM working_patterns",
        "COUNT(*) FROM appointments",
        "COUNT(*) FROM appointment_cells",
        "COUNT(*) FROM packs",
        "COUNT(*) FROM print_jobs",
        "COUNT(*) FROM claim_events",
        "COUNT(*) FROM claim_lodgings",
        "COUNT(*) FROM meeting_decisions",
        "COUNT(*) FROM evidence_ticks",
        "COUNT(*) FROM claim_queries",
        "COUNT(*) FROM walk_notes",
        "COUNT(*) FROM answer_drafts",
        "COUNT(*) FROM client_changes",
        "COALESCE(SUM(attempt), 0) FROM print_jobs",
    ] {
        // A sum is NUMERIC on PostgreSQL.
        let (what, from) = counted.split_once(" FROM ").unwrap();
        counts.push(inside.number(&format!("SELECT CAST({what} AS BIGINT) FROM {from}")).await);
    }
    counts
}

story!(a_mutation_asked_twice_happens_once_also_across_a_restart, |mut world| {
    let asha = Arc::new(world.adviser("Asha", "somerset").await);
    let petra = Arc::new(world.personal_adviser("Petra", "somerset").await);
    let room = Arc::new(world.print_room("the print room", "somerset").await);
    let ada = world.add("Ada", Role::Admin, None).await;
    let mut asked = Asked::default();

    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(frome_facts()), ..Default::default() };
    let client = asked_twice!(asked, world, asha.clients.create_client, request, |r: &mut pb::CreateClientRequest| r
        .home_site_id =
        "somerset".into())
    .client
    .unwrap();
    let facts = pb::ClientFacts { special_needs: "large print".into(), ..frome_facts() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: client.etag.clone(),
        facts: Some(facts),
    };
    let updated =
        asked_twice!(asked, world, asha.clients.update_client, request, |r: &mut pb::UpdateClientRequest| r.facts =
            None);
    let etag = updated.client.unwrap().etag;
    let request = pb::UndoClientChangeRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        change_id: etag.clone(),
        etag,
        facts: Vec::new(),
    };
    asked_twice!(asked, world, asha.clients.undo_client_change, request, |r: &mut pb::UndoClientChangeRequest| r
        .change_id =
        "1".into());

    let start = at("2026-03-04T09:00:00Z");
    let request = pb::BookCallbackRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        start_time: Some(timestamp(start)),
        ..Default::default()
    };
    let callback =
        asked_twice!(asked, world, asha.callbacks.book_callback, request, |r: &mut pb::BookCallbackRequest| {
            r.urgent = true
        })
        .callback
        .unwrap();
    world.wait_until(start);
    gone_round(&world, &ada).await;
    let request = pb::StartAttemptRequest { request_id: new_id(), callback_id: callback.callback_id.clone() };
    asked_twice!(asked, world, asha.callbacks.start_attempt, request, |r: &mut pb::StartAttemptRequest| r
        .callback_id =
        new_id());
    let request = pb::RecordAttemptRequest {
        request_id: new_id(),
        callback_id: callback.callback_id.clone(),
        outcome: pb::AttemptOutcome::NoReply.into(),
        note: String::new(),
    };
    asked_twice!(asked, world, asha.callbacks.record_attempt, request, |r: &mut pb::RecordAttemptRequest| r.note =
        "voicemail".into());

    let request =
        pb::OpenClaimRequest { request_id: new_id(), client_id: client.client_id.clone(), ..Default::default() };
    let claim = asked_twice!(asked, world, asha.claims.open_claim, request, |r: &mut pb::OpenClaimRequest| r
        .client_id =
        new_id());
    let claim_id = claim.claim.unwrap().claim_id;
    let request = pb::SaveAnswersRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        answers: vec![draft("A1", &json!(["JSA"]), 0), draft("A6", &json!("no"), 0)],
        stage: "B8".into(),
    };
    asked_twice!(asked, world, asha.claims.save_answers, request, |r: &mut pb::SaveAnswersRequest| r.answers[1] =
        draft("A6", &json!("yes"), 0));

    let request = pb::StartWalkRequest {
        request_id: new_id(),
        script_id: "inbound".into(),
        client_id: client.client_id.clone(),
        claim_id: claim_id.clone(),
    };
    let walk = asked_twice!(asked, world, asha.scripts.start_walk, request, |r: &mut pb::StartWalkRequest| r
        .script_id =
        "start-up".into());
    let mut walk = walk.walk.unwrap();
    while walk.step.as_ref().unwrap().question.is_none() {
        walk = asha.answer_step(&walk, None).await.unwrap();
    }
    let request = pb::AnswerQuestionRequest {
        request_id: new_id(),
        walk_id: walk.walk_id.clone(),
        etag: walk.etag.clone(),
        question_id: walk.step.as_ref().unwrap().step_id.clone(),
        value: Some(value(&json!("Fry"))),
    };
    let walk =
        asked_twice!(asked, world, asha.scripts.answer_question, request, |r: &mut pb::AnswerQuestionRequest| r
            .value =
            Some(value(&json!("Frye"))))
        .walk
        .unwrap();
    let request = pb::GoBackRequest { request_id: new_id(), walk_id: walk.walk_id.clone(), etag: walk.etag.clone() };
    asked_twice!(asked, world, asha.scripts.go_back, request, |r: &mut pb::GoBackRequest| r.etag = "1".into());

    let shift = pb::Shift {
        weekday: pb::Weekday::Friday.into(),
        start: "09:00".into(),
        end: "17:00".into(),
        ..Default::default()
    };
    let request = pb::SetWorkingPatternRequest {
        request_id: new_id(),
        personal_adviser_id: petra.id.clone(),
        office_id: "frome".into(),
        valid_from: "2026-03-01".into(),
        valid_to: String::new(),
        shifts: vec![shift],
        ..Default::default()
    };
    asked_twice!(asked, world, petra.diary.set_working_pattern, request, |r: &mut pb::SetWorkingPatternRequest| r
        .shifts[0]
        .end =
        "12:00".into());
    let slot = asha.find_slots(&claim_id).await.remove(0);
    let request = pb::HoldSlotRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        personal_adviser_id: petra.id.clone(),
        start_time: slot.start_time,
        ..Default::default()
    };
    let held = asked_twice!(asked, world, asha.diary.hold_slot, request, |r: &mut pb::HoldSlotRequest| r.start_time =
        None)
    .appointment
    .unwrap();
    let request = pb::BookAppointmentRequest {
        request_id: new_id(),
        appointment_id: held.appointment_id.clone(),
        ..Default::default()
    };
    asked_twice!(asked, world, asha.diary.book_appointment, request, |r: &mut pb::BookAppointmentRequest| r
        .appointment_id =
        new_id());

    let request = pb::CompleteStartUpRequest { request_id: new_id(), claim_id: claim_id.clone(), ..Default::default() };
    asked_twice!(asked, world, asha.claims.complete_start_up, request, |r: &mut pb::CompleteStartUpRequest| r
        .claim_id =
        new_id());
    let worker = || async { asha.pack_of(&claim_id).await };
    crate::support::until("the worker's pack", worker).await;
    let request = pb::ComposePackRequest { request_id: new_id(), claim_id: claim_id.clone(), ..Default::default() };
    asked_twice!(asked, world, asha.packs.compose_pack, request, |r: &mut pb::ComposePackRequest| r.claim_id =
        new_id());
    let request = pb::LeasePrintJobsRequest { request_id: new_id(), max_jobs: 5, lease_seconds: 60 };
    let jobs =
        asked_twice!(asked, world, room.packs.lease_print_jobs, request, |r: &mut pb::LeasePrintJobsRequest| r
            .max_jobs =
            6);
    let job = &jobs.print_jobs[0];
    let request = pb::ReportPrintedRequest {
        request_id: new_id(),
        print_job_id: job.print_job_id.clone(),
        attempt: job.attempt,
        pages: Some(job.pages),
    };
    asked_twice!(asked, world, room.packs.report_printed, request, |r: &mut pb::ReportPrintedRequest| r.attempt = 7);
    let request = pb::ReportPostedRequest {
        request_id: new_id(),
        print_job_id: job.print_job_id.clone(),
        posted_day: world.now().date_naive().to_string(),
        ..Default::default()
    };
    asked_twice!(asked, world, room.packs.report_posted, request, |r: &mut pb::ReportPostedRequest| r.print_job_id =
        new_id());

    world.wait_until(time(slot.start_time) + TimeDelta::hours(1));
    gone_round(&world, &ada).await;
    let request = pb::RecordAttendanceRequest {
        request_id: new_id(),
        appointment_id: held.appointment_id.clone(),
        attendance: pb::Attendance::Attended.into(),
    };
    asked_twice!(asked, world, petra.diary.record_attendance, request, |r: &mut pb::RecordAttendanceRequest| r
        .attendance =
        pb::Attendance::Failed.into());
    let request = pb::LodgeClaimRequest { request_id: new_id(), claim_id: claim_id.clone(), ..Default::default() };
    asked_twice!(asked, world, petra.claims.lodge_claim, request, |r: &mut pb::LodgeClaimRequest| r.claim_id =
        new_id());

    assert_eq!(asked.0.len(), 21, "every kind of mutation");
    let before = rows(&world).await;
    asked.all_again().await;
    world.restart().await;
    asked.all_again().await;
    assert_eq!(rows(&world).await, before);
});

story!(one_persons_request_id_says_nothing_to_another, |world| {
    let (asha, colin): (Person, Person) =
        (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(frome_facts()), ..Default::default() };
    let ashas = asha.clients().create_client(request.clone()).await.unwrap().into_inner().client.unwrap();
    let colins = colin.clients().create_client(request).await.unwrap().into_inner().client.unwrap();
    assert_ne!(ashas.client_id, colins.client_id);
});

story!(a_request_without_an_id_of_its_own_is_refused, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    for request_id in ["", "1", "not-a-uuid"] {
        let request =
            pb::CreateClientRequest { request_id: request_id.into(), facts: Some(frome_facts()), ..Default::default() };
        let refused = asha.clients().create_client(request).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["request_id".to_owned()]));
    }
});

story!(a_move_of_a_claim_or_a_walk_asked_twice_happens_once_also_across_a_restart, |mut world| {
    let asha = Arc::new(world.adviser("Asha", "somerset").await);
    let petra = Arc::new(world.personal_adviser("Petra", "somerset").await);
    let mut asked = Asked::default();
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let claim_id = claim.claim_id.clone();
    asha.save(&claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let walk = asha.start_walk("start-up", &client.client_id, &claim_id).await;

    let (walk_id, etag) = (walk.walk_id.clone(), walk.etag.clone());
    let target = Some(pb::jump_to_request::Target::StageId("B8".into()));
    let jump = pb::JumpToRequest { request_id: new_id(), walk_id: walk_id.clone(), etag, target };
    let walk = asked_twice!(asked, world, asha.scripts.jump_to, jump, |r: &mut pb::JumpToRequest| r.etag = "7".into());
    let skip = pb::SkipStageRequest {
        request_id: new_id(),
        walk_id: walk_id.clone(),
        etag: walk.walk.unwrap().etag,
        stage_id: "B9".into(),
        reason: "the client is tired".into(),
    };
    let walk = asked_twice!(asked, world, asha.scripts.skip_stage, skip, |r: &mut pb::SkipStageRequest| r.reason =
        "another".into());
    let skip = pb::SkipKeyAreaRequest {
        request_id: new_id(),
        walk_id: walk_id.clone(),
        etag: walk.walk.unwrap().etag,
        key_area_id: "work".into(),
        reason: "the client is tired".into(),
    };
    let walk = asked_twice!(asked, world, asha.scripts.skip_key_area, skip, |r: &mut pb::SkipKeyAreaRequest| r
        .reason =
        "another".into());
    let note = pb::TakeNoteRequest { request_id: new_id(), walk_id: walk_id.clone(), note: "ring after four".into() };
    asked_twice!(asked, world, asha.scripts.take_note, note, |r: &mut pb::TakeNoteRequest| r.note = "never".into());
    let etag = walk.walk.unwrap().etag;
    let park = pb::ParkWalkRequest { request_id: new_id(), walk_id: walk_id.clone(), etag, note: "tired".into() };
    let walk =
        asked_twice!(asked, world, asha.scripts.park_walk, park, |r: &mut pb::ParkWalkRequest| r.note = "gone".into());
    let resume = pb::ResumeWalkRequest { request_id: new_id(), walk_id, etag: walk.walk.unwrap().etag };
    asked_twice!(asked, world, asha.scripts.resume_walk, resume, |r: &mut pb::ResumeWalkRequest| r.etag = "7".into());

    let defer = pb::DeferMeetingRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        reason: "health".into(),
        note: "in hospital".into(),
        review_day: "2026-04-28".into(),
    };
    asked_twice!(asked, world, asha.diary.defer_meeting, defer, |r: &mut pb::DeferMeetingRequest| r.note =
        "at home".into());
    asha.complete_start_up(&claim_id).await.unwrap();
    // What the worker composes must not be counted in the middle of what follows.
    crate::support::until("the worker's pack", || async { asha.pack_of(&claim_id).await }).await;
    let amend = pb::AmendAnswerRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        question_id: "B16".into(),
        value: Some(value(&json!("Nobody"))),
        seen_revision: 0,
        initials: "RJF".into(),
    };
    asked_twice!(asked, world, petra.claims.amend_answer, amend, |r: &mut pb::AmendAnswerRequest| r.initials =
        "X".into());
    let tick = pb::TickEvidenceRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        evidence_id: "U1".into(),
        state: pb::EvidenceState::Seen.into(),
        note: String::new(),
    };
    asked_twice!(asked, world, petra.claims.tick_evidence, tick, |r: &mut pb::TickEvidenceRequest| r.note =
        "a copy".into());
    let raise = pb::RaiseQueryRequest {
        request_id: new_id(),
        claim_id: claim_id.clone(),
        question_id: "B16".into(),
        text: "Who is Nobody?".into(),
    };
    let query = asked_twice!(asked, world, petra.claims.raise_query, raise, |r: &mut pb::RaiseQueryRequest| r.text =
        "Who?".into());
    let settle = pb::SettleQueryRequest {
        request_id: new_id(),
        query_id: query.query.unwrap().query_id,
        outcome: "No message is to be left.".into(),
    };
    asked_twice!(asked, world, petra.claims.settle_query, settle, |r: &mut pb::SettleQueryRequest| r.outcome =
        "Settled.".into());
    let reason = "found a job".to_owned();
    let withdraw = pb::WithdrawClaimRequest { request_id: new_id(), claim_id: claim_id.clone(), reason };
    asked_twice!(asked, world, asha.claims.withdraw_claim, withdraw, |r: &mut pb::WithdrawClaimRequest| r.reason =
        "moved".into());
    let reason = "lost it again".to_owned();
    let reopen = pb::ReopenClaimRequest { request_id: new_id(), claim_id: claim_id.clone(), reason };
    asked_twice!(asked, world, petra.claims.reopen_claim, reopen, |r: &mut pb::ReopenClaimRequest| r.reason =
        "back".into());
    let lodge = pb::LodgeClaimRequest { request_id: new_id(), claim_id, ..Default::default() };
    asked_twice!(asked, world, petra.claims.lodge_claim, lodge, |r: &mut pb::LodgeClaimRequest| r.signed_day =
        "2026-03-03".into());

    world.restart().await;
    let before = rows(&world).await;
    asked.all_again().await;
    assert_eq!(rows(&world).await, before);
});
