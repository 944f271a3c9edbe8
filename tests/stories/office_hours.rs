//! Offices have hours: no pattern, extra hours or meeting lies outside without a named reason, also when they are shortened later.

use crate::starts::{copied_definition, edit};
use crate::support::faults::{fields, fresh_offers, reason};
use crate::support::followup_steps::with_meeting;
use crate::support::steps::{client_with_claim, frome_facts, start_up_done};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at, until};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use std::path::PathBuf;
use tonic::{Code, Status};

const USUAL: &str =
    "monday: 09:00-17:00, tuesday: 09:00-17:00, wednesday: 09:00-17:00, thursday: 09:00-17:00, friday: 09:00-17:00";

/// The pilot's definition with other hours for the offices that have their own.
fn with_hours(world: &World, name: &str, hours: &str) -> PathBuf {
    let folder = copied_definition(world, name);
    edit(&folder.join("diary.yaml"), USUAL, hours);
    folder
}

fn every_weekday(hours: &str) -> String {
    ["monday", "tuesday", "wednesday", "thursday", "friday"].map(|day| format!("{day}: {hours}")).join(", ")
}

async fn sets(
    person: &Person,
    office: &str,
    days: &[pb::Weekday],
    hours: (&str, &str),
    why: &str,
) -> Result<(), Status> {
    let shift = |day: &pb::Weekday| pb::Shift {
        weekday: (*day).into(),
        start: hours.0.into(),
        end: hours.1.into(),
        ..Default::default()
    };
    let request = pb::SetWorkingPatternRequest {
        request_id: new_id(),
        personal_adviser_id: person.id.clone(),
        office_id: office.into(),
        valid_from: "2026-03-01".into(),
        shifts: days.iter().map(shift).collect(),
        outside_hours_reason: why.into(),
        ..Default::default()
    };
    person.diary().set_working_pattern(request).await.map(drop)
}

const WEEK: [pb::Weekday; 5] =
    [pb::Weekday::Monday, pb::Weekday::Tuesday, pb::Weekday::Wednesday, pb::Weekday::Thursday, pb::Weekday::Friday];

async fn patterns(asking: &Person, of: &Person) -> Result<Vec<pb::WorkingPattern>, Status> {
    let request = pb::ListWorkingPatternsRequest { personal_adviser_id: of.id.clone(), ..Default::default() };
    Ok(asking.diary().list_working_patterns(request).await?.into_inner().patterns)
}

async fn lays_extra(person: &Person, day: &str, times: (&str, &str), why: &str) -> Result<pb::Block, Status> {
    let block = pb::Block {
        user_id: person.id.clone(),
        kind: pb::BlockKind::ExtraHours.into(),
        first_day: day.into(),
        last_day: day.into(),
        start: times.0.into(),
        end: times.1.into(),
        outside_hours_reason: why.into(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), ..Default::default() };
    Ok(person.diary().block_time(request).await?.into_inner().block.unwrap())
}

fn of_kind(kind: &str) -> pb::MeetingWishes {
    pb::MeetingWishes { kind: kind.into(), ..Default::default() }
}

async fn books(asha: &Person, claim: &str, with: &Person, start: &str, kind: &str) -> Result<pb::Appointment, Status> {
    let request = pb::BookAppointmentRequest {
        request_id: new_id(),
        claim_id: claim.into(),
        personal_adviser_id: with.id.clone(),
        start_time: Some(timestamp(at(start))),
        wishes: Some(of_kind(kind)),
        ..Default::default()
    };
    Ok(asha.diary().book_appointment(request).await?.into_inner().appointment.unwrap())
}

/// That a time is refused as one at which nobody is met, and every time that is offered in its place lies within these hours.
fn refused_with_times_within(refused: Status, (from, until): (u32, u32)) {
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["start_time".to_owned()]));
    assert!(refused.message().contains("is not a time at which"), "{}", refused.message());
    let offers = fresh_offers(&refused);
    assert!(!offers.is_empty());
    for offer in offers {
        let start: DateTime<Utc> = time(offer.start_time);
        assert!((from..until).contains(&start.hour()), "{start}");
    }
}

async fn found(asha: &Person, claim: &str, kind: &str, from: &str) -> Vec<DateTime<Utc>> {
    let request = pb::FindSlotsRequest {
        claim_id: claim.into(),
        page_size: 50,
        not_before_time: Some(timestamp(at(from))),
        wishes: Some(of_kind(kind)),
        ..Default::default()
    };
    let slots = asha.diary().find_slots(request).await.unwrap().into_inner().slots;
    slots.into_iter().map(|slot| time(slot.start_time)).collect()
}

async fn to_move(person: &Person) -> Vec<String> {
    let request = pb::ListAppointmentsToMoveRequest::default();
    let listed = person.diary().list_appointments_to_move(request).await.unwrap().into_inner().appointments;
    listed.into_iter().map(|one| one.appointment_id).collect()
}

story!(hours_outside_those_of_the_office_have_a_reason_with_a_name, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let paul = world.personal_adviser("Paul", "somerset").await;
    let lena = world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    // Of Wells nothing is said: its hours are its site's.
    sets(&paul, "wells", &WEEK, ("08:30", "18:00"), "").await.unwrap();
    let refused = sets(&paul, "wells", &WEEK, ("08:00", "18:00"), "").await.unwrap_err();
    assert_eq!(fields(&refused), ["shifts[0]"]);
    for (days, hours, about) in [
        (&WEEK[..], ("08:30", "17:00"), "the hours of the office, 09:00 to 17:00"),
        (&WEEK[..], ("09:00", "17:05"), "the hours of the office, 09:00 to 17:00"),
        (&[pb::Weekday::Saturday][..], ("09:00", "12:00"), "a day on which the office is closed"),
        (&[pb::Weekday::Sunday][..], ("00:30", "03:00"), "a day on which the office is closed"),
    ] {
        let refused = sets(&petra, "frome", days, hours, " ").await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["shifts[0]".to_owned()]));
        assert!(refused.message().contains(about), "{}", refused.message());
    }
    let long = sets(&petra, "frome", &WEEK, ("08:30", "17:00"), &"x".repeat(201)).await.unwrap_err();
    assert_eq!(fields(&long), ["outside_hours_reason"]);
    sets(&petra, "frome", &WEEK, ("08:30", "17:00"), "Parents come before school").await.unwrap();
    let read = patterns(&petra, &petra).await.unwrap().remove(0);
    assert_eq!((read.office_id.as_str(), read.valid_from.as_str()), ("frome", "2026-03-01"));
    assert_eq!((read.shifts.len(), read.shifts[0].start.as_str()), (5, "08:30"));
    assert_eq!(read.outside_hours_reason, "Parents come before school");
    assert_eq!((read.outside_hours_user_name.as_str(), &read.outside_hours_user_id), ("Petra", &petra.id));
    assert_eq!(time(read.outside_hours_time), world.now());
    assert_eq!(patterns(&lena, &petra).await.unwrap().remove(0), read);
    assert_eq!(reason(&patterns(&paul, &petra).await.unwrap_err()), "DENIED");
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    books(&asha, &claim.claim_id, &petra, "2026-03-05T08:30:00Z", "").await.unwrap();
    // A reason that is not needed is not kept: it would open hours that are shortened later.
    let leaves = sets(&petra, "frome", &WEEK, ("09:00", "17:00"), "no reason at all").await.unwrap_err();
    assert_eq!(reason(&leaves), "LEAVES_APPOINTMENTS");
    sets(&paul, "frome", &WEEK, ("09:00", "17:00"), "no reason at all").await.unwrap();
    assert_eq!(patterns(&lena, &paul).await.unwrap()[0].outside_hours_reason, "");
});

story!(extra_hours_outside_have_a_reason_and_what_takes_time_away_needs_none, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    for (day, about) in [
        ("2026-03-05", "the hours of the office, 09:00 to 17:00 on 2026-03-05"),
        ("2026-03-07", "a day on which the office is closed, 2026-03-07"),
    ] {
        let refused = lays_extra(&petra, day, ("17:00", "19:00"), "").await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["start".to_owned()]));
        assert!(refused.message().contains(about), "{}", refused.message());
    }
    let late = books(&asha, &claim.claim_id, &petra, "2026-03-05T18:00:00Z", "").await.unwrap_err();
    refused_with_times_within(late, (9, 17));
    let laid = lays_extra(&petra, "2026-03-05", ("17:00", "19:00"), "The evening of the jobs fair").await.unwrap();
    assert_eq!(laid.outside_hours_reason, "The evening of the jobs fair");
    assert_eq!((&laid.made_by, time(laid.made_time)), (&petra.id, world.now()));
    let request =
        pb::ListBlocksRequest { first_day: "2026-03-05".into(), last_day: "2026-03-05".into(), ..Default::default() };
    assert_eq!(petra.diary().list_blocks(request).await.unwrap().into_inner().blocks, std::slice::from_ref(&laid));
    // Later than the site itself is open, and on a Saturday; not on a bank holiday, whatever the reason.
    let booked = books(&asha, &claim.claim_id, &petra, "2026-03-05T18:15:00Z", "").await.unwrap();
    assert!(to_move(&petra).await.is_empty());
    lays_extra(&petra, "2026-03-07", ("10:00", "12:00"), "The fair goes on").await.unwrap();
    let (_, other) = client_with_claim(&asha, "Gale").await;
    let saturday = found(&asha, &other.claim_id, "", "2026-03-06T16:30:00Z").await;
    assert!(saturday.contains(&at("2026-03-07T10:00:00Z")), "{saturday:?}");
    books(&asha, &other.claim_id, &petra, "2026-03-07T10:00:00Z", "").await.unwrap();
    lays_extra(&petra, "2026-04-03", ("09:00", "20:00"), "The fair goes on").await.unwrap();
    let (_, third) = client_with_claim(&asha, "Hart").await;
    let holiday = books(&asha, &third.claim_id, &petra, "2026-04-03T10:00:00Z", "").await.unwrap_err();
    assert!(holiday.message().contains("the next open day is Tuesday 7 April"), "{}", holiday.message());
    // Without the extra hours the meeting has to be moved.
    let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: laid.block_id };
    petra.diary().unblock_time(request).await.unwrap();
    assert_eq!(to_move(&petra).await, [booked.appointment_id]);
    // Time is taken away at any hour.
    let away = pb::Block {
        kind: pb::BlockKind::Training.into(),
        user_id: petra.id.clone(),
        first_day: "2026-03-09".into(),
        last_day: "2026-03-09".into(),
        start: "06:00".into(),
        end: "22:00".into(),
        outside_hours_reason: "none is needed".into(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(away), ..Default::default() };
    let laid = petra.diary().block_time(request).await.unwrap().into_inner().block.unwrap();
    assert_eq!(laid.outside_hours_reason, "");
});

story!(hours_that_are_shortened_leave_meetings_to_move_and_nothing_is_booked_beyond_them, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let paul = world.personal_adviser("Paul", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    petra.works_at("frome").await;
    sets(&paul, "frome", &WEEK, ("09:00", "17:30"), "Shift workers come after five").await.unwrap();
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    asha.awaits_pack(&claim.claim_id).await;
    // Late in the day, with whom there is no reason.
    let late = at("2026-03-10T16:00:00Z");
    let request = pb::MoveAppointmentRequest {
        request_id: new_id(),
        appointment_id: meeting.appointment_id.clone(),
        personal_adviser_id: petra.id.clone(),
        start_time: Some(timestamp(late)),
        reason: pb::AppointmentReason::ClientAsked.into(),
        ..Default::default()
    };
    asha.diary().move_appointment(request.clone()).await.unwrap();
    let (_, visited) = client_with_claim(&asha, "Vale").await;
    books(&asha, &visited.claim_id, &petra, "2026-03-11T15:45:00Z", "home-visit").await.unwrap();
    let (_, by_reason) = client_with_claim(&asha, "Rowe").await;
    books(&asha, &by_reason.claim_id, &paul, "2026-03-11T16:45:00Z", "").await.unwrap();
    let (_, held) = client_with_claim(&asha, "Held").await;
    let slot = pb::Slot {
        personal_adviser_id: petra.id.clone(),
        start_time: Some(timestamp(at("2026-03-12T15:30:00Z"))),
        ..Default::default()
    };
    let hold = asha.hold(&held.claim_id, &slot).await.unwrap();

    let folder = with_hours(&world, "shorter", &every_weekday("09:00-15:00"));
    world.restart_with_definition(folder).await;
    // What is booked is on the list; a visit goes by the site's hours, and a reason holds.
    until("the diaries to be made anew", || async { (to_move(&petra).await.len() == 1).then_some(()) }).await;
    assert_eq!(to_move(&petra).await, std::slice::from_ref(&meeting.appointment_id));
    // No pack that names it goes out.
    until("its pack to be held", || async {
        let pack = asha.pack_of(&claim.claim_id).await?;
        (pack.state() == pb::PackState::Cancelled).then_some(())
    })
    .await;
    assert!(room.lease(5).await.unwrap().is_empty(), "nobody prints an invitation to a closed office");
    // Nobody is offered what lies beyond, nor has it by asking: booked, held before, moved, or in a series.
    let (_, other) = client_with_claim(&asha, "Gale").await;
    let petra_s = pb::FindSlotsRequest {
        claim_id: other.claim_id.clone(),
        page_size: 50,
        wishes: Some(pb::MeetingWishes { personal_adviser_id: petra.id.clone(), insists: true, ..Default::default() }),
        ..Default::default()
    };
    let slots = asha.diary().find_slots(petra_s).await.unwrap().into_inner().slots;
    let beyond = |slot: &pb::Slot| time(slot.end_time).hour() * 60 + time(slot.end_time).minute() > 15 * 60;
    assert!(!slots.is_empty() && !slots.iter().any(beyond), "{slots:?}");
    let late_one = books(&asha, &other.claim_id, &petra, "2026-03-13T15:30:00Z", "").await.unwrap_err();
    refused_with_times_within(late_one, (9, 17));
    let late_hold = asha.book(&hold.appointment_id).await.unwrap_err();
    refused_with_times_within(late_hold, (9, 17));
    let again = pb::MoveAppointmentRequest {
        request_id: new_id(),
        start_time: Some(timestamp(at("2026-03-12T15:30:00Z"))),
        ..request
    };
    refused_with_times_within(asha.diary().move_appointment(again.clone()).await.unwrap_err(), (9, 17));
    let series = pb::BookSeriesRequest {
        request_id: new_id(),
        claim_id: other.claim_id.clone(),
        personal_adviser_id: petra.id.clone(),
        first_day: "2026-03-12".into(),
        start: "16:00".into(),
        every_weeks: 1,
        times: 2,
        ..Default::default()
    };
    let booked = asha.diary().book_series(series).await.unwrap().into_inner().appointments;
    assert!(booked.iter().all(|one| !beyond(one.slot.as_ref().unwrap())), "{booked:?}");
    // A visit and a named reason are not bound by the office's hours.
    let (_, next) = client_with_claim(&asha, "Hart").await;
    books(&asha, &next.claim_id, &petra, "2026-03-13T15:45:00Z", "home-visit").await.unwrap();
    books(&asha, &next.claim_id, &paul, "2026-03-13T16:45:00Z", "").await.unwrap();
    // Nobody is rung about the one that has to be moved, until it stands again.
    world.wait_until(late - TimeDelta::hours(20));
    let request = pb::ListReminderCallsRequest::default();
    let calls = asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
    assert!(calls.iter().all(|call| call.reminder.as_ref().unwrap().appointment_id != meeting.appointment_id));
    let early = pb::MoveAppointmentRequest { start_time: Some(timestamp(at("2026-03-12T09:00:00Z"))), ..again };
    asha.diary().move_appointment(pb::MoveAppointmentRequest { request_id: new_id(), ..early }).await.unwrap();
    assert!(to_move(&petra).await.is_empty());
});

story!(hours_that_are_longer_again_put_meetings_and_their_letters_back, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let shorter = with_hours(&world, "shorter", &every_weekday("11:00-11:30"));
    world.restart_with_definition(shorter).await;
    asha.awaits_state(&pack.pack_id, pb::PackState::Cancelled).await;
    assert_eq!(to_move(&petra).await.len(), 1);
    let usual = with_hours(&world, "usual", USUAL);
    world.restart_with_definition(usual).await;
    asha.awaits_state(&pack.pack_id, pb::PackState::Queued).await;
    assert!(to_move(&petra).await.is_empty());
});

story!(an_office_may_be_open_on_a_saturday_though_its_call_centre_is_closed, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let folder = with_hours(&world, "saturdays", &format!("{USUAL}, saturday: 09:00-12:00"));
    world.restart_with_definition(folder).await;
    let week: Vec<pb::Weekday> = WEEK.into_iter().chain([pb::Weekday::Saturday]).collect();
    let refused = sets(&petra, "frome", &week, ("09:00", "17:00"), "").await.unwrap_err();
    assert!(refused.message().contains("09:00 to 12:00"), "{}", refused.message());
    sets(&petra, "frome", &week, ("09:00", "12:00"), "").await.unwrap();
    let (claim, _) = with_meeting(&asha, frome_facts(), &json!(["IS"])).await;
    let offered = found(&asha, &claim.claim_id, "follow-up", "2026-03-07T00:00:00Z").await;
    assert!(offered.contains(&at("2026-03-07T09:00:00Z")), "{offered:?}");
    let booked = books(&asha, &claim.claim_id, &petra, "2026-03-07T09:00:00Z", "follow-up").await.unwrap();
    assert!(to_move(&petra).await.is_empty());
    // Visits go by the call centre's hours, and Christmas closes every office on whatever day it is.
    let visit = books(&asha, &claim.claim_id, &petra, "2026-03-07T10:00:00Z", "home-visit").await.unwrap_err();
    assert!(visit.message().contains("the next open day is Monday 9 March"), "{}", visit.message());
    let easter = books(&asha, &claim.claim_id, &petra, "2026-04-05T10:00:00Z", "restart").await.unwrap_err();
    assert!(easter.message().contains("the next open day is Tuesday 7 April"), "{}", easter.message());
    // The reminder's call is on the last working day before.
    world.wait_until(at("2026-03-06T10:00:00Z"));
    until("the call to be owed", || async {
        let request = pb::ListReminderCallsRequest::default();
        let calls = asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
        calls.iter().any(|call| call.reminder.as_ref().unwrap().appointment_id == booked.appointment_id).then_some(())
    })
    .await;
});

story!(freed_time_outside_the_hours_is_offered_to_nobody, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (late, _) =
        with_meeting(&asha, pb::ClientFacts { last_name: "Fry".into(), ..frome_facts() }, &json!(["IS"])).await;
    let request = pb::ListAppointmentsRequest { claim_id: late.claim_id.clone(), ..Default::default() };
    let meeting = asha.diary().list_appointments(request).await.unwrap().into_inner().appointments.remove(0);
    let to = |start: &str, id: &str| pb::MoveAppointmentRequest {
        request_id: new_id(),
        appointment_id: id.into(),
        personal_adviser_id: petra.id.clone(),
        start_time: Some(timestamp(at(start))),
        reason: pb::AppointmentReason::ClientAsked.into(),
        ..Default::default()
    };
    asha.diary().move_appointment(to("2026-03-05T16:00:00Z", &meeting.appointment_id)).await.unwrap();
    let (waits, booked) =
        with_meeting(&asha, pb::ClientFacts { last_name: "Hill".into(), ..frome_facts() }, &json!(["IS"])).await;
    asha.diary().move_appointment(to("2026-03-20T10:00:00Z", &booked.appointment_id)).await.unwrap();
    asha.join_standby(&waits.claim_id, false).await.unwrap();
    let folder = with_hours(&world, "shorter", &every_weekday("09:00-15:00"));
    world.restart_with_definition(folder).await;
    asha.cancel_meeting(&meeting.appointment_id).await;
    let passed = "SELECT COUNT(*) FROM standby_offers WHERE state = 'passed'";
    until("the time to be passed over", || async {
        let mut inside = world.look_inside().await;
        (inside.number(passed).await == 1).then_some(())
    })
    .await;
    let steps = asha.steps_due("2026-03-31").await;
    assert!(steps.iter().all(|step| step.kind() != pb::StepKind::OfferEarlierTime), "{steps:?}");
});
