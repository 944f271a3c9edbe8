//! A meeting that is not to be.

use super::appointment::{of_claim, when};
use super::reading::{Row, done};
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
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/appointments/{id}/of/{claim}/cancel", get(cancel).post(cancelled))
}

#[derive(Template)]
#[template(path = "day/cancel.html")]
struct CancelPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    row: Row,
    when: String,
    reasons: Vec<(String, String)>,
    reason: String,
    note: String,
}

/// Why a meeting is moved or cancelled, as the API names it and in words.
pub fn reasons(d: &'static DayWords) -> Vec<(String, String)> {
    use pb::AppointmentReason as Reason;
    let all = [
        Reason::ClientAsked,
        Reason::ClientUnwell,
        Reason::AdviserAway,
        Reason::OfficeClosed,
        Reason::Earlier,
        Reason::NotNeeded,
        Reason::Mistake,
    ];
    all.into_iter().map(|reason| (reason.as_str_name().to_owned(), d.why(reason).to_owned())).collect()
}

async fn cancel(seat: Seat, Path((id, claim)): Path<(String, String)>) -> Answer {
    let shown = show(&seat, (&id, &claim), (StatusCode::OK, Mistakes::default()), ("", "")).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (id, claim): (&str, &str),
    (status, mistakes): (StatusCode, Mistakes),
    (reason, note): (&str, &str),
) -> Result<Response, Response> {
    let (one, _) = of_claim(seat, id, claim).await?;
    let d = DayWords::of(seat.language());
    let mut reasons = reasons(d);
    // An earlier time is for a meeting that is moved.
    reasons.retain(|(id, _)| id != pb::AppointmentReason::Earlier.as_str_name());
    let shown = CancelPage {
        frame: seat.frame(),
        d,
        mistakes,
        row: Row::of(seat, &one),
        when: when(seat, &one),
        reasons,
        reason: reason.to_owned(),
        note: note.to_owned(),
    };
    Ok(page(status, &shown))
}

async fn cancelled(Path((id, claim)): Path<(String, String)>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (reason, note) = (posted.get("reason"), posted.get("note"));
    let again = async |mistakes: Mistakes| {
        show(seat, (&id, &claim), (StatusCode::UNPROCESSABLE_ENTITY, mistakes), (reason, note)).await
    };
    let Some(why) = pb::AppointmentReason::from_str_name(reason) else {
        return again(Mistakes::one("reason", DayWords::of(seat.language()).choose_reason)).await;
    };
    let request = pb::CancelAppointmentRequest {
        request_id: posted.request_id(),
        appointment_id: id.clone(),
        reason: why.into(),
        note: note.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&format!("/appointments/{id}/of/{claim}"), "meeting_cancelled")),
        Err(refusal) => {
            let fields = [("reason", "reason"), ("note", "note")];
            again(Mistakes::of_refusal(&refusal, seat.language(), &fields)).await
        }
    }
}
