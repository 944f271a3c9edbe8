//! All that was and is to be done for one claim, with good cause for a missed meeting and life events.

use super::Line;
use super::one::{all, good_causes};
use super::words::StepWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::{Here, Row, done};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;

pub const READS_CLAIMS: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/steps/{claim}", get(claim))
        .route("/steps/{claim}/good-cause", post(good_cause))
        .route("/steps/{claim}/life-event", post(life_event))
}

#[derive(Template)]
#[template(path = "steps/claim.html")]
struct ClaimPage<'a> {
    frame: Frame<'a>,
    t: &'static StepWords,
    mistakes: Mistakes,
    claim: String,
    name: String,
    open: Vec<Line>,
    over: Vec<Line>,
    missed: Vec<(String, String)>,
    good_causes: Vec<(String, String)>,
    events: Vec<(String, String)>,
    appointment: String,
    reason: String,
    note: String,
    event: String,
    day: String,
    may_change: bool,
    may_book: bool,
}

async fn claim(seat: Seat, Path(claim): Path<String>) -> Answer {
    let shown = show(&seat, &claim, (StatusCode::OK, Mistakes::default()), None).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    claim: &str,
    (status, mistakes): (StatusCode, Mistakes),
    typed: Option<&Posted>,
) -> Result<Response, Response> {
    let steps = all(seat, claim).await?;
    let asked = pb::ListAppointmentsRequest { claim_id: claim.to_owned(), page_size: 200, ..Default::default() };
    let meetings = seat.may(asked).await.map(|answer| answer.appointments).unwrap_or_default();
    let rows: Vec<Row> = meetings.iter().map(|one| Row::of(seat, one)).collect();
    let name = rows.first().map(|row| row.name.clone());
    let name = name.or_else(|| steps.first().map(|step| step.client_name.clone())).unwrap_or_default();
    let missed = rows.iter().filter(|row| row.is(Here::Missed));
    let missed = missed.map(|row| (row.id.clone(), format!("{}, {}, {}", row.kind, seat.day(row.day), row.at)));
    let (over, open) = steps.iter().map(|step| Line::of(seat, step)).partition(|line| line.ended.is_some());
    let definition = seat.definition();
    let events = definition.followup.life_events.iter();
    let typed = |name: &str| typed.map(|posted| posted.get(name).to_owned()).unwrap_or_default();
    let mut missed: Vec<(String, String)> = missed.collect();
    // The newest stands first.
    missed.reverse();
    let appointment = typed("appointment");
    let shown = ClaimPage {
        frame: seat.frame(),
        t: StepWords::of(seat.language()),
        mistakes,
        claim: claim.to_owned(),
        name,
        open,
        over,
        appointment: match appointment.is_empty() {
            true => missed.first().map(|(id, _)| id.clone()).unwrap_or_default(),
            false => appointment,
        },
        missed,
        good_causes: good_causes(seat),
        events: events.map(|event| (event.id.clone(), event.name.in_language(seat.language()).to_owned())).collect(),
        reason: typed("reason"),
        note: typed("note"),
        event: typed("event"),
        day: typed("day"),
        may_change: seat.is_any(READS_CLAIMS),
        may_book: seat.is_any(crate::screens::day::appointment::ARRANGES),
    };
    Ok(page(status, &shown))
}

async fn good_cause(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::RecordGoodCauseRequest {
        request_id: posted.request_id(),
        appointment_id: posted.get("appointment").to_owned(),
        reason: posted.get("reason").to_owned(),
        note: posted.get("note").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/steps/{claim}"), "good_cause_recorded")),
        Err(refusal) => {
            let fields = [("reason", "reason"), ("appointment_id", "appointment"), ("note", "note")];
            let mistakes = Mistakes::of_refusal(&refusal, posted.seat.language(), &fields);
            show(&posted.seat, &claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), Some(&posted)).await
        }
    }
}

async fn life_event(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::RecordLifeEventRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        event: posted.get("event").to_owned(),
        day: posted.get("day").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/steps/{claim}"), "event_recorded")),
        Err(refusal) => {
            let fields = [("event", "event"), ("day", "day")];
            let mistakes = Mistakes::of_refusal(&refusal, posted.seat.language(), &fields);
            show(&posted.seat, &claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), Some(&posted)).await
        }
    }
}
