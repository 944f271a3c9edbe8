//! What the client says in the call takes effect by itself: nothing of it is keyed a second time.

use crate::support::callback_steps::{client, every_day, supervisor, to_time};
use crate::support::faults::reason;
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{Answer, frome_facts, start_up_done};
use crate::support::values::{json as json_of, new_id, time};
use crate::support::{Person, at};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::definition::Definition;
use startline::grpc::pb;
use startline::grpc::pb::jump_to_request::Target;
use tonic::Code;

async fn needs(adviser: &Person, client: &str) -> Vec<String> {
    adviser.client(client).await.facts.unwrap().call_needs
}

async fn offered(adviser: &Person, client: &str) -> pb::OfferCallbackSlotsResponse {
    adviser.offers(client, pb::CallbackWishes::default()).await
}

story!(a_caller_who_needs_an_interpreter_and_has_no_money_is_offered_twice_the_time_from_now_on, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    supervisor(&world).await.sets_roster(&asha, every_day("08:30", "18:00")).await;
    let caller = client(&asha, "en", &[]).await;
    let usual = offered(&asha, &caller).await;
    assert_eq!((usual.minutes, usual.urgent_reason.as_str()), (60, ""));
    let walk = asha.start_walk("inbound", &caller, "").await;
    let walk = asha.says(&walk, "caller_language", json!("other")).await;
    assert_eq!(needs(&asha, &caller).await, ["interpreter"]);
    let walk = asha.says(&walk, "urgent_need", json!(["no_money"])).await;
    let found = offered(&asha, &caller).await;
    assert_eq!((found.minutes, found.needs.as_slice()), (120, ["interpreter".to_owned()].as_slice()));
    assert_eq!(found.urgent_reason, "No money to live on");
    let first = |found: &pb::OfferCallbackSlotsResponse| time(found.slots[0].start_time);
    assert!(first(&found) < first(&usual), "urgent: today, and not a working day ahead");

    // Held or booked, it is urgent without anybody having asked.
    let hold = asha.hold_callback(&caller, first(&found)).await.unwrap();
    let booked = asha.book_held(&caller, &hold.hold_id).await.unwrap().callback.unwrap();
    assert!(booked.urgent, "{booked:?}");
    asha.cancels(&booked.callback_id).await.unwrap();
    assert!(asha.book_callback(&caller, first(&found)).await.unwrap().urgent);

    // Nor is anything of it lost when one that was booked before is moved.
    let earlier = client(&asha, "en", &[]).await;
    let start = first(&offered(&asha, &earlier).await);
    let booked = asha.book_callback(&earlier, start).await.unwrap();
    assert!(!booked.urgent && booked.needs.is_empty());
    let again = asha.start_walk("inbound", &earlier, "").await;
    let again = asha.says(&again, "caller_language", json!("other")).await;
    asha.says(&again, "urgent_need", json!(["homeless"])).await;
    let moved = asha.moves(&booked.callback_id, to_time(at("2026-03-05T12:00:00Z"))).await.unwrap();
    assert_eq!((moved.urgent, moved.needs.as_slice()), (true, ["interpreter".to_owned()].as_slice()));
    assert_eq!(time(moved.end_time) - time(moved.start_time), TimeDelta::minutes(120));

    // What is taken back takes no effect; nor does what was said yesterday.
    let walk = asha.says(&walk, "caller_language", json!("english")).await;
    assert_eq!(needs(&asha, &caller).await, [""; 0]);
    world.wait(24 * 3600);
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "");
    asha.says(&walk, "urgent_need", json!(["danger", "homeless"])).await;
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "Somebody in danger");
    let walk = asha.walk(&walk.walk_id).await;
    asha.says(&walk, "urgent_need", json!(["none"])).await;
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "");
});

story!(what_stood_on_the_record_before_the_call_stays_there, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let caller = client(&asha, "en", &["textphone", "interpreter"]).await;
    let walk = asha.start_walk("inbound", &caller, "").await;
    let walk = asha.says(&walk, "caller_language", json!("other")).await;
    let walk = asha.says(&walk, "caller_language", json!("english")).await;
    assert_eq!(needs(&asha, &caller).await, ["interpreter", "textphone"]);
    // An adviser who puts the record right by hand is not overruled by the rest of the call.
    let walk = asha.says(&walk, "caller_reason", json!("bereaved")).await;
    assert_eq!(needs(&asha, &caller).await, ["interpreter", "more-time", "textphone"]);
    // What it put there hides nothing of what is known: it is only to be confirmed.
    let walk = asha.jump(&walk, Target::StepId("caller_needs".into())).await.unwrap();
    assert_eq!(walk.step.as_ref().unwrap().known_value.as_ref().map(json_of), Some(json!(["textphone"])));
    let record = asha.client(&caller).await;
    let facts = pb::ClientFacts { call_needs: vec![], ..record.facts.clone().unwrap() };
    let update = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: caller.clone(),
        etag: record.etag,
        facts: Some(facts),
    };
    asha.clients().update_client(update).await.unwrap();
    asha.says(&walk, "face_to_face", json!("no")).await;
    assert_eq!(needs(&asha, &caller).await, [""; 0]);
});

story!(whoever_would_rather_talk_with_a_woman_is_offered_only_times_at_which_one_is_free, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = supervisor(&world).await;
    sunil.sets_roster(&asha, every_day("08:30", "18:00")).await;
    let caller = asha.create_client(frome_facts()).await.unwrap().client_id;
    let walk = asha.start_walk("inbound", &caller, "").await;
    let walk = asha.says(&walk, "caller_adviser", json!("woman")).await;
    let found = offered(&asha, &caller).await;
    assert_eq!((found.slots.len(), found.needs.as_slice()), (0, ["woman".to_owned()].as_slice()));
    let bethan = world.add_skilled("Bethan", Role::Adviser, Some("somerset"), &["woman", "outbound"]).await;
    sunil.sets_roster(&bethan, every_day("13:00", "18:00")).await;
    let found = offered(&asha, &caller).await;
    let local = |slot: &pb::CallbackSlot| time(slot.start_time);
    assert!(!found.slots.is_empty() && found.slots.iter().all(|slot| local(slot) >= at("2026-03-03T13:00:00Z")));
    asha.says(&walk, "caller_adviser", json!("either")).await;
    assert_eq!(needs(&asha, &caller).await, [""; 0]);
    let all = offered(&asha, &caller).await;
    assert!(local(&all.slots[0]) < local(&found.slots[0]), "{all:?}");
    // What is said in a later call takes the place of what was said in this one.
    let walk = asha.says(&asha.walk(&walk.walk_id).await, "caller_adviser", json!("woman")).await;
    drop(walk);
    let later = bethan.start_walk("inbound", &caller, "").await;
    let later = bethan.says(&later, "caller_adviser", json!("man")).await;
    assert_eq!(needs(&asha, &caller).await, ["man"]);
    let last = asha.start_walk("inbound", &caller, "").await;
    asha.says(&last, "caller_adviser", json!("either")).await;
    assert_eq!(needs(&asha, &caller).await, [""; 0]);
    drop(later);
    // So does what was urgent an hour ago.
    let first = asha.start_walk("inbound", &caller, "").await;
    asha.says(&first, "urgent_need", json!(["danger"])).await;
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "Somebody in danger");
    world.wait(3_600);
    let second = asha.start_walk("inbound", &caller, "").await;
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "Somebody in danger", "nothing was said of it yet");
    asha.says(&second, "urgent_need", json!(["none"])).await;
    assert_eq!(offered(&asha, &caller).await.urgent_reason, "");
});

async fn told(person: &Person, claim: &str) -> Answer<Option<pb::StartUpSummary>> {
    let request = pb::GetStartUpSummaryRequest { claim_id: claim.into() };
    Ok(person.scripts().get_start_up_summary(request).await?.into_inner().summary)
}

story!(what_was_said_in_the_start_up_call_is_read_before_the_meeting_by_right, |world| {
    let PackPeople { asha, petra, lena, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let id = claim.claim_id.as_str();
    assert_eq!(told(&petra, id).await.unwrap(), None, "there was no call by the script");
    let walk = asha.start_walk("start-up", &claim.client_id, id).await;
    let walk = asha.says(&walk, "client_group", json!("sick_or_disabled")).await;
    let walk = asha.says(&walk, "work_wanted", json!("Something in a garden")).await;
    let walk = asha.says(&walk, "barriers", json!(["transport"])).await;
    let walk = asha.says(&walk, "promised", json!("The leaflet on gardens")).await;
    asha.note(&walk, "Speaks softly: let her finish").await.unwrap();
    let walk = asha.skip_area(&asha.walk(&walk.walk_id).await, "benefits", "the line broke off").await.unwrap();
    let walk = asha.skip_stage(&walk, "B9", "no time for papers").await.unwrap();
    asha.park(&walk, "").await.unwrap();

    // Whoever holds the meeting reads all of it: what is sensitive says so.
    let by_petra = told(&petra, id).await.unwrap().unwrap();
    let answer = |summary: &pb::StartUpSummary, id: &str| {
        let mut all = summary.stages.iter().flat_map(|stage| &stage.answers);
        all.find(|answer| answer.question_id == id).cloned().unwrap_or_else(|| panic!("{id}: {summary:?}"))
    };
    assert_eq!((by_petra.user_name.as_str(), by_petra.finished), ("Asha", false));
    assert!(by_petra.park_time.is_some());
    assert_eq!(answer(&by_petra, "work_wanted").said, "Something in a garden");
    assert_eq!(answer(&by_petra, "promised").said, "The leaflet on gardens", "which is never printed");
    let barriers = answer(&by_petra, "barriers");
    assert!(barriers.sensitive && !barriers.withheld && !barriers.said.is_empty(), "{barriers:?}");
    assert_eq!(by_petra.notes[0].note, "Speaks softly: let her finish");
    let benefits = by_petra.key_areas.iter().find(|area| area.key_area_id == "benefits").unwrap();
    assert_eq!((benefits.state(), benefits.reason.as_str()), (pb::KeyAreaState::Skipped, "the line broke off"));
    let skipped: Vec<_> = by_petra.skipped_stages.iter().map(|stage| stage.reason.as_str()).collect();
    assert_eq!(skipped, ["no time for papers"]);
    // What the form asks stands on the form.
    let all: Vec<_> = by_petra.stages.iter().flat_map(|stage| &stage.answers).collect();
    assert!(all.iter().all(|answer| !["benefits_wanted", "birth_date"].contains(&answer.question_id.as_str())));

    // The expert who checks it and the team leader read it as well; reception does not.
    let ella = world.add("Ella", Role::BenefitsExpert, Some("somerset")).await;
    assert_eq!(told(&ella, id).await.unwrap().unwrap().notes, by_petra.notes);
    assert_eq!(told(&lena, id).await.unwrap().unwrap().stages, by_petra.stages);
    let rex = world.add_at("Rex", Role::Reception, "somerset", Some("frome")).await;
    assert_eq!(told(&rex, id).await.unwrap_err().code(), Code::PermissionDenied);
    // Somebody elsewhere does not reach it; who has asked for the record sees neither what is sensitive nor the notes.
    let bo = world.adviser("Bo", "buckinghamshire").await;
    assert_eq!(reason(&told(&bo, id).await.unwrap_err()), "OUTSIDE_WORK");
    let ask = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: claim.client_id.clone(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "a complaint".into(),
    };
    bo.privacy().ask_for_record(ask).await.unwrap();
    let by_bo = told(&bo, id).await.unwrap().unwrap();
    let barriers = answer(&by_bo, "barriers");
    assert!(barriers.withheld && barriers.said.is_empty(), "{barriers:?}");
    assert_eq!(answer(&by_bo, "work_wanted").said, "Something in a garden");
    assert!(by_bo.notes.is_empty() && by_bo.notes_withheld);
    assert!(by_bo.key_areas.iter().all(|area| area.reason.is_empty()));
    assert!(by_bo.skipped_stages.iter().all(|stage| stage.reason.is_empty()));
    // Nor by another way.
    let outline = bo.outline(&walk).await;
    assert!(outline.notes.is_empty() && outline.notes_withheld);
    assert!(outline.stages.iter().all(|stage| stage.skip_reason.is_empty()));
    assert!(bo.walk(&walk.walk_id).await.key_areas.iter().all(|area| area.reason.is_empty()));
    assert!(!asha.outline(&walk).await.notes.is_empty());
});

// Neither is asked which attempt it was, nor is anything said of the next that the service does not do.
story!(what_the_script_says_of_the_next_attempt_is_what_comes_of_it_by_itself, |world| {
    let definition = Definition::embedded();
    let script = definition.scripts.iter().find(|script| script.id == "no-reply").unwrap();
    let asked: Vec<_> =
        script.stages.iter().flat_map(|stage| &stage.questions).map(|question| question.id.as_str()).collect();
    assert_eq!(asked, ["what_happened", "message_left", "other_number_found"]);
    let next = script.stages.last().unwrap().guidance.as_ref().unwrap();
    for said in ["after ten minutes, after an hour and at the end of the day", "after the fourth attempt a letter"] {
        assert!(next.en.contains(said), "{}", next.en);
    }
    let asha = world.adviser("Asha", "somerset").await;
    supervisor(&world).await.sets_roster(&asha, every_day("08:30", "18:00")).await;
    let client = client(&asha, "en", &[]).await;
    let booked = asha.book_callback(&client, at("2026-03-04T09:00:00Z")).await.unwrap();
    for (rung, due) in [("09:00", "09:10"), ("09:10", "10:10"), ("10:10", "17:00")] {
        world.wait_until(at(&format!("2026-03-04T{rung}:00Z")));
        asha.start_attempt(&booked.callback_id).await.unwrap();
        let again = asha.record_attempt(&booked.callback_id, pb::AttemptOutcome::NoReply).await.unwrap();
        assert_eq!(time(again.due_time), at(&format!("2026-03-04T{due}:00Z")));
    }
    world.wait_until(at("2026-03-04T17:00:00Z"));
    asha.start_attempt(&booked.callback_id).await.unwrap();
    asha.record_attempt(&booked.callback_id, pb::AttemptOutcome::NoReply).await.unwrap();
    let request = pb::ListCallbackLettersRequest::default();
    let letters = asha.callbacks().list_callback_letters(request).await.unwrap().into_inner().letters;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].callback.as_ref().unwrap().callback_id, booked.callback_id);
    assert!(letters[0].start_time.is_some(), "{letters:?}");
});
