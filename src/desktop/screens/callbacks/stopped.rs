//! Calls that stopped, and nothing followed.

use super::lists::{Around, around, page_token};
use super::words::CallbackWords;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use startline_api as pb;

const PAGE_SIZE: i32 = 20;

struct Call {
    walk: String,
    etag: String,
    client: String,
    name: String,
    phone: String,
    left: String,
    do_not_call: bool,
    instead: String,
    /// What was typed, when it comes back, and the field's id.
    reason: String,
    field: String,
}

#[derive(Template)]
#[template(path = "callbacks/stopped.html")]
struct Stopped<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    around: Around,
    calls: Vec<Call>,
}

pub async fn stopped(seat: Seat) -> Answer {
    let shown = show(&seat, StatusCode::OK, Mistakes::default(), ("", "")).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, status: StatusCode, mistakes: Mistakes, typed: (&str, &str)) -> Answer {
    let asked = pb::ListStoppedCallsRequest { page_size: PAGE_SIZE, page_token: page_token(seat) };
    let found = seat.need(asked).await?;
    let call = |call: &pb::StoppedCall| {
        let walk = call.walk.clone().unwrap_or_default();
        Call {
            etag: call.etag.clone(),
            name: call.client_name.clone(),
            phone: call.phone.clone(),
            left: seat.when(walk.move_time.as_ref()),
            do_not_call: call.do_not_call,
            instead: call.instead.clone(),
            reason: if typed.0 == walk.walk_id { typed.1.to_owned() } else { String::new() },
            field: format!("reason-{}", walk.walk_id),
            walk: walk.walk_id,
            client: walk.client_id,
        }
    };
    let shown = Stopped {
        frame: seat.frame().again_after(60),
        c: CallbackWords::of(seat.language()),
        mistakes,
        around: around(seat, &found.next_page_token),
        calls: found.calls.iter().map(call).collect(),
    };
    Ok(page(status, &shown))
}

pub async fn close(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (id, reason) = (posted.get("walk"), posted.get("reason").trim());
    let request = pb::CloseWalkRequest {
        request_id: posted.request_id(),
        walk_id: id.to_owned(),
        etag: posted.get("etag").to_owned(),
        reason: reason.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then("/callbacks/stopped?done=seen_to"),
        Err(refusal) => {
            let mistakes = Mistakes::one(format!("reason-{id}"), crate::refused::in_words(seat.language(), &refusal));
            show(seat, StatusCode::UNPROCESSABLE_ENTITY, mistakes, (id, reason)).await
        }
    }
}
