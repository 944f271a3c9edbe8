//! One step, with all that is needed to do it, and how it ended.

use super::Line;
use super::words::StepWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::done;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_api::StepKind as Kind;
use startline_rooms::access::Role;
use startline_service::methods::Refusal;
use std::sync::Arc;

const RECORDS: &[Role] =
    &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert, Role::Reception];
const RINGS: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/steps/{claim}/{step}", get(step))
        .route("/steps/{claim}/{step}/record", post(record))
        .route("/steps/{claim}/{step}/call", post(call))
        .route("/steps/{claim}/{step}/decide", post(decide))
        .route("/steps/{claim}/{step}/reconsider", post(reconsider))
        .route("/steps/{claim}/{step}/answer", post(answer))
}

#[derive(Template)]
#[template(path = "steps/one.html")]
struct StepPage<'a> {
    frame: Frame<'a>,
    seat: &'a Seat,
    t: &'static StepWords,
    mistakes: Mistakes,
    line: Line,
    letter_text: String,
    meeting_kind: String,
    opportunity: u32,
    offer: String,
    earlier: Vec<Line>,
    outcomes: Vec<(String, String)>,
    calls: Vec<(String, String)>,
    decisions: Vec<(String, String)>,
    good_causes: Vec<(String, String)>,
    /// What is to be looked at again, for whoever may.
    decided: Option<pb::MissesDecision>,
    /// As it was typed.
    outcome: String,
    note: String,
    decision: String,
    reason: String,
    evidence: String,
    good_cause: String,
    may_record: bool,
    may_ring: bool,
    may_decide: bool,
    may_see_claim: bool,
}

/// A claim's steps, and the one of this id.
async fn of_claim(seat: &Seat, claim: &str, step: &str) -> Result<(pb::Step, Vec<pb::Step>), Response> {
    let mut all = all(seat, claim).await?;
    let at = all.iter().position(|one| one.step_id == step).ok_or_else(|| seat.no_page())?;
    let one = all.remove(at);
    Ok((one, all))
}

pub async fn all(seat: &Seat, claim: &str) -> Result<Vec<pb::Step>, Response> {
    let request = pb::ListStepsRequest { claim_id: claim.to_owned(), page_size: 200, ..Default::default() };
    Ok(seat.need(request).await?.steps)
}

/// The good causes of the service definition.
pub fn good_causes(seat: &Seat) -> Vec<(String, String)> {
    let definition = seat.definition();
    let causes = definition.followup.good_causes.iter();
    causes.map(|cause| (cause.id.clone(), cause.name.in_language(seat.language()).to_owned())).collect()
}

async fn step(seat: Seat, Path((claim, step)): Path<(String, String)>) -> Answer {
    let shown = show(&seat, (&claim, &step), (StatusCode::OK, Mistakes::default()), None).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (claim, step): (&str, &str),
    (status, mistakes): (StatusCode, Mistakes),
    typed: Option<&Posted>,
) -> Result<Response, Response> {
    let (one, others) = of_claim(seat, claim, step).await?;
    let t = StepWords::of(seat.language());
    let typed = |name: &str| typed.map(|posted| posted.get(name).to_owned()).unwrap_or_default();
    let mut good_causes = good_causes(seat);
    good_causes.insert(0, (String::new(), t.no_good_cause.to_owned()));
    let may_decide = seat.is_any(&[Role::TeamLeader, Role::BenefitsExpert]);
    let decided = match one.kind() {
        Kind::Reconsider if may_decide => decided(seat, claim, &one.appointment_id).await?,
        _ => None,
    };
    let may_record = seat.is_any(if one.kind() == Kind::DateLost { &[Role::TeamLeader] } else { RECORDS });
    let shown = StepPage {
        frame: seat.frame(),
        seat,
        t,
        mistakes,
        line: Line::of(seat, &one),
        letter_text: one.letter_text,
        meeting_kind: one.meeting_kind,
        opportunity: one.opportunity,
        offer: one.standby_offer_id,
        earlier: others.iter().map(|other| Line::of(seat, other)).collect(),
        outcomes: t.outcomes(one.kind == i32::from(Kind::SendLetter)),
        calls: t.calls(),
        decisions: t.decisions(),
        good_causes,
        decided,
        outcome: typed("outcome"),
        note: typed("note"),
        decision: typed("decision"),
        reason: typed("reason"),
        evidence: typed("evidence"),
        good_cause: typed("good_cause"),
        may_record,
        may_ring: seat.is_any(RINGS),
        may_decide,
        may_see_claim: seat.is_any(super::claim::READS_CLAIMS),
    };
    Ok(page(status, &shown))
}

/// What was decided after that meeting.
async fn decided(seat: &Seat, claim: &str, appointment: &str) -> Result<Option<pb::MissesDecision>, Response> {
    let request = pb::ListDecisionsRequest { claim_id: claim.to_owned(), ..Default::default() };
    Ok(seat.need(request).await?.decisions.into_iter().find(|one| one.appointment_id == appointment))
}

/// The page again with what was wrong, everything typed still in it.
async fn again(posted: &Posted, ids: (&str, &str), refusal: &Refusal, fields: &[(&str, &'static str)]) -> Answer {
    let mistakes = Mistakes::of_refusal(refusal, posted.seat.language(), fields);
    show(&posted.seat, ids, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), Some(posted)).await
}

async fn wanting(posted: &Posted, ids: (&str, &str), field: &'static str, text: &'static str) -> Answer {
    let mistakes = Mistakes::one(field, text);
    show(&posted.seat, ids, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), Some(posted)).await
}

async fn record(Path((claim, step)): Path<(String, String)>, posted: Posted) -> Answer {
    let t = StepWords::of(posted.seat.language());
    let Some(outcome) = pb::StepOutcome::from_str_name(posted.get("outcome")) else {
        return wanting(&posted, (&claim, &step), "outcome", t.choose_outcome).await;
    };
    let request = pb::RecordStepRequest {
        request_id: posted.request_id(),
        step_id: step.clone(),
        outcome: outcome.into(),
        note: posted.get("note").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done("/steps", "step_recorded")),
        Err(refusal) => again(&posted, (&claim, &step), &refusal, &[("outcome", "outcome"), ("note", "note")]).await,
    }
}

async fn call(Path((claim, step)): Path<(String, String)>, posted: Posted) -> Answer {
    let t = StepWords::of(posted.seat.language());
    let Some(outcome) = pb::PhoneOutcome::from_str_name(posted.get("outcome")) else {
        return wanting(&posted, (&claim, &step), "outcome", t.choose_outcome).await;
    };
    let request = pb::RecordPhoneAttemptRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        outcome: outcome.into(),
        note: posted.get("note").to_owned(),
    };
    match posted.ask(request).await? {
        // Whoever was reached is offered another meeting at once.
        Ok(_) => posted.then(&done(&format!("/steps/{claim}"), "attempt_recorded")),
        Err(refusal) => again(&posted, (&claim, &step), &refusal, &[("outcome", "outcome"), ("note", "note")]).await,
    }
}

async fn decide(Path((claim, step)): Path<(String, String)>, posted: Posted) -> Answer {
    let t = StepWords::of(posted.seat.language());
    let Some(decision) = pb::AfterMisses::from_str_name(posted.get("decision")) else {
        return wanting(&posted, (&claim, &step), "decision", t.choose_decision).await;
    };
    let request = pb::DecideAfterMissesRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        decision: decision.into(),
        reason: posted.get("reason").to_owned(),
        good_cause: posted.get("good_cause").to_owned(),
        evidence: posted.get("evidence").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/steps/{claim}"), "decided")),
        Err(refusal) => {
            let fields = [
                ("decision", "decision"),
                ("reason", "reason"),
                ("evidence", "evidence"),
                ("good_cause", "good_cause"),
            ];
            again(&posted, (&claim, &step), &refusal, &fields).await
        }
    }
}

async fn reconsider(Path((claim, step)): Path<(String, String)>, posted: Posted) -> Answer {
    let t = StepWords::of(posted.seat.language());
    let (request_id, reason) = (posted.request_id(), posted.get("reason").to_owned());
    let asked = match posted.get("decision") {
        "stands" => {
            let request = pb::UpholdDecisionRequest { request_id, claim_id: claim.clone(), reason };
            posted.ask(request).await?.map(|_| "upheld")
        }
        "falls" => {
            let request = pb::ReverseDecisionRequest { request_id, claim_id: claim.clone(), reason };
            posted.ask(request).await?.map(|_| "reversed")
        }
        _ => return wanting(&posted, (&claim, &step), "decision", t.choose_found).await,
    };
    match asked {
        Ok(how) => posted.then(&done(&format!("/steps/{claim}"), how)),
        Err(refusal) => again(&posted, (&claim, &step), &refusal, &[("reason", "reason")]).await,
    }
}

async fn answer(Path((claim, step)): Path<(String, String)>, posted: Posted) -> Answer {
    let t = StepWords::of(posted.seat.language());
    let Some(answer) = pb::StandbyAnswer::from_str_name(posted.get("answer")) else {
        return wanting(&posted, (&claim, &step), "answer", t.choose_outcome).await;
    };
    let request = pb::AnswerStandbyOfferRequest {
        request_id: posted.request_id(),
        standby_offer_id: posted.get("offer").to_owned(),
        answer: answer.into(),
    };
    match posted.ask(request).await? {
        Ok(pb::AnswerStandbyOfferResponse { appointment: Some(meeting) }) => {
            posted.then(&done(&format!("/appointments/{}/of/{claim}", meeting.appointment_id), "standby_answered"))
        }
        Ok(_) => posted.then(&done("/standby", "standby_answered")),
        Err(refusal) => again(&posted, (&claim, &step), &refusal, &[("answer", "answer")]).await,
    }
}

impl StepPage<'_> {
    fn is(&self, kind: &str) -> bool {
        self.line.kind.as_str_name() == kind
    }

    /// Ended by a call, a decision or an answer of its own.
    fn has_own_end(&self) -> bool {
        self.ends_by_itself()
            || matches!(self.line.kind, Kind::RingClient | Kind::Decide | Kind::Reconsider | Kind::OfferEarlierTime)
    }

    /// Ended by what is done with the claim.
    fn ends_by_itself(&self) -> bool {
        matches!(
            self.line.kind,
            Kind::FinishStartUp | Kind::ArrangeMeeting | Kind::RecordAttendance | Kind::LodgeNow | Kind::DateRunsOut
        )
    }

    fn is_meeting(&self) -> bool {
        let meetings = [
            Kind::ArrangeDeferredMeeting,
            Kind::OfferNewMeeting,
            Kind::HomeVisit,
            Kind::ConsiderHomeVisit,
            Kind::ProposeMeeting,
            Kind::ArrangeMeeting,
        ];
        meetings.contains(&self.line.kind)
    }

    /// What is booked for it.
    fn booking(&self) -> String {
        let kind = match self.line.kind {
            Kind::HomeVisit | Kind::ConsiderHomeVisit => "home-visit",
            _ => self.meeting_kind.as_str(),
        };
        format!("/day/book/{}?kind={}", self.line.claim, crate::screens::day::reading::escaped(kind))
    }

    fn findings(&self) -> Vec<(String, String)> {
        self.t.findings()
    }

    fn answers(&self) -> Vec<(&'static str, &'static str)> {
        self.t.answers()
    }
}
