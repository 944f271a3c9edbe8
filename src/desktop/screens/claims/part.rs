//! A part of a claim's form on its own page: to be changed while the start-up goes on, to be read afterwards.

use super::overview::OfClaim;
use super::standing::{Seen, seen};
use super::words::ClaimWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::walks::form::{Asked, Known, Saved};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use startline_api as pb;
use startline_rooms::access::Role;

#[derive(Template)]
#[template(path = "claims/part.html")]
struct PartPage<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    c: &'a Seen,
    id: String,
    code: String,
    title: String,
    guidance: String,
    may_change: bool,
    fields: Vec<Asked>,
    lines: Vec<Line>,
    to_confirm: bool,
    asked: usize,
    answered: usize,
    next: String,
}

/// An answer as it is read.
pub struct Line {
    pub code: String,
    pub label: String,
    pub answer: String,
    pub withheld: bool,
    pub carried: &'static str,
}

pub async fn part(seat: Seat, Path((id, code)): Path<(String, String)>) -> Answer {
    let c = seen(&seat, &id).await?;
    let shown = show(&seat, &c, &code, StatusCode::OK, &Saved::default(), Mistakes::default(), "");
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

fn show(
    seat: &Seat,
    c: &Seen,
    code: &str,
    status: StatusCode,
    saved: &Saved,
    mistakes: Mistakes,
    more: &str,
) -> Response {
    let Some(part) = c.sheet.part(code) else { return seat.no_page() };
    let t = ClaimWords::of(seat.language());
    let may_change = c.is_open() && seat.is_any(&[Role::Adviser, Role::TeamLeader]);
    let fields = if may_change { c.sheet.fields(seat, part, saved, more) } else { Vec::new() };
    let (asked, answered) = c.sheet.count(part);
    let id = c.claim().claim_id.clone();
    let parts: Vec<&str> = c.sheet.definition.form.parts.iter().map(|part| part.id.as_str()).collect();
    let after = parts.iter().position(|of| *of == code).map_or(parts.len(), |at| at + 1);
    let has_some = |code: &&&str| c.sheet.part(code).is_some_and(|part| c.sheet.count(part).0 > 0);
    let next = parts.get(after..).and_then(|rest| rest.iter().find(has_some)).map(|code| (*code).to_owned());
    let shown = PartPage {
        frame: seat.frame().live(format!("claim:{id}")),
        t,
        mistakes,
        seat,
        lines: if may_change { Vec::new() } else { lines(seat, c, part, t) },
        code: part.id.clone(),
        title: part.title.in_language(seat.language()).to_owned(),
        guidance: part.guidance.as_ref().map(|text| text.in_language(seat.language()).to_owned()).unwrap_or_default(),
        to_confirm: fields.iter().any(|field| field.known == Known::ToConfirm),
        may_change,
        fields,
        asked,
        answered,
        next: next.unwrap_or_default(),
        c,
        id,
    };
    page(status, &shown)
}

/// A part's answers as they are read.
pub fn lines(seat: &Seat, c: &Seen, part: &startline_definition::Part, t: &'static ClaimWords) -> Vec<Line> {
    let line = |question: &startline_definition::Question| {
        let answer = c.sheet.answer(question.id.as_str());
        let value = c.sheet.evaluated.answers.get(&question.id);
        let carried = match answer.map(pb::Answer::carried) {
            Some(pb::Carried::ToConfirm | pb::Carried::AskAgain) => t.to_confirm,
            _ => "",
        };
        Line {
            code: question.id.to_string(),
            label: question.label.in_language(seat.language()).to_owned(),
            answer: value.map(|value| question.kind.show(value, seat.language())).unwrap_or_default(),
            withheld: answer.is_some_and(|answer| answer.withheld),
            carried,
        }
    };
    let is_answered_here = |question: &&startline_definition::Question| {
        question.kind.is_asked() || c.sheet.evaluated.answers.contains_key(&question.id)
    };
    c.sheet.questions(part).filter(is_answered_here).map(line).collect()
}

pub async fn save(of: OfClaim) -> Answer {
    let seat = &of.posted.seat;
    let c = seen(seat, &of.claim).await?;
    let Some(part) = c.sheet.part(&of.place) else { return Ok(seat.no_page()) };
    let saved = c.sheet.save(&of.posted, part, "").await?;
    let more = of.posted.get("more");
    if seat.visitor.header("x-startline") == "save" || !saved.is_good() || !more.is_empty() {
        let now = seen(seat, &of.claim).await?;
        let status = if saved.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let mistakes = crate::screens::walks::part_mistakes(seat, &saved);
        return Ok(show(seat, &now, &of.place, status, &saved, mistakes, more));
    }
    if saved.count > 0 && !of.posted.get("next").is_empty() {
        let now = seen(seat, &of.claim).await?;
        let more = now.sheet.part(&of.place).and_then(|part| now.sheet.brought_up(&of.posted, part));
        if let Some(question) = more {
            return of.posted.then(&format!("/claims/{}/parts/{}?done=saved#q-a-{question}", of.claim, of.place));
        }
    }
    match of.posted.get("next") {
        "" => of.posted.then(&format!("/claims/{}?done=saved", of.claim)),
        next => of.posted.then(&format!("/claims/{}/parts/{next}", of.claim)),
    }
}

pub async fn confirm(of: OfClaim) -> Answer {
    let request = pb::ConfirmAnswersRequest {
        request_id: of.posted.request_id(),
        claim_id: of.claim.clone(),
        part: of.place.clone(),
        question_ids: Vec::new(),
    };
    of.posted.need(request).await?;
    of.posted.then(&format!("/claims/{}/parts/{}?done=saved", of.claim, of.place))
}
