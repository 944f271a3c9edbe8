//! Freed time goes to clients who would come sooner: asked in order, one at a time, and the first to accept has it.

use crate::support::faults::reason;
use crate::support::followup_steps::with_meeting;
use crate::support::steps::frome_facts;
use crate::support::values::time;
use crate::support::{Person, World, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::definition::Definition;
use startline::followup;
use startline::grpc::pb;

async fn people(world: &World) -> (Person, Person) {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    (asha, petra)
}

/// Clients with meetings one after the other, in this order.
async fn in_a_row(asha: &Person, names: &[&str]) -> Vec<(pb::Claim, pb::Appointment)> {
    let mut all = Vec::new();
    for name in names {
        let facts = pb::ClientFacts { last_name: (*name).into(), ..frome_facts() };
        all.push(with_meeting(asha, facts, &json!(["IS"])).await);
    }
    all
}

fn offers(steps: &[pb::Step]) -> Vec<&pb::Step> {
    steps.iter().filter(|step| step.kind() == pb::StepKind::OfferEarlierTime).collect()
}

/// The one offer that stands on the list, once it is for this client.
async fn asked(asha: &Person, name: &str) -> pb::Step {
    until(&format!("{name} to be asked"), || async {
        let steps = asha.steps_due("2026-03-31").await;
        let found = offers(&steps);
        assert!(found.len() <= 1, "two are asked at once: {steps:?}");
        found.first().filter(|step| step.client_name.contains(name)).map(|step| (*step).clone())
    })
    .await
}

fn start(meeting: &pb::Appointment) -> chrono::DateTime<chrono::Utc> {
    time(meeting.slot.as_ref().unwrap().start_time)
}

story!(freed_time_is_offered_in_order_and_whoever_accepts_frees_their_own, |world| {
    let (asha, petra) = people(&world).await;
    let all = in_a_row(&asha, &["Fry", "Hill", "Reed", "Dunn"]).await;
    // Reed waits longest, Hill is urgent; Dunn joined last.
    asha.join_standby(&all[2].0.claim_id, false).await.unwrap();
    world.wait(60);
    asha.join_standby(&all[1].0.claim_id, true).await.unwrap();
    world.wait(60);
    asha.join_standby(&all[3].0.claim_id, false).await.unwrap();
    let again = asha.join_standby(&all[3].0.claim_id, false).await.unwrap_err();
    assert_eq!(reason(&again), "ALREADY_ON_STANDBY");
    let waiting: Vec<_> = asha.on_standby().await.into_iter().map(|one| one.client_name).collect();
    assert!(waiting[0].contains("Hill") && waiting[1].contains("Reed") && waiting[2].contains("Dunn"), "{waiting:?}");

    asha.cancel_meeting(&all[0].1.appointment_id).await;
    let step = asked(&asha, "Hill").await;
    assert_eq!((time(step.offered_time), step.phone.as_str()), (start(&all[0].1), "01373 000123"));
    // Nobody else finds it meanwhile.
    let found = asha.find_slots(&all[3].0.claim_id).await;
    assert!(found.iter().all(|slot| time(slot.start_time) != start(&all[0].1)));
    // They say no; the next one is asked. That one is not reached; the next says yes.
    assert!(asha.answer_offer(&step.standby_offer_id, pb::StandbyAnswer::Decline).await.unwrap().is_none());
    let twice = asha.answer_offer(&step.standby_offer_id, pb::StandbyAnswer::Accept).await.unwrap_err();
    assert_eq!(reason(&twice), "OFFER_OVER");
    let step = asked(&asha, "Reed").await;
    // The time that it is kept runs out.
    world.wait(31 * 60);
    let late = asha.answer_offer(&step.standby_offer_id, pb::StandbyAnswer::Accept).await.unwrap_err();
    assert_eq!(reason(&late), "OFFER_OVER");
    let step = asked(&asha, "Dunn").await;
    let moved = asha.answer_offer(&step.standby_offer_id, pb::StandbyAnswer::Accept).await.unwrap().unwrap();
    assert_eq!((&moved.appointment_id, start(&moved)), (&all[3].1.appointment_id, start(&all[0].1)));
    assert_eq!(moved.sequence, 1);
    // Dunn's own time is the latest of all: it serves nobody who waits. Two still do.
    assert_eq!(asha.on_standby().await.len(), 2);
    // Hill comes off the list and cancels: the time serves Reed.
    let hill = asha.on_standby().await.into_iter().find(|one| one.client_name.contains("Hill")).unwrap();
    asha.leave_standby(&hill.standby_id).await.unwrap();
    asha.cancel_meeting(&all[1].1.appointment_id).await;
    let step = asked(&asha, "Reed").await;
    assert_eq!(time(step.offered_time), start(&all[1].1));
    asha.answer_offer(&step.standby_offer_id, pb::StandbyAnswer::Accept).await.unwrap().unwrap();
    assert!(asha.on_standby().await.is_empty());
    let request = pb::ListAppointmentsRequest { claim_id: all[2].0.claim_id.clone(), ..Default::default() };
    let meetings = petra.diary().list_appointments(request).await.unwrap().into_inner().appointments;
    assert_eq!(meetings.len(), 1, "it is the same meeting, moved");
});

story!(two_processes_never_offer_one_time_to_two_clients_and_a_crash_loses_none, |world| {
    let mut world = world;
    let (asha, _) = people(&world).await;
    let all = in_a_row(&asha, &["Fry", "Hill", "Reed"]).await;
    for (claim, _) in &all[1..] {
        asha.join_standby(&claim.claim_id, false).await.unwrap();
    }
    // Nobody is told of it in time: the service dies with the cancellation.
    asha.cancel_meeting(&all[0].1.appointment_id).await;
    world.stop().await;
    let (first, second) = (world.open_store().await, world.open_store().await);
    let definition = Definition::embedded();
    let now = world.now();
    let look = |store| followup::refill(store, &definition, now);
    for _ in 0..4 {
        // Who loses the race between the two may be told so; the next look finds what there is.
        let (_here, _there) = tokio::join!(look(&first), look(&second));
    }
    look(&first).await.unwrap();
    first.close().await;
    second.close().await;
    world.restart().await;
    let mut inside = world.look_inside().await;
    assert_eq!(inside.texts("SELECT state FROM standby_offers").await, ["open"]);
    assert_eq!(inside.number("SELECT COUNT(*) FROM appointments WHERE state = 'held'").await, 1);
    let steps = asha.steps_due("2026-03-31").await;
    assert_eq!(offers(&steps).len(), 1);
});

story!(time_that_begins_too_soon_to_ring_anybody_is_offered_to_nobody, |world| {
    let (asha, _) = people(&world).await;
    let all = in_a_row(&asha, &["Fry", "Hill"]).await;
    asha.join_standby(&all[1].0.claim_id, true).await.unwrap();
    world.wait_until(start(&all[0].1) - TimeDelta::minutes(119));
    asha.cancel_meeting(&all[0].1.appointment_id).await;
    let definition = Definition::embedded();
    let store = world.open_store().await;
    assert_eq!(followup::refill(&store, &definition, world.now()).await.unwrap(), 0);
    store.close().await;
    assert!(offers(&asha.steps_due("2026-03-31").await).is_empty());
});
