//! What a privacy officer sees: records that were asked for outside of somebody's work, who looked at what, and the list of it
//! for the client who asks.

mod looks;
mod words;

use super::people::role_name;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use startline_api as pb;
use std::sync::Arc;
use words::AccessWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/access", get(requests))
        .route("/access/requests/{request}", get(request).post(close))
        .route("/access/looks", get(looks::list))
        .route("/access/list.pdf", get(looks::print))
}

#[derive(Template)]
#[template(path = "access/requests.html")]
struct Requests<'a> {
    frame: Frame<'a>,
    a: &'static AccessWords,
    mistakes: Mistakes,
    sought: looks::Sought,
    with_closed: bool,
    requests: Vec<Line>,
    next: String,
}

/// A request as a list shows it.
struct Line {
    id: String,
    client: String,
    short: String,
    user: String,
    name: String,
    role: &'static str,
    site: String,
    reason: &'static str,
    asked: String,
    until: String,
    /// Empty while nobody has judged it.
    verdict: &'static str,
    is_justified: bool,
    judged: String,
}

#[derive(Template)]
#[template(path = "access/request.html")]
struct Request<'a> {
    frame: Frame<'a>,
    a: &'static AccessWords,
    mistakes: Mistakes,
    line: Line,
    their_note: String,
    closing_note: String,
    verdict: String,
    verdicts: Vec<(String, String)>,
    note: String,
}

/// The end of a number, by which two are told apart: what begins alike was made at about the same time.
fn short(id: &str) -> String {
    format!("…{}", id.rsplit('-').next().unwrap_or_default())
}

impl Line {
    fn of(seat: &Seat, request: &pb::RecordRequest) -> Self {
        let a = AccessWords::of(seat.language());
        Self {
            id: request.record_request_id.clone(),
            client: request.client_id.clone(),
            short: short(&request.client_id),
            user: request.user_id.clone(),
            name: request.user_name.clone(),
            role: role_name(seat, request.role),
            site: if request.site_id.is_empty() { String::new() } else { seat.site_name(&request.site_id) },
            reason: a.reason(request.reason()),
            asked: seat.when(request.ask_time.as_ref()),
            until: seat.when(request.end_time.as_ref()),
            verdict: a.said(request.verdict()),
            is_justified: request.verdict() == pb::Verdict::Justified,
            judged: seat.when(request.close_time.as_ref()),
        }
    }
}

async fn requests(seat: Seat) -> Answer {
    let with_closed = seat.visitor.query.get("show") == "all";
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListRecordRequestsRequest { with_closed, page_token, ..Default::default() }).await?;
    let shown = Requests {
        frame: seat.frame().wide(),
        a: AccessWords::of(seat.language()),
        mistakes: Mistakes::default(),
        sought: looks::Sought::default(),
        with_closed,
        requests: answer.record_requests.iter().map(|request| Line::of(&seat, request)).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn request(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show(&seat, &id, ("", ""), Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, id: &str, (verdict, note): (&str, &str), mistakes: Mistakes, status: StatusCode) -> Answer {
    let answer = seat.need(pb::GetRecordRequestRequest { record_request_id: id.to_owned() }).await?;
    let a = AccessWords::of(seat.language());
    let verdicts = [("justified", a.justified), ("not_justified", a.not_justified)];
    let shown = Request {
        frame: seat.frame(),
        a,
        mistakes,
        line: Line::of(seat, &answer.record_request.unwrap_or_default()),
        their_note: answer.note,
        closing_note: answer.closing_note,
        verdict: verdict.to_owned(),
        verdicts: verdicts.map(|(id, name)| (id.into(), name.into())).into(),
        note: note.to_owned(),
    };
    Ok(page(status, &shown))
}

async fn close(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let typed = (posted.get("verdict"), posted.get("note"));
    let again = async |mistakes| show(seat, &id, typed, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
    let verdict = match typed.0 {
        "justified" => pb::Verdict::Justified,
        "not_justified" => pb::Verdict::NotJustified,
        _ => return again(Mistakes::one("verdict", AccessWords::of(seat.language()).verdict_needed)).await,
    };
    let request = pb::CloseRecordRequestRequest {
        request_id: posted.request_id(),
        record_request_id: id.clone(),
        verdict: verdict.into(),
        note: typed.1.to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/access/requests/{id}?done=judged")),
        Err(refusal) => {
            let fields = [("note", "note"), ("verdict", "verdict")];
            again(Mistakes::of_refusal(&refusal, seat.language(), &fields)).await
        }
    }
}
