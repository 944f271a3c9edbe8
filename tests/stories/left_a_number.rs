//! A caller who cannot wait leaves a number, and that is a promise: a booking, or at least somebody's list.

use crate::starts::{copied_definition, edit};
use crate::support::floor_steps::{keep, keep_with, record, with_card};
use crate::support::steps::frome_facts;
use crate::support::values::time;
use crate::support::{Home, Person, World, at, until};
use chrono::{DateTime, Utc};
use startline::clock::Clock;
use startline::definition::Definition;
use startline::error::{Error, Result};
use startline::grpc::pb;
use startline::routing::{CallRecord, FollowUp, How, JournalEntry, ReleaseReason};
use startline::store::Db;

const NUMBER: &str = "+441373000123";
const REQUESTED: How = How::Diverted(ReleaseReason::CallbackRequested);

async fn kept(home: &Home, records: &[CallRecord]) {
    kept_under(home, Definition::embedded(), records).await;
}

async fn kept_under(home: &Home, definition: std::sync::Arc<Definition>, records: &[CallRecord]) {
    let store = home.open_store().await;
    let now = at("2026-03-03T10:05:00Z");
    let finished = records.iter().map(|record| JournalEntry::Call(Box::new(record.clone()))).collect();
    keep(&store, definition, now, finished).await;
    store.close().await;
}

async fn tomorrow(world: &World, asha: &Person) -> Vec<pb::Callback> {
    world.wait_until(at("2026-03-04T12:00:00Z"));
    asha.due_callbacks().await
}

story!(a_stranger_who_leaves_a_number_is_booked_and_seen_as_one_whose_name_is_asked, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let left = record(Some(NUMBER), REQUESTED);
    kept(&world, std::slice::from_ref(&left)).await;
    // The acknowledgement was lost: it comes again, and once more after a restart.
    kept(&world, &[left.clone(), left.clone()]).await;
    world.restart().await;
    kept(&world, &[left]).await;

    let due = tomorrow(&world, &asha).await;
    assert_eq!(due.len(), 1, "{due:?}");
    let callback = &due[0];
    assert_eq!((callback.phone.as_str(), callback.site_id.as_str()), (NUMBER, "somerset"));
    assert!(callback.client_name.contains("name not known"), "{}", callback.client_name);
    assert!(callback.note.contains("3 March at 10:00"), "{}", callback.note);
    assert_eq!(time(callback.start_time), at("2026-03-04T08:30:00Z"), "the earliest by the ordinary rules");
    assert_eq!(time(callback.first_contact_time), at("2026-03-03T10:00:00Z"));
    let client = asha.client(&callback.client_id).await;
    assert_eq!(time(client.first_contact_time), at("2026-03-03T10:00:00Z"));
    assert_eq!(client.facts.unwrap().last_name, "");
    assert!(asha.missed_callers().await.is_empty());
    // The adviser rings, asks the name, and has an ordinary client.
    asha.start_attempt(&callback.callback_id).await.unwrap();
    let update = pb::UpdateClientRequest {
        request_id: crate::support::values::new_id(),
        client_id: client.client_id,
        etag: client.etag,
        facts: Some(frome_facts()),
    };
    let updated = asha.clients().update_client(update).await.unwrap().into_inner().client.unwrap();
    assert_eq!(updated.first_contact_time, client.first_contact_time);
});

story!(at_the_public_door_a_caller_leaves_a_number_and_is_promised_a_call, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    let _call = switch.enter_call("leaves", "01373 000123").await;
    world.wait(70);
    for _ in 0..2 {
        switch.report("leaves", pb::CallReport::CallbackRequested).await;
    }
    until("the record", || async {
        let recorded = world.look_inside().await.number("SELECT COUNT(*) FROM call_records").await;
        (recorded == 1).then_some(())
    })
    .await;
    let due = tomorrow(&world, &asha).await;
    assert_eq!((due.len(), due[0].phone.as_str()), (1, NUMBER));
    assert_eq!(time(due[0].first_contact_time), at("2026-03-03T10:00:00Z"));
});

story!(a_known_client_is_booked_once_and_the_earlier_date_of_first_contact_stays, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let before = time(client.first_contact_time);
    let earlier = with_card(record(Some(NUMBER), REQUESTED), |card| card.entered_at = at("2026-03-03T09:00:00Z"));
    kept(&world, &[earlier]).await;
    let later = with_card(record(Some(NUMBER), REQUESTED), |card| card.entered_at = at("2026-03-03T10:04:00Z"));
    kept(&world, &[later]).await;
    let due = tomorrow(&world, &asha).await;
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(due[0].client_id, client.client_id);
    let now = time(asha.client(&client.client_id).await.first_contact_time);
    assert_eq!((before, now), (at("2026-03-03T10:00:00Z"), at("2026-03-03T09:00:00Z")));
});

story!(a_client_who_is_promised_a_call_back_already_gets_no_second_one, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    let booked = asha.book_callback(&client.client_id, at("2026-03-05T09:00:00Z")).await.unwrap();
    kept(&world, &[record(Some(NUMBER), REQUESTED)]).await;
    world.wait_until(at("2026-03-06T09:00:00Z"));
    let due = asha.due_callbacks().await;
    assert_eq!(due.iter().map(|due| &due.callback_id).collect::<Vec<_>>(), [&booked.callback_id]);
});

story!(a_number_that_two_share_is_booked_for_neither_of_them, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let first = asha.create_client(frome_facts()).await.unwrap();
    let second = asha.create_client(pb::ClientFacts { other_names: "Ivor".into(), ..frome_facts() }).await.unwrap();
    kept(&world, &[record(Some(NUMBER), REQUESTED), record(Some(NUMBER), REQUESTED)]).await;
    let due = tomorrow(&world, &asha).await;
    assert_eq!(due.len(), 1, "{due:?}");
    assert!(![first.client_id, second.client_id].contains(&due[0].client_id));
});

story!(without_a_home_or_a_slot_the_caller_is_listed_instead, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let homeless = with_card(record(Some("+447700900999"), REQUESTED), |card| card.home = None);
    kept(&world, &[homeless]).await;
    let full = copied_definition(&world, "full");
    edit(&full.join("sites.yaml"), "callbacks_per_half_hour: 6", "callbacks_per_half_hour: 0");
    let full = Definition::load(&full).unwrap();
    kept_under(&world, full, &[record(Some(NUMBER), REQUESTED)]).await;
    // Nobody can ring this one, and nothing breaks.
    kept(&world, &[record(None, REQUESTED)]).await;
    let mut phones: Vec<_> = asha.missed_callers().await.into_iter().map(|caller| caller.phone).collect();
    phones.sort_unstable();
    assert_eq!(phones, [NUMBER, "+447700900999"]);
    assert!(tomorrow(&world, &asha).await.is_empty());
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM clients").await, 0);
});

/// Fails at one call, for good.
struct FailsAt(startline::ids::CallId);

impl FollowUp for FailsAt {
    async fn follow(&self, _db: &mut Db<'_>, record: &CallRecord) -> Result<()> {
        if record.card.call == self.0 { Err(Error::internal("cannot be")) } else { Ok(()) }
    }

    async fn was_answered(&self, _db: &mut Db<'_>, _caller: &str, _at: DateTime<Utc>) -> Result<()> {
        Ok(())
    }
}

home_story!(one_call_that_nothing_can_follow_from_holds_up_no_other, |home| {
    let store = home.open_store().await;
    let records: Vec<CallRecord> = (0..7).map(|_| record(Some(NUMBER), How::Abandoned)).collect();
    let bad = FailsAt(records[3].card.call);
    let finished = records.into_iter().map(|record| JournalEntry::Call(Box::new(record))).collect();
    keep_with(&store, Clock::system(), bad, finished).await;
    store.close().await;
    assert_eq!(home.look_inside().await.number("SELECT COUNT(*) FROM call_records").await, 7);
});

home_story!(a_thousand_records_wait_for_the_database_and_none_is_lost, |home| {
    waits(home).await;
});

async fn waits(mut home: Home) {
    let mut line = home.behind_a_line().await;
    let store = home.open_store().await;
    line.cut().await;
    let records: Vec<JournalEntry> =
        (0..1000).map(|_| JournalEntry::Call(Box::new(record(Some(NUMBER), How::Abandoned)))).collect();
    let writing = {
        let store = store.clone();
        tokio::spawn(async move { keep_with(&store, Clock::system(), Nothing, records).await })
    };
    // It is really away: whoever asks now is told so.
    let refused = store.begin_write().await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
    line.mend().await;
    crate::support::soon("the records", writing).await.unwrap();
    store.close().await;
    assert_eq!(home.look_inside().await.number("SELECT COUNT(*) FROM call_records").await, 1000);
}

struct Nothing;

impl FollowUp for Nothing {
    async fn follow(&self, _db: &mut Db<'_>, _record: &CallRecord) -> Result<()> {
        Ok(())
    }

    async fn was_answered(&self, _db: &mut Db<'_>, _caller: &str, _at: DateTime<Utc>) -> Result<()> {
        Ok(())
    }
}
