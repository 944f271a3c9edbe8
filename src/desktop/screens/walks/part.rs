//! A part of the form on one page: saved as it is typed, and the walk taken on past it.

use super::form::{Saved, Sheet, sentence};
use super::gathered::{Gathered, gather, part_alone, walk};
use super::moves::{Move, jump_to};
use super::page::{Given, show, show_part};
use crate::html::Mistakes;
use crate::visitor::Answer;
use axum::http::StatusCode;
use startline_api as pb;
use startline_foundation::formats::Language;
use startline_service::methods::Refusal;

/// The longest part has some twenty questions; a walk that does not leave its part in so many steps stays there.
const MOST_STEPS: usize = 60;

/// Saves what was typed; with a button, moves on or back, or gives a table more rows.
pub async fn save(to: Move) -> Answer {
    let seat = &to.posted.seat;
    let walk = walk(seat, &to.walk).await?;
    let code = to.posted.get("part").to_owned();
    let stage = to.posted.get("stage").to_owned();
    let saved = match walk.claim_id.as_str() {
        "" => Saved::default(),
        claim => save_part(&to, claim, &code, &stage).await?,
    };
    let is_script = seat.visitor.header("x-startline") == "save";
    let more = to.posted.get("more").to_owned();
    if is_script && more.is_empty() {
        let now = part_alone(seat, walk).await?;
        let given = Given { saved: Some(&saved), ..Given::default() };
        return Ok(show_part(seat, status(&saved), &now, mistakes(seat, &saved), given).await);
    }
    if !saved.is_good() || !more.is_empty() {
        let now = gather(seat, &to.walk).await?;
        return shown(&to, &now, &saved, &more).await;
    }
    // What an answer of this page has brought up is asked before the call goes on.
    if saved.count > 0 && to.posted.get("then") == "next" {
        let now = gather(seat, &to.walk).await?;
        let more = now.sheet.as_ref().and_then(|sheet| sheet.brought_up(&to.posted, sheet.part(&code)?));
        if let Some(question) = more {
            return to.posted.then(&format!("/walks/{}?brought_up={question}#q-a-{question}", to.walk));
        }
    }
    let moved = match to.posted.get("then") {
        "next" => past(&to, walk, &code).await?,
        "back" => before(&to, &code).await?,
        _ => Ok(()),
    };
    match moved {
        Ok(()) => to.done_with(&saved.late),
        Err(refusal) => to.refused(&refusal, "step").await,
    }
}

async fn save_part(to: &Move, claim: &str, code: &str, stage: &str) -> Result<Saved, axum::response::Response> {
    // What is shown of it is shown afterwards.
    let sheet = Sheet::of(&to.posted.seat, claim, Language::English).await?;
    match sheet.part(code) {
        Some(part) => sheet.save(&to.posted, part, stage).await,
        None => Ok(Saved::default()),
    }
}

/// Says that what was carried over into this part still holds.
pub async fn confirm(to: Move) -> Answer {
    let walk = walk(&to.posted.seat, &to.walk).await?;
    let asked = pb::ConfirmAnswersRequest {
        request_id: to.posted.request_id(),
        claim_id: walk.claim_id,
        part: to.posted.get("part").to_owned(),
        question_ids: Vec::new(),
    };
    match to.posted.ask(asked).await? {
        Ok(_) => to.done(),
        Err(refusal) => to.refused(&refusal, "step").await,
    }
}

fn status(saved: &Saved) -> StatusCode {
    if saved.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

async fn shown(to: &Move, now: &Gathered, saved: &Saved, more: &str) -> Answer {
    let seat = &to.posted.seat;
    let mistakes = mistakes(seat, saved);
    let given = Given { saved: Some(saved), more, ..Given::default() };
    Ok(show(seat, status(saved), now, mistakes, given).await)
}

/// What could not be saved, as a summary says it.
pub fn mistakes(seat: &crate::seat::Seat, saved: &Saved) -> Mistakes {
    let w = super::words::FormWords::of(seat.language());
    let mut all = Mistakes::default();
    for (id, (_, text)) in &saved.wrong {
        all = all.and(format!("q-a-{id}"), format!("{id}: {}", sentence(id, text)));
    }
    for id in saved.stale.keys() {
        all = all.and(format!("q-a-{id}"), format!("{id}: {}", w.changed_meanwhile));
    }
    if let Some(refusal) = &saved.refused {
        all = all.and("step", crate::refused::in_words(seat.language(), refusal));
    }
    all
}

/// On past the part: each of its questions is passed in turn, so that what a later answer brings up is come back to.
async fn past(to: &Move, mut walk: pb::Walk, code: &str) -> Result<Result<(), Refusal>, axum::response::Response> {
    // What was saved just now is newer than what this walk was told with.
    if let Some(now) = to.posted.seat.may(pb::GetWalkRequest { walk_id: to.walk.clone() }).await {
        walk = now.walk.unwrap_or(walk);
    }
    for step_number in 0..MOST_STEPS {
        let Some(step) = walk.step.clone() else { break };
        if step.part.as_ref().is_none_or(|part| part.code != code) {
            break;
        }
        let asked = pb::AnswerQuestionRequest {
            request_id: to.posted.request_id_of(&format!("past {step_number}")),
            walk_id: to.walk.clone(),
            etag: walk.etag.clone(),
            question_id: step.step_id,
            value: None,
        };
        match to.posted.ask(asked).await? {
            Ok(answer) => walk = answer.walk.unwrap_or_default(),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Ok(()))
}

/// To the part before, or to what is said before the form begins.
async fn before(to: &Move, code: &str) -> Result<Result<(), Refusal>, axum::response::Response> {
    use pb::jump_to_request::Target;
    let outline = to.posted.seat.need(pb::GetWalkOutlineRequest { walk_id: to.walk.clone() }).await?;
    let asked = outline.parts.iter().filter(|part| part.asked > 0);
    let earlier = asked.take_while(|part| part.code != code).last();
    let target = match earlier {
        Some(part) => Target::Part(part.code.clone()),
        None => Target::StepId(to.posted.get("stage").to_owned()),
    };
    let now = to.posted.seat.may(pb::GetWalkRequest { walk_id: to.walk.clone() }).await;
    let etag = now.and_then(|now| now.walk).map_or_else(|| to.etag(), |walk| walk.etag);
    Ok(jump_to(to, &etag, target, "before").await?.map(|_| ()))
}
