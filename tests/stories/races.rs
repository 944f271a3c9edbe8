//! Twenty reach for one thing at once: one gets it, and the others are told what is still free.

use crate::support::faults::{fresh_offers, reason, stale_answers};
use crate::support::steps::{Answer, client_with_claim, frome_facts, start_up_done};
use crate::support::values::time;
use crate::support::{Person, World, at, soon};
use startline::grpc::pb;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Barrier;
use tonic::{Code, Status};

const RACERS: usize = 20;

/// Lets them all go at the same moment, and gives what came of each.
async fn race<T, F>(racers: Vec<F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let line = Arc::new(Barrier::new(racers.len()));
    let running: Vec<_> = racers
        .into_iter()
        .map(|racer| {
            let line = line.clone();
            tokio::spawn(async move {
                line.wait().await;
                racer.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for racer in running {
        outcomes.push(soon("a racer", racer).await.unwrap());
    }
    outcomes
}

/// The one that won, and the losers' refusals.
#[track_caller]
fn one_winner<T: std::fmt::Debug>(outcomes: Vec<Answer<T>>) -> (T, Vec<Status>) {
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{won:?} {lost:?}");
    (won.into_iter().next().unwrap().unwrap(), lost.into_iter().map(Result::unwrap_err).collect())
}

async fn advisers(world: &World, count: usize) -> Vec<Arc<Person>> {
    let mut advisers = Vec::new();
    for number in 0..count {
        advisers.push(Arc::new(world.adviser(&format!("Adviser {number}"), "somerset").await));
    }
    advisers
}

story!(the_last_call_back_place_goes_to_one_of_twenty, |world| {
    let advisers = advisers(&world, RACERS).await;
    let nine = at("2026-03-04T09:00:00Z");
    // Six places in the half-hour: five are gone.
    for _ in 0..5 {
        let client = advisers[0].create_client(frome_facts()).await.unwrap();
        advisers[0].book_callback(&client.client_id, nine).await.unwrap();
    }
    let mut racers = Vec::new();
    for adviser in advisers {
        let client = adviser.create_client(frome_facts()).await.unwrap();
        racers.push(async move { adviser.book_callback(&client.client_id, nine).await });
    }
    let (_, lost) = one_winner(race(racers).await);
    for status in lost {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "SLOT_TAKEN"), "{status:?}");
        let offers = fresh_offers(&status);
        assert_eq!(offers.len(), 3);
        assert!(offers.iter().all(|offer| offer.holder == "somerset"));
        // A call-back takes an hour, so that half past eight is gone too, and so is half past nine.
        assert_eq!(time(offers[0].start_time), at("2026-03-04T10:00:00Z"));
    }
    let mut inside = world.look_inside().await;
    assert_eq!(inside.number("SELECT COUNT(*) FROM callbacks").await, 6);
    assert_eq!(inside.number("SELECT COUNT(*) FROM callback_cells").await, 12);
});

story!(a_personal_advisers_time_goes_to_one_of_twenty, |world| {
    let advisers = advisers(&world, RACERS).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let mut racers = Vec::new();
    for adviser in advisers {
        let (_, claim) = client_with_claim(&adviser, "Fry").await;
        let slot = adviser.find_slots(&claim.claim_id).await.remove(0);
        racers.push(async move { adviser.hold(&claim.claim_id, &slot).await });
    }
    let (won, lost) = one_winner(race(racers).await);
    let taken = time(won.slot.unwrap().start_time);
    for status in lost {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "SLOT_TAKEN"), "{status:?}");
        let offers = fresh_offers(&status);
        assert!(!offers.is_empty());
        assert!(offers.iter().all(|offer| offer.holder == petra.id && time(offer.start_time) > taken));
    }
    let sql = "SELECT COUNT(*) FROM appointments WHERE state IN ('held', 'booked')";
    assert_eq!(world.look_inside().await.number(sql).await, 1);
});

story!(overlapping_meetings_never_stand_in_one_diary, |world| {
    let advisers = advisers(&world, RACERS).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let mut racers = Vec::new();
    for (number, adviser) in advisers.into_iter().enumerate() {
        let (_, claim) = client_with_claim(&adviser, "Fry").await;
        let mut slot = adviser.find_slots(&claim.claim_id).await.remove(0);
        // Each five minutes after the one before: a meeting and its paperwork take seventy-five.
        slot.start_time.as_mut().unwrap().seconds += 300 * i64::try_from(number).unwrap();
        racers.push(async move { adviser.hold(&claim.claim_id, &slot).await });
    }
    let mut starts: Vec<_> = Vec::new();
    for outcome in race(racers).await {
        match outcome {
            Ok(held) => starts.push(time(held.slot.unwrap().start_time)),
            Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
        }
    }
    starts.sort_unstable();
    assert!(!starts.is_empty());
    assert!(starts.windows(2).all(|pair| (pair[1] - pair[0]).num_minutes() >= 75), "{starts:?}");
});

story!(a_due_call_back_is_made_by_one_of_twenty, |world| {
    let advisers = advisers(&world, RACERS).await;
    let client = advisers[0].create_client(frome_facts()).await.unwrap();
    let callback = advisers[0].book_callback(&client.client_id, at("2026-03-04T09:00:00Z")).await.unwrap();
    world.wait_until(at("2026-03-04T09:00:00Z"));
    let racers = advisers.iter().cloned().map(|adviser| {
        let id = callback.callback_id.clone();
        async move { adviser.start_attempt(&id).await }
    });
    let (_, lost) = one_winner(race(racers.collect()).await);
    for status in lost {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "CALLBACK_TAKEN"), "{status:?}");
        assert_eq!(fresh_offers(&status), []);
    }
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM callback_attempts").await, 1);
});

story!(one_adviser_cannot_make_two_call_backs_at_once, |world| {
    let asha = Arc::new(world.adviser("Asha", "somerset").await);
    let nine = at("2026-03-04T09:00:00Z");
    let mut callbacks = Vec::new();
    for _ in 0..6 {
        let client = asha.create_client(frome_facts()).await.unwrap();
        callbacks.push(asha.book_callback(&client.client_id, nine).await.unwrap().callback_id);
    }
    world.wait_until(nine);
    let racers = callbacks.into_iter().map(|id| {
        let asha = asha.clone();
        async move { asha.start_attempt(&id).await }
    });
    let (_, lost) = one_winner(race(racers.collect()).await);
    for status in lost {
        assert!(matches!(status.code(), Code::Aborted | Code::FailedPrecondition), "{status:?}");
    }
});

story!(twenty_saves_of_one_answer_leave_one_and_tell_the_rest, |world| {
    let advisers = advisers(&world, RACERS).await;
    let (_, claim) = client_with_claim(&advisers[0], "Fry").await;
    let racers = advisers.iter().cloned().map(|adviser| {
        let (id, text) = (claim.claim_id.clone(), serde_json::json!(adviser.name));
        async move {
            let saved = adviser.save(&id, vec![crate::support::steps::draft("T9", &text, 0)]).await;
            saved.map(|_| adviser.id.clone())
        }
    });
    let (winner, lost) = one_winner(race(racers.collect()).await);
    assert!(lost.iter().all(|status| status.code() == Code::Aborted && reason(status) == "STALE"), "{lost:?}");
    // Also whoever came into the very batch of the winner is shown what stands beside their own words.
    for status in &lost {
        let told = stale_answers(status);
        assert_eq!(told.iter().map(|both| (&both.saved_by, both.revision)).collect::<Vec<_>>(), [(&winner, 1)]);
        assert_ne!(told[0].yours, told[0].standing);
    }
    let claim = advisers[0].claim(&claim.claim_id).await;
    let answer = claim.answers.iter().find(|answer| answer.question_id == "T9").unwrap();
    assert_eq!((&answer.saved_by, answer.revision), (&winner, 1));
});

story!(a_print_job_is_leased_by_one_of_twenty_and_goes_on_when_its_lease_runs_out, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    asha.compose_pack(&claim.claim_id).await.unwrap();

    let mut rooms = Vec::new();
    for number in 0..RACERS {
        rooms.push(Arc::new(world.print_room(&format!("Print room {number}"), "somerset").await));
    }
    let leasing = |rooms: &[Arc<Person>]| -> Vec<_> {
        let rooms = rooms.to_vec();
        rooms.into_iter().enumerate().map(|(i, room)| async move { (i, room.lease(1).await.unwrap()) }).collect()
    };
    let leased = |outcomes: Vec<(usize, Vec<pb::PrintJob>)>| -> (usize, pb::PrintJob) {
        let mut got: Vec<_> = outcomes.into_iter().filter(|(_, jobs)| !jobs.is_empty()).collect();
        assert_eq!(got.len(), 1, "{got:?}");
        let (room, mut jobs) = got.remove(0);
        assert_eq!(jobs.len(), 1);
        (room, jobs.remove(0))
    };
    let (first, lost_job) = leased(race(leasing(&rooms)).await);
    assert_eq!(lost_job.attempt, 1);
    assert_eq!(time(lost_job.lease_expire_time), world.now() + chrono::TimeDelta::seconds(60));
    world.wait(59);
    assert!(race(leasing(&rooms)).await.iter().all(|(_, jobs)| jobs.is_empty()), "the lease still runs");
    world.wait(1);
    let others: Vec<_> = rooms.iter().enumerate().filter(|(i, _)| *i != first).map(|(_, room)| room.clone()).collect();
    let (second, job) = leased(race(leasing(&others)).await);
    assert_eq!((&job.print_job_id, job.attempt), (&lost_job.print_job_id, 2));

    let late = rooms[first].printed(&lost_job).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "LEASE_LOST"));
    assert_eq!(others[second].printed(&job).await.unwrap().state(), pb::PackState::Printed);
    let late = rooms[first].printed(&lost_job).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "LEASE_LOST"));
});

story!(one_pack_comes_of_twenty_who_compose_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let asha = Arc::new(asha);
    let racers = (0..RACERS).map(|_| {
        let (asha, id) = (asha.clone(), claim.claim_id.clone());
        async move { asha.compose_pack(&id).await.unwrap() }
    });
    let packs = race(racers.collect()).await;
    assert!(packs.iter().all(|pack| pack.pack_id == packs[0].pack_id && pack.sha256 == packs[0].sha256));
    let mut inside = world.look_inside().await;
    assert_eq!(inside.number("SELECT COUNT(*) FROM packs").await, 1);
    assert_eq!(inside.number("SELECT COUNT(*) FROM print_jobs").await, 1);
});
