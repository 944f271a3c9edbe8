//! The life of a claim: put off or held, amended, ticked, asked about, withdrawn and reopened, and handed over to each
//! agency once, never too early.

use crate::support::claim_steps::{at_the_meeting, claim_for, seen_on};
use crate::support::faults::{fields, reason};
use crate::support::steps::{client_with_claim, frome_facts, start_up_done};
use crate::support::values::{json, new_id, time};
use crate::support::{Person, World, soon, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

/// Who is at work in Somerset.
struct People {
    asha: Person,
    lena: Person,
    petra: Person,
    eve: Person,
    ron: Person,
}

async fn people(world: &World) -> People {
    let people = People {
        asha: world.adviser("Asha", "somerset").await,
        lena: world.add("Lena", Role::TeamLeader, Some("somerset")).await,
        petra: world.personal_adviser("Petra", "somerset").await,
        eve: world.add("Eve", Role::BenefitsExpert, Some("somerset")).await,
        ron: world.print_room("Ron", "somerset").await,
    };
    people.petra.works_at("frome").await;
    people
}

fn moves(events: &[pb::ClaimEvent]) -> Vec<pb::ClaimMove> {
    events.iter().map(pb::ClaimEvent::r#move).collect()
}

/// The refusal of an illegal move: its reason, and what it says is missing.
#[track_caller]
fn illegal<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, why: &str, says: &str) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, why), "{refused:?}");
    assert!(refused.message().contains(says), "{:?} does not say {says:?}", refused.message());
}

#[track_caller]
fn invalid<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, field: &str) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]), "{refused:?}");
}

story!(a_claim_goes_from_first_contact_to_every_agency_and_its_first_contact_protects_it, |world| {
    let People { asha, petra, ron, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    assert_eq!(asha.standing(id).await.next_step, "Ask which benefits the client wants to claim.");
    claim_for(&asha, id, &json!(["JSA", "HB"])).await;
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    let done = asha.complete_start_up(id).await.unwrap();
    let standing = done.standing.unwrap();
    assert_eq!(standing.meeting(), pb::MeetingOutcome::Booked);
    assert!(standing.next_step.contains("meets the personal adviser on 5 March 2026"), "{}", standing.next_step);
    // As many as are listed, one by one.
    assert_eq!(usize::try_from(standing.missing_answers).unwrap(), asha.missing(id).await.len());
    assert_eq!(standing.evidence_to_come, asha.evidence(id).await);
    ron.print_and_post().await;
    world.wait_until(time(slot.start_time) + TimeDelta::minutes(10));
    petra.record_attendance(&held.appointment_id, pb::Attendance::Attended).await.unwrap();
    let left = petra.standing(id).await.agencies_left;
    assert!(left.contains(&"LA".to_owned()) && left.len() > 1, "{left:?}");

    let first = petra.lodge_for(id, &["LA"], "").await.unwrap();
    assert_eq!(first.state(), pb::ClaimState::Posted, "others still have to see it");
    illegal(petra.lodge_for(id, &["LA"], "").await, "ALREADY_LODGED", "LA");
    invalid(petra.lodge_for(id, &["XX"], "").await, "agency_ids");
    invalid(petra.lodge_for(id, &[], "2026-03-07").await, "signed_day");
    invalid(petra.lodge_for(id, &[], "2026-03-02").await, "signed_day");
    world.wait(60);
    let whole = petra.lodge_for(id, &[], "2026-03-04").await.unwrap();
    assert_eq!(whole.state(), pb::ClaimState::Lodged);
    let standing = whole.standing.unwrap();
    assert_eq!(standing.agencies_left, Vec::<String>::new());
    let mut agencies: Vec<_> = standing.lodgings.iter().map(|lodging| lodging.agency_id.clone()).collect();
    agencies.sort();
    let mut expected = left.clone();
    expected.sort();
    assert_eq!(agencies, expected);
    let days: Vec<_> = standing.lodgings.iter().map(|l| (l.lodged_day.as_str(), l.signed_day.as_str())).collect();
    assert_eq!(days[0], ("2026-03-05", "2026-03-05"));
    assert!(days[1..].iter().all(|day| *day == ("2026-03-05", "2026-03-04")), "{days:?}");
    for benefit in &standing.benefits {
        assert_eq!((benefit.counts_from.as_str(), benefit.protected), ("2026-03-03", true), "{benefit:?}");
    }
    let of = |id: &str| standing.benefits.iter().find(|benefit| benefit.benefit_id == id).unwrap();
    assert_eq!((of("JSA").protected_until.as_str(), of("HB").protected_until.as_str()), ("2026-04-03", "2026-03-31"));
    assert_eq!(of("JSA").earliest_with_reason, "2025-12-03");
    assert_eq!(of("HB").earliest_with_reason, "2025-03-04");

    let events = petra.events(id).await;
    use pb::ClaimMove::{Lodged, Opened, Posted, StartUpDone};
    assert_eq!(moves(&events), [Opened, StartUpDone, Posted, Lodged, Lodged]);
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!((&events[1].user_id, &events[2].user_id, &events[3].user_id), (&asha.id, &ron.id, &petra.id));
    illegal(petra.lodge(id).await, "ALREADY_LODGED", "already");
    illegal(asha.withdraw(id, "changed their mind").await, "ALREADY_LODGED", "already");
});

story!(a_claim_handed_over_after_the_protected_days_counts_from_that_day, |world| {
    let People { asha, lena, petra, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["JSA", "HB"])).await;
    lena.waive_meeting(id, pb::WaiverReason::SeriousIllness).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    // The first day too late for the council's benefit, and still in time for the other. The clocks have changed between.
    world.wait_until(crate::support::at("2026-04-01T08:00:00Z"));
    let standing = petra.lodge(id).await.unwrap().standing.unwrap();
    let dates: Vec<_> =
        standing.benefits.iter().map(|b| (b.benefit_id.as_str(), b.counts_from.as_str(), b.protected)).collect();
    assert_eq!(dates, [("JSA", "2026-03-03", true), ("HB", "2026-04-01", false)]);
    // Once handed over, no later day changes it.
    world.wait_until(crate::support::at("2026-06-01T08:00:00Z"));
    assert_eq!(petra.standing(id).await.benefits, standing.benefits);
});

// The same client years later, or after they changed their mind: an old date protects nothing.
story!(whoever_claims_again_is_protected_by_when_they_were_in_touch_about_that, |world| {
    let People { asha, lena, petra, .. } = people(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["JSA"])).await;
    lena.waive_meeting(id, pb::WaiverReason::SeriousIllness).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    petra.lodge(id).await.unwrap();
    world.wait_until(crate::support::at("2026-09-07T10:00:00Z"));
    // They ring, and are rung two days later: the day they rang counts.
    let slots = asha.callback_slots(&client.client_id).await.slots;
    let booked = asha.book_callback(&client.client_id, time(slots.last().unwrap().start_time)).await.unwrap();
    let rang = booked.first_contact_time;
    assert_eq!(time(rang), world.now());
    world.wait_until(crate::support::at("2026-09-09T10:00:00Z"));
    let again = asha.open_claim(&client.client_id).await;
    assert_eq!((&again.repeats_claim_id, again.first_contact_time), (id, rang));
    assert_eq!(asha.claim(id).await.first_contact_time, client.first_contact_time, "the first claim has its own");

    // What they withdraw protects the next claim as long as it would have protected itself, and no longer.
    asha.withdraw(&again.claim_id, "found work").await.unwrap();
    world.wait_until(crate::support::at("2026-10-08T22:00:00Z"));
    let third = asha.open_claim(&client.client_id).await;
    assert_eq!(third.first_contact_time, rang);
    asha.withdraw(&third.claim_id, "found work").await.unwrap();
    world.wait_until(crate::support::at("2026-10-09T10:00:00Z"));
    let fourth = asha.open_claim(&client.client_id).await;
    assert_eq!(time(fourth.first_contact_time), world.now());
    // One that is reopened is the matter that goes on.
    asha.withdraw(&fourth.claim_id, "found work").await.unwrap();
    lena.reopen(&fourth.claim_id, "They go on with it.").await.unwrap();
    assert_eq!(asha.open_claim(&client.client_id).await.claim_id, fourth.claim_id);
    assert_eq!(asha.claim(&fourth.claim_id).await.first_contact_time, fourth.first_contact_time);
});

story!(a_withdrawn_claim_stays_so_until_somebody_who_may_reopens_it_where_it_stood, |world| {
    let People { asha, lena, petra, ron, .. } = people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let id = &claim.claim_id;
    invalid(asha.withdraw(id, " ").await, "reason");
    illegal(petra.reopen(id, "a slip").await, "NOT_WITHDRAWN", "not withdrawn");
    let job = crate::support::until("something to print", || async { ron.lease(1).await.unwrap().pop() }).await;
    ron.begins(&job, "the Canon").await.unwrap();
    let slot = asha.find_slots(id).await.remove(0);
    let withdrawn = asha.withdraw(id, "The client has found work.").await.unwrap();
    assert_eq!(withdrawn.state(), pb::ClaimState::Withdrawn);
    let withdrawal = withdrawn.standing.unwrap().withdrawal.unwrap();
    assert_eq!((withdrawal.reason.as_str(), &withdrawal.withdrawn_by), ("The client has found work.", &asha.id));

    let again = "reopen it first";
    illegal(petra.lodge(id).await, "CLAIM_WITHDRAWN", again);
    illegal(petra.amend(id, "A1", &json!(["IS"]), 1, "RJF").await, "CLAIM_WITHDRAWN", again);
    illegal(petra.raise_query(id, "", "Is it true?").await, "CLAIM_WITHDRAWN", again);
    illegal(petra.tick(id, "U1", pb::EvidenceState::Seen).await, "CLAIM_WITHDRAWN", again);
    illegal(asha.defer_meeting(id, "health", "2026-04-01").await, "CLAIM_WITHDRAWN", again);
    illegal(asha.withdraw(id, "twice").await, "CLAIM_WITHDRAWN", again);
    let slots = pb::FindSlotsRequest { claim_id: id.clone(), ..Default::default() };
    illegal(asha.diary().find_slots(slots).await, "CLAIM_WITHDRAWN", again);
    illegal(asha.hold(id, &slot).await, "CLAIM_WITHDRAWN", again);
    illegal(asha.book_at(id, &slot, pb::MeetingWishes::default()).await, "CLAIM_WITHDRAWN", again);
    assert_eq!(asha.reopen(id, "a slip").await.unwrap_err().code(), Code::PermissionDenied);
    // What comes out of the printer is to be destroyed: nothing of the claim is posted.
    assert_eq!(ron.printed(&job).await.unwrap().state(), pb::PackState::Cancelled);
    illegal(ron.posted(&job).await, "JOB_CANCELLED", "destroy it");
    assert_eq!(asha.claim(id).await.state(), pb::ClaimState::Withdrawn);

    world.wait(86_400);
    let reopened = lena.reopen(id, "The work came to nothing.").await.unwrap();
    assert_eq!(reopened.state(), pb::ClaimState::StartUpDone);
    assert_eq!(reopened.first_contact_time, claim.first_contact_time, "the first contact is kept for ever");
    assert!(reopened.standing.unwrap().withdrawal.is_none());
    let events = asha.events(id).await;
    use pb::ClaimMove::{Opened, Reopened, StartUpDone, Withdrawn};
    assert_eq!(moves(&events), [Opened, StartUpDone, Withdrawn, Reopened]);
    let why = events[3].detail.as_ref().unwrap().fields["reason"].clone();
    assert_eq!((json(&why), &events[3].user_id), (json!("The work came to nothing."), &lena.id));
});

story!(a_withdrawn_claim_is_not_reopened_beside_a_newer_one, |world| {
    let People { asha, lena, .. } = people(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    asha.withdraw(&claim.claim_id, "The client has found work.").await.unwrap();
    let newer = asha.open_claim(&client.client_id).await;
    assert_ne!(newer.claim_id, claim.claim_id);
    illegal(lena.reopen(&claim.claim_id, "a slip").await, "ANOTHER_CLAIM_IS_LIVE", "another claim");
    asha.withdraw(&newer.claim_id, "Opened by mistake.").await.unwrap();
    assert_eq!(lena.reopen(&claim.claim_id, "a slip").await.unwrap().state(), pb::ClaimState::Open);
});

story!(a_deferred_meeting_gives_back_its_time_and_the_claim_is_lodged_without_it, |world| {
    let People { asha, petra, ron, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["JSA"])).await;
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    assert_ne!(asha.find_slots(id).await[0].start_time, slot.start_time);

    for day in ["2026-03-03", "2026-09-04"] {
        invalid(asha.defer_meeting(id, "baby_due", day).await, "review_day");
    }
    invalid(asha.defer_meeting(id, "", "2026-04-01").await, "reason");
    let decision = asha.defer_meeting(id, "baby_due", "2026-04-01").await.unwrap();
    assert_eq!((decision.review_day.as_str(), &decision.decided_by), ("2026-04-01", &asha.id));
    assert_eq!(asha.find_slots(id).await[0].start_time, slot.start_time, "the time is free again");
    let standing = asha.standing(id).await;
    assert_eq!(
        (standing.meeting(), standing.meeting_reason.as_str(), standing.review_day.as_str()),
        (pb::MeetingOutcome::Deferred, "baby_due", "2026-04-01")
    );
    illegal(petra.lodge(id).await, "START_UP_NOT_DONE", "start-up");
    asha.complete_start_up(id).await.unwrap();
    // The pack invites to nothing.
    let pack = until("the worker's pack", || asha.pack_of(id)).await;
    let kinds: Vec<&str> = pack.documents.iter().map(|document| document.kind.as_str()).collect();
    assert_eq!(kinds, ["covering", "evidence", "form"]);
    ron.print_and_post().await;
    assert!(asha.standing(id).await.next_step.contains("again on 1 April 2026"));
    assert_eq!(petra.lodge(id).await.unwrap().state(), pb::ClaimState::Lodged);
    use pb::ClaimMove::{Lodged, MeetingDeferred, Opened, Posted, StartUpDone};
    assert_eq!(moves(&asha.events(id).await), [Opened, MeetingDeferred, StartUpDone, Posted, Lodged]);
});

story!(a_meeting_booked_later_ends_the_deferral, |world| {
    let People { asha, petra, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["JSA"])).await;
    asha.defer_meeting(id, "health", "2026-04-01").await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    let slot = asha.find_slots(id).await.remove(0);
    let held = petra.hold(id, &slot).await.unwrap();
    assert_eq!(petra.standing(id).await.meeting(), pb::MeetingOutcome::Deferred, "only booking ends it");
    petra.book(&held.appointment_id).await.unwrap();
    assert_eq!(petra.standing(id).await.meeting(), pb::MeetingOutcome::Booked);
    illegal(petra.lodge(id).await, "MEETING_NOT_HELD", "deferred or waived");
    world.wait_until(time(slot.start_time) + TimeDelta::minutes(10));
    petra.record_attendance(&held.appointment_id, pb::Attendance::Attended).await.unwrap();
    illegal(petra.defer_meeting(id, "health", "2026-04-01").await, "MEETING_OVER", "already");
    assert_eq!(petra.lodge(id).await.unwrap().state(), pb::ClaimState::Lodged);
});

story!(a_team_leader_alone_does_without_a_meeting_but_from_sixty_on_it_is_the_clients_choice, |world| {
    let People { asha, lena, petra, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["IB"])).await;
    for somebody in [&asha, &petra] {
        let refused = somebody.waive_meeting(id, pb::WaiverReason::Exceptional).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    }
    illegal(asha.waive_meeting(id, pb::WaiverReason::Optional).await, "MEETING_NOT_OPTIONAL", "60");
    let silent = pb::WaiveMeetingRequest {
        request_id: new_id(),
        claim_id: id.clone(),
        reason: pb::WaiverReason::Exceptional.into(),
        note: " ".into(),
    };
    let refused = lena.diary().waive_meeting(silent).await;
    invalid(refused, "note");
    lena.waive_meeting(id, pb::WaiverReason::SeriousIllness).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    assert_eq!(petra.lodge(id).await.unwrap().state(), pb::ClaimState::Lodged);

    // Sixty on the very day of first contact.
    let facts = pb::ClientFacts { last_name: "Wood".into(), date_of_birth: "1966-03-03".into(), ..frome_facts() };
    let client = asha.create_client(facts).await.unwrap();
    let older = asha.open_claim(&client.client_id).await.claim_id;
    claim_for(&asha, &older, &json!(["IB"])).await;
    asha.waive_meeting(&older, pb::WaiverReason::Optional).await.unwrap();
    assert_eq!(asha.standing(&older).await.meeting_reason, "optional");
    asha.complete_start_up(&older).await.unwrap();
    assert_eq!(petra.lodge(&older).await.unwrap().state(), pb::ClaimState::Lodged);
});

story!(illegal_moves_say_what_is_missing, |world| {
    let People { asha, petra, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    illegal(asha.complete_start_up(id).await, "NO_BENEFIT_CLAIMED", "which benefits");
    claim_for(&asha, id, &json!(["JSA"])).await;
    illegal(asha.complete_start_up(id).await, "NO_MEETING_BOOKED", "deferred or waived");
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    illegal(petra.lodge(id).await, "START_UP_NOT_DONE", "start-up call is not done");
    illegal(petra.amend(id, "A1", &json!(["IS"]), 1, "RJF").await, "START_UP_NOT_DONE", "save the answer");
    asha.complete_start_up(id).await.unwrap();
    illegal(petra.lodge(id).await, "MEETING_NOT_HELD", "after the meeting");
    world.wait_until(time(slot.start_time) + TimeDelta::minutes(10));
    petra.record_attendance(&held.appointment_id, pb::Attendance::Failed).await.unwrap();
    illegal(petra.lodge(id).await, "MEETING_NOT_HELD", "after the meeting");
    assert_eq!(petra.standing(id).await.meeting(), pb::MeetingOutcome::Missed);
});

story!(amendments_carry_the_clients_initials_and_what_was_posted_can_be_read_after_them, |world| {
    let People { asha, petra, eve, ron, .. } = people(&world).await;
    let claim = at_the_meeting(&world, &asha, &petra, &ron, &json!(["JSA"])).await;
    let id = &claim.claim_id;
    let posted = claim.answers.clone();
    for wrong in ["", "RJFXY", "R1", "-"] {
        invalid(petra.amend(id, "B2", &json!("Frye"), 1, wrong).await, "initials");
    }
    invalid(petra.amend(id, "B5", &json!("soon"), 1, "RJF").await, "value");
    invalid(petra.amend(id, "B2", &json!("Fry"), 1, "RJF").await, "value");
    invalid(petra.amend(id, "NO", &json!("Fry"), 0, "RJF").await, "question_id");
    assert_eq!(asha.amend(id, "B2", &json!("Frye"), 1, "RJF").await.unwrap_err().code(), Code::PermissionDenied);
    invalid(petra.amend(id, "A2", &json!("2026-03-01"), 1, "RJF").await, "question_id");
    let amended = petra.amend(id, "B2", &json!("Frye"), 1, "r.j.f.").await.unwrap();
    assert_eq!((amended.revision, amended.initials.as_str(), amended.day.as_str()), (2, "RJF", "2026-03-05"));
    let stale = eve.amend(id, "B2", &json!("Fryer"), 1, "RJF").await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "STALE"));
    world.wait(60);
    eve.amend(id, "T8", &json!("my sister"), 0, "RJF").await.unwrap();

    let told: Vec<_> = petra
        .amendments(id)
        .await
        .iter()
        .map(|a| (a.question_id.clone(), json(a.said.as_ref().unwrap()), json(a.says.as_ref().unwrap())))
        .collect();
    let expected = [("B2".into(), json!("Fry"), json!("Frye")), ("T8".into(), json!(null), json!("my sister"))];
    assert_eq!(told, expected);
    // Nothing else is an amendment, and the desk of the start-up call may not save any more.
    let late = asha.save(id, vec![crate::support::steps::draft("T9", &json!("mornings"), 0)]).await;
    illegal(late, "START_UP_DONE", "at the meeting");
    petra.lodge(id).await.unwrap();
    illegal(petra.amend(id, "B2", &json!("Fryer"), 2, "RJF").await, "ALREADY_LODGED", "already");

    let events = petra.events(id).await;
    let at = |what| events.iter().find(|event| event.r#move() == what).unwrap();
    assert_eq!(at(pb::ClaimMove::Posted).answers, posted, "as it was posted");
    let lodged = &at(pb::ClaimMove::Lodged).answers;
    let name = lodged.iter().find(|answer| answer.question_id == "B2").unwrap();
    assert_eq!((json(name.value.as_ref().unwrap()), name.revision), (json!("Frye"), 2));
    assert_eq!(lodged, &petra.claim(id).await.answers);
    assert!(at(pb::ClaimMove::Opened).answers.is_empty());
});

story!(evidence_is_ticked_item_by_item_and_the_latest_tick_stands, |world| {
    let People { asha, petra, eve, ron, .. } = people(&world).await;
    let claim = at_the_meeting(&world, &asha, &petra, &ron, &json!(["JSA"])).await;
    let id = &claim.claim_id;
    let lines = petra.evidence(id).await;
    assert!(lines.len() > 1, "{lines:?}");
    let to_come = async || petra.standing(id).await.evidence_to_come;
    assert_eq!(to_come().await, lines);
    invalid(petra.tick(id, "U999", pb::EvidenceState::Seen).await, "evidence_id");
    invalid(petra.tick(id, &lines[0], pb::EvidenceState::Unspecified).await, "state");

    petra.tick(id, &lines[0], pb::EvidenceState::ToFollow).await.unwrap();
    assert_eq!(to_come().await, lines);
    eve.tick(id, &lines[0], pb::EvidenceState::Substitute).await.unwrap();
    assert_eq!(to_come().await, lines[1..]);
    let listed = pb::ListEvidenceRequest { claim_id: id.clone(), ..Default::default() };
    let listed = petra.claims().list_evidence(listed).await.unwrap().into_inner().evidence;
    let tick = listed[0].tick.as_ref().unwrap();
    assert_eq!((tick.state(), &tick.ticked_by), (pb::EvidenceState::Substitute, &eve.id));
    assert!(listed[1..].iter().all(|line| line.tick.is_none()));
    petra.tick(id, &lines[0], pb::EvidenceState::None).await.unwrap();
    assert_eq!((to_come().await, petra.standing(id).await.ticks), (lines.clone(), vec![]));
    petra.tick(id, &lines[0], pb::EvidenceState::NotNeeded).await.unwrap();

    // What is to follow may come after the claim is handed over.
    petra.lodge(id).await.unwrap();
    assert!(petra.standing(id).await.next_step.contains("of evidence"));
    for line in &lines[1..] {
        petra.tick(id, line, pb::EvidenceState::Seen).await.unwrap();
    }
    let standing = petra.standing(id).await;
    assert_eq!(standing.next_step, "Nothing: the claim has been handed over.");
    let mut inside = world.look_inside().await;
    let history = format!("SELECT state FROM evidence_ticks WHERE evidence_id = '{}' ORDER BY number", lines[0]);
    assert_eq!(inside.texts(&history).await, ["to_follow", "substitute", "taken_back", "not_needed"]);
});

story!(an_experts_query_shows_at_once_at_the_meeting_and_keeps_the_claim_back_until_it_is_settled, |world| {
    let People { asha, petra, eve, ron, .. } = people(&world).await;
    let claim = at_the_meeting(&world, &asha, &petra, &ron, &json!(["JSA"])).await;
    let id = &claim.claim_id;
    let mut screen = petra.watch_claim(id).await;
    let open = |_: &pb::Claim, standing: &pb::ClaimStanding| Some(standing.open_queries.len());
    assert_eq!(seen_on("the claim as it stands", &mut screen, open).await, 0);

    invalid(eve.raise_query(id, "", " ").await, "text");
    invalid(eve.raise_query(id, "NO", "Which?").await, "question_id");
    assert_eq!(asha.raise_query(id, "", "Which?").await.unwrap_err().code(), Code::PermissionDenied);
    let query = eve.raise_query(id, "B6", "Which card was the number read from?").await.unwrap();
    let shown = seen_on("the query", &mut screen, |_, standing| standing.open_queries.first().cloned()).await;
    assert_eq!(shown, query);
    illegal(petra.lodge(id).await, "QUERIES_OPEN", "B6: Which card was the number read from?");
    assert!(petra.standing(id).await.next_step.contains("1 open query"));

    let settled = petra.settle_query(&query.query_id, "From the plastic one.").await.unwrap();
    assert_eq!((settled.outcome.as_str(), &settled.settled_by), ("From the plastic one.", &petra.id));
    illegal(eve.settle_query(&query.query_id, "again").await, "QUERY_SETTLED", "already");
    seen_on("the settled query", &mut screen, |_, standing| standing.open_queries.is_empty().then_some(())).await;
    let listed = pb::ListQueriesRequest { claim_id: id.clone(), ..Default::default() };
    assert_eq!(eve.claims().list_queries(listed).await.unwrap().into_inner().queries, [settled]);

    petra.amend(id, "T8", &json!("my sister"), 0, "RJF").await.unwrap();
    let amended = |claim: &pb::Claim, _: &pb::ClaimStanding| {
        claim.answers.iter().any(|answer| answer.question_id == "T8").then_some(())
    };
    seen_on("the amendment", &mut screen, amended).await;
    let line = petra.evidence(id).await.remove(0);
    eve.tick(id, &line, pb::EvidenceState::Seen).await.unwrap();
    seen_on("the tick", &mut screen, |_, standing| (!standing.ticks.is_empty()).then_some(())).await;
    petra.lodge(id).await.unwrap();
    let lodged = |claim: &pb::Claim, _: &pb::ClaimStanding| (claim.state() == pb::ClaimState::Lodged).then_some(());
    seen_on("the claim handed over", &mut screen, lodged).await;
    illegal(eve.raise_query(id, "", "Too late?").await, "ALREADY_LODGED", "already");
});

story!(a_watched_claim_shows_what_is_typed_and_its_stream_ends_with_the_server, |mut world| {
    let People { asha, lena, petra, .. } = people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    let mut screen = lena.watch_claim(id).await;
    claim_for(&asha, id, &json!(["JSA"])).await;
    seen_on("what was typed", &mut screen, |_, standing| {
        standing.benefits.iter().any(|benefit| benefit.benefit_id == "JSA").then_some(())
    })
    .await;
    // As another process would: past the server. The next look shows it.
    let mut inside = world.look_inside().await;
    inside
        .execute(
            "UPDATE claims SET state = 'withdrawn', withdrawn_from = 'open', withdrawn_at = opened_at, withdrawn_by = \
                (SELECT id FROM users WHERE name = 'Asha'), withdrawn_reason = 'elsewhere'",
        )
        .await;
    drop(inside);
    world.wait(5);
    let withdrawn =
        |claim: &pb::Claim, _: &pb::ClaimStanding| (claim.state() == pb::ClaimState::Withdrawn).then_some(());
    seen_on("what another process did", &mut screen, withdrawn).await;
    let nobody = pb::WatchClaimRequest { claim_id: new_id() };
    assert_eq!(petra.claims().watch_claim(nobody).await.unwrap_err().code(), Code::NotFound);

    world.stop().await;
    let stopping = |message: pb::WatchClaimResponse| match message.event {
        Some(pb::watch_claim_response::Event::Stopping(_)) => Some(()),
        _ => None,
    };
    crate::support::steps::heard("word that the service stops", &mut screen, stopping).await;
    assert_eq!(soon("the stream to end", screen.message()).await.unwrap(), None);
});
