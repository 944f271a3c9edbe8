//! Each mutation leaves who did what, when and on which record, in its own transaction.

use crate::support::steps::{client_with_claim, draft, frome_facts};
use crate::support::values::{new_id, time};
use crate::support::{Home, Person, at, until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use startline::access;
use startline::grpc::pb;

/// `action by whom`, in order, for one record; the times are checked to be among those given.
async fn trail(home: &Home, people: &[&Person], record: &str, between: (DateTime<Utc>, DateTime<Utc>)) -> Vec<String> {
    let store = home.open_store().await;
    let lines = access::audit_trail(&mut store.read().await.unwrap().db(), &record).await.unwrap();
    store.close().await;
    let name = |id: String| people.iter().find(|person| person.id == id).map(|person| person.name.clone());
    let told = lines.into_iter().map(|line| {
        assert!(between.0 <= line.at && line.at <= between.1, "{line:?}");
        format!("{} by {}", line.action, name(line.user.to_string()).unwrap_or_else(|| "somebody else".into()))
    });
    told.collect()
}

story!(each_step_from_ring_to_letter_leaves_its_line, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    let began = world.now();
    // Time passes between the steps, so that the trails have an order.
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    world.wait(1);
    let id = &claim.claim_id;
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: client.etag.clone(),
        facts: Some(pb::ClientFacts { nino: "AB123456C".into(), ..frome_facts() }),
    };
    asha.clients().update_client(request).await.unwrap();
    world.wait(1);
    let nine = at("2026-03-04T09:00:00Z");
    let callback = asha.book_callback(&client.client_id, nine).await.unwrap();
    world.wait(1);
    world.wait_until(nine);
    asha.start_attempt(&callback.callback_id).await.unwrap();
    world.wait(1);
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    world.wait(1);
    let walk = asha.answer_step(&walk, None).await.unwrap();
    world.wait(1);
    let request = pb::GoBackRequest { request_id: new_id(), walk_id: walk.walk_id.clone(), etag: walk.etag.clone() };
    asha.scripts().go_back(request).await.unwrap();
    world.wait(1);
    asha.save(id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let request = pb::RecordAttemptRequest {
        request_id: new_id(),
        callback_id: callback.callback_id.clone(),
        outcome: pb::AttemptOutcome::Reached.into(),
        note: String::new(),
    };
    asha.callbacks().record_attempt(request).await.unwrap();
    world.wait(1);
    petra.works_at("frome").await;
    world.wait(1);
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    world.wait(1);
    asha.book(&held.appointment_id).await.unwrap();
    world.wait(1);
    asha.complete_start_up(id).await.unwrap();
    world.wait(1);
    let pack = until("the worker's pack", || asha.pack_of(id)).await;
    let job = room.lease(1).await.unwrap().remove(0);
    world.wait(1);
    room.printed(&job).await.unwrap();
    world.wait(1);
    room.posted(&job).await.unwrap();
    world.wait(1);
    world.wait_until(time(slot.start_time) + TimeDelta::hours(1));
    petra.record_attendance(&held.appointment_id, pb::Attendance::Attended).await.unwrap();
    world.wait(1);
    petra.lodge(id).await.unwrap();

    let people = [&asha, &petra, &room];
    let when = (began, world.now());
    let trail = async |record: &str| trail(&world, &people, record, when).await;
    assert_eq!(trail(&client.client_id).await, ["client_created by Asha", "client_updated by Asha"]);
    assert_eq!(
        trail(&callback.callback_id).await,
        ["callback_booked by Asha", "callback_attempt_started by Asha", "callback_attempt_recorded by Asha"]
    );
    assert_eq!(trail(&walk.walk_id).await, ["walk_started by Asha", "walk_answered by Asha", "walk_went_back by Asha"]);
    assert_eq!(
        trail(id).await,
        ["claim_opened by Asha", "start_up_completed by Asha", "claim_posted by Ron", "claim_lodged by Petra"]
    );
    assert_eq!(
        trail(&held.appointment_id).await,
        ["slot_held by Asha", "appointment_booked by Asha", "attendance_recorded by Petra"]
    );
    // The worker composes in the name of whoever completed the call.
    assert_eq!(trail(&pack.pack_id).await, ["pack_composed by Asha"]);
    assert_eq!(
        trail(&job.print_job_id).await,
        ["print_job_leased by Ron", "pack_printed by Ron", "pack_posted by Ron"]
    );
    let mut hers = trail(&petra.id).await;
    assert_eq!(hers.pop().as_deref(), Some("working_pattern_set by Petra"));
    hers.sort();
    assert_eq!(hers, ["token_made by somebody else", "user_added by somebody else"]);

    // Answers are their own trail: who, when, from which stage, under which request.
    let mut inside = world.look_inside().await;
    let sql = "SELECT a.question_id || ' ' || a.stage || ' ' || u.name FROM answers a JOIN users u ON u.id = a.saved_by \
               WHERE a.question_id = 'A1'";
    assert_eq!(inside.texts(sql).await, ["A1 B8 Asha"]);
    // What was refused leaves nothing.
    let before = inside.number("SELECT COUNT(*) FROM audit").await;
    asha.create_client(pb::ClientFacts { phone: "1".into(), ..frome_facts() }).await.unwrap_err();
    petra.lodge(id).await.unwrap_err();
    assert_eq!(inside.number("SELECT COUNT(*) FROM audit").await, before);
});
