//! An adviser promises to make a call-back: the floor knows when, everybody sees who, and anybody may make it all the same.

use crate::support::faults::fields;
use crate::support::floor_steps::keep;
use crate::support::steps::frome_facts;
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at, until};
use chrono::{DateTime, TimeDelta, Utc};
use startline::access::Role;
use startline::callbacks;
use startline::definition::Definition;
use startline::grpc::pb;
use tonic::Code;

fn booking(client: &pb::Client, start: DateTime<Utc>, owner: &str) -> pb::BookCallbackRequest {
    pb::BookCallbackRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        start_time: Some(timestamp(start)),
        adviser_id: owner.into(),
        ..Default::default()
    }
}

async fn commitments(world: &World, from: DateTime<Utc>) -> Vec<(String, DateTime<Utc>)> {
    let store = world.open_store().await;
    let found = callbacks::commitments(&mut store.read().await.unwrap().db(), from, from + TimeDelta::days(2)).await;
    store.close().await;
    let mut found: Vec<_> = found.unwrap().into_iter().map(|(adviser, at)| (adviser.to_string(), at)).collect();
    found.sort();
    found
}

story!(a_promise_has_a_name_and_a_time_until_it_is_kept, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let ben = world.adviser("Ben", "somerset").await;
    let (nine, ten) = (at("2026-03-04T09:00:00Z"), at("2026-03-04T10:00:00Z"));
    let clients = [asha.create_client(frome_facts()).await.unwrap(), asha.create_client(frome_facts()).await.unwrap()];
    let request = booking(&clients[0], nine, &asha.id);
    let answer = asha.callbacks().book_callback(request.clone()).await.unwrap().into_inner();
    let booked = answer.callback.clone().unwrap();
    assert_eq!((&booked.adviser_id, booked.adviser_name.as_str()), (&asha.id, "Asha"));
    asha.callbacks().book_callback(booking(&clients[1], ten, &asha.id)).await.unwrap();
    assert_eq!(commitments(&world, world.now()).await, [(asha.id.clone(), nine)], "the next one counts");
    world.restart().await;
    assert_eq!(asha.callbacks().book_callback(request).await.unwrap().into_inner(), answer);

    world.wait_until(nine + TimeDelta::minutes(10));
    let due = ben.due_callbacks().await;
    assert_eq!((due.len(), due[0].adviser_name.as_str()), (1, "Asha"));
    // The client does not wait for Asha's lunch.
    let started = ben.start_attempt(&booked.callback_id).await.unwrap().callback.unwrap();
    assert_eq!(started.adviser_name, "Asha");
    assert_eq!(commitments(&world, nine).await, [(asha.id.clone(), ten)]);
    let tried = ben.record_attempt(&booked.callback_id, pb::AttemptOutcome::NoReply).await.unwrap();
    assert_eq!(commitments(&world, nine).await, [(asha.id.clone(), time(tried.due_time))]);
    world.wait_until(time(tried.due_time) + TimeDelta::minutes(10));
    ben.start_attempt(&booked.callback_id).await.unwrap();
    ben.record_attempt(&booked.callback_id, pb::AttemptOutcome::Reached).await.unwrap();
    assert_eq!(commitments(&world, nine).await, [(asha.id.clone(), ten)]);
    assert!(commitments(&world, ten + TimeDelta::seconds(1)).await.is_empty());
});

story!(shortly_before_a_promised_call_back_its_adviser_is_kept_for_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let nine = at("2026-03-04T09:00:00Z");
    asha.callbacks().book_callback(booking(&client, nine, &asha.id)).await.unwrap();
    world.wait_until(nine - TimeDelta::hours(1));
    let _desk = asha.take_calls().await;
    let floor = sunil.floor_of("somerset").await;
    assert_eq!((floor.idle_advisers, floor.advisers_kept_for_callbacks), (1, 0));
    world.wait_until(nine - TimeDelta::minutes(2));
    until("Asha to be kept", || async {
        let floor = sunil.floor_of("somerset").await;
        (floor.advisers_kept_for_callbacks == 1).then_some(())
    })
    .await;
});

story!(only_an_adviser_of_the_home_site_can_promise, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let nine = at("2026-03-04T09:00:00Z");
    for owner in [bethan.id.as_str(), sunil.id.as_str(), &new_id(), "nobody"] {
        let refused = asha.callbacks().book_callback(booking(&client, nine, owner)).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["adviser_id".to_owned()]));
    }
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM callbacks").await, 0);
    let nobodys: Person = asha;
    let free = nobodys.book_callback(&client.client_id, nine).await.unwrap();
    assert_eq!((free.adviser_id.as_str(), free.adviser_name.as_str()), ("", ""));
    assert!(commitments(&world, world.now()).await.is_empty());
});

story!(records_that_say_nothing_of_call_backs_leave_promises_alone, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let nine = at("2026-03-04T09:00:00Z");
    asha.callbacks().book_callback(booking(&client, nine, &asha.id)).await.unwrap();
    let store = world.open_store().await;
    keep(&store, Definition::embedded(), world.now(), Vec::new()).await;
    store.close().await;
    assert_eq!(commitments(&world, world.now()).await, [(asha.id.clone(), nine)]);
});
