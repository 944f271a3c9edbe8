//! One client's whole start-up: from a ringing telephone to a claim handed over.

use crate::support::quiet::quiet_answer;
use crate::support::steps::{connected, draft, frome_facts, heard, offered};
use crate::support::values::{json, new_id, time};
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use startline::definition::Definition;
use startline::grpc::pb;
use startline::ids::QuestionId;
use std::collections::BTreeMap;
use tonic::Code;

story!(a_frome_caller_rings_and_a_letter_is_in_the_post, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let colin = world.adviser("Colin", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let switch = world.switch("the switch").await;

    let (client, callback) = the_call_overflows_and_is_promised_a_call_back(&world, &asha, &bronwen, &switch).await;
    world.wait_until(time(callback.start_time));
    the_call_back_is_taken_once(&asha, &colin, &callback).await;
    let claim = the_script_is_walked(&asha, &client).await;
    the_form_survives_a_restart(&mut world, &asha, &claim).await;
    the_calls_were_recorded(&world).await;

    let petra = world.personal_adviser("Petra", "somerset").await;
    let appointment = the_meeting_is_booked_within_the_standard(&asha, &petra, &claim).await;
    the_call_back_is_over(&asha, &callback).await;
    let room = world.print_room("the print room", "somerset").await;
    the_pack_is_composed_printed_and_posted(&asha, &room, &claim).await;
    the_claim_is_handed_over_after_the_meeting(&world, &petra, &claim, &appointment).await;
});

/// Asha is on a call and Colin is not at work, so after twenty seconds Bronwen's telephone rings in Gwent.
async fn the_call_overflows_and_is_promised_a_call_back(
    world: &World,
    asha: &Person,
    bronwen: &Person,
    switch: &Person,
) -> (pb::Client, pb::Callback) {
    let mut ashas_desk = asha.take_calls().await;
    let mut bronwens_desk = bronwen.take_calls().await;
    let mut taunton = switch.enter_call("taunton-1", "01823 000999").await;
    let local = offered(&mut ashas_desk).await;
    assert!(!local.overflow);
    asha.accept(&local).await;
    assert_eq!(connected(&mut taunton).await.site_id, "somerset");
    switch.report("taunton-1", pb::CallReport::Answered).await;

    let mut call = switch.enter_call("frome-1", "01373 000123").await;
    let position = heard("the queue", &mut call, |message| match message.instruction {
        Some(pb::enter_call_response::Instruction::Queued(queued)) => Some(queued.position),
        _ => None,
    });
    assert_eq!(position.await, 1);
    world.wait(20);
    let offer = offered(&mut bronwens_desk).await;
    assert_eq!((offer.place.as_str(), offer.home_site_id.as_str()), ("Frome", "somerset"));
    assert_eq!((offer.caller_number.as_str(), offer.overflow), ("+441373000123", true));
    assert!(offer.known_clients.is_empty());
    let desk = bronwen.accept(&offer).await;
    assert_eq!(desk.state(), pb::AdviserState::OnCall);
    let connect = connected(&mut call).await;
    assert_eq!((connect.site_id.as_str(), connect.adviser_name.as_str()), ("south-east-gwent", "Bronwen"));
    assert_eq!(connect.address, "sip:bronwen@desk.example");
    switch.report("frome-1", pb::CallReport::Answered).await;

    let client = bronwen.create_client(frome_facts()).await.unwrap();
    assert_eq!(client.home_site_id, "somerset");
    assert_eq!(client.facts.as_ref().unwrap().phone, "+441373000123");
    let slots = bronwen.callback_slots(&client.client_id).await;
    assert_eq!(slots.site_id, "somerset");
    // The next working day, when the centre opens.
    assert_eq!(time(slots.slots[0].start_time), at("2026-03-04T08:30:00Z"));
    let callback = bronwen.book_callback(&client.client_id, at("2026-03-04T08:30:00Z")).await.unwrap();
    assert_eq!((callback.site_id.as_str(), callback.phone_grouped.as_str()), ("somerset", "01373 000123"));

    world.wait(300);
    let request = pb::EndCallRequest { request_id: new_id(), call_id: offer.call_id.clone(), ..Default::default() };
    let desk = bronwen.desk().end_call(request).await.unwrap().into_inner().desk.unwrap();
    assert_eq!(desk.state(), pb::AdviserState::WrapUp);
    switch.report("frome-1", pb::CallReport::Ended).await;
    let request = pb::FinishWrapUpRequest {
        request_id: new_id(),
        call_id: offer.call_id.clone(),
        outcome: "call-back booked".into(),
    };
    let desk = bronwen.desk().finish_wrap_up(request).await.unwrap().into_inner().desk.unwrap();
    assert_eq!(desk.state(), pb::AdviserState::Idle);
    switch.report("taunton-1", pb::CallReport::Ended).await;
    (client, callback)
}

async fn the_call_back_is_taken_once(asha: &Person, colin: &Person, callback: &pb::Callback) {
    let due = asha.due_callbacks().await;
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].callback_id.as_str(), due[0].client_name.as_str()),
        (callback.callback_id.as_str(), "Ms Rosa Jane Fry")
    );
    let taken = asha.start_attempt(&callback.callback_id).await.unwrap();
    assert_eq!(taken.callback.unwrap().state(), pb::CallbackState::Attempting);
    assert_eq!(taken.client.unwrap().facts.unwrap().last_name, "Fry");
    assert_eq!(colin.start_attempt(&callback.callback_id).await.unwrap_err().code(), Code::Aborted);
    assert!(colin.due_callbacks().await.is_empty());
}

async fn the_script_is_walked(asha: &Person, client: &pb::Client) -> pb::Claim {
    let claim = asha.open_claim(&client.client_id).await;
    let known: BTreeMap<&str, Json> = claim
        .answers
        .iter()
        .map(|answer| (answer.question_id.as_str(), json(answer.value.as_ref().unwrap())))
        .collect();
    assert_eq!(known["A2"], "2026-03-03", "the day of the first contact");
    assert_eq!((&known["B2"], &known["B3"]), (&json!("Fry"), &json!("Rosa Jane")));
    assert_eq!((&known["B5"], &known["B9"]), (&json!("1971-04-23"), &json!("BA11 1BL")));
    assert_eq!(known["B8"], json!({"lines": ["4 Catherine Hill", "Frome"]}));
    assert_eq!(known["B13"], "+441373000123");
    assert!(!known.contains_key("B6"), "nobody has asked for the National Insurance number yet");

    let mut walk = asha.start_walk("start-up", &client.client_id, &claim.claim_id).await;
    assert!(walk.step.as_ref().unwrap().say.contains("may I speak to Ms Rosa Jane Fry"));
    let mut steps = 0;
    while let Some(step) = &walk.step {
        // The form's own questions are left open here; the story fills them in its own order.
        let answer = step.question.as_ref().filter(|_| step.part.is_none()).map(in_the_call);
        walk = asha.answer_step(&walk, answer).await.unwrap();
        steps += 1;
        assert!(steps < 500, "the walk goes round in a circle");
    }
    assert!(walk.finished);
    let filled = asha.claim(&claim.claim_id).await;
    let benefits = filled.answers.iter().find(|answer| answer.question_id == "A1").unwrap();
    assert_eq!(json(benefits.value.as_ref().unwrap()), json!(["JSA"]));
    assert_eq!((benefits.revision, benefits.saved_by.as_str()), (1, asha.id.as_str()));
    filled
}

/// What the client says when the script asks.
fn in_the_call(question: &pb::FormQuestion) -> Json {
    match (question.question_id.as_str(), question.kind.as_str()) {
        ("benefits_wanted", _) => json!(["JSA"]),
        ("claim_from", _) => json!("2026-03-03"),
        ("birth_date", _) => json!("1971-04-23"),
        ("client_group", _) => json!("job_seeker"),
        ("meeting_decision", _) => json!("meeting"),
        ("barriers", _) => json!(["none"]),
        (_, "yes_no") => json!("no"),
        (_, "multi") => json!([question.options[0]]),
        (_, "choice") => json!(question.options[0]),
        (_, "text" | "long_text") => json!("As the client told it."),
        (id, kind) => panic!("nobody knows what to say to {id} ({kind})"),
    }
}

async fn the_form_survives_a_restart(world: &mut World, asha: &Person, claim: &pb::Claim) {
    let id = &claim.claim_id;
    let typed_before = [
        ("A5", json!("lost_job")),
        ("A6", json!("no")),
        ("A8", json!("no")),
        ("B6", json!("ab 12 34 56 c")),
        ("B10", json!("1999-06-01")),
        ("B16", json!("Yes, with my sister")),
        ("B17", json!("female")),
        ("B18", json!("single")),
    ];
    for (question, answer) in &typed_before {
        asha.save(id, vec![draft(question, answer, 0)]).await.unwrap();
    }
    let before = asha.claim(id).await;
    world.restart().await;
    assert_eq!(asha.claim(id).await, before);

    // Whatever the answers bring up, until nothing is missing.
    let form = &Definition::embedded().form;
    asha.save(id, vec![draft("S1", &json!("order_book"), 0), draft("S3", &json!("Frome, Cork Street"), 0)])
        .await
        .unwrap();
    for round in 0.. {
        assert!(round < 10, "answering goes on for ever");
        let missing = asha.missing(id).await;
        let quiet = |id: &String| draft(id, &quiet_answer(&form.question(&QuestionId::new(id)).unwrap().kind), 0);
        match missing.iter().map(quiet).collect::<Vec<_>>() {
            drafts if drafts.is_empty() => break,
            drafts => drop(asha.save(id, drafts).await.unwrap()),
        }
    }
    assert_eq!(asha.evidence(id).await, ["U1", "U13", "U21"]);
}

/// The restart has written what the recorder still held.
async fn the_calls_were_recorded(world: &World) {
    let mut inside = world.look_inside().await;
    let sql = "SELECT ended_how || ' ' || home_site || ' ' || handled_site || ' ' || CAST(wait_ms AS TEXT) || ' ' || \
               CAST(talk_ms AS TEXT) || ' ' || outcome FROM call_records WHERE switch_call_id = 'frome-1'";
    assert_eq!(inside.texts(sql).await, ["answered somerset south-east-gwent 20000 300000 call-back booked"]);
}

async fn the_meeting_is_booked_within_the_standard(
    asha: &Person,
    petra: &Person,
    claim: &pb::Claim,
) -> pb::Appointment {
    petra.works_at("frome").await;
    let slots = asha.find_slots(&claim.claim_id).await;
    let slot = &slots[0];
    assert!(slot.within_standard);
    assert_eq!((slot.office_name.as_str(), slot.personal_adviser_name.as_str()), ("ONE office Frome", "Petra"));
    // Two working days after the call, so that the letter is there first.
    assert_eq!(time(slot.start_time), at("2026-03-06T09:00:00Z"));
    let held = asha.hold(&claim.claim_id, slot).await.unwrap();
    assert_eq!(held.state(), pb::AppointmentState::Held);
    let booked = asha.book(&held.appointment_id).await.unwrap();
    assert_eq!(booked.state(), pb::AppointmentState::Booked);

    let early = petra.lodge(&claim.claim_id).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition);
    let done = asha.complete_start_up(&claim.claim_id).await.unwrap();
    assert_eq!((done.state(), &done.appointment_id), (pb::ClaimState::StartUpDone, &booked.appointment_id));
    let early = petra.lodge(&claim.claim_id).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition, "a claim is never lodged before the meeting");
    booked
}

async fn the_call_back_is_over(asha: &Person, callback: &pb::Callback) {
    let request = pb::RecordAttemptRequest {
        request_id: new_id(),
        callback_id: callback.callback_id.clone(),
        outcome: pb::AttemptOutcome::Reached.into(),
        note: "forty minutes".into(),
    };
    let over = asha.callbacks().record_attempt(request).await.unwrap().into_inner().callback.unwrap();
    assert_eq!((over.state(), over.attempts), (pb::CallbackState::Reached, 1));
}

async fn the_pack_is_composed_printed_and_posted(asha: &Person, room: &Person, claim: &pb::Claim) {
    // The worker does it; nobody asked for it.
    let pack = until("the worker's pack", || asha.pack_of(&claim.claim_id)).await;
    assert_eq!(pack.state(), pb::PackState::Queued);
    let kinds: Vec<&str> = pack.documents.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["covering", "appointment", "summary", "evidence", "form"]);
    let again = asha.compose_pack(&claim.claim_id).await.unwrap();
    assert_eq!(again, pack, "composing again finds the same pack");
    let pdf = asha.pdf(&pack.pack_id).await;
    assert!(pdf.starts_with(b"%PDF-"));
    let sum: String = Sha256::digest(&pdf).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sum, pack.sha256);

    let jobs = room.lease(10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((&jobs[0].pack_id, jobs[0].attempt, jobs[0].pages), (&pack.pack_id, 1, pack.pages));
    assert_eq!(room.posted(&jobs[0]).await.unwrap_err().code(), Code::FailedPrecondition, "not printed yet");
    assert_eq!(room.printed(&jobs[0]).await.unwrap().state(), pb::PackState::Printed);
    assert_eq!(room.posted(&jobs[0]).await.unwrap().state(), pb::PackState::Posted);
    assert_eq!(asha.claim(&claim.claim_id).await.state(), pb::ClaimState::Posted);
    assert!(room.lease(10).await.unwrap().is_empty());
}

async fn the_claim_is_handed_over_after_the_meeting(
    world: &World,
    petra: &Person,
    claim: &pb::Claim,
    appointment: &pb::Appointment,
) {
    let meeting = time(appointment.slot.as_ref().unwrap().start_time);
    world.wait_until(meeting + TimeDelta::minutes(45));
    let day = pb::ListDayRequest { office_id: "frome".into(), day: "2026-03-06".into(), ..Default::default() };
    let day = petra.diary().list_day(day).await.unwrap().into_inner().appointments;
    assert_eq!(day.iter().map(|line| line.client_name.as_str()).collect::<Vec<_>>(), ["Ms Rosa Jane Fry"]);
    let kept = petra.record_attendance(&appointment.appointment_id, pb::Attendance::Attended).await.unwrap();
    assert_eq!(kept.state(), pb::AppointmentState::Attended);
    assert_eq!(petra.lodge(&claim.claim_id).await.unwrap().state(), pb::ClaimState::Lodged);
}
