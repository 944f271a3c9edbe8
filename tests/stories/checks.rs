//! Claims checked while their clients are at the office: taken by one at a time, asked about and answered, complete when
//! nothing is open, and how long it took.

use crate::support::check_steps::check_shown;
use crate::support::faults::{fields, reason};
use crate::support::steps::start_up_done;
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::grpc::pb::CheckState as State;
use tonic::Code;

struct Office {
    asha: Person,
    petra: Person,
    rita: Person,
    eve: Person,
    ed: Person,
    lena: Person,
}

async fn office(world: &World) -> Office {
    let office = Office {
        asha: world.adviser("Asha", "somerset").await,
        petra: world.personal_adviser("Petra", "somerset").await,
        rita: world.add("Rita", Role::Reception, Some("somerset")).await,
        eve: world.add("Eve", Role::BenefitsExpert, Some("somerset")).await,
        ed: world.add("Ed", Role::BenefitsExpert, Some("somerset")).await,
        lena: world.add("Lena", Role::TeamLeader, Some("somerset")).await,
    };
    office.petra.works_at("frome").await;
    office
}

#[track_caller]
fn illegal<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, why: &str, says: &str) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, why), "{refused:?}");
    assert!(refused.message().contains(says), "{:?} does not say {says:?}", refused.message());
}

/// A claim with its meeting, its id, the meeting's id, and when it begins.
async fn met(world: &World, office: &Office, name: &str) -> (String, String, DateTime<Utc>) {
    let (claim, booked) = start_up_done(world, &office.asha, name).await;
    (claim.claim_id, booked.appointment_id, time(booked.slot.unwrap().start_time))
}

/// All that is kept of checks.
async fn kept(world: &World) -> Vec<String> {
    let sql = "SELECT office || ' ' || version || ' ' || CASE WHEN taken_by IS NULL THEN 'open' ELSE 'taken' END || ' ' || \
               CASE WHEN completed_at IS NULL THEN 'going' ELSE 'complete' END FROM claim_checks ORDER BY opened_at, version";
    world.look_inside().await.texts(sql).await
}

story!(an_expert_sees_who_has_come_asks_is_answered_and_says_that_the_claim_may_be_lodged, |world| {
    let office = office(&world).await;
    let Office { petra, rita, eve, ed, .. } = &office;
    let (claim, meeting, begins) = met(&world, &office, "Fry").await;
    world.wait_until(begins - TimeDelta::minutes(15));
    let mut list = eve.watch_checks("frome").await;
    let expected = check_shown(&mut list, &meeting, State::Expected).await;
    assert_eq!((time(expected.start_time), expected.client_name.as_str()), (begins, "Ms Rosa Jane Fry"));
    assert_eq!((expected.minutes_since_arrival, expected.personal_adviser_name.as_str()), (None, "Petra"));
    illegal(eve.takes_check(&meeting, &expected.etag).await, "CHECK_NOT_DUE", "has come");

    rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    let waiting = check_shown(&mut list, &meeting, State::Waiting).await;
    assert_eq!((waiting.minutes_since_arrival, waiting.form_back_time, waiting.over_aim), (Some(0), None, false));
    world.wait(150);
    rita.form_is_back(&claim).await.unwrap();
    let mut handed_in = check_shown(&mut list, &meeting, State::Waiting).await;
    while handed_in.form_back_time.is_none() {
        handed_in = check_shown(&mut list, &meeting, State::Waiting).await;
    }
    assert_eq!((handed_in.minutes_since_arrival, handed_in.minutes_since_form), (Some(2), Some(0)));

    // Two would take it: the second is told who has it, and whoever has it may ask for it again.
    let taken = eve.takes_check(&meeting, &handed_in.etag).await.unwrap();
    assert_eq!((taken.state(), &taken.checked_by, taken.checked_by_name.as_str()), (State::Taken, &eve.id, "Eve"));
    illegal(ed.takes_check(&meeting, &handed_in.etag).await, "CHECK_TAKEN", "Eve has had this check since 08:");
    illegal(ed.completes_check(&meeting, &taken.etag).await, "CHECK_TAKEN", "Eve");
    illegal(ed.hands_back_check(&meeting, &taken.etag).await, "CHECK_TAKEN", "Eve");
    assert_eq!(eve.takes_check(&meeting, &handed_in.etag).await.unwrap(), taken);
    let stale = eve.hands_back_check(&meeting, &handed_in.etag).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "STALE"));
    assert_eq!(fields(&eve.takes_check(&meeting, "new").await.unwrap_err()), ["etag"]);
    check_shown(&mut list, &meeting, State::Taken).await;

    // What is asked is at the personal adviser's at once, and back when it is answered.
    let mut at_petras = petra.watch_checks("frome").await;
    let query = eve.raise_query(&claim, "B6", "Which card was the number read from?").await.unwrap();
    let asked = check_shown(&mut at_petras, &meeting, State::Asked).await;
    assert_eq!(asked.open_queries, std::slice::from_ref(&query));
    illegal(eve.completes_check(&meeting, &asked.etag).await, "CHECK_NOT_COMPLETE", "Which card was the number");
    let settled = petra.settle_query(&query.query_id, "From the plastic one.").await.unwrap();
    let answered = check_shown(&mut list, &meeting, State::Answered).await;
    assert_eq!((answered.open_queries.len(), answered.answered_queries.as_slice()), (0, &[settled][..]));
    illegal(eve.completes_check(&meeting, &answered.etag).await, "CHECK_NOT_COMPLETE", "to bring ");

    eve.ticks_all(&claim).await;
    world.wait(270);
    let complete = eve.completes_check(&meeting, &answered.etag).await.unwrap();
    assert_eq!((complete.state(), complete.minutes_since_arrival), (State::Complete, None));
    check_shown(&mut at_petras, &meeting, State::Complete).await;
    illegal(eve.completes_check(&meeting, &complete.etag).await, "CHECK_COMPLETE", "Eve said at 08:");
    illegal(ed.takes_check(&meeting, &complete.etag).await, "CHECK_COMPLETE", "complete");
    // Before the client leaves, and whether or not the meeting is over.
    petra.record_attendance(&meeting, pb::Attendance::Attended).await.unwrap();
    eve.lodge(&claim).await.unwrap();
    check_shown(&mut list, &meeting, State::Lodged).await;
    let actions =
        "SELECT action FROM audit WHERE record_kind = 'appointment' AND action LIKE 'check%' ORDER BY at, action";
    assert_eq!(world.look_inside().await.texts(actions).await, ["check_taken", "check_completed"]);
});

story!(what_changes_after_a_claim_was_complete_gives_the_check_back_to_whoever_had_it, |world| {
    let office = office(&world).await;
    let Office { petra, rita, eve, .. } = &office;
    let (claim, meeting, begins) = met(&world, &office, "Fry").await;
    world.wait_until(begins - TimeDelta::minutes(5));
    rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    rita.form_is_back(&claim).await.unwrap();
    let of = async || eve.check_of("frome", &meeting).await.unwrap();
    let mut stands = eve.takes_check(&meeting, &of().await.etag).await.unwrap();
    eve.ticks_all(&claim).await;
    let line = eve.evidence(&claim).await.remove(0);
    for what in ["asked", "amended", "to follow"] {
        stands = eve.completes_check(&meeting, &stands.etag).await.unwrap();
        assert_eq!(stands.state(), State::Complete, "before it was {what}");
        let query = match what {
            "asked" => Some(petra.raise_query(&claim, "", "Is the partner at work?").await.unwrap()),
            "amended" => {
                petra.amend(&claim, "T8", &json!("my sister"), 0, "RJF").await.unwrap();
                None
            }
            _ => {
                petra.tick(&claim, &line, pb::EvidenceState::ToFollow).await.unwrap();
                None
            }
        };
        stands = of().await;
        let state = if what == "asked" { State::Asked } else { State::Taken };
        assert_eq!((stands.state(), &stands.checked_by), (state, &eve.id), "when it was {what}");
        if let Some(query) = query {
            eve.settle_query(&query.query_id, "No.").await.unwrap();
        }
    }
    illegal(eve.completes_check(&meeting, &stands.etag).await, "CHECK_NOT_COMPLETE", "to bring ");
    // What is seen, or settled, changes nothing of what was said.
    eve.tick(&claim, &line, pb::EvidenceState::Seen).await.unwrap();
    let complete = eve.completes_check(&meeting, &of().await.etag).await.unwrap();
    eve.tick(&claim, &line, pb::EvidenceState::Substitute).await.unwrap();
    assert_eq!(of().await, complete);
});

story!(whoever_leads_gives_a_check_back_and_of_a_closed_claim_nothing_is_checked, |world| {
    let office = office(&world).await;
    let Office { asha, petra, rita, eve, ed, lena, .. } = &office;
    let (claim, meeting, begins) = met(&world, &office, "Fry").await;
    world.wait_until(begins - TimeDelta::minutes(5));
    illegal(eve.hands_back_check(&meeting, "0").await, "CHECK_NOT_TAKEN", "take it first");
    illegal(eve.completes_check(&meeting, "0").await, "CHECK_NOT_TAKEN", "take it first");
    // The form is in before the client is: that can be looked at.
    rita.form_is_back(&claim).await.unwrap();
    illegal(rita.form_is_back(&claim).await, "FORM_IS_BACK", "before");
    let taken = eve.takes_check(&meeting, "0").await.unwrap();
    let given_back = lena.hands_back_check(&meeting, &taken.etag).await.unwrap();
    assert_eq!((given_back.state(), given_back.checked_by.as_str()), (State::Expected, ""));
    rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    let taken = ed.takes_check(&meeting, &given_back.etag).await.unwrap();
    assert_eq!((taken.state(), taken.arrived_time.is_some()), (State::Taken, true));
    for (person, may) in [(petra, true), (lena, true), (rita, false), (asha, false)] {
        let request = pb::ListChecksRequest { office_id: "frome".into(), ..Default::default() };
        let listed = person.checks().list_checks(request).await;
        assert_eq!(listed.map_err(|refused| refused.code()).is_ok(), may, "{}", person.name);
    }
    for person in [petra, lena] {
        let refused = person.takes_check(&meeting, &taken.etag).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{}", person.name);
    }

    asha.withdraw(&claim, "found a job").await.unwrap();
    let before = kept(&world).await;
    illegal(ed.takes_check(&meeting, &taken.etag).await, "CLAIM_WITHDRAWN", "reopen");
    illegal(ed.completes_check(&meeting, &taken.etag).await, "CLAIM_WITHDRAWN", "reopen");
    illegal(ed.hands_back_check(&meeting, &taken.etag).await, "CLAIM_WITHDRAWN", "reopen");
    assert_eq!(ed.check_of("frome", &meeting).await, None);
    let (other, ..) = met(&world, &office, "Gow").await;
    asha.withdraw(&other, "found a job").await.unwrap();
    illegal(rita.form_is_back(&other).await, "CLAIM_WITHDRAWN", "reopen");
    assert_eq!(kept(&world).await, before, "nothing changed");
    // What was missed is checked at the next meeting.
    let (_, missed, begins) = met(&world, &office, "Hart").await;
    world.wait_until(begins + TimeDelta::minutes(20));
    petra.record_attendance(&missed, pb::Attendance::Failed).await.unwrap();
    illegal(ed.takes_check(&missed, "0").await, "NO_BOOKED_MEETING", "next one");
});

async fn report(person: &Person, first: &str, last: &str) -> Result<pb::GetCheckReportResponse, tonic::Status> {
    let request = pb::GetCheckReportRequest { first_day: first.into(), last_day: last.into(), ..Default::default() };
    Ok(person.checks().get_check_report(request).await?.into_inner())
}

story!(how_long_checks_took_is_told_by_office_and_day_with_the_share_within_ten_minutes, |world| {
    let office = office(&world).await;
    let Office { petra, rita, eve, lena, .. } = &office;
    let mut meetings = Vec::new();
    for name in ["Able", "Baker", "Carr", "Dean"] {
        meetings.push(met(&world, &office, name).await);
    }
    meetings.sort_by_key(|(.., begins)| *begins);
    let day = |at: DateTime<Utc>| at.date_naive().to_string();
    let (first, last) = (day(meetings[0].2), day(meetings[3].2));
    let mut completed = Vec::new();
    for ((claim, meeting, begins), minutes) in meetings.iter().zip([7, 10, 11]) {
        world.wait_until(*begins);
        rita.record_attendance(meeting, pb::Attendance::Arrived).await.unwrap();
        rita.form_is_back(claim).await.unwrap();
        let etag = eve.check_of("frome", meeting).await.unwrap().etag;
        let taken = eve.takes_check(meeting, &etag).await.unwrap();
        eve.ticks_all(claim).await;
        world.wait(minutes * 60 + 30);
        let running = eve.check_of("frome", meeting).await.unwrap();
        assert_eq!((running.minutes_since_arrival, running.over_aim), (Some(minutes as u32), minutes > 10));
        completed.push(eve.completes_check(meeting, &taken.etag).await.unwrap());
    }
    // The fourth was met, and nobody recorded the arrival: it is told beside the count.
    let (_, meeting, begins) = &meetings[3];
    world.wait_until(*begins + TimeDelta::minutes(2));
    petra.record_attendance(meeting, pb::Attendance::Attended).await.unwrap();
    let (_, fifth, begins) = met(&world, &office, "Eames").await;
    let told = report(lena, &first, &last).await.unwrap();
    let total = told.total.unwrap();
    assert_eq!((told.aim_minutes, total.count, total.complete, total.within_aim), (10, 3, 3, 2));
    assert_eq!((total.p50_minutes, total.p90_minutes, total.arrival_unknown), (10, 11, 1));
    assert!((total.share_within_aim - 2.0 / 3.0).abs() < 1e-9);
    let counted: u32 = told.days.iter().map(|one| one.count).sum();
    assert!(counted == 3 && told.days.iter().all(|one| one.office_id == "frome"), "{:?}", told.days);
    // Whoever is here and not checked counts once it would be too late.
    world.wait_until(begins);
    rita.record_attendance(&fifth, pb::Attendance::Arrived).await.unwrap();
    let of_today = async || report(eve, &day(begins), &day(begins)).await.unwrap().total.unwrap();
    let now = of_today().await;
    world.wait(10 * 60);
    let later = of_today().await;
    assert_eq!((later.count, later.complete, later.within_aim), (now.count + 1, now.complete, now.within_aim));
    let refused = report(lena, "2026-03-09", "2026-03-08").await.unwrap_err();
    assert_eq!(fields(&refused), ["last_day"]);
    let elsewhere =
        pb::GetCheckReportRequest { site_id: "buckinghamshire".into(), first_day: first.clone(), last_day: last };
    assert_eq!(lena.checks().get_check_report(elsewhere).await.unwrap_err().code(), Code::PermissionDenied);
    // Said again, it is what was said first.
    let request_id = new_id();
    let again = pb::HandBackCheckRequest { request_id, appointment_id: fifth.clone(), etag: "1".into() };
    let taken = eve.takes_check(&fifth, "1").await.unwrap();
    let again = pb::HandBackCheckRequest { etag: taken.etag, ..again };
    let once = eve.checks().hand_back_check(again.clone()).await.unwrap().into_inner();
    assert_eq!(eve.checks().hand_back_check(again).await.unwrap().into_inner(), once);
});

story!(a_meeting_that_is_moved_is_checked_anew_where_it_is_held, |world| {
    let office = office(&world).await;
    let Office { asha, petra, rita, eve, lena, .. } = &office;
    let (claim, meeting, begins) = met(&world, &office, "Fry").await;
    world.wait_until(begins - TimeDelta::minutes(5));
    rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    let etag = eve.check_of("frome", &meeting).await.unwrap().etag;
    eve.takes_check(&meeting, &etag).await.unwrap();
    // Petra is ill, and they meet on another day.
    let later = pb::FindSlotsRequest {
        claim_id: claim.clone(),
        not_before_time: Some(timestamp(begins + TimeDelta::days(1))),
        ..Default::default()
    };
    let slot = asha.diary().find_slots(later).await.unwrap().into_inner().slots.remove(0);
    let request = pb::MoveAppointmentRequest {
        request_id: new_id(),
        appointment_id: meeting.clone(),
        personal_adviser_id: slot.personal_adviser_id.clone(),
        start_time: slot.start_time,
        reason: pb::AppointmentReason::AdviserAway.into(),
        ..Default::default()
    };
    asha.diary().move_appointment(request).await.unwrap();
    assert!(kept(&world).await.is_empty());
    let day = |at: DateTime<Utc>| at.date_naive().to_string();
    let told = report(lena, &day(begins), &day(begins)).await.unwrap().total.unwrap();
    assert_eq!(
        (told.count, told.arrival_unknown),
        (0, 0),
        "they are not counted for the day on which they were sent home"
    );
    // Nobody came after all, and it was said of the wrong person that they had.
    let begins = time(slot.start_time);
    world.wait_until(begins + TimeDelta::minutes(20));
    rita.record_attendance(&meeting, pb::Attendance::Arrived).await.unwrap();
    world.wait(11 * 60);
    assert_eq!(report(lena, &day(begins), &day(begins)).await.unwrap().total.unwrap().count, 1);
    petra.record_attendance(&meeting, pb::Attendance::Failed).await.unwrap();
    let told = report(lena, &day(begins), &day(begins)).await.unwrap().total.unwrap();
    assert_eq!((told.count, told.arrival_unknown), (0, 0));
});
