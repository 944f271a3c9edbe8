//! Each mutation of call-backs and rosters asked twice under one id happens once, and answers the same, also after a
//! restart.

use crate::replay::{Asked, asked_twice, rows};
use crate::support::at;
use crate::support::callback_steps::every_day;
use crate::support::faults::fields;
use crate::support::steps::frome_facts;
use crate::support::values::{new_id, timestamp};
use chrono::TimeDelta;
use startline::grpc::pb;
use std::sync::Arc;
use tonic::Code;

story!(every_move_of_a_call_back_asked_twice_happens_once, |mut world| {
    let asha = Arc::new(world.adviser("Asha", "somerset").await);
    let tara = Arc::new(world.add("Tara", startline::access::Role::TeamLeader, Some("somerset")).await);
    let room = Arc::new(world.print_room("the print room", "somerset").await);
    let mut asked = Asked::default();
    let request = pb::SetRosterRequest {
        request_id: new_id(),
        adviser_id: asha.id.clone(),
        valid_from: "2026-03-01".into(),
        shifts: every_day("08:30", "18:00"),
        ..Default::default()
    };
    asked_twice!(asked, world, tara.callbacks.set_roster, request, |r: &mut pb::SetRosterRequest| r.weeks = 2);
    let request = pb::ReportAbsenceRequest {
        request_id: new_id(),
        adviser_id: asha.id.clone(),
        kind: pb::AbsenceKind::Leave.into(),
        first_day: "2026-03-20".into(),
        ..Default::default()
    };
    let away =
        asked_twice!(asked, world, tara.callbacks.report_absence, request, |r: &mut pb::ReportAbsenceRequest| {
            r.note = "a cold".into()
        });
    let request = pb::EndAbsenceRequest { request_id: new_id(), absence_id: away.absence.unwrap().absence_id };
    asked_twice!(asked, world, tara.callbacks.end_absence, request, |r: &mut pb::EndAbsenceRequest| r.absence_id =
        new_id());

    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    let (nine, ten) = (at("2026-03-04T09:00:00Z"), at("2026-03-04T10:00:00Z"));
    let request = pb::HoldCallbackSlotRequest {
        request_id: new_id(),
        client_id: client.clone(),
        start_time: Some(timestamp(nine)),
        ..Default::default()
    };
    let held = asked_twice!(
        asked,
        world,
        asha.callbacks.hold_callback_slot,
        request,
        |r: &mut pb::HoldCallbackSlotRequest| { r.urgent = true }
    );
    let request = pb::BookCallbackRequest {
        request_id: new_id(),
        client_id: client.clone(),
        hold_id: held.hold_id,
        ..Default::default()
    };
    let booked =
        asked_twice!(asked, world, asha.callbacks.book_callback, request, |r: &mut pb::BookCallbackRequest| {
            r.number_confirmed = true
        });
    let id = booked.callback.unwrap().callback_id;
    let request = pb::MoveCallbackRequest {
        request_id: new_id(),
        callback_id: id.clone(),
        to: Some(pb::move_callback_request::To::StartTime(timestamp(ten))),
        reason: "she works until ten".into(),
        ..Default::default()
    };
    asked_twice!(asked, world, asha.callbacks.move_callback, request, |r: &mut pb::MoveCallbackRequest| r.reason =
        "no reason".into());
    let request =
        pb::AssignCallbackRequest { request_id: new_id(), callback_id: id.clone(), adviser_id: tara.id.clone() };
    asked_twice!(asked, world, tara.callbacks.assign_callback, request, |r: &mut pb::AssignCallbackRequest| {
        r.callback_id = new_id()
    });
    world.wait_until(ten);
    asha.start_attempt(&id).await.unwrap();
    let noon = at("2026-03-04T12:00:00Z");
    let request = pb::ParkCallbackRequest {
        request_id: new_id(),
        callback_id: id.clone(),
        until_time: Some(timestamp(noon)),
        reason: "the bus has come".into(),
    };
    asked_twice!(asked, world, asha.callbacks.park_callback, request, |r: &mut pb::ParkCallbackRequest| r.reason =
        "no bus".into());
    world.wait_until(noon);
    asha.tries(&id, pb::AttemptOutcome::WrongNumber).await;
    let request = pb::CorrectNumberRequest {
        request_id: new_id(),
        callback_id: id.clone(),
        phone: "01373 000321".into(),
        number_confirmed: true,
    };
    asked_twice!(asked, world, asha.callbacks.correct_number, request, |r: &mut pb::CorrectNumberRequest| r
        .number_confirmed =
        false);
    for minutes in [0, 10, 70, 300] {
        world.wait_until(noon + TimeDelta::minutes(minutes));
        asha.tries(&id, pb::AttemptOutcome::NoReply).await;
    }
    let request = pb::RecordCallbackLetterRequest { request_id: new_id(), callback_id: id.clone() };
    asked_twice!(
        asked,
        world,
        room.callbacks.record_callback_letter,
        request,
        |r: &mut pb::RecordCallbackLetterRequest| r.callback_id = new_id()
    );
    let request = pb::SetContactFlagsRequest {
        request_id: new_id(),
        client_id: client.clone(),
        do_not_call: Some(false),
        number_check: Some(true),
        ..Default::default()
    };
    asked_twice!(asked, world, asha.callbacks.set_contact_flags, request, |r: &mut pb::SetContactFlagsRequest| {
        r.number_check = Some(false)
    });
    let request = pb::CancelCallbackRequest {
        request_id: new_id(),
        callback_id: id,
        reason: pb::CancelReason::CameIn.into(),
        ..Default::default()
    };
    asked_twice!(asked, world, asha.callbacks.cancel_callback, request, |r: &mut pb::CancelCallbackRequest| r.note =
        "at the counter".into());
    world.restart().await;
    asked.all_again().await;
});
