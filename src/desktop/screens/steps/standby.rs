//! Clients who would come sooner, in the order in which they are asked, and the offers that are out.

use super::Line;
use super::words::StepWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::offers::{UNSUITABLE_ROWS, Wishes, kind_name, kinds};
use crate::screens::day::reading::done;
use crate::screens::day::words::DayWords;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_rooms::access::Role;
use std::sync::Arc;

const CHANGES: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/standby", get(standby))
        .route("/standby/leave", post(leave))
        .route("/standby/join/{claim}", get(joining).post(join))
}

struct Waiting {
    id: String,
    claim: String,
    client: String,
    name: String,
    phone: String,
    kind: String,
    is_urgent: bool,
    earliest: String,
    since: String,
}

#[derive(Template)]
#[template(path = "steps/standby.html")]
struct StandbyPage<'a> {
    frame: Frame<'a>,
    t: &'static StepWords,
    offers: Vec<Line>,
    all: Vec<Waiting>,
    next: String,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "steps/join.html")]
struct JoinPage<'a> {
    frame: Frame<'a>,
    t: &'static StepWords,
    d: &'static DayWords,
    mistakes: Mistakes,
    claim: String,
    kinds: Vec<(String, String)>,
    weekdays: Vec<(String, String)>,
    wishes: Wishes,
    earliest: String,
}

async fn standby(seat: Seat) -> Answer {
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListStandbyRequest { page_size: 50, page_token }).await?;
    let asked = pb::ListStepsRequest {
        kinds: vec![pb::StepKind::OfferEarlierTime.into()],
        page_size: 50,
        ..Default::default()
    };
    let offers = seat.may(asked).await.map(|answer| answer.steps).unwrap_or_default();
    let waiting = |one: pb::Standby| Waiting {
        kind: kind_name(&seat, &one.meeting_kind),
        earliest: parse_date(&one.earliest_day).map_or_else(|_| one.earliest_day.clone(), |day| seat.day(day)),
        since: seat.when(one.joined_time.as_ref()),
        id: one.standby_id,
        claim: one.claim_id,
        client: one.client_id,
        name: one.client_name,
        phone: one.phone,
        is_urgent: one.urgent,
    };
    let shown = StandbyPage {
        frame: seat.frame().wide().again_after(60),
        t: StepWords::of(seat.language()),
        offers: offers.iter().map(|step| Line::of(&seat, step)).collect(),
        all: answer.standbys.into_iter().map(waiting).collect(),
        next: answer.next_page_token,
        may_change: seat.is_any(CHANGES),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn leave(posted: Posted) -> Answer {
    let request =
        pb::LeaveStandbyRequest { request_id: posted.request_id(), standby_id: posted.get("standby").to_owned() };
    posted.need(request).await?;
    posted.then(&done("/standby", "standby_left"))
}

async fn joining(seat: Seat, Path(claim): Path<String>) -> Answer {
    let mut wishes = Wishes::default();
    wishes.unsuitable.resize(UNSUITABLE_ROWS, Default::default());
    let shown = show(&seat, &claim, (StatusCode::OK, Mistakes::default()), wishes, "");
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

fn show(
    seat: &Seat,
    claim: &str,
    (status, mistakes): (StatusCode, Mistakes),
    wishes: Wishes,
    earliest: &str,
) -> Response {
    let d = DayWords::of(seat.language());
    let mut weekdays = vec![(String::new(), d.each_day.to_owned())];
    weekdays.extend(d.weekdays());
    let shown = JoinPage {
        frame: seat.frame(),
        t: StepWords::of(seat.language()),
        d,
        mistakes,
        claim: claim.to_owned(),
        kinds: kinds(seat),
        weekdays,
        wishes,
        earliest: earliest.to_owned(),
    };
    page(status, &shown)
}

async fn join(Path(claim): Path<String>, posted: Posted) -> Answer {
    let wishes = Wishes::read(&posted.form);
    let earliest = posted.get("earliest");
    let request = pb::JoinStandbyRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        meeting_kind: wishes.kind.clone(),
        urgent: wishes.urgent,
        earliest_day: earliest.trim().to_owned(),
        unsuitable_times: wishes.message().unsuitable_times,
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done("/standby", "standby_joined")),
        Err(refusal) => {
            let fields =
                [("meeting_kind", "kind"), ("earliest_day", "earliest"), ("unsuitable_times", "unsuitable_day1")];
            let mistakes = Mistakes::of_refusal(&refusal, posted.seat.language(), &fields);
            Ok(show(&posted.seat, &claim, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), wishes, earliest))
        }
    }
}
