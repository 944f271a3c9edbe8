//! An answer changed at the meeting: what the form says, what it is to say, and the client's initials.

use super::claim::Checked;
use super::words::CheckWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::done;
use crate::screens::walks::form::control::How;
use crate::screens::walks::form::sheet::{name_of, sentence};
use crate::screens::walks::form::{Asked, Typed, json, message};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value as Json;
use startline_api as pb;
use startline_service::methods::Refusal;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/checks/{claim}/amend/{question}", get(amend).post(amended))
}

#[derive(Template)]
#[template(path = "checks/amend.html")]
struct AmendPage<'a> {
    frame: Frame<'a>,
    c: &'static CheckWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    question: String,
    code: String,
    part: String,
    asked: Asked,
    says: String,
    /// The revision that whoever amends has seen.
    revision: u32,
    initials: String,
    withheld: bool,
}

/// What was typed, and what was wrong with it.
#[derive(Default)]
struct Again {
    value: Option<Json>,
    initials: String,
    wrong: Option<(String, String)>,
    mistakes: Mistakes,
    more_rows: usize,
}

async fn amend(seat: Seat, Path((id, question)): Path<(String, String)>) -> Answer {
    let shown = show(&seat, (&id, &question), StatusCode::OK, Again::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (id, question_id): (&str, &str),
    status: StatusCode,
    again: Again,
) -> Result<Response, Response> {
    let c = CheckWords::of(seat.language());
    let checked = Checked::of(seat, id).await?;
    let Some(question) = checked.question(question_id).filter(|question| question.kind.is_asked()) else {
        return Err(seat.no_page());
    };
    let answer = checked.sheet.answer(question_id);
    let stands = answer.map_or(Json::Null, |answer| json(answer.value.as_ref()));
    let how = How { talk: seat.language(), page: seat.language(), is_inner: false, more_rows: again.more_rows };
    let value = again.value.unwrap_or_else(|| stands.clone());
    let mut asked = Asked::new(question, name_of(question_id), &value, how);
    let mut mistakes = again.mistakes;
    if let Some((text, path)) = again.wrong {
        mistakes = mistakes.and(asked.anchor(), text.clone());
        asked.fault(text, &path);
    }
    let part = checked.sheet.definition.form.part_of(&question.id);
    let shown = AmendPage {
        frame: seat.frame(),
        c,
        mistakes,
        name: checked.name.clone(),
        code: part.map(|part| part.id.clone()).unwrap_or_default(),
        part: part.map(|part| part.title.in_language(seat.language()).to_owned()).unwrap_or_default(),
        says: question.kind.show(&stands, seat.language()),
        revision: answer.map_or(0, |answer| answer.revision),
        withheld: answer.is_some_and(|answer| answer.withheld),
        initials: again.initials,
        id: id.to_owned(),
        question: question_id.to_owned(),
        asked,
    };
    Ok(page(status, &shown))
}

async fn amended(Path((id, question_id)): Path<(String, String)>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let c = CheckWords::of(seat.language());
    let checked = Checked::of(seat, &id).await?;
    let Some(question) = checked.question(&question_id) else { return Err(seat.no_page()) };
    let value = Typed::of(&posted.form).read(&question.kind, &name_of(&question_id)).unwrap_or_default();
    let initials = posted.get("initials").to_owned();
    let again = Again { value: Some(value.clone()), initials: initials.clone(), ..Default::default() };
    if posted.form.has("more") {
        return show(seat, (&id, &question_id), StatusCode::OK, Again { more_rows: 2, ..again }).await;
    }
    let request = pb::AmendAnswerRequest {
        request_id: posted.request_id(),
        claim_id: id.clone(),
        question_id: question_id.clone(),
        value: Some(message(&value)),
        seen_revision: posted.get("revision").parse().unwrap_or(0),
        initials,
    };
    match posted.ask(request).await? {
        Ok(answer) if answer.too_late.is_empty() => posted.then(&done(&format!("/checks/{id}"), "answer_amended")),
        Ok(_) => posted.then(&done(&format!("/checks/{id}"), "amended_too_late")),
        Err(refusal) => {
            let again = faults(seat, c, &question_id, &refusal, again);
            show(seat, (&id, &question_id), StatusCode::UNPROCESSABLE_ENTITY, again).await
        }
    }
}

/// Where each fault belongs: to the answer, to its cell, or to the initials.
fn faults(seat: &Seat, c: &CheckWords, question: &str, refusal: &Refusal, again: Again) -> Again {
    if refusal.detail("startline.v1.StaleAnswers").is_some() {
        return Again { wrong: Some((c.changed_meanwhile.to_owned(), String::new())), ..again };
    }
    let mut again = again;
    for (path, text) in &refusal.fields {
        match path.strip_prefix("value") {
            Some(cell) => again.wrong = Some((sentence(question, text), cell.to_owned())),
            None if path == "initials" => again.mistakes = again.mistakes.and("initials", sentence("", text)),
            None => again.wrong = Some((sentence(question, text), String::new())),
        }
    }
    if refusal.fields.is_empty() {
        again.mistakes = again.mistakes.and("initials", crate::refused::in_words(seat.language(), refusal));
    }
    again
}
