//! Every change of every answer, what happened to the claim, and what was changed at the meeting.

use super::standing::{Seen, day, seen};
use super::words::ClaimWords;
use crate::html::{Frame, page};
use crate::screens::walks::form::json;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::Value as Json;
use startline_api as pb;
use startline_foundation::ids::QuestionId;

#[derive(Template)]
#[template(path = "claims/history.html")]
struct History<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    c: &'a Seen,
    id: String,
    question: String,
    changes: Vec<Change>,
    next_page: String,
    events: Vec<(String, &'static str, String)>,
    amendments: Vec<Amended>,
}

struct Change {
    code: String,
    label: String,
    says: String,
    when: String,
    stage: String,
}

struct Amended {
    code: String,
    label: String,
    said: String,
    says: String,
    initials: String,
    day: String,
}

pub async fn history(seat: Seat, Path(id): Path<String>) -> Answer {
    let t = ClaimWords::of(seat.language());
    let c = seen(&seat, &id).await?;
    let question = seat.visitor.query.get("question").to_owned();
    let asked = pb::ListAnswerHistoryRequest {
        claim_id: id.clone(),
        question_id: question.clone(),
        page_token: seat.visitor.query.get("page").to_owned(),
        ..Default::default()
    };
    let answers = seat.need(asked).await?;
    let events =
        seat.may(pb::ListClaimEventsRequest { claim_id: id.clone(), page_size: 50, ..Default::default() }).await;
    let amended = seat.may(pb::ListAmendmentsRequest { claim_id: id.clone(), ..Default::default() }).await;
    let named = |id: &str| c.sheet.definition.form.question(&QuestionId::new(id));
    let label = |id: &str| named(id).map(|q| q.label.in_language(seat.language()).to_owned()).unwrap_or_default();
    let says = |id: &str, value: &Json, withheld: bool| match named(id) {
        _ if withheld => format!("({})", t.withheld),
        _ if value.is_null() => format!("({})", t.taken_back),
        Some(question) => question.kind.show(value, seat.language()),
        None => value.to_string(),
    };
    let change = |answer: &pb::Answer| Change {
        code: answer.question_id.clone(),
        label: label(&answer.question_id),
        says: says(&answer.question_id, &json(answer.value.as_ref()), answer.withheld),
        when: seat.when(answer.saved_time.as_ref()),
        stage: t.stage(&answer.stage),
    };
    let event = |event: &pb::ClaimEvent| {
        let reason = event.detail.as_ref().and_then(|detail| detail.fields.get("reason"));
        let reason = json(reason).as_str().unwrap_or_default().to_owned();
        let reason = if event.detail_withheld { format!("({})", t.withheld) } else { reason };
        (seat.when(event.time.as_ref()), t.event(event.r#move()), reason)
    };
    let amendment = |amendment: &pb::Amendment| Amended {
        code: amendment.question_id.clone(),
        label: label(&amendment.question_id),
        said: says(&amendment.question_id, &json(amendment.said.as_ref()), amendment.withheld),
        says: says(&amendment.question_id, &json(amendment.says.as_ref()), amendment.withheld),
        initials: amendment.initials.clone(),
        day: day(&seat, &amendment.day),
    };
    let shown = History {
        frame: seat.frame(),
        t,
        question,
        changes: answers.answers.iter().map(change).collect(),
        next_page: form_urlencoded::byte_serialize(answers.next_page_token.as_bytes()).collect(),
        events: events.map(|answer| answer.events.iter().map(event).collect()).unwrap_or_default(),
        amendments: amended.map(|answer| answer.amendments.iter().map(amendment).collect()).unwrap_or_default(),
        id,
        c: &c,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
