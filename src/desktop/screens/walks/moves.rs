//! A walk's moves. Each ends at the page of where it stands then; what was refused comes back with what was typed.

use super::form::{Typed, message};
use super::gathered::{Gathered, gather};
use super::page::{Given, show};
use crate::html::Mistakes;
use crate::refused::in_words;
use crate::seat::Posted;
use crate::visitor::Answer;
use axum::extract::{FromRequest, Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_service::methods::{Refusal, RefusalKind};
use std::sync::Arc;

/// A form of a walk's page, and of which walk.
pub struct Move {
    pub posted: Posted,
    pub walk: String,
}

impl FromRequest<Arc<crate::Pages>> for Move {
    type Rejection = Response;

    async fn from_request(request: Request, pages: &Arc<crate::Pages>) -> Result<Self, Response> {
        use axum::RequestExt;
        use axum::response::IntoResponse;
        let mut request = request;
        let walk = request.extract_parts::<Path<String>>().await.map_err(IntoResponse::into_response)?.0;
        Ok(Self { posted: Posted::from_request(request, pages).await?, walk })
    }
}

impl Move {
    pub fn etag(&self) -> String {
        self.posted.get("etag").to_owned()
    }

    /// The walk's page.
    pub fn done(&self) -> Answer {
        self.posted.then(&format!("/walks/{}", self.walk))
    }

    /// The same, saying that letters go astray.
    pub fn done_with(&self, late: &[pb::TooLateLetter]) -> Answer {
        match late.iter().map(|letter| letter.arrives_by.as_str()).max() {
            Some(day) => self.posted.then(&format!("/walks/{}?late={day}", self.walk)),
            None => self.done(),
        }
    }

    /// The page as the walk stands now, with why this move was not made.
    pub async fn refused(&self, refusal: &Refusal, field: &'static str) -> Answer {
        let gathered = gather(&self.posted.seat, &self.walk).await?;
        self.refused_at(&gathered, refusal, field).await
    }

    async fn refused_at(&self, gathered: &Gathered, refusal: &Refusal, field: &'static str) -> Answer {
        let seat = &self.posted.seat;
        let (status, mistakes) = match refusal.kind {
            RefusalKind::Race => {
                (StatusCode::CONFLICT, Mistakes::one("step", super::words::WalkWords::of(seat.language()).walk_moved))
            }
            _ => (StatusCode::UNPROCESSABLE_ENTITY, Mistakes::of_refusal(refusal, seat.language(), &[(field, field)])),
        };
        let given = Given { form: Some(&self.posted.form), ..Given::default() };
        Ok(show(seat, status, gathered, mistakes, given).await)
    }
}

/// Answers the step and moves on.
pub async fn next(to: Move) -> Answer {
    let seat = &to.posted.seat;
    let gathered = gather(seat, &to.walk).await?;
    let step = to.posted.get("step").to_owned();
    let stands_here = gathered.walk.step.as_ref().is_some_and(|at| at.step_id == step);
    let question = gathered.question().filter(|_| stands_here);
    let typed = question.and_then(|question| Typed::of(&to.posted.form).read(&question.kind, "answer"));
    let known = gathered.walk.step.as_ref().is_some_and(|at| at.known_value.is_some());
    let value = match (&typed, question) {
        (Some(value), Some(_)) => Some(message(value)),
        // What was known and is taken out of its field is taken back.
        (None, Some(_)) if known => Some(message(&serde_json::Value::Null)),
        _ => None,
    };
    let asked = pb::AnswerQuestionRequest {
        request_id: to.posted.request_id(),
        walk_id: to.walk.clone(),
        etag: to.etag(),
        question_id: step,
        value,
    };
    let refusal = match to.posted.ask(asked).await? {
        Ok(answer) => return to.done_with(&answer.too_late),
        Err(refusal) => refusal,
    };
    let wrong = refusal.fields.iter().find(|(path, _)| path.starts_with("value"));
    if let Some((path, text)) = wrong {
        let place = path.strip_prefix("value").unwrap_or_default().to_owned();
        let id = question.map(|question| question.id.to_string()).unwrap_or_default();
        let text = super::form::sentence(&id, text);
        let given = Given { answer: Some((typed, text, place)), ..Given::default() };
        return Ok(show(seat, StatusCode::UNPROCESSABLE_ENTITY, &gathered, Mistakes::default(), given).await);
    }
    if refusal.reason == "KEY_AREAS_OPEN" {
        let mistakes = Mistakes::one("areas", in_words(seat.language(), &refusal));
        let given =
            Given { answer: typed.map(|typed| (Some(typed), String::new(), String::new())), ..Given::default() };
        return Ok(show(seat, StatusCode::UNPROCESSABLE_ENTITY, &gathered, mistakes, given).await);
    }
    let now = gather(seat, &to.walk).await?;
    let at = |walk: &pb::Walk| walk.step.as_ref().map(|at| at.step_id.clone());
    if refusal.kind == RefusalKind::Race && question.is_some() && at(&now.walk) == at(&gathered.walk) {
        // The same step, answered elsewhere: what was typed stands in the field, what is known now beside it.
        let text = super::words::WalkWords::of(seat.language()).walk_moved.to_owned();
        let given = Given { answer: Some((typed, text, String::new())), ..Given::default() };
        return Ok(show(seat, StatusCode::CONFLICT, &now, Mistakes::default(), given).await);
    }
    to.refused_at(&now, &refusal, "step").await
}

pub async fn back(to: Move) -> Answer {
    let asked = pb::GoBackRequest { request_id: to.posted.request_id(), walk_id: to.walk.clone(), etag: to.etag() };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "step").await,
    }
}

/// To a stage, a part or a step, by the button that was pressed.
pub async fn jump(to: Move) -> Answer {
    use pb::jump_to_request::Target;
    let (stage, part, step) = (to.posted.get("stage"), to.posted.get("part"), to.posted.get("to_step"));
    let target = match (stage, part, step) {
        (stage, "", "") => Target::StageId(stage.to_owned()),
        (_, part, "") => Target::Part(part.to_owned()),
        (.., step) => Target::StepId(step.to_owned()),
    };
    match jump_to(&to, &to.etag(), target, "jump").await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "outline").await,
    }
}

pub async fn jump_to(
    to: &Move,
    etag: &str,
    target: pb::jump_to_request::Target,
    what: &str,
) -> Result<Result<pb::Walk, Refusal>, Response> {
    let asked = pb::JumpToRequest {
        request_id: to.posted.request_id_of(what),
        walk_id: to.walk.clone(),
        etag: etag.to_owned(),
        target: Some(target),
    };
    Ok(to.posted.ask(asked).await?.map(|answer| answer.walk.unwrap_or_default()))
}

pub async fn skip(to: Move) -> Answer {
    let asked = pb::SkipStageRequest {
        request_id: to.posted.request_id(),
        walk_id: to.walk.clone(),
        etag: to.etag(),
        stage_id: to.posted.get("stage").to_owned(),
        reason: to.posted.get("skip_reason").to_owned(),
    };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "skip_reason").await,
    }
}

pub async fn area(to: Move) -> Answer {
    let asked = pb::SkipKeyAreaRequest {
        request_id: to.posted.request_id(),
        walk_id: to.walk.clone(),
        etag: to.etag(),
        key_area_id: to.posted.get("area").to_owned(),
        reason: to.posted.get("area_reason").to_owned(),
    };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "areas").await,
    }
}

pub async fn note(to: Move) -> Answer {
    let asked = pb::TakeNoteRequest {
        request_id: to.posted.request_id(),
        walk_id: to.walk.clone(),
        note: to.posted.get("note").to_owned(),
    };
    match to.posted.ask(asked).await? {
        Ok(_) => to.posted.then(&format!("/walks/{}#notes", to.walk)),
        Err(refusal) => to.refused(&refusal, "note").await,
    }
}

pub async fn park(to: Move) -> Answer {
    let asked = pb::ParkWalkRequest {
        request_id: to.posted.request_id(),
        walk_id: to.walk.clone(),
        etag: to.etag(),
        note: to.posted.get("park_note").to_owned(),
    };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "park_note").await,
    }
}

pub async fn resume(to: Move) -> Answer {
    let asked = pb::ResumeWalkRequest { request_id: to.posted.request_id(), walk_id: to.walk.clone(), etag: to.etag() };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "step").await,
    }
}
