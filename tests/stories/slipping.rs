//! A claim that nobody moves is on the list until somebody has: its start-up, its form, its meeting, its handing over, its date.

use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, illegal, reason};
use crate::support::followup_steps::{Staff, kinds, missed, named, staff, the, with_meeting};
use crate::support::steps::{Answer, client_with_facts};
use crate::support::values::{new_id, time};
use crate::support::{Person, World, until};
use chrono::{Days, TimeDelta};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::packs::barcode::{Barcode, encode, short_version};
use tonic::Code;

async fn form_back(person: &Person, claim: &str, barcode: &str) -> Answer<pb::ReportFormBackResponse> {
    let request = pb::ReportFormBackRequest { request_id: new_id(), claim_id: claim.into(), barcode: barcode.into() };
    Ok(person.claims().report_form_back(request).await?.into_inner())
}

/// What of the list is of this claim, by the morning after so many days.
pub async fn listed(world: &World, person: &Person, claim: &str, days: i64, kind: pb::StepKind) -> pb::Step {
    world.wait_until(world.now() + TimeDelta::days(days));
    let day = world.now().date_naive().to_string();
    until("the step to be on the list", || async {
        person.steps_due(&day).await.into_iter().find(|step| step.claim_id == claim && step.kind() == kind)
    })
    .await
}

/// The text of the code on the first page of a pack.
pub fn code_of_first_page(pack: &pb::Pack) -> String {
    encode(&Barcode {
        pack: startline::ids::PackId::parse("pack_id", &pack.pack_id).unwrap(),
        document: 1,
        page: 1,
        count: u16::try_from(pack.pages).unwrap(),
        definition: short_version(&pack.definition_version.as_str().into()),
    })
}

/// Put off for three months, its start-up done.
pub async fn deferred(world: &World, adviser: &Person, benefits: &serde_json::Value) -> pb::Claim {
    let (_, claim) = client_with_facts(adviser, named("Fry")).await;
    claim_for(adviser, &claim.claim_id, benefits).await;
    let review = (world.now().date_naive() + Days::new(90)).to_string();
    adviser.defer_meeting(&claim.claim_id, "health", &review).await.unwrap();
    adviser.complete_start_up(&claim.claim_id).await.unwrap()
}

// L10, L14: the form of a claim without a meeting comes back somewhere, and whoever sees that hands the claim over.
story!(a_claim_without_a_meeting_is_asked_for_comes_back_anywhere_and_is_handed_over_in_time, |world| {
    let Staff { asha, lena, petra, eve } = staff(&world).await;
    let room = world.print_room("Ron", "somerset").await;
    let far = world.add("Rita", Role::Reception, Some("calderdale-and-kirklees")).await;
    let claim = deferred(&world, &asha, &json!(["IB"])).await;
    let id = &claim.claim_id;
    let pack = asha.awaits_pack(id).await;
    room.print_and_post().await;
    assert_eq!(asha.claim(id).await.state(), pb::ClaimState::Posted);
    assert!(asha.open_steps(id).await.is_empty());

    let chase = listed(&world, &asha, id, 9, pb::StepKind::ChaseForm).await;
    assert!(chase.why.contains("has not come back"), "{}", chase.why);
    asha.record_step(&chase.step_id, pb::StepOutcome::Done, "They will post it tomorrow.").await.unwrap();
    let again = listed(&world, &asha, id, 14, pb::StepKind::ChaseForm).await;
    assert_ne!(again.step_id, chase.step_id);
    let runs_out = the(&asha.open_steps(id).await, pb::StepKind::DateRunsOut);
    assert!(runs_out.why.contains("32 days of benefit are at stake"), "{}", runs_out.why);
    illegal(lena.record_step(&runs_out.step_id, pb::StepOutcome::Done, "Seen.").await, "STEP_HAS_ITS_OWN_END");

    // Somebody at another site's counter has the form in their hands.
    let barcode = code_of_first_page(&pack);
    let refused = form_back(&far, "", "").await.unwrap_err();
    assert_eq!(fields(&refused), ["claim_id"]);
    assert_eq!(fields(&form_back(&asha, id, &barcode).await.unwrap_err()), ["barcode"]);
    assert!(form_back(&far, id, "").await.is_err(), "without the paper it is not of their work");
    let back = form_back(&far, "", &barcode).await.unwrap();
    assert_eq!((back.claim_id.as_str(), back.client_name.as_str(), back.site_id.as_str()), ("", "", "somerset"));
    illegal(form_back(&asha, id, "").await, "FORM_IS_BACK");
    assert!(asha.claim(id).await.standing.unwrap().form_back_time.is_some());
    assert_eq!(asha.events(id).await.last().unwrap().r#move(), pb::ClaimMove::FormBack);
    let open = asha.open_steps(id).await;
    assert_eq!(kinds(&open), [pb::StepKind::LodgeNow, pb::StepKind::DateRunsOut], "it is asked for no more");
    let lodge = the(&open, pb::StepKind::LodgeNow);
    illegal(asha.record_step(&lodge.step_id, pb::StepOutcome::Done, "Done.").await, "STEP_HAS_ITS_OWN_END");
    let lodged = asha.lodge(id).await.unwrap();
    assert_eq!(lodged.state(), pb::ClaimState::Lodged);
    assert!(lodged.standing.unwrap().benefits.iter().all(|dates| dates.protected), "it kept its date");
    assert!(asha.open_steps(id).await.is_empty());
    let (first, last) = ("2026-01-01", "2026-12-31");
    assert_eq!(lena.decision_report(first, last).await.dates_lost, 0);
    drop((petra, eve));
});

// L14: what has a meeting is handed over by those who are at it.
story!(a_claim_with_a_meeting_is_handed_over_by_who_is_at_it_and_by_an_expert, |world| {
    let Staff { asha, lena, petra, eve } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    world.wait_until(time(first.slot.as_ref().unwrap().start_time) + TimeDelta::minutes(5));
    petra.record_attendance(&first.appointment_id, pb::Attendance::Attended).await.unwrap();
    assert!(petra.open_steps(id).await.is_empty(), "they are about it");
    for other in [&asha, &lena] {
        illegal(other.lodge(id).await, "LODGED_AT_MEETING");
    }
    let due = listed(&world, &petra, id, 1, pb::StepKind::LodgeNow).await;
    assert!(due.why.contains("can be handed over since"), "{}", due.why);
    assert_eq!(eve.lodge(id).await.unwrap().state(), pb::ClaimState::Lodged);
    assert!(petra.open_steps(id).await.is_empty());
});

// L13: the client stops, and nobody would ring again.
story!(a_start_up_that_was_begun_is_on_the_list_until_it_is_done_or_the_claim_withdrawn, |world| {
    let Staff { asha, lena, .. } = staff(&world).await;
    let (_, claim) = client_with_facts(&asha, named("Fry")).await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["IS"])).await;
    let refused = form_back(&asha, id, "").await;
    illegal(refused, "START_UP_NOT_DONE");
    let step = listed(&world, &asha, id, 8, pb::StepKind::FinishStartUp).await;
    illegal(asha.record_step(&step.step_id, pb::StepOutcome::NotNeeded, "Later.").await, "STEP_HAS_ITS_OWN_END");
    asha.withdraw(id, "found work").await.unwrap();
    assert!(asha.open_steps(id).await.is_empty());
    illegal(form_back(&asha, id, "").await, "CLAIM_WITHDRAWN");
    // Put back, it is on the list again.
    let request =
        pb::ReopenClaimRequest { request_id: new_id(), claim_id: id.clone(), reason: "They go on with it.".into() };
    lena.claims().reopen_claim(request).await.unwrap();
    the(&asha.open_steps(id).await, pb::StepKind::FinishStartUp);
    asha.book_kind(id, "first-meeting").await;
    asha.complete_start_up(id).await.unwrap();
    assert!(asha.open_steps(id).await.is_empty());
});

story!(a_claim_whose_meeting_was_cancelled_is_to_have_another, |world| {
    let Staff { asha, .. } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    asha.cancel_meeting(&first.appointment_id).await;
    let step = listed(&world, &asha, &claim.claim_id, 1, pb::StepKind::ArrangeMeeting).await;
    assert!(step.why.contains("no meeting is arranged"), "{}", step.why);
    asha.book_kind(&claim.claim_id, "first-meeting").await;
    let today = world.now().date_naive().to_string();
    assert!(asha.steps_due(&today).await.is_empty(), "the meeting answers it");
});

story!(a_date_that_is_lost_is_told_to_a_team_leader_and_counted, |world| {
    let Staff { asha, lena, .. } = staff(&world).await;
    let claim = deferred(&world, &asha, &json!(["HB"])).await;
    let id = &claim.claim_id;
    let lost = listed(&world, &lena, id, 30, pb::StepKind::DateLost).await;
    assert!(!asha.claim(id).await.standing.unwrap().benefits[0].protected);
    // Handed over at last, what it came to is still to be said.
    form_back(&asha, id, "").await.unwrap();
    asha.lodge(id).await.unwrap();
    assert_eq!(kinds(&lena.open_steps(id).await), [pb::StepKind::DateLost]);
    let refused = asha.record_step(&lost.step_id, pb::StepOutcome::Done, "").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    lena.record_step(&lost.step_id, pb::StepOutcome::Done, "Asked for the earlier date.").await.unwrap();
    let report = lena.decision_report("2026-01-01", "2026-12-31").await;
    assert_eq!(report.dates_lost, 1);
});

story!(a_meeting_of_which_nobody_says_whether_the_client_came_is_asked_after, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    world.wait_until(time(first.slot.as_ref().unwrap().start_time));
    let step = listed(&world, &petra, id, 1, pb::StepKind::RecordAttendance).await;
    illegal(petra.record_step(&step.step_id, pb::StepOutcome::Done, "They came.").await, "STEP_HAS_ITS_OWN_END");
    petra.record_attendance(&first.appointment_id, pb::Attendance::Attended).await.unwrap();
    let open = petra.open_steps(id).await;
    assert_eq!(kinds(&open), [pb::StepKind::LodgeNow], "it was yesterday");
});

story!(a_client_whose_other_meeting_nobody_offered_is_still_to_have_one, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    missed(&world, &petra, &first).await;
    let open = asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
    let offer = the(&open, pb::StepKind::OfferNewMeeting);
    asha.record_step(&offer.step_id, pb::StepOutcome::CouldNot, "The line went dead.").await.unwrap();
    listed(&world, &asha, id, 1, pb::StepKind::ArrangeMeeting).await;
});

// What is for the desk makes nobody else's work of a record.
story!(a_start_up_to_finish_shows_its_client_to_the_desk_alone, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    let (client, claim) = client_with_facts(&asha, named("Fry")).await;
    claim_for(&asha, &claim.claim_id, &json!(["IS"])).await;
    listed(&world, &asha, &claim.claim_id, 8, pb::StepKind::FinishStartUp).await;
    let today = world.now().date_naive().to_string();
    for other in [&petra, &rita] {
        assert!(other.steps_due(&today).await.is_empty(), "{}", other.name);
        let request = pb::GetClientRequest { client_id: client.client_id.clone() };
        let refused = other.clients().get_client(request).await.unwrap_err();
        assert_eq!(reason(&refused), "OUTSIDE_WORK", "{}", other.name);
    }
});

story!(a_claim_that_cannot_be_looked_at_keeps_no_other_from_the_list, |world| {
    let Staff { asha, .. } = staff(&world).await;
    let mut claims = Vec::new();
    for name in ["Fry", "Hill", "Lake"] {
        claims.push(client_with_facts(&asha, named(name)).await.1.claim_id);
    }
    // A site that no definition knows, in the middle of those that are looked at together.
    let mut inside = world.look_inside().await;
    let broken = format!("UPDATE claims SET site = 'atlantis' WHERE id = {}", inside.id(&claims[1]));
    inside.execute(&broken).await;
    listed(&world, &asha, &claims[0], 20, pb::StepKind::FinishStartUp).await;
    listed(&world, &asha, &claims[2], 0, pb::StepKind::FinishStartUp).await;
    let day = world.now().date_naive().to_string();
    assert_eq!(asha.steps_due(&day).await.len(), 2);
});
