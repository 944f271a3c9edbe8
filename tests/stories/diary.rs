//! Personal advisers' days: patterns, blocks, kinds of meetings, wishes, moves, series, and what cannot be.

use crate::support::faults::{fields, fresh_offers, reason};
use crate::support::steps::{client_with_claim, client_with_facts, frome_facts, heard};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at};
use startline::access::Role;
use startline::grpc::pb;
use tonic::{Code, Status};

async fn find(desk: &Person, claim: &str, wishes: pb::MeetingWishes) -> Vec<pb::Slot> {
    let request =
        pb::FindSlotsRequest { claim_id: claim.into(), page_size: 50, wishes: Some(wishes), ..Default::default() };
    desk.diary().find_slots(request).await.unwrap().into_inner().slots
}

async fn book_at(
    desk: &Person,
    claim: &str,
    with: &Person,
    start: &str,
    wishes: pb::MeetingWishes,
) -> Result<pb::Appointment, Status> {
    let request = pb::BookAppointmentRequest {
        request_id: new_id(),
        claim_id: claim.into(),
        personal_adviser_id: with.id.clone(),
        start_time: Some(timestamp(at(start))),
        wishes: Some(wishes),
        ..Default::default()
    };
    Ok(desk.diary().book_appointment(request).await?.into_inner().appointment.unwrap())
}

async fn move_to(desk: &Person, id: &str, with: &Person, start: &str) -> Result<pb::Appointment, Status> {
    let request = pb::MoveAppointmentRequest {
        request_id: new_id(),
        appointment_id: id.into(),
        personal_adviser_id: with.id.clone(),
        start_time: Some(timestamp(at(start))),
        reason: pb::AppointmentReason::ClientAsked.into(),
        note: "a school run".into(),
        ..Default::default()
    };
    Ok(desk.diary().move_appointment(request).await?.into_inner().appointment.unwrap())
}

fn usual() -> pb::MeetingWishes {
    pb::MeetingWishes::default()
}

fn kind(kind: &str) -> pb::MeetingWishes {
    pb::MeetingWishes { kind: kind.into(), ..Default::default() }
}

fn starts(slots: &[pb::Slot]) -> Vec<String> {
    slots.iter().map(|slot| time(slot.start_time).format("%a %H:%M").to_string()).collect()
}

/// Asha takes calls for Somerset; Petra meets clients at Frome from nine to five.
async fn somerset(world: &World) -> (Person, Person) {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    (asha, petra)
}

fn leave(person: &Person, first: &str, last: &str) -> pb::Block {
    pb::Block {
        user_id: person.id.clone(),
        kind: pb::BlockKind::Leave.into(),
        first_day: first.into(),
        last_day: last.into(),
        ..Default::default()
    }
}

async fn block(person: &Person, block: pb::Block, accept: bool) -> Result<pb::BlockTimeResponse, Status> {
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), accept_left_appointments: accept };
    Ok(person.diary().block_time(request).await?.into_inner())
}

story!(a_meeting_keeps_its_id_through_moves_and_says_why_it_was_cancelled, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    let booked = book_at(&asha, id, &petra, "2026-03-05T09:00:00Z", usual()).await.unwrap();
    assert_eq!(
        (booked.state(), booked.sequence, booked.kind.as_str()),
        (pb::AppointmentState::Booked, 0, "first-meeting")
    );
    let moved = move_to(&asha, &booked.appointment_id, &petra, "2026-03-06T10:30:00Z").await.unwrap();
    assert_eq!((&moved.appointment_id, moved.sequence), (&booked.appointment_id, 1));
    assert_eq!(time(moved.slot.unwrap().start_time), at("2026-03-06T10:30:00Z"));
    // Its first time is free again, and its new one is taken.
    let (_, other) = client_with_claim(&asha, "Gale").await;
    let lost = book_at(&asha, &other.claim_id, &petra, "2026-03-06T10:45:00Z", usual()).await.unwrap_err();
    assert_eq!((lost.code(), reason(&lost).as_str()), (Code::Aborted, "SLOT_TAKEN"));
    assert_eq!(fresh_offers(&lost).len(), 3);
    book_at(&asha, &other.claim_id, &petra, "2026-03-05T09:00:00Z", usual()).await.unwrap();

    let cancel = pb::CancelAppointmentRequest {
        request_id: new_id(),
        appointment_id: booked.appointment_id.clone(),
        reason: pb::AppointmentReason::ClientUnwell.into(),
        note: "flu".into(),
    };
    let cancelled = asha.diary().cancel_appointment(cancel).await.unwrap().into_inner().appointment.unwrap();
    assert_eq!(cancelled.cancelled_reason(), pb::AppointmentReason::ClientUnwell);
    assert_eq!(cancelled.sequence, 2);
    let over = move_to(&asha, &booked.appointment_id, &petra, "2026-03-06T13:00:00Z").await.unwrap_err();
    assert_eq!(reason(&over), "MEETING_OVER");
    book_at(&asha, id, &petra, "2026-03-06T10:30:00Z", usual()).await.unwrap();
    let mut inside = world.look_inside().await;
    let events = "SELECT event FROM appointment_events ORDER BY at, number, event";
    assert_eq!(
        inside.texts(events).await,
        ["booked", "booked", "booked", "moved", "cancelled"].map(String::from).to_vec()
    );
});

story!(a_meeting_can_be_longer_and_each_kind_has_its_length, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let long = pb::MeetingWishes { minutes: 90, ..Default::default() };
    let slots = find(&asha, &claim.claim_id, long.clone()).await;
    let length = |slot: &pb::Slot| (time(slot.end_time) - time(slot.start_time)).num_minutes();
    assert!(slots.iter().all(|slot| length(slot) == 90));
    let booked = book_at(&asha, &claim.claim_id, &petra, "2026-03-05T09:00:00Z", long).await.unwrap();
    assert_eq!(length(&booked.slot.unwrap()), 90);
    // Ninety minutes have an hour of paperwork: the next meeting begins at half past eleven.
    let (_, other) = client_with_claim(&asha, "Gale").await;
    let lost = book_at(&asha, &other.claim_id, &petra, "2026-03-05T11:15:00Z", usual()).await.unwrap_err();
    assert_eq!(reason(&lost), "SLOT_TAKEN");
    book_at(&asha, &other.claim_id, &petra, "2026-03-05T11:30:00Z", usual()).await.unwrap();
    let refused = book_at(
        &asha,
        &other.claim_id,
        &petra,
        "2026-03-06T09:00:00Z",
        pb::MeetingWishes { minutes: 95, ..Default::default() },
    );
    assert_eq!(fields(&refused.await.unwrap_err()), ["minutes"]);
    let request = pb::FindSlotsRequest {
        claim_id: other.claim_id.clone(),
        wishes: Some(kind("tea-party")),
        ..Default::default()
    };
    let unknown = asha.diary().find_slots(request).await.unwrap_err();
    assert_eq!(fields(&unknown), ["kind"]);
    // A restart meeting needs no form on the doormat, and stands beside the first meeting of the same claim.
    let restart = book_at(&asha, &other.claim_id, &petra, "2026-03-03T11:00:00Z", kind("restart")).await.unwrap();
    assert_eq!((restart.kind_name.as_str(), length(&restart.slot.unwrap())), ("Restart meeting", 30));
    // Half an hour on the way there: a home visit at nine would begin before the day does.
    let visit = book_at(&asha, &other.claim_id, &petra, "2026-03-06T09:00:00Z", kind("home-visit")).await.unwrap_err();
    assert_eq!(fields(&visit), ["start_time"]);
    book_at(&asha, &other.claim_id, &petra, "2026-03-06T09:30:00Z", kind("home-visit")).await.unwrap();
    let request = pb::ListAppointmentsRequest { claim_id: other.claim_id.clone(), ..Default::default() };
    let all = asha.diary().list_appointments(request).await.unwrap().into_inner().appointments;
    let kinds: Vec<&str> = all.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(kinds, ["restart", "first-meeting", "home-visit"]);
});

story!(wishes_are_weighed_and_told, |world| {
    let (asha, petra) = somerset(&world).await;
    let gwen = world.add_skilled("Gwen", Role::PersonalAdviser, Some("somerset"), &["welsh", "lone-parent"]).await;
    gwen.works_at("wells").await;
    let welsh = pb::ClientFacts { talk_language: "cy".into(), ..frome_facts() };
    let (_, claim) = client_with_facts(&asha, welsh).await;
    let wishes = pb::MeetingWishes {
        skills: vec!["lone-parent".into()],
        unsuitable_times: vec![pb::UnsuitableTime { start: "00:00".into(), end: "10:00".into(), ..Default::default() }],
        ..Default::default()
    };
    let slots = find(&asha, &claim.claim_id, wishes).await;
    // Wells is further, but Gwen speaks Welsh and knows about lone parents.
    assert_eq!((slots[0].personal_adviser_name.as_str(), starts(&slots[..1])), ("Gwen", vec!["Thu 10:00".to_owned()]));
    let met: Vec<(pb::WishKind, bool)> = slots[0].fits.iter().map(|fit| (fit.wish(), fit.met)).collect();
    use pb::WishKind::{Office, Skill, Standard, Times, Welsh};
    assert_eq!(met, [(Standard, true), (Skill, true), (Welsh, true), (Times, true), (Office, false)]);
    // Whom they met is offered first the next time, but not when that is later than the standard.
    let booked = book_at(&asha, &claim.claim_id, &petra, "2026-03-05T09:00:00Z", usual()).await.unwrap();
    world.wait_until(at("2026-03-05T09:10:00Z"));
    petra.record_attendance(&booked.appointment_id, pb::Attendance::Attended).await.unwrap();
    let next = find(&asha, &claim.claim_id, kind("follow-up")).await;
    let fit = |slot: &pb::Slot, wish| slot.fits.iter().any(|fit| fit.wish() == wish && fit.met);
    assert!(next.iter().any(|slot| fit(slot, pb::WishKind::PersonalAdviser)));
    block(&petra, leave(&petra, "2026-03-05", "2026-03-13"), true).await.unwrap();
    let without = find(&asha, &claim.claim_id, kind("follow-up")).await;
    assert_eq!(without[0].personal_adviser_name, "Gwen");
    let insists = pb::MeetingWishes { insists: true, ..kind("follow-up") };
    let later = find(&asha, &claim.claim_id, insists).await;
    assert_eq!((later[0].personal_adviser_name.as_str(), later[0].within_standard), ("Petra", false));
    // A room with a door is one of two; the third who needs one hears that it cannot be had then.
    let private = pb::MeetingWishes { private_room: true, ..kind("follow-up") };
    let room = book_at(&asha, &claim.claim_id, &petra, "2026-03-16T09:00:00Z", private).await.unwrap();
    assert_eq!(room.slot.unwrap().room, "Room 2");
});

story!(three_days_are_aimed_at_and_the_fourth_is_allowed, |world| {
    let (asha, petra) = somerset(&world).await;
    let gwen = world.personal_adviser("Gwen", "somerset").await;
    gwen.works_at("wells").await;
    // At the office nearby somebody is free on the fourth day and no sooner.
    block(&petra, leave(&petra, "2026-03-03", "2026-03-06"), true).await.unwrap();
    block(&gwen, leave(&gwen, "2026-03-05", "2026-03-05"), true).await.unwrap();
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let slots = find(&asha, &claim.claim_id, usual()).await;
    let first = (slots[0].personal_adviser_name.as_str(), starts(&slots[..1]), slots[0].within_aim);
    assert_eq!(first, ("Gwen", vec!["Fri 09:00".to_owned()], true));
    let past = slots.iter().position(|slot| !slot.within_aim).expect("the fourth day is offered as well");
    assert_eq!((slots[past].personal_adviser_name.as_str(), slots[past].within_standard), ("Petra", true));
    assert!(slots[..past].iter().all(|slot| slot.personal_adviser_name == "Gwen"), "{slots:?}");
});

story!(time_off_that_leaves_meetings_is_refused_or_lists_them, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let booked = book_at(&asha, &claim.claim_id, &petra, "2026-03-05T09:00:00Z", usual()).await.unwrap();
    let refused = block(&petra, leave(&petra, "2026-03-05", "2026-03-06"), false).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "LEAVES_APPOINTMENTS"));
    assert!(refused.message().contains("1 booked meeting"), "{}", refused.message());
    let made = block(&petra, leave(&petra, "2026-03-05", "2026-03-06"), true).await.unwrap();
    assert_eq!(made.appointments_to_move[0].appointment_id, booked.appointment_id);
    let request = pb::ListAppointmentsToMoveRequest::default();
    let listed = petra.diary().list_appointments_to_move(request.clone()).await.unwrap().into_inner().appointments;
    assert_eq!(listed.len(), 1);
    // Nothing moved by itself; nobody else is booked there; moving it takes it off the list.
    let (_, other) = client_with_claim(&asha, "Gale").await;
    let away = book_at(&asha, &other.claim_id, &petra, "2026-03-06T09:00:00Z", usual()).await.unwrap_err();
    assert_eq!((away.code(), fields(&away)), (Code::InvalidArgument, vec!["start_time".to_owned()]));
    assert_eq!(time(fresh_offers(&away)[0].start_time), at("2026-03-09T09:00:00Z"));
    move_to(&asha, &booked.appointment_id, &petra, "2026-03-09T09:00:00Z").await.unwrap();
    let listed = petra.diary().list_appointments_to_move(request).await.unwrap().into_inner().appointments;
    assert!(listed.is_empty(), "{listed:?}");
    let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: made.block.unwrap().block_id };
    petra.diary().unblock_time(request).await.unwrap();
    book_at(&asha, &other.claim_id, &petra, "2026-03-06T09:00:00Z", usual()).await.unwrap();
    // A pattern of mornings only, from the week after, would leave nothing; one from this week would.
    let mornings = |from: &str| pb::SetWorkingPatternRequest {
        request_id: new_id(),
        personal_adviser_id: petra.id.clone(),
        office_id: "frome".into(),
        valid_from: from.into(),
        shifts: vec![pb::Shift { weekday: 1, start: "11:00".into(), end: "13:00".into(), ..Default::default() }],
        ..Default::default()
    };
    let refused = petra.diary().set_working_pattern(mornings("2026-03-04")).await.unwrap_err();
    assert_eq!(reason(&refused), "LEAVES_APPOINTMENTS");
    petra.diary().set_working_pattern(mornings("2026-03-16")).await.unwrap();
    let (_, third) = client_with_claim(&asha, "Hart").await;
    let closed = book_at(&asha, &third.claim_id, &petra, "2026-03-17T09:00:00Z", usual()).await.unwrap_err();
    assert_eq!(fields(&closed), ["start_time"]);
    book_at(&asha, &third.claim_id, &petra, "2026-03-16T11:00:00Z", usual()).await.unwrap();
});

story!(what_cannot_be_is_refused_with_what_could, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let gwent = world.personal_adviser("Gethin", "south-east-gwent").await;
    gwent.works_at("newport").await;
    for (start, with, about) in [
        ("2026-03-02T09:00:00Z", &petra, "past"),
        ("2026-03-04T09:00:00Z", &petra, "too soon"),
        ("2026-03-07T09:00:00Z", &petra, "the next open day is Monday 9 March"),
        ("2026-04-03T09:00:00Z", &petra, "the next open day is Tuesday 7 April"),
        ("2026-10-05T09:00:00Z", &petra, "more than 6 months ahead"),
        ("2026-03-05T09:02:00Z", &petra, "not a time"),
        ("2026-03-05T16:30:00Z", &petra, "not a time"),
        ("2026-03-05T14:00:00Z", &petra, "kept for urgent cases"),
        ("2026-03-05T09:00:00Z", &gwent, "another site"),
    ] {
        let refused = book_at(&asha, &claim.claim_id, with, start, usual()).await.unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused)),
            (Code::InvalidArgument, vec!["start_time".to_owned()]),
            "{start}"
        );
        assert!(refused.message().contains(about), "{start}: {}", refused.message());
        assert_eq!(time(fresh_offers(&refused)[0].start_time), at("2026-03-05T09:00:00Z"), "{start}");
    }
    let mut inside = world.look_inside().await;
    assert_eq!(inside.number("SELECT COUNT(*) FROM appointments").await, 0);
    assert_eq!(inside.number("SELECT COUNT(*) FROM appointment_cells").await, 0);
    // Urgent, it may be today, in the time kept for that.
    let urgent = pb::MeetingWishes { urgent: true, ..Default::default() };
    let today = book_at(&asha, &claim.claim_id, &petra, "2026-03-03T14:00:00Z", urgent).await.unwrap();
    assert!(today.urgent);
});

story!(a_series_keeps_its_weekday_through_the_clock_change_and_gives_way_where_it_must, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    // The second week's Monday at ten is somebody else's.
    let (_, other) = client_with_claim(&asha, "Gale").await;
    book_at(&asha, &other.claim_id, &petra, "2026-03-23T10:00:00Z", usual()).await.unwrap();
    let series = |first_day: &str, start: &str, times| pb::BookSeriesRequest {
        request_id: new_id(),
        claim_id: claim.claim_id.clone(),
        personal_adviser_id: petra.id.clone(),
        first_day: first_day.into(),
        start: start.into(),
        every_weeks: 1,
        times,
        ..Default::default()
    };
    let booked = asha.diary().book_series(series("2026-03-16", "10:00", 4)).await.unwrap().into_inner().appointments;
    let times: Vec<_> = booked.iter().map(|one| time(one.slot.as_ref().unwrap().start_time)).collect();
    // Ten o'clock is nine o'clock UTC from 29 March; Easter Monday gives way to the Tuesday; who was there first stays.
    let expected = ["2026-03-16T10:00:00Z", "2026-03-23T09:10:00Z", "2026-03-30T09:00:00Z", "2026-04-07T09:00:00Z"];
    assert_eq!(times, expected.map(at));
    assert!(booked.iter().all(|one| one.series_id == booked[0].series_id && !one.series_id.is_empty()));
    let gap = asha.diary().book_series(series("2026-03-29", "01:30", 1)).await.unwrap_err();
    assert_eq!(fields(&gap), ["start"]);
    let none = asha.diary().book_series(series("2026-08-20", "10:00", 6)).await.unwrap_err();
    assert_eq!((none.code(), reason(&none).as_str()), (Code::Aborted, "SLOT_TAKEN"));
    let mut inside = world.look_inside().await;
    assert_eq!(inside.number("SELECT COUNT(*) FROM appointments WHERE series_id IS NOT NULL").await, 4);
});

story!(the_reception_sees_the_day_change, |world| {
    let (asha, petra) = somerset(&world).await;
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    let watch = |request: pb::WatchDayRequest| async { rita.diary().watch_day(request).await.unwrap().into_inner() };
    let mut office =
        watch(pb::WatchDayRequest { day: "2026-03-05".into(), office_id: "frome".into(), ..Default::default() }).await;
    let shown = |message: pb::WatchDayResponse| match message.event {
        Some(pb::watch_day_response::Event::Day(day)) => Some(day.appointments),
        _ => None,
    };
    assert!(heard("an empty day", &mut office, shown).await.is_empty());
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let booked = book_at(&asha, &claim.claim_id, &petra, "2026-03-05T09:00:00Z", usual()).await.unwrap();
    let one = heard("a booking", &mut office, shown).await;
    assert_eq!(one[0].appointment_id, booked.appointment_id);
    world.wait_until(at("2026-03-05T09:07:30Z"));
    rita.record_attendance(&booked.appointment_id, pb::Attendance::Arrived).await.unwrap();
    let arrived = heard("an arrival", &mut office, |message| {
        shown(message).filter(|day| day.first().is_some_and(|one| one.arrived_time.is_some()))
    });
    assert_eq!(arrived.await[0].late_minutes, 7);
    let mut own = watch(pb::WatchDayRequest { personal_adviser_id: petra.id.clone(), ..Default::default() }).await;
    assert_eq!(heard("her own day", &mut own, shown).await.len(), 1);
    petra.record_attendance(&booked.appointment_id, pb::Attendance::Attended).await.unwrap();
    heard("her own day again", &mut own, |message| {
        shown(message).filter(|day| day[0].state() == pb::AppointmentState::Attended)
    })
    .await;
});

story!(what_is_kept_of_a_day_is_given_out_when_nobody_needed_it, |world| {
    let (asha, petra) = somerset(&world).await;
    // A day of 96 cells: 72 are for newcomers, which is four meetings of fifteen.
    for (name, start) in [("Able", "09:00"), ("Baker", "10:15"), ("Carr", "11:30"), ("Dean", "12:45")] {
        let (_, claim) = client_with_claim(&asha, name).await;
        book_at(&asha, &claim.claim_id, &petra, &format!("2026-03-06T{start}:00Z"), usual()).await.unwrap();
    }
    let (_, claim) = client_with_claim(&asha, "Eames").await;
    let full = book_at(&asha, &claim.claim_id, &petra, "2026-03-06T15:30:00Z", usual()).await.unwrap_err();
    assert!(full.message().contains("follow-up"), "{}", full.message());
    book_at(&asha, &claim.claim_id, &petra, "2026-03-06T16:30:00Z", kind("follow-up")).await.unwrap();
    let long_restart = pb::MeetingWishes { minutes: 45, ..kind("restart") };
    let restart = || book_at(&asha, &claim.claim_id, &petra, "2026-03-06T15:15:00Z", long_restart.clone());
    assert!(restart().await.is_err());
    // The working day before, it is anybody's.
    world.wait_until(at("2026-03-05T09:00:00Z"));
    restart().await.unwrap();
});

story!(diaries_are_made_ahead_each_night, |mut world| {
    let (_asha, petra) = somerset(&world).await;
    let mut inside = world.look_inside().await;
    let last = "SELECT CAST(MAX(day) AS TEXT) FROM diary_days";
    assert_eq!(inside.texts(last).await, ["2026-09-03"]);
    world.wait_until(at("2026-03-05T01:00:00Z"));
    crate::support::until("the next night's diary", || async {
        let mut inside = world.look_inside().await;
        (inside.texts(last).await == ["2026-09-04"]).then_some(())
    })
    .await;
    // Made again at a start, it stays as it is.
    let days = inside.number("SELECT COUNT(*) FROM diary_days").await;
    world.restart().await;
    assert_eq!(inside.number("SELECT COUNT(*) FROM diary_days").await, days);
    drop(petra);
});

/// Asks the same twice under one id: the second answer is the first, and nothing more has happened.
macro_rules! twice {
    ($world:ident, $person:ident.$method:ident($request:expr)) => {{
        let request = $request;
        let first = $person.diary().$method(request.clone()).await.unwrap().into_inner();
        let before = happened(&$world).await;
        let again = $person.diary().$method(request).await.unwrap().into_inner();
        assert_eq!(again, first, stringify!($method));
        assert_eq!(happened(&$world).await, before, "{} happened twice", stringify!($method));
        first
    }};
}

async fn happened(world: &World) -> Vec<i64> {
    let mut inside = world.look_inside().await;
    let mut counts = Vec::new();
    for table in ["audit", "appointments", "appointment_cells", "appointment_events", "rota_blocks", "room_cells"] {
        counts.push(inside.number(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    counts
}

story!(each_move_of_a_diary_asked_twice_happens_once, |world| {
    let (asha, petra) = somerset(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let booked = twice!(
        world,
        asha.book_appointment(pb::BookAppointmentRequest {
            request_id: new_id(),
            claim_id: claim.claim_id.clone(),
            personal_adviser_id: petra.id.clone(),
            start_time: Some(timestamp(at("2026-03-05T09:00:00Z"))),
            wishes: Some(pb::MeetingWishes { private_room: true, ..Default::default() }),
            ..Default::default()
        })
    );
    let id = booked.appointment.unwrap().appointment_id;
    let made = twice!(
        world,
        petra.block_time(pb::BlockTimeRequest {
            request_id: new_id(),
            block: Some(leave(&petra, "2026-03-05", "2026-03-05")),
            accept_left_appointments: true,
        })
    );
    let moved = twice!(
        world,
        asha.move_appointment(pb::MoveAppointmentRequest {
            request_id: new_id(),
            appointment_id: id.clone(),
            personal_adviser_id: petra.id.clone(),
            start_time: Some(timestamp(at("2026-03-06T09:00:00Z"))),
            reason: pb::AppointmentReason::AdviserAway.into(),
            ..Default::default()
        })
    );
    assert_eq!(moved.appointment.unwrap().sequence, 1);
    twice!(
        world,
        petra.unblock_time(pb::UnblockTimeRequest { request_id: new_id(), block_id: made.block.unwrap().block_id })
    );
    let series = twice!(
        world,
        asha.book_series(pb::BookSeriesRequest {
            request_id: new_id(),
            claim_id: claim.claim_id.clone(),
            personal_adviser_id: petra.id.clone(),
            first_day: "2026-03-16".into(),
            start: "10:00".into(),
            every_weeks: 2,
            times: 3,
            ..Default::default()
        })
    );
    assert_eq!(series.appointments.len(), 3);
    twice!(
        world,
        asha.cancel_appointment(pb::CancelAppointmentRequest {
            request_id: new_id(),
            appointment_id: id,
            reason: pb::AppointmentReason::ClientAsked.into(),
            ..Default::default()
        })
    );
});
