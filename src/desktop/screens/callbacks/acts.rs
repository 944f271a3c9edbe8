//! What is done with a call-back: each a form of its page, each once.

use super::one::{Typed, show};
use super::why;
use super::wishes::moment;
use super::words::CallbackWords;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_service::methods::{Refusal, RefusalKind};

/// Its page again, with why it was not done.
async fn not_done(posted: &Posted, id: String, refusal: &Refusal, typed: Typed, field: &'static str) -> Answer {
    let seat = &posted.seat;
    let (status, mistakes) = match refusal.kind {
        RefusalKind::Invalid => {
            let fields =
                [(field, field), ("until_time", "park_day"), ("reason", "park_reason"), ("adviser_id", "adviser")];
            (StatusCode::UNPROCESSABLE_ENTITY, Mistakes::of_refusal(refusal, seat.language(), &fields))
        }
        _ => (StatusCode::CONFLICT, Mistakes::one("main", why(seat, refusal))),
    };
    show(seat, id, status, mistakes, typed).await
}

pub async fn start(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::StartAttemptRequest { request_id: posted.request_id(), callback_id: id.clone() };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}")),
        Err(refusal) => not_done(&posted, id, &refusal, Typed::default(), "main").await,
    }
}

pub async fn outcome(Path(id): Path<String>, posted: Posted) -> Answer {
    use pb::AttemptOutcome as O;
    let outcome = posted.get("outcome").parse().unwrap_or_default();
    let note = posted.get("note").trim().to_owned();
    let request = pb::RecordAttemptRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        outcome,
        note: note.clone(),
    };
    match posted.ask(request).await? {
        Ok(recorded) => match O::try_from(outcome) {
            Ok(O::NoReply | O::Voicemail | O::Busy) => posted.then("/callbacks?done=tried"),
            Ok(O::WrongNumber) => posted.then("/callbacks?done=number_wrong"),
            Ok(O::FaceToFace) => {
                let client = recorded.callback.unwrap_or_default().client_id;
                posted.then(&format!("/clients/{client}?done=recorded"))
            }
            _ => posted.then(&format!("/callbacks/{id}?done=recorded")),
        },
        Err(refusal) => not_done(&posted, id, &refusal, Typed { note, ..Typed::default() }, "note").await,
    }
}

pub async fn park(Path(id): Path<String>, posted: Posted) -> Answer {
    let (seat, c) = (&posted.seat, CallbackWords::of(posted.seat.language()));
    let text = |name: &str| posted.get(name).trim().to_owned();
    let typed = || Typed {
        park_reason: text("park_reason"),
        day: text("park_day"),
        time: text("park_time"),
        ..Typed::default()
    };
    let until_time = match moment(seat, c, posted.get("park_day"), posted.get("park_time"), None) {
        Ok(Some(at)) => Some(at),
        wrong => {
            let text = wrong.err().unwrap_or(c.day_needed);
            let field = if text == c.bad_time { "park_time" } else { "park_day" };
            return show(seat, id, StatusCode::UNPROCESSABLE_ENTITY, Mistakes::one(field, text), typed()).await;
        }
    };
    let request = pb::ParkCallbackRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        until_time,
        reason: text("park_reason"),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=parked")),
        Err(refusal) => not_done(&posted, id, &refusal, typed(), "park_day").await,
    }
}

pub async fn take_over(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::TakeOverCallbackRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        call_id: posted.get("call").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=taken_over")),
        Err(refusal) => not_done(&posted, id, &refusal, Typed::default(), "main").await,
    }
}

pub async fn assign(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::AssignCallbackRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        adviser_id: posted.get("adviser").to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=assigned")),
        Err(refusal) => not_done(&posted, id, &refusal, Typed::default(), "adviser").await,
    }
}

#[derive(Template)]
#[template(path = "callbacks/cancel.html")]
struct Cancelling<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    when: String,
    reasons: Vec<(String, &'static str)>,
    reason: String,
    note: String,
}

async fn ask_why(seat: &Seat, id: String, typed: (&str, &str), status: StatusCode, mistakes: Mistakes) -> Answer {
    use pb::CancelReason as R;
    let c = CallbackWords::of(seat.language());
    let callback = seat.need(pb::GetCallbackRequest { callback_id: id.clone() }).await?.callback.unwrap_or_default();
    let all = [R::ClientAsked, R::Duplicate, R::CameIn, R::ClaimWithdrawn];
    let shown = Cancelling {
        frame: seat.frame(),
        c,
        mistakes,
        id,
        when: super::when(seat, &callback),
        name: callback.client_name,
        reasons: all.into_iter().map(|one| ((one as i32).to_string(), c.cancel_reason(one))).collect(),
        reason: typed.0.to_owned(),
        note: typed.1.to_owned(),
    };
    Ok(page(status, &shown))
}

pub async fn cancelling(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = ask_why(&seat, id, ("", ""), StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn cancel(Path(id): Path<String>, posted: Posted) -> Answer {
    let (seat, c) = (&posted.seat, CallbackWords::of(posted.seat.language()));
    let typed = (posted.get("reason"), posted.get("note").trim());
    let request = pb::CancelCallbackRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        reason: typed.0.parse().unwrap_or_default(),
        note: typed.1.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=called_off")),
        Err(refusal) => {
            let mistakes = match refusal.of("reason") {
                Some(_) => Mistakes::one("reason", c.cancel_why),
                None if refusal.fields.is_empty() => Mistakes::one("main", why(seat, &refusal)),
                None => Mistakes::of_refusal(&refusal, seat.language(), &[("note", "note")]),
            };
            ask_why(seat, id, typed, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await
        }
    }
}

#[derive(Template)]
#[template(path = "callbacks/number.html")]
struct Correcting<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    id: String,
    client: String,
    name: String,
    was: String,
    phone: String,
    confirmed: bool,
}

async fn ask_number(seat: &Seat, id: String, typed: (&str, bool), status: StatusCode, mistakes: Mistakes) -> Answer {
    let callback = seat.need(pb::GetCallbackRequest { callback_id: id.clone() }).await?.callback.unwrap_or_default();
    let shown = Correcting {
        frame: seat.frame(),
        c: CallbackWords::of(seat.language()),
        mistakes,
        id,
        client: callback.client_id,
        name: callback.client_name,
        was: callback.phone_grouped,
        phone: typed.0.to_owned(),
        confirmed: typed.1,
    };
    Ok(page(status, &shown))
}

pub async fn correcting(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = ask_number(&seat, id, ("", false), StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn correct(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let typed = (posted.get("phone").trim(), posted.get("confirmed") == "yes");
    let request = pb::CorrectNumberRequest {
        request_id: posted.request_id(),
        callback_id: id.clone(),
        phone: typed.0.to_owned(),
        number_confirmed: typed.1,
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/callbacks/{id}?done=number_right")),
        Err(refusal) => {
            let mistakes = match refusal.fields.is_empty() {
                true => Mistakes::one("main", why(seat, &refusal)),
                false => Mistakes::of_refusal(&refusal, seat.language(), &[("phone", "phone")]),
            };
            ask_number(seat, id, typed, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await
        }
    }
}
