//! Calendars for people's own calendar programs. An address is shown once, when it is made: in no address of ours, and in no
//! browser's history.

use super::hours::may_list;
use super::reading::{self, Whose, done};
use super::words::DayWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/day/hours/calendars", get(feeds).post(create))
        .route("/day/hours/calendars/revoke", post(revoke))
}

struct Shown {
    id: String,
    whose: String,
    made: String,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "day/calendars.html")]
struct FeedsPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    whose: Vec<(String, String)>,
    chosen: String,
    all: Vec<Shown>,
    next: String,
    may_list: bool,
    /// The address, this once.
    address: Option<String>,
}

async fn feeds(seat: Seat) -> Answer {
    let chosen = Whose::of(&seat).map(|whose| whose.value()).unwrap_or_default();
    let shown = show(&seat, (StatusCode::OK, Mistakes::default()), chosen, None).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (status, mistakes): (StatusCode, Mistakes),
    chosen: String,
    address: Option<String>,
) -> Result<Response, Response> {
    let d = DayWords::of(seat.language());
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListCalendarFeedsRequest { page_size: 50, page_token }).await?;
    let mut whose: Vec<(String, String)> = reading::personal_advisers(seat)
        .await
        .into_iter()
        .map(|(id, name)| (Whose::Person(id).value(), name))
        .collect();
    if seat.is_any(&[Role::Reception, Role::TeamLeader, Role::Admin]) {
        let offices = reading::offices(seat).into_iter();
        whose.extend(offices.map(|(id, name)| (Whose::Office(id).value(), format!("{} {name}", d.everybody_at))));
    }
    let name = |value: String| {
        let found = whose.iter().find(|(known, _)| *known == value);
        found.map_or_else(|| d.a_personal_adviser.to_owned(), |(_, name)| name.clone())
    };
    let show = |feed: pb::CalendarFeed| Shown {
        made: seat.when(feed.created_time.as_ref()),
        revoked: feed.revoked_time.as_ref().map(|at| seat.when(Some(at))),
        whose: match feed.whose {
            Some(pb::calendar_feed::Whose::PersonalAdviserId(id)) => name(Whose::Person(id).value()),
            Some(pb::calendar_feed::Whose::OfficeId(id)) => name(Whose::Office(id).value()),
            None => String::new(),
        },
        id: feed.feed_id,
    };
    let all = answer.feeds.into_iter().map(show).collect();
    let shown = FeedsPage {
        frame: seat.frame().wide(),
        d,
        mistakes,
        all,
        next: answer.next_page_token,
        chosen,
        may_list: may_list(seat),
        address,
        whose,
    };
    Ok(page(status, &shown))
}

async fn create(posted: Posted) -> Answer {
    use pb::create_calendar_feed_request::Whose as Of;
    let seat = &posted.seat;
    let d = DayWords::of(seat.language());
    let chosen = posted.get("whose").to_owned();
    let whose = match Whose::parse(&chosen) {
        Some(Whose::Person(id)) => Of::PersonalAdviserId(id),
        Some(Whose::Office(id)) => Of::OfficeId(id),
        None => {
            let mistakes = Mistakes::one("whose", d.choose_whose);
            return show(seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), chosen, None).await;
        }
    };
    let request = pb::CreateCalendarFeedRequest { request_id: posted.request_id(), whose: Some(whose) };
    match posted.ask(request).await? {
        // The one answer to a form that is a page: nowhere else is the address.
        Ok(answer) => show(seat, (StatusCode::OK, Mistakes::default()), chosen, Some(answer.url)).await,
        Err(refusal) => {
            let mistakes = Mistakes::of_refusal(&refusal, seat.language(), &[("whose", "whose")]);
            show(seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), chosen, None).await
        }
    }
}

async fn revoke(posted: Posted) -> Answer {
    let request =
        pb::RevokeCalendarFeedRequest { request_id: posted.request_id(), feed_id: posted.get("feed").to_owned() };
    posted.need(request).await?;
    posted.then(&done("/day/hours/calendars", "calendar_revoked"))
}
