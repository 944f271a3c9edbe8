//! Somebody sets the machine's clock: an hour back, a day back, two hours on. What lasts for seconds or minutes lasts as
//! long as it would have, for callers and desks, for leases of print jobs and for places held for clients.

use crate::support::callback_steps::{client, every_day, supervisor, wednesday};
use crate::support::faults::reason;
use crate::support::print_steps::pack_people;
use crate::support::steps::{heard, offered, start_up_done};
use crate::support::until;
use startline::access::Role;
use startline::grpc::pb::{self, watch_desk_response::Event};
use tonic::Streaming;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

async fn offer_ended(desk: &mut Streaming<pb::WatchDeskResponse>) -> pb::OfferWithdrawn {
    heard("the offer's end", desk, |message| match message.event {
        Some(Event::OfferWithdrawn(ended)) => Some(ended),
        _ => None,
    })
    .await
}

story!(a_clock_set_back_an_hour_freezes_no_offer_and_changes_no_wait, |world| {
    let (asha, bela) = (world.adviser("Asha", "somerset").await, world.adviser("Bela", "somerset").await);
    let switch = world.add("Exchange", Role::Switch, None).await;
    let mut desk = asha.take_calls().await;
    let _call = switch.enter_call("call-1", "+441373000123").await;
    let first = offered(&mut desk).await;
    let mut next = bela.take_calls().await;
    world.wait(5);
    world.set_clock(-HOUR);
    world.wait(10);
    assert_eq!(offer_ended(&mut desk).await.offer_id, first.offer_id);
    let second = offered(&mut next).await;
    assert_eq!(second.call_id, first.call_id);
    bela.accept(&second).await;
    switch.report("call-1", pb::CallReport::Answered).await;
    world.wait(60);
    switch.report("call-1", pb::CallReport::Ended).await;
    world.wait(HOUR);
    let mut inside = world.look_inside().await;
    let recorded = "SELECT COUNT(*) FROM call_records";
    until("the record", || async { (world.look_inside().await.number(recorded).await == 1).then_some(()) }).await;
    assert_eq!(inside.number("SELECT wait_ms FROM call_records").await, 15_000);
    assert_eq!(inside.number("SELECT talk_ms FROM call_records").await, 60_000);
});

story!(a_print_job_is_leased_as_long_as_it_was_asked_for_whatever_the_clock_is_set_to, |world| {
    let people = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &people.asha, "Fry").await;
    people.asha.awaits_pack(&claim.claim_id).await;
    for by in [-DAY, DAY, -HOUR] {
        let job = people.room.leases_one().await;
        let until_before = world.look_inside().await.moment("SELECT leased_until FROM print_jobs").await;
        world.set_clock(by);
        let moved = until_before + chrono::TimeDelta::seconds(by);
        until("the lease to be moved along", || async {
            (world.look_inside().await.moment("SELECT leased_until FROM print_jobs").await == moved).then_some(())
        })
        .await;
        world.wait(59);
        assert_eq!(people.room.lease(1).await.unwrap(), [], "set by {by} s");
        world.wait(1);
        assert_eq!(people.room.leases_one().await.print_job_id, job.print_job_id, "set by {by} s");
        world.wait(60);
    }
});

story!(a_place_is_held_as_long_as_was_promised_whatever_the_clock_is_set_to, |world| {
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    sunil.sets_roster(&asha, every_day("09:00", "17:00")).await;
    let (first, second) = (client(&asha, "en", &[]).await, client(&asha, "en", &[]).await);
    for by in [2 * HOUR, -5 * HOUR] {
        let held = asha.hold_callback(&first, wednesday("10:00")).await.unwrap();
        let until_before = world.look_inside().await.moment("SELECT held_until FROM callback_cells").await;
        world.set_clock(by);
        let moved = until_before + chrono::TimeDelta::seconds(by);
        until("the place to be held on", || async {
            (world.look_inside().await.moment("SELECT MAX(held_until) FROM callback_cells").await == moved)
                .then_some(())
        })
        .await;
        world.wait(299);
        let refused = asha.book_callback(&second, wednesday("10:00")).await.unwrap_err();
        assert_eq!(reason(&refused), "SLOT_TAKEN", "set by {by} s");
        world.wait(1);
        let late = asha.book_held(&first, &held.hold_id).await.unwrap_err();
        assert_eq!(reason(&late), "HOLD_EXPIRED", "set by {by} s");
    }
});
