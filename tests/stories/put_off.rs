//! The first meeting put off: for the reasons of the definition, for as long as each allows, and by what is said in the call.

use crate::letters::letter;
use crate::support::faults::{fields, illegal};
use crate::support::followup_steps::{kinds, missed, named, the, with_meeting};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{Answer, client_with_claim, client_with_facts};
use crate::support::values::new_id;
use crate::support::{Person, at, until};
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use startline::access::Role;
use startline::grpc::pb;
use startline::grpc::pb::jump_to_request::Target;

async fn puts_off(person: &Person, claim: &str, reason: &str, note: &str, day: &str) -> Answer<pb::MeetingDecision> {
    let request = pb::DeferMeetingRequest {
        request_id: new_id(),
        claim_id: claim.into(),
        reason: reason.into(),
        note: note.into(),
        review_day: day.into(),
    };
    Ok(person.diary().defer_meeting(request).await?.into_inner().decision.unwrap())
}

fn in_weeks(weeks: i64) -> String {
    let today: NaiveDate = "2026-03-03".parse().unwrap();
    (today + TimeDelta::weeks(weeks)).to_string()
}

story!(a_meeting_is_put_off_for_each_reason_of_the_definition_and_for_as_long_as_it_allows, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let request = pb::GetDefinitionRequest { language: "cy".into(), ..Default::default() };
    let told = asha.definitions().get_definition(request).await.unwrap().into_inner().deferral_reasons;
    let ids: Vec<&str> = told.iter().map(|reason| reason.reason.as_str()).collect();
    for proposed in
        ["recently_bereaved", "restrictive_treatment", "baby_due", "crisis", "caring", "job_soon", "hospital"]
    {
        assert!(ids.contains(&proposed), "{ids:?}");
    }
    assert!(told.iter().any(|reason| reason.name == "Yn yr ysbyty"));
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    for reason in &told {
        let weeks = i64::from(reason.longest_weeks);
        let note = if reason.needs_note { "Her son rings us instead." } else { "" };
        let decided = puts_off(&asha, id, &reason.reason, note, &in_weeks(weeks)).await.unwrap();
        assert_eq!(decided.reason, Some(pb::meeting_decision::Reason::Deferred(reason.reason.clone())));
        let beyond = puts_off(&asha, id, &reason.reason, note, &in_weeks(weeks + 1)).await.unwrap_err();
        assert_eq!(fields(&beyond), ["review_day"], "{}", reason.reason);
        let silent = puts_off(&asha, id, &reason.reason, " ", &in_weeks(1)).await;
        assert_eq!(silent.is_err(), reason.needs_note, "{silent:?}");
    }
    // The guide takes whoever recovers for a year, twice as long as any diary is booked ahead.
    assert!(told.iter().any(|reason| reason.reason == "health" && reason.longest_weeks == 52));
    for nobodys in ["", "violence"] {
        let refused = puts_off(&asha, id, nobodys, "", &in_weeks(1)).await.unwrap_err();
        assert_eq!(fields(&refused), ["reason"]);
    }
    assert_eq!(asha.standing(id).await.meeting_reason, told.last().unwrap().reason, "what was refused changed nothing");
});

story!(why_a_meeting_was_put_off_is_read_by_those_whose_work_it_is_and_by_nobody_else, |world| {
    let PackPeople { asha, petra, .. } = pack_people(&world).await;
    let rex = world.add_at("Rex", Role::Reception, "somerset", Some("frome")).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    puts_off(&asha, id, "crisis", "", "2026-03-17").await.unwrap();
    world.wait_until(at("2026-03-17T08:00:00Z"));
    let why =
        async |person: &Person| until("the review", || async { person.steps_due("2026-03-17").await.pop() }).await.why;
    let (by_petra, by_rex) = (why(&petra).await, why(&rex).await);
    assert!(by_petra.contains("Violence"), "{by_petra}");
    assert!(by_rex.contains("the claim says why") && !by_rex.contains("Violence"), "{by_rex}");
});

async fn says(adviser: &Person, walk: &pb::Walk, step: &str, answer: Value) -> Answer<pb::Walk> {
    let now = adviser.walk(&walk.walk_id).await;
    let there = adviser.jump(&now, Target::StepId(step.into())).await?;
    adviser.answer_step(&there, Some(answer)).await
}

async fn decides(adviser: &Person, walk: &pb::Walk, reason: &str, note: &str, day: &str) -> Answer<pb::Walk> {
    says(adviser, walk, "meeting_decision", json!("defer")).await?;
    says(adviser, walk, "deferral_reason", json!(reason)).await?;
    if !note.is_empty() {
        says(adviser, walk, "deferral_note", json!(note)).await?;
    }
    says(adviser, walk, "review_date", json!(day)).await
}

async fn deferrals(leader: &Person) -> u32 {
    leader.decision_report("2026-03-01", "2026-03-31").await.deferred
}

story!(what_is_decided_of_the_meeting_in_the_call_is_booked_without_being_typed_again, |world| {
    let PackPeople { asha, lena, .. } = pack_people(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    says(&asha, &walk, "meeting_decision", json!("defer")).await.unwrap();
    says(&asha, &walk, "deferral_reason", json!("baby_due")).await.unwrap();
    assert_eq!(asha.standing(id).await.meeting(), pb::MeetingOutcome::Booked, "nobody has said until when");
    decides(&asha, &walk, "baby_due", "In seven weeks.", "2026-06-09").await.unwrap();
    let standing = asha.standing(id).await;
    let told = (standing.meeting(), standing.meeting_reason.as_str(), standing.review_day.as_str());
    assert_eq!(told, (pb::MeetingOutcome::Deferred, "baby_due", "2026-06-09"));
    assert_eq!(asha.find_slots(id).await[0].start_time, slot.start_time, "what was booked is free again");
    assert!(!standing.next_step.contains("meeting"), "{}", standing.next_step);

    // Said again it is decided once; said otherwise it is decided anew.
    says(&asha, &walk, "review_date", json!("2026-06-09")).await.unwrap();
    assert_eq!(deferrals(&lena).await, 1);
    says(&asha, &walk, "deferral_reason", json!("caring")).await.unwrap();
    let standing = asha.standing(id).await;
    assert_eq!((standing.meeting_reason.as_str(), standing.review_day.as_str()), ("caring", "2026-06-09"));
    // It reaches the claim by the rules by which it does from any desk, and the walk goes on.
    assert!(asha.walk(&walk.walk_id).await.step.is_some());
});

story!(what_the_rules_do_not_allow_is_said_at_the_question_and_nothing_else_is_lost, |world| {
    let PackPeople { asha, .. } = pack_people(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = claim.claim_id.as_str();
    let walk = asha.start_walk("start-up", &client.client_id, id).await;
    let refused = decides(&asha, &walk, "crisis", "", "2026-09-01").await.unwrap_err();
    assert_eq!(fields(&refused), ["value"]);
    assert!(format!("{refused:?}").contains("within 13 weeks"), "{refused:?}");
    let stands = asha.walk(&walk.walk_id).await;
    assert_eq!(stands.step.as_ref().unwrap().step_id, "review_date", "the walk stands where it stood");
    let answers = stands.answers.unwrap().fields;
    assert!(answers.contains_key("deferral_reason") && !answers.contains_key("review_date"), "{answers:?}");
    assert_eq!(asha.standing(id).await.meeting(), pb::MeetingOutcome::Open);
    says(&asha, &walk, "review_date", json!("2026-03-24")).await.unwrap();
    assert_eq!(asha.standing(id).await.review_day, "2026-03-24");
    // A reason that does not allow the day that was agreed is refused as plainly, and the decision stays.
    says(&asha, &walk, "deferral_reason", json!("health")).await.unwrap();
    says(&asha, &walk, "review_date", json!("2027-01-05")).await.unwrap();
    assert_eq!(fields(&says(&asha, &walk, "deferral_reason", json!("crisis")).await.unwrap_err()), ["value"]);
    assert_eq!(asha.standing(id).await.meeting_reason, "health");
    // Something else wants a word of why.
    assert_eq!(fields(&says(&asha, &walk, "deferral_reason", json!("other")).await.unwrap_err()), ["value"]);

    // Who is of the age to choose wants none; who is not has to come.
    illegal(says(&asha, &walk, "meeting_decision", json!("optional")).await, "MEETING_NOT_OPTIONAL");
    assert_eq!(asha.standing(id).await.meeting_reason, "health");
    let older = pb::ClientFacts { date_of_birth: "1960-05-01".into(), ..named("Hill") };
    let (older, claim) = client_with_facts(&asha, older).await;
    let walk = asha.start_walk("start-up", &older.client_id, &claim.claim_id).await;
    says(&asha, &walk, "meeting_decision", json!("optional")).await.unwrap();
    let standing = asha.standing(&claim.claim_id).await;
    assert_eq!((standing.meeting(), standing.meeting_reason.as_str()), (pb::MeetingOutcome::Waived, "optional"));

    // Without a claim there is nothing to put off.
    let alone = asha.start_walk("deferral-guide", &older.client_id, "").await;
    illegal(decides(&asha, &alone, "health", "", "2026-03-24").await, "NO_CLAIM");
});

story!(a_decision_that_is_taken_back_in_the_call_is_taken_back_and_its_letter_with_it, |world| {
    let PackPeople { asha, lena, room, .. } = pack_people(&world).await;
    let (claim, _) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = claim.claim_id.as_str();
    asha.awaits_pack(id).await;
    room.print_and_post().await;
    let walk = asha.start_walk("start-up", &claim.client_id, id).await;
    world.wait(60);
    decides(&asha, &walk, "hospital", "", "2026-04-28").await.unwrap();
    let told = letter(&asha, &claim.client_id, "deferral").await;
    world.wait_until(world.now() + TimeDelta::days(8));
    until("the form to be asked for", || async {
        kinds(&asha.open_steps(id).await).contains(&pb::StepKind::ChaseForm).then_some(())
    })
    .await;
    says(&asha, &walk, "meeting_decision", json!("meeting")).await.unwrap();
    assert_eq!(kinds(&asha.open_steps(id).await), [pb::StepKind::ArrangeMeeting], "no longer without a meeting");
    let standing = asha.standing(id).await;
    assert_eq!((standing.meeting(), standing.review_day.as_str()), (pb::MeetingOutcome::Open, ""));
    assert!(standing.next_step.contains("booked"), "{}", standing.next_step);
    assert_eq!(asha.events(id).await.last().unwrap().r#move(), pb::ClaimMove::MeetingOpenAgain);
    // No letter says what does not stand.
    until("the print room to have nothing", || async { is_withdrawn(&asha, &told.pack_id).await }).await;

    // Chosen again, it stands again with what was said before.
    says(&asha, &walk, "meeting_decision", json!("defer")).await.unwrap();
    assert_eq!(asha.standing(id).await.review_day, "2026-04-28");
    // What somebody has decided otherwise since is not taken back by what this call had said.
    puts_off(&lena, id, "health", "", "2026-06-02").await.unwrap();
    says(&asha, &walk, "meeting_decision", json!("meeting")).await.unwrap();
    assert_eq!(asha.standing(id).await.review_day, "2026-06-02");
});

story!(a_meeting_that_was_missed_is_looked_after_when_putting_it_off_was_a_slip, |world| {
    let PackPeople { asha, petra, .. } = pack_people(&world).await;
    let (claim, meeting) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = claim.claim_id.as_str();
    missed(&world, &petra, &meeting).await;
    let owed = kinds(&asha.open_steps(id).await);
    assert_eq!(owed, [pb::StepKind::RingClient]);
    let walk = asha.start_walk("start-up", &claim.client_id, id).await;
    decides(&asha, &walk, "hospital", "", "2026-04-28").await.unwrap();
    assert!(!kinds(&asha.open_steps(id).await).contains(&pb::StepKind::RingClient), "it is put off");
    says(&asha, &walk, "meeting_decision", json!("meeting")).await.unwrap();
    let ring = the(&asha.open_steps(id).await, pb::StepKind::RingClient);
    assert_eq!((ring.opportunity, ring.appointment_id.as_str()), (1, meeting.appointment_id.as_str()));
    assert_eq!(
        kinds(&asha.rang(id, pb::PhoneOutcome::NoReply).await.unwrap()).first(),
        Some(&pb::StepKind::SendLetter)
    );
});

/// Whether the letter is not to be printed any more.
async fn is_withdrawn(adviser: &Person, pack: &str) -> Option<()> {
    (adviser.pack(pack).await.state() == pb::PackState::Cancelled).then_some(())
}

mod pdf_tools {
    use super::*;
    use crate::support::pdf;

    story!(the_letter_says_that_the_meeting_waits_and_not_what_must_not_be_known_at_home, |world| {
        let PackPeople { asha, room, .. } = pack_people(&world).await;
        for (name, reason, says) in [
            ("Fry", "crisis", "your first meeting can wait for now."),
            ("Hill", "caring", "until you can be away from the person you look after."),
        ] {
            let (claim, _) = with_meeting(&asha, named(name), &json!(["IS"])).await;
            asha.awaits_pack(&claim.claim_id).await;
            room.print_and_post().await;
            world.wait(60);
            puts_off(&asha, &claim.claim_id, reason, "He found the last letter.", "2026-03-24").await.unwrap();
            let written = letter(&asha, &claim.client_id, "deferral").await;
            let text = pdf::printed(&world.folder, &asha.pdf(&written.pack_id).await);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(says), "{text}");
            assert!(text.contains("24 March 2026"), "{text}");
            for never in ["iolence", "crisis", "distress", "separation", "He found", "Looks after"] {
                assert!(!text.contains(never), "{text}");
            }
        }
    });
}
