//! What follows from a meeting or from none: the deferred one comes back on its day, the missed one has its procedure, and
//! later ones are proposed.

use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, illegal, reason};
use crate::support::followup_steps::{Staff, kinds, missed, named, staff, the, with_meeting};
use crate::support::steps::client_with_claim;
use crate::support::values::time;
use crate::support::{Person, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::definition::{Definition, Definitions};
use startline::followup;
use startline::grpc::pb;
use tonic::Code;

/// The list of the day, once what is looked for stands on it.
async fn listed(person: &Person, day: &str, kind: pb::StepKind) -> Vec<pb::Step> {
    until("the step to be listed", || async {
        let steps = person.steps_due(day).await;
        steps.iter().any(|step| step.kind() == kind).then_some(steps)
    })
    .await
}

story!(a_deferred_meeting_comes_back_on_its_review_day_once_and_what_was_lodged_stays_lodged, |world| {
    let mut world = world;
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["IS"])).await;
    asha.defer_meeting(id, "baby_due", "2026-04-01").await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    petra.lodge(id).await.unwrap();
    world.wait_until(at("2026-03-31T22:30:00Z"));
    assert!(petra.steps_due("2026-03-31").await.is_empty(), "it is half past eleven at night in London");

    // The service is away over the day itself; then two processes look at the same moment, and each looks twice.
    world.stop().await;
    let (first, second) = (world.open_store().await, world.open_store().await);
    let definition = Definition::embedded();
    let now = at("2026-04-02T08:00:00Z");
    let look = |store| followup::review_deferrals(store, &definition, now);
    let (here, there) = tokio::join!(look(&first), look(&second));
    let again = look(&first).await.unwrap() + look(&second).await.unwrap();
    assert_eq!((here.unwrap() + there.unwrap(), again), (1, 0));
    first.close().await;
    second.close().await;
    world.wait_until(now);
    world.restart().await;

    let steps = petra.steps_due("2026-04-02").await;
    assert_eq!(kinds(&steps), [pb::StepKind::ArrangeDeferredMeeting]);
    let step = &steps[0];
    assert_eq!((step.due_day.as_str(), step.meeting_kind.as_str()), ("2026-04-01", "first-meeting"));
    assert!(step.why.contains("A baby is due") && step.why.contains("1 April 2026"), "{}", step.why);
    let standing = petra.claim(id).await;
    assert_eq!(standing.state(), pb::ClaimState::Lodged);
    assert_eq!(standing.standing.unwrap().meeting(), pb::MeetingOutcome::Open);
    let report = lena.decision_report("2026-03-01", "2026-03-31").await;
    assert_eq!((report.deferred, report.waived, report.start_ups, report.overdue_reviews), (1, 0, 1, 1));
    assert_eq!((report.deferred_share, report.median_days_to_review), (Some(1.0), Some(29.0)));
    assert_eq!(report.deciders[0].name, "Asha");
    assert_eq!((report.reasons[0].reason.as_str(), report.reasons[0].count), ("baby_due", 1));

    // A booked meeting answers the step for as long as it is booked.
    let booked = asha.book_kind(id, "first-meeting").await;
    assert!(petra.steps_due("2026-04-02").await.is_empty());
    asha.cancel_meeting(&booked.appointment_id).await;
    assert_eq!(petra.steps_due("2026-04-02").await.len(), 1);
    // Put off again, though the claim has gone ahead, it comes back again.
    asha.defer_meeting(id, "health", "2026-04-13").await.unwrap();
    world.wait_until(at("2026-04-13T07:30:00Z"));
    let twice = until("the second review", || async {
        let steps = petra.steps_of(id).await;
        (steps.len() == 2).then_some(steps)
    })
    .await;
    assert_eq!(twice[1].due_day, "2026-04-13");
    assert!(twice[1].why.contains("Cannot come for their health"));
    assert_eq!(petra.open_steps(id).await.len(), 1, "the first was answered by putting it off again");
    let met = asha.book_kind(id, "first-meeting").await;
    world.wait_until(time(met.slot.unwrap().start_time) + TimeDelta::minutes(5));
    petra.record_attendance(&met.appointment_id, pb::Attendance::Attended).await.unwrap();
    assert!(petra.open_steps(id).await.is_empty());
});

story!(after_each_miss_the_telephone_comes_before_a_letter_and_after_three_a_person_decides, |world| {
    let Staff { asha, lena, petra, eve } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    illegal(asha.rang(id, pb::PhoneOutcome::Spoken).await, "NO_MISSED_MEETING");
    missed(&world, &petra, &first).await;
    // Said again, it is the same miss.
    petra.record_attendance(&first.appointment_id, pb::Attendance::Failed).await.unwrap();
    let steps = petra.steps_due("2026-03-05").await;
    assert_eq!(kinds(&steps), [pb::StepKind::RingClient]);
    let ring = &steps[0];
    assert_eq!((ring.phone.as_str(), ring.opportunity, ring.due_day.as_str()), ("01373 000123", 1, "2026-03-05"));
    assert!(ring.why.contains("Fry did not come on 5 March 2026"), "{}", ring.why);
    illegal(petra.record_step(&ring.step_id, pb::StepOutcome::Done, "").await, "STEP_HAS_ITS_OWN_END");

    let open = asha.rang(id, pb::PhoneOutcome::NoReply).await.unwrap();
    assert_eq!(kinds(&open), [pb::StepKind::SendLetter, pb::StepKind::ConsiderHomeVisit]);
    let letter = the(&open, pb::StepKind::SendLetter);
    assert!(letter.letter_text.contains("Fry") && letter.letter_text.contains("5 working days"), "{letter:?}");
    assert!(!letter.letter_text.contains("Income Support") && !letter.letter_text.contains("appeal"));
    assert_eq!(letter.due_day, "2026-03-06");
    illegal(petra.record_step(&letter.step_id, pb::StepOutcome::NotNeeded, "why").await, "LETTER_OWED");
    petra.record_step(&letter.step_id, pb::StepOutcome::Done, "second class").await.unwrap();
    let open = petra.open_steps(id).await;
    assert_eq!(the(&open, pb::StepKind::OfferNewMeeting).due_day, "2026-03-12");

    let second = asha.book_kind(id, "first-meeting").await;
    assert!(petra.steps_due("2026-03-31").await.is_empty(), "a meeting is booked");
    missed(&world, &petra, &second).await;
    let open = petra.open_steps(id).await;
    assert_eq!((kinds(&open), open[0].opportunity), (vec![pb::StepKind::RingClient], 2));
    let open = asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
    assert_eq!(kinds(&open), [pb::StepKind::OfferNewMeeting], "they were spoken with: no letter, no visit");

    let third = asha.book_kind(id, "first-meeting").await;
    missed(&world, &petra, &third).await;
    let open = petra.open_steps(id).await;
    assert_eq!(kinds(&open), [pb::StepKind::RingClient, pb::StepKind::Decide]);
    assert_eq!(asha.decide(id, pb::AfterMisses::Continue).await.unwrap_err().code(), Code::PermissionDenied);
    illegal(eve.decide(id, pb::AfterMisses::TreatAsNotMade).await, "TOO_EARLY_TO_DECIDE_AGAINST");
    let open = asha.rang(id, pb::PhoneOutcome::WrongNumber).await.unwrap();
    let letter = the(&open, pb::StepKind::SendLetter);
    assert!(letter.letter_text.contains("right to appeal"), "{}", letter.letter_text);
    petra.record_step(&letter.step_id, pb::StepOutcome::Done, "").await.unwrap();
    illegal(lena.decide(id, pb::AfterMisses::TreatAsNotMade).await, "TOO_EARLY_TO_DECIDE_AGAINST");

    // Weeks pass. Nothing happens to the claim by itself; the decision only grows overdue, and stands first.
    let before = petra.claim(id).await;
    world.wait_until(world.now() + TimeDelta::days(40));
    let steps = petra.steps_due("2026-06-01").await;
    assert_eq!(steps[0].kind(), pb::StepKind::Decide);
    assert_eq!((steps[0].opportunity, petra.claim(id).await.state()), (3, before.state()));
    let decided = eve.decide(id, pb::AfterMisses::AnotherChance).await.unwrap();
    assert_eq!(
        (decided.decided_by.as_str(), kinds(&decided.open_steps)),
        (eve.id.as_str(), vec![pb::StepKind::OfferNewMeeting, pb::StepKind::DateLost]),
        "and the weeks have cost the claim its date, which somebody has to see to"
    );
    illegal(lena.decide(id, pb::AfterMisses::Continue).await, "NOTHING_TO_DECIDE");
    let fourth = asha.book_kind(id, "first-meeting").await;
    missed(&world, &petra, &fourth).await;
    assert_eq!(the(&petra.open_steps(id).await, pb::StepKind::Decide).opportunity, 4);
    asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
    world.wait_until(world.now() + TimeDelta::days(10));
    lena.decide(id, pb::AfterMisses::TreatAsNotMade).await.unwrap();
    assert_eq!(kinds(&petra.open_steps(id).await), [pb::StepKind::DateLost], "whatever became of the claim");
    assert_eq!(petra.claim(id).await.state(), pb::ClaimState::NotMade, "a person decided, and it has effect");
});

story!(a_client_whose_meetings_another_agency_deals_with_is_referred_the_next_working_day, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let (claim, meeting) = with_meeting(&asha, named("Fry"), &json!(["JSA", "HB"])).await;
    missed(&world, &petra, &meeting).await;
    let open = petra.open_steps(&claim.claim_id).await;
    assert_eq!(kinds(&open), [pb::StepKind::Refer]);
    assert_eq!((open[0].agency_id.as_str(), open[0].due_day.as_str()), ("ES", "2026-03-06"));
    assert!(open[0].why.contains("Employment Service"), "{}", open[0].why);
    petra.record_step(&open[0].step_id, pb::StepOutcome::Done, "by telephone").await.unwrap();
    assert!(petra.open_steps(&claim.claim_id).await.is_empty());
});

story!(a_client_without_a_number_is_written_to_at_once_in_their_language, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let facts = pb::ClientFacts { phone: String::new(), letter_language: "cy".into(), ..named("Fry") };
    let (claim, meeting) = with_meeting(&asha, facts, &json!(["IS"])).await;
    missed(&world, &petra, &meeting).await;
    let open = petra.open_steps(&claim.claim_id).await;
    let letter = the(&open, pb::StepKind::SendLetter);
    assert!(letter.letter_text.starts_with("Annwyl") && letter.letter_text.contains("5 Mawrth 2026"), "{letter:?}");
    assert_eq!(letter.phone, "");
    let mut request = tonic::Request::new(pb::ListStepsRequest { day: "2026-03-06".into(), ..Default::default() });
    request.metadata_mut().insert("accept-language", "cy".parse().unwrap());
    let welsh = petra.follow_up().list_steps(request).await.unwrap().into_inner().steps;
    assert!(the(&welsh, pb::StepKind::SendLetter).why.contains("Ni ddaeth"), "{welsh:?}");
});

story!(a_deferred_meeting_missed_twice_becomes_a_home_visit_and_the_visit_is_the_meeting, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["IS"])).await;
    asha.defer_meeting(id, "major_operation", "2026-03-10").await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    world.wait_until(at("2026-03-10T08:00:00Z"));
    listed(&petra, "2026-03-10", pb::StepKind::ArrangeDeferredMeeting).await;
    for expected in [pb::StepKind::OfferNewMeeting, pb::StepKind::HomeVisit] {
        let meeting = asha.book_kind(id, "first-meeting").await;
        missed(&world, &petra, &meeting).await;
        asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
        let open = petra.open_steps(id).await;
        assert!(kinds(&open).contains(&expected), "{expected:?} in {open:?}");
    }
    let visit = asha.book_kind(id, "home-visit").await;
    world.wait_until(time(visit.slot.as_ref().unwrap().start_time) + TimeDelta::minutes(5));
    petra.record_attendance(&visit.appointment_id, pb::Attendance::Attended).await.unwrap();
    assert!(petra.open_steps(id).await.is_empty());
    assert_eq!(petra.standing(id).await.meeting(), pb::MeetingOutcome::Held);
    petra.lodge(id).await.unwrap();
});

story!(good_cause_makes_a_miss_count_for_nothing_and_the_figures_add_up, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    assert_eq!(reason(&asha.good_cause(&first.appointment_id, "transport").await.unwrap_err()), "MEETING_NOT_MISSED");
    missed(&world, &petra, &first).await;
    asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
    let refused = asha.good_cause(&first.appointment_id, "weather").await.unwrap_err();
    assert_eq!(fields(&refused), ["reason"]);
    // The fifth working day after the call, and the sixth.
    world.wait_until(at("2026-03-13T09:00:00Z"));
    assert_eq!(asha.good_cause(&first.appointment_id, "transport").await.unwrap_err().code(), Code::PermissionDenied);
    let open = lena.good_cause(&first.appointment_id, "transport").await.unwrap();
    assert_eq!(kinds(&open), [pb::StepKind::OfferNewMeeting]);
    let second = asha.book_kind(id, "first-meeting").await;
    missed(&world, &petra, &second).await;
    assert_eq!(the(&petra.open_steps(id).await, pb::StepKind::RingClient).opportunity, 1);
    asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
    asha.good_cause(&second.appointment_id, "funeral").await.unwrap();

    let (_, late) = with_meeting(&asha, named("Hill"), &json!(["IS"])).await;
    let (_, off) = with_meeting(&asha, named("Reed"), &json!(["IS"])).await;
    let (_, gone) = with_meeting(&asha, named("Dunn"), &json!(["IS"])).await;
    let start = time(late.slot.as_ref().unwrap().start_time);
    asha.cancel_meeting(&off.appointment_id).await;
    world.wait_until(start + TimeDelta::minutes(6));
    petra.record_attendance(&late.appointment_id, pb::Attendance::Arrived).await.unwrap();
    petra.record_attendance(&late.appointment_id, pb::Attendance::Attended).await.unwrap();
    missed(&world, &petra, &gone).await;
    let report = petra.attendance_report("2026-03-01", "2026-04-30").await;
    let total = report.total.unwrap();
    assert_eq!((total.booked, total.attended, total.late), (5, 1, 1));
    assert_eq!((total.failed, total.failed_with_good_cause, total.cancelled, total.open), (1, 2, 1, 0));
    for line in report.days.iter().chain([&total]) {
        let sum =
            line.open + line.attended + line.failed + line.failed_with_good_cause + line.cancelled + line.given_back;
        assert_eq!(line.booked, sum, "{line:?}");
    }
    assert_eq!(report.days.iter().map(|line| line.booked).sum::<u32>(), total.booked);
});

story!(later_meetings_are_proposed_on_their_day_once_and_none_for_a_claim_that_ended, |world| {
    let mut world = world;
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let mut claims = Vec::new();
    for name in ["Fry", "Hill"] {
        let (_, claim) = client_with_claim(&asha, name).await;
        claim_for(&asha, &claim.claim_id, &json!(["JSA"])).await;
        lena.waive_meeting(&claim.claim_id, pb::WaiverReason::SeriousIllness).await.unwrap();
        asha.complete_start_up(&claim.claim_id).await.unwrap();
        petra.lodge(&claim.claim_id).await.unwrap();
        claims.push(claim.claim_id);
    }
    let open = petra.life_event(&claims[1], "training-ended", "2026-03-03").await.unwrap();
    assert_eq!((kinds(&open), open[0].meeting_kind.as_str()), (vec![pb::StepKind::ProposeMeeting], "follow-up"));
    illegal(petra.life_event(&claims[1], "training-ended", "2026-03-03").await, "EVENT_RECORDED");
    assert_eq!(fields(&petra.life_event(&claims[1], "retired", "2026-03-03").await.unwrap_err()), ["event"]);
    let open = petra.life_event(&claims[1], "claim-ended", "2026-03-03").await.unwrap();
    assert!(open.is_empty(), "{open:?}");

    // Thirteen weeks after the third of March is the second of June. The service is away then; two look the day after.
    world.stop().await;
    let (first, second) = (world.open_store().await, world.open_store().await);
    let now = at("2026-06-03T07:00:00Z");
    let definitions = Definitions::put_in_force(&first, Definition::embedded(), now).await.unwrap();
    let look = |store| followup::propose_meetings(store, &definitions, now);
    let (here, there) = tokio::join!(look(&first), look(&second));
    let again = look(&first).await.unwrap() + look(&second).await.unwrap();
    assert_eq!((here.unwrap() + there.unwrap(), again), (1, 0));
    first.close().await;
    second.close().await;
    world.wait_until(now);
    world.restart().await;
    let open = petra.open_steps(&claims[0]).await;
    assert_eq!((open[0].meeting_kind.as_str(), open[0].due_day.as_str()), ("thirteen-week", "2026-06-02"));
    assert!(open[0].why.contains("Thirteen-week meeting"), "{}", open[0].why);
    assert!(petra.open_steps(&claims[1]).await.is_empty(), "that claim ended");
    // Six months fall on a Thursday; booked, held, and the proposal is answered.
    let meeting = asha.book_kind(&claims[0], "thirteen-week").await;
    assert!(petra.steps_due("2026-06-30").await.is_empty());
    world.wait_until(time(meeting.slot.unwrap().start_time) + TimeDelta::minutes(1));
    petra.record_attendance(&meeting.appointment_id, pb::Attendance::Attended).await.unwrap();
    world.wait_until(at("2026-09-03T07:00:00Z"));
    let steps = listed(&petra, "2026-09-03", pb::StepKind::ProposeMeeting).await;
    assert_eq!((steps.len(), steps[0].meeting_kind.as_str()), (1, "six-month"));
});
