//! Another time for a call-back, or the same with another adviser.

use super::booking::{choices, wrong};
use super::offers::{Offers, offers as ask_offers};
use super::wishes::Wishes;
use super::words::CallbackWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::clients::advisers;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_rooms::access::Role;
use startline_service::methods::{Refusal, RefusalKind};

#[derive(Template)]
#[template(path = "callbacks/move.html")]
struct Moving<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    when: String,
    reason: String,
    wishes: Wishes,
    /// Whether the wishes were said anew on this page.
    chosen: bool,
    advisers: Vec<(String, String)>,
    to: String,
    found: Option<Offers>,
}

pub async fn page_of(Path(id): Path<String>, seat: Seat) -> Answer {
    let query = &seat.visitor.query;
    let wishes = query.has("chosen").then(|| Wishes::read(query));
    let typed = (query.get("reason").to_owned(), String::new());
    let shown = show(&seat, id, wishes, typed, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    id: String,
    chosen: Option<Wishes>,
    typed: (String, String),
    status: StatusCode,
    mistakes: Mistakes,
) -> Answer {
    let c = CallbackWords::of(seat.language());
    let callback = seat.need(pb::GetCallbackRequest { callback_id: id.clone() }).await?.callback.unwrap_or_default();
    let kept = callback.wishes.clone().unwrap_or_default();
    let is_chosen = chosen.is_some();
    let wishes = chosen.unwrap_or_else(|| Wishes::of(seat, callback.urgent, &kept));
    let message = if is_chosen { wishes.message(seat, c) } else { Ok(kept) };
    let (mut status, mut mistakes, mut found) = (status, mistakes, None);
    match message {
        Err(wrong) => (status, mistakes) = (StatusCode::UNPROCESSABLE_ENTITY, wrong),
        // Supervisors move, but are not told what is free: they hand on.
        Ok(message) if seat.is_any(&[Role::Adviser, Role::TeamLeader]) => {
            let here = format!("/callbacks/{id}/move");
            let token = seat.visitor.query.get("page");
            match ask_offers(seat, &callback.client_id, (&wishes, message), token, &here).await {
                Ok(offers) => found = Some(offers),
                Err(refusal) if refusal.kind == RefusalKind::Invalid => {
                    (status, mistakes) = (StatusCode::UNPROCESSABLE_ENTITY, wrong(seat, &refusal));
                }
                Err(refusal) => return Err(seat.refused(&refusal)),
            }
        }
        Ok(_) => {}
    }
    let shown = Moving {
        frame: seat.frame(),
        c,
        mistakes,
        id,
        when: super::when(seat, &callback),
        name: callback.client_name,
        reason: typed.0,
        to: typed.1,
        wishes,
        chosen: is_chosen,
        advisers: choices(c, advisers_of(seat, &callback.site_id).await),
        found,
    };
    Ok(page(status, &shown))
}

/// The advisers of a site, as far as whoever asks may know them.
pub async fn advisers_of(seat: &Seat, site: &str) -> Vec<(String, String)> {
    let is_own = seat.sites().first().is_some_and(|own| own.as_str() == site);
    if !is_own {
        return Vec::new();
    }
    if !seat.is_any(&[Role::TeamLeader, Role::Supervisor]) {
        return advisers(seat).await;
    }
    let asked = pb::ListUsersRequest { role: pb::Role::Adviser.into(), page_size: 200, ..Default::default() };
    let found = seat.may(asked).await.unwrap_or_default();
    found.users.into_iter().map(|user| (user.user_id, user.name)).collect()
}

async fn moved(posted: &Posted, id: String, to: pb::move_callback_request::To, adviser_id: &str) -> Answer {
    let (seat, c) = (&posted.seat, CallbackWords::of(posted.seat.language()));
    let chosen = (posted.get("chosen") == "yes").then(|| Wishes::kept(posted.get("wishes")));
    let wishes = chosen.as_ref().and_then(|wishes| wishes.message(seat, c).ok());
    let reason = posted.get("reason").trim();
    let request = pb::MoveCallbackRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        to: Some(to),
        adviser_id: adviser_id.to_owned(),
        reason: reason.to_owned(),
        wishes,
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=moved")),
        Err(refusal) => {
            let status = match refusal.kind {
                RefusalKind::Race => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let typed = (reason.to_owned(), adviser_id.to_owned());
            show(seat, id, chosen, typed, status, mistakes(seat, c, &refusal)).await
        }
    }
}

fn mistakes(seat: &Seat, c: &CallbackWords, refusal: &Refusal) -> Mistakes {
    match refusal.of("reason") {
        Some(what) => Mistakes::one("reason", format!("{} ({what})", c.move_reason)),
        None => wrong(seat, refusal),
    }
}

pub async fn move_to(Path(id): Path<String>, posted: Posted) -> Answer {
    let seconds = posted.get("start").parse().unwrap_or_default();
    let to = pb::move_callback_request::To::StartTime(Timestamp { seconds, nanos: 0 });
    moved(&posted, id, to, "").await
}

pub async fn hand_on(Path(id): Path<String>, posted: Posted) -> Answer {
    let adviser = posted.get("adviser").to_owned();
    moved(&posted, id, pb::move_callback_request::To::KeepTime(true), &adviser).await
}
