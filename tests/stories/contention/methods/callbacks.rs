//! Call-backs, rosters, clients, and the floor's own methods.

use super::Writes::{Each, IfNews, Memory, OnFloor, Once};
use super::{Method, method};
use crate::contention::ground::Stage::{Booked, Filling, Met, Missed, Ready};
use crate::contention::ground::{Stage, Turn};
use crate::support::callback_steps::every_day;
use startline::grpc::pb;

/// Whose call-backs are reached for.
const RUNG: &[Stage] = &[Filling, Ready, Booked, Met, Missed];

fn client(t: &mut Turn<'_>) -> String {
    t.record_of(RUNG).client
}

/// A lost site that nobody of these works at.
fn other_site(t: &mut Turn<'_>) -> String {
    t.of(&["buckinghamshire", "south-east-gwent"]).into()
}

fn adviser(t: &mut Turn<'_>) -> String {
    let advisers = t.ground.cast.all(crate::contention::cast::Who::Adviser);
    t.of(&advisers).id.clone()
}

pub fn all() -> Vec<Method> {
    let mut all = of_callbacks();
    all.extend(of_rosters_and_clients());
    all.extend(of_the_floor());
    all
}

fn of_callbacks() -> Vec<Method> {
    vec![
        method!("CallbackService.HoldCallbackSlot", Once("callback_slot_held"), Adviser, |t| HoldCallbackSlotRequest {
            client_id: client(t),
            start_time: t.callback_time(),
            ..Default::default()
        }),
        method!("CallbackService.BookCallback", Once("callback_booked"), Adviser, |t| BookCallbackRequest {
            client_id: client(t),
            start_time: t.callback_time(),
            number_confirmed: true,
            ..Default::default()
        }),
        method!("CallbackService.StartAttempt", IfNews("callback_attempt_started"), Adviser, |t| {
            let id = t.one("callback_id");
            (id.clone(), pb::StartAttemptRequest { callback_id: id, ..Default::default() })
        }),
        method!("CallbackService.CloseMissedCaller", Once("missed_caller_closed"), Adviser, |t| {
            let request = pb::CloseMissedCallerRequest {
                missed_caller_id: t.one("missed_caller_id"),
                outcome: "rung".into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("CallbackService.RecordAttempt", Once("callback_attempt_recorded"), one, |t| {
            let outcomes = [pb::AttemptOutcome::NoReply, pb::AttemptOutcome::Busy, pb::AttemptOutcome::WrongNumber];
            let (who, callback_id) = t.begun();
            let outcome = t.of(&outcomes).into();
            (who, pb::RecordAttemptRequest { callback_id, outcome, ..Default::default() })
        }),
        method!("CallbackService.ParkCallback", Once("callback_parked"), one, |t| {
            let (who, callback_id) = t.begun();
            let (until_time, reason) = (t.callback_time(), "the bus has come".into());
            (who, pb::ParkCallbackRequest { callback_id, until_time, reason, ..Default::default() })
        }),
        method!("CallbackService.MoveCallback", Once("callback_moved"), TeamLeader, |t| MoveCallbackRequest {
            callback_id: t.one("callback_id"),
            to: t.callback_time().map(pb::move_callback_request::To::StartTime),
            reason: "she works until ten".into(),
            ..Default::default()
        }),
        method!("CallbackService.CancelCallback", Once("callback_cancelled"), Supervisor, |t| CancelCallbackRequest {
            callback_id: t.one("callback_id"),
            reason: pb::CancelReason::CameIn.into(),
            ..Default::default()
        }),
        method!("CallbackService.TakeOverCallback", Once("callback_taken_over"), OnCall, |t| TakeOverCallbackRequest {
            callback_id: t.one("callback_id"),
            call_id: t.ground.call.clone(),
            ..Default::default()
        }),
        method!("CallbackService.AssignCallback", Once("callback_assigned"), TeamLeader, |t| AssignCallbackRequest {
            callback_id: t.one("callback_id"),
            adviser_id: adviser(t),
            ..Default::default()
        }),
        method!("CallbackService.CorrectNumber", Once("callback_number_corrected"), Adviser, |t| {
            let request = pb::CorrectNumberRequest {
                callback_id: t.one("callback_id"),
                phone: t.of(&["01373 000321", "01373 000123"]).into(),
                number_confirmed: true,
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("CallbackService.SetContactFlags", Once("contact_flags_set"), Adviser, |t| {
            let do_not_call = t.number(6) == 0;
            let request = pb::SetContactFlagsRequest {
                client_id: client(t),
                do_not_call: Some(do_not_call),
                instead: "a letter".into(),
                number_check: Some(!do_not_call),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("CallbackService.RecordCallbackLetter", Once("callback_letter_sent"), PrintRoom, |t| {
            let request = pb::RecordCallbackLetterRequest { callback_id: t.one("letter"), ..Default::default() };
            (String::new(), request)
        }),
    ]
}

fn of_rosters_and_clients() -> Vec<Method> {
    vec![
        method!("CallbackService.SetRoster", Once("working_pattern_set"), TeamLeader, |t| SetRosterRequest {
            adviser_id: adviser(t),
            valid_from: "2026-03-01".into(),
            shifts: every_day("08:30", t.of(&["17:30", "18:00"])),
            ..Default::default()
        }),
        method!("CallbackService.ReportAbsence", Once("time_blocked"), Supervisor, |t| ReportAbsenceRequest {
            adviser_id: adviser(t),
            kind: pb::AbsenceKind::Training.into(),
            first_day: t.day(10),
            start: "12:00".into(),
            end: "13:00".into(),
            ..Default::default()
        }),
        method!("CallbackService.EndAbsence", Once("time_unblocked"), TeamLeader, |t| EndAbsenceRequest {
            absence_id: t.one("absence_id"),
            ..Default::default()
        }),
        method!("ClientService.CreateClient", Once("client_created"), Adviser, |t| {
            let client = client(t);
            let facts = Some(pb::ClientFacts { phone: String::new(), ..t.facts(&client) });
            (String::new(), pb::CreateClientRequest { facts, ..Default::default() })
        }),
        method!("ClientService.UpdateClient", Once("client_updated"), Adviser, |t| {
            let client = client(t);
            let special_needs = t.of(&["a hearing loop", "somebody who signs", ""]).into();
            let facts = Some(pb::ClientFacts { special_needs, ..t.facts(&client) });
            let etag = t.etag(&client);
            (client.clone(), pb::UpdateClientRequest { client_id: client, etag, facts, ..Default::default() })
        }),
        method!("ClientService.UndoClientChange", Once("client_change_undone"), Adviser, |t| {
            let client = client(t);
            let etag = t.etag(&client);
            let request = pb::UndoClientChangeRequest {
                client_id: client.clone(),
                change_id: etag.clone(),
                etag,
                ..Default::default()
            };
            (client, request)
        }),
        // Of somebody whose claim is withdrawn and reopened all the time, and who is alive again in between.
        method!("ClientService.RecordDeath", Once("death_recorded"), Adviser, |t| {
            let client = t.record(Stage::Fickle).client;
            let (etag, told_by) = (t.etag(&client), "the hospital".into());
            let request = pb::RecordDeathRequest { client_id: client.clone(), etag, told_by, ..Default::default() };
            (client, request)
        }),
        method!("ClientService.TakeBackDeath", Once("death_taken_back"), Adviser, |t| {
            let client = t.record(Stage::Fickle).client;
            let etag = t.etag(&client);
            (client.clone(), pb::TakeBackDeathRequest { client_id: client, etag, ..Default::default() })
        }),
        method!("FloorService.DeclareContingency", Once("contingency_declared"), Admin, |t| {
            let request = pb::DeclareContingencyRequest {
                site_id: other_site(t),
                reason: "a flood".into(),
                helper_site_ids: vec!["somerset".into()],
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("FloorService.EndContingency", Once("contingency_ended"), Admin, |t| EndContingencyRequest {
            site_id: other_site(t),
            ..Default::default()
        }),
        method!("PackService.LeasePrintJobs", Each("print_job_leased"), PrintRoom, |t| LeasePrintJobsRequest {
            max_jobs: 1 + i32::try_from(t.number(3)).unwrap(),
            lease_seconds: 60,
            ..Default::default()
        }),
    ]
}

/// What is asked of the floor is refused more often than not: these calls are nobody's.
fn of_the_floor() -> Vec<Method> {
    vec![
        method!("DeskService.SignIn", Memory, Adviser, |t| SignInRequest {
            address: format!("sip:desk{}@desk.example", t.number(3)),
            ..Default::default()
        }),
        method!("DeskService.SetStatus", Memory, Adviser, |t| SetStatusRequest {
            status: t.of(&[pb::AdviserStatus::Available, pb::AdviserStatus::OnBreak]).into(),
            break_reason: "tea".into(),
            ..Default::default()
        }),
        method!("DeskService.AcceptOffer", Memory, Adviser, |t| AcceptOfferRequest {
            offer_id: t.one("offer_id"),
            ..Default::default()
        }),
        method!("DeskService.DeclineOffer", Memory, Adviser, |t| DeclineOfferRequest {
            offer_id: t.one("offer_id"),
            ..Default::default()
        }),
        method!("DeskService.EndCall", Memory, Adviser, |t| EndCallRequest {
            call_id: t.ground.call.clone(),
            ..Default::default()
        }),
        method!("DeskService.FinishWrapUp", Memory, Adviser, |t| FinishWrapUpRequest {
            call_id: t.ground.call.clone(),
            ..Default::default()
        }),
        method!("DeskService.ExtendWrapUp", Memory, Adviser, |t| ExtendWrapUpRequest {
            call_id: t.ground.call.clone(),
            ..Default::default()
        }),
        method!("DeskService.PassCall", Memory, Adviser, |t| PassCallRequest {
            call_id: t.ground.call.clone(),
            to: Some(pb::pass_call_request::To::SiteId(other_site(t))),
            ..Default::default()
        }),
        method!("DeskService.SetCallHome", Memory, Adviser, |t| SetCallHomeRequest {
            call_id: t.ground.call.clone(),
            postcode: "BA11 1BL".into(),
            ..Default::default()
        }),
        method!("DeskService.StillTalking", Memory, Adviser, |t| StillTalkingRequest {
            call_id: t.ground.call.clone(),
            ..Default::default()
        }),
        method!("DeskService.StillHere", Memory, Adviser, |t| StillHereRequest { ..Default::default() }),
        method!("FloorService.FreeDesk", OnFloor("desk_freed"), Supervisor, |t| FreeDeskRequest {
            adviser_id: adviser(t),
            reason: "left signed in".into(),
            sign_out: t.number(2) == 0,
            ..Default::default()
        }),
        method!("DeskService.SignOut", Memory, Adviser, |t| SignOutRequest { ..Default::default() }),
    ]
}
