//! A part of the form as it stands at the meeting.

use super::CHECKS;
use super::claim::Checked;
use super::words::CheckWords;
use crate::Pages;
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/checks/{claim}/parts/{code}", get(part))
}

struct Line {
    id: String,
    label: String,
    answer: String,
    withheld: bool,
    is_asked: bool,
    /// The client's initials stand beside it.
    initials: String,
}

#[derive(Template)]
#[template(path = "checks/part.html")]
struct PartPage<'a> {
    frame: Frame<'a>,
    c: &'static CheckWords,
    id: String,
    name: String,
    code: String,
    title: String,
    parts: Vec<(String, String)>,
    lines: Vec<Line>,
    may_change: bool,
}

async fn part(seat: Seat, Path((id, code)): Path<(String, String)>) -> Answer {
    let checked = Checked::of(&seat, &id).await?;
    let definition = checked.sheet.definition.clone();
    let Some(part) = definition.form.part(&code) else { return Err(seat.no_page()) };
    let amended = startline_api::ListAmendmentsRequest { claim_id: id.clone(), page_size: 500, ..Default::default() };
    let amended = seat.may(amended).await.map(|answer| answer.amendments).unwrap_or_default();
    let language = seat.language();
    let line = |question: &startline_definition::Question| {
        let question_id = question.id.to_string();
        let value = checked.sheet.evaluated.answers.get(&question.id).cloned().unwrap_or_default();
        let newest = amended.iter().rev().find(|one| one.question_id == question_id);
        Line {
            label: question.label.in_language(language).to_owned(),
            answer: question.kind.show(&value, language),
            withheld: checked.sheet.answer(&question_id).is_some_and(|answer| answer.withheld),
            is_asked: question.kind.is_asked(),
            initials: newest.map(|one| one.initials.clone()).unwrap_or_default(),
            id: question_id,
        }
    };
    let parts = definition.form.parts.iter();
    let shown = PartPage {
        frame: seat.frame().wide().live(format!("claim:{id}")),
        c: CheckWords::of(language),
        name: checked.name.clone(),
        title: part.title.in_language(language).to_owned(),
        parts: parts.map(|part| (part.id.clone(), part.title.in_language(language).to_owned())).collect(),
        lines: checked.sheet.questions(part).map(line).collect(),
        may_change: seat.is_any(CHECKS) && checked.may_be_changed(),
        id,
        code,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
