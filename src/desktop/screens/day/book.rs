//! A meeting for a claim: what is wished, what is free, and the one that is taken.

use super::offers::{Found, Wishes, chosen, find, kind_name, kinds, skills};
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

const READS_CLAIMS: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/day/book/{claim}", get(book).post(booked))
}

#[derive(Template)]
#[template(path = "day/book.html")]
struct BookPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    seat: &'a Seat,
    may_see_claim: bool,
    mistakes: Mistakes,
    claim: String,
    kind_name: String,
    kinds: Vec<(String, String)>,
    skills: Vec<(String, String)>,
    offices: Vec<(String, String)>,
    people: Vec<(String, String)>,
    weekdays: Vec<(String, String)>,
    wishes: Wishes,
    found: Found,
    offer: String,
    others: Vec<Row>,
}

async fn book(seat: Seat, Path(claim): Path<String>) -> Answer {
    let wishes = Wishes::read(&seat.visitor.query);
    let shown = show(&seat, &claim, (StatusCode::OK, Mistakes::default()), wishes, "").await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    claim: &str,
    (status, mut mistakes): (StatusCode, Mistakes),
    wishes: Wishes,
    offer: &str,
) -> Result<Response, Response> {
    let d = DayWords::of(seat.language());
    let is_first = mistakes.is_empty();
    let found = match find(seat, claim, &wishes, seat.visitor.query.get("page")).await {
        Ok(found) => found,
        // What was wished cannot be: the form says so.
        Err(refusal) if !refusal.fields.is_empty() => {
            let fields = [
                ("wishes.kind", "kind"),
                ("wishes.minutes", "minutes"),
                ("wishes.unsuitable_times", "unsuitable_day"),
                ("wishes.skills", "skills"),
                ("office_id", "office"),
                ("not_before_time", "not_before"),
            ];
            if is_first {
                mistakes = Mistakes::of_refusal(&refusal, seat.language(), &fields);
            }
            Found { offers: Vec::new(), why_empty: None, next: String::new() }
        }
        Err(refusal) => return Err(seat.refused(&refusal)),
    };
    let asked = pb::ListAppointmentsRequest { claim_id: claim.to_owned(), page_size: 200, ..Default::default() };
    let others = seat.may(asked).await.map(|answer| answer.appointments).unwrap_or_default();
    let mut offices = vec![(String::new(), d.any_office.to_owned())];
    offices.extend(reading::offices(seat));
    let mut people = vec![(String::new(), d.anybody.to_owned())];
    people.extend(reading::personal_advisers(seat).await);
    let mut weekdays = vec![(String::new(), d.each_day.to_owned())];
    weekdays.extend(d.weekdays());
    let shown = BookPage {
        frame: seat.frame(),
        d,
        seat,
        may_see_claim: seat.is_any(READS_CLAIMS),
        mistakes,
        claim: claim.to_owned(),
        kind_name: kind_name(seat, &wishes.kind),
        kinds: kinds(seat),
        skills: skills(seat),
        offices,
        people,
        weekdays,
        wishes,
        found,
        offer: offer.to_owned(),
        others: others.iter().map(|other| Row::of(seat, other)).filter(Row::is_booked).collect(),
    };
    Ok(page(status, &shown))
}

async fn booked(Path(claim): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let wishes = Wishes::read(&posted.form);
    let offer = posted.get("offer");
    let again = async |mistakes: Mistakes| {
        show(seat, &claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), wishes.clone(), offer).await
    };
    let Some((person, start)) = chosen(offer) else {
        return again(Mistakes::one("offer", DayWords::of(seat.language()).choose_time)).await;
    };
    let request = pb::BookAppointmentRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        personal_adviser_id: person,
        start_time: Some(start),
        wishes: Some(wishes.message()),
        ..Default::default()
    };
    match posted.ask(request).await? {
        Ok(answer) => {
            let id = answer.appointment.unwrap_or_default().appointment_id;
            posted.then(&done(&format!("/appointments/{id}/of/{claim}"), "meeting_booked"))
        }
        Err(refusal) => {
            let fields = [("start_time", "offer"), ("wishes.kind", "kind"), ("wishes.minutes", "minutes")];
            again(Mistakes::of_refusal(&refusal, seat.language(), &fields)).await
        }
    }
}

impl BookPage<'_> {
    /// Whether something was wished that is shown only when asked for.
    fn has_more(&self) -> bool {
        let wishes = &self.wishes;
        let times = wishes.unsuitable.iter().any(|(_, from, until)| !(from.is_empty() && until.is_empty()));
        !wishes.minutes.is_empty() || !wishes.person.is_empty() || !wishes.skills.is_empty() || times
    }
}
