//! What the client says in the call takes effect by itself: nothing of it is keyed a second time.

use crate::support::callback_steps::{client, every_day, supervisor};
use crate::support::steps::frome_facts;
use crate::support::values::{new_id, time};
use crate::support::{Person, at};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;

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
});
