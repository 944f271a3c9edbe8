//! Whether a pack still holds: asked before each step that takes it nearer to an envelope, whatever kind it is of.

use crate::letters::{books_again, is_away, letter, newer_than, refuge, updates};
use crate::support::callback_steps::{booking, client, to_time, wednesday};
use crate::support::faults::reason;
use crate::support::followup_steps::{missed, the, with_meeting};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{client_with_claim, draft, frome_facts, start_up_done};
use crate::support::values::{new_id, time, value};
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::grpc::pb;
use startline::grpc::pb::PackState as State;
use startline::packs::PackSubject;
use std::collections::BTreeSet;

const TODAY: &str = "2026-03-03";

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, why: &str) {
    let status = answer.unwrap_err();
    assert_eq!(reason(&status), why, "{status:?}");
}

/// A call-back that nobody answers; its letter has gone, and names the time that is kept.
pub async fn callback_letter(world: &World, asha: &Person, id: &str) -> pb::Callback {
    let request = booking(id, wednesday("09:00"));
    let callback = asha.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap();
    for minutes in [0, 10, 70, 480] {
        world.wait_until(wednesday("09:00") + TimeDelta::minutes(minutes));
        asha.tries(&callback.callback_id, pb::AttemptOutcome::NoReply).await;
    }
    let sent = pb::RecordCallbackLetterRequest { request_id: new_id(), callback_id: callback.callback_id };
    asha.callbacks().record_callback_letter(sent).await.unwrap().into_inner().callback.unwrap()
}

/// Every job is done, and none gave up.
pub async fn all_worked_off(world: &World) {
    let admin = world.add(&format!("Ada {}", new_id()), startline::access::Role::Admin, None).await;
    until("the jobs to be worked off", || async {
        let request = pb::ListJobsRequest::default();
        let open = admin.operations().list_jobs(request).await.unwrap().into_inner().jobs;
        assert!(open.iter().all(|job| job.last_error.is_empty()), "{open:?}");
        open.is_empty().then_some(())
    })
    .await;
}

/// The letter about a missed meeting, once it was said that it goes.
pub async fn missed_letter(
    world: &World,
    people: &PackPeople,
    claim: &pb::Claim,
    meeting: &pb::Appointment,
) -> pb::Pack {
    missed(world, &people.petra, meeting).await;
    people.asha.rang(&claim.claim_id, pb::PhoneOutcome::NoReply).await.unwrap();
    let step = the(&people.asha.open_steps(&claim.claim_id).await, pb::StepKind::SendLetter);
    people.asha.record_step(&step.step_id, pb::StepOutcome::Done, "").await.unwrap();
    letter(&people.asha, &claim.client_id, "missed_meeting").await
}

story!(every_kind_of_pack_is_composed_by_what_leads_to_it, |world| {
    let people = pack_people(&world).await;
    let PackPeople { asha, room, .. } = &people;
    let mut kinds = BTreeSet::new();
    let (claim, meeting) = with_meeting(asha, frome_facts(), &json!(["IS"])).await;
    kinds.insert(asha.awaits_pack(&claim.claim_id).await.kind);
    room.print_and_post().await;
    world.wait(60);
    asha.cancel_meeting(&meeting.appointment_id).await;
    kinds.insert(letter(asha, &claim.client_id, "meeting_off").await.kind);
    world.wait(60);
    let again = books_again(asha, &claim.claim_id).await;
    kinds.insert(letter(asha, &claim.client_id, "new_time").await.kind);
    kinds.insert(missed_letter(&world, &people, &claim, &again).await.kind);
    world.wait(60);
    asha.defer_meeting(&claim.claim_id, "health", "2026-05-01").await.unwrap();
    kinds.insert(letter(asha, &claim.client_id, "deferral").await.kind);
    all_worked_off(&world).await;
    let known: BTreeSet<String> = PackSubject::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    // The letter after a call-back has a story of its own below, that about a decision in `obligation.rs`, that about a death in
    // `what_follows.rs`.
    kinds.extend(["missed_callback".into(), "decision".into(), "death".into()]);
    assert_eq!(kinds, known, "every other kind is here");
});

story!(a_letter_about_a_call_back_goes_only_while_the_time_that_it_names_is_kept, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    // It cannot be printed, so it waits; meanwhile the client has another time.
    let foreign = asha.create_client(pb::ClientFacts { last_name: "明".into(), ..frome_facts() });
    let foreign = foreign.await.unwrap();
    let waiting = callback_letter(&world, &asha, &foreign.client_id).await;
    until("the exception", || async { asha.exceptions().await.pop() }).await;
    asha.moves(&waiting.callback_id, to_time(at("2026-03-12T10:00:00Z"))).await.unwrap();
    let known = asha.client(&foreign.client_id).await;
    let facts = pb::ClientFacts { last_name: "Ming".into(), ..known.facts.clone().unwrap() };
    updates(&asha, &known, facts).await;
    all_worked_off(&world).await;
    assert!(asha.packs_of_client(&foreign.client_id).await.is_empty(), "it would name a time that nobody keeps");
    assert!(asha.exceptions().await.is_empty(), "nobody has to mend what is not wanted");
    let _ = room;
});

story!(a_letter_about_a_call_back_that_was_cancelled_is_leased_by_nobody, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    let id = client(&asha, "en", &[]).await;
    let told = callback_letter(&world, &asha, &id).await;
    let pack = letter(&asha, &id, "missed_callback").await;
    assert_eq!(pack.state(), State::Queued);
    asha.cancels(&told.callback_id).await.unwrap();
    assert!(room.lease(5).await.unwrap().is_empty());
    assert_eq!(asha.pack(&pack.pack_id).await.state(), State::Cancelled);
    all_worked_off(&world).await;
    assert_eq!(asha.packs_of_client(&id).await.len(), 1, "no other is owed");
});

mod pdf_tools {
    use super::*;
    use crate::support::pdf::printed;
    use tempfile::TempDir;

    story!(the_letter_after_a_missed_call_back_says_the_time_that_is_kept, |world| {
        let asha = world.adviser("Asha", "somerset").await;
        let id = client(&asha, "en", &[]).await;
        let told = callback_letter(&world, &asha, &id).await;
        assert_eq!(time(told.start_time), at("2026-03-09T08:30:00Z"));
        let pack = letter(&asha, &id, "missed_callback").await;
        let folder = TempDir::new().unwrap();
        let text = printed(&folder, &asha.pdf(&pack.pack_id).await);
        assert!(text.contains("9 March 2026") && text.contains("8.30am"), "{text}");
        all_worked_off(&world).await;
    });

    story!(what_goes_to_the_refuge_after_any_step_of_printing_has_its_address_and_not_the_home, |world| {
        let PackPeople { asha, room, .. } = pack_people(&world).await;
        let folder = TempDir::new().unwrap();
        for (step, name) in ["queued", "leased", "printing", "printed", "spoiled"].into_iter().zip(NAMES) {
            let (claim, _) = start_up_done(&world, &asha, name).await;
            let old = asha.awaits_pack(&claim.claim_id).await;
            goes_as_far_as(&room, step).await;
            flees(&asha, &claim.client_id).await;
            if step == "printing" {
                // The printer cannot be stopped: what comes out of it is not to be posted.
                newer_than(&asha, &claim.claim_id, &old).await;
                let job = old_job(&asha, &old).await;
                let told = room.printed(&job).await.unwrap();
                assert_eq!(told.state(), State::Cancelled, "{step}");
            }
            let anew = newer_than(&asha, &claim.claim_id, &old).await;
            let stopped = asha.awaits_state(&old.pack_id, State::Cancelled).await;
            assert!(stopped.printings.iter().all(|one| one.state() != State::Queued), "{step}: {stopped:?}");
            let text = printed(&folder, &asha.pdf(&anew.pack_id).await);
            assert!(window(&text).contains("8 Friend Street"), "{step}: {}", window(&text));
            assert!(!window(&text).contains("Horton"), "{step}");
            let jobs = room.lease(5).await.unwrap();
            let leased: Vec<&str> = jobs.iter().map(|job| job.pack_id.as_str()).collect();
            assert_eq!(leased, [anew.pack_id.as_str()], "{step}");
            room.printed(&jobs[0]).await.unwrap();
            room.posted(&jobs[0]).await.unwrap();
        }
    });

    /// The first page's head.
    fn window(text: &str) -> String {
        text.lines().take(16).collect::<Vec<_>>().join("\n")
    }
}

const NAMES: [&str; 5] = ["Fry", "Pugh", "Hill", "Moss", "Lane"];

/// Takes the one pack there is so far through the print room.
async fn goes_as_far_as(room: &Person, step: &str) {
    if step == "queued" {
        return;
    }
    let job = room.leases_one().await;
    match step {
        "leased" => {}
        "printing" => drop(room.begins(&job, "Canon").await.unwrap()),
        "printed" => drop(room.printed(&job).await.unwrap()),
        "spoiled" => drop(room.spoiled(&job, "the printer ate page one").await.unwrap()),
        "posted" => {
            room.printed(&job).await.unwrap();
            room.posted(&job).await.unwrap();
        }
        other => panic!("{other}"),
    }
}

/// The first printing of a pack, as its room leased it.
async fn old_job(asha: &Person, pack: &pb::Pack) -> pb::PrintJob {
    let now = asha.pack(&pack.pack_id).await;
    let printing = &now.printings[0];
    pb::PrintJob { print_job_id: printing.print_job_id.clone(), attempt: 1, pages: now.pages, ..Default::default() }
}

/// From now on letters go to the refuge; what the service says it was too late for.
async fn flees(asha: &Person, client: &str) -> Vec<pb::TooLateLetter> {
    let known = asha.client(client).await;
    let facts = pb::ClientFacts { letters_address: Some(refuge()), ..known.facts.clone().unwrap() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.into(),
        etag: known.etag,
        facts: Some(facts),
    };
    asha.clients().update_client(request).await.unwrap().into_inner().too_late
}

story!(what_is_posted_already_is_told_with_its_day_and_without_an_address_and_goes_again_to_the_right_place, |world| {
    let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let old = asha.awaits_pack(&claim.claim_id).await;
    goes_as_far_as(&room, "posted").await;
    world.wait(60);
    let told = flees(&asha, &claim.client_id).await;
    let expected = pb::TooLateLetter {
        pack_id: old.pack_id.clone(),
        kind: "claim".into(),
        posted_day: TODAY.into(),
        arrives_by: "2026-03-04".into(),
        sent_to: pb::SentTo::Home.into(),
    };
    assert_eq!(told, [expected]);
    let anew = newer_than(&asha, &claim.claim_id, &old).await;
    assert_eq!((anew.state(), asha.pack(&old.pack_id).await.state()), (State::Queued, State::Posted));
    // Typed into the form it is told too; a change of anything else tells nothing.
    let said = json!({"address": "c/o 9 Cork Street\nBath", "postcode": "ba1 1aa"});
    let request = pb::AmendAnswerRequest {
        request_id: new_id(),
        claim_id: claim.claim_id.clone(),
        question_id: "B12".into(),
        value: Some(value(&said)),
        seen_revision: 0,
        initials: "RJF".into(),
    };
    let told = petra.claims().amend_answer(request).await.unwrap().into_inner().too_late;
    assert_eq!((told.len(), told[0].sent_to()), (1, pb::SentTo::Home));
    let known = asha.client(&claim.client_id).await;
    let facts = pb::ClientFacts { special_needs: "a ramp".into(), ..known.facts.clone().unwrap() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: claim.client_id.clone(),
        etag: known.etag,
        facts: Some(facts),
    };
    assert!(asha.clients().update_client(request).await.unwrap().into_inner().too_late.is_empty());
    // Long on the doormat, it is nothing to warn of.
    world.wait(10 * 86_400);
    let known = asha.client(&claim.client_id).await;
    let facts = pb::ClientFacts { last_name: "Fry-Jones".into(), ..known.facts.clone().unwrap() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: claim.client_id.clone(),
        etag: known.etag,
        facts: Some(facts),
    };
    assert!(asha.clients().update_client(request).await.unwrap().into_inner().too_late.is_empty());
});

story!(a_stored_pack_that_does_not_hold_is_not_printed_again_whole_or_in_part, |world| {
    let people = pack_people(&world).await;
    let PackPeople { asha, petra, lena, room } = &people;
    let mut posted = Vec::new();
    for name in NAMES {
        let (claim, meeting) = start_up_done(&world, asha, name).await;
        let pack = asha.awaits_pack(&claim.claim_id).await;
        room.print_and_post().await;
        posted.push((claim, meeting, pack));
    }
    world.wait(60);
    let reprints = async |pack: &pb::Pack, why: &str| {
        for pages in [(0, 0), (2, 3)] {
            refused(lena.reprints(&pack.pack_id, pages).await, why);
        }
    };
    let (claim, _, pack) = &posted[0];
    flees(asha, &claim.client_id).await;
    reprints(pack, "ADDRESS_CHANGED").await;
    let (claim, _, pack) = &posted[1];
    petra.amend(&claim.claim_id, "A1", &json!(["JSA", "HB"]), 1, "RJF").await.unwrap();
    asha.compose_pack(&claim.claim_id).await.unwrap();
    reprints(pack, "PACK_REPLACED").await;
    let (claim, _, pack) = &posted[2];
    asha.withdraw(&claim.claim_id, "found work").await.unwrap();
    reprints(pack, "CLAIM_WITHDRAWN").await;
    let (_, meeting, pack) = &posted[3];
    asha.cancel_meeting(&meeting.appointment_id).await;
    reprints(pack, "MEETING_NOT_STANDING").await;
    let (claim, meeting, pack) = &posted[4];
    lena.reprints(&pack.pack_id, (2, 3)).await.unwrap();
    let day = time(meeting.slot.as_ref().unwrap().start_time).date_naive().to_string();
    is_away(lena, petra, &day).await;
    reprints(pack, "MEETING_NOT_STANDING").await;
    refused(asha.compose_pack(&claim.claim_id).await, "MEETING_NOT_STANDING");
});

story!(a_pack_whose_address_was_for_today_only_is_not_printed_or_posted_tomorrow, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let mut packs = Vec::new();
    for name in ["Fry", "Pugh", "Hill", "Reed", "Shaw"] {
        let (client, claim) = client_with_claim(&asha, name).await;
        let known = asha.client(&client.client_id).await;
        let today = pb::LettersAddress { until_date: TODAY.into(), ..refuge() };
        let facts = pb::ClientFacts { letters_address: Some(today), ..known.facts.clone().unwrap() };
        updates(&asha, &known, facts).await;
        asha.save(&claim.claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
        asha.book_kind(&claim.claim_id, "first-meeting").await;
        asha.completes(&claim.claim_id, pb::Delivery::Post, "").await.unwrap();
        packs.push((asha.awaits_pack(&claim.claim_id).await, claim));
    }
    world.wait_until(at("2026-03-03T23:30:00Z"));
    let long = pb::LeasePrintJobsRequest { request_id: new_id(), max_jobs: 4, lease_seconds: 3600 };
    let jobs = room.packs().lease_print_jobs(long).await.unwrap().into_inner().print_jobs;
    assert_eq!(jobs.len(), 4, "today it goes there");
    for job in &jobs[2..] {
        room.printed(job).await.unwrap();
    }
    room.posted(&jobs[3]).await.unwrap();
    world.wait_until(at("2026-03-04T00:10:00Z"));
    refused(room.begins(&jobs[0], "Canon").await, "ADDRESS_CHANGED");
    assert_eq!(room.printed(&jobs[1]).await.unwrap().state(), State::Cancelled, "what was printed is to be destroyed");
    refused(room.posted(&jobs[1]).await, "JOB_CANCELLED");
    // Nobody is given the third one as it was: one that goes home is composed.
    let leased = room.lease(5).await.unwrap();
    assert!(leased.iter().all(|job| packs.iter().all(|(pack, _)| pack.pack_id != job.pack_id)), "{leased:?}");
    let is_third = |(pack, _): &&(pb::Pack, pb::Claim)| jobs.iter().all(|job| job.pack_id != pack.pack_id);
    let (pack, claim) = packs.iter().find(is_third).unwrap();
    assert_eq!(newer_than(&asha, &claim.claim_id, pack).await.replaces_pack_id, pack.pack_id);
    // The post that it was printed for has gone.
    room.posted(&jobs[2]).await.unwrap();
    let of = |job: &pb::PrintJob| packs.iter().find(|(pack, _)| pack.pack_id == job.pack_id).unwrap();
    // What nobody goes on with is seen to in the morning, without anybody asking.
    world.wait_until(at("2026-03-04T05:10:00Z"));
    let (pack, claim) = of(&jobs[0]);
    assert_eq!(newer_than(&asha, &claim.claim_id, pack).await.replaces_pack_id, pack.pack_id);
    refused(room.posted(&jobs[0]).await, "JOB_CANCELLED");
    // What left while it held is where it was to go.
    all_worked_off(&world).await;
    for job in &jobs[2..] {
        let (pack, claim) = of(job);
        let all = asha.packs_of_client(&claim.client_id).await;
        assert!(all.iter().all(|one| one.pack_id == pack.pack_id), "{all:?}");
    }
});

story!(half_an_address_is_no_address_until_the_other_half_is_heard, |world| {
    let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let mut pack = asha.awaits_pack(id).await;
    let lines = |text: &str| json!(text);
    // One half, what is asked for, and the other half: also when it says what it said.
    let rounds = [
        (("B8", lines("22 Horton Street\nHalifax"), 1), "B9", ("B9", json!("HX1 1AA"), 1)),
        (("B9", json!("BA11 2ZZ"), 2), "B8", ("B8", lines("9 Cork Street\nFrome"), 2)),
        (("B8", lines("10 Cork Street\nFrome"), 3), "B9", ("B9", json!("BA11 2ZZ"), 3)),
    ];
    for ((one, said, seen), awaited, (other, says, saw)) in rounds {
        world.wait(60);
        petra.amend(id, one, &said, seen, "RJF").await.unwrap();
        asha.awaits_state(&pack.pack_id, State::Cancelled).await;
        let waits = until("the exception", || async { asha.exceptions().await.pop() }).await;
        assert!(waits.faults[0].mend.contains("Ask for the"), "{waits:?}");
        assert!(asha.missing(id).await.contains(&awaited.to_owned()), "{awaited} is to be asked for");
        assert!(!asha.outlook(id).await.faults.is_empty(), "told while the client is on the line");
        assert!(room.lease(5).await.unwrap().is_empty());
        petra.amend(id, other, &says, saw, "RJF").await.unwrap();
        let anew = newer_than(&asha, id, &pack).await;
        assert_eq!((anew.state(), asha.exceptions().await.len()), (State::Queued, 0));
        assert!(!asha.missing(id).await.contains(&awaited.to_owned()));
        pack = anew;
    }
    // Both in one request belong together, in whichever order they are typed; one alone does not.
    let (_, open) = client_with_claim(&asha, "Pugh").await;
    let both = vec![draft("B9", &json!("BA11 2ZZ"), 1), draft("B8", &lines("11 Cork Street\nFrome"), 1)];
    asha.save(&open.claim_id, both).await.unwrap();
    assert!(asha.outlook(&open.claim_id).await.faults.is_empty());
    asha.save(&open.claim_id, vec![draft("B8", &lines("12 Cork Street\nFrome"), 2)]).await.unwrap();
    assert!(!asha.outlook(&open.claim_id).await.faults.is_empty());
    assert!(asha.missing(&open.claim_id).await.contains(&"B9".to_owned()));
});

/// The newest pack of a kind that was made for the claim's client.
async fn newest_of(asha: &Person, claim: &pb::Claim, kind: &str) -> pb::Pack {
    asha.packs_of_client(&claim.client_id).await.into_iter().find(|pack| pack.kind == kind).unwrap()
}

/// The letter about the missed meeting, once it is another one than that.
async fn another(asha: &Person, claim: &pb::Claim, than: &pb::Pack) -> pb::Pack {
    until("another letter", || async {
        Some(newest_of(asha, claim, "missed_meeting").await).filter(|pack| pack.pack_id != than.pack_id)
    })
    .await
}

story!(a_letter_about_a_missed_meeting_names_no_other_that_does_not_stand, |world| {
    let people = pack_people(&world).await;
    let PackPeople { asha, petra, lena, room } = &people;
    let (claim, meeting) = with_meeting(asha, frome_facts(), &json!(["IS"])).await;
    asha.awaits_pack(&claim.claim_id).await;
    room.print_and_post().await;
    let first = missed_letter(&world, &people, &claim, &meeting).await;
    // After a missed meeting the whole pack is not composed for another address: it would name a day that is over.
    let known = asha.client(&claim.client_id).await;
    let facts = pb::ClientFacts { large_print: true, ..known.facts.clone().unwrap() };
    updates(asha, &known, facts).await;
    all_worked_off(&world).await;
    assert_eq!(newest_of(asha, &claim, "claim").await.state(), State::Posted);
    refused(asha.compose_pack(&first.claim_id).await, "NO_MEETING_BOOKED");
    // Another is booked: the letter that waits says it, once somebody has it composed anew.
    world.wait(60);
    let next = books_again(asha, &first.claim_id).await;
    let known = asha.client(&first.client_id).await;
    let facts = pb::ClientFacts { large_print: false, ..known.facts.clone().unwrap() };
    let before = newest_of(asha, &claim, "missed_meeting").await;
    updates(asha, &known, facts).await;
    let names_it = another(asha, &claim, &before).await;
    // It has to be moved: what names it is held, and one that names nothing takes its place.
    world.wait(60);
    let day = time(next.slot.as_ref().unwrap().start_time).date_naive().to_string();
    is_away(lena, petra, &day).await;
    asha.awaits_state(&names_it.pack_id, State::Cancelled).await;
    let names_none = another(asha, &claim, &names_it).await;
    assert_eq!(names_none.state(), State::Queued);
    // Cancelled, it is named by none either.
    asha.cancel_meeting(&next.appointment_id).await;
    all_worked_off(&world).await;
    assert_eq!(newest_of(asha, &claim, "missed_meeting").await.pack_id, names_none.pack_id);
});
