//! Whom a missed meeting binds and whom it does not, and what a decision after the last opportunity does.

use crate::starts::copied_definition;
use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, illegal};
use crate::support::followup_steps::{Staff, kinds, missed, named, staff, the, three_misses, with_meeting};
use crate::support::pdf;
use crate::support::steps::{client_with_facts, draft};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::definition::{Definition, Obligation};
use startline::grpc::pb;
use std::path::{Path, PathBuf};
use tonic::Code;

async fn opens(person: &Person, client: &str) -> pb::Claim {
    let request = pb::OpenClaimRequest { request_id: new_id(), client_id: client.into(), ..Default::default() };
    person.claims().open_claim(request).await.unwrap().into_inner().claim.unwrap()
}

/// Says again what they claimed before, which was filled in.
async fn claims_the_same(person: &Person, claim: &str) {
    person.save(claim, vec![draft("A1", &json!(["IS"]), 1)]).await.unwrap();
}

// L6: three follow-ups missed on a claim that every agency has.
story!(meetings_that_are_the_clients_own_choice_are_offered_again_and_lead_to_nothing_else, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let (claim, first) = with_meeting(&asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    world.wait_until(time(first.slot.unwrap().start_time) + TimeDelta::minutes(5));
    petra.record_attendance(&first.appointment_id, pb::Attendance::Attended).await.unwrap();
    petra.lodge(id).await.unwrap();
    for _ in 0..3 {
        let met = petra.book_kind(id, "follow-up").await;
        missed(&world, &petra, &met).await;
        let open = petra.open_steps(id).await;
        assert!(kinds(&open).iter().all(|kind| *kind == pb::StepKind::OfferNewMeeting), "{open:?}");
        let open = asha.rang(id, pb::PhoneOutcome::NoReply).await.unwrap();
        assert!(kinds(&open).iter().all(|kind| *kind == pb::StepKind::OfferNewMeeting), "{open:?}");
    }
    world.wait_until(world.now() + TimeDelta::days(14));
    illegal(lena.decides(id, "They do not come.", "Three times.").await, "NOTHING_TO_DECIDE");
    assert_eq!(petra.claim(id).await.state(), pb::ClaimState::Lodged);
});

// L7: the meeting is no condition from the age of sixty on.
story!(whoever_is_sixty_or_over_is_offered_another_time_and_nothing_else, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let facts = pb::ClientFacts { date_of_birth: "1958-01-31".into(), ..named("Prys") };
    let (claim, first) = with_meeting(&asha, facts, &json!(["HB"])).await;
    let id = &claim.claim_id;
    let mut meeting = first;
    for _ in 0..3 {
        missed(&world, &petra, &meeting).await;
        assert_eq!(kinds(&petra.open_steps(id).await).last(), Some(&pb::StepKind::OfferNewMeeting));
        meeting = asha.book_kind(id, "first-meeting").await;
    }
    let open = petra.open_steps(id).await;
    assert!(kinds(&open).iter().all(|kind| *kind == pb::StepKind::OfferNewMeeting), "{open:?}");
    illegal(lena.decides(id, "They do not come.", "Three times.").await, "NOTHING_TO_DECIDE");
});

// L8: a reminder says what really follows, and nothing more.
story!(a_reminder_says_what_follows_for_this_client_and_this_meeting, |world| {
    let Staff { asha, petra, .. } = staff(&world).await;
    let words_of = async |claim: &str, kind: &str| {
        let wishes = pb::MeetingWishes { kind: kind.into(), ..Default::default() };
        let ahead = world.now() + TimeDelta::days(6);
        let found = pb::FindSlotsRequest {
            claim_id: claim.into(),
            not_before_time: Some(timestamp(ahead)),
            wishes: Some(wishes.clone()),
            ..Default::default()
        };
        let slot = asha.diary().find_slots(found).await.unwrap().into_inner().slots.remove(0);
        let booked = asha.book_at(claim, &slot, wishes).await.unwrap();
        let start = time(slot.start_time);
        world.wait_until(start - TimeDelta::days(1));
        let words = until("the call to be owed", || async {
            let request = pb::ListReminderCallsRequest::default();
            let calls = asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
            calls
                .into_iter()
                .find(|call| call.appointment_time == booked.slot.as_ref().unwrap().start_time)
                .map(|call| call.words)
        })
        .await;
        asha.cancel_meeting(&booked.appointment_id).await;
        words
    };
    let mut claims = Vec::new();
    for (name, born, benefits) in [
        ("Fry", "1980-05-01", json!(["IS"])),
        ("Lane", "1980-05-01", json!(["JSA"])),
        ("Prys", "1958-05-01", json!(["HB"])),
    ] {
        let facts = pb::ClientFacts { date_of_birth: born.into(), ..named(name) };
        let (_, claim) = client_with_facts(&asha, facts).await;
        claim_for(&asha, &claim.claim_id, &benefits).await;
        claims.push(claim.claim_id);
    }
    let binding = words_of(&claims[0], "first-meeting").await;
    assert!(binding.contains("Your claim goes on its way when we have met."), "{binding}");
    let referred = words_of(&claims[1], "first-meeting").await;
    assert!(referred.contains("we have to tell the office that deals with your claim"), "{referred}");
    for (claim, kind) in [(&claims[2], "first-meeting"), (&claims[0], "follow-up")] {
        let free = words_of(claim, kind).await;
        assert!(free.contains("Coming is your choice: your claim does not depend on it."), "{free}");
    }
    drop(petra);
});

const LETTERS: [&str; 4] = ["appointment.typ", "notice.typ", "pack.typ", "words.yaml"];

/// The pilot's definition as it was before it said whom a meeting binds: its files are kept in `tests/data`.
fn definition_before(world: &World) -> PathBuf {
    let folder = copied_definition(world, "before");
    let before = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/definition-before");
    for file in ["diary.yaml", "followup.yaml", "reminders.yaml", "scripts/deferral-guide.yaml"] {
        std::fs::copy(before.join(file), folder.join(file)).unwrap();
    }
    for file in LETTERS {
        std::fs::copy(before.join("letters").join(file), folder.join("letters").join(file)).unwrap();
    }
    folder
}

mod pdf_tools {
    use super::*;

    // What was stored stays readable: a claim goes by the version that it began on.
    story!(a_claim_begun_before_meetings_said_whom_they_bind_is_decided_as_any_other, |mut world| {
        let older = definition_before(&world);
        let before = Definition::load(&older).unwrap();
        let obligation = |kind: &str| before.diary.kind(kind).unwrap().obligation;
        assert_eq!(
            (obligation("first-meeting"), obligation("follow-up")),
            (Obligation::Required, Obligation::Voluntary)
        );
        // A service of today takes up only what its letters can all be written by; what is stored is read without.
        for file in LETTERS {
            let pilots = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/definitions/one-pilot/letters").join(file);
            std::fs::copy(pilots, older.join("letters").join(file)).unwrap();
        }
        // Whoever keeps a diary that names no reasons for putting a meeting off keeps the wordings of each in the letters.
        let words = older.join("letters/words.yaml");
        let reasons = ["health", "major_operation", "restrictive_treatment", "baby_due", "recently_bereaved"];
        let wordings =
            reasons.map(|reason| format!("  {reason}: {{ en: As we agreed., cy: Fel y cytunwyd. }}\n")).concat();
        let text = std::fs::read_to_string(&words).unwrap();
        std::fs::write(&words, text.replacen("\ndeferral:\n", &format!("\ndeferral:\n{wordings}"), 1)).unwrap();
        world.restart_with_definition(older).await;
        let staff = staff(&world).await;
        let Staff { asha, lena, petra, .. } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        let newer = copied_definition(&world, "newer");
        world.restart_with_definition(newer).await;
        three_misses(&world, &staff, id, &first).await;
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        crate::still_holds::all_worked_off(&world).await;
        let (_, text) = said(asha, &claim.client_id, "").await;
        assert!(text.contains("They did not come."), "{text}");
        let told = petra.claim(id).await.standing.unwrap().not_made.unwrap();
        assert_eq!(told.reason, "They did not come.");
    });

    /// The letter, as one line.
    async fn said(asha: &Person, client: &str, unlike: &str) -> (String, String) {
        let letter = until("the letter", || async {
            let all = asha.packs_of_client(client).await;
            all.into_iter().find(|pack| pack.kind == "decision" && pack.pack_id != unlike)
        })
        .await;
        let folder = tempfile::TempDir::new().unwrap();
        let text = pdf::printed(&folder, &asha.pdf(&letter.pack_id).await);
        (letter.pack_id, text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    // L11, L15: the decision has effect, the client is told, and nothing goes on as if nothing had been decided.
    story!(a_claim_that_is_treated_as_not_made_is_closed_and_its_client_is_told_and_free_to_claim_anew, |world| {
        let staff = staff(&world).await;
        let Staff { asha, lena, petra, .. } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        let third = three_misses(&world, &staff, id, &first).await;
        let refused = lena.decides(id, "", "Rung three times.").await.unwrap_err();
        assert_eq!(fields(&refused), ["reason"]);
        let refused = lena.decides(id, "They did not come.", " ").await.unwrap_err();
        assert_eq!(fields(&refused), ["evidence"]);
        let booked = asha.book_kind(id, "first-meeting").await;
        illegal(lena.decides(id, "They did not come.", "Rung three times.").await, "TOO_EARLY_TO_DECIDE_AGAINST");
        asha.cancel_meeting(&booked.appointment_id).await;
        assert_eq!(petra.claim(id).await.state(), claim.state(), "nothing was changed");

        let later = asha.book_kind(id, "follow-up").await;
        let why = "They said on the telephone that they do not want to claim.";
        lena.decides(id, why, "Rung on three days; spoken with each time.").await.unwrap();
        let closed = petra.claim(id).await;
        assert_eq!(closed.state(), pb::ClaimState::NotMade);
        let standing = closed.standing.unwrap();
        let told = standing.not_made.unwrap();
        assert_eq!((told.reason.as_str(), told.decided_by.as_str()), (why, lena.id.as_str()));
        assert!(standing.next_step.contains("treated as not made"), "{}", standing.next_step);
        assert!(petra.open_steps(id).await.is_empty());
        let events = petra.events(id).await;
        assert_eq!(events.last().unwrap().r#move(), pb::ClaimMove::TreatedAsNotMade);
        let request = pb::ListAppointmentsRequest { claim_id: id.clone(), ..Default::default() };
        let all = asha.diary().list_appointments(request).await.unwrap().into_inner().appointments;
        let off = all.iter().find(|one| one.appointment_id == later.appointment_id).unwrap();
        assert_eq!(off.state(), pb::AppointmentState::Cancelled, "nobody waits for them at any meeting");

        // Nothing goes on with it.
        let wishes = pb::MeetingWishes { kind: "first-meeting".into(), ..Default::default() };
        let slots = pb::FindSlotsRequest { claim_id: id.clone(), wishes: Some(wishes), ..Default::default() };
        illegal(asha.diary().find_slots(slots).await, "CLAIM_NOT_MADE");
        illegal(petra.lodge(id).await, "CLAIM_NOT_MADE");
        illegal(asha.defer_meeting(id, "health", "2026-06-01").await, "CLAIM_NOT_MADE");
        illegal(asha.withdraw(id, "found work").await, "CLAIM_NOT_MADE");

        crate::still_holds::all_worked_off(&world).await;
        // The letter says who, why, and how to have it looked at again.
        let (_, text) = said(asha, &claim.client_id, "").await;
        let other = "Somebody other than Lena Lane will look at it, and write to you";
        for said in
            ["Lena Lane", why, "looked at again", other, "independent tribunal", "claim again whenever you like"]
        {
            assert!(text.contains(said), "{said:?} is not in {text}");
        }
        assert!(!text.contains("Rung on three days"), "what the decision rests on is for whoever looks at it again");

        // It can be found and counted.
        let today = world.now().date_naive().to_string();
        let found = lena.decisions(&today, &today).await;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].client_name.as_str(), found[0].decided_by_name.as_str()),
            ("Ms Rosa Jane Fry", "Lena Lane")
        );
        assert_eq!((found[0].reason.as_str(), &found[0].appointment_id), (why, &third.appointment_id));
        assert!(found[0].evidence.starts_with("Rung on three days"));
        let report = lena.decision_report(&today, &today).await;
        let counted: Vec<_> = report.after_misses.iter().map(|one| (one.decision(), one.count, one.reversed)).collect();
        assert_eq!(counted, [(pb::AfterMisses::TreatAsNotMade, 1, 0)]);

        // The client claims anew, with what was said before.
        let anew = opens(asha, &claim.client_id).await;
        assert_ne!(anew.claim_id, *id);
        assert_eq!((anew.state(), anew.repeats_claim_id.as_str()), (pb::ClaimState::Open, id.as_str()));
        assert_eq!(anew.first_contact_time, Some(timestamp(world.now())), "they are in touch anew, to claim");

        // The decision was wrong, it turns out: the new claim goes on, and has the date of the old one.
        lena.reverses(id, "It was our mistake.").await.unwrap();
        assert_eq!(petra.claim(id).await.state(), pb::ClaimState::NotMade);
        let goes_on = petra.claim(&anew.claim_id).await;
        assert_eq!((goes_on.state(), goes_on.first_contact_time), (pb::ClaimState::Open, claim.first_contact_time));
        let events = petra.events(&anew.claim_id).await;
        assert_eq!(events.last().unwrap().r#move(), pb::ClaimMove::DateCarried);
        illegal(lena.reverses(id, "Twice.").await, "NOTHING_TO_REVERSE");
    });

    // Whoever is told that they can ask for it to be looked at again is on a list once they have.
    story!(who_asks_in_time_is_on_the_list_until_somebody_other_than_who_decided_has_looked_again, |world| {
        let staff = staff(&world).await;
        let Staff { asha, lena, eve, .. } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        illegal(asha.asks_again(id, "Why?").await, "NOTHING_TO_REVERSE");
        let third = three_misses(&world, &staff, id, &first).await;
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        let (decision, _) = said(asha, &claim.client_id, "").await;
        illegal(eve.upholds(id, "Nobody asked.").await, "NOTHING_TO_RECONSIDER");
        assert_eq!(fields(&asha.asks_again(id, " ").await.unwrap_err()), ["said"]);
        let of_a_day = |day: &str| pb::RequestReconsiderationRequest {
            request_id: new_id(),
            claim_id: id.clone(),
            said: "By letter.".into(),
            asked_day: day.into(),
        };
        for (day, ahead) in [("no day", 0), ("before", -1), ("after", 1)] {
            let moved = (world.now() + TimeDelta::days(ahead)).date_naive().to_string();
            let day = if ahead == 0 { day.to_owned() } else { moved };
            let refused = asha.follow_up().request_reconsideration(of_a_day(&day)).await.unwrap_err();
            assert_eq!(fields(&refused), ["asked_day"], "{day}");
        }

        // On the last day; by whoever hears it.
        world.wait_until(world.now() + TimeDelta::days(31));
        let why = "I was in hospital, and could not ring.";
        let reception = world.add("Rhys", Role::Reception, Some("somerset")).await;
        let asked = reception.asks_again(id, why).await.unwrap().decision.unwrap();
        assert_eq!((asked.asked_said.as_str(), asked.asked_taken_by_name.as_str()), (why, "Rhys"));
        illegal(asha.asks_again(id, "Again.").await, "RECONSIDERATION_REQUESTED");
        let due = world.now() + TimeDelta::days(7);
        world.wait_until(due);
        let step = the(&lena.steps_due("").await, pb::StepKind::Reconsider);
        assert_eq!(
            (step.claim_id.as_str(), step.appointment_id.as_str()),
            (id.as_str(), third.appointment_id.as_str())
        );
        assert!(step.comes_first.contains("other than who decided"), "{step:?}");
        illegal(lena.record_step(&step.step_id, pb::StepOutcome::Done, "").await, "STEP_HAS_ITS_OWN_END");

        // For somebody else; in time however long it took.
        assert_eq!(lena.upholds(id, "I was right.").await.unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(asha.upholds(id, "She was right.").await.unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(fields(&eve.upholds(id, " ").await.unwrap_err()), ["reason"]);
        let found = "The hospital says that you went home before the meeting.";
        let upheld = eve.upholds(id, found).await.unwrap();
        assert!(upheld.open_steps.is_empty(), "{upheld:?}");
        let (_, letter) = said(asha, &claim.client_id, &decision).await;
        for said in [found, "Eve", "the decision stands", "right to appeal to an independent tribunal"] {
            assert!(letter.contains(said), "{said:?} is not in {letter}");
        }
        illegal(eve.upholds(id, "Twice.").await, "NOTHING_TO_RECONSIDER");
        illegal(asha.asks_again(id, "Once more.").await, "ALREADY_RECONSIDERED");
        illegal(lena.reverses(id, "Too late.").await, "TOO_LATE_TO_REVERSE");
        let request = pb::ListDecisionsRequest { claim_id: id.clone(), ..Default::default() };
        let all = eve.follow_up().list_decisions(request).await.unwrap().into_inner().decisions;
        assert_eq!((all.len(), all[0].upheld_reason.as_str(), all[0].upheld_by_name.as_str()), (1, found, "Eve"));
    });

    story!(who_asked_in_time_may_be_given_right_later_and_a_dead_clients_wish_is_on_no_list, |world| {
        let staff = staff(&world).await;
        let Staff { asha, lena, petra, eve } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        three_misses(&world, &staff, id, &first).await;
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        let decided = world.now().date_naive().to_string();
        world.wait_until(world.now() + TimeDelta::days(40));
        illegal(asha.asks_again(id, "Why?").await, "TOO_LATE_TO_REVERSE");
        let by_letter = pb::RequestReconsiderationRequest {
            request_id: new_id(),
            claim_id: id.clone(),
            said: "I was in hospital.".into(),
            asked_day: decided,
        };
        asha.follow_up().request_reconsideration(by_letter).await.unwrap();
        assert_eq!(lena.reverses(id, "I was wrong.").await.unwrap_err().code(), Code::PermissionDenied);
        let reversed = eve.reverses(id, "The letter lay unopened.").await.unwrap();
        assert!(!kinds(&reversed.open_steps).contains(&pb::StepKind::Reconsider), "{reversed:?}");
        assert_eq!(petra.claim(id).await.state(), claim.state());

        let (other, first) = with_meeting(asha, named("Prys"), &json!(["IS"])).await;
        three_misses(&world, &staff, &other.claim_id, &first).await;
        lena.decides(&other.claim_id, "They did not come.", "Rung on three days.").await.unwrap();
        asha.asks_again(&other.claim_id, "I was in hospital.").await.unwrap();
        assert_eq!(kinds(&asha.open_steps(&other.claim_id).await), [pb::StepKind::Reconsider]);
        let request = pb::RecordDeathRequest {
            request_id: new_id(),
            client_id: other.client_id.clone(),
            etag: asha.client(&other.client_id).await.etag,
            told_by: "her son".into(),
            ..Default::default()
        };
        asha.clients().record_death(request).await.unwrap();
        assert!(asha.open_steps(&other.claim_id).await.is_empty());
        // It was somebody else: what was asked is on the list again, and has an answer in the end.
        let request = pb::TakeBackDeathRequest {
            request_id: new_id(),
            client_id: other.client_id.clone(),
            etag: asha.client(&other.client_id).await.etag,
        };
        lena.clients().take_back_death(request).await.unwrap();
        assert_eq!(kinds(&asha.open_steps(&other.claim_id).await), [pb::StepKind::Reconsider]);
        eve.upholds(&other.claim_id, "Nobody knows of a hospital.").await.unwrap();
        assert!(asha.open_steps(&other.claim_id).await.is_empty());
    });

    story!(a_claim_that_stood_closed_by_a_wrong_decision_loses_no_day_of_benefit_by_it, |world| {
        let staff = staff(&world).await;
        let Staff { asha, lena, petra, .. } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        three_misses(&world, &staff, id, &first).await;
        let counts_from = async |id: &str| petra.standing(id).await.benefits[0].counts_from.clone();
        assert_eq!(counts_from(id).await, "2026-03-03");
        let until = petra.standing(id).await.benefits[0].protected_until.clone();
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        // Past the day until which it was protected.
        world.wait_until(world.now() + TimeDelta::days(30));
        assert!(world.now().date_naive().to_string() > until);
        let anew = opens(asha, &claim.client_id).await;
        claims_the_same(asha, &anew.claim_id).await;
        let began = world.now().date_naive().to_string();
        assert_eq!(counts_from(&anew.claim_id).await, began);
        lena.reverses(id, "It was our mistake.").await.unwrap();
        assert_eq!(counts_from(&anew.claim_id).await, "2026-03-03", "the claim that goes on has the date of the other");
        asha.withdraw(&anew.claim_id, "found work").await.unwrap();

        // Where agencies have the later claim already, a team leader is told what was lost.
        let (claim, first) = with_meeting(asha, named("Prys"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        three_misses(&world, &staff, id, &first).await;
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        world.wait_until(world.now() + TimeDelta::days(5));
        let anew = opens(asha, &claim.client_id).await;
        claims_the_same(asha, &anew.claim_id).await;
        lena.waive_meeting(&anew.claim_id, pb::WaiverReason::SeriousIllness).await.unwrap();
        asha.complete_start_up(&anew.claim_id).await.unwrap();
        petra.lodge(&anew.claim_id).await.unwrap();
        let with_agencies = petra.claim(&anew.claim_id).await;
        lena.reverses(id, "It was our mistake.").await.unwrap();
        assert_eq!(petra.claim(id).await.state(), pb::ClaimState::NotMade, "nobody has two claims to one benefit");
        assert_eq!(petra.claim(&anew.claim_id).await.first_contact_time, with_agencies.first_contact_time);
        let lost = the(&lena.open_steps(&anew.claim_id).await, pb::StepKind::DateLost);
        assert!(lost.why.contains("days of benefit are lost"), "{lost:?}");
    });

    story!(a_decision_that_was_wrong_is_taken_back_within_its_days_and_the_claim_keeps_its_date, |world| {
        let staff = staff(&world).await;
        let Staff { asha, lena, petra, .. } = &staff;
        let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
        let id = &claim.claim_id;
        illegal(lena.reverses(id, "Nothing was decided.").await, "NOTHING_TO_REVERSE");
        three_misses(&world, &staff, id, &first).await;
        let before = petra.claim(id).await;
        lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
        let (first_letter, _) = said(asha, &claim.client_id, "").await;
        assert_eq!(petra.reverses(id, "I know better.").await.unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(fields(&lena.reverses(id, " ").await.unwrap_err()), ["reason"]);
        world.wait_until(world.now() + TimeDelta::days(31));
        let reversed = lena.reverses(id, "They were in hospital.").await.unwrap();
        assert_eq!(
            kinds(&reversed.open_steps),
            [pb::StepKind::OfferNewMeeting, pb::StepKind::DateRunsOut],
            "another opportunity; and the weeks have cost nothing, if it is handed over soon"
        );
        let after = petra.claim(id).await;
        assert_eq!((after.state(), after.first_contact_time), (before.state(), before.first_contact_time));
        let events = petra.events(id).await;
        assert_eq!(events.last().unwrap().r#move(), pb::ClaimMove::DecisionReversed);
        illegal(lena.reverses(id, "Twice.").await, "NOTHING_TO_REVERSE");
        let (_, text) = said(asha, &claim.client_id, &first_letter).await;
        assert!(text.contains("They were in hospital.") && text.contains("does not stand any more"), "{text}");

        // Missed again, somebody decides again; and after the days it is for a tribunal.
        let fourth = asha.book_kind(id, "first-meeting").await;
        missed(&world, petra, &fourth).await;
        asha.rang(id, pb::PhoneOutcome::Spoken).await.unwrap();
        assert_eq!(the(&petra.open_steps(id).await, pb::StepKind::Decide).opportunity, 4);
        world.wait_until(world.now() + TimeDelta::days(10));
        lena.decides(id, "They did not come.", "Rung again.").await.unwrap();
        world.wait_until(world.now() + TimeDelta::days(32));
        illegal(lena.reverses(id, "Too late.").await, "TOO_LATE_TO_REVERSE");
    });
}
