//! Claims and walks.

use super::Writes::{Answers, IfNews, Once};
use super::{Method, method};
use crate::contention::ground::Stage::{Booked, Fickle, Filling, Met, Missed, Ready};
use crate::contention::ground::{Stage, Turn};
use crate::support::steps::draft;
use crate::support::values::value;
use serde_json::json;
use startline::grpc::pb;

/// Questions that nothing else depends on.
const TYPED: &[&str] = &["T9", "B16"];
const AMENDED: &[Stage] = &[Booked, Met, Missed];
const MET: &[Stage] = &[Met, Met, Booked];

fn text(t: &mut Turn<'_>) -> serde_json::Value {
    json!(format!("as it was said, {}", t.number(1_000_000)))
}

/// A walk, and how it stood when it was last seen.
fn walk(t: &mut Turn<'_>) -> (String, String) {
    let walk = t.one("walk_id");
    let etag = t.etag(&walk);
    (walk, etag)
}

pub fn all() -> Vec<Method> {
    let mut all = of_forms();
    all.extend(of_moves());
    all.extend(of_checks());
    all.extend(of_walks());
    all
}

fn of_forms() -> Vec<Method> {
    vec![
        method!("ClaimService.OpenClaim", IfNews("claim_opened"), Adviser, |t| OpenClaimRequest {
            client_id: t.record_of(&[Fickle, Filling]).client,
            ..Default::default()
        }),
        method!("ClaimService.SaveAnswers", Answers, Adviser, |t| {
            let claim = t.record(Filling).claim;
            let answers =
                TYPED.iter().map(|question| draft(question, &text(t), t.revision(&claim, question))).collect();
            let request =
                pb::SaveAnswersRequest { claim_id: claim.clone(), answers, stage: "B8".into(), ..Default::default() };
            (claim, request)
        }),
        method!("ClaimService.ConfirmAnswers", Answers, Adviser, |t| ConfirmAnswersRequest {
            claim_id: t.record_of(&[Filling, Ready]).claim,
            part: "A".into(),
            ..Default::default()
        }),
        method!("ClaimService.AmendAnswer", Once("answer_amended"), PersonalAdviser, |t| {
            let claim = t.record_of(AMENDED).claim;
            let question = t.of(TYPED);
            let request = pb::AmendAnswerRequest {
                claim_id: claim.clone(),
                question_id: question.into(),
                value: Some(value(&text(t))),
                seen_revision: t.revision(&claim, question),
                initials: "RJF".into(),
                ..Default::default()
            };
            (claim, request)
        }),
        method!("ClaimService.TickEvidence", Once("evidence_ticked"), PersonalAdviser, |t| TickEvidenceRequest {
            claim_id: t.record_of(MET).claim,
            evidence_id: "U1".into(),
            state: t.of(&[pb::EvidenceState::Seen, pb::EvidenceState::ToFollow]).into(),
            ..Default::default()
        }),
        method!("ClaimService.RaiseQuery", Once("query_raised"), Expert, |t| RaiseQueryRequest {
            claim_id: t.record_of(AMENDED).claim,
            question_id: "B16".into(),
            text: "Who is this?".into(),
            ..Default::default()
        }),
        method!("ClaimService.SettleQuery", Once("query_settled"), PersonalAdviser, |t| SettleQueryRequest {
            query_id: t.one("query_id"),
            outcome: "A neighbour.".into(),
            ..Default::default()
        }),
    ]
}

fn of_moves() -> Vec<Method> {
    vec![
        method!("ClaimService.CompleteStartUp", Once("start_up_completed"), Adviser, |t| CompleteStartUpRequest {
            claim_id: t.record(Ready).claim,
            delivery: t.of(&[pb::Delivery::Email, pb::Delivery::Post]).into(),
            delivery_to: "ann@example.org".into(),
            ..Default::default()
        }),
        method!("ClaimService.LodgeClaim", Once("claim_lodged"), PersonalAdviser, |t| LodgeClaimRequest {
            claim_id: t.record(Met).claim,
            ..Default::default()
        }),
        method!("ClaimService.ReportFormBack", Once("form_reported_back"), Adviser, |t| ReportFormBackRequest {
            claim_id: t.record(Met).claim,
            ..Default::default()
        }),
        method!("ClaimService.WithdrawClaim", Once("claim_withdrawn"), TeamLeader, |t| {
            let claim = t.record_of(&[Fickle, Fickle, Booked]).claim;
            let reason = "found a job".into();
            (claim.clone(), pb::WithdrawClaimRequest { claim_id: claim, reason, ..Default::default() })
        }),
        method!("ClaimService.ReopenClaim", Once("claim_reopened"), TeamLeader, |t| ReopenClaimRequest {
            claim_id: t.one("withdrawn"),
            reason: "lost it again".into(),
            ..Default::default()
        }),
    ]
}

/// A meeting of today, and its check as it was last seen.
fn check(t: &mut Turn<'_>) -> (String, String) {
    let appointment = t.one("today");
    let etag = t.etag(&appointment);
    (appointment, etag)
}

fn of_checks() -> Vec<Method> {
    vec![
        // Whoever has it already has it.
        method!("CheckService.TakeCheck", IfNews("check_taken"), Expert, |t| {
            let (appointment_id, etag) = check(t);
            (String::new(), pb::TakeCheckRequest { appointment_id, etag, ..Default::default() })
        }),
        method!("CheckService.HandBackCheck", Once("check_handed_back"), Expert, |t| {
            let (appointment_id, etag) = check(t);
            (String::new(), pb::HandBackCheckRequest { appointment_id, etag, ..Default::default() })
        }),
        method!("CheckService.CompleteCheck", Once("check_completed"), Expert, |t| {
            let (appointment_id, etag) = check(t);
            (String::new(), pb::CompleteCheckRequest { appointment_id, etag, ..Default::default() })
        }),
    ]
}

fn of_walks() -> Vec<Method> {
    vec![
        method!("ScriptService.StartWalk", Once("walk_started"), Adviser, |t| {
            let record = t.record(Filling);
            let request = pb::StartWalkRequest {
                script_id: "start-up".into(),
                client_id: record.client,
                claim_id: record.claim,
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("ScriptService.AnswerQuestion", Once("walk_answered"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            let question_id = t.step(&walk_id);
            (walk_id.clone(), pb::AnswerQuestionRequest { walk_id, etag, question_id, ..Default::default() })
        }),
        method!("ScriptService.GoBack", Once("walk_went_back"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            (walk_id.clone(), pb::GoBackRequest { walk_id, etag, ..Default::default() })
        }),
        method!("ScriptService.JumpTo", Once("walk_jumped"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            let target = Some(pb::jump_to_request::Target::StageId(t.of(&["B8", "B9"]).into()));
            (walk_id.clone(), pb::JumpToRequest { walk_id, etag, target, ..Default::default() })
        }),
        method!("ScriptService.SkipStage", Once("walk_stage_skipped"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            let (stage_id, reason) = (t.of(&["B8", "B9"]).into(), "the client is tired".into());
            (walk_id.clone(), pb::SkipStageRequest { walk_id, etag, stage_id, reason, ..Default::default() })
        }),
        method!("ScriptService.SkipKeyArea", Once("walk_key_area_skipped"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            let (key_area_id, reason) = ("work".into(), "the client is tired".into());
            (walk_id.clone(), pb::SkipKeyAreaRequest { walk_id, etag, key_area_id, reason, ..Default::default() })
        }),
        method!("ScriptService.TakeNote", Once("walk_noted"), Adviser, |t| TakeNoteRequest {
            walk_id: t.one("walk_id"),
            note: "The client has moved.".into(),
            ..Default::default()
        }),
        method!("ScriptService.ParkWalk", Once("walk_parked"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            (walk_id.clone(), pb::ParkWalkRequest { walk_id, etag, ..Default::default() })
        }),
        method!("ScriptService.CloseWalk", Once("walk_closed"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            let reason = "They rang again.".into();
            (walk_id.clone(), pb::CloseWalkRequest { walk_id, etag, reason, ..Default::default() })
        }),
        method!("ScriptService.ResumeWalk", Once("walk_resumed"), Adviser, |t| {
            let (walk_id, etag) = walk(t);
            (walk_id.clone(), pb::ResumeWalkRequest { walk_id, etag, ..Default::default() })
        }),
    ]
}
