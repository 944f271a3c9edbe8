//! What is done from a record in one step: asking for it, how the client may be rung and is reminded, taking a change back.

use super::words::ClientWords;
use super::{editing, record};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "clients/ask.html")]
struct Asking<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    mistakes: Mistakes,
    id: String,
    reasons: Vec<(String, &'static str)>,
    reason: String,
    note: String,
}

fn asking<'a>(seat: &'a Seat, id: String, typed: (&str, &str), mistakes: Mistakes) -> Asking<'a> {
    use pb::RequestReason as R;
    let c = ClientWords::of(seat.language());
    let all = [R::ClientInTouch, R::HelpsColleague, R::Complaint, R::RiskOfHarm, R::Correction, R::Other];
    Asking {
        frame: seat.frame(),
        c,
        mistakes,
        id,
        reasons: all.into_iter().map(|one| ((one as i32).to_string(), record::reason(c, one))).collect(),
        reason: typed.0.to_owned(),
        note: typed.1.to_owned(),
    }
}

pub async fn ask(Path(id): Path<String>, seat: Seat) -> Answer {
    let first = (pb::RequestReason::ClientInTouch as i32).to_string();
    let shown = asking(&seat, id, (&first, ""), Mistakes::default());
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn ask_for(Path(id): Path<String>, posted: Posted) -> Answer {
    let (seat, c) = (&posted.seat, ClientWords::of(posted.seat.language()));
    let typed = (posted.get("reason"), posted.get("note"));
    let request = pb::AskForRecordRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        reason: typed.0.parse().unwrap_or_default(),
        note: typed.1.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/clients/{id}?done=record_open")),
        Err(refusal) => {
            let mut mistakes =
                Mistakes::of_refusal(&refusal, seat.language(), &[("note", "note"), ("reason", "reason")]);
            for mistake in &mut mistakes.0 {
                mistake.text = match &*mistake.field {
                    "reason" => c.choose_why.into(),
                    _ => std::mem::take(&mut mistake.text).of(c.note),
                };
            }
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &asking(seat, id, typed, mistakes)))
        }
    }
}

#[derive(Template)]
#[template(path = "clients/contact.html")]
struct Contact<'a> {
    frame: Frame<'a>,
    c: &'static ClientWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    do_not_call: bool,
    instead: String,
    number_check: bool,
}

pub async fn contact(Path(id): Path<String>, seat: Seat) -> Answer {
    let found = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?;
    let (client, flags) = (found.client.unwrap_or_default(), found.contact_flags.unwrap_or_default());
    let shown = Contact {
        frame: seat.frame(),
        c: ClientWords::of(seat.language()),
        mistakes: Mistakes::default(),
        id,
        name: super::shown::name(&client.facts.unwrap_or_default()),
        do_not_call: flags.do_not_call,
        instead: flags.instead,
        number_check: flags.number_check,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

pub async fn set_contact(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (do_not_call, number_check) = (posted.get("do_not_call") == "yes", posted.get("number_check") == "yes");
    let instead = posted.get("instead").trim().to_owned();
    let request = pb::SetContactFlagsRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        do_not_call: Some(do_not_call),
        instead: instead.clone(),
        number_check: Some(number_check),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/clients/{id}?done=saved")),
        Err(refusal) => {
            let client = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?.client.unwrap_or_default();
            let shown = Contact {
                frame: seat.frame(),
                c: ClientWords::of(seat.language()),
                mistakes: Mistakes::of_refusal(&refusal, seat.language(), &[("instead", "instead")]),
                id,
                name: super::shown::name(&client.facts.unwrap_or_default()),
                do_not_call,
                instead,
                number_check,
            };
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

pub async fn set_reminder(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::SetReminderPreferenceRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        channel: posted.get("channel").parse().unwrap_or_default(),
        wanted: Some(posted.get("wanted") == "yes"),
    };
    posted.need(request).await?;
    posted.then(&format!("/clients/{id}?done=saved"))
}

pub async fn undo(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let request = pb::UndoClientChangeRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        etag: posted.get("etag").to_owned(),
        change_id: posted.get("change_id").to_owned(),
        facts: Vec::new(),
    };
    match posted.ask(request).await? {
        Ok(undone) if undone.too_late.is_empty() => posted.then(&format!("/clients/{id}?done=taken_back")),
        Ok(undone) => Ok(editing::told(seat, &id, &[], &undone.too_late)),
        Err(refusal) => record::again(seat, id, crate::refused::in_words(seat.language(), &refusal)).await,
    }
}
