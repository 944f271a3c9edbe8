//! What becomes of a call-back: tried by rule, parked, handed on, taken over, cancelled, or answered by letter.

use crate::support::callback_steps::{booking, client, every_day, supervisor, to_time, wednesday};
use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, reason};
use crate::support::steps::{connected, frome_facts, heard, offered};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

async fn letters(person: &Person) -> Vec<pb::CallbackLetter> {
    let request = pb::ListCallbackLettersRequest::default();
    person.callbacks().list_callback_letters(request).await.unwrap().into_inner().letters
}

async fn booked_by(adviser: &Person, owner: &str) -> pb::Callback {
    let id = client(adviser, "en", &[]).await;
    let request = pb::BookCallbackRequest { adviser_id: owner.into(), ..booking(&id, wednesday("09:00")) };
    adviser.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap()
}

story!(four_tries_that_reach_nobody_end_in_a_letter_with_a_time_that_is_kept, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let room = world.print_room("the print room", "somerset").await;
    let callback = booked_by(&asha, "").await;
    let id = callback.callback_id.as_str();
    let outcomes = [pb::AttemptOutcome::Voicemail, pb::AttemptOutcome::Busy, pb::AttemptOutcome::NoReply];
    let mut due = wednesday("09:00");
    for (outcome, next) in outcomes.into_iter().zip(["09:10", "09:15", "17:00"]) {
        world.wait_until(due);
        let tried = asha.tries(id, outcome).await;
        assert_eq!((tried.state(), time(tried.due_time)), (pb::CallbackState::Booked, wednesday(next)));
        assert_eq!(asha.start_attempt(id).await.unwrap_err().code(), Code::FailedPrecondition, "not yet");
        due = wednesday(next);
    }
    world.wait_until(due);
    assert_eq!(asha.tries(id, pb::AttemptOutcome::NoReply).await.state(), pb::CallbackState::NoReply);
    world.restart().await;
    let owed = letters(&room).await;
    assert_eq!(owed.len(), 1);
    // The post takes its time.
    let new_time = at("2026-03-09T08:30:00Z");
    assert_eq!(time(owed[0].start_time), new_time);
    let cells = "SELECT COUNT(*) FROM callback_cells";
    assert_eq!(world.look_inside().await.number(cells).await, 2);
    let sent = pb::RecordCallbackLetterRequest { request_id: new_id(), callback_id: id.into() };
    let sent = room.callbacks().record_callback_letter(sent).await.unwrap().into_inner().callback.unwrap();
    assert_eq!((sent.state(), time(sent.start_time)), (pb::CallbackState::Booked, new_time));
    assert!(letters(&room).await.is_empty());
    world.wait_until(new_time);
    assert_eq!(asha.due_callbacks().await[0].callback_id, id);
    // A new beginning: the rule begins again.
    assert_eq!(time(asha.tries(id, pb::AttemptOutcome::NoReply).await.due_time), at("2026-03-09T08:40:00Z"));
    let history = asha.callback_history(id).await;
    let outcomes: Vec<_> = history.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["voicemail", "busy", "no_reply", "no_reply", "no_reply"]);
    let events: Vec<_> = history.events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(events, ["booked", "letter_owed", "letter_sent"]);
});

story!(a_client_who_rings_before_the_letter_gets_another_time_and_no_letter, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let callback = booked_by(&asha, "").await;
    for minutes in [0, 10, 70, 480] {
        world.wait_until(wednesday("09:00") + TimeDelta::minutes(minutes));
        asha.tries(&callback.callback_id, pb::AttemptOutcome::NoReply).await;
    }
    assert_eq!(letters(&asha).await.len(), 1);
    let friday = at("2026-03-06T10:00:00Z");
    let again = asha.book_callback(&callback.client_id, friday).await.unwrap();
    assert!(letters(&asha).await.is_empty());
    let old = asha.callback_history(&callback.callback_id).await.callback.unwrap();
    assert_eq!((old.state(), old.cancel_reason()), (pb::CallbackState::Cancelled, pb::CancelReason::Superseded));
    let sql = "SELECT COUNT(*) FROM callback_cells";
    assert_eq!(world.look_inside().await.number(sql).await, 2);
    let sent = pb::RecordCallbackLetterRequest { request_id: new_id(), callback_id: callback.callback_id };
    assert_eq!(reason(&asha.callbacks().record_callback_letter(sent).await.unwrap_err()), "NO_LETTER_OWED");
    assert_ne!(again.callback_id, old.callback_id);
});

story!(whoever_promised_a_call_back_sees_it_first_and_then_everybody_does, |world| {
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    let cai = world.adviser("Cai", "somerset").await;
    let tara = world.add("Tara", Role::TeamLeader, Some("somerset")).await;
    let callback = booked_by(&asha, &asha.id).await;
    world.wait_until(wednesday("09:00"));
    assert!(ben.due_callbacks().await.is_empty());
    let refused = ben.start_attempt(&callback.callback_id).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "CALLBACK_PROMISED"));
    assert!(refused.message().contains("09:10"), "{}", refused.message());
    assert_eq!((asha.due_callbacks().await.len(), tara.due_callbacks().await.len()), (1, 1));
    let assign = pb::AssignCallbackRequest {
        request_id: new_id(),
        callback_id: callback.callback_id.clone(),
        adviser_id: cai.id.clone(),
    };
    assert_eq!(ben.callbacks().assign_callback(assign.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    tara.callbacks().assign_callback(assign).await.unwrap();
    assert_eq!((cai.due_callbacks().await.len(), ben.due_callbacks().await.len()), (1, 0));
    world.wait(600);
    let due = ben.due_callbacks().await;
    assert_eq!((due.len(), due[0].late_seconds, due[0].state()), (1, 600, pb::CallbackState::Due));
    ben.start_attempt(&callback.callback_id).await.unwrap();
});

story!(the_due_list_has_the_urgent_ones_first_and_then_the_longest_overdue, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let mut ids = Vec::new();
    for (hour, urgent) in [("09:30", false), ("09:00", false), ("10:00", true), ("09:30", true)] {
        let id = client(&asha, "en", &[]).await;
        let request = pb::BookCallbackRequest { urgent, ..booking(&id, wednesday(hour)) };
        ids.push(asha.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap().callback_id);
    }
    world.wait_until(wednesday("10:05"));
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListDueCallbacksRequest { page_size: 1, page_token };
        let page = asha.callbacks().list_due_callbacks(request).await.unwrap().into_inner();
        seen.extend(page.callbacks.into_iter().map(|one| (one.callback_id, one.late_seconds)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let expected = [(3, 2100), (2, 300), (1, 3900), (0, 2100)].map(|(i, late): (usize, u32)| (ids[i].clone(), late));
    assert_eq!(seen, expected);
    let mut desk = asha.take_calls().await;
    let told = heard("the due list", &mut desk, |message| match message.event {
        Some(pb::watch_desk_response::Event::DueCallbacks(due)) if due.callbacks.len() == 4 => Some(due.callbacks),
        _ => None,
    });
    let told: Vec<_> = told.await.into_iter().map(|one| (one.callback_id, one.late_seconds)).collect();
    assert_eq!(told, expected);
    let request = pb::ListDueCallbacksRequest { page_token: "2_x".into(), ..Default::default() };
    assert_eq!(fields(&asha.callbacks().list_due_callbacks(request).await.unwrap_err()), ["page_token"]);
});

story!(a_call_that_is_parked_comes_back_to_whoever_began_it, |mut world| {
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    let callback = booked_by(&asha, "").await;
    let id = callback.callback_id.as_str();
    world.wait_until(wednesday("09:00"));
    ben.start_attempt(id).await.unwrap();
    let park = |until| pb::ParkCallbackRequest {
        request_id: new_id(),
        callback_id: id.into(),
        until_time: Some(timestamp(until)),
        reason: "the baby woke up".into(),
    };
    for (until, who) in [(wednesday("08:00"), &ben), (wednesday("18:30"), &ben)] {
        assert_eq!(fields(&who.callbacks().park_callback(park(until)).await.unwrap_err()), ["until_time"]);
    }
    let refused = asha.callbacks().park_callback(park(wednesday("14:00"))).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOUR_ATTEMPT");
    let parked = ben.callbacks().park_callback(park(wednesday("14:00"))).await.unwrap().into_inner().callback.unwrap();
    assert_eq!((parked.state(), parked.park_reason.as_str()), (pb::CallbackState::Parked, "the baby woke up"));
    assert_eq!(parked.adviser_name, "Ben");
    world.restart().await;
    assert!(ben.due_callbacks().await.is_empty());
    world.wait_until(wednesday("14:00"));
    assert!(asha.due_callbacks().await.is_empty());
    assert_eq!(ben.due_callbacks().await[0].callback_id, id);
    assert_eq!(ben.tries(id, pb::AttemptOutcome::Reached).await.state(), pb::CallbackState::Reached);
});

story!(a_wrong_number_waits_on_a_list_until_somebody_puts_it_right, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let callback = booked_by(&asha, "").await;
    let id = callback.callback_id.as_str();
    world.wait_until(wednesday("09:00"));
    assert_eq!(asha.tries(id, pb::AttemptOutcome::WrongNumber).await.state(), pb::CallbackState::WrongNumber);
    world.wait_until(wednesday("20:00"));
    assert!(asha.due_callbacks().await.is_empty());
    let list = asha.callbacks().list_number_checks(pb::ListNumberChecksRequest::default()).await.unwrap().into_inner();
    assert_eq!((list.callbacks.len(), list.callbacks[0].number_check), (1, true));
    let correct = |phone: &str| pb::CorrectNumberRequest {
        request_id: new_id(),
        callback_id: id.into(),
        phone: phone.into(),
        number_confirmed: true,
    };
    assert_eq!(fields(&asha.callbacks().correct_number(correct("12")).await.unwrap_err()), ["phone"]);
    let put_right = asha.callbacks().correct_number(correct("01373 000321")).await.unwrap().into_inner();
    assert_eq!(put_right.read_back, "01373 000321");
    let put_right = put_right.callback.unwrap();
    // Nobody is rung in the evening.
    assert_eq!(time(put_right.due_time), at("2026-03-05T08:30:00Z"));
    assert!(!put_right.number_check);
    world.wait_until(at("2026-03-05T08:30:00Z"));
    assert_eq!(asha.due_callbacks().await[0].phone, "+441373000321");
});

story!(whoever_is_not_to_be_rung_is_never_offered_or_due_and_it_is_said_what_to_do, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let callback = booked_by(&asha, "").await;
    let id = callback.client_id.as_str();
    assert_eq!(
        fields(
            &asha
                .callbacks()
                .set_contact_flags(pb::SetContactFlagsRequest {
                    request_id: new_id(),
                    client_id: id.into(),
                    do_not_call: Some(true),
                    number_check: Some(false),
                    ..Default::default()
                })
                .await
                .unwrap_err()
        ),
        ["instead"]
    );
    let flagged = asha.flags(id, "write to her sister").await.unwrap();
    assert_eq!(flagged.callbacks[0].callback_id, callback.callback_id);
    world.wait_until(wednesday("09:30"));
    assert!(asha.due_callbacks().await.is_empty());
    let refused = asha.start_attempt(&callback.callback_id).await.unwrap_err();
    assert_eq!(reason(&refused), "DO_NOT_CALL");
    assert!(refused.message().contains("write to her sister"), "{}", refused.message());
    asha.cancels(&callback.callback_id).await.unwrap();
    let slots = pb::OfferCallbackSlotsRequest { client_id: id.into(), ..Default::default() };
    assert_eq!(reason(&asha.callbacks().offer_callback_slots(slots).await.unwrap_err()), "DO_NOT_CALL");
    assert_eq!(reason(&asha.book_callback(id, at("2026-03-06T09:00:00Z")).await.unwrap_err()), "DO_NOT_CALL");
    asha.flags(id, "").await.unwrap();
    asha.book_callback(id, at("2026-03-06T09:00:00Z")).await.unwrap();
});

story!(a_client_who_rings_in_first_turns_the_call_back_into_that_call, |world| {
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    let switch = world.switch("the switch").await;
    let rosa = asha.create_client(frome_facts()).await.unwrap();
    let callback = asha.book_callback(&rosa.client_id, wednesday("09:00")).await.unwrap();
    let mut desk = asha.take_calls().await;
    let mut call = switch.enter_call("rings-in", "01373 000123").await;
    let offer = offered(&mut desk).await;
    assert_eq!(offer.open_callbacks[0].callback_id, callback.callback_id, "seen before it is answered");
    let take = |call: &str| pb::TakeOverCallbackRequest {
        request_id: new_id(),
        callback_id: callback.callback_id.clone(),
        call_id: call.into(),
    };
    assert_eq!(reason(&ben.callbacks().take_over_callback(take(&offer.call_id)).await.unwrap_err()), "NOT_YOUR_CALL");
    let request = pb::AcceptOfferRequest { request_id: new_id(), offer_id: offer.offer_id.clone() };
    let accepted = asha.desk().accept_offer(request).await.unwrap().into_inner();
    assert_eq!(accepted.open_callbacks[0].callback_id, callback.callback_id);
    connected(&mut call).await;
    switch.report("rings-in", pb::CallReport::Answered).await;
    let taken = asha.callbacks().take_over_callback(take(&offer.call_id)).await.unwrap().into_inner().callback.unwrap();
    assert_eq!((taken.state(), &taken.taken_over_call_id), (pb::CallbackState::TakenOver, &offer.call_id));
    let sql = "SELECT COUNT(*) FROM callback_cells";
    assert_eq!(world.look_inside().await.number(sql).await, 0);
    world.wait_until(wednesday("09:00"));
    assert!(ben.due_callbacks().await.is_empty());
});

story!(a_call_back_whose_desk_is_gone_is_given_back_and_the_try_does_not_count, |world| {
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    let callback = booked_by(&asha, "").await;
    let id = callback.callback_id.as_str();
    world.wait_until(wednesday("09:00"));
    let desk = asha.take_calls().await;
    asha.start_attempt(id).await.unwrap();
    drop(desk);
    until("Asha's call-back to be given back", || async {
        // The desk's grace, and then as long as the setting says; each look moves the clock on a little.
        world.wait(15);
        (ben.due_callbacks().await.len() == 1).then_some(())
    })
    .await;
    assert!(world.now() >= wednesday("09:02"), "a desk that restarts is back within two minutes");
    ben.tries(id, pb::AttemptOutcome::NoReply).await;
    let late = asha.record_attempt(id, pb::AttemptOutcome::Reached).await.unwrap_err();
    assert_eq!(reason(&late), "NOT_YOUR_ATTEMPT");
    let history = ben.callback_history(id).await;
    let outcomes: Vec<_> = history.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["given_back", "no_reply"]);
    let due = time(history.callback.unwrap().due_time);
    assert_eq!(due, world.now() + TimeDelta::minutes(10), "the first try that counts");
});

story!(a_move_keeps_the_call_back_and_its_history_and_a_cancelled_one_frees_its_time, |world| {
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    sunil.sets_roster(&asha, every_day("09:00", "11:00")).await;
    let callback = booked_by(&asha, &asha.id).await;
    let moved = asha.moves(&callback.callback_id, to_time(wednesday("10:00"))).await.unwrap();
    assert_eq!((&moved.callback_id, &moved.adviser_id), (&callback.callback_id, &asha.id));
    let other = client(&asha, "en", &[]).await;
    let booked = asha.book_callback(&other, wednesday("09:00")).await.unwrap();
    let refused = asha.moves(&callback.callback_id, to_time(wednesday("09:00"))).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "SLOT_TAKEN"));
    // What was refused has changed nothing.
    let kept = asha.callback_history(&callback.callback_id).await;
    assert_eq!(kept.callback, Some(moved));
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM callback_cells").await, 4);
    let cancelled = asha.cancels(&booked.callback_id).await.unwrap();
    assert_eq!(cancelled.state(), pb::CallbackState::Cancelled);
    assert_eq!(reason(&asha.cancels(&booked.callback_id).await.unwrap_err()), "CALLBACK_OVER");
    asha.moves(&callback.callback_id, to_time(wednesday("09:00"))).await.unwrap();
    let events: Vec<_> = asha.callback_history(&callback.callback_id).await.events;
    let starts: Vec<_> = events.iter().map(|event| (event.event.as_str(), time(event.start_time))).collect();
    let hour = |hour: &str| wednesday(hour);
    assert_eq!(starts, [("booked", hour("09:00")), ("moved", hour("10:00")), ("moved", hour("09:00"))]);
});

async fn standards(world: &World, who: &Person) -> pb::GetStandardsResponse {
    let day = |days: i64| (world.now() + TimeDelta::days(days)).date_naive().to_string();
    let request = pb::GetStandardsRequest { first_day: day(-20), last_day: day(0), ..Default::default() };
    who.callbacks().get_standards(request).await.unwrap().into_inner()
}

story!(how_long_clients_wait_is_told_by_site_and_day, |mut world| {
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    assert_eq!(standards(&world, &sunil).await.total.unwrap().to_callback.unwrap().count, 0);
    // First contact on Tuesday at ten; reached a day later, and six working days later.
    let soon = booked_by(&asha, "").await;
    let late = asha.create_client(frome_facts()).await.unwrap();
    let late = asha.book_callback(&late.client_id, at("2026-03-11T10:00:00Z")).await.unwrap();
    world.wait_until(wednesday("09:30"));
    asha.tries(&soon.callback_id, pb::AttemptOutcome::Reached).await;
    world.wait_until(at("2026-03-11T10:00:00Z"));
    asha.tries(&late.callback_id, pb::AttemptOutcome::Reached).await;
    world.restart().await;
    let told = standards(&world, &sunil).await;
    assert_eq!(told.days.iter().map(|day| day.day.as_str()).collect::<Vec<_>>(), ["2026-03-04", "2026-03-11"]);
    let first = told.days[0].to_callback.unwrap();
    // Eight hours until they close on Tuesday, one on Wednesday.
    assert_eq!((first.count, first.p50_working_minutes, first.p50_calendar_days), (1, 540, 1));
    let total = told.total.unwrap().to_callback.unwrap();
    assert_eq!((total.count, total.within_standard, total.p90_calendar_days), (2, 1, 8));
    assert!((total.share_within_standard - 0.5).abs() < 1e-9);
    assert_eq!((told.meeting_standard_working_days, told.meeting_aim_working_days), (4, 3));
    let elsewhere = world.add("Sioned", Role::Supervisor, Some("south-east-gwent")).await;
    assert_eq!(standards(&world, &elsewhere).await.total.unwrap().to_callback.unwrap().count, 0);
    let request = pb::GetStandardsRequest {
        site_id: "somerset".into(),
        first_day: "2026-03-01".into(),
        last_day: "2026-03-04".into(),
    };
    assert_eq!(elsewhere.callbacks().get_standards(request).await.unwrap_err().code(), Code::PermissionDenied);
    let backwards =
        pb::GetStandardsRequest { first_day: "2026-03-04".into(), last_day: "2026-03-01".into(), ..Default::default() };
    assert_eq!(fields(&sunil.callbacks().get_standards(backwards).await.unwrap_err()), ["last_day"]);
});

async fn visits(person: &Person) -> Vec<String> {
    let request = pb::ListVisitsWantedRequest::default();
    let listed = person.callbacks().list_visits_wanted(request).await.unwrap().into_inner().callbacks;
    listed.into_iter().map(|callback| callback.callback_id).collect()
}

story!(whoever_would_rather_be_seen_is_on_a_list_until_they_were_or_are_rung_after_all, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let elsewhere = world.adviser("Bo", "buckinghamshire").await;
    let would_be_seen = |callback: pb::Callback| {
        let asha = &asha;
        async move { asha.tries(&callback.callback_id, pb::AttemptOutcome::FaceToFace).await }
    };
    let mut booked = Vec::new();
    for _ in 0..4 {
        booked.push(booked_by(&asha, "").await);
    }
    world.wait_until(wednesday("09:00"));
    for callback in booked.clone() {
        world.wait(60);
        assert_eq!(would_be_seen(callback).await.state(), pb::CallbackState::FaceToFace);
    }
    world.restart().await;
    world.wait_until(at("2026-03-06T09:00:00Z"));
    let ids: Vec<String> = booked.iter().map(|callback| callback.callback_id.clone()).collect();
    assert_eq!(visits(&asha).await, ids, "the longest ago first, two days later too");
    assert!(visits(&elsewhere).await.is_empty());
    let paged = pb::ListVisitsWantedRequest { page_size: 3, ..Default::default() };
    let page = asha.callbacks().list_visits_wanted(paged.clone()).await.unwrap().into_inner();
    let rest = pb::ListVisitsWantedRequest { page_token: page.next_page_token, ..paged };
    let rest = asha.callbacks().list_visits_wanted(rest).await.unwrap().into_inner();
    assert_eq!((page.callbacks.len(), rest.callbacks[0].callback_id.as_str()), (3, ids[3].as_str()));

    // They came in; they would be rung after all, as one call or another; and the start-up was done.
    let came_in = pb::CancelCallbackRequest {
        request_id: new_id(),
        callback_id: ids[0].clone(),
        reason: pb::CancelReason::CameIn.into(),
        ..Default::default()
    };
    asha.callbacks().cancel_callback(came_in).await.unwrap();
    let moved = asha.moves(&ids[1], to_time(at("2026-03-10T09:00:00Z"))).await.unwrap();
    assert_eq!(moved.state(), pb::CallbackState::Booked);
    let again = booking(&booked[2].client_id, at("2026-03-10T10:00:00Z"));
    asha.callbacks().book_callback(again).await.unwrap();
    assert_eq!(asha.callback_history(&ids[2]).await.callback.unwrap().cancel_reason(), pb::CancelReason::Superseded);
    assert_eq!(visits(&asha).await, ids[3..]);
    let claim = asha.open_claim(&booked[3].client_id).await.claim_id;
    claim_for(&asha, &claim, &json!(["JSA"])).await;
    let lena = world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    lena.waive_meeting(&claim, pb::WaiverReason::SeriousIllness).await.unwrap();
    asha.complete_start_up(&claim).await.unwrap();
    assert!(visits(&asha).await.is_empty());
    let done = asha.callback_history(&ids[3]).await.callback.unwrap();
    assert_eq!((done.state(), done.cancel_reason()), (pb::CallbackState::Cancelled, pb::CancelReason::StartUpDone));
});
