//! Several meetings at the same weekday and time: all of them or none.

use super::offers::{kinds, time_as_typed};
use super::reading::{self, Row, done};
use super::words::DayWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;

const USUAL_KIND: &str = "follow-up";

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/day/series/{claim}", get(series).post(booked)).route("/day/series/{claim}/booked", get(list))
}

#[derive(Default)]
struct Typed {
    kind: String,
    person: String,
    first_day: String,
    start: String,
    every_weeks: String,
    times: String,
}

#[derive(Template)]
#[template(path = "day/series.html")]
struct SeriesPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    claim: String,
    kinds: Vec<(String, String)>,
    people: Vec<(String, String)>,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "day/series_booked.html")]
struct BookedPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    seat: &'a Seat,
    claim: String,
    rows: Vec<Row>,
}

async fn series(seat: Seat, Path(claim): Path<String>) -> Answer {
    let own = if seat.is(Role::PersonalAdviser) { seat.user().id.to_string() } else { String::new() };
    let typed = Typed {
        kind: USUAL_KIND.into(),
        person: own,
        every_weeks: "2".into(),
        times: "6".into(),
        ..Default::default()
    };
    let shown = show(&seat, &claim, (StatusCode::OK, Mistakes::default()), typed).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, claim: &str, (status, mistakes): (StatusCode, Mistakes), typed: Typed) -> Response {
    let d = DayWords::of(seat.language());
    let mut people = reading::personal_advisers(seat).await;
    if people.is_empty() {
        // Whoever may not list them sees those that this client knows.
        let asked = pb::ListAppointmentsRequest { claim_id: claim.to_owned(), ..Default::default() };
        let met = seat.may(asked).await.map(|answer| answer.appointments).unwrap_or_default();
        for slot in met.into_iter().filter_map(|one| one.slot) {
            if !people.iter().any(|(id, _)| *id == slot.personal_adviser_id) {
                people.push((slot.personal_adviser_id, slot.personal_adviser_name));
            }
        }
    }
    let shown =
        SeriesPage { frame: seat.frame(), d, mistakes, claim: claim.to_owned(), kinds: kinds(seat), people, typed };
    page(status, &shown)
}

async fn booked(Path(claim): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let text = |name: &str| posted.get(name).trim().to_owned();
    let typed = Typed {
        kind: text("kind"),
        person: text("person"),
        first_day: text("first_day"),
        start: text("start"),
        every_weeks: text("every_weeks"),
        times: text("times"),
    };
    let request = pb::BookSeriesRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        personal_adviser_id: typed.person.clone(),
        wishes: Some(pb::MeetingWishes { kind: typed.kind.clone(), ..Default::default() }),
        first_day: typed.first_day.clone(),
        start: time_as_typed(&typed.start),
        every_weeks: typed.every_weeks.parse().unwrap_or(0),
        times: typed.times.parse().unwrap_or(0),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/day/series/{claim}/booked"), "series_booked")),
        Err(refusal) => {
            let fields = [
                ("first_day", "first_day"),
                ("start", "start"),
                ("every_weeks", "every_weeks"),
                ("times", "times"),
                ("personal_adviser_id", "person"),
                ("wishes.kind", "kind"),
            ];
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            Ok(show(seat, &claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed).await)
        }
    }
}

/// Every meeting of the claim that is to come.
async fn list(seat: Seat, Path(claim): Path<String>) -> Answer {
    let asked = pb::ListAppointmentsRequest { claim_id: claim.clone(), page_size: 200, ..Default::default() };
    let all = seat.need(asked).await?.appointments;
    let rows = all.iter().map(|one| Row::of(&seat, one)).filter(Row::is_booked).collect();
    let d = DayWords::of(seat.language());
    let shown = BookedPage { frame: seat.frame(), d, rows, claim, seat: &seat };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
